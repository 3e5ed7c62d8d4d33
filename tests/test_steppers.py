"""The steppers: plain tables that say what `exact` says, and a script that walks through them."""

import hashlib
import itertools
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from fractions import Fraction as F
from pathlib import Path

import contrast
import numpy as np
import pytest
import torch

from course_utils import exact, steppers

ROOT = Path(__file__).resolve().parents[1]
X = [[3, 1, 9, 2], [0, 0, 3, 3], [0, 3, 1, 1], [8, 2, 8, 7]]
W = [[0.2, 0.3, -0.1], [0.3, -1.1, 1.0], [-1.0, 1.1, 0.3]]
TARGET = [[9, 1], [12, 11]]
RELU = exact.relu(exact.conv2d(X, W, padding=1))
UPSTREAM = [["1/4", 0, 0, -1], [0, 2, 0, 0], [0, 0, "1/3", 0], [1, 0, 0, -2]]
SQUARE = '<svg viewBox="0 0 {0} 9" width="{0}"><rect width="{0}" height="9"/></svg>'


def squares(widths):
    return steppers.slides(
        [SQUARE.format(width) for width in widths],
        title="It grows",
        captions=[f"width {width}" for width in widths],
    )


EVERY = {
    "convolution": steppers.convolution(X, W, padding=1),
    "one axis": steppers.convolution([1, 2, 3, 4, 5], [1, "1/3"], bias=-1, stride=2),
    "pooling": steppers.max_pooling(RELU, 2),
    "backward": steppers.backward(UPSTREAM, X, W, padding=1),
    "network": steppers.network(X, W, TARGET),
    "slides": squares([10, 300, 600]),
    "sizes": steppers.sizes(),
}


# The plain tables


def number(text):
    return F(text.strip(" ()").replace("−", "-"))


def evaluate(product):
    """The value of a product as it is written: 3 · (−0.1)."""
    return np.prod([number(factor) for factor in product.split("·")], initial=F(1))


def text(element):
    return "".join(element.itertext()).replace("\N{NO-BREAK SPACE}", " ")


class Source:
    """The part of a stepper that is shown without script: its grids and its rows."""

    def __init__(self, stepper):
        found = re.search(r'<div class="src">.*</div>(?=<style>)', stepper.html, re.DOTALL)
        tree = ElementTree.fromstring(found[0])  # so it is well-formed, too
        self.grids = [
            [text(cell) for cell in table.iter("td")]
            for table in tree.findall(".//table[@class='g']")
        ]
        self.tables = tree.findall(".//table[@class='s']")
        self.rows = [row for table in self.tables for row in table.findall("tbody/tr")]
        self.figures = tree.findall("div[@class='f']")

    def cells(self, row):
        return [text(cell) for cell in row]

    def marks(self, row):
        """[(grid's cells, kind, positions)] of a row."""
        for mark in row.get("data-m").split(";"):
            grid, kind, cells = re.fullmatch(r"(\d+)([iow])([\d,]*)", mark).groups()
            yield self.grids[int(grid)], kind, [int(c) for c in cells.split(",") if c]


def check_sums(source, rows, values):
    """Each row: marked inputs multiplied are its products, and their sum is the value."""
    assert len(rows) == values.size
    for row, value in zip(rows, values.flat, strict=True):
        _, products, parts, result = source.cells(row)
        first, second, output = source.marks(row)
        written = [p for p in products.split(" + ") if "·" in p]
        marked = [
            (number(first[0][i]), number(second[0][j]))
            for i, j in zip(first[2], second[2], strict=True)
        ]
        assert [tuple(map(number, p.split("·"))) for p in written] == marked
        terms = [number(p) for p in parts.split(" + ")]
        if written:
            assert [evaluate(p) for p in written] == terms[: len(written)]
        assert sum(terms) == value == number(result)
        assert (first[1], second[1], output[1]) == ("i", "i", "o")
        assert [number(output[0][i]) for i in output[2]] == [value]


