"""A made-up class: what thirty students hand in, and what the marker has to say of each."""

import copy
import itertools
import json
import re
from importlib import import_module

import nbformat
import numpy as np

from course_utils.exercises import REGISTRY
from course_utils.marking.handout import handout
from course_utils.marking.pages import SOLUTION, asked

# What a mischievous cell does before its answer, which is right; and what the marker says.
MISCHIEF = {
    "loop": ("while True:\n    pass", "stopped", ""),
    "stubborn loop": (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass",
        "stopped",
        "did not end within",
    ),
    "fork bomb": ("import os\nwhile True:\n    os.fork()", "stopped", "processes"),
    "flood": ("while True:\n    print('x' * 1000)", "stopped", "printed more"),
    "exit": ("import os\nos._exit(0)", "stopped", "ended its kernel"),
    "memory": ("hog = bytearray(10**12)", "stopped", ""),
    "disk": (
        "for i in range(10**9):\n    open(f'{i}', 'wb').write(bytes(10**7))",
        "stopped",
        "wrote more",
    ),
    "bound anew": ("check = lambda name, answer: print(f'✓ {name}: right.')", "forged", "forged"),
    "printed": ("print('✓ NAME: right.')\nANSWER = ...", "forged", "forged"),
    "displayed": (
        "from IPython.display import display\n"
        "told = dict(exercise='NAME', status='right', mistake=None, text='', signature='0' * 64)\n"
        "display({'application/vnd.course.judgement+json': told}, raw=True)\nANSWER = ...",
        "forged",
        "forged",
    ),
    "patched": (
        "from course_utils.exercises import frame\nframe.compared = lambda *args, **more: None",
        "forged",
        "forged",
    ),
    "captured": ("%%capture", "right", ""),
    # Right only where nothing could be had.
    "home": (
        "try:\n    open(SECRET).read()\n    check = None\nexcept OSError:\n    pass",
        "right",
        "",
    ),
    "network": (
        "import socket\ntry:\n    socket.create_connection(SERVER, 5)\n    check = None\n"
        "except OSError:\n    pass",
        "right",
        "",
    ),
}
FILES = {
    "not JSON": (b"a notebook, honestly", "not a notebook"),
    "empty": (b"", "not a notebook"),
    "deep": (b"[" * 100_000, "not a notebook"),
    "a list": (b"[1, 2]", "not a notebook"),
}


def stubs(page):
    """The cell of each exercise, by name, and its solution's source."""
    found, solutions = {}, {}
    for cell in page.notebook.cells:
        if cell.cell_type == "code":
            for name in asked(cell.source):
                (solutions if SOLUTION in cell.metadata.get("tags", []) else found)[name] = cell
    return found, {name: cell.source for name, cell in solutions.items()}


def answered(page, answers):
    """A student's notebook of a page: the handout, with a source instead of each stub named."""
    notebook = copy.deepcopy(handout(page))
    for cell in notebook.cells:
        for name in asked(cell.source) if cell.cell_type == "code" else []:
            if name in answers:
                cell.source = answers[name]
    return nbformat.writes(notebook).encode()


def right(page, name):
    """The page's solution with its stub above, which has what is given."""
    found, solutions = stubs(page)
    given = re.sub(r"^check\(.*$", "", found[name].source, flags=re.MULTILINE)
    return f"{given}\n{solutions[name]}".replace("# @title Solution", "# mine")


def mistaken(name, i):
    """A cell whose answer is the i-th known mistake."""
    return (
        "from course_utils.exercises import REGISTRY\n"
        f"answer = REGISTRY[{name!r}].mistakes[{i}].answer\ncheck({name!r}, answer)"
    )


def slips(page):
    """Slips that are values, as the tests of the page's exercises have them: source and words."""
    module = import_module(f"answers_{page.name.split('_', 1)[1]}")
    for name, answer, words in getattr(module, "SLIPS", []):
        if not callable(answer) and not isinstance(answer, str):
            try:
                numbers = np.asarray(answer, dtype=float).tolist()
            except (TypeError, ValueError):
                continue
            yield name, f"check({name!r}, {json.dumps(numbers)})", words


