"""Right answers to the exercises on counts, by name; the notebook's is first."""

from answers_sizes_and_receptive_fields import RIGHT_COUNTS as RIGHT

__all__ = ["RIGHT"]
