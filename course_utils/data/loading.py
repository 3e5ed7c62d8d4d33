"""``load``: a data set by its name, from a folder, the cache or a mirror, or made on the spot."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor

from course_utils.basics.checks import choice, integer, invalid
from course_utils.data.digits import REMEDY, digits, notice
from course_utils.data.folders import Arrays, PathLike, gather
from course_utils.data.idx import DataError, FileSpec, checksum
from course_utils.data.published import PUBLISHED
from course_utils.data.sets import Constants, Dataset, Name, Source, Split
from course_utils.data.signals import signals

__all__ = ["load"]

_REMEDY = (
    "To get {0}: connect to the internet and run this again; or put its four files, gzipped as "
    "they are published, into a folder and pass it as root=."
)


def load(
    name: str = "mnist",
    root: PathLike | None = None,
    source: Literal["auto", "mnist", "digits"] = "auto",
    *,
    validation: int | None = None,
    mirrors: Sequence[str] | None = None,
    timeout: float = 3.0,
    cache: PathLike | None = None,
    progress: bool = True,
    files: Sequence[FileSpec] | None = None,
) -> Dataset:
    """Load a data set, checked; for MNIST that cannot be had, digits stand in, under a notice.

    Parameters
    ----------
    name : "mnist"; "fashion-mnist" and "kmnist", of the same form, found in the same way; or
        "mnist1d", signals of 40 numbers, for which nothing needs to be found.
    root : a folder with the four files, as they are or in MNIST/raw, gzipped or not, also one level
        up or down; by default the environment variable COURSE_DATA. Fashion-MNIST's and KMNIST's
        files must be gzipped. They lie in FashionMNIST/raw and KMNIST/raw, of ``root`` or of
        COURSE_DATA, or in ``root`` as they are.
    source : "auto" looks in ``root``, in the cache, on the mirrors, then takes the digits; "mnist"
        never takes the digits; "digits" takes them at once. Other data sets have only "auto", and
        nothing stands in for them.
    validation : training examples to split off, chosen by a fixed permutation; None for 5,000
        images, or 1,000 signals. With 0 the training split is the official one, in the order of its
        file. (Of the digits, which are fewer, the same share is split off.)
    mirrors : addresses of folders that hold the four gzipped files; None for the published ones.
    timeout : seconds a mirror may stay silent.
    cache : a folder to keep downloads in; by default the environment variable COURSE_CACHE, else
        the system's own cache folder.
    progress : whether to show a bar while downloading.
    files : names, sizes and checksums of the four files: training images and labels, test images
        and labels; None for the published ones.

    Raises
    ------
    DataError
        If the data set cannot be had and nothing may stand in for it; every attempt is listed.
    ValueError
        For another ``name`` or ``source``, and a ``validation`` that leaves no training examples.

    Examples
    --------
    >>> digits = load(source="digits")
    >>> digits.train, digits.validation.labels.shape, digits.is_mnist
    (Split(1375 images of 28×28, mean=0.0, std=1.0), torch.Size([125]), False)
    >>> digits.normalized(0.5, 0.5).test.inputs([0, 1]).shape
    torch.Size([2, 1, 28, 28])
    >>> digits.resized(14).test
    Split(297 images of 14×14, mean=0.0, std=1.0)
    >>> load("mnist1d").train
    Split(3000 signals of 40, mean=0.0, std=1.0)
    """
    chosen: Name = choice("name", name, get_args(Name))
    choice("source", source, ["auto", "mnist", "digits"])
    if chosen != "mnist" and source != "auto":
        raise invalid("source", source, f"use 'auto'; nothing stands in for {name}")
    if chosen == "mnist1d":
        made = signals()
        return _assemble(chosen, chosen, made, _held_out(validation, 1000, len(made[0])))
    published = PUBLISHED[name]
    files = published.files if files is None else files
    mirrors = published.mirrors if mirrors is None else mirrors
    official = files[0].shape[0]
    validation = _held_out(validation, 5000, official)
    arrays: Arrays = {}
    attempts: list[str] = []
    if source != "digits":
        arrays, attempts = gather(
            root, cache, mirrors,
            timeout=timeout, progress=progress, files=files, title=published.title,
        )  # fmt: skip
    if len(arrays) == len(files):
        return _assemble(chosen, chosen, [arrays[spec.name] for spec in files], validation)
    if name != "mnist" or source == "mnist":
        tried = "\n".join(f"- {attempt}" for attempt in attempts)
        remedy = REMEDY if name == "mnist" else _REMEDY.format(published.title)
        raise DataError(f"{published.title} was not found. What was tried:\n{tried}\n{remedy}")
    print(notice(attempts), file=sys.stderr)
    stand_in = digits()
    return _assemble("mnist", "digits", stand_in, round(validation * len(stand_in[1]) / official))


def _held_out(validation: int | None, usual: int, official: int) -> int:
    """How many of the official training examples to split off."""
    asked = min(usual, official - 1) if validation is None else validation
    return integer("validation", asked, least=0, most=official - 1)


def _assemble(
    name: Name, source: Source, arrays: Sequence[np.ndarray[Any, Any]], validation: int
) -> Dataset:
    train, test = (
        Split(torch.tensor(images).unsqueeze(1), torch.tensor(labels, dtype=torch.int64))
        for images, labels in (arrays[:2], arrays[2:])
    )
    # Only the legacy generator is promised never to change its stream: the same split for ever.
    order = np.random.RandomState(0).permutation(len(train))
    held_out, rest = (torch.tensor(np.sort(part)) for part in np.split(order, [validation]))
    return Dataset(
        name=name,
        source=source,
        train=_take(train, rest) if validation else train,
        validation=_take(train, held_out),
        test=test,
        constants=Constants.of(train.images),
        checksum=checksum(arrays),
    )


def _take(split: Split, index: Tensor) -> Split:
    return replace(split, images=split.images[index], labels=split.labels[index])
