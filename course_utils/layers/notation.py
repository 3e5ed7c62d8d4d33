"""The notation of a network on a line, read with a pointer at what can't be.

network  = part, { arrow, part }
part     = ( layer | "(", network, ")" ), { ( "*" | "×" ), count }
layer    = name, [ "(", [ argument, { ",", argument } ], ")" ]
argument = [ name, "=" ], value
value    = single | "(", single, ",", single, ")"
single   = number | "?" | "True" | "False"
arrow    = "->" | "→" | "–" | "-"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from typing import Any

from course_utils.basics.checks import invalid
from course_utils.layers import specs
from course_utils.layers.specs import Layer, Layers

KINDS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        specs.Conv,
        specs.MaxPool,
        specs.AvgPool,
        specs.FC,
        specs.ReLU,
        specs.LeakyReLU,
        specs.Tanh,
        specs.Sigmoid,
        specs.Softmax,
        specs.LogSoftmax,
        specs.BatchNorm,
        specs.Dropout,
        specs.Flatten,
    )
}
LONGEST = 10_000
DEEPEST = 100
DIGITS = 100  # of a number; Python writes and reads at most 4,300 of an integer

_ARROW = re.compile(r"[-–—]>?|→")
_TIMES = re.compile(r"[*×]")
_NAME = re.compile(r"[^\W\d]\w*")
_NAMED = re.compile(r"[^\W\d]\w*\s*=")
_COUNT = re.compile(r"[0-9]+\b")
_VALUE = re.compile(r"[-−]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?|\?|True\b|False\b")
_WORDS = {"?": "?", "True": True, "False": False}


class NotationError(ValueError):
    """Text that is not a network. The message shows the line with a caret under the character.

    ``position`` is the character's place in the whole text, from 0.
    """

    def __init__(self, reason: str, source: str, position: int):
        start = source.rfind("\n", 0, position) + 1
        line = source[start:].split("\n", 1)[0].replace("\t", " ").rstrip()
        super().__init__(f"{reason}\n  {line}\n  {' ' * (position - start)}^")
        self.position = position


def parse(source: str) -> list[Layer]:
    """Read a network from its notation.

    Layers stand between ``->`` (or →, –, -). ``(...) * 6`` or ``× 6`` repeats a group, and groups
    nest. ``?`` is an unknown number. Arguments may have names: ``Conv(3, 8, 3, padding=1)``.

    >>> parse("Conv(3,64,3,1,1) -> (ReLU -> MaxPool(2)) * 2 -> Conv(64,?,3,1,1)")
    [Conv(3, 64, 3, 1, 1), ReLU, MaxPool(2, 2), ReLU, MaxPool(2, 2), Conv(64, ?, 3, 1, 1)]
    >>> parse("Conv(3,64,3) -> RelU")
    Traceback (most recent call last):
    ...
    course_utils.layers.notation.NotationError: unknown layer 'RelU'; did you mean ReLU?
      Conv(3,64,3) -> RelU
                      ^

    Raises
    ------
    NotationError
        For what is not a network; it says what was expected and points at the character.
    """
    if not isinstance(source, str):
        raise invalid("source", source, "use text, such as 'FC(2, 1) -> ReLU'")
    reader = _Reader(source)
    found = reader.network()
    if reader.position < len(source):
        raise reader.error("expected -> or the end")
    return found


def read(layers: Layers) -> list[Layer]:
    """Give the layers of a network that is a list of them or notation.

    >>> read("Tanh") == read([specs.Tanh()])
    True

    Raises
    ------
    ValueError
        For what is neither.
    NotationError
        As ``parse`` does.
    """
    if isinstance(layers, str):
        return parse(layers)
    if not isinstance(layers, Sequence):
        raise invalid("layers", layers, "use a list of layers or text")
    for i, layer in enumerate(layers, start=1):
        if not isinstance(layer, Layer):
            raise ValueError(f"layers: number {i}, {layer!r}, is not a layer; use one like ReLU()")
    return [*layers]


def text(layers: Layers) -> str:
    """Write a network on a line. ``parse`` reads it back.

    >>> text([specs.Conv(1, 8, 3), specs.Tanh()])
    'Conv(1, 8, 3, 1, 0) -> Tanh'
    """
    return " -> ".join(map(str, read(layers)))


class _Reader:
    """Reads on from ``position``, with one method per rule of the grammar."""

    def __init__(self, source: str):
        self.source = source
        self.position = self.depth = 0
        self._skip()

    def network(self) -> list[Layer]:
        found = self._part()
        while self._take(_ARROW):
            found += self._part()
            self._check_length(len(found), self.position)
        return found

    def _part(self) -> list[Layer]:
        at = self.position
        if self._take("("):
            self.depth += 1
            if self.depth > DEEPEST:
                raise self.error(f"expected at most {DEEPEST} nested groups", at)
            found = self.network()
            if not self._take(")"):
                raise self.error("expected -> or )")
            self.depth -= 1
        else:
            found = [self._layer()]
        while self._take(_TIMES):
            at = self.position
            count = int(self._digits(_COUNT) or 0)
            if count < 1:
                raise self.error("expected how many times, an integer of at least 1", at)
            self._check_length(len(found) * count, at)
            found = found * count
        return found

    def _layer(self) -> Layer:
        at = self.position
        name = self._take(_NAME)
        if not name:
            raise self.error("expected a layer or (")
        if name not in KINDS:
            near = get_close_matches(name, KINDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the layers are {', '.join(KINDS)}"
            raise NotationError(f"unknown layer {name!r}; {hint}", self.source, at)
        values: dict[str, Any] = {}
        places: dict[str, int] = {}
        end = at + len(name)
        if self._take("("):
            end = self.position
            while not (self.source.startswith(")", end) and not values):
                place = self.position
                argument, value = self._argument(name, len(values))
                if argument in values:
                    raise NotationError(f"{argument} is given twice", self.source, place)
                values[argument], places[argument] = value, place
                if not self._take(","):
                    break
            end = self.position
            if not self._take(")"):
                raise self.error("expected , or )")
        own = fields(KINDS[name])
        for f in own:
            if f.default is MISSING and f.name not in values:
                order = ", ".join(f.name for f in own if not f.kw_only)
                reason = f"{name} lacks its {f.name}; write {name}({order})"
                raise NotationError(reason, self.source, end)
        try:
            return KINDS[name](**values)
        except ValueError as error:
            # Such an error begins with the name of the argument.
            place = places.get(str(error).partition(":")[0], at)
            raise NotationError(str(error), self.source, place) from None

    def _argument(self, layer: str, number: int) -> tuple[str, Any]:
        own: tuple[Field[Any], ...] = fields(KINDS[layer])
        at = self.position
        name = self._take(_NAMED)
        if name:
            name = name.rstrip("= \t\n")
            names = [f.name for f in own]
            if name not in names:
                takes = f"it takes {', '.join(names)}" if names else "it takes none"
                reason = f"{layer} has no argument {name!r}; {takes}"
                raise NotationError(reason, self.source, at)
        else:
            order = [f.name for f in own if not f.kw_only]
            if number >= len(order):
                takes = f"{layer}({', '.join(order)})" if order else layer
                named = [f.name for f in own if f.kw_only]
                more = f"; give {', '.join(named)} by name" if named else ""
                raise self.error(f"expected ), since it is {takes}{more}")
            name = order[number]
        return name, self._value()

    def _value(self) -> Any:
        if not self._take("("):
            return self._single("a number, ?, a pair, True or False")
        first = self._single("a number or ?")
        if not self._take(","):
            raise self.error("expected , between vertical and horizontal")
        second = self._single("a number or ?")
        if not self._take(")"):
            raise self.error("expected )")
        return first, second

    def _single(self, expected: str) -> Any:
        at = self.position
        found = self._digits(_VALUE)
        if not found:
            raise self.error(f"expected {expected}", at)
        if found in _WORDS:
            return _WORDS[found]
        number = found.replace("−", "-")
        return float(number) if set(".e") & set(number) else int(number)

    def _digits(self, wanted: re.Pattern[str]) -> str:
        """Step over a number or a word, as ``_take`` does; not one too long to compute with."""
        at = self.position
        found = self._take(wanted)
        if len(found) > DIGITS:
            reason = f"a number of {len(found):,} characters is too long; use at most {DIGITS}"
            raise NotationError(reason, self.source, at)
        return found

    def error(self, reason: str, at: int | None = None) -> NotationError:
        at = self.position if at is None else at
        found = repr(self.source[at]) if at < len(self.source) else "the end"
        return NotationError(f"{reason}; found {found}", self.source, at)

    def _check_length(self, length: int, at: int) -> None:
        if length > LONGEST:
            reason = f"{length:,} layers are too many; a network has at most {LONGEST:,}"
            raise NotationError(reason, self.source, at)

    def _take(self, wanted: str | re.Pattern[str]) -> str:
        """Step over what is wanted and the space after it, or give "" and stay."""
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted
        match = pattern.match(self.source, self.position)
        if not match:
            return ""
        self.position = match.end()
        self._skip()
        return match[0]

    def _skip(self) -> None:
        while self.position < len(self.source) and self.source[self.position].isspace():
            self.position += 1
