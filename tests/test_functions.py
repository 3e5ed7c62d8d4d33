"""Do curves over one axis show the numbers they were given?"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plotting import functions

mpl.use("Agg")

X = np.linspace(-1, 1, 5)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_each_curve_has_its_values_its_name_and_its_own_dashes():
    axes = functions(X, {"a": X, "b": X**2}, xlabel="x", ylabel="y", height=2)
    for line, name, values in zip(axes.get_lines(), "ab", (X, X**2), strict=True):
        assert line.get_label() == name
        assert np.array_equal(line.get_xydata(), np.transpose([X, values]))
    assert len({line.get_linestyle() for line in axes.get_lines()}) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")
    assert axes.figure.get_figheight() == 2


@pytest.mark.parametrize("above", [False, True])
def test_a_point_is_marked_and_labelled_on_its_side(above):
    axes = functions(X, {"a": X}, xlabel="x", ylabel="y", points=[(0.5, 0.5, "half")], above=above)
    assert axes.get_lines()[1].get_xydata().tolist() == [[0.5, 0.5]]
    (label,) = axes.texts
    assert label.get_text() == "half"
    assert label.xy == (0.5, 0.5)
    assert label.get_verticalalignment() == ("bottom" if above else "top")
    assert axes.get_legend() is None


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="curves: {} is invalid; use at least one name"):
        functions(X, {}, xlabel="x", ylabel="y")
    with pytest.raises(ValueError, match=r"curves: 'a' has shape \(2,\); use that of x, \(5,\)"):
        functions(X, {"a": [1, 2]}, xlabel="x", ylabel="y")
