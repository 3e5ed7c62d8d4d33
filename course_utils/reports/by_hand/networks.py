"""What do the reports' networks consist of, and what was in their programs? Counted and asked."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms

from course_utils import experiments
from course_utils.data import Dataset
from course_utils.experiments.definition import Experiment
from course_utils.experiments.registry import find
from course_utils.models import parameter_count
from course_utils.reports.by_hand.telling import scientific
from course_utils.reports.rows import Place, Row, computed, stated, untold

FIRST, DEPTH, SLIPS = "06a_cnn_baseline", "06b_optimizers_and_depth", "06c_evaluation"
MLP = Place("05_mnist_mlp", "The network and its loss")
TWO_COUNTS = Place(SLIPS, "Two counts")

# The reports' counts; "" where one gives none.
COUNTS = {
    "000m": ("", Place(FIRST, "The network")),
    "001a": ("42,310", MLP),
    "001c": ("21,578", Place(FIRST, "The 8–16–32 baseline")),
    "001h": ("", Place(DEPTH, "Depth, and skips past it")),
    "001j": ("", Place(DEPTH, "Batch norm and three variations")),
    "002m": ("", Place(SLIPS, "Evaluating without eval()")),
    "003h": ("101,770", MLP),
    "003n": ("8,490", TWO_COUNTS),
    "004m": ("", Place(SLIPS, "A normalisation that never ran")),
}


def parameters() -> list[Row]:
    """The parameters of each network that has learned ones, as its report ran it."""
    rows = []
    for task, (theirs, place) in COUNTS.items():
        count = parameter_count(experiments.build(find(task)[0], seed=0))
        if theirs:
            why = "The network has others."
            rows.append(computed(task, "parameters", theirs, count, place, why=why))
        else:
            why = "We have no count of the report's."
            rows.append(untold(task, "parameters", f"{count:,}", place, why=why))
    return rows


def two_counts() -> list[Row]:
    """003p: the parameters that DS5220's text compares."""
    cnn, mlp = (experiments.build(find(task)[0], seed=0) for task in ("003n", "003h"))
    biases = sum(p.numel() for p in [*cnn.parameters()][-1:])
    small, large = parameter_count(cnn), parameter_count(mlp)
    return [
        computed(
            "003p", "parameters of the CNN", "8480", small, TWO_COUNTS,
            why=f"{small - biases:,} is what it has without the last {biases} biases.",
        ),
        computed(
            "003p", "parameters of the MLP", "100,770", large, TWO_COUNTS,
            why=f"784 · 128 + 128 + 128 · 10 + 10 = {large:,}. The report's number "
            "is no sum of these parts: a slip of the pen.",
        ),
    ]  # fmt: skip


def normalize(dataset: Dataset) -> list[Row]:
    """004m: a Normalize that is defined after the data set, as CSCI4146's program does."""
    k = dataset.constants
    transform: transforms.ToTensor | transforms.Compose = transforms.ToTensor()
    train_set = dataset.train.first(640).as_dataset(transform)
    transform = transforms.Compose([transform, transforms.Normalize(k.scaled_mean, k.scaled_std)])
    arrived, _ = next(iter(DataLoader(train_set, batch_size=640)))
    intended = dataset.normalized().train.inputs(slice(640))
    return [
        stated(
            "004m", "Normalize", "defined in the program",
            f"never applied: a batch has mean {arrived.mean():.2f}, deviation {arrived.std():.2f} "
            f"and lowest pixel {arrived.min():.2f}; intended were {_signed(intended.mean())}, "
            f"{intended.std():.2f} and {_signed(intended.min())}", COUNTS["004m"][1],
            holds=bool(arrived.min() < 0),
            why="The data set was made with the earlier transform. A name given anew changes "
            "nothing in it, and no error is raised.",
        )
    ]  # fmt: skip


def techniques() -> list[Row]:
    """004o: which of the techniques that CSCI4146 lists are in its program."""
    used = [name for name, found in _techniques(find("004n")[0]).items() if found]
    decay = find("004n")[0].optimizer_args["weight_decay"]
    absent = [name for name in _techniques(find("004n")[0]) if name not in used]
    return [
        stated(
            "004o", "which choices helped", "several techniques, listed",
            f"in the program: {', '.join(used)} ({scientific(decay)}); not in it: "
            f"{', '.join(absent)}", Place(SLIPS, "Which techniques were used?"), holds=not absent,
            why="What is not in the program did not help. What is in it need not have helped "
            "either: only a run without it tells.",
        )
    ]  # fmt: skip


def _techniques(experiment: Experiment) -> dict[str, bool]:
    layers = [*experiments.build(experiment, seed=0).modules()]
    dropout = (nn.Dropout, nn.Dropout2d)
    norm = (nn.BatchNorm1d, nn.BatchNorm2d)
    return {
        "weight decay": experiment.optimizer_args.get("weight_decay", 0) > 0,
        "dropout": any(isinstance(layer, dropout) for layer in layers),
        "batch norm": any(isinstance(layer, norm) for layer in layers),
        "normalised pixels": experiment.normalization != "unit",
    }


def _signed(number: torch.Tensor) -> str:
    return f"{number:.2f}".replace("-", "−")
