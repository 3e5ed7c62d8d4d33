"""Problems on the sizes, receptive fields and counts of a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from course_utils import arithmetic, exact
from course_utils.layers import Conv, Layer, MaxPool, ReLU
from course_utils.worksheets.draw import Draw, Given, settle
from course_utils.worksheets.sheet import Answer, Grid, Line, Numbers, Problem, Prompt

# Of the four layers three have a stride above 1, one has padding and one leaves pixels unread. The
# last map, the field and the counts are neither trivial nor long.
WANTED = {"strides": 3, "padded": 1, "rests": 1, "fits": 1}


def problem(draw: Draw) -> Problem:
    """Draw a network of two convolutions and two poolings: sizes, fields, parameters, work."""

    def propose() -> Given:
        first = [3 + 2 * _one(draw, 0, 1), _one(draw, 1, 2), _one(draw, 0, 2)]
        pool = [2 + _one(draw, 0, 1), 2, 0]
        second = [3, _one(draw, 1, 2), _one(draw, 0, 1)]
        return {
            "n": draw.whole(20, 40, ()),
            "k, s, p": np.array([first, pool, second, [2, 2, 0]]),
            "c": np.array([_one(draw, 1, 3), 4 * _one(draw, 1, 2), 8 * _one(draw, 1, 2)]),
        }

    given = settle(propose, measure, WANTED)
    return Problem(
        "Sizes, receptive fields, counts",
        "A network takes images of c_{0} × n × n numbers. Its layers are 1 Conv, 2 MaxPool, "
        "3 Conv, 4 MaxPool, with a ReLU after each Conv. Row l of the table has kernel size, "
        "stride and padding of layer l. The channels are c = (c_{0}, c_{1}, c_{2}): before the "
        "first Conv, after it, and after the second. Each Conv has biases.",
        tuple(Grid(label, exact.array(values)) for label, values in given.items()),
        _prompts(given),
        WANTED,
        _reference,
    )


def measure(given: Numbers) -> Iterator[tuple[str, int]]:
    """Count strides above 1, padded layers, and layers that leave pixels unread."""
    windows = given["k, s, p"]
    yield "strides", int((windows[:, 1] > 1).sum())
    yield "padded", int((windows[:, 2] > 0).sum())
    n, rests = int(given["n"]), 0
    for k, s, p in windows.tolist():
        rests += (n + 2 * p - k) % s != 0
        n = arithmetic.output_size(n, k, s, p) if n + 2 * p >= k else 0
    yield "rests", rests
    yield "fits", int(2 <= n <= 5 and _work(given) <= 40_000)


def _one(draw: Draw, low: int, high: int) -> int:
    return int(draw.whole(low, high, ()))


def _layers(given: Numbers) -> list[Layer]:
    (first, pool, second, last), c = given["k, s, p"].tolist(), given["c"].tolist()
    before = [Conv(c[0], c[1], *first), ReLU(), MaxPool(*pool)]
    return [*before, Conv(c[1], c[2], *second), ReLU(), MaxPool(*last)]


def _work(given: Numbers) -> int:
    n = int(given["n"])
    return arithmetic.trace(_layers(given)[:1], (int(given["c"][0]), n, n)).totals.multiply_adds


def _prompts(given: Numbers) -> tuple[Prompt, ...]:
    side, windows, c = int(given["n"]), given["k, s, p"].tolist(), given["c"].tolist()
    rows = arithmetic.trace(_layers(given), (c[0], side, side)).rows
    seen = [row for row in rows if row.layer != "ReLU"]
    n = [side, *(row.output[1] for row in seen)]
    r, j = ([1, *(field[0] for field in fields)] for fields in _fields(seen))
    sizes = [f"⌊({n[i]} + 2·{p} − {k}) / {s}⌋ + 1" for i, (k, s, p) in enumerate(windows)]
    fields = [f"{r[i]} + ({k} − 1)·{j[i]}" for i, (k, _, _) in enumerate(windows)]
    jumps = [f"{j[i]}·{s}" for i, (_, s, _) in enumerate(windows)]
    k = [windows[0][0], windows[2][0]]
    counts = [f"{c[i + 1]}·({c[i]}·{k[i]}² + 1)" for i in (0, 1)]
    uses = f"{c[1]}·{c[0]}·{k[0]}²·{n[1]}²"
    return (
        Prompt(
            "How many pixels a side has the output of each layer? "
            "n_{l} = ⌊(n_{l−1} + 2p − k) / s⌋ + 1, from n_{0} = n.",
            (_row("n", sizes, n[1:]),),
        ),
        Prompt(
            "What are the jump and the receptive field after each layer, in pixels? "
            "r_{l} = r_{l−1} + (k − 1)·j_{l−1} and j_{l} = j_{l−1}·s, from r_{0} = j_{0} = 1.",
            (_row("j", jumps, j[1:]), _row("r", fields, r[1:])),
        ),
        Prompt(
            "How many parameters have the two Conv layers?",
            (_row("P", counts, [row.parameters for row in seen[::2]]),),
        ),
        Prompt(
            "How many multiply-adds M does the first Conv make on one image? How many features F "
            "does a fully connected layer get that comes last?",
            (
                _number("M", uses, seen[0].multiply_adds),
                _number("F", f"{c[2]}·{n[4]}²", c[2] * n[4] ** 2),
            ),
        ),
    )


def _fields(
    rows: Sequence[arithmetic.LayerRow],
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Give receptive fields and jumps, which every row before Flatten has."""
    found = [(row.receptive_field, row.jump) for row in rows if row.receptive_field and row.jump]
    return [field for field, _ in found], [jump for _, jump in found]


