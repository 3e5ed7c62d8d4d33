"""Training: what a step does, what is measured, and that a seed fixes every bit."""

import copy
import os
import signal
import subprocess
import sys
import textwrap
import zlib
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.data import Split
from course_utils.models import average_pool_cnn, mlp, small_cnn, staged_cnn
from course_utils.threads import threads
from course_utils.training import (
    batches,
    evaluate,
    fit,
    in_mode,
    make_optimizer,
    one_cycle,
    predict,
    seeded,
    supports_bf16,
    train_epoch,
    train_step,
)
from course_utils.training.choices import find_device
from course_utils.training.history import Evaluation


def toy(n: int = 70, seed: int = 0) -> Split:
    """Images in which the brightest quarter tells the class."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 100, (n, 1, 28, 28), generator=generator, dtype=torch.uint8)
    labels = torch.randint(0, 4, (n,), generator=generator)
    for image, label in zip(images, labels.tolist(), strict=True):
        image[0, 14 * (label // 2) :][:14, 14 * (label % 2) :][:, :14] += 100
    return Split(images, labels)


def network(**arguments) -> nn.Sequential:
    torch.manual_seed(0)
    return mlp((16,), **arguments)


train = partial(fit, optimizer="adam", lr=1e-2, epochs=3, batch_size=16, seed=0, progress=False)


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def same_bits(one: nn.Module, other: nn.Module) -> bool:
    """Whether weights and running statistics agree to the last bit."""
    states = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in states)


def usual_loop(model, split, optimizer, epochs=1, stepped=lambda: None) -> None:
    """What every tutorial writes, with the images in the order of ``fit`` with seed 0."""
    for epoch in range(1, epochs + 1):
        generator = torch.Generator().manual_seed(zlib.crc32(f"0/shuffle/{epoch}".encode()))
        for index in torch.randperm(len(split), generator=generator).split(16):
            optimizer.zero_grad()
            x = split.images[index].float() / 255
            F.cross_entropy(model(x), split.labels[index]).backward()
            optimizer.step()
            stepped()


def test_one_step_is_one_step_of_gradient_descent():
    model = network()
    split = toy()
    x, labels = split.inputs(slice(0, 8)), split.labels[:8]
    F.cross_entropy(model(x), labels).backward()
    expected = [p.detach() - 0.5 * p.grad for p in model.parameters()]
    right_before = int((model(x).argmax(1) == labels).sum())

    optimizer = make_optimizer("sgd", model.parameters(), lr=0.5)
    value, right = train_step(model, optimizer, F.cross_entropy, x, labels)

    assert int(right) == right_before
    assert not value.requires_grad
    for p, wanted in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(p.detach(), wanted)


def test_fit_is_the_usual_loop():
    split, ours, usual = toy(), network(), network()
    train(ours, split, epochs=1)
    usual_loop(usual, split, torch.optim.Adam(usual.parameters(), lr=1e-2, fused=True))
    assert torch.equal(weights(ours), weights(usual))


def test_it_learns_and_every_layer_moves():
    model, split = network(batch_norm=True), toy(400)
    before = [p.detach().clone() for p in model.parameters()]
    history = train(model, split, toy(100, seed=1), epochs=8)
    assert history.test_accuracy[-1] > 0.95
    assert history.train_loss[-1] < history.train_loss[0] / 2
    assert all((p != b).any() for p, b in zip(model.parameters(), before, strict=True))


def test_every_image_is_used_once_an_epoch():
    seen = torch.cat(list(batches(70, 16, torch.randperm(70))))
    assert sorted(seen.tolist()) == list(range(70))


def test_history_has_a_value_an_epoch_and_a_loss_a_step():
    history = train(network(), toy(), toy(20, 1), as_run=True)
    assert history.epochs == 3
    assert history.examples_seen == [70, 140, 210]
    assert history.steps_per_epoch == 5  # 16 + 16 + 16 + 16 + 6
    assert len(history.batch_loss) == 15
    assert history.last_batch_loss == history.batch_loss[4::5]
    for name in ("train", "test", "as_run"):
        for metric in ("loss", "accuracy"):
            assert len(getattr(history, f"{name}_{metric}")) == 3
    assert min(history.seconds) > 0


def test_epoch_loss_weighs_the_small_last_batch_by_its_size():
    history = train(network(), toy(), epochs=1)
    sizes = [16, 16, 16, 16, 6]
    mean = sum(n * loss for n, loss in zip(sizes, history.batch_loss, strict=True)) / 70
    assert history.train_loss[0] == pytest.approx(mean, rel=1e-12)
    assert history.train_loss[0] != pytest.approx(sum(history.batch_loss) / 5, rel=1e-4)


def convolutional(build=staged_cnn, **arguments) -> nn.Sequential:
    torch.manual_seed(0)
    return build(**arguments)


def test_convolutions_train_as_in_the_usual_loop_whatever_their_memory_layout():
    split, ours, usual = toy(40), convolutional(), convolutional()
    train(ours, split, optimizer="sgd", lr=0.1, epochs=2)
    assert usual[3].weight.is_contiguous()
    assert ours[3].weight.is_contiguous(memory_format=torch.channels_last)
    usual_loop(usual, split, torch.optim.SGD(usual.parameters(), lr=0.1), epochs=2)
    torch.testing.assert_close(weights(ours), weights(usual), rtol=0, atol=1e-5)
    assert not torch.allclose(weights(ours), weights(convolutional()), rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    "build, loss", [(staged_cnn, "cross_entropy"), (average_pool_cnn, "cross_entropy"),
                    (small_cnn, "nll")],
)  # fmt: skip
def test_a_gpu_trains_the_same(build, loss):
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    results = []
    for device in ("cpu", "auto"):
        model = convolutional(build)
        for layer in model:
            if isinstance(layer, nn.Dropout2d):
                layer.p = 0.0  # a GPU draws other masks
        history = train(
            model, toy(40), toy(20, 1), optimizer="sgd", lr=0.05, epochs=1, loss=loss, device=device
        )
        results.append(history)
        assert next(model.parameters()).is_cuda == (device == "auto")
    cpu, gpu = results
    assert gpu.batch_loss == pytest.approx(cpu.batch_loss, rel=1e-2)
    assert gpu.test_loss == pytest.approx(cpu.test_loss, rel=1e-2)


@pytest.mark.parametrize("batch_size", [1, 16, 70, 1000])
def test_evaluation_does_not_depend_on_the_batch_size(batch_size):
    split, model = toy(), network(batch_norm=True, dropout=0.5)
    model.eval()
    logits = model(split.inputs())
    expected = F.cross_entropy(logits, split.labels).item()
    accuracy = (logits.argmax(1) == split.labels).double().mean().item()
    found = evaluate(model, split, batch_size=batch_size)
    assert found == Evaluation(pytest.approx(expected, rel=1e-5), pytest.approx(accuracy), 70)


def test_evaluation_restores_the_mode_of_every_submodule():
    model = network(batch_norm=True, dropout=0.5)
    model.train()
    model[3].eval()
    for mode in ("eval", "train"):
        evaluate(model, toy(), mode=mode)
        assert [m.training for m in model] == [True, True, True, False, True, True]
    predict(model, toy())
    assert [m.training for m in model] == [True, True, True, False, True, True]


def test_mode_is_restored_when_the_block_fails():
    model = network()
    with pytest.raises(RuntimeError), in_mode(model, "eval"):
        raise RuntimeError
    assert model.training


def test_training_mode_drops_out_and_moves_running_statistics_as_the_reports_did():
    model, split = network(batch_norm=True, dropout=0.5), toy()
    before = copy.deepcopy(model[3].running_mean)
    proper = evaluate(model, split)
    assert torch.equal(model[3].running_mean, before)
    assert evaluate(model, split) == proper
    as_run = evaluate(model, split, mode="train")
    assert not torch.equal(model[3].running_mean, before)
    assert as_run != proper
    assert evaluate(model, split, mode="train") != as_run  # another mask


def test_measuring_as_run_does_not_touch_the_run():
    split, test = toy(), toy(30, 1)
    plain, watched = network(batch_norm=True, dropout=0.5), network(batch_norm=True, dropout=0.5)
    one = train(plain, split, test)
    two = train(watched, split, test, as_run=True)
    assert one.test_loss == two.test_loss and one.batch_loss == two.batch_loss
    assert same_bits(plain, watched)
    assert two.as_run_loss != two.test_loss


def test_test_data_in_the_running_statistics_do_not_change_what_was_measured_as_run():
    """A program that never calls ``eval()`` fills them with test data and never reads them."""
    split, test = toy(40), toy(30, 1)
    model, leaking = (convolutional(average_pool_cnn) for _ in range(2))
    history = train(model, split, test, as_run=True)

    optimizer = make_optimizer("adam", leaking.parameters(), lr=1e-2)
    leaking.to(memory_format=torch.channels_last)
    measured = []
    for epoch in (1, 2, 3):
        train_epoch(
            leaking, split, optimizer, loss=F.cross_entropy, batch_size=16, seed=0, epoch=epoch
        )
        measured.append(evaluate(leaking, test, batch_size=16, mode="train").loss)
    assert measured == history.as_run_loss
    assert torch.equal(weights(model), weights(leaking))
    assert not torch.equal(model[1].running_mean, leaking[1].running_mean)
    assert evaluate(leaking, test) != evaluate(model, test)  # had it called eval() in the end


def test_predictions_are_the_networks_outputs_in_order():
    model, split = network(dropout=0.5), toy()
    assert torch.equal(predict(model, split, batch_size=70), model.eval()(split.inputs()).detach())
    torch.testing.assert_close(predict(model, split), predict(model, split, batch_size=9))


def test_same_seed_same_bits_another_seed_another_run():
    def run(seed):
        model = network(dropout=0.5, batch_norm=True)
        return train(model, toy(), toy(20, 1), seed=seed), weights(model)

    (one, w1), (two, w2), (other, w3) = run(3), run(3), run(4)
    assert one == two and torch.equal(w1, w2)
    assert one != other and not torch.equal(w1, w3)


def test_a_seed_is_blind_to_the_global_generator_and_leaves_it_alone():
    torch.manual_seed(1)
    wanted = torch.rand(3)
    histories = []
    for global_seed in (1, 2):
        model = network(dropout=0.5)
        torch.manual_seed(global_seed)
        histories.append(train(model, toy()))
        if global_seed == 1:
            assert torch.equal(torch.rand(3), wanted)
    assert histories[0] == histories[1]


def test_dropout_and_shuffling_draw_from_generators_of_their_own():
    """With dropout on, the images still come in the same order."""
    orders = []
    for dropout in (0.0, 0.5):
        model, seen = network(dropout=dropout), []
        model[0].register_forward_hook(lambda m, i, o, seen=seen: seen.append(o.clone()))
        train(model, toy(), epochs=2)
        orders.append(torch.cat(seen))
    assert torch.equal(*orders)


@pytest.mark.parametrize("name", ["sgd", "momentum", "rmsprop", "adam"])
def test_named_optimizers_are_pytorchs(name):
    kinds = {"rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    optimizer = make_optimizer(name, network().parameters(), lr=0.25)
    assert type(optimizer) is kinds.get(name, torch.optim.SGD)
    assert optimizer.param_groups[0]["lr"] == 0.25
    assert optimizer.param_groups[0]["momentum" if name != "adam" else "lr"] == {
        "sgd": 0, "momentum": 0.9, "rmsprop": 0, "adam": 0.25,
    }[name]  # fmt: skip


def test_an_optimizer_is_named_given_or_made():
    results = []
    for kind in ("name", "object", "function"):
        model = network()
        make = partial(torch.optim.Adam, lr=1e-2, fused=True)
        chosen = {"name": "adam", "object": make(model.parameters()), "function": make}[kind]
        train(model, toy(), optimizer=chosen, lr=1e-2 if kind == "name" else None)
        results.append(weights(model))
    assert torch.equal(results[0], results[1]) and torch.equal(results[0], results[2])


@pytest.mark.parametrize("steps, warmup", [(3, 0.3), (10, 0.3), (430, 0.3), (100, 0.15), (57, 0.9)])
def test_one_cycle_is_pytorchs(steps, warmup):
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.02, total_steps=steps, pct_start=warmup, cycle_momentum=False
    )
    for step in range(steps):
        ours = 0.02 * one_cycle(step, steps, warmup=warmup)
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        if step < steps - 1:
            theirs.step()


def test_one_cycle_rises_to_one_and_falls():
    # 20 steps, half of them up: the top is step 9; halfway down, at step 14, it is half of it.
    rates = [one_cycle(step, 20, warmup=0.5) for step in range(20)]
    assert rates[0] == 1 / 25
    assert rates[9] == 1.0
    assert rates[14] == pytest.approx(4e-6 + (1 - 4e-6) / 2)
    assert rates[19] == pytest.approx(4e-6)
    assert rates == [*sorted(rates[:10]), *sorted(rates[10:], reverse=True)]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"step": 5, "steps": 5}, "step: 5 is invalid; use an integer from 0 to 4"),
        ({"step": -1, "steps": 5}, "step: -1 is invalid"),
        ({"step": 0, "steps": 0}, "steps: 0 is invalid"),
        ({"step": 0, "steps": 5, "warmup": 0}, "warmup: 0 is invalid; .* above 0 and below 1"),
        ({"step": 0, "steps": 5, "warmup": 1.0}, "warmup: 1.0 is invalid"),
    ],
)
def test_one_cycle_names_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        one_cycle(**arguments)


def test_a_schedule_sets_the_rate_of_every_step():
    """As the usual loop with PyTorch's scheduler does; the optimizer gets its own rate back."""
    split, ours, usual = toy(), network(), network()
    given = torch.optim.Adam(ours.parameters(), lr=0.02)
    train(ours, split, optimizer=given, lr=None, epochs=2, schedule=one_cycle)
    assert given.param_groups[0]["lr"] == 0.02

    optimizer = torch.optim.Adam(usual.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.02, total_steps=10, cycle_momentum=False
    )
    usual_loop(usual, split, optimizer, 2, lambda: scheduler.last_epoch < 9 and scheduler.step())
    torch.testing.assert_close(weights(ours), weights(usual), rtol=0, atol=1e-5)
    assert not torch.allclose(weights(ours), weights(network()), rtol=0, atol=1e-3)
    given.step()
    assert given.param_groups[0]["lr"] == 0.02  # steps after the fit are nobody's but yours


