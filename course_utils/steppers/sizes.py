"""The size of a convolution's output, and the inputs that each output reads."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from course_utils.basics.checks import integer
from course_utils.exact import output_size
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
class Choice:
    """The numbers that decide the size of an output along one axis, in pixels."""

    size: int
    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def output(self) -> int:
        """Say how large the output is; ValueError where the kernel does not fit."""
        return output_size(*astuple(self))

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
    formula of ``torch.nn.Conv1d``. The arguments, in pixels, are what the reader starts from;
    without script there is a table of these and some others.

    >>> sizes(size=8, kernel_size=4, stride=2)
    Stepper: sizes of a convolution

    Raises
    ------
    ValueError
        For a number outside what can be chosen (size 1 to 16, kernel_size 1 to 7, stride 1 to 4,
        padding 0 to 4, dilation 1 to 3) and for a kernel larger than the padded input.
    """
    start = Choice(
        _chosen("size", size),
        _chosen("kernel_size", kernel_size),
        _chosen("stride", stride),
        _chosen("padding", padding),
        _chosen("dilation", dilation),
    )
    choices = [start, *(choice for choice in _usual(start.size) if choice != start)]
    rows = "".join(_row(choice) for choice in choices if choice is start or _fits(choice))
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


def _usual(size: int) -> list[Choice]:
    return [
        Choice(size, 1),
        Choice(size, 3),
        Choice(size, 3, padding=1),
        Choice(size, 3, stride=2, padding=1),
        Choice(size, 3, padding=2, dilation=2),
        Choice(size, 5, padding=2),
        Choice(size, 2, stride=2),
    ]


def _fits(choice: Choice) -> bool:
    try:
        return choice.output > 0
    except ValueError:
        return False


def _row(choice: Choice) -> str:
    size, *others = astuple(choice)
    cells = "".join(f"<td>{value}</td>" for value in (*others, choice.formula(), choice.output))
    return f'<tr><th scope="row">{size}</th>{cells}</tr>'


def _chosen(name: str, value: int) -> int:
    least, most = RANGES[name]
    return integer(name, value, least=least, most=most)
