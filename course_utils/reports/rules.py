"""The rules by which a verdict falls, one for each kind of number or sentence."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np

from course_utils.basics.checks import invalid, real
from course_utils.basics.numerals import minus, signed
from course_utils.data import Dataset
from course_utils.evaluation import mean_interval, prediction_interval
from course_utils.reports.finding import Anchor, Erratum, Finding, Verdict

Number: TypeAlias = Fraction | int | float

WIDEST = 2.0  # points: a wider interval for one further run tells nothing; a loss's, its own size


def as_printed(text: str) -> tuple[Decimal, Decimal]:
    """Read a number as printed, and half a unit of its last digit.

    >>> as_printed("98.8 %"), as_printed("−102,764")
    ((Decimal('98.8'), Decimal('0.05')), (Decimal('-102764'), Decimal('0.5')))

    Raises
    ------
    ValueError
        For a text that is not one number.
    """
    plain = text.replace("−", "-").replace(",", "").strip().removesuffix("%").strip()
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", plain, re.ASCII):
        raise invalid("text", text, "use one number in decimals")
    value = Decimal(plain)
    return value, Decimal(1).scaleb(int(value.as_tuple().exponent)) / 2


def computed(
    task: str, quantity: str, theirs: str, ours: Number, place: Anchor, *,
    within: float = 0, spec: str = "", otherwise: Verdict = "wrong in the report", why: str = "",
    erratum: Erratum | None = None, cites: str = "",
) -> Finding:  # fmt: skip
    """Judge a number that has one right value: reproduced if it rounds to what the report prints.

    ``theirs`` is the number as printed; with a per cent sign, ``ours`` is a fraction of 1.
    ``within`` is how much farther off it may be, where a machine's rounding decides the last
    digits. ``spec`` formats ``ours``: by default as many digits as the report prints, and two more
    where the numbers differ. ``otherwise`` is the verdict where they do, and ``why`` needed.

    >>> computed("000j", "conv 2", "73586", 73_856, Anchor("", ""), why="64·128·9 + 128").verdict
    'wrong in the report'

    Raises
    ------
    ValueError
        For ``theirs`` that is not a number, ``ours`` that is not finite, and a missing ``why``.
    """
    value, half = as_printed(theirs)
    scale, unit = (100, " %") if "%" in theirs else (1, "")
    found = _decimal(ours) * scale
    right = abs(found - value) <= half + Decimal(str(within))
    digits = _digits(half) + (0 if right else 2)
    shown = format(found, spec or f",.{digits}f")
    difference = "0" if right else minus(_short(format(found - value, f"+,.{digits}f")))
    return _judged(
        task, quantity, theirs, minus(_short(shown, ours)) + unit, place, right, why, erratum,
        otherwise=otherwise, difference=difference, cites=cites)  # fmt: skip


def listed(
    task: str, quantity: str, theirs: str, ours: Sequence[Number], place: Anchor, *,
    why: str = "", erratum: Erratum | None = None, cites: str = "",
) -> Finding:  # fmt: skip
    """Judge one answer of several numbers: reproduced if as many are given and each rounds to it.

    ``theirs`` has ", " between the numbers, so there are no commas within them. It raises as
    ``computed`` does.

    >>> listed("000f", "receptive fields", "3, 6", [3, 6], Anchor("", "")).verdict
    'reproduced'
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
    return _judged(
        task, quantity, theirs, shown, place, right, why, erratum,
        difference="0" if right else "", cites=cites)  # fmt: skip


def stated(
    task: str, quantity: str, theirs: str, ours: str, place: Anchor, *,
    holds: bool, otherwise: Verdict = "wrong in the report", why: str = "",
    erratum: Erratum | None = None, table: bool = True, cites: str = "",
) -> Finding:  # fmt: skip
    """Judge a report's sentence, not a number: reproduced if a computed condition holds.

    ``theirs`` has it in a few words, ``ours`` what a run shows, with the numbers of the condition.
    ``otherwise`` is the verdict if it does not hold, and then ``why`` is needed.

    >>> stated("002f", "cross-entropy", "is not even", "even", Anchor("", ""), holds=False,
    ...        why="The values at z and −z are equal.").verdict
    'wrong in the report'

    Raises
    ------
    TypeError
        For ``holds`` that is not one true or false.
    ValueError
        For a missing ``why``.
    """
    if not isinstance(holds, bool | np.bool_):
        raise TypeError(f"holds: {holds!r} is invalid; use one true or false, such as x < y")
    return _judged(
        task, quantity, theirs, ours, place, bool(holds), why, erratum, otherwise=otherwise,
        table=table, cites=cites)  # fmt: skip


