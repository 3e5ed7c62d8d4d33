"""Ready pictures, shown one at a time."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from course_utils.basics.checks import invalid
from course_utils.steppers.markup import Stepper, counted, fragment

# What would load something or run something: a picture needs neither.
FOREIGN = re.compile(
    r"""<script|@import|\b(?:src|href)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?\s*(?:https?:)?//""",
    re.IGNORECASE,
)
PROLOG = re.compile(r"\A\s*(?:<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|\s)*", re.DOTALL)


def slides(
    frames: Sequence[str],
    *,
    title: str,
    captions: Sequence[str],
    alts: Sequence[str] | None = None,
) -> Stepper:
    """Step through ready pictures, as of a network while it learns.

    Parameters
    ----------
    frames : the pictures, each an inline SVG or a piece of HTML. An XML prolog is left out.
    title, captions : plain text; one caption per frame.
    alts : what each picture shows, for readers who cannot see it; the caption unless given.

    Raises
    ------
    ValueError
        For no frames, for another number of captions or alts, for a frame that is empty, runs a
        script or loads something, and for more than 60 KB.

    Examples
    --------
    >>> slides(["<svg></svg>"] * 2, title="Learning", captions=["epoch 1", "epoch 2"])
    Stepper: slides, 2 steps
    """
    if isinstance(frames, str) or not frames:
        raise invalid("frames", frames, "use at least one picture, in a list")
    alts = captions if alts is None else alts
    for name, texts in (("captions", captions), ("alts", alts)):
        if isinstance(texts, str) or len(texts) != len(frames):
            raise invalid(name, texts, f"use one text for each of {len(frames)} frames")
    figures = []
    for i, (frame, caption, alt) in enumerate(zip(frames, captions, alts, strict=True)):
        picture = PROLOG.sub("", frame).strip()
        if not picture:
            raise ValueError(f"frames[{i}]: {frame!r} is empty; use SVG or HTML")
        foreign = FOREIGN.search(picture)
        if foreign:
            raise ValueError(
                f"frames[{i}]: {foreign.group()!r} runs or loads something; "
                "use a frame that is complete in itself"
            )
        figures.append(
            f'<div class="f"><div role="img" aria-label="{html.escape(alt)}">{picture}</div>'
            f"<p>{html.escape(caption)}</p></div>"
        )
    text = fragment("slides", title, "".join(figures))
    return Stepper(f"slides, {counted(len(frames))}", text)
