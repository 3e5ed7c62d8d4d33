"""What do the reports read off their own runs, and is it there? Tasks of 001, 002o and 003."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F
from scipy import stats

from course_utils import evaluation, experiments
from course_utils.data import Dataset
from course_utils.data.idx import FILES
from course_utils.experiments.registry import find
from course_utils.reports.by_hand.telling import on_mnist
from course_utils.reports.rows import Place, Row, computed, stated, untold
from course_utils.training import batches

MLP, SLIPS, QUESTIONS = "05_mnist_mlp", "06c_evaluation", "06d_errors_and_questions"
FASTER = Place(MLP, "Which is faster, and why")
CURVES = Place(SLIPS, "Over- or underfit? Read the curves")
TOO_LOW = Place(MLP, "A test curve that is 64 times too low")
ANSWERS = Place(MLP, "Look at its answers")

TEST_IMAGES = FILES[2].shape[0]


def speed() -> list[Row]:
    """001b: two programs, timed on a machine that is not here."""
    numpy, torch_ = 139, 199
    machine = "Another machine's seconds. The chapter times both programs on yours."
    return [
        untold("001b", "NumPy, 150 epochs", "", FASTER, theirs=f"{numpy} s", why=machine),
        untold("001b", "PyTorch, 150 epochs", "", FASTER, theirs=f"{torch_} s", why=machine),
        untold(
            "001b", "PyTorch against NumPy", f"{torch_} / {numpy} = {torch_ / numpy:.2f}", FASTER,
            theirs="1.4 times slower",
            why="The division is right. No cause was tested: loading the images and the fixed cost "
            "of a step weigh more than the arithmetic, and differ between machines.",
        ),
    ]  # fmt: skip


def mistakes(draws: int = 20_000) -> list[Row]:
    """001m and 001n: the best of several networks, and ten of its mistakes."""
    networks = [find(f"001{letter}")[0] for letter in "cdeghjkl"]
    claimed = [c for e in networks for c in e.claims if c.metric == "test_accuracy"]
    second, best = sorted(c.value for c in claimed if not isinstance(c.epoch, int))[-2:]
    lead = 100 * (best - second)
    right = np.random.default_rng(0).binomial(TEST_IMAGES, best, (draws, len(networks)))
    luck = 100 * (right.max(axis=1).mean() / TEST_IMAGES - best)
    widths = [high - low for low, high in (_share(k, 10) for k in range(11))]
    return [
        untold(
            "001m", "confusion matrix of the best network", "",
            Place(QUESTIONS, "All mistakes, not ten"), theirs="a picture",
            why="A picture of one run. The chapter has its own, over seeds.",
        ),
        stated(
            "001m", "the best network", "001j's, by its test accuracy",
            f"its lead is {lead:.2f} points; the best of {len(networks)} equally good ones is too "
            f"high by {luck:.2f} on average", Place(QUESTIONS, "The best of many"),
            holds=bool(lead > 2 * luck), otherwise="cannot be told",
            why="It was chosen on the test set that measures it, and its epoch as well.",
        ),
        stated(
            "001n", "the most common mistakes", "0 and 1, from ten of them",
            f"of ten, whatever the count, a share has a 95 % interval of {100 * min(widths):.0f} "
            "points or more", Place(QUESTIONS, "What ten say"),
            holds=min(widths) < 0.1, otherwise="cannot be told",
            why="Ten mistakes can be looked at, but not counted. The chapter counts all, and finds "
            "0 with 1 seldom.",
        ),
    ]  # fmt: skip


def summary() -> list[Row]:
    """002o: CIS6800's summary against its own log."""
    report = find("002n")[0]
    log = {(c.metric, c.epoch): c.value for c in report.claims}
    read = [log["train_accuracy", epoch] for epoch in range(1, 9)]
    highest = max(log["as_run_loss", epoch] for epoch in range(1, 7))
    last = report.claimed("as_run_accuracy")
    loss = 0.024  # the report's log ends at this or less
    return [
        stated(
            "002o", "training accuracy, in the summary", "0.995",
            f"{read[-1]:.4f} after epoch {len(read)} of its log", CURVES,
            holds=max(read) >= 0.9945, otherwise="cannot be told",
            why="None of the log's training accuracies that can be read is as high, but its last "
            "two cannot be read.",
        ),
        computed(
            "002o", "training loss, in the summary", "0.08", Fraction(str(loss)), CURVES,
            why=f"It contradicts its own log, which ends at {loss} or less. Even the highest test "
            f"loss that can be read there is {highest}.",
        ),
        computed(
            "002o", "test accuracy, in the summary", "0.991", Fraction(str(last)), CURVES,
            why="It contradicts its own log.",
        ),
    ]  # fmt: skip


