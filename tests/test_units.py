"""Do the probes measure what they say, and leave the network as it was?"""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import prune
from torch.utils.checkpoint import checkpoint

from course_utils.inspection.units import Units, dead_units, gradients_by_depth, saturation
from course_utils.models import average_pool_cnn, mlp, small_cnn, staged_cnn


def batch(n=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(n, 1, 28, 28, generator=generator)
    return x, torch.randint(10, (n,), generator=generator)


def with_weights(model, *values):
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values, strict=True):
            parameter.copy_(torch.tensor(value))
    return model


# --- by hand


def test_gradients_of_two_layers_by_hand():
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False))
    net = with_weights(net, [[1.0, 0.0], [0.0, -1.0]], [[2.0, 5.0]])
    x, labels = torch.tensor([[3.0, 4.0]]), torch.tensor([0])
    # h = (3, −4), clipped (3, 0); y = 2·3 = 6. With L = y²/2, ∂L/∂y = 6.
    half_square = lambda y, _: (y**2 / 2).sum()  # noqa: E731
    weight = gradients_by_depth(net, x, labels, loss=half_square)
    # ∂L/∂w₂ = 6·(3, 0). ∂L/∂h = 6·(2, 0), so ∂L/∂w₁ has the rows 12·(3, 4) and 0.
    assert weight == pytest.approx(
        {
            "0": math.sqrt((36**2 + 48**2 + 0 + 0) / 4),
            "2": math.sqrt((18**2 + 0) / 2),
        }
    )
    output = gradients_by_depth(net, x, labels, of="output", loss=half_square)
    assert output == pytest.approx({"0": math.sqrt((12**2 + 0) / 2), "2": 6})


def test_saturation_by_hand():
    # |tanh z| ≥ 0.99 from z = artanh 0.99 = ln(199) / 2 = 2.6467 on; a sigmoid's z is twice that.
    edge = math.log(199) / 2
    z = torch.tensor([[edge - 0.01, edge + 0.01, -edge + 0.01, -edge - 0.01, 0.0, -9.0]])
    assert saturation(nn.Tanh(), z) == {"": 3 / 6}
    assert saturation(nn.Sigmoid(), 2 * z) == {"": 3 / 6}
    assert saturation(nn.Sequential(nn.Identity(), nn.Tanh()), z, level=0.5) == {"1": 5 / 6}


def test_dead_units_by_hand():
    net = with_weights(
        nn.Sequential(nn.Conv2d(1, 3, 1), nn.ReLU()),
        [[[[1.0]]], [[[-1.0]]], [[[1.0]]]],
        [0.0, 0.0, -1.0],
    )
    x = torch.tensor([0.0, 0.0, 0.5, 0.0]).reshape(1, 1, 2, 2)
    # max(0, x) lives at one place; max(0, −x) and max(0, x − 1) are 0 everywhere.
    assert dead_units(net, x) == {"1": Units(dead=2, total=3)}
    assert dead_units(net, torch.cat([x, 4 * x])) == {"1": Units(dead=1, total=3)}


# --- against PyTorch


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize(
    "model_of",
    [
        lambda a: mlp((30, 20), a),
        lambda a: mlp((8,), a, batch_norm=True),
        lambda a: staged_cnn(activation=a),
        lambda a: staged_cnn("pool-activation", a, depth=2, skip=1),
        lambda a: staged_cnn(activation=a, depth=2, skip=2, batch_norm=True),
    ],
)
def test_gradients_are_those_of_a_backward_pass(model_of, activation):
    torch.manual_seed(0)
    model = model_of(activation)
    x, labels = batch()
    found = gradients_by_depth(model, x, labels)
    F.cross_entropy(model(x), labels).backward()
    kernels = {n: m for n, m in model.named_modules() if isinstance(m, nn.Conv2d | nn.Linear)}
    assert list(found) == list(kernels)
    for name, module in kernels.items():
        norm = module.weight.grad.norm() / module.weight.numel() ** 0.5
        assert found[name] == pytest.approx(norm.item(), rel=1e-5)


@pytest.mark.parametrize("width", [1, 7, 20])
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_output_gradients_are_those_of_autograd(width, depth):
    torch.manual_seed(depth)
    model = mlp((width,) * depth, "tanh")
    x, labels = batch()
    outputs, value = [], x
    for layer in model:
        value = layer(value)
        if isinstance(layer, nn.Linear):
            outputs.append(value)
    wanted = torch.autograd.grad(F.cross_entropy(value, labels), outputs)
    found = gradients_by_depth(model, x, labels, of="output")
    for rms, gradient in zip(found.values(), wanted, strict=True):
        assert rms == pytest.approx(gradient.norm().item() / gradient.numel() ** 0.5, rel=1e-5)


