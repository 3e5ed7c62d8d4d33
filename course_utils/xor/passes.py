"""One example through a network of two hidden units and back, as pictures to step through."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from course_utils.basics.checks import invalid

__all__ = ["passes"]

Floats = npt.NDArray[np.float64]

INK, FORTH, BACK, PALE = "#1A1A1A", "#0072B2", "#C24400", "#9AA3AD"
INPUTS, HIDDEN, OUT = [(80, 130), (80, 370)], [(440, 130), (440, 370)], (760, 250)
RADIUS, MINUS = 46, "\N{MINUS SIGN}"
SUBSCRIPTS = "₁₂"
# Where a number stands beside its edge or node: first the weights, then what flows back to them.
AT_W = [[(250, 112), (210, 302)], [(210, 184), (250, 402)]]
AT_V = [(610, 168), (610, 346)]
AT_B = [(440, 202), (440, 272)]


def passes(
    w: npt.ArrayLike,
    b: npt.ArrayLike,
    v: npt.ArrayLike,
    c: float,
    x: npt.ArrayLike,
    y: float,
    lr: float = 0.1,
) -> tuple[list[str], list[str]]:
    """Draw the way of one example forwards, back, and one step of learning.

    The network is u = w x + b, h = tanh(u), z = v · h + c, p = σ(z), with the cross-entropy of p
    and the target ``y`` as loss. Returns small SVGs and a caption for each.

    >>> frames, captions = passes([[1, 0], [0, 1]], [0, 0], [1, 1], 0, x=[1, 0], y=1)
    >>> captions[2]
    'The bend: h₁ = tanh(1) = 0.762 and h₂ = tanh(0) = 0.'

    Raises
    ------
    ValueError
        For shapes other than [2, 2], [2], [2] and [2], and a target that is not 0 or 1.
    """
    found = _numbers(w, b, v, c, x, y)
    captions = list(_captions(found, lr))
    return [_frame(found, stage) for stage in range(len(captions))], captions


def _numbers(
    w: npt.ArrayLike, b: npt.ArrayLike, v: npt.ArrayLike, c: float, x: npt.ArrayLike, y: float
) -> dict[str, Floats]:
    """Every number of the way: values under their letters, gradients under "d" and a letter."""
    n = {"w": w, "b": b, "v": v, "c": c, "x": x, "y": y}
    at = {name: np.asarray(value, dtype=float) for name, value in n.items()}
    for name, shape in {"w": (2, 2), "b": (2,), "v": (2,), "c": (), "x": (2,)}.items():
        if at[name].shape != shape:
            raise ValueError(f"{name}: shape {at[name].shape} is invalid; use {shape}")
    if y not in (0, 1):
        raise invalid("y", y, "use 0 or 1")
    at["u"] = at["w"] @ at["x"] + at["b"]
    at["h"] = np.tanh(at["u"])
    at["z"] = at["v"] @ at["h"] + at["c"]
    at["p"] = 1 / (1 + np.exp(-at["z"]))
    at["loss"] = -np.log(at["p"] if y else 1 - at["p"])
    at["dz"] = at["p"] - at["y"]
    at["dv"], at["dc"], at["dh"] = at["dz"] * at["h"], at["dz"], at["dz"] * at["v"]
    at["du"] = at["dh"] * (1 - at["h"] ** 2)
    at["dw"], at["db"] = np.outer(at["du"], at["x"]), at["du"]
    return at


def _text(value: float | Floats, digits: int = 3) -> str:
    """Write a number without zeros that say nothing, and with a true minus."""
    written = f"{float(value):.{digits}f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "0", "") else written.replace("-", MINUS)


def _bracketed(value: float | Floats) -> str:
    return f"({_text(value)})" if value < 0 else _text(value)


def _captions(n: dict[str, Floats], lr: float) -> Iterator[str]:
    target, on = ("1", "on") if n["y"] else ("0", "off")
    x1, x2 = (_text(x) for x in n["x"])
    yield f"One case: the switches are {x1} and {x2}, and the light should be {on}."
    sums = [
        f"u{SUBSCRIPTS[j]} = {_text(n['w'][j, 0])} · {x1} + {_bracketed(n['w'][j, 1])} · {x2} + "
        f"{_bracketed(n['b'][j])} = {_text(n['u'][j])}"
        for j in (0, 1)
    ]
    yield f"Each hidden unit adds up. {sums[0]}, and {sums[1]}."
    bent = [f"h{SUBSCRIPTS[j]} = tanh({_text(n['u'][j])}) = {_text(n['h'][j])}" for j in (0, 1)]
    yield f"The bend: {bent[0]} and {bent[1]}."
    votes = " + ".join(f"{_bracketed(n['v'][j])} · {_bracketed(n['h'][j])}" for j in (0, 1))
    yield (
        f"The output: z = {votes} + {_bracketed(n['c'])} = {_text(n['z'])}, and p = σ(z) = "
        f"{_text(n['p'])}."
    )
    given = "p" if n["y"] else "(1 − p)"
    yield f"The loss is the surprise, {MINUS}ln {given} = {_text(n['loss'])}. Now back."
    delta = _text(n["dz"])
    yield f"δ = p − y = {_text(n['p'])} − {target} = {delta}: how the loss changes with z."
    dv = [f"{_bracketed(n['dz'])} · {_bracketed(n['h'][j])} = {_text(n['dv'][j])}" for j in (0, 1)]
    yield f"To the output's weights: δ · h₁ = {dv[0]} and δ · h₂ = {dv[1]}. To its bias: δ itself."
    dh = [f"{_bracketed(n['dz'])} · {_bracketed(n['v'][j])} = {_text(n['dh'][j])}" for j in (0, 1)]
    yield f"To the hidden units, along the same weights: δ · v₁ = {dh[0]} and δ · v₂ = {dh[1]}."
    du = [
        f"{_bracketed(n['dh'][j])} · (1 − {_text(n['h'][j] ** 2)}) = {_text(n['du'][j])}"
        for j in (0, 1)
    ]
    yield f"Through the bend, times its slope 1 − h²: {du[0]} and {du[1]}."
    yield (
        f"To the first weights, times their inputs, {x1} and {x2}. To the biases, as it is. Nine "
        "gradients for nine weights."
    )
    loss = _after(n, lr)
    yield f"One step, w − {_text(lr)} · ∂L/∂w, for all nine: the loss goes to {_text(loss)}."


def _after(n: dict[str, Floats], lr: float) -> Floats:
    """Give the loss once every weight has moved."""
    w, b, v, c = (n[name] - lr * n[f"d{name}"] for name in "wbvc")
    return _numbers(w, b, v, float(c), n["x"], float(n["y"]))["loss"]


def _frame(n: dict[str, Floats], stage: int) -> str:
    """Draw the network as far as the way has come."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 500" font-family="sans-serif" '
        'font-size="27" text-anchor="middle" style="display:block;width:100%;max-width:600px">'
        '<path d="M0 0h880v500H0z" fill="#fff"/>'
        + "".join(_edges(stage))
        + "".join(_nodes(n, stage))
        + f'<g fill="{INK}">{"".join(_values(n, stage))}</g>'
        + f'<g fill="{BACK}" font-weight="bold">{"".join(_gradients(n, stage))}</g></svg>'
    )


