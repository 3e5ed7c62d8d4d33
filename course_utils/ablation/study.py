"""A study: variants over the same seeds, each compared with the first, in words and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from course_utils import plotting
from course_utils.ablation.variants import CLASSES
from course_utils.basics.checks import lookup
from course_utils.basics.numerals import signed
from course_utils.evaluation import (
    Comparison,
    Interval,
    compare_seeds,
    holm,
    mean_interval,
    seeds_needed,
)
from course_utils.experiments import RateSweep
from course_utils.prose import Markdown, table

__all__ = ["Result", "Study"]

Images = Literal["validation", "test"]


@dataclass(frozen=True)
class Result:
    """A variant's runs, one a seed, and what its network costs.

    ``multiply_adds`` on one image; None where ``inspection.trace`` can't follow the network.
    ``shared`` is the same for variants to which a seed gives the same initial weights and batches.
    ``lr`` is None for the optimizer's own; ``sweep`` has the rates that were tried.
    """

    name: str
    runs: tuple[Mapping[str, Any], ...] = field(repr=False)
    parameters: int
    multiply_adds: int | None
    shared: str = field(repr=False)
    lr: float | None
    sweep: RateSweep | None = field(repr=False)

    @property
    def seeds(self) -> list[int]:
        """The seeds of the runs."""
        return [run["seed"] for run in self.runs]

    @property
    def seconds(self) -> float:
        """Mean time of a run's training steps."""
        return float(np.mean([sum(run["history"]["seconds"]) for run in self.runs]))

    def curves(self, metric: str = "accuracy") -> npt.NDArray[np.float64]:
        """Accuracy, or "loss", on the validation images: ``[seeds, epochs]``."""
        return np.array([run["history"][f"test_{metric}"] for run in self.runs])

    def accuracies(self, on: Images = "validation") -> list[float]:
        """After the last epoch, one a seed."""
        if on == "test":
            return [run["test"]["accuracy"] for run in self.runs]
        return [float(value) for value in self.curves()[:, -1]]

    def by_seed(self, on: Images = "validation") -> dict[int, float]:
        """The accuracies of each seed."""
        return dict(zip(self.seeds, self.accuracies(on), strict=True))

    def first(self, seeds: int) -> Result:
        """The same with so many seeds, from 0."""
        return replace(self, runs=tuple(run for run in self.runs if run["seed"] < seeds))


