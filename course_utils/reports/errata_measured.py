"""Where do the reports measure, plot or feed their networks wrongly?"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torchvision import transforms

from course_utils import experiments, models
from course_utils.data import Split
from course_utils.data.idx import TEST_IMAGES, TRAIN_IMAGES
from course_utils.experiments.registry import find
from course_utils.reports.erratum import Erratum
from course_utils.reports.places import DEPTH, MLP, SLIPS, place
from course_utils.reports.questions import WITHOUT_EVAL
from course_utils.reports.rows import Place, minus
from course_utils.reports.runs import Runs
from course_utils.reports.words import mean_per_cent, not_recorded, per_cent


def errata(runs: Runs) -> Iterator[Erratum]:
    """Give them by their numbers, with the recorded accuracies where there are any."""
    yield _dropout_on(runs)
    yield _per_cent_axis()
    yield _batch_statistics(runs)
    yield _summary_against_log()
    yield _number_of_images()
    yield from _low_test_curve(runs)
    yield _dropout_awake(runs)
    yield _swapped_labels()
    yield _relu_on_logits()
    yield _normalize()


def _dropout_on(runs: Runs) -> Erratum:
    experiment = find("000n")[0]
    network = experiments.build(experiment, seed=0)
    x = _images(20, experiment.resize or 28)
    trains, rests = _two_answers(network, x), _two_answers(network.eval(), x)
    told, lower = _both_ways(runs, "000n")
    claimed = experiment.claimed("as_run_accuracy")
    return Erratum(
        4, "000n", f"The network reaches {per_cent(claimed, 1)}, not the 99 % asked for.",
        "Evaluation ran with dropout on: asked twice, the network gives two answers to one image."
        f" {told}", "eval() before the test: one answer.", place("000n"),
        trains and not rests and claimed < 0.99 and lower,
    )  # fmt: skip


def _per_cent_axis() -> Erratum:
    value = find("001g")[0].claimed("test_accuracy")
    return Erratum(
        7, "001g", "The accuracy axes are labelled % and show fractions.",
        f"Its last accuracy, drawn as {value}, reads {value:.2f} % on such an axis.",
        f"{per_cent(value)}.", Place(DEPTH, "What an axis says"), value <= 1,
    )  # fmt: skip


def _batch_statistics(runs: Runs) -> Erratum:
    network = experiments.build(find("002n")[0], seed=0)
    x = _images(20)
    running_mean = next(network.buffers())
    before = running_mean.clone()
    with torch.no_grad():
        alone, among = (network(torch.cat([x[:1], others]))[0] for others in (x[1:10], x[10:]))
    apart = float((alone - among).abs().max())
    moved = float((running_mean - before).abs().max())
    told, _ = _both_ways(runs, "002n")
    return Erratum(
        11, "002n", "The ten test accuracies were measured without eval().",
        f"In other company one image gets other logits, by up to {apart:.2f}; and two test batches "
        f"move the running means by up to {moved:.3f}. {told}",
        "eval(): the logits depend on the image alone, and nothing is moved.", WITHOUT_EVAL,
        apart > 1e-3 and moved > 1e-3,
    )  # fmt: skip


def _summary_against_log() -> Erratum:
    loss_said, loss_logged, test_said = 0.08, 0.024, 0.991
    test_logged = find("002n")[0].claimed("as_run_accuracy", 10)
    return Erratum(
        12, "002o", f"In the end the training loss is {loss_said}, the test accuracy {test_said}.",
        f"Its own log ends with a training loss of {loss_logged} at most, "
        f"{loss_said / loss_logged:.1f} times less, and a test accuracy of {test_logged}.",
        f"{loss_logged} or less, and {test_logged}.",
        Place(SLIPS, "Over- or underfit? Read the curves"),
        loss_said > loss_logged and round(test_logged, 3) != test_said,
    )  # fmt: skip


def _number_of_images() -> Erratum:
    n, batch = TRAIN_IMAGES.shape[0], 100
    network, labels = models.mlp((128,)), torch.arange(batch) % 10
    mean, total = (
        F.cross_entropy(network(_images(batch)), labels, reduction=how) for how in ("mean", "sum")
    )
    ratio = total.item() / mean.item()
    return Erratum(
        13, "003f", "The loss is a sum over m = 50,000 images.",
        f"The header of MNIST's training file says {n:,}. And over {batch} images the sum, and "
        f"with it every step, is {ratio:.0f} times the mean that the program takes.",
        f"A mean over m = {n:,}.", Place(MLP, "The network and its loss"), n != 50_000,
    )  # fmt: skip


def _low_test_curve(runs: Runs) -> Iterator[Erratum]:
    n, batch = TEST_IMAGES.shape[0], find("003h")[0].batch_size
    batches = -(-n // batch)
    shrunk = n / batches  # what a constant loss is divided by once too often
    place = Place(MLP, "A test curve that is 64 times too low")
    yield Erratum(
        14, "003i", "The test loss lies near 0, far below the training loss.",
        f"The means of {batches} batches are summed and divided by {n:,} images, so the curve is "
        f"{shrunk:.1f} times too low.", "Each batch's mean weighted by its size.", place,
        63 < shrunk < 65,
    )  # fmt: skip
    recorded = runs[find("003h")[0].name]
    if recorded:
        curve = recorded.curves("test_loss").mean(0)
        lowest = int(curve.argmin()) + 1
        yield Erratum(
            14, "003i", "The test loss does not rise.",
            f"Our mean over {len(recorded.runs)} seeds is lowest after epoch {lowest}, "
            f"{curve.min():.4f}, and ends at {curve[-1]:.4f}.", "It rises.", place,
            bool(curve[-1] > 1.05 * curve.min()),
        )  # fmt: skip


def _dropout_awake(runs: Runs) -> Erratum:
    as_run, _, _, right = find("003n")
    x, networks = _images(20), [experiments.build(e, seed=0).eval() for e in (as_run, right)]
    awake, asleep = (_two_answers(network, x) for network in networks)
    claimed = per_cent(as_run.claimed("test_accuracy"), 1)
    recorded = runs[right.name]
    told = not_recorded(right) if recorded is None else (
        f"Put right: {mean_per_cent(recorded.values('test_accuracy'))}."
    )  # fmt: skip
    return Erratum(
        15, "003n", f"The test accuracy is {claimed}, with eval() called.",
        "The functional dropout2d has no mode: asked twice in eval mode, the network gives two "
        "answers to one image.", f"nn.Dropout2d as a layer. {told}",
        Place(SLIPS, "Dropout that never sleeps"), awake and not asleep,
    )  # fmt: skip


def _swapped_labels() -> Erratum:
    network = experiments.build(find("003n")[0], seed=0)
    x, labels = _images(100), torch.arange(100) % 10
    with torch.no_grad():
        first = float(F.nll_loss(network(x), labels))
    return Erratum(
        15, "003n", "The falling curve is called accuracy, the rising one loss.",
        f"Before training the loss is {first:.2f}, near ln 10 = {math.log(10):.2f}. So the curve "
        "that starts above 1 is no accuracy.", "The labels are swapped.",
        Place(SLIPS, "Curves under the wrong names"), first > 1,
    )  # fmt: skip


def _relu_on_logits() -> Erratum:
    z = torch.tensor([[2.0, -1.0, -3.0]], requires_grad=True)
    plain, cut = (
        float(torch.autograd.grad(F.cross_entropy(logits, torch.tensor([1])), z)[0][0, 1])
        for logits in (z, z.relu())
    )
    return Erratum(
        15, "003n", "ReLU stands between the last layer and the softmax.",
        f"Where the right logit is −1, beside 2 and −3, its gradient is {cut:g}. Without ReLU it "
        f"is {minus(f'{plain:.2f}')}: grow.", "The logits go into the softmax as they are.",
        Place(SLIPS, "A ReLU on the logits"), cut == 0 > plain,
    )  # fmt: skip


def _normalize() -> Erratum:
    """A data set keeps the transform that it was made with, whatever the name is given later."""
    pixels = torch.randint(0, 256, (50, 1, 28, 28), generator=torch.Generator().manual_seed(0))
    split = Split(pixels.to(torch.uint8), torch.zeros(50, dtype=torch.int64))
    transform: nn.Module | transforms.Compose | transforms.ToTensor = transforms.ToTensor()
    made = split.as_dataset(transform)
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.5, 0.5)])
    late, meant = (
        torch.stack([ds[i][0] for i in range(len(ds))])
        for ds in (made, split.as_dataset(transform))
    )
    lowest = [minus(f"{x.min():g}") for x in (late, meant)]
    return Erratum(
        21, "004m", "The pixels are normalised.",
        f"Normalize is defined after the data set. In this order the lowest pixel that arrives is "
        f"{lowest[0]}; with a Normalize(0.5, 0.5) that is applied, it is {lowest[1]}.",
        "Define it first, and print mean and deviation of one batch.",
        Place(SLIPS, "A normalisation that never ran"), bool(late.min() >= 0 > meant.min()),
    )  # fmt: skip


def _images(n: int, size: int = 28) -> torch.Tensor:
    """Noise in [0, 1], ``[n, 1, size, size]``, always the same."""
    return torch.rand(n, 1, size, size, generator=torch.Generator().manual_seed(0))


def _two_answers(network: nn.Module, x: torch.Tensor) -> bool:
    """Whether a network that is asked twice gives two answers."""
    torch.manual_seed(0)
    with torch.no_grad():
        return not torch.equal(network(x), network(x))


def _both_ways(runs: Runs, task: str) -> tuple[str, bool]:
    """The recorded accuracies without eval() and with it; whether the first is lower, as far as
    there are records.
    """
    experiment = find(task)[0]
    recorded = runs[experiment.name]
    if recorded is None:
        return f"At full length: {not_recorded(experiment)}", True
    as_run, proper = (recorded.values(m) for m in ("as_run_accuracy", "test_accuracy"))
    told = f"At full length {mean_per_cent(as_run)}; in eval mode {mean_per_cent(proper)}."
    return told, bool(np.mean(as_run) < np.mean(proper))
