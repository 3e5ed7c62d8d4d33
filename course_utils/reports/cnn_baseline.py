"""The first convolutional networks: tasks 000l to 000n, and 001c to 001f."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import inspection, models
from course_utils.basics.numerals import per_cent
from course_utils.data import Constants, Dataset
from course_utils.evaluation import prediction_interval
from course_utils.experiments import as_run, corrected
from course_utils.models import parameter_count
from course_utils.reports.conclusions import SAME, WORSE, conclude, without_eval
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.networks import built, noise, parameters, two_answers
from course_utils.reports.rules import on_mnist, power_above, stated, untold
from course_utils.reports.runs import Runs, Side
from course_utils.reports.trained import claims
from course_utils.training import make_optimizer, seeded, train_step

CONSTANTS, STOPPED, BASELINE, ORDER, TANH, SLOWER, NETWORK, IMAGES = anchors(
    "06a_cnn_baseline", "Constants and pixels", "Two scores for one network",
    "The 8–16–32 baseline", "Pool first or ReLU first", "tanh, and what saturation is",
    "Is one order slower?", "The network", "The images")  # fmt: skip
STEPS, BATCH = 50, 32
ORDERS = ("activation-pool", "pool-activation")
NO_EFFECT = "The order here did not affect the model's performance."


def findings(dataset: Dataset, runs: Runs) -> Iterator[Finding]:
    """Give the findings of the page. Takes some seconds: it trains four networks."""
    yield shrunk(dataset)
    yield parameters("000m", NETWORK)
    yield from claims("000n", runs, STOPPED)
    yield dropout_on(runs)
    yield parameters("001c", BASELINE, "21,578", "This model has 21578 learnable parameters")
    yield half()
    yield from order(dataset)
    for task, place in (("001c", BASELINE), ("001d", ORDER), ("001e", TANH)):
        yield from claims(task, runs, place, seconds=SLOWER)
    relu, pool_first, tanh = map(as_run, ("001c", "001d", "001e"))
    first, later, bounded = (
        f"{e.claimed('seconds', 'total'):g} s" for e in (relu, pool_first, tanh)
    )
    yield untold(
        "001d", "time with pooling before ReLU", "", SLOWER, theirs="a little longer",
        why=f"Another machine's seconds, around {later} (204 in a figure's label) against {first}, "
        "one run each. The chapter "
        "times both on yours.", cites="The training takes a little longer if there is")  # fmt: skip
    yield untold(
        "001e", "time of tanh against ReLU", "", SLOWER, theirs="a little faster",
        why=f"Another machine's seconds, {bounded} against around {later}, one run each.",
        cites="from ReLU to Tanh makes training a little faster")  # fmt: skip
    yield conclude(
        runs, "000l", "The constants of 28 × 28 pixels serve 14 × 14 as well", SAME,
        Side("those of 28 × 28", as_run("000n")), Side("its own", corrected("000n", "constants")),
        CONSTANTS, asked=True)  # fmt: skip
    yield without_eval(runs, "000n", "dropout", "98.8 %", STOPPED)
    yield conclude(
        runs, "001d", "Pooling before ReLU has no effect", SAME, Side("pooling first", pool_first),
        Side("ReLU first", relu), ORDER, cites=NO_EFFECT)  # fmt: skip
    yield conclude(
        runs, "001e", "tanh takes more epochs than ReLU: after 20 it is behind", WORSE,
        Side("tanh, epoch 20", tanh, epoch=20), Side("ReLU, epoch 20", pool_first, epoch=20),
        TANH, cites="one can see it learns a bit slower")  # fmt: skip


def half() -> Finding:
    """001c: the parameters, against those of 001a's network."""
    cnn, mlp = (parameter_count(built(as_run(task))) for task in ("001c", "001a"))
    return stated(
        "001c", "parameters, against 001a", "about half", f"{cnn / mlp:.2f} times as many",
        BASELINE, holds=abs(cnn / mlp - 0.5) < 0.05, why="It is farther from half.",
        cites="about half the number of weights as the model in")  # fmt: skip


