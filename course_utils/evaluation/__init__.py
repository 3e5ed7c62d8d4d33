"""How good a classifier is, and whether the difference between two is more than luck.

Plain numbers in (lists, arrays or CPU tensors), plain numbers out. A *seed* is one run of an
experiment; intervals are Student's t intervals over seeds.
"""

from course_utils.evaluation.classes import confusion_matrix, mistakes, most_confused
from course_utils.evaluation.comparisons import MARGIN, Comparison, compare, compare_seeds, holm
from course_utils.evaluation.power import detectable, seeds_needed
from course_utils.evaluation.seeds import (
    Interval,
    half_widths,
    mean_interval,
    prediction_interval,
    t_quantile,
)

__all__ = [
    "MARGIN", "Comparison", "Interval", "compare", "compare_seeds", "confusion_matrix",
    "detectable", "half_widths", "holm", "mean_interval", "mistakes", "most_confused",
    "prediction_interval", "seeds_needed", "t_quantile",
]  # fmt: skip
