"""The rules that the cells of a notebook keep.

Each rule is a function of the notebook that yields one sentence per violation. `book_text` has
those that look at the words.
"""

import ast
import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import book_text
import page_shape
from book_text import headings, markdown_cells, output_text
from nbformat import NotebookNode

BOOK = Path(__file__).resolve().parents[1] / "book"
PROMPTS = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
FOLDED = {
    "cellView": "form",
    "jupyter": {"source_hidden": True},
    "mystnb": PROMPTS,
    "tags": ["hide-cell"],
}
LONGEST_CELL = 25  # lines, comments and blank ones left out; page_shape asks for less to be seen
LONGEST_FOLDED = 40
LONGEST_FUNCTION = 15
SMALLEST_ALT = 20  # characters
LARGEST_FIGURES = 3_000_000  # bytes a notebook
IMAGES = ("image/png", "image/jpeg", "image/svg+xml")
NOT_HERE = re.compile(r"/tmp/|/root/|/home/|/Users/|[A-Z]:\\Users|ipykernel_\d+")
OBJECTIVES = re.compile(
    r"^(?:#+ |<p class=\"admonition-title\">)(?:Objectives|What you will learn)\b", re.MULTILINE
)


def code_cells(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    """The code cells, each with its place among all cells, counted from 1."""
    return [(i, c) for i, c in enumerate(notebook.cells, start=1) if c.cell_type == "code"]


def tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def images(cell: NotebookNode) -> list[str]:
    """The pictures that a cell stores: SVG as text, the others in base64."""
    stored = [o.get("data", {}) for o in cell.outputs]
    return [data[kind] for data in stored for kind in IMAGES if kind in data]


def objectives(notebook: NotebookNode) -> Iterator[str]:
    """What the reader will be able to do stands before the first section, or is the first."""
    opening = "\n".join(source for _, source in markdown_cells(notebook)).split("\n## ")
    if not OBJECTIVES.search("\n## ".join(opening[:2])):
        yield "no box or heading 'Objectives' or 'What you will learn' before the first section"


def exercises(notebook: NotebookNode) -> Iterator[str]:
    """Exercises: a stub that runs as it is, then a folded solution, checked."""
    groups: dict[str, list[NotebookNode]] = {}
    section = name = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for level, words in headings(cell.source):
                if level == 2:
                    section, name = words, ""
                elif level == 3 and section == "Exercises":
                    name = words
                    groups[name] = []
        elif name:
            groups[name].append(cell)
    if not groups:
        yield "no exercise ('### …' under '## Exercises')"
    for name, cells in groups.items():
        solved = [i for i, cell in enumerate(cells) if cell.source.startswith("# @title Solution")]
        if not solved or solved[0] == 0:
            yield f"exercise {name!r}: a stub and below it a cell '# @title Solution' are needed"
            continue
        stub = "\n".join(output_text(cell) for cell in cells[: solved[0]])
        if "not attempted" not in stub.lower():
            yield f"exercise {name!r}: the stub as it is must print 'not attempted yet'"
        answers = "\n".join(output_text(cells[i]) for i in solved)
        if "✓" not in answers or "✗" in answers:
            yield f"exercise {name!r}: the solution must be checked, and print '✓ …: right'"
        elif any(map(re.compile(r"[^✓\s]").match, answers.splitlines())) or any(
            images(cells[i]) for i in solved
        ):
            yield f"exercise {name!r}: the solution must print its tick only; outputs aren't folded"
        if not all(folded(cells[i]) for i in solved):
            yield f"exercise {name!r}: the solution's metadata must hold {FOLDED}"


def folded(cell: NotebookNode) -> bool:
    """Whether the cell is folded as a solution in Colab, in JupyterLab and in the book."""
    given = {name: cell.metadata.get(name) for name in FOLDED}
    return given == FOLDED


def short_code(notebook: NotebookNode) -> Iterator[str]:
    """Cells of 3–10 lines: what is longer moves into the package, unless it is the lesson."""
    for place, cell in code_cells(notebook):
        if "lesson" in tags(cell) or cell.source.startswith("# @title Setup"):
            continue
        lines = [s for s in map(str.strip, cell.source.splitlines()) if s and s[0] != "#"]
        most = LONGEST_FOLDED if "hide-input" in tags(cell) else LONGEST_CELL
        if len(lines) > most:
            yield f"cell {place}: {len(lines)} lines; at most {most}, or tag it 'lesson'"
        plain = re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.MULTILINE)
        for node in ast.walk(ast.parse(plain)):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    yield (
                        f"cell {place}: {node.name} has {length} lines; at most "
                        f"{LONGEST_FUNCTION}: move it into course_utils, or tag the cell 'lesson'"
                    )


