"""Tables and fields on paper: cases worked by hand, PyTorch on random stacks, properties."""

import math
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils import arithmetic, layers
from course_utils.layers import (
    FC,
    AvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    LeakyReLU,
    LogSoftmax,
    MaxPool,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    Window,
    pair,
)

BLANKS = (
    "Conv(?,?,3,1,1)–ReLU–MaxPool(2,2)–Conv(64,?,3,1,1)–ReLU–MaxPool(2,2)–"
    "Conv(128,256,3,1,1)–ReLU–MaxPool(2,2)–Conv(?,512,3,1,1)–ReLU–MaxPool(2,2)"
)
HEAD = "FC(4096,4096) -> ReLU -> Dropout -> FC(4096,1000)"
VGG16 = (
    "Conv(3,64,3,1,1)-ReLU-Conv(64,64,3,1,1)-ReLU-MaxPool(2)-"
    "Conv(64,128,3,1,1)-ReLU-Conv(128,128,3,1,1)-ReLU-MaxPool(2)-"
    "Conv(128,256,3,1,1)-ReLU-(Conv(256,256,3,1,1)-ReLU)*2-MaxPool(2)-"
    "Conv(256,512,3,1,1)-ReLU-(Conv(512,512,3,1,1)-ReLU)*2-MaxPool(2)-"
    "(Conv(512,512,3,1,1)-ReLU)*3-MaxPool(2)"
)
ALEXNET = (
    "Conv(3,64,11,4,2)-ReLU-MaxPool(3,2)-Conv(64,192,5,1,2)-ReLU-MaxPool(3,2)-"
    "Conv(192,384,3,1,1)-ReLU-Conv(384,256,3,1,1)-ReLU-Conv(256,256,3,1,1)-ReLU-MaxPool(3,2)"
)


# Worked by hand


def test_sizes_by_hand():
    assert arithmetic.output_size(28, 5, 2, 1) == (28 + 2 - 5) // 2 + 1 == 13
    assert arithmetic.output_size(224, 11, 4, 2) == (224 + 4 - 11) // 4 + 1 == 55
    assert arithmetic.output_size(10, 3, dilation=4) == (10 - (4 * 2 + 1)) // 1 + 1 == 2
    assert arithmetic.same_padding(7) == (7 - 1) // 2
    assert arithmetic.same_padding(4, dilation=2) == 2 * (4 - 1) // 2


def test_the_three_networks_of_the_reports():
    assert arithmetic.receptive_fields("Conv(32,128,3,1,1)–ReLU–Conv(128,128,4,4,1)") == [3, 6]
    assert arithmetic.receptive_fields("(Conv(3,3,5,2,2)–ReLU)×6") == [5, 13, 29, 61, 125, 253]
    third = "Conv(3,64,3,2,1)–ReLU–MaxPool(4,3,0)–Conv(64,128,3,1,1)–ReLU–MaxPool(2,2,0)"  # TMU-HW4
    r1 = 1 + (3 - 1) * 1
    r2 = r1 + (4 - 1) * 2
    r3 = r2 + (3 - 1) * 2 * 3
    r4 = r3 + (2 - 1) * 2 * 3 * 1
    assert arithmetic.receptive_fields(third) == [r1, r2, r3, r4] == [3, 9, 21, 27]
    r3 = 2 * 1 + (2 - 2)
    r2 = 1 * r3 + (3 - 1)
    r1 = 3 * r2 + (4 - 3)
    r0 = 2 * r1 + (3 - 2)
    assert arithmetic.receptive_fields_backwards(third) == [r0, r1, r2, r3, 1] == [27, 13, 4, 2, 1]
    assert arithmetic.receptive_field_closed_form(third) == 27
    assert arithmetic.effective_stride(third) == 2 * 3 * 1 * 2


