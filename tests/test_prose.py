"""Computed text as a notebook shows it, and claims, which stop a notebook if they fail."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from course_utils.prose import Markdown, claim, table

MNIST = SimpleNamespace(is_mnist=True)
DIGITS = SimpleNamespace(is_mnist=False)


def test_a_notebook_gets_markdown_and_the_same_words_as_text():
    from IPython.core.formatters import DisplayFormatter

    shown, _ = DisplayFormatter().format(Markdown("a **b**"))
    assert shown["text/markdown"] == "a **b**" == shown["text/plain"]


def test_a_table_has_a_line_a_row():
    assert (
        table(["a", "b"], [["x", 1], ["y", 2.5]])
        == "| a | b |\n| --- | ---: |\n| x | 1 |\n| y | 2.5 |"
    )


@pytest.mark.parametrize("content, written", [
    ("|x|", r"\|x\|"),
    (r"$\lVert x \rVert \| y | z$", r"$\lVert x \rVert \| y \| z$"),
    ("one\ntwo", "one two"),
    ("one\r\n\ntwo\x85three", "one two three"),
    (np.array([[1], [2]]), "[[1] [2]]"),
])  # fmt: skip
def test_a_bar_or_a_new_line_does_not_end_a_cell(content, written):
    rows = table([content, "b"], [[content, 1]]).split("\n")
    assert rows == [f"| {written} | b |", "| --- | ---: |", f"| {written} | 1 |"]


def test_a_row_of_another_length_is_named():
    with pytest.raises(ValueError, match=r"rows: \['x'\] is invalid; use 2 cells"):
        table(["a", "b"], [["x"]])


# --- claims: what they print does not depend on the data


@pytest.mark.parametrize("true", [True, np.bool_(True), np.array([True]), torch.tensor(True)])
def test_a_claim_that_holds_is_printed(true, capsys):
    claim("Two is even.", true)
    assert capsys.readouterr().out == "✓ Two is even.\n"


@pytest.mark.parametrize("false", [False, np.bool_(False), np.array([False]), torch.tensor(False)])
def test_a_claim_that_fails_stops(false, capsys):
    with pytest.raises(AssertionError, match=r"^Two is odd\.$"):
        claim("Two is odd.", false)
    assert capsys.readouterr().out == ""


def test_the_words_are_the_same_on_every_data_set(capsys):
    claim("All is well.", True, on=MNIST)
    on_mnist = capsys.readouterr().out
    claim("All is well.", True, on=DIGITS)
    if_true = capsys.readouterr().out
    claim("All is well.", False, on=DIGITS)
    assert on_mnist == if_true == capsys.readouterr().out == "✓ On MNIST: All is well.\n"


def test_a_claim_about_mnist_is_asserted_on_mnist():
    with pytest.raises(AssertionError, match="^On MNIST: All is well"):
        claim("All is well.", False, on=MNIST)


@pytest.mark.parametrize(
    "verdict", [1, 0.0, float("nan"), None, "yes", [], np.array([True, True]), torch.ones(2) > 0]
)
@pytest.mark.parametrize("on", [None, DIGITS])
def test_what_is_no_verdict_is_refused(verdict, on):
    with pytest.raises(TypeError, match="holds: .* is invalid; use a single true or false"):
        claim("It holds.", verdict, on=on)
