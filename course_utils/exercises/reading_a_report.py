"""The exercise of the page on reading a report: parameters counted, not remembered."""

from __future__ import annotations

from course_utils.exercises.frame import Exercise, Mistake

__all__ = ["EXERCISES"]


def _side(kernel: int) -> int:
    """Height and width of the map after two convolutions without padding, each pooled by 2."""
    return ((28 - kernel + 1) // 2 - kernel + 1) // 2


def _convolutions(a: int, b: int, k: int) -> int:
    return a * (k * k + 1) + b * (a * k * k + 1)


CNN_PARAMETERS = Exercise(
    name="small-cnn-parameters",
    right=lambda a, b, k: _convolutions(a, b, k) + (b * _side(k) ** 2 + 1) * 10,
    cases=((10, 20, 5), (8, 16, 3), (6, 4, 7), (32, 64, 5)),
    tolerance=0,
    mistakes=(
        Mistake(
            "the ten biases of the last layer were forgotten",
            lambda a, b, k: _convolutions(a, b, k) + b * _side(k) ** 2 * 10,
        ),
        Mistake(
            "all biases were forgotten",
            lambda a, b, k: a * k * k + b * a * k * k + b * _side(k) ** 2 * 10,
        ),
        Mistake(
            "the second convolution has a kernel for each of its input channels",
            lambda a, b, k: a * (k * k + 1) + b * (k * k + 1) + (b * _side(k) ** 2 + 1) * 10,
        ),
        Mistake(
            "the last layer was counted before the second pooling",
            lambda a, b, k: (
                _convolutions(a, b, k) + (b * ((28 - k + 1) // 2 - k + 1) ** 2 + 1) * 10
            ),
        ),
        Mistake(
            "the convolutions were taken to keep the size: 28, 14, 7",
            lambda a, b, k: _convolutions(a, b, k) + (b * 7 * 7 + 1) * 10,
        ),
        Mistake(
            "the last layer sees the channels only; it sees every position of each",
            lambda a, b, k: _convolutions(a, b, k) + (b + 1) * 10,
        ),
        Mistake("the last layer was forgotten", _convolutions),
        Mistake(
            "the second convolution's kernels are square: k² weights, not k",
            lambda a, b, k: a * (k * k + 1) + b * (a * k + 1) + (b * _side(k) ** 2 + 1) * 10,
        ),
        Mistake(
            "each convolution has a single bias",
            lambda a, b, k: _convolutions(a, b, k) - a - b + 2 + (b * _side(k) ** 2 + 1) * 10,
        ),
    ),
    hint="Each output channel has C_in · k² weights and a bias; the FC layer sees b maps.",
)


# --- normalisation, read off a batch

EXERCISES = (CNN_PARAMETERS,)