def test_the_worked_window_as_arithmetic():
    source = Source(EVERY["convolution"])
    label, products, parts, result = source.cells(source.rows[5])
    assert label == "y2,2"
    assert products == (
        "3 · 0.2 + 1 · 0.3 + 9 · (−0.1) + 0 · 0.3 + 0 · (−1.1) + 3 · 1"
        " + 0 · (−1) + 3 · 1.1 + 1 · 0.3"
    )
    assert parts == "0.6 + 0.3 + (−0.9) + 0 + 0 + 3 + 0 + 3.3 + 0.3"
    assert number(result) == F("0.6") + F("0.3") - F("0.9") + 3 + F("3.3") + F("0.3") == F("6.6")


def problems():
    """Seeded problems of one and two axes with every stride, padding and dilation up to 2."""
    random = np.random.default_rng(7)
    for axes, stride, padding, dilation in itertools.product((1, 2), (1, 2), (0, 1, 2), (1, 2)):
        x = random.integers(-9, 10, random.integers(5, 8, axes))
        w = random.integers(-9, 10, random.integers(1, 4, axes))
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        yield x, exact.array(w) / random.choice([2, 3, 10]), options


def test_every_step_of_random_convolutions_is_in_the_table():
    steps = 0
    for x, w, options in problems():
        operation = exact.conv1d if x.ndim == 1 else exact.conv2d
        y = operation(x, w, bias=3, **options)
        source = Source(steppers.convolution(x, w, bias=3, **options))
        check_sums(source, source.rows, y)
        assert all(source.cells(row)[1].endswith(" + bias") for row in source.rows)
        steps += y.size
    print(f"{steps} steps of convolutions: each is what its marked cells give")


def test_every_step_of_random_gradients_is_in_the_table():
    random = np.random.default_rng(8)
    steps = 0
    for x, w, options in problems():
        forward = exact.conv1d if x.ndim == 1 else exact.conv2d
        backward = exact.conv1d_backward if x.ndim == 1 else exact.conv2d_backward
        upstream = random.integers(-9, 10, forward(x, w, **options).shape)
        dx, dw, _ = backward(upstream, x, w, **options)
        source = Source(steppers.backward(upstream, x, w, **options))
        check_sums(source, source.rows[: dw.size], dw)
        check_sums(source, source.rows[dw.size :], dx)
        steps += dw.size + dx.size
    print(f"{steps} steps of gradients: each is what its marked cells give")


@pytest.mark.parametrize(
    "options", [{"kernel_size": 2}, {"kernel_size": (2, 3), "stride": 1, "padding": 1}]
)
def test_every_step_of_the_pooling_is_in_the_table(options):
    y = exact.max_pool2d(RELU, **options)
    source = Source(steppers.max_pooling(RELU, **options))
    for row, value in zip(source.rows, y.flat, strict=True):
        _, window, result = source.cells(row)
        inputs, winners, output = source.marks(row)
        values = [number(part) for part in window.split(", ")]
        marked = [inputs[0][i] for i in inputs[2]]
        assert [number(m) for m in marked[: len(values)]] == values
        assert set(marked[len(values) :]) <= {"−∞"}
        assert len(marked) == np.prod(np.broadcast_to(options["kernel_size"], 2))
        assert max(values) == value == number(result.split(", ")[0])
        assert winners[2] == [i for i, v in zip(inputs[2], values, strict=False) if v == value]
        tie = f", a tie of {len(winners[2])}" if len(winners[2]) > 1 else ""
        assert result == exact.text(value) + tie
        assert output[0][output[2][0]] == exact.text(value)


def test_the_tie_of_the_lesson_is_marked():
    source = Source(EVERY["pooling"])
    assert source.cells(source.rows[1]) == ["y1,2", "0, 0.8, 0.8, 0.1", "0.8, a tie of 2"]


def by_autograd():
    x, w, target = (torch.tensor(v, dtype=torch.float64)[None, None] for v in (X, W, TARGET))
    w.requires_grad_()
    y = torch.nn.functional.conv2d(x, w, padding=1)
    loss = torch.nn.functional.l1_loss(torch.nn.functional.max_pool2d(y.relu(), 2), target)
    loss.backward()
    return loss.item(), w.grad[0, 0].numpy()


