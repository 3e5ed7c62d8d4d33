"""Questions to recall in the built book: does each option answer, by mouse, by key, on paper?"""

from functools import partial

import book_html
import book_rules
import nbformat
import page_shape
import pytest

pytestmark = pytest.mark.slow

CHAPTERS = [page for page in book_html.PAGES if book_rules.is_chapter(page)]


def in_notebook(page):
    return page_shape.questions(nbformat.read(book_html.ROOT / f"book/{page}.ipynb", 4))


# Each question's words, and of each option its words, whether it is chosen, its answer's words,
# whether they show, and what the answer's mark is read as.
SHOWN = """() => [...document.querySelectorAll(".recall")].map((group) => [
    group.querySelector("legend").textContent.trim(),
    [...group.querySelectorAll(".option")].map((option) => {
        const why = option.querySelector(".why");
        return [
            option.querySelector("label").textContent.trim(),
            option.querySelector("input").checked,
            why.lastElementChild.textContent.trim(),
            why.checkVisibility(),
            why.firstElementChild.ariaLabel,
        ];
    }),
])"""
WRITTEN = """() => {
    const found = [];
    for (const e of document.querySelectorAll("#questions-to-recall > *")) {
        if (e.matches("p:has(> strong)")) found.push([e.textContent.trim(), []]);
        if (!e.matches("details")) continue;
        const summary = e.firstElementChild.textContent;
        found.at(-1)[1].push([
            summary.trim(), e.textContent.trim().slice(summary.length).trim(),
        ]);
    }
    return found;
}"""
# For each question, which of its options has the focus.
FOCUS = """() => [...document.querySelectorAll(".recall")].map((group) =>
    [...group.querySelectorAll("input")].indexOf(document.activeElement))"""


@pytest.fixture
def opened(open_built):
    phone = {"width": 390, "height": 844}
    return partial(open_built, typeset=False, viewport=phone)


@pytest.mark.parametrize("page", CHAPTERS)
def test_every_option_answers_and_all_answers_are_on_paper(opened, page):
    plain, tab = opened(page, java_script_enabled=False), opened(page)
    source, asked = plain.evaluate(WRITTEN), in_notebook(page)
    right = [[is_right for _, is_right in options] for _, options in asked]
    shown = tab.evaluate(SHOWN)
    assert [question for question, _ in shown] == [question for question, _ in source]
    assert [[(o[0], o[2]) for o in options] for _, options in shown] == [
        [(option, answer) for option, answer in options] for _, options in source
    ]
    assert [[o[4] == "right" for o in options] for _, options in shown] == right
    assert all(sum(options) == 1 for options in right)
    nothing_chosen(tab)
    print(f"{page}: {len(right)} questions, {sum(map(len, right))} options")

    assert plain.locator("#questions-to-recall summary").count() == sum(map(len, right))
    tab.locator(".recall label").evaluate_all("(all) => all.forEach((e) => e.click())")
    options = [option for _, options in tab.evaluate(SHOWN) for option in options]
    assert all(seen for _, _, _, seen, _ in options)
    for either in (tab, plain):
        either.emulate_media(media="print")
        answers = either.locator(".recall .why p, #questions-to-recall > details > p")
        assert answers.count() == sum(map(len, right))
        assert all(answer.is_visible() for answer in answers.all())


def test_by_mouse_by_key_and_without_script(opened):
    """One script serves all pages: it is driven where a number of questions or options is new."""
    right = {
        page: [[is_right for _, is_right in options] for _, options in in_notebook(page)]
        for page in CHAPTERS
    }
    shapes = {tuple(map(len, answers)): page for page, answers in right.items()}
    assert len(shapes) > 3
    for page in shapes.values():
        print(page)
        plain, tab = opened(page, java_script_enabled=False), opened(page)
        by_mouse(tab, right[page])
        tab.reload()  # only while the page is open
        nothing_chosen(tab)
        by_keys(tab, right[page])
        without_script(plain, sum(map(len, right[page])))


def nothing_chosen(tab):
    options = [option for _, options in tab.evaluate(SHOWN) for option in options]
    assert not any(chosen or seen for _, chosen, _, seen, _ in options)


def by_mouse(tab, right):
    tally = tab.locator(".recall-tally")
    for number, group in enumerate(tab.locator(".recall").all()):
        assert tally.inner_text() == ""
        # The right option first where the number is even: half of the tries are hits.
        labels = group.locator("label").all()
        order = range(len(labels))
        order = sorted(order, key=lambda at: right[number][at], reverse=number % 2 == 0)
        for done, at in enumerate(order, start=1):
            labels[at].click()
            options = tab.evaluate(SHOWN)[number][1]
            assert [chosen for _, chosen, *_ in options] == [i == at for i in range(len(labels))]
            assert {i for i, option in enumerate(options) if option[3]} == {*order[:done]}
    assert tally.inner_text() == f"Right at the first try: {-(-len(right) // 2)} of {len(right)}."


def by_keys(tab, right):
    tab.locator(".recall input").first.focus()
    for number, options in enumerate(right):
        for at in range(len(options)):
            assert tab.evaluate(FOCUS)[number] == at
            assert not tab.evaluate(SHOWN)[number][1][at][3]
            tab.keyboard.press(["Space", "Enter"][at % 2])
            after = tab.evaluate(SHOWN)[number][1]
            assert after[at][1]
            assert [option[3] for option in after] == [i <= at for i in range(len(options))]
            # An arrow only goes on, from the last option to the first, and chooses nothing.
            tab.keyboard.press(["ArrowDown", "ArrowRight"][at % 2])
            assert tab.evaluate(SHOWN)[number][1] == after
        tab.keyboard.press("ArrowUp")
        assert tab.evaluate(FOCUS)[number] == len(options) - 1
        tab.keyboard.press("Tab")
    assert tab.evaluate("() => !document.activeElement.closest('.recall')")


def without_script(tab, options):
    assert tab.locator(".recall").count() == 0
    summaries = tab.locator("#questions-to-recall summary").all()
    assert len(summaries) == options
    for summary in summaries:
        summary.click()
    answers = tab.locator("#questions-to-recall > details > p")
    assert all(answer.is_visible() for answer in answers.all())
    # Folded again: on paper all are to be read all the same.
    folded = "(all) => all.forEach((e) => (e.open = false))"
    tab.locator("#questions-to-recall > details").evaluate_all(folded)
    assert not any(answer.is_visible() for answer in answers.all())
