"""99 % in seconds: one short recipe, every part of which was measured."""

import time
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.data import Dataset
from course_utils.training.choices import find_device, find_precision, make_optimizer
from course_utils.training.fitting import fit
from course_utils.training.schedules import one_cycle
from course_utils.training.state import seeded
from course_utils.training.steps import evaluate


@dataclass(frozen=True)
class Speedrun:
    """What one run reached.

    ``seconds`` covers making the network and all of its training, from images in memory. Reading
    the data set and measuring the accuracy are left out.
    """

    accuracy: float
    seconds: float
    images: int
    precision: str


def speedrun_network(pool_first: bool = True) -> nn.Sequential:
    """Two convolutions with batch norm, two linear layers: ``[N, 1, 28, 28]`` to ``[N, 10]``.

    Parameters
    ----------
    pool_first : pool right after a convolution, so that batch norm and ReLU have a quarter of the
        numbers; else after ReLU, the usual order.

    Examples
    --------
    >>> sum(p.numel() for p in speedrun_network().parameters())
    67890
    """

    def stage(before: int, maps: int, kernel_size: int) -> list[nn.Module]:
        last = [nn.BatchNorm2d(maps), nn.ReLU()]
        pool = nn.MaxPool2d(2)
        return [
            nn.Conv2d(before, maps, kernel_size, bias=False),
            *([pool, *last] if pool_first else [*last, pool]),
        ]

    return nn.Sequential(
        *stage(1, 8, 5),  # [N, 8, 12, 12]
        *stage(8, 40, 3),  # [N, 40, 5, 5]
        nn.Flatten(),
        nn.Linear(1000, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def speedrun(
    dataset: Dataset, seed: int = 0, *, device: str = "auto", precision: str = "auto"
) -> Speedrun:
    """Train to 99 % of MNIST's test set in a few seconds, and measure that once.

    42,000 of the training images, each seen once, in batches of 128: batch norm, label smoothing
    0.1, Adam with betas (0.7, 0.9) and a one-cycle learning rate up to 0.01.

    Raises
    ------
    ValueError
        For an unknown device or precision.
    """
    target = find_device(device)
    start = time.perf_counter()
    with seeded(seed, "weights"):
        model = speedrun_network()
    images = dataset.normalized().train.first(42_000)
    fit(
        model,
        images,
        optimizer=partial(make_optimizer, "adam", lr=0.01, betas=(0.7, 0.9)),
        schedule=one_cycle,
        loss=partial(F.cross_entropy, label_smoothing=0.1),
        epochs=1,
        batch_size=128,
        seed=seed,
        device=device,
        precision=precision,
        progress=False,
    )
    if target.type == "cuda":
        torch.cuda.synchronize(target)
    seconds = time.perf_counter() - start
    measured = evaluate(model, dataset.normalized().test)
    return Speedrun(measured.accuracy, seconds, len(images), find_precision(precision, target))
