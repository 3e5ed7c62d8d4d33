"""The exercises of the page on the data pipeline: constants, input scale, a loss over batches."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]

_MEAN, _STD = 0.1307, 0.3081

NORMALIZE = Exercise(
    name="normalize",
    right=np.array([(0 - _MEAN) / _STD, (1 - _MEAN) / _STD]),
    tolerance=5e-4,
    mistakes=(
        Mistake(
            "the pixels were left at 0 to 255: ToTensor divides them by 255 first",
            np.array([(0 - _MEAN) / _STD, (255 - _MEAN) / _STD]),
        ),
        Mistake("the mean was subtracted after the division", np.array([-_MEAN, 1 / _STD - _MEAN])),
        Mistake("the division by the standard deviation is missing", np.array([-_MEAN, 1 - _MEAN])),
        Mistake("the mean was not subtracted", np.array([0, 1 / _STD])),
        Mistake(
            "a product with the standard deviation instead of a quotient",
            np.array([-_MEAN * _STD, (1 - _MEAN) * _STD]),
        ),
        Mistake(
            "a division by the variance instead of the standard deviation",
            np.array([-_MEAN / _STD**2, (1 - _MEAN) / _STD**2]),
        ),
        Mistake("the mean was added", np.array([_MEAN / _STD, (1 + _MEAN) / _STD])),
        Mistake("the pixels after ToTensor, before Normalize", np.array([0, 1])),
        Mistake("white and black were swapped", np.array([(1 - _MEAN) / _STD, (0 - _MEAN) / _STD])),
        Mistake(
            "the constants 0.5 and 0.5, which bring pixels to [-1, 1]; MNIST has its own",
            np.array([-1, 1]),
        ),
        Mistake(
            "the mean was subtracted from the pixels at 0 to 255, and divided by 255 after that",
            np.array([-_MEAN / 255, (255 - _MEAN) / 255]),
        ),
    ),
    hint="One step at a time: what does ToTensor make of 255, and what does Normalize do then?",
)

RATES_FOR_BYTES = Exercise(
    name="rates-for-bytes",
    right=np.array([1 / 255, 1 / 255**2]),
    tolerance=1e-8,
    mistakes=(
        Mistake("the two optimizers in the other order", np.array([1 / 255**2, 1 / 255])),
        Mistake(
            "SGD was treated like Adam, but its step is proportional to the gradient, and the "
            "gradient has grown as well",
            np.array([1 / 255, 1 / 255]),
        ),
        Mistake(
            "Adam was treated like SGD, but its step does not grow with the gradient",
            np.array([1 / 255**2, 1 / 255**2]),
        ),
        Mistake("the wrong way round: larger pixels need smaller rates", np.array([255, 255**2])),
        Mistake("the wrong way round: larger pixels need smaller rates", np.array([255, 255])),
        Mistake("nothing was changed for SGD", np.array([1 / 255, 1])),
        Mistake("nothing was changed for Adam", np.array([1, 1 / 255])),
    ),
    hint="Two things depend on the size of the pixels: how far a weight moves in a step, and what "
    "a moved weight does to w · x. Which of the two depends on the optimizer?",
)


def _mean_over_examples(losses: Array, sizes: Array) -> float:
    return float((losses * sizes).sum() / sizes.sum())


TEST_LOSS = Exercise(
    name="test-loss",
    right=_mean_over_examples,
    cases=(
        (np.array([0.5, 0.25, 1.5]), np.array([64, 64, 16])),
        (np.array([0.75]), np.array([10])),
        (np.array([0.1, 0.2, 0.4, 0.3, 2.0]), np.array([100, 100, 100, 100, 1])),
        (np.array([1.0, 3.0]), np.array([3, 1])),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the mean of the batch means: the smaller last batch weighs too much",
            lambda losses, sizes: losses.mean(),
        ),
        Mistake(
            "the sum of the batch means divided by the number of examples: "
            "too small by about the batch size",
            lambda losses, sizes: losses.sum() / sizes.sum(),
        ),
        Mistake("the batch means were only added up", lambda losses, sizes: losses.sum()),
        Mistake(
            "the sum over the examples: divide by their number",
            lambda losses, sizes: (losses * sizes).sum(),
        ),
        Mistake(
            "the sum over the examples divided by the number of batches",
            lambda losses, sizes: (losses * sizes).mean(),
        ),
        Mistake("the loss of the last batch alone", lambda losses, sizes: losses[-1]),
        Mistake(
            "every batch was taken to be as large as the first",
            lambda losses, sizes: (losses * sizes).sum() / (len(sizes) * sizes[0]),
        ),
    ),
    hint="How much loss do all the images of one batch have together?",
)

EXERCISES = (NORMALIZE, RATES_FOR_BYTES, TEST_LOSS)
