"""Preflight checks: whatever would stop a sweep is found and named before it starts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from course_utils.data import DataError, Dataset
from course_utils.experiments.definition import Experiment
from course_utils.experiments.planning import Run
from course_utils.experiments.running import build, dataset_of
from course_utils.training.choices import find_device

if TYPE_CHECKING:
    from distributed import Client


def check_folders(runs: Sequence[Run], at_once: int, examples: int) -> None:
    """Make the runs' folders, and try whether they are writable and have room.

    Parameters
    ----------
    at_once : runs that are made at the same time, each with its checkpoint.
    examples : training images, on which a checkpoint's size depends a little.

    Raises
    ------
    OSError
        If they aren't; it names the folder and the reason, or the room that is needed and free.
    """
    disks: dict[int, list[Run]] = {}
    for folder, run in {run.path.parent: run for run in runs}.items():
        try_folder(folder, 0)
        disks.setdefault(folder.stat().st_dev, []).append(run)
    for some in disks.values():
        folders = {run.path.parent for run in some}
        checkpoint = max(checkpoint_bytes(run.experiment, examples) for run in some)
        needed = 2 * at_once * checkpoint  # each is written beside the one before
        needed += sum(record_bytes(run.experiment) for run in runs if run.path.parent in folders)
        folder = some[0].path.parent
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise OSError(
                f"folder: {folder} has too little room; checkpoints and records need "
                f"{needed / 1e6:.1f} MB, {free / 1e6:.1f} MB are free"
            )
        try_folder(folder, checkpoint)
        for other in folders:
            try_folder(other, 1)


def check_workers(
    client: Client, runs: Sequence[Run], datasets: Sequence[Dataset], device: str
) -> None:
    """Ask each worker of a cluster whether it sees the same folder, data, definitions and device.

    Raises
    ------
    OSError
        If one doesn't; it names the worker and what it lacks.
    """
    lock = FileLock(runs[0].path.parent.parent / ".sweep.lock")
    hashes = [run.experiment.hash for run in runs]
    with lock:
        try:
            answers = client.run(
                obstacle,
                list(runs),
                hashes,
                lock.lock_file,
                {dataset.source: dataset.checksum for dataset in datasets},
                device,
                on_error="return",
            )
        finally:
            Path(lock.lock_file).unlink()
    for worker, answer in answers.items():
        if answer:
            raise OSError(f"dask: worker {worker} cannot make the runs; {answer}")


def obstacle(
    runs: Sequence[Run],
    hashes: Sequence[str],
    lock: str,
    checksums: Mapping[str, str],
    device: str,
) -> str:
    """What keeps this machine from making the runs; "" for nothing. ``lock`` is held elsewhere.

    If it is found held here too, the folder is the same, and locks reach this machine.
    """
    try:
        if [run.experiment.hash for run in runs] != list(hashes):
            return "its course_utils has other definitions of the experiments"
        if not Path(lock).exists():
            return f"it does not see the folder {Path(lock).parent}"
        try:
            FileLock(lock).acquire(timeout=0).lock.release()
            return f"locks do not reach it in the folder {Path(lock).parent}"
        except Timeout:
            pass
        for folder in {run.path.parent for run in runs}:
            try_folder(folder, 1)
        find_device(device)
        for source, checksum in checksums.items():
            if dataset_of(source).checksum != checksum:
                return f"its {source} data differs"
    except (OSError, ValueError, DataError) as error:
        return str(error)
    return ""


def try_folder(folder: Path, size: int) -> None:
    """Make a folder, and write so many bytes in it, which are deleted at once.

    Raises
    ------
    OSError
        If that fails; it names the folder and the reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if size:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(size))
                file.flush()
                os.fsync(file.fileno())
    except (FileExistsError, NotADirectoryError) as error:
        raise OSError(f"folder: {folder} is not writable; a file is in the way") from error
    except OSError as error:
        raise OSError(f"folder: {folder} is not writable; {error.strerror}") from error


def checkpoint_bytes(experiment: Experiment, examples: int) -> int:
    """No checkpoint is larger: weights, two moments of each, and the history."""
    weights = sum(t.numel() * t.element_size() for t in build(experiment, 0).state_dict().values())
    steps = -(-examples // experiment.batch_size)
    return 3 * weights + 9 * experiment.epochs * (steps + 10) + 50_000


def record_bytes(experiment: Experiment) -> int:
    """No record is larger: eight numbers per epoch, a digit per test image, and the rest."""
    return 8 * 30 * experiment.epochs + 10_000 + 5_000