def test_the_network_walks_from_the_input_to_the_kernel_and_agrees_with_pytorch():
    source = Source(EVERY["network"])
    loss, dw = by_autograd()
    assert [len(table.findall("tbody/tr")) for table in source.tables] == [16, 4, 4, 1, 1, 4, 4, 9]
    rows = [source.cells(row) for row in source.rows]
    assert rows[24][0] == "L"
    assert number(rows[24][-1]) == F(7 + 2 + 4 + 7, 40)
    assert loss == pytest.approx(0.5, rel=1e-12)
    assert [row[-1] for row in rows[26:30]] == [
        "0; 0.25; 0; 0",
        "0; −0.25; 0; 0",
        "0.25; 0; 0; 0",
        "−0.25; 0; 0; 0",
    ]
    assert [float(number(row[-1])) for row in rows[-9:]] == pytest.approx(dw.ravel().tolist())
    # Each value of each row stands in the cell that the row fills in.
    for row in source.rows:
        *_, (grid, kind, cells) = source.marks(row)
        assert kind == "o"
        last = source.cells(row)[-1].split(", a tie")[0]
        assert [grid[i] for i in cells] == last.split("; ")


def test_a_stepper_calls_numbers_what_the_page_calls_them():
    source = Source(steppers.network(X, W, TARGET, names=("J", "A", "P")))
    labels = [source.cells(row)[0] for row in source.rows]
    assert labels[0] == "J1,1" and labels[16] == "A, row 1" and labels[20] == "P1,1"
    assert labels[25:27] == ["∂L/∂P", "∂L/∂A, window 1"] and labels[30] == "∂L/∂J, row 1"
    assert not [label for label in labels if re.search("[yrp][,0-9]|[yrp]$", label)]
    assert "where J is positive" in text(source.tables[6])


def test_rows_and_columns_that_no_window_reaches_get_no_gradient():
    x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    source = Source(steppers.network(x, [[1]], [[0]], padding=0))
    rest = [source.cells(row) for row in source.rows if "the rest" in text(row)]
    assert rest == [["∂L/∂r, the rest", "; ".join(["in no window"] * 5), "0; 0; 0; 0; 0"]]


def test_sizes_have_pytorchs_formula():
    from course_utils.steppers.sizes import RANGES, Choice

    weight = {k: torch.zeros(1, 1, k, device="meta") for k in range(1, 8)}
    fitting = refused = 0
    for n, k, s, p, d in itertools.product(*(range(a, b + 1) for a, b in RANGES.values())):
        choice = Choice(n, k, s, p, d)
        if d * (k - 1) + 1 > n + 2 * p:
            with pytest.raises(ValueError, match="kernel_size: .* is larger"):
                _ = choice.output
            refused += 1
        else:
            x = torch.zeros(1, 1, n, device="meta")
            y = torch.nn.functional.conv1d(x, weight[k], None, s, p, d)
            formula = choice.formula().replace("⌊", "").replace("⌋", "").replace("/", "//")
            assert eval(formula.replace("·", "*").replace("−", "-")) == choice.output == y.shape[-1]
            fitting += 1
    print(f"{fitting} sizes agree with PyTorch, {refused} are refused")


def test_the_table_of_sizes():
    source = Source(steppers.sizes(size=2, kernel_size=2, stride=2))
    rows = [source.cells(row) for row in source.rows]
    assert rows[0] == ["2", "2", "2", "0", "1", "⌊(2 + 2·0 − 1·(2 − 1) − 1) / 2⌋ + 1", "1"] or rows[
        0
    ] == ["2", "2", "2", "1", "1", "⌊(2 + 2·1 − 1·(2 − 1) − 1) / 2⌋ + 1", "2"]
    assert len(rows) == len({tuple(row) for row in rows})
    assert not any(row[:5] == ["2", "3", "1", "0", "1"] for row in rows)  # it does not fit


# What every stepper is


@pytest.mark.parametrize("name", EVERY)
def test_a_stepper_is_small_and_complete_in_itself(name):
    html = EVERY[name].html
    assert len(html.encode()) < 60_000
    assert EVERY[name]._repr_html_() == html
    assert html.count("<script>") == html.count("</script>") == 1
    assert not re.search(r"\bid=|\bsrc=|\bhref=|@import|url\(|fetch\(|import\(", html)
    assert [
        u for u in re.findall(r"https?://[^\"']+", html) if u != "http://www.w3.org/2000/svg"
    ] == []
    assert "$" not in html.split("<style>")[0]  # a host would take it for a formula
    print(f"{name}: {len(html.encode()):,} bytes")


