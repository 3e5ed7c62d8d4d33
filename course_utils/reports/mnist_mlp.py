"""Perceptrons on MNIST: tasks 000k, 001a, 001b, 003e to 003l, and ``mlp_optimizers``'s."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F

from course_utils import models
from course_utils.basics.numerals import minus
from course_utils.data import Dataset
from course_utils.data.idx import TEST_IMAGES, TRAIN_IMAGES
from course_utils.evaluation import mean_interval
from course_utils.experiments import as_run, corrected
from course_utils.reports import mlp_optimizers
from course_utils.reports.conclusions import BETTER, conclude
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.networks import parameters
from course_utils.reports.rules import computed, on_mnist, stated, untold
from course_utils.reports.runs import Runs, Side, accuracy
from course_utils.reports.small_cnn import decay
from course_utils.reports.trained import claims
from course_utils.training import batches, seeded

NETWORK, TRAIN, ANSWERS = anchors(
    "05a_mnist_mlp", "Ten scores, ten probabilities", "Train it", "What it gets wrong"
)
(PICTURE,) = anchors("05b_recipes", "Slow, but not stuck")
CONSTANTS, RERUN, FASTER, TOO_LOW = anchors(
    "05c_data_pipeline", "The constants", "Input scale and learning rate", "What a step costs",
    "A mean of means")  # fmt: skip

N_TEST = TEST_IMAGES.shape[0]

# What TMU-HW4 prints and under which name, and which of the data set's constants that is.
PRINTED = (
    ("smallest pixel", "Min Pixel Value:", "0", "min"),
    ("largest pixel", "Max Pixel Value:", "255", "max"),
    ("mean", "Mean Pixel Value", "33.31842041015625", "mean"),
    ("standard deviation", "Pixel Values Std:", "78.56748962402344", "std"),
    ("mean, pixels in [0, 1]", "Scaled Mean Pixel Value", "0.13066047430038452", "scaled_mean"),
    ("standard deviation, pixels in [0, 1]", "Scaled Pixel Values Std:", "0.30810779333114624",
     "scaled_std"),
)  # fmt: skip

# DS5220's first twenty mistakes, in its order: the answer for each digit.
MISTAKES = ("9 as 5", "4 as 9", "7 as 4", "2 as 3", "9 as 5", "9 as 3", "4 as 2", "9 as 5",
            "4 as 2", "9 as 8", "5 as 3", "3 as 8", "8 as 7", "6 as 0", "4 as 9", "9 as 3",
            "5 as 3", "8 as 3", "8 as 2", "2 as 8")  # fmt: skip


def findings(dataset: Dataset, runs: Runs) -> Iterator[Finding]:
    """Give the findings of the page."""
    yield from constants(dataset)
    yield parameters("001a", NETWORK, "42,310", "has 42310 learnable parameters")
    yield from claims("001a", runs, PICTURE)
    yield untold(
        "001a", "loss, PyTorch against its own NumPy program", "", PICTURE,
        theirs="significantly lower",
        why="Both losses are in plots that our copy lacks, and its NumPy program belongs to an "
        "earlier assignment.", cites="had a significantly lower loss function value vs. my "
        "Numpy")  # fmt: skip
    yield from speed()
    yield from formulas(dataset)
    yield parameters("003h", NETWORK, "101,770", "Total params: 101,770")
    yield from claims("003h", runs, TRAIN)
    yield decay("003h", TRAIN)
    yield from loss_curve(runs)
    yield from pictures(dataset)
    yield from rerun(runs)
    yield from mlp_optimizers.findings(runs)


def constants(dataset: Dataset) -> Iterator[Finding]:
    """000k and 003g: MNIST's constants, and those of one batch."""
    of_all, first = dataset.constants, dataset.train.inputs(slice(64))
    why = "The pixels are not those that it computed from."
    for quantity, called, theirs, name in PRINTED:
        value, cites = getattr(of_all, name), f"{called} {theirs}"
        found = computed("000k", quantity, theirs, value, CONSTANTS, why=why, cites=cites)
        yield on_mnist(dataset, found)
    yield on_mnist(dataset, untold(
        "003g", "mean and standard deviation, of the data and of a batch",
        f"mean {of_all.scaled_mean:.4f} and standard deviation {of_all.scaled_std:.4f} of all; "
        f"{first.mean():.4f} and {first.std():.4f} of the first 64", CONSTANTS,
        why="The report's numbers are not in our copy. The first twenty images are in the "
        "chapter."))  # fmt: skip


