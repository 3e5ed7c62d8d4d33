"""Images or signals with labels: a split of a data set, all three, and the constants of pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from course_utils.basics.checks import integer, real

__all__ = ["Constants", "Dataset", "Name", "Source", "Split"]

Name = Literal["mnist", "fashion-mnist", "kmnist", "mnist1d"]
Source = Literal["mnist", "digits", "fashion-mnist", "kmnist", "mnist1d"]
Index = slice | Tensor | Sequence[int]


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Images with their labels, and how the images are normalised on their way into a network.

    Attributes
    ----------
    images : uint8 ``[N, 1, H, W]``, 0 (paper) to 255 (ink); or signals, float32 ``[N, 1, L]``.
    labels : int64 ``[N]``, 0 to 9.
    mean : subtracted from the pixel, once that is scaled to [0, 1], or from the signal as it is.
    std : what the difference is divided by.
    """

    images: Tensor
    labels: Tensor
    mean: float = 0.0
    std: float = 1.0

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        size = "×".join(map(str, self.images.shape[2:]))
        kind = "signals" if self.images.is_floating_point() else "images"
        return f"Split({len(self)} {kind} of {size}, mean={self.mean}, std={self.std})"

    def inputs(self, index: Index = slice(None)) -> Tensor:
        """What a network is given, float32 ``[n, 1, H, W]``: (pixel / 255 − mean) / std.

        Of signals ``[n, 1, L]``: (number − mean) / std.

        Bit for bit what torchvision's ``ToTensor`` and ``Normalize(mean, std)`` give.

        >>> pixels = torch.tensor([0, 51, 255], dtype=torch.uint8).reshape(3, 1, 1, 1)
        >>> split = Split(pixels, torch.tensor([4, 2, 7]), mean=0.2, std=0.4)
        >>> split.inputs().flatten()
        tensor([-0.5000,  0.0000,  2.0000])
        >>> split.inputs([2]).shape
        torch.Size([1, 1, 1, 1])
        """
        if isinstance(index, Tensor) and index.dtype == torch.int64 and index.ndim == 1:
            # The same as images[index], in a sixth of the time.
            x = self.images.index_select(0, index.to(self.images.device))
        else:
            x = self.images[index]
        pixels = not x.is_floating_point()
        x = x.to(torch.float32, copy=True)
        # Divisors as tensors: by a plain number a GPU multiplies with the rounded reciprocal.
        if pixels:
            x.div_(x.new_full((), 255.0))
        return x.sub_(self.mean).div_(x.new_full((), self.std))

    def to(self, device: torch.device | str) -> Split:
        """The same split on another device."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def first(self, n: int) -> Split:
        """The first ``n`` examples (all of them if there are fewer): a copy.

        So a process that it is sent to does not get the whole split with it.

        Raises
        ------
        ValueError
            If ``n`` is negative.
        """
        integer("n", n, least=0)
        return replace(self, images=self.images[:n].clone(), labels=self.labels[:n].clone())

    def as_dataset(self, transform: Callable[[Image.Image], Any] | None = None) -> TorchDataset:
        """The same examples the usual way: one PIL image and one label at a time.

        For a ``DataLoader``, with torchvision's transforms, which then do the normalising.

        >>> split = Split(torch.zeros(2, 1, 28, 28, dtype=torch.uint8), torch.tensor([4, 2]))
        >>> image, label = split.as_dataset()[1]
        >>> image.size, label
        ((28, 28), 2)

        Raises
        ------
        ValueError
            For signals.
        """
        _require_pixels(self.images)
        return TorchDataset(self, transform)


class TorchDataset(torch.utils.data.Dataset[tuple[Any, int]]):
    """A split as ``DataLoader`` wants it, item by item, as torchvision's own MNIST class does."""

    def __init__(self, split: Split, transform: Callable[[Image.Image], Any] | None = None) -> None:
        self.images = split.images[:, 0].cpu().numpy()  # [N, H, W]
        self.labels = split.labels.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        image = Image.fromarray(self.images[index])
        return (self.transform(image) if self.transform else image), self.labels[index]