def test_a_schedule_of_ones_changes_no_bit():
    plain, scheduled = network(), network()
    expected = train(plain, toy(), toy(20, 1))
    assert train(scheduled, toy(), toy(20, 1), schedule=lambda step, steps: 1.0) == expected
    assert torch.equal(weights(plain), weights(scheduled))


def test_a_scheduled_run_resumes_to_the_same_bits_and_only_under_its_schedule(tmp_path):
    whole, path = network(), tmp_path / "run.pt"
    expected = train(whole, toy(), schedule=one_cycle)
    calls = []

    def interrupted(step, steps):
        calls.append(step)
        if len(calls) > 15 and step == 10:  # the first 15 calls are the checkpoint's own
            raise InterruptedError
        return one_cycle(step, steps)

    with pytest.raises(InterruptedError):
        train(network(), toy(), schedule=interrupted, checkpoint=path)
    resumed = network()
    assert train(resumed, toy(), schedule=one_cycle, checkpoint=path) == expected
    assert torch.equal(weights(whole), weights(resumed))
    changes = [{"schedule": None}, {"schedule": partial(one_cycle, warmup=0.2)}, {"epochs": 4}]
    for change in changes:
        with pytest.raises(ValueError, match="belongs to another run: its schedule is"):
            train(network(), toy(), checkpoint=path, **{"schedule": one_cycle, **change})


