"""XOR in the page: trained step by step, or a hundred seeds at once, without a kernel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch

from course_utils import xor
from course_utils.fragments import Fragment, assemble

__all__ = ["XorTrainer", "xor_trainer"]

STEPS = 3000


class XorTrainer(Fragment):
    """XOR that trains in the page: HTML that notebooks show, complete in itself."""


def xor_trainer(
    rates: Mapping[tuple[str, int, float], xor.Rate] | None = None, folded: str = ""
) -> XorTrainer:
    """Show the network 2–hidden–1, to be trained with any seed, rate, activation and width.

    A seed begins with the weights that PyTorch gives it, and a step is one of ``xor.train``.

    Parameters
    ----------
    rates : how often the network solves XOR, by activation, hidden units and learning rate; shown
        beside what a hundred seeds in the page give, with what other hundreds would give.
    folded : words to press before anything is shown; without them, all is shown at once.

    Examples
    --------
    >>> xor_trainer({("tanh", 2, 0.1): xor.rate(687, 1000)})
    XorTrainer: XOR, 1 known share
    """
    known = {
        f"{activation} {hidden} {lr:g}": [found.n, found.mean]
        for (activation, hidden, lr), found in (rates or {}).items()
    }
    text = assemble(
        "XOR, trained in this page",
        _table() + f'<script type="application/json" class="data">{json.dumps(known)}</script>',
        name="cxr mathjax_ignore tex2jax_ignore",
        folder=Path(__file__).parent,
        script="xor.js",
        uses=["xor_engine.js"],
        styles=["xor.css"],
        attributes={"data-folded": folded} if folded else None,
    )
    return XorTrainer(f"XOR, {len(known)} known share{'s' * (len(known) != 1)}", text)


def _table() -> str:
    """What stands there without a script, and on paper: one seed's loss and outputs."""
    model = xor.network(42, dtype=torch.float64)
    losses = xor.train(model, STEPS + 1)
    rows = "".join(
        f"<tr><td>{step:,}</td><td>{losses[step]:.4f}</td></tr>"
        for step in range(0, STEPS + 1, 500)
    )
    return (
        "<p>Seed 42, two hidden units, tanh, learning rate 0.1:</p><table><thead><tr><th>step</th>"
        f"<th>loss, in nats</th></tr></thead><tbody>{rows}</tbody></table>"
    )
