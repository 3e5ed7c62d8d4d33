"""What the marker says on paper: a report for the teacher, and a page for each student."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from course_utils.marking.tally import ABSENT, STATUSES, Class, Student

__all__ = ["addresses", "report", "student_page"]

SIGNS = dict(zip(STATUSES, "✓✗■!– ", strict=True))
STYLE = Path(__file__).with_name("report.css")


def report(marked: Class, links: dict[str, str]) -> str:
    """Write the teacher's report; ``links`` leads to each student's page."""
    notebooks = sum(len(student.files) for student in marked.students)
    title = "Marks: " + ", ".join(name.split("_")[0] for name in marked.pages)
    return _page(
        title, [*_front(marked, notebooks), *_exercises(marked), *_students(marked, links)]
    )


def student_page(marked: Class, student: Student) -> str:
    """Write the page that a student gets back: each answer, and what the checker says of it."""
    body = [f"<h1>{escape(student.name)}</h1>"]
    handed = {file["page"] for file in student.files}
    pages = {name: page for name, page in marked.pages.items() if name in handed}
    names = [name for page in pages.values() for name in page.titles]
    if names:
        points = f", {marked.total(student):g} points" if marked.points else ""
        body.append(f"<p>{student.count(names)} of {len(names)} right{points}.</p>")
    for file in student.files:
        for text in file["trouble"]:
            body.append(f'<p class="note"><b>{escape(file["name"])}</b>: {escape(text)}.</p>')
    for name, page in pages.items():
        body.append(f"<h2>{escape(_title(name))}</h2>")
        for exercise, heading in page.titles.items():
            answer = student.answers[exercise]
            status = answer["status"]
            body.append(
                f'<section class="{_class(status)}"><h3><span class="sign">{SIGNS[status]}</span> '
                f"{_prose(heading)}</h3><p>{escape(_said(exercise, answer))}</p>"
            )
            if answer["source"] and status != ABSENT:
                body.append(f"<pre><code>{escape(answer['source'])}</code></pre>")
            body.append("</section>")
    return _page(student.name, body)


def addresses(names: Iterable[str]) -> dict[str, str]:
    """Give each student a file's name that any system allows, and nobody else has.

    >>> addresses(["Zoë Øst", "../zoë øst", "李"])
    {'Zoë Øst': 'zoë-øst.html', '../zoë øst': 'zoë-øst-2.html', '李': '李.html'}
    """
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:60] or "student"
        free, count = plain, 1
        while f"{free}.html" in found.values():
            count += 1
            free = f"{plain}-{count}"
        found[name] = f"{free}.html"
    return found


def _front(marked: Class, notebooks: int) -> Iterator[str]:
    pages = ", ".join(_title(name) for name in marked.pages)
    yield f"<h1>Marks</h1><p>{escape(pages)}. {_many(len(marked.students), 'student')}, "
    yield f"{_many(notebooks, 'notebook')}.</p>"
    if marked.warning:
        yield f'<p class="note"><b>No sandbox.</b> {escape(marked.warning)}</p>'
    troubles = [
        (student.name, file["name"], text)
        for student in marked.students
        for file in student.files
        for text in file["trouble"]
    ]
    if troubles:
        yield "<h2>Look at these</h2><ul class='troubles'>"
        for who, file, text in troubles:
            yield f"<li><b>{escape(who)}</b>: {escape(text)} <small>{escape(file)}</small></li>"
        yield "</ul>"


def _exercises(marked: Class) -> Iterator[str]:
    yield "<h2>Exercises</h2><p class='legend'>"
    yield " ".join(f'<span><i class="{_class(s)}"></i>{s}</span>' for s in STATUSES) + "</p>"
    for name, page in marked.pages.items():
        yield f"<h3 class='page'>{escape(_title(name))}</h3>"
        for exercise, heading in page.titles.items():
            yield from _exercise(marked, exercise, heading)


def _exercise(marked: Class, exercise: str, heading: str) -> Iterator[str]:
    counts = marked.counts(exercise)
    told = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    parts = "".join(
        f'<i class="{_class(status)}" style="flex:{counts[status]}"></i>'
        for status in STATUSES
        if counts[status]
    )
    yield f"<section><h4>{_prose(heading)} <code>{escape(exercise)}</code></h4>"
    yield f'<div class="bar" role="img" aria-label="{told}">{parts}</div><p>{told}</p>'
    if mistakes := marked.mistakes(exercise):
        yield from _listed(mistakes)
    if others := marked.others(exercise):
        count = sum(len(who) for _, who in others)
        yield f"<details><summary>{_many(count, 'other answer')}</summary>"
        yield from _listed(others)
        yield "</details>"
    yield "</section>"


def _listed(groups: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    """List what was said, each with how many it was said to, and to whom."""
    yield "<ul class='mistakes'>"
    for words, who in groups:
        told = f"<small>{escape(', '.join(who))}</small>"
        yield f"<li><b>{len(who)}</b> <span>{escape(words)} {told}</span></li>"
    yield "</ul>"


def _students(marked: Class, links: dict[str, str]) -> Iterator[str]:
    yield "<h2>Students</h2><div class='scroll'><table><thead><tr><th scope='col'>student</th>"
    for name, page in marked.pages.items():
        yield f'<th scope="col" colspan="{len(page.titles)}">{escape(name.split("_")[0])}</th>'
    yield f"<th scope='col'>{'points' if marked.points else 'right'}</th></tr></thead><tbody>"
    for student in marked.students:
        link = f'<a href="students/{escape(links[student.name])}">{escape(student.name)}</a>'
        yield f'<tr><th scope="row">{link}</th>'
        for exercise in marked.exercises:
            status = student.answers[exercise]["status"]
            says = f"{exercise}: {status}"
            yield f'<td class="{_class(status)}" title="{says}" aria-label="{says}">'
            yield f"{SIGNS[status]}</td>"
        right = student.count(marked.exercises)
        yield f"<td>{f'{marked.total(student):g}' if marked.points else right}</td></tr>"
    yield "</tbody></table></div>"


def _page(title: str, body: Iterable[str]) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n"
        "</head>\n<body>\n<main>\n" + "\n".join(body) + "\n</main>\n</body>\n</html>\n"
    )


def _class(status: str) -> str:
    return status.replace(" ", "-")


def _title(page: str) -> str:
    """Write a page's name as words.

    >>> _title("01a_convolution")
    '01a convolution'
    """
    return page.replace("_", " ")


def _said(exercise: str, answer: dict[str, Any]) -> str:
    """What the checker said, without the exercise's name, which stands above.

    >>> _said("relu", {"status": "wrong", "text": "✗ relu: wrong. It is too large."})
    'Wrong. It is too large.'
    """
    text = re.sub(rf"^[✓✗] {re.escape(exercise)}: (.)", lambda m: m[1].upper(), answer["text"])
    return text or f"{answer['status'].capitalize()}."


def _prose(heading: str) -> str:
    """A heading of the book; its code is set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(heading))


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