@dataclass(frozen=True)
class Study:
    """Variants and how they compare with the first; shows itself as a table with its remarks."""

    results: tuple[Result, ...]
    margin: float
    epochs: int

    def __getitem__(self, name: str) -> Result:
        return lookup("name", name, {one.name: one for one in self.results})

    @property
    def baseline(self) -> Result:
        """The first variant."""
        return self.results[0]

    def compared(self, name: str, on: Images = "validation") -> Comparison:
        """Compare a variant with the baseline after the last epoch, over seeds.

        In pairs, over the seeds that both have, where a seed gives both the same initial weights
        and batches; otherwise by Welch's test.
        """
        a, b = self[name].by_seed(on), self.baseline.by_seed(on)
        return compare_seeds(a, b, paired=self._paired(name))

    def seeds_needed(self, difference: float, *, power: float = 0.8) -> dict[str, int]:
        """How many seeds find such a difference to the baseline, by the spread of these runs.

        With two or three seeds the spread is itself a guess: take them as a pilot, then ask again.

        Parameters
        ----------
        difference : of two accuracies, a fraction: 0.002 is 0.2 points.
        power : in what share of such studies it is to be found.

        Raises
        ------
        ValueError
            For a difference of 0 or less, and one that takes more than 10,000 seeds.
        """
        found = {}
        for one in self.results[1:]:
            paired = self._paired(one.name)
            if paired:
                sd = float(np.std(self._each(one.name), ddof=1))
            else:
                both = (one.accuracies(), self.baseline.accuracies())
                sd = float(np.sqrt(np.mean([np.var(x, ddof=1) for x in both])))
            found[one.name] = seeds_needed(sd, difference, paired=paired, power=power)
        return found

    def plot(self) -> tuple[Axes, Axes]:
        """Draw the validation accuracy by epoch, and each difference to the baseline."""
        name = "validation accuracy (%)"
        curves = plotting.bands(
            {one.name: 100 * one.curves() for one in self.results},
            markers="os^vDPX*"[: len(self.results)] if self.epochs == 1 else "",
            xlabel="epoch", ylabel=name,
        )  # fmt: skip
        curves.locator_params(axis="x", integer=True)
        curves.legend(title=f"mean and 95 % interval, {self._seeds()} seeds")
        return curves, plotting.differences(
            [
                (
                    f"{one.name} − {self.baseline.name}",
                    self.compared(one.name),
                    self._each(one.name),
                )
                for one in self.results[1:]
            ],
            margin=self.margin,
            xlabel="difference of the validation accuracies, points",
        )

    @property
    def test(self) -> Markdown:
        """The same table by the test images, measured once: for the end, when all is chosen."""
        return self.table("test")

    def table(self, on: Images = "validation", *, costs: bool = True) -> Markdown:
        """Mean accuracies with their intervals, differences, verdicts, and what each costs."""
        header = ["variant", f"{on} accuracy, %", "difference, points", "verdict"]
        header += ["parameters", "multiply-adds", "seconds a run"] * costs
        rows = []
        for one in self.results:
            difference = verdict = "–"
            if one is not self.baseline:
                found = self.compared(one.name, on)
                low, high = (signed(100 * x) for x in (found.low, found.high))
                difference = f"{signed(100 * found.difference)} [{low}, {high}]"
                verdict = f"{found.words(self.margin)} ({found.pairing})"
            work = "–" if one.multiply_adds is None else f"{one.multiply_adds:,}"
            price = [f"{one.parameters:,}", work, f"{one.seconds:.1f}"] * costs
            rows.append([one.name, self._mean(one, on), difference, verdict, *price])
        return table(header, rows)

    @property
    def remarks(self) -> list[str]:
        """What to know before you believe the table, in words."""
        return [*self._remarks()]

    def __str__(self) -> str:
        return "\n".join([self.table(), *(f"\n- {remark}" for remark in self.remarks)])

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    def _remarks(self) -> Iterator[str]:
        for one in self.results:
            if one.sweep is not None:
                edge = (
                    " It is the last on its side: a better one may lie beyond." * one.sweep.at_edge
                )
                tried = ", ".join(f"{rate:g}" for rate in one.sweep.rates)
                yield f"“{one.name}” took the learning rate {one.lr:g}, of {tried}.{edge}"
        for one in self.results:
            mean = float(np.mean(one.accuracies()))
            if mean < 2 / CLASSES:
                yield (
                    f"“{one.name}” has hardly learnt: {100 * mean:.0f} % where guessing gives "
                    f"{100 / CLASSES:.0f} %. Try more epochs or images, or another learning rate."
                )
        open_ones = [
            one.name for one in self.results[1:]
            if self.compared(one.name).words(self.margin) == "not told apart"
        ]  # fmt: skip
        for name in open_ones:
            found = self.compared(name)
            half = 50 * (found.high - found.low)
            yield (
                f"“{name}” is not told apart from “{self.baseline.name}”: the difference is known "
                f"to ±{half:.2f} points. {self._advice(name)}"
            )
        told = [one.name for one in self.results[1:] if one.name not in open_ones]
        judged = [self.compared(one.name) for one in self.results[1:]]
        if len(judged) > 1:
            p = [c.p_within(self.margin) if c.within(self.margin) else c.p for c in judged]
            names = [one.name for one in self.results[1:]]
            lost = [n for n, q in zip(names, holm(p), strict=True) if q >= 0.05 and n in told]
            if lost:
                quoted = " and ".join(f"“{name}”" for name in lost)
                yield (
                    f"Of {len(judged)} comparisons some find what isn't there. Taken together, by "
                    f"Holm's method, {quoted} can't be told from “{self.baseline.name}”."
                )

    def _advice(self, name: str) -> str:
        try:
            needed = self.seeds_needed(self.margin)[name]
        except ValueError:
            needed = 0
        size = f"{100 * self.margin:g} points"
        if needed and needed <= 1000:
            return f"To find one of {size} would take about {needed} seeds."
        return f"To find one of {size} would take over 1,000 seeds: look for a greater one."

    def _paired(self, name: str) -> bool:
        return self[name].shared == self.baseline.shared

    def _each(self, name: str) -> list[float]:
        """Give the differences of the seeds that both have, where these are pairs."""
        a, b = self[name].by_seed(), self.baseline.by_seed()
        return [a[seed] - b[seed] for seed in a if seed in b] if self._paired(name) else []

    def _mean(self, one: Result, on: Images) -> str:
        found: Interval = mean_interval(one.accuracies(on))
        return found.written(2, scale=100)

    def _seeds(self) -> str:
        counts = sorted({len(one.runs) for one in self.results})
        return " or ".join(map(str, counts))
