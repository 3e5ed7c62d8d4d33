"""A finding, and the rules by which its verdict falls."""

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import nbformat
import pytest
from book_text import headings

from course_utils.reports.finding import OUTCOMES, Anchor, Erratum, Finding
from course_utils.reports.rules import (
    as_printed,
    computed,
    listed,
    measured,
    power_above,
    stated,
    untold,
)

BOOK = Path(__file__).parents[1] / "book"
HERE = Anchor("01a_convolution", "The loss")
WHY = "It is so."


def test_a_place_has_the_anchor_that_the_book_gives_its_heading():
    make_id = pytest.importorskip("docutils.nodes").make_id
    notebooks = [nbformat.read(path, as_version=4) for path in BOOK.glob("*.ipynb")]
    sources = [c.source for n in notebooks for c in n.cells if c.cell_type == "markdown"]
    found = [heading for source in sources for _, heading in headings(source)]
    assert len(found) > 100
    for heading in found:
        assert Anchor("page", heading).href == f"page.html#{make_id(heading)}"


# Numbers as printed


@pytest.mark.parametrize(
    "text, value, half",
    [
        ("98.8 %", "98.8", "0.05"),
        ("98.80%", "98.80", "0.005"),
        ("−2.8", "-2.8", "0.05"),
        ("-6", "-6", "0.5"),
        ("102,764,544", "102764544", "0.5"),
        (".954", "0.954", "0.0005"),
        ("5.", "5", "0.5"),
        (" 9 ", "9", "0.5"),
    ],
)
def test_a_printed_number_is_known_to_half_a_unit_of_its_last_digit(text, value, half):
    assert as_printed(text) == (Decimal(value), Decimal(half))


@pytest.mark.parametrize("text", ["", "about 9", "1/3", "5, 9", "1e3", "--2", "9.7.1", "%", "٣"])
def test_what_is_not_one_number_is_refused(text):
    with pytest.raises(ValueError, match=f"text: {text!r} is invalid; use one number"):
        as_printed(text)


# Numbers that have one right value


@pytest.mark.parametrize(
    "theirs, ours, right",
    [
        ("9.7", Fraction(97, 10), True),
        ("9.7", 9.75, True),
        ("9.7", 9.7500001, False),
        ("9.7", 9.65, True),
        ("9.7", 9.6499999, False),
        ("0.333", Fraction(1, 3), True),
        ("0.3333", Fraction(3334, 10_000), False),
        ("0.80", 0.806, False),
        ("0.8", 0.806, True),
        ("−2.8", Fraction(-14, 5), True),
        ("−2.8", Fraction(14, 5), False),
        ("−6", -6.5, True),
        ("−6", -6.51, False),
        ("1,792", 1792, True),
        ("1792", 1793, False),
        ("98.8 %", 0.9875, True),
        ("98.8 %", 0.98749, False),
        ("98.8 %", Fraction(988, 1000), True),
        ("0", 0, True),
    ],
)
def test_a_number_is_reproduced_if_it_rounds_to_what_is_printed(theirs, ours, right):
    row = computed("000a", "J", theirs, ours, HERE, why=WHY)
    assert row.verdict == ("reproduced" if right else "wrong in the report")
    assert (row.difference == "0") is right
    assert row.why == ("" if right else WHY)


@pytest.mark.parametrize(
    "theirs, ours, shown, difference",
    [
        ("9.70", Fraction(97, 10), "9.7", "0"),  # an exact number has no zeros at its end
        ("9.70", 9.7, "9.70", "0"),
        ("4.11", Fraction(4, 5), "0.8", "−3.31"),
        ("−4.4", Fraction(-2, 5), "−0.4", "+4"),
        ("73586", 73_856, "73,856", "+270"),
        ("100", 90, "90", "−10"),
        ("100", Fraction(90), "90", "−10"),
        ("3", Fraction(1, 3), "0.33", "−2.67"),
        ("21435.4570", 21435.474443, "21,435.474443", "+0.017443"),
        ("98.8 %", 0.9912, "99.120 %", "+0.32"),
        ("0.13066047430038452", 0.13066047430038452, "0.13066047430038452", "0"),
    ],
)
def test_ours_is_shown_with_as_many_digits_and_two_more_where_it_differs(
    theirs, ours, shown, difference
):
    row = computed("000a", "J", theirs, ours, HERE, why=WHY)
    assert (row.theirs, row.ours, row.difference) == (theirs, shown, difference)


def test_a_rounding_that_a_machine_decides_can_be_allowed_for():
    sums = [computed("002b", "sum", "10.0", x, HERE, within=0.2, why=WHY) for x in (10.25, 10.26)]
    assert [row.verdict for row in sums] == ["reproduced", "wrong in the report"]


def test_ours_can_be_shown_as_one_likes():
    assert computed("002b", "sum", "1769.3123", 1769.31224, HERE, spec=".8f", why=WHY).ours == (
        "1769.31224000"
    )


