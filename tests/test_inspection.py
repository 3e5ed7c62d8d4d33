"""Any network, inspected: the table, the formula, the probe and PyTorch itself must agree."""

import copy
import itertools
import threading
import warnings
from collections import Counter, namedtuple
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
import torchinfo
from drawing import tried
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional
from torchvision import models

from course_utils import arithmetic, inspection, layers

pytestmark = pytest.mark.usefixtures("one_thread")

STACKS, BRANCHES = 2000, 200


def build(spec, channels):
    """Give the PyTorch module of a layer spec, after so many channels."""
    match spec:
        case layers.Conv():
            return nn.Conv2d(
                spec.in_channels,
                spec.out_channels,
                spec.kernel_size,
                spec.stride,
                spec.padding,
                spec.dilation,
                spec.groups,
                spec.bias,
            )
        case layers.MaxPool():
            return nn.MaxPool2d(spec.kernel_size, spec.stride, spec.padding, spec.dilation)
        case layers.AvgPool():
            return nn.AvgPool2d(spec.kernel_size, spec.stride, spec.padding)
        case layers.FC():
            return nn.Sequential(
                nn.Flatten(), nn.Linear(spec.in_features, spec.out_features, spec.bias)
            )
        case layers.BatchNorm():
            return nn.BatchNorm2d(channels)
        case layers.LeakyReLU():
            return nn.LeakyReLU(spec.negative_slope)
        case _:
            return {"ReLU": nn.ReLU, "Tanh": nn.Tanh, "Sigmoid": nn.Sigmoid, "Dropout": nn.Dropout}[
                type(spec).__name__
            ]()


