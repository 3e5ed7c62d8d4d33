"""The book's pages as their exercises see them: which cells ask, and which answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.basics.checks import invalid

__all__ = ["SOLUTION", "Page", "asked", "parsed", "read_pages", "same"]

SOLUTION = "hide-cell"  # the tag of a cell that holds a solution
_MAGIC = re.compile(r"^(\s*)(%|!|\?)(.*)$", re.MULTILINE)
_CALL = re.compile(r"""\bcheck\(\s*["']([\w-]+)["']""")


@dataclass(frozen=True)
class Page:
    """A page of the book: its notebook, the titles of its exercises, and its code.

    ``stock`` is the code of its cells as ``same`` writes it; ``solutions`` are those of them that
    nobody hands in as an answer.
    """

    name: str
    notebook: Any
    titles: dict[str, str]
    stock: frozenset[str]
    solutions: frozenset[str]


def same(source: str) -> str:
    r"""Write a cell's source without what editors add or take away: ends of lines, empty lines.

    >>> same("x = 1  \r\n\r\n\r\ncheck('x', x)\n")
    "x = 1\ncheck('x', x)"
    """
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


def parsed(source: str) -> ast.Module | None:
    """Parse a cell, its magics left out; None where it is not Python."""
    plain = _MAGIC.sub(lambda m: f"{m[1]}pass" if not m[3].startswith("%") else "", source)
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def asked(source: str) -> list[str]:
    r"""Name the exercises that a cell has judged, without those whose hint it asks for.

    >>> asked('x = 4\ncheck("conv2d", x); check("relu", hint=True)')
    ['conv2d']
    >>> asked('x = = 4\ncheck("conv2d", x)')
    ['conv2d']
    """
    tree = parsed(source)
    if tree is None:
        return _CALL.findall(source)
    return [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) or getattr(node.func, "attr", None)) == "check"
        and not any(word.arg == "hint" for word in node.keywords)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def read_pages(book: Path, wanted: Iterable[str] = ()) -> dict[str, Page]:
    """Read the chapters of a book, or those that ``wanted`` names: 01a, or 01a_convolution.

    Raises
    ------
    ValueError
        For a folder without chapters, and for a page that isn't there.
    """
    import nbformat

    paths = {path.stem: path for path in sorted(book.glob("[0-9]*.ipynb"))}
    if not paths:
        raise invalid("book", str(book), "use the folder of the book's notebooks")
    chosen = []
    for word in wanted:
        found = [name for name in paths if name == word or name.split("_")[0] == word]
        if not found:
            known = ", ".join(name.split("_")[0] for name in paths)
            raise invalid("pages", word, f"use some of {known}")
        chosen += found
    return {name: _page(name, nbformat.read(paths[name], as_version=4)) for name in chosen or paths}


def _page(name: str, notebook: Any) -> Page:
    titles: dict[str, str] = {}
    heading, codes, solutions = "", set(), set()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = (re.findall(r"^### (.+)$", cell.source, re.MULTILINE) or [heading])[-1]
        elif cell.cell_type == "code":
            codes.add(same(cell.source))
            if SOLUTION in cell.metadata.get("tags", []):
                solutions.add(same(cell.source))
            titles |= dict.fromkeys(asked(cell.source), heading)
    return Page(name, notebook, titles, frozenset(codes), frozenset(solutions))
