"""The reports' networks, as each report ran them: counted, and asked."""

import torch
from torch import nn

from course_utils import experiments
from course_utils.experiments import Experiment, as_run
from course_utils.models import parameter_count
from course_utils.reports.finding import Anchor, Finding
from course_utils.reports.rules import computed, untold


def built(experiment: Experiment) -> nn.Module:
    """The network of an experiment, untrained, always the same."""
    return experiments.build(experiment, seed=0)


def parameters(task: str, place: Anchor, theirs: str = "", cites: str = "") -> Finding:
    """Count the parameters of a task's network, beside the report's count where it gives one."""
    count = parameter_count(built(as_run(task)))
    if theirs:
        why = "The network has others."
        return computed(task, "parameters", theirs, count, place, why=why, cites=cites)
    why = "We have no count of the report's."
    return untold(task, "parameters", f"{count:,}", place, why=why)


def noise(n: int, size: int = 28) -> torch.Tensor:
    """Images of noise in [0, 1], ``[n, 1, size, size]``, always the same."""
    return torch.rand(n, 1, size, size, generator=torch.Generator().manual_seed(0))


def two_answers(network: nn.Module, x: torch.Tensor) -> bool:
    """Whether a network that is asked twice gives two answers."""
    torch.manual_seed(0)
    with torch.no_grad():
        return not torch.equal(network(x), network(x))
