"""Where kernels come from: one process that has imported what they need, and a manager for each."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager

from course_utils.marking import sandbox

__all__ = ["Manager", "Nursery"]

KEPT = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "SYSTEMROOT", "USERPROFILE",
    "COURSE_DATA", "MPLCONFIGDIR", "PYTHONUTF8",
)  # fmt: skip


class Nursery:
    """Starts kernels. ``modules`` are imported once for all of them, where the system can fork."""

    def __init__(self, modules: Iterable[str] = ()) -> None:
        self._modules = list(modules)
        self._lock = threading.Lock()
        self._process: Any = None
        self._closed = False

    def start(self, orders: dict[str, Any]) -> int:
        """Start a kernel, and return the number of its process.

        Raises
        ------
        OSError
            Where it can't be started.
        """
        with self._lock:
            if self._closed:
                raise OSError("no kernel is started any more")
            if self._process is None or self._process.poll() is not None or not _forks():
                self._process = self._born()
            try:
                self._process.stdin.write(json.dumps(orders | {"fork": _forks()}) + "\n")
                self._process.stdin.flush()
                return int(self._process.stdout.readline())
            except (OSError, ValueError):
                self._end()
                raise OSError("no kernel can be started; is ipykernel installed?") from None

    def close(self) -> None:
        """End the process and every kernel that still runs, and start no other."""
        with self._lock:
            self._closed = True
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None

    def _born(self) -> Any:
        paths = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH")]
        own = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
        own |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        own |= dict.fromkeys(("OMP_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1")
        own |= dict.fromkeys(("PYTHONDONTWRITEBYTECODE", "PYDEVD_DISABLE_FILE_VALIDATION"), "1")
        if not _forks() and os.name == "posix":
            own["JPY_PARENT_PID"] = str(os.getpid())  # a kernel that ends with the marker
        return subprocess.Popen(
            [sys.executable, "-m", "course_utils.marking.kernel", *self._modules],
            env={name: os.environ[name] for name in KEPT if name in os.environ} | own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="ascii",
        )


class Manager(AsyncKernelManager):
    """What nbclient needs of a kernel that the nursery has started."""

    process: int = 0

    @classmethod
    def start(cls, nursery: Nursery, folder: Path, orders: dict[str, Any], largest: int) -> Manager:
        """Start a kernel with a folder of its own; no message of it may be larger than that."""
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, largest)
        file = str(folder / "k.json")
        transport = "tcp" if sandbox.available() else "ipc"
        manager = cls(connection_file=file, transport=transport, context=context)
        manager.write_connection_file()
        manager.process = nursery.start(orders | {"folder": str(folder), "file": file})
        return manager

    @property
    def has_kernel(self) -> bool:
        return bool(self.process)

    async def is_alive(self) -> bool:  # type: ignore[override]
        try:
            return bool(psutil.Process(self.process).status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False

    _async_is_alive = is_alive

    async def interrupt_kernel(self) -> None:  # type: ignore[override]
        self.interrupt()

    def interrupt(self) -> None:
        """Let the cell that runs stop, as by a press of Ctrl-C."""
        with suppress(OSError):
            if _forks():
                os.killpg(self.process, signal.SIGINT)
            else:
                os.kill(self.process, getattr(signal, "CTRL_C_EVENT", signal.SIGINT))

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # type: ignore[override]
        self.kill()

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        self.cleanup_connection_file()
        self.cleanup_ipc_files()

    def members(self) -> list[psutil.Process]:
        """The kernel's process and those that it started, as far as they are still alive."""
        try:
            first = psutil.Process(self.process)
            return [first, *first.children(recursive=True)]
        except psutil.Error:
            return []

    def kill(self) -> None:
        """End the kernel with all that it started."""
        for member in self.members():
            with suppress(psutil.Error):
                member.kill()


def _forks() -> bool:
    return sys.platform == "linux"
