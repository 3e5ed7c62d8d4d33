"""MNIST-1D: signals of 40 numbers, ten classes of them, made here by its authors' own program.

Each signal is one of ten templates, one a digit, padded, stretched, moved, sheared and made noisy
(S. Greydanus and D. Kobak, Scaling Down Deep Learning with MNIST-1D, arXiv:2011.14439).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.data.idx import DataError, checksum

__all__ = ["signals"]

SHA256 = "64cf7c0684702040c2e96d8030adf1d9b2bea35769d475644209b3b0a0c99601"
DECIMALS = 6


@cache
def signals() -> list[npt.NDArray[Any]]:
    """Training signals float32 ``[4000, 40]`` and labels, test signals ``[1000, 40]`` and labels.

    The package ``mnist1d`` makes them in a few seconds, with its own settings and seed; its
    authors' file isn't needed. They are rounded to six decimals: what two machines, or an old
    NumPy and SciPy and new ones, compute differently lies far below that. So all have the same.

    Raises
    ------
    DataError
        If they come out otherwise than recorded.
    """
    from mnist1d.data import get_dataset_args, make_dataset  # it brings pyplot with it

    with _seeds_kept():
        made = make_dataset(get_dataset_args())
    arrays = [
        array for part in ("", "_test") for array in (_rounded(made[f"x{part}"]),
                                                       made[f"y{part}"].astype(np.uint8))
    ]  # fmt: skip
    found = checksum(arrays)
    if found != SHA256:
        raise DataError(
            f"MNIST-1D: expected the SHA-256 {SHA256} of what mnist1d 0.0.2.post1 makes, found "
            f"{found}; install that version"
        )
    return arrays


def _rounded(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return (x.round(DECIMALS) + 0.0).astype(np.float32)  # -0.0 becomes 0.0


@contextmanager
def _seeds_kept() -> Iterator[None]:
    """Put Python's and NumPy's global generators back, which the package seeds and draws from."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
