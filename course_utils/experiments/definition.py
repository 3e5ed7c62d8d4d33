"""What an experiment is: all that decides a training run, and what a report claims of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal, get_args

from course_utils.basics.checks import choice

Normalization = Literal["unit", "standard", "own", "half"]

DatasetName = Literal["mnist", "fashion-mnist", "kmnist", "mnist1d"]

Epoch = int | Literal["last", "best", "total"]

Measured = Literal["test", "validation"]

OURS = "this course"


@dataclass(frozen=True)
class Claim:
    """A number that a report gives: a metric, its value, and the epoch that it is of.

    ``metric`` is one of ``History``. "best" is the best epoch of all, "total" all of them together:
    ``seconds`` on the report's own machine. ``relation`` "≈" stands for a report's "about".
    ``digits`` are the decimals that the report prints, where the value ends in zeros. ``cites``
    has the report's own few words with it.
    """

    metric: str
    value: float
    relation: Literal["=", ">", "≈"] = "="
    epoch: Epoch = "last"
    digits: int | None = None
    cites: str = ""


def log(metric: str, *values: float, cites: str = "") -> tuple[Claim, ...]:
    """What a report printed epoch by epoch, from the first: all with the same number of decimals.

    ``cites`` may name ``{epoch}`` and ``{value}``.

    >>> [(claim.epoch, claim.value, claim.digits) for claim in log("test_loss", 0.36, 0.3)]
    [(1, 0.36, 2), (2, 0.3, 2)]
    """
    digits = max((len(str(value).partition(".")[2]) for value in values), default=None)
    return tuple(
        Claim(
            metric, value, epoch=epoch, digits=digits, cites=cites.format(epoch=epoch, value=value)
        )
        for epoch, value in enumerate(values, start=1)
    )


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One training run, whole: a report's, its correction, or one of our own.

    Change a field and it is another.

    ``dataset`` is a name that ``data.load`` takes. ``model`` names a function of
    ``course_utils.models``, ``optimizer`` one of ``training.OPTIMIZERS``; the ``…_args`` go to
    them. ``resize`` is the images' new size in pixels. ``normalization`` is "unit" (pixels in [0,
    1]; signals, too, by the lowest and the highest number in the training signals); "standard"
    (minus the mean of the 28×28 training images, over their standard deviation); "own" (those of
    the training images after ``resize``); or "half" (minus 0.5, over 0.5). ``as_run`` also measures
    the test set in training mode. With ``measured_on`` "validation", 5,000 training images are set
    aside (of MNIST-1D 1,000 signals), and they are measured in place of the test images. ``source``
    is a report's course code and ``inventory`` the number of its task, or several with a space
    between; an experiment that belongs to no report leaves both out. ``corrects`` says in a word
    what of the task's run it puts right, or tries in another way, and is empty for the run as the
    report made it. ``seeds`` is how many, from 0, are to be recorded.
    """

    name: str
    source: str = OURS
    inventory: str = ""
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
    resize: int | None = None
    claims: tuple[Claim, ...] = ()
    seeds: int = 10
    corrects: str = ""
    measured_on: Measured = "test"
    dataset: DatasetName = "mnist"

    def __post_init__(self) -> None:
        choice("dataset", self.dataset, get_args(DatasetName))
        rule = "to compare networks of your own, use course_utils.ablation"
        if not isinstance(self.model, str):
            given = getattr(self.model, "__name__", type(self.model).__name__)
            raise ValueError(
                f"model: {given} is invalid; name one of course_utils.models, or {rule}"
            )
        try:
            json.dumps([dict(self.model_args), dict(self.optimizer_args)])
        except (TypeError, ValueError) as error:
            given = f"{self.model_args} and {self.optimizer_args}"
            raise ValueError(
                f"model_args, optimizer_args: {given} can't be written to a record ({error}); use "
                f"names, numbers and lists, or {rule}"
            ) from None

    @property
    def definition(self) -> dict[str, Any]:
        """The fields that decide the result, as plain JSON values.

        A field at its default is left out, so that a new field leaves old records valid.
        """
        words = ("name", "source", "inventory", "summary", "claims", "seeds", "corrects")
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

    def claimed(self, metric: str, epoch: Epoch = "last") -> float:
        """The report's value of a metric, after the last epoch unless another is named.

        Raises
        ------
        KeyError
            Where the report gives none.
        """
        for claim in self.claims:
            if (claim.metric, claim.epoch) == (metric, epoch):
                return claim.value
        when = "" if epoch == "last" else f" (epoch: {epoch})"
        raise KeyError(f"metric: {self.source} claims no {metric}{when} for {self.name}")


def _default(f: Any) -> Any:
    return f.default_factory() if f.default_factory is not MISSING else f.default
