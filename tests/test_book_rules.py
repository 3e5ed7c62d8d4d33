"""Is each rule of the book broken by a notebook that breaks it, and by no other?"""

import base64
import copy

import book_rules
import book_text
import nbformat
import page_shape
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils import publish


def stream(text):
    return [new_output("stream", name="stdout", text=text)]


def picture(size=100):
    data = {"image/png": base64.b64encode(bytes(size)).decode(), "text/plain": "<Figure 7>"}
    return [new_output("display_data", data=data)]


def exercise(number):
    return [
        new_markdown_cell(f"### Exercise {number}: count\n\nHow many?"),
        new_code_cell('answer = ...\ncheck("n", answer)', outputs=stream("Not attempted yet.")),
        new_code_cell(
            '# @title Solution\ncheck("n", 3)',
            metadata=copy.deepcopy(book_rules.FOLDED),
            outputs=stream("✓ n: right."),
        ),
    ]


@pytest.fixture
def good():
    """A notebook that keeps every rule, with one cell of each kind."""
    cells = [
        new_markdown_cell("# A page\n\n## Objectives\n\n- You will train with rate 0.010."),
        new_code_cell(publish.setup_source("", ""), metadata=copy.deepcopy(publish.METADATA)),
        new_markdown_cell(
            "## Body\n\nThe rate is $\\eta = .01$; see `fit` and [the end](#summary)."
        ),
        new_code_cell(
            "history = fit(lr=1e-2, n=60_000)\nprint(history)",
            metadata={"tags": ["nbval-ignore-output"]},
            outputs=stream("accuracy 0.967"),
        ),
        new_code_cell('claim("More than 96.5 % are right.", True)', outputs=stream("✓ 96.5 %")),
        new_markdown_cell("It reaches 96.5 % of 60,000, that is 965 in a thousand (Python 3.11)."),
        new_code_cell(
            "%matplotlib inline\nplt.show()",
            metadata={
                "mystnb": {"image": {"alt": "Accuracy rises with the epochs."}},
                "tags": ["nbval-ignore-output"],
            },
            outputs=picture(),
        ),
        new_markdown_cell("## Summary\n\nIt works."),
        new_markdown_cell("## Exercises"),
        *(cell for number in range(1, 6) for cell in exercise(number)),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    for count, (_, cell) in enumerate(book_rules.code_cells(notebook), start=1):
        cell.execution_count = count
    return notebook


def broken_rules(notebook):
    """Each broken rule's name, and what it says."""
    found = {rule.__name__: list(rule(notebook)) for rule in book_rules.RULES}
    return {name: " ".join(messages) for name, messages in found.items() if messages}


def test_a_good_notebook_breaks_no_rule(good):
    assert broken_rules(good) == {}


def put(place, **values):
    """A change: set attributes of a cell, counted from 1 as the messages do."""
    return lambda notebook: notebook.cells[place - 1].update(values)


def write(place, text):
    """A change: add text to a cell."""
    return lambda notebook: notebook.cells[place - 1].update(
        source=notebook.cells[place - 1].source + text
    )


def drop(place):
    """A change: take a cell away."""

    def change(notebook):
        del notebook.cells[place - 1]
        for count, (_, cell) in enumerate(book_rules.code_cells(notebook), start=1):
            cell.execution_count = count

    return change


def set_metadata(place, **values):
    return lambda notebook: notebook.cells[place - 1].metadata.update(values)


STUB, SOLUTION = 11, 12


def draw_in_the_solution(notebook):
    put(SOLUTION, outputs=stream("✓ n: right.") + picture())(notebook)
    set_metadata(SOLUTION, mystnb={"image": {"alt": "Three points on a line."}})(notebook)


LONG = "\n".join(f"x{i} = {i}" for i in range(26))
FUNCTION = "\ndef f():\n" + "\n".join(f"    x{i} = {i}" for i in range(15))
HTML = {"text/html": '<script src="https://cdn.example.org/x.js"></script>'}

PLANTED = [
    ("objectives", put(1, source="# A page\n\n0.01"), "no box or heading 'Objectives'"),
    ("exercises", drop(STUB), "a stub and below it a cell '# @title Solution' are needed"),
    ("exercises", drop(SOLUTION), "'Exercise 1: count': a stub and below it"),
    ("exercises", put(STUB, outputs=stream("Right.")), "must print 'not attempted yet'"),
    ("exercises", put(SOLUTION, outputs=[]), "the solution must be checked"),
    ("exercises", put(SOLUTION, outputs=stream("✗ n: wrong. ✓")), "the solution must be checked"),
    ("exercises", put(SOLUTION, outputs=stream("[[1]]\n✓ n: right.")), "its tick only"),
    ("exercises", draw_in_the_solution, "its tick only"),
    ("exercises", set_metadata(SOLUTION, cellView="code"), "the solution's metadata must hold"),
    ("exercises", set_metadata(SOLUTION, tags=[]), "the solution's metadata must hold"),
    ("exercises", set_metadata(SOLUTION, jupyter={}), "the solution's metadata must hold"),
    ("short_code", put(7, source=LONG), "cell 7: 26 lines; at most 25"),
    ("short_code", write(7, FUNCTION), "cell 7: f has 16 lines; at most 15"),
    ("stored_outputs", put(7, execution_count=None), "cell 7: its count is None, not 4"),
    ("stored_outputs", put(7, execution_count=9), "cell 7: its count is 9, not 4"),
    ("stored_outputs", put(7, outputs=[new_output("error")]), "cell 7: stores an error"),
    ("stored_outputs", put(5, outputs=stream("96.5 % /tmp/ipykernel_1/2.py")), "of the machine"),
    ("stored_outputs", put(7, outputs=[new_output("display_data", data=HTML)]), "from outside"),
    ("stored_outputs", put(2, outputs=stream("x")), "the setup cell stores an output"),
    ("alternative_text", set_metadata(7, mystnb={}), "cell 7: stores a picture"),
    (
        "alternative_text",
        set_metadata(7, mystnb={"image": {"alt": "A plot."}}),
        "its mystnb.image.alt is 'A plot.'",
    ),
    ("small_figures", put(7, outputs=picture(3_000_001)), "the figures take 3,000,001 bytes"),
    ("checked_numbers", set_metadata(5, tags=["nbval-ignore-output"]), "cell 5: prints numbers"),
    ("warned_of_digits", write(5, "\nmnist = data.load()"), "cell 5: loads MNIST"),
    ("plain_metadata", lambda nb: nb.metadata.kernelspec.update(name="venv"), "'venv'"),
    ("plain_metadata", lambda nb: nb.metadata.kernelspec.pop("language"), "its language 'python'"),
    ("plain_metadata", lambda nb: nb.metadata.update(widgets={}), "the state of widgets"),
    ("portable_markdown", write(3, "\n\n```{note}\nx\n```"), "MyST directive"),
    ("portable_markdown", write(3, "\n\n:::{tip}\nx\n:::"), "MyST directive"),
    ("portable_markdown", write(3, " See {numref}`fig`."), "'{numref}' is a MyST role"),
    ("portable_markdown", write(3, "\n\n(label)=\n"), "MyST label"),
    ("portable_markdown", write(3, "\n\n$$x$$ (eq-x)"), "MyST label"),
    ("no_image_files", write(3, "![a net](net.png)"), "shows an image file"),
    ("no_image_files", write(3, '<img src="net.png">'), "shows an image file"),
    ("no_image_files", put(3, attachments={"a.png": {}}), "cell 3: has an attachment"),
    ("unique_headings", write(3, "\n\n# Another title"), "2 titles"),
    ("unique_headings", write(3, "\n\n### Body"), "the heading 'Body' stands 2 times"),
]


@pytest.mark.parametrize(("rule", "change", "message"), PLANTED)
def test_a_planted_fault_breaks_its_rule_and_no_other(good, rule, change, message):
    change(good)
    broken = broken_rules(good)
    assert list(broken) == [rule]
    assert message in broken[rule]


def test_a_page_of_reference_needs_no_plan_and_no_exercises_and_keeps_every_other_rule(good):
    good.cells = good.cells[:7]  # neither summary nor exercises
    assert list(broken_rules(good)) == ["exercises"]
    rules = book_rules.rules_for("curves")
    assert [list(rule(good)) for rule in rules] == [[]] * len(rules)
    left_out = [rule for rule in book_rules.RULES if rule not in rules]
    assert left_out == [book_rules.objectives, book_rules.exercises]
    assert book_rules.rules_for("09_new") == book_rules.RULES + page_shape.RULES


def test_a_notebook_without_outputs_is_told_to_run(good):
    for _, cell in book_rules.code_cells(good):
        cell.outputs, cell.execution_count = [], None
    assert "no cell stores an output; run make execute" in broken_rules(good)["stored_outputs"]


def test_a_lesson_may_be_long(good):
    good.cells[6].source += "\n" + LONG + FUNCTION
    good.cells[6].metadata.tags = ["lesson"]
    assert broken_rules(good) == {}


@pytest.mark.parametrize("code", ["`{tip}` and `x`", "~~~md\n{note}`x`\n~~~", "`f{a}` and `b`"])
def test_code_that_looks_like_myst_is_allowed(good, code):
    good.cells[2].source += f"\n\n{code}"
    assert broken_rules(good) == {}


def test_numbers_before_a_heading_are_not_checked_by_a_claim_after_it(good):
    good.cells.insert(4, new_markdown_cell("### Next"))
    assert "cell 4: prints numbers" in broken_rules(good)["checked_numbers"]


@pytest.mark.parametrize(
    "text",
    [
        "It reaches 0.9650, .965, 96.5 %, 96.5% or $96.5\\,\\%$.",
        "We use 60,000 images, $60{,}000$, or $6 \\times 10^{4}$, with 1e-2.",
        "Published in 2015, pages 448–456; Python 3.13; PyTorch 2.11.0; v1.2; Section 3.4.",
        "A 95 % interval. [Paper](https://example.org/1.5) <!-- 0.77 --> arXiv:1502.03167",
        "On [0, 1] and [0,255] and at (i,784) there are 28×28 pixels and 10 classes.",
        "1. Then 0.967, or 96.7 %, with 2.11.0. It is 28. See `05_x`.",
    ],
)
def test_computed_numbers_are_found_however_they_are_written(good, text):
    good.cells[2].source += "\n\n" + text
    assert list(book_text.computed_numbers(good)) == []


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("It reaches 97.1 %.", "97.1 %"),
        ("It reaches $97.1\\%$.", "97.1%"),
        ("It reaches 97%.", "97%"),
        ("It reaches 0.97.", "0.97"),
        ("The report says `.9671`.", ".9671"),
        ("It took 2.5s.", "2.5"),
        ("It is 1.4× slower.", "1.4"),
        ("It has 397,510 parameters.", "397,510"),
        ("It has $397{,}510$ parameters.", "397,510"),
        ("They agree to $3.1 \\cdot 10^{-7}$.", "3.1e-7"),
        ("It is −0.21.", "0.21"),
    ],
)
def test_a_number_that_nothing_computes_is_named(good, text, quoted):
    good.cells[2].source += "\n\n" + text
    (message,) = book_text.computed_numbers(good)
    assert f"cell 3: '{quoted}' stands in the text but in no code" in message


