"""Do the networks in the page compute what PyTorch computes?"""

import copy
import json

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import experiments, live, xor
from course_utils.experiments import REGISTRY, prepared
from course_utils.fragments import packed
from course_utils.training import predict

ENGINE = packed(live.WEIGHTS.parent / "engine.js")
NAMES = list(live.NETWORKS)


def images(mnist, name, count=200):
    return prepared(REGISTRY[name], mnist).test.first(count)


@pytest.fixture(scope="module")
def tab(browser):
    tab = browser.new_page()
    tab.evaluate(f"window.engine = {ENGINE}")
    yield tab
    tab.close()


RUN = """([network, images, shape, training, classes]) => {
    const layers = engine.read(network);
    const results = [];
    const step = training ? images.length : 1;
    for (let first = 0; first < images.length; first += step) {
        const batch = images.slice(first, first + step);
        const x = {data: Float64Array.from(batch.flat()), shape: [batch.length, ...shape]};
        const outputs = engine.forward(layers, x, training);
        const grad = {data: new Float64Array(10 * batch.length), shape: [batch.length, 10]};
        batch.forEach((_, k) => (grad.data[10 * k + classes[first + k]] = 1));
        const back = engine.backward(layers, outputs, grad, training);
        results.push([Array.from(outputs.at(-1).data), Array.from(back[0].data)]);
    }
    return results.map(([y]) => y).flat().concat(results.map(([, g]) => g).flat());
}"""


def in_page(tab, network, x, classes, training=False):
    """Logits [N, 10] and the gradient of each image's class at its pixels, by the script."""
    flat = tab.evaluate(
        RUN, [network, x.flatten(1).tolist(), list(x.shape[1:]), training, classes.tolist()]
    )
    n = len(x)
    return np.reshape(flat[: 10 * n], (n, 10)), np.reshape(flat[10 * n :], x.shape)


def in_torch(network, x, classes, training=False):
    network = copy.deepcopy(network).double().train(training)
    x = x.double().requires_grad_()
    y = network(x)
    y.gather(1, classes[:, None]).sum().backward()
    return y.detach().numpy(), x.grad.numpy()


@pytest.mark.parametrize("name", NAMES)
def test_logits_and_input_gradients_are_pytorchs(tab, mnist, name):
    """On 200 test images: within 1e-4, and the same digit on all."""
    split = images(mnist, name)
    x, classes = split.inputs(), (split.labels.long() + 3) % 10
    y, grad = in_page(tab, live.described(name), x, classes)
    with torch.no_grad():
        single = live.load(name)(x).numpy()  # what a page of PyTorch computes, in float32
    right, right_grad = in_torch(live.load(name), x, classes)
    print(name, abs(y - single).max(), abs(grad - right_grad).max())
    assert abs(y - single).max() <= 1e-4
    assert abs(y - right).max() <= 1e-4
    assert abs(grad - right_grad).max() <= 1e-4
    assert (y.argmax(1) == single.argmax(1)).all()


def test_without_eval_the_batch_decides_as_in_pytorch(tab, mnist):
    name = "cnn-32-32-64-bn-adam-lr-0.01"
    split = images(mnist, name, 21)
    x, classes = split.inputs(), split.labels.long()
    y, grad = in_page(tab, live.described(name), x, classes, training=True)
    right, right_grad = in_torch(live.load(name), x, classes, training=True)
    assert abs(y - right).max() <= 1e-4
    assert abs(grad - right_grad).max() <= 1e-4


