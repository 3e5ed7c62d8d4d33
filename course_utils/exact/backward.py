"""Gradients of the loss with respect to what a layer was given: the chain rule, by products.

Where y adds up x·w, the product passes ∂L/∂y·w back to x and x·∂L/∂y to w. So each gradient below
goes through the very windows of the forward pass and collects what arrives at each place: windows
that overlap are summed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np

from course_utils.basics.checks import choice
from course_utils.exact.inputs import (
    padded,
    read_convolution,
    read_linear,
    read_pooling,
    read_upstream,
    window_share,
)
from course_utils.exact.numbers import Array, array
from course_utils.exact.steps import Index, Operand, Step, Term, assemble, product, record, total

Ties = Literal["first", "split", "all"]


class _Gradient:
    """The terms that arrive at each number of one input, and the steps that add them up."""

    def __init__(self, result: str, shape: Index, own: Callable[[Index], Index] = lambda i: i):
        self.result, self.shape, self.own = result, shape, own
        self.terms: dict[Index, list[Term]] = defaultdict(list)

    def add(self, index: Index, *factors: Operand) -> None:
        self.terms[index].append(product(*factors))

    def steps(self, operation: str, scale: Fraction = Fraction(1)) -> list[Step]:
        return [
            total(operation, self.result, self.own(i), self.terms[i], scale)
            for i in np.ndindex(self.shape)
        ]


def _finish(
    operation: str,
    inputs: dict[str, Array],
    options: dict[str, Any],
    gradients: list[_Gradient],
    scale: Fraction = Fraction(1),
) -> list[Array]:
    """Add up every gradient and record the steps."""
    steps = [gradient.steps(operation, scale) for gradient in gradients]
    results = {
        gradient.result: assemble(found, gradient.own(gradient.shape))
        for gradient, found in zip(gradients, steps, strict=True)
    }
    record(operation, inputs, options, results, [step for found in steps for step in found])
    return [*results.values()]


def conv2d_backward(
    upstream: Any,
    x: Any,
    w: Any,
    *,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
) -> tuple[Array, Array, Array]:
    """Give (dx, dw, db), the gradients of ``conv2d`` with respect to x, w and the bias.

    With δ = ∂L/∂y and stride and dilation 1, dw is the valid cross-correlation of the padded x with
    δ (no flip), and dx is the full convolution of δ with w (here the flip is real). db[o] is the
    sum of δ over its channel.

    ``upstream`` has the shape of ``conv2d``'s result; dx and dw have those of x and w, db is [O].

    >>> dx, dw, db = conv2d_backward([[1, 10]], [[1, 2, 3]], [[4, 5]])
    >>> dx.tolist() == [[4, 5 + 40, 50]], dw.tolist() == [[1 + 20, 2 + 30]], db.tolist() == [11]
    (True, True, True)

    Raises
    ------
    ValueError
        As ``conv2d`` does, and for an upstream gradient of another shape.
    """
    return _convolve_backward("conv2d_backward", 2, upstream, x, w, stride, padding, dilation)


def conv1d_backward(
    upstream: Any, x: Any, w: Any, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> tuple[Array, Array, Array]:
    """Give (dx, dw, db), the gradients of ``conv1d``, as ``conv2d_backward`` does along one axis.

    dw[a] = Σ_i δ[i] · x[i·stride + a·dilation − padding], with δ = ∂L/∂y.

    >>> dx, dw, db = conv1d_backward([1, 10], [1, 2, 3], [4, 5])
    >>> dx.tolist() == [4, 5 + 40, 50], dw.tolist() == [1 + 20, 2 + 30], db.tolist() == [11]
    (True, True, True)
    """
    return _convolve_backward("conv1d_backward", 1, upstream, x, w, stride, padding, dilation)


def _convolve_backward(
    operation: str,
    spatial: int,
    upstream: Any,
    x: Any,
    w: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
) -> tuple[Array, Array, Array]:
    conv = read_convolution(spatial, x, w, stride, padding, dilation)
    delta = read_upstream(upstream, conv.y_shape, conv.x.missing)
    dx = _Gradient("dx", conv.x.full.shape, conv.x.own)
    dw = _Gradient("dw", conv.w.full.shape, conv.w.own)
    db = _Gradient("db", (conv.channels,))
    for n, o, *place in np.ndindex(conv.y_shape):
        passed = delta(n, o, *place)
        db.add((o,), passed)
        for c in range(conv.w.full.shape[1]):
            for inside, at in conv.windows.at(tuple(place)):
                dw.add((o, c, *inside), conv.x(n, c, *at) if at else padded(conv.x), passed)
                if at:
                    dx.add((n, c, *at), passed, conv.w(o, c, *inside))
    inputs = {"upstream": delta.values, **conv.inputs}
    x_gradient, w_gradient, b_gradient = _finish(operation, inputs, conv.options, [dx, dw, db])
    return x_gradient, w_gradient, b_gradient


def relu_backward(upstream: Any, x: Any) -> Array:
    """Pass the upstream gradient on where x > 0, and nothing elsewhere.

    At x = 0 ReLU has no derivative; any number from 0 to 1 is a subgradient. As in PyTorch, it
    is 0 here.

    >>> relu_backward([5, 5, 5], [-1, 0, 1]).tolist() == [0, 0, 5]
    True
    """
    x = array(x, "x")
    delta = read_upstream(upstream, x.shape, 0)
    dx = _Gradient("dx", x.shape)
    for index in np.ndindex(x.shape):
        slope = Fraction(int(x[index] > 0))
        dx.add(index, delta(*index), Operand("slope", index, slope))
    (result,) = _finish("relu_backward", {"upstream": delta.values, "x": x}, {}, [dx])
    return result


def max_pool2d_backward(
    upstream: Any,
    x: Any,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    *,
    ties: Ties = "first",
) -> Array:
    """Route each window's upstream gradient to its maximum; overlapping windows are summed.

    Where several pixels of a window tie, the maximum has no derivative, and ``ties`` chooses:

    - "first" gives all to the first of them, row by row, as PyTorch does;
    - "split" gives each an equal share;
    - "all" gives the whole to each. This is "1 where x is the maximum" taken literally; it passes
      on more than came in and is not a subgradient.

    ``upstream`` has the shape of ``max_pool2d``'s result; the gradient has that of x.

    >>> for ties in ("first", "split", "all"):
    ...     print(max_pool2d_backward([[6]], [[4, 4]], (1, 2), ties=ties).tolist())
    [[Fraction(6, 1), Fraction(0, 1)]]
    [[Fraction(3, 1), Fraction(3, 1)]]
    [[Fraction(6, 1), Fraction(6, 1)]]

    Raises
    ------
    ValueError
        As ``max_pool2d`` does, for an upstream gradient of another shape, and for another word in
        ``ties``.
    """
    choice("ties", ties, get_args(Ties))
    pool = read_pooling(x, kernel_size, stride, padding)
    delta = read_upstream(upstream, pool.y_shape, pool.x.missing)
    dx = _Gradient("dx", pool.x.full.shape, pool.x.own)
    for n, c, *place in np.ndindex(pool.y_shape):
        window = [(n, c, *at) for _, at in pool.windows.at(tuple(place)) if at]
        largest = max(pool.x.full[at] for at in window)
        tied = [at for at in window if pool.x.full[at] == largest]
        winners = tied[:1] if ties == "first" else tied
        share = Fraction(1, len(winners)) if ties == "split" else Fraction(1)
        for at in window:
            part = share if at in winners else Fraction(0)
            dx.add(at, delta(n, c, *place), Operand("share", pool.x.own(at), part))
    inputs = {"upstream": delta.values, **pool.inputs}
    (result,) = _finish("max_pool2d_backward", inputs, pool.options | {"ties": ties}, [dx])
    return result


def avg_pool2d_backward(
    upstream: Any,
    x: Any,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
) -> Array:
    """Give each pixel of a window an equal share of its upstream gradient; overlaps are summed.

    Of x only the shape matters. What falls on the padding is lost.

    >>> avg_pool2d_backward([[4, 8]], [[0, 0, 0]], (1, 2), stride=1).tolist() == [[2, 2 + 4, 4]]
    True
    """
    pool = read_pooling(x, kernel_size, stride, padding)
    delta = read_upstream(upstream, pool.y_shape, pool.x.missing)
    dx = _Gradient("dx", pool.x.full.shape, pool.x.own)
    for n, c, *place in np.ndindex(pool.y_shape):
        for _, at in pool.windows.at(tuple(place)):
            if at:
                dx.add((n, c, *at), delta(n, c, *place))
    inputs = {"upstream": delta.values, **pool.inputs}
    share = window_share(pool.windows)
    (result,) = _finish("avg_pool2d_backward", inputs, pool.options, [dx], share)
    return result


def linear_backward(upstream: Any, x: Any, w: Any) -> tuple[Array, Array, Array]:
    """Give (dx, dw, db), the gradients of ``linear`` with respect to x, w and the bias.

    dx[i] = Σ_o δ[o] · w[o, i], dw[o, i] = Σ_n δ[n, o] · x[n, i], db[o] = Σ_n δ[n, o].

    >>> dx, dw, db = linear_backward([1, 10], [1, 2], [[3, 4], [5, 6]])
    >>> dx.tolist() == [53, 64], dw.tolist() == [[1, 2], [10, 20]], db.tolist() == [1, 10]
    (True, True, True)
    """
    layer = read_linear(x, w)
    delta = read_upstream(upstream, layer.y_shape, layer.x.missing)
    dx = _Gradient("dx", layer.x.full.shape, layer.x.own)
    dw = _Gradient("dw", layer.w.values.shape)
    db = _Gradient("db", (layer.w.values.shape[0],))
    for n, o in np.ndindex(layer.y_shape):
        passed = delta(n, o)
        db.add((o,), passed)
        for i in range(layer.w.values.shape[1]):
            dx.add((n, i), passed, layer.w(o, i))
            dw.add((o, i), layer.x(n, i), passed)
    inputs = {"upstream": delta.values, **layer.inputs}
    x_gradient, w_gradient, b_gradient = _finish("linear_backward", inputs, {}, [dx, dw, db])
    return x_gradient, w_gradient, b_gradient
