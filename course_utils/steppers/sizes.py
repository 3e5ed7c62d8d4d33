"""How large is a convolution's output, and which inputs does each output read?"""

from __future__ import annotations

import operator
from dataclasses import astuple, dataclass

from course_utils.exact.windows import windows
from course_utils.steppers.markup import Stepper, fragment

# What the reader can choose, in the order of the fields below: the least and the most.
RANGES = {
    "size": (1, 16),
    "kernel_size": (1, 7),
    "stride": (1, 4),
    "padding": (0, 4),
    "dilation": (1, 3),
}


@dataclass(frozen=True)
class Layer:
    """The numbers that decide the size of an output along one axis, in pixels."""

    size: int
    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def output(self) -> int:
        """Say how large the output is; ValueError where the kernel does not fit."""
        found = windows(
            (self.size,),
            (self.kernel_size,),
            self.stride,
            self.padding,
            self.dilation,
            name="kernel_size",
        )
        return found.output[0]

    def formula(self) -> str:
        """Write the formula with its numbers."""
        return (
            f"⌊({self.size} + 2·{self.padding} − {self.dilation}·({self.kernel_size} − 1) − 1)"
            f" / {self.stride}⌋ + 1"
        )


def sizes(
    *, size: int = 7, kernel_size: int = 3, stride: int = 1, padding: int = 1, dilation: int = 1
) -> Stepper:
    """Let the reader choose the numbers of a convolution along one axis and see what it reads.

    The output has ⌊(size + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1 places: the
    formula of `torch.nn.Conv1d`. The arguments, in pixels, are what the reader starts from;
    without script there is a table of these and some others.

    >>> sizes(size=8, kernel_size=4, stride=2)
    Stepper: sizes of a convolution

    Raises ValueError for a number outside what can be chosen (size 1 to 16, kernel_size 1 to 7,
    stride 1 to 4, padding 0 to 4, dilation 1 to 3) and for a kernel larger than the padded input.
    """
    start = Layer(
        _chosen("size", size),
        _chosen("kernel_size", kernel_size),
        _chosen("stride", stride),
        _chosen("padding", padding),
        _chosen("dilation", dilation),
    )
    layers = [start, *(layer for layer in _usual(start.size) if layer != start)]
    rows = "".join(_row(layer) for layer in layers if layer is start or _fits(layer))
    names = ("Input", "Kernel", "Stride", "Padding", "Dilation", "Formula", "Output")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    table = (
        '<div class="sw"><table class="s"><caption>Output size = ⌊(input + 2·padding − '
        "dilation·(kernel − 1) − 1) / stride⌋ + 1</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    kind = "sizes of a convolution"
    own = ";".join(
        f"{name.replace('_', ' ')},{least},{most},{value}"
        for (name, (least, most)), value in zip(RANGES.items(), astuple(start), strict=True)
    )
    text = fragment(
        kind,
        "How large is the output of a convolution?",
        table,
        script="sizes.js",
        styles=("stepper.css", "sizes.css"),
        own=own,
    )
    return Stepper(kind, text)


def _usual(size: int) -> list[Layer]:
    return [
        Layer(size, 1),
        Layer(size, 3),
        Layer(size, 3, padding=1),
        Layer(size, 3, stride=2, padding=1),
        Layer(size, 3, padding=2, dilation=2),
        Layer(size, 5, padding=2),
        Layer(size, 2, stride=2),
    ]


def _fits(layer: Layer) -> bool:
    try:
        return layer.output > 0
    except ValueError:
        return False


def _row(layer: Layer) -> str:
    size, *others = astuple(layer)
    cells = "".join(f"<td>{value}</td>" for value in (*others, layer.formula(), layer.output))
    return f'<tr><th scope="row">{size}</th>{cells}</tr>'


def _chosen(name: str, value: int) -> int:
    least, most = RANGES[name]
    try:
        number = least - 1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = least - 1
    if not least <= number <= most:
        raise ValueError(f"{name}: {value!r} does not do; it must be an integer, {least} to {most}")
    return number
