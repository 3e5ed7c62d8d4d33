"""Which experiments does the course know? What each one trains, and what its report claims."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal

Normalization = Literal["unit", "standard"]


@dataclass(frozen=True)
class Claim:
    """A number that a report gives: a metric of the last epoch and its value."""

    metric: str
    value: float
    relation: Literal["=", ">"] = "="


@dataclass(frozen=True)
class Experiment:
    """One training run of a report, or its correction, whole: change a field and it is another.

    ``model`` names a function of ``course_utils.models``, ``optimizer`` one of
    ``training.OPTIMIZERS``; the ``…_args`` go to them. ``normalization`` is "unit" (pixels in
    [0, 1]) or "standard" (minus the training images' mean, over their standard deviation).
    ``as_run`` also measures the test set in training mode. ``source`` is a report's course code
    and ``inventory`` the number of its task.
    """

    name: str
    source: str
    inventory: str
    summary: str
    model: str
    epochs: int
    batch_size: int
    optimizer: str
    model_args: Mapping[str, Any] = field(default_factory=dict)
    optimizer_args: Mapping[str, Any] = field(default_factory=dict)
    normalization: Normalization = "unit"
    loss: str = "cross_entropy"
    as_run: bool = False
    claims: tuple[Claim, ...] = ()

    @property
    def definition(self) -> dict[str, Any]:
        """The fields that decide the result, as plain JSON values.

        A field at its default is left out, so that a new field leaves old records valid.
        """
        words = ("name", "source", "inventory", "summary", "claims")
        chosen = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.name not in words and getattr(self, f.name) != _default(f)
        }
        return json.loads(json.dumps(chosen))

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change when the definition does."""
        text = json.dumps(self.definition, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def claimed(self, metric: str) -> float:
        """The report's value of a metric.

        Raises
        ------
        KeyError : the report gives none.
        """
        for claim in self.claims:
            if claim.metric == metric:
                return claim.value
        raise KeyError(f"metric: {self.source} claims no {metric} for {self.name}")


def _default(f: Any) -> Any:
    return f.default_factory() if f.default_factory is not MISSING else f.default


def _hidden_128(
    letter: str, variant: str, *claims: Claim, lr: float, normalization: Normalization = "unit"
) -> Experiment:
    pixels = "normalised pixels" if normalization == "standard" else "pixels in [0, 1]"
    return Experiment(
        name=f"mlp-128-adam{variant}",
        source="DS5220",
        inventory=f"003{letter}",
        summary=f"784–128–10 with Adam at lr {lr:g}, {pixels}, ten epochs",
        model="mlp",
        model_args={"hidden": [128]},
        optimizer="adam",
        optimizer_args={"lr": lr},
        epochs=10,
        batch_size=64,
        normalization=normalization,
        claims=claims,
    )


def _hidden_500(
    letter: str,
    variant: str,
    optimizer: str,
    accuracy: float | None = None,
    *,
    lr: float = 1e-3,
    **model_args: Any,
) -> Experiment:
    rate = "" if lr == 1e-3 else f"-lr-{lr:g}"
    layers = variant.replace("-", " + ")
    return Experiment(
        name=f"mlp-500{variant}-{optimizer}{rate}",
        source="CSCI4146",
        inventory=f"004{letter}",
        summary=f"784–500–10{layers} with {optimizer} at lr {lr:g}, five epochs",
        model="mlp",
        model_args={"hidden": [500], **model_args},
        optimizer=optimizer,
        optimizer_args={"lr": lr},
        epochs=5,
        batch_size=100,
        as_run=True,
        claims=() if accuracy is None else (Claim("as_run_accuracy", accuracy),),
    )


_BATCH_NORM = {"batch_norm": True}
_BATCH_NORM_DROPOUT = {"batch_norm": True, "dropout": 0.5}

_EXPERIMENTS = (
    Experiment(
        name="mlp-50-50-sgd",
        source="1RT720",
        inventory="001a",
        summary="784–50–50–10 with SGD, 150 epochs",
        model="mlp",
        model_args={"hidden": [50, 50]},
        optimizer="sgd",
        optimizer_args={"lr": 0.01},
        epochs=150,
        batch_size=128,
        claims=(Claim("train_accuracy", 0.98, ">"), Claim("test_accuracy", 0.97, ">")),
    ),
    _hidden_128("h", "", Claim("train_accuracy", 0.98), Claim("test_accuracy", 0.967), lr=0.01),
    _hidden_128("h", "-lr-0.002", lr=0.002),
    _hidden_128("l", "-normalized", lr=0.01, normalization="standard"),
    _hidden_128("l", "-normalized-lr-0.002", lr=0.002, normalization="standard"),
    _hidden_500("a", "", "sgd", 0.7847),
    _hidden_500("a", "", "sgd", lr=0.1),
    _hidden_500("b", "", "momentum", 0.9062),
    _hidden_500("c", "", "rmsprop", 0.9803),
    _hidden_500("d", "", "adam", 0.979),
    _hidden_500("e", "-bn", "sgd", 0.9271, **_BATCH_NORM),
    _hidden_500("f", "-bn", "momentum", 0.9698, **_BATCH_NORM),
    _hidden_500("g", "-bn", "rmsprop", 0.9759, **_BATCH_NORM),
    _hidden_500("h", "-bn", "adam", 0.9765, **_BATCH_NORM),
    _hidden_500("i", "-bn-dropout", "sgd", 0.9073, **_BATCH_NORM_DROPOUT),
    _hidden_500("j", "-bn-dropout", "momentum", 0.9579, **_BATCH_NORM_DROPOUT),
    _hidden_500("k", "-bn-dropout", "rmsprop", 0.9661, **_BATCH_NORM_DROPOUT),
    _hidden_500("l", "-bn-dropout", "adam", 0.9678, **_BATCH_NORM_DROPOUT),
)

REGISTRY: dict[str, Experiment] = {experiment.name: experiment for experiment in _EXPERIMENTS}


def find(name: str) -> list[Experiment]:
    """The experiments that a word means: a name, an inventory number, or a report's code.

    Of a task's experiments the first is as the report ran it; those after it put it right.

    Raises
    ------
    ValueError : nothing is called so; the nearest names are given.

    Examples
    --------
    >>> [e.name for e in find("004d")]
    ['mlp-500-adam']
    >>> [e.name for e in find("004a")]  # as the report has it, and put right
    ['mlp-500-sgd', 'mlp-500-sgd-lr-0.1']
    """
    found = [e for e in _EXPERIMENTS if name in (e.name, e.inventory, e.source)]
    if not found:
        raise ValueError(
            f"experiment: {name!r} is no name, inventory number or report's code of the registry; "
            f"known are {', '.join(REGISTRY)}"
        )
    return found
