"""XOR by a network of nine parameters, which learns it with one seed and not with another.

One network is built and trained the ordinary way, with ``network`` and ``train``; thousands are
trained at once with ``Networks``. ``survey`` does so for every combination of settings, and
``rate`` says how many of them work, with an interval. ``plane`` and ``sides`` give what a network
does to its planes, ``passes`` draws one example on its way forwards and back.

>>> from course_utils import xor
>>> many = xor.Networks(range(200)).train(1000)
>>> tuple(many.logits().shape)
(200, 4)
>>> many.rate().n
200
"""

from course_utils.xor.atlas import Networks, Rate, rate
from course_utils.xor.choices import ACTIVATIONS, INITS, LOSSES, leaky_relu
from course_utils.xor.network import POINTS, TARGETS, built, network, train
from course_utils.xor.passes import passes
from course_utils.xor.planes import plane, sides
from course_utils.xor.survey import SurveyRow, survey

__all__ = [
    "ACTIVATIONS",
    "INITS",
    "LOSSES",
    "POINTS",
    "TARGETS",
    "Networks",
    "Rate",
    "SurveyRow",
    "built",
    "leaky_relu",
    "network",
    "passes",
    "plane",
    "rate",
    "sides",
    "survey",
    "train",
]
