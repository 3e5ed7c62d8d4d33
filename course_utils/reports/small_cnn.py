"""DS5220's small network, its formulas and its counts: tasks 003m to 003p."""

import math
from collections.abc import Iterator
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.basics.numerals import minus, per_cent
from course_utils.data.idx import TEST_IMAGES
from course_utils.experiments import as_run, corrected
from course_utils.models import parameter_count
from course_utils.reports.conclusions import BETTER, SAME, conclude
from course_utils.reports.finding import Anchor, Erratum, Finding, anchors
from course_utils.reports.networks import built, noise, parameters, two_answers
from course_utils.reports.rules import computed, measured, stated, untold
from course_utils.reports.runs import Runs, Side, not_recorded
from course_utils.reports.trained import claims
from course_utils.training import seeded

AWAKE, LOGITS, SLIPS = anchors(
    "06c_evaluation", "Dropout that never sleeps", "A ReLU on the logits",
    "Both slips, two by two")  # fmt: skip
SAID, RANGE, NAMES, CNN_OR_MLP, COUNTS, RULE = anchors(
    "06x_reading_a_report", "What is said and what is so", "The range of ReLU",
    "Print lines under the wrong names", "CNN or MLP?", "Two counts", "Two thirds")  # fmt: skip

# DS5220's four print lines: the name it gives each number, the number, and what it averages.
PRINTED = {
    "train accuracy": ("0.96", "test_accuracy"), "test accuracy": ("0.957", "train_accuracy"),
    "train loss": ("0.0015", "test_loss"), "test loss": ("0.122", "train_loss"),
}  # fmt: skip
ACCURACIES = "Train accuracy is 0.96 and the test accuracy is 0.957"
LOSSES = "TRAIN LOSS IS 0.0015 AND TEST LOSS IS 0.122"
BETTER_THAN = "model the test accuracy is only slightly better since the"


def findings(runs: Runs) -> Iterator[Finding]:
    """Give the findings about it."""
    yield from activations()
    yield from small_cnn(runs)
    yield from cnn_or_mlp(runs)
    yield from two_counts()


def activations() -> Iterator[Finding]:
    """003m: what DS5220 says of ReLU, tanh and the number of units."""
    x = torch.linspace(-20, 20, 4001, dtype=torch.float64)
    low, high = x.relu().min().item(), x.relu().max().item()
    apart = (x.tanh() - (2 * (2 * x).sigmoid() - 1)).abs().max().item()
    yield stated(
        "003m", "range of ReLU", "(−∞, 0]",
        f"[0, ∞): for x from −20 to 20 it is from {low:g} to {high:g}", RANGE,
        holds=low < 0 and high <= 0, why="ReLU is max(0, x), as the report writes one line above.",
        erratum=Erratum(13, "The range of ReLU is (−∞, 0]."),
        cites=r"Value Range: $(-\infty, 0]$")  # fmt: skip
    yield stated(
        "003m", "tanh by the sigmoid", "tanh x = 2 σ(2x) − 1", "the same, to 1e-14", RANGE,
        holds=apart < 1e-14, why="The two differ.",
        cites=r"$\tanh(x) = 2 * \text{sigmoid}(2x) - 1$")  # fmt: skip
    inputs, outputs = 784, 10
    yield untold(
        "003m", "how many units",
        f"for MNIST {round(2 / 3 * inputs + outputs)}, fewer than {2 * inputs:,}, "
        f"{(inputs + outputs) // 2}", RULE,
        theirs="2/3 of the inputs, plus the outputs; fewer than twice the inputs; the mean of both",
        why="No measurement comes with them.",
        cites="2/3 the size of the input layer plus the size")  # fmt: skip
    yield configurations()


