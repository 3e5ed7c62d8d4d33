"""The four files of MNIST and its siblings: what each must be, and whether a file is it, unchanged.

MNIST comes as four files in the *idx* format: a magic number, one size per dimension (all of them
big-endian 32-bit integers), then one byte per pixel or label.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

GZIP = b"\x1f\x8b"


class DataError(RuntimeError):
    """The data cannot be had, or are not what they should be; the text says what to do."""


class FileSpec(NamedTuple):
    """What a file must be: its name, the shape that its header gives, and one of two checksums."""

    name: str
    shape: tuple[int, ...]
    sha256: str = ""  # of the unpacked file
    md5: str = ""  # of the gzipped file, where that is all that is published

    @property
    def magic(self) -> int:
        """2051 for images (three dimensions of bytes), 2049 for labels (one)."""
        return 0x800 + len(self.shape)

    @property
    def size(self) -> int:
        """Bytes of the whole unpacked file."""
        return 4 + 4 * len(self.shape) + int(np.prod(self.shape))


TRAIN_IMAGES = FileSpec(
    "train-images-idx3-ubyte",
    (60_000, 28, 28),
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
)
TRAIN_LABELS = FileSpec(
    "train-labels-idx1-ubyte",
    (60_000,),
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
)
TEST_IMAGES = FileSpec(
    "t10k-images-idx3-ubyte",
    (10_000, 28, 28),
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
)
TEST_LABELS = FileSpec(
    "t10k-labels-idx1-ubyte",
    (10_000,),
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


def unpack(content: bytes, spec: FileSpec, where: str) -> bytes:
    """The file as it is, or unpacked if it is gzipped; ``DataError`` if the packing is broken."""
    if not content.startswith(GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            return packed.read(spec.size + 1)  # one byte more shows a file that is too long
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{where}: expected a whole gzip file, found {len(content)} bytes that do not "
            f"unpack ({error})"
        ) from error


def parse(content: bytes, spec: FileSpec, where: str) -> npt.NDArray[np.uint8]:
    """The array in an idx file, gzipped or not, after every check that ``spec`` allows.

    Parameters
    ----------
    content : the bytes of the file.
    spec : what it must be.
    where : the path or address that an error names.

    Raises
    ------
    DataError
        Naming the file, what was expected and what was found.

    Examples
    --------
    >>> file = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1])
    >>> spec = FileSpec("labels", (3,), hashlib.sha256(file).hexdigest())
    >>> parse(file, spec, "labels")
    array([7, 2, 1], dtype=uint8)
    >>> parse(file[:-1], spec, "labels")
    Traceback (most recent call last):
    course_utils.data.idx.DataError: labels: expected 11 bytes, found 10
    """
    if spec.md5 and not content.startswith(GZIP):
        raise DataError(
            f"{where}: expected the gzipped file, of which alone the checksum is published, found "
            f"one that begins with {content[:16]!r}"
        )
    data = unpack(content, spec, where)
    header = 4 + 4 * len(spec.shape)
    magic = int.from_bytes(data[:4], "big")
    if len(data) < 4 or magic != spec.magic:
        raise DataError(
            f"{where}: expected the magic number {spec.magic}, found {magic} "
            f"(the file begins with {data[:16]!r})"
        )
    if len(data) >= header:
        shape = tuple(np.frombuffer(data[4:header], ">u4").tolist())
        if shape != spec.shape:
            raise DataError(f"{where}: expected {_items(spec.shape)}, found {_items(shape)}")
    if len(data) != spec.size:
        more = "more" if len(data) > spec.size else len(data)
        raise DataError(f"{where}: expected {spec.size} bytes, found {more}")
    array = np.frombuffer(data, np.uint8, offset=header).reshape(spec.shape)
    if array.ndim == 1 and array.max(initial=0) > 9:
        raise DataError(f"{where}: expected labels from 0 to 9, found {array.max()}")
    kind, wanted, found = (
        ("MD5", spec.md5, hashlib.md5(content, usedforsecurity=False).hexdigest())
        if spec.md5
        else ("SHA-256", spec.sha256, hashlib.sha256(data).hexdigest())
    )
    if found != wanted:
        raise DataError(f"{where}: expected the {kind} {wanted}, found {found}")
    return array


def checksum(arrays: Sequence[npt.NDArray[Any]]) -> str:
    """The SHA-256 of the bytes of several arrays, in C order, one after the other."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def serialize(array: npt.NDArray[np.uint8]) -> bytes:
    r"""The idx file that holds ``array``: the inverse of ``parse``.

    >>> serialize(np.array([7, 2, 1], np.uint8))
    b'\x00\x00\x08\x01\x00\x00\x00\x03\x07\x02\x01'
    """
    sizes = np.array([0x800 + array.ndim, *array.shape], ">u4")
    return sizes.tobytes() + array.tobytes()


def _items(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"{shape[0]} labels, one per image"
    return f"{shape[0]} images of " + "×".join(str(size) for size in shape[1:])
