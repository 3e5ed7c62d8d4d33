"""Whether the verdicts carry over: the reports' choices on MNIST, and the same on MNIST-1D.

Each choice is compared twice, in the same way, from the records of either data set. On MNIST-1D
every experiment has the learning rate that a search on validation signals chose. On MNIST the 500
hidden units and the optimizers of the 8–16–32 network have such a rate, too; the others have their
report's, but for the 128 hidden units, which have a fifth of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from course_utils.evaluation import MARGIN, Comparison
from course_utils.experiments import REGISTRY, TUNINGS, Experiment
from course_utils.reports.runs import Runs, Side

__all__ = ["SIGNAL_MARGIN", "CarryOver", "Choice", "carry_over", "choices"]

SIGNAL_MARGIN = 0.01  # a point: ten of MNIST-1D's 1,000 test signals, as MARGIN is ten of 10,000

Fate = Literal[
    "carries over",
    "turns round",
    "seen on MNIST alone",
    "seen on MNIST-1D alone",
    "seen on neither",
    "not recorded yet",
]
OPTIMIZERS = {"SGD": "sgd", "momentum": "momentum", "RMSprop": "rmsprop", "Adam": "adam"}


@dataclass(frozen=True)
class Choice:
    """A choice between ``a`` and ``b``, in words, and both on either data set."""

    says: str
    mnist: tuple[Side, Side]
    signals: tuple[Side, Side]


@dataclass(frozen=True)
class CarryOver:
    """A choice with its two comparisons, a − b. One that isn't recorded is None."""

    choice: Choice
    mnist: Comparison | None
    signals: Comparison | None

    @property
    def words(self) -> tuple[str, str]:
        """What becomes of ``a`` on MNIST and on MNIST-1D."""
        pairs = (self.mnist, MARGIN), (self.signals, SIGNAL_MARGIN)
        mnist, signals = (
            found.outcome(margin) if found else "not recorded yet" for found, margin in pairs
        )
        return mnist, signals

    @property
    def fate(self) -> Fate:
        """What becomes of the verdict: it carries over where both data sets give the same.

        Two that are "not told apart" give none, and a difference that is seen on one data set alone
        may be there on the other, too small to be seen.
        """
        mnist, signals = self.words
        if "not recorded yet" in (mnist, signals):
            return "not recorded yet"
        seen = [words in ("better", "worse") for words in (mnist, signals)]
        if all(seen) or mnist == signals == "the same":
            return "carries over" if mnist == signals else "turns round"
        if any(seen):
            return "seen on MNIST alone" if seen[0] else "seen on MNIST-1D alone"
        return "seen on neither"


def choices() -> Iterator[Choice]:
    """Give the choices, in the order of the chapters."""
    for name in ("SGD", "momentum", "RMSprop"):
        yield _choice(f"MLP: Adam, not {name}", "mlp-500-adam", f"mlp-500-{OPTIMIZERS[name]}")
    for name, optimizer in OPTIMIZERS.items():
        yield _choice(
            f"MLP with {name}: batch norm", f"mlp-500-bn-{optimizer}", f"mlp-500-{optimizer}"
        )
    bn, dropout = (
        [f"mlp-500-{layers}-{o}" for o in OPTIMIZERS.values()] for layers in ("bn", "bn-dropout")
    )
    four = "mean of four optimizers"
    yield _choice(f"MLP with batch norm: dropout as well, {four}", dropout, bn)
    for layers, networks in (("batch norm", bn), ("batch norm and dropout", dropout)):
        yield _choice(
            f"MLP with {layers}: no eval(), {four}", networks, networks, metric="as_run_accuracy"
        )
    yield _choice(
        "MLP of 128: normalised, not in [0, 1]",
        ("mlp-128-adam-normalized-lr-0.002", "mlp-128-adam"),
        ("mlp-128-adam-lr-0.002", "mlp-128-unit-adam"),
    )
    yield _choice(
        "LeNet-like: normalised, not in [0, 1]",
        ("lenet-adam-normalized", "lenet-adam"), ("lenet-adam", "lenet-unit-adam"),
    )  # fmt: skip
    cnn = "cnn-8-16-32"
    ten = tuple(f"{cnn}-{o}-10-epochs" for o in ("adam", "sgd"))
    yield _choice("A CNN, not an MLP (Adam)", (ten[0], f"{cnn}-adam"), "mlp-500-adam")
    yield _choice("CNN: Adam, not SGD", (ten[0], f"{cnn}-adam"), (ten[1], f"{cnn}-sgd"))
    yield _choice("CNN: pooling before ReLU", f"{cnn}-pool-first-sgd", f"{cnn}-sgd")
    yield _choice("CNN: tanh, not ReLU", f"{cnn}-pool-first-tanh-sgd", f"{cnn}-pool-first-sgd")
    yield _choice("CNN: ReLU on the logits", "cnn-10-20-relu-logits-sgd", "cnn-10-20-sgd")
    deep = f"{cnn}-deep"
    yield _choice("CNN: nine more convolutions, no skips", f"{deep}-sgd", f"{cnn}-sgd", epoch=50)
    yield _choice("Deep CNN: a skip past each", f"{deep}-skip-1-sgd", f"{deep}-sgd")
    yield _choice("Deep CNN: a skip past three", f"{deep}-skip-3-sgd", f"{deep}-sgd")
    yield _choice("Deep CNN: three ReLUs lost", f"{deep}-relu-lost-sgd", f"{deep}-sgd")
    yield _choice(
        "Deep CNN, a skip past each: batch norm",
        (f"{deep}-bn-skip-1-sgd-lr-0.025", f"{deep}-bn-skip-1-sgd"), f"{deep}-skip-1-sgd",
    )  # fmt: skip


def carry_over(runs: Runs | None = None) -> list[CarryOver]:
    """Compare every choice on both data sets, by the records; None takes those of the course.

    Raises
    ------
    ValueError
        For a stale or broken record.
    """
    runs = runs or Runs()
    return [
        CarryOver(choice, runs.compare(*choice.mnist), runs.compare(*choice.signals))
        for choice in choices()
    ]


Names = str | tuple[str, str] | list[str]


def _choice(
    says: str, a: Names, b: Names, *, metric: str = "test_accuracy", epoch: int | None = None
) -> Choice:
    """One side's name, that on MNIST and that on MNIST-1D if they differ, or several names.

    ``metric`` is that of ``a``. ``epoch`` is MNIST's, where the two have different lengths there.
    """
    sides = []
    for names, measured in ((a, metric), (b, "test_accuracy")):
        pairs = names if isinstance(names, list) else [names]
        both = [pair if isinstance(pair, tuple) else (pair, pair) for pair in pairs]
        ours, theirs = zip(*both, strict=True)
        sides.append((
            Side(says, *map(_on_mnist, ours), metric=measured, epoch=epoch),
            Side(says, *(REGISTRY[f"mnist1d-{name}"] for name in theirs), metric=measured),
        ))  # fmt: skip
    (mnist_a, signals_a), (mnist_b, signals_b) = sides
    return Choice(says, (mnist_a, mnist_b), (signals_a, signals_b))


def _on_mnist(name: str) -> Experiment:
    """The experiment at the rate that was searched for, where there was a search."""
    return TUNINGS[name].tuned if name in TUNINGS else REGISTRY[name]