def test_losses_from_logits_and_from_log_probabilities_agree():
    a, b = network(), nn.Sequential(*network(), nn.LogSoftmax(1))
    one = train(a, toy(), toy(20, 1), epochs=1)
    two = train(b, toy(), toy(20, 1), epochs=1, loss="nll")
    assert two.test_loss == pytest.approx(one.test_loss, rel=1e-4)
    three = train(network(), toy(), toy(20, 1), epochs=1, loss=F.cross_entropy)
    assert three.test_loss == one.test_loss


def test_bf16_trains_too():
    history = train(network(), toy(200), precision="bf16", epochs=4)
    assert history.train_loss[-1] < history.train_loss[0]
    assert history.train_loss != train(network(), toy(200), epochs=4).train_loss


@pytest.mark.parametrize("build", [staged_cnn, average_pool_cnn])
def test_bf16_trains_convolutions_too_and_their_weights_stay_fp32(build):
    model = convolutional(build)
    history = train(model, toy(32), precision="bf16", epochs=4, lr=3e-3)
    assert history.train_loss[-1] < history.train_loss[0]
    assert {p.dtype for p in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("supported, meaning", [(True, "bf16"), (False, "fp32")])
def test_automatic_precision_is_bf16_where_the_processor_has_it(supported, meaning, monkeypatch):
    monkeypatch.setattr("course_utils.training.choices.supports_bf16", lambda device: supported)
    runs = {p: train(network(), toy(), precision=p, epochs=1) for p in ("auto", "fp32", "bf16")}
    assert runs["auto"] == runs[meaning]
    assert runs["fp32"] != runs["bf16"]


@pytest.mark.parametrize(
    "avx512, amx, has", [(False, False, False), (True, False, True), (False, True, True)]
)
def test_a_cpu_computes_in_bf16_with_avx512_or_amx(avx512, amx, has, monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx, raising=False)
    assert supports_bf16("cpu") is has


def test_a_pytorch_that_cannot_tell_is_taken_to_have_no_bf16(monkeypatch):
    for check in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, check, raising=False)
    assert supports_bf16("cpu") is False


