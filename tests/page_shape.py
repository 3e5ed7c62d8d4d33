"""The rules that give a chapter its shape: a picture first, little code, questions, a way on.

Each rule is a function of the notebook that yields one sentence per violation.
"""

import math
import re
from collections.abc import Iterator

from book_text import headings, markdown_cells, output_text
from nbformat import NotebookNode

OPENING = re.compile(r"^\*(?P<optional>Optional\. )?About (?P<minutes>\d+) minutes\b.*\*$", re.M)
BEFORE_PICTURE = 150  # words
WORDS, BODY = 2_600, 1_800  # in all the Markdown of a page, and before its questions
CELL, PAGE, COLUMNS = 12, 150, 79  # visible lines of a cell and of a page, and their width
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
LAST = ["Summary", "Questions to recall", "Exercises"]
REPORTS = re.compile(r"TMU-HW4|1RT720|CIS6800|DS5220|CSCI4146")
BOX = re.compile(
    r'<div class="admonition note report">\n'
    r'<p class="admonition-title">What the report says</p>\n\n(.+?)\n\n</div>',
    re.DOTALL,
)
QUESTION = re.compile(r"^\*\*\d+\. .+?\*\*$", re.MULTILINE | re.DOTALL)
RIGHT = re.compile(r"Right\b")
OPTION = re.compile(r"<details>\n<summary>(.+?)</summary>\n\n(.+?)\n\n</details>", re.DOTALL)
INVITED = "Choose an answer; each says why it is right or not."


def tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def words_in(text: str) -> int:
    """Words as a reader counts them: a formula is read as one, markup is not read."""
    text = re.sub(r"\$\$.+?\$\$|\$[^$]+\$", " x ", text, flags=re.DOTALL)
    text = re.sub(r"</?[a-zA-Z][^>]*>|\]\([^)]*\)|[*_#|`>-]", " ", text)
    return len(re.findall(r"\S+", text))


def sections(notebook: NotebookNode) -> dict[str, str]:
    """The text under each heading of the second level; what comes before them is under ''."""
    found, name = {"": ""}, ""
    for _, source in markdown_cells(notebook):
        for part in re.split(r"^(?=## )", source, flags=re.MULTILINE):
            if part.startswith("## "):
                name = part[3:].splitlines()[0].strip()
                found[name] = ""
            found[name] += part + "\n\n"
    return found


def questions(notebook: NotebookNode) -> list[tuple[str, list[tuple[str, bool]]]]:
    """The questions to recall, each with its options; True stands with those that are right."""
    asked = sections(notebook).get("Questions to recall", "")
    starts = [match.start() for match in QUESTION.finditer(asked)]
    found = []
    for start, end in zip(starts, [*starts[1:], len(asked)], strict=True):
        options = OPTION.findall(asked[start:end])
        words = asked[start:end].partition("\n\n")[0].strip("*")
        found.append((words, [(option, bool(RIGHT.match(why))) for option, why in options]))
    return found


def is_optional(notebook: NotebookNode) -> bool:
    found = OPENING.search(notebook.cells[0].source)
    return bool(found and found["optional"])


def visible_code(notebook: NotebookNode) -> Iterator[tuple[int, list[str]]]:
    """The place and the lines, blank ones left out, of each cell whose code a reader sees."""
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and not tags(cell) & FOLDED:
            yield place, [line for line in cell.source.splitlines() if line.strip()]


def stated_minutes(notebook: NotebookNode) -> Iterator[str]:
    """Below the title stand the minutes: words at 200 a minute, three minutes an exercise."""
    opening = OPENING.search(notebook.cells[0].source)
    if not opening:
        yield "below the title must stand '*About N minutes …*' or '*Optional. About N minutes …*'"
        return
    read = sum(words_in(source) for _, source in markdown_cells(notebook)) / 200
    least = math.ceil(read + 3 * len(exercise_names(notebook)))
    stated = int(opening["minutes"])
    if not least <= stated <= max(least + 15, 20) or stated > 45:
        yield f"{stated} minutes are stated; reading and exercises take {least}, and 45 is the most"


def exercise_names(notebook: NotebookNode) -> list[str]:
    text = sections(notebook).get("Exercises", "")
    return [words for level, words in headings(text) if level == 3]


def early_picture(notebook: NotebookNode) -> Iterator[str]:
    """A picture or a widget comes before the text gets long."""
    read = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            read += words_in(cell.source)
            continue
        kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
        if any(kind.startswith("image/") for kind in kinds) or "text/html" in kinds:
            break
    else:
        yield "no picture"
    if read > BEFORE_PICTURE:
        yield f"{read} words come before the first picture; at most {BEFORE_PICTURE}"


