"""Ablations: what is compared, what is refused, and that nothing is trained twice or lost."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import ablation, data, evaluation, models
from course_utils.ablation import comparing, runs
from course_utils.data import Dataset
from course_utils.evaluation import MARGIN
from course_utils.experiments import RateSweep


@cache
def digits() -> Dataset:
    return data.load(source="digits")


def linear() -> nn.Module:
    return models.mlp([])


def hidden() -> nn.Module:
    return models.mlp([16])


def hidden_dropout() -> nn.Module:
    return models.mlp([16], dropout=0.2)


PAIR = {"one layer": linear, "two layers": hidden}
SHARED = {"optimizer": "adam", "lr": None, "schedule": None, "loss": "nll", "batch_size": 64}


def compared(variants=PAIR, **options):
    quick = {"epochs": 1, "images": 192, "seeds": 2, "jobs": 1, "progress": False}
    return ablation.compare(variants, digits(), **{**quick, **options})


def numbers(study: ablation.Study) -> dict:
    """All that was measured but the seconds, which no two runs share."""
    found = {}
    for one in study.results:
        for run in one.runs:
            history = {k: v for k, v in run["history"].items() if k != "seconds"}
            found[one.name, one.lr, run["seed"]] = history, run["test"]
    return found


def made(accuracies: dict[str, list[float]], shared: str = "", **options) -> ablation.Study:
    """A study that nobody ran, by its accuracies, one a seed."""
    results = [
        ablation.Result(
            name,
            tuple(
                {
                    "seed": seed,
                    "history": {"test_accuracy": [x], "test_loss": [1 - x], "seconds": [1.0]},
                    "test": {"accuracy": x, "loss": 1 - x},
                }
                for seed, x in enumerate(values)
            ),
            parameters=10, multiply_adds=None, shared=shared or name, lr=None, sweep=None,
        )
        for name, values in accuracies.items()
    ]  # fmt: skip
    return ablation.Study(tuple(results), MARGIN, epochs=1)


# What is compared


def test_a_study_is_what_fit_and_compare_give_by_hand():
    study = compared({"plain": hidden, "dropout": hidden_dropout}, epochs=2)
    by_hand = {}
    from course_utils.training import fit, seeded

    images = digits()
    for name, build in (("plain", hidden), ("dropout", hidden_dropout)):
        for seed in range(2):
            with seeded(seed, "weights"):
                model = build()
            history = fit(
                model, images.train.first(192), images.validation,
                optimizer="adam", epochs=2, batch_size=64, seed=seed, progress=False,
            )  # fmt: skip
            by_hand[name, seed] = history.test_accuracy
    for one in study.results:
        assert one.curves().tolist() == [by_hand[one.name, seed] for seed in range(2)]
    expected = evaluation.compare(
        *([by_hand[n, s][-1] for s in (0, 1)] for n in ("dropout", "plain"))
    )
    assert study.compared("dropout") == expected
    assert (
        study.compared("dropout").n_b is None
    )  # dropout has no weights: a seed gives both the same


def test_networks_with_other_weights_or_batches_are_not_compared_in_pairs():
    study = compared({**PAIR, "in other batches": ablation.Variant(linear, batch_size=32)})
    assert study.compared("two layers").n_b == study.compared("in other batches").n_b == 2


def test_the_table_has_what_a_network_costs_and_no_test_accuracy():
    study = compared()
    assert (study["two layers"].parameters, study["two layers"].multiply_adds) == (12730, 12704)
    assert "12,730 | 12,704" in str(study) and "test accuracy" not in str(study)
    assert "test accuracy" in study.test
    assert "12,730" not in study.table(costs=False) and "verdict" in study.table(costs=False)
    assert study._repr_markdown_() == str(study) == repr(study)


def test_the_test_images_are_those_of_the_data_set_and_choose_nothing():
    wrong = replace(digits(), test=replace(digits().test, labels=9 - digits().test.labels))
    first = compared(lr=[1e-4, 1e-2])
    quick = {"epochs": 1, "images": 192, "seeds": 2, "jobs": 1, "progress": False}
    second = ablation.compare(PAIR, wrong, lr=[1e-4, 1e-2], **quick)
    assert str(first).split("seconds")[0] == str(second).split("seconds")[0]
    for one, other in zip(first.results, second.results, strict=True):
        assert one.lr == other.lr and one.accuracies() == other.accuracies()
        assert one.accuracies("test") != other.accuracies("test")


def test_each_variant_gets_the_same_rates_and_its_own_best():
    study = compared(lr=[1e-6, 1e-2], epochs=2)
    for one in study.results:
        assert one.sweep.rates == (1e-6, 1e-2) and one.sweep.accuracies.shape == (2, 2)
        assert one.lr == one.sweep.best == 1e-2
    assert sum("took the learning rate 0.01, of 1e-06, 0.01. It is the last" in remark
               for remark in study.remarks) == 2  # fmt: skip


def test_a_trial_of_a_rate_does_not_see_the_test_images(tmp_path, monkeypatch):
    from course_utils.training import evaluate

    seen = []
    monkeypatch.setattr(
        runs,
        "evaluate",
        lambda model, split, **k: seen.append(split) or evaluate(model, split, **k),
    )
    study = compared(lr=[1e-3, 1e-2], folder=tmp_path)
    kept = [json.loads(file.read_text()) for file in tmp_path.rglob("seed-*.json")]
    trials = [run for run in kept if run["seed"] in comparing.TRIAL_SEEDS]
    assert len(trials) == 2 * 2 * 2 and all(run["test"] is None for run in trials)
    assert all(len(run["history"]["test_accuracy"]) == 1 for run in trials)  # but the validation
    assert seen == [digits().test] * 4  # each variant's two seeds, once each
    assert all(0 < x < 1 for one in study.results for x in one.accuracies("test"))


def test_a_rate_at_which_training_diverges_is_right_in_no_case():
    study = compared(
        {"two layers": hidden, "dropout": hidden_dropout}, lr=[0.1, 1e25], optimizer="sgd", epochs=2
    )
    for one in study.results:
        assert one.lr == 0.1 and one.sweep.accuracies[1].tolist() == [0, 0]
    with pytest.raises(FloatingPointError, match="two layers, seed 0: loss: .* smaller lr"):
        compared(
            {"two layers": hidden, "dropout": hidden_dropout}, lr=1e25, optimizer="sgd", epochs=2
        )


def test_a_variant_has_its_own_settings_and_data():
    study = compared(
        {
            "in [0, 1]": hidden,
            "normalised": ablation.Variant(hidden, prepare=Dataset.normalized),
            "SGD": ablation.Variant(hidden, optimizer="sgd", lr=0.5),
        }
    )
    assert [one.lr for one in study.results] == [None, None, 0.5]
    assert len({tuple(one.accuracies()) for one in study.results}) == 3
    assert study.compared("normalised").n_b is None


def test_what_is_set_of_a_function_makes_another_variant():
    smooth = [partial(F.cross_entropy, label_smoothing=share) for share in (0.1, 0.2)]
    quick = partial(torch.optim.Adam, betas=(0.7, 0.9))
    study = compared(
        {
            "a tenth": ablation.Variant(linear, loss=smooth[0]),
            "a fifth": ablation.Variant(linear, loss=smooth[1]),
            "short memory": ablation.Variant(linear, loss=smooth[0], optimizer=quick),
        },
        lr=[0.001, 0.01],
    )
    assert {one.lr for one in study.results} <= {0.001, 0.01}
    ends = [one.runs[0]["history"]["train_loss"][-1] for one in study.results]
    assert len(set(ends)) == 3


def test_several_at_once_give_what_one_after_the_other_gives():
    class Own(nn.Module):  # in a function, as in a notebook: workers must get it all the same
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(784, 10)

        def forward(self, x):
            return self.layer(x.flatten(1))

    variants = {"own": Own, "hidden": hidden}
    assert numbers(compared(variants, jobs=2)) == numbers(compared(variants, jobs=1))


# What it says


def test_the_verdict_knows_the_margin():
    study = made(
        {
            "base": [0.9800, 0.9802, 0.9801],
            "better": [0.9900, 0.9901, 0.9903],
            "worse": [0.9700, 0.9702, 0.9703],
            "same": [0.9801, 0.9802, 0.9802],
            "open": [0.9700, 0.9900, 0.9810],
        },
        shared="all",
    )
    words = [study.compared(one.name).words(MARGIN) for one in study.results[1:]]
    assert words == ["better", "worse", "the same within 0.1 points", "not told apart"]
    told = [remark for remark in study.remarks if "not told apart" in remark]
    assert len(told) == 1 and told[0].startswith("“open” is not told apart from “base”")


def test_how_many_seeds_find_a_difference():
    rng = np.random.default_rng(0)
    base = 0.98 + 0.001 * rng.standard_normal(400)
    study = made({"base": list(base), "other": list(0.98 + 0.001 * rng.standard_normal(400))})
    n = study.seeds_needed(0.001)["other"]
    found = 0
    for _ in range(2000):
        a, b = 0.001 + 0.001 * rng.standard_normal(n), 0.001 * rng.standard_normal(n)
        found += evaluation.compare(a, b, paired=False).verdict == "better"
    assert 0.77 < found / 2000 < 0.87
    shared = made(
        {"base": list(base), "other": list(base + 0.0001 * rng.standard_normal(400))}, "s"
    )
    assert shared.seeds_needed(0.001)["other"] < n  # in pairs what they share cancels


def test_remarks_on_what_has_not_learnt_and_on_many_comparisons():
    study = made({"a": [0.11, 0.12, 0.10], "b": [0.6, 0.7, 0.65]})
    assert any("“a” has hardly learnt: 11 % where guessing gives 10 %" in r for r in study.remarks)
    barely = {f"v{i}": [0.9010, 0.9040 + 0.0001 * i, 0.9025] for i in range(5)}
    study = made({"base": [0.9, 0.9002, 0.9001]} | barely)
    assert {study.compared(name).verdict for name in barely} == {"indistinguishable"}
    barely = {f"v{i}": [0.9020, 0.9040 + 0.0001 * i, 0.9030] for i in range(5)}
    study = made({"base": [0.9, 0.9002, 0.9001]} | barely)
    assert {study.compared(name).verdict for name in barely} == {"better"}
    lost = next(remark for remark in study.remarks if "Holm" in remark)
    assert lost.startswith("Of 5 comparisons") and all(f"“{name}”" in lost for name in barely)
    two = made({"base": [0.9, 0.9002, 0.9001], "v": barely["v0"]})
    assert not any("Holm" in remark for remark in two.remarks)


def test_figures_show_each_variant_and_each_difference():
    curves, forest = made({"base": [0.9, 0.91], "one": [0.92, 0.93], "two": [0.8, 0.9]}).plot()
    assert [text.get_text() for text in curves.get_legend().get_texts()] == ["base", "one", "two"]
    assert [t.get_text() for t in forest.texts] == ["one − base", "two − base"]


# What is kept


def test_more_seeds_go_on_from_those_that_are_there(tmp_path, monkeypatch):
    two = compared(folder=tmp_path)
    trained = []
    fit = runs.fit
    monkeypatch.setattr(runs, "fit", lambda *a, **k: trained.append(k["seed"]) or fit(*a, **k))
    again = compared(folder=tmp_path)
    assert trained == [] and numbers(again) == numbers(two)
    three = compared(folder=tmp_path, seeds=3)
    assert trained == [2, 2] and numbers(two).items() <= numbers(three).items()
    assert numbers(ablation.load(tmp_path)) == numbers(three)
    assert str(ablation.load(tmp_path)) == str(three)
    assert compared(folder=tmp_path)["one layer"].seeds == [0, 1]
    more = compared({**PAIR, "dropout": hidden_dropout}, folder=tmp_path)
    assert trained == [2, 2, 0, 1] and len(more.results) == 3


def test_a_folder_with_other_runs_is_refused_and_left_as_it_is(tmp_path):
    compared(folder=tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    class Odd(nn.Module):  # the same weights in another order of layers
        def __init__(self) -> None:
            super().__init__()
            self.mlp = hidden()

        def forward(self, x):
            return self.mlp(x).relu()

    for variants, options, told in (
        (PAIR, {"epochs": 2}, "epochs was 1, is 2"),
        (PAIR, {"images": 128}, "training data was"),
        (PAIR, {"optimizer": "sgd"}, "optimizer was"),
        ({"one layer": hidden, "two layers": linear}, {}, "model was"),
    ):
        with pytest.raises(ValueError, match=f"folder: .*another run of .*: {told}"):
            compared(variants, folder=tmp_path, **options)
    assert {path: path.read_bytes() for path in before} == before
    odd = runs.start_of(comparing.settle({"a": Odd, "b": linear}, **SHARED)[0], digits(), 1)
    even = replace(odd, outputs=[x + 0.1 for x in odd.outputs])
    assert odd.differs(even) == "its layers give others than they gave" and odd.differs(odd) is None


def test_what_holds_no_study_is_not_loaded(tmp_path):
    with pytest.raises(ValueError, match="folder: .* holds no study"):
        ablation.load(tmp_path)
    compared(folder=tmp_path)
    one = next(tmp_path.glob("one-layer*/*/seed-1.json"))
    text = one.read_text(encoding="utf-8")
    one.write_text(text[:100], encoding="utf-8")
    with pytest.raises(ValueError, match="seed-1.json is not a run of a study"):
        ablation.load(tmp_path)
    one.unlink()
    with pytest.raises(ValueError, match="'one layer' has 1 of the two runs"):
        ablation.load(tmp_path)
    assert len(compared(folder=tmp_path)["one layer"].runs) == 2


# What is refused

FIXED = linear()


def own_seed() -> nn.Module:
    torch.manual_seed(0)
    return linear()


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (FIXED, "'other' is a network; use a function that builds one"),
        (lambda: FIXED, "'other' gives the same network at each call"),
        (own_seed, "'other' begins with the same weights for each seed; leave torch.manual_seed"),
        (lambda: "network", "'other' builds a str; use a function that builds an nn.Module"),
        (nn.Flatten, "'other' has no parameters"),
        (3, "3 is invalid; use a function that builds the network of 'other'"),
        (
            lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 12)),
            "'other' gives 12 outputs; use 10",
        ),
        (lambda: nn.Conv2d(1, 10, 3), "'other' can't be trained; model: "),
        (
            lambda: nn.Sequential(nn.Flatten(), nn.Linear(100, 10)),
            "'other' can't be trained; .*784",
        ),
        (linear, "'base' and 'other' are the same network with the same settings"),
        (ablation.Variant(linear, optimizer="adm"), "'other' can't be trained; optimizer: 'adm'"),
    ],
)
def test_a_variant_that_cannot_be_compared_is_named(other, told):
    with pytest.raises(ValueError, match=f"variants: {told}"):
        compared({"base": linear, "other": other})


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"seeds": 1}, "seeds: 1 is invalid; use an integer of at least 2"),
        ({"epochs": 0}, "epochs: 0"),
        ({"images": 63}, "images: 63 is invalid; use an integer of at least 64"),
        ({"lr": [0.1, 0.01]}, r"lr: \[0.1, 0.01\] is invalid"),
        ({"lr": [0.1]}, r"lr: \[0.1\] is invalid"),
        ({"lr": -1}, "lr: -1 is invalid"),
        ({"loss": "l2"}, "loss: 'l2' is invalid"),
        ({"margin": 0}, "margin: 0 is invalid"),
        ({"device": "abacus"}, "device: 'abacus' is invalid"),
        ({"dask": "tcp://127.0.0.1:1"}, "folder: None does not go with dask"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(options, told):
    with pytest.raises(ValueError, match=told):
        compared(**options)


def test_more_images_than_there_are_is_all_of_the_stand_in_digits_and_refused_of_mnist():
    assert numbers(compared(images=2000)) == numbers(compared(images=None))
    for source in ("mnist", "mnist1d"):
        named = replace(digits(), source=source)
        told = "images: 2000 is invalid; use an integer from 64 to 1375"
        with pytest.raises(ValueError, match=told):
            ablation.compare(PAIR, named, epochs=1, images=2000)


def test_budgets_that_differ_and_data_without_validation_images_are_refused():
    with pytest.raises(ValueError, match="numbers of rates to be tried differ .'a' 0, 'b' 2"):
        compared({"a": linear, "b": ablation.Variant(hidden, lr=[0.1, 0.2])})
    with pytest.raises(ValueError, match="use a dict of at least two"):
        compared({"a": linear})
    with pytest.raises(ValueError, match="dataset: has no validation images"):
        ablation.compare(PAIR, data.load(source="digits", validation=0), epochs=1)


def test_a_rate_at_the_edge_is_told_apart_from_one_inside():
    sweep = RateSweep((0.1, 0.2, 0.3), np.array([[0.5, 0.5], [0.9, 0.9], [0.5, 0.5]]))
    study = made({"a": [0.9, 0.91], "b": [0.9, 0.92]})
    inside = replace(study, results=tuple(replace(r, lr=0.2, sweep=sweep) for r in study.results))
    assert not any("last on its side" in remark for remark in inside.remarks)


# Killed, and two at once

KILLED = """
import os, signal, sys
from pathlib import Path
import test_ablation as t
from course_utils.ablation import runs
from course_utils.training import checkpoints, fitting