def test_reprs_are_short():
    assert [repr(stepper) for stepper in EVERY.values()] == [
        "Stepper: convolution, 16 steps",
        "Stepper: convolution, 2 steps",
        "Stepper: max pooling, 4 steps",
        "Stepper: backward, 25 steps",
        "Stepper: network, 43 steps",
        "Stepper: slides, 3 steps",
        "Stepper: sizes of a convolution",
    ]
    assert repr(steppers.max_pooling([[1]], 1)) == "Stepper: max pooling, 1 step"


def test_the_same_input_gives_the_same_bytes_without_torch():
    code = (
        "import hashlib, sys\n"
        "from course_utils import steppers\n"
        f"html = steppers.network({X}, {W}, {TARGET}).html + steppers.sizes().html\n"
        "assert 'torch' not in sys.modules\n"
        "print(hashlib.sha256(html.encode()).hexdigest())"
    )
    here = (steppers.network(X, W, TARGET).html + steppers.sizes().html).encode()
    for seed in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == hashlib.sha256(here).hexdigest()


def test_the_wheel_holds_script_and_style():
    builder = pytest.importorskip("hatchling.builders.wheel").WheelBuilder(str(ROOT))
    held = {file.distribution_path for file in builder.recurse_included_files()}
    parts = {path for path in (ROOT / "course_utils/steppers").iterdir() if path.is_file()}
    assert {path.suffix for path in parts} == {".py", ".js", ".css"}
    assert {f"course_utils/steppers/{path.name}" for path in parts} <= held


# Bad input


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: steppers.convolution([X, X], [[W, W]]),
            r"x: shape \(2, 4, 4\) is invalid; use one channel",
        ),
        (
            lambda: steppers.convolution(X, [[W]]),
            r"w: shape \(1, 1, 3, 3\) is invalid; use one channel",
        ),
        (lambda: steppers.convolution(X, W[0]), r"w: shape \(3,\) is invalid; use 2 axes"),
        (lambda: steppers.convolution(X, W, stride=0), "stride: 0 is invalid"),
        (lambda: steppers.convolution([1], [1, 2]), "w: a kernel of size 2 is larger"),
        (
            lambda: steppers.max_pooling([1, 2], 2),
            r"x: shape \(2,\) is invalid; use one channel, \[H, W\]",
        ),
        (lambda: steppers.max_pooling(X, 2, padding=2), "padding: 2 is more than half"),
        (lambda: steppers.backward([[1]], X, W), r"upstream: shape \(1, 1\) is invalid"),
        (lambda: steppers.backward([[[1]]], X, W), r"upstream: shape \(1, 1, 1\) is invalid"),
        (lambda: steppers.network(X, W, [1]), r"target: shape \(1,\) is invalid"),
        (lambda: steppers.network(X, W, [[1]]), r"target: shape \(1, 1\) is invalid"),
        (lambda: steppers.network([1], [1], [[1]]), r"x: shape \(1,\) is invalid"),
        (lambda: steppers.sizes(size=17), "size: 17 is invalid; use an integer from 1 to 16"),
        (lambda: steppers.sizes(stride=0), "stride: 0 is invalid; use an integer from 1 to 4"),
        (lambda: steppers.sizes(padding=1.0), "padding: 1.0 is invalid"),
        (lambda: steppers.sizes(dilation=True), "dilation: True is invalid"),
        (lambda: steppers.sizes(size=1, padding=0), "kernel_size: 3 is larger"),
        (lambda: squares([]), r"frames: \[\] is invalid"),
        (lambda: steppers.slides("<svg/>", title="", captions="1"), "frames: '<svg/>' is invalid"),
        (
            lambda: steppers.slides([SQUARE], title="", captions=[]),
            r"captions: \[\] is invalid; use one text",
        ),
        (
            lambda: steppers.slides([SQUARE], title="", captions=["1"], alts=["a", "b"]),
            "alts: .* is invalid; use one text for each of 1 frames",
        ),
        (
            lambda: steppers.slides([SQUARE, "<?xml?> "], title="", captions=["1", "2"]),
            r"frames\[1\]: .* is empty",
        ),
        (
            lambda: steppers.slides(["<script>1</script>"], title="", captions=["1"]),
            r"frames\[0\]: '<script' runs or loads something",
        ),
        (
            lambda: steppers.slides(["<img src='https://a.b/c.png'>"], title="", captions=["1"]),
            "frames.0.: .* runs or loads something",
        ),
    ],
)
def test_bad_input_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_would_be_too_large_is_refused():
    with pytest.raises(
        ValueError, match=r"convolution: the stepper has \d+,\d+ bytes, but 60,000 are"
    ):
        steppers.convolution(np.ones((20, 20), int), W)
    with pytest.raises(ValueError, match="slides: the stepper has .* fewer or smaller inputs"):
        steppers.slides([f"<svg>{' ' * 60_000}</svg>"], title="", captions=["1"])


