"""What was handed in: whose notebook is which, in folders and in what learning platforms export.

A file at the top is one student's, and so is a folder, with all that is in it. Archives are read
where they are, those within archives as well. Moodle's and Canvas's names say who handed
in what; from any other name the page's is taken off: ``anna_01a_convolution.ipynb`` is Anna's.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from course_utils.basics.checks import invalid

__all__ = ["Submission", "collect"]

LARGEST = 50 << 20  # bytes of one notebook, or of an archive in an archive
DEEPEST = 3  # archives in archives
_MOODLE = re.compile(r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)")
_CANVAS = re.compile(r"(?P<who>[^_]+)(?:_LATE)?_(?P<id>\d+)_\d+_(?P<rest>.+)")
_SKIPPED = re.compile(r"(^|/)(\.|__MACOSX/)|-checkpoint\.ipynb$")


@dataclass(frozen=True)
class Submission:
    """A notebook, whose it is, and under which name it was handed in; "" in ``problem`` if read."""

    student: str
    name: str
    content: bytes
    problem: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def collect(folder: Path, pages: Sequence[str]) -> list[Submission]:
    """Find what was handed in, in the order of the students' names.

    Two students of one name are told apart by their numbers on the platform.

    Raises
    ------
    ValueError
        For a folder that isn't there, or has no notebook and no archive.
    """
    if not folder.exists():
        raise invalid("folder", str(folder), "use a folder with notebooks, or an archive")
    found = []
    for path, content, problem in _files(folder):
        who, number = _whose(path, pages)
        found.append((who, number, Submission(who, str(path), content, problem)))
    if not found:
        raise invalid("folder", str(folder), "use one that holds notebooks or archives of them")
    numbers: dict[str, set[str]] = {}
    for who, number, _ in found:
        numbers.setdefault(who, set()).add(number)
    named = [
        (f"{who} ({number})" if number and len(numbers[who]) > 1 else who, one)
        for who, number, one in found
    ]
    made = [Submission(who, one.name, one.content, one.problem) for who, one in named]
    return sorted(made, key=lambda one: (one.student.casefold(), one.name))


def _files(folder: Path) -> Iterator[tuple[PurePosixPath, bytes, str]]:
    """Give each notebook's path, its content, and what kept it from being read."""
    if folder.is_file():
        yield from _unpacked(PurePosixPath(), folder, DEEPEST)
        return
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = PurePosixPath(path.relative_to(folder).as_posix())
        if not _counts(name):
            continue
        if name.suffix.lower() == ".zip":
            yield from _unpacked(name, path, DEEPEST)
        elif path.is_symlink() or path.stat().st_size > LARGEST:
            yield name, b"", "not read: a link, or larger than 50 MB"
        else:
            yield name, path.read_bytes(), ""


def _unpacked(
    name: PurePosixPath, archive: Path | io.BytesIO, deep: int
) -> Iterator[tuple[PurePosixPath, bytes, str]]:
    """Read an archive: a class's, whose entries say whose they are, or else one student's."""
    try:
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                path = PurePosixPath(entry.filename.replace("\\", "/"))
                if entry.is_dir() or not _counts(path):
                    continue
                exported = _MOODLE.match(path.parts[0]) or _CANVAS.match(path.parts[0])
                if len(name.parts) > 1 or not exported:
                    path = name.with_suffix("") / path if name.name else path
                if entry.file_size > LARGEST:
                    yield path, b"", "not read: larger than 50 MB"
                    continue
                with opened.open(entry) as file:
                    content = file.read(LARGEST)
                if path.suffix.lower() == ".ipynb":
                    yield path, content, ""
                elif deep:
                    yield from _unpacked(path, io.BytesIO(content), deep - 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        yield name, b"", f"an archive that can't be read: {error}"


def _counts(path: PurePosixPath) -> bool:
    return path.suffix.lower() in (".ipynb", ".zip") and not _SKIPPED.search(path.as_posix())


def _whose(path: PurePosixPath, pages: Sequence[str]) -> tuple[str, str]:
    """Read from a path whose it is, and the student's number where a platform gives it."""
    short = [page.split("_")[0] for page in pages]
    folders = [part for part in path.parts[:-1] if part not in (*pages, *short)]
    first = folders[0] if folders else path.stem
    for form in (_MOODLE, _CANVAS):
        if match := form.match(first):
            return match["who"].strip(), match["id"]
    if not folders:
        any_page = "|".join(map(re.escape, (*pages, *short)))
        rest = re.sub(rf"(?:^|[\s_-]+)(?:{any_page})(?=$|[\s_(-])(?:-\d| ?\(\d+\))?", " ", first)
        first = rest.strip(" _-") or first
    return first, ""
