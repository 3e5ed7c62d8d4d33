"""Right answers to the exercises on the way back, by name; the notebook's is first."""

from answers_convolution import RIGHT_BACKWARD as RIGHT

__all__ = ["RIGHT"]
