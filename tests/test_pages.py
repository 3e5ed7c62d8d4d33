"""Each page of the built book: is it whole, wide and on a phone, and within its screens, can
everybody use it, is it right on paper? All but the phone is one visit.
"""

import re
from importlib import resources

import book_html
import book_rules
import nbformat
import pytest

A4 = 718  # pixels between the margins that Chromium prints with
MEASURED = """() => {
    const box = document.querySelector("article.bd-article");
    const seen = (element) => element.checkVisibility() && element.offsetWidth > 0;
    const pictures = [...box.querySelectorAll("img, svg, canvas, .cst, .cex")].filter(seen);
    const tops = pictures.map((element) => element.getBoundingClientRect().top + scrollY);
    const cut = [...box.querySelectorAll("div.highlight pre, div.cell_output pre")].filter(seen)
        .filter((pre) => pre.scrollWidth > pre.clientWidth + 1).map((pre) => pre.innerText);
    return {height: box.getBoundingClientRect().height, first: Math.min(...tops), cut};
}"""
# What is drawn wider than the paper, or than what it stands in and is clipped by.
CUT = """() => [...document.querySelectorAll("article *")]
    .filter((e) => !e.matches("svg *, mjx-container *, style, script"))
    .filter((e) => e.checkVisibility() && e.getClientRects().length)
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
        || (getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1
            && !e.matches(".sr, .math")))
    .map((e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 50)}`).slice(0, 5)"""
# A word of code has the colour of its class: of each class three words are left to look at.
FEWER_WORDS = """() => {
    const count = {};
    for (const word of document.querySelectorAll(".highlight span")) {
        count[word.className] = (count[word.className] ?? 0) + 1;
        if (count[word.className] > 3) word.replaceWith(...word.childNodes);
    }
}"""
# What the theme makes: its landmarks. Sphinx makes the roles of the bibliography: left out below.
THEIRS = ("region",)
# A header that is a formula has MathJax's MathML as its words, which axe-core doesn't read.
FOUND = """async ([theirs, rules]) => {
    const rest = {exclude: [[".citation-list"]]};
    const options = {
        preload: false, resultTypes: ["violations"], ...(rules && {runOnly: rules}),
    };
    return (await axe.run(rest, options)).violations
        .filter(({ id }) => !theirs.includes(id))
        .flatMap(({ id, nodes }) => nodes
            .filter(({ target }) => id !== "empty-table-header" ||
                !document.querySelector(target[0]).querySelector("mjx-assistive-mml math"))
            .map((node) => `${id}: ${node.html.slice(0, 160)}`));
}"""


@pytest.fixture(scope="module")
def address(screenshots):
    book_html.built()
    with screenshots.served(book_html.HTML) as address:
        yield address


@pytest.fixture(scope="module", params=book_html.PAGES)
def page(request):
    return request.param


@pytest.fixture(scope="module")
def tab(page, screenshots, browser, address):
    with screenshots.opened(browser, address, page, "wide", "light") as (tab, problems):
        tab.problems = problems
        yield tab
    assert problems == []


def reshaped(tab, theme="light", **how):
    """Put a page into other colours, or on paper."""
    tab.emulate_media(color_scheme=theme, reduced_motion="reduce", **how)
    theme = f"{{mode: '{theme}', theme: '{theme}'}}"
    tab.evaluate(f"() => Object.assign(document.documentElement.dataset, {theme})")


def is_dark(tab):
    background = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", background)[:3])) < 150


def test_a_page_shows_whole(tab, screenshots):
    assert not is_dark(tab)
    assert tab.problems + screenshots.too_wide(tab) == []


def test_a_page_shows_whole_on_a_phone_in_the_dark(page, screenshots, browser, address):
    with screenshots.opened(browser, address, page, "phone", "dark") as (tab, problems):
        assert is_dark(tab)
        assert problems + screenshots.too_wide(tab) == []


def test_a_page_fits_its_screens(page, tab, screenshots):
    """15 screens at most, 20 where the page is optional; the first picture by the middle of the
    second; no line of code cut off.
    """
    screen = screenshots.WIDTHS["wide"]["height"]
    found = tab.evaluate(MEASURED)
    assert found["cut"] == []
    print(f"{page}: {found['height'] / screen:.1f} screens")
    if book_rules.is_chapter(page):
        optional = "Optional. About" in tab.inner_text("article.bd-article")
        assert found["height"] <= (20 if optional else 15) * screen
        assert found["first"] <= 1.5 * screen


def test_a_page_is_accessible(tab):
    """By axe-core, light and dark: nothing that is ours to mend."""
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed (extra dev)")
    axe = resources.files("axe_playwright_python") / "axe.min.js"
    # Every answer to a question shows, and is looked at as well.
    tab.locator(".recall input").evaluate_all("(all) => all.forEach((e) => e.click())")
    tab.evaluate(FEWER_WORDS)
    tab.evaluate(axe.read_text(encoding="utf-8"))
    reshaped(tab)
    found = tab.evaluate(FOUND, [THEIRS, None])
    # The dark page is the same page in other colours.
    reshaped(tab, "dark")
    assert is_dark(tab)
    found += tab.evaluate(FOUND, [THEIRS, ["color-contrast"]])
    assert found == []


def on_paper(tab):
    reshaped(tab, media="print")
    tab.set_viewport_size({"width": A4, "height": 1000})


def test_a_page_is_printed_whole(tab):
    """Nothing cut, widgets as tables or stills."""
    on_paper(tab)
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


def test_solutions_stay_folded_and_are_printed_when_unfolded(page, tab):
    solutions = tab.locator(".tag_hide-cell > details.hide")
    notebook = book_html.ROOT / "book" / f"{page}.ipynb"
    cells = nbformat.read(notebook, 4).cells if notebook.exists() else []
    hidden = sum("hide-cell" in cell.metadata.get("tags", []) for cell in cells)
    assert solutions.count() == hidden
    assert hidden >= 5 or page != "01a_convolution"
    if not hidden:
        return
    on_paper(tab)
    assert not solutions.first.locator("pre").first.is_visible()
    assert solutions.locator("summary p:visible").count() == 0
    word = "(e) => getComputedStyle(e.querySelector('summary'), '::before').content"
    assert "solution is folded" in solutions.first.evaluate(word)
    solutions.evaluate_all("(all) => all.forEach((e) => (e.open = true))")
    assert solutions.first.locator("pre").first.is_visible()
