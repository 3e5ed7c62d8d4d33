"""Right answers to the exercises on shares and seeds, by name; the notebook's is first."""

from answers_hidden_layer import RIGHT_OFTEN as RIGHT

__all__ = ["RIGHT"]