@pytest.mark.parametrize("capability, has", [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_a_gpu_computes_in_bf16_from_compute_capability_8(capability, has, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert supports_bf16("cuda") is has


def test_a_loss_that_is_not_finite_stops_with_epoch_and_step():
    model, steps = network(), []
    model.register_forward_hook(lambda *_: steps.append(1))

    def loss(logits, labels):
        return F.cross_entropy(logits, labels) * (float("nan") if len(steps) >= 8 else 1)

    with pytest.raises(FloatingPointError, match="nan at epoch 2, step 3 of 5"):
        train(model, toy(), loss=loss)
    with pytest.raises(FloatingPointError, match="epoch 1, step"):
        train(network(), toy(), optimizer="sgd", lr=1e30)


LOPSIDED = torch.tensor([1.0, 5.0, *[9.0] * 8])


def half_summed(logits, labels):
    return F.cross_entropy(logits, labels, reduction="sum") / 2


NO_MEANS = {
    "class weights": nn.CrossEntropyLoss(weight=LOPSIDED),
    "class weights of log-probabilities": nn.NLLLoss(weight=LOPSIDED),
    "class weights, given last": partial(F.cross_entropy, weight=LOPSIDED),
    "ignored labels": nn.CrossEntropyLoss(ignore_index=2),
    "ignored labels, in a function": lambda z, y: F.cross_entropy(z, y, ignore_index=0),
    "a sum": nn.CrossEntropyLoss(reduction="sum"),
    "part of a sum": half_summed,
    "one loss each": nn.CrossEntropyLoss(reduction="none"),
    "the worst example": lambda z, y: F.cross_entropy(z, y, reduction="none").max(),
    "over the root": lambda z, y: F.cross_entropy(z, y) * len(z) ** 0.5,
}


@pytest.mark.parametrize("loss", NO_MEANS.values(), ids=NO_MEANS)
@pytest.mark.parametrize("batch_size", [1, 7, 40])
def test_a_loss_that_is_no_plain_mean_is_refused(loss, batch_size):
    message = "loss: .* is invalid; use one that is the plain mean of its examples' losses"
    with pytest.raises(ValueError, match=message):
        evaluate(network(), toy(40), loss=loss, batch_size=batch_size)
    with pytest.raises(ValueError, match=message):
        train(network(), toy(40), loss=loss, batch_size=batch_size)
    silent = network()
    nn.init.zeros_(silent[-1].weight)  # it gives the same logits for all images
    with pytest.raises(ValueError, match=message):
        evaluate(silent, toy(40), loss=loss, batch_size=batch_size)


def test_labels_that_pytorch_ignores_are_no_examples():
    split = toy(40)
    split.labels[::3] = -100
    with pytest.raises(ValueError, match="loss: cross_entropy is invalid; use one that"):
        evaluate(network(), split)


def squared(outputs, labels):
    return F.mse_loss(outputs, F.one_hot(labels, outputs.shape[1]).float())


def of_probabilities(logits, labels):
    p = logits.softmax(1)
    return F.binary_cross_entropy(p, F.one_hot(labels, p.shape[1]).float())


MEANS = {
    "smoothed": partial(F.cross_entropy, label_smoothing=0.1),
    "equal weights": nn.CrossEntropyLoss(weight=torch.full((10,), 3.0)),
    "nothing ignored": nn.CrossEntropyLoss(ignore_index=77),
    "margins": nn.MultiMarginLoss(),
    "margins with weights": nn.MultiMarginLoss(weight=LOPSIDED),
    "squares": squared,
    "probabilities": of_probabilities,
}


@pytest.mark.parametrize("loss", MEANS.values(), ids=MEANS)
def test_a_plain_mean_does_not_depend_on_the_batches(loss):
    model, split = network(), toy(40)
    whole = loss(predict(model, split), split.labels)
    for batch_size in (1, 7, 40):
        found = evaluate(model, split, loss=loss, batch_size=batch_size)
        assert found.loss == pytest.approx(float(whole), rel=1e-5)
    assert train(model, split, loss=loss, epochs=1).epochs == 1


def test_a_loss_of_probabilities_is_tried_on_probabilities():
    model, split = nn.Sequential(network(), nn.Softmax(1)), toy(40)

    def loss(p, labels):
        return F.binary_cross_entropy(p, F.one_hot(labels, p.shape[1]).float())

    assert evaluate(model, split, loss=loss, batch_size=7).loss > 0
    with pytest.raises(ValueError, match="loss: <lambda> is invalid"):
        evaluate(model, split, loss=lambda p, labels: loss(p, labels) * len(p), batch_size=7)


def test_trying_a_loss_draws_no_random_numbers():
    model, before = network(), torch.get_rng_state()
    evaluate(model, toy(40))
    assert torch.equal(torch.get_rng_state(), before)


def volumes(*layers):
    """A network on images of 8×8 as volumes of one slice."""
    return nn.Sequential(nn.Unflatten(1, (1, 1)), *layers, nn.Flatten(), nn.LazyLinear(10))


class Scaled(nn.Module):
    """It has a buffer of five axes."""

    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.ones(1, 1, 1, 1, 1))

    def forward(self, x):
        return x * self.scale


@pytest.mark.parametrize("layers", [
    [nn.Conv3d(1, 2, (1, 3, 3))],
    [nn.ConvTranspose3d(1, 2, (1, 3, 3)), nn.BatchNorm3d(2)],
    [Scaled()],
    [nn.Conv3d(1, 2, (1, 3, 3)), nn.Flatten(1, 2), nn.Conv2d(2, 2, 3)],
])  # fmt: skip
def test_a_network_on_volumes_is_trained(layers):
    model = volumes(*layers)
    split = Split(torch.zeros(9, 1, 8, 8, dtype=torch.uint8), torch.arange(9) % 3)
    evaluate(model, split)
    assert train(model, split, epochs=1).epochs == 1


def test_a_device_that_pytorch_knows_and_this_machine_lacks_is_named(monkeypatch):
    for device in ("meta", "xpu:7", "mps:3", "vulkan", "cuda:99"):
        with pytest.raises(ValueError, match=f"device: this machine has no '{device}'; use 'auto'"):
            find_device(device)
        with pytest.raises(ValueError, match=f"no '{device}'"):
            train(network(), toy(), device=device)
    with pytest.raises(ValueError, match="device: None is invalid; use 'auto', 'cpu' or 'cuda'"):
        find_device(None)
    assert find_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"epochs": 0}, "epochs: 0 is invalid; .* at least 1"),
        ({"epochs": 1.5}, "epochs: 1.5 is invalid"),
        ({"batch_size": -1}, "batch_size: -1 is invalid"),
        ({"optimizer": "lion"}, "optimizer: 'lion' is invalid; use 'sgd', "),
        ({"loss": "hinge"}, "loss: 'hinge' is invalid; use 'cross_entropy' or 'nll'"),
        ({"device": "abacus"}, "device: 'abacus' is invalid; use 'auto', "),
        ({"precision": "fp8"}, "precision: 'fp8' is invalid; use 'fp32', "),
        (
            {"optimizer": torch.optim.SGD(network().parameters(), lr=0.1)},
            "lr: 0.01 comes too late for an optimizer that is made",
        ),
        (
            {"optimizer": lambda weights: torch.optim.SGD(weights, lr=0.1)},
            "optimizer: <function .* is invalid .*lr.*; use a function of the parameters and lr",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        train(network(), toy(), **arguments)


def test_an_optimizers_class_takes_the_rate_as_its_name_does():
    by_name = train(network(), toy(), optimizer="sgd", lr=0.2)
    by_class = train(network(), toy(), optimizer=partial(torch.optim.SGD, fused=True), lr=0.2)
    assert by_class.batch_loss == by_name.batch_loss


def test_an_empty_split_and_an_unknown_mode_are_named():
    with pytest.raises(ValueError, match="split: there are no examples in it"):
        evaluate(network(), toy().first(0))
    with pytest.raises(ValueError, match="mode: 'test' is invalid; use 'train' or 'eval'"):
        evaluate(network(), toy(), mode="test")


def test_an_epoch_names_an_unknown_precision_too():
    model = network()
    optimizer = make_optimizer("sgd", model.parameters())
    with pytest.raises(ValueError, match="precision: 'half' is invalid; use"):
        train_epoch(
            model, toy(), optimizer,
            loss=F.cross_entropy, batch_size=16, seed=0, epoch=1, precision="half",
        )  # fmt: skip


# Checkpoints


def test_a_run_cut_off_after_any_epoch_resumes_to_the_same_bits(tmp_path):
    arguments = {"batch_norm": True, "dropout": 0.5}
    whole = network(**arguments)
    expected = train(whole, toy(), toy(20, 1), epochs=5, as_run=True)
    for cut in (1, 2, 4, 5):
        path = tmp_path / f"{cut}.pt"
        train(network(**arguments), toy(), toy(20, 1), epochs=cut, as_run=True, checkpoint=path)
        resumed = network(**arguments)
        found = train(resumed, toy(), toy(20, 1), epochs=5, as_run=True, checkpoint=path)
        assert found == expected and same_bits(whole, resumed)


@pytest.mark.parametrize("build", [average_pool_cnn, small_cnn])
def test_a_convolutional_run_resumes_to_the_same_bits_too(build, tmp_path):
    """The checkpoint keeps the memory layout; with dropout, its masks are the epoch's own."""
    whole, resumed = convolutional(build), convolutional(build)
    arguments = {"as_run": True, "loss": "nll" if build is small_cnn else "cross_entropy"}
    expected = train(whole, toy(), toy(20, 1), **arguments)
    path = tmp_path / "run.pt"
    train(convolutional(build), toy(), toy(20, 1), epochs=1, checkpoint=path, **arguments)
    found = train(resumed, toy(), toy(20, 1), checkpoint=path, **arguments)
    assert found == expected and same_bits(whole, resumed)


def test_automatic_precision_resumes_what_its_meaning_began(tmp_path, monkeypatch):
    monkeypatch.setattr("course_utils.training.choices.supports_bf16", lambda device: False)
    train(network(), toy(), epochs=1, checkpoint=tmp_path / "run.pt")
    found = train(network(), toy(), precision="auto", checkpoint=tmp_path / "run.pt")
    assert found == train(network(), toy())


@pytest.mark.parametrize(
    "change, named",
    [
        ({"seed": 1}, "its seed is 0, yours is 1"),
        ({"batch_size": 8}, "its batch_size is 16, yours is 8"),
        ({"lr": 1e-3}, "its optimizer is"),
        ({"optimizer": "sgd"}, "its optimizer is"),
        ({"as_run": True}, "its as_run is False, yours is True"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, change, named):
    train(network(), toy(), epochs=1, checkpoint=tmp_path / "run.pt")
    with pytest.raises(ValueError, match=f"belongs to another run: {named}"):
        train(network(), toy(), **{"checkpoint": tmp_path / "run.pt", **change})


def test_a_checkpoint_of_other_data_or_another_network_is_refused(tmp_path):
    train(network(), toy(), epochs=1, checkpoint=tmp_path / "run.pt")
    with pytest.raises(ValueError, match="its training data is"):
        train(network(), toy(seed=1), checkpoint=tmp_path / "run.pt")
    with pytest.raises(ValueError, match="its model is"):
        train(network(dropout=0.1), toy(), checkpoint=tmp_path / "run.pt")


def test_a_checkpoint_with_more_epochs_than_asked_for_is_refused(tmp_path):
    train(network(), toy(), epochs=3, checkpoint=tmp_path / "run.pt")
    with pytest.raises(ValueError, match="epochs: 2 is fewer than the 3 that checkpoint"):
        train(network(), toy(), epochs=2, checkpoint=tmp_path / "run.pt")


def test_a_file_that_is_no_checkpoint_is_named_and_kept(tmp_path):
    path = tmp_path / "run.pt"
    path.write_bytes(b"no checkpoint")
    with pytest.raises(ValueError, match="run.pt cannot be read as a checkpoint"):
        train(network(), toy(), checkpoint=path)
    assert path.read_bytes() == b"no checkpoint"


def test_a_checkpoint_cannot_run_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "pwned"), "w"))

    torch.save({"run": {}, "history": {}, "evil": Evil()}, tmp_path / "run.pt")
    with pytest.raises(ValueError, match="cannot be read as a checkpoint"):
        train(network(), toy(), checkpoint=tmp_path / "run.pt")
    assert not (tmp_path / "pwned").exists()


