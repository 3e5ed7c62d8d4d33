"""Mistakes, and questions answered without a run: tasks 001m, 001n, and 003a to 003d."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from course_utils import inspection, models
from course_utils.basics.numerals import per_cent
from course_utils.data import Dataset
from course_utils.data.distortions import jitter, rotate, shift
from course_utils.data.idx import TEST_IMAGES
from course_utils.experiments import as_run
from course_utils.reports.finding import Anchor, Erratum, Finding
from course_utils.reports.rules import scientific, stated, untold
from course_utils.reports.runs import Runs, Side
from course_utils.training import seeded

PAGE, ASKED = "06d_errors_and_questions", "06y_asked_and_measured"
N_TEST = TEST_IMAGES.shape[0]


def findings(dataset: Dataset, runs: Runs) -> Iterator[Finding]:
    """Give the findings of the page."""
    yield from mistakes()
    yield from invariance(dataset)
    yield from batch_norm(runs)
    yield leakage(dataset)
    yield from activations(dataset)


def mistakes(draws: int = 20_000) -> Iterator[Finding]:
    """001m and 001n: the best of exercise 6's three networks, and ten of its mistakes."""
    from scipy import stats  # slow to import

    networks = [as_run(f"001{letter}") for letter in "jkl"]
    claimed = [c for e in networks for c in e.claims if c.metric == "test_accuracy"]
    second, best = sorted(c.value for c in claimed)[-2:]
    lead = round(N_TEST * (best - second))
    right = np.sort(np.random.default_rng(0).binomial(N_TEST, second, (draws, len(networks))))
    luck = float((right[:, -1] - right[:, -2] >= lead).mean())
    # Of each count of ten, the interval of its share by Clopper and Pearson.
    shares = [stats.binomtest(k, 10).proportion_ci(0.95, method="exact") for k in range(11)]
    widths = [float(share.high - share.low) for share in shares]
    yield untold(
        "001m", "confusion matrix of the best network", "", Anchor(PAGE, "All mistakes, not ten"),
        theirs="a picture",
        why="A picture of one run. The chapter has its own, over seeds.",
        cites="The confusion matrix on the test set is shown below")  # fmt: skip
    yield stated(
        "001m", "the best network", "001j's, of the three of exercise 6",
        f"its lead is {100 * lead / N_TEST:.2f} points; of {len(networks)} equally good ones, the "
        f"best leads by as much in {per_cent(luck, 0)} of draws", Anchor(PAGE, "The best of many"),
        holds=luck < 0.05, otherwise="cannot be told",
        why="It measures its networks on the test images, and names no others to choose by.",
        cites="The best performing model from exercise 6 was model 6a")  # fmt: skip
    yield stated(
        "001n", "the most common mistakes", "0 and 1, it seems, in this sample of ten",
        f"of ten, whatever the count, a share has a 95 % interval of {100 * min(widths):.0f} "
        "points or more", Anchor(PAGE, "What ten say"), holds=min(widths) < 0.1,
        otherwise="cannot be told",
        why="Its ten are not in our copy. It says so of them alone, and guesses at a reason: "
        "circles and lines are in most other digits. Ten tell little of all mistakes, which the "
        "chapter counts.", cites="0 and 1 seem to be the most common")  # fmt: skip


def invariance(dataset: Dataset) -> Iterator[Finding]:
    """003a: what becomes of features when the image is shifted or turned."""
    with seeded(0, "weights"):
        model = models.staged_cnn().double()
    pixels = dataset.test.inputs(slice(20)).double()
    conv, pooled = model[:1], model[:6]
    gap = inspection.equivariance_gap(conv, pixels, 0, 1, border=2)
    with torch.no_grad():
        still, turned = pooled(pixels), pooled(rotate(pixels, 90))
        moved = [_change(still, pooled(shift(pixels, 0, k))) for k in (1, 4)]
        by_turn = _change(still, turned), _change(rotate(still, 90), turned)
    yield stated(
        "003a", "translation", "pooling makes it invariant",
        f"a shift by 1 pixel changes the pooled features by {per_cent(moved[0], 0)}, one by 4 "
        f"pixels by {per_cent(moved[1], 0)}", Anchor(PAGE, "Class scores stay, up to a point"),
        holds=moved[0] < 0.01,
        why="It derives rightly that a convolution shifts with the image: features move along, to "
        f"within {per_cent(gap, 0)}. Pooling, it says, maps the shifts within a window to one "
        "pixel: that forgives a pixel or two, about.",
        erratum=Erratum(13, "Pooling makes a CNN invariant to translation.",
            "Convolution is equivariant to shifts, pooling nearly invariant to small ones."),
        cites="This is what introduces translation invariance")  # fmt: skip
    yield stated(
        "003a", "rotation", "pooling makes it invariant",
        f"a turn by 90° changes the pooled features by {per_cent(by_turn[0], 0)}; from turned "
        f"features they are {per_cent(by_turn[1], 0)} away", Anchor(PAGE, "Features move"),
        holds=min(by_turn) < 0.01,
        why="A kernel looks for an edge in one direction, and no pooling over places turns it.",
        erratum=Erratum(13, "Pooling makes a CNN invariant to rotation.",
            "Neither convolution nor pooling has anything for rotations."),
        cites="translational invariance and Rotational due to the presence of Pooling")  # fmt: skip


