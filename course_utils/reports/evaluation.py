"""Measuring and feeding networks: tasks 002m to 002o, 004m to 004o, and ``small_cnn``'s."""

from collections.abc import Iterator
from functools import partial

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms

from course_utils.basics.numerals import minus, per_cent
from course_utils.data import Dataset
from course_utils.experiments import Experiment, as_run, corrected
from course_utils.models import parameter_count
from course_utils.reports import small_cnn
from course_utils.reports.conclusions import BETTER, SAME, conclude, without_eval
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.networks import built, noise, parameters
from course_utils.reports.rules import scientific, stated, untold
from course_utils.reports.runs import Runs, Side
from course_utils.reports.trained import claims

NO_EVAL, LATE, MATTERS = anchors(
    "06c_evaluation", "Evaluating without eval()", "A normalisation that never ran",
    "Does it matter?")  # fmt: skip
CURVES, TRIALS, USED = anchors(
    "06x_reading_a_report", "Over- or underfit? Read the curves", "A softmax too many",
    "Which techniques were used?")  # fmt: skip


def findings(dataset: Dataset, runs: Runs) -> Iterator[Finding]:
    """Give the findings of the page."""
    yield parameters("002m", NO_EVAL)
    yield from claims("002n", runs, CURVES)
    yield batch_statistics(runs)
    yield without_eval(runs, "002n", "batch norm", "99.26 %", NO_EVAL)
    yield from summary()
    yield from trials(runs)
    yield from small_cnn.findings(runs)
    yield parameters("004m", LATE)
    yield normalize(dataset)
    yield from claims("004n", runs, MATTERS)
    yield conclude(
        runs, "004n", "The normalisation that never ran would change nothing", SAME,
        Side("pixels in [0, 1]", as_run("004n")),
        Side("normalised", corrected("004n", "normalisation")), MATTERS, asked=True)  # fmt: skip
    yield from techniques(as_run("004n"))


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
    """002o: CIS6800's summary beside what our copy shows of its log."""
    report = as_run("002n")
    read, losses, tests = (
        [report.claimed(metric, epoch) for epoch in range(1, epochs + 1)]
        for metric, epochs in (("train_accuracy", 8), ("train_loss", 6), ("as_run_loss", 6))
    )
    accuracies = [report.claimed("as_run_accuracy", epoch) for epoch in range(1, 11)]
    yield stated(
        "002o", "training accuracy, in the summary", "99.5 %",
        f"{per_cent(read[-1])} after epoch {len(read)} of its log", CURVES,
        holds=max(read) >= 0.9945, otherwise="cannot be told",
        why="Its last two training accuracies are cut off in our copy.",
        cites="Training accuracy increases to 99.5%")  # fmt: skip
    yield stated(
        "002o", "training loss, in the summary", "0.08",
        f"{losses[1]:.4f} after epoch 2 of its log, {losses[-1]:.4f} after epoch {len(losses)}",
        CURVES, holds=min(losses) >= 0.075,
        why="From epoch 2 on, each legible loss of its log is below 0.08, which is "
        f"{0.08 / losses[-1]:.1f} times the last of them. Four more are cut off in our copy.",
        erratum=Erratum(12, "Over ten epochs the training loss decreases to 0.08."),
        cites="Over 10 epochs, training loss decreases to 0.08")  # fmt: skip
    low, high = min(accuracies[5:]), max(accuracies[5:])
    yield stated(
        "002o", "test accuracy, in the summary", "about 99.1 %",
        f"from {per_cent(low)} to {per_cent(high)} in its log's last five epochs, "
        f"{per_cent(accuracies[-1])} in the last", CURVES, holds=low <= 0.991 <= high,
        why="Its log has another.", cites="Testing accuracy is about 99.1%")  # fmt: skip
    yield stated(
        "002o", "test loss, in the summary", "about 0.03",
        f"{tests[-1]:.4f} after epoch {len(tests)} of its log", CURVES,
        holds=0.025 <= tests[-1] < 0.035, otherwise="cannot be told",
        why="Its last four test losses are cut off in our copy.",
        cites="testing loss is about 0.03")  # fmt: skip
    yield untold(
        "002o", "test loss against training loss",
        f"{tests[-1]:.4f} against {losses[-1]:.4f} after epoch {len(tests)} of its log", CURVES,
        theirs="very close", why="Its last four of both are cut off in our copy.",
        cites="test loss are very close to train accuracies and loss")  # fmt: skip


