"""Texts as the HTML of an explorer, with its script and style, within its size."""

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_utils.fragments import Fragment, assemble

HERE = Path(__file__).parent


class Explorer(Fragment):
    """What a reader looks things up in: HTML that notebooks show, complete in itself."""


def inline(text: str) -> str:
    """Escape a text, and set what stands between backticks as code.

    >>> inline("`fit` needs n < 5")
    '<code>fit</code> needs n &lt; 5'

    The spaces in "98.74 %", "± 0.05" and "(n = 5)" become such that no line breaks there.
    """
    text = re.sub(
        r"(?<=\d) (?=%)|(?<=±) (?=\d)|(?<=\(n) (?==)|(?<=\(n =) (?=\d)", "\N{NO-BREAK SPACE}", text
    )
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def explorer(
    summary: str,
    title: str,
    source: str,
    *,
    kind: str,
    limit: int,
    styles: Sequence[str] = ("explorer.css", "table.css"),
    attributes: Mapping[str, str] | None = None,
) -> Explorer:
    """Put an explorer together; ``kind`` names its class and its script."""
    text = assemble(
        title,
        source,
        # MathJax, which JupyterLab lets loose on every output, takes dollar signs for formulas.
        name=f"cex cex-{kind} mathjax_ignore tex2jax_ignore",
        folder=HERE,
        script=f"{kind}.js",
        styles=styles,
        attributes=attributes,
    )
    size = len(text.encode())
    if size > limit:
        raise ValueError(f"{summary}: {size:,} bytes are too many; use less, {limit:,} at most")
    return Explorer(summary, text)
