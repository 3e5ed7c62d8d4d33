"""Small networks and their gradients, computed in exact fractions with every step.

Convolution, ReLU, pooling, a linear layer and losses, each with its gradients, as on paper. The
arguments and shapes are PyTorch's; where the lesson has one channel, an array of [height, width]
will do. 0.2 is read as 1/5, never as the binary number beside it, so a tie is a tie.

>>> from course_utils import exact
>>> x = [[3, 1, 9, 2], [0, 0, 3, 3], [0, 3, 1, 1], [8, 2, 8, 7]]
>>> w = [[0.2, 0.3, -0.1], [0.3, -1.1, 1.0], [-1.0, 1.1, 0.3]]
>>> y = exact.max_pool2d(exact.relu(exact.conv2d(x, w, padding=1)), 2)
>>> print(exact.text(y))
[[9.7, 0.8], [12.4, 10.3]]

Numbers go in as int, Fraction, Decimal, text ("0.2", "1/3") or short decimal floats. Results are
NumPy arrays of ``Fraction``. A function ``…_backward`` takes the upstream gradient ∂L/∂y first and
then what the operation was given, and returns the gradient with respect to each input. For a loss
the upstream gradient is 1 unless named.

Every result is put together from worked steps, and ``worked`` hands them out:

>>> with exact.worked() as page:
...     y = exact.max_pool2d([[1, 4], [2, 3]], 2)
>>> print(page[0].steps[0].latex())
y_{1,1} = \\max(1,\\; 4,\\; 2,\\; 3) = 4
"""

from course_utils.exact.backward import (
    avg_pool2d_backward,
    conv1d_backward,
    conv2d_backward,
    linear_backward,
    max_pool2d_backward,
    relu_backward,
)
from course_utils.exact.forward import avg_pool2d, conv1d, conv2d, linear, max_pool2d, relu
from course_utils.exact.losses import (
    cross_entropy,
    cross_entropy_backward,
    l1_loss,
    l1_loss_backward,
    mse_loss,
    mse_loss_backward,
)
from course_utils.exact.numbers import Array, array, fraction, latex, printed, text
from course_utils.exact.steps import Operand, Step, Term, Worked, worked
from course_utils.exact.windows import output_size

__all__ = [
    "Array",
    "Operand",
    "Step",
    "Term",
    "Worked",
    "array",
    "avg_pool2d",
    "avg_pool2d_backward",
    "conv1d",
    "conv1d_backward",
    "conv2d",
    "conv2d_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "fraction",
    "l1_loss",
    "l1_loss_backward",
    "latex",
    "linear",
    "linear_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "mse_loss",
    "mse_loss_backward",
    "output_size",
    "printed",
    "relu",
    "relu_backward",
    "text",
    "worked",
]
