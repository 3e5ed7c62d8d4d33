"""Rows of texts as a table that a reader sorts and filters."""

import html
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from course_utils.basics.checks import choice, invalid, lookup
from course_utils.explorers.markup import Explorer, explorer, inline

LIMIT = 300_000  # bytes of one table
MOST_COLUMNS = 12

# What each verdict is marked with, beside its word, and its colour in the style.
MARKS: dict[str, tuple[str, str]] = {
    "reproduced": ("✓", "good"),
    "not reproduced": ("✗", "bad"),
    "wrong in the report": ("≠", "wrong"),
    "cannot be told": ("?", "open"),
}

_NUMBER = re.compile(
    r"[\s≈~<>≤≥=±]*(?P<sign>[-−+]?)(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<power>e[-+]?\d+)?(?![.,]?\w)",
    re.IGNORECASE,
)


def sort_key(text: str) -> float | None:
    """The number that a cell begins with, after which it is sorted; None for words.

    >>> [sort_key(text) for text in ("−2.3", "> 98.74 %", "102,764,544", "78.24 ± 0.38 % (n = 10)")]
    [-2.3, 98.74, 102764544.0, 78.24]
    >>> sort_key("000a") is None
    True
    """
    found = _NUMBER.match(text)
    if not found:
        return None
    size = float(found["digits"].replace(",", "") + (found["power"] or ""))
    return -size if found["sign"] in ("-", "−") else size


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    title: str,
    filters: Sequence[str] = (),
    links: Mapping[str, Sequence[str]] | None = None,
    notes: Sequence[str] = (),
    verdicts: str = "",
) -> Explorer:
    """Make a table that a reader sorts by any column and filters; a plain one without script.

    All cells are text, written as ``str`` has them; what stands between backticks becomes code.
    Columns are sorted as numbers where cells begin with one (``sort_key``), then the words; empty
    cells come last.

    Parameters
    ----------
    header : the names of the columns, 12 at most, each once.
    rows : one or more, each as long as the header.
    filters : columns whose values the reader chooses from a list.
    links : for a column, where each row's cell leads, or "": a page of the built book, with its
        ending, or an address of the web.
    notes : a sentence for each row, or "", shown below it over the whole width.
    verdicts : the column of verdicts, which get the marks of ``MARKS``.

    Raises
    ------
    ValueError
        For lengths that differ, an unknown column or verdict, a link that could run a script, and
        a table of more than 300,000 bytes.

    Examples
    --------
    >>> table(["epochs"], [[5], [10]], title="How long?").html.count('<td data-k="')
    2
    """
    links = links or {}
    names = _checked_header(header)
    for parameter, columns in [("filters", filters), ("links", links), ("verdicts", [verdicts])]:
        for column in columns:
            if column:
                choice(parameter, column, names)
    cells = [_checked_row(row, names) for row in rows]
    if not cells:
        raise invalid("rows", rows, "use at least one")
    for parameter, column, values in [
        *(("links", column, found) for column, found in links.items()),
        *([("notes", "", notes)] if notes else []),
    ]:
        if isinstance(values, str) or len(values) != len(cells):
            where = f"{column!r} has " if column else ""
            raise ValueError(
                f"{parameter}: {where}{len(values)} for {len(cells)} rows; use a list, one for each"
            )
    for column, found in links.items():
        for href in found:
            _check_link(column, href)

    source = plain(names, cells, filters=filters, links=links, notes=notes, verdicts=verdicts)
    summary = f"table, {len(cells)} row{'s' * (len(cells) != 1)}"
    return explorer(summary, title, source, kind="table", limit=LIMIT)


def plain(
    names: Sequence[str],
    cells: Sequence[Sequence[str]],
    *,
    filters: Sequence[str] = (),
    links: Mapping[str, Sequence[str]] | None = None,
    notes: Sequence[str] = (),
    verdicts: str = "",
) -> str:
    """The table as it is read without script; the arguments are those of ``table``, checked."""
    body = []
    for r, row in enumerate(cells):
        line = "".join(
            _cell(text, links[name][r] if links and name in links else "", name == verdicts)
            for name, text in zip(names, row, strict=True)
        )
        note = (
            f'<tr class="d"><td colspan="{len(names)}">{inline(notes[r])}</td></tr>'
            if notes and notes[r]
            else ""
        )
        body.append(f"<tbody><tr>{line}</tr>{note}</tbody>")
    chosen = " ".join(str(names.index(name)) for name in filters)
    head = "".join(f'<th scope="col">{inline(name)}</th>' for name in names)
    # On a phone each row is a card, and its style writes the column's name before each cell.
    labels = ";".join(f"--h{i}:{_css_string(name)}" for i, name in enumerate(names, start=1))
    return (
        f'<div class="box"><table class="tb" data-f="{chosen}" style="{html.escape(labels)}">'
        f"<thead><tr>{head}</tr></thead>{''.join(body)}</table></div>"
    )


def _cell(text: str, href: str, verdict: bool) -> str:
    key = sort_key(text)
    number = "" if key is None else f' data-k="{key:.12g}"'
    shown = inline(text)
    if verdict:
        mark, tone = lookup("verdicts", text, MARKS)
        shown = f'<span class="v {tone}" data-m="{mark}">{shown}</span>'
    linked = f'<a href="{html.escape(href)}">{shown}</a>' if href else shown
    return f"<td{number}>{linked}</td>"


def _checked_header(header: Sequence[str]) -> list[str]:
    names = [header] if isinstance(header, str) else list(header)
    if not 1 <= len(names) <= MOST_COLUMNS or "" in names:
        raise invalid("header", names, f"use 1 to {MOST_COLUMNS} names, none of them empty")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"header: {twice[0]!r} appears twice; use each name once")
    return names


def _checked_row(row: Sequence[object], names: list[str]) -> list[str]:
    if isinstance(row, str) or len(row) != len(names):
        raise invalid("rows", row, f"use {len(names)} cells in a row, as many as the header has")
    return [str(cell) for cell in row]


def _check_link(column: str, href: str) -> None:
    if urlsplit(href).scheme not in ("", "http", "https") or href.startswith("//"):
        raise ValueError(
            f"links: {href!r} under {column!r} is invalid; use a relative address, http:// or https://"
        )


def _css_string(text: str) -> str:
    """A text as a string of a style: quotes, backslashes and line ends written as numbers."""
    plain = text.replace("`", "")
    return '"' + re.sub(r"[\"\\\n\r\f<;]", lambda found: f"\\{ord(found[0]):x} ", plain) + '"'