def averaged() -> list[Row]:
    """003i: batch means, summed and divided by the number of images; and the curve as it is."""
    losses = torch.rand(TEST_IMAGES, generator=torch.Generator().manual_seed(0)).double()
    parts = [losses[index] for index in batches(TEST_IMAGES, 64)]
    as_plotted = sum(part.mean() for part in parts) / TEST_IMAGES
    factor = float(losses.mean() / as_plotted)
    recorded = experiments.load("003h")
    curves = recorded.curves("test_loss")
    lowest = int(curves.mean(axis=0).argmin())
    rise = evaluation.compare(curves[:, -1], curves[:, lowest])
    return [
        stated(
            "003i", "test loss, how it is averaged",
            "batch means, summed, divided by the number of images",
            f"{factor:.1f} times too low: {TEST_IMAGES:,} images make {len(parts)} batches",
            TOO_LOW, holds=abs(factor - 1) < 0.01,
            why="Each batch mean was divided by its 64 images already. Weigh it by them instead.",
        ),
        stated(
            "003i", "test loss, how it goes on", "stays near zero",
            f"{curves[:, lowest].mean():.3f} after epoch {lowest + 1}, {curves[:, -1].mean():.3f} "
            f"after epoch {curves.shape[1]} (n = {rise.n})", TOO_LOW,
            holds=not rise.low > 0, otherwise="wrong in the report",
            why=f"It rises by {rise.difference:.3f}, 95 % interval {rise.low:.3f} to "
            f"{rise.high:.3f}. The division hides it.",
        ),
    ]  # fmt: skip


def pictures(dataset: Dataset) -> list[Row]:
    """003j, 003k and 003n: what DS5220 shows beside its pictures."""
    labels = ", ".join(map(str, dataset.test.labels[:20].tolist()))
    claimed = find("003h")[0].claimed("test_accuracy")
    wrong = round((1 - claimed) * TEST_IMAGES)
    network = experiments.build(find("003n")[-1], seed=0).eval()
    with torch.no_grad():
        first = F.nll_loss(network(dataset.test.inputs(slice(64))), dataset.test.labels[:64])
    start = first.item()
    return [
        on_mnist(
            dataset,
            untold(
                "003j", "predictions of the first 20 test images", f"the labels are {labels}",
                ANSWERS, theirs="twenty titles",
                why="Its titles are the labels. What the network predicted, it does not show.",
            ),
        ),
        untold(
            "003k", "the first 20 errors, discussed",
            f"they are {2000 / wrong:.0f} % of some {wrong}", ANSWERS, theirs="twenty pairs",
            why="The discussion is missing, and the first twenty are any twenty.",
        ),
        stated(
            "003n", "names of its curves", "the falling one is called accuracy",
            f"it starts near {start:.1f}, as an untrained network's loss does: log 10",
            Place(SLIPS, "Curves under the wrong names"), holds=start <= 1,
            why="An accuracy is at most 1. The names are swapped.",
        ),
    ]  # fmt: skip


def better() -> list[Row]:
    """003o: DS5220's comparison, on its own numbers."""
    cnn, mlp = (find(task)[0].claimed("test_accuracy") for task in ("003n", "003h"))
    return [
        stated(
            "003o", "CNN or MLP", "the CNN is slightly better",
            f"by its own numbers {cnn} against {mlp}: worse by {100 * (mlp - cnn):.1f} points",
            Place(SLIPS, "CNN or MLP?"), holds=cnn > mlp,
            why="Dropout was awake in the test and ReLU stood on the logits. Put right, the CNN is "
            "better.",
        )
    ]  # fmt: skip


def _share(k: int, n: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson)."""
    low, high = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
    return float(low), float(high)
