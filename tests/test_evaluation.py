"""Confusion, mistakes, intervals and comparisons: by hand, against SciPy, and as properties."""

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from course_utils.evaluation import (
    Interval,
    compare,
    confusion_matrix,
    detectable,
    half_widths,
    holm,
    mean_interval,
    mistakes,
    most_confused,
    prediction_interval,
)
from course_utils.training.history import History

SEEDS = st.lists(st.floats(0, 1).map(lambda x: round(x, 4)), min_size=2, max_size=12)


def refuses(text):
    return pytest.raises(ValueError, match=re.escape(text))


# --- confusion matrix


def test_confusion_matrix_by_hand():
    #         true:      0  0  0  1  1  2
    #         predicted: 0  0  2  1  0  2
    matrix = confusion_matrix([0, 0, 0, 1, 1, 2], [0, 0, 2, 1, 0, 2], classes=3)
    assert matrix.tolist() == [[2, 0, 1], [1, 1, 0], [0, 0, 1]]


def test_confusion_matrix_keeps_classes_that_never_occur():
    matrix = confusion_matrix(torch.tensor([9]), torch.tensor([4]))
    assert matrix.shape == (10, 10) and matrix.dtype == np.int64
    assert matrix.sum() == 1 and matrix[9, 4] == 1


def test_confusion_matrix_against_counting():
    rng = np.random.default_rng(0)
    labels, predictions = rng.integers(0, 10, (2, 1000))
    counted = np.zeros((10, 10), int)
    np.add.at(counted, (labels, predictions), 1)
    assert (confusion_matrix(labels, predictions) == counted).all()


@pytest.mark.parametrize(
    ("labels", "predictions", "text"),
    [
        ([0, 1], [0], "predictions: length 1 is invalid; use that of labels, which is 2"),
        ([], [], "labels: shape (0,) is invalid; use 1 dimension, with a value or more"),
        ([0, 10], [0, 1], "labels: 10 at index 1 is invalid; use integers from 0 to 9"),
        ([0, 1], [0, -1], "predictions: -1 at index 1 is invalid; use integers from 0 to 9"),
        ([0.0, math.nan], [0, 1], "labels: dtype float64 is invalid; use integers from 0"),
        ([[0, 1]], [0, 1], "labels: shape (1, 2) is invalid; use 1 dimension,"),
    ],
)
def test_confusion_matrix_refuses(labels, predictions, text):
    with refuses(text):
        confusion_matrix(labels, predictions)


def test_most_confused_by_hand():
    matrix = [[90, 3, 0], [8, 70, 3], [0, 1, 60]]
    assert most_confused(matrix, 3) == [(1, 0, 8), (0, 1, 3), (1, 2, 3)]
    assert most_confused(matrix, 99) == [(1, 0, 8), (0, 1, 3), (1, 2, 3), (2, 1, 1)]
    assert most_confused(np.eye(10)) == []


def test_most_confused_refuses():
    with refuses("matrix: shape (2, 3) is invalid; use [classes, classes]"):
        most_confused(np.zeros((2, 3)))
    with refuses("n: 0 is invalid; use an integer of at least 1"):
        most_confused(np.eye(2), 0)
    for shares in ([[0.7, 0.3], [0.0, 1.0]], [[70.5, 29.5], [0.0, 100.0]]):
        with refuses(f"matrix: {shares[0][0]} at (0, 0) is invalid; use counts of examples"):
            most_confused(shares)
    for wrong in (np.nan, np.inf, -1):
        with refuses(f"matrix: {float(wrong)} at (0, 1) is invalid; use counts of examples"):
            most_confused([[1.0, wrong], [0.0, 1.0]])
    with refuses("matrix: dtype bool is invalid; use counts of examples"):
        most_confused(np.eye(2) > 0)
    with refuses("classes: 2.5 is invalid; use an integer of at least 1"):
        confusion_matrix([0, 1], [0, 1], classes=2.5)


# --- mistakes