def test_captions_are_text_and_a_prolog_is_left_out():
    prolog = '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD" "http://w3.org/x.dtd">\n'
    made = steppers.slides(
        [prolog + SQUARE.format(5)], title='A "b" & c', captions=["1 < 2"], alts=["x > 1"]
    )
    (figure,) = Source(made).figures
    assert [child.tag for child in figure] == ["div", "p"]
    assert figure[0].attrib == {"role": "img", "aria-label": "x > 1"}
    assert [child.tag for child in figure[0]] == ["svg"]
    assert text(figure[1]) == "1 < 2"
    assert 'aria-label="A &quot;b&quot; &amp; c"' in made.html
    assert "w3.org/x.dtd" not in made.html


# In a browser

TEXT = ".cst *:not(svg *, style, script)"


@pytest.fixture
def show(open_alone):
    """Write steppers to a page and open it; no request may leave the page."""

    def show(*names, attributes="", css="", width=900, **options):
        text = contrast.page([EVERY[name] for name in names], attributes=attributes, css=css)
        return open_alone(text, width, **options)

    return show


def line(tab, nth=0):
    return tab.get_by_role("status").nth(nth).inner_text()


def test_the_keyboard_reaches_the_last_sum(show):
    tab = show("convolution")
    assert line(tab) == "y1,1 = 0 + 0 + 0 + 0 + (−3.3) + 1 + 0 + 0 + 0 = −2.3"
    tab.keyboard.press("Tab")
    for _ in range(15):
        tab.keyboard.press("ArrowRight")
    y = exact.conv2d(X, W, padding=1)
    assert line(tab) == "y4,4 = 0.2 + 0.3 + 0 + 2.4 + (−7.7) + 0 + 0 + 0 + 0 = −4.8"
    assert number(line(tab).split(" = ")[-1]) == y[3, 3]
    tab.keyboard.press("ArrowRight")  # and no further
    assert tab.locator(".bar .n").inner_text() == "16 of 16"
    tab.keyboard.press("ArrowLeft")
    assert line(tab).startswith("y4,3 = ")
    tab.keyboard.press("Home")
    assert line(tab).startswith("y1,1 = ")
    tab.keyboard.press("Shift+ArrowRight")  # no step: it selects text
    assert line(tab).startswith("y1,1 = ")


def test_a_click_anywhere_in_it_brings_the_keyboard_there(show):
    tab = show("convolution", "pooling")
    tab.locator(".view td").nth(7).click()
    tab.keyboard.press("ArrowRight")
    assert [line(tab, i).split(" = ")[0] for i in range(2)] == ["y1,2", "y1,1"]


def test_the_window_moves_and_the_output_fills_in(show):
    tab = show("convolution")
    for _ in range(5):
        tab.get_by_role("button", name="Next step").click()
    x, w, y = tab.locator(".view .g").all()
    assert x.locator("td.i").all_inner_texts() == "3 1 9 0 0 3 0 3 1".split()
    assert x.locator("td.p").count() == 20
    assert w.locator("td.i").count() == 9
    assert y.locator("td.o").all_inner_texts() == ["6.6"]
    assert y.locator("td").all_inner_texts() == [
        "−2.3",
        "9.7",
        "−3.4",
        "0.8",
        "1.7",
        "6.6",
    ] + 10 * [""]
    chips = tab.locator(".view li").all_inner_texts()
    assert [chip.split() for chip in chips][2] == ["9", "·", "(−0.1)", "−0.9"]
    assert len(chips) == 9


