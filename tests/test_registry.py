"""The registry: what is in it, what is claimed of it, and that old records stay valid."""

import json
from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import data, experiments, models
from course_utils.data import Constants, Dataset, Split
from course_utils.experiments import (
    ALL,
    REGISTRY,
    Claim,
    Experiment,
    as_run,
    corrected,
    find,
    records,
)  # fmt: skip
from course_utils.models import AlwaysDropout2d
from course_utils.training.history import History

QUICK = REGISTRY["mlp-128-adam"]
CNNS = [e for e in REGISTRY.values() if e.model != "mlp" and e.dataset == "mnist"]


@pytest.fixture(scope="module")
def noise() -> Dataset:
    """Random pixels and labels; after normalising nothing else is left of an image."""
    generator = torch.Generator().manual_seed(0)

    def split(n):
        images = torch.randint(0, 256, (n, 1, 28, 28), generator=generator, dtype=torch.uint8)
        return Split(images, torch.randint(0, 10, (n,), generator=generator))

    train = split(40)
    return Dataset("noise", "digits", train, split(0), split(30), Constants.of(train.images), "0")


# What is in it


def test_the_registry_holds_every_network_that_a_report_trains():
    tasks = {task for e in REGISTRY.values() for task in e.inventory.split()}
    assert tasks >= {
        "000m", "000n", *(f"001{letter}" for letter in "acdeghijkl"), "002m", "002n",
        "003h", "003l", "003n", *(f"004{letter}" for letter in "abcdefghijklmn"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "task, name, corrections",
    [
        ("000m", "16-32-dropout-adam-14px",
         {"constants": "16-32-dropout-adam-14px-own", "pixels": "16-32-dropout-adam"}),
        ("001c", "8-16-32-sgd", {"tuned rate": "8-16-32-sgd-10-epochs-lr-0.3"}),
        ("001d", "8-16-32-pool-first-sgd", {}),
        ("001e", "8-16-32-pool-first-tanh-sgd", {}),
        ("001g", "8-16-32-adam", {"tuned rate": "8-16-32-adam-10-epochs-lr-0.003"}),
        ("001h", "8-16-32-deep-skip-1-sgd",
         {"skip past three": "8-16-32-deep-skip-3-sgd",
          "skip past two": "8-16-32-deep-skip-2-sgd"}),
        ("001i", "8-16-32-deep-relu-lost-sgd", {"lost ReLUs": "8-16-32-deep-sgd"}),
        ("001j", "8-16-32-deep-bn-skip-1-sgd-lr-0.025",
         {"no skips": "8-16-32-deep-bn-sgd-lr-0.025"}),
        ("001k", "8-16-32-adam-lr-0.0005", {}),
        ("001l", "8-16-32-deep-bn-skip-1-adam", {}),
        ("002n", "32-32-64-bn-adam-lr-0.01",
         {"softmax at the end": "32-32-64-bn-softmax-adam-lr-0.01",
          "rate 0.05": "32-32-64-bn-adam-lr-0.05"}),
        ("003n", "10-20-awake-relu-logits-sgd",
         {"ReLU on the logits": "10-20-awake-sgd", "dropout": "10-20-relu-logits-sgd",
          "both": "10-20-sgd"}),
    ],
)  # fmt: skip
def test_a_task_has_its_run_and_what_puts_that_right(task, name, corrections):
    assert as_run(task).name == f"cnn-{name}"
    for what, right in corrections.items():
        assert corrected(task, what).name == f"cnn-{right}"
    assert len(find(task)) >= 1 + len(corrections)


def test_both_numbers_of_a_task_mean_the_same_experiments():
    for network, result in [("000m", "000n"), ("002m", "002n"), ("004m", "004n")]:
        assert find(network) == find(result)
        assert as_run(network) is as_run(result)
    assert as_run("004m").name == "lenet-adam"
    assert corrected("004m", "normalisation").name == "lenet-adam-normalized"


def test_each_task_was_run_once_and_nothing_is_put_right_twice():
    tasks = {task for e in REGISTRY.values() for task in e.inventory.split()}
    for task in tasks:
        words = [e.corrects for e in find(task)]
        assert words.count("") == 1 and len(set(words)) == len(words), task


def test_what_is_not_put_right_is_refused_with_what_is():
    with pytest.raises(ValueError, match=r"what: 'it' is invalid; use 'ReLU on .+ 'both'"):
        corrected("003n", "it")
    with pytest.raises(ValueError, match="what: '' is invalid"):
        corrected("003n", "")
    for ask in (as_run, lambda task: corrected(task, "dropout")):
        with pytest.raises(ValueError, match="task: 'DS5220' is invalid; use the inventory number"):
            ask("DS5220")


def test_what_a_report_claims_is_claimed_of_the_run_that_it_made():
    assert all(not e.corrects for e in REGISTRY.values() if e.claims)
    assert all(e.claims for e in CNNS if e.inventory and not e.corrects)


def test_an_experiment_that_belongs_to_no_report_is_found_by_name_alone(monkeypatch):
    own = Experiment(
        name="own", summary="Ours", model="mlp", optimizer="adam", epochs=1, batch_size=64
    )
    monkeypatch.setitem(REGISTRY, "own", own)
    monkeypatch.setitem(ALL, "own", own)
    assert find("own") == [own] and own in find(own.source)
    with pytest.raises(ValueError, match="experiment: '' is invalid"):
        find("")
    with pytest.raises(ValueError, match="task: '' is invalid"):
        as_run("")


def test_names_and_hashes_are_unique():
    assert len({e.name for e in REGISTRY.values()}) == len({e.hash for e in REGISTRY.values()})


def test_an_experiment_is_found_by_name_task_and_report():
    assert find("mlp-500-adam") == find("004d") == [REGISTRY["mlp-500-adam"]]
    assert Counter(e.source for e in find("1RT720")) == {"1RT720": 16}
    for name in ("004z", ""):
        with pytest.raises(ValueError, match=f"experiment: '{name}' is invalid; use an inventory"):
            find(name)


# The settings of the reports


def settings(experiment: Experiment) -> tuple[object, ...]:
    e = experiment
    return e.optimizer, dict(e.optimizer_args), e.batch_size, e.epochs, e.normalization, e.loss


@pytest.mark.parametrize(
    "task, expected",
    {
        "000n": ("adam", {"lr": 1e-3}, 64, 150, "standard", "nll"),
        "001c": ("sgd", {"lr": 0.01}, 128, 100, "unit", "cross_entropy"),
        "001d": ("sgd", {"lr": 0.01}, 128, 100, "unit", "cross_entropy"),
        "001e": ("sgd", {"lr": 0.01}, 128, 100, "unit", "cross_entropy"),
        "001g": ("adam", {"lr": 1e-3}, 128, 100, "unit", "cross_entropy"),
        "001h": ("sgd", {"lr": 0.01}, 128, 50, "unit", "cross_entropy"),
        "001i": ("sgd", {"lr": 0.01}, 128, 50, "unit", "cross_entropy"),
        "001j": ("sgd", {"lr": 0.025}, 128, 50, "unit", "cross_entropy"),
        "001k": (
            "adam", {"lr": 5e-4, "betas": [0.85, 0.95]}, 128, 35, "unit", "cross_entropy",
        ),
        "001l": ("adam", {"lr": 1e-3}, 128, 25, "unit", "cross_entropy"),
        "002n": ("adam", {"lr": 0.01}, 64, 10, "half", "cross_entropy"),
        "003n": ("sgd", {"lr": 0.01}, 64, 10, "unit", "nll"),
        "004n": (
            "adam", {"lr": 1e-3, "weight_decay": 1e-5}, 64, 10, "unit", "cross_entropy",
        ),
    }.items(),
)  # fmt: skip
def test_the_settings_are_the_reports(task, expected):
    assert settings(as_run(task)) == expected


def test_a_log_ends_with_the_log_probabilities_loss_and_no_other():
    for experiment in CNNS:
        last = experiments.build(experiment, 0)[-1]
        assert isinstance(last, nn.LogSoftmax) == (experiment.loss == "nll"), experiment.name


def differences(one: Experiment, two: Experiment) -> set[str]:
    words = ("name", "summary", "claims", "corrects")
    return {
        f.name
        for f in fields(Experiment)
        if f.name not in words and getattr(one, f.name) != getattr(two, f.name)
    }


@pytest.mark.parametrize(
    "one, two, changed",
    [
        ("16-32-dropout-adam-14px", "16-32-dropout-adam-14px-own", {"normalization"}),
        ("16-32-dropout-adam-14px", "16-32-dropout-adam", {"model_args", "resize", "epochs"}),
        ("8-16-32-sgd", "8-16-32-pool-first-sgd", {"inventory", "model_args"}),
        ("8-16-32-pool-first-sgd", "8-16-32-pool-first-tanh-sgd", {"inventory", "model_args"}),
        ("8-16-32-deep-skip-1-sgd", "8-16-32-deep-skip-3-sgd", {"model_args"}),
        ("8-16-32-deep-relu-lost-sgd", "8-16-32-deep-sgd", {"model_args"}),
        ("10-20-awake-relu-logits-sgd", "10-20-relu-logits-sgd", {"model_args"}),
    ],
)
def test_two_experiments_differ_in_what_their_names_say(one, two, changed):
    assert differences(REGISTRY[f"cnn-{one}"], REGISTRY[f"cnn-{two}"]) == changed


def test_the_normalization_that_was_never_applied_is_all_that_is_put_right():
    assert differences(as_run("004m"), corrected("004m", "normalisation")) == {"normalization"}


# Building and running


@pytest.mark.parametrize("experiment", REGISTRY.values(), ids=REGISTRY)
def test_every_experiment_builds_its_network(experiment):
    size = experiment.resize or 28
    model = experiments.build(experiment, seed=0)
    shape = (size, size) if experiment.dataset == "mnist" else (40,)
    assert model(torch.zeros(2, 1, *shape)).shape == (2, 10)
    sizes = {
        "mlp-50-50-": 42_310, "mlp-128-": 101_770, "mlp-500-bn-": 398_510, "mlp-500-": 397_510,
        "cnn-16-32-dropout-adam-14px": 108_618, "cnn-16-32-dropout-adam": 596_042,
        "cnn-8-16-32-deep-bn-": 58_370,
        "cnn-8-16-32-deep-skip-2-": 21_578 + 2 * (584 + 2_320 + 9_248),
        "cnn-8-16-32-deep-": 58_034, "cnn-8-16-32-": 21_578,
        "cnn-32-32-64-": 115_690, "cnn-10-20-": 8_490, "lenet-": 85_822,
    }  # fmt: skip
    # Where the network is none of the reports', its own tests count it.
    wanted = [size for name, size in sizes.items() if experiment.name.startswith(name)][:1]
    assert models.parameter_count(model) in (wanted or [models.parameter_count(model)])


@pytest.mark.parametrize("experiment", CNNS, ids=lambda e: e.name)
def test_every_experiment_runs(experiment, noise):
    """One step, and the measurements that a record holds; every parameter moves."""
    before = [p.detach().clone() for p in experiments.build(experiment, 0).parameters()]
    model, history = experiments.train(replace(experiment, epochs=1), noise, 0, progress=False)
    assert len(history.batch_loss) == 1 and np.isfinite(history.test_loss).all()
    assert len(history.as_run_loss) == experiment.as_run
    moved = [bool((p != b).any()) for p, b in zip(model.parameters(), before, strict=True)]
    assert all(moved)


def test_images_are_resized_and_normalised_as_the_experiment_has_it(noise):
    faulty, own, full = as_run("000m"), *(corrected("000m", w) for w in ("constants", "pixels"))
    small = noise.resized(14)
    scaled = small.train.images.double() / 255
    for experiment, mean, std in [
        (faulty, noise.constants.scaled_mean, noise.constants.scaled_std),
        (own, scaled.mean().item(), scaled.std(correction=0).item()),
        (replace(faulty, normalization="half"), 0.5, 0.5),
        (replace(faulty, normalization="unit"), 0.0, 1.0),
    ]:
        prepared = experiments.prepared(experiment, noise)
        for name in ("train", "test"):
            found, wanted = getattr(prepared, name), getattr(small, name)
            assert torch.equal(found.images, wanted.images)
            assert (found.mean, found.std) == (pytest.approx(mean), pytest.approx(std))
    assert own.resize == 14 and experiments.prepared(own, noise).train.inputs().std() > 0.99
    assert experiments.prepared(faulty, noise).train.inputs().std() < 0.6  # resizing averages
    assert experiments.prepared(full, noise).train.images is noise.train.images


def test_images_of_the_right_size_are_not_resized_again(noise):
    small = noise.resized(14)
    assert experiments.prepared(as_run("000m"), small).train.images is small.train.images


def test_on_mnist_the_constants_of_28_pixels_do_not_fit_14(mnist):
    faulty, own = as_run("000m"), corrected("000m", "constants")
    images = experiments.prepared(faulty, mnist).train.inputs()
    assert float(images.std()) == pytest.approx(0.813, abs=5e-4)
    images = experiments.prepared(own, mnist).train.inputs()
    assert float(images.mean()) == pytest.approx(0, abs=1e-4)
    assert float(images.std()) == pytest.approx(1, abs=1e-4)


def test_dropout_that_never_sleeps_is_measured_by_the_seed_alone(noise):
    """And measuring does not draw from the global generator."""
    experiment = replace(as_run("003n"), epochs=2)
    assert any(isinstance(m, AlwaysDropout2d) for m in experiments.build(experiment, 0))
    torch.manual_seed(1)
    wanted = torch.rand(3)
    histories = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        histories.append(experiments.train(experiment, noise, 0, progress=False)[1])
        if global_seed == 1:
            assert torch.equal(torch.rand(3), wanted)
    assert histories[0] == histories[1]


# Hashes and claims


def test_the_hash_follows_the_definition_and_nothing_else():
    assert replace(QUICK, summary="new words", claims=(), corrects="all").hash == QUICK.hash
    changes = [
        {"epochs": 11}, {"batch_size": 65}, {"optimizer": "sgd"}, {"optimizer_args": {"lr": 0.02}},
        {"model_args": {"hidden": [129]}}, {"normalization": "standard"}, {"loss": "nll"},
        {"normalization": "own"}, {"normalization": "half"}, {"resize": 14}, {"as_run": True},
        {"dataset": "kmnist"},
    ]  # fmt: skip
    hashes = {replace(QUICK, **change).hash for change in changes} | {QUICK.hash}
    assert len(hashes) == len(changes) + 1


def test_the_optimizers_order_of_arguments_does_not_change_the_hash():
    one = replace(QUICK, optimizer_args={"lr": 0.1, "eps": 1e-8})
    assert one.hash == replace(QUICK, optimizer_args={"eps": 1e-8, "lr": 0.1}).hash


def test_no_record_that_ships_is_made_stale():
    """Among them those made before there were ``resize`` and two of the normalizations."""
    folders = [path for path in records.SHIPPED.iterdir() if path.is_dir()]
    assert len(folders) >= 18
    for folder in folders:
        recorded = experiments.load(folder.name)
        for run in recorded.runs:
            assert run["definition"] == ALL[folder.name].definition
            assert run["hash"] == ALL[folder.name].hash


def test_a_definition_is_plain_json():
    for experiment in REGISTRY.values():
        text = json.dumps(experiment.definition, allow_nan=False)
        assert json.loads(text) == experiment.definition


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": nn.Flatten}, "model: Flatten is invalid; .*use course_utils.ablation"),
        ({"model": nn.Flatten()}, "model: Flatten is invalid"),
        ({"model_args": {"activation": nn.Tanh}}, "model_args, .*type is not JSON serializable"),
        (
            {"optimizer_args": {"lr": torch.tensor(0.1)}},
            "optimizer_args: .*use course_utils.ablation",
        ),
    ],
)
def test_what_is_not_in_the_registrys_reach_is_sent_where_it_is(change, told):
    with pytest.raises(ValueError, match=told):
        replace(REGISTRY["mlp-500-adam"], **change)


