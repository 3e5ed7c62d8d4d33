"""What are MNIST's constants, and to which images do they belong? Tasks 000k, 000l and 003g."""

from __future__ import annotations

import torch

from course_utils.data import Constants, Dataset
from course_utils.reports.by_hand.telling import on_mnist
from course_utils.reports.rows import Place, Row, computed, stated, untold

CONSTANTS = Place("05_mnist_mlp", "The constants")
SHRUNK = Place("06a_cnn_baseline", "The images")

# What TMU-HW4 prints, and which of the data set's constants that is.
PRINTED = (
    ("smallest pixel", "0", "min"),
    ("largest pixel", "255", "max"),
    ("mean", "33.31842041015625", "mean"),
    ("standard deviation", "78.56748962402344", "std"),
    ("mean, pixels in [0, 1]", "0.13066047430038452", "scaled_mean"),
    ("standard deviation, pixels in [0, 1]", "0.30810779333114624", "scaled_std"),
)


def constants(dataset: Dataset) -> list[Row]:
    """000k: smallest, largest, mean and deviation of all training pixels."""
    why = "The pixels are not those that it computed from."
    return [
        on_mnist(
            dataset,
            computed(
                "000k", quantity, theirs, getattr(dataset.constants, name), CONSTANTS, why=why
            ),
        )
        for quantity, theirs, name in PRINTED
    ]


def shrunk(dataset: Dataset) -> list[Row]:
    """000l: the constants of 28 × 28 pixels, used on images of 14 × 14."""
    small = dataset.resized(14)
    own = Constants.of(torch.cat([small.train.images, small.validation.images]))
    after = own.scaled_std / dataset.constants.scaled_std
    return [
        on_mnist(
            dataset,
            stated(
                "000l", "Normalize at 14 × 14 pixels", "with the constants of 28 × 28",
                f"mean {own.scaled_mean:.5f}, deviation {own.scaled_std:.5f} at 14 × 14; after "
                f"Normalize the deviation is {after:.3f}", SHRUNK,
                holds=abs(after - 1) < 0.005,
                why="Shrinking averages neighbours, which lowers the deviation. What the wrong one "
                "costs stands below, among the conclusions.",
            ),
        )
    ]  # fmt: skip


def batch(dataset: Dataset) -> list[Row]:
    """003g: mean and deviation of the data and of one batch."""
    everything, first = dataset.constants, dataset.train.inputs(slice(64))
    ours = (
        f"mean {everything.scaled_mean:.4f} and deviation {everything.scaled_std:.4f} of all; "
        f"{first.mean():.4f} and {first.std():.4f} of the first 64"
    )
    why = "The report's numbers are not in our copy. The first twenty images are in the chapter."
    row = untold("003g", "mean and deviation, of the data and of a batch", ours, CONSTANTS, why=why)
    return [on_mnist(dataset, row)]