def test_the_network_ends_at_the_last_number_of_the_gradient(show):
    tab = show("network")
    tab.keyboard.press("Tab")
    lines = []
    for _ in range(43):
        lines.append(line(tab))
        tab.keyboard.press("ArrowRight")
    assert lines[21] == "p1,2 = max(0, 0.8, 0.8, 0.1) = 0.8, a tie of 2"
    assert lines[24] == "L = 0.25 · (0.7 + 0.2 + 0.4 + 0.7) = 0.5"
    _, dw = by_autograd()
    gradient = [float(number(text.split(" = ")[-1])) for text in lines[-9:]]
    assert gradient == pytest.approx(dw.ravel().tolist())
    assert lines[-1].startswith("∂L/∂w3,3 = ")
    assert tab.locator(".view .g td:empty").count() == 0


def test_ties_are_marked(show):
    tab = show("pooling")
    tab.get_by_role("button", name="Next step").click()
    assert tab.locator(".view td.w").all_inner_texts() == ["0.8", "0.8"]
    assert tab.locator(".view li.w").all_inner_texts() == ["0.8", "0.8"]


def test_tab_order_names_and_visible_focus(show):
    tab = show("convolution", "pooling")
    found = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        found.append(
            tab.evaluate("""() => {
                const e = document.activeElement, ring = getComputedStyle(e);
                const name = e.ariaLabel || (e.labels && e.labels[0] || e).textContent.trim();
                return [e.tagName, name, ring.outlineStyle, parseFloat(ring.outlineWidth) >= 2];
            }""")
        )
    ring = ["solid", True]
    names = ["First step", "Previous step", "Play", "Next step", "Last step"]
    assert found == 2 * [*(["BUTTON", name, *ring] for name in names), ["INPUT", "Step", *ring]]
    assert tab.get_by_role("slider", name="Step").count() == 2
    assert tab.get_by_role("group", name="Convolution, window by window").count() == 1
    slider = tab.get_by_role("slider", name="Step").first
    assert slider.get_attribute("aria-valuetext") == "1 of 16"
    slider.focus()
    tab.keyboard.press("ArrowRight")  # one step, not the slider's own as well
    assert slider.get_attribute("aria-valuetext") == "2 of 16"
    assert line(tab).startswith("y1,2 = ")


def test_buttons_do_what_they_say_and_rest_at_the_ends(show):
    tab = show("convolution")
    first, back, following, last = (
        tab.get_by_role("button", name=f"{name} step")
        for name in ("First", "Previous", "Next", "Last")
    )
    ends = [button.get_attribute("aria-disabled") for button in (first, back, following, last)]
    assert ends == ["true", "true", "false", "false"]
    for button, label in [(last, "y4,4"), (back, "y4,3"), (first, "y1,1"), (following, "y1,2")]:
        button.click()
        assert line(tab).split(" = ")[0] == label
    tab.get_by_role("button", name="Play").click()
    assert line(tab).startswith("y1,3")  # at once; then by the clock
    assert tab.get_by_role("status").get_attribute("aria-live") == "off"
    tab.get_by_role("button", name="Pause").click()
    assert tab.get_by_role("status").get_attribute("aria-live") == "polite"


def test_two_of_the_same_on_one_page_do_not_disturb_each_other(show):
    tab = show("convolution", "convolution", "slides", "sizes")
    tab.get_by_role("button", name="Last step").nth(1).click()
    assert line(tab, 0).startswith("y1,1 = ")
    assert line(tab, 1).endswith("= −4.8")
    assert tab.locator(".view").count() == 4
    assert tab.get_by_role("button").count() == 15
    assert tab.locator(".src:visible").count() == 1  # the slides themselves


