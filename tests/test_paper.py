"""The pages of the built book on paper: nothing cut, widgets as tables or stills."""

import book_html
import pytest

pytestmark = pytest.mark.slow

A4 = 718  # pixels between the margins that Chromium prints with
# What is drawn wider than the paper, or than what it stands in and is clipped by.
CUT = """() => [...document.querySelectorAll("article *")]
    .filter((e) => !e.matches("svg *, mjx-container *, style, script"))
    .filter((e) => e.checkVisibility() && e.getClientRects().length)
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
        || (getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1
            && !e.matches(".sr, .math")))
    .map((e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 50)}`).slice(0, 5)"""


@pytest.fixture
def printed(browser):
    """Open a page as a file and as it goes to paper."""
    contexts = []

    def printed(page, **options):
        context = browser.new_context(viewport={"width": A4, "height": 1000}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.goto(book_html.built(page).as_uri())
        tab.evaluate("() => window.MathJax && MathJax.startup.promise")
        tab.emulate_media(media="print")
        return tab

    yield printed
    for context in contexts:
        context.close()


@pytest.mark.parametrize("page", book_html.PAGES)
def test_a_page_is_printed_whole(printed, page):
    tab = printed(page)
    assert tab.evaluate(CUT) == []
    assert len(tab.pdf(format="A4")) > 10_000

    # Steppers: all their steps, and nothing to press.
    for stepper in tab.locator(".cst").all():
        assert stepper.locator("tbody tr:has(th), .f").evaluate_all(
            "(rows) => rows.length > 0 && rows.every((row) => row.checkVisibility())"
        )
    assert tab.locator("article .cst button:visible, article .cst input:visible").count() == 0
    assert tab.locator(".cex select:visible, .cex input:visible").count() == 0
    for network in tab.locator(".cnl, .cxr").all():
        assert network.locator("td:visible").count() > 0
        assert network.locator(":is(canvas, button, summary):visible").count() == 0

    # Answers: a line to write on.
    for box in tab.locator(".cjx").all():
        assert box.get_by_text("Your answer to").is_visible()
        assert box.locator("input:visible, button:visible").count() == 0

    # Tables: every column and every note.
    for table in tab.locator(".cex-table .tb").all():
        for cell in table.locator("th, .d td").all()[:40]:
            box = cell.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= A4 + 1
    for chart in tab.locator(".cex-curves .ch svg").all():
        assert chart.is_visible()


@pytest.mark.parametrize("page", ["01a_convolution"])
def test_solutions_stay_folded_and_are_printed_when_unfolded(printed, page):
    tab = printed(page)
    solutions = tab.locator(".tag_hide-cell > details.hide")
    assert solutions.count() >= 5
    assert not solutions.first.locator("pre").first.is_visible()
    assert solutions.locator("summary p:visible").count() == 0
    word = "(e) => getComputedStyle(e.querySelector('summary'), '::before').content"
    assert "solution is folded" in solutions.first.evaluate(word)
    solutions.evaluate_all("(all) => all.forEach((e) => (e.open = true))")
    assert solutions.first.locator("pre").first.is_visible()
