"""Does the probe find every pixel, of networks as people write them, or say that it can't?"""

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from course_utils import inspection

pytestmark = pytest.mark.usefixtures("one_thread")


class Net(nn.Module):
    """A function of an image and of a convolution of it."""

    def __init__(self, function, kernel=5):
        super().__init__()
        self.conv, self.function = nn.Conv2d(1, 1, kernel, padding=kernel // 2), function

    def forward(self, x):
        return self.function(x, self.conv(x))


def moved(net, size=15):
    """The field as pixels that are moved show it, over many random images and weights."""
    net, reached = net.double(), np.zeros((size, size), bool)
    with torch.no_grad():
        for seed in range(20):
            torch.manual_seed(seed)
            for parameter in net.parameters():
                parameter.normal_()
            x = torch.randn(size**2 + 1, 1, size, size, dtype=torch.float64)
            x[:] = x[:1].clone()
            x[1:].view(size**2, size**2)[range(size**2), range(size**2)] += 3
            y = net(x)
            middle = y[:, :, y.shape[2] // 2, y.shape[3] // 2]
            reached |= (middle[1:] != middle[:1]).any(1).reshape(size, size).numpy()
    rows, columns = np.where(reached)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def patches(x, size):
    height, width = x.shape[2] - size + 1, x.shape[3] - size + 1
    return [
        x[:, :, i : i + height, j : j + width]
        for i, j in itertools.product(range(size), range(size))
    ]


# What hides a pixel


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x + functional.relu(-y),
        lambda x, y: x + functional.softshrink(y, 0.1),
        lambda x, y: x + functional.hardshrink(y, 2.0),
        lambda x, y: x + functional.threshold(y, 3.0, 0.0),
        lambda x, y: x + functional.relu6(y - 2),
        lambda x, y: x + functional.hardtanh(y + 5),
        lambda x, y: x + y.clamp(0.5, 0.6),
        lambda x, y: functional.max_pool1d(x[:, 0], 3, 1)[:, None],
        lambda x, y: functional.max_pool2d(x, (1, 5), 1, return_indices=True)[0],
        lambda x, y: torch.stack(patches(x, 5)).amax(0),
        lambda x, y: torch.stack(patches(x, 3)).max(0)[0],
        lambda x, y: torch.stack(patches(-x, 3)).amin(0),
        lambda x, y: torch.maximum(x, y),
        lambda x, y: torch.where(x > 0, x, y),
        lambda x, y: functional.adaptive_max_pool2d(x + y, (15, 15)),
        lambda x, y: torch.cat((x, y), 1).amax(1, keepdim=True),
    ],
)
def test_nothing_hides_a_pixel(function):
    found = inspection.receptive_field(Net(function), (1, 15, 15))
    assert found == moved(Net(function)) != (1, 1)


class Silent(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient * 0


@pytest.mark.parametrize(
    ("function", "least"),
    [
        (lambda x, y: x + y.detach(), "1 × 1"),
        (lambda x, y: x + Silent.apply(y), "1 × 1"),
        (lambda x, y: x + y.round(), "1 × 1"),
        (lambda x, y: x[:, :, :, 1:] + (y > 0)[:, :, :, 1:], "1 × 1"),
        (lambda x, y: x + functional.avg_pool2d(x, 3, 1, 1) + y.data, "3 × 3"),
        (lambda x, y: 2 * torch.cat((x, y), 1)[:, :1], "1 × 1"),  # nothing hidden: y is left out
    ],
)
def test_what_gradients_cannot_confirm_is_refused_with_both_bounds(function, least):
    with pytest.raises(ValueError, match=f"gradients show {least} pixels, its .* allow 5 × 5;"):
        inspection.receptive_field(Net(function), (1, 15, 15))


def test_a_branch_without_gradients_is_refused():
    frozen = Net(torch.no_grad()(lambda x, y: 2 * y))
    for probe in (inspection.receptive_field, inspection.effective_receptive_field):
        with pytest.raises(ValueError, match="no gradient at all, as under torch.no_grad"):
            probe(frozen, (1, 15, 15))


# Channels whose sum is constant


class OverChannels(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x.movedim(1, -1)).movedim(-1, 1)


@pytest.mark.parametrize(
    "last",
    [
        nn.Softmax2d(),
        OverChannels(nn.LayerNorm(4)),
        OverChannels(lambda x: x - x.mean(-1, keepdim=True)),
        OverChannels(lambda x: x / x.sum(-1, keepdim=True)),
    ],
)
def test_channels_that_sum_to_a_constant_are_probed_one_by_one(last):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), last)
    assert inspection.receptive_field(net, (1, 11, 11)) == (3, 3)
    with pytest.raises(ValueError, match="the sum over the channels is constant"):
        inspection.effective_receptive_field(net, (1, 11, 11))
    counts = inspection.effective_receptive_field(net, (1, 11, 11), layer="0")
    assert np.count_nonzero(counts) == 9
    weighted = nn.Sequential(net, nn.Conv2d(4, 2, 1))
    assert np.count_nonzero(inspection.effective_receptive_field(weighted, (1, 11, 11))) == 9