def test_mistakes_by_hand():
    probabilities = [
        [0.1, 0.2, 0.7],  # says 2, is 0: wrong, sure to 0.7
        [0.9, 0.1, 0.0],  # right
        [0.2, 0.5, 0.3],  # says 1, is 2: wrong, 0.5
        [0.0, 0.0, 1.0],  # says 2, is 1: wrong, 1.0
        [0.5, 0.2, 0.3],  # says 0, is 2: wrong, 0.5, a tie
    ]
    assert mistakes(probabilities, [0, 0, 2, 1, 2]).tolist() == [3, 0, 2, 4]


def test_mistakes_are_the_off_diagonal_of_the_confusion_matrix():
    generator = torch.Generator().manual_seed(0)
    probabilities = torch.randn(500, 10, generator=generator).softmax(1)
    labels = torch.randint(10, (500,), generator=generator)
    predictions = probabilities.argmax(1)
    wrong = mistakes(probabilities, labels)
    matrix = confusion_matrix(labels, predictions)
    assert len(wrong) == matrix.sum() - np.trace(matrix)
    assert (predictions[wrong] != labels[wrong]).all()
    confidence = probabilities.max(1).values[wrong]
    assert (confidence[:-1] >= confidence[1:]).all()


def test_no_mistakes_is_an_empty_index():
    assert mistakes(np.eye(4), range(4)).tolist() == []


@pytest.mark.parametrize(
    ("probabilities", "labels", "text"),
    [
        (
            [[0.5, 0.5], [3.0, -2.0]],
            [0, 1],
            "probabilities: row 1, with minimum -2 and sum 1, is invalid",
        ),
        (
            [[0.5, 0.4]],
            [0],
            "row 0, with minimum 0.4 and sum 0.9, is invalid; use rows of at least 0",
        ),
        ([[0.5, math.nan]], [0], "probabilities: nan at index (0, 1) is invalid; use finite"),
        (
            [[0.5, 0.5]],
            [0, 1],
            "labels: length 2 is invalid; use that of probabilities, which is 1",
        ),
        ([[0.5, 0.5]], [2], "labels: 2 at index 0 is invalid; use integers from 0 to 1"),
        ([0.5, 0.5], [0, 1], "probabilities: shape (2,) is invalid; use 2 dimensions"),
    ],
)
def test_mistakes_refuses(probabilities, labels, text):
    with refuses(text):
        mistakes(probabilities, labels)


# --- intervals


def test_mean_interval_by_hand():
    interval = mean_interval([1.0, 2.0, 6.0])
    sd = math.sqrt(((1 - 3) ** 2 + (2 - 3) ** 2 + (6 - 3) ** 2) / 2)
    half = 4.302653 * sd / math.sqrt(3)  # t table: 97.5 %, 2 degrees of freedom
    assert interval.mean == 3 and interval.n == 3
    assert interval.sd == pytest.approx(sd)
    assert (interval.low, interval.high) == pytest.approx((3 - half, 3 + half), rel=1e-6)
    assert interval.half_width == pytest.approx(half, rel=1e-6)


def test_prediction_interval_by_hand():
    interval = prediction_interval([1.0, 2.0, 6.0])
    half = 4.302653 * math.sqrt(7) * math.sqrt(1 + 1 / 3)
    assert (interval.low, interval.high) == pytest.approx((3 - half, 3 + half), rel=1e-6)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("n", [2, 5, 10, 30])
def test_mean_interval_against_scipy(n, confidence):
    values = np.random.default_rng(n).normal(0.97, 0.002, n)
    theirs = stats.ttest_1samp(values, 0).confidence_interval(confidence)
    ours = mean_interval(values, confidence)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), rel=1e-12)


