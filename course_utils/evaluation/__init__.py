"""How good a classifier is, and whether the difference between two is more than luck.

Plain numbers in (lists, arrays or CPU tensors), plain numbers out. A *seed* is one run of an
experiment; intervals are Student's t intervals over seeds.
"""

from course_utils.evaluation.classes import confusion_matrix, mistakes, most_confused
from course_utils.evaluation.comparisons import (
    MARGIN,
    Comparison,
    compare,
    detectable,
    holm,
    seeds_needed,
)
from course_utils.evaluation.seeds import Interval, mean_interval, prediction_interval

__all__ = [
    "MARGIN", "Comparison", "Interval", "compare", "confusion_matrix", "detectable", "holm",
    "mean_interval", "mistakes", "most_confused", "prediction_interval", "seeds_needed",
]  # fmt: skip
