"""How a page looks in a browser: its height, its first picture, its code."""

import book_html
import book_rules
import pytest

pytestmark = pytest.mark.slow

WIDTH, SCREEN = 1280, 900
MEASURED = """() => {
    const box = document.querySelector("article.bd-article");
    const seen = (element) => element.checkVisibility() && element.offsetWidth > 0;
    const pictures = [...box.querySelectorAll("img, svg, canvas, .cst, .cex")].filter(seen);
    const tops = pictures.map((element) => element.getBoundingClientRect().top + scrollY);
    const cut = [...box.querySelectorAll("div.highlight pre, div.cell_output pre")].filter(seen)
        .filter((pre) => pre.scrollWidth > pre.clientWidth + 1).map((pre) => pre.innerText);
    return {height: box.getBoundingClientRect().height, first: Math.min(...tops), cut};
}"""
CHAPTERS = [p for p in book_html.PAGES if book_rules.is_chapter(p)]


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_page_fits_its_screens(browser, page):
    """15 screens at most, 20 where the page is optional; the first picture by the middle of the
    second; no line of code cut off.
    """
    tab = browser.new_page(viewport={"width": WIDTH, "height": SCREEN})
    tab.goto(book_html.built(page).as_uri())
    tab.evaluate("() => window.MathJax && MathJax.startup.promise")
    found = tab.evaluate(MEASURED)
    optional = "Optional. About" in tab.inner_text("article.bd-article")
    tab.close()
    print(f"{page}: {found['height'] / SCREEN:.1f} screens")
    assert found["cut"] == []
    assert found["height"] <= (20 if optional else 15) * SCREEN
    assert found["first"] <= 1.5 * SCREEN
