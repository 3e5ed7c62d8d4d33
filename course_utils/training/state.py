"""Seeds, modes and buffers: what fixes a run's random draws, and what is put back after them."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import nn

from course_utils.basics.checks import choice


def derive_seed(seed: int, source: str, epoch: int = 0) -> int:
    """Derive a separate seed for each source of randomness and each epoch.

    A run that resumes at epoch 7 then draws what it would have drawn, whatever came before.

    >>> derive_seed(0, "shuffle", 1) == derive_seed(0, "dropout", 1)
    False
    """
    return zlib.crc32(f"{seed}/{source}/{epoch}".encode())


@contextmanager
def seeded(seed: int, source: str, epoch: int = 0) -> Iterator[None]:
    """Seed PyTorch's global generators inside the block and restore them after it."""
    with torch.random.fork_rng():
        torch.manual_seed(derive_seed(seed, source, epoch))
        yield


@contextmanager
def in_mode(model: nn.Module, mode: Literal["train", "eval"]) -> Iterator[None]:
    """Put the model into a mode for the block, then give every submodule its own mode back."""
    choice("mode", mode, ["train", "eval"])
    before = [(module, module.training) for module in model.modules()]
    model.train(mode == "train")
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


@contextmanager
def buffers_restored(model: nn.Module) -> Iterator[None]:
    """Put the model's buffers (batch norm's running statistics) back after the block."""
    before = [buffer.clone() for buffer in model.buffers()]
    try:
        yield
    finally:
        for buffer, value in zip(model.buffers(), before, strict=True):
            buffer.copy_(value)
