"""Steps from a layer's input to its output that a reader clicks through.

Each function returns a ``Stepper``, which a notebook shows as one self-contained piece of HTML
under 60 KB: script and style inside, nothing loaded, no kernel needed. Buttons, a slider and the
arrow keys move through the steps. Without script, and in print, it is a plain table of all of them.

>>> from course_utils import steppers
>>> steppers.convolution([[3, 1, 9], [0, 0, 3]], [[1, -1]], padding=(0, 1))
Stepper: convolution, 8 steps

Every number comes from the worked steps of ``course_utils.exact``. The same arguments give the same
bytes, so stored outputs can be compared.
"""

from course_utils.steppers.layers import backward, convolution, max_pooling
from course_utils.steppers.markup import Stepper
from course_utils.steppers.network import network
from course_utils.steppers.sizes import sizes
from course_utils.steppers.slides import slides

__all__ = [
    "Stepper",
    "backward",
    "convolution",
    "max_pooling",
    "network",
    "sizes",
    "slides",
]
