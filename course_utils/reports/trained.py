"""How do the numbers that training gave in the reports stand beside our recorded runs?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from course_utils import experiments, inspection
from course_utils.data.idx import TRAIN_IMAGES
from course_utils.evaluation import mean_interval, prediction_interval
from course_utils.experiments import Recorded
from course_utils.experiments.definition import Claim, Experiment
from course_utils.experiments.registry import REGISTRY, find
from course_utils.reports import in_words
from course_utils.reports.places import place
from course_utils.reports.rows import Place, Row, measured, stated, untold
from course_utils.reports.runs import Runs
from course_utils.reports.words import mean_per_cent, not_recorded, per_cent

QUANTITIES = {
    "train_loss": "training loss",
    "train_accuracy": "training accuracy",
    "test_loss": "test loss",
    "test_accuracy": "test accuracy",
    "as_run_loss": "test loss, no eval()",
    "as_run_accuracy": "test accuracy, no eval()",
    "last_batch_loss": "loss of the last batch",
    "seconds": "seconds, all epochs",
}

N_TRAIN = TRAIN_IMAGES.shape[0]
ONES = 1_135 / 10_000  # the share of ones, the commonest digit, among the test images


@dataclass(frozen=True)
class _Held:
    """A claim of an experiment, and the record it is held against."""

    experiment: Experiment
    claim: Claim
    runs: Runs

    @property
    def recorded(self) -> Recorded | None:
        return self.runs[self.experiment.name]

    @property
    def task(self) -> str:
        """Of an experiment's tasks the last: the result, not the network."""
        return self.experiment.inventory.split()[-1]

    @property
    def place(self) -> Place:
        return place(self.task, self.claim.metric)

    @property
    def quantity(self) -> str:
        epoch = self.claim.epoch
        when = f", epoch {epoch}" if isinstance(epoch, int) else ""
        return QUANTITIES[self.claim.metric] + (", best epoch" if epoch == "best" else when)

    @property
    def theirs(self) -> str:
        """The number as the report prints it; accuracies in per cent."""
        value = Decimal(repr(self.claim.value))
        digits = self.claim.digits or max(0, -int(value.as_tuple().exponent))
        if self.claim.metric.endswith("accuracy"):
            return f"{100 * value:.{max(0, digits - 2)}f} %"
        return f"{value:.{digits}f}"

    @property
    def signed(self) -> str:
        if self.task == "001i" and self.claim.metric == "test_accuracy":
            return "barely above 10 %"
        return self.theirs if self.claim.relation == "=" else f"{self.claim.relation} {self.theirs}"

    def values(self, recorded: Recorded) -> list[float]:
        """Our value of what is claimed, one a seed."""
        curves, epoch = recorded.curves(self.claim.metric), self.claim.epoch
        if epoch == "best":
            return [float(value) for value in curves.max(axis=1)]
        return [float(value) for value in curves[:, epoch - 1 if isinstance(epoch, int) else -1]]


def rows_trained(folder: Path | None = None) -> list[Row]:
    """Give a row for each claim of the registry, and for what is told of training without one.

    They are in the order of the tasks. ``folder`` is where the records lie; None takes those that
    ship with the course. Raises ValueError for a stale or broken record.

    >>> [row.verdict for row in rows_trained() if (row.task, row.quantity[:4]) == ("004d", "test")]
    ['reproduced']
    """
    runs = Runs(folder)
    held = [_Held(e, claim, runs) for e in REGISTRY.values() for claim in e.claims]
    return sorted([*map(_row, held), *in_words.rows(runs)], key=lambda row: row.task)


def _row(held: _Held) -> Row:
    if held.claim.metric == "seconds":
        return _seconds(held)
    if held.recorded is None:
        why = not_recorded(held.experiment)
        return untold(held.task, held.quantity, "", held.place, why=why, theirs=held.signed)
    values = held.values(held.recorded)
    if held.task == "001i":
        return _barely_above_chance(held, values)
    row = measured(
        held.task, held.quantity, held.theirs, values, held.place,
        relation=held.claim.relation, why=_why(held, held.recorded),
    )  # fmt: skip
    return replace(row, why=" ".join([row.why, *_notes(held, held.recorded)]).strip())


