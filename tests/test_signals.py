"""MNIST-1D: the signals, the networks for them, and the experiments on them."""

import hashlib
import random
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import data, experiments, models
from course_utils.data import signals as made
from course_utils.data.idx import checksum
from course_utils.data.sets import Name
from course_utils.experiments import REGISTRY, TUNINGS, records
from course_utils.experiments.definition import DatasetName
from course_utils.experiments.signals import SIGNALS
from course_utils.models.parts import layer


@pytest.fixture(scope="module")
def signals() -> data.Dataset:
    return data.load("mnist1d")


# The signals


def test_the_signals_are_the_recorded_ones(signals):
    arrays = made.signals()
    digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
    assert signals.checksum == digest == made.SHA256
    assert (signals.name, signals.source, signals.is_mnist) == ("mnist1d", "mnist1d", False)
    whole = data.load("mnist1d", validation=0)
    for split, n in ((whole.train, 4000), (whole.test, 1000)):
        assert split.images.shape == (n, 1, 40) and split.images.dtype == torch.float32
        assert split.labels.shape == (n,) and split.labels.dtype == torch.int64
        assert split.labels.bincount().min() > 0.085 * n  # all ten classes, about evenly
    assert whole.train.images[7, 0].tolist() == arrays[0][7].tolist()
    # They have six decimals; numbers that had more would lie anywhere up to a half away.
    micro = whole.train.images.double() * 1e6
    assert (micro - micro.round()).abs().max() < 0.25  # what float32 makes of numbers up to 8


def test_another_machines_rounding_leaves_the_checksum_alone(monkeypatch):
    """Values that differ by a million units in the last place round to the same six decimals."""
    from mnist1d import data as theirs

    original = theirs.make_dataset(theirs.get_dataset_args())
    shaken = np.random.default_rng(0)

    def elsewhere(args):
        found = dict(original)
        for key in ("x", "x_test"):
            found[key] = found[key] + 1e-13 * shaken.choice([-1, 1], found[key].shape)
        return found

    monkeypatch.setattr(theirs, "make_dataset", elsewhere)
    assert checksum(made.signals.__wrapped__()) == made.SHA256


def test_signals_that_come_out_otherwise_are_refused(monkeypatch):
    from mnist1d import data as theirs

    spoilt = theirs.make_dataset(theirs.get_dataset_args())
    spoilt["x"][3, 5] += 1e-5
    monkeypatch.setattr(theirs, "make_dataset", lambda args: spoilt)
    with pytest.raises(
        data.DataError, match=r"MNIST-1D: expected the SHA-256 64cf\w+ of what mnist1d 0"
    ):
        made.signals.__wrapped__()


def test_making_them_leaves_the_global_generators_alone():
    random.seed(5), np.random.seed(5)  # noqa: NPY002
    wanted = random.random(), np.random.rand()  # noqa: NPY002
    random.seed(5), np.random.seed(5)  # noqa: NPY002
    made.signals.__wrapped__()
    assert (random.random(), np.random.rand()) == wanted  # noqa: NPY002


def test_the_validation_signals_are_training_signals_and_always_the_same(signals):
    whole, again = data.load("mnist1d", validation=0), data.load("mnist1d")
    assert (len(signals.train), len(signals.validation), len(signals.test)) == (3000, 1000, 1000)
    assert torch.equal(signals.validation.images, again.validation.images)
    rows = [
        tuple(x.flatten().tolist()) for x in (*signals.train.images, *signals.validation.images)
    ]
    assert len(set(rows)) == 4000
    assert set(rows) == {tuple(x.flatten().tolist()) for x in whole.train.images}
    assert signals.constants == whole.constants
    for validation in (-1, 4000):
        with pytest.raises(ValueError, match=f"validation: {validation} is invalid; .* 0 to 3999"):
            data.load("mnist1d", validation=validation)
    with pytest.raises(ValueError, match="source: 'digits' is invalid; .* in for mnist1d"):
        data.load("mnist1d", source="digits")


def test_a_network_is_given_signals_as_they_are_or_normalised(signals):
    kept = signals.train.images.clone()
    x = signals.train.inputs(slice(5))
    assert (
        torch.equal(x, kept[:5])
        and repr(signals.test) == "Split(1000 signals of 40, mean=0.0, std=1.0)"
    )
    x.zero_()
    signals.normalized(1.0, 2.0).train.inputs(torch.arange(5))
    signals.normalized(1.0, 2.0).train.inputs(slice(5))
    assert torch.equal(signals.train.images, kept)
    found = signals.normalized(1.0, 2.0).train.inputs([3, 1])
    assert torch.equal(found, (kept[[3, 1]] - 1.0) / 2.0)
    assert signals.train.first(3).inputs().shape == (3, 1, 40)