# One draw a layer. A convolution is (out, kernel size, stride, padding, dilation, bias), with as
# many groups as fit where out is 0; a pooling (kind, kernel size, stride, padding).
PLAIN = [
    layers.ReLU(),
    layers.Tanh(),
    layers.Sigmoid(),
    layers.LeakyReLU(),
    layers.BatchNorm(),
    layers.Dropout(),
]
CONVOLUTIONS = list(
    itertools.product(
        (1, 2, 3, 0),
        (1, 2, 3, (1, 3), (3, 2)),
        (1, 2, (2, 1)),
        (0, 1, 2, (1, 0)),
        (1, 2, (1, 2)),
        (True, False),
    )
)
POOLS = [
    (kind, k, s, p)
    for kind in (layers.MaxPool, layers.AvgPool)
    for k in (2, 3, (1, 3), (3, 2))
    for s in (None, 1, 2, (2, 1))
    for p in (0, tuple(n // 2 for n in layers.pair(k)))
]
LAYERS = st.one_of(*[st.sampled_from(kind) for kind in (CONVOLUTIONS, CONVOLUTIONS, POOLS, PLAIN)])


@st.composite
def stacks(draw):
    """Draw one to four layers, as far as their field is small, and an image large enough."""
    channels = first = draw(st.integers(1, 3))
    found = []
    for drawn in draw(st.lists(LAYERS, min_size=1, max_size=4)):
        match drawn:
            case (int(out), kernel, stride, padding, dilation, bias):
                out, groups = out or channels, 1 if out else channels
                conv = layers.Conv(channels, out, kernel, stride, padding)
                found.append(replace(conv, dilation=dilation, groups=groups, bias=bias))
                channels = out
            case (kind, kernel, stride, padding):
                found.append(kind(kernel, stride, padding))
            case _:
                found.append(drawn)
    rows = arithmetic.trace(found, (first, 200, 200)).rows
    small = [row for row in rows if max(row.receptive_field) + max(row.jump) <= 32]
    last = small[-1]
    extra = draw(st.integers(0, 3))
    # The centre of the central place lies within half a jump of the image's centre.
    size = (r + j + 2 + extra for r, j in zip(last.receptive_field, last.jump, strict=True))
    return found[: len(small)], (first, *size)


def numbers(row):
    return row.output, row.receptive_field, row.jump, row.start, row.parameters, row.multiply_adds


@pytest.mark.slow
def test_formula_table_probe_and_pytorch_agree_on_random_stacks():
    seen = Counter()

    @tried(STACKS)
    @given(stacks())
    def agree(drawn):
        specs, shape = drawn
        formula = arithmetic.trace(specs, shape)
        modules, channels = [], shape[0]
        for spec, row in zip(specs, formula.rows, strict=True):
            modules.append(build(spec, channels).double())
            channels = row.output[0]
        net = nn.Sequential(*modules).eval()
        table = inspection.trace(net, shape)
        assert [*map(numbers, table.rows)] == [*map(numbers, formula.rows)]
        assert table.totals == formula.totals and table.input_shape == shape
        x = torch.zeros(1, *shape, dtype=torch.float64)
        for module, row in zip(net, table.rows, strict=True):
            x = module(x)
            assert tuple(x.shape[1:]) == row.output
            assert sum(p.numel() for p in module.parameters()) == row.parameters
        assert inspection.receptive_field(net, shape) == table.rows[-1].receptive_field
        seen.update(type(spec).__name__ for spec in specs)
        seen["stacks"] += 1

    agree()
    assert seen["stacks"] >= STACKS
    print(f"\nrandom stacks, by formula, table, probe and PyTorch: {dict(seen)}")


class Branches(nn.Module):
    """Runs modules side by side and joins what they return."""

    def __init__(self, join, *branches):
        super().__init__()
        self.join, self.branches = join, nn.ModuleList(branches)

    def forward(self, x):
        found = [branch(x) for branch in self.branches]
        return torch.cat(found, 1) if self.join == "cat" else sum(found[1:], found[0])


@st.composite
def branches(draw):
    """Draw blocks of two or three paths, each a padding and a convolution that keep the size."""
    blocks, paths = [], []
    for _ in range(draw(st.integers(1, 3))):
        block = []
        for _ in range(draw(st.integers(2, 3))):
            kernel, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
            before = draw(st.integers(0, dilation * (kernel - 1)))
            block.append((kernel, dilation, before))
        paths.append((block, draw(st.integers(1, 2))))
        blocks.append(draw(st.sampled_from(["sum", "cat"])))
    return [*zip(blocks, paths, strict=True)]


@pytest.mark.slow
def test_table_and_probe_agree_on_random_branches():
    seen = Counter()

    @tried(BRANCHES)
    @given(branches())
    def agree(drawn):
        channels, modules = 2, []
        low = high = 0
        jump = 1
        for join, (paths, stride) in drawn:
            convs = []
            for kernel, dilation, before in paths:
                after = dilation * (kernel - 1) - before
                convs.append(
                    nn.Sequential(
                        nn.ZeroPad2d((before, after, before, after)),
                        nn.Conv2d(channels, 2, kernel, stride, dilation=dilation),
                        nn.ReLU(),
                    )
                )
            modules.append(Branches(join, *convs))
            channels = 2 * len(paths) if join == "cat" else 2
            # A path reads from so many pixels before its place to so many after it.
            low -= jump * max(before for _, _, before in paths)
            high += jump * max(d * (k - 1) - before for k, d, before in paths)
            jump *= stride
        net = nn.Sequential(*modules)
        size = 2 * max(-low, high) + 2 * jump + 3
        row = inspection.trace(net, (2, size, size)).rows[-1]
        assert row.receptive_field == (high - low + 1,) * 2
        assert row.jump == (jump, jump) and row.start == ((low + high) / 2,) * 2
        assert inspection.receptive_field(net, (2, size, size)) == row.receptive_field
        seen.update(join for join, _ in drawn)
        seen["networks"] += 1

    agree()
    assert seen["networks"] >= BRANCHES
    print(f"\nrandom branches, by hand, table and probe: {dict(seen)}")


# By hand


def test_the_three_architectures_of_the_reports():
    eleven = nn.Sequential(nn.Conv2d(32, 128, 3, 1, 1), nn.ReLU(), nn.Conv2d(128, 128, 4, 4, 1))
    six = nn.Sequential(*[m for _ in range(6) for m in (nn.Conv2d(3, 3, 5, 2, 2), nn.ReLU())])
    third = nn.Sequential(
        nn.Conv2d(3, 64, 3, 2, 1),
        nn.ReLU(),
        nn.MaxPool2d(4, 3, 0),
        nn.Conv2d(64, 128, 3, 1, 1),
        nn.ReLU(),
        nn.MaxPool2d(2, 2, 0),
    )
    for net, channels, windows, size, fields in (
        (eleven, 32, (0, 2), 16, [3, 6]),
        (six, 3, (0, 2, 4, 6, 8, 10), 320, [5, 13, 29, 61, 125, 253]),
        (third, 3, (0, 2, 3, 5), 64, [3, 9, 21, 27]),
    ):
        rows = inspection.trace(net, (channels, size, size)).rows
        assert [rows[i].receptive_field[0] for i in windows] == fields
        probed = [inspection.receptive_field(net[: i + 1], (channels, size, size)) for i in windows]
        assert probed == [(field, field) for field in fields]


def test_a_residual_sum_by_hand():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Conv2d(2, 4, 3, stride=2, padding=1)
            self.b = nn.Conv2d(4, 4, (5, 1), padding=(2, 0), bias=False)
            self.short = nn.Conv2d(2, 4, 1, stride=2)

        def forward(self, x):
            y = self.b(functional.relu(self.a(x)))
            y += self.short(x)
            return y

    table = inspection.trace(Block(), (2, 40, 40))
    assert [row.layer for row in table.rows] == [
        "a Conv2d",
        "relu",
        "b Conv2d",
        "short Conv2d",
        "add",
    ]
    a, _, b, short, added = table.rows
    assert (a.parameters, b.parameters, short.parameters) == (4 * 2 * 9 + 4, 4 * 4 * 5, 4 * 2 + 4)
    assert a.multiply_adds == 20 * 20 * 4 * 2 * 9
    assert short.receptive_field == (1, 1) and short.start == (0, 0)
    assert added.receptive_field == b.receptive_field == (3 + 4 * 2, 3)
    assert added.jump == (2, 2) and added.start == (0, 0) and added.parameters == 0
    assert inspection.receptive_field(Block(), (2, 40, 40)) == (11, 3)


def test_paths_with_other_starts_are_united():
    """One path reads pixels i … i + 2, the other i − 1 … i + 1: together four."""
    ahead = nn.Sequential(nn.ZeroPad2d((0, 2, 0, 2)), nn.Conv2d(1, 1, 3))
    net = Branches("sum", ahead, nn.Conv2d(1, 1, 3, padding=1))
    row = inspection.trace(net, (1, 12, 12)).rows[-1]
    assert row.receptive_field == (4, 4) and row.start == (0.5, 0.5)
    assert inspection.receptive_field(net, (1, 12, 12)) == (4, 4)


class Calls(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Report(nn.Module):
    """003n, with functional pooling, and dropout that eval mode does not reach."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 10, 5), nn.Conv2d(10, 20, 5)
        self.fc1, self.fc2 = nn.Linear(320, 50), nn.Linear(50, 10)

    def forward(self, x):
        x = functional.relu(functional.max_pool2d(self.conv1(x), 2))
        x = functional.max_pool2d(functional.dropout2d(self.conv2(x)), 2)
        x = functional.relu(self.fc1(x.view(-1, 320)))
        return functional.log_softmax(self.fc2(x), dim=1)


def test_functional_layers_have_rows_and_are_probed():
    net = Report()
    table = inspection.trace(net, (1, 28, 28))
    assert [row.layer for row in table.rows] == (
        "conv1 Conv2d|max_pool2d|relu|conv2 Conv2d|feature_dropout|max_pool2d|view|fc1 Linear|relu|"
        "fc2 Linear|log_softmax"
    ).replace("feature_dropout", "dropout2d").split("|")
    last = inspection.last_feature_map(table)
    assert last.output == (20, 4, 4) and last.receptive_field == (16, 16)
    assert table.rows[-1].receptive_field is None and table.rows[-1].output == (10,)
    parameters = 10 * 26 + 20 * (10 * 25 + 1) + 50 * 321 + 10 * 51
    assert table.totals.parameters == parameters == sum(p.numel() for p in net.parameters())
    assert table.totals.multiply_adds == (24 * 24 * 10 * 25 + 8 * 8 * 20 * 250 + 320 * 50 + 50 * 10)
    assert inspection.receptive_field(net, (1, 28, 28)) == (16, 16)
    # Left on, dropout of nearly all would leave no gradient.
    almost = Calls(lambda x: functional.dropout2d(functional.avg_pool2d(x, 3), p=1 - 1e-9))
    assert inspection.receptive_field(almost, (1, 15, 15)) == (3, 3)


# torchvision


def classifier(name):
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name.startswith("regnet"):  # its widths are computed with tensors that need data
            return models.get_model(name, weights=None, **options)
        with torch.device("meta"):
            return models.get_model(name, weights=None, **options)


# Published: Araujo et al. (2019), "Receptive fields of modern networks", for three ("alexnet_v2",
# "vgg_16", "inception_v3"). None: the network sees the whole image, through its gates.
FIELDS = {
    "alexnet": 195,
    "vgg16": 212,
    "inception_v3": 1311,
    "resnet18": 435,
    "resnet50": 427,
    "squeezenet1_0": 155,
    "densenet121": 2071,
    "googlenet": 379,
    "mobilenet_v2": 491,
    "mobilenet_v3_small": None,
    "shufflenet_v2_x1_0": 527,
    "mnasnet1_0": 843,
    "regnet_y_400mf": None,
    "efficientnet_b0": None,
    "convnext_tiny": 1688,
}


@pytest.mark.parametrize("name", FIELDS)
def test_torchvision_counts_and_fields(name):
    net, weights = classifier(name), next(iter(models.get_model_weights(name)))
    size = weights.transforms.keywords["crop_size"]
    table = inspection.trace(net, (3, size, size))
    last = inspection.last_feature_map(table)
    assert last.receptive_field == (FIELDS[name] or size,) * 2
    # What torchvision publishes: billions of multiply-adds, and parameters.
    assert round(table.totals.multiply_adds / 1e9, 3) == weights.meta["_ops"]
    spare = sum(p.numel() for n, p in net.named_parameters() if n.startswith(("aux", "AuxLogits")))
    everything = sum(p.numel() for p in net.parameters())
    assert table.totals.parameters == everything - spare
    assert weights.meta["num_params"] in (everything, everything - spare)


@pytest.mark.parametrize("name", ["alexnet", "vgg11_bn", "resnet18", "googlenet", "mobilenet_v2"])
def test_torchinfo_counts_the_same_multiply_adds(name):
    """torchinfo counts a bias as one use at each place, and batch norm's parameters once each."""
    net = classifier(name).eval()
    ours = {row.layer.split()[0]: row for row in inspection.trace(net, (3, 224, 224)).rows}
    theirs = torchinfo.summary(net, (1, 3, 224, 224), verbose=0, device="meta").summary_list
    names = {module: path for path, module in net.named_modules()}
    compared = 0
    for layer in theirs:
        if isinstance(layer.module, nn.Conv2d | nn.Linear):
            row, bias = ours[names[layer.module]], layer.module.bias
            places = int(np.prod(row.output[1:]))
            added = 0 if bias is None else bias.numel() * places
            assert layer.macs == row.multiply_adds + added
            compared += 1
    assert compared == sum(
        isinstance(m, nn.Conv2d | nn.Linear) for m in names if "aux" not in names[m]
    )
    print(f"\n{name}: {compared} layers have torchinfo's multiply-adds")


def test_alexnet_and_vgg16_probed():
    assert inspection.receptive_field(models.alexnet(weights=None), (3, 256, 256)) == (195, 195)
    # VGG-16 with an eighth of its channels: the windows are the same.
    net, thin = classifier("vgg16").features, []
    for layer in net:
        if isinstance(layer, nn.Conv2d):
            channels = max(3, layer.in_channels // 8), layer.out_channels // 8
            layer = nn.Conv2d(*channels, layer.kernel_size, layer.stride, layer.padding)
        thin.append(layer)
    assert inspection.receptive_field(nn.Sequential(*thin), (3, 250, 250)) == (212, 212)


def test_networks_with_gates_see_the_whole_image():
    net = models.mobilenet_v3_small(weights=None)
    last = inspection.last_feature_map(inspection.trace(net, (3, 64, 96)))
    assert last.receptive_field == (64, 96) and last.jump == (32, 32)
    assert inspection.receptive_field(net, (3, 64, 96)) == (64, 96)
    windows = inspection.trace(net, (3, 64, 96), gates=False)
    assert inspection.last_feature_map(windows).receptive_field == (639, 639)
    norm = nn.Sequential(nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4), nn.Conv2d(4, 4, 3))
    assert inspection.last_feature_map(inspection.trace(norm, (1, 20, 20))).receptive_field == (
        20,
        20,
    )
    assert inspection.receptive_field(norm, (1, 20, 20)) == (20, 20)
    assert inspection.trace(norm, (1, 20, 20), gates=False).rows[-1].receptive_field == (5, 5)


def test_a_gate_sees_no_pixel_that_nothing_reads():
    """Windows of 4 with stride 2 end at pixel 13 of 15, and those of 3 with stride 3 at 14."""
    gate = Calls(lambda x: x * x.mean((2, 3), keepdim=True).sigmoid())
    for mix in (gate, nn.InstanceNorm2d(2), nn.GroupNorm(1, 2)):
        net = nn.Sequential(nn.Conv2d(1, 2, (4, 3), (2, 3)), mix, nn.Conv2d(2, 2, 3, padding=1))
        row = inspection.trace(net, (1, 15, 15)).rows[-1]
        assert row.receptive_field == (14, 15) == inspection.receptive_field(net, (1, 15, 15))
    cropped = Calls(lambda x: x + x[:, :, 2:-3].mean(2, keepdim=True))
    row = inspection.trace(cropped, (1, 16, 9)).rows[-1]
    assert row.receptive_field == (11, 1) == inspection.receptive_field(cropped, (1, 16, 9))


# What reshapes, slices and writes in place


def test_places_are_followed_through_reshapes_and_slices():
    class Shuffled(nn.Module):
        def forward(self, x):
            n, c, h, w = x.shape
            x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
            x = x.permute(0, 2, 3, 1) @ torch.ones(4, 6, dtype=x.dtype, device=x.device)
            first, second = x.permute(0, 3, 1, 2).chunk(2, 1)
            x = torch.stack((first, second), 1).flatten(1, 2)
            return functional.avg_pool2d(x[:, :, 1::2, 3:-1], 3)

    row = inspection.trace(Shuffled(), (4, 21, 22)).rows[-1]
    assert row.output == (6, 3, 6)
    assert row.receptive_field == (5, 3) and row.jump == (6, 3) and row.start == (3, 4)
    assert row.parameters == 0
    assert inspection.receptive_field(Shuffled(), (4, 21, 22)) == (5, 3)


def test_a_map_with_its_channels_last_is_probed_along_height_and_width():
    class Last(nn.Module):
        def forward(self, x):
            return functional.avg_pool2d(x, (3, 1)).permute(0, 2, 3, 1) * 2

    row = inspection.trace(Last(), (2, 12, 7)).rows[-1]
    assert row.output == (4, 7, 2) and row.receptive_field == (3, 1)
    assert inspection.receptive_field(Last(), (2, 12, 7)) == (3, 1)
    with pytest.raises(ValueError, match=r"use \(2, 12, 3\), which is enough"):
        inspection.receptive_field(Last(), (2, 12, 1))


def test_a_write_into_a_part_is_followed_or_refused():
    class Written(nn.Module):
        def __init__(self, read):
            super().__init__()
            self.conv, self.read = nn.Conv2d(2, 2, 3, padding=1), read

        def forward(self, x):
            x = x * 1
            part = x[:, :1]
            part += self.conv(x)[:, :1]
            return part.relu() if self.read == "part" else x.relu()

    assert inspection.trace(Written("part"), (2, 9, 9)).rows[-1].receptive_field == (3, 3)
    with pytest.raises(ValueError, match=r"Written \(relu\) can't be followed; .* written to"):
        inspection.trace(Written("whole"), (2, 9, 9))


# Nothing of the user's is touched


def test_the_module_is_left_as_it_is():
    net = models.shufflenet_v2_x0_5(weights=None, num_classes=10).train()
    before, mode = copy.deepcopy(net.state_dict()), [m.training for m in net.modules()]
    inspection.trace(net, (3, 64, 64))
    inspection.effective_receptive_field(net, (3, 64, 64), samples=2)
    with pytest.raises(ValueError, match="too small"):
        inspection.receptive_field(net, (3, 64, 64))
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    assert [m.training for m in net.modules()] == mode and all(mode)
    assert all(p.requires_grad and p.grad is None for p in net.parameters())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_the_statistics_of_a_float64_network_are_left_as_they_are():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).double()
    net(torch.ones(4, 1, 5, 5, dtype=torch.float64))
    before = copy.deepcopy(net.state_dict())
    assert inspection.receptive_field(net, (1, 9, 9)) == (3, 3)
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


def test_the_probe_keeps_activations_that_saturate_in_their_range():
    """Ten sums double what goes in; ReLU6 and hardtanh have no gradient beyond 6 and 1."""
    sums = [Branches("sum", nn.Identity(), nn.Conv2d(2, 2, 3, padding=1)) for _ in range(10)]
    for last in (nn.ReLU6(), nn.Hardtanh()):
        assert inspection.receptive_field(nn.Sequential(*sums, last), (2, 25, 25)) == (21, 21)


# The effective receptive field


def test_effective_field_by_hand():
    """Two means over 3 are one weighting by 1, 2, 3, 2, 1; both ways, and over 9."""
    net = nn.Sequential(nn.AvgPool2d(3, 1), nn.AvgPool2d(3, 1))
    measured = inspection.effective_receptive_field(net, (1, 9, 9), samples=2)
    along = np.array([0, 0, 1, 2, 3, 2, 1, 0, 0]) / 9
    np.testing.assert_allclose(measured, np.outer(along, along), atol=1e-7)


def test_effective_field_is_the_mean_gradient_within_the_field():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(2, 4, 3), nn.Tanh(), nn.Conv2d(4, 3, 3), nn.ReLU(), nn.Flatten())
    images = torch.randn(3, 2, 11, 11, generator=torch.Generator().manual_seed(1))
    measured = inspection.effective_receptive_field(net, (2, 11, 11), images=images)
    x = images.clone().requires_grad_()
    net[:4](x)[:, :, 3, 3].sum().backward()
    np.testing.assert_allclose(measured, x.grad.abs().mean((0, 1)).numpy(), rtol=1e-5)
    assert (measured[3:8, 3:8] > 0).all() and np.count_nonzero(measured) == 25
    again, other = (
        inspection.effective_receptive_field(net, (2, 11, 11), samples=2, seed=s) for s in (0, 1)
    )
    assert (again == inspection.effective_receptive_field(net, (2, 11, 11), samples=2)).all()
    assert (again != other).any()


# Errors


@pytest.mark.parametrize("shape", [(28, 28), (0, 28, 28), (1, 2.5, 3), 28, (1, 1, 28, 28)])
def test_an_input_shape_is_channels_height_width(shape):
    for inspect in (inspection.trace, inspection.receptive_field):
        with pytest.raises(
            ValueError, match=r"input_shape: .* is invalid; use \(channels, height, width\)"
        ):
            inspect(nn.Conv2d(1, 1, 3), shape)


def test_an_input_that_does_not_go_through_names_the_layer():
    with pytest.raises(
        ValueError, match=r"\(3, 28, 28\) does not go through conv1 Conv2d \(conv2d"
    ):
        inspection.trace(Report(), (3, 28, 28))
    with pytest.raises(ValueError, match=r"\(1, 32, 32\) does not go through 1 Linear \(linear"):
        inspection.trace(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), (1, 32, 32))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (nn.ConvTranspose2d(2, 2, 2, 2), r"ConvTranspose2d \(conv_transpose2d\) .* transposed"),
        (nn.Upsample(scale_factor=2), r"Upsample \(interpolate\) .* no rule"),
        (Calls(lambda x: x.roll(1, 2)), r"Calls \(roll\) .* no rule"),
        (Calls(lambda x: x @ x), r"Calls \(matmul\) .* multiplies"),
        (Calls(lambda x: x if x.sum() > 0 else -x), r"Calls \(bool\) .* values"),
        (Calls(lambda x: torch.cat((x, x), 2)), r"Calls \(cat\) .* along their height"),
        (Calls(lambda x: x[:, :, 0]), r"Calls \(getitem\) .* one row or column"),
        (Calls(lambda x: x + x.transpose(2, 3)), r"Calls \(add\) .* different axes"),
        (Calls(lambda x: x[:, :, ::2] + x[:, :, :4]), r"Calls \(add\) .* jumps of 1 and 2 pixels"),
        (Calls(lambda x: x.view(-1, 2, 4, 2, 8)), r"Calls \(view\) .* into pieces"),
    ],
)
def test_an_operation_that_cannot_be_followed_is_named(module, text):
    with pytest.raises(ValueError, match=f"module: {text}"):
        inspection.trace(module, (2, 8, 8))


