"""CSCI4146's four optimizers on three perceptrons: tasks 004a to 004l."""

from collections.abc import Iterator

import numpy as np

from course_utils.basics.numerals import per_cent
from course_utils.experiments import Experiment, as_run, corrected
from course_utils.reports.conclusions import BETTER, SAME, WORSE, conclude, without_eval
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.rules import stated, untold
from course_utils.reports.runs import Runs, Side, not_recorded
from course_utils.reports.trained import claims

BEGUN, OWN_RATES, TEN_SEEDS, SURVIVES = anchors(
    "05b_recipes", "Slow, but not stuck", "Each at its own rate", "What a missing `eval()` costs",
    "What ten seeds show")  # fmt: skip

PLAIN, NORMAL, DROPOUT = (
    dict(zip(("SGD", "momentum", "RMSprop", "Adam"), map(as_run, tasks.split()), strict=True))
    for tasks in ("004a 004b 004c 004d", "004e 004f 004g 004h", "004i 004j 004k 004l")
)

# What the report concludes, in its words.
NOISE = "attributed to the noise introduced when running SGD on batches"
HIGHEST = "Adam optimizer has demonstrated the highest achieved accuracy of 97.94%"
INCREASED = "the accuracy has increased across all optimizers following the implementation"
TITLE = "Loss vs. Epoch Stochastic Gradient Descent"
DECREASE = "a negligible decrease in accuracy is observed across all optimizers"


def findings(runs: Runs) -> Iterator[Finding]:
    """004a to 004l: four optimizers on three networks."""
    for letter in "abcdefghijkl":
        yield from claims(
            f"004{letter}", runs, TEN_SEEDS,
            last_batch_loss=BEGUN if letter == "a" else TEN_SEEDS)  # fmt: skip
    yield one_batch(runs)
    sgd, momentum, rmsprop, adam = PLAIN.values()
    yield conclude(
        runs, "004a", "SGD is at its end after five epochs: the last one brings nothing", SAME,
        Side("SGD, epoch 5", sgd), Side("SGD, epoch 4", sgd, epoch=4), BEGUN,
        asked=True)  # fmt: skip
    yield noise_of_sgd(runs)
    yield conclude(
        runs, "004d", "Adam is better than momentum", BETTER, Side("Adam", adam),
        Side("momentum", momentum), SURVIVES, cites=HIGHEST)  # fmt: skip
    right = f"Its own log has {_claimed(rmsprop)} for RMSprop and {_claimed(adam)} for Adam."
    says = "Adam is the best of the four optimizers"
    yield conclude(
        runs, "004d", says, BETTER, Side("Adam", adam), Side("RMSprop", rmsprop), SURVIVES,
        Erratum(17, f"{says}.", right), HIGHEST)  # fmt: skip
    best = corrected("004a", "tuned rate")
    yield conclude(
        runs, "004d", "Adam is better than SGD, each at its own best rate", BETTER,
        Side(f"Adam {adam.optimizer_args['lr']:g}", adam),
        Side(f"SGD {best.optimizer_args['lr']:g}", best), OWN_RATES, asked=True)  # fmt: skip
    yield from batch_norm(runs)
    yield from dropout(runs)


def one_batch(runs: Runs) -> Finding:
    """004a to 004l: loss curves of one batch per epoch, and the mean over all batches of each."""
    networks = [*PLAIN.values(), *NORMAL.values(), *DROPOUT.values()]
    printed = [
        [e.claimed("last_batch_loss", epoch) for epoch in range(1, e.epochs + 1)] for e in networks
    ]
    quantity, theirs = "loss curves of its twelve networks", "Loss vs. Epoch"
    recorded = [found for found in map(runs.__getitem__, networks) if found]
    if len(recorded) < len(networks):
        why = not_recorded(*(e for e in networks if not runs[e]))
        return untold("004a", quantity, "", TEN_SEEDS, theirs=theirs, why=why, cites=TITLE)
    ours = [found.curves("train_loss").mean(axis=0) for found in recorded]
    theirs_rise, ours_rise = (
        sum(int((np.diff(curve) > 0).sum()) for curve in curves) for curves in (printed, ours)
    )
    steps = sum(e.epochs - 1 for e in networks)
    return stated(
        "004a", quantity, theirs,
        f"from one epoch to the next its losses rise {theirs_rise} times in {steps}; our means "
        f"over an epoch rise {ours_rise} times", TEN_SEEDS, holds=theirs_rise == ours_rise,
        otherwise="cannot be told",
        why="Each of its points is the loss of one batch of 100, the last of the epoch. Whether "
        "the loss over the epoch rose, one batch doesn't tell.",
        cites=TITLE)  # fmt: skip


