"""Does the page for teachers say of each page what that page says of itself?"""

import re

import book_rules
import nbformat
import page_shape
import pytest
from test_book import BOOK, NOTEBOOKS

from course_utils.exercises import PAGES, REGISTRY

TEACHING = (BOOK / "teaching.md").read_text(encoding="utf-8")
PAGE = re.compile(r"\b\d[a-z]\b|\((\d\d[a-z])_\w+\.ipynb\)")
CHAPTERS = [path for path in NOTEBOOKS if book_rules.is_chapter(path.stem)]


def named(text: str) -> set[str]:
    """The pages that a text names, as "2a" or by a link."""
    return {found[1].lstrip("0") if found[1] else found[0] for found in PAGE.finditer(text)}


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    below = TEACHING.split(f"## {heading}\n")[1]
    table = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]


def opening(page: str) -> re.Match[str]:
    (path,) = BOOK.glob(f"{page.zfill(3)}_*.ipynb")
    return page_shape.OPENING.search(nbformat.read(path, as_version=4).cells[0].source)


@pytest.mark.parametrize("row", rows("What each page takes"), ids=lambda row: row[0])
def test_a_row_is_what_its_page_says(row):
    link, presupposed, minutes, listed = row
    (page,) = named(link)
    (path,) = BOOK.glob(f"{page.zfill(3)}_*.ipynb")
    first = opening(page)
    assert int(minutes) == int(first["minutes"])
    assert (link[0] == "*") == bool(first["optional"])
    assert named(presupposed) == named(first[0].split("You need")[1])
    exercises = [one.name for one in PAGES[path.stem[4:]]]
    assert sorted(re.findall("`(.*?)`", listed)) == sorted(exercises)
    assert re.search(r"\*\*`", listed)  # one for class, at least


def test_every_page_has_its_row_in_the_order_of_the_book():
    listed = [named(row[0]).pop().zfill(3) for row in rows("What each page takes")]
    assert listed == [path.stem[:3] for path in CHAPTERS]
    assert len({name for name in re.findall("`(.*?)`", TEACHING) if name in REGISTRY}) == len(
        REGISTRY
    )


def test_a_week_takes_the_minutes_of_its_pages_and_comes_after_what_they_need():
    known: set[str] = set()
    for _, link, minutes, _ in rows("Ten weeks"):
        pages = named(link)
        known |= pages
        openings = [opening(page) for page in pages]
        assert int(minutes) == sum(int(first["minutes"]) for first in openings)
        assert set().union(*(named(first[0].split("You need")[1]) for first in openings)) <= known