def test_text_that_arrives_in_pieces_is_the_same_text():
    for outputs in (stream("1 is\n2\n"), stream("1 i") + stream("s\n2\n")):
        assert book_text.output_text(new_code_cell(outputs=outputs)) == "1 is\n2\n"


def test_a_number_in_a_comment_is_not_computed(good):
    good.cells[2].source += "\n\nIt reaches 97.1 %."
    good.cells[3].source += "\n# it reached 97.1 once"
    assert "97.1" in broken_rules(good)["computed_numbers"]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("[x](other.md)", "'other.md' leads to no file"),
        ('<a href="gone.ipynb">x</a>', "'gone.ipynb' leads to no file"),
        ("[x](#nowhere)", "'#nowhere' leads to no heading of page.md"),
        ("[x](a.ipynb#nowhere)", "'a.ipynb#nowhere' leads to no heading of a.ipynb"),
        ("[x](a.ipynb#summary)", ""),
        ("[x](#the-page-in-brief) [y](#here) [z](https://example.org/none)", ""),
        ("`[x](other.md)` and $f[x](y)$", ""),
    ],
)
def test_links_are_followed(good, tmp_path, link, message):
    nbformat.write(good, tmp_path / "a.ipynb")
    page = tmp_path / "page.md"
    page.write_text(f"# The page, in *brief*\n\n(here)=\n\n{link}\n", encoding="utf-8")
    assert " ".join(book_text.broken_links(page)).removeprefix("the link ") == message