def untold(
    task: str, quantity: str, ours: str, place: Anchor, *, why: str, theirs: str = "",
    cites: str = "",
) -> Finding:  # fmt: skip
    """Give what can't be compared with the report, and why: lost, or of another machine."""
    return Finding(task, quantity, theirs, ours, "cannot be told", place, why, cites=cites)


def measured(
    task: str, quantity: str, theirs: str, values: Sequence[float], place: Anchor, *,
    relation: Literal["=", ">", "≈"] = "=", why: str = "", cites: str = "",
) -> Finding:  # fmt: skip
    """Judge a number that a training run gave by our runs, one value per seed.

    A report's single run (``=``) is reproduced if it lies in the interval where one further run of
    ours would lie, or rounds into it; but an interval wider than ``WIDEST`` would hold nearly
    anything, and tells nothing. With ``>``, if the interval of our mean lies above it; with ``≈``,
    if our mean rounds to it. With a per cent sign the values are fractions of 1. Fewer than two
    seeds tell nothing, unless ``≈``.
    """
    printed, half_unit = as_printed(theirs)
    value, half = float(printed), float(half_unit)
    scale, unit = (100, " %") if "%" in theirs else (1, "")
    ours = [v * scale for v in values]
    mean, one_more = mean_interval(ours), prediction_interval(ours)
    digits = max(2, _digits(half_unit)) if unit else 4
    right = {
        "=": one_more.low - half <= value <= one_more.high + half,
        ">": mean.low > value,
        "≈": abs(mean.mean - value) <= half,
    }[relation]
    verdict: Verdict = "reproduced" if right else "not reproduced"
    if mean.n == 1 and relation != "≈":
        verdict, why = "cannot be told", "One seed so far: it has no interval."
    shown = mean.written(digits, unit=unit)
    if unit and mean.high > scale:  # no accuracy is above 100 %
        shown += f"; seeds {min(ours):.{digits}f} to {max(ours):.{digits}f}"
    width = one_more.high - one_more.low
    if relation == "=" and right and width > (WIDEST if unit else abs(mean.mean)):
        lie = f"{one_more.low:.{digits}f} and {one_more.high:.{digits}f}"
        verdict = "cannot be told"
        why = f"One further run of ours would lie between {minus(lie)}{unit}: too wide to tell."
    return Finding(
        task, quantity, theirs if relation == "=" else f"{relation} {theirs}",
        shown, verdict, place, why * (verdict != "reproduced"),
        signed(round(mean.mean - value, digits) or 0, digits),
        chance=relation == "=" and mean.n > 1, cites=cites)  # fmt: skip


def on_mnist(dataset: Dataset, finding: Finding) -> Finding:
    """Give the finding as it is on MNIST; on stand-in digits, say that it needs MNIST."""
    if dataset.is_mnist:
        return finding
    why = "The digits that stand in for MNIST have other pixels."
    return replace(finding, ours="needs MNIST", verdict="cannot be told", why=why, difference="")


def scientific(number: float) -> str:
    """Write one digit and a power of ten.

    >>> scientific(1e-5), scientific(0.00372)
    ('1e-5', '4e-3')
    """
    return np.format_float_scientific(number, precision=0, exp_digits=1, trim="-")


def power_above(error: float) -> str:
    """Write the next power of ten above a rounding error, whose digits depend on the processor.

    >>> power_above(7.6e-7), power_above(0.0)
    ('1e-6', '1e-14')

    Raises
    ------
    ValueError
        For an error that is negative or not finite.
    """
    size = real("error", error, least=0)
    return f"1e{max(-14, math.ceil(math.log10(size)))}" if size else "1e-14"


def _judged(
    task: str, quantity: str, theirs: str, ours: str, place: Anchor, right: bool, why: str,
    erratum: Erratum | None, *, otherwise: Verdict = "wrong in the report", difference: str = "",
    table: bool = True, cites: str = "",
) -> Finding:  # fmt: skip
    return Finding(
        task, quantity, theirs, ours, "reproduced" if right else otherwise, place,
        "" if right else why, difference, erratum=erratum, table=table,
        cites=cites)  # fmt: skip


def _decimal(number: Number) -> Decimal:
    if isinstance(number, Fraction):
        return Decimal(number.numerator) / number.denominator
    real("ours", number)
    return Decimal(str(number))


def _digits(half: Decimal) -> int:
    """Digits after the decimal point of a number, from half a unit of its last digit."""
    return max(0, -int(half.as_tuple().exponent) - 1)


def _short(shown: str, source: Number = Fraction()) -> str:
    """Without the zeros at the end, which say nothing where a number is exact."""
    exact = "." in shown and not isinstance(source, float)
    return shown.rstrip("0").rstrip(".") if exact else shown
