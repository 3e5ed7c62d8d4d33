"""The course's loop against the usual one: both in one run, as a ratio.

The usual loop is the reports': torchvision's MNIST, ToTensor, a shuffling DataLoader, and
``zero_grad, forward, backward, step``. Both train 784–500–10 with Adam at batch size 100.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import transforms

from course_utils import data
from course_utils.models import mlp
from course_utils.training import fit

BATCH, HIDDEN, ROUNDS = 100, 500, 3


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def usual_epoch(loader: DataLoader[Any]) -> None:
    torch.manual_seed(0)
    model = mlp((HIDDEN,))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for images, labels in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()


def our_epoch(train: data.Split) -> None:
    torch.manual_seed(0)
    fit(
        mlp((HIDDEN,)), train,
        optimizer="adam", lr=1e-3, epochs=1, batch_size=BATCH, seed=0, device="cpu", progress=False,
    )  # fmt: skip


def multiply_adds_per_image() -> int:
    """Those of a training step: forward, the weights' gradients, and the hidden layer's."""
    first, second = 784 * HIDDEN, HIDDEN * 10
    return 2 * first + 3 * second


def matrix_product_rate(size: int = 2048) -> float:
    """The best of five products of two large matrices, in multiply-adds a second."""
    a, b = torch.rand(size, size), torch.rand(size, size)
    return size**3 / min(seconds(lambda: a @ b) for _ in range(5))


def main() -> None:
    dataset = data.load(validation=0)
    loader = DataLoader(
        dataset.train.as_dataset(transforms.ToTensor()), batch_size=BATCH, shuffle=True
    )
    our_epoch(dataset.train.first(1000))
    usual, ours = [], []
    for _ in range(ROUNDS):
        usual.append(seconds(lambda: usual_epoch(loader)))
        ours.append(seconds(lambda: our_epoch(dataset.train)))
    loading = seconds(lambda: [None for _ in loader])

    t_usual, t_ours = statistics.median(usual), statistics.median(ours)
    rate = len(dataset.train) * multiply_adds_per_image() / t_ours
    peak = matrix_product_rate()
    print(f"{dataset.source}, {len(dataset.train)} images, {torch.get_num_threads()} threads")
    print(f"usual loop {t_usual:6.2f} s an epoch (of which the loader alone {loading:.2f} s)")
    print(f"our loop   {t_ours:6.2f} s an epoch")
    print(f"ratio      {t_usual / t_ours:6.1f} ×")
    print(f"our loop does {rate / 1e9:.1f} G multiply-adds a second,", end=" ")
    print(f"{rate / peak:.0%} of the {peak / 1e9:.1f} of a large matrix product")


if __name__ == "__main__":
    main()
