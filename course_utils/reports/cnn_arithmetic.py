"""Sizes, receptive fields and counts of TMU-HW4: tasks 000e to 000j."""

from collections.abc import Iterable, Iterator

import numpy as np
from torch import nn

from course_utils import arithmetic, inspection
from course_utils.layers import MaxPool
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.rules import computed, listed, stated

FORMS, THREE, BLANKS = anchors(
    "02a_sizes_and_receptive_fields", "How far does a unit see?", "Three architectures",
    "A network with blanks")  # fmt: skip
(COUNTS,) = anchors("02b_parameters_and_work", "Count the parameters")
(SLIPS,) = anchors("02c_effective_field", "Where 5, 9, 13 come from")

FIRST = "Conv(32,128,3,1,1) -> ReLU -> Conv(128,128,4,4,1)"
SECOND = "(Conv(3,3,5,2,2) -> ReLU) * 6"
THIRD = "Conv(3,64,3,2,1) -> ReLU -> MaxPool(4,3,0) -> Conv(64,128,3,1,1) -> ReLU -> MaxPool(2,2,0)"
WITH_BLANKS = (
    "Conv(?,?,3,1,1) -> ReLU -> MaxPool(2,2) -> Conv(64,?,3,1,1) -> ReLU -> MaxPool(2,2) -> "
    "Conv(128,256,3,1,1) -> ReLU -> MaxPool(2,2) -> Conv(?,512,3,1,1) -> ReLU -> MaxPool(2,2)"
)


def findings() -> Iterator[Finding]:
    """Give the findings of the page."""
    yield from formulas()
    yield from receptive_fields()
    yield from blanks()
    yield from parameters()


def formulas(stacks: int = 200) -> Iterator[Finding]:
    """000e: three forms of the receptive field, compared with counted pixels."""
    rng = np.random.default_rng(0)
    right = {"backwards": 0, "closed": 0, "forwards": 0}
    for _ in range(stacks):
        windows = rng.integers(1, 5, size=(rng.integers(1, 5), 2)).tolist()
        layers = [MaxPool(k, s) for k, s in windows]
        counted = _counted(windows)
        right["backwards"] += arithmetic.receptive_fields_backwards(layers)[0] == counted
        right["closed"] += arithmetic.receptive_field_closed_form(layers) == counted
        right["forwards"] += arithmetic.receptive_fields(layers)[-1] == counted
    said = {
        "backwards": (
            "backwards", "r_(l−1) = s r_l + (k − s)", r"r_{l-1} = s_l \cdot r_l + (k_l - s_l)"),
        "closed": ("closed form", "r_0 = Σ (k_l − 1) Π_(i<l) s_i + 1", r"\prod_{i=1}^{l-1} s_i"),
        "forwards": ("forwards", "r_i = r_(i−1) + (k_i − 1) j_(i−1)", "r:-1+(k-1)ji-1"),
    }  # fmt: skip
    for form, (quantity, theirs, cites) in said.items():
        yield stated(
            "000e", f"receptive field, {quantity}", theirs,
            f"it counts the pixels rightly for {right[form]} of {stacks} random stacks", FORMS,
            holds=right[form] == stacks, why="For some stacks the pixels are others.",
            cites=cites)  # fmt: skip


