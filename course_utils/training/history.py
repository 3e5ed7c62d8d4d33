"""What a training run measured: numbers by epoch and by step, and nothing else."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Evaluation:
    """Mean loss and accuracy (a fraction) over ``n`` examples."""

    loss: float
    accuracy: float
    n: int


@dataclass(frozen=True)
class History:
    """What a fit measured. Every list has one value per epoch, except ``batch_loss``: one per step.

    ``train_*`` are means over the epoch's examples as training saw them: weights moving, dropout
    on. ``test_*`` are measured after the epoch in eval mode; ``as_run_*`` after it in training
    mode, if asked for. Accuracies are fractions. ``seconds`` is the wall time of the epoch's
    training steps, without evaluation; it plays no part when two histories are compared.
    """

    batch_size: int
    n_train: int
    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)
    as_run_loss: list[float] = field(default_factory=list)
    as_run_accuracy: list[float] = field(default_factory=list)
    batch_loss: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list, compare=False)

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.train_loss)

    @property
    def steps_per_epoch(self) -> int:
        """Batches per epoch, a smaller last one included."""
        return -(-self.n_train // self.batch_size)

    @property
    def examples_seen(self) -> list[int]:
        """Training images used up to the end of each epoch."""
        return [self.n_train * (epoch + 1) for epoch in range(self.epochs)]

    @property
    def last_batch_loss(self) -> list[float]:
        """The loss of each epoch's last batch, which is what many training loops print."""
        return self.batch_loss[self.steps_per_epoch - 1 :: self.steps_per_epoch]

    def append(self, train: Evaluation, batch_loss: list[float], seconds: float) -> None:
        self.train_loss.append(train.loss)
        self.train_accuracy.append(train.accuracy)
        self.batch_loss.extend(batch_loss)
        self.seconds.append(seconds)

    def append_test(self, test: Evaluation, kind: Literal["test", "as_run"]) -> None:
        getattr(self, f"{kind}_loss").append(test.loss)
        getattr(self, f"{kind}_accuracy").append(test.accuracy)
