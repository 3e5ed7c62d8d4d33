"""Records: one small JSON file per seed, described by ``recorded/schema.json``."""

import json
import reprlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
from filelock import FileLock, Timeout

from course_utils.basics.files import write_atomically

SHIPPED = Path(__file__).parents[1] / "recorded"


@cache
def _check() -> Callable[..., Any]:
    """The check against the schema, compiled: a record holds many numbers."""
    found: Callable[..., Any] = fastjsonschema.compile(
        json.loads((SHIPPED / "schema.json").read_text(encoding="utf-8"))
    )
    return found


def validate(record: Any, name: object) -> None:
    """Check a record against the schema.

    Raises
    ------
    ValueError
        If it breaks the schema, or has not one prediction per test image; the error names the
        record, the place in it and the rule.
    """
    try:
        _check()(record, name_prefix="record")
    except fastjsonschema.JsonSchemaValueException as error:
        found = reprlib.repr(error.value)
        raise ValueError(
            f"record: {name} breaks the schema; {error.message}, not {found}"
        ) from None
    predictions, images = record.get("test_predictions"), record["data"]["test"]
    if predictions is not None and len(predictions) != images:
        raise ValueError(
            f"record: {name} has {len(predictions)} test predictions for {images} test images; "
            "delete it and run it again"
        )


def write(record: dict[str, Any], path: Path) -> None:
    """Validate a record and put it at ``path`` in one step.

    Raises
    ------
    ValueError
        If the record breaks the schema; nothing is written.
    """
    validate(record, path.name)
    text = json.dumps(record, indent=1, allow_nan=False) + "\n"
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))


def read(path: Path) -> dict[str, Any]:
    """Read a record from its file.

    Raises
    ------
    ValueError
        If the file is not JSON, breaks the schema, or holds another run than its name and folder
        say: a copy that a browser or a cloud folder has made isn't another seed.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"record: {path} is not JSON ({error}); delete it and run it again"
        ) from error
    validate(record, path)
    experiment, seed = record["experiment"], record["seed"]
    source, epochs = record["data"]["source"], record["definition"]["epochs"]
    names = [file_name(seed, source), file_name(seed, source, epochs)]
    place = Path(path.absolute().parent.name, path.name)
    if place not in [Path(experiment, name) for name in names]:
        raise ValueError(
            f"record: {path} holds seed {seed} of {experiment} on {source}; "
            f"move it to {experiment}/{names[0]}, or delete it if it is a copy"
        )
    return record


def file_name(seed: int, source: str, epochs: int | None = None) -> str:
    """Name the file of a run; of a trial if it is on the digits, or has a length of its own.

    >>> file_name(3, "mnist"), file_name(3, "digits", epochs=1)
    ('seed-3.json', 'trial-3.epochs-1.digits.json')
    """
    trial = "" if epochs is None else f".epochs-{epochs}"
    trial += ".digits" if source == "digits" else ""
    return f"{'trial' if trial else 'seed'}-{seed}{trial}.json"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a record: one process at a time makes it, on all the machines that share its folder.

    Another one waits, and says so. The system releases the lock of a killed process; whatever that
    left half-written is removed. The lock's own file stays until the record is written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_file(path))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"Another process is making {path}; waiting for it.", file=sys.stderr)
        lock.acquire(poll_interval=0.5)
    try:
        for name in (path.name, f"{path.stem}.{'?' * 12}.checkpoint"):
            for part in path.parent.glob(f".{name}.*.part"):
                part.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def lock_file(path: Path) -> Path:
    """The file beside a record that ``locked`` locks."""
    return path.with_suffix(".lock")


def read_all(folder: Path) -> list[dict[str, Any]]:
    """Read the records ``seed-<n>.json`` of an experiment's folder, by seed; [] if none."""
    return sorted((read(path) for path in folder.glob("seed-*.json")), key=lambda r: r["seed"])
