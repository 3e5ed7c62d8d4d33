"""A kernel of its own for one notebook: what its cells show, and what ends it early.

The kernel runs in a sandbox where the system has one, and speaks to the marker through files that
only the two can see; else on the machine as it is, within the same limits.
"""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import Any

import psutil
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.marking import sandbox
from course_utils.marking.kernel import JUDGEMENT, signature
from course_utils.marking.nursery import Manager, Nursery

__all__ = ["Heard", "Limits", "Session"]

STARTING = 120  # seconds until a kernel has what it needs
PATIENCE = 6  # times as long by the clock as of a processor: others may have it
PRINTED, WRITTEN, FILES = 16 << 20, 256 << 20, 10_000  # bytes, bytes, and how many
QUIET = logging.getLogger(__name__)
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False


@dataclass(frozen=True)
class Limits:
    """What a notebook may use: seconds of a processor for a cell, memory, processes.

    The whole has three times the seconds of a cell. What only waits is stopped after ``PATIENCE``
    times as long by the clock.
    """

    seconds: int = 20
    megabytes: int = 3000
    processes: int = 64  # and threads

    @property
    def whole(self) -> int:
        return 3 * self.seconds


@dataclass
class Heard:
    """What came of a cell: judgements, each with whether it is signed; text; what stopped it."""

    judgements: list[tuple[dict[str, Any], bool]] = field(default_factory=list)
    printed: str = ""
    stopped: str = "It was not run: the notebook was stopped before."


class _Client(NotebookClient):
    """Hands each message over, and keeps none."""

    session: Session

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> None:
        self.session.hear(msg, cell_index)

    def handle_comm_msg(self, outs: Any, msg: Any, cell_index: int) -> None:
        self.session.hear(msg, cell_index)


