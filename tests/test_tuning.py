"""Learning rates: searched for on validation images, the same number of rates for each."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import torch

from course_utils import data, experiments
from course_utils.experiments import ALL, REGISTRY, TUNINGS, RateSweep, at_rate, records
from course_utils.experiments.tuning import candidates

QUICK = replace(REGISTRY["mlp-500-sgd"], epochs=1, model_args={"hidden": [8]})
RATES = (0.01, 0.3)


@pytest.fixture(scope="module")
def digits() -> data.Dataset:
    return data.load(source="digits")


# The recorded searches


@pytest.mark.parametrize("name", TUNINGS)
def test_the_best_rate_is_the_one_that_the_records_choose(name):
    sweep, tuning = experiments.recorded_rates(name), TUNINGS[name]
    assert sweep.best == tuning.best and sweep.rates == tuning.rates
    learns = sweep.accuracies.max() > 0.15  # a network that never does has no best rate
    assert not (learns and sweep.at_edge), f"{name}: a better rate may lie beyond {sweep.best}"
    assert learns or name in (
        "mnist1d-cnn-8-16-32-deep-sgd",
        "mnist1d-cnn-8-16-32-deep-relu-lost-sgd",
    )
    assert sweep.accuracies.shape == (5, 2)


@pytest.mark.parametrize("name", TUNINGS)
def test_what_wins_is_compared_on_all_training_images(name):
    tuned = TUNINGS[name].tuned
    assert tuned.optimizer_args["lr"] == TUNINGS[name].best
    assert tuned.measured_on == "test" and tuned.hash in {e.hash for e in REGISTRY.values()}
    assert at_rate(TUNINGS[name].base, TUNINGS[name].best).hash == tuned.hash


def test_a_candidate_is_recorded_on_validation_images_alone():
    for name in ALL.keys() - REGISTRY.keys():
        for run in experiments.load(name).runs:
            sizes = {"mnist": (55_000, 5_000), "mnist1d": (3_000, 1_000)}[ALL[name].dataset]
            assert (run["data"]["train"], run["data"]["test"]) == sizes
            assert run["definition"]["measured_on"] == "validation"
            assert "test_predictions" not in run


def test_the_candidates_of_a_search_differ_in_their_rate_only():
    for tuning in TUNINGS.values():
        first, *others = (e.definition for e in tuning.candidates)
        for lr, other in zip(tuning.rates[1:], others, strict=True):
            assert other == first | {"optimizer_args": {**first["optimizer_args"], "lr": lr}}


def test_where_something_is_measured_belongs_to_the_definition():
    (candidate,) = candidates(QUICK, [0.1])
    assert candidate.definition["measured_on"] == "validation"
    assert "measured_on" not in QUICK.definition
    assert candidate.hash != at_rate(QUICK, 0.1).hash


# A search of one's own


def test_a_search_measures_validation_images_and_never_looks_at_the_test(digits):
    sweep = experiments.tune(QUICK, RATES, digits, jobs=1)
    other = replace(digits.test, labels=torch.zeros_like(digits.test.labels))
    assert (experiments.tune(QUICK, RATES, replace(digits, test=other), jobs=1).accuracies
            == sweep.accuracies).all()  # fmt: skip
    for i, lr in enumerate(RATES):
        _, history = experiments.train(
            at_rate(QUICK, lr), replace(digits, test=digits.validation), 1, progress=False
        )
        assert sweep.accuracies[i, 1] == history.test_accuracy[-1]
    assert sweep.best == 0.3 and sweep.at_edge


def test_a_rate_at_which_training_diverges_loses(digits):
    wild = replace(QUICK, model_args={"hidden": [8, 8]}, epochs=2)
    sweep = experiments.tune(wild, [0.3, 1e30], digits, seeds=1, jobs=1)
    assert sweep.accuracies[1] == [0] and sweep.best == 0.3


def test_a_recorded_candidate_says_how_many_images_it_had(tmp_path):
    (candidate,) = candidates(QUICK, [0.1])
    path = experiments.run(candidate, 0, source="digits", folder=tmp_path, progress=False)
    found = records.read(path)
    assert (found["data"]["train"], found["data"]["test"]) == (1375, 125)


def test_a_search_refuses(digits):
    with pytest.raises(ValueError, match="dataset: has no validation images"):
        experiments.tune(QUICK, RATES, data.load(source="digits", validation=0), jobs=1)
    for rates in ([], [0.3, 0.1], [0.1, 0.1]):
        with pytest.raises(ValueError, match="rates: .* is invalid; use one or more"):
            experiments.tune(QUICK, rates, digits)
    with pytest.raises(ValueError, match="lr: 0 is invalid"):
        at_rate(QUICK, 0)
    with pytest.raises(ValueError, match="name: 'mlp' is invalid"):
        experiments.recorded_rates("mlp")


def test_of_equal_rates_the_lowest_is_best():
    assert RateSweep((0.1, 0.3), np.array([[0.9, 0.8], [0.8, 0.9]])).best == 0.1


def test_rates_that_are_equal_but_for_rounding_are_equal():
    equal = [[0.1, 0.2], [0.15, 0.15], [0.3, 0.0]]  # whose means differ in the last place
    for order in permutations(equal):
        assert RateSweep((0.1, 1.0, 10.0), np.array(order)).best == 0.1
    assert RateSweep((0.1, 1.0), np.array([[0.9781, 0.9782], [0.9782, 0.9782]])).best == 1.0


@pytest.mark.parametrize("tuning", TUNINGS.values(), ids=TUNINGS)
def test_a_tuned_experiments_summary_has_its_rate_and_its_epochs(tuning):
    tuned = tuning.tuned
    assert f"at lr {tuning.best:g}," in tuned.summary
    assert f" {'five' if tuned.epochs == 5 else tuned.epochs} epochs" in tuned.summary