moment, folder, log = sys.argv[1:]

def at(number, function, after=False):
    "Die at the so-many-th call, before or after it."
    left = [number]
    def counted(*arguments, **options):
        left[0] -= 1
        if not left[0] and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **options)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return counted

def logged(*arguments, **options):
    with open(log, "a") as file:
        print(options["seed"], options["epoch"], file=file)
    return train_epoch(*arguments, **options)

train_epoch = fitting.train_epoch
if moment == "epoch begun":
    fitting.train_epoch = at(7, logged)
elif moment == "epoch held":
    fitting.Checkpoint.save = at(6, checkpoints.Checkpoint.save, after=True)
elif moment == "file half-written":
    fsync = os.fsync
    os.fsync = at(9, fsync)
elif moment == "file written":
    runs.write_atomically = at(3, runs.write_atomically, after=True)
elif moment == "last run":
    runs.write_atomically = at(12, runs.write_atomically)
else:
    fitting.train_epoch = logged
t.killable(Path(folder))
"""


def killable(folder: Path) -> ablation.Study:
    """Two variants at two rates: eight runs to try them, four that are compared."""
    return compared(lr=[1e-3, 1e-2], epochs=2, folder=folder)


def started(moment: str, folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", KILLED, moment, str(folder), f"{folder}.log"]
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths})


@pytest.mark.slow
def test_a_study_killed_at_five_moments_ends_with_the_same_numbers(tmp_path):
    whole = numbers(killable(tmp_path / "whole"))
    assert len(whole) == 4
    for moment in ("epoch begun", "epoch held", "file half-written", "file written", "last run"):
        folder = tmp_path / moment
        assert started(moment, folder).wait() == -9, moment
        assert numbers(killable(folder)) == whole, moment
        left = [path.name for path in folder.rglob("*") if path.is_file()]
        assert all(name.endswith(".json") for name in left), left


@pytest.mark.slow
def test_two_studies_at_once_train_each_run_once(tmp_path):
    whole, folder = numbers(killable(tmp_path / "whole")), tmp_path / "both"
    both = [started("never", folder) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    assert numbers(ablation.load(folder)) == whole
    epochs = Path(f"{folder}.log").read_text(encoding="utf-8").split("\n")
    assert len(list(filter(None, epochs))) == 12 * 2
    assert json.loads((folder / "study.json").read_text(encoding="utf-8"))["epochs"] == 2