@pytest.mark.parametrize("name", ["vit_b_16", "swin_t", "maxvit_t"])
def test_attention_is_named(name):
    with pytest.raises(ValueError, match="module: .* can't be followed"):
        inspection.trace(models.get_model(name, weights=None), (3, 224, 224))


def test_a_field_that_reaches_the_border_is_refused_with_a_size_that_does():
    net = nn.Sequential(nn.Conv2d(1, 2, 5, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    with pytest.raises(
        ValueError, match=r"too small to probe '2 MaxPool2d'.*\(1, (\d+), 30\)"
    ) as e:
        inspection.receptive_field(net, (1, 8, 30))
    enough = int(str(e.value).split("(1, ")[-1].split(",")[0])
    assert inspection.receptive_field(net, (1, enough, 30)) == (9, 9)


def test_layers_are_chosen_by_row_or_module():
    net = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), nn.Conv2d(2, 2, 3), nn.Flatten()
    )
    for layer, field in (("0", 3), ("0.0", 3), ("0.1 ReLU", 3), ("1", 5), (None, 5)):
        assert inspection.receptive_field(net, (1, 12, 12), layer=layer) == (field, field)
    with pytest.raises(ValueError, match="layer: '7' does not exist; .* 0.0 Conv2d, 0.1 ReLU"):
        inspection.receptive_field(net, (1, 12, 12), layer="7")
    with pytest.raises(ValueError, match="layer: '2' has no feature map"):
        inspection.receptive_field(net, (1, 12, 12), layer="2")
    with pytest.raises(ValueError, match="module: it has no feature map"):
        inspection.receptive_field(nn.Flatten(), (1, 12, 12))
    with pytest.raises(ValueError, match="table: no row has a feature map"):
        inspection.last_feature_map(inspection.trace(nn.Flatten(), (1, 12, 12)))