@pytest.mark.parametrize("level", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("kind", [nn.Tanh, nn.Sigmoid])
def test_a_saturated_unit_lets_little_gradient_through(kind, level):
    z = torch.linspace(-8, 8, 1601).requires_grad_()
    y = kind()(z)
    y.sum().backward()
    # The slope of tanh is 1 − tanh²; that of a sigmoid is a quarter of it, of half the input.
    bound = (1 - level**2) * (0.25 if kind is nn.Sigmoid else 1)
    share = (z.grad <= bound).double().mean().item()
    found = saturation(kind(), z.detach()[:, None], level=level)
    assert found[""] == pytest.approx(share, abs=1.5 / 1601)


@pytest.mark.parametrize("seed", range(3))
def test_a_dead_unit_gets_no_gradient(seed):
    torch.manual_seed(seed)
    model = mlp((40,))
    with torch.no_grad():
        model[1].bias -= torch.rand(40)  # so that some units die
    x, labels = batch()
    F.cross_entropy(model(x), labels).backward()
    without = (model[1].weight.grad == 0).all(1).sum().item()
    assert dead_units(model, x) == {"2": Units(without, 40)}
    assert 0 < without < 40


# --- properties


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_gradients_scale_with_the_loss(factor):
    torch.manual_seed(0)
    model, (x, labels) = staged_cnn(depth=1), batch(4)
    plain = gradients_by_depth(model, x, labels)
    scaled = gradients_by_depth(model, x, labels, loss=lambda z, y: factor * F.cross_entropy(z, y))
    assert scaled == pytest.approx({name: factor * g for name, g in plain.items()}, rel=1e-4)


def test_tiny_gradients_are_not_rounded_to_zero():
    layer = nn.Linear(2, 1, bias=False)
    x, labels = torch.full((1, 2), 1e-30), torch.tensor([0])
    assert gradients_by_depth(layer, x, labels, loss=lambda z, _: z.sum())[""] == (
        pytest.approx(1e-30, rel=1e-5, abs=0)
    )


def test_more_level_less_saturation_and_more_examples_fewer_dead():
    torch.manual_seed(1)
    model, (x, _) = mlp((50,), "tanh"), batch(64)
    shares = [saturation(model, 20 * x, level=level)["2"] for level in (0.1, 0.5, 0.9, 0.99)]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[-1]
    relus = mlp((200,))
    dead = [dead_units(relus, x[:n])["2"].dead for n in (1, 4, 64)]
    assert dead == sorted(dead, reverse=True) and dead[0] > dead[-1]


def state(model):
    tensors = [*model.parameters(), *model.buffers()]
    return (
        [t.clone() for t in tensors],
        [p.grad for p in model.parameters()],
        [(m.training, len(m._forward_hooks)) for m in model.modules()],
        [p.requires_grad for p in model.parameters()],
    )


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("make", [average_pool_cnn, small_cnn])
def test_the_network_and_the_generator_are_left_as_they_were(make, training):
    torch.manual_seed(0)
    model, (x, labels) = make().train(training), batch(4)
    before, drawn = state(copy.deepcopy(model)), torch.get_rng_state()
    for of in ("weight", "output"):
        gradients_by_depth(model, x, labels, of=of)
    dead_units(model, x)
    after = state(model)
    assert all(torch.equal(a, b) for a, b in zip(before[0], after[0], strict=True))
    assert after[1:] == before[1:]
    assert torch.equal(drawn, torch.get_rng_state())


def test_the_mode_is_the_networks():
    torch.manual_seed(0)
    model, (x, labels) = mlp((20,), dropout=0.5), batch()
    trained, rested = (
        gradients_by_depth(model.train(mode), x, labels)["1"] for mode in (True, False)
    )
    assert trained != pytest.approx(rested, rel=0.01)


def test_probes_work_without_gradients_and_on_frozen_layers():
    torch.manual_seed(0)
    model, (x, labels) = mlp((5,)), batch()
    wanted = gradients_by_depth(model, x, labels)
    with torch.no_grad():
        assert gradients_by_depth(model.requires_grad_(False), x, labels) == wanted


def test_layers_that_run_twice_have_two_entries():
    shared = nn.Linear(3, 3)
    torch.manual_seed(0)
    model = nn.Sequential(shared, nn.ReLU(inplace=True), shared)
    x, labels = torch.rand(4, 3), torch.tensor([0, 1, 2, 0])
    found = gradients_by_depth(model, x, labels, of="output")
    assert list(found) == ["0", "0 #2"] and found["0"] != found["0 #2"]
    assert len(set(gradients_by_depth(model, x, labels).values())) == 1


def test_a_layer_cut_off_from_the_loss_has_no_gradient():
    class Cut(nn.Sequential):
        def forward(self, x):
            return self[1](self[0](x).detach())

    model = Cut(nn.Linear(2, 2), nn.Linear(2, 2))
    found = gradients_by_depth(model, torch.rand(3, 2), torch.tensor([0, 1, 0]))
    assert found["0"] == 0 < found["1"]


# --- networks as people write them


class Scaled(nn.Module):
    def forward(self, x):
        return x.mul_(3)


class Squashed(nn.Module):
    def forward(self, x):
        return torch.tanh_(x)


@pytest.mark.parametrize("after", [lambda: nn.ReLU(inplace=True), Scaled, Squashed])
@pytest.mark.parametrize("of", ["weight", "output"])
def test_what_is_overwritten_later_keeps_its_gradient(after, of):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), after(), nn.Flatten(), nn.Linear(72, 3))
    x, labels = torch.randn(4, 1, 8, 8), torch.tensor([0, 1, 2, 0])
    y = net[0](x).detach().requires_grad_()
    net[0].bias.grad = None
    F.cross_entropy(net[1:](y.clone()), labels).backward()
    if of == "output":
        right = y.grad
    else:
        net.zero_grad()
        F.cross_entropy(net(x), labels).backward()
        right = net[0].weight.grad
    found = gradients_by_depth(net, x, labels, of=of)["0"]
    assert found == pytest.approx(right.double().square().mean().sqrt().item(), rel=1e-6)