def test_a_number_that_differs_needs_a_reason():
    with pytest.raises(ValueError, match="why: 000j, conv 2: 'wrong in the report' needs a reason"):
        computed("000j", "conv 2", "73586", 73_856, HERE)


@pytest.mark.parametrize("ours", [math.nan, math.inf, -math.inf])
def test_ours_must_be_finite(ours):
    with pytest.raises(ValueError, match=f"ours: {ours} is invalid; use a finite number"):
        computed("000j", "conv 2", "73586", ours, HERE, why=WHY)


def test_a_number_that_differs_has_the_verdict_that_was_named():
    row = computed("000a", "J11", "−2.8", -2.3, HERE, otherwise="cannot be told", why=WHY)
    assert (row.verdict, row.difference) == ("cannot be told", "+0.5")
    row = computed("000a", "J11", "−2.8", -2.8, HERE, otherwise="cannot be told", why=WHY)
    assert row.verdict == "reproduced"


def test_every_rule_hands_its_citation_on():
    for row in (
        computed("000f", "fields", "3", 3, HERE, cites="as here"),
        listed("000f", "fields", "3", [3], HERE, cites="as here"),
        stated("000f", "fields", "3", "3", HERE, holds=True, cites="as here"),
        untold("000f", "fields", "3", HERE, why=WHY, cites="as here"),
        measured("000f", "fields", "3", [3, 3.1], HERE, cites="as here"),
    ):
        assert row.cites == "as here"


# Answers of several numbers


@pytest.mark.parametrize(
    "theirs, ours, right",
    [
        ("3, 6", [3, 6], True),
        ("5, 9, 13", [3, 9, 21, 27], False),
        ("3, 6", [6, 3], False),
        ("3, 6", [3], False),
        ("3", [3, 6], False),
        ("3, 6", [3, 7], False),
        ("0.5, −2", [Fraction(1, 2), -2.4], True),
        ("0.5, −2", [Fraction(1, 2), -2.6], False),
    ],
)
def test_a_list_is_reproduced_whole_or_not_at_all(theirs, ours, right):
    row = listed("000f", "fields", theirs, ours, HERE, why=WHY)
    assert row.verdict == ("reproduced" if right else "wrong in the report")
    assert row.difference == ("0" if right else "")


def test_a_list_shows_each_number_as_the_report_would():
    row = listed("000f", "fields", "0.5, −2, 300", [Fraction(1, 2), -1.25, 300], HERE, why=WHY)
    assert row.ours == "0.5, −1.2, 300"


def test_a_list_in_which_something_is_no_number_is_refused():
    with pytest.raises(ValueError, match="text: '6 or so' is invalid"):
        listed("000f", "fields", "3, 6 or so", [3, 6], HERE)


# Sentences, and what cannot be told


def test_a_sentence_is_reproduced_if_its_condition_holds():
    row = stated("002f", "L2", "symmetric", "even", HERE, holds=True, why=WHY)
    assert (row.verdict, row.why, row.difference) == ("reproduced", "", "")
    assert (row.theirs, row.ours) == ("symmetric", "even")


@pytest.mark.parametrize("otherwise", ["wrong in the report", "not reproduced", "cannot be told"])
def test_a_sentence_that_fails_has_the_verdict_that_was_named(otherwise):
    row = stated("002f", "L2", "a", "b", HERE, holds=False, otherwise=otherwise, why=WHY)
    assert (row.verdict, row.why) == (otherwise, WHY)


def test_a_sentence_that_fails_is_wrong_unless_said_otherwise_and_needs_a_reason():
    assert stated("002f", "L2", "a", "b", HERE, holds=False, why=WHY).verdict == (
        "wrong in the report"
    )
    with pytest.raises(ValueError, match="needs a reason"):
        stated("002f", "L2", "a", "b", HERE, holds=False)


@pytest.mark.parametrize("holds", [1, None, "yes", [True], math.nan])
def test_a_condition_is_one_true_or_false(holds):
    with pytest.raises(TypeError, match="holds: .* is invalid; use one true or false"):
        stated("002f", "L2", "a", "b", HERE, holds=holds, why=WHY)


def test_what_cannot_be_told_has_a_reason_and_ours_beside_it():
    row = untold("000a", "J14", "0.8", HERE, why="Illegible.")
    assert (row.theirs, row.ours, row.verdict) == ("", "0.8", "cannot be told")
    with pytest.raises(ValueError, match="needs a reason"):
        untold("000a", "J14", "0.8", HERE, why="")


# Numbers that training gave