def shrunk(dataset: Dataset) -> Finding:
    """000l: the constants of 28 × 28 pixels, used on images of 14 × 14."""
    small = dataset.resized(14)
    own = Constants.of(torch.cat([small.train.images, small.validation.images]))
    after = own.scaled_std / dataset.constants.scaled_std
    return on_mnist(dataset, stated(
        "000l", "Normalize at 14 × 14 pixels", "with the constants of 28 × 28",
        f"mean {own.scaled_mean:.5f}, standard deviation {own.scaled_std:.5f} at 14 × 14; after "
        f"Normalize it is {after:.3f}", IMAGES, holds=abs(after - 1) < 0.005,
        why="Shrinking averages neighbours, which lowers the standard deviation. What the wrong "
        "one costs stands below, among the conclusions.",
        cites="considering normalization constants and reducing the size to 14*14:"))  # fmt: skip


def dropout_on(runs: Runs) -> Finding:
    """000n: the network with dropout on and off. Our copy has no line of the report's test."""
    experiment = as_run("000n")
    network, x = built(experiment), noise(20, experiment.resize or 28)
    trains, rests = two_answers(network, x), two_answers(network.eval(), x)
    claimed = experiment.claimed("as_run_accuracy")
    cost = runs.compare(Side("", experiment, metric="as_run_accuracy"), Side("", experiment))
    lower = cost is None or cost.difference < 0
    fits = ""
    if cost and lower:
        on, off = (
            prediction_interval([*runs.by_seed(Side("", experiment, metric=metric)).values()])
            for metric in ("as_run_accuracy", "test_accuracy")
        )
        if on.low - 5e-4 <= claimed <= on.high + 5e-4 and claimed < off.low - 5e-4:
            fits = f" A run of ours that gives {per_cent(claimed, 1)} has it on."
    return stated(
        "000n", "accuracy, asked for",
        f"The network reaches {per_cent(claimed, 1)}, not the 99 % asked for.",
        "Call eval() before the test: one answer.", STOPPED,
        holds=not (trains and not rests and claimed < 0.99 and lower),
        why="The code that our copy has calls no eval(), and the lines of the test are not in it. "
        "With dropout on, the network, asked twice, gives two answers to one image. "
        f"{runs.both_ways(experiment)}{fits}", erratum=Erratum(4), table=False,
        cites="the network on the 10000 test images: 98.8%")  # fmt: skip


def order(dataset: Dataset, steps: int = STEPS) -> Iterator[Finding]:
    """001d to 001f: both orders, trained from one seed with the report's SGD at 0.01."""
    relu, tanh = (
        [_trained(dataset, order, activation, steps) for order in ORDERS]
        for activation in ("relu", "tanh")
    )
    relu_first, pool_relu, tanh_first, pool_tanh = map(_weights, relu + tanh)
    equal = int((relu_first == pool_relu).sum())
    yield stated(
        "001d", "pooling before ReLU", "no effect",
        f"the same network: after {steps} steps {equal:,} of {len(relu_first):,} weights are "
        "equal, bit for bit", ORDER, holds=torch.equal(relu_first, pool_relu),
        why="Some weights differ.", cites=NO_EFFECT)  # fmt: skip
    apart = (tanh_first - pool_tanh).abs().max().item()
    by = f" by more than {power_above(apart)}" if apart else " on this processor"
    yield untold(
        "001e", "pooling before tanh", f"after {steps} steps no weight differs{by}", ORDER,
        why="The report trained one order only. They differ by rounding, which depends on the "
        "processor.")  # fmt: skip
    saturated = max(inspection.saturation(tanh[1], dataset.train.inputs(slice(500))).values())
    yield on_mnist(dataset, stated(
        "001f", "tanh against ReLU",
        "tanh needs longer, probably because it is bounded, and so less expressive",
        f"after {steps} steps {per_cent(saturated)} of a layer's outputs, or fewer, are beyond "
        "±0.99", TANH, holds=saturated > 0.02, otherwise="cannot be told",
        why="Saturation, the usual harm of a bound, is next to absent. Whether the bound makes the "
        "network less expressive, no run here tests.",
        cites="This is probably due to Tanh restricting values between [-1,1],"))  # fmt: skip


def _trained(dataset: Dataset, order: str, activation: str, steps: int) -> nn.Module:
    with seeded(0, "weights"):
        model = models.staged_cnn(order, activation)
    optimizer = make_optimizer("sgd", model.parameters(), lr=0.01)
    generator = torch.Generator().manual_seed(0)
    for _ in range(steps):
        index = torch.randint(len(dataset.train), (BATCH,), generator=generator)
        x, labels = dataset.train.inputs(index), dataset.train.labels[index]
        train_step(model, optimizer, F.cross_entropy, x, labels)
    return model


def _weights(model: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])  # [21578]