def configurations() -> Finding:
    """003m: two of three usual networks, read literally, with average pooling."""
    x = noise(3).double()
    with seeded(0, "weights"):
        layers = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AvgPool2d(2), nn.Conv2d(2, 3, 3),
                               nn.AvgPool2d(2)).double()  # fmt: skip
    with torch.no_grad():
        apart = float((layers(x[:1] + x[1:2] - x[2:]) - layers(x[:1]) - layers(x[1:2])
                       + layers(x[2:])).abs().max())  # fmt: skip
    nothing = "are one linear layer" if apart < 1e-12 else "are more than one linear layer"
    return untold(
        "003m", "common configurations",
        f"(convolution, average pooling) × 2 with no activation between {nothing}", SAID,
        theirs="convolution, activation, dense; (convolution, pooling) × 2 or more, activation, "
        "dense; the same × 3 or more, with padding",
        why="How common they are, no run tells. Read literally, the last two have one activation, "
        "after all their convolutions.",
        cites="Input -> Convolution layer -> Activation Layer -> Fully Connected")  # fmt: skip


def decay(task: str, place: Anchor) -> Finding:
    """003h and 003n: a decay of the learning rate among the hyperparameters."""
    experiment = as_run(task)
    rate, gamma = experiment.optimizer_args["lr"], 0.95
    last = rate * gamma ** (experiment.epochs - 1)
    return untold(
        task, "gamma, among the hyperparameters",
        f"the rate stays {rate:g}; multiplied by it after each epoch, it would end at {last:.4f}",
        place, theirs=f"{gamma}",
        why="Nothing in its program uses it, and with a falling rate this is not run here.",
        cites=f"max_epochs=10 gamma = {gamma}")  # fmt: skip


def small_cnn(runs: Runs) -> Iterator[Finding]:
    """003n: a network with two faults, each put right alone and both together."""
    faulty, right = as_run("003n"), corrected("003n", "both")
    yield parameters("003n", COUNTS, "8,490", "Total params: 8,490")
    yield decay("003n", SLIPS)
    yield from print_lines(runs)
    told = runs.told(right)
    note = f"Dropout was awake in the test, ReLU stood on the logits. With neither: {told}"
    for found in claims("003n", runs, SLIPS):
        yield replace(found, why=f"{found.why} {note}".strip()) if runs[faulty] else found
    awake, asleep = (two_answers(built(e).eval(), noise(20)) for e in (faulty, right))
    yield stated(
        "003n", "dropout in evaluation",
        f"The test accuracy is {per_cent(faulty.claimed('test_accuracy'), 1)}, with eval() called.",
        f"A layer, nn.Dropout2d. {'Put right: ' * (runs[right] is not None)}{told}", AWAKE,
        holds=not (awake and not asleep),
        why="The functional dropout2d has no mode: asked twice in eval mode, the network gives two "
        "answers to one image.", erratum=Erratum(15), table=False,
        cites="Test accuracy: 0.954")  # fmt: skip
    yield relu_on_logits()
    neither = Side("neither", right)
    for says, label, experiment in (
        ("95.4 % stands for the network: its two faults change nothing",
         "dropout awake, ReLU on logits", faulty),
        ("Dropout that is awake in the test changes nothing", "dropout awake",
         corrected("003n", "ReLU on the logits")),
        ("A ReLU on the logits changes nothing", "ReLU on logits", corrected("003n", "dropout")),
    ):  # fmt: skip
        yield conclude(
            runs, "003n", says, SAME, Side(label, experiment), neither, SLIPS, asked=True
        )


