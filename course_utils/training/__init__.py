"""Training and measuring a network: one step, one epoch, one evaluation, one whole fit."""

from course_utils.training.choices import (
    LOSSES,
    OPTIMIZERS,
    PRECISIONS,
    Loss,
    make_optimizer,
    supports_bf16,
)
from course_utils.training.fitting import fit
from course_utils.training.schedules import Schedule, one_cycle
from course_utils.training.speedrun import Speedrun, speedrun, speedrun_network
from course_utils.training.state import buffers_restored, derive_seed, in_mode, seeded
from course_utils.training.steps import batches, evaluate, predict, train_epoch, train_step
from course_utils.training.timing import fastest_by_turns

__all__ = [
    "LOSSES",
    "OPTIMIZERS",
    "PRECISIONS",
    "Loss",
    "Schedule",
    "Speedrun",
    "batches",
    "buffers_restored",
    "derive_seed",
    "evaluate",
    "fastest_by_turns",
    "fit",
    "in_mode",
    "make_optimizer",
    "one_cycle",
    "predict",
    "seeded",
    "speedrun",
    "speedrun_network",
    "supports_bf16",
    "train_epoch",
    "train_step",
]