def receptive_fields() -> Iterator[Finding]:
    """000f to 000h: the fields of three networks, the last one probed as well."""
    network = nn.Sequential(
        nn.Conv2d(3, 64, 3, 2, 1), nn.ReLU(), nn.MaxPool2d(4, 3), nn.Conv2d(64, 128, 3, 1, 1),
        nn.ReLU(), nn.MaxPool2d(2, 2))  # fmt: skip
    probed = [inspection.receptive_field(network, (3, 96, 96), layer=layer)[0] for layer in "0235"]
    slip = _strides_early([(3, 2), (3, 1), (2, 2)])  # without the first pooling
    spoilt = [_strides_early([(3, 1), (4, 4)]), _strides_early([(5, 2)] * 6)]
    why = (
        f"Gradients of the network itself reach {_list(probed)} pixels. The steps, as our copy has "
        f"them, are R1 = 1 + (3 + 1) · 2 = 5, which is {1 + (3 + 1) * 2}, a pooling read as "
        f"k = s = 2, and 13 = 9 + (2 − 1) · 2, which is {9 + (2 - 1) * 2}. {_list(slip)} come out "
        "if the first pooling is overlooked and each stride counts one layer early. That slip "
        f"would give {_list(spoilt[0])} in 000f and {_list(spoilt[1])} in 000g, and those are "
        "right. So it fits, and is no proof."
    )
    for task, theirs, layers, place, erratum, cites in (
        ("000f", "3, 6", FIRST, THREE, None, "3 , k=3, s=1"),
        ("000g", "5, 13, 29, 61, 125, 253", SECOND, THREE, None,
         r"R_6 = 125 + (5-1) \cdot 2^5 = 253"),
        ("000h", "5, 9, 13", THIRD, SLIPS, Erratum(2, "The receptive fields are 5, 9, 13."),
         "R2=9+(2-1)x2=13"),
    ):  # fmt: skip
        fields = [_side(field) for field in arithmetic.receptive_fields(layers)]
        yield listed(
            task, "receptive fields", theirs, fields, place, why=why, erratum=erratum,
            cites=cites)  # fmt: skip


def blanks() -> Iterator[Finding]:
    """000i: the blanks of a network on 3 × 512 × 512, and the shapes of its maps."""
    solved = arithmetic.solve(WITH_BLANKS, (3, 512, 512))
    filled = [value for blank in solved.blanks for value in blank.values]
    shapes = [row.output for row in arithmetic.trace(solved.layers, (3, 512, 512)).rows]
    convolved, pooled = shapes[0::3], shapes[2::3]
    other = "The network gives another number."
    yield listed(
        "000i", "blanks", "3, 64, 128, 256", filled, BLANKS, why=other,
        cites="We have => conv(3,64,3,1,1)")  # fmt: skip
    yield listed(
        "000i", "channels after each pooling", "64, 128, 256, 512", [shape[0] for shape in pooled],
        BLANKS, why=other, cites="Tensor size: (128,128,128)")  # fmt: skip
    yield listed(
        "000i", "pixels a side after each pooling", "256, 128, 64, 32",
        [shape[1] for shape in pooled], BLANKS, why=other,
        cites="Tensor Siz=(512,32,32)")  # fmt: skip
    yield listed(
        "000i", "pixels a side after each convolution", "512, 256, 128, 64",
        [shape[1] for shape in convolved], BLANKS, why=other,
        cites="Hout = Wort = 256")  # fmt: skip


def parameters() -> Iterator[Finding]:
    """000j: the parameters of two convolutions and of VGG-16's first linear layer."""
    for layer, theirs, shape, why, erratum, cites in (
        ("Conv(3,64,3,1,1)", "1792", (3, 8, 8), "The layer has others.", None,
         "(3x3x3+1)x64=1792"),
        ("Conv(64,128,3,1,1)", "73586", (64, 8, 8), "128 · (64 · 3² + 1); two digits are swapped.",
         Erratum(3, "The second convolution has 73586 parameters."), "(3x3x64+1)x128=73586"),
        ("FC(25088,4096)", "102764544", (25088,), "The layer has others.", None,
         "(25088+1)x(4096=102764544"),
    ):  # fmt: skip
        count, quantity = arithmetic.trace(layer, shape).totals.parameters, f"parameters of {layer}"
        yield computed(
            "000j", quantity, theirs, count, COUNTS, why=why, erratum=erratum,
            cites=cites)  # fmt: skip


def _counted(windows: list[list[int]]) -> int:
    """Pixels from the first to the last that one output reads, followed window by window."""
    seen = {0}
    for k, s in reversed(windows):
        seen = {s * place + tap for place in seen for tap in range(k)}
    return max(seen) - min(seen) + 1


def _strides_early(windows: list[tuple[int, int]]) -> list[int]:
    """The fields if each layer's own stride is in its jump already: a slip."""
    fields, jump = [1], 1
    for k, s in windows:
        jump *= s
        fields.append(fields[-1] + (k - 1) * jump)
    return fields[1:]


def _list(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _side(field: arithmetic.Extent) -> int:
    return field if isinstance(field, int) else max(field)
