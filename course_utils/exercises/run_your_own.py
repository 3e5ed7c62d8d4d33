"""The exercises of the page on your own ablation: variants, rates, pairs, verdicts and a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.evaluation import seeds_needed
from course_utils.exercises.answers import whole_numbers
from course_utils.exercises.formulas import Array
from course_utils.exercises.frame import Exercise, Mistake
from course_utils.exercises.reading import describe
from course_utils.models import staged_cnn

__all__ = ["EXERCISES"]

# --- what a study takes

RUNS = Exercise(
    name="runs-of-a-study",
    right=lambda variants, seeds, rates: variants * (seeds + (2 * rates if rates > 1 else 0)),
    cases=((2, 5, 3), (2, 3, 1), (4, 10, 5), (3, 6, 2), (6, 2, 1)),
    tolerance=0,
    mistakes=(
        Mistake("the study's runs alone; trying rates takes runs, too", lambda v, s, r: v * s),
        Mistake(
            "one trial of each rate; each is tried with two seeds",
            lambda v, s, r: v * (s + (r if r > 1 else 0)),
        ),
        Mistake(
            "every rate with all seeds; a rate is tried with two, and only the best goes on",
            lambda v, s, r: v * s * r,
        ),
        Mistake(
            "rates tried for one variant alone; each has a search of its own",
            lambda v, s, r: v * s + (2 * r if r > 1 else 0),
        ),
        Mistake(
            "a single rate was tried, too; there is nothing to choose",
            lambda v, s, r: v * (s + 2 * r),
        ),
        Mistake(
            "the baseline was left out", lambda v, s, r: (v - 1) * (s + (2 * r if r > 1 else 0))
        ),
    ),
    hint="Count for one variant: its trials, if there is anything to try, and its seeds.",
)

_SECONDS, _RUN, _SD, _DIFFERENCE = 300, 4, 0.003, 0.003


def _fault_in_plan(answer: object) -> str | None:
    """Say what is wrong with a number of rates and a number of seeds."""
    found = whole_numbers(answer, 2)
    if found is None:
        return "The answer should be two whole numbers, [rates, seeds]."
    rates, seeds = found
    if rates < 3:
        return "With fewer than three rates the best one always lies at an end."
    runs = 3 * (2 * rates + seeds)
    if runs > _SECONDS / _RUN:
        return f"That makes {runs:.0f} runs, and {_RUN * runs:.0f} seconds; you have {_SECONDS}."
    if seeds < seeds_needed(_SD, _DIFFERENCE, paired=True):
        return "With so few seeds a difference of 0.3 points is too often missed."
    return None


PLAN = Exercise(
    name="plan-a-study",
    right=[4, 12],
    mistakes=(),
    fault=_fault_in_plan,
    hint="evaluation.seeds_needed(0.003, 0.003, paired=True) gives the least number of seeds; "
    "see what is left for rates.",
)


# --- a variant

_IMAGES = torch.linspace(0, 1, 4 * 28 * 28).reshape(4, 1, 28, 28).sin()


def _built(build: Callable[[], Any]) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build()


def _outputs(model: nn.Module, *, training: bool) -> tuple[Tensor, Tensor]:
    """Give what reaches the last linear layer, and what comes out."""
    last = [layer for layer in model.modules() if isinstance(layer, nn.Linear)][-1]
    reached: list[Tensor] = []
    hook = last.register_forward_pre_hook(lambda _, args: reached.append(args[0]))
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = model.train(training)(_IMAGES)
    hook.remove()
    return reached[0], found


def _fault_in_variant(answer: Any) -> str | None:
    """Say what is wrong with a function that builds the 8–16–32 with dropout."""
    if isinstance(answer, nn.Module):
        return "This is a network. Hand in a function that builds one: each seed trains its own."
    if not callable(answer):
        return f"Hand in a function that builds the network; this is {describe(answer)}."
    first, second, plain = (_built(build) for build in (answer, answer, staged_cnn))
    if not isinstance(first, nn.Module):
        return f"What the function returns is {describe(first)}, not a network."
    mine, again, theirs = ([*model.parameters()] for model in (first, second, plain))
    if any(a is b for a, b in zip(mine, again, strict=True)):
        return "Each call gives the same network, and the second seed would train the first's on."
    if [p.shape for p in mine] != [p.shape for p in theirs]:
        return "Its parameters aren't those of the 8–16–32, though dropout has none of its own."
    if not all(map(torch.equal, mine, theirs)):
        return "A seed gives it other initial weights than the baseline: they couldn't be paired."
    features, scores = _outputs(plain, training=False)
    if not torch.allclose(_outputs(first, training=False)[1], scores, atol=1e-5):
        return "In eval mode it computes something else than the baseline."
    kept, _ = _outputs(first, training=True)
    there = features > 1e-3
    share = (kept / features)[there]
    if torch.allclose(share, torch.ones(())):
        return "In training, all features reach the last layer: nothing is dropped before it."
    dropped = float((share == 0).float().mean())
    if not 0.15 < dropped < 0.25 or not torch.allclose(share[share > 0], torch.tensor(1.25)):
        return "In training, what reaches the last layer isn't the features with a fifth dropped."
    return None


ONE_CHANGE = Exercise(
    name="one-change",
    right=lambda: nn.Sequential(
        *(layers := [*staged_cnn()])[:-1], nn.Dropout(0.2), layers[-1]
    ),
    mistakes=(),
    fault=_fault_in_variant,
    hint="Build the network once, inside the function; then put it together with one more layer.",
)  # fmt: skip


# --- what the runs say


def _means(accuracies: Array) -> Array:
    return np.asarray(accuracies).mean(axis=1)


def _best(rates: list[float], place: int) -> tuple[float, int]:
    """Give a rate, and how many of the others lie on the side where they are fewer."""
    return rates[place], min(place, len(rates) - 1 - place)


BEST_RATE = Exercise(
    name="best-rate",
    right=lambda rates, a: _best(rates, int(_means(a).argmax())),
    cases=(
        ([0.003, 0.01, 0.03], np.array([[0.88, 0.92], [0.9125, 0.91], [0.89, 0.90]])),
        ([0.1, 0.2, 0.4, 0.8], np.array([[0.5, 0.6], [0.75, 0.5], [0.7, 0.75], [0.76, 0.8125]])),
        ([0.02, 0.05], np.array([[0.99, 0.90], [0.95, 0.98]])),
        ([1.0, 2.0, 3.0], np.array([[0.3, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.2, 0.1]])),
        (
            [0.1, 0.2, 0.3, 0.5, 0.7],
            np.array([[0.2, 0.3], [0.5, 0.4], [0.875, 0.75], [0.9, 0.5], [0.1, 0.1]]),
        ),
    ),
    mistakes=(
        Mistake(
            "the rate of the best single run; take the mean over the seeds",
            lambda rates, a: _best(rates, int(np.asarray(a).max(axis=1).argmax())),
        ),
        Mistake(
            "the place of the rate in the list, not the rate",
            lambda rates, a: (i := int(_means(a).argmax()), _best(rates, i)[1]),
        ),
        Mistake(
            "the right rate, with the rates below it counted; there may be fewer above",
            lambda rates, a: (rates[i := int(_means(a).argmax())], i),
        ),
        Mistake(
            "the right rate, with the rates above it counted; there may be fewer below",
            lambda rates, a: (rates[i := int(_means(a).argmax())], len(rates) - 1 - i),
        ),
    ),
    hint="Take means along the seeds; the place of the largest says how many lie on either side.",
)


def _common(a: Array, b: Array) -> tuple[dict[int, float], dict[int, float], list[int]]:
    first, second = ({int(seed): float(x) for seed, x in rows} for rows in (a, b))
    return first, second, [seed for seed in first if seed in second]


def _paired_mean(a: Array, b: Array) -> float:
    first, second, seeds = _common(a, b)
    return float(np.mean([first[seed] - second[seed] for seed in seeds]))


def _zipped(a: Array, b: Array) -> float:
    n = min(len(a), len(b))
    return float((a[:n, 1] - b[:n, 1]).mean())


IN_PAIRS = Exercise(
    name="in-pairs",
    right=_paired_mean,
    cases=(
        (
            np.array([[0, 0.5], [1, 0.75], [2, 0.625]]),
            np.array([[0, 0.25], [2, 0.375], [1, 0.625], [3, 0.125]]),
        ),
        (np.array([[5, 0.9], [4, 0.7], [3, 0.5]]), np.array([[3, 0.8], [4, 0.6]])),
        (np.array([[0, 0.3], [2, 0.6]]), np.array([[2, 0.9], [0, 0.1], [7, 0.4]])),
        (np.array([[1, 0.2], [9, 0.8], [6, 0.4]]), np.array([[9, 0.3], [8, 0.1]])),
    ),
    mistakes=(
        Mistake("the rows taken in the order in which they stand; match their seeds", _zipped),
        Mistake(
            "the difference of the two means; seeds that one side lacks have no partner",
            lambda a, b: float(a[:, 1].mean() - b[:, 1].mean()),
        ),
        Mistake("b minus a", lambda a, b: -_paired_mean(a, b)),
        Mistake(
            "a sum of differences; divide by the number of pairs",
            lambda a, b: _paired_mean(a, b) * len(_common(a, b)[2]),
        ),
        Mistake(
            "divided by the seeds of a; only those that b has, too, make pairs",
            lambda a, b: _paired_mean(a, b) * len(_common(a, b)[2]) / len(a),
        ),
    ),
    hint="Make a dict of each, from seed to accuracy.",
)


LEAST_MARGIN = Exercise(
    name="least-margin",
    right=lambda low, high: max(abs(low), abs(high)),
    cases=((-0.31, 0.61), (-0.8, 0.05), (0.2, 0.7), (-0.9, -0.4), (-0.06, 0.02)),
    tolerance=1e-6,
    mistakes=(
        Mistake("the upper end; the lower one may be farther from zero", lambda lo, hi: hi),
        Mistake(
            "the nearer end; all of the interval must lie inside",
            lambda lo, hi: min(abs(lo), abs(hi)),
        ),
        Mistake(
            "half of the interval's width, which forgets where its middle is",
            lambda lo, hi: (hi - lo) / 2,
        ),
        Mistake("the width of the interval", lambda lo, hi: hi - lo),
        Mistake(
            "the size of the difference, without its interval", lambda lo, hi: abs(lo + hi) / 2
        ),
        Mistake(
            "a signed end; a margin reaches as far on both sides of zero",
            lambda lo, hi: max(lo, hi, key=abs),
        ),
        Mistake(
            "the mean size of the two ends; all of the interval must lie inside",
            lambda lo, hi: (abs(lo) + abs(hi)) / 2,
        ),
        Mistake("the sizes of both ends, added up", lambda lo, hi: abs(lo) + abs(hi)),
        Mistake(
            "the middle of the interval; all of it must lie inside", lambda lo, hi: (lo + hi) / 2
        ),
    ),
    hint="All of the interval has to lie between minus the margin and plus the margin.",
)

EXERCISES = (ONE_CHANGE, RUNS, BEST_RATE, IN_PAIRS, LEAST_MARGIN, PLAN)