# Each child counts what happens in it, steps and the stages of writing, and kills itself at one of
# them: however slow the machine is, no run ends before its kill.
KILLER = """
    import io, os, random, signal, sys, torch
    from torch.optim.optimizer import register_optimizer_step_post_hook
    sys.path.insert(0, {tests!r})
    from test_training import forty_epochs, network, toy, train

    torch.set_num_threads(1)
    train(network(), toy())  # what PyTorch imports at its first step is not to be killed 20 times
    left, save, replace = [0], torch.save, os.replace

    def happened(*_):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def save_in_halves(state, path):
        whole = io.BytesIO()
        save(state, whole)
        half = len(whole.getvalue()) // 2
        with open(path, "wb") as file:
            for part in (whole.getvalue()[:half], whole.getvalue()[half:]):
                file.write(part)
                file.flush()
                happened()

    def replaced(old, new):
        replace(old, new)
        happened()

    register_optimizer_step_post_hook(happened)
    torch.save, os.replace = save_in_halves, replaced
    moments = random.Random(0)
    for _ in range(20):
        left[0] = moments.randint(1, {longest})
        child = os.fork()
        if not child:
            forty_epochs({path!r})
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)
"""


def forty_epochs(path):
    model = network(batch_norm=True, dropout=0.5)
    return model, train(model, toy(2000), toy(20, 1), epochs=40, checkpoint=path)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_run_killed_at_20_random_moments_resumes_to_the_same_bits(tmp_path, request):
    """SIGKILL, again and again, somewhere within training or writing."""
    with threads(1):
        whole, expected = forty_epochs(tmp_path / "whole.pt")
        longest = 3 * (expected.steps_per_epoch + 3) // 2  # three stages of writing an epoch
        path = tmp_path / "killed.pt"
        script = KILLER.format(tests=str(request.path.parent), path=str(path), longest=longest)
        killer = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert killer.stdout.split() == [str(int(signal.SIGKILL))] * 20
        assert 0 < len(torch.load(path, weights_only=True)["history"]["train_loss"]) < 40
        resumed, found = forty_epochs(path)
    assert found == expected and same_bits(whole, resumed)


