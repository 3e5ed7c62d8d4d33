"""What survives: outcomes follow from paired seeds, and nothing is told that is not recorded."""

from collections import Counter
from pathlib import Path

import pytest
from made_up import findings, record

from course_utils import reports
from course_utils.experiments import REGISTRY
from course_utils.reports import OUTCOMES, Anchor, Conclusion
from course_utils.reports.conclusions import after_holm, conclude
from course_utils.reports.runs import Runs, Side

ADAM, RMSPROP = "mlp-500-adam", "mlp-500-rmsprop"
HERE = Anchor("05b_recipes", "What ten seeds show")


def concluded(folder: Path, expected: str, metric: str = "test_accuracy") -> Conclusion:
    sides = (Side(name, REGISTRY[name], metric=metric) for name in (ADAM, RMSPROP))
    return conclude(Runs(folder), "004d", "Adam is best", expected, *sides, HERE)


@pytest.fixture(scope="module")
def shipped() -> list[Conclusion]:
    return reports.conclusions(findings())


def answered(
    folder: Path, expected: str, adam: list[float], rmsprop: list[float], metric="test_accuracy"
) -> Conclusion:
    record(folder, ADAM, range(len(adam)), **{metric: adam})
    record(folder, RMSPROP, range(len(rmsprop)), **{metric: rmsprop})
    return concluded(folder, expected, metric)


# Outcomes


@pytest.mark.parametrize(
    "adam, outcomes",
    [
        # by what is expected: better, worse, no difference
        ([0.98, 0.97, 0.96], ("holds", "backwards", "backwards")),
        ([0.96, 0.95, 0.94], ("backwards", "holds", "backwards")),
        ([0.98, 0.95, 0.95], ("not told apart", "not told apart", "not told apart")),
        ([0.97, 0.9601, 0.9501], ("not told apart", "not told apart", "holds")),  # within a margin
        ([0.9704, 0.9605, 0.9504], ("holds", "backwards", "holds")),  # a difference too small
    ],
)
def test_an_outcome_follows_from_the_paired_differences(tmp_path, adam, outcomes):
    rmsprop = [0.97, 0.96, 0.95]
    for expected, outcome in zip(("better", "worse", "indistinguishable"), outcomes, strict=True):
        assert answered(tmp_path, expected, adam, rmsprop).verdict == outcome


def test_other_networks_are_compared_by_their_means(tmp_path):
    record(tmp_path, ADAM, [0, 1, 2], test_accuracy=[0.95, 0.97, 0.96])
    record(tmp_path, "mlp-500-bn-adam", [5, 6], test_accuracy=[0.9, 0.91])
    sides = (Side(name, REGISTRY[name]) for name in (ADAM, "mlp-500-bn-adam"))
    found = conclude(Runs(tmp_path), "004d", "Plain is best", "better", *sides, HERE)
    assert found.comparison.test == "Welch, n = 3 and 2" and found.verdict == "holds"
    assert found.comparison.difference == pytest.approx(0.055)


def test_networks_that_begin_alike_are_compared_in_pairs(shipped):
    tests = {c.theirs: c.comparison.test.split(",")[0] for c in shipped}
    assert tests["Adam is better than SGD"] == "paired"
    assert tests["The deep network needs its skips (control put right)"] == "paired"
    assert tests["A ReLU on the logits changes nothing"] == "paired"
    assert tests["Batch norm improves Adam (as run)"] == "Welch"
    best = next(says for says in tests if says.startswith("The residual network with batch norm"))
    assert tests[best] == "Welch"


def test_what_no_report_says_is_ours_to_ask(shipped):
    asked = Counter(c.task for c in shipped if c.asked)
    assert asked == {
        "000l": 1, "000n": 1, "001g": 1, "002n": 1, "003l": 2, "003n": 3, "004a": 1, "004d": 1,
        "004e": 1, "004i": 1, "004n": 1,
    }  # fmt: skip
    assert not [c for c in shipped if c.asked and c.cites]
    assert all(c.cites for c in shipped if not c.asked)


def test_taken_together_fewer_conclusions_stand(shipped):
    left = after_holm(shipped)
    for c, outcome in zip(shipped, left, strict=True):
        assert outcome in (c.verdict, "not told apart")
    lost = {c.task for c, o in zip(shipped, left, strict=True) if c.verdict != o}
    assert lost == {"000l", "002o", "004g", "004h"}


def test_a_lower_loss_is_better(tmp_path):
    low, high = [0.1, 0.2, 0.3], [0.2, 0.3, 0.4]
    assert answered(tmp_path, "better", low, high, "test_loss").verdict == "holds"
    assert answered(tmp_path, "better", high, low, "test_loss").verdict == "backwards"


def test_runs_that_are_bit_for_bit_equal_do_not_differ(tmp_path):
    found = answered(tmp_path, "indistinguishable", [0.97, 0.96], [0.97, 0.96])
    assert found.verdict == "holds" and found.comparison.difference == 0


def test_seeds_are_paired_by_number_and_others_left_out(tmp_path):
    record(tmp_path, ADAM, [1, 2, 9], test_accuracy=[0.95, 0.97, 0.1])
    record(tmp_path, RMSPROP, [0, 1, 2], test_accuracy=[0.99, 0.94, 0.96])
    found = concluded(tmp_path, "better")
    assert found.comparison.n == 2
    assert found.comparison.difference == pytest.approx(0.01)
    assert found.verdict == "holds"