def test_claims_are_read_by_metric_and_epoch():
    assert REGISTRY["mlp-500-adam"].claimed("as_run_accuracy") == 0.979
    said = "over a 98% training accuracy"
    assert Claim("train_accuracy", 0.98, ">", cites=said) in REGISTRY["mlp-50-50-sgd"].claims
    with pytest.raises(KeyError, match="claims no test_accuracy for mlp-500-adam"):
        REGISTRY["mlp-500-adam"].claimed("test_accuracy")

    best = as_run("001j")
    assert best.claimed("test_accuracy", "best") == 0.9918
    with pytest.raises(KeyError, match="claims no test_accuracy for cnn-8-16-32-deep-bn"):
        best.claimed("test_accuracy")
    with pytest.raises(KeyError, match=r"claims no test_accuracy \(epoch: 7\) for cnn-8"):
        best.claimed("test_accuracy", 7)


def test_a_log_epoch_by_epoch_is_read_by_the_epoch_from_one():
    log = as_run("002n")
    assert log.claimed("as_run_accuracy", 1) == 0.9878
    assert log.claimed("as_run_accuracy", 10) == log.claimed("as_run_accuracy") == 0.9926
    assert log.claimed("train_accuracy", 2) == 0.987
    assert log.claimed("as_run_loss", 6) == 0.0559


