"""Numbers as readers see them: a true minus, per cent, brackets around what is negative."""

from __future__ import annotations

import re

__all__ = ["bracketed", "minus", "per_cent", "signed"]

MINUS = "−"


def minus(text: str) -> str:
    """Replace the hyphen before a number by the minus sign of mathematics.

    A hyphen within a word, a name or a range stays.

    >>> minus("-2.5 and -.5, or x(-1), of mlp-500 with lr 1e-3")
    '−2.5 and −.5, or x(−1), of mlp-500 with lr 1e-3'
    """
    return re.sub(r"(?<![\w.])-(?=[\d.])", MINUS, text)


def signed(number: float, digits: int = 2) -> str:
    """Write a number with its sign, plus or minus.

    >>> signed(0.125), signed(-1.5, 1)
    ('+0.12', '−1.5')
    """
    return minus(f"{number:+,.{digits}f}")


def per_cent(fraction: float, digits: int = 2) -> str:
    """Write a fraction of 1 in per cent.

    >>> per_cent(0.9803), per_cent(-0.125, 1)
    ('98.03 %', '−12.5 %')
    """
    return minus(f"{100 * fraction:.{digits}f} %")


def bracketed(text: str) -> str:
    """Put brackets around a number that begins with a minus: for the inside of a sum or product.

    >>> bracketed("−2"), bracketed("2")
    ('(−2)', '2')
    """
    return f"({text})" if text.startswith(MINUS) else text
