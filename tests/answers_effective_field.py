"""Right answers to the exercise on the effective field; the notebook's is first."""

from answers_sizes_and_receptive_fields import RIGHT_FIELD as RIGHT

__all__ = ["RIGHT"]
