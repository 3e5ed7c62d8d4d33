"""Right answers to the exercise on matrices; the notebook's is first."""

from answers_convolution import RIGHT_MATRICES as RIGHT

__all__ = ["RIGHT"]
