"""What is a line of the reproduction table? A report's number, ours, and a verdict by rule."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np

from course_utils.evaluation import Interval, mean_interval, prediction_interval

Number: TypeAlias = Fraction | int | float
Verdict = Literal["reproduced", "not reproduced", "wrong in the report", "cannot be told"]

VERDICTS: tuple[Verdict, ...] = (
    "reproduced", "not reproduced", "wrong in the report", "cannot be told",
)  # fmt: skip

SOURCES = {"000": "TMU-HW4", "001": "1RT720", "002": "CIS6800", "003": "DS5220", "004": "CSCI4146"}


@dataclass(frozen=True)
class Row:
    """A number of a report beside ours. All texts are plain, numbers in them with a full stop.

    ``task`` is the inventory's number, ``quantity`` what the number is of. ``theirs`` is "" where
    the report gives none. ``why`` says what the verdict rests on; only "reproduced" needs none.
    ``page`` is a notebook without its ending and ``section`` a heading of it. ``chance`` marks a
    single run held against ours: one in twenty of those falls outside by chance alone.
    """

    task: str
    quantity: str
    theirs: str
    ours: str
    verdict: Verdict
    page: str
    section: str
    why: str = ""
    difference: str = ""
    chance: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"00[0-4][a-p]", self.task):
            raise ValueError(f"task: {self.task!r} is no inventory number such as 000a")
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict: {self.verdict!r} is none of {', '.join(VERDICTS)}")
        if self.verdict != "reproduced" and not self.why:
            raise ValueError(f"why: {self.task}, {self.quantity}: {self.verdict!r} needs a reason")

    @property
    def report(self) -> str:
        """The report's course code."""
        return SOURCES[self.task[:3]]

    @property
    def href(self) -> str:
        """Where the built book shows it."""
        return Place(self.page, self.section).href


@dataclass(frozen=True)
class Place:
    """Where the book shows it: a notebook without its ending, and one of its headings."""

    page: str
    section: str

    @property
    def href(self) -> str:
        """The place in the built book. Its anchors follow docutils' ``make_id``.

        >>> Place("06a_cnn_baseline", "The 8–16–32 baseline").href
        '06a_cnn_baseline.html#the-81632-baseline'
        """
        plain = unicodedata.normalize("NFKD", self.section.lower()).encode("ascii", "ignore")
        words = re.sub(r"[^a-z0-9]+", "-", plain.decode())
        return f"{self.page}.html#{words.lstrip('-0123456789').rstrip('-')}"


def as_printed(text: str) -> tuple[Decimal, Decimal]:
    """A number as printed, and half a unit of its last digit.

    >>> as_printed("98.8 %"), as_printed("102,764,544"), as_printed("−2.80")
    ((Decimal('98.8'), Decimal('0.05')), (Decimal('102764544'), Decimal('0.5')), \
(Decimal('-2.80'), Decimal('0.005')))

    Raises ValueError for a text that is not one number.
    """
    plain = text.replace("−", "-").replace(",", "").strip().removesuffix("%").strip()
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", plain, re.ASCII):
        raise ValueError(f"text: {text!r} is not one number in decimals")
    value = Decimal(plain)
    return value, Decimal(1).scaleb(int(value.as_tuple().exponent)) / 2


def computed(
    task: str,
    quantity: str,
    theirs: str,
    ours: Number,
    place: Place,
    *,
    within: float = 0,
    spec: str = "",
    why: str = "",
) -> Row:
    """A number that has one right value: reproduced if it rounds to what the report prints.

    ``theirs`` is the number as printed; with a per cent sign, ``ours`` is a fraction of 1.
    ``within`` is how much farther off it may be, where a machine's rounding decides the last
    digits. ``spec`` formats ``ours``: by default as many digits as the report prints, and two more
    where the numbers differ. ``why`` is needed where they do.

    >>> computed("000j", "conv 2", "73586", 73_856, Place("", ""), why="64 · 128 · 9 + 128").verdict
    'wrong in the report'

    Raises ValueError for ``theirs`` that is no number, ``ours`` that is not finite, and a missing
    ``why``.
    """
    value, half = as_printed(theirs)
    scale, unit = (100, " %") if "%" in theirs else (1, "")
    found = _decimal(ours) * scale
    right = abs(found - value) <= half + Decimal(str(within))
    digits = _digits(half) + (0 if right else 2)
    shown = format(found, spec or f",.{digits}f")
    return _row(
        task, quantity, theirs, minus(_short(shown, ours)) + unit, place,
        "reproduced" if right else "wrong in the report", why,
        "0" if right else minus(_short(format(found - value, f"+,.{digits}f"))),
    )  # fmt: skip


def listed(
    task: str, quantity: str, theirs: str, ours: Sequence[Number], place: Place, *, why: str = ""
) -> Row:
    """One answer of several numbers: reproduced if as many are given and each rounds to theirs.

    ``theirs`` has ", " between the numbers, so there are no commas within them.

    >>> listed("000f", "receptive fields", "3, 6", [3, 6], Place("", "")).verdict
    'reproduced'

    Raises ValueError as ``computed`` does.
    """
    printed = [as_printed(number) for number in theirs.split(", ")]
    found = [_decimal(number) for number in ours]
    right = len(printed) == len(found) and all(
        abs(number - value) <= half for number, (value, half) in zip(found, printed, strict=True)
    )
    digits = max(_digits(half) for _, half in printed)
    shown = ", ".join(
        minus(_short(f"{number:.{digits}f}", source))
        for number, source in zip(found, ours, strict=True)
    )
    return _row(
        task, quantity, theirs, shown, place,
        "reproduced" if right else "wrong in the report", why, "0" if right else "",
    )  # fmt: skip


