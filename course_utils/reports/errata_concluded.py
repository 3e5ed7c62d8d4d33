"""Where do the reports conclude what their own numbers, or ten seeds, do not bear out?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import nn

from course_utils import experiments, inspection
from course_utils.data.idx import TEST_IMAGES, TRAIN_IMAGES
from course_utils.experiments.registry import find
from course_utils.reports.erratum import Erratum
from course_utils.reports.places import DEPTH, SLIPS, TIME_OF_DEPTH, place
from course_utils.reports.questions import SURVIVES, UNDERTRAINED, side
from course_utils.reports.rows import Place
from course_utils.reports.runs import Runs
from course_utils.reports.words import mean_per_cent, not_recorded, per_cent, points

OPTIMIZERS = {"SGD": "a", "momentum": "b", "RMSprop": "c", "Adam": "d"}


def errata(runs: Runs) -> Iterator[Erratum]:
    """Give them by their numbers, with the recorded accuracies where there are any."""
    yield _time_of_depth()
    yield _control()
    yield from _another_adam()
    yield _cnn_or_mlp(runs)
    yield _best_optimizer(runs)
    yield from _batch_norm(runs)
    yield from _dropout(runs)
    yield _sgd(runs)


def _time_of_depth() -> Erratum:
    deep, plain = (find(task)[0] for task in ("001h", "001c"))
    total = [e.claimed("seconds", "total") for e in (deep, plain)]
    adds = [
        inspection.trace(experiments.build(e, seed=0), (1, 28, 28)).totals.multiply_adds
        for e in (deep, find("001i")[1], plain)
    ]
    epoch = [seconds / e.epochs for seconds, e in zip(total, (deep, plain), strict=True)]
    return Erratum(
        5, "001h", "The skips hardly raise the training time.",
        f"Its {total[0]:g} s are of {deep.epochs} epochs, the {total[1]:g} s without of "
        f"{plain.epochs}: {epoch[0]:.2f} s an epoch against {epoch[1]:.2f} s.",
        f"An epoch takes {epoch[0] / epoch[1]:.1f} times as long. It has {adds[0] / adds[2]:.1f} "
        f"times the multiply-adds, with skips or without.",
        TIME_OF_DEPTH, epoch[0] > 1.5 * epoch[1] and adds[0] == adds[1],
    )  # fmt: skip


def _control() -> Erratum:
    lost, control = (
        sum(isinstance(module, nn.ReLU) for module in experiments.build(e, seed=0).modules())
        for e in find("001i")
    )
    return Erratum(
        5, "001i", "The control is the same network without skips.",
        f"It has {lost} ReLUs where the network without skips has {control}.",
        f"A control differs in one thing: the {control - lost} ReLUs stay.",
        Place(DEPTH, "Depth, and skips past it"), lost < control,
    )  # fmt: skip


def _another_adam() -> Iterator[Erratum]:
    k, g = (find(task)[0] for task in ("001k", "001g"))
    after, before = (e.claimed("test_accuracy") for e in (k, g))
    n, n_test, said = TRAIN_IMAGES.shape[0], TEST_IMAGES.shape[0], 35
    steps = [-(-n // size) for size in (said, k.batch_size)]
    yield Erratum(
        6, "001k", f"The batch size is {said}.",
        f"The code takes {k.batch_size}, for {k.epochs} epochs. With {said} an epoch would have "
        f"{steps[0]:,} steps, not {steps[1]:,}.", f"{k.batch_size}.", place("001k"),
        k.batch_size != said,
    )  # fmt: skip
    yield Erratum(
        6, "001k", f"{per_cent(after)} is slightly better.",
        f"Before the change the report has {per_cent(before)}.",
        f"It is worse by {(before - after) * n_test:.0f} of {n_test:,} test images.",
        place("001k"), after < before,
    )  # fmt: skip


def _cnn_or_mlp(runs: Runs) -> Erratum:
    cnn, mlp = (find(task)[0].claimed("test_accuracy") for task in ("003n", "003h"))
    sides = side("CNN", "003n", 3), side("MLP", "003h")
    found, missing = runs.compare(*sides), runs.missing(*sides)
    right = f"Put right, the CNN against the MLP: {points(found)}." if found else (
        f"Put right, it is better in the live runs. At full length: {not_recorded(*missing)}"
        if missing else "Put right, it is better in the live runs."
    )  # fmt: skip
    return Erratum(
        16, "003o", "The CNN is slightly better than the MLP.",
        f"The report's own numbers are {per_cent(cnn, 1)} for the CNN and {per_cent(mlp, 1)} for "
        "the MLP.", right, Place(SLIPS, "CNN or MLP?"), cnn < mlp,
    )  # fmt: skip


def _best_optimizer(runs: Runs) -> Erratum:
    theirs = {
        name: find(f"004{letter}")[0].claimed("as_run_accuracy")
        for name, letter in OPTIMIZERS.items()
    }
    best = max(theirs, key=lambda name: theirs[name])
    found = runs.compare(side("Adam", "004d"), side("RMSprop", "004c"))
    told, right = "", f"{best} is ahead there."
    if found:
        told = f" Over our seeds Adam against RMSprop: {points(found)}."
        right += f" Over seeds Adam is {found.verdict}."
    return Erratum(
        17, "004d", "Adam is the best of the four optimizers.",
        f"Its own table has {per_cent(theirs[best])} for {best} and {per_cent(theirs['Adam'])} for "
        f"Adam.{told}", right, SURVIVES, best != "Adam",
    )  # fmt: skip


def _batch_norm(runs: Runs) -> Iterator[Erratum]:
    for name, plain, normal in (("RMSprop", "004c", "004g"), ("Adam", "004d", "004h")):
        before, after = (find(task)[0].claimed("as_run_accuracy") for task in (plain, normal))
        as_run, proper = (
            runs.compare(side("", normal, metric=metric), side("", plain, metric=metric))
            for metric in ("as_run_accuracy", "test_accuracy")
        )
        told = f" Over our seeds {points(as_run)}." if as_run else ""
        right = f"In eval mode: {points(proper)}." if proper else "Measure in eval mode."
        yield Erratum(
            18, normal, "Batch norm improves every optimizer.",
            f"With {name} the report has {per_cent(after)} after {per_cent(before)}.{told}",
            f"As run it harms {name}. {right}", SURVIVES, after < before,
        )  # fmt: skip


def _dropout(runs: Runs) -> Iterator[Erratum]:
    tasks = "004i 004j 004k 004l", "004e 004f 004g 004h"
    as_run, proper = (
        runs.compare(*(side("", t, metric=metric) for t in tasks))
        for metric in ("as_run_accuracy", "test_accuracy")
    )
    if as_run and proper:
        yield Erratum(
            19, "004i", "Dropout decreases the accuracy.",
            f"Mean of the four optimizers, as run: {points(as_run)}. In eval mode: "
            f"{points(proper)}.",
            f"{1 - proper.difference / as_run.difference:.0%} of it is the missing eval().".replace(
                "%", " %"
            ),
            SURVIVES, as_run.difference < 2 * proper.difference <= 0 or proper.difference > 0,
        )  # fmt: skip


def _sgd(runs: Runs) -> Erratum:
    experiment = find("004a")[0]
    last = [experiment.claimed("last_batch_loss", epoch) for epoch in range(1, 6)]
    recorded, better = runs[experiment.name], runs[find("004a")[1].name]
    told, falling = "", bool((np.diff(last) < 0).all())
    if recorded and len(recorded.runs) > 1:
        curves = recorded.curves("test_accuracy")
        gain, spread = float((curves[:, -1] - curves[:, -2]).mean()), curves[:, -1].std(ddof=1)
        told = (
            f" Our last epoch still brings {100 * gain:.2f} points; seeds differ by "
            f"{100 * spread:.2f} (standard deviation)."
        )
        falling = falling and bool(gain > 2 * spread)
    right = ""
    if better:
        rate = better.experiment.optimizer_args["lr"]
        right = f" At a rate of {rate:g}: {mean_per_cent(better.values('test_accuracy'))}."
    return Erratum(
        20, "004a", "SGD's 78 % is noise.",
        f"The losses that it printed fall at every epoch: {', '.join(f'{x:.4f}' for x in last)}."
        + told, f"It has barely begun to learn.{right}", UNDERTRAINED, falling,
    )  # fmt: skip