class Session:
    """One run of the cells, in order; ``heard`` has what came of each."""

    def __init__(self, cells: list[str], limits: Limits) -> None:
        self.cells, self.limits = cells, limits
        self.heard = [Heard() for _ in cells]
        self.trouble: list[str] = []
        self.again = False  # the notebook is not to blame
        self._key = secrets.token_bytes(32)
        self._printed = 0
        self._began: float | None = None
        self._used = self._used_before_cell = 0.0  # seconds of a processor
        self._manager: Any = None

    def run(self, nursery: Nursery) -> None:
        """Run the cells; what goes wrong ends up in ``trouble``."""
        folder = Path(tempfile.mkdtemp(prefix="mark-"))
        ended = threading.Event()
        watch = threading.Thread(target=self._watch, args=(folder, ended), daemon=True)
        try:
            self._manager = Manager.start(nursery, folder, self._orders(), 2 * PRINTED)
            watch.start()
            client = self._client()
            try:
                client.execute(cleanup_kc=True)
            finally:  # which nbclient leaves where a kernel dies early
                atexit.unregister(client._cleanup_kernel)
        except Exception as error:  # of nbclient, zmq or the notebook
            self._told(error, folder)
        finally:
            ended.set()
            if self._manager:
                watch.join()
                self._manager.kill()
                self._manager.context.destroy(linger=0)
            shutil.rmtree(folder, ignore_errors=True)

    def hear(self, message: dict[str, Any], place: int) -> None:
        """Take a message of a cell; too many end the notebook."""
        heard, kind, content = self.heard[place], message["msg_type"], message["content"]
        asked = message["parent_header"]["msg_id"]
        self._printed += len(str(content))
        if self._printed > PRINTED:
            self._stop(f"it printed more than {PRINTED >> 20} MB")
        elif kind == "stream":
            heard.printed += content["text"]
        elif kind == "error":
            stopped = content["ename"] == "KeyboardInterrupt"
            late = f"It did not end within {self.limits.seconds} s."
            heard.stopped = late if stopped else f"{content['ename']}: {content['evalue']}"[:300]
        elif JUDGEMENT in content.get("data", {}):
            told = content["data"][JUDGEMENT]
            if isinstance(told, dict):
                given = str(told.get("signature")).encode()
                valid = compare_digest(signature(self._key, told, asked).encode(), given)
                heard.judgements.append((told, valid))

    def _orders(self) -> dict[str, Any]:
        boxed = not sandbox.available()
        limits = {
            "seconds": 2 * self.limits.whole,  # the marker ends it before, if it lives
            "megabytes": self.limits.megabytes,
            "processes": self.limits.processes if boxed else 0,
        }
        data = filter(None, [os.environ.get("COURSE_DATA")])
        visible = sandbox.visible(*data) if boxed else []
        return {"visible": visible, "limits": limits, "key": self._key.hex()}

    def _client(self) -> _Client:
        cells = [new_code_cell(source) for source in self.cells]
        client = _Client(
            new_notebook(cells=cells),
            km=self._manager,
            timeout=PATIENCE * self.limits.seconds,
            startup_timeout=STARTING,
            interrupt_on_timeout=True,
            allow_errors=True,
            store_widget_state=False,
            record_timing=False,
            on_notebook_start=self._start,
            on_cell_execute=lambda cell, cell_index: self._cell(cell_index),
            log=QUIET,
        )
        client.session = self
        return client

    def _start(self, **_: Any) -> None:
        self._began = time.monotonic()
        self._used = _processor(self._manager.members())

    def _cell(self, place: int) -> None:
        self.heard[place].stopped = ""
        self._used_before_cell = _processor(self._manager.members())

    def _told(self, error: Exception, folder: Path) -> None:
        if self.trouble:
            return
        if self._began is None:
            errors = folder / "errors"
            said = errors.read_text("utf-8", "replace").splitlines() if errors.exists() else []
            self.trouble.append(f"its kernel did not start ({error}; {' '.join(said[-1:])})")
            self.again = True
        elif type(error).__name__ == "DeadKernelError":
            self.trouble.append("it ended its kernel, or ran out of memory")
        else:
            self.trouble.append(f"it could not be run to its end ({type(error).__name__}: {error})")

    def _watch(self, folder: Path, ended: threading.Event) -> None:
        """End a notebook that takes more than it may."""
        most, one, whole = self.limits.processes // 2, self.limits.seconds, self.limits.whole
        while not ended.wait(0.2):
            members, written = self._manager.members(), _sizes(folder)
            if len(members) > most:
                self._stop(f"it started more than {most} processes")
            elif _memory(members) > self.limits.megabytes << 20:
                self._stop(f"it took more than {self.limits.megabytes} MB of memory")
            elif sum(written) > WRITTEN or len(written) > FILES:
                self._stop(f"it wrote more than {WRITTEN >> 20} MB, or {FILES:,} files")
            elif self._began and (
                _processor(members) - self._used > whole
                or time.monotonic() - self._began > PATIENCE * whole
            ):
                self._stop(f"it did not end within {whole} s")
            elif self._began and _processor(members) - self._used_before_cell > one:
                self._used_before_cell += one  # a cell that doesn't stop is told again
                self._manager.interrupt()

    def _stop(self, why: str) -> None:
        if not self.trouble:
            self.trouble.append(why)
        self._manager.kill()


def _processor(members: list[psutil.Process]) -> float:
    """Seconds of a processor that processes, and their children that have ended, have used."""
    used = 0.0
    for member in members:
        with suppress(psutil.Error):
            used += sum(member.cpu_times()[:4])
    return used


def _memory(members: list[psutil.Process]) -> int:
    """Bytes that processes take, what they share counted once where the system tells it."""
    used = 0
    for member in members:
        with suppress(psutil.Error):
            memory = member.memory_full_info()
            used += getattr(memory, "pss", memory.uss)
    return used


def _sizes(folder: Path) -> list[int]:
    """Sizes of the files in a folder, of the first ten thousand if there are more."""
    found: list[int] = []
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                found.append(os.lstat(os.path.join(parent, name)).st_size)
        if len(found) > FILES:
            break
    return found
