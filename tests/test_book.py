"""Does every page and notebook of the book keep the rules of `book_rules` and `book_text`?"""

import re
from pathlib import Path

import book_rules
import book_text
import nbformat
import page_shape
import pytest
import yaml

from course_utils import publish

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))
PAGES = [*sorted(BOOK.glob("*.md")), *sorted(ROOT.glob("*.md"))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_keeps_every_rule(path):
    notebook = nbformat.read(path, as_version=4)
    broken = [
        f"{place}. The rule: {rule.__doc__}"
        for rule in book_rules.rules_for(path.stem)
        for place in rule(notebook)
    ]
    assert not broken, f"{path.name}\n- " + "\n- ".join(broken)


def test_setup_cells_badges_and_configuration_name_one_address():
    changed = [str(path.relative_to(ROOT)) for path in publish.changes(root=ROOT)]
    assert not changed, f"run `python -m course_utils publish`; it would rewrite {changed}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_setup_cell_is_the_first_code_cell(path):
    place, cell = book_rules.code_cells(nbformat.read(path, as_version=4))[0]
    assert cell.source == publish.setup_source(*publish.address(ROOT))
    assert place == 2, f"{path.name}: it stands in cell {place}; its place is below the title"


@pytest.mark.parametrize("path", NOTEBOOKS + PAGES, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(path):
    assert not list(book_text.broken_links(path))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_has_no_heading_twice(path):
    words = book_text.page_headings(path)
    twice = {heading for heading in words if words.count(heading) > 1}
    assert not twice, f"{path.name}: {twice}"


def contents():
    """The pages in the order of the book: found by a pattern, or by name."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    assert toc["format"] == "jb-book"
    pages = [toc["root"]]
    for entry in (entry for part in toc["parts"] for entry in part["chapters"]):
        found = sorted(BOOK.glob(f"{entry['glob']}.ipynb")) if "glob" in entry else []
        assert found or "file" in entry, f"{entry} finds no page"
        pages += [path.stem for path in found] or [entry["file"]]
    return pages


def test_the_table_of_contents_lists_every_page_once():
    present = [path.stem for path in (*NOTEBOOKS, *BOOK.glob("*.md"))]
    assert sorted(contents()) == sorted(present)


def test_the_map_lists_every_page_in_the_order_of_the_book_with_its_minutes():
    chart = (BOOK / "index.md").read_text(encoding="utf-8").split("## The map")[1]
    listed = re.findall(r"^- .*?\]\((\w+)\.(?:ipynb|md)\)(?:, (\d+) min)?", chart, re.MULTILINE)
    assert [page for page, _ in listed] == contents()[1:]
    for page, minutes in listed:
        if book_rules.is_chapter(page):
            first = nbformat.read(BOOK / f"{page}.ipynb", as_version=4).cells[0].source
            assert page_shape.OPENING.search(first)["minutes"] == minutes, page