def stated(
    task: str,
    quantity: str,
    theirs: str,
    ours: str,
    place: Place,
    *,
    holds: bool,
    otherwise: Verdict = "wrong in the report",
    why: str = "",
) -> Row:
    """A report's sentence, not a number: reproduced if a computed condition holds.

    ``theirs`` has it in a few words, ``ours`` what a run shows, with the numbers of the condition.
    ``otherwise`` is the verdict if it does not hold, and then ``why`` is needed.

    >>> stated("002f", "cross-entropy", "is not even", "even", Place("", ""), holds=False,
    ...        why="The values at z and −z are equal.").verdict
    'wrong in the report'

    Raises TypeError if ``holds`` is not one true or false, ValueError for a missing ``why``.
    """
    if not isinstance(holds, bool | np.bool_):
        raise TypeError(f"holds: {holds!r} must be one true or false, such as x < y")
    return _row(task, quantity, theirs, ours, place, "reproduced" if holds else otherwise, why)


def untold(task: str, quantity: str, ours: str, place: Place, *, why: str, theirs: str = "") -> Row:
    """What cannot be held against the report, and why not: lost, not given, another machine's."""
    return _row(task, quantity, theirs, ours, place, "cannot be told", why)


def measured(
    task: str,
    quantity: str,
    theirs: str,
    values: Sequence[float],
    place: Place,
    *,
    relation: Literal["=", ">", "≈"] = "=",
    why: str = "",
) -> Row:
    """A number that a training run gave, held against our runs, one value a seed.

    A report's single run (``=``) is reproduced if it lies in the interval where one further run of
    ours would lie, or rounds into it. With ``>``, if the interval of our mean lies above it; with
    ``≈``, if our mean rounds to it. With a per cent sign the values are fractions of 1. Fewer than
    two seeds tell nothing, unless ``≈``.
    """
    printed, half_unit = as_printed(theirs)
    value, half = float(printed), float(half_unit)
    scale, unit = (100, " %") if "%" in theirs else (1, "")
    ours = [v * scale for v in values]
    mean, one_more = mean_interval(ours), prediction_interval(ours)
    digits = max(2, _digits(half_unit)) if unit else 4
    shown = in_full(mean, digits, unit)
    sign = "" if relation == "=" else f"{relation} "
    verdict: Verdict
    if mean.n == 1 and relation != "≈":
        verdict, why = "cannot be told", "One seed so far: it has no interval."
    elif relation == "=":
        inside = one_more.low - half <= value <= one_more.high + half
        verdict = "reproduced" if inside else "not reproduced"
    elif relation == ">":
        verdict = "reproduced" if mean.low > value else "not reproduced"
    else:
        verdict = "reproduced" if abs(mean.mean - value) <= half else "not reproduced"
    difference = minus(f"{round(mean.mean - value, digits) or 0:+.{digits}f}")
    row = _row(task, quantity, sign + theirs, minus(shown), place, verdict, why, difference)
    return replace(row, chance=relation == "=" and mean.n > 1)


def in_full(mean: Interval, digits: int, unit: str = "") -> str:
    """A mean over seeds, half of its interval where it has one, and how many seeds.

    >>> in_full(mean_interval([97, 96, 98]), 2, " %"), in_full(mean_interval([0.97]), 4)
    ('97.00 ± 2.48 % (n = 3)', '0.9700 (n = 1)')
    """
    spread = "" if mean.n == 1 else f" ± {mean.half_width:.{digits}f}"
    return f"{mean.mean:.{digits}f}{spread}{unit} (n = {mean.n})"


def minus(text: str) -> str:
    """The sign that mathematics has, for the hyphen that Python prints."""
    return re.sub(r"(?<![\w.])-(?=[\d.])", "−", text)


def _row(
    task: str,
    quantity: str,
    theirs: str,
    ours: str,
    place: Place,
    verdict: Verdict,
    why: str,
    difference: str = "",
) -> Row:
    why = "" if verdict == "reproduced" else why
    return Row(task, quantity, theirs, ours, verdict, place.page, place.section, why, difference)


def _decimal(number: Number) -> Decimal:
    if isinstance(number, Fraction):
        return Decimal(number.numerator) / number.denominator
    if not math.isfinite(number):
        raise ValueError(f"ours: {number} is not finite; a number that has a right value is")
    return Decimal(str(number))


def _digits(half: Decimal) -> int:
    """Digits after the decimal point of a number, from half a unit of its last digit."""
    return max(0, -int(half.as_tuple().exponent) - 1)


def _short(shown: str, source: Number = Fraction()) -> str:
    """Without the zeros at the end, which say nothing where a number is exact."""
    exact = "." in shown and not isinstance(source, float)
    return shown.rstrip("0").rstrip(".") if exact else shown
