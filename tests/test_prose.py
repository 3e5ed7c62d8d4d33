"""Computed text: what a notebook shows of it."""

import pytest

from course_utils.prose import Markdown, table


def test_a_notebook_gets_markdown_and_the_same_words_as_text():
    from IPython.core.formatters import DisplayFormatter

    shown, _ = DisplayFormatter().format(Markdown("a **b**"))
    assert shown["text/markdown"] == "a **b**" == shown["text/plain"]


def test_a_table_has_a_line_a_row():
    assert (
        table(["a", "b"], [["x", 1], ["y", 2.5]])
        == "| a | b |\n| --- | ---: |\n| x | 1 |\n| y | 2.5 |"
    )


def test_a_row_of_another_length_is_named():
    with pytest.raises(ValueError, match=r"rows: \['x'\] has 1 cells; the header has 2"):
        table(["a", "b"], [["x"]])
