"""Notebooks for a class: handed out without solutions, run in a sandbox, marked.

``handout`` makes what students get. ``mark`` runs what they hand in: ``submissions`` finds it,
``needed`` says which of its cells must run, ``session`` runs them in a ``kernel`` whose ``check``
signs what it finds, ``tally`` and ``report`` say what came of it. What takes time to import is
imported when a command runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["COMMANDS", "add_commands"]


def add_commands(
    commands: Any, *, folder: Callable[[str], Path], count: Callable[[str], int]
) -> None:
    """Add ``handout`` and ``mark`` to the command line, given how it reads folders and counts."""
    words = commands.add_parser(
        "handout", help="write students' notebooks, without solutions and answers to recall"
    )
    words.add_argument(
        "--out", type=folder, required=True, metavar="DIR", help="folder for the notebooks"
    )
    words.add_argument(
        "--format",
        choices=["notebook", "nbgrader"],
        default="notebook",
        help="nbgrader: make the source of an assignment of each page",
    )
    _add_pages(words, folder)

    words = commands.add_parser(
        "mark",
        help="run the notebooks that a class has handed in, and say who has made which mistake",
        description="Run every notebook in a folder (or an archive, as Moodle and Canvas export "
        "it), each in a process and, on Linux, a sandbox of its own. Write marks.csv, marks.json, "
        "report.html and a page for each student. Interrupted, the same command goes on.",
    )
    words.add_argument("folder", type=folder, metavar="FOLDER", help="what was handed in")
    words.add_argument(
        "--out", type=folder, required=True, metavar="DIR", help="folder for the results"
    )
    words.add_argument("--points", type=folder, metavar="FILE", help="CSV: exercise,points")
    words.add_argument(
        "--seconds",
        type=count,
        default=20,
        help="of a processor for a cell (default 20); three times that in all",
    )
    words.add_argument("--memory", type=count, default=3000, metavar="MB", help="(default 3000)")
    words.add_argument("--jobs", type=count, help="notebooks at once (default: one per core)")
    _add_pages(words, folder)


def _add_pages(words: argparse.ArgumentParser, folder: Callable[[str], Path]) -> None:
    words.add_argument(
        "--pages", nargs="+", default=(), metavar="PAGE", help="such as 01a 02b (default: all)"
    )
    words.add_argument(
        "--book",
        type=folder,
        default=Path("book"),
        metavar="DIR",
        help="folder of the book's notebooks (default: book)",
    )


def _handout(asked: argparse.Namespace) -> None:
    """Write students' notebooks, and print one line per file."""
    from course_utils.marking.handout import write

    for path in write(asked.out, book=asked.book, pages=asked.pages, kind=asked.format):
        print(path)


def _mark(asked: argparse.Namespace) -> None:
    """Mark what a class has handed in, and print one line per notebook."""
    from course_utils.marking.classroom import mark
    from course_utils.marking.session import Limits

    mark(
        asked.folder,
        asked.out,
        book=asked.book,
        pages=asked.pages,
        points=asked.points,
        limits=Limits(asked.seconds, asked.memory),
        jobs=asked.jobs,
    )
    print(asked.out / "report.html")


def _with_extras(command: Callable[[argparse.Namespace], None]) -> Callable[..., None]:
    def run(asked: argparse.Namespace) -> None:
        try:
            command(asked)
        except ModuleNotFoundError as error:
            raise OSError(f'{error}; run pip install "course-utils[book]"') from None

    return run


COMMANDS = {"handout": _with_extras(_handout), "mark": _with_extras(_mark)}
