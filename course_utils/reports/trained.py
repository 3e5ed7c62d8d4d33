"""The registry's claims: numbers that training gave in the reports, beside our recorded runs."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from course_utils import inspection
from course_utils.basics.numerals import per_cent
from course_utils.data.idx import TRAIN_IMAGES
from course_utils.evaluation import mean_interval, prediction_interval
from course_utils.experiments import Claim, Experiment, Recorded, as_run
from course_utils.reports.finding import Anchor, Finding
from course_utils.reports.networks import built
from course_utils.reports.rules import measured, untold
from course_utils.reports.runs import Runs, accuracy, not_recorded

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


def claims(task: str, runs: Runs, place: Anchor | None, **elsewhere: Anchor) -> Iterator[Finding]:
    """Give a finding for each number that a report claims of a task's run.

    ``elsewhere`` names metrics that the book shows at another place than the task. Without
    ``place``, only those are given.

    >>> [f.verdict for f in claims("004d", Runs(), Anchor("", "")) if f.quantity.startswith("test")]
    ['reproduced']
    """
    experiment = as_run(task)
    for claim in experiment.claims:
        where = elsewhere.get(claim.metric, place)
        if where:
            yield _finding(task, experiment, claim, where, runs[experiment])


def _finding(
    task: str, experiment: Experiment, claim: Claim, place: Anchor, recorded: Recorded | None
) -> Finding:
    quantity, theirs = _quantity(claim), _as_printed(claim)
    signed = theirs if claim.relation == "=" else f"{claim.relation} {theirs}"
    if claim.metric == "seconds":
        why = "Seconds belong to a machine. The steps and the multiply-adds do not."
        return untold(
            task, quantity, cost(experiment), place, why=why, theirs=signed, cites=claim.cites
        )
    if recorded is None:
        why = not_recorded(experiment)
        return untold(task, quantity, "", place, why=why, theirs=signed, cites=claim.cites)
    curves = recorded.curves(claim.metric)
    chosen = curves[:, claim.epoch - 1 if isinstance(claim.epoch, int) else -1]
    values = [float(v) for v in (curves.max(axis=1) if claim.epoch == "best" else chosen)]
    why = _why(claim, values, recorded)
    found = measured(
        task, quantity, theirs, values, place, relation=claim.relation, why=why, cites=claim.cites
    )
    return replace(found, why=" ".join([found.why, *_notes(claim, recorded)]).strip())


def _quantity(claim: Claim) -> str:
    when = f", epoch {claim.epoch}" if isinstance(claim.epoch, int) else ""
    return QUANTITIES[claim.metric] + (", best epoch" if claim.epoch == "best" else when)


def _as_printed(claim: Claim) -> str:
    """The number as the report prints it; accuracies in per cent."""
    value = Decimal(repr(claim.value))
    digits = claim.digits or max(0, -int(value.as_tuple().exponent))
    if claim.metric.endswith("accuracy"):
        return f"{100 * value:.{max(0, digits - 2)}f} %"
    return f"{value:.{digits}f}"


def cost(experiment: Experiment) -> str:
    """What no machine changes about a run's seconds: its steps, and the multiply-adds of each."""
    size = experiment.resize or 28
    adds = inspection.trace(built(experiment), (1, size, size)).totals.multiply_adds
    steps = experiment.epochs * -(-TRAIN_IMAGES.shape[0] // experiment.batch_size)
    return f"{steps:,} steps of {experiment.batch_size} images, {adds:,} multiply-adds an image"


def _why(claim: Claim, values: list[float], recorded: Recorded) -> str:
    """What a verdict "not reproduced" rests on, measured."""
    if claim.relation == "≈" or len(values) < 2:
        return "Our mean does not round to it."
    further, mean = prediction_interval(values), mean_interval(values)
    low, high, least = (
        per_cent(x) if claim.metric.endswith("accuracy") else f"{x:.4f}"
        for x in (max(0, further.low), further.high, mean.low)
    )
    if claim.relation == ">":
        return f"The 95 % interval of our mean begins at {least}."
    lie = f"One further run of ours would lie between {low} and {high}, 19 times in 20."
    return f"{lie} {_as_far(claim, recorded)}"


def _as_far(claim: Claim, recorded: Recorded) -> str:
    """After how many epochs our mean has the accuracy, or the loss, that the report gives."""
    curve = recorded.curves(claim.metric).mean(axis=0)
    sign = 1 if claim.metric.endswith("accuracy") else -1
    there = sign * curve >= sign * claim.value
    if not there.any():
        return "Our mean is never that far."
    return f"Our mean is that far after epoch {there.argmax() + 1} of {len(curve)}."


def _notes(claim: Claim, recorded: Recorded) -> Iterator[str]:
    """What else the records say about a number."""
    last = recorded.values(claim.metric)
    if claim.metric == "as_run_accuracy" and claim.epoch == "last":
        proper = recorded.values("test_accuracy")
        if proper != last:
            yield f"In eval mode the same runs give {accuracy(proper)}."
    if claim.metric == "test_accuracy" and isinstance(claim.epoch, int):
        yield _reached(claim.value, recorded)
    if claim.epoch == "best":
        yield (
            "We read its words as the best epoch's, chosen on the test set. Our last one gives "
            f"{accuracy(last)}."
        )
    if "depth" in recorded.experiment.model_args:
        yield "Ours has a ReLU before each of the two poolings; the report's code has none there."


def _reached(least: float, recorded: Recorded) -> str:
    """After how many epochs our seeds have a test accuracy for the first time."""
    reached = recorded.curves("test_accuracy") >= least
    first = reached.argmax(axis=1)[reached.any(axis=1)] + 1
    got = f"Of our seeds {len(first)} of {len(reached)} reach {per_cent(least, 0)}"
    return f"{got}, after epoch {first.min()} to {first.max()}." if len(first) else f"{got}."
