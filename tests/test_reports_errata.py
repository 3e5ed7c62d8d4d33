"""The errata: all 22, each borne out by its finding, none that a changed course leaves behind."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from made_up import findings, record

from course_utils import exact, reports
from course_utils.reports import (
    Finding,
    cnn_baseline,
    mlp_optimizers,
    mnist_mlp,
    pen_and_paper,
)
from course_utils.reports.finding import SOURCES
from course_utils.reports.runs import Runs


@pytest.fixture(scope="module")
def shipped() -> list[Finding]:
    return reports.errata(findings())


def about(found: list[Finding], number: int) -> str:
    return " ".join(f"{e.says} {e.shows} {e.right}" for e in found if e.number == number)


def test_there_are_22_and_each_is_wrong_by_the_verdict_of_its_finding(shipped):
    assert {e.number for e in shipped} == set(range(1, 23))
    assert [e.number for e in shipped] == sorted(e.number for e in shipped)
    assert [e for e in shipped if not e.wrong] == []


def test_each_says_shows_and_puts_right(shipped):
    for erratum in shipped:
        assert erratum.says and erratum.shows and erratum.right, erratum
        assert erratum.report in SOURCES.values()
        texts = erratum.says, erratum.shows, erratum.right
        assert not any("nan" in text or "  " in text for text in texts), erratum
        assert all(text.endswith((".", "`.", "]", ")", ").")) for text in texts), erratum
    assert max(Counter((e.number, e.says, e.task) for e in shipped).values()) == 1


@pytest.mark.parametrize(
    "number, numbers",
    {
        1: ["J23 = 4.11.", "3 · (−1.1)", "it is 4.1,", "J23 = 0.8, and pooling gives 0.8."],
        2: ["reach 3, 9, 21, 27 pixels", "3, 9, 21, 27."],
        3: ["73,856"],
        4: ["98.8 %"],
        5: ["3.36 s", "1.46 s", "2.3 times", "8.8 times", "9 ReLUs", "12", "the 3 ReLUs"],
        6: ["128", "1,715 steps", "469", "99.09 %", "by 7 of 10,000"],
        7: ["0.99 %", "99.09 %"],
        8: ["0.693147"],
        10: ["58 %"],
        12: ["0.0430", "0.0239", "3.3 times"],
        13: ["60,000", "100 times", "8,490.", "101,770.", "from 0 to 20"],
        14: ["157 batches", "63.7 times"],
        15: ["95.4 %", "0.024 or more", "gradient is 0", "−0.95"],
        16: ["0.954 against 0.967", "1.3 points"],
        17: ["98.03 % for RMSprop", "97.90 % for Adam"],
        18: ["97.59 % after 98.03 %", "97.65 % after 97.90 %"],
        20: ["2.1930", "1.4068"],
        21: ["lowest pixel 0.00; with it they are"],
        22: ["14 of its 14", "78.27 for 78.47", "90.51 for 98.03", "96.57 for 96.78"],
    }.items(),
)
def test_the_numbers_are_those_of_the_run(shipped, number, numbers):
    text = about(shipped, number)
    for wanted in numbers:
        assert wanted in text, text


def test_the_report_s_map_is_wrong_by_arithmetic_too():
    """J23 by hand: 1·.2 + 9·.3 − 2·.1 + 0·.3 − 3·1.1 + 3·1 − 3·1 + 1·1.1 + 1·.3."""
    terms = "0.2 2.7 -0.2 0 -3.3 3 -3 1.1 0.3".split()
    assert sum(map(Fraction, terms)) == Fraction("0.8")
    assert Fraction("0.8") + Fraction("3.3") == Fraction("4.1")


@pytest.mark.parametrize(
    "place, name, printed",
    [((0, 0), "J11", "-2.8"), ((3, 2), "J43", "-4.4"), ((1, 2), "J23", "4.11")],
)
def test_a_cell_is_reproduced_if_the_report_is_right(monkeypatch, place, name, printed):
    """A condition that could not be false would show nothing."""
    right = exact.conv2d

    def as_reported(x, w, *, padding):
        J = right(x, w, padding=padding).copy()
        J[place] = Fraction(printed)
        return J

    monkeypatch.setattr(exact, "conv2d", as_reported)
    cells = {f.quantity: f for f in pen_and_paper.convolution()}
    assert cells[name].verdict == "reproduced"
    assert {q for q, f in cells.items() if f.wrong} == {"J23"} - {name}


def test_only_the_cell_whose_written_sum_is_wrong_is_an_erratum():
    """Where the products are right, it may be the scan that shows another result."""
    cells = {f.quantity: f for f in pen_and_paper.convolution()}
    assert [q for q, f in cells.items() if f.number] == ["J23"]
    for name, total in (("J11", "−2.3"), ("J41", "−7.1"), ("J43", "−0.4"), ("J44", "−4.8")):
        assert cells[name].verdict == "cannot be told"
        assert cells[name].ours == total
        assert f"written products add up to {total}" in cells[name].why


# With the records


def test_without_records_nothing_is_quoted_that_was_not_run(tmp_path):
    """Nor is an erratum told that only seeds can bear out."""
    found = reports.errata(findings(tmp_path))
    assert {e.number for e in found} == set(range(1, 23)) - {17, 18, 19}
    assert all(e.wrong for e in found)
    for number in (4, 11, 15, 16):
        assert "Not recorded yet: `python -m course_utils run cnn-" in about(found, number)
    assert "seeds" not in about(found, 20)
    assert "(n = " not in "".join(e.shows + e.right for e in found)


@pytest.mark.parametrize("proper, holds", [(0.992, True), (0.985, False)])
def test_the_missing_eval_must_have_cost_something(tmp_path, proper, holds):
    name = "cnn-16-32-dropout-adam-14px"
    record(tmp_path, name, [0, 1], as_run_accuracy=[0.988] * 2, test_accuracy=[proper] * 2)
    found = cnn_baseline.dropout_on(Runs(tmp_path))
    assert found.number == 4 and found.wrong == holds
    assert (f"{100 * proper:.2f} ± 0.00 % (n = 2)" in found.shows) == holds
    assert ("A run of ours that gives 98.8 % has it on." in found.shows) == holds


def test_what_a_plot_shows_that_nobody_has_is_no_erratum(tmp_path):
    curve = np.full((2, 10), 0.2)
    curve[:, -1] = 0.25
    record(tmp_path, "mlp-128-adam", [0, 1], test_loss=curve)
    _, found = mnist_mlp.loss_curve(Runs(tmp_path))
    assert (found.verdict, found.number) == ("cannot be told", 0)
    assert found.ours == "0.200 after epoch 1, 0.250 after epoch 10 (n = 2)"
    assert "It changes by +0.050 ± 0.000." in found.why


@pytest.mark.parametrize(
    "proper, share, holds",
    [(-0.001, "90 %", True), (0.002, "120 %", True), (-0.009, "10 %", False)],
)
def test_most_of_what_dropout_costs_must_be_the_measurement(tmp_path, proper, share, holds):
    for optimizer in ("sgd", "momentum", "rmsprop", "adam"):
        for network, as_run, test in (
            ("bn", [0.97, 0.96], [0.97, 0.96]),
            ("bn-dropout", [0.96, 0.95], [0.97 + proper, 0.96 + proper]),
        ):
            name = f"mlp-500-{network}-{optimizer}"
            record(tmp_path, name, [0, 1], as_run_accuracy=as_run, test_accuracy=test)
    (found,) = [f for f in mlp_optimizers.dropout(Runs(tmp_path)) if f.number == 19]
    assert found.wrong == holds and share in found.right


@pytest.mark.parametrize("gain, holds", [(0.05, True), (0.001, False)])
def test_the_last_epoch_of_sgd_must_bring_more_than_seeds_differ(tmp_path, gain, holds):
    curves = [[0.3, 0.4, 0.5, 0.7, 0.7 + gain], [0.3, 0.4, 0.5, 0.71, 0.71 + gain]]
    record(tmp_path, "mlp-500-sgd", [0, 1], test_accuracy=curves)
    found = mlp_optimizers.noise_of_sgd(Runs(tmp_path))
    assert found.number == 20 and found.wrong == holds
    assert (f"{100 * gain:.2f} points" in found.shows) == holds


@pytest.mark.parametrize(
    "bn, outcome", [([0.96, 0.955, 0.958], "backwards"), ([0.98, 0.985, 0.979], "holds")]
)
def test_batch_norm_must_not_help_over_seeds(tmp_path, bn, outcome):
    """The condition of an erratum about a conclusion is the conclusion's outcome."""
    for name, values in (("mlp-500-rmsprop", [0.968, 0.97, 0.971]), ("mlp-500-bn-rmsprop", bn)):
        record(tmp_path, name, range(3), as_run_accuracy=values, test_accuracy=values)
    (found,) = [
        f for f in mlp_optimizers.batch_norm(Runs(tmp_path)) if f.number == 18 and f.task == "004g"
    ]
    assert found.verdict == outcome and found.wrong == (outcome == "backwards")


@pytest.mark.parametrize(
    "adam, outcome",
    [
        ([0.97, 0.961, 0.95], "not told apart"),
        ([0.96, 0.95, 0.94], "backwards"),
        ([0.99, 0.98, 0.97], "holds"),
    ],
)
def test_adam_must_not_be_ahead_over_seeds(tmp_path, adam, outcome):
    record(tmp_path, "mlp-500-rmsprop", range(3), test_accuracy=[0.97, 0.96, 0.951])
    record(tmp_path, "mlp-500-adam", range(3), test_accuracy=adam)
    (found,) = [f for f in mlp_optimizers.findings(Runs(tmp_path)) if f.number == 17]
    assert found.verdict == outcome and found.wrong == (outcome != "holds")