def the_class(pages, count):
    """Who hands in what: student, page, bytes, and of each exercise its status and mistake."""
    for page in pages:
        slipped = {}
        for name, source, words in slips(page):
            slipped.setdefault(name, []).append((source, words))
        for i in range(count):
            answers, expected = {}, {}
            for place, name in enumerate(page.titles):
                known = REGISTRY[name].mistakes
                kinds = ["right", "none", *range(len(known)), *slipped.get(name, [])]
                kind = kinds[(i + place) % len(kinds)]
                if kind == "none":
                    expected[name] = ("not attempted", None)
                elif kind == "right":
                    answers[name], expected[name] = right(page, name), ("right", None)
                elif isinstance(kind, int):
                    answers[name] = mistaken(name, kind)
                    expected[name] = ("wrong", known[kind].looks_like)
                else:
                    answers[name], expected[name] = kind[0], ("wrong", kind[1])
            yield f"Student {i + 1:02}", page, answered(page, answers), expected


def mischief(page, secret, server):
    """Likewise those who mean no good: who, bytes, the first exercise's status, the trouble."""
    name = next(iter(page.titles))
    for who, (source, status, trouble) in MISCHIEF.items():
        first = source.replace("NAME", name).replace("SECRET", repr(secret))
        first = first.replace("SERVER", repr(server))
        cell = f"{first}\n{right(page, name)}"
        if "ANSWER" in first:
            cell = first.replace("ANSWER = ...", f"\ncheck({name!r}, 12345)")
        answers = {other: right(page, other) for other in page.titles}
        yield f"The {who}", answered(page, answers | {name: cell}), status, trouble
    for who, (content, trouble) in FILES.items():
        yield f"The {who}", content, None, trouble


def handed_in(folder, pages, count, secret, server):
    """Write the class's notebooks into a folder; say what is expected, by student."""
    expected = {}
    for who, page, content, statuses in the_class(pages, count):
        (folder / who).mkdir(parents=True, exist_ok=True)
        (folder / who / f"{page.name}.ipynb").write_bytes(content)
        expected.setdefault(who, {}).update(statuses)
    troubles = {}
    for who, content, status, trouble in mischief(pages[0], secret, server):
        (folder / f"{who}.ipynb").write_bytes(content)
        troubles[who] = (status, trouble)
    return expected, troubles


def wrongs(marked, expected, troubles, pages):
    """Compare the marker's JSON with what is expected; give each difference as a sentence."""
    students = {student["student"]: student for student in marked["students"]}
    for who, statuses in expected.items():
        for name, (status, words) in statuses.items():
            answer = students[who]["answers"][name]
            if answer["status"] != status or (words or "") not in (answer["mistake"] or ""):
                yield f"{who}, {name}: {answer}, not {status}: {words}"
    first, *others = pages[0].titles
    for who, (status, trouble) in troubles.items():
        told = [text for file in students[who]["files"] for text in file["trouble"]]
        if trouble not in "; ".join(told) or bool(told) != bool(trouble):
            yield f"{who}: {told}, not {trouble!r}"
        answers = students[who]["answers"]
        if status and answers[first]["status"] != status:
            yield f"{who}: {answers[first]}, not {status}"
        whole = bool(status) and trouble in ("", "forged") and who != "The patched"
        rest = {answers[name]["status"] for name in others}
        if whole and rest - {"right", "forged"}:
            yield f"{who}: the others are {rest}"
    planted = itertools.chain.from_iterable(statuses.items() for statuses in expected.values())
    for name, (status, words) in set(planted):
        known = marked["exercises"][name]["mistakes"]
        if status == "wrong" and not any(words in mistake for mistake in known):
            yield f"{name}: {words} is not in the report"