def test_height_and_width_apart():
    network = "Conv(1,1,(3,5),(2,1),(1,0)) -> MaxPool((1,2)) -> Conv(1,1,3,dilation=(1,2))"
    vertical = [1 + 2, 1 + 2 + 0, 1 + 2 + 0 + 2 * 2]
    horizontal = [1 + 4, 1 + 4 + 1, 1 + 4 + 1 + 2 * 2 * 2]
    both = [*zip(vertical, horizontal, strict=True)]
    assert arithmetic.receptive_fields(network) == both
    assert arithmetic.receptive_field_closed_form(network) == both[-1]
    assert arithmetic.effective_stride(network) == 2
    assert arithmetic.effective_stride("MaxPool((1,2))") == (1, 2)
    row = arithmetic.trace(network, (1, 20, 20)).rows[-1]
    assert (row.receptive_field, row.jump) == ((7, 14), (2, 2))
    assert row.start == (0 + (1 - 1) * 1 + 1 * 2, 2 + 0.5 + 2 * 2)


def test_the_network_with_blanks():
    solution = arithmetic.solve(BLANKS, (3, 512, 512))
    assert solution.undetermined == ()
    assert [(b.number, b.parameter, b.value) for b in solution.blanks] == [
        (1, "in_channels", 3),
        (1, "out_channels", 64),
        (4, "out_channels", 128),
        (10, "in_channels", 256),
    ]
    table = arithmetic.trace(solution.layers, (3, 512, 512))
    outputs = [row.output for row in table.rows]
    for i, (channels, size) in enumerate([(64, 512), (128, 256), (256, 128), (512, 64)]):
        map_shape = (channels, size, size)
        assert outputs[3 * i : 3 * i + 2] == [map_shape, map_shape]
        assert outputs[3 * i + 2] == (channels, size // 2, size // 2)
    assert table.rows[0].parameters == 64 * (3 * 9 + 1) == 1792
    assert table.rows[3].parameters == 128 * (64 * 9 + 1) == 73_856  # not 73,586
    assert table.rows[3].multiply_adds == 128 * 64 * 9 * 256 * 256
    flat = arithmetic.solve(BLANKS + "–FC(?,4096)", (3, 512, 512)).layers[-1]
    assert flat == FC(512 * 32 * 32, 4096) == FC(524_288, 4096)


def test_vgg16():
    table = arithmetic.trace(f"{VGG16} -> FC(25088,4096) -> ReLU -> {HEAD}", (3, 224, 224))
    assert table.rows[30].output == (512, 7, 7)
    assert table.rows[30].receptive_field == (212, 212)
    assert table.rows[31].parameters == 4096 * (512 * 7 * 7 + 1) == 102_764_544
    assert table.totals == (138_357_544, 15_470_264_320)
    assert table.totals.parameters == 138_357_544
    assert arithmetic.effective_stride(VGG16) == 2**5
    # The first centre: 5 poolings shift it by half a jump each.
    assert table.rows[30].start == (0.5 * (1 + 2 + 4 + 8 + 16),) * 2


def test_alexnet():
    table = arithmetic.trace(
        f"{ALEXNET} -> Dropout -> FC(9216,4096) -> ReLU -> {HEAD}", (3, 224, 224)
    )
    assert table.rows[12].output == (256, 6, 6)
    assert table.rows[12].receptive_field == (195, 195)
    assert table.totals == (61_100_840, 714_188_480)


# How a table prints


def test_a_table_in_text_and_in_markdown():
    network = "Conv(1,8,(3,1),1,(1,0)) -> BatchNorm -> MaxPool(2) -> Flatten -> FC(2048,10)"
    table = arithmetic.trace(network, (1, 32, 32))
    lines = str(table).split("\n")
    assert [line.split() for line in lines[:3]] == [
        "layer output receptive field jump start parameters multiply-adds".split(),
        "input 1 × 32 × 32 1 1 0".split(),
        "Conv(1, 8, (3, 1), 1, (1, 0)) 8 × 32 × 32 3 × 1 1 0 32 24,576".split(),
    ]
    assert lines[-1].split() == ["total", "20,538", "45,056"]
    # All but the input's line end with the last column, which is flush right.
    assert {len(line) for line in lines if not line.startswith("input")} == {len(lines[0])}
    markdown = table._repr_markdown_().split("\n")
    assert markdown[1] == "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    assert markdown[3] == (
        "| `Conv(1, 8, (3, 1), 1, (1, 0))` | 8 × 32 × 32 | 3 × 1 | 1 | 0 | 32 | 24,576 |"
    )
    assert markdown[5] == "| `MaxPool(2, 2)` | 8 × 16 × 16 | 4 × 2 | 2 | 0.5 | 0 | 0 |"
    assert markdown[7] == "| `FC(2048, 10)` | 10 | – | – | – | 20,490 | 20,480 |"
    assert markdown[8] == "| **total** |  |  |  |  | **20,538** | **45,056** |"
    row = arithmetic.LayerRow("a|b", (1,), None, None, (-0.5, 1.25), 0, 0)
    odd = arithmetic.Table((row,), (1,))._repr_markdown_()
    assert r"| `a\|b` | 1 | – | – | −0.5 × 1.25 |" in odd


