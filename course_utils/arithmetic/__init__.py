"""Sizes, receptive fields and counts of a network, by formula.

>>> from course_utils import arithmetic
>>> arithmetic.receptive_fields("Conv(32,128,3,1,1) -> ReLU -> Conv(128,128,4,4,1)")
[3, 6]
>>> vgg = "Conv(3,64,3,1,1) -> ReLU -> Conv(64,128,3,1,1)"
>>> arithmetic.trace(vgg, (3, 32, 32)).totals
Totals(parameters=75648, multiply_adds=77266944)

Layers are a list of specs from ``course_utils.layers``, or their notation.
"""

from course_utils.arithmetic.receptive import (
    Extent,
    effective_stride,
    receptive_field_closed_form,
    receptive_fields,
    receptive_fields_backwards,
)
from course_utils.arithmetic.sizes import same_padding
from course_utils.arithmetic.solve import Blank, Solution, solve
from course_utils.arithmetic.table import LayerRow, Table, Totals, trace
from course_utils.exact import output_size

__all__ = [
    "Blank",
    "Extent",
    "LayerRow",
    "Solution",
    "Table",
    "Totals",
    "effective_stride",
    "output_size",
    "receptive_field_closed_form",
    "receptive_fields",
    "receptive_fields_backwards",
    "same_padding",
    "solve",
    "trace",
]