# A first layer that writes to its input


class Normalizes(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        x -= 0.5
        return self.conv(x.div_(0.5))


@pytest.mark.parametrize(
    "net",
    [
        nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(1, 2, 3)),
        nn.Sequential(nn.Identity(), nn.Hardtanh(inplace=True), nn.Conv2d(1, 2, 3)),
        nn.Sequential(nn.Dropout(0.5, inplace=True), nn.Conv2d(1, 2, 3)),
        Normalizes(),
    ],
)
def test_networks_that_write_to_their_input_leave_the_images(net):
    assert inspection.receptive_field(net, (1, 9, 9)) == (3, 3)
    images = torch.rand(2, 1, 9, 9)
    before = images.clone()
    counts = inspection.effective_receptive_field(net, (1, 9, 9), images=images)
    assert np.count_nonzero(counts) == 9 and torch.equal(images, before)
    aside = images.clone().requires_grad_()
    inspection.effective_receptive_field(net, (1, 9, 9), images=aside)
    assert aside.grad is None


def test_a_row_before_an_in_place_layer_is_probed_as_it_was():
    torch.manual_seed(0)
    conv = nn.Conv2d(1, 2, 3)
    wanted = inspection.effective_receptive_field(conv, (1, 9, 9))
    for after in (nn.ReLU(True), nn.Hardtanh(inplace=True)):
        net = nn.Sequential(conv, after)
        found = inspection.effective_receptive_field(net, (1, 9, 9), layer="0")
        np.testing.assert_array_equal(found, wanted)


# Types fixed in forward


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.float() / 255,
        lambda x: x.to(torch.float32) * 2,
        lambda x: x.type(torch.float32) + torch.zeros(x.shape, dtype=torch.float32),
        lambda x: x.half().float(),
    ],
)
def test_types_that_forward_fixes_are_no_obstacle(function):
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3)

        def forward(self, x):
            return self.conv(function(x)).float().relu()

    assert inspection.receptive_field(Fixed(), (1, 9, 9)) == (3, 3)
    assert inspection.effective_receptive_field(Fixed(), (1, 9, 9)).shape == (9, 9)


# Blocks that run otherwise than forwards and backwards once


class Checkpointed(nn.Module):
    def __init__(self, reentrant, body):
        super().__init__()
        self.body, self.reentrant = body, reentrant

    def forward(self, x):
        return checkpoint(self.body, x, use_reentrant=self.reentrant)