def _row(label: str, words: Sequence[str], values: Sequence[int]) -> Answer:
    lines = tuple(
        Line((i,), f"{label}_{{{i + 1}}} = {text} = {value}")
        for i, (text, value) in enumerate(zip(words, values, strict=True))
    )
    return Answer(label, exact.array(list(values)), lines)


def _number(label: str, text: str, value: int) -> Answer:
    return Answer(label, exact.array(value), (Line((), f"{label} = {text} = {value}"),))


def _reference(given: Numbers) -> Numbers:
    """Build the network in PyTorch and measure it."""
    import torch
    from torch import nn

    windows = [[int(n) for n in row] for row in given["k, s, p"]]
    c, n = [int(channels) for channels in given["c"]], int(given["n"])
    first = nn.Conv2d(c[0], c[1], *_window(windows[0]))
    second = nn.Conv2d(c[1], c[2], *_window(windows[2]))
    pools = [nn.MaxPool2d(*_window(windows[i])) for i in (1, 3)]
    maps = [torch.zeros(1, c[0], n, n)]
    for layer in nn.Sequential(first, pools[0], second, pools[1]):
        maps.append(layer(maps[-1]))
    sides = [y.shape[-1] for y in maps[1:]]
    fields, jumps = zip(*(_probed(windows[: i + 1]) for i in range(4)), strict=True)
    found = {
        "n": sides,
        "r": fields,
        "j": jumps,
        "P": [sum(p.numel() for p in conv.parameters()) for conv in (first, second)],
        "M": first.weight.numel() * sides[0] ** 2,
        "F": maps[-1].flatten(1).shape[1],
    }
    return {label: np.array(values) for label, values in found.items()}


def _window(row: Sequence[int]) -> tuple[int, int, int]:
    kernel_size, stride, padding = row
    return kernel_size, stride, padding


def _probed(windows: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Count the pixels of a row with a gradient to one output, and how far the next one's lie."""
    import torch
    from torch.nn import functional

    x = torch.ones(1, 1, 200, requires_grad=True)
    y = x
    for k, s, _ in windows:
        y = functional.conv1d(y, torch.ones(1, 1, k), stride=s)
    seen = [torch.autograd.grad(y[0, 0, i], x, retain_graph=True)[0][0, 0] != 0 for i in (0, 1)]
    first, second = (int(place.nonzero()[0]) for place in seen)
    return int(seen[0].sum()), second - first