def test_the_losses_of_the_last_batches_are_claimed_with_the_digits_printed():
    ends = "1.4068 .3854 .0596 .0237 .3465 .0248 .0437 .0085 .3305 .1209 .0308 .0686"
    for task, last in zip("abcdefghijkl", map(float, ends.split()), strict=True):
        logged = [c for c in as_run(f"004{task}").claims if c.metric == "last_batch_loss"]
        assert [c.epoch for c in logged] == [1, 2, 3, 4, 5]
        assert logged[-1].value == last
        assert {c.digits for c in logged} == {4}  # 2.193 and 2.008 are printed 2.1930 and 2.0080
        assert logged[-1].cites == f"Epoch [5/5], Step [600/600], Loss: {last:.4f}"


@pytest.mark.parametrize("experiment", REGISTRY.values(), ids=REGISTRY)
def test_claims_can_be_held_against_a_history(experiment):
    metrics = {f.name for f in fields(History)} | {"last_batch_loss"}
    assert isinstance(History.last_batch_loss, property)
    for claim in experiment.claims:
        assert claim.metric in metrics
        assert claim.epoch in ("last", "best", "total", *range(1, experiment.epochs + 1))
        assert (claim.epoch == "total") == (claim.metric == "seconds")
        if claim.metric.startswith("as_run"):
            assert experiment.as_run
        if claim.metric.endswith("accuracy"):
            assert 0 < claim.value <= 1


def test_the_splits_of_the_stand_in_digits_run_too():
    dataset = data.load(source="digits", validation=0)
    small = replace(dataset, train=dataset.train.first(64), test=dataset.test.first(20))
    _, history = experiments.train(replace(as_run("000m"), epochs=1), small, 0, progress=False)
    assert history.as_run_loss != history.test_loss