def test_it_starts_where_a_notebook_sets_the_html_and_then_its_scripts(show):
    tab = show("pooling")
    tab.evaluate(
        """(html) => {
            for (let i = 0; i < 2; i++) {
                const host = document.createElement("div");
                host.innerHTML = html;
                for (const old of host.querySelectorAll("script")) {
                    const made = document.createElement("script");
                    made.textContent = old.textContent;
                    old.replaceWith(made);
                }
                document.body.append(host);
            }
        }""",
        EVERY["convolution"].html,
    )
    assert [line(tab, i).split(" = ")[0] for i in range(3)] == ["y1,1"] * 3
    assert tab.locator(".view").count() == 3
    tab.get_by_role("button", name="Last step").nth(2).click()
    assert line(tab, 2).endswith("= −4.8")


def test_on_a_telephone_every_step_of_a_convolution_is_on_one_screen(show):
    tab = show("convolution", width=390)
    heights = tab.evaluate("""() => {
        const all = [], next = document.querySelector('[aria-label="Next step"]');
        do all.push(document.querySelector(".cst").offsetHeight);
        while (next.ariaDisabled !== "true" && (next.click(), true));
        return all;
    }""")
    assert len(heights) == 16
    assert max(heights) <= 844


def test_a_telephone_needs_no_sideways_scrolling_at_any_step(show):
    tab = show(*EVERY, width=360)
    widths = tab.evaluate("""() => {
        const found = [document.documentElement.scrollWidth];
        for (const key of document.querySelectorAll("[aria-label='Next step']"))
            while (key.ariaDisabled !== "true") {
                key.click();
                found.push(document.documentElement.scrollWidth);
            }
        return found;
    }""")
    assert len(widths) > 16 + 43
    assert set(widths) == {360}


@pytest.mark.parametrize(
    ("attributes", "system", "dark"), [*contrast.THEMES, (' theme="dark"', "light", True)]
)
def test_text_stands_out_in_either_theme(show, attributes, system, dark):
    tab = show(*EVERY, attributes=attributes, color_scheme=system, reduced_motion="reduce")
    assert contrast.is_dark(tab.locator(".cst").first) == dark
    tab.locator("[aria-label='Next step']").evaluate_all("(keys) => keys.forEach((k) => k.click())")
    contrast.assert_text_stands_out(tab, TEXT)
    fills = """(found) => found.map((e) => getComputedStyle(e).fill + getComputedStyle(e).stroke)"""
    drawn = set(tab.locator(".sv rect").evaluate_all(fills))
    assert len(drawn) == 4  # plain, padding, read, current


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_books_theme_leaves_it_as_it_is(show, theme):
    tab = show(
        *EVERY,
        attributes=f' data-theme="{theme}"',
        css=contrast.book_styles(),
        width=360,
        reduced_motion="reduce",
    )
    contrast.assert_theme_leaves_alone(tab, 360)
    contrast.assert_text_stands_out(tab, TEXT)


def test_the_notebooks_theme_decides_as_well(show):
    tab = show("pooling", color_scheme="dark")
    ground = "getComputedStyle(document.querySelector('.cst')).backgroundColor"
    assert tab.evaluate(ground) != "rgb(255, 255, 255)"
    tab.evaluate("document.body.dataset.jpThemeLight = 'true'")
    assert tab.evaluate(ground) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("system", ["light", "dark"])
def test_without_script_there_are_the_tables_and_nothing_to_press(show, system):
    tab = show(*EVERY, width=360, java_script_enabled=False, color_scheme=system)
    assert tab.locator("button, input, .view").count() == 0
    rows = sum(len(Source(stepper).rows) for stepper in EVERY.values())
    assert tab.locator("tbody tr:has(th):visible").count() == rows
    assert tab.locator(".f:visible").count() == 3
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    contrast.assert_text_stands_out(tab, TEXT)


def test_print_shows_the_table(show):
    tab = show("convolution", "slides", color_scheme="light")
    tab.emulate_media(media="print")
    assert tab.locator("tbody tr:has(th)").last.is_visible()
    assert all(frame.is_visible() for frame in tab.locator(".f").all())
    assert tab.locator("button:visible, input:visible").count() == 0