@dataclass(frozen=True)
class Constants:
    """Minimum, maximum, mean and population standard deviation of all pixels, or of all signals.

    ``mean`` and ``std`` are in grey levels (0 to 255), the scaled ones after division by 255. All
    are computed from exact sums and rounded once, to float32: the same digits on every machine.
    Signals are not scaled: of theirs, the scaled constants are the same as the others.
    """

    min: float
    max: float
    mean: float
    std: float
    scaled_mean: float
    scaled_std: float

    @classmethod
    def of(cls, images: Tensor) -> Constants:
        """The constants of uint8 images of any shape, or of float32 signals.

        Raises
        ------
        ValueError
            If the images are of another type, or there are none.

        Examples
        --------
        >>> Constants.of(torch.tensor([0, 0, 4, 4], dtype=torch.uint8)).std
        2.0
        """
        if images.dtype not in (torch.uint8, torch.float32) or images.numel() == 0:
            raise ValueError(
                f"images: {images.dtype} of shape {list(images.shape)} is invalid; use uint8, or "
                "float32 for signals, and at least one pixel"
            )
        if images.is_floating_point():
            return cls._of_signals(images.flatten().tolist())
        histogram = torch.bincount(images.flatten(), minlength=256).tolist()
        count = sum(histogram)
        first = sum(level * n for level, n in enumerate(histogram))
        second = sum(level**2 * n for level, n in enumerate(histogram))
        mean = first / count
        std = math.sqrt((count * second - first**2) / count**2)  # integers: nothing cancels
        levels = [level for level, n in enumerate(histogram) if n]
        return cls(
            levels[0],
            levels[-1],
            *(float(np.float32(x)) for x in (mean, std, mean / 255, std / 255)),
        )

    @classmethod
    def _of_signals(cls, numbers: list[float]) -> Constants:
        mean = math.fsum(numbers) / len(numbers)
        std = math.sqrt(math.fsum((x - mean) ** 2 for x in numbers) / len(numbers))
        rounded = float(np.float32(mean)), float(np.float32(std))
        return cls(min(numbers), max(numbers), *rounded, *rounded)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three splits, what they were made from, and the constants to normalise them with.

    Attributes
    ----------
    name : what was asked for.
    source : what was found: the same, or "digits" (8×8 digits, enlarged) in place of "mnist".
    train, validation, test : the splits; validation examples are taken from the training set.
    constants : of all official training images, those of the validation split included.
    checksum : SHA-256 of all official images and labels, however they were obtained.
    """

    name: str
    source: Source
    train: Split
    validation: Split
    test: Split
    constants: Constants
    checksum: str

    @property
    def is_mnist(self) -> bool:
        """Whether this is MNIST, and not the digits that stand in for it."""
        return self.source == "mnist"

    def normalized(self, mean: float | None = None, std: float | None = None) -> Dataset:
        """The same images, whose ``inputs`` have this mean taken off and are divided by this std.

        By default the constants of the 28×28 training images. Pixels are shared, not copied.
        Other constants, as those of resized images, come from ``Constants.of``.

        Raises
        ------
        ValueError
            If ``std`` is not positive.
        """
        mean = self.constants.scaled_mean if mean is None else mean
        std = self.constants.scaled_std if std is None else real("std", std, above=0)
        return self._each(lambda split: replace(split, mean=mean, std=std))

    def resized(self, size: int) -> Dataset:
        """Images of ``size``×``size`` pixels, bit for bit those of torchvision's ``Resize(size)``.

        The constants stay those of the 28×28 images.

        Raises
        ------
        ValueError
            If ``size`` is less than 1, and for signals.
        """
        integer("size", size)
        _require_pixels(self.train.images)
        return self._each(lambda split: replace(split, images=_resize(split.images, size)))

    def _each(self, change: Callable[[Split], Split]) -> Dataset:
        return replace(
            self,
            train=change(self.train),
            validation=change(self.validation),
            test=change(self.test),
        )


def _require_pixels(images: Tensor) -> None:
    if images.dtype != torch.uint8:
        raise ValueError(
            f"images: {images.dtype} of shape {list(images.shape)} is invalid; use uint8 images"
        )


def _resize(images: Tensor, size: int) -> Tensor:
    """Pillow resizes rows, then columns; so all images can pass through it as one tall image."""
    pixels = images[:, 0].cpu().numpy()  # [N, H, W]
    if len(pixels) == 0:
        return images.new_empty(0, 1, size, size)
    for _ in range(2):
        rows = np.ascontiguousarray(pixels).reshape(-1, pixels.shape[-1])
        tall = Image.fromarray(rows).resize((size, len(rows)), Image.Resampling.BILINEAR)
        pixels = np.asarray(tall).reshape(len(pixels), -1, size).transpose(0, 2, 1)
    return torch.tensor(pixels).unsqueeze(1).to(images.device)
