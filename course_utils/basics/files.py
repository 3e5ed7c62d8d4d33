"""Files written in one step, so that a kill leaves the old one or the new one."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path

from course_utils.basics.checks import invalid


def expanded(name: str, path: str | os.PathLike[str]) -> Path:
    """Replace a ``~`` at the start of a path by the home folder.

    >>> expanded("out", "sheets/monday").as_posix()
    'sheets/monday'

    Raises
    ------
    ValueError
        If no such home folder is known, as for a user without an account.
    """
    found = Path(os.path.expanduser(path))
    if str(found).startswith("~"):
        raise invalid(name, str(path), "use a path without ~, since no such home folder is known")
    return found


def cache_path(name: str) -> Path:
    """Return the user's own cache folder; without a home folder, one in the temporary folder."""
    try:
        return expanded("cache", user_cache_path(name))
    except (RuntimeError, ValueError):  # from platformdirs, new and old
        return Path(tempfile.gettempdir(), name)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then rename it to ``path``.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "new" / "note.txt"
    >>> write_atomically(target, lambda p: p.write_text("whole"))
    >>> target.read_text(), [p.name for p in target.parent.iterdir()]
    ('whole', ['note.txt'])
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(part)
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