def test_a_map_without_a_gradient_is_refused():
    with pytest.raises(ValueError, match="module: 'round' has no gradient at all"):
        inspection.receptive_field(Calls(torch.round), (1, 5, 5))


def test_images_have_the_input_shape():
    net = nn.Conv2d(1, 1, 3)
    with pytest.raises(ValueError, match=r"images: shape \(2, 1, 9, 8\) is invalid; .* \*\(1, 9"):
        inspection.effective_receptive_field(net, (1, 9, 9), images=torch.zeros(2, 1, 9, 8))
    with pytest.raises(ValueError, match="samples: 0 is invalid; use an integer of at least 1"):
        inspection.effective_receptive_field(net, (1, 9, 9), samples=0)


# What hangs on a module


class Keeps(nn.Module):
    """Keeps what it computed, and hands it to whoever listens."""

    def __init__(self):
        super().__init__()
        self.conv, self.pool = nn.Conv2d(1, 2, 3), nn.MaxPool2d(2)
        self.maps, self.last = {"seen": []}, None

    def forward(self, x):
        self.last = self.pool(self.conv(x).relu())
        self.maps["seen"].append((self.last,))
        return self.last


class Recorder:
    def __init__(self):
        self.maps = []

    def save(self, module, inputs, output):
        self.maps.append(output)

    def __call__(self, module, inputs, output):
        return output * 1


