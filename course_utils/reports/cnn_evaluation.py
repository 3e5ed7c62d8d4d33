"""Measuring, naming and feeding networks: tasks 002m to 002o, 003m to 003p, and 004m to 004o."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms

from course_utils.basics.numerals import minus, per_cent
from course_utils.data import Dataset
from course_utils.experiments import Experiment, as_run, corrected
from course_utils.models import parameter_count
from course_utils.reports.conclusions import BETTER, SAME, conclude, without_eval
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.networks import built, noise, parameters, two_answers
from course_utils.reports.rules import computed, scientific, stated, untold
from course_utils.reports.runs import Runs, Side
from course_utils.reports.trained import claims

(NO_EVAL, CURVES, RANGE, NAMES, AWAKE, LOGITS, SLIPS, CNN_OR_MLP, COUNTS,
 LATE, MATTERS, RULE, USED) = anchors(
    "06c_evaluation", "Evaluating without eval()", "Over- or underfit? Read the curves",
    "The range of ReLU", "Curves under the wrong names", "Dropout that never sleeps",
    "A ReLU on the logits", "Both slips, two by two", "CNN or MLP?", "Two counts",
    "A normalisation that never ran", "Does it matter?", "Two thirds",
    "Which techniques were used?")  # fmt: skip


def findings(dataset: Dataset, runs: Runs) -> Iterator[Finding]:
    """Give the findings of the page."""
    yield parameters("002m", NO_EVAL)
    yield from claims("002n", runs, CURVES)
    yield batch_statistics(runs)
    yield without_eval(runs, "002n", "batch norm", "99.26 %", NO_EVAL)
    yield from summary()
    yield from activations()
    yield from small_cnn(dataset, runs)
    yield from cnn_or_mlp(runs)
    yield from two_counts()
    yield parameters("004m", LATE)
    yield normalize(dataset)
    yield from claims("004n", runs, MATTERS)
    yield conclude(
        runs, "004n", "The normalisation that never ran would change nothing", SAME,
        Side("pixels in [0, 1]", as_run("004n")),
        Side("normalised", corrected("004n", "normalisation")), MATTERS)  # fmt: skip
    yield techniques(as_run("004n"))


def batch_statistics(runs: Runs) -> Finding:
    """002n: one image in the company of others, and what a test leaves behind."""
    network, x = built(as_run("002n")), noise(20)
    running_mean = next(network.buffers())
    before = running_mean.clone()
    with torch.no_grad():
        alone, among = (network(torch.cat([x[:1], others]))[0] for others in (x[1:10], x[10:]))
    apart = float((alone - among).abs().max())
    moved = float((running_mean - before).abs().max())
    return stated(
        "002n", "measurement", "The ten test accuracies were measured without eval().",
        "With eval() the logits depend on the image alone, and nothing is moved.", NO_EVAL,
        holds=not (apart > 1e-3 and moved > 1e-3),
        why=f"In other company one image gets other logits, by up to {apart:.2f}; and two test "
        f"batches move the running means by up to {moved:.3f}. {runs.both_ways(as_run('002n'))}",
        erratum=Erratum(11), table=False)  # fmt: skip


def summary() -> Iterator[Finding]:
    """002o: CIS6800's summary against its own log."""
    report = as_run("002n")
    read = [report.claimed("train_accuracy", epoch) for epoch in range(1, 9)]
    highest = max(report.claimed("as_run_loss", epoch) for epoch in range(1, 7))
    loss = 0.024  # the report's log ends at this or less
    yield stated(
        "002o", "training accuracy, in the summary", "0.995",
        f"{read[-1]:.4f} after epoch {len(read)} of its log", CURVES, holds=max(read) >= 0.9945,
        otherwise="cannot be told",
        why="None of the log's training accuracies that can be read is as high, but its last two "
        "cannot be read.")  # fmt: skip
    yield computed(
        "002o", "training loss, in the summary", "0.08", Fraction(str(loss)), CURVES,
        why=f"It contradicts its own log, which ends at {loss} or less. Even the highest test "
        f"loss that can be read there is {highest}.",
        erratum=Erratum(12, "In the end the training loss is 0.08.",
            f"{loss} or less: {0.08 / loss:.1f} times " "less than that."))  # fmt: skip
    yield computed(
        "002o", "test accuracy, in the summary", "0.991",
        Fraction(str(report.claimed("as_run_accuracy"))), CURVES, why="It contradicts its own log.",
        erratum=Erratum(12, "In the end the test accuracy is 0.991."))  # fmt: skip


def activations() -> Iterator[Finding]:
    """003m: what DS5220 says of ReLU, tanh and the number of units."""
    x = torch.linspace(-20, 20, 4001, dtype=torch.float64)
    low, high = x.relu().min().item(), x.relu().max().item()
    apart = (x.tanh() - (2 * (2 * x).sigmoid() - 1)).abs().max().item()
    yield stated(
        "003m", "range of ReLU", "(−∞, 0]",
        f"[0, ∞): for x from −20 to 20 it is from {low:g} to {high:g}", RANGE,
        holds=low < 0 and high <= 0, why="ReLU is max(0, x).",
        erratum=Erratum(13, "The range of ReLU is (−∞, 0]."))  # fmt: skip
    yield stated(
        "003m", "tanh by the sigmoid", "tanh x = 2 σ(2x) − 1", "the same, to 1e-14", RANGE,
        holds=apart < 1e-14, why="The two differ.")  # fmt: skip
    yield untold(
        "003m", "how many units", f"its rule gives {round(2 / 3 * 784 + 10)} for MNIST", RULE,
        theirs="2/3 rules",
        why="No measurement comes with it. In the chapter's runs nothing happens "
        "there.")  # fmt: skip


