"""Random images, and properties that are tried on the same examples every time."""

import torch
from hypothesis import settings


def drawn(*shape, seed=0, dtype=torch.uint8):
    generator = torch.Generator().manual_seed(seed)
    if dtype == torch.uint8:
        return torch.randint(0, 256, shape, generator=generator, dtype=dtype)
    return torch.rand(shape, generator=generator, dtype=dtype)


def tried(n):
    return settings(max_examples=n)