def _why(held: _Held, recorded: Recorded) -> str:
    """What a verdict "not reproduced" rests on, measured."""
    values = held.values(recorded)
    if held.claim.relation == "≈" or len(values) < 2:
        return "Our mean does not round to it."
    accuracy = held.claim.metric.endswith("accuracy")
    further, mean = prediction_interval(values), mean_interval(values)
    low, high, least = (
        per_cent(x) if accuracy else f"{x:.4f}" for x in (further.low, further.high, mean.low)
    )
    if held.claim.relation == ">":
        return f"The 95 % interval of our mean begins at {least}."
    lie = f"One further run of ours would lie between {low} and {high}, 19 times in 20."
    return f"{lie} {_as_far(held.claim, recorded)}"


def _as_far(claim: Claim, recorded: Recorded) -> str:
    """After how many epochs our mean has the accuracy, or the loss, that the report gives."""
    curve = recorded.curves(claim.metric).mean(axis=0)
    sign = 1 if claim.metric.endswith("accuracy") else -1
    there = sign * curve >= sign * claim.value
    if not there.any():
        return "Our mean is never that far."
    return f"Our mean is that far after epoch {there.argmax() + 1} of {len(curve)}."


def _notes(held: _Held, recorded: Recorded) -> Iterator[str]:
    """What else the records say about a number."""
    metric, epoch = held.claim.metric, held.claim.epoch
    if metric == "as_run_accuracy" and epoch == "last":
        proper = recorded.values("test_accuracy")
        if proper != recorded.values(metric):
            yield f"In eval mode the same runs give {mean_per_cent(proper)}."
    if metric == "test_accuracy" and isinstance(epoch, int):
        yield _reached(recorded, held.claim.value)
    if epoch == "best":
        last = mean_per_cent(recorded.values(metric))
        yield f"The best epoch is chosen on the test set. Our last one gives {last}."
    if held.task == "003n":
        right = find("003n")[-1]
        record = held.runs[right.name]
        given = f"{mean_per_cent(record.values(metric))}." if record else not_recorded(right)
        yield f"Dropout was awake in the test, ReLU stood on the logits. With neither: {given}"


def _reached(recorded: Recorded, accuracy: float) -> str:
    """After how many epochs our seeds have a test accuracy for the first time."""
    reached = recorded.curves("test_accuracy") >= accuracy
    first = reached.argmax(axis=1)[reached.any(axis=1)] + 1
    got = f"Of our seeds {len(first)} of {len(reached)} reach {per_cent(accuracy, 0)}"
    return f"{got}, after epoch {first.min()} to {first.max()}." if len(first) else f"{got}."


def _seconds(held: _Held) -> Row:
    """Another machine's seconds cannot be told; beside them stands what no machine changes."""
    experiment = held.experiment
    size = experiment.resize or 28
    network = experiments.build(experiment, seed=0)
    adds = inspection.trace(network, (1, size, size)).totals.multiply_adds
    steps = experiment.epochs * -(-N_TRAIN // experiment.batch_size)
    ours = f"{steps:,} steps of {experiment.batch_size} images, {adds:,} multiply-adds an image"
    why = "Seconds belong to a machine. The steps and the multiply-adds do not."
    return untold(held.task, held.quantity, ours, held.place, why=why, theirs=held.signed)


def _barely_above_chance(held: _Held, values: list[float]) -> Row:
    """001i: above 10 %, and no better than a network that always gives the commonest answer."""
    right = sum(0.1 < value <= ONES for value in values)
    why = (
        f"Of our {len(values)} seeds {right} end above 10 % and not above {per_cent(ONES)}, "
        "the share of ones: so does a network that always answers 1."
    )
    row = stated(
        held.task, held.quantity, held.signed, mean_per_cent(values), held.place,
        holds=right == len(values), otherwise="not reproduced", why=why,
    )  # fmt: skip
    return replace(row, why=why)
