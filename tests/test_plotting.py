"""Do figures show the numbers they were given, in one style, and leave Matplotlib as it was?"""

import re
import subprocess
import sys
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from course_utils import plotting
from course_utils.evaluation import compare, mean_interval
from course_utils.plotting import Panel
from course_utils.plotting.look import BLUE, GREY, VERMILION

mpl.use("Agg")


def history(seed=0, epochs=3, test=True):
    """A made-up history whose numbers are all different."""
    numbers = np.random.default_rng(seed).uniform(0.1, 0.9, (4, epochs)).tolist()
    return SimpleNamespace(
        train_loss=numbers[0],
        train_accuracy=numbers[1],
        test_loss=numbers[2] if test else [],
        test_accuracy=numbers[3] if test else [],
        examples_seen=[1000 * (epoch + 1) for epoch in range(epochs)],
    )


ROWS = [("plain", 0.97, mean_interval([0.96, 0.98])), ("other", None, mean_interval([0.5]))]
SWEEP = SimpleNamespace(
    rates=(0.01, 0.1, 1.0), accuracies=np.array([[0.9, 0.92], [0.97, 0.98], [0.1, 0.5]]), best=0.1
)
PAIRS = compare([0.98, 0.97, 0.96], [0.97, 0.962, 0.951])
MEANS = compare([0.98, 0.97], [0.1, 0.2, 0.3], paired=False)
DIFFERENCES = [("one against another", PAIRS, [0.01, 0.008, 0.009]), ("far apart", MEANS, [])]
TABLES = [[Panel("w", [[0.5, -1]]), Panel("y", [[3], ["1/3"]])]]
PICTURES = [
    [Panel("ink", np.eye(3), "image"), Panel("map", -np.eye(3), "map")],
    [None, Panel("kernel", [[1, "", -2]], marked=[(0, 2)])],
]
FIGURES = {
    "tables": lambda: plotting.arrays(TABLES, ["→"]),
    "pictures": lambda: plotting.arrays(PICTURES),
    "learning_curves": lambda: plotting.learning_curves(
        [[history(0), history(1)], history(2)], labels=["a", "b"], title="Title", note="A note"
    ),
    "image_grid": lambda: plotting.image_grid(
        np.arange(48.0).reshape(3, 1, 4, 4), ["1", "2", "3"], wrong=[True, False, False]
    ),
    "confusion": lambda: plotting.confusion([[90, 3], [1, 80]], title="Title"),
    "intervals": lambda: plotting.intervals(ROWS, title="Title"),
    "bars": lambda: plotting.bars([5923, 6742], title="Title"),
    "learning_rates": lambda: plotting.learning_rates({"a": SWEEP, "b": SWEEP}, title="Title"),
    "differences": lambda: plotting.differences(DIFFERENCES, margin=0.001, title="Title"),
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(params=FIGURES, name="figure")
def _figure(request):
    with plt.style.context("dark_background"), plt.rc_context({"font.size": 5}):
        FIGURES[request.param]()
        figure = plt.gcf()
        figure.canvas.draw()
        yield figure


def lines(axes):
    return [np.asarray(line.get_ydata()).tolist() for line in axes.get_lines()]


def xs(axes):
    return [np.asarray(line.get_xdata()).tolist() for line in axes.get_lines()]


def words(axes):
    return [text.get_text() for text in axes.texts]


def refuses(text):
    return pytest.raises(ValueError, match=re.escape(text))


# --- the style, in figures drawn by a reader whose own style is dark and tiny


def test_figures_are_opaque_white(figure):
    pixels = np.asarray(figure.canvas.buffer_rgba())
    assert (pixels[..., 3] == 255).all()
    assert (pixels[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    assert all(to_hex(axes.get_facecolor()) == "#ffffff" for axes in figure.axes)
    spines = [spine for axes in figure.axes for spine in axes.spines.values()]
    assert all(to_hex(s.get_edgecolor()) != "#ffffff" for s in spines if s.get_visible())


def test_lettering_is_legible_on_a_telephone(figure):
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert texts
    for text in texts:
        pixels = text.get_fontsize() / 72 * (360 / figure.get_figwidth())
        assert pixels >= 8.3, text.get_text()
        on_a_dark_cell = text.get_color() == "w" and text in figure.axes[0].texts
        dark = to_hex(text.get_color()) in ("#000000", "#1a1a1a", VERMILION.lower())
        assert dark or on_a_dark_cell, text.get_text()


def test_nothing_is_cut_off(figure):
    drawn = figure.get_tightbbox()
    assert drawn.x0 >= -0.02 and drawn.x1 <= figure.get_figwidth() + 0.02
    assert drawn.y0 >= -0.02 and drawn.y1 <= figure.get_figheight() + 0.02


@pytest.mark.parametrize("name", FIGURES)
def test_matplotlib_is_left_as_it_was(name):
    before = dict(mpl.rcParams)
    FIGURES[name]()
    assert dict(mpl.rcParams) == before


def test_style_is_undone_after_an_error():
    before = dict(mpl.rcParams)
    with pytest.raises(ZeroDivisionError), plotting.style():
        assert plt.rcParams["font.size"] == 13
        raise ZeroDivisionError
    assert dict(mpl.rcParams) == before


def test_no_torch_is_needed():
    code = "import sys, course_utils.plotting; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- learning curves


def test_learning_curves_show_one_history():
    h = history()
    cost, accuracy = plotting.learning_curves(h)
    assert lines(cost) == [h.train_loss, h.test_loss]
    assert lines(accuracy) == [
        [100 * v for v in h.train_accuracy],
        [100 * v for v in h.test_accuracy],
    ]
    assert [line.get_linestyle() for line in cost.get_lines()] == ["--", "-"]
    assert xs(cost) == [[1, 2, 3]] * 2
    assert (cost.get_title(loc="left"), accuracy.get_title(loc="left")) == (
        "loss (nats)",
        "accuracy (%)",
    )
    assert cost.get_xlabel() == "epoch"


def test_learning_curves_against_examples():
    cost, _ = plotting.learning_curves(history(), x="examples")
    assert xs(cost)[0] == [1000, 2000, 3000]
    assert cost.get_xlabel() == "training examples seen"


def test_learning_curves_without_a_test_set():
    h = history(test=False)
    cost, _ = plotting.learning_curves(h)
    assert lines(cost) == [h.train_loss]
    assert [t.get_text() for t in plt.gcf().legends[0].get_texts()] == ["train"]


def test_seeds_become_a_mean_and_the_band_of_its_interval():
    seeds = [history(seed) for seed in range(4)]
    cost, _ = plotting.learning_curves([seeds])
    losses = np.array([seed.test_loss for seed in seeds])
    np.testing.assert_allclose(lines(cost)[1], losses.mean(0), rtol=1e-12)
    edge = np.asarray(cost.collections[1].get_paths()[0].vertices)
    for epoch in (1, 2, 3):
        ys = edge[edge[:, 0] == epoch, 1]
        interval = mean_interval(losses[:, epoch - 1])
        np.testing.assert_allclose([ys.min(), ys.max()], [interval.low, interval.high])
    texts = [t.get_text() for t in plt.gcf().legends[0].get_texts()]
    assert texts == ["train", "test", "mean and 95 % interval, 4 seeds"]


def test_experiments_of_one_seed_and_of_several_are_both_counted():
    plotting.learning_curves([[history(0)], [history(0), history(1)]], labels=["SGD", "Adam"])
    texts = [t.get_text() for t in plt.gcf().legends[0].get_texts()]
    assert texts[2:] == ["mean and 95 % interval, 1 or 2 seeds", "SGD (n = 1)", "Adam (n = 2)"]


def test_a_long_run_can_be_drawn_from_a_later_epoch():
    h = history()
    cost, _ = plotting.learning_curves(h, first=2)
    assert (xs(cost)[0], lines(cost)[0]) == ([2, 3], h.train_loss[1:])
    assert cost.get_xlabel() == "epoch, from 2 on"
    cost, _ = plotting.learning_curves([[h, history(1)]], x="examples", first=2)
    assert xs(cost)[0] == [2000, 3000]
    assert cost.get_xlabel() == "training examples seen, from epoch 2 on"
    assert np.asarray(cost.collections[0].get_paths()[0].vertices)[:, 0].min() == 2000


def test_error_is_what_is_left_of_the_accuracy_on_an_axis_of_powers():
    h = history()
    _, mistakes = plotting.learning_curves(h, error=True)
    wanted = [[100 - 100 * v for v in values] for values in (h.train_accuracy, h.test_accuracy)]
    np.testing.assert_allclose(lines(mistakes), wanted, rtol=1e-12)
    assert (mistakes.get_yscale(), mistakes.get_title(loc="left")) == ("log", "error (%)")
    h.train_accuracy[-1] = 0.9999999
    _, mistakes = plotting.learning_curves(h, error=True)
    assert mistakes.get_ylim()[0] == pytest.approx(min(lines(mistakes)[1]) / 10)
    mistakes.set_ylim(0.5, 3)
    plt.gcf().canvas.draw()
    shown = [t.get_text() for t in mistakes.get_yticklabels(which="both") if t.get_text()]
    assert {"0.5", "1", "2"} <= set(shown)


def test_recorded_curves_are_seeds_too():
    seeds = [history(seed) for seed in range(4)]
    recorded = SimpleNamespace(curves=lambda name: np.array([getattr(s, name) for s in seeds]))
    theirs = [lines(axes) for axes in plotting.learning_curves([seeds], x="examples")]
    assert [lines(axes) for axes in plotting.learning_curves(recorded, x="examples")] == theirs


def test_each_experiment_has_a_colour_and_a_label():
    cost, _ = plotting.learning_curves([history(0), history(1)], labels=["SGD", "Adam"])
    colours = [line.get_color() for line in cost.get_lines()]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    legend = plt.gcf().legends[0]
    named = {
        t.get_text(): h.get_color() for t, h in zip(legend.texts, legend.get_lines(), strict=True)
    }
    assert named["SGD"] == colours[0] and named["Adam"] == colours[2]


def test_title_and_note_are_written():
    plotting.learning_curves(history(), title="Adam", note="batch 100 · rate 0.001")
    assert plt.gcf().get_suptitle().strip() == "Adam"
    assert "batch 100 · rate 0.001" in [t.get_text().strip() for t in plt.gcf().texts]


def test_one_epoch_is_a_point_one_can_see():
    cost, _ = plotting.learning_curves(history(epochs=1))
    assert [line.get_marker() for line in cost.get_lines()] == ["o", "o"]


def test_learning_curves_refuse():
    with refuses("histories: 0 is an invalid number of them; use 1 to 7"):
        plotting.learning_curves([])
    with refuses("labels: ['a'] is invalid; use one for each of the 2 histories"):
        plotting.learning_curves([history(), history()], labels=["a"])
    with refuses("x: 'time' is invalid; use 'epoch' or 'examples'"):
        plotting.learning_curves(history(), x="time")  # type: ignore[arg-type]
    for first in (0, 4):
        with refuses(f"first: {first} is invalid; use an integer from 1 to 3"):
            plotting.learning_curves(history(), first=first)
    with refuses("histories: train_loss of one experiment has [3, 2] epochs; use as many in each"):
        plotting.learning_curves([[history(), history(epochs=2)]])
    with refuses("histories: 8 is an invalid number of them"):
        plotting.learning_curves([history()] * 8)


# --- image grids


@pytest.mark.parametrize("shape", [(7, 5, 4), (7, 1, 5, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_image_grid_shows_each_image(shape, dtype):
    images = np.arange(7 * 20).reshape(shape).astype(dtype)
    drawn = plotting.image_grid(images, [str(i) for i in range(7)], columns=3)
    assert len(drawn) == 7 and len(plt.gcf().axes) == 7
    for i, axes in enumerate(drawn):
        (image,) = axes.get_images()
        assert (image.get_array() == images.reshape(7, 5, 4)[i]).all()
        assert image.get_clim() == ((0, 255) if dtype == np.uint8 else (0, 139))
        assert axes.get_title() == str(i)


def test_wrong_titles_differ_in_more_than_colour():
    right, wrong = plotting.image_grid(np.zeros((2, 3, 3)), ["1", "2"], wrong=[False, True])
    assert wrong.title.get_color() != right.title.get_color()
    assert (right.title.get_fontweight(), wrong.title.get_fontweight()) == ("normal", "bold")
    assert wrong.spines["left"].get_visible() and not right.spines["left"].get_visible()


def test_signed_images_have_their_zero_in_the_middle_of_their_own_scale():
    drawn = plotting.image_grid([[[-1, 0.5]], [[2.5, 5]]], signed=True)
    assert [axes.get_images()[0].get_clim() for axes in drawn] == [(-1, 1), (-5, 5)]


def test_image_grid_refuses():
    with refuses(
        "images: shape (2, 3, 8, 8) is invalid; use [N, 1, H, W] or [N, H, W], N at least 1"
    ):
        plotting.image_grid(np.zeros((2, 3, 8, 8)))
    with refuses("images: shape (0, 8, 8) is invalid"):
        plotting.image_grid(np.zeros((0, 8, 8)))
    with refuses("titles: 1 for 2 images"):
        plotting.image_grid(np.zeros((2, 8, 8)), ["a"])
    with refuses("wrong: 3 for 2 images"):
        plotting.image_grid(np.zeros((2, 8, 8)), wrong=[True] * 3)
    with refuses("columns: 0 is invalid; use an integer of at least 1"):
        plotting.image_grid(np.zeros((2, 8, 8)), columns=0)


def test_a_pixel_that_is_not_finite_leaves_the_others_as_they_are():
    images = np.zeros((3, 2, 2))
    images[:, 0, 0], images[0, 1, 1], images[2, 1, 1] = 4, np.nan, -np.inf
    for axes in plotting.image_grid(images):
        (image,) = axes.get_images()
        assert image.get_clim() == (0, 4)
        seen = image.to_rgba(image.get_array())
        assert (seen[0, 0] == [1, 1, 1, 1]).all() and (seen[0, 1] == [0, 0, 0, 1]).all()
    assert tuple(seen[1, 1]) == to_rgba(VERMILION)
    (alone,) = plotting.image_grid(np.full((1, 2, 2), np.nan))
    assert alone.get_images()[0].get_clim() == (0, 1)


# --- confusion matrix, intervals, bars


def test_confusion_writes_every_count_but_zero():
    axes = plotting.confusion([[90, 3, 0], [8, 70, 2], [1, 0, 60]], classes=["a", "b", "c"])
    assert words(axes) == ["90", "3", "8", "70", "2", "1", "60"]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["a", "b", "c"]
    assert (axes.get_ylabel(), axes.get_xlabel()[:15]) == ("true class", "predicted class")


def test_the_colour_scale_belongs_to_the_mistakes():
    axes = plotting.confusion([[9000, 3], [8, 7000]])
    (image,) = axes.get_images()
    assert image.get_clim() == (0, 8)
    assert np.asarray(image.get_array()).tolist() == [[0, 3], [8, 0]]


def test_confusion_refuses():
    with refuses("matrix: shape (2, 3) is invalid; use [classes, classes]"):
        plotting.confusion(np.zeros((2, 3)))
    with refuses("classes: 1 for 2 rows"):
        plotting.confusion(np.eye(2), ["a"])
    with refuses("matrix: 0.9 at (0, 0) is invalid; use counts of examples, not shares"):
        plotting.confusion([[0.9, 0.1], [0.3, 0.7]])


def test_intervals_show_reported_mean_and_whiskers():
    axes = plotting.intervals(ROWS)
    reported, whisker, mean, _, lonely = xs(axes)
    interval = ROWS[0][2]
    assert reported == [pytest.approx(97)]
    assert whisker == pytest.approx([100 * interval.low, 100 * interval.high])
    assert mean == [pytest.approx(97)]
    assert lonely == [pytest.approx(50)]
    assert axes.get_lines()[0].get_markerfacecolor() == "white"
    assert [t.get_text() for t in axes.get_yticklabels()] == ["plain", "other"]
    assert axes.yaxis_inverted()


def test_intervals_as_differences():
    row = ("plain", 0.9, mean_interval([0.91, 0.93]), mean_interval([0.87, 0.89]))
    axes = plotting.intervals([row], names=("as run", "in eval mode"), difference=True)
    reported, _, as_run, _, in_eval_mode = (x[0] for x in xs(axes))
    assert (reported, as_run, in_eval_mode) == pytest.approx((0, 2, -2))
    texts = [t.get_text() for t in plt.gcf().legends[0].get_texts()]
    assert texts[0] == "reported" and "as run" in texts[1] and "in eval mode" in texts[2]


def test_intervals_refuse():
    with refuses("rows: [] is invalid; use at least one"):
        plotting.intervals([])
    with refuses("rows: 'a' has 2 entries; use label, reported, ours"):
        plotting.intervals([("a", 0.9)])
    with refuses("rows: 'other' has no reported value; use one in each row"):
        plotting.intervals(ROWS, difference=True)


def test_bars_start_at_zero_and_carry_their_numbers():
    axes = plotting.bars([5923, 6742], ["zero", "one"])
    assert [bar.get_bbox().y1 for bar in axes.patches if isinstance(bar, Rectangle)] == [5923, 6742]
    assert axes.get_ylim()[0] == 0
    assert words(axes) == ["5,923", "6,742"]
    with refuses("labels: 1 for 2 values"):
        plotting.bars([1, 2], ["a"])


def test_bars_of_one_name_stand_side_by_side():
    axes = plotting.bars([3, 5, 4, 1], ["adam", "adam", "sgd", "adam"])
    assert [bar.get_x() + bar.get_width() / 2 for bar in axes.patches] == [0, 1, 2, 3]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["adam", "adam", "sgd", "adam"]
    numbers = plotting.bars([3, 5], ["1", "1"])
    assert len({bar.get_x() for bar in numbers.patches}) == 2


# --- differences and learning rates


def test_differences_are_drawn_in_points_with_their_interval_and_pairs():
    axes = plotting.differences(DIFFERENCES, margin=0.001)
    zero, interval, pairs, mean, far, none, _ = xs(axes)
    assert zero == [0, 0] and interval == pytest.approx([100 * PAIRS.low, 100 * PAIRS.high])
    assert pairs == pytest.approx([1, 0.8, 0.9]) and mean == pytest.approx([0.9])
    assert far == pytest.approx([100 * MEANS.low, 100 * MEANS.high]) and none == []
    assert words(axes) == ["one against another", "far apart"]
    colours = [line.get_color() for line in axes.get_lines()]
    assert colours[1] == BLUE and colours[4] == BLUE
    unclear = compare([0.9, 0.8, 0.7], [0.8, 0.85, 0.7])
    grey = plotting.differences([("unclear", unclear, [])]).get_lines()[1].get_color()
    assert grey == GREY
    worse = plotting.differences([("worse", compare([0.1, 0.2], [0.9, 0.99]), [])])
    assert worse.get_lines()[1].get_color() == VERMILION
    with refuses("rows: [] is invalid"):
        plotting.differences([])


def test_learning_rates_show_each_seed_the_mean_and_the_best():
    axes = plotting.learning_rates({"a": SWEEP})
    mean, *seeds, best = lines(axes)
    assert mean == pytest.approx([9, 2.5, 70])
    assert [list(pair) for pair in zip(*seeds, strict=True)] == [
        pytest.approx(pair) for pair in ([10, 8], [3, 2], [90, 50])
    ]
    assert best == pytest.approx([2.5]) and xs(axes)[-1] == [0.1]
    assert axes.get_xscale() == axes.get_yscale() == "log"
    for sweeps in ({}, dict.fromkeys("abcdefgh", SWEEP)):
        with refuses("sweeps: "):
            plotting.learning_rates(sweeps)


# --- arrays


def test_tables_have_their_numbers_and_signs():
    left, right = plotting.arrays(TABLES, ["→"])
    assert [t.get_text() for t in left.texts] == ["0.5", "−1"]
    assert [t.get_text() for t in right.texts] == ["3", "1/3", "→"]
    (drawn,) = right.get_images()
    assert drawn.get_array().ravel().tolist() == pytest.approx([3, 1 / 3])
    left, right = (axes.get_window_extent().width for axes in (left, right))
    assert left == pytest.approx(2 * right, rel=0.02)  # cells of one size


def test_pictures_are_ink_or_have_a_sign():
    ink, signed, kernel = plotting.arrays(PICTURES)
    assert ink.get_images()[0].get_cmap().name == "gray_r"
    assert ink.get_images()[0].get_clim() == (0, 1)
    assert signed.get_images()[0].get_clim() == (-1, 1)
    assert not ink.texts and not signed.texts
    assert [t.get_text() for t in kernel.texts] == ["1", "", "−2"]
    (frame,) = kernel.patches
    assert frame.get_x() == pytest.approx(2 - 0.46) and to_hex(frame.get_edgecolor()) == to_hex(
        VERMILION
    )


def test_signs_may_differ_from_gap_to_gap():
    one = Panel("a", [[1]])
    drawn = plotting.arrays([[one, one, one]], ["×="])
    assert [axes.texts[-1].get_text() for axes in drawn] == ["1", "×", "="]


@pytest.mark.parametrize(
    ("rows", "signs", "message"),
    [
        ([], [], "rows: lengths [] are invalid"),
        ([[None], [None, None]], [], "rows: lengths [1, 2] are invalid"),
        ([[Panel("a", [1, 2])]], [], "values: 'a' has shape (2,); use [H, W]"),
        ([[Panel("a", [[1]], "chart")]], [], "kind: 'chart' is invalid"),
        (TABLES, ["→", "→"], "signs: 2 for 1 rows"),
        (TABLES, ["++"], "signs: '++' has 2 signs"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(rows, signs, message):
    with refuses(message):
        plotting.arrays(rows, signs)


# --- bands


def test_a_band_is_the_interval_of_the_mean_over_seeds():
    values = np.array([[1.0, 2.0], [2.0, 2.0], [6.0, 2.0]])
    axes = plotting.bands({"a": values, "one seed": values[:1]}, xlabel="step")
    whole, _ = axes.collections
    ends = whole.get_paths()[0].vertices[:, 1]
    found = mean_interval(values[:, 0])
    assert (ends.min(), ends.max()) == pytest.approx((found.low, found.high))
    assert axes.lines[0].get_ydata().tolist() == [3.0, 2.0]


@pytest.mark.parametrize(
    ("series", "log", "words"),
    [
        ({}, False, "use at least|use 1 to"),
        ({"a": [1.0, 2.0]}, False, r"'a' has shape \(2,\)"),
        ({"a": [[1.0, 0.0]]}, True, "'a' has 0; use numbers above 0"),
    ],
)
def test_bands_refuse_what_they_cannot_draw(series, log, words):
    with pytest.raises(ValueError, match=words):
        plotting.bands(series, log=log)