@pytest.mark.parametrize(
    "theme", [{"attributes": ' data-theme="dark"'}, {"color_scheme": "dark"}], ids=str
)
def test_print_is_dark_on_white(show, theme):
    tab = show("convolution", **theme)
    look = "(e) => { const s = getComputedStyle(e); return [s.color, s.backgroundColor]; }"
    on_screen = tab.locator(".cst").evaluate(look)
    tab.emulate_media(media="print")
    assert tab.locator(".cst").evaluate(look) == ["rgb(26, 31, 38)", "rgb(255, 255, 255)"]
    assert on_screen == ["rgb(230, 234, 239)", "rgb(23, 27, 33)"]


def test_reduced_motion_is_respected(show):
    tab = show("convolution", reduced_motion="reduce")
    assert not tab.get_by_role("button", name="Play").is_visible()
    duration = "getComputedStyle(document.querySelector('.view td')).transitionDuration"
    assert tab.evaluate(duration) == "0s"
    assert show("convolution").evaluate(duration) != "0s"


def test_the_style_of_one_stepper_leaves_the_pictures_of_another_alone(show):
    fill = "(e) => getComputedStyle(e).fill"
    tab = show("slides", "sizes", "pooling", color_scheme="dark")
    assert tab.locator(".f rect").first.evaluate(fill) == "rgb(0, 0, 0)"  # as it is without style


def test_slides_show_one_picture_at_a_time(show):
    tab = show("slides", width=360)
    visible = tab.locator(".f:visible")
    assert visible.all_inner_texts() == ["width 10"]
    tab.get_by_role("button", name="Last step").click()
    assert visible.all_inner_texts() == ["width 600"]
    assert line(tab) == "Step 3 of 3. width 600"
    assert tab.get_by_role("img", name="width 600").is_visible()
    assert visible.locator("svg").bounding_box()["width"] <= 360  # drawn 600 wide


SLIDE = """(sliders, values) => values.forEach((value, i) => {
    sliders[i].value = value;
    sliders[i].dispatchEvent(new Event("input"));
})"""


def test_sizes_follow_the_sliders(show):
    from course_utils.steppers.sizes import RANGES, Choice

    tab = show("sizes")
    names = [*(name.replace("_", " ") for name in RANGES), "look at output"]
    assert all(tab.get_by_role("slider", name=name, exact=True).count() == 1 for name in names)

    def choose(values):
        tab.locator("input").evaluate_all(SLIDE, values)

    random = np.random.default_rng(3)
    fitting = refused = 0
    for _ in range(25):
        choice = Choice(*(int(random.integers(a, b + 1)) for a, b in RANGES.values()))
        values = [getattr(choice, name) for name in RANGES]
        choose(values)
        said, (n, k, s, p, d) = line(tab), values
        places = tab.locator(".sv g.x, .sv g.p, .sv g.o").count()
        if d * (k - 1) + 1 > n + 2 * p:
            assert f"reaches over {d * (k - 1) + 1} places" in said
            assert f"has only {n + 2 * p}, {n} + 2·{p}" in said
            assert places == n + 2 * p
            refused += 1
            continue
        assert said.startswith(f"output size = {choice.formula()} = {choice.output}\n")
        assert places == n + 2 * p + choice.output
        at = int(random.integers(choice.output))
        choose([*values, at + 1])
        # One output's gradient is not zero where it reads.
        x = torch.zeros(1, 1, n, dtype=torch.float64, requires_grad=True)
        y = torch.nn.functional.conv1d(x, torch.ones(1, 1, k).double(), None, s, p, d)
        y[0, 0, at].backward()
        read = [str(i + 1) for i in x.grad[0, 0].nonzero().ravel().tolist()]
        assert tab.locator(".sv g.x.i").all_text_contents() == read
        assert tab.locator(".sv g.o").all_text_contents() == [str(at + 1)]
        assert tab.locator(".sv line.near").count() == k
        fitting += 1
    print(f"{fitting} choices fit and agree with autograd, {refused} say why they do not")
    assert refused > 0
    choose([7, 3, 2, 1, 1])
    tab.locator(".sv g.x").last.click()  # the last output that is not looked at
    assert line(tab).endswith("Output 4 reads inputs 6 and 7 and 1 zero of the padding.")