# PyTorch on random stacks


ACTIVATIONS = ReLU(), Tanh(), Sigmoid(), LeakyReLU(0.2), BatchNorm(), Dropout()


def an_axis(pick, n, kind):
    """Pick the numbers of one window along an axis of n pixels, so that it fits."""
    k, s = pick(1, 5), pick(1, 3)
    d = pick(1, 2) if kind is Conv else 1
    extent = d * (k - 1) + 1
    p = pick(0, extent - 1 if kind is Conv else k // 2)
    return (k, s, p, d) if extent <= n + 2 * p else (1, s, 0, 1)


def a_stack(pick, most=6):
    """Give a network that fits together, and its input's shape; pick(low, high) chooses."""
    channels, size = pick(1, 6), [pick(4, 30), pick(4, 30)]
    shape = (channels, *size)
    network = []
    for _ in range(pick(1, most)):
        kind = (Conv, Conv, MaxPool, AvgPool)[pick(0, 3)]
        axes = [an_axis(pick, size[0], kind), an_axis(pick, size[1], kind)]
        if size[0] == size[1] and pick(0, 1):
            axes = axes[:1] * 2
        k, s, p, d = zip(*axes, strict=True)
        if kind is Conv:
            out, bias = pick(1, 6), pick(0, 1) == 1
            groups = [g for g in (1, 2, 3) if channels % g == out % g == 0]
            groups = groups[pick(0, len(groups) - 1)]
            network.append(Conv(channels, out, k, s, p, dilation=d, groups=groups, bias=bias))
            channels = out
        else:
            network.append(kind(k, s, p))
        size = [
            (n + 2 * p - d * (k - 1) - 1) // s + 1
            for n, (k, s, p, d) in zip(size, axes, strict=True)
        ]
        if pick(0, 1):
            network.append(ACTIVATIONS[pick(0, 5)])
    if pick(0, 1):
        out = pick(1, 20)
        network += [Flatten()] * pick(0, 1)
        network += [FC(channels * size[0] * size[1], out), ACTIVATIONS[pick(0, 5)]]
        network += [FC(out, 3, bias=False), (Softmax(), LogSoftmax())[pick(0, 1)]]
    return network, shape


@st.composite
def stacks(draw, most=6):
    return a_stack(lambda low, high: draw(st.integers(low, high)), most)


def torch_layer(layer, channels, flat):
    if isinstance(layer, Conv):
        return nn.Conv2d(
            layer.in_channels,
            layer.out_channels,
            layer.kernel_size,
            layer.stride,
            layer.padding,
            layer.dilation,
            layer.groups,
            layer.bias,
        )
    if isinstance(layer, MaxPool):
        return nn.MaxPool2d(layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    if isinstance(layer, AvgPool):
        return nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding)
    if isinstance(layer, FC):
        linear = nn.Linear(layer.in_features, layer.out_features, layer.bias)
        return linear if flat else nn.Sequential(nn.Flatten(), linear)
    if isinstance(layer, BatchNorm):
        return nn.BatchNorm1d(channels) if flat else nn.BatchNorm2d(channels)
    if isinstance(layer, Softmax | LogSoftmax):
        return getattr(nn, type(layer).__name__)(1)
    return getattr(nn, type(layer).__name__)()


def seen_by(windows, output):
    """Follow an output back, index by index: the first and the last place of the input under it."""
    places = {output}
    for k, s, p, d in reversed(windows):
        places = {o * s - p + i * d for o in (min(places), max(places)) for i in range(k)}
    return min(places), max(places)


def along(network, axis):
    return [
        tuple(
            pair(number)[axis]
            for number in (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
        )
        for layer in network
        if isinstance(layer, Window)
    ]


@torch.no_grad()
def check_against_pytorch(network, shape):
    table = arithmetic.trace(network, shape)
    x = torch.zeros(2, *shape)
    parameters = multiply_adds = 0
    for i, (layer, row) in enumerate(zip(network, table.rows, strict=True)):
        module = torch_layer(layer, x.shape[1], x.ndim == 2).eval()
        x = module(x)
        assert row.output == tuple(x.shape[1:])
        assert row.parameters == sum(p.numel() for p in module.parameters())
        parameters += row.parameters
        # Each output of a layer with weights is a sum over the weights of its channel.
        weights = [p for p in module.parameters() if p.ndim > 1]
        uses = sum(w[0].numel() * x[0].numel() for w in weights)
        assert row.multiply_adds == uses
        multiply_adds += uses
        if x.ndim == 2:
            assert (row.receptive_field, row.jump, row.start) == (None, None, None)
            continue
        for axis in (0, 1):
            windows = along(network[: i + 1], axis)
            (first, last), (second, _) = seen_by(windows, 0), seen_by(windows, 1)
            assert row.receptive_field[axis] == last - first + 1
            assert row.jump[axis] == second - first
            assert row.start[axis] == (first + last) / 2
    assert table.totals == (parameters, multiply_adds)


def test_random_stacks_are_pytorch():
    seen = {}
    random = Random(0)
    while len(seen) < 2000:
        network, shape = a_stack(random.randint)
        key = (layers.text(network), shape)
        if key not in seen:
            check_against_pytorch(network, shape)
            seen[key] = len(network)
    print(
        f"\narithmetic against PyTorch: {len(seen)} different stacks, {sum(seen.values())} layers"
    )


def test_a_gradient_sees_the_receptive_field():
    """Positive weights, average pooling, an output away from the borders: what has a gradient?"""
    seen = set()

    @settings(max_examples=300)
    @given(stacks(most=4))
    def probe(stack):
        network = [layer for layer in stack[0] if isinstance(layer, Window)]
        row = arithmetic.trace(network, stack[1]).rows[-1]
        # The first output whose field lies inside, and an input that just holds the field.
        output = [
            math.ceil(((r - 1) / 2 - start) / jump)
            for r, start, jump in zip(row.receptive_field, row.start, row.jump, strict=True)
        ]
        centre = [o * j + s for o, j, s in zip(output, row.jump, row.start, strict=True)]
        size = [int(c + (r - 1) / 2) + 1 for c, r in zip(centre, row.receptive_field, strict=True)]
        x = torch.zeros(1, 1, *size, dtype=torch.float64, requires_grad=True)
        y = x
        for layer in network:
            if isinstance(layer, Conv):
                w = torch.ones(1, 1, *pair(layer.kernel_size), dtype=torch.float64)
                y = nn.functional.conv2d(y, w, None, layer.stride, layer.padding, layer.dilation)
            else:
                y = nn.functional.avg_pool2d(y, layer.kernel_size, layer.stride, layer.padding)
        y[0, 0, output[0], output[1]].backward()
        for axis in (0, 1):
            lit = x.grad[0, 0].sum(1 - axis).nonzero().flatten().tolist()
            assert lit[-1] - lit[0] + 1 == row.receptive_field[axis]
            assert (lit[-1] + lit[0]) / 2 == centre[axis]
        seen.add(layers.text(network))

    probe()
    print(f"\nreceptive field against the gradient: {len(seen)} different stacks")
    assert len(seen) >= 200


# Properties


@settings(max_examples=200)
@given(stacks(), st.data())
def test_three_forms_and_the_table_agree(stack, data):
    network, shape = stack
    rows = arithmetic.trace(network, shape).rows
    fields = arithmetic.receptive_fields(network)
    windows = [row for row, layer in zip(rows, network, strict=True) if isinstance(layer, Window)]
    pairs = [f if isinstance(f, tuple) else (f, f) for f in fields]
    assert pairs == [row.receptive_field for row in windows]
    assert all(not isinstance(f, tuple) or f[0] != f[1] for f in fields)
    assert arithmetic.receptive_fields_backwards(network)[0] == fields[-1]
    assert arithmetic.receptive_field_closed_form(network) == fields[-1]
    assert layers.pair(arithmetic.effective_stride(network)) == windows[-1].jump
    # Cut in two, the second half sees r' and its outputs see what the first half shows of it.
    cut = data.draw(st.integers(0, len(windows)))
    only = [layer for layer in network if isinstance(layer, Window)]
    back = [pair(r) for r in arithmetic.receptive_fields_backwards(only)]
    assert back[cut] == pair(arithmetic.receptive_field_closed_form(only[cut:]))
    # A 1×1 convolution sees no more, wherever it stands before the end of the map.
    place = data.draw(st.integers(0, network.index(only[-1])))
    channels = rows[place - 1].output[0] if place else shape[0]
    one = Conv(channels, channels, 1)
    longer = arithmetic.trace([*network[:place], one, *network[place:]], shape)
    assert longer.rows[:place] + longer.rows[place + 1 :] == rows
    assert longer.totals.parameters == sum(r.parameters for r in rows) + channels * (channels + 1)


@settings(max_examples=300)
@given(
    st.integers(1, 60), st.integers(1, 9), st.integers(1, 4), st.integers(0, 4), st.integers(1, 3)
)
def test_output_size_counts_the_places(n, k, s, p, d):
    window = d * (k - 1) + 1
    places = [first for first in range(-p, n + p) if first + window <= n + p][::s]
    if places:
        assert arithmetic.output_size(n, k, s, p, d) == len(places)
    else:
        with pytest.raises(ValueError, match="is larger than the padded input"):
            arithmetic.output_size(n, k, s, p, d)
    if (d * (k - 1)) % 2:
        with pytest.raises(ValueError, match="to keep the size; use an odd kernel"):
            arithmetic.same_padding(k, d)
    else:
        same = arithmetic.same_padding(k, d)
        assert arithmetic.output_size(n, k, 1, same, d) == n


# Blanks


def final(network, shape):
    return arithmetic.trace(network, shape).rows[-1].output


def tried(network, shape, place, parameter, wanted, most=40):
    """Try all values for one number."""
    fitting = []
    for value in range(most):
        fields = {name: getattr(network[place], name) for name in network[place].__dict__}
        try:
            layer = type(network[place])(**fields | {parameter: value})
            if final([*network[:place], layer, *network[place + 1 :]], shape) == wanted:
                fitting.append(value)
        except ValueError:
            pass
    return fitting


@settings(max_examples=120)
@given(stacks(most=4), st.data())
def test_one_blank_has_the_values_that_fit(stack, data):
    network, shape = stack
    places = [i for i, layer in enumerate(network) if isinstance(layer, Window | FC)]
    place = data.draw(st.sampled_from(places))
    names = ["kernel_size", "stride", "padding"]
    if isinstance(network[place], Conv):
        names += ["in_channels", "out_channels"]
    if isinstance(network[place], FC):
        names = ["in_features", "out_features"]
    name = data.draw(st.sampled_from(names))
    fields = {field: getattr(network[place], field) for field in network[place].__dict__}
    layer = type(network[place])(**fields | {name: "?"})
    wanted = final(network, shape)
    if isinstance(fields[name], tuple):
        # One number for both axes does not always do.
        fitting = tried(network, shape, place, name, wanted)
    else:
        most = fields[name] + 2 if "features" in name else 40
        fitting = tried(network, shape, place, name, wanted, most)
        assert fields[name] in fitting
    given_blank = [*network[:place], layer, *network[place + 1 :]]
    if not fitting:
        with pytest.raises(
            ValueError, match="must agree|no number of channels fits|no number fits"
        ):
            arithmetic.solve(given_blank, shape, wanted)
        return
    (blank,) = arithmetic.solve(given_blank, shape, wanted).blanks
    assert (blank.number, blank.parameter) == (place + 1, name)
    if name == "padding" and isinstance(layer, Conv):
        # Padding by a kernel or more is not looked for.
        widest = min(d * (k - 1) for k, _, _, d in (along([network[place]], i)[0] for i in (0, 1)))
        fitting = [p for p in fitting if p <= widest]
        if not fitting:
            return
    assert [*blank.values] == [v for v in fitting if v <= max(blank.values)]
    if name != "stride":
        assert len(blank.values) == len(fitting)
    elif len(fitting) > 1:
        assert len(blank.values) > 1


@settings(max_examples=120)
@given(stacks(), st.data())
def test_what_is_filled_in_is_what_was_rubbed_out(stack, data):
    network, shape = stack
    rubbed = []
    for layer in network:
        fields = {name: getattr(layer, name) for name in layer.__dict__}
        counts = [name for name in fields if name.endswith(("channels", "_features"))]
        for name in counts:
            rub = data.draw(st.booleans()) and getattr(layer, "groups", 1) == 1
            if rub and fields[name] is not None:
                fields[name] = "?"
        rubbed.append(type(layer)(**fields))
    solution = arithmetic.solve(rubbed, shape)
    assert len(solution.layers) == len(network)
    for blank in solution.blanks:
        true = getattr(network[blank.number - 1], blank.parameter)
        assert blank.value in (None, true)
        assert not blank.values or true in blank.values
    open_places = [name for layer in solution.layers for name in layer.blanks]
    assert len(open_places) == len(solution.undetermined)
    if not open_places:
        assert [*solution.layers] == network


@pytest.mark.parametrize(
    ("network", "shape", "output", "found"),
    [
        ("Conv(1,4,3,?,1) -> FC(64,2)", (1, 8, 8), None, {"stride": (2,)}),
        ("Conv(1,4,?,1,1) -> FC(144,2)", (1, 8, 8), None, {"kernel_size": (5,)}),
        ("Conv(1,1,3,1,?)", (1, 5, 5), (1, 7, 7), {"padding": (2,)}),
        ("Conv(3,64,?,2,3)", (3, 224, 224), (64, 112, 112), {"kernel_size": (7, 8)}),
        ("MaxPool(?)", (3, 9, 9), (3, 3, 3), {"kernel_size": (3,)}),
        ("MaxPool(?,2) -> MaxPool(2)", (3, 9, 9), (3, 2, 2), {"kernel_size": (1, 2, 3)}),
        ("Conv(3,?,3)", (3, 8, 8), None, {"out_channels": ()}),
        ("Conv(3,?,3)", (3, 8, 8), ("?", 6, 6), {"out_channels": ()}),
        ("Conv(3,?,3) -> FC(72,2)", (3, 8, 8), None, {"out_channels": (2,)}),
        ("Conv(3,?,3) -> BatchNorm(5)", (3, 8, 8), None, {"out_channels": (5,)}),
        ("BatchNorm(?) -> Conv(3,5,3)", (3, 8, 8), None, {"num_features": (3,)}),
        ("FC(4,?)", (4,), (7,), {"out_features": (7,)}),
        ("Conv(1,1,(?,3),1,(1,?))", (1, 8, 8), (1, 8, 8), {"kernel_size": (3,), "padding": (1,)}),
        # 36 = 1·6·6 = 4·3·3 = 9·2·2 = 36·1·1
        (
            "Conv(3,?,3,?) -> FC(36,2)",
            (3, 8, 8),
            None,
            {"out_channels": (1, 4, 9, 36), "stride": (1, 2, 3, 4, 5, *range(6, 14))},
        ),
        ("Conv(3,6,?,1,?)", (3, 8, 8), (6, 8, 8), {"kernel_size": (), "padding": ()}),
    ],
)
def test_blanks_by_hand(network, shape, output, found):
    solution = arithmetic.solve(network, shape, output)
    assert {blank.parameter: blank.values for blank in solution.blanks} == found


def test_a_solution_says_what_is_open():
    solution = arithmetic.solve("Conv(?,?,?,2,3) -> ReLU", (3, 224, 224), ("?", 112, 112))
    assert str(solution) == (
        "Conv(3, ?, ?, 2, 3) -> ReLU\n"
        "layer 1, Conv(?, ?, ?, 2, 3): in_channels = 3\n"
        "layer 1, Conv(?, ?, ?, 2, 3): out_channels is not determined\n"
        "layer 1, Conv(?, ?, ?, 2, 3): kernel_size is not determined: 7 or 8 fit"
    )
    assert [blank.parameter for blank in solution.undetermined] == ["out_channels", "kernel_size"]
    strides = arithmetic.solve("MaxPool(3,?)", (1, 8, 8), (1, 1, 1)).blanks[0]
    assert str(strides).endswith("stride is not determined: 6, 7, 8, … fit")
    (_, second) = arithmetic.solve("MaxPool((?,?))", (1, 8, 6), (1, 2, 2)).blanks
    assert str(second) == "layer 1, MaxPool((?, ?)): kernel_size[1] = 3"


# What does not fit


@pytest.mark.parametrize(
    ("network", "shape", "error"),
    [
        (
            "Conv(3,64,3,1,1) -> ReLU -> Conv(32,64,3)",
            (3, 8, 8),
            "layer 3, Conv(32, 64, 3, 1, 0): in_channels: it takes 32, but "
            "layer 1, Conv(3, 64, 3, 1, 1), gives 64; they must agree",
        ),
        ("Conv(1,8,3)", (3, 8, 8), "in_channels: it takes 1, but the input gives 3; they must"),
        (
            "Conv(3,8,3) -> BatchNorm(6)",
            (3, 8, 8),
            "layer 2, BatchNorm(6): num_features: it takes 6, but layer 1, Conv(3, 8, 3, 1, 0), "
            "gives 8; they must agree",
        ),
        ("FC(8,4) -> FC(5,2)", (8,), "in_features: it takes 5, but layer 1, FC(8, 4), gives 4; th"),
        (
            BLANKS.replace("Conv(?,?", "Conv(3,64").replace("?", "128", 1).replace("?", "256")
            + "–FC(25088,4096)",
            (3, 512, 512),
            "layer 13, FC(25088, 4096): in_features: it takes 25,088, but layer 12, MaxPool(2, 2), "
            "gives 512 × 32 × 32 = 524,288; they must agree",
        ),
        ("Flatten -> FC(9,2)", (1, 2, 4), "in_features: it takes 9, but the input gives 1 × 2 × 4"),
        (
            "MaxPool(2) -> Conv(3,8,5,1,0)",
            (3, 9, 8),
            "layer 2, Conv(3, 8, 5, 1, 0): kernel_size: 5 is larger than the padded input, "
            "4 + 2·0 = 4; it must fit",
        ),
        (
            "Conv(3,8,3,1,1,dilation=4)",
            (3, 6, 9),
            "kernel_size: 3, 9 wide with dilation 4, is larger than the padded input, 6 + 2·1 = 8",
        ),
        (
            "FC(12,4) -> Conv(4,4,1)",
            (3, 2, 2),
            "layer 2, Conv(4, 4, 1, 1, 0): input: it takes channels, height and width, but",
        ),
    ],
)
def test_layers_that_do_not_fit(network, shape, error):
    for answer in (arithmetic.trace, arithmetic.solve):
        with pytest.raises(ValueError) as caught:
            answer(network, shape)
        assert error in str(caught.value)


@pytest.mark.parametrize(
    ("network", "shape", "output", "error"),
    [
        (
            BLANKS + "-FC(25088,4096)",
            (3, 512, 512),
            None,
            "FC(25088, 4096): in_features: it takes 25,088, but layer 12, MaxPool(2, 2), gives "
            "512 × 32 × 32 = 524,288; they must agree",
        ),
        (
            "Conv(3,6,3,?) -> FC(77,2)",
            (3, 8, 8),
            None,
            "it takes 77, but layer 1, Conv(3, 6, 3, ?, 0), gives 6 × 1 × 1 = 6, 6 × 2 × 2 = 24 or "
            "6 × 3 × 3 = 54 at the nearest, whatever stands for '?'; they must agree",
        ),
        (
            "Conv(3,?,3) -> FC(77,2)",
            (3, 8, 8),
            None,
            "gives 6 × 6 = 36, for each channel; no number of channels fits",
        ),
        ("Conv(3,?,3,groups=3) -> FC(8,2)", (3, 4, 4), None, "no number of channels fits"),
        (
            "Conv(3,?,3) -> BatchNorm(8) -> Conv(9,2,3)",
            (3, 8, 8),
            None,
            "in_channels: it takes 9, but layer 2, BatchNorm(8), takes 8; they must agree",
        ),
        (
            "Conv(6,?,3,groups=2) -> Conv(7,2,3)",
            (6, 8, 8),
            None,
            "layer 1, Conv(6, ?, 3, 1, 0, groups=2): groups: 2 does not divide out_channels = 7",
        ),
        (
            "MaxPool(2) -> MaxPool(?,1) -> MaxPool(5)",
            (3, 8, 8),
            None,
            "layer 3, MaxPool(5, 5): kernel_size: 5 is larger than the padded input, 4 + 2·0 = 4",
        ),
        (
            "Conv(3,8,3,?)",
            (3, 9, 9),
            (8, 5, 5),
            "output_shape: 5 × 5 pixels are asked for, but layer 1, Conv(3, 8, 3, ?, 0), gives "
            "3 × 3, 4 × 4 or 7 × 7 at the nearest, whatever stands for '?'; they must agree",
        ),
        ("Conv(3,8,3)", (3, 9, 9), (9, 7, 7), "output_shape: channels: it takes 9, but layer 1, C"),
        (
            "Conv(3,8,3)",
            (3, 9, 9),
            (8,),
            "output_shape: (8,) is invalid; use (channels, height, width)",
        ),
        ("Conv(3,8,?,?) -> Conv(8,8,?,?)", (3, 99, 99), (8, 4, 4), "more than 200,000 sizes to t"),
    ],
)
def test_blanks_that_nothing_fills(network, shape, output, error):
    with pytest.raises(ValueError) as caught:
        arithmetic.solve(network, shape, output)
    assert error in str(caught.value)


@pytest.mark.parametrize(
    ("network", "number"),
    [
        ("Conv(1,1,1,2) * 2000", 50),  # 2⁵⁰ is the first power of 2 above 10¹⁵
        (f"MaxPool(1) -> Conv(1,1,1,1,{'9' * 100})", 2),
        ("(ReLU -> Conv(1,1,1,1000)) * 60", 12),
    ],
)
def test_a_field_beyond_exact_numbers_is_refused_with_its_layer(network, number):
    with pytest.raises(ValueError, match=rf"layer {number}, .*: its places .* use smaller numbers"):
        arithmetic.trace(network, (1, 8, 8))


@pytest.mark.parametrize("network", [f"MaxPool({'9' * 100}) * 11", "Conv(1,1,3,10) * 2000"])
@pytest.mark.parametrize("find", [
    arithmetic.effective_stride, arithmetic.receptive_fields,
    arithmetic.receptive_fields_backwards, arithmetic.receptive_field_closed_form,
], ids=lambda find: find.__name__)  # fmt: skip
def test_a_result_that_nobody_can_print_is_refused(network, find):
    with pytest.raises(ValueError, match="layers: a result has over 1,000 digits; use smaller"):
        find(network)
    assert len(str(find("MaxPool(10) * 999"))) >= 1000


def test_the_largest_start_is_exact():
    row = arithmetic.trace("Conv(1,1,1,2) * 49 -> Conv(1,1,2)", (1, 2**50, 2**50)).rows[-1]
    assert row.start == (2**48,) * 2 and row.receptive_field == (2**49 + 1,) * 2


def test_invalid_questions():
    with pytest.raises(ValueError, match=r"layer 1, Conv\(3, \?, 3, 1, 0\): out_channels: '\?' is"):
        arithmetic.trace("Conv(3,?,3)", (3, 8, 8))
    with pytest.raises(ValueError, match=r"layer 1, MaxPool\(\?\): kernel_size: '\?' is not known"):
        arithmetic.receptive_fields("MaxPool(?)")
    with pytest.raises(ValueError, match="layer 2, .*: input: it gets features; put it before"):
        arithmetic.receptive_fields("Flatten -> MaxPool(2)")
    for shape in ((1, 3, 8, 8), (8, 8), "338", 3):
        with pytest.raises(ValueError, match="input_shape: .* without the batch"):
            arithmetic.trace("ReLU", shape)
    with pytest.raises(ValueError, match="input_shape: 0 is invalid; use an integer of at least 1"):
        arithmetic.trace("ReLU", (3, 0, 8))
    with pytest.raises(ValueError, match="stride: 0 is invalid; use an integer of at least 1"):
        arithmetic.output_size(5, 3, 0)
    with pytest.raises(ValueError, match="kernel_size: 4 needs 3 pixels of padding in all, 1.5 on"):
        arithmetic.same_padding(4)