@pytest.mark.parametrize("seeds", [([0], [0]), ([0, 1], [1, 2]), ([0, 1], [2, 3])])
def test_fewer_than_two_seeds_in_common_are_not_enough(tmp_path, seeds):
    for name, own in zip((ADAM, RMSPROP), seeds, strict=True):
        record(tmp_path, name, own, test_accuracy=[0.9] * len(own))
    found = concluded(tmp_path, "better")
    assert (found.verdict, found.comparison) == ("not recorded yet", None)
    assert found.why == "Fewer than two seeds in common so far."


def test_one_side_without_a_record_is_named_with_its_command(tmp_path):
    record(tmp_path, ADAM, [0, 1], test_accuracy=[0.9, 0.9])
    found = concluded(tmp_path, "better")
    assert found.verdict == "not recorded yet" and found.comparison is None
    assert f"run {RMSPROP} --seeds 0-" in found.why and ADAM not in found.why


def test_without_any_record_no_conclusion_is_drawn(tmp_path):
    found = reports.conclusions(findings(tmp_path))
    assert len(found) == 38
    assert {c.verdict for c in found} == {"not recorded yet"}
    assert all("python -m course_utils run" in c.why for c in found)


# The reports' conclusions


def test_the_conclusions_of_the_mlps_are_as_ten_seeds_have_them(shipped):
    found = {c.theirs: c for c in shipped}
    wanted = {
        "Adam is the best of the four optimizers": "not told apart",
        "Adam is better than momentum": "holds",
        "SGD is at its end after five epochs: the last one brings nothing": "backwards",
        "Batch norm improves SGD (as run)": "holds",
        "Batch norm improves momentum (as run)": "holds",
        "Batch norm improves RMSprop (as run)": "backwards",
        "Batch norm improves Adam (as run)": "backwards",
        "Batch norm improves RMSprop (eval mode)": "not told apart",
        "Batch norm improves Adam (eval mode)": "not told apart",
        "Dropout lowers the accuracy slightly (mean of four optimizers, as run)": "holds",
        "Normalised input helps (at the report's rate)": "backwards",
        "Normalised input helps (at a fifth of the rate)": "not told apart",
    }
    assert {says: found[says].verdict for says in wanted} == wanted


def test_most_of_what_dropout_costs_is_the_missing_eval(shipped):
    as_run, proper = (
        c.comparison.difference for c in shipped if c.theirs.startswith("Dropout lowers")
    )
    assert as_run < 5 * proper < 0


def test_each_task_with_a_conclusion_is_asked(shipped):
    tasks = {c.task for c in shipped}
    assert tasks >= {
        "000l", "000n", "001d", "001e", "001g", "001h", "001j", "001k", "001l", "002n", "002o",
        "003l", "003n", "003o", "004a", "004d", "004e", "004f", "004g", "004h", "004i", "004n",
    }  # fmt: skip
    assert len({c.theirs for c in shipped}) == len(shipped)


def test_003n_is_put_right_one_fault_at_a_time(shipped):
    names = [(c.a.names, c.b.names) for c in shipped if c.task == "003n"]
    stems = "awake-relu-logits-", "awake-", "relu-logits-"
    assert names == [((f"cnn-10-20-{s}sgd",), ("cnn-10-20-sgd",)) for s in stems]


def test_without_eval_means_the_same_runs_measured_twice(shipped):
    found = [c for c in shipped if "eval() would change nothing" in c.theirs]
    assert {c.task for c in found} == {"000n", "002n", "004e", "004i"}
    for c in found:
        assert c.a.names == c.b.names
        assert (c.a.metric, c.b.metric) == ("as_run_accuracy", "test_accuracy")


def test_the_last_epoch_of_sgd_is_compared_with_the_one_before(shipped):
    (last,) = [c for c in shipped if c.task == "004a"]
    assert last.a.names == last.b.names == ("mlp-500-sgd",)
    assert (last.a.epoch, last.b.epoch) == (None, 4)


def test_the_control_is_compared_both_as_run_and_put_right(shipped):
    skip = {c.b.names[0] for c in shipped if c.task == "001h"}
    assert skip == {"cnn-8-16-32-deep-relu-lost-sgd", "cnn-8-16-32-deep-sgd"}


def test_each_conclusion_is_whole(shipped):
    for c in shipped:
        assert c.verdict in OUTCOMES and c.theirs and c.a.label and c.a.label != c.b.label
        assert c.quantity == f"{c.a.label} against {c.b.label}"
        assert set(c.a.names + c.b.names) <= set(REGISTRY)
        assert (c.comparison is None) == (c.verdict == "not recorded yet") == bool(c.why)
        assert bool(c.ours) == (c.comparison is not None)


def test_conclusions_come_report_by_report(shipped):
    codes = [c.task[:3] for c in shipped]
    assert codes == sorted(codes)


def test_a_loss_is_not_compared_with_an_accuracy():
    a, b = Side("a", REGISTRY[ADAM]), Side("b", REGISTRY[RMSPROP], metric="test_loss")
    with pytest.raises(ValueError, match="b: test_loss cannot be compared with test_accuracy"):
        conclude(Runs(), "004d", "x", "better", a, b, HERE)
