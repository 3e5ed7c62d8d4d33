"""Images moved, turned, made noisy, and centred again.

Images are tensors ``[N, C, H, W]``, uint8 or floating point, and stay of their type. Rows count
down, columns count right. Each distortion takes one amount for all images or one for each.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.basics.checks import integer, real

__all__ = ["add_noise", "centre", "jitter", "rotate", "shift"]


def shift(images: Tensor, rows: int | Tensor, columns: int | Tensor, *, fill: float = 0) -> Tensor:
    """Move images by whole pixels, down by ``rows`` and right by ``columns``.

    What leaves the frame is lost, what enters is ``fill``. Feature maps are moved alike.

    Parameters
    ----------
    images : ``[N, C, H, W]``.
    rows, columns : whole pixels, negative for up and left; an integer, or integers ``[N]``.
    fill : grey level of what enters, in the images' own units.

    Raises
    ------
    ValueError
        For images of another shape or type; amounts that are not whole, or not one an image.

    Examples
    --------
    >>> x = torch.tensor([[[[1, 2], [3, 4]]]], dtype=torch.uint8)
    >>> shift(x, 0, 1).tolist(), shift(x, -1, 0, fill=9).tolist()
    ([[[[0, 1], [0, 3]]]], [[[[3, 4], [9, 9]]]])
    """
    _require_images(images)
    n, channels, height, width = images.shape
    device = images.device
    # Where each row and column comes from: [N, H] and [N, W].
    above = torch.arange(height, device=device) - _amounts("rows", rows, images)[:, None]
    left = torch.arange(width, device=device) - _amounts("columns", columns, images)[:, None]
    known = ((above >= 0) & (above < height))[:, :, None] & ((left >= 0) & (left < width))[:, None]
    moved = images[
        torch.arange(n, device=device)[:, None, None, None],
        torch.arange(channels, device=device)[:, None, None],
        above.clamp(0, height - 1)[:, None, :, None],
        left.clamp(0, width - 1)[:, None, None, :],
    ]
    return moved.masked_fill(~known[:, None], fill)


def rotate(images: Tensor, degrees: float | Tensor, *, fill: float = 0) -> Tensor:
    """Turn images anticlockwise about their middle, with bilinear interpolation.

    Each pixel of the result lies, turned back, between four pixels of the image and is their mean,
    weighted by nearness; beyond the frame all is ``fill``. uint8 images are rounded.

    Parameters
    ----------
    images : ``[N, C, H, W]``.
    degrees : one angle, or one for each image ``[N]``.
    fill : grey level of what enters, in the images' own units.

    Raises
    ------
    ValueError
        For images of another shape or type; angles that are not finite, or not one an image.

    Examples
    --------
    >>> x = torch.tensor([[[[1, 2], [3, 4]]]], dtype=torch.uint8)
    >>> rotate(x, 90).tolist()
    [[[[2, 4], [1, 3]]]]
    """
    _require_images(images)
    n, channels, height, width = images.shape
    angles = torch.as_tensor(degrees, device=images.device).double()
    if angles.shape not in ((), (n,)) or not bool(angles.isfinite().all()):
        raise ValueError(
            f"degrees: {_told(degrees)} is invalid; use a finite angle, or one for each of the "
            f"{n} images"
        )
    pixels = images if images.dtype == torch.float64 else images.float()
    turn = (angles * math.pi / 180).expand(n)
    cos, sin, no = turn.cos(), turn.sin(), torch.zeros_like(turn)
    # In grid_sample's coordinates half the height and half the width are 1 each.
    back = torch.stack(
        [cos, -sin * height / width, no, sin * width / height, cos, no], dim=1
    ).reshape(n, 2, 3)
    grid = F.affine_grid(back, [n, channels, height, width], align_corners=False)
    turned = F.grid_sample(pixels - fill, grid.to(pixels), align_corners=False) + fill
    return _like(images, turned)


def add_noise(images: Tensor, sd: float, *, seed: int) -> Tensor:
    """Add normal noise of standard deviation ``sd``, in the images' own units, to each pixel.

    uint8 images are rounded and stay within 0 and 255; others may leave any range.

    Raises
    ------
    ValueError
        For images of another shape or type; a deviation that is below 0 or not finite.

    Examples
    --------
    >>> grey = torch.full((1, 1, 100, 100), 128, dtype=torch.uint8)
    >>> round(add_noise(grey, 20.0, seed=0).float().std().item())
    20
    """
    _require_images(images)
    real("sd", sd, least=0)
    kind = images.dtype if images.is_floating_point() else torch.float32
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(seed), dtype=kind)
    return _like(images, images + sd * noise.to(images.device))


def jitter(
    images: Tensor, *, pixels: int = 0, degrees: float = 0.0, sd: float = 0.0, seed: int
) -> Tensor:
    """Distort each image in its own way: turned, then moved, then noisy.

    Parameters
    ----------
    images : ``[N, C, H, W]``; 0 enters from outside.
    pixels : the largest shift; whole shifts from −pixels to pixels, down and right, are equally
        likely.
    degrees : the largest angle; angles from −degrees to degrees are equally likely.
    sd : standard deviation of the noise, in the images' own units.
    seed : fixes all draws. The angles do not depend on ``pixels``, nor the shifts on ``degrees``.

    Raises
    ------
    ValueError
        As ``rotate`` and ``add_noise`` do, and for ``pixels`` that are negative or not whole.

    Examples
    --------
    >>> dot = torch.zeros(4, 1, 5, 5)
    >>> dot[:, :, 2, 2] = 1
    >>> jitter(dot, pixels=2, seed=0).flatten(1).argmax(1).tolist()  # where each dot went, of 25
    [17, 16, 2, 5]
    """
    _require_images(images)
    integer("pixels", pixels, least=0)
    generator = torch.Generator().manual_seed(seed)
    angle, down, right = torch.rand(3, len(images), generator=generator, dtype=torch.float64)
    noise_seed = int(torch.randint(2**62, (), generator=generator))
    if degrees:
        images = rotate(images, degrees * (2 * angle - 1))
    if pixels:
        rows, columns = ((u * (2 * pixels + 1)).long() - pixels for u in (down, right))
        images = shift(images, rows, columns)
    return add_noise(images, sd, seed=noise_seed)


def centre(images: Tensor) -> Tensor:
    """Move each image by whole pixels until its centre of mass lies nearest the frame's middle.

    It undoes any ``shift`` that lost no ink. Ink is what is above 0; an empty image stays.

    Raises
    ------
    ValueError
        For images of another shape or type, or with a pixel below 0.

    Examples
    --------
    >>> x = torch.zeros(1, 1, 3, 3)
    >>> x[..., 0, 2] = 7
    >>> centre(x)[0, 0].tolist()
    [[0.0, 0.0, 0.0], [0.0, 7.0, 0.0], [0.0, 0.0, 0.0]]
    """
    _require_images(images)
    if images.numel() and images.min() < 0:
        raise ValueError(f"images: {images.min()} is invalid; use pixels of at least 0")
    # Whole numbers stay whole, so that halves round alike wherever the digit stands.
    exact = images.double() if images.is_floating_point() else images.long()
    ink = exact.sum((1, 2, 3))
    blank = ink == 0
    ink = ink.masked_fill(blank, 1)
    moves = []
    for axis, size in ((2, images.shape[2]), (3, images.shape[3])):
        places = torch.arange(size, device=images.device)
        moment = (exact.sum((1, 5 - axis)) * places).sum(1)
        # size/2 − (moment/ink), rounded down, is the middle minus the centre, rounded.
        move = torch.div(size * ink - 2 * moment, 2 * ink, rounding_mode="floor").long()
        moves.append(move.masked_fill(blank, 0))
    return shift(images, moves[0], moves[1])


def _require_images(images: Tensor) -> None:
    if images.ndim != 4 or not (images.dtype == torch.uint8 or images.is_floating_point()):
        raise ValueError(
            f"images: {images.dtype} of shape {list(images.shape)} is invalid; use "
            "[N, C, H, W], uint8 or floating point"
        )


def _amounts(name: str, amount: int | Tensor, images: Tensor) -> Tensor:
    """One whole number for each image, ``[N]``."""
    amounts = torch.as_tensor(amount, device=images.device)
    whole = not (amounts.is_floating_point() or amounts.dtype == torch.bool)
    if not whole or amounts.shape not in ((), (len(images),)):
        raise ValueError(
            f"{name}: {_told(amount)} is invalid; use an integer, or one for each of the "
            f"{len(images)} images"
        )
    return amounts.long().expand(len(images))


def _told(amount: object) -> str:
    if isinstance(amount, Tensor) and amount.ndim:
        return f"{amount.dtype} of shape {list(amount.shape)}"
    return repr(amount)


def _like(images: Tensor, pixels: Tensor) -> Tensor:
    """Pixels in the type of the images; for uint8 rounded, within 0 and 255."""
    whole = images.dtype == torch.uint8
    return (pixels.round().clamp(0, 255) if whole else pixels).to(images.dtype)