def _edges(stage: int) -> Iterator[str]:
    first = FORTH if stage == 1 else BACK if stage == 9 else PALE
    last = FORTH if stage == 3 else BACK if stage in (6, 7) else PALE
    for starts, ends, colour in ((INPUTS, HIDDEN, first), (HIDDEN, [OUT], last)):
        width = 3 if colour == PALE else 6
        lines = "".join(f"M{a} {b}L{x} {y}" for a, b in starts for x, y in ends)
        yield f'<path d="{lines}" stroke="{colour}" stroke-width="{width}"/>'


def _nodes(n: dict[str, Floats], stage: int) -> Iterator[str]:
    shown = [(at, f"x{s}", x, True) for at, s, x in zip(INPUTS, SUBSCRIPTS, n["x"], strict=True)]
    shown += [
        (at, f"h{s}", h, stage >= 2) for at, s, h in zip(HIDDEN, SUBSCRIPTS, n["h"], strict=True)
    ]
    shown.append((OUT, "p", n["p"], stage >= 3))
    lit = {2: HIDDEN, 3: [OUT], 8: HIDDEN, 5: [OUT]}.get(stage, [])
    for (x, y), name, value, known in shown:
        colour = (FORTH if stage < 5 else BACK) if (x, y) in lit else INK
        width = 6 if (x, y) in lit else 3
        inside = _text(value) if known else "?"
        yield (
            f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="#fff" stroke="{colour}" '
            f'stroke-width="{width}"/><text x="{x}" y="{y - 8}" font-size="24" '
            f'fill="#555">{name}</text><text x="{x}" y="{y + 22}" fill="{INK}">{inside}</text>'
        )


def _label(at: tuple[int, int], words: str, down: int = 0) -> str:
    x, y = at
    return (
        f'<text x="{x}" y="{y + down}" stroke="#fff" stroke-width="8" paint-order="stroke">'
        f"{words}</text>"
    )


def _values(n: dict[str, Floats], stage: int) -> Iterator[str]:
    for j in (0, 1):
        for i in (0, 1):
            yield _label(AT_W[j][i], _text(n["w"][j, i]))
        yield _label(AT_B[j], f"b{SUBSCRIPTS[j]} = {_text(n['b'][j])}")
        yield _label(AT_V[j], _text(n["v"][j]))
        if stage >= 1:
            x, y = HIDDEN[j]
            at = (x, y - 62) if j == 0 else (x, y + 80)
            yield _label(at, f"u{SUBSCRIPTS[j]} = {_text(n['u'][j])}")
    x, y = OUT
    yield _label((x, y - 94), f"c = {_text(n['c'])}")
    yield _label((x, y + 80), f"target {_text(n['y'])}")
    if stage >= 3:
        yield _label((x, y - 60), f"z = {_text(n['z'])}")
    if stage >= 4:
        yield _label((x, y + 114), f"loss {_text(n['loss'])}")


def _gradients(n: dict[str, Floats], stage: int) -> Iterator[str]:
    x, y = OUT
    if stage >= 5:
        yield _label((x, y + 150), f"δ = {_text(n['dz'])}")
    if stage >= 6:
        yield _label((x, y - 126), _text(n["dc"]))
    for j in (0, 1):
        x, y = HIDDEN[j]
        if stage >= 6:
            yield _label(AT_V[j], _text(n["dv"][j]), 30)
        if stage >= 7:
            name = "h" if stage == 7 else "u"
            words = f"∂L/∂{name}{SUBSCRIPTS[j]} = {_text(n[f'd{name}'][j])}"
            yield _label((x, y - 94) if j == 0 else (x, y + 110), words)
        if stage >= 9:
            yield _label(AT_B[j], _text(n["db"][j]), 30)
            for i in (0, 1):
                yield _label(AT_W[j][i], _text(n["dw"][j, i]), 30)
