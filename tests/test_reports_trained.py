"""What was trained: a row for each claim, and verdicts that follow from the records."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from made_up import finding, findings, record
from scipy import stats

from course_utils.data import Dataset
from course_utils.data.idx import TRAIN_IMAGES
from course_utils.experiments import REGISTRY, as_run, find, load
from course_utils.reports import Finding
from course_utils.reports.optimizers_and_depth import ONES
from course_utils.reports.runs import Runs, Side, accuracy, not_recorded
from course_utils.reports.trained import QUANTITIES

row = finding  # of a folder, a task and a quantity

# Of numbers that training gave, what is told in words.
BESIDE = {
    "001g": {f"test {what}, last epoch against epoch 10" for what in ("loss", "accuracy")},
    "001h": {"time of an epoch, against 001c"},
    "001j": {"test loss, a line through it from epoch 26 to the last"},
    "001k": {
        "test accuracy, against 001g",
        "test loss, a line through it from epoch 18 to the last",
    },
    "001l": {"test loss, a line through it from epoch 13 to the last"},
    "003l": {f"test accuracy, normalised input, rate {rate}" for rate in ("0.01", "0.002")},
}


@pytest.fixture(scope="module")
def shipped() -> list[Finding]:
    return of_training(findings())


def of_training(found: list[Finding]) -> list[Finding]:
    """The rows of claims, and those told in words."""
    return [
        f for f in found
        if f.table and f.task in CLAIMED
        and (f.quantity in BESIDE.get(f.task, ()) or f.quantity.split(", epoch")[0] in NAMES)
    ]  # fmt: skip


CLAIMED = {e.inventory.split()[-1] for e in REGISTRY.values() if e.inventory}
NAMES = {*QUANTITIES.values(), "test accuracy, best epoch"}


# What is there


def test_each_claim_of_the_registry_is_a_row(shipped):
    claims = Counter(e.inventory.split()[-1] for e in REGISTRY.values() for _ in e.claims)
    beside = Counter({task: len(quantities) for task, quantities in BESIDE.items()})
    assert Counter(r.task for r in shipped) == claims + beside


def test_each_task_that_was_trained_has_a_row(shipped):
    assert {r.task for r in shipped} == CLAIMED


def test_numbers_are_shown_as_the_report_prints_them(shipped):
    theirs = {(r.task, r.quantity): r.theirs for r in shipped}
    assert theirs["000n", "test accuracy, no eval()"] == "98.8 %"
    assert theirs["001a", "training accuracy"] == "> 98 %"
    assert theirs["001c", "test accuracy, epoch 20"] == "≈ 98 %"
    assert theirs["001d", "seconds, all epochs"] == "≈ 200"
    assert theirs["001j", "training accuracy"] == "100 %"
    assert theirs["001j", "test accuracy, best epoch"] == "99.18 %"
    assert theirs["002n", "test accuracy, no eval(), epoch 9"] == "99.20 %"
    assert theirs["002n", "test loss, no eval(), epoch 2"] == "0.0380"
    assert theirs["004a", "loss of the last batch, epoch 4"] == "1.5380"
    assert theirs["004n", "training accuracy"] == "99.60 %"


def test_what_csci4146_measured_is_reproduced_by_the_records_that_ship(shipped):
    for letter in "abcdefghijkl":
        (found,) = [
            r for r in shipped
            if (r.task, r.quantity) == (f"004{letter}", "test accuracy, no eval()")
        ]  # fmt: skip
        wide = letter == "a"  # plain SGD differs by more than two points from seed to seed
        assert found.verdict == ("cannot be told" if wide else "reproduced"), found
        assert "(n = 10)" in found.ours and ("too wide to tell" in found.why) == wide
        assert ("In eval mode" in found.why) == (letter in "efghijkl")


# Without a record


def test_without_a_record_nothing_is_told_and_the_command_is_given(tmp_path):
    for found in of_training(findings(tmp_path)):
        if found.quantity.startswith(("seconds", "time of", "test accuracy, against")):
            continue
        assert found.verdict == "cannot be told" and found.ours == "", found
        assert "Not recorded yet: `python -m course_utils run " in found.why


def test_the_command_records_as_many_seeds_as_are_wanted(tmp_path):
    few, many = as_run("001h"), as_run("003n")
    assert few.seeds < many.seeds
    for wanted, task in ((few, "001h"), (many, "003n")):
        command = f"`python -m course_utils run {wanted.name} --seeds 0-{wanted.seeds - 1}`"
        assert command in row(tmp_path, task, "test accuracy").why
    assert not_recorded(few, many).endswith(f"--seeds 0-{many.seeds - 1}`.")
    both = not_recorded(*find("003l"), *find("003l"))
    assert both.count("mlp-128-adam-normalized-lr-0.002") == 1


def test_a_single_seed_tells_nothing(tmp_path):
    record(tmp_path, "cnn-8-16-32-adam", [3], test_accuracy=[0.9909])
    found = row(tmp_path, "001g", "test accuracy")
    assert (found.verdict, found.ours) == ("cannot be told", "99.09 % (n = 1)")
    rise = row(tmp_path, "001g", "test loss, last epoch against epoch 10")
    assert rise.verdict == "cannot be told" and "two seeds" in rise.why


# With records made up


def around(claimed: float, offset: float) -> list[float]:
    """Three accuracies whose 95 % interval for one further run ends `offset` below `claimed`."""
    unit = np.array([-1, 0, 1]) * 0.0005
    reach = stats.t.ppf(0.975, 2) * unit.std(ddof=1) * np.sqrt(4 / 3)
    return (claimed - offset - reach + unit).tolist()


@pytest.mark.parametrize(
    "offset, verdict", [(0.00004, "reproduced"), (0.00006, "not reproduced")]
)  # half of the last digit of 98.74 % is 0.00005
def test_a_single_number_is_held_against_one_further_run(tmp_path, offset, verdict):
    record(tmp_path, "cnn-8-16-32-pool-first-sgd", range(3), test_accuracy=around(0.9874, offset))
    found = row(tmp_path, "001d", "test accuracy")
    assert found.verdict == verdict
    between = "One further run of ours would lie between "
    assert found.why.startswith(between) == (verdict == "not reproduced")


@pytest.mark.parametrize(
    "accuracy, loss, after",
    [
        ([0.9, 0.97, 0.99, 0.97], [0.3, 0.0560, 0.0559, 0.02], "that far after epoch 3 of 10."),
        ([0.9, 0.97, 0.98, 0.97], [0.3, 0.0560, 0.0561, 0.06], "never that far."),
    ],
)
def test_what_is_not_reproduced_says_when_our_mean_is_that_far(tmp_path, accuracy, loss, after):
    name = "cnn-32-32-64-bn-adam-lr-0.01"
    curves = {"as_run_accuracy": accuracy + [0.9] * 6, "as_run_loss": loss + [0.3] * 6}
    record(tmp_path, name, [0, 1], **{metric: [curve, curve] for metric, curve in curves.items()})
    for what in ("accuracy", "loss"):  # 98.24 % and 0.0559
        found = row(tmp_path, "002n", f"test {what}, no eval(), epoch 6")
        assert found.verdict == "not reproduced" and found.why.endswith(f"Our mean is {after}")


@pytest.mark.parametrize(
    "values, verdict",
    [([0.9803, 0.9804, 0.9805], "reproduced"), ([0.97, 0.99, 0.99], "not reproduced")],
)
def test_more_than_98_per_cent_is_more_over_the_whole_interval(tmp_path, values, verdict):
    record(tmp_path, "cnn-8-16-32-sgd", range(3), test_accuracy=values)
    found = row(tmp_path, "001c", "test accuracy")
    assert (found.theirs, found.verdict) == ("> 98 %", verdict)
    assert ("interval of our mean begins at 95.46 %." in found.why) == (verdict != "reproduced")


@pytest.mark.parametrize("accuracy, verdict", [(0.9851, "reproduced"), (0.9849, "not reproduced")])
def test_about_99_per_cent_is_what_rounds_to_it(tmp_path, accuracy, verdict):
    record(tmp_path, "cnn-8-16-32-deep-skip-1-sgd", range(2), test_accuracy=[accuracy] * 2)
    assert row(tmp_path, "001h", "test accuracy").verdict == verdict


@pytest.mark.parametrize(
    "points, verdict, why",
    [
        ([3, 3.1, 3.3], "reproduced", ""),
        ([2.3, 3, 3.7], "cannot be told", "The interval reaches beyond 2.5 to 4.5 points."),
        ([0.3, 0.5, 1], "not reproduced", "The interval lies outside 2.5 to 4.5 points."),
        ([5, 5.1, 5.3], "not reproduced", "The interval lies outside 2.5 to 4.5 points."),
    ],
)
def test_what_a_softmax_costs_is_held_against_3_to_4_points(tmp_path, points, verdict, why):
    """As the report measured, without eval()."""
    base = np.array([0.99, 0.991, 0.992])
    for name, accuracies in (("", base), ("-softmax", base - np.array(points) / 100)):
        record(
            tmp_path, f"cnn-32-32-64-bn{name}-adam-lr-0.01", range(3), as_run_accuracy=accuracies
        )
    found = row(tmp_path, "002o", "softmax at the end, removed")
    assert (found.verdict, found.why) == (verdict, why)
    assert found.ours.startswith(f"+{np.mean(points):.2f} points")


def test_about_20_epochs_to_98_per_cent_is_read_at_epoch_20(tmp_path):
    curve = np.full((2, 100), 0.999)
    curve[0, :20] = 0.98  # first reached after epoch 1
    curve[1, :20] = np.linspace(0.8, 0.981, 20)  # after epoch 20
    record(tmp_path, "cnn-8-16-32-sgd", range(2), test_accuracy=curve)
    found = row(tmp_path, "001c", "test accuracy, epoch 20")
    assert found.verdict == "reproduced" and found.ours.startswith("98.05 ")
    assert found.why == "Of our seeds 2 of 2 reach 98 %, after epoch 1 to 20."
    record(tmp_path, "cnn-8-16-32-sgd", range(2), test_accuracy=curve - 0.02)
    found = row(tmp_path, "001c", "test accuracy, epoch 20")
    assert found.verdict == "not reproduced" and "does not round to it" in found.why
    assert "after epoch 21 to 21" not in found.why


def test_an_accuracy_that_no_seed_reaches_is_said_so(tmp_path):
    record(tmp_path, "cnn-8-16-32-sgd", range(2), test_accuracy=[0.9] * 2)
    found = row(tmp_path, "001c", "test accuracy, epoch 20")
    assert found.why.endswith("Of our seeds 0 of 2 reach 98 %.")


def test_the_best_epoch_is_held_against_best_epochs(tmp_path):
    curve = np.full((3, 50), 0.98)
    curve[[0, 1, 2], [7, 30, 49]] = 0.9917, 0.9918, 0.9919
    record(tmp_path, "cnn-8-16-32-deep-bn-skip-1-sgd-lr-0.025", range(3), test_accuracy=curve)
    found = row(tmp_path, "001j", "test accuracy, best epoch")
    assert found.verdict == "reproduced" and found.ours.startswith("99.18 ")
    last = accuracy([0.98, 0.98, 0.9919])
    assert f"the best epoch's, chosen on the test set. Our last one gives {last}." in found.why


def test_a_network_that_is_not_quite_the_report_s_says_so(shipped):
    """Its deep networks go from a block straight into a pooling."""
    differing = {f.task for f in shipped if "Ours has a ReLU before each" in f.why}
    assert differing == {"001h", "001j", "001l"}


def test_jumping_is_counted_at_the_rate_given_up_and_at_the_other():
    found = row(None, "001g", "Adam at a rate of 0.01")
    rises = {}
    for rate in (0.01, 0.001):
        losses = load(f"cnn-8-16-32-adam-10-epochs-lr-{rate:g}-validation").curves("test_loss")
        rises[rate] = sum(b > a for curve in losses for a, b in pairwise(curve.tolist()))
    assert f"rises {rises[0.01]} times in 18 " in found.ours
    assert f"at 0.001, {rises[0.001]} times (n = 2)" in found.ours
    assert rises[0.01] > rises[0.001] and found.verdict == "cannot be told"


@pytest.mark.parametrize(
    "values, verdict",
    [
        ([0.1135, 0.1135, 0.1028], "reproduced"),
        ([0.1135, 0.1135, 0.1136], "not reproduced"),
        ([0.1135, 0.1135, 0.1], "not reproduced"),
    ],
)
def test_barely_better_than_random_is_what_a_constant_answer_gets(tmp_path, values, verdict):
    record(tmp_path, "cnn-8-16-32-deep-relu-lost-sgd", range(3), test_accuracy=values)
    found = row(tmp_path, "001i", "test accuracy")
    right = 3 if verdict == "reproduced" else 2
    assert found.verdict == verdict
    assert found.why.startswith(f"Of our 3 seeds {right} end above 10 % and not above 11.35 %")


def test_on_mnist_that_is_the_share_of_ones(mnist: Dataset):
    counts = torch.bincount(mnist.test.labels)
    assert counts.argmax() == 1
    assert counts[1].item() / len(mnist.test) == ONES
    assert len(mnist.train) == TRAIN_IMAGES.shape[0]


def test_beside_a_faulty_measurement_stands_the_right_one(tmp_path):
    name = "cnn-16-32-dropout-adam-14px"
    record(
        tmp_path, name, range(3), as_run_accuracy=[0.987, 0.988, 0.989], test_accuracy=[0.992] * 3
    )
    found = row(tmp_path, "000n", "test accuracy, no eval()")
    assert found.verdict == "reproduced"
    assert found.why == "In eval mode the same runs give 99.20 ± 0.00 % (n = 3)."


def test_003n_is_told_its_two_faults_and_what_is_right(tmp_path):
    record(tmp_path, "cnn-10-20-awake-relu-logits-sgd", range(3), test_accuracy=[0.94, 0.94, 0.941])
    found = row(tmp_path, "003n", "test accuracy")
    assert found.verdict == "not reproduced"
    assert "Dropout was awake" in found.why and "run cnn-10-20-sgd --seeds" in found.why
    record(tmp_path, "cnn-10-20-sgd", range(3), test_accuracy=[0.972] * 3)
    assert "With neither: 97.20 ± 0.00 % (n = 3)." in row(tmp_path, "003n", "test accuracy").why


def test_seconds_of_another_machine_are_never_judged(shipped):
    found = [r for r in shipped if r.quantity == "seconds, all epochs"]
    assert {r.task for r in found} == {f"001{letter}" for letter in "cdehijkl"}
    assert {r.verdict for r in found} == {"cannot be told"}
    ours = {r.task: r.ours for r in found}
    assert ours["001c"] == "46,900 steps of 128 images, 523,712 multiply-adds an image"
    assert ours["001h"] == "23,450 steps of 128 images, 4,587,968 multiply-adds an image"
    assert ours["001i"] == ours["001h"]  # with skips or without


# What is told in words


@pytest.mark.parametrize(
    "ends, verdict",
    [([0.061, 0.062, 0.063], "reproduced"), ([0.05, 0.07, 0.06], "not reproduced")],
)
def test_the_test_cost_rises_if_the_interval_of_the_rise_is_above_0(tmp_path, ends, verdict):
    curve = np.full((3, 100), 0.08)
    curve[:, 4], curve[:, 9], curve[:, -1] = 0.03, 0.055, ends
    record(tmp_path, "cnn-8-16-32-adam", range(3), test_loss=curve)
    found = row(tmp_path, "001g", "test loss, last epoch against epoch 10")
    assert (found.theirs, found.verdict) == ("slowly increases", verdict)
    assert found.why.endswith("Our mean is lowest after epoch 5.")


@pytest.mark.parametrize(
    "rises, verdict",
    [
        ([0.01, 0.0101], "reproduced"),
        ([0.01, -0.01], "cannot be told"),
        ([-0.01, -0.0101], "not reproduced"),
    ],
)
def test_a_cost_that_increases_is_judged_by_lines_through_its_last_half(tmp_path, rises, verdict):
    curves = [[0.9] * 17 + np.linspace(0.1, 0.1 + rise, 18).tolist() for rise in rises]
    record(tmp_path, "cnn-8-16-32-adam-lr-0.0005", range(2), test_loss=curves)
    found = row(tmp_path, "001k", "test loss, a line through it from epoch 18 to the last")
    assert found.verdict == verdict


def test_an_epoch_of_the_deep_network_takes_2_3_times_as_long(shipped):
    (found,) = [r for r in shipped if r.quantity == "time of an epoch, against 001c"]
    assert abs((168 / 50) / (146 / 100) - 2.3) < 0.05
    assert (found.ours, found.verdict) == ("2.3 times", "wrong in the report")
    assert found.why == "Its 168 s are of 50 epochs, the 146 s of 001c are of 100."


def test_slightly_better_is_worse(shipped):
    (found,) = [r for r in shipped if r.quantity == "test accuracy, against 001g"]
    assert (found.ours, found.verdict) == ("99.02 % against 99.09 %", "wrong in the report")
    assert "worse, by 0.07 points" in found.why


def test_the_rerun_that_was_left_out_has_ours(shipped):
    found = {r.quantity: r for r in shipped if r.task == "003l"}
    assert {(r.theirs, r.verdict) for r in found.values()} == {("", "cannot be told")}
    at_report = found["test accuracy, normalised input, rate 0.01"]
    assert at_report.ours.startswith("95.01 ") and at_report.why.endswith("(n = 10): worse.")


def test_the_rerun_is_paired_over_the_seeds_that_both_have(tmp_path):
    record(tmp_path, "mlp-128-adam", [0, 1, 2], test_accuracy=[0.96, 0.97, 0.98])
    record(tmp_path, "mlp-128-adam-normalized", [1, 2, 5], test_accuracy=[0.96, 0.97, 0.5])
    found = row(tmp_path, "003l", "test accuracy, normalised input, rate 0.01")
    assert "−1.00 points, 95 % interval −1.00 to −1.00 (n = 2): worse." in found.why


# Runs and sides


def test_several_experiments_are_averaged_seed_by_seed(tmp_path):
    record(tmp_path, "mlp-500-sgd", [0, 1, 2], test_accuracy=[0.1, 0.2, 0.3])
    record(tmp_path, "mlp-500-adam", [1, 2, 3], test_accuracy=[0.4, 0.7, 0.9])
    sgd, adam, rmsprop = (REGISTRY[f"mlp-500-{name}"] for name in ("sgd", "adam", "rmsprop"))
    runs = Runs(tmp_path)
    assert runs.by_seed(Side("both", sgd, adam)) == pytest.approx({1: 0.3, 2: 0.5})
    assert runs.by_seed(Side("both", sgd, rmsprop)) == {}
    assert runs.lacking(sgd, adam) == ""
    assert runs.lacking(sgd, adam, rmsprop) == not_recorded(rmsprop)


def test_a_side_can_be_of_any_epoch(tmp_path):
    record(tmp_path, "mlp-500-sgd", [0], test_accuracy=[[0.1, 0.2, 0.3, 0.4, 0.5]])
    sides = [Side("SGD", REGISTRY["mlp-500-sgd"], epoch=epoch) for epoch in (1, 4, None)]
    assert [Runs(tmp_path).by_seed(side)[0] for side in sides] == [0.1, 0.4, 0.5]


@pytest.mark.parametrize(
    "options, error",
    [
        ({"epoch": 0}, "epoch: 0 is invalid; use an integer from 1 to 10"),
        ({"epoch": 11}, "epoch: 11 is invalid; use an integer from 1 to 10"),
        ({"metric": "as_run_accuracy"}, "metric: mlp-128-adam has no as_run_accuracy"),
    ],
)
def test_a_side_that_cannot_be_is_refused(options, error):
    with pytest.raises(ValueError, match=error):
        Side("MLP", REGISTRY["mlp-128-adam"], **options)


def test_a_stale_record_is_refused(tmp_path, monkeypatch):
    record(tmp_path, "mlp-128-adam", [0], test_accuracy=[0.9])
    path = tmp_path / "mlp-128-adam" / "seed-0.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace(REGISTRY["mlp-128-adam"].hash, "0" * 12),
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="stale"):
        findings(tmp_path)