def speed() -> Iterator[Finding]:
    """001b: two programs, timed on a machine that is not here."""
    numpy, torch_ = 139, 199
    machine = "Another machine's seconds. The chapter times both programs on yours."
    for program, s in (("NumPy", numpy), ("PyTorch", torch_)):
        yield untold(
            "001b", f"{program}, 150 epochs", "", FASTER, theirs=f"{s} s", why=machine,
            cites=f"Training Time:{s}sec")  # fmt: skip
    yield untold(
        "001b", "PyTorch against NumPy", f"{torch_} / {numpy} = {torch_ / numpy:.2f}", FASTER,
        theirs="around 1.4 times slower",
        why="The division is right. It is not sure of the cause and guesses at how it stores loss "
        "and accuracy. The chapter times that, the loader and a step's fixed cost on yours.",
        cites="was around 1.4 times slower than my Numpy implementation")  # fmt: skip


def formulas(dataset: Dataset) -> Iterator[Finding]:
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
    yield stated(
        "003e", "output of the network", "a sigmoid, with the formula of softmax",
        f"ten sigmoids sum to {sigmoids:.1f}, a softmax to {softmax:.0f}", NETWORK,
        holds=abs(sigmoids - softmax) < 1e-3,
        why="The formula is right and this name is not; further down it says softmax.",
        erratum=Erratum(13, "The output is a sigmoid (with softmax's formula).", "Softmax."),
        cites="will go through the sigmoid function for final prediction")  # fmt: skip
    yield untold(
        "003e", "order of the products",
        f"W₁x, with W₁ {rows} × {columns} and x a column of {columns}", NETWORK,
        theirs="a₁W₂ in one place, W₂a₁ in another",
        why="The report leaves it open. It calls x a matrix of 28 × 28.",
        cites=r"z_2 = a_1 \cdot w_2 + b_2")  # fmt: skip
    yield computed(
        "003f", "training images m", "50,000", TRAIN_IMAGES.shape[0], NETWORK,
        why="It trained on all images of MNIST's training file.",
        erratum=Erratum(13, "The loss is taken over m = 50,000 images."),
        cites="for m = 50,000 training sample")  # fmt: skip
    yield stated(
        "003f", "loss over the data", "a sum",
        f"a mean; of 100 images the sum has {times:.0f} times the gradient", NETWORK,
        holds=abs(times - 1) < 0.01,
        why="The program takes the mean. A sum makes each step of gradient descent m times as "
        "long.", erratum=Erratum(13, "The loss is a sum over all images."),
        cites=r"$$\sum_{j=1}^m \left[-\sum_{i=1}^{10} y_{(i)}")  # fmt: skip