def length(notebook: NotebookNode) -> Iterator[str]:
    """About 1,500 words."""
    parts = sections(notebook)
    read = {name: words_in(text) for name, text in parts.items()}
    body = sum(count for name, count in read.items() if name not in LAST[1:])
    for count, most, what in ((sum(read.values()), WORDS, "page"), (body, BODY, "body")):
        if count > most:
            yield f"the {what} has {count:,} words; at most {most:,}"


def little_code(notebook: NotebookNode) -> Iterator[str]:
    """Code is shown where it is the lesson, in short cells that no screen cuts off."""
    total = 0
    for place, lines in visible_code(notebook):
        total += len(lines)
        if len(lines) > CELL:
            yield f"cell {place}: {len(lines)} visible lines; at most {CELL}"
    if total > PAGE:
        yield f"{total} visible lines of code; at most {PAGE}"
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and not cell.source.startswith("# @title Setup"):
            wide = [line for line in cell.source.splitlines() if len(line) > COLUMNS]
            if wide:
                yield f"cell {place}: more than {COLUMNS} columns: {wide[0][:40]}…"


def folded(notebook: NotebookNode) -> Iterator[str]:
    """What isn't the lesson is folded everywhere: in the book, in JupyterLab, in Colab."""
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        meta = cell.metadata
        everywhere = (
            meta.get("cellView") == "form"
            and meta.get("jupyter", {}).get("source_hidden", False)
            and cell.source.startswith("# @title ")
        )
        if tags(cell) & {"hide-input", "hide-cell"} and not everywhere:
            yield (
                f"cell {place}: folded in the book alone; give it cellView 'form', "
                "jupyter.source_hidden and a first line '# @title …'"
            )
        if re.search(r"\bclaim\(", cell.source) and not tags(cell) & FOLDED:
            yield f"cell {place}: a claim shows as its sentence alone; fold the cell (hide-input)"


def boxes(notebook: NotebookNode) -> Iterator[str]:
    """Reports are named in boxes of one kind, each with a link to the reproduction."""
    optional = is_optional(notebook)
    for place, source in markdown_cells(notebook):
        for box in BOX.findall(source):
            if "(reproduction.ipynb" not in box:
                yield f"cell {place}: the box leads to no row of reproduction.ipynb"
        outside = REPORTS.search(BOX.sub("", source))
        if outside and not optional:
            yield f"cell {place}: {outside[0]} is named outside a box 'What the report says'"


def last_sections(notebook: NotebookNode) -> Iterator[str]:
    """A page ends in a summary that leads on, questions to recall, and four to seven exercises."""
    parts = sections(notebook)
    if list(parts)[-3:] != LAST:
        yield f"the last three sections are {list(parts)[-3:]}; they must be {LAST}"
        return
    if not re.search(r"\]\(\w+\.(ipynb|md)[)#]", parts["Summary"]):
        yield "the summary leads to no other page"
    exercises, least = len(exercise_names(notebook)), 1 if is_optional(notebook) else 4
    if not least <= exercises <= 7:
        yield f"{exercises} exercises; there must be {least} to 7"


def recalled(notebook: NotebookNode) -> Iterator[str]:
    """Three to five questions, all in the form that `recall.js` makes a quiz of in the book."""
    asked = sections(notebook).get("Questions to recall")
    if asked is None:
        return
    found = questions(notebook)
    if not 3 <= len(found) <= 5:
        yield f"{len(found)} questions '**1. …?**'; there must be three to five"
    for number, (question, options) in enumerate(found, start=1):
        if not question.startswith(f"{number}. "):
            yield f"{question[:40]!r} must have the number {number}"
        right = sum(is_right for _, is_right in options)
        if len(options) < 3 or right != 1:
            yield (
                f"{question[:40]!r}: {len(options)} options, {right} right; "
                "three or more are needed, and one whose answer starts with 'Right'"
            )
    for option in (option for _, options in found for option, _ in options):
        if re.search(r"[$`*\\]", option):
            yield f"{option[:40]!r}: a <summary> is HTML; no Markdown and no formula is set in it"
    rest = OPTION.sub("", QUESTION.sub("", asked)).split("\n\n")
    rest = [part.strip() for part in rest if part.strip()]
    if rest != ["## Questions to recall", INVITED]:
        yield f"beside questions and options stands {rest[1:]}; only {[INVITED]} may"


def only_ticks(notebook: NotebookNode) -> Iterator[str]:
    """A folded solution prints its tick only, so that no answer lies open in the notebook."""
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and cell.source.startswith("# @title Solution"):
            other = [s for s in output_text(cell).splitlines() if s.strip() and s[0] not in "✓ "]
            if other:
                yield f"cell {place}: the solution prints {other[0]!r}; it must print its tick only"


RULES = [
    stated_minutes,
    early_picture,
    length,
    little_code,
    folded,
    boxes,
    last_sections,
    recalled,
    only_ticks,
]
