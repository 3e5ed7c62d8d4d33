"""Is each rule of a page's shape broken by a page that breaks it, and by no other?"""

import copy

import page_shape
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

IMAGE = new_output("display_data", data={"image/png": "AA==", "text/plain": "<Figure>"})
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
BOX = """<div class="admonition note report">
<p class="admonition-title">What the report says</p>

CIS6800 finds 3 ([its row](reproduction.ipynb#every-number)).

</div>"""


def question(number):
    options = [("Two", "No: three."), ("Three", "Right: one more."), ("Four", "No, fewer.")]
    details = "\n".join(
        f"<details>\n<summary>{option}</summary>\n\n{answer}\n\n</details>\n"
        for option, answer in options
    )
    return f"**{number}. How many\nare there?**\n\n{details}"


def stream(text):
    return [new_output("stream", name="stdout", text=text)]


@pytest.fixture
def good():
    cells = [
        new_markdown_cell("# 1a. A page\n\n*About 15 minutes with the exercises.*\n\nWhat is it?"),
        new_code_cell("# @title Figure", metadata=copy.deepcopy(FOLDED), outputs=[IMAGE]),
        new_markdown_cell("## Body\n\nHere it is."),
        new_markdown_cell(BOX),
        new_code_cell("x = 1\n\nx + 1"),
        new_code_cell(
            '# @title Claim\nclaim("It is.", True)',
            metadata=copy.deepcopy(FOLDED),
            outputs=stream("✓ It is."),
        ),
        new_markdown_cell("## Summary\n\nIt is. [Next](01b_other.ipynb)."),
        new_markdown_cell(
            "\n\n".join(["## Questions to recall", page_shape.INVITED, *map(question, (1, 2, 3))])
        ),
        new_markdown_cell("## Exercises\n\n" + "\n\n".join(f"### Count {i}" for i in range(4))),
        new_code_cell(
            "# @title Solution\nx",
            metadata={**copy.deepcopy(FOLDED), "tags": ["hide-cell"]},
            outputs=stream("✓ x: right.\n"),
        ),
    ]
    return new_notebook(cells=cells)


def broken(notebook):
    return {
        rule.__name__: " ".join(rule(notebook)) for rule in page_shape.RULES if [*rule(notebook)]
    }


def test_a_good_page_breaks_no_rule(good):
    assert broken(good) == {}


def swap(place, old, new):
    def change(notebook):
        cell = notebook.cells[place]
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def put(place, **values):
    return lambda notebook: notebook.cells[place].update(values)


MANY = " ".join(["word"] * 160)
BODY = " ".join(["word"] * 1_801)

PLANTED = [
    ("stated_minutes", swap(0, "*About 15 minutes with the exercises.*", ""), "must stand"),
    ("stated_minutes", swap(0, "15", "12"), "take 13"),
    ("stated_minutes", swap(0, "15", "29"), "29 minutes are stated"),
    ("early_picture", swap(0, "What is it?", MANY), "words come before the first picture"),
    ("early_picture", put(1, outputs=[]), "no picture"),
    ("little_code", put(4, source="\n".join(["x = 1"] * 13)), "13 visible lines; at most 12"),
    ("little_code", put(4, source="x = '" + "y" * 75 + "'"), "more than 79 columns"),
    ("folded", lambda nb: nb.cells[5].metadata.pop("cellView"), "folded in the book alone"),
    ("folded", lambda nb: nb.cells[5].metadata.pop("jupyter"), "folded in the book alone"),
    ("folded", swap(5, "# @title Claim", "# Claim"), "folded in the book alone"),
    ("folded", lambda nb: nb.cells[5].metadata.pop("tags"), "fold the cell"),
    ("boxes", swap(3, "(reproduction.ipynb#every-number)", "(#body)"), "leads to no row"),
    ("boxes", swap(3, "What the report says", "The report"), "named outside a box"),
    ("boxes", swap(2, "Here", "TMU-HW4 and here"), "named outside a box"),
    ("last_sections", swap(7, "## Questions to recall", "## Quiz"), "the last three sections"),
    ("last_sections", swap(6, "[Next](01b_other.ipynb)", "Next"), "leads to no other page"),
    ("last_sections", swap(8, "### Count 3", ""), "3 exercises"),
    ("recalled", swap(7, question(3), ""), "2 questions"),
    ("recalled", swap(7, "**3. How", "**4. How"), "must have the number 3"),
    ("recalled", swap(7, "Right: one more.", "Rightly."), "3 options, 0 right"),
    ("recalled", swap(7, "No, fewer.", "Right: fewer."), "3 options, 2 right"),
    ("recalled", swap(7, "<details>", "<details open>"), "0 options"),
    ("recalled", swap(7, page_shape.INVITED, "Choose."), "only ['Choose an answer"),
    ("recalled", swap(7, ">Four<", ">$4$<"), "'$4$': a <summary> is HTML"),
    ("recalled", swap(7, "**2.", "A hint.\n\n**2."), "'A hint.'"),
    ("only_ticks", put(9, outputs=stream("[1, 2]\n✓ x: right.\n")), "prints '[1, 2]'"),
]


@pytest.mark.parametrize(("rule", "change", "message"), PLANTED)
def test_a_planted_fault_breaks_its_rule_and_no_other(good, rule, change, message):
    change(good)
    found = broken(good)
    assert list(found) == [rule]
    assert message in found[rule]


def test_a_long_page_is_told(good):
    good.cells[2].source += BODY
    assert "the body has 1,8" in broken(good)["length"]


def test_a_page_of_much_code_is_told(good):
    good.cells[5:5] = [new_code_cell("\n".join(["x = 1"] * 12)) for _ in range(13)]
    assert "visible lines of code; at most 150" in broken(good)["little_code"]


def test_an_optional_page_names_reports_anywhere_and_needs_one_exercise(good):
    good.cells[0].source = good.cells[0].source.replace("*About", "*Optional. About")
    good.cells[2].source += " CIS6800 says so."
    good.cells[8].source = "## Exercises\n\n### Count"
    assert broken(good) == {}
