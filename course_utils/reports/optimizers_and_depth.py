"""Optimizers and depth: tasks 001g to 001l."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from torch import nn

from course_utils import inspection
from course_utils.basics.numerals import per_cent
from course_utils.data.idx import TEST_IMAGES, TRAIN_IMAGES
from course_utils.evaluation import mean_interval
from course_utils.experiments import TUNINGS, as_run, corrected
from course_utils.reports import rising_costs
from course_utils.reports.conclusions import BETTER, WORSE, Conclusion, conclude
from course_utils.reports.finding import Erratum, Finding, anchors
from course_utils.reports.networks import built, parameters
from course_utils.reports.rising_costs import FROM, RISES, SLOWLY
from course_utils.reports.rules import stated, untold
from course_utils.reports.runs import Runs, Side, accuracy, not_recorded
from course_utils.reports.trained import claims

DEPTH, FIFTY, ALWAYS_1, NORM = anchors(
    "06b_optimizers_and_depth", "Depth, and skips past it", "Fifty epochs, recorded",
    'The network that always says "1"', "Batch norm: fill the square")  # fmt: skip
AXIS, OWN_RATES, ANOTHER, TIME = anchors(
    "06z_comparing_runs", "What an axis says", "Each at its own rate",
    "Another rate, other betas, another batch", "What depth and skips cost in time")  # fmt: skip

ONES = 1_135 / 10_000  # the share of ones, the commonest digit, among the test images

# What the report concludes, in its words.
ALLOWS = "residual connections allows training of deeper networks"
BEST = "The best performing model from exercise 6 was model 6a"
SLIGHTLY = "these modifications resulted in slightly better performance with a test"


def findings(runs: Runs) -> Iterator[Finding]:
    """Give the findings of the page."""
    yield from claims("001g", runs, OWN_RATES)
    yield from first_epochs(runs)
    yield rising_costs.rising_cost(runs)
    yield rising_costs.stable(runs)
    yield axis()
    yield parameters("001h", DEPTH)
    yield from claims("001h", runs, FIFTY, seconds=TIME)
    yield improved(runs)
    yield time_of_depth()
    yield barely_above_chance(runs)
    yield final_cost(runs)
    yield from claims("001i", runs, None, seconds=TIME)
    yield control()
    yield parameters("001j", NORM)
    yield from claims("001j", runs, NORM, seconds=TIME)
    yield no_cost(runs)
    yield rising_costs.later_cost(
        runs, "001j", NORM, "slowly increasing", "the test cost slowly increasing"
    )
    yield from claims("001k", runs, ANOTHER, seconds=TIME)
    yield from another_adam()
    yield rising_costs.later_cost(
        runs, "001k", ANOTHER, "slowly increasing", "the test cost curve is slowly increasing"
    )
    yield from claims("001l", runs, NORM, seconds=TIME)
    yield rising_costs.later_cost(
        runs, "001l", NORM, "starts to increase", "it started to increase sharply",
        "It says sharply; how sharp that is, it doesn't say."
    )  # fmt: skip
    yield from conclusions(runs)


def conclusions(runs: Runs) -> Iterator[Conclusion]:
    """What 1RT720 concludes about optimizers, skips and batch norm."""
    sgd, adam, deep, lost, normal, halved, last = (as_run(f"001{x}") for x in "cghijkl")
    no_skips, past_three = corrected("001i", "lost ReLUs"), corrected("001h", "skip past three")
    needs = "The deep network needs"
    yield conclude(
        runs, "001g", "Adam is better than SGD", BETTER, Side("Adam 0.001", adam),
        Side("SGD 0.01", sgd), OWN_RATES,
        cites="Adam managed to get better results very quickly")  # fmt: skip
    best_adam, best_sgd = (
        Side(f"{name} {e.optimizer_args['lr']:g}", e)
        for name, e in (
            ("Adam", corrected("001g", "tuned rate")), ("SGD", corrected("001c", "tuned rate"))
        )
    )  # fmt: skip
    yield conclude(
        runs, "001g", "Adam is better than SGD after ten epochs, each at its own best rate", BETTER,
        best_adam, best_sgd, OWN_RATES, asked=True)  # fmt: skip
    yield conclude(
        runs, "001g", f"The test loss rises after epoch {FROM}", WORSE,
        Side("epoch 100", adam, metric="test_loss"),
        Side(f"epoch {FROM}", adam, metric="test_loss", epoch=FROM), RISES,
        cites=SLOWLY)  # fmt: skip
    yield conclude(
        runs, "001h", f"{needs} its skips (the control lost three ReLUs)", BETTER,
        Side("a skip past each", deep), Side("no skips, ReLUs lost", lost), FIFTY,
        cites=ALLOWS)  # fmt: skip
    yield conclude(
        runs, "001h", f"{needs} its skips (control put right)", BETTER,
        Side("a skip past each", deep), Side("no skips", no_skips), FIFTY,
        cites=ALLOWS)  # fmt: skip
    yield conclude(
        runs, "001h", f"{needs} skips (as the task asked; control put right)", BETTER,
        Side("a skip past three", past_three), Side("no skips", no_skips), FIFTY,
        cites=ALLOWS)  # fmt: skip
    yield conclude(
        runs, "001j", "Batch norm, with a higher rate, improves the residual network", BETTER,
        Side("BN, SGD 0.025", normal), Side("no BN, SGD 0.01", deep), NORM,
        cites="adding batch normalization to the residual connections improved "
        "performance")  # fmt: skip
    yield conclude(
        runs, "001j", "The residual network with batch norm is the best of exercise 6 (here "
        "against the second, by its own numbers)", BETTER, Side("residual, BN, SGD", normal),
        Side("three convolutions, Adam 0.0005", halved), NORM, cites=BEST)  # fmt: skip
    yield conclude(
        runs, "001k", "Adam with half the rate and other betas is slightly better", BETTER,
        Side("Adam 0.0005, 35 epochs", halved), Side("Adam 0.001, 100 epochs", adam),
        ANOTHER, cites=SLIGHTLY)  # fmt: skip
    yield conclude(
        runs, "001l", "With batch norm and skips Adam is worse than SGD", WORSE,
        Side("Adam 0.001, 25 epochs", last), Side("SGD 0.025, 50 epochs", normal),
        NORM, cites="but not as good as it was in 6a")  # fmt: skip


def first_epochs(runs: Runs) -> Iterator[Finding]:
    """001g: the rate that it gave up, and the cost that it soon came to."""
    yield jumping(runs)
    quantity, theirs = f"least test loss within {FROM} epochs", "around 0.04"
    cites = "the cost was near a minimum of around 0.04"
    recorded, lacking = runs[as_run("001g")], runs.lacking(as_run("001g"))
    if recorded is None or lacking:
        yield untold("001g", quantity, "", OWN_RATES, theirs=theirs, why=lacking, cites=cites)
        return
    least = mean_interval(recorded.curves("test_loss")[:, :FROM].min(axis=1))
    yield stated(
        "001g", quantity, theirs, least.written(4), OWN_RATES, holds=abs(least.mean - 0.04) <= 0.01,
        otherwise="not reproduced", why="It is more than 0.01 away.", cites=cites)  # fmt: skip


def jumping(runs: Runs) -> Finding:
    """001g: how often the loss rises at the rate that it gave up, and at the one that it took."""
    tried = {e.optimizer_args["lr"]: e for e in TUNINGS["cnn-8-16-32-adam-10-epochs"].candidates}
    pair = tried[0.01], tried[0.001]
    told, why = "", runs.lacking(*pair)
    rises = [
        np.diff(found.curves("test_loss")) > 0 for found in map(runs.__getitem__, pair) if found
    ]
    if not why:
        high, low = rises
        told = (
            f"over ten epochs, on validation images, the loss rises {high.sum()} times in "
            f"{high.size} from one epoch to the next; at 0.001, {low.sum()} times (n = {len(high)})"
        )
        why = "It gives no number, and how much is too much is not said."
    return untold(
        "001g", "Adam at a rate of 0.01", told, OWN_RATES, theirs="too much jumping around",
        why=why, cites="a learning rate of 0.01 caused to much jumping around")  # fmt: skip


def axis() -> Finding:
    """001g: fractions on an axis of per cent."""
    value = as_run("001g").claimed("test_accuracy")
    return stated(
        "001g", "accuracy axes", "The accuracy axes are labelled % and show fractions.",
        f"{per_cent(value)}.", AXIS, holds=value > 1,
        why=f"Its last accuracy, drawn as {value}, reads {value:.2f} % on such an axis.",
        erratum=Erratum(7), table=False)  # fmt: skip


def improved(runs: Runs) -> Finding:
    """001h: nine more residual layers, against 001c."""
    deep, plain = as_run("001h"), as_run("001c")
    quantity, theirs = "test accuracy, against 001c", "improved a little bit"
    cites = "as the optimizer did improve the performance a little bit"
    found = runs.compare(Side("", deep), Side("", plain))
    if found is None:
        why = runs.lacking(deep, plain)
        return untold("001h", quantity, "", FIFTY, theirs=theirs, why=why, cites=cites)
    return stated(
        "001h", quantity, theirs, found.points(), FIFTY, holds=found.low > 0,
        otherwise="not reproduced" if found.high < 0 else "cannot be told",
        why="It is lower." if found.high < 0 else "The interval contains 0.",
        cites=cites)  # fmt: skip


def final_cost(runs: Runs) -> Finding:
    """001i: the cost of a network that learns nothing."""
    quantity, theirs = "test loss, last epoch", "very high"
    recorded, cites = runs[as_run("001i")], "The final cost is very high"
    if recorded is None:
        why = not_recorded(as_run("001i"))
        return untold("001i", quantity, "", ALWAYS_1, theirs=theirs, why=why, cites=cites)
    ends, chance = mean_interval(recorded.values("test_loss")), math.log(10)
    return stated(
        "001i", quantity, theirs,
        f"{ends.written(4)}; a tenth for each digit costs {chance:.4f}", ALWAYS_1,
        holds=ends.mean > chance - 0.01, otherwise="not reproduced",
        why="It is lower than that of chance.", cites=cites)  # fmt: skip


def no_cost(runs: Runs) -> Finding:
    """001j: the training loss at the end."""
    quantity, theirs = "training loss, at the end", "almost 0"
    recorded, cites = runs[as_run("001j")], "training set accuracy and almost 0 training cost"
    if recorded is None:
        why = not_recorded(as_run("001j"))
        return untold("001j", quantity, "", NORM, theirs=theirs, why=why, cites=cites)
    ends = mean_interval(recorded.values("train_loss"))
    return stated(
        "001j", quantity, theirs, ends.written(4), NORM, holds=ends.mean < 0.005,
        otherwise="not reproduced", why="It is 0.005 or more.", cites=cites)  # fmt: skip


def time_of_depth() -> Finding:
    """001h: seconds of 50 epochs beside those of 100."""
    deep, plain = as_run("001h"), as_run("001c")
    of_deep, of_plain = (e.claimed("seconds", "total") for e in (deep, plain))
    epoch, shallow = of_deep / deep.epochs, of_plain / plain.epochs
    ours = f"{epoch / shallow:.1f} times"
    adds, fewer = (
        inspection.trace(built(e), (1, 28, 28)).totals.multiply_adds for e in (deep, plain)
    )
    return stated(
        "001h", "time of an epoch, against 001c", "no significant increase, for nine more layers",
        ours, TIME,
        holds=epoch / shallow < 1.1, why=f"Its {of_deep:g} s are of {deep.epochs} epochs, "
        f"the {of_plain:g} s of 001c are of {plain.epochs}.",
        erratum=Erratum(5, "Nine more layers don't significantly raise the training time.",
            f"An epoch takes {ours} as long: {epoch:.2f} s against {shallow:.2f} s. It has "
            f"{adds / fewer:.1f} times the multiply-adds, with skips or without."),
        cites="training time with residuals didn't significantly increase")  # fmt: skip


def barely_above_chance(runs: Runs) -> Finding:
    """001i: above 10 %, and no better than a network that always gives the commonest answer."""
    said = "001i", "test accuracy", "barely better than random guessing"
    cites = "the final test accuracy is barely better than random guessing"
    recorded = runs[as_run("001i")]
    if recorded is None:
        why = not_recorded(as_run("001i"))
        return untold(*said[:2], "", ALWAYS_1, theirs=said[2], why=why, cites=cites)
    values = recorded.values("test_accuracy")
    right = sum(0.1 < value <= ONES for value in values)
    why = (
        f"Of our {len(values)} seeds {right} end above 10 % and not above {per_cent(ONES)}, "
        "the share of ones: so does a network that always answers 1."
    )
    found = stated(
        *said, accuracy(values), ALWAYS_1, holds=right == len(values), otherwise="not reproduced",
        why=why, cites=cites)  # fmt: skip
    return replace(found, why=why)


def control() -> Finding:
    """001i: the network without skips, and without three of its ReLUs."""
    lost, kept = (
        sum(isinstance(module, nn.ReLU) for module in built(experiment).modules())
        for experiment in (as_run("001i"), corrected("001i", "lost ReLUs"))
    )
    return stated(
        "001i", "control", "The control is the same network without skips.",
        f"A control differs in one thing: the {kept - lost} ReLUs stay.", DEPTH, holds=lost == kept,
        why=f"Its code leaves out those {kept - lost} of the 16 channels. With a ReLU more before "
        f"each pooling, ours has {lost} ReLUs in place of {kept}.", erratum=Erratum(5), table=False,
        cites="an identical network architecture to that of the deep residual")  # fmt: skip


def another_adam() -> Iterator[Finding]:
    """001k: an accuracy that is called better, and a batch size that is not the program's."""
    k, g = as_run("001k"), as_run("001g")
    after, before = (e.claimed("test_accuracy") for e in (k, g))
    n_test, said = TEST_IMAGES.shape[0], 35
    yield stated(
        "001k", "test accuracy, against 001g", "slightly better",
        f"{per_cent(after)} against {per_cent(before)}", ANOTHER, holds=after > before,
        why="It changes 001g's Adam, and by the report's own numbers the result is worse, by "
        f"{100 * (before - after):.2f} points.",
        erratum=Erratum(6, f"{per_cent(after)} is slightly better.",
            f"It is worse by {(before - after) * n_test:.0f} of {n_test:,} images."),
        cites=SLIGHTLY)  # fmt: skip
    steps = [-(-TRAIN_IMAGES.shape[0] // size) for size in (said, k.batch_size)]
    yield stated(
        "001k", "batch size", f"The batch size is {said}.", f"{k.batch_size}.", ANOTHER,
        holds=k.batch_size == said,
        why=f"The code takes {k.batch_size}, for {k.epochs} epochs. With {said} an epoch would "
        f"have {steps[0]:,} steps, not {steps[1]:,}.", erratum=Erratum(6), table=False,
        cites="35 epochs, mini batch size of 35,")  # fmt: skip
