"""Does it matter whether a network pools first, and does tanh saturate? Tasks 001d to 001f."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import inspection, models
from course_utils.data import Dataset
from course_utils.reports.by_hand.telling import on_mnist, power_above
from course_utils.reports.rows import Place, Row, stated, untold
from course_utils.reports.words import per_cent
from course_utils.training import make_optimizer, seeded, train_step

PAGE = "06a_cnn_baseline"
ORDER = Place(PAGE, "Pool first or ReLU first")
TANH = Place(PAGE, "tanh, and what saturation is")
STEPS, BATCH = 200, 32
ORDERS = ("activation-pool", "pool-activation")


def rows(dataset: Dataset, steps: int = STEPS) -> list[Row]:
    """001d to 001f: both orders, trained from one seed with the report's SGD at 0.01."""
    relu, tanh = (
        [_trained(dataset, order, activation, steps) for order in ORDERS]
        for activation in ("relu", "tanh")
    )
    relu_first, pool_relu, tanh_first, pool_tanh = map(_weights, relu + tanh)
    equal = int((relu_first == pool_relu).sum())
    apart = (tanh_first - pool_tanh).abs().max().item()
    some = dataset.train.inputs(slice(500))
    saturated = max(inspection.saturation(tanh[1], some).values())
    return [
        stated(
            "001d", "pooling before ReLU", "no effect",
            f"the same network: after {steps} steps {equal:,} of {len(relu_first):,} weights are "
            "equal, bit for bit", ORDER, holds=torch.equal(relu_first, pool_relu),
            why="Some weights differ.",
        ),
        untold(
            "001e", "pooling before tanh",
            f"after {steps} steps no weight differs"
            + (f" by more than {power_above(apart)}" if apart else " on this processor"), ORDER,
            why="The report trained one order only. They differ by rounding, which depends on the "
            "processor.",
        ),
        on_mnist(
            dataset,
            stated(
                "001f", "tanh against ReLU", "tanh needs longer because it is bounded",
                f"after {steps} steps {per_cent(saturated)} of a layer's outputs, or fewer, are "
                "beyond ±0.99", TANH, holds=saturated > 0.02, otherwise="not reproduced",
                why="Its saturation was never measured, and there is next to none.",
            ),
        ),
    ]  # fmt: skip


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
