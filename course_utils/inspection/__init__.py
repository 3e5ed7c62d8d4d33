"""What a real network gives, sees and costs, found out from the network itself.

``trace`` gives the table of ``arithmetic.trace`` for any PyTorch network, by watching it run.
``receptive_field`` measures with gradients which pixels one place of a feature map sees, and
``effective_receptive_field`` how much each of them counts. None of them changes the network.

>>> from torch import nn
>>> from course_utils import inspection
>>> class Block(nn.Module):
...     def __init__(self):
...         super().__init__()
...         self.conv = nn.Conv2d(4, 4, 3, padding=1)
...     def forward(self, x):
...         return x + self.conv(x).relu()
>>> net = nn.Sequential(nn.Conv2d(1, 4, 5, stride=2), Block())
>>> inspection.trace(net, (1, 29, 29))
layer               output  receptive field  jump  start  parameters  multiply-adds
input          1 × 29 × 29                1     1      0
0 Conv2d       4 × 13 × 13                5     2      2         104         16,900
1.conv Conv2d  4 × 13 × 13                9     2      2         148         24,336
1 relu         4 × 13 × 13                9     2      2           0              0
1 add          4 × 13 × 13                9     2      2           0              0
total                                                            252         41,236
>>> inspection.receptive_field(net, (1, 29, 29))
(9, 9)
"""

from course_utils.inspection.invariance import Drift, drift, equivariance_gap
from course_utils.inspection.probing import effective_receptive_field, receptive_field
from course_utils.inspection.tracing import last_feature_map, trace
from course_utils.inspection.units import Units, dead_units, gradients_by_depth, saturation

__all__ = [
    "Drift", "Units", "dead_units", "drift", "effective_receptive_field", "equivariance_gap",
    "gradients_by_depth", "last_feature_map", "receptive_field", "saturation", "trace",
]  # fmt: skip
