"""What is a line of the reproduction table? A report's number, ours, and a verdict by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from course_utils.evaluation import mean_interval, prediction_interval

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
    ``page`` is a notebook without its ending and ``section`` a heading of it.
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


@dataclass(frozen=True)
class Place:
    """Where the book shows it: a notebook without its ending, and one of its headings."""

    page: str
    section: str


def as_printed(text: str) -> tuple[Decimal, Decimal]:
    """A number as printed, and half a unit of its last digit.

    >>> as_printed("98.8 %"), as_printed("102,764,544"), as_printed("−2.80")
    ((Decimal('98.8'), Decimal('0.05')), (Decimal('102764544'), Decimal('0.5')), \
(Decimal('-2.80'), Decimal('0.005')))

    Raises ValueError for a text that is not one number.
    """
    plain = text.replace("−", "-").replace(",", "").replace("%", "").strip()
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", plain):
        raise ValueError(f"text: {text!r} is not one number in decimals")
    value = Decimal(plain)
    return value, Decimal(1).scaleb(int(value.as_tuple().exponent)) / 2


def computed(
    task: str,
    quantity: str,
    theirs: str,
    ours: Fraction | int | float,
    place: Place,
    *,
    spec: str = "",
    why: str = "",
) -> Row:
    """A number that has one right value: reproduced if it rounds to what the report prints.

    ``theirs`` is the number as printed; with a per cent sign, ``ours`` is a fraction of 1. ``spec``
    formats ``ours``: by default an integer with commas, else as many digits as the report prints,
    and two more where these differ. ``why`` is needed where the two differ.

    >>> computed("000j", "conv 2", "73586", 73_856, Place("", ""), why="64 · 128 · 9 + 128").verdict
    'wrong in the report'
    """
    value, half = as_printed(theirs)
    per_cent = "%" in theirs
    exact = (Decimal(ours.numerator) / ours.denominator) if isinstance(ours, Fraction) else ours
    found = Decimal(str(exact)) * (100 if per_cent else 1)
    right = abs(found - value) <= half
    digits = max(0, -int(half.as_tuple().exponent) - 1) + (0 if right else 2)
    spec = spec or (",d" if isinstance(ours, int) else f",.{digits}f")
    shown = format(found if spec[-1] != "d" else int(found), spec)
    if "." in shown and not isinstance(ours, float):
        shown = shown.rstrip("0").rstrip(".")
    difference = "0" if right else _signed(found - value)
    return Row(
        task, quantity, theirs, minus(shown) + (" %" if per_cent else ""),
        "reproduced" if right else "wrong in the report", place.page, place.section,
        "" if right else why, difference,
    )  # fmt: skip


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
    value, half = (float(x) for x in as_printed(theirs))
    scale = 100 if "%" in theirs else 1
    ours = [v * scale for v in values]
    mean, one_more = mean_interval(ours), prediction_interval(ours)
    digits = max(2, -as_printed(theirs)[0].as_tuple().exponent) if scale == 100 else 4
    unit = " %" if scale == 100 else ""
    spread = "" if mean.n == 1 else f" ± {mean.half_width:.{digits}f}"
    shown = f"{mean.mean:.{digits}f}{spread}{unit} (n = {mean.n})"
    sign = "" if relation == "=" else f"{relation} "
    if mean.n == 1 and relation != "≈":
        verdict: Verdict = "cannot be told"
        why = "One seed so far: it has no interval."
    elif relation == "=":
        inside = one_more.low - half <= value <= one_more.high + half
        verdict = "reproduced" if inside else "not reproduced"
    elif relation == ">":
        verdict = "reproduced" if mean.low > value else "not reproduced"
    else:
        verdict = "reproduced" if abs(mean.mean - value) <= half else "not reproduced"
    return Row(
        task, quantity, sign + theirs, shown, verdict, place.page, place.section,
        "" if verdict == "reproduced" else why, minus(f"{mean.mean - value:+.{digits}f}"),
    )  # fmt: skip


def minus(text: str) -> str:
    """The sign that mathematics has, for the hyphen that Python prints."""
    return re.sub(r"(?<![\w.])-(?=[\d.])", "−", text)


def _signed(number: Decimal) -> str:
    return minus(f"{number.normalize():+,f}")
