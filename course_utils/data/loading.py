"""``load``: MNIST from a folder, the cache or a mirror, or the digits that stand in for it."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from course_utils.basics.checks import choice, integer
from course_utils.data.digits import REMEDY, digits, notice
from course_utils.data.folders import Arrays, PathLike, gather
from course_utils.data.idx import FILES, DataError, FileSpec
from course_utils.data.mirrors import MIRRORS
from course_utils.data.sets import Constants, Dataset, Split

__all__ = ["load"]


def load(
    name: str = "mnist",
    root: PathLike | None = None,
    source: Literal["auto", "mnist", "digits"] = "auto",
    *,
    validation: int = 5000,
    mirrors: Sequence[str] = MIRRORS,
    timeout: float = 3.0,
    cache: PathLike | None = None,
    progress: bool = True,
    files: Sequence[FileSpec] = FILES,
) -> Dataset:
    """MNIST, checked; or, if it cannot be had, digits that stand in for it, under a notice.

    Parameters
    ----------
    name : "mnist".
    root : a folder with the four files, as they are or in MNIST/raw, gzipped or not, also one level
        up or down; by default the environment variable COURSE_DATA.
    source : "auto" looks in ``root``, in the cache, on the mirrors, then takes the digits; "mnist"
        never takes the digits; "digits" takes them at once.
    validation : training images to split off, chosen by a fixed permutation. With 0 the training
        split is the official one, in the order of its file. (Of the digits, which are fewer, the
        same share is split off.)
    mirrors : addresses of folders that hold the four gzipped files.
    timeout : seconds a mirror may stay silent.
    cache : a folder to keep downloads in; by default the environment variable COURSE_CACHE, else
        the system's own cache folder.
    progress : whether to show a bar while downloading.
    files : names, sizes and checksums of the four files: training images and labels, test images
        and labels.

    Raises
    ------
    DataError
        If ``source`` is "mnist" and it cannot be had; every attempt is listed.
    ValueError
        For another ``name`` or ``source``, and a ``validation`` that leaves no training images.

    Examples
    --------
    >>> digits = load(source="digits")
    >>> digits.train, digits.validation.labels.shape, digits.is_mnist
    (Split(1375 images of 28×28, mean=0.0, std=1.0), torch.Size([125]), False)
    >>> digits.normalized(0.5, 0.5).test.inputs([0, 1]).shape
    torch.Size([2, 1, 28, 28])
    >>> digits.resized(14).test
    Split(297 images of 14×14, mean=0.0, std=1.0)
    """
    choice("name", name, ["mnist"])
    choice("source", source, ["auto", "mnist", "digits"])
    official = files[0].shape[0]
    integer("validation", validation, least=0, most=official - 1)
    arrays: Arrays = {}
    attempts: list[str] = []
    if source != "digits":
        arrays, attempts = gather(
            root, cache, mirrors, timeout=timeout, progress=progress, files=files
        )
    if len(arrays) == len(files):
        return _assemble("mnist", [arrays[spec.name] for spec in files], validation)
    if source == "mnist":
        tried = "\n".join(f"- {attempt}" for attempt in attempts)
        raise DataError(f"MNIST was not found. What was tried:\n{tried}\n{REMEDY}")
    print(notice(attempts), file=sys.stderr)
    stand_in = digits()
    return _assemble("digits", stand_in, round(validation * len(stand_in[1]) / official))


def _assemble(
    source: Literal["mnist", "digits"], arrays: Sequence[np.ndarray[Any, Any]], validation: int
) -> Dataset:
    checksum = hashlib.sha256()
    for array in arrays:
        checksum.update(np.ascontiguousarray(array).data)
    train, test = (
        Split(torch.tensor(images).unsqueeze(1), torch.tensor(labels, dtype=torch.int64))
        for images, labels in (arrays[:2], arrays[2:])
    )
    # Only the legacy generator is promised never to change its stream: the same split for ever.
    order = np.random.RandomState(0).permutation(len(train))
    held_out, rest = (torch.tensor(np.sort(part)) for part in np.split(order, [validation]))
    return Dataset(
        name="mnist",
        source=source,
        train=_take(train, rest) if validation else train,
        validation=_take(train, held_out),
        test=test,
        constants=Constants.of(train.images),
        checksum=checksum.hexdigest(),
    )


def _take(split: Split, index: Tensor) -> Split:
    return replace(split, images=split.images[index], labels=split.labels[index])