def test_seeded_restores_the_generator_even_when_the_block_fails():
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    with pytest.raises(RuntimeError), seeded(0, "anything"):
        torch.rand(100)
        raise RuntimeError
    assert torch.equal(torch.rand(1), wanted)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([nn.Linear(784, 10)], r"images of shape \(16, 1, 28, 28\) do not go through it; mat1"),
        ([nn.Conv2d(3, 2, 3)], r"images of shape \(16, 1, 28, 28\) do not go through it; Given"),
        ([nn.Conv2d(1, 10, 28)], r"\(16, 10, 1, 1\) is invalid; give a row of numbers for each of"),
        ([nn.Flatten(0), nn.Linear(16 * 784, 10)], r"\(10,\) is invalid; give a row"),
        ([nn.Conv2d(1, 4, 3), nn.Flatten(0, 1), nn.Flatten()], r"\(64, 676\) is invalid; .* 16 im"),
        ([nn.Flatten(), nn.LSTM(784, 10)], "'tuple' is invalid; give a row of numbers"),
    ],
)
def test_a_model_that_does_not_fit_the_images_is_named(layers, message):
    model = nn.Sequential(*layers)
    with pytest.raises(ValueError, match=f"model: {message}"):
        train(model, toy(64))
    with pytest.raises(ValueError, match=f"model: {message}"):
        evaluate(model, toy(64), batch_size=16)
    with pytest.raises(ValueError, match=f"model: {message}"):
        predict(model, toy(64), batch_size=16)


def test_labels_that_do_not_fit_are_named():
    split, model = toy(64), nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    for measure in (train, evaluate):
        with pytest.raises(ValueError, match="labels: 3 is invalid; use labels from 0 to 2, the"):
            measure(model, split)
    for name, measure in (("train", train), ("split", evaluate)):
        for labels in (split.labels[:9], F.one_hot(split.labels)):
            with pytest.raises(ValueError, match=f"{name}: use a label for each image; there are"):
                measure(network(), Split(split.images, labels))


def test_a_gpu_that_is_full_says_so(monkeypatch):
    def full(*_):
        raise torch.cuda.OutOfMemoryError("out of memory")

    monkeypatch.setattr(nn.Linear, "forward", full)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        train(network(), toy(64))