def inspected(net):
    """Give the last field by table and probe, and whether each pixel of the probe counts."""
    row = inspection.last_feature_map(inspection.trace(net, (1, 9, 9)))
    counts = inspection.effective_receptive_field(net, (1, 9, 9), samples=2)
    return row.receptive_field, inspection.receptive_field(net, (1, 9, 9)), (counts > 0).sum()


def test_activations_that_a_module_keeps_are_left_to_it():
    net = Keeps()
    net(torch.rand(1, 1, 9, 9))
    kept = net.last
    assert inspected(net)[:2] == ((4, 4), (4, 4))
    assert net.last is kept and net.maps == {"seen": [(kept,)]}


@pytest.mark.filterwarnings("ignore:.*weight_norm")
@pytest.mark.parametrize(
    "wrap", [nn.utils.weight_norm, nn.utils.spectral_norm, nn.utils.parametrizations.weight_norm]
)
def test_a_weight_that_is_computed_is_copied(wrap):
    net = nn.Sequential(wrap(nn.Conv2d(1, 2, 3)), nn.ReLU())
    net(torch.rand(1, 1, 9, 9))
    assert inspected(net)[:2] == ((3, 3), (3, 3))


def test_an_attribute_that_cannot_be_copied_is_named():
    net = nn.Sequential(nn.Conv2d(1, 2, 3))
    for stuck, why in ((threading.Lock(), "cannot pickle"), (iter(map(int, "1")), "")):
        net[0].stuck = (n for n in [1]) if not why else stuck
        for inspect in (inspection.trace, inspection.receptive_field):
            with pytest.raises(ValueError, match=f"module: its '0.stuck' can't be copied; {why}"):
                inspect(net, (1, 9, 9))
    with pytest.raises(ValueError, match="module: '0.weight' has no shape yet"):
        inspection.trace(nn.Sequential(nn.LazyConv2d(2, 3)), (1, 9, 9))


