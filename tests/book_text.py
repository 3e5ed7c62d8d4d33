"""The rules that the words of a page keep: portable Markdown, live links, computed numbers."""

import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import nbformat
from nbformat import NotebookNode

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
MATH = re.compile(r"\$\$?[^$]+\$?\$")
TAG = re.compile(r"<style[\s\S]*?</style>|<[^>]*>")
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|href=\"([^\"]+)\"")

# What looks like a number but asserts none: markup, addresses, and the names of versions and parts.
NO_NUMBERS = re.compile(
    r"<!--[\s\S]*?-->|</?[a-zA-Z][^>]*>|\]\([^)]*\)|https?://\S+|(?:arXiv|doi):\S+|^#+ .*$"
    r"|\b(?:Python|PyTorch|torch|torchvision|NumPy|IPython|Matplotlib|version|section|figure|table"
    r"|equation|chapter|exercise|CC BY)\s+\d[\d.]*|95\s*%(?=\s+(?:confidence\s+)?intervals?\b)",
    re.IGNORECASE | re.MULTILINE,
)
GROUPED = r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"
PLAIN = r"(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?"
QUOTED = r"(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?"  # "in 2015." ends a sentence, not a number
MENTION = re.compile(rf"(?<![\w.])({GROUPED}|{QUOTED})(?![\d_]|\.\d)(\s*%)?", re.IGNORECASE)
KNOWN = [re.compile(rf"(?<![\w.])(?:{form})", re.IGNORECASE) for form in (GROUPED, PLAIN)]


def markdown_cells(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    """Each Markdown cell's place among all cells, counted from 1, and its text."""
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown":
            yield place, cell.source


def headings(text: str) -> list[tuple[int, str]]:
    """The level and the words of each heading, those in code left out."""
    return [(len(marks), words) for marks, words in HEADING.findall(FENCE.sub("", text))]


def portable_markdown(notebook: NotebookNode) -> Iterator[str]:
    """Plain Markdown and HTML: Colab shows MyST's own syntax as raw text."""
    for place, source in markdown_cells(notebook):
        for directive in re.findall(r"^(?:`{3,}|~{3,}|:{3,})\s*\{[^}]*\}", source, re.MULTILINE):
            yield f"cell {place}: {directive!r} is a MyST directive; write an HTML box"
        prose = SPAN.sub("\0", FENCE.sub("", source))
        for role in re.findall(r"\{[A-Za-z][\w:.+-]*\}(?=\0)", prose):
            yield f"cell {place}: {role!r} is a MyST role; write plain Markdown or a link"
        for label in re.findall(r"^\([\w:.-]+\)=|\$\$[ \t]*\([\w:.-]+\)", prose, re.MULTILINE):
            yield f"cell {place}: {label!r} is a MyST label; Colab shows it as text"


def no_image_files(notebook: NotebookNode) -> Iterator[str]:
    """Figures are made by code: an image file or an attachment is lost in Colab or in the book."""
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.get("attachments"):
            yield f"cell {place}: has an attachment; draw the figure in a code cell"
        if cell.cell_type == "markdown":
            images = re.findall(r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>", cell.source)
            yield from (f"cell {place}: {i!r} shows an image file; draw it by code" for i in images)


def unique_headings(notebook: NotebookNode) -> Iterator[str]:
    """One title, and no heading twice: links to headings must be unambiguous."""
    found = [heading for _, source in markdown_cells(notebook) for heading in headings(source)]
    titles = [words for level, words in found if level == 1]
    if len(titles) != 1:
        yield f"{len(titles)} titles ('# …'); a page has exactly one: {titles}"
    for words, times in Counter(words for _, words in found).items():
        if times > 1:
            yield f"the heading {words!r} stands {times} times; make each unique"


def _without_comments(code: str) -> str:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):  # an IPython magic
        return code
    return " ".join(token.string for token in tokens if token.type != tokenize.COMMENT)


def output_text(cell: NotebookNode) -> str:
    """What a code cell printed or displayed as text, markup and standard error left out."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            parts.append(output.text)  # what one cell prints may arrive in several pieces
        data = output.get("data", {})
        if not any(kind.startswith("image/") for kind in data):
            parts += [f"{data[k]}\n" for k in ("text/plain", "text/markdown") if k in data]
            parts += [TAG.sub(" ", data["text/html"]) + "\n"] if "text/html" in data else []
    return "".join(parts)


def computed_numbers(notebook: NotebookNode) -> Iterator[str]:
    """A decimal, a percentage or a number like 60,000 in prose also stands in code or output.

    So nothing is asserted that is not computed. 0.988, .988, 98.8 and 98.8 % are one number;
    98.8 and 98.76 are two: a rounded value is printed as it is quoted.
    """
    known: set[Decimal] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            text = _without_comments(cell.source) + "\n" + output_text(cell)
            for form in KNOWN:
                known |= {_value(number) for number in form.findall(text)}
    for place, source in markdown_cells(notebook):
        text = NO_NUMBERS.sub(" ", source).replace("\\%", "%").replace("{,}", ",")
        text = re.sub(r"\s*(?:\\times|\\cdot|×)\s*10\^\{?(-?\d+)\}?", r"e\1", text)
        for match in MENTION.finditer(text):
            number, percent = match.groups()
            if percent or not number.isdecimal():
                value = _value(number)
                same = {value} if "," in number else {value, value / 100}
                same |= {value * 100} if not percent and "," not in number else set()
                if not same & known:
                    yield (
                        f"cell {place}: {match[0]!r} stands in the text but in no code and no "
                        "output; let a code cell compute it, and quote it as printed"
                    )


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", "").replace("_", ""))


def page_text(path: Path) -> str:
    """The Markdown of a page or of a notebook."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    notebook = nbformat.read(path, as_version=4)
    return "\n\n".join(source for _, source in markdown_cells(notebook))


def page_headings(path: Path) -> list[str]:
    """The words of each heading of a page or of a notebook."""
    return [words for _, words in headings(page_text(path))]


def _anchors(text: str) -> set[str]:
    explicit = re.findall(r"^\(([\w:.-]+)\)=|\b(?:id|name)=\"([^\"]+)\"", text, re.MULTILINE)
    slugs = (
        re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for _, words in headings(text)
    )
    return {name for pair in explicit for name in pair if name} | set(slugs)


def broken_links(path: Path) -> Iterator[str]:
    """A relative link names a file that exists and, after '#', a heading or an anchor of it."""
    text = page_text(path)
    for pair in LINK.findall(MATH.sub("", SPAN.sub("", FENCE.sub("", text)))):
        target = "".join(pair)
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        page = path.parent / name if name else path
        if not page.exists():
            yield f"the link {target!r} leads to no file"
        elif (
            anchor and page.suffix in (".md", ".ipynb") and anchor not in _anchors(page_text(page))
        ):
            yield f"the link {target!r} leads to no heading of {page.name}"