def stored_outputs(notebook: NotebookNode) -> Iterator[str]:
    """The outputs are stored, all from one run from top to bottom, without an error."""
    cells = code_cells(notebook)
    for expected, (place, cell) in enumerate(cells, start=1):
        if cell.execution_count != expected:
            count = cell.execution_count
            yield f"cell {place}: its count is {count}, not {expected}; run it with make execute"
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"cell {place}: stores an error"
        if NOT_HERE.search(str(cell.outputs)):
            yield f"cell {place}: its output names a folder or a process of the machine it ran on"
        if re.search(r"src=.{0,2}https?:", str(cell.outputs)):
            yield f"cell {place}: its output loads a file from outside"
    if cells and cells[0][1].outputs:
        yield "the setup cell stores an output; it must be silent"
    if not any(cell.outputs for _, cell in cells):
        yield "no cell stores an output; run make execute"


def alternative_text(notebook: NotebookNode) -> Iterator[str]:
    """A cell that stores a picture says in its metadata, mystnb.image.alt, what is to be seen."""
    for place, cell in code_cells(notebook):
        if images(cell):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            if len(alt) < SMALLEST_ALT:
                yield (
                    f"cell {place}: stores a picture, and its mystnb.image.alt is {alt!r}; "
                    f"describe it in {SMALLEST_ALT} characters or more"
                )


def small_figures(notebook: NotebookNode) -> Iterator[str]:
    """The stored figures of a notebook stay below 3 MB: it is cloned and opened in browsers."""
    stored = [picture for _, cell in code_cells(notebook) for picture in images(cell)]
    total = sum(len(p) if "<svg" in p else len(base64.b64decode(p)) for p in stored)
    if total > LARGEST_FIGURES:
        yield f"the figures take {total:,} bytes; at most {LARGEST_FIGURES:,}"


def checked_numbers(notebook: NotebookNode) -> Iterator[str]:
    """Numbers that nbval does not compare are followed, in their section, by a claim it does."""
    open_place = 0
    for place, cell in enumerate([*notebook.cells, None], start=1):
        if cell is None or (cell.cell_type == "markdown" and headings(cell.source)):
            if open_place:
                yield (
                    f"cell {open_place}: prints numbers under nbval-ignore-output, and no claim(…) "
                    "that is compared follows before the next heading"
                )
            open_place = 0
        elif cell.cell_type == "code" and "nbval-ignore-output" in tags(cell):
            if re.search(r"\d", output_text(cell)):
                open_place = place
        elif cell.cell_type == "code" and re.search(r"\b(claim|check)\(", cell.source):
            open_place = 0


def warned_of_digits(notebook: NotebookNode) -> Iterator[str]:
    """Where MNIST is missing, loading it says so on stderr, which is nothing to compare."""
    for place, cell in code_cells(notebook):
        loads = re.search(r"\bdata\.load\((?!\")", cell.source)
        if loads and "nbval-ignore-output" not in tags(cell):
            yield f"cell {place}: loads MNIST, which may be missing; tag it nbval-ignore-output"


def plain_metadata(notebook: NotebookNode) -> Iterator[str]:
    """The kernel is python3, which every machine has; nothing else of the author's is stored."""
    kernel = notebook.metadata.get("kernelspec", {})
    if (kernel.get("name"), kernel.get("language")) != ("python3", "python"):
        yield f"the kernelspec is {dict(kernel)}; its name must be 'python3', its language 'python'"
    if "widgets" in notebook.metadata:
        yield "stores the state of widgets, which neither the book nor nbval can show"


RULES: list[Callable[[NotebookNode], Iterator[str]]] = [
    objectives,
    exercises,
    short_code,
    stored_outputs,
    alternative_text,
    small_figures,
    checked_numbers,
    warned_of_digits,
    plain_metadata,
    book_text.portable_markdown,
    book_text.no_image_files,
    book_text.unique_headings,
    book_text.computed_numbers,
]


def is_chapter(page: str) -> bool:
    """Whether a page teaches: its name begins with a number. The others are for looking up."""
    return page[:1].isdecimal()


def rules_for(page: str) -> list[Callable[[NotebookNode], Iterator[str]]]:
    """The rules that a notebook keeps: all of them, or all but the plan of a chapter."""
    if is_chapter(page):
        return RULES + page_shape.RULES
    return [rule for rule in RULES if rule not in (objectives, exercises)]