def test_a_readers_hooks_see_only_the_readers_runs():
    net, seen, recorder = Keeps(), {}, Recorder()
    net.conv.register_forward_hook(lambda m, i, o: seen.update(conv=o))
    net.conv.register_forward_pre_hook(lambda m, i: seen.update(before=i))
    net.pool.register_forward_hook(recorder.save)
    net.pool.register_forward_hook(recorder)
    net.register_full_backward_hook(lambda m, i, o: seen.update(back=o))
    net(torch.rand(1, 1, 9, 9))
    before, maps = dict(seen), [*recorder.maps]
    assert len(maps) == 1 and {*before} == {"conv", "before"}
    assert inspected(net)[:2] == ((4, 4), (4, 4))
    assert seen == before and recorder.maps == maps


# Counts, whatever form a result has


@dataclass
class Out:
    logits: torch.Tensor
    rest: object = None


class Opaque:
    def __init__(self, logits):
        self.logits = logits


FORMS = [
    lambda y: y,
    lambda y: {"loss": None, "logits": y},
    lambda y: Out(y),
    lambda y: (torch.zeros(()), [y]),
    lambda y: Out(torch.zeros(3), {"deep": (1, y)}),
    lambda y: namedtuple("Both", "constant map")(torch.zeros(2), y),
    Opaque,
]


