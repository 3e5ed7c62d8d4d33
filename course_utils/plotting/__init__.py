"""Every figure of the course: plain numbers in, Axes out, in one style."""

from course_utils.plotting.arrays import Panel, arrays
from course_utils.plotting.bands import bands
from course_utils.plotting.charts import bars, confusion, image_grid, intervals
from course_utils.plotting.curves import learning_curves
from course_utils.plotting.diagrams import wiring
from course_utils.plotting.differences import differences
from course_utils.plotting.functions import functions
from course_utils.plotting.landscapes import contours, size_maps, step_maps, surfaces
from course_utils.plotting.look import COLOURS, style
from course_utils.plotting.planes import Plane, planes
from course_utils.plotting.rates import learning_rates

__all__ = [
    "COLOURS", "Panel", "Plane", "arrays", "bands", "bars", "confusion", "contours", "differences",
    "functions", "image_grid", "intervals", "learning_curves", "learning_rates", "planes",
    "size_maps", "step_maps", "style", "surfaces", "wiring",
]  # fmt: skip