def trials(runs: Runs) -> Iterator[Finding]:
    """002o: what CIS6800 says of its trials: softmax at the end, another rate, more epochs."""
    report, other = as_run("002n"), corrected("002n", "softmax at the end")
    side = partial(Side, metric="as_run_accuracy")
    quantity, theirs = "softmax at the end, removed", "3–4 % better"
    cites = "helped me improve my accuracy by 3-4%"
    found = runs.compare(side("", report), side("", other))
    if found is None:
        why = runs.lacking(report, other)
        yield untold("002o", quantity, "", TRIALS, theirs=theirs, why=why, cites=cites)
    else:
        low, high = 0.025, 0.045  # what rounds to 3 or 4 points
        meets = found.high > low and found.low < high
        yield stated(
            "002o", quantity, theirs, found.points(), TRIALS,
            holds=found.low > low and found.high < high,
            otherwise="cannot be told" if meets else "not reproduced",
            why=f"The interval {'reaches beyond' if meets else 'lies outside'} {100 * low:g} to "
            f"{100 * high:g} points.",
            cites=cites)  # fmt: skip
    yield conclude(
        runs, "002o", "A rate of 0.01 does better than 0.05", BETTER,
        side("Adam 0.01", report), side("Adam 0.05", corrected("002n", "rate 0.05")), TRIALS,
        cites="0.05 and 0.01 and observed better results with 0.01")  # fmt: skip
    yield untold(
        "002o", "more epochs", f"our runs end after {report.epochs} epochs", CURVES,
        theirs="it was overfitting: the test loss increased",
        why="It says neither how many nor how much.",
        cites="the model was definitely overfitting (increasing test loss)")  # fmt: skip


def normalize(dataset: Dataset) -> Finding:
    """004m: a transform with Normalize that no data set is given, as in CSCI4146's program."""
    k = dataset.constants
    train_set = dataset.train.first(640).as_dataset(transforms.ToTensor())
    train_transform = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize(k.scaled_mean, k.scaled_std)]
    )
    arrived, _ = next(iter(DataLoader(train_set, batch_size=640)))
    train_set = dataset.train.first(640).as_dataset(train_transform)
    intended, _ = next(iter(DataLoader(train_set, batch_size=640)))
    ours = (
        f"never passed on: a batch has mean {arrived.mean():.2f}, standard deviation "
        f"{arrived.std():.2f} and lowest pixel {arrived.min():.2f}; with it they are "
        f"{intended.mean():.2f}, "
        f"{intended.std():.2f} and {intended.min():.2f}"
    )
    return stated(
        "004m", "Normalize", "defined, in train_transform and test_transform", minus(ours), LATE,
        holds=bool(arrived.min() < 0),
        why="The data sets were made before it, with another transform, and no error is raised.",
        erratum=Erratum(21, "Normalize is defined, in train_transform and test_transform.",
            "Pass it to the data set, and print mean and standard deviation of one "
            "batch."))  # fmt: skip


def techniques(experiment: Experiment) -> Iterator[Finding]:
    """004o: which of the techniques that CSCI4146 names are in its program."""
    kinds = {type(layer).__name__ for layer in built(experiment).modules()}
    decay = experiment.optimizer_args.get("weight_decay", 0)
    named = {
        "pixels in [0, 1]": experiment.normalization == "unit",
        "ReLU": "ReLU" in kinds,
        "Adam": experiment.optimizer == "adam",
        "cross-entropy": experiment.loss == "cross_entropy",
    }
    yield stated(
        "004o", "how the model was optimized", ", ".join(named),
        f"in the program: {', '.join(name for name, there in named.items() if there)}", USED,
        holds=all(named.values()), why="Not all of them are in the program.",
        cites="The following are ways the model was optimized:")  # fmt: skip
    possible = {
        f"weight decay ({scientific(decay)})": decay > 0,
        "dropout": any("Dropout" in kind for kind in kinds),
        "batch norm": any("BatchNorm" in kind for kind in kinds),
    }
    used, absent = ([t for t in possible if possible[t] == there] for there in (True, False))
    yield untold(
        "004o", "what can be applied", f"in the program: {', '.join(used) or 'none'}; not in it: "
        f"{', '.join(absent) or 'none'}", USED, theirs="dropout or weight decay; batch norm",
        why="The report doesn't say which of them it used. Whether one helps, only a run without "
        "it tells.",
        cites="dropout or weight decay (L2 regularization) can be applied")  # fmt: skip
    network = built(experiment)
    shared = sum(parameter_count(m) for m in network.modules() if isinstance(m, nn.Conv2d))
    yield untold(
        "004o", "why a CNN", f"{per_cent(shared / parameter_count(network), 0)} of its parameters "
        "are in the two convolutions", USED,
        theirs="local connectivity, shared parameters, pooling, a hierarchy of features",
        why="True of convolutions with pooling as such. The report varies none of it, so its run "
        "can't tell what each of them brings.",
        cites="CNN is a good choice for image classification like the")  # fmt: skip