class Head(nn.Module):
    def __init__(self, form):
        super().__init__()
        self.weight, self.form = nn.Parameter(torch.ones(5, 72)), form

    def forward(self, x):
        return self.form(functional.linear(x.flatten(1), self.weight))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("deep", [False, True])
def test_counts_do_not_depend_on_the_form_of_a_result(form, deep):
    head = Head(form)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(head) if deep else head)
    table = inspection.trace(net, (1, 8, 8))
    assert table.totals == (20 + 360, 36 * 18 + 360)
    assert table.rows[-1].output == (5,) and table.rows[-1].parameters == 360


class HandsOut(nn.Module):
    """A map, and beside it learned numbers, as CLIP hands out its scale."""

    def __init__(self, function):
        super().__init__()
        self.conv, self.scale = nn.Conv2d(1, 2, 3), nn.Parameter(torch.ones(7))
        self.function = function

    def forward(self, x):
        return self.conv(x), self.function(self.scale)


@pytest.mark.parametrize("function", [torch.exp, nn.Identity(), lambda s: {"scale": s[:1] * 2}])
def test_a_learned_number_that_is_handed_out_is_counted(function):
    table = inspection.trace(HandsOut(function), (1, 8, 8))
    assert table.totals == (27, 36 * 18)
    assert table.rows[0].parameters == 20 and table.rows[-1].parameters == 7
    assert inspection.last_feature_map(table).layer == "conv Conv2d"


# Shifts that keep the size


@pytest.mark.parametrize(
    ("pad", "field", "start"),
    [
        ((1, -1, 0, 0), (1, 2), (0, -0.5)),
        ((0, 0, -2, 2), (3, 1), (1, 0)),
        ((-1, 1, 2, -2), (3, 2), (-1, 0.5)),
    ],
)
def test_a_shift_that_keeps_the_size_moves_the_pixels(pad, field, start):
    net = Calls(lambda x: x + functional.pad(x, pad))
    row = inspection.trace(net, (1, 9, 9)).rows[-1]
    assert (row.receptive_field, row.start) == (field, start)
    assert inspection.receptive_field(net, (1, 9, 9)) == field


def test_a_shift_by_memory_or_by_writing_is_followed_or_refused():
    def written(x):
        y = x * 1
        return y[:, :, 1:].copy_(x[:, :, :-1])  # from i − 1, and nothing of what was at i

    assert inspection.trace(Calls(written), (1, 9, 9)).rows[-1].receptive_field == (1, 1)
    for shift, why in (
        (lambda x: x.as_strided(x.shape, x.stride(), 1), "another order"),
        (lambda x: x.as_strided(x.shape, (81, 81, 1, 9)), "another order"),
        (lambda x: torch.zeros_like(x).index_add_(2, torch.arange(9), x), "no rule"),
    ):
        with pytest.raises(ValueError, match=f"can't be followed; .*{why}"):
            inspection.trace(Calls(shift), (1, 9, 9))
    same = Calls(lambda x: x.as_strided(x.shape, x.stride()).relu())
    assert inspection.trace(same, (1, 9, 9)).rows[-1].receptive_field == (1, 1)


