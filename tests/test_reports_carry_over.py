"""Whether verdicts carry over from MNIST to MNIST-1D: the pairs, and what is made of them."""

import numpy as np
import pytest
from made_up import record

from course_utils.evaluation import MARGIN, compare
from course_utils.experiments import TUNINGS
from course_utils.reports.carry_over import SIGNAL_MARGIN, CarryOver, carry_over, choices
from course_utils.reports.runs import Runs, begin_alike

CHOICES = list(choices())
each_choice = pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.says)


@each_choice
def test_a_choice_is_the_same_on_both_data_sets(choice):
    for mnist, signals in zip(choice.mnist, choice.signals, strict=True):
        assert mnist.metric == signals.metric and len(mnist.names) == len(signals.names)
        assert signals.epoch is None
        for one, other in zip(mnist.experiments, signals.experiments, strict=True):
            assert (one.dataset, other.dataset) == ("mnist", "mnist1d")
            assert (one.model, one.optimizer, one.loss) == (
                other.model,
                other.optimizer,
                other.loss,
            )
            apart = {"in_features", "dims"}
            assert {k: v for k, v in other.model_args.items() if k not in apart} == one.model_args
            of_mnist = {"unit": "unit", "standard": "standard" if "normal" in one.name else "unit"}
            if "normalised" in choice.says:
                assert of_mnist[one.normalization] == other.normalization
    a, b = choice.signals
    assert a.names != b.names or a.metric != b.metric
    assert begin_alike(*choice.mnist) == begin_alike(a, b)


def test_there_is_a_choice_of_every_kind_and_each_once():
    words = [choice.says for choice in CHOICES]
    assert len(set(words)) == len(words) >= 18
    for kind in ("Adam, not SGD", "batch norm", "dropout", "no eval()", "normalised",
                 "pooling before ReLU", "tanh", "no skips", "a skip past each", "ReLUs lost",
                 "not an MLP", "ReLU on the logits"):  # fmt: skip
        assert any(kind in word for word in words), kind


def test_all_on_signals_and_what_was_searched_on_mnist_are_at_their_best_rates():
    for choice in CHOICES:
        for side in (*choice.mnist, *choice.signals):
            for e in side.experiments:
                searched = [t for t in TUNINGS.values() if t.base.dataset == e.dataset
                            and (t.base.model, t.base.model_args, t.base.optimizer, t.base.epochs)
                            == (e.model, e.model_args, e.optimizer, e.epochs)
                            and t.base.normalization == e.normalization]  # fmt: skip
                assert searched or e.dataset == "mnist"
                assert all(t.best == e.optimizer_args["lr"] for t in searched), e.name


def test_the_differences_are_those_of_the_records(tmp_path):
    accuracies = {
        "mlp-500-adam": [0.981, 0.982, 0.983], "mlp-500-sgd-lr-1": [0.980, 0.980, 0.980],
        "mnist1d-mlp-500-adam": [0.60, 0.62, 0.64], "mnist1d-mlp-500-sgd": [0.66, 0.66, 0.66],
    }  # fmt: skip
    for name, values in accuracies.items():
        record(tmp_path, name, range(3), test_accuracy=values)
    first, *others = carry_over(Runs(tmp_path))
    assert first.choice.says == "MLP: Adam, not SGD"
    adam, sgd, adam_1d, sgd_1d = accuracies.values()
    assert first.mnist == compare(adam, sgd) and first.signals == compare(adam_1d, sgd_1d)
    assert first.signals.difference == pytest.approx(-0.04)
    assert first.words == ("not told apart", "not told apart")
    assert first.fate == "seen on neither"
    assert {found.fate for found in others} == {"not recorded yet"}
    assert ("not recorded yet", "not recorded yet") in {found.words for found in others}


SPREAD = np.array([-1.0, 0.0, 1.0])
BETTER, WORSE, SAME, OPEN = 30.0, -30.0, 0.0, 2.0  # in units of which an interval is ± 2.5


@pytest.mark.parametrize(
    "mnist, signals, fate",
    [
        (BETTER, BETTER, "carries over"), (WORSE, WORSE, "carries over"),
        (SAME, SAME, "carries over"),
        (BETTER, WORSE, "turns round"), (WORSE, BETTER, "turns round"),
        (BETTER, SAME, "seen on MNIST alone"), (WORSE, OPEN, "seen on MNIST alone"),
        (SAME, WORSE, "seen on MNIST-1D alone"), (OPEN, BETTER, "seen on MNIST-1D alone"),
        (OPEN, SAME, "seen on neither"), (OPEN, OPEN, "seen on neither"),
        (None, BETTER, "not recorded yet"), (BETTER, None, "not recorded yet"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_verdict(mnist, signals, fate):
    """The margins differ: a tenth of a point, and a point."""

    def found(middle, margin):
        scale = margin / 4
        return None if middle is None else compare(0.5 + scale * (middle + SPREAD), [0.5] * 3)

    made = CarryOver(CHOICES[0], found(mnist, MARGIN), found(signals, SIGNAL_MARGIN))
    assert made.fate == fate


def test_every_choice_is_recorded_on_both_data_sets():
    for found in carry_over():
        assert found.mnist and found.signals, found.choice.says
        assert min(found.signals.n, found.signals.n_b or 10) >= 5