def small_cnn(dataset: Dataset, runs: Runs) -> Iterator[Finding]:
    """003n: a network with two faults, each put right alone and both together."""
    faulty, right = as_run("003n"), corrected("003n", "both")
    yield parameters("003n", COUNTS, "8,490")
    yield names_of_curves(dataset, built(right).eval())
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
        "answers to one image.", erratum=Erratum(15), table=False)  # fmt: skip
    yield relu_on_logits()
    neither = Side("neither", right)
    for says, label, experiment in (
        ("95.4 % stands for the network: its two faults change nothing",
         "dropout awake, ReLU on logits", faulty),
        ("Dropout that is awake in the test changes nothing", "dropout awake",
         corrected("003n", "ReLU on the logits")),
        ("A ReLU on the logits changes nothing", "ReLU on logits", corrected("003n", "dropout")),
    ):  # fmt: skip
        yield conclude(runs, "003n", says, SAME, Side(label, experiment), neither, SLIPS)


def names_of_curves(dataset: Dataset, network: nn.Module) -> Finding:
    """003n: the curve that is called accuracy."""
    with torch.no_grad():
        first = F.nll_loss(network(dataset.test.inputs(slice(64))), dataset.test.labels[:64])
    return stated(
        "003n", "names of its curves", "the falling one is called accuracy",
        f"it starts near {first.item():.1f}, as an untrained network's loss does: log 10", NAMES,
        holds=first.item() <= 1, why="An accuracy is at most 1. The names are swapped.",
        erratum=Erratum(15, "The falling curve is called accuracy, the rising one loss.",
            "The labels are swapped."))  # fmt: skip


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
        CNN_OR_MLP)  # fmt: skip
    put_right = conclude(runs, "003o", f"{says} (CNN put right)", BETTER, cnn, mlp, CNN_OR_MLP)
    yield put_right
    of_cnn, of_mlp = (e.claimed("test_accuracy") for e in (faulty, perceptron))
    behind = f"worse by {100 * (of_mlp - of_cnn):.1f} points"
    right = f"{put_right.comparison.points()}." if put_right.comparison else put_right.why
    yield stated(
        "003o", "CNN or MLP", "the CNN is slightly better",
        f"by its own numbers {of_cnn} against {of_mlp}: {behind}", CNN_OR_MLP,
        holds=of_cnn > of_mlp,
        why="Dropout was awake in the test and ReLU stood on the logits. Put right, the CNN is "
        "better.", erratum=Erratum(16, f"{says}.", f"Put right: {right}"))  # fmt: skip


def two_counts() -> Iterator[Finding]:
    """003p: the parameters that DS5220's text compares."""
    cnn, mlp = built(as_run("003n")), built(as_run("003h"))
    biases = [*cnn.parameters()][-1].numel()
    small, large = parameter_count(cnn), parameter_count(mlp)
    yield computed(
        "003p", "parameters of the CNN", "8480", small, COUNTS,
        why=f"{small - biases:,} is what it has without the last {biases} biases.",
        erratum=Erratum(13, "The CNN has 8480 parameters."))  # fmt: skip
    yield computed(
        "003p", "parameters of the MLP", "100,770", large, COUNTS,
        why=f"784 · 128 + 128 + 128 · 10 + 10 = {large:,}. The report's number is no sum of these "
        "parts: a slip of the pen.",
        erratum=Erratum(13, "The MLP has 100,770 parameters."))  # fmt: skip


def normalize(dataset: Dataset) -> Finding:
    """004m: a Normalize that is defined after the data set, as CSCI4146's program does."""
    k = dataset.constants
    transform: transforms.ToTensor | transforms.Compose = transforms.ToTensor()
    train_set = dataset.train.first(640).as_dataset(transform)
    transform = transforms.Compose([transform, transforms.Normalize(k.scaled_mean, k.scaled_std)])
    arrived, _ = next(iter(DataLoader(train_set, batch_size=640)))
    intended = dataset.normalized().train.inputs(slice(640))
    ours = (
        f"never applied: a batch has mean {arrived.mean():.2f}, deviation {arrived.std():.2f} and "
        f"lowest pixel {arrived.min():.2f}; intended were {intended.mean():.2f}, "
        f"{intended.std():.2f} and {intended.min():.2f}"
    )
    return stated(
        "004m", "Normalize", "defined in the program", minus(ours), LATE,
        holds=bool(arrived.min() < 0),
        why="The data set was made with the earlier transform. A name given anew changes nothing "
        "in it, and no error is raised.",
        erratum=Erratum(21, "The pixels are normalised.",
            "Define it first, and print mean and deviation of one batch."))  # fmt: skip


def techniques(experiment: Experiment) -> Finding:
    """004o: which of the techniques that CSCI4146 lists are in its program."""
    layers = [*built(experiment).modules()]
    decay = experiment.optimizer_args.get("weight_decay", 0)
    found = {
        "weight decay": decay > 0,
        "dropout": any(isinstance(layer, nn.Dropout | nn.Dropout2d) for layer in layers),
        "batch norm": any(isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) for layer in layers),
        "normalised pixels": experiment.normalization != "unit",
    }
    used, absent = ([name for name in found if found[name] == there] for there in (True, False))
    return stated(
        "004o", "which choices helped", "several techniques, listed",
        f"in the program: {', '.join(used)} ({scientific(decay)}); not in it: {', '.join(absent)}",
        USED, holds=not absent,
        why="What is not in the program did not help. What is in it need not have helped either: "
        "only a run without it tells.")  # fmt: skip
