"""A sweep's progress: one bar on stderr, in epochs."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import torch
from tqdm import tqdm

LOOK_EVERY = 1.0  # seconds


class Run(Protocol):
    """What the bar has to know of a run: its record, its checkpoint and its length."""

    @property
    def path(self) -> Path: ...
    @property
    def checkpoint(self) -> Path: ...
    @property
    def epochs(self) -> int: ...


class Bar:
    """A bar over the epochs of all runs; those recorded or held in checkpoints count as done.

    Runs are made in other processes, even on other machines. All they share is their folder, so
    this looks at the checkpoints in it.
    """

    def __init__(self, recorded: Sequence[Run], left: Sequence[Run], *, shown: bool = True) -> None:
        self._left = {run.path: run for run in left}
        self._epochs = {run.path: epochs_held(run.checkpoint) for run in left}
        self._written: dict[Path, int] = {}
        done = sum(run.epochs for run in recorded)
        self._bar = tqdm(
            total=done + sum(run.epochs for run in left),
            initial=done + sum(self._epochs.values()),
            unit="epoch",
            postfix=self._runs_left(),
            disable=not shown,
            leave=False,
        )
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        if shown:
            self._watcher.start()

    def done(self, path: Path) -> None:
        """Count a run as done, from the path of its record."""
        with self._lock:
            run = self._left.pop(path)
            self._bar.set_postfix_str(self._runs_left(), refresh=False)
            self._count(path, run.epochs)
            self._bar.refresh()

    def close(self) -> None:
        self._closed.set()
        if self._watcher.is_alive():
            self._watcher.join()
        self._bar.close()

    def _runs_left(self) -> str:
        return f"{len(self._left)} runs left"

    def _count(self, path: Path, epochs: int) -> None:
        self._bar.update(epochs - self._epochs[path])
        self._epochs[path] = epochs

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_EVERY):
            for path, run in list(self._left.items()):
                try:
                    written = run.checkpoint.stat().st_mtime_ns
                except OSError:
                    continue
                if written == self._written.get(path):
                    continue
                self._written[path] = written
                epochs = epochs_held(run.checkpoint)
                with self._lock:
                    if path in self._left and epochs > self._epochs[path]:
                        self._count(path, epochs)
            with self._lock:
                self._bar.refresh()


def epochs_held(checkpoint: Path) -> int:
    """Epochs that a checkpoint holds; 0 if it doesn't exist or can't be read."""
    try:
        state = torch.load(checkpoint, weights_only=True, map_location="cpu", mmap=True)
        return len(state["history"]["train_loss"])
    except Exception:  # it may be gone, or on its way through a network and incomplete
        return 0
