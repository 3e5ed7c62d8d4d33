"""The reports' choices on a second data set, MNIST-1D: the same networks, with one dimension less.

Each is ``mnist1d-`` and the name of the experiment on MNIST that it answers to. All have 30 epochs
in batches of 100, signals of mean 0 and standard deviation 1 unless the name says otherwise, and
the learning rate that a search on validation signals chose, equally wide for all (``tuning``). So
each is at its own best, also where a report compared two things at the same rate. The deep networks
without skips learn at none of their five rates, and the one that they have means nothing.
"""

from typing import Any

from course_utils.experiments.definition import Experiment

IN_UNIT = "numbers in [0, 1]"


def _signals(
    name: str, what: str, model: str, optimizer: str, lr: float, *, as_run: bool = False,
    in_unit: bool = False, loss: str = "cross_entropy", **model_args: Any,
) -> Experiment:  # fmt: skip
    numbers = f", {IN_UNIT}" if in_unit else ""
    return Experiment(
        name=f"mnist1d-{name}",
        summary=f"MNIST-1D: {what} with {optimizer} at lr {lr:g}{numbers}, 30 epochs",
        dataset="mnist1d",
        model=model,
        model_args=model_args,
        optimizer=optimizer,
        optimizer_args={"lr": lr},
        epochs=30,
        batch_size=100,
        normalization="unit" if in_unit else "standard",
        loss=loss,
        as_run=as_run,
    )


def _mlp(
    variant: str, optimizer: str, lr: float, hidden: int = 500, in_unit: bool = False, **args: Any
) -> Experiment:
    return _signals(
        f"mlp-{hidden}{variant}-{optimizer}", f"40–{hidden}–10{variant.replace('-', ' + ')}",
        "mlp", optimizer, lr, as_run=bool(args), in_unit=in_unit,
        hidden=[hidden], in_features=40, **args,
    )  # fmt: skip


def _staged(variant: str, what: str, lr: float, optimizer: str = "sgd", **args: Any) -> Experiment:
    return _signals(
        f"cnn-8-16-32{variant}-{optimizer}", f"8–16–32 channels{what}",
        "staged_cnn", optimizer, lr, dims=1, **args,
    )  # fmt: skip


def _small(variant: str, what: str, lr: float, **args: Any) -> Experiment:
    return _signals(
        f"cnn-10-20{variant}-sgd", f"10–20 channels, dropout{what}",
        "small_cnn", "sgd", lr, as_run=True, loss="nll", dims=1, **args,
    )  # fmt: skip


_BN: dict[str, Any] = {"batch_norm": True}
_BN_DROPOUT: dict[str, Any] = {"batch_norm": True, "dropout": 0.5}

SIGNALS = (
    _signals("linear-adam", "40–10", "mlp", "adam", 1e-2, hidden=[], in_features=40),
    _mlp("", "sgd", 1.0),
    _mlp("", "momentum", 0.3),
    _mlp("", "rmsprop", 3e-2),
    _mlp("", "adam", 1e-2),
    _staged("", "", 0.3),
    _staged("", "", 1e-2, "adam"),
    _staged("-pool-first", ", pooling before ReLU,", 0.3, order="pool-activation"),
    _staged(
        "-pool-first-tanh", ", pooling before tanh,", 0.3,
        order="pool-activation", activation="tanh",
    ),
    _mlp("-bn", "sgd", 0.3, **_BN),
    _mlp("-bn", "momentum", 0.1, **_BN),
    _mlp("-bn", "rmsprop", 3e-3, **_BN),
    _mlp("-bn", "adam", 3e-2, **_BN),
    _small("", "", 0.3),
    _small("-relu-logits", ", ReLU on the logits,", 0.3, relu_logits=True),
    _mlp("-unit", "adam", 3e-3, hidden=128, in_unit=True),
    _mlp("", "adam", 3e-2, hidden=128),
    _signals("lenet-unit-adam", "LeNet-like", "lenet", "adam", 3e-3, in_unit=True, dims=1),
    _signals("lenet-adam", "LeNet-like", "lenet", "adam", 1e-2, dims=1),
    _mlp("-bn-dropout", "sgd", 0.3, **_BN_DROPOUT),
    _mlp("-bn-dropout", "momentum", 0.01, **_BN_DROPOUT),
    _mlp("-bn-dropout", "rmsprop", 3e-3, **_BN_DROPOUT),
    _mlp("-bn-dropout", "adam", 1e-2, **_BN_DROPOUT),
    _staged("-deep", ", three more convolutions a stage, no skips,", 1.0, depth=3),
    _staged("-deep-skip-1", ", three more a stage, a skip past each,", 0.03, depth=3, skip=1),
    _staged(
        "-deep-relu-lost", ", three more a stage, no skips, no ReLU between those of 16,", 1.0,
        depth=3, relu_lost=[16],
    ),
    _staged("-deep-skip-3", ", three more a stage, one skip past all,", 0.3, depth=3, skip=3),
    _staged(
        "-deep-bn-skip-1", ", three more BN–ReLU–convolutions a stage, a skip past each,", 0.1,
        depth=3, skip=1, batch_norm=True,
    ),
)  # fmt: skip