def test_a_first_layer_that_writes_leaves_the_batch():
    x = torch.randn(4, 3)
    before, labels = x.clone(), torch.tensor([0, 1, 2, 0])
    for call in (
        lambda: gradients_by_depth(nn.Sequential(nn.ReLU(True), nn.Linear(3, 3)), x, labels),
        lambda: dead_units(nn.Sequential(nn.ReLU(True), nn.Linear(3, 3)), x),
        lambda: saturation(nn.Sequential(Scaled(), nn.Tanh()), x),
    ):
        call()
        assert torch.equal(x, before)
    graded = before.clone().requires_grad_()
    gradients_by_depth(nn.Linear(3, 3), graded, labels)
    assert graded.grad is None


class Anew(nn.Module):
    """Its weight is another tensor at each use."""

    def __init__(self):
        super().__init__()
        self.raw = nn.Parameter(torch.randn(3, 3))

    @property
    def weight(self):
        return self.raw * 2

    def forward(self, x):
        return F.linear(x, self.weight)


@pytest.mark.parametrize(
    "wrap",
    [
        nn.utils.parametrizations.weight_norm,
        nn.utils.parametrizations.orthogonal,
        nn.utils.parametrizations.spectral_norm,
        pytest.param(nn.utils.weight_norm, marks=pytest.mark.filterwarnings("ignore")),
        lambda layer: prune.random_unstructured(layer, "weight", 0.3),
    ],
)
def test_a_weight_that_is_computed_has_the_gradient_of_its_use(wrap):
    """With a plain layer of the same weight, the gradients are those of that weight."""
    torch.manual_seed(0)
    x, labels = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    first = wrap(nn.Linear(3, 3)).eval()
    plain = nn.Linear(3, 3)
    first(x)
    with torch.no_grad():
        plain.weight.copy_(first.weight)
        plain.bias.copy_(first.bias)
    last = nn.Linear(3, 3)
    for of in ("weight", "output"):
        found = gradients_by_depth(nn.Sequential(first, nn.Tanh(), last), x, labels, of=of)
        wanted = gradients_by_depth(nn.Sequential(plain, nn.Tanh(), last), x, labels, of=of)
        assert found == pytest.approx(wanted, rel=1e-5) and found["0"] > 0


def test_a_weight_computed_anew_is_refused_rather_than_0():
    net, x, labels = nn.Sequential(Anew(), nn.Linear(3, 3)), torch.rand(2, 3), torch.tensor([0, 1])
    with pytest.raises(ValueError, match="layer '0' computes its weight anew at each use; use of"):
        gradients_by_depth(net, x, labels)
    assert gradients_by_depth(net, x, labels, of="output")["0"] > 0


class Checkpointed(nn.Module):
    def __init__(self, reentrant):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3), nn.ReLU(True))
        self.first, self.reentrant = nn.Linear(3, 3), reentrant

    def forward(self, x):
        return checkpoint(self.body, self.first(x), use_reentrant=self.reentrant)


