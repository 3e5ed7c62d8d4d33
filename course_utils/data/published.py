"""The published data sets, MNIST and two of its form: their files, and the mirrors that have them.

Of Fashion-MNIST (H. Xiao et al., 2017) and KMNIST (T. Clanuwat et al., 2018) the addresses and
checksums are those of torchvision.
"""

from __future__ import annotations

from typing import NamedTuple

from course_utils.data.idx import FILES, FileSpec
from course_utils.data.mirrors import MIRRORS

__all__ = ["PUBLISHED", "Published"]


class Published(NamedTuple):
    """A data set's name in torchvision, its four files, and addresses of folders that hold them."""

    title: str
    files: tuple[FileSpec, ...]
    mirrors: tuple[str, ...]


def _like_mnist(title: str, mirror: str, *md5s: str) -> Published:
    files = tuple(
        FileSpec(spec.name, spec.shape, md5=md5) for spec, md5 in zip(FILES, md5s, strict=True)
    )
    return Published(title, files, (mirror,))


PUBLISHED = {
    "mnist": Published("MNIST", FILES, MIRRORS),
    "fashion-mnist": _like_mnist(
        "FashionMNIST",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
    "kmnist": _like_mnist(
        "KMNIST",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "bdb82020997e1d708af4cf47b453dcf7",
        "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7",
        "7320c461ea6c1c855c0b718fb2a4b134",
    ),
}
