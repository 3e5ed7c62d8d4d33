"""The exercises of the chapter on loss landscapes: one neuron, its slopes, losses and descent."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.frame import Exercise, Mistake
from course_utils.neuron import Neuron, binary_cross_entropy, sigmoid, steepest, steps_to_halve

__all__ = ["EXERCISES"]

Array = np.ndarray[Any, Any]


# --- the slope of the sigmoid


def _slope(z: Array) -> Array:
    return sigmoid(z) * (1 - sigmoid(z))


SIGMOID_SLOPE = Exercise(
    name="sigmoid-slope",
    right=_slope,
    cases=(
        (np.array([-2.0, -0.5, 0.0, 1.0, 3.0]),),
        (np.array([[0.25, -1.5], [2.5, -4.0]]),),
        (np.array([-800.0, 0.7, 800.0]),),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake("σ itself, not its derivative", sigmoid),
        Mistake("z (1 − z): σ belongs in place of z", lambda z: z * (1 - z)),
        Mistake("1 − σ², by analogy with tanh", lambda z: 1 - sigmoid(z) ** 2),
        Mistake("1 − tanh², the derivative of tanh", lambda z: 1 - np.tanh(z) ** 2),
        Mistake("σ (1 + σ): a sign is turned", lambda z: sigmoid(z) * (1 + sigmoid(z))),
        Mistake(
            "the −1 from the exponent −z was forgotten: σ grows, so its slope is positive",
            lambda z: -_slope(z),
        ),
        Mistake(
            "e^(−z) / (1 + e^(−z))², which is right on paper and ∞/∞ for z far below 0",
            lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
        ),
    ),
    hint="Write σ = 1 / (1 + e^(−z)), differentiate, and express the result by σ alone.",
)


# --- the gradients of the two losses

Gradients = Callable[[Array, Array, float, float], tuple[Array, Array]]
_NEURONS = (
    (np.array([2.0, -1.0, 0.5, 3.0, -4.0]), np.array([1.0, -1.0, 0.5, 0.0, 2.0]), 1.0, 0.5),
    (np.array([[1.0, -2.0, 0.5]] * 2), np.array([[0.5] * 3, [-1.0] * 3]), 2.0, 0.1),
    (np.array(-0.75), np.array(1.25), -1.5, 1.0),
)
_FAR = (np.array([20.0, -20.0]), np.array([30.0, 5.0]), 1.0, 0.0)


def _gradients(loss: str) -> Gradients:
    return lambda w, b, x, y: Neuron(loss, y, x=x).gradients(w, b)


def _from_slope(slope: Callable[[Array, float], Array]) -> Gradients:
    """Give a wrong gradient from a wrong dL/dz, a function of a = σ(w x + b) and y."""

    def wrong(w: Array, b: Array, x: float, y: float) -> tuple[Array, Array]:
        dz = slope(sigmoid(w * x + b), y)
        return dz * x, dz

    return wrong


def _bent(loss: str, bend: Callable[[Array, Array, float], tuple[Array, Array]]) -> Gradients:
    """Give what `bend` makes of the right (∂L/∂w, ∂L/∂b) and x."""
    return lambda w, b, x, y: bend(*_gradients(loss)(w, b, x, y), x)


def _x_misplaced(loss: str) -> tuple[Mistake, ...]:
    """Slips of the last step of the chain rule, which is the same for both losses."""
    return (
        Mistake(
            "the factor x is missing in ∂L/∂w: z = w x + b changes with w by x",
            _bent(loss, lambda dw, db, x: (db, db)),
        ),
        Mistake(
            "the factor x stands in ∂L/∂b too; z = w x + b changes with b by 1",
            _bent(loss, lambda dw, db, x: (dw, dw)),
        ),
        Mistake("w and b changed places", _bent(loss, lambda dw, db, x: (db, dw))),
        Mistake(
            "the sign is turned: target minus output", _bent(loss, lambda dw, db, x: (-dw, -db))
        ),
        Mistake(
            "z = w + b: the input x was left out of z",
            lambda w, b, x, y: (
                Neuron(loss, y).gradients(w, b)[0] * x,
                Neuron(loss, y).gradients(w, b)[1],
            ),
        ),
    )


L2_GRADIENT = Exercise(
    name="l2-neuron-gradient",
    right=_gradients("l2"),
    cases=_NEURONS,
    tolerance=1e-5,
    mistakes=(
        Mistake("the 2 of the square is missing", _from_slope(lambda a, y: (a - y) * a * (1 - a))),
        Mistake(
            "the derivative of the sigmoid, σ (1 − σ), is missing",
            _from_slope(lambda a, y: 2 * (a - y)),
        ),
        Mistake("σ − y, the gradient of cross-entropy", _from_slope(lambda a, y: a - y)),
        Mistake(
            "σ stands in place of its derivative σ (1 − σ)",
            _from_slope(lambda a, y: 2 * (a - y) * a),
        ),
        Mistake("the target was left out", _from_slope(lambda a, y: 2 * a * a * (1 - a))),
        Mistake("the loss itself, not its gradient", _from_slope(lambda a, y: (a - y) ** 2)),
        *_x_misplaced("l2"),
    ),
    hint="Three factors: of the square, of the sigmoid, and of z = w x + b.",
)

CROSS_ENTROPY_GRADIENT = Exercise(
    name="cross-entropy-neuron-gradient",
    right=_gradients("cross_entropy"),
    cases=(*_NEURONS, _FAR),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "a factor σ (1 − σ) too many: it cancels against the derivative of the logarithms",
            _from_slope(lambda a, y: (a - y) * a * (1 - a)),
        ),
        Mistake("the gradient of L2", _from_slope(lambda a, y: 2 * (a - y) * a * (1 - a))),
        Mistake("a factor 2, which belongs to L2", _from_slope(lambda a, y: 2 * (a - y))),
        Mistake(
            "the derivative with respect to σ; the chain goes on through the sigmoid",
            _from_slope(lambda a, y: (a - y) / (a * (1 - a))),
        ),
        Mistake(
            "a factor that is 0/0 where σ is rounded to 1: cancel σ (1 − σ) on paper first",
            _from_slope(lambda a, y: (a - y) / (a * (1 - a)) * (a * (1 - a))),
        ),
        Mistake("the term (1 − y) ln(1 − σ) was left out", _from_slope(lambda a, y: -y * (1 - a))),
        Mistake("the target was left out", _from_slope(lambda a, y: a)),
        *_x_misplaced("cross_entropy"),
    ),
    hint="Differentiate −y ln σ − (1 − y) ln(1 − σ) and multiply by σ (1 − σ): nearly all cancels.",
)


# --- the loss from the logit


def _loss(z: Array, y: Array) -> Array:
    return np.asarray(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))


def _from_probabilities(z: Array, y: Array) -> Array:
    a = sigmoid(np.asarray(z, dtype=np.float64))
    return np.asarray(-y * np.log(a) - (1 - y) * np.log(1 - a))


def _clipped(z: Array, y: Array, least: float) -> Array:
    a = np.clip(sigmoid(np.asarray(z, dtype=np.float64)), least, 1 - least)
    return np.asarray(-y * np.log(a) - (1 - y) * np.log(1 - a))


def _log_stopped(z: Array, y: Array) -> Array:
    a = sigmoid(np.asarray(z, dtype=np.float64))
    return np.asarray(-y * np.maximum(np.log(a), -100) - (1 - y) * np.maximum(np.log(1 - a), -100))


LOSS_FROM_LOGITS = Exercise(
    name="loss-from-logits",
    right=_loss,
    cases=(
        (np.array([-3.0, -0.5, 0.0, 1.0, 2.0]), np.array([0.5, 0.0, 1.0, 0.25, 0.9])),
        (np.array([[0.5, -2.0], [1.5, 3.0]]), np.array([[1.0, 0.1], [0.5, 0.0]])),
        (np.array([-800.0, 800.0, 50.0]), np.array([0.5, 0.25, 0.5])),
        (np.array([900.0, -900.0, 60.0, -60.0]), np.array([1.0, 0.0, 0.0, 1.0])),
    ),
    tolerance=1e-5,
    mistakes=(
        Mistake(
            "the logarithm of a probability that was rounded to 0: stay with z, "
            "since −ln σ(z) = ln(1 + e^(−z))",
            _from_probabilities,
        ),
        *(
            Mistake(
                f"probabilities clipped at {least:g}: beyond, the loss is flat and teaches nothing",
                lambda z, y, least=least: _clipped(z, y, least),
            )
            for least in (1e-6, 1e-7, 1e-8, 1e-12, 1e-15)
        ),
        Mistake(
            "logarithms stopped at −100, as PyTorch's loss on probabilities does", _log_stopped
        ),
        Mistake(
            "ln(1 + e^z) without a way round e^800: use np.logaddexp or torch's softplus",
            lambda z, y: y * np.log(1 + np.exp(-z)) + (1 - y) * np.log(1 + np.exp(z)),
        ),
        Mistake("y and 1 − y changed places", lambda z, y: _loss(z, 1 - y)),
        Mistake("the sign is turned", lambda z, y: -_loss(z, y)),
        Mistake(
            "the mean over the examples; one loss each is asked for",
            lambda z, y: _loss(z, y).mean(),
        ),
        Mistake("the term of 1 − y was left out", lambda z, y: y * np.logaddexp(0, -z)),
        Mistake(
            "the logarithm to base 2; the natural one is meant",
            lambda z, y: _loss(z, y) / np.log(2),
        ),
        Mistake("the sigmoid was taken twice", lambda z, y: _loss(sigmoid(z), y)),
        Mistake("the squared error", lambda z, y: (sigmoid(z) - y) ** 2),
    ),
    hint="−ln σ(z) = ln(1 + e^(−z)) and −ln(1 − σ(z)) = ln(1 + e^z), each as a stable function.",
)


# --- numbers to find


def _entropy(y: float) -> float:
    return float(binary_cross_entropy(y, y))


_TARGETS = (0.5, 0.25)

LEAST_CROSS_ENTROPY = Exercise(
    name="least-cross-entropy",
    right=np.array([_entropy(y) for y in _TARGETS]),
    mistakes=(
        Mistake("0, as CIS6800 says: cross-entropy gets there only for a target of 0 or 1", [0, 0]),
        Mistake(
            "the logarithm to base 2; the natural one is meant",
            np.array([_entropy(y) / math.log(2) for y in _TARGETS]),
        ),
        Mistake("−ln y: the term (1 − y) ln(1 − y) was left out", [-math.log(y) for y in _TARGETS]),
        Mistake(
            "−y ln y: the term (1 − y) ln(1 − y) was left out",
            [-y * math.log(y) for y in _TARGETS],
        ),
        Mistake("the sign is turned", [-_entropy(y) for y in _TARGETS]),
        Mistake("ln 2 for both; the minimum depends on the target", [math.log(2)] * 2),
        Mistake("the output at the minimum, not the loss there", np.array(_TARGETS)),
    ),
    hint="The gradient σ − y is 0 at σ = y. Put that into the loss.",
)

STEEPEST_L2 = Exercise(
    name="steepest-l2",
    right=float(steepest(0)[0][1]),
    mistakes=(
        Mistake("the output σ there, not z", 2 / 3),
        Mistake("the place for the target ½", float(steepest(0.5)[0][1])),
        Mistake("the gradient there, not z", float(steepest(0)[1][1])),
        Mistake("where the sigmoid alone is steepest; the factor σ − y moves the place", 0),
        Mistake(
            "a turned sign: σ above ½ means z above 0 (or the target 1 was taken)",
            -float(steepest(0)[0][1]),
        ),
        Mistake("the odds σ / (1 − σ); z is their logarithm", 2),
        Mistake("the logarithm of σ; z is that of σ / (1 − σ)", math.log(2 / 3)),
    ),
    hint="With y = 0 the gradient is 2 σ² (1 − σ). Find the best σ, then the z that belongs to it.",
)

FIRST_ONE = Exercise(
    name="first-output-of-one",
    right=24 * math.log(2),
    tolerance=1e-4,
    mistakes=(
        Mistake("the value for float64, which keeps 53 bits", 53 * math.log(2)),
        Mistake(
            "the whole step 2^(−23) from 1 to its neighbour; half of it is rounded away too",
            23 * math.log(2),
        ),
        Mistake("the number of bits; it is to be multiplied by ln 2", 24),
        Mistake("where e^(−z) itself is no float32 any more", 128 * math.log(2)),
        Mistake("a turned sign: σ is near 1 for large z", -24 * math.log(2)),
        Mistake("the logarithm to base 10", 24 * math.log10(2)),
    ),
    hint="1 + e^(−z) is 1 when e^(−z) is at most half the step from 1 to the next number.",
)


_W, _B = 4.0, 2.0


def _count(loss: str, pace: float, near: Callable[[float, float], bool]) -> int:
    """Count steps z ← z − pace · dL/dz from z = 6 until near(z, loss)."""
    neuron, z, n = Neuron(loss), _W + _B, 0
    while not near(z, float(neuron.losses(z, 0))):
        z, n = z - pace * float(neuron.gradients(z, 0)[1]), n + 1
    return n


def _both(pace: float, near: Callable[[float, float, float], bool]) -> tuple[int, ...]:
    starts = {loss: float(Neuron(loss).losses(_W, _B)) for loss in ("l2", "cross_entropy")}
    return tuple(
        _count(loss, pace, lambda z, now, start=start: near(z, now, start))  # type: ignore[misc]
        for loss, start in starts.items()
    )


def _output_halved(z: float, now: float, start: float) -> bool:
    return abs(float(sigmoid(z)) - 0.5) <= abs(float(sigmoid(_W + _B)) - 0.5) / 2


_STEPS = tuple(int(steps_to_halve(Neuron(loss), _W, _B, 1)) for loss in ("l2", "cross_entropy"))

STEPS_TO_HALVE = Exercise(
    name="steps-to-halve",
    right=_STEPS,
    tolerance=0,
    mistakes=(
        Mistake("only one of w and b was moved; both take their step", _both(1, _output_halved)),
        Mistake(
            "the steps until w + b is halved; the distance of the output was asked for",
            _both(2, lambda z, now, start: abs(z) <= (_W + _B) / 2),
        ),
        Mistake(
            "the steps until the loss is halved; the distance of the output was asked for",
            _both(2, lambda z, now, start: now <= start / 2),
        ),
        Mistake("one step too few: the start is step 0", tuple(n - 1 for n in _STEPS)),
        Mistake("one step too many: the start is step 0", tuple(n + 1 for n in _STEPS)),
        Mistake("the two losses changed places", _STEPS[::-1]),
    ),
    hint="`descend` gives the path. Find its first place where |σ − ½| is at most half.",
)

EXERCISES = (
    SIGMOID_SLOPE,
    L2_GRADIENT,
    CROSS_ENTROPY_GRADIENT,
    LEAST_CROSS_ENTROPY,
    STEEPEST_L2,
    LOSS_FROM_LOGITS,
    FIRST_ONE,
    STEPS_TO_HALVE,
)