def test_intervals_cover_what_they_promise():
    rng = np.random.default_rng(1)
    runs = rng.normal(0.97, 0.002, (2000, 6))  # five seeds and a sixth run
    means = [mean_interval(run[:5]) for run in runs]
    singles = [prediction_interval(run[:5]) for run in runs]
    covered = np.mean([i.low < 0.97 < i.high for i in means])
    foretold = np.mean([i.low < run[5] < i.high for i, run in zip(singles, runs, strict=True)])
    # 0.95 ± 3 standard errors, √(0.95 · 0.05 / 2000) = 0.0049 each
    assert abs(covered - 0.95) < 0.015
    assert abs(foretold - 0.95) < 0.015


def test_one_seed_has_no_spread():
    interval = mean_interval([0.97])
    assert interval.mean == 0.97 and interval.n == 1
    assert all(math.isnan(x) for x in (interval.sd, interval.low, interval.high))
    assert str(interval) == "0.9700 (n = 1)"


def test_half_widths_are_those_of_the_mean_interval_in_each_column():
    values = np.random.default_rng(0).normal(size=(5, 3))
    expected = [mean_interval(column).half_width for column in values.T]
    assert half_widths(values) == pytest.approx(expected, rel=1e-12)


def test_half_widths_that_nobody_knows_are_nan():
    values = np.array([[1.0, np.nan], [2.0, 3.0]])
    assert np.isfinite(half_widths(values)).tolist() == [True, False]
    assert np.isnan(half_widths(values[:1])).all()


@pytest.mark.parametrize("shape", [(3,), (0, 2), (1, 2, 3)])
def test_half_widths_refuse(shape):
    with pytest.raises(ValueError, match=re.escape(f"values: shape {shape} is invalid")):
        half_widths(np.zeros(shape))


def test_an_interval_prints():
    interval = Interval(mean=0.9668, sd=0.0012, low=0.9659, high=0.9677, n=10)
    assert str(interval) == f"{interval}" == "0.9668 ± 0.0009 (n = 10)"
    assert f"{interval:.2%}" == "96.68% ± 0.09% (n = 10)"
    assert interval.written(2, scale=100, unit=" %") == "96.68 ± 0.09 % (n = 10)"


@pytest.mark.parametrize(
    ("values", "confidence", "text"),
    [
        ([], 0.95, "values: shape (0,) is invalid; use 1 dimension, with a value"),
        ([0.9, math.nan], 0.95, "values: nan at index 1 is invalid; use finite numbers"),
        ([math.inf, 0.9], 0.95, "values: inf at index 0 is invalid; use finite numbers"),
        ([[0.9, 0.8]], 0.95, "values: shape (1, 2) is invalid; use 1 dimension,"),
        (["a", "b"], 0.95, "values: dtype <U1 is invalid; use finite numbers"),
        ([0.9, 0.8], 95, "confidence: 95 is invalid; use a finite number above 0 and below 1"),
        ([0.9, 0.8], 1.0, "confidence: 1.0 is invalid"),
    ],
)
def test_intervals_refuse(values, confidence, text):
    for function in (mean_interval, prediction_interval):
        with refuses(text):
            function(values, confidence)


# --- comparisons


@pytest.mark.parametrize("a, b", [
    ([0.1 + 0.2] * 3, [0.3] * 3),
    ([0.1 + 0.2, 0.7, 1.1 * 3], [0.3, 0.1 * 7, 3.3]),
    ([1 - 0.9, 0.1], [0.1, 1 - 0.9]),
    (np.float32([0.1, 0.2, 0.3]) + np.float32(1e-9), np.float32([0.1, 0.2, 0.3])),
    (np.float32([1, 1]) / np.float32(3) * np.float32(3.0000002), np.float32([1, 1])),
    ([1e6 * 1.1] * 2, [1100000] * 2),
])  # fmt: skip
@pytest.mark.parametrize("paired", [True, False])
def test_a_difference_of_the_size_of_rounding_is_none(a, b, paired):
    for found in (compare(a, b, paired=paired), compare(b, a, paired=paired)):
        assert found.verdict == "indistinguishable" and found.p > 0.05
    tiny = compare([1e-20] * 3, [2e-20] * 3, paired=paired)  # tiny, but no rounding
    assert tiny.verdict == "worse" and tiny.p == 0


