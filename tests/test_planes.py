"""Are planes drawn with their regions, points and frames where they belong?"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.plotting import Plane, planes

mpl.use("Agg")

TICKS = np.linspace(0, 1, 11)
P = np.tile(TICKS, (11, 1))  # p grows to the right: the border is at ½
POINTS = [[0.2, 0.1], [0.9, 0.7]]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def border(axes):
    """Where the drawn line of p = ½ runs, [M, 2]."""
    (line,) = (c for c in axes.collections if type(c).__name__ == "QuadContourSet" and not c.filled)
    return line.get_paths()[0].vertices


def test_a_square_has_its_border_its_points_and_its_names():
    thread = [[0, 0], [1, 0.5]]
    (axes,) = planes([Plane(TICKS, P, POINTS, "title", "h", [thread])], [0, 1])
    assert np.allclose(border(axes)[:, 0], 0.5)
    rings, discs = (c for c in axes.collections if type(c).__name__ == "PathCollection")
    assert rings.get_offsets().tolist() == [[0.2, 0.1]]
    assert discs.get_offsets().tolist() == [[0.9, 0.7]]
    assert rings.get_sizes() > discs.get_sizes()  # one on the other, both are seen
    assert axes.get_lines()[0].get_xydata().tolist() == thread
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$h_1$", "$h_2$")
    assert axes.get_title(loc="center") == "title"
    assert axes.get_xlim() == axes.get_ylim() == (0, 1)


def test_a_framed_square_stands_out_and_small_ones_have_no_ticks():
    squares = [Plane(TICKS, P, POINTS, str(i), framed=i == 1) for i in range(5)]
    drawn = planes(squares, [0, 1], columns=4)
    assert len(drawn) == 5
    edges = [to_hex(axes.spines["left"].get_edgecolor()) for axes in drawn]
    assert edges[1] != edges[0] == edges[2] == edges[4]
    assert all(len(axes.get_xticks()) == 0 for axes in drawn)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"squares: \[\] is invalid; use at least one"):
        planes([], [0, 1])
    with pytest.raises(ValueError, match=r"points: shape \(2, 2\) for 3 targets; use \[N, 2\]"):
        planes([Plane(TICKS, P, POINTS)], [0, 1, 1])
