"""A class's notebooks, as many at once as there are cores; interrupted, it goes on where it was.

Each notebook's result is a file of its own, written in one step, and named by the notebook's
SHA-256 together with everything else that the result depends on: the package, the book, which
pages were set, the limits. A second run reads it instead of running the notebook again.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import course_utils
from course_utils.basics.checks import integer
from course_utils.basics.files import write_atomically
from course_utils.marking import sandbox
from course_utils.marking.nursery import Nursery
from course_utils.marking.pages import Page, parsed, read_pages
from course_utils.marking.report import addresses, report, student_page
from course_utils.marking.running import judged
from course_utils.marking.session import Limits
from course_utils.marking.submissions import Submission, collect
from course_utils.marking.tally import Class, read_points, tally

__all__ = ["mark"]

Say = Callable[[str], None]


def mark(
    folder: Path,
    out: Path,
    *,
    book: Path,
    pages: Iterable[str] = (),
    points: Path | None = None,
    limits: Limits | None = None,
    jobs: int | None = None,
    say: Say = print,
) -> Class:
    """Mark what was handed in, and write marks.csv, marks.json, report.html and students/.

    ``pages`` are those that were set; by default any may be handed in. ``say`` gets a line for
    each notebook.

    Raises
    ------
    ValueError
        For a folder without notebooks, a book without pages, unknown pages, wrong points.
    """
    limits, pages = limits or Limits(), tuple(pages)
    jobs = integer("jobs", jobs if jobs is not None else _cores())
    everything, wanted = read_pages(book), read_pages(book, pages)
    handed = collect(folder, list(everything))
    worth = read_points(points, [n for p in wanted.values() for n in p.titles]) if points else {}
    warning = _warning(sandbox.available())
    if warning:
        say(f"warning: {warning}")
    results = _results(handed, out / "results", everything, wanted, limits, jobs, say)
    shown = wanted
    if not pages:  # of all pages, those that somebody handed in
        present = {results[one.digest]["page"] for one in handed if not one.problem}
        shown = {name: page for name, page in wanted.items() if name in present}
    told = [(one.student, one.name, _told(one, results)) for one in handed]
    marked = tally(shown, told, worth, warning)
    _write(marked, out)
    return marked


def _results(
    handed: list[Submission],
    folder: Path,
    everything: Mapping[str, Page],
    wanted: Mapping[str, Page],
    limits: Limits,
    jobs: int,
    say: Say,
) -> dict[str, dict[str, Any]]:
    """Give each content's result by its digest, read or made."""
    about = _about(everything, wanted, limits)
    contents = {one.digest: one for one in handed if not one.problem}
    places = {digest: folder / f"{digest[:24]}-{about}.json" for digest in contents}
    results = {d: json.loads(p.read_text("utf-8")) for d, p in places.items() if p.exists()}
    if results:
        say(f"{len(results)} of {len(contents)} notebooks were marked before")
    nursery, stopping = Nursery(_modules(wanted)), threading.Event()

    def one(digest: str) -> dict[str, Any]:
        result = judged(contents[digest].content, everything, wanted, limits, nursery)
        if not (result.get("again") or stopping.is_set()):
            text = json.dumps(result, indent=1, ensure_ascii=False)
            write_atomically(places[digest], partial(_fill, text.encode("utf-8", "replace")))
        return result

    pool = ThreadPoolExecutor(jobs)
    try:
        futures: dict[Future[dict[str, Any]], str] = {
            pool.submit(one, digest): digest for digest in contents if digest not in results
        }
        for future in as_completed(futures):
            digest = futures[future]
            results[digest] = future.result()
            say(f"{len(results)} of {len(contents)}: {_line(contents[digest], results[digest])}")
    finally:
        stopping.set()
        pool.shutdown(wait=False, cancel_futures=True)
        nursery.close()
        pool.shutdown()
    return results


def _line(one: Submission, result: Mapping[str, Any]) -> str:
    statuses = [answer["status"] for answer in result["exercises"].values()]
    right = f"{statuses.count('right')} of {len(statuses)} right" if statuses else ""
    line = "; ".join(filter(None, [f"{one.student}, {one.name}: {right}", *result["trouble"]]))
    return "".join(sign if sign.isprintable() else "?" for sign in line)


def _told(one: Submission, results: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    if one.problem:
        return {"page": "", "exercises": {}, "trouble": [one.problem]}
    return results[one.digest]


def _about(everything: Mapping[str, Page], wanted: Mapping[str, Page], limits: Limits) -> str:
    """Name what a result depends on, besides the notebook."""
    package = Path(course_utils.__file__).parent
    digest = hashlib.sha256(course_utils.__version__.encode())
    for part in ("exercises", "marking"):
        for path in sorted((package / part).rglob("*.py")):
            digest.update(path.read_bytes())
    told = [[name, list(page.titles), sorted(page.stock)] for name, page in everything.items()]
    data = os.environ.get("COURSE_DATA", "")
    told += [list(wanted), asdict(limits), sandbox.available(), data]  # type: ignore[list-item]
    digest.update(json.dumps(told).encode())
    return digest.hexdigest()[:12]


def _modules(pages: Mapping[str, Page]) -> list[str]:
    """Name the modules that the pages import, so that no kernel imports them by itself."""
    found = {"matplotlib.pyplot", "matplotlib_inline.backend_inline"}
    for page in pages.values():
        for cell in page.notebook.cells:
            tree = parsed(cell.source) if cell.cell_type == "code" else None
            for node in ast.walk(tree) if tree else []:
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module)
                    if node.module == "course_utils":
                        found |= {f"course_utils.{alias.name}" for alias in node.names}
    return sorted(name for name in found if not name.startswith("google"))


def _warning(reason: str) -> str:
    if not reason:
        return ""
    return (
        f"The notebooks ran on this machine as they are ({reason}): they could read your "
        "files and use the network. Limits of time and memory held. Mark on Linux, or in a "
        "container or virtual machine."
    )


def _write(marked: Class, out: Path) -> None:
    links = addresses(student.name for student in marked.students)
    # A spreadsheet takes a table for UTF-8 by its first three bytes.
    texts = {
        out / "marks.csv": "\ufeff" + marked.as_csv(),
        out / "marks.json": json.dumps(marked.as_json(), indent=1, ensure_ascii=False) + "\n",
        out / "report.html": report(marked, links),
    }
    for student in marked.students:
        texts[out / "students" / links[student.name]] = student_page(marked, student)
    for path, text in texts.items():
        content = text.encode("utf-8", "replace")
        write_atomically(path, partial(_fill, content))


def _fill(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