def test_compare_by_hand():
    a, b = [0.98, 0.97, 0.99, 0.96], [0.96, 0.96, 0.97, 0.95]
    # differences 0.02, 0.01, 0.02, 0.01: mean 0.015, each 0.005 off, sd = √(4 · 0.005² / 3)
    half = 3.182446 * math.sqrt(4 * 0.005**2 / 3) / math.sqrt(4)
    result = compare(a, b)
    assert result.difference == pytest.approx(0.015) and result.n == 4
    assert (result.low, result.high) == pytest.approx((0.015 - half, 0.015 + half), rel=1e-6)
    assert result.verdict == "better"
    assert compare(b, a).verdict == "worse"
    assert compare(a, b, higher_is_better=False).verdict == "worse"
    assert compare(b, a, higher_is_better=False).verdict == "better"
    assert str(result) == "+0.0150 [+0.0058, +0.0242] (n = 4): better"
    assert f"{result:.1%}" == "+1.5% [+0.6%, +2.4%] (n = 4): better"
    assert result.points(1) == "+1.5 points, 95 % interval +0.6 to +2.4 (n = 4)"
    assert compare(b, a, confidence=0.9).points(0).startswith("−2 points, 90 % interval −2 to −1")


def test_pairing_sees_what_an_unpaired_test_misses():
    rng = np.random.default_rng(2)
    luck = rng.normal(0.9, 0.05, 10)  # what the seed does to both
    a, b = luck + 0.01 + rng.normal(0, 0.001, 10), luck
    assert stats.ttest_ind(a, b).pvalue > 0.5
    assert compare(a, b).verdict == "better"


def test_equal_experiments_are_indistinguishable():
    result = compare([0.9, 0.8, 0.7], [0.9, 0.8, 0.7])
    assert (result.difference, result.low, result.high) == (0, 0, 0)
    assert result.verdict == "indistinguishable"


@given(a=SEEDS, data=st.data(), higher=st.booleans())
def test_compare_is_antisymmetric_and_agrees_with_scipy(a, data, higher):
    b = data.draw(st.lists(st.floats(0, 1), min_size=len(a), max_size=len(a)))
    ab, ba = (compare(x, y, higher_is_better=higher) for x, y in [(a, b), (b, a)])
    assert ab.difference == -ba.difference
    assert (ab.low, ab.high) == pytest.approx((-ba.high, -ba.low), abs=1e-15)
    opposite = {"better": "worse", "worse": "better", "indistinguishable": "indistinguishable"}
    assert ba.verdict == opposite[ab.verdict]
    if np.std(np.subtract(a, b)) > 1e-6:
        p = stats.ttest_rel(a, b).pvalue
        if abs(p - 0.05) > 1e-9:
            assert (ab.verdict == "indistinguishable") == (p > 0.05)


@given(a=SEEDS, b=SEEDS)
def test_means_are_compared_as_scipy_does(a, b):
    if min(np.std(a), np.std(b)) < 1e-6:
        return
    found, theirs = compare(a, b, paired=False), stats.ttest_ind(a, b, equal_var=False)
    interval = theirs.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(interval), abs=1e-12)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)
    assert found.df == pytest.approx(theirs.df)
    assert found.test == f"Welch, n = {len(a)} and {len(b)}"


def test_a_comparison_of_means_has_no_need_of_pairs():
    result = compare([0.98, 0.97, 0.99], [0.9, 0.91, 0.92, 0.9], paired=False)
    assert result.verdict == "better"
    assert str(result).endswith("(n = 3 and 4): better")
    assert result.points(0).endswith("(n = 3 and 4)")
    assert compare([0.9] * 3, [0.8] * 2, paired=False).low == pytest.approx(0.1)
    assert compare([0.9] * 3, [0.8] * 2, paired=False).p == 0


