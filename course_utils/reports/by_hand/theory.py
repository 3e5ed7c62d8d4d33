"""Do DS5220's answers without a run survive one? Tasks 003a to 003f and 003m."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import evaluation, experiments, inspection, models
from course_utils.data import Dataset
from course_utils.data.distortions import jitter, rotate, shift
from course_utils.data.idx import FILES
from course_utils.inspection import equivariance_gap
from course_utils.reports.by_hand.telling import scientific
from course_utils.reports.rows import Place, Row, computed, stated, untold
from course_utils.reports.words import per_cent
from course_utils.training import seeded

QUESTIONS, SLIPS = "06d_errors_and_questions", "06c_evaluation"
FORMULAS = Place("05_mnist_mlp", "The network and its loss")
RELU = Place(QUESTIONS, "Sigmoid or ReLU?")
NORM = Place(QUESTIONS, "What does batch norm do?")


def invariance(dataset: Dataset) -> list[Row]:
    """003a: what becomes of features when the image is shifted or turned."""
    with seeded(0, "weights"):
        model = models.staged_cnn().double()
    pixels = dataset.test.inputs(slice(20)).double()
    conv, pooled = model[:1], model[:6]
    gap = equivariance_gap(conv, pixels, 0, 1, border=2)
    with torch.no_grad():
        still, turned = pooled(pixels), pooled(rotate(pixels, 90))
        moved = [_change(still, pooled(shift(pixels, 0, k))) for k in (1, 4)]
        by_turn = _change(still, turned), _change(rotate(still, 90), turned)
    return [
        stated(
            "003a", "translation", "pooling makes it invariant",
            f"a shift by 1 pixel changes the pooled features by {per_cent(moved[0], 0)}, one by 4 "
            f"pixels by {per_cent(moved[1], 0)}",
            Place(QUESTIONS, "Class scores stay, up to a point"),
            holds=moved[0] < 0.01,
            why=f"A convolution is equivariant: its features move along with the image, to within "
            f"{per_cent(gap, 0)}. Pooling forgives a pixel or two, about.",
        ),
        stated(
            "003a", "rotation", "pooling makes it invariant",
            f"a turn by 90° changes the pooled features by {per_cent(by_turn[0], 0)}; from turned "
            f"features they are {per_cent(by_turn[1], 0)} away", Place(QUESTIONS, "Features move"),
            holds=min(by_turn) < 0.01,
            why="A kernel looks for an edge in one direction, and no pooling over places turns it.",
        ),
    ]  # fmt: skip


def batch_norm() -> list[Row]:
    """003b: what batch norm computes, and what it is said to do."""
    layer = nn.BatchNorm1d(5)
    x = 3 * torch.randn(64, 5, generator=torch.Generator().manual_seed(0)) + 1
    with torch.no_grad():
        apart = (layer.train()(x) - layer.eval()(x)).abs().max().item()
    learned = models.parameter_count(layer)
    with_norm, without = (
        experiments.load(name).curves("train_loss")[:, 0] for name in ("004e", "mlp-500-sgd")
    )
    gain = evaluation.compare(with_norm, without, higher_is_better=False)
    return [
        untold(
            "003b", "why batch norm helps", f"in CSCI4146's network the first epoch's loss is "
            f"{with_norm.mean():.2f} with it, {without.mean():.2f} without (n = {gain.n})",
            Place(QUESTIONS, "The learning rate"), theirs="it removes internal covariate shift",
            why="That it helps is measured. Why is contested: with noise that makes distributions "
            "shift more, training is as fast (Santurkar and others, 2018).",
        ),
        stated(
            "003b", "what batch norm computes",
            "no γ and β, no difference between training and use",
            f"{learned} learned numbers for 5 channels; on one batch both modes differ by "
            f"{apart:.1f}", NORM, holds=learned == 0 and apart == 0,
            why="It learns a scale γ and a shift β for each channel. In use it takes running "
            "averages in place of the batch's own.",
        ),
    ]  # fmt: skip


def leakage(dataset: Dataset) -> list[Row]:
    """003c: test images put into the training set, told by their nearest neighbours."""
    arrived = dataset.test.first(2400)
    pixels = jitter(arrived.images, degrees=90, seed=7).flatten(1).float()
    used = len(arrived) // 8
    clean = dataset.train.first(2000)
    known = torch.cat([clean.images.flatten(1).float(), pixels[:used]])
    answers = torch.cat([clean.labels, arrived.labels[:used]])
    right = answers[torch.cdist(pixels, known).argmin(1)] == arrived.labels
    seen, unseen = (part.double().mean().item() for part in (right[:used], right[used:]))
    return [
        stated(
            "003c", "training and test images differ", "put test data into the training set",
            f"a nearest neighbour knows {per_cent(seen, 0)} of the {used} turned digits it has "
            f"seen, and {per_cent(unseen, 0)} of the others",
            Place(QUESTIONS, "Test images in the training set"),
            holds=abs(seen - unseen) < 0.05,
            why="Test images that were learned measure nothing. Augmentation, a normalised input "
            "and adapted statistics are honest remedies.",
        )
    ]  # fmt: skip


def activations(dataset: Dataset) -> list[Row]:
    """003d and 003m: gradients and ranges of ReLU, sigmoid and tanh."""
    z = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
    (slope,) = torch.autograd.grad(z.relu().sum(), z)
    slopes = [int(number) for number in slope.tolist()]
    reach = {name: _reach(name, dataset) for name in ("relu", "sigmoid")}
    x = torch.linspace(-20, 20, 4001, dtype=torch.float64)
    low, high = x.relu().min().item(), x.relu().max().item()
    apart = (x.tanh() - (2 * (2 * x).sigmoid() - 1)).abs().max().item()
    said = Place(SLIPS, "The range of ReLU")
    rule = round(2 / 3 * 784 + 10)
    return [
        stated(
            "003d", "gradient of ReLU", "1 for x ≥ 0",
            f"at −1, 0 and 1 PyTorch has {', '.join(map(str, slopes))}", RELU,
            holds=slopes == [0, 1, 1],
            why="At 0 there is none; by convention it is 0. Left out: a unit that is 0 for every "
            "image gets no gradient and is dead.",
        ),
        stated(
            "003d", "ReLU or sigmoid in hidden layers", "ReLU, whose gradient does not vanish",
            f"over nine convolutions {scientific(reach['relu'])} of the gradient is left with "
            f"ReLU, {scientific(reach['sigmoid'])} with sigmoid",
            Place(QUESTIONS, "Gradients by depth"),
            holds=reach["relu"] > 100 * reach["sigmoid"], why="It vanishes as with the sigmoid.",
        ),
        stated(
            "003m", "range of ReLU", "(−∞, 0]",
            f"[0, ∞): for x from −20 to 20 it is from {low:g} to {high:g}", said,
            holds=low < 0 and high <= 0, why="ReLU is max(0, x).",
        ),
        stated(
            "003m", "tanh by the sigmoid", "tanh x = 2 σ(2x) − 1", "the same, to 1e-14", said,
            holds=apart < 1e-14, why="The two differ.",
        ),
        untold(
            "003m", "how many units", f"its rule gives {rule} for MNIST",
            Place(SLIPS, "Two thirds"), theirs="2/3 rules",
            why="No measurement comes with it. In the chapter's runs nothing happens there.",
        ),
    ]  # fmt: skip


def formulas(dataset: Dataset) -> list[Row]:
    """003e and 003f: the network and its loss as formulas."""
    with seeded(0, "weights"):
        model = models.mlp((128,))
    x, y = dataset.train.inputs(slice(100)), dataset.train.labels[:100]
    logits = model(x)
    sigmoids, softmax = (p.sum(1).mean().item() for p in (logits.sigmoid(), logits.softmax(1)))
    weight = next(model.parameters())
    rows, columns = weight.shape
    mean, total = (
        torch.autograd.grad(F.cross_entropy(model(x), y, reduction=how), weight)[0].norm()
        for how in ("mean", "sum")
    )
    times = float(total / mean)
    return [
        stated(
            "003e", "output of the network", "a sigmoid, with the formula of softmax",
            f"ten sigmoids sum to {sigmoids:.1f}, a softmax to {softmax:.0f}", FORMULAS,
            holds=abs(sigmoids - softmax) < 1e-3, why="The formula is right and its name is not.",
        ),
        untold(
            "003e", "order of the products", f"W₁x, with W₁ {rows} × {columns} and x a column of "
            f"{columns}", FORMULAS, why="The report leaves it open.",
        ),
        computed(
            "003f", "training images m", "50,000", FILES[0].shape[0], FORMULAS,
            why="It trained on all images of MNIST's training file.",
        ),
        stated(
            "003f", "loss over the data", "a sum",
            f"a mean; of 100 images the sum has {times:.0f} times the gradient", FORMULAS,
            holds=abs(times - 1) < 0.01,
            why="The program takes the mean. A sum makes each step of gradient descent m times as "
            "long.",
        ),
    ]  # fmt: skip


def _change(before: Tensor, after: Tensor) -> float:
    """How far features are from what they were, as a fraction of their size."""
    return float((after - before).norm() / before.norm())


def _reach(activation: str, dataset: Dataset) -> float:
    """The gradient at the first of nine convolutions, as a fraction of the last layer's."""
    with seeded(0, "weights"):
        model = models.staged_cnn(depth=2, activation=activation)
    x, labels = dataset.train.inputs(slice(64)), dataset.train.labels[:64]
    gradients = [*inspection.gradients_by_depth(model, x, labels, of="output").values()]
    return gradients[0] / gradients[-1]