def batch_norm(runs: Runs) -> Iterator[Finding]:
    """003b: what batch norm computes, and what it is said to do."""
    layer = nn.BatchNorm1d(5)
    x = 3 * torch.randn(64, 5, generator=torch.Generator().manual_seed(0)) + 1
    with torch.no_grad():
        apart = (layer.train()(x) - layer.eval()(x)).abs().max().item()
    learned = models.parameter_count(layer)
    losses = [
        [*runs.by_seed(Side("", as_run(task), metric="train_loss", epoch=1)).values()]
        for task in ("004e", "004a")
    ]
    told = ""
    if all(losses):
        normal, plain = (f"{np.mean(values):.2f}" for values in losses)
        told = f"in CSCI4146's network the first epoch's loss is {normal} with it, {plain} without"
        told += f" (n = {len(losses[0])})"
    yield untold(
        "003b", "why batch norm helps", told, Anchor(ASKED, "The learning rate"),
        theirs="one possible reason: internal covariate shift",
        why="That it helps is measured. Why is contested: with noise that makes distributions "
        "shift more, training is as fast (Santurkar and others, 2018).",
        cites="alluded to the specialized name internal covariate shift")  # fmt: skip
    yield untold(
        "003b", "what batch norm computes",
        f"{learned} learned numbers for 5 channels; on one batch both modes differ by {apart:.1f}",
        Anchor(ASKED, "What does batch norm do?"), theirs="normalises each mini-batch",
        why="The report leaves out the rest: it learns a scale γ and a shift β for each channel, "
        "and in use it takes running averages in place of the batch's own.",
        cites="normalizes the contributions to a layer for every mini-batch")  # fmt: skip


def leakage(dataset: Dataset) -> Finding:
    """003c: images of the test distribution among the known, told by nearest neighbours."""
    arrived = dataset.test.first(2400)
    pixels = jitter(arrived.images, degrees=90, seed=7).flatten(1).float()
    used = len(arrived) // 8
    clean = dataset.train.first(2000)
    known = torch.cat([clean.images.flatten(1).float(), pixels[:used]])
    answers = torch.cat([clean.labels, arrived.labels[:used]])
    distances = torch.cdist(pixels, known)
    before, after = (
        answers[distances[:, :n].argmin(1)] == arrived.labels for n in (len(clean), len(known))
    )
    without, unseen, seen = (
        part.double().mean().item() for part in (before[used:], after[used:], after[:used])
    )
    found = stated(
        "003c", "training and test images differ",
        "train on data of the test distribution too; re-shuffle both; augment",
        f"with {used} turned digits among the known, a nearest neighbour knows "
        f"{per_cent(unseen, 0)} of the others, without them {per_cent(without, 0)}",
        Anchor(PAGE, "Test images in the training set"), holds=unseen > without,
        why="They do not help.",
        cites="data drawn from the test distribution is also present in")  # fmt: skip
    warning = (
        f"Not to be misread: it knows {per_cent(seen, 0)} of those {used} themselves, so they "
        "can't be test images any more."
    )
    return replace(found, why=f"{found.why} {warning}".strip())


def activations(dataset: Dataset) -> Iterator[Finding]:
    """003d: the gradients of ReLU and of the sigmoid."""
    z = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
    (slope,) = torch.autograd.grad(z.relu().sum(), z)
    slopes = [int(number) for number in slope.tolist()]
    reach = {name: _reach(name, dataset) for name in ("relu", "sigmoid")}
    yield stated(
        "003d", "gradient of ReLU", "1 for x ≥ 0",
        f"at −1, 0 and 1 PyTorch has {', '.join(map(str, slopes))}",
        Anchor(ASKED, "Sigmoid or ReLU?"), holds=slopes == [0, 1, 1],
        why="At 0 there is none; by convention it is 0. Left out: a unit that is 0 for every image "
        "gets no gradient and is dead.",
        cites="always equal 1 when the input is greater or equal")  # fmt: skip
    yield stated(
        "003d", "ReLU or sigmoid in hidden layers", "ReLU, whose gradient does not vanish",
        f"over nine convolutions {scientific(reach['relu'])} of the gradient is left with ReLU, "
        f"{scientific(reach['sigmoid'])} with sigmoid", Anchor(ASKED, "Gradients by depth"),
        holds=reach["relu"] > 100 * reach["sigmoid"],
        why="It vanishes as with the sigmoid.",
        cites="activation function does not suffer from such a problem")  # fmt: skip


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
