"""Text for whatever encoding the output has: a sign that it lacks is written in plain letters."""

from __future__ import annotations

import codecs
import sys
import unicodedata

__all__ = ["plainly", "say", "spare_the_output"]

_PLAIN = {
    "✓": "[ok]", "✗": "[x]", "−": "-", "–": "-", "—": "-", "…": "...", "×": "x", "·": "*",
    "“": '"', "”": '"', "‘": "'", "’": "'", "→": "->", "≤": "<=", "≥": ">=", "≈": "~", "±": "+-",
    "σ": "sigma", "Σ": "sum", "∂": "d", "√": "sqrt", "½": "1/2",
}  # fmt: skip


def plainly(text: str, encoding: str | None) -> str:
    """Replace the signs that an encoding lacks.

    >>> plainly("✓ 2 × 2 − 1 ≤ ∞", "ascii"), plainly("2 × 2", "cp1252")
    ('[ok] 2 x 2 - 1 <= ?', '2 × 2')
    """
    encoding = encoding or "utf-8"
    return text.encode(encoding, _NAME).decode(encoding)


def say(text: str) -> None:
    """Print text, in whatever encoding the output has."""
    print(plainly(text, getattr(sys.stdout, "encoding", None)))


def spare_the_output() -> None:
    """Let everything that this program prints be written plainly where it has to be."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_NAME)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(map(_plain, signs)), error.end


def _plain(sign: str) -> str:
    letters = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return _PLAIN.get(sign) or letters or "?"


_NAME = "course-utils-plainly"
codecs.register_error(_NAME, _replace)
