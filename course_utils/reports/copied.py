"""CSCI4146's prose beside its own logs: tasks 004a to 004l."""

from collections.abc import Iterator

from course_utils.basics.numerals import per_cent
from course_utils.experiments import as_run
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.rules import as_printed, stated

(COPIED,) = anchors("06x_reading_a_report", "Numbers copied by hand")

# What networks with batch norm and no dropout reached, approximately, by the prose.
ABOUT = (92, 96, 97, 97)

# The accuracies that the prose gives to two digits, or one, by task.
PROSE = {
    "a": ("78.27", "78.64"), "b": ("90.71",), "c": ("90.51",), "d": ("97.94", "97.40"),
    "e": ("92.84",), "f": ("92.89",), "g": ("92.76",), "h": ("97.72",),
    "i": ("90.67",), "j": ("95.7",), "k": ("96.89",), "l": ("96.57",),
}  # fmt: skip


def logged(letter: str) -> float:
    """The test accuracy that the report's program printed for a task of 004."""
    return as_run(f"004{letter}").claimed("as_run_accuracy")


def differing() -> list[tuple[str, str, float]]:
    """Give the numbers of the prose that their log doesn't round to: task, prose, log."""
    found = []
    for letter, numbers in PROSE.items():
        for number in numbers:
            value, half = as_printed(number)
            if abs(100 * logged(letter) - float(value)) > float(half) + 1e-9:
                found.append((f"004{letter}", number, logged(letter)))
    return found


def findings() -> Iterator[Finding]:
    """Give the findings about the report's sentences: they need its own logs and no run."""
    wrong, total = differing(), sum(map(len, PROSE.values()))
    told = ", ".join(f"{said} for {100 * log:.2f}" for _, said, log in wrong)
    yield stated(
        "004a", "accuracies in the prose", f"{total} accuracies of tasks 004a to 004l",
        f"{len(wrong)} of {total} differ from the report's own logs", COPIED, holds=not wrong,
        why=f"In per cent, prose for log: {told}. Whether they were copied amiss or are another "
        "run's, it doesn't say.",
        erratum=Erratum(22, "The prose gives the accuracies that the networks reached.",
            f"{len(wrong)} of its {total} exact accuracies differ from its own logs."),
        cites="the obtained accuracy of 78.27% using Stochastic Gradient Descent")  # fmt: skip
    gain = logged("b") - logged("a")
    yield stated(
        "004b", "momentum after SGD", "a significant increase",
        f"{per_cent(logged('b'))} after {per_cent(logged('a'))}, by its own logs", COPIED,
        holds=gain > 0.01, why=f"That is {100 * gain:.2f} points.",
        cites="Despite a significant increase in accuracy")  # fmt: skip
    gain = logged("c") - logged("b")
    yield stated(
        "004c", "RMSprop after momentum", "no significant improvement",
        f"{per_cent(logged('c'))} after {per_cent(logged('b'))}, by its own logs", COPIED,
        holds=gain < 0.01, why=f"That is {100 * gain:.2f} points more.",
        cites="our accuracy has not shown significant improvement")  # fmt: skip
    best = max("abc", key=logged)
    yield stated(
        "004c", "the best optimizer before Adam", "gradient descent",
        f"by its own logs, in per cent: SGD {100 * logged('a'):.2f}, momentum "
        f"{100 * logged('b'):.2f}, RMSprop {100 * logged('c'):.2f}", COPIED, holds=best != "c",
        why="RMSprop is ahead of both.",
        cites="gradient descent has yielded the highest accuracy")  # fmt: skip
    pairs = [(logged(b), logged(a)) for a, b in zip("efgh", "ijkl", strict=True)]
    told = ", ".join(f"{100 * b:.2f} after {100 * a:.2f}" for b, a in pairs)
    yield stated(
        "004i", "dropout, as announced", "significant improvements",
        f"in per cent, by its own logs: {told}", COPIED, holds=any(b > a for b, a in pairs),
        why="It is lower with each optimizer; the report itself ends with a negligible decrease "
        "across all of them.",
        cites="has shown significant improvements, leading to enhanced accuracy")  # fmt: skip
    before = [100 * logged(letter) for letter in "efgh"]
    yield stated(
        "004i", "accuracy before dropout", "approximately " + ", ".join(f"{n} %" for n in ABOUT),
        f"in per cent, by its own logs: {', '.join(f'{log:.2f}' for log in before)}", COPIED,
        holds=all(abs(n - log) < 1 for n, log in zip(ABOUT, before, strict=True)),
        why="One is a point off or more.",
        cites="our model achieved an accuracy of approximately 92%")  # fmt: skip
