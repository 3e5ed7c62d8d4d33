"""Which conclusions do the reports draw from training, and which two sides would have to differ?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from course_utils.experiments.registry import find
from course_utils.reports.places import COST_RISES, MLP, SLIPS, place
from course_utils.reports.rows import Place
from course_utils.reports.runs import Side

Expected = Literal["better", "worse", "indistinguishable"]
BETTER: Expected = "better"
WORSE: Expected = "worse"
SAME: Expected = "indistinguishable"


@dataclass(frozen=True)
class Question:
    """A conclusion, and what it expects of ``a`` against ``b``. ``place`` is the task's unless set.

    >>> QUESTIONS[2].says, QUESTIONS[2].expected
    ('Pooling before ReLU has no effect', 'indistinguishable')
    """

    task: str
    says: str
    expected: Expected
    a: Side
    b: Side
    elsewhere: Place | None = None

    def __post_init__(self) -> None:
        if self.a.metric.split("_")[-1] != self.b.metric.split("_")[-1]:
            raise ValueError(
                f"b: {self.b.metric} cannot be compared with {self.a.metric}; "
                "both must be losses or both accuracies"
            )

    @property
    def place(self) -> Place:
        return self.elsewhere or place(self.task)


def side(
    label: str,
    tasks: str,
    put_right: int = 0,
    *,
    metric: str = "test_accuracy",
    epoch: int | None = None,
) -> Side:
    """What tasks trained, as their report ran it, or the experiment so many places behind that.

    >>> side("ReLU lost", "001i").names, side("control", "001i", 1).names
    (('cnn-8-16-32-deep-relu-lost-sgd',), ('cnn-8-16-32-deep-sgd',))
    """
    names = tuple(find(task)[put_right].name for task in tasks.split())
    return Side(names, metric, epoch, label)


def without_eval(tasks: str, what: str, printed: str, where: Place | None = None) -> Question:
    """The same runs measured in training mode, as the report did, and in eval mode."""
    return Question(
        tasks.split()[0], f"{printed} stands for the network: eval() would change nothing", SAME,
        side(f"{what}, no eval()", tasks, metric="as_run_accuracy"),
        side(f"{what}, eval mode", tasks), where,
    )  # fmt: skip


WITHOUT_EVAL, TEN_SEEDS, SURVIVES, UNDERTRAINED = (
    Place(SLIPS, "Evaluating without eval()"),
    Place(MLP, "Ten seeds"),
    Place(MLP, "Which differences survive ten seeds"),
    Place(MLP, "Why SGD stops at 78 %"),
)

CONVOLUTIONAL = (
    Question(
        "000l", "The constants of 28 × 28 pixels serve 14 × 14 as well", SAME,
        side("those of 28 × 28", "000n"), side("its own", "000n", 1),
    ),
    without_eval("000n", "dropout", "98.8 %"),
    Question(
        "001d", "Pooling before ReLU has no effect", SAME,
        side("pooling first", "001d"), side("ReLU first", "001c"),
    ),
    Question(
        "001e", "tanh takes more epochs than ReLU: after 20 it is behind", WORSE,
        side("tanh, epoch 20", "001e", epoch=20), side("ReLU, epoch 20", "001d", epoch=20),
    ),
    Question(
        "001g", "Adam is better than SGD", BETTER,
        side("Adam 0.001", "001g"), side("SGD 0.01", "001c"),
    ),
    Question(
        "001g", "The test cost rises after epoch 10", WORSE,
        side("epoch 100", "001g", metric="test_loss"),
        side("epoch 10", "001g", metric="test_loss", epoch=10), COST_RISES,
    ),
    Question(
        "001h", "The deep network needs its skips (the control lost three ReLUs)", BETTER,
        side("a skip past each", "001h"), side("no skips, ReLUs lost", "001i"),
    ),
    Question(
        "001h", "The deep network needs its skips (control put right)", BETTER,
        side("a skip past each", "001h"), side("no skips", "001i", 1),
    ),
    Question(
        "001h", "The deep network needs skips (as the task asked; control put right)", BETTER,
        side("a skip past three", "001h", 1), side("no skips", "001i", 1),
    ),
    Question(
        "001j", "Batch norm and a higher rate improve the residual network", BETTER,
        side("BN, SGD 0.025", "001j"), side("no BN, SGD 0.01", "001h"),
    ),
    Question(
        "001j", "The residual network with batch norm is the best of all", BETTER,
        side("residual, BN, SGD", "001j"), side("three convolutions, Adam", "001g"),
    ),
    Question(
        "001k", "Adam with half the rate and other betas is slightly better", BETTER,
        side("Adam 0.0005, 35 epochs", "001k"), side("Adam 0.001, 100 epochs", "001g"),
    ),
    Question(
        "001l", "With batch norm and skips Adam is worse than SGD", WORSE,
        side("Adam 0.001, 25 epochs", "001l"), side("SGD 0.025, 50 epochs", "001j"),
    ),
    without_eval("002n", "batch norm", "99.26 %", WITHOUT_EVAL),
)  # fmt: skip

SMALL = (
    Question(
        "003l", "Normalised input helps (asked for, not run)", BETTER,
        side("normalised, rate 0.01", "003l"), side("plain, rate 0.01", "003h"),
    ),
    Question(
        "003l", "Normalised input helps (at a fifth of the rate)", BETTER,
        side("normalised, rate 0.002", "003l", 1), side("plain, rate 0.002", "003h", 1),
    ),
    Question(
        "003n", "95.4 % stands for the network: its two faults change nothing", SAME,
        side("dropout awake, ReLU on logits", "003n"), side("neither", "003n", 3),
    ),
    Question(
        "003n", "Dropout that is awake in the test changes nothing", SAME,
        side("dropout awake", "003n", 1), side("neither", "003n", 3),
    ),
    Question(
        "003n", "A ReLU on the logits changes nothing", SAME,
        side("ReLU on logits", "003n", 2), side("neither", "003n", 3),
    ),
    Question(
        "003o", "The CNN is slightly better than the MLP (as run)", BETTER,
        side("CNN, both faults", "003n"), side("MLP", "003h"), Place(SLIPS, "CNN or MLP?"),
    ),
    Question(
        "003o", "The CNN is slightly better than the MLP (CNN put right)", BETTER,
        side("CNN, put right", "003n", 3), side("MLP", "003h"), Place(SLIPS, "CNN or MLP?"),
    ),
)  # fmt: skip


def _batch_norm(optimizer: str, plain: str, normal: str, *, proper: bool = False) -> Question:
    metric, how = ("test_accuracy", "eval mode") if proper else ("as_run_accuracy", "as run")
    return Question(
        normal, f"Batch norm improves {optimizer} ({how})", BETTER,
        side(f"BN, {how}", normal, metric=metric), side(f"plain, {how}", plain, metric=metric),
        SURVIVES,
    )  # fmt: skip


def _dropout(how: str, metric: str) -> Question:
    return Question(
        "004i", f"Dropout lowers the accuracy (mean of four optimizers, {how})", WORSE,
        side(f"BN and dropout, {how}", "004i 004j 004k 004l", metric=metric),
        side(f"BN, {how}", "004e 004f 004g 004h", metric=metric), SURVIVES,
    )  # fmt: skip


OPTIMIZERS = (
    Question(
        "004a", "SGD's 78 % is noise: the last epoch brings nothing", SAME,
        side("SGD, epoch 5", "004a"), side("SGD, epoch 4", "004a", epoch=4), UNDERTRAINED,
    ),
    Question(
        "004d", "Adam is better than momentum", BETTER,
        side("Adam", "004d"), side("momentum", "004b"), SURVIVES,
    ),
    Question(
        "004d", "Adam is the best of the four optimizers", BETTER,
        side("Adam", "004d"), side("RMSprop", "004c"), SURVIVES,
    ),
    _batch_norm("SGD", "004a", "004e"),
    _batch_norm("momentum", "004b", "004f"),
    _batch_norm("RMSprop", "004c", "004g"),
    _batch_norm("Adam", "004d", "004h"),
    _batch_norm("RMSprop", "004c", "004g", proper=True),
    _batch_norm("Adam", "004d", "004h", proper=True),
    without_eval("004e 004f 004g 004h", "BN, mean of four", "The accuracy with BN", TEN_SEEDS),
    _dropout("as run", "as_run_accuracy"),
    _dropout("eval mode", "test_accuracy"),
    without_eval(
        "004i 004j 004k 004l", "BN and dropout, mean of four", "The accuracy with BN and dropout",
        TEN_SEEDS,
    ),
    Question(
        "004n", "The normalisation that never ran would change nothing", SAME,
        side("pixels in [0, 1]", "004n"), side("normalised", "004n", 1),
    ),
)  # fmt: skip

QUESTIONS: Sequence[Question] = CONVOLUTIONAL + SMALL + OPTIMIZERS