def test_circular_padding_is_padding():
    circular = nn.Conv2d(1, 2, (3, 5), padding=(1, 2), padding_mode="circular")
    zeros = nn.Conv2d(1, 2, (3, 5), padding=(1, 2))
    tables = [inspection.trace(nn.Sequential(net), (1, 9, 9)) for net in (circular, zeros)]
    assert tables[0] == tables[1]
    assert inspection.receptive_field(circular, (1, 9, 9)) == (3, 5)
    functions = Calls(
        lambda x: functional.avg_pool2d(functional.pad(x, (1, 2, 0, 0), "circular"), 2)
    )
    row = inspection.trace(functions, (1, 9, 9)).rows[-1]
    assert row.output == (1, 4, 6) and row.start == (0.5, -0.5)
    assert inspection.receptive_field(functions, (1, 9, 9)) == (2, 2)


# The batch


@pytest.mark.parametrize(
    ("rest", "features"),
    [
        (lambda x: x.squeeze(), (4,)),
        (lambda x: x.squeeze(-1).squeeze(-1), (4,)),
        (lambda x: x.view(-1, 4), (4,)),
        (lambda x: x.transpose(0, 1).flatten(1).t(), (4,)),
        (lambda x: x.permute(1, 0, 2, 3).flatten(1), (4,)),  # the batch comes second
        (lambda x: x.reshape(-1, 2), (2, 2)),  # two rows of each image
        (lambda x: x.flatten(1).unsqueeze(0), (1, 4)),
        (lambda x: x.mean(0).flatten(), (4,)),  # without a batch
    ],
)
def test_shapes_are_those_of_one_image_wherever_its_batch_lies(rest, features):
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), Calls(rest))
    table = inspection.trace(net, (1, 8, 8))
    assert table.rows[-1].output == features and table.rows[0].output == (4, 6, 6)
    assert table.totals == (40, 36 * 36)


class Ends(nn.Module):
    def __init__(self, rest):
        super().__init__()
        self.conv, self.linear = nn.Conv2d(1, 4, 8), nn.Linear(4, 3, bias=False)
        self.rest = rest

    def forward(self, x):
        return self.rest(self.conv(x), self.linear.weight)


@pytest.mark.parametrize(
    "rest",
    [
        lambda x, w: functional.linear(x.mean((2, 3)), w),
        lambda x, w: functional.linear(x.squeeze(), w),
        lambda x, w: w @ x.squeeze().t(),
        lambda x, w: x.permute(2, 3, 0, 1) @ w.t(),
        lambda x, w: x.mean((0, 2, 3))[None] @ w.t(),
    ],
)
def test_multiply_adds_are_those_of_one_image_wherever_its_batch_lies(rest):
    assert inspection.trace(Ends(rest), (1, 8, 8)).totals.multiply_adds == 4 * 64 + 4 * 3


def test_batches_that_are_taken_together_or_apart_are_refused():
    for rest, why in (
        (lambda x: x[:1], "images of a batch"),
        (lambda x: torch.cat((x, x), 0), "along their batch"),
        (lambda x: x.chunk(2)[0], "images of a batch"),
        (lambda x: functional.avg_pool1d(x.flatten(1).t(), 2), "images of a batch"),
    ):
        with pytest.raises(ValueError, match=f"module: .* can't be followed; .* {why}"):
            inspection.trace(Calls(rest), (1, 4, 4))
    with pytest.raises(ValueError, match="a batch of \\(1, 4, 4\\) does not go through .*view"):
        inspection.trace(Calls(lambda x: x.view(1, 4, 4)), (1, 4, 4))


# Networks that can't be followed to their end


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.middle, self.up = nn.Conv2d(2, 2, 3, padding=1), nn.Upsample(scale_factor=2)
        self.decoder = nn.Conv2d(2, 1, 3)

    def forward(self, x):
        return self.decoder(self.up(self.middle(self.encoder(x))))


def test_a_layer_before_what_cannot_be_followed_is_probed():
    shape = 1, 24, 24
    for layer, field in (("encoder", 4), ("encoder.0", 3), ("encoder.1 ReLU", 3), ("middle", 8)):
        assert inspection.receptive_field(UNet(), shape, layer=layer) == (field, field)
        counts = inspection.effective_receptive_field(UNet(), shape, layer=layer)
        rows, columns = np.nonzero(counts)
        assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == field
    with pytest.raises(ValueError, match=r"too small to probe .* use \(1, (\d+), 24\)"):
        inspection.receptive_field(UNet(), (1, 8, 24), layer="middle")
    for layer in (None, "up", "decoder", "nowhere"):
        with pytest.raises(ValueError, match=r"module: up Upsample \(interpolate\) can't be"):
            inspection.receptive_field(UNet(), shape, layer=layer)
    inside = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.Conv2d(2, 2, 3), UNet().up))
    assert inspection.receptive_field(inside, shape, layer="1.0") == (5, 5)
    with pytest.raises(ValueError, match="module: 1.1 Upsample"):
        inspection.receptive_field(inside, shape, layer="1")
