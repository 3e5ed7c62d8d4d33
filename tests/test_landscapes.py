"""Do surfaces and maps show the numbers they were given, in the style of the course?"""

import re
from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text
from mpl_toolkits.mplot3d import Axes3D

from course_utils.neuron import Neuron, descend, grid
from course_utils.plotting.landscapes import contours, size_maps, step_maps, surfaces

mpl.use("Agg")

W, B = grid(np.linspace(-6, 6, 41), np.linspace(-3, 3, 21))
SIGNED, PLAIN = W + B, (W + B) ** 2
FIGURES = {
    "surfaces": lambda: surfaces(W, B, {"a": SIGNED, "b": PLAIN}),
    "surface": lambda: surfaces(W, B, {"a": PLAIN}, zlabel="output"),
    "contours": lambda: contours(W, B, {"a": SIGNED, "b": PLAIN}, paths={"a": [([1, 2], [0, 1])]}),
    "size_maps": lambda: size_maps(W, B, {"a": PLAIN, "b": 1 + PLAIN}, label="size"),
    "step_maps": lambda: step_maps(W, B, {"a": PLAIN, "b": 1 + PLAIN}),
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", FIGURES)
def test_the_style_is_the_courses_and_ends_with_the_figure(name):
    with plt.style.context("dark_background"), plt.rc_context({"font.size": 5}):
        axes = FIGURES[name]()
        figure = axes[0].figure
        figure.canvas.draw()
        assert plt.rcParams["font.size"] == 5
    assert to_hex(figure.get_facecolor()) == "#ffffff"
    sizes = [t.get_fontsize() for t in figure.findobj(Text) if t.get_text() and t.get_visible()]
    # 13 pt in a figure 7.2 inches wide are 9 px on a telephone.
    assert min(sizes) >= 12
    assert figure.get_figwidth() <= 7.2
    for panel in axes:
        assert panel.get_xlabel()
    assert axes[0].get_ylabel()


def test_a_surface_has_the_values_and_equal_axes(monkeypatch):
    given = []
    draw = Axes3D.plot_surface
    monkeypatch.setattr(
        Axes3D, "plot_surface", lambda *a, **k: (given.append(a[1:]), draw(*a, **k))[1]
    )
    axes = surfaces(W, B, {"signed": SIGNED, "plain": PLAIN}, zlabel="height", up=0.5)
    for panel, z, drawn in zip(axes, (SIGNED, PLAIN), given, strict=True):
        assert all(map(np.array_equal, drawn, (W, B, z)))
        assert panel.zz_dataLim.intervalx == pytest.approx((z.min(), z.max()))
        wide, deep, high = panel._box_aspect
        assert wide / deep == pytest.approx(np.ptp(W) / np.ptp(B))
        assert high / wide == pytest.approx(0.5)
        assert panel.get_zlabel() == "height"
    assert [panel.get_title() for panel in axes] == ["signed", "plain"]


def test_a_map_has_lines_where_the_values_are():
    for panel in contours(W, B, {"signed": SIGNED, "plain": PLAIN}, levels=[1, 4]):
        lines = panel.collections[1]
        assert lines.levels.tolist() == [1, 4]
        for level, path in zip(lines.levels, lines.get_paths(), strict=True):
            z = path.vertices.sum(axis=1)  # w + b, on each point of a line
            wanted = {"signed": level, "plain": np.sqrt(level)}[panel.get_title("left")]
            found = z if panel.get_title("left") == "signed" else np.abs(z)
            np.testing.assert_allclose(found, wanted, atol=0.05)
        assert {t.get_text() for t in panel.texts} == {"1", "4"}
        assert panel.get_aspect() == 1


def test_a_line_below_zero_has_a_minus_and_a_level_without_a_line_no_label():
    (panel,) = contours(W, B, {"signed": SIGNED}, levels=[-2.5, 0, 99])
    assert sorted(t.get_text() for t in panel.texts) == ["0", "−2.5"]


def test_colours_of_signed_values_are_white_at_zero():
    panel, plain = contours(W, B, {"signed": SIGNED - 2, "plain": PLAIN})
    assert panel.collections[0].get_clim() == (-11, 11)
    assert plain.collections[0].get_clim() == (0, 81)


def test_a_path_is_drawn_in_its_panel_from_its_start_to_its_end():
    path = descend(Neuron("cross_entropy"), 5, 2, lr=1, steps=4)
    panel, other = contours(W, B, {"a": SIGNED, "b": PLAIN}, paths={"a": [path, ([0], [0])]})
    _, way, start, end = panel.get_lines()[:4]
    assert np.array_equal(way.get_xydata(), np.transpose(path))
    assert start.get_xydata().tolist() == [[5, 2]]
    assert end.get_xydata()[0].tolist() == [path[0][-1], path[1][-1]]
    # Where a path has not moved, its dot lies inside its ring.
    assert end.get_markersize() < start.get_markersize()
    assert len(panel.get_lines()) == 8
    assert not other.get_lines()
    with pytest.raises(ValueError, match="paths: 'c' is not a panel's title; use one of"):
        contours(W, B, {"a": SIGNED}, paths={"c": [path]})


def test_a_path_on_a_surface_has_its_height_and_lies_over_it():
    neuron = Neuron("cross_entropy")
    way = descend(neuron, 5, 2, lr=1, steps=4)
    panel, other = surfaces(
        W, B, {"a": PLAIN, "b": PLAIN}, paths={"a": [(*way, neuron.losses(*way))]}
    )
    drawn = panel.get_lines()[1]
    assert np.allclose(drawn.get_data_3d(), (*way, neuron.losses(*way)))
    assert not panel.computed_zorder
    assert drawn.get_zorder() > panel.collections[0].get_zorder()
    assert not other.get_lines()


def test_labels_of_lines_close_together_keep_apart():
    lines = [0.2, 0.4, 0.6, 0.8, 1.0]
    (panel,) = contours(W, B, {"a": SIGNED}, levels=lines)
    places = [np.array(label.get_position()) for label in panel.texts]
    assert len(places) == len(lines)
    nearest = min(np.hypot(*(p - q)) for i, p in enumerate(places) for q in places[:i])
    assert nearest > 1  # the lines themselves lie 0.14 apart
    assert all(label.get_bbox_patch() for label in panel.texts)


def test_sizes_have_one_scale_of_equal_ratios():
    panels = {"a": PLAIN, "b": 100 * PLAIN}
    for panel in size_maps(W, B, panels, label="size", least=0.01):
        shown = panel.collections[0]
        assert shown.get_clim() == (0.01, 8100)
        assert shown.norm(1) - shown.norm(0.1) == pytest.approx(shown.norm(10) - shown.norm(1))
        assert shown.get_array().min() == 0.01
    with pytest.raises(ValueError, match="least: 9000 is invalid; use less than the largest"):
        size_maps(W, B, panels, label="size", least=9000)


def test_a_step_map_has_the_steps_and_grey_for_never():
    steps = np.where(W > 0, np.inf, np.abs(W) * 10)
    panel, other = step_maps(
        W, 10.0**B, {"a": steps, "b": PLAIN}, most=500, logarithmic_y=True, xlabel="z", ylabel="lr"
    )
    shown = panel.collections[0].get_array()
    assert (shown.mask.reshape(W.shape) == (W > 0)).all()
    assert shown.compressed().tolist() == np.maximum(steps[W <= 0], 1).tolist()
    for drawn in (panel, other):
        assert drawn.collections[0].get_clim() == (1, 500)
        assert drawn.get_yscale() == "log"
        assert drawn.get_xlabel() == "z"
    never = panel.collections[0].get_cmap().get_bad()
    assert to_hex(never) == to_hex(panel.get_facecolor())


def test_the_colours_of_steps_end_at_the_largest_or_at_ten():
    for largest, end in [(81, 81), (4, 10), (np.inf, 10)]:
        (panel,) = step_maps(W, B, {"a": np.full(W.shape, float(largest))})
        assert panel.collections[0].get_clim() == (1, end)


@pytest.mark.parametrize("draw", [surfaces, contours, step_maps, partial(size_maps, label="a")])
@pytest.mark.parametrize(
    ("panels", "text"),
    [
        ({}, "panels: {} is invalid; use at least one title"),
        ({"a": SIGNED.T}, "panels: 'a' has shape (41, 21); use [B, W], that of the grid"),
        ({"a": SIGNED, "b": [1, 2]}, "panels: 'b' has shape (2,); use [B, W]"),
    ],
)
def test_bad_input_is_named(draw, panels, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        draw(W, B, panels)