@given(a=SEEDS, data=st.data())
def test_p_is_that_of_scipy_and_agrees_with_the_interval(a, data):
    b = data.draw(st.lists(st.floats(0, 1), min_size=len(a), max_size=len(a)))
    if np.std(np.subtract(a, b)) < 1e-6:
        return
    found = compare(a, b)
    assert found.p == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-6, abs=1e-12)
    margin = data.draw(st.floats(0.01, 1))
    one_sided = [
        stats.ttest_1samp(np.subtract(a, b), edge, alternative=side).pvalue
        for edge, side in ((-margin, "greater"), (margin, "less"))
    ]
    if max(one_sided) < 0.5:
        assert found.p_within(margin) == pytest.approx(2 * max(one_sided), rel=1e-6, abs=1e-12)
    if abs(max(one_sided) - 0.025) > 1e-9:
        assert found.within(margin) == (max(one_sided) < 0.025) == (found.p_within(margin) < 0.05)


def test_no_difference_found_is_not_the_same():
    wide = compare([0.9, 0.8, 0.99], [0.89, 0.85, 0.9])
    assert wide.verdict == "indistinguishable" and not wide.within(0.01)
    small = compare([0.9002, 0.9003, 0.9002], [0.9, 0.9, 0.9])
    assert small.verdict == "better" and small.within(0.001)


def test_holm_by_hand():
    # 4 · 0.005, 3 · 0.01, then 2 · 0.02 and 1 · 0.9, none below the one before
    assert holm([0.01, 0.02, 0.9, 0.005]) == pytest.approx([0.03, 0.04, 0.9, 0.02])
    assert holm([0.02, 0.01, 0.011]) == pytest.approx([0.03, 0.03, 0.03])
    assert holm([0.5, 0.6]).tolist() == [1, 1]
    for p in ([], [-0.1], [1.1], [math.nan]):
        with pytest.raises(ValueError, match="p: "):
            holm(p)


def test_holm_keeps_its_promise_where_nothing_differs():
    p = np.random.default_rng(0).uniform(size=(4000, 20))
    assert np.mean((p < 0.05).any(axis=1)) > 0.6
    assert np.mean([holm(family).min() < 0.05 for family in p]) == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize(("n", "power"), [(3, 0.8), (10, 0.9)])
def test_a_detectable_difference_is_found_as_often_as_promised(n, power):
    rng = np.random.default_rng(1)
    difference = detectable(0.2, n, power=power)
    a, b = rng.normal(difference, 0.2, [20_000, n]), rng.normal(0, 0.2, [20_000, n])
    found = stats.ttest_ind(a, b, axis=1)
    assert np.mean((found.pvalue < 0.05) & (found.statistic > 0)) == pytest.approx(power, abs=0.01)
    for bad in ({"sd": -1, "n": 3}, {"sd": 1, "n": 1}, {"sd": 1, "n": 3, "power": 1}):
        with pytest.raises(ValueError, match="is invalid"):
            detectable(**bad)


@pytest.mark.parametrize(
    ("a", "b", "text"),
    [
        ([0.9], [0.8], "a: 1 seed is invalid; use at least 2"),
        ([0.9, 0.8], [0.8], "b: length 1 is invalid; use that of a, which is 2"),
        ([], [], "a: shape (0,) is invalid"),
        ([0.9, 0.8], [0.8, math.nan], "b: nan at index 1 is invalid"),
    ],
)
def test_compare_refuses(a, b, text):
    with refuses(text):
        compare(a, b)
    with refuses("b: 1 seed is invalid; use at least 2"):
        compare([0.9, 0.8], [0.9], paired=False)


def test_histories_in_place_of_numbers_are_told_what_to_give():
    histories = [History(64, 100, test_accuracy=[0.9]) for _ in range(2)]
    with pytest.raises(
        ValueError, match=r"a: History is invalid; .*history.test_accuracy\[-1\] for"
    ):
        compare(histories, histories)
    with pytest.raises(ValueError, match="a: dtype <U3 is invalid; use finite numbers$"):
        compare(["0.9", "abc"], [0.9, 0.8])
