"""Every experiment of the course, by name, task and report."""

from course_utils.basics.checks import invalid, lookup
from course_utils.experiments.convolutional import CNNS
from course_utils.experiments.definition import Experiment
from course_utils.experiments.perceptrons import MLPS
from course_utils.experiments.signals import SIGNALS
from course_utils.experiments.tuning import TUNINGS

__all__ = ["ALL", "REGISTRY", "as_run", "corrected", "find"]

_DEFINED = (*MLPS, *CNNS, *SIGNALS)
_HASHES = {experiment.hash for experiment in _DEFINED}
_TUNED = [t.tuned for t in TUNINGS.values() if t.tuned.hash not in _HASHES]

REGISTRY: dict[str, Experiment] = {e.name: e for e in (*_DEFINED, *_TUNED)}
ALL = REGISTRY | {e.name: e for t in TUNINGS.values() for e in t.candidates}


def find(name: str) -> list[Experiment]:
    """List the experiments that a word means: a name, an inventory number, or a source.

    The source is a report's code, or "this course" for the experiments that belong to no report.

    The candidates of a tuning, which are measured on validation images, are found by name alone.

    Raises
    ------
    ValueError
        Where nothing is called so; it lists all names.

    Examples
    --------
    >>> [e.name for e in find("003l")]
    ['mlp-128-adam-normalized', 'mlp-128-adam-normalized-lr-0.002']
    """
    found = [e for e in REGISTRY.values() if name in (e.source, *e.inventory.split())]
    found += [ALL[name]] if name in ALL else []
    if not found:
        rule = "use an inventory number, a report's code, or one of the registry's names"
        raise invalid("experiment", name, f"{rule}: {', '.join(REGISTRY)}")
    return found


def as_run(task: str) -> Experiment:
    """Give the experiment of a task as its report ran it.

    Raises
    ------
    ValueError
        For what is not the inventory number of a task that was trained.

    Examples
    --------
    >>> as_run("003n").name
    'cnn-10-20-awake-relu-logits-sgd'
    """
    return _of_task(task)[""]


def corrected(task: str, what: str) -> Experiment:
    """Give the experiment that puts one thing right of a task's run.

    Raises
    ------
    ValueError
        For another task, and for what the registry doesn't put right; it lists what it does.

    Examples
    --------
    >>> corrected("003n", "dropout").name
    'cnn-10-20-relu-logits-sgd'
    >>> corrected("003n", "the learning rate")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: what: 'the learning rate' is invalid; use 'ReLU on the logits', 'dropout'...
    """
    return lookup("what", what, {word: e for word, e in _of_task(task).items() if word})


def _of_task(task: str) -> dict[str, Experiment]:
    found = {e.corrects: e for e in REGISTRY.values() if task in e.inventory.split()}
    if not found:
        raise invalid("task", task, "use the inventory number of a task that was trained")
    return found
