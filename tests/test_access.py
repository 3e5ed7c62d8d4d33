"""axe-core over every page of the built book, light and dark: nothing that is ours to mend."""

import re
from importlib import resources

import book_html
import pytest

pytestmark = pytest.mark.slow

# What the theme makes: its landmarks. Sphinx makes the roles of the bibliography: left out below.
THEIRS = ("region",)
# A header that is a formula has MathJax's MathML as its words, which axe-core doesn't read.
FOUND = """async ([theirs, rules]) => {
    const rest = {exclude: [[".citation-list"]]};
    const options = {resultTypes: ["violations"], ...(rules && {runOnly: rules})};
    return (await axe.run(rest, options)).violations
        .filter(({ id }) => !theirs.includes(id))
        .flatMap(({ id, nodes }) => nodes
            .filter(({ target }) => id !== "empty-table-header" ||
                !document.querySelector(target[0]).querySelector("mjx-assistive-mml math"))
            .map((node) => `${id}: ${node.html.slice(0, 160)}`));
}"""


@pytest.fixture(scope="module")
def axe():
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed (extra dev)")
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", book_html.PAGES)
def test_a_page_is_accessible(browser, axe, page):
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    context.add_init_script("localStorage.mode = localStorage.theme = 'light'")
    tab = context.new_page()
    tab.goto(book_html.built(page).as_uri())
    tab.evaluate("() => window.MathJax && MathJax.startup.promise")
    # Every answer to a question shows, and is looked at as well.
    tab.locator(".recall input").evaluate_all("(all) => all.forEach((e) => e.click())")
    tab.evaluate(axe)
    found = tab.evaluate(FOUND, [THEIRS, None])
    # The dark page is the same page in other colours.
    tab.emulate_media(color_scheme="dark")
    tab.evaluate(
        "() => Object.assign(document.documentElement.dataset, {mode: 'dark', theme: 'dark'})"
    )
    dark = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 150
    found += tab.evaluate(FOUND, [THEIRS, ["color-contrast"]])
    context.close()
    assert found == []