def test_odd_sizes_and_no_padding(tab):
    """What the three don't have: a rest that pooling leaves, a kernel of two, no padding."""
    with experiments.running.seeded(3, "weights"):
        network = live.networks.rounded(nn.Sequential(
            nn.Conv2d(2, 3, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 3, padding=2),
            nn.AvgPool2d(3), nn.Flatten(), nn.Linear(4, 10),
        ))  # fmt: skip
    x = torch.linspace(-1, 1, 2 * 2 * 8 * 8).sin().reshape(2, 2, 8, 8)
    classes = torch.tensor([1, 7])
    y, grad = in_page(tab, live.networks.as_data(network), x, classes)
    right, right_grad = in_torch(network, x, classes)
    np.testing.assert_allclose(y, right, atol=1e-12)
    np.testing.assert_allclose(grad, right_grad, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_are_of_a_run_like_those_recorded(mnist, name):
    """In 8 bits, too, the accuracy lies where one further run of the experiment would lie."""
    from course_utils.evaluation import prediction_interval

    test = prepared(REGISTRY[name], mnist).test
    right = (predict(live.load(name), test).argmax(1) == test.labels).double().mean()
    recorded = experiments.recorded_or_none(name).values("test_accuracy")
    further = prediction_interval(recorded)
    assert further.low <= right <= further.high


def test_weights_of_another_definition_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(live.networks, "WEIGHTS", tmp_path)
    name = NAMES[1]
    network = live.load.__wrapped__.__globals__["build"](REGISTRY[name], 0)
    path = live.store(name, network)
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **{**arrays, "hash": "another"})
    live.load.cache_clear()
    with pytest.raises(ValueError, match="of another definition"):
        live.load(name)
    live.load.cache_clear()


def test_rounding_twice_changes_nothing_and_once_at_most_half_a_step():
    with experiments.running.seeded(4, "weights"):
        network = nn.Sequential(nn.Linear(50, 40), nn.Linear(40, 10))
    network[1].weight.data.zero_()
    before = network[0].weight.detach().clone()
    once = live.networks.rounded(network)[0].weight.detach().clone()
    step = before.abs().max() / 127
    assert 0 < (once - before).abs().max() <= 0.51 * step
    assert torch.equal(live.networks.rounded(network)[0].weight, once)
    assert not network[1].weight.any()
    network[1].weight.data.fill_(1e-5)  # the step would be a half float of hardly any digits
    assert (live.networks.rounded(network)[1].weight >= 0).all()


def test_a_page_holds_at_most_350_kb_of_weights():
    assert sum(len(json.dumps(live.described(name))) for name in NAMES) <= 350_000


# XOR


@pytest.fixture(scope="module")
def xor_tab(browser):
    tab = browser.new_page()
    tab.evaluate(f"window.xor = {packed(live.WEIGHTS.parent / 'xor_engine.js')}")
    yield tab
    tab.close()


FIRST = """(hidden) => [0, 1, 42, 2 ** 31, 4294967295].map((seed) => {
    const {w, b, v, c} = xor.network(seed, hidden);
    return [...w, ...b, ...v, c];
})"""
LOSSES = """([seed, hidden, lr, activation, steps]) => {
    const net = xor.network(seed, hidden), losses = [];
    for (let k = 0; k < steps; k++) losses.push(xor.step(net, lr, activation));
    return [...losses, xor.total(net, activation), Number(xor.solved(net, activation))];
}"""


@pytest.mark.parametrize("hidden", [1, 2, 3, 5])
def test_a_seed_gives_the_first_weights_of_pytorch_bit_for_bit(xor_tab, hidden):
    there = xor_tab.evaluate(FIRST, hidden)
    for seed, weights in zip((0, 1, 42, 2**31, 4294967295), there, strict=True):
        torch.manual_seed(seed)
        layers = nn.Linear(2, hidden), nn.Linear(hidden, 1)
        ours = torch.cat([p.detach().flatten() for layer in layers for p in layer.parameters()])
        assert torch.equal(torch.tensor(weights, dtype=torch.float32), ours)


@pytest.mark.parametrize(
    ("seed", "hidden", "lr", "activation"),
    [
        (42, 2, 0.1, "tanh"), (7, 3, 0.5, "sigmoid"), (7, 3, 0.5, "tanh"), (42, 2, 0.1, "relu"),
        (3, 1, 0.05, "leaky_relu"), (3, 1, 0.05, "identity"),
    ],
)  # fmt: skip
def test_xor_in_the_page_trains_as_course_utils_xor_does(xor_tab, seed, hidden, lr, activation):
    """Losses within 1e-9 over 3,000 steps, from the same start."""
    *losses, last, solved = xor_tab.evaluate(LOSSES, [seed, hidden, lr, activation, 3000])
    model = xor.network(seed, hidden, activation, dtype=torch.float64)
    ours = xor.train(model, 3000, lr)
    assert np.abs(np.subtract(losses, ours)).max() <= 1e-9
    many = xor.Networks([seed], hidden, activation, lr=lr, dtype=torch.float64).train(3000)
    assert abs(many.losses().item() - last) <= 1e-9
    assert many.solved().item() == bool(solved)
