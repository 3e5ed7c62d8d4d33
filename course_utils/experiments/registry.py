"""Every experiment of the course, by name, task and report."""

from course_utils.experiments.convolutional import CNNS
from course_utils.experiments.definition import Experiment
from course_utils.experiments.perceptrons import MLPS

__all__ = ["REGISTRY", "find"]

EXPERIMENTS = MLPS + CNNS

REGISTRY: dict[str, Experiment] = {experiment.name: experiment for experiment in EXPERIMENTS}


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
    found = [e for e in EXPERIMENTS if name in (e.name, e.source, *e.inventory.split())]
    if not found:
        raise ValueError(
            f"experiment: {name!r} is no name, inventory number or report's code of the registry; "
            f"known are {', '.join(REGISTRY)}"
        )
    return found