def loss_curve(runs: Runs) -> Iterator[Finding]:
    """003i: batch means, summed and divided by the number of images; and the curve as it is."""
    losses = torch.rand(N_TEST, generator=torch.Generator().manual_seed(0)).double()
    parts = [losses[index] for index in batches(N_TEST, as_run("003h").batch_size)]
    as_plotted = sum(part.mean() for part in parts) / N_TEST
    factor = float(losses.mean() / as_plotted)
    yield stated(
        "003i", "test loss, how it is averaged",
        "batch means, summed, divided by the number of images",
        f"{factor:.1f} times too low: {N_TEST:,} images make {len(parts)} batches", TOO_LOW,
        holds=abs(factor - 1) < 0.01,
        why="Each batch mean was divided by its 64 images already. Weigh it by them instead.",
        erratum=Erratum(14, "By its code the test loss is a sum of batch means over the number of "
            "images.", "Each batch's mean weighted by its size."))  # fmt: skip
    quantity, place = "test loss, how it goes on", TOO_LOW
    recorded, lacking = runs[as_run("003h")], runs.lacking(as_run("003h"))
    if recorded is None or lacking:
        yield untold("003i", quantity, "", place, theirs="a curve", why=lacking)
        return
    curves = recorded.curves("test_loss")
    lowest = int(curves.mean(axis=0).argmin())
    rise = mean_interval(curves[:, -1] - curves[:, lowest])
    first, last = curves[:, lowest].mean(), curves[:, -1].mean()
    yield untold(
        "003i", quantity,
        f"{first:.3f} after epoch {lowest + 1}, {last:.3f} after epoch {curves.shape[1]} "
        f"(n = {rise.n})", place, theirs="a curve",
        why=f"It changes by {minus(f'{rise.mean:+.3f} ± {rise.half_width:.3f}')}. The report's "
        "curve is not in our copy; as its code must draw it, this would be from "
        f"{first / factor:.4f} to {last / factor:.4f}.")  # fmt: skip


def pictures(dataset: Dataset) -> Iterator[Finding]:
    """003j and 003k: what DS5220 shows beside its pictures."""
    labels = ", ".join(map(str, dataset.test.labels[:20].tolist()))
    yield on_mnist(dataset, untold(
        "003j", "predictions of the first 20 test images", f"the labels are {labels}", ANSWERS,
        theirs="twenty titles",
        why="By its code the titles are the labels. It computes the predictions and does not "
        "show them."))  # fmt: skip
    wrong = round((1 - as_run("003h").claimed("test_accuracy")) * N_TEST)
    yield untold(
        "003k", "the first 20 errors, discussed", f"they are {2000 / wrong:.0f} % of some {wrong}",
        ANSWERS, theirs="twenty pairs",
        why="Our copy has no discussion of them, and the first twenty are any twenty.",
        cites="Prediction: 5 Label: 9Prediction: 9 Label: 4Prediction: 4")  # fmt: skip
    yield untold(
        "003k", "the first 20 errors, in order",
        f"with {wrong} wrong of {N_TEST:,}, they are among the first {20 * N_TEST / wrong:.0f} "
        "images or so", ANSWERS, theirs=", ".join(MISTAKES),
        why="Which they are depends on the run, and it has no number of an image. The chapter "
        "shows the surest instead.",
        cites="Prediction: 5 Label: 9Prediction: 9 Label: 4Prediction: 4")  # fmt: skip


def rerun(runs: Runs) -> Iterator[Finding]:
    """003l: normalised input, at the report's rate and at a fifth of it."""
    at_its_rate = (as_run(task) for task in ("003l", "003h"))
    slower = (corrected(task, "learning rate") for task in ("003l", "003h"))
    for how, (normal, plain) in (
        ("at the report's rate", at_its_rate), ("at a fifth of the rate", slower)
    ):  # fmt: skip
        rate = f"rate {normal.optimizer_args['lr']:g}"
        sides = Side(f"normalised, {rate}", normal), Side(f"plain, {rate}", plain)
        says = f"Normalised input helps ({how})"
        found = conclude(runs, "003l", says, BETTER, *sides, RERUN, asked=True)
        told, ours = found.why, list(runs.by_seed(sides[0]).values())
        if found.comparison:
            told = f"Against plain pixels {found.comparison.points()}: {found.comparison.verdict}."
        yield found
        yield untold(
            "003l", f"test accuracy, normalised input, {rate}", accuracy(ours) if ours else "",
            RERUN, why=f"Our copy shows no result. {told}")  # fmt: skip
