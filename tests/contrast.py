"""Pages that show fragments as the book does, and how far their text stands out from its ground."""

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[1] / "book"

PAGE = """<!DOCTYPE html><html lang="en"{attributes}><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Fragments</title>
<style>{css}</style></head>
<body style="margin:0"{body_attributes}><div class="bd-content"><div class="cell_output">
<div class="text_html">{body}</div></div></div></body></html>"""

# The lowest contrast of any text in these elements with what it stands on, and which text that is.
SCRIPT = """(elements) => {
    const rgb = (text) => {
        const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
        return a ? [r, g, b] : null;
    };
    const light = (colour) => colour
        .map((v) => v / 255)
        .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const under = (e) => rgb(getComputedStyle(e).backgroundColor) || under(e.parentElement);
    let least = [99, ""];
    for (const e of document.querySelectorAll(elements)) {
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        if (!own && e.tagName !== "SELECT" || !e.checkVisibility()) continue;
        const look = getComputedStyle(e);
        const [a, b] = [light(rgb(e.tagName === "text" ? look.fill : look.color)), light(under(e))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < least[0]) least = [ratio, e.outerHTML.slice(0, 80)];
    }
    return least;
}"""

THEMES = [  # attributes of the page, the system's theme, and whether the fragments are dark then
    ("", "light", False),
    ("", "dark", True),
    (' data-theme="dark"', "light", True),
    (' data-theme="light"', "dark", False),
]


def page(fragments, *, attributes="", body_attributes="", css=""):
    """A page of the book, as its HTML, with these fragments."""
    body = "\n".join(fragment.html for fragment in fragments)
    return PAGE.format(attributes=attributes, body_attributes=body_attributes, css=css, body=body)


def assert_text_stands_out(tab, elements):
    ratio, where = tab.evaluate(SCRIPT, elements)
    assert ratio >= 4.5, where


def is_dark(locator):
    """Whether an element stands on a dark ground."""
    ground = locator.evaluate("(e) => getComputedStyle(e).backgroundColor")
    return sum(map(int, re.findall(r"\d+", ground))) < 200


def book_styles():
    """The style sheets of the built book: its theme's, and its own."""
    package = Path(pytest.importorskip("pydata_sphinx_theme").__file__).parent
    styles = [package / "theme/pydata_sphinx_theme/static/styles/pydata-sphinx-theme.css"]
    styles += sorted((BOOK / "_static").glob("*.css"))
    return "\n".join(style.read_text(encoding="utf-8") for style in styles)


def assert_theme_leaves_alone(tab, width):
    """The book's theme gives the output no ground and no padding, and does not widen the page."""
    ground = "(e) => { const s = getComputedStyle(e); return [s.backgroundColor, s.padding]; }"
    assert tab.locator(".text_html").evaluate(ground) == ["rgba(0, 0, 0, 0)", "0px"]
    assert tab.evaluate("document.documentElement.scrollWidth") == width