def print_lines(runs: Runs) -> Iterator[Finding]:
    """003n: four averages over the epochs, each printed under the name of another."""
    (accuracy, _), (loss, _) = PRINTED["train accuracy"], PRINTED["train loss"]
    wrong = 1 - float(accuracy) - 0.005  # rounded as far up as its two decimals allow
    least = wrong * math.log(2)
    yield stated(
        "003n", "names of its print lines", f"train accuracy {accuracy}, train loss {loss}",
        f"with {per_cent(wrong, 1)} wrong a loss is {least:.3f} or more", NAMES,
        holds=float(loss) >= least,
        why="A wrong image costs at least log 2. Its program prints the test set's averages under "
        "the names of the training set's, and the other way round.",
        erratum=Erratum(15, "The train accuracy is 0.96 and the train loss 0.0015, the test "
            "accuracy 0.957 and the test loss 0.122.",
            "In both pairs the names are swapped; and 0.0015 is a sum of batch means over the "
            "number of images."), cites=LOSSES)  # fmt: skip
    faulty = as_run("003n")
    recorded = runs[faulty]
    images = TEST_IMAGES.shape[0]
    batches = -(-images // faulty.batch_size)
    for name, (printed, metric) in PRINTED.items():
        quantity = (
            f"mean {metric.replace('_', ' ').replace('train ', 'training ')}, printed as {name}"
        )
        cites = LOSSES if "loss" in name else ACCURACIES
        if recorded is None:
            why = not_recorded(faulty)
            yield untold("003n", quantity, "", NAMES, why=why, theirs=printed, cites=cites)
            continue
        scale = batches / images if metric == "test_loss" else 1
        curves = scale * recorded.curves(metric)
        means = curves.mean(axis=1).tolist()
        why = f"In our last epoch it is {curves[:, -1].mean():.4f}."
        if metric == "train_loss":
            why += " The report's is a mean over every hundredth batch, ours over all of them."
        yield measured("003n", quantity, printed, means, NAMES, why=why, cites=cites)


def relu_on_logits() -> Finding:
    """003n: the gradient of a right logit that is negative."""
    z = torch.tensor([[2.0, -1.0, -3.0]], requires_grad=True)
    plain, cut = (
        float(torch.autograd.grad(F.cross_entropy(logits, torch.tensor([1])), z)[0][0, 1])
        for logits in (z, z.relu())
    )
    return stated(
        "003n", "ReLU on the logits", "ReLU stands between the last layer and the softmax.",
        "The logits go into the softmax as they are.", LOGITS, holds=not cut == 0 > plain,
        why=f"Where the right logit is −1, beside 2 and −3, its gradient is {cut:g}. Without ReLU "
        f"it is {minus(f'{plain:.2f}')}: grow.", erratum=Erratum(15), table=False)  # fmt: skip


def cnn_or_mlp(runs: Runs) -> Iterator[Finding]:
    """003o: DS5220's comparison, on its own numbers and over seeds."""
    says = "The CNN is slightly better than the MLP"
    faulty, perceptron = as_run("003n"), as_run("003h")
    cnn, mlp = Side("CNN, put right", corrected("003n", "both")), Side("MLP", perceptron)
    yield conclude(
        runs, "003o", f"{says} (as run)", BETTER, Side("CNN, both faults", faulty), mlp,
        CNN_OR_MLP, cites=BETTER_THAN)  # fmt: skip
    put_right = conclude(
        runs, "003o", f"{says} (CNN put right)", BETTER, cnn, mlp, CNN_OR_MLP, cites=BETTER_THAN
    )
    yield put_right
    of_cnn, of_mlp = (e.claimed("test_accuracy") for e in (faulty, perceptron))
    behind = f"worse by {100 * (of_mlp - of_cnn):.1f} points"
    right = f"{put_right.comparison.points()}." if put_right.comparison else put_right.why
    yield stated(
        "003o", "CNN or MLP", "the CNN is only slightly better",
        f"by its own numbers {of_cnn} against {of_mlp}: {behind}", CNN_OR_MLP,
        holds=of_cnn > of_mlp,
        why="Dropout was awake in the test and ReLU stood on the logits. Put right, the CNN is "
        "better.", erratum=Erratum(16, f"{says}.", f"Put right: {right}"),
        cites=BETTER_THAN)  # fmt: skip


def two_counts() -> Iterator[Finding]:
    """003p: the parameters that DS5220 adds up rightly, and those of its closing sentence."""
    for name, task, right, last, cites in (
        ("CNN", "003n", "8,490", "8480", "the Number of Parameters for CNN (8480)"),
        ("MLP", "003h", "101,770", "100,770", "than that of FNN architecture (100,770)"),
    ):  # fmt: skip
        count = parameter_count(built(as_run(task)))
        yield computed(
            "003p", f"parameters of the {name}, added up", right, count, COUNTS,
            why="The network has others.", cites=f"will be = **{right}**")  # fmt: skip
        yield computed(
            "003p", f"parameters of the {name}, closing sentence", last, count, COUNTS,
            why=f"The same page of the report adds up {right}, rightly.",
            erratum=Erratum(13, f"In the closing sentence the {name} has {last} parameters."),
            cites=cites)  # fmt: skip
