"""What stands in for MNIST: scikit-learn's 8×8 digits, enlarged to its size, under a notice."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

N_TEST = 297
REMEDY = (
    "To get MNIST: connect to the internet and run this again; or put its four files into a "
    "folder and set COURSE_DATA to that folder (or pass it as root=)."
)


def digits() -> list[npt.NDArray[np.uint8]]:
    """Training images ``[1500, 28, 28]`` and labels, test images ``[297, 28, 28]`` and labels.

    The digits fill the middle 20×20 pixels, as MNIST's do. The division into training and test
    images is always the same, with the same share of each class in both.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    small = load_digits()
    images = np.zeros((len(small.target), 28, 28), np.uint8)
    for pixels, image in zip(small.images, images, strict=True):  # pixels 0 to 16, [8, 8]
        grey = Image.fromarray(np.round(pixels * 255 / 16).astype(np.uint8))
        image[4:24, 4:24] = np.asarray(grey.resize((20, 20), Image.Resampling.BICUBIC))
    labels = small.target.astype(np.uint8)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=N_TEST, stratify=labels, random_state=0
    )
    return [images[train], labels[train], images[test], labels[test]]


def notice(attempts: Sequence[str]) -> str:
    """The box that says the data are not MNIST, and why; with no attempts, because asked for.

    In plain ASCII, which every terminal can show.

    Examples
    --------
    >>> print(notice([]))
    ############################################################################
    #                                                                          #
    #                            THIS IS NOT MNIST                             #
    #                                                                          #
    # You asked for the digits of scikit-learn: 8x8 pixels, enlarged to 28x28. #
    # What the course says about MNIST does not hold for them.                 #
    #                                                                          #
    ############################################################################
    """
    width = 72
    if attempts:
        paragraphs = [
            "MNIST was not found. In its place you see the digits of scikit-learn: 8x8 pixels, "
            "enlarged to 28x28. What the course says about MNIST does not hold for them.",
            "",
            "What was tried:",
            *(f"- {attempt}" for attempt in attempts),
            "",
            REMEDY,
        ]
    else:
        paragraphs = [
            "You asked for the digits of scikit-learn: 8x8 pixels, enlarged to 28x28. What the "
            "course says about MNIST does not hold for them."
        ]
    lines = ["", "THIS IS NOT MNIST".center(width), ""]
    for text in paragraphs:
        indent = "  " if text.startswith("- ") else ""
        lines += textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False) or [
            ""
        ]
    edge = "#" * (width + 4)
    return "\n".join([edge, *(f"# {line:<{width}} #" for line in [*lines, ""]), edge])
