"""One handed-in notebook, run and judged; whatever it is, the result is a plain dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import nbformat

from course_utils.marking.needed import binds_check, needed
from course_utils.marking.nursery import Nursery
from course_utils.marking.pages import Page, asked, same
from course_utils.marking.session import Heard, Limits, Session

__all__ = ["gather", "judged"]


def judged(
    content: bytes,
    pages: Mapping[str, Page],
    wanted: Iterable[str],
    limits: Limits,
    nursery: Nursery,
) -> dict[str, Any]:
    """Run a notebook, and say what became of each exercise of its page, and what went wrong.

    ``wanted`` names those of the ``pages`` that were set. The result has the ``page`` ("" for
    none), ``exercises``, each with a status, a mistake, a text and the student's source, and
    ``trouble``, sentences about the notebook as a whole. With ``again``, it was not the notebook's
    fault.
    """
    result: dict[str, Any] = {"page": "", "exercises": {}, "trouble": []}
    try:
        notebook = nbformat.reads(content.decode("utf-8-sig"), as_version=4)
        cells = [str(c.source) for c in notebook.cells if c.cell_type == "code" and same(c.source)]
        page = _page_of(cells, pages)
    except Exception as error:  # it may be anything
        told = " ".join(str(error).split())[:100]
        result["trouble"].append(f"not a notebook ({type(error).__name__}: {told})")
        return result
    if page is None or page.name not in wanted:
        whose = f"{page.name}, which was not set" if page else "none of the book's"
        result["trouble"].append(f"another page: {whose}")
        return result
    result["page"] = page.name
    nothing = {"status": "not attempted", "mistake": None, "text": "", "source": ""}
    found = result["exercises"] = {name: dict(nothing) for name in page.titles}
    own = [same(source) not in page.stock for source in cells]
    roots = [mine and _asks(source, page) for source, mine in zip(cells, own, strict=True)]
    solutions = [same(source) in page.solutions for source in cells]
    run = needed(cells, own, solutions, roots)
    places = [place for place, runs in enumerate(run) if runs]
    if places:
        session = Session([cells[place] for place in places], limits)
        session.run(nursery)
        result["trouble"] += session.trouble
        result["again"] = session.again
        rebound = any(own[place] and binds_check(cells[place]) for place in places)
        for count, place in enumerate(places):
            if own[place]:
                gather(found, cells[place], session.heard[count], rebound)
    if all(one["status"] == "not attempted" for one in found.values()):
        result["trouble"].append("no answers")
    forged = [name for name, one in found.items() if one["status"] == "forged"]
    if forged:
        result["trouble"].append(f"forged: {', '.join(forged)}")
    return result


def _page_of(cells: list[str], pages: Mapping[str, Page]) -> Page | None:
    """The page that has most of the exercises, then most of the code."""
    names = {name for source in cells for name in asked(source)}
    codes = {same(source) for source in cells}
    scores = {
        name: (len(names & set(page.titles)), len(codes & page.stock))
        for name, page in pages.items()
    }
    best = max(scores, key=lambda name: scores[name])
    return pages[best] if scores[best][0] or scores[best][1] > 2 else None


def _asks(source: str, page: Page) -> bool:
    return bool(asked(source)) or any(
        quote + name + quote in source for name in page.titles for quote in "\"'"
    )


def gather(found: dict[str, Any], source: str, heard: Heard, rebound: bool) -> None:
    """Enter what a student's cell has shown. What is forged stays so; else the last one counts."""

    def enter(name: str, status: str, text: str, mistake: str | None = None) -> None:
        before = found.get(name)
        if before is None or before["status"] == "forged":
            return
        if status != "not attempted" or before["status"] == status:
            found[name] = {
                "status": status, "mistake": mistake, "text": text, "source": source[:4000]
            }  # fmt: skip

    signed = {}
    for told, valid in heard.judgements:
        name = str(told.get("exercise"))
        if valid:
            signed[name] = told["status"]
            enter(name, told["status"], told["text"], told["mistake"])
        else:
            enter(name, "forged", "A judgement that the checker has not signed.")
    for name in found:
        if f"✓ {name}: right" in heard.printed and signed.get(name) != "right":
            enter(name, "forged", "The sentence of a right answer was printed, not judged.")
    for name in asked(source):
        if name not in signed and rebound and not heard.stopped:
            enter(name, "forged", "check is not the course's own in this notebook.")
        elif name not in signed:
            enter(name, "stopped", heard.stopped or "Its check left no judgement.")