def body():
    return nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 1, 1), nn.Dropout(0.9)
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointed_blocks_are_probed(reentrant):
    torch.manual_seed(0)
    inside, last = body(), nn.Conv2d(2, 1, 3)
    net = nn.Sequential(Checkpointed(reentrant, inside), last)
    plain = nn.Sequential(inside, last)
    for layer, own, field in (("1", "1", 7), ("0", "0", 5), ("0.body.0", "0.0", 3)):
        if reentrant and layer == "0.body.0":
            with pytest.raises(ValueError, match="no gradient at all, as under .* reentrant"):
                inspection.receptive_field(net, (1, 21, 21), layer=layer)
            continue
        assert inspection.receptive_field(net, (1, 21, 21), layer=layer) == (field, field)
        np.testing.assert_allclose(
            inspection.effective_receptive_field(net, (1, 21, 21), layer=layer),
            inspection.effective_receptive_field(plain, (1, 21, 21), layer=own),
            rtol=1e-5,
        )
    nested = nn.Sequential(Checkpointed(reentrant, Checkpointed(reentrant, body())), last)
    assert inspection.receptive_field(nested, (1, 21, 21)) == (7, 7)


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return gradient * s * (1 + x * (1 - s))


class OwnSwish(nn.Module):
    def forward(self, x):
        return Swish.apply(x)


@pytest.mark.parametrize("swish", [OwnSwish, nn.SiLU])
def test_functions_with_a_backward_of_their_own_are_probed(swish):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), swish(), nn.Conv2d(2, 1, 3), swish())
    assert inspection.receptive_field(net, (1, 9, 9)) == (5, 5)
    assert inspection.receptive_field(net, (1, 9, 9), layer="1") == (3, 3)
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(1, 2, 3), nn.SiLU(), nn.Conv2d(2, 1, 3), nn.SiLU())
    np.testing.assert_allclose(
        inspection.effective_receptive_field(net, (1, 9, 9)),
        inspection.effective_receptive_field(plain, (1, 9, 9)),
        rtol=1e-4,
        atol=1e-9,
    )


def test_compiled_modules_are_inspected_as_what_they_were_made_from():
    def refuse(*_):
        raise AssertionError("it was compiled")

    torch.manual_seed(0)
    conv, rest = nn.Conv2d(1, 2, 3), nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    plain = nn.Sequential(conv, rest)
    inside = nn.Sequential(torch.compile(conv, backend=refuse), rest)
    itself = nn.Sequential(conv, rest)
    itself.compile(backend=refuse)
    for net in (inside, itself, torch.compile(plain, backend=refuse)):
        assert inspection.trace(net, (1, 9, 9)) == inspection.trace(plain, (1, 9, 9))
        assert inspection.receptive_field(net, (1, 9, 9)) == (4, 4)
        assert inspection.dead_units(net, torch.rand(2, 1, 9, 9))["1.0"].total == 2


@pytest.mark.filterwarnings("ignore")
def test_torchscript_is_refused():
    net = nn.Sequential(nn.Conv2d(1, 2, 3))
    scripted = torch.jit.trace(net, torch.rand(1, 1, 9, 9))
    for script, name in ((scripted, "it"), (nn.Sequential(scripted), "0")):
        with pytest.raises(ValueError, match=f"module: '{name}' is TorchScript; use the module"):
            inspection.trace(script, (1, 9, 9))


def test_a_network_that_squeezes_is_probed_on_one_image():
    net = Net(lambda x, y: y.squeeze().unsqueeze(1))
    counts = inspection.effective_receptive_field(net, (1, 15, 15), samples=1)
    assert np.count_nonzero(counts) == 25
    seventeen = inspection.effective_receptive_field(net, (1, 15, 15), samples=17)
    np.testing.assert_allclose(seventeen, counts, rtol=1e-5)  # it is linear
    assert inspection.receptive_field(net, (1, 15, 15)) == (5, 5)


def test_the_member_of_several_results_is_the_one_that_was_handed_on():
    class Second(nn.Module):
        def forward(self, x):
            return x.chunk(2, 1)[1]

    torch.manual_seed(0)
    conv = nn.Conv2d(1, 4, 3)
    net = nn.Sequential(conv, Second())
    half = nn.Conv2d(1, 2, 3)
    with torch.no_grad():
        half.weight.copy_(conv.weight[2:])
    np.testing.assert_allclose(
        inspection.effective_receptive_field(net, (1, 9, 9)),
        inspection.effective_receptive_field(half, (1, 9, 9)),
        rtol=1e-5,
    )
