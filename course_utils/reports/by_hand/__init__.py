"""Which of the reports' numbers need no long run? All of pen and paper, and what a moment shows."""

from collections.abc import Iterator

from course_utils.data import Dataset
from course_utils.reports.by_hand import (
    exclusive_or,
    networks,
    one_neuron,
    order,
    pen_and_paper,
    pixels,
    reading,
    sizes,
    theory,
)
from course_utils.reports.rows import Row

__all__ = ["rows_by_hand"]


def rows_by_hand(dataset: Dataset) -> list[Row]:
    """The rows that no recorded training run is needed for, in the order of their tasks.

    What is about MNIST is computed from ``dataset``, all 60,000 training images of it; on the
    digits that stand in for it such a row says that it needs MNIST.
    """
    return sorted(_rows(dataset), key=lambda row: row.task)


def _rows(dataset: Dataset) -> Iterator[Row]:
    for part in (
        pen_and_paper.convolution, pen_and_paper.after_convolution, pen_and_paper.pooling_gradient,
        pen_and_paper.one_dimension,
        sizes.formulas, sizes.receptive_fields, sizes.blanks, sizes.parameters,
        one_neuron.sums, one_neuron.gradients, one_neuron.comparisons,
        exclusive_or.parameters, exclusive_or.training, exclusive_or.without_activation,
        networks.parameters, networks.two_counts, networks.techniques,
        reading.speed, reading.mistakes, reading.summary, reading.averaged, reading.better,
        theory.batch_norm,
    ):  # fmt: skip
        yield from part()
    for of_data in (
        pixels.constants, pixels.shrunk, pixels.batch, order.rows, networks.normalize,
        reading.pictures,
        theory.invariance, theory.leakage, theory.activations, theory.formulas,
    ):  # fmt: skip
        yield from of_data(dataset)