@pytest.mark.parametrize("reentrant", [True, False])
def test_layers_that_a_checkpoint_runs_again_count_once(reentrant):
    torch.manual_seed(0)
    net, x, labels = Checkpointed(reentrant), torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    plain = nn.Sequential(net.first, *net.body)
    for of in ("weight", "output"):
        if reentrant and of == "output":
            with pytest.raises(ValueError, match="'body.0' runs without gradients"):
                gradients_by_depth(net, x, labels, of=of)
            continue
        found = gradients_by_depth(net, x, labels, of=of)
        assert list(found) == ["first", "body.0", "body.2"]
        wanted = gradients_by_depth(plain, x, labels, of=of)
        assert [*found.values()] == pytest.approx([*wanted.values()], rel=1e-6)


class Gives(nn.Linear):
    def forward(self, x):
        return {"logits": super().forward(x)}


def test_layers_that_have_no_gradient_are_named():
    x, labels = torch.rand(2, 3), torch.tensor([0, 1])
    logits = lambda out, y: F.cross_entropy(out["logits"], y)  # noqa: E731
    with pytest.raises(ValueError, match="model: layer '' returns a dict; use layers that return"):
        gradients_by_depth(Gives(3, 3), x, labels, loss=logits)
    with pytest.raises(ValueError, match="model: its loss has no gradient"):
        gradients_by_depth(nn.Linear(3, 3), x, labels, loss=lambda out, _: out.detach().sum())
    fixed = nn.Linear(3, 3)
    filters = fixed.weight.detach()
    del fixed.weight
    fixed.register_buffer("weight", filters)
    assert list(gradients_by_depth(nn.Sequential(fixed, nn.Linear(3, 3)), x, labels)) == ["1"]


class Squeezed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(1, 4, 3), nn.ReLU()

    def forward(self, x):
        return self.relu(self.conv(x).squeeze())


def test_units_of_outputs_that_lost_the_batch_are_refused():
    x = torch.rand(1, 1, 5, 5)
    assert dead_units(Squeezed(), x.repeat(2, 1, 1, 1))["relu"].total == 4
    for net in (Squeezed(), nn.Sequential(nn.Flatten(0), nn.ReLU())):
        with pytest.raises(ValueError, match=r"returns shape \[.*\] for 1 examples; use one that"):
            dead_units(net, x)


class Remembers(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.maps = nn.Conv2d(1, 2, 3), nn.ReLU(), {"seen": []}

    def forward(self, x):
        self.last = self.relu(self.conv(x))
        self.maps["seen"].append(self.last)
        return self.last


def test_what_a_network_remembers_stays_its_own():
    net, x = Remembers(), torch.rand(2, 1, 5, 5)
    net(x)
    kept = net.last
    assert dead_units(net, x)["relu"].total == 2
    assert net.last is kept and net.maps == {"seen": [kept]}
    net.conv.log = open(__file__, encoding="utf-8")  # noqa: SIM115
    with pytest.raises(ValueError, match="module: its 'conv.log' can't be copied; cannot pickle"):
        dead_units(net, x)
    net.conv.log.close()
    with pytest.raises(ValueError, match="module: '0.weight' has no shape yet; run the module"):
        dead_units(nn.Sequential(nn.LazyConv2d(2, 3), nn.ReLU()), x)


# --- bad input

X, Y = batch(2)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: gradients_by_depth(mlp(), X, Y, of="bias"),
            "of: 'bias' is invalid; use 'weight' or 'output'",
        ),
        (
            lambda: gradients_by_depth(mlp(), X, Y[:1]),
            "labels: 1 is not the number of examples; use 2",
        ),
        (lambda: gradients_by_depth(mlp(), X[:0], Y[:0]), r"x: shape \[0, 1, 28, 28\] is invalid"),
        (lambda: gradients_by_depth(mlp(), X[0, 0, 0], Y), r"x: shape \[28\] is invalid"),
        (
            lambda: gradients_by_depth(nn.ReLU(), X.requires_grad_(), Y, loss=lambda z, y: z.sum()),
            "model: no layer with a weight of two dimensions or more ran in it",
        ),
        (
            lambda: saturation(mlp(activation="tanh"), X, level=1),
            "level: 1 is invalid; .* above 0 and below 1",
        ),
        (lambda: saturation(mlp(activation="tanh"), X, level=0.0), "level: 0.0 is invalid"),
        (lambda: saturation(mlp(activation="tanh"), X, level=math.nan), "level: nan is invalid"),
        (lambda: saturation(mlp(), X), "model: no nn.Tanh or nn.Sigmoid ran in it"),
        (lambda: saturation(nn.Tanh(), X[:0]), "x: shape .* is invalid"),
        (lambda: dead_units(mlp(activation="tanh"), X), "model: no nn.ReLU ran in it"),
        (lambda: dead_units(mlp(), X[:0]), "x: shape .* is invalid"),
    ],
)
def test_bad_input_is_named(call, text):
    with pytest.raises(ValueError, match=text):
        call()
