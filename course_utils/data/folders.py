"""The files of MNIST or a sibling, from a folder, the cache or a mirror.

``gather`` asks the three in turn, file by file, and believes no file that it has not checked.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from course_utils.basics.files import cache_path, expanded, write_atomically
from course_utils.data.idx import FILES, DataError, FileSpec, parse, serialize
from course_utils.data.mirrors import MIRRORS, Downloader, probe

LOCK_WAIT = 300.0  # seconds to wait while another process downloads

PathLike = str | os.PathLike[str]
Arrays = dict[str, npt.NDArray[np.uint8]]


class Gathered(NamedTuple):
    """Checked arrays by file name, and a line for everything that stood in the way."""

    arrays: Arrays
    attempts: list[str]


class Contents(NamedTuple):
    """What a folder holds: sound arrays, a line for each damaged file, names of the absent."""

    arrays: Arrays
    damaged: list[str]
    absent: list[str]


def gather(
    root: PathLike | None = None,
    cache: PathLike | None = None,
    mirrors: Sequence[str] = MIRRORS,
    *,
    timeout: float = 3.0,
    progress: bool = True,
    files: Sequence[FileSpec] = FILES,
    title: str = "MNIST",
) -> Gathered:
    """Look for the files in ``root`` (or COURSE_DATA), then in the cache, then on the mirrors.

    ``title`` is the data set's name in torchvision, after which its folders are called. COURSE_DATA
    is MNIST's; of another data set, only a folder in it that has its name is looked at.

    A damaged file is taken from the next source, and a warning names it. Nothing in ``root`` is
    ever changed; in the cache a damaged file is replaced. A file that no source has is absent
    from the result, whose attempts say why.
    """
    arrays: Arrays = {}
    faults: list[str] = []  # what the user should hear of even if all ends well
    attempts: list[str] = []

    def missing() -> list[FileSpec]:
        return [spec for spec in files if spec.name not in arrays]

    named = root if root is not None else os.environ.get("COURSE_DATA")
    if named:
        folder = Path(os.path.expanduser(named))  # as it is, if there is no such home
        by_the_way = root is None and title != "MNIST"
        folder = folder / title if by_the_way else folder
        place = f"{'COURSE_DATA' if root is None else 'root'} {folder}"
        contents = read_folder(folder, missing(), "replace this file with a sound copy", title)
        arrays |= contents.arrays
        faults += contents.damaged
        if not os.path.isdir(folder):
            fault = f"{place}: expected a folder, found none; correct the path"
            (attempts if by_the_way else faults).append(fault)
        elif contents.absent:
            names = ", ".join(contents.absent)
            faults.append(
                f"{place}: expected {names} there or in {raw(title)}, found none; add them"
            )
        attempts += faults

    store = cache_folder(cache)
    if missing():
        contents = read_folder(store, missing(), "a mirror's copy is to replace it", title)
        arrays |= contents.arrays
        faults += contents.damaged
        attempts += contents.damaged
        if contents.absent:
            names = ", ".join(contents.absent)
            attempts.append(f"cache {store}: expected {names}, found none")

    if missing():
        problems = probe(mirrors, timeout)
        attempts += [f"{mirror}: {problem}" for mirror, problem in problems.items()]
        reachable = [mirror for mirror in mirrors if mirror not in problems]
        if reachable:
            with _one_process_at_a_time(store, title):
                # Another process may be done.
                arrays |= read_folder(store, missing(), "", title).arrays
                if missing():
                    downloader = Downloader(reachable, timeout, progress, title)
                    arrays |= _download(downloader, missing(), store, title)
                    attempts += downloader.attempts

    if not missing():
        for fault in faults:
            warnings.warn(f"{fault}. This time the next source had it.", stacklevel=3)
    return Gathered(arrays, attempts)


def raw(title: str) -> Path:
    """A data set's folder in torchvision's layout, so that torchvision can read our cache too."""
    return Path(title, "raw")


def cache_folder(cache: PathLike | None = None) -> Path:
    """The folder that keeps downloads: ``cache``, else COURSE_CACHE, else the system's own.

    Raises
    ------
    ValueError
        If it begins with the home folder of nobody known.
    """
    named = cache or os.environ.get("COURSE_CACHE")
    return expanded("cache", named) if named else cache_path("course-utils")


def read_folder(
    folder: Path, files: Sequence[FileSpec], remedy: str, title: str = "MNIST"
) -> Contents:
    """Look for each file in ``folder``, its MNIST/raw and its raw, unpacked or gzipped.

    What isn't there is looked for one level down too, where it may be another data set's file:
    such a one is passed over.
    """
    contents = Contents({}, [], [])
    for spec in files:
        present = _named(folder, spec, title)
        damaged = []
        for path in present:
            try:
                contents.arrays[spec.name] = parse(path.read_bytes(), spec, str(path))
                break
            except OSError as error:
                damaged.append(f"{path}: expected to read it, found {error}; {remedy}")
            except DataError as error:
                damaged.append(f"{error}; {remedy}")
        if spec.name not in contents.arrays:
            contents.arrays.update(_further_down(folder, spec, title))
        found = spec.name in contents.arrays
        if not found or not all(map(os.path.isdir, present)):  # a folder named like its file
            contents.damaged.extend(damaged)
        if not found and not present:
            contents.absent.append(spec.name)
    return contents


def _named(folder: Path, spec: FileSpec, title: str) -> list[Path]:
    """List the files that have the name, with a hyphen or, as some programs write it, a dot.

    Where only a gzipped file can be checked, an unpacked one beside it doesn't count.
    """
    bases = (folder / raw(title), folder, folder / "raw")
    names = (spec.name, spec.name.replace("-idx", ".idx"))
    paths = [base / f"{name}{end}" for base in bases for name in names for end in ("", ".gz")]
    present = [path for path in dict.fromkeys(paths) if os.path.exists(path)]  # if we may look
    packed = [path for path in present if path.suffix == ".gz"]
    return packed if spec.md5 and packed else present


def _further_down(folder: Path, spec: FileSpec, title: str) -> Arrays:
    """Give the array of a sound file in one of the folders within, or nothing."""
    with suppress(OSError):
        for inner in sorted(path for path in folder.iterdir() if os.path.isdir(path)):
            for path in _named(inner, spec, title):
                with suppress(OSError, DataError):
                    return {spec.name: parse(path.read_bytes(), spec, str(path))}
    return {}


def _download(downloader: Downloader, files: Sequence[FileSpec], store: Path, title: str) -> Arrays:
    arrays: Arrays = {}
    writable = True
    with downloader.bar:
        for spec in files:
            fetched = downloader.fetch(spec)
            if fetched is None:
                break  # three files of four are no data set
            arrays[spec.name], content = fetched
            try:
                if writable:
                    # Kept in the form that its checksum is of.
                    name = f"{spec.name}.gz" if spec.md5 else spec.name
                    kept = content if spec.md5 else serialize(arrays[spec.name])
                    write = partial(Path.write_bytes, data=kept)
                    write_atomically(store / raw(title) / name, write)
            except OSError as error:
                writable = False
                warnings.warn(
                    f"cache {store}: expected a folder that can be written, found {error}. "
                    f"{title} is used from memory; set COURSE_CACHE to a folder of yours to keep "
                    "it.",
                    stacklevel=4,
                )
    return arrays


@contextmanager
def _one_process_at_a_time(store: Path, title: str) -> Iterator[None]:
    """Hold the cache's lock. Where it cannot be had, go on: no file is written in place."""
    lock = FileLock(store / ".lock", timeout=LOCK_WAIT)
    try:
        store.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"Another process is downloading {title}; waiting for it.", file=sys.stderr)
            lock.acquire()
        for part in (store / raw(title)).glob(".*.part"):  # left by a process that was killed
            part.unlink(missing_ok=True)
    except (OSError, NotImplementedError):
        pass
    try:
        yield
    finally:
        lock.release()