@pytest.mark.parametrize(
    "theirs, relation, values, verdict",
    [
        ("97.0 %", "=", [0.9685, 0.97, 0.9715], "reproduced"),
        ("96.3 %", "=", [0.9685, 0.97, 0.9715], "reproduced"),  # within 0.745 points and a rounding
        ("96.2 %", "=", [0.9685, 0.97, 0.9715], "not reproduced"),
        ("97.0 %", "=", [0.96, 0.97, 0.98], "cannot be told"),  # 9.9 points wide
        ("91.9 %", "=", [0.96, 0.97, 0.98], "not reproduced"),  # outside all the same
        ("0.50", "=", [0.45, 0.5, 0.55], "reproduced"),  # 0.497 wide
        ("0.50", "=", [0.449, 0.5, 0.551], "cannot be told"),  # 0.507 wide
        ("98.8 %", "=", [0.9878, 0.9878], "reproduced"),  # no spread, but it rounds to theirs
        ("98.8 %", "=", [0.9874, 0.9874], "not reproduced"),
        ("0.5", ">", [0.61, 0.62, 0.63], "reproduced"),
        ("0.6", ">", [0.61, 0.62, 0.63], "not reproduced"),  # the interval begins at 0.595
        ("0.7", "≈", [0.6, 0.75], "reproduced"),
        ("0.7", "≈", [0.6, 0.69], "not reproduced"),
        ("0.7", "≈", [0.69], "reproduced"),
        ("0.7", "=", [0.7], "cannot be told"),
        ("0.5", ">", [0.7], "cannot be told"),
    ],
)
def test_a_single_run_is_held_against_where_one_more_of_ours_would_lie(
    theirs, relation, values, verdict
):
    row = measured("004a", "accuracy", theirs, values, HERE, relation=relation, why=WHY)
    assert row.verdict == verdict
    assert row.chance == (relation == "=" and len(values) > 1)


def test_a_difference_that_rounds_to_nothing_has_no_minus():
    row = measured("004b", "accuracy", "90.62 %", [0.90618, 0.90617], HERE)
    assert row.difference == "+0.00"


def test_ours_is_the_mean_with_its_interval_and_the_number_of_seeds():
    row = measured("004a", "accuracy", "97.5 %", [0.97, 0.96, 0.98], HERE, relation=">", why=WHY)
    assert (row.theirs, row.ours, row.difference) == ("> 97.5 %", "97.00 ± 2.48 % (n = 3)", "−0.50")
    loss = measured("004a", "loss", "1.4068", [1.4], HERE)
    assert (loss.ours, loss.difference) == ("1.4000 (n = 1)", "−0.0068")


# Findings


@pytest.mark.parametrize("task", ["000", "005a", "000q", "0001a", "000A", ""])
def test_a_finding_names_a_task_of_the_inventory(task):
    with pytest.raises(ValueError, match=f"task: {task!r} is invalid; use an inventory number"):
        Finding(task, "J", "1", "1", "reproduced", HERE)


def test_a_finding_has_one_of_the_verdicts():
    with pytest.raises(ValueError, match="verdict: 'right' is invalid; use 'reproduced', "):
        Finding("000a", "J", "1", "1", "right", HERE)


def test_a_finding_knows_its_report_and_keeps_its_place():
    row = computed("003h", "parameters", "101,770", 101_770, HERE)
    assert (row.report, row.place) == ("DS5220", HERE)


@pytest.mark.parametrize("verdict", ["not reproduced", "wrong in the report", *OUTCOMES[1:3]])
def test_what_is_wrong_can_be_an_erratum(verdict):
    entry = Finding("000a", "J", "2", "3", verdict, HERE, WHY, erratum=Erratum(1))
    assert entry.wrong and entry.number == 1
    assert (entry.says, entry.right, entry.shows) == ("2.", "3.", WHY)


@pytest.mark.parametrize("verdict", ["reproduced", "cannot be told", "holds", "not recorded yet"])
def test_what_is_right_or_untold_is_not_wrong(verdict):
    entry = Finding("000a", "J", "2", "3", verdict, HERE, WHY)
    assert not entry.wrong and entry.number == 0


def test_an_erratum_has_words_of_its_own_and_shows_ours_beside_them():
    entry = Finding("000a", "J", "a", "so it is 3", "wrong in the report", HERE, WHY)
    told = replace(entry, erratum=Erratum(1, "It is 2.", "Add up."))
    assert (told.says, told.right, told.shows) == ("It is 2.", "Add up.", f"So it is 3. {WHY}")
    said = replace(entry, ours="3", erratum=Erratum(1, "It is 2.", "It is 3."))
    assert said.shows == WHY  # what is right says it already


def test_rounding_errors_are_told_by_the_power_of_ten_above_them():
    told = [power_above(x) for x in (7.6e-7, 1e-6, 0.0, 3e-17, 0.5)]
    assert told == ["1e-6", "1e-6", "1e-14", "1e-14", "1e0"]
    for error in (-1e-9, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"error: {error} is invalid; use a finite number"):
            power_above(error)


def test_an_interval_that_passes_100_per_cent_shows_its_seeds_too():
    beyond = measured("004a", "accuracy", "100 %", [0.9999, 1.0, 0.998], HERE)
    assert beyond.ours == "99.93 ± 0.28 % (n = 3); seeds 99.80 to 100.00"
    assert "seeds" not in measured("004a", "accuracy", "97 %", [0.97, 0.96, 0.97], HERE).ours