def test_the_constants_of_signals_are_of_their_numbers():
    constants = data.Constants.of(torch.tensor([[[1.0, 2.0], [3.0, 6.0]]]))
    assert (constants.min, constants.max, constants.mean) == (1, 6, 12 / 4)
    assert constants.std == np.float32(np.sqrt((4 + 1 + 0 + 9) / 4)) == constants.scaled_std
    whole = data.load("mnist1d", validation=0)
    numbers = whole.train.images.double()
    assert whole.constants.mean == pytest.approx(float(numbers.mean()), abs=1e-9)
    assert whole.constants.std == pytest.approx(float(numbers.std(correction=0)), rel=1e-6)


def test_signals_are_no_pictures(signals):
    for attempt in (signals.test.as_dataset, lambda: signals.resized(14)):
        with pytest.raises(ValueError, match="images: torch.float32 .* invalid; use uint8 images"):
            attempt()


# The networks


def by_hand(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(*layers)


def pair(width: int) -> list[nn.Module]:
    return [nn.BatchNorm1d(width), nn.ReLU(), nn.Conv1d(width, width, 3, padding=1)]


HAND_MADE = {
    "staged_cnn": lambda: by_hand(
        nn.Conv1d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(16, 32, 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(320, 10),
    ),
    "staged_cnn deep": lambda: by_hand(
        nn.Conv1d(1, 8, 3, padding=1), *pair(8), nn.MaxPool1d(2), nn.Tanh(),
        nn.Conv1d(8, 16, 3, padding=1), *pair(16), nn.MaxPool1d(2), nn.Tanh(),
        nn.Conv1d(16, 32, 3, padding=1), *pair(32), nn.Tanh(),
        nn.Flatten(), nn.Linear(320, 10),
    ),
    "dropout_cnn": lambda: by_hand(
        nn.Conv1d(1, 16, 3), nn.ReLU(), nn.Conv1d(16, 32, 3), nn.ReLU(), nn.MaxPool1d(2),
        nn.Dropout(0.25), nn.Flatten(), nn.Linear(32 * 18, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 10), nn.LogSoftmax(1),
    ),
    "average_pool_cnn": lambda: by_hand(
        nn.Conv1d(1, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(), nn.AvgPool1d(2),
        nn.Conv1d(32, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(), nn.AvgPool1d(2),
        nn.Conv1d(32, 64, 5, padding=2), nn.BatchNorm1d(64), nn.ReLU(), nn.AvgPool1d(2),
        nn.Flatten(), nn.Linear(64 * 5, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10),
    ),
    "small_cnn": lambda: by_hand(
        nn.Conv1d(1, 10, 5), nn.MaxPool1d(2), nn.ReLU(),
        nn.Conv1d(10, 20, 5), nn.Dropout1d(0.5), nn.MaxPool1d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(20 * 7, 10), nn.ReLU(), nn.LogSoftmax(1),
    ),
    "lenet": lambda: by_hand(
        nn.Conv1d(1, 16, 5), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(16, 32, 5), nn.ReLU(), nn.MaxPool1d(2),
        nn.Flatten(), nn.Linear(32 * 7, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10),
    ),
}  # fmt: skip
ARGUMENTS = {
    "staged_cnn deep": {
        "depth": 1, "batch_norm": True, "order": "pool-activation", "activation": "tanh",
    },
    "dropout_cnn": {"size": 40},
    "small_cnn": {"relu_logits": True},
}  # fmt: skip


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("name", HAND_MADE)
def test_a_network_for_signals_is_the_hand_made_one(name, mode):
    hand = HAND_MADE[name]()
    if "deep" in name:  # there the activation of a pair is the network's own
        hand = nn.Sequential(*[nn.Tanh() if isinstance(m, nn.ReLU) else m for m in hand])
    ours = getattr(models, name.split()[0])(dims=1, **ARGUMENTS.get(name, {}))
    assert [type(m) for m in ours] == [type(m) for m in hand]
    ours.load_state_dict(hand.state_dict())
    x = torch.randn(6, 1, 40, generator=torch.Generator().manual_seed(1))
    results = []
    for network in (hand, ours):
        getattr(network, mode)()
        torch.manual_seed(2)
        results.append(network(x))
    assert results[0].shape == (6, 10) and torch.equal(*results)


def test_skips_lead_past_the_same_layers_as_on_images():
    network, twin = models.staged_cnn(depth=2, skip=2, dims=1), models.staged_cnn(depth=2, skip=2)
    names = [
        [type(m).__name__.replace("2d", "1d") for m in net.modules()] for net in (network, twin)
    ]
    assert names[0] == names[1] and "Residual" in names[0]
    assert network(torch.zeros(2, 1, 40)).shape == (2, 10)


def test_dropout_that_never_sleeps_drops_channels_of_signals_too():
    network = models.small_cnn(dropout_sleeps=False, dims=1).eval()
    dropout = next(m for m in network if isinstance(m, nn.Dropout1d))
    torch.manual_seed(0)
    x = dropout(torch.ones(50, 20, 14))
    assert set(x.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(x[:, :, :1].expand_as(x), x)  # a channel is dropped whole
    assert isinstance(dropout, models.AlwaysDropout1d)


@pytest.mark.parametrize("dims", [0, 3, "1", True])
def test_networks_are_for_images_or_signals(dims):
    for attempt in (lambda: layer("Conv", dims), lambda: models.lenet(dims=dims)):
        with pytest.raises(ValueError, match="dims: .* is invalid; use an integer from 1 to 2"):
            attempt()


# The experiments


def test_an_experiment_on_signals_has_another_hash_and_mnists_keep_theirs():
    one = REGISTRY["mlp-500-adam"]
    assert one.dataset == "mnist" and "dataset" not in one.definition
    other = replace(one, dataset="mnist1d")
    assert other.definition == one.definition | {"dataset": "mnist1d"} and other.hash != one.hash
    with pytest.raises(
        ValueError, match="dataset: 'cifar' is invalid; use 'mnist', 'fashion-mnist"
    ):
        replace(one, dataset="cifar")


def test_all_on_signals_have_the_same_length_and_a_searched_rate():
    assert {e.name for e in SIGNALS} == {
        e.name for e in REGISTRY.values() if e.dataset == "mnist1d"
    }
    for experiment in SIGNALS:
        assert experiment.name.startswith("mnist1d-") and not experiment.inventory
        assert (experiment.epochs, experiment.batch_size, experiment.seeds) == (30, 100, 10)
        assert TUNINGS[experiment.name].tuned is experiment
        assert f"lr {experiment.optimizer_args['lr']:g}" in experiment.summary
        last = experiments.build(experiment, 0)[-1]
        assert isinstance(last, nn.LogSoftmax) == (experiment.loss == "nll")


@pytest.mark.parametrize("experiment", SIGNALS, ids=lambda e: e.name)
def test_every_experiment_on_signals_runs(experiment, signals):
    """One epoch; every parameter moves, and both ways to measure differ where they should."""
    few = replace(signals, train=signals.train.first(300), test=signals.test.first(50))
    before = [p.detach().clone() for p in experiments.build(experiment, 0).parameters()]
    short = replace(experiment, epochs=1)
    model, history = experiments.train(short, few, 0, device="cpu", progress=False)
    assert len(history.batch_loss) == 3 and np.isfinite(history.test_loss).all()
    assert len(history.as_run_loss) == experiment.as_run
    if experiment.as_run:
        assert history.as_run_loss != history.test_loss
    assert all(bool((p != b).any()) for p, b in zip(model.parameters(), before, strict=True))


def test_unit_signals_lie_between_0_and_1_and_standard_ones_about_0(signals):
    standard = REGISTRY["mnist1d-lenet-adam"]
    x = experiments.prepared(replace(standard, normalization="unit"), signals).train.inputs()
    assert 0 <= x.min() < 0.1 and 0.9 < x.max() <= 1 and x.std() < 0.12
    x = experiments.prepared(standard, signals).train.inputs()
    assert abs(float(x.mean())) < 0.01 and abs(float(x.std()) - 1) < 0.01


def test_a_run_on_signals_is_a_record_and_needs_no_mnist(tmp_path, monkeypatch):
    """Also where MNIST's experiments would run on the digits."""
    monkeypatch.setattr(data.loading, "gather", lambda *_, **__: pytest.fail("MNIST is looked for"))
    quick = replace(REGISTRY["mnist1d-linear-adam"], epochs=2)
    path = experiments.run(quick, 1, source="digits", folder=tmp_path, device="cpu", progress=False)
    found = records.read(path)
    assert path.name == "seed-1.json" and found["hash"] == quick.hash
    kept = found["data"]
    assert (kept["name"], kept["source"], kept["train"], kept["test"]) == (
        "mnist1d",
        "mnist1d",
        4000,
        1000,
    )
    assert kept["checksum"] == made.SHA256 and len(found["test_predictions"]) == 1000
    assert experiments.status_of(quick, tmp_path).recorded == [1]
    (candidate, *_) = TUNINGS[quick.name].candidates
    (path,) = experiments.sweep(
        [replace(candidate, epochs=1)], [0], jobs=1, folder=tmp_path, device="cpu", progress=False
    )
    kept = records.read(path)["data"]
    assert (kept["train"], kept["test"]) == (3000, 1000)
    trial = experiments.run(quick, 0, epochs=1, folder=tmp_path, device="cpu", progress=False)
    assert trial.name == "trial-0.epochs-1.json"


def test_an_experiment_names_its_data_set_as_load_does():
    """Definitions know no torch, so they have the names again."""
    assert get_args(DatasetName) == get_args(Name)