def noise_of_sgd(runs: Runs) -> Finding:
    """004a: whether SGD was still learning when the report stopped it."""
    sgd = PLAIN["SGD"]
    losses = [sgd.claimed("last_batch_loss", epoch) for epoch in range(1, sgd.epochs + 1)]
    learning = losses == sorted(losses, reverse=True)
    told, recorded = "", runs[sgd]
    if recorded and not runs.lacking(sgd):
        curves = recorded.curves("test_accuracy")
        gain, spread = float((curves[:, -1] - curves[:, -2]).mean()), curves[:, -1].std(ddof=1)
        told = (
            f" Our last epoch still brings {100 * gain:.2f} points; seeds differ by "
            f"{100 * spread:.2f} (standard deviation)."
        )
        learning = learning and bool(gain > 2 * spread)
    faster = corrected("004a", "learning rate")
    right = f" At a rate of {faster.optimizer_args['lr']:g}: {runs.told(faster)}"
    return stated(
        "004a", "SGD's accuracy", "SGD's lower accuracy can be attributed to the noise of batches.",
        f"It is still learning.{right * bool(runs[faster])}", BEGUN, holds=not learning,
        why=f"The losses that it printed fall at every epoch: "
        f"{', '.join(f'{x:.4f}' for x in losses)}.{told}", erratum=Erratum(20),
        table=False, cites=NOISE)  # fmt: skip


def batch_norm(runs: Runs) -> Iterator[Finding]:
    """004e to 004h: batch norm, measured as the report did and in eval mode."""

    def improves(name: str, how: str, metric: str, erratum: Erratum | None = None) -> Finding:
        bn, plain = (
            Side(f"{name}, {layers}, {how}", networks[name], metric=metric)
            for layers, networks in (("BN", NORMAL), ("plain", PLAIN))
        )
        says = f"Batch norm improves {name} ({how})"
        task = NORMAL[name].inventory
        return conclude(runs, task, says, BETTER, bn, plain, SURVIVES, erratum, INCREASED)

    proper = [improves(name, "eval mode", "test_accuracy") for name in ("RMSprop", "Adam")]
    errata = {
        name: Erratum(
            18, "Batch norm improves every optimizer.",
            f"In its own log {name} has {_claimed(NORMAL[name])} after {_claimed(PLAIN[name])}. "
            f"In eval mode, {found.ours}.")
        for name, found in zip(("RMSprop", "Adam"), proper, strict=True)
    }  # fmt: skip
    for name in NORMAL:
        yield improves(name, "as run", "as_run_accuracy", errata.get(name))
    yield from proper
    tasks = "004e 004f 004g 004h"
    yield without_eval(runs, tasks, "BN, mean of four", "The accuracy with BN", TEN_SEEDS)


def dropout(runs: Runs) -> Iterator[Finding]:
    """004i to 004l: what dropout costs, and how much of that is a missing eval()."""
    both = [
        conclude(
            runs, "004i", f"Dropout lowers the accuracy slightly (mean of four optimizers, {how})",
            WORSE, Side(f"BN and dropout, {how}", *DROPOUT.values(), metric=metric),
            Side(f"BN, {how}", *NORMAL.values(), metric=metric), SURVIVES, cites=DECREASE)
        for how, metric in (("as run", "as_run_accuracy"), ("eval mode", "test_accuracy"))
    ]  # fmt: skip
    yield from both
    as_measured, proper = (found.comparison for found in both)
    if as_measured and proper:
        much = as_measured.difference < 2 * proper.difference <= 0 or proper.difference > 0
        share = per_cent(1 - proper.difference / as_measured.difference, 0)
        yield stated(
            "004i", "dropout", "The slight decrease of the accuracy is a result of dropout.",
            f"{share} of it is the missing eval().", SURVIVES, holds=not much,
            why=f"Mean of the four optimizers, as run: {as_measured.points()}. In eval mode: "
            f"{proper.points()}.", erratum=Erratum(19), table=False,
            cites="the slight decrease in accuracy across all optimizers is a")  # fmt: skip
    yield without_eval(
        runs, "004i 004j 004k 004l", "BN and dropout, mean of four",
        "The accuracy with BN and dropout", TEN_SEEDS)  # fmt: skip


def _claimed(experiment: Experiment) -> str:
    return per_cent(experiment.claimed("as_run_accuracy"))
