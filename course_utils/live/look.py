"""A network in the page: drawn on, looked into, and run backwards, without a kernel."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from course_utils.basics.checks import invalid, lookup
from course_utils.experiments import REGISTRY
from course_utils.fragments import Fragment, assemble
from course_utils.live.networks import NETWORKS, described, load

__all__ = ["DIGITS", "Look", "look"]

HERE = Path(__file__).parent
DIGITS = HERE / "digits.npz"
LIMIT = 1_100_000  # bytes; 700,000 of them are weights
SCALES = {"unit": (0.0, 1.0), "half": (0.5, 0.5)}  # what is taken off a pixel, and divides it


class Look(Fragment):
    """A network that runs in the page: HTML that notebooks show, complete in itself."""


@cache
def digits() -> tuple[Any, Any]:
    """Twenty test images of MNIST, two of each digit, ``[20, 28, 28]`` of uint8; their labels."""
    with np.load(DIGITS) as stored:
        return stored["images"], stored["labels"]


def look(*names: str, beside: str | None = None, folded: str = "", small: bool = False) -> Look:
    """Show networks of the course: draw a digit, see every map, send a gradient back.

    Parameters
    ----------
    names : of ``NETWORKS``, for the reader to choose from; the first is shown.
    beside : one of them, shown beside it from the start.
    folded : words to press before anything is shown; without them, all is shown at once.
    small : leave out the switches and sliders, and every layer but the convolutions.

    Raises
    ------
    ValueError
        For no name, one that is not in ``NETWORKS``, or ``beside`` that is not among them.

    Examples
    --------
    >>> look("cnn-8-16-32-adam")
    Look: three convolutions, 8–16–32
    """
    if not names:
        raise invalid("names", names, f"use one or more of {', '.join(NETWORKS)}")
    for name in names:
        lookup("names", name, NETWORKS)
    images, labels = digits()
    seen = [int((labels[:k] == label).sum()) for k, label in enumerate(labels)]
    data: dict[str, Any] = {
        "networks": [_network(name) for name in names],
        "digits": [
            [f"{label}{', another' * bool(before)}", base64.b64encode(image.tobytes()).decode()]
            for image, label, before in zip(images, labels.tolist(), seen, strict=True)
        ],
    }
    if beside is not None:
        if beside not in names:
            raise invalid("beside", beside, f"use one of {', '.join(names)}")
        data["second"] = str(names.index(beside))
    words = " or ".join(NETWORKS[name] for name in names)
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = assemble(
        "A network to draw on",
        _table(names) + f'<script type="application/json" class="data">{packed}</script>',
        name=f"cnl{' small' * small} mathjax_ignore tex2jax_ignore",
        folder=HERE,
        script="look.js",
        uses=["engine.js"],
        styles=["look.css"],
        attributes={"data-folded": folded} if folded else None,
    )
    if len(text.encode()) > LIMIT:
        raise ValueError(f"names: {len(text.encode()):,} bytes are too many; use fewer networks")
    return Look(words, text)


def _network(name: str) -> dict[str, Any]:
    mean, std = SCALES[REGISTRY[name].normalization]
    return {**described(name), "mean": mean, "std": std}


def _table(names: Sequence[str]) -> str:
    """What stands there without a script, and on paper: the networks' answers to one digit."""
    images, labels = digits()
    pixels = torch.from_numpy(images[:1]).double()[:, None] / 255
    head = "<tr><th>network</th>" + "".join(f"<th>{k}</th>" for k in range(10)) + "</tr>"
    rows = []
    for name in names:
        spec = _network(name)
        with torch.no_grad():
            scores = load(name)(((pixels - spec["mean"]) / spec["std"]).float())
        shares = scores.double().softmax(1)[0]
        cells = "".join(f"<td>{100 * share:.1f} %</td>" for share in shares.tolist())
        rows.append(f"<tr><td>{html.escape(NETWORKS[name])}</td>{cells}</tr>")
    said = f"<p>What each network says of a test digit {labels[0]}, with how much confidence:</p>"
    return f"{said}<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
