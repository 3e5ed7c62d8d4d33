"""Limits of time and memory for work that may never end, and nothing left changed behind it.

On Linux the work is done in a process of its own: a fork of this one, which has all that the work
needs. It's stopped when its time is up, and so is whatever it started; it can't have more memory
than the limit beyond what is in use now, nor start further copies of itself; and what it prints,
shows or changes is gone with it. Its time is that of its core, so that a busy machine fails nobody;
work that only waits is stopped after ``PATIENCE`` times as long by the clock.

Elsewhere there's no fork (Windows) or it isn't safe: on macOS, and with a GPU, since PyTorch can't
go back through a network in a fork once it has done so in the parent. There the work is done in
this process. What can be put back is: random states, the default type, NumPy's error state,
warnings, the folder, the environment. The time limit holds where a signal can be had, in the main
thread outside Windows, for work that doesn't catch it; memory has no limit.
"""

from __future__ import annotations

import builtins
import faulthandler
import json
import math
import os
import random
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from typing import Any, NoReturn

import numpy as np
import torch

__all__ = ["Exceeded", "can_fork", "within"]


PATIENCE = 6  # a process may wait for its core while others have it


class Exceeded(Exception):
    """The work broke a limit, or off; the message is a sentence that says which."""


def can_fork() -> bool:
    """Say whether work can be done in a process of its own here."""
    return sys.platform == "linux" and not torch.cuda.is_available()


def within(work: Callable[[], Any], *, seconds: float, memory: int) -> Any:
    """Do some work, within limits, and give its result: anything that JSON has.

    >>> within(lambda: [1, "two"], seconds=10, memory=2**30)
    [1, 'two']

    Raises
    ------
    Exceeded
        Where it took longer, or ended the process it was done in.
    """
    return _apart(work, seconds, memory) if can_fork() else _here(work, seconds)


def _too_long(seconds: float) -> Exceeded:
    unit = "second" if seconds == 1 else "seconds"
    return Exceeded(f"It did not finish within {seconds:g} {unit}: does a loop never end?")


# --- in a process of its own


def _apart(work: Callable[[], Any], seconds: float, memory: int) -> Any:
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # this process may have threads, of which the work has none
        child = os.fork()
    if child == 0:
        _work_and_leave(work, writing, seconds, memory)
    os.close(writing)
    try:
        with suppress(OSError):  # both set it, since either may come first
            os.setpgid(child, child)
        found = _received(reading, PATIENCE * seconds)
    finally:
        os.close(reading)
        for process in (-child, child):
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if found is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        raise _too_long(seconds)
    try:
        return json.loads(found)
    except ValueError:
        raise Exceeded(f"It ended Python{_by_signal(status)} instead of returning.") from None


def _by_signal(status: int) -> str:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return f" ({signal.Signals(number).name})" if number and number != signal.SIGKILL else ""


def _received(reading: int, seconds: float) -> bytes | None:
    """All that the other process writes until it closes its end; None where it takes too long."""
    end, found = time.monotonic() + seconds, b""
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return None
        part = os.read(reading, 1 << 16)
        if not part:
            return found
        found += part


def _work_and_leave(work: Callable[[], Any], writing: int, seconds: float, memory: int) -> NoReturn:
    """Do the work in this fork, in silence, send its result and end at once."""
    try:
        os.setpgid(0, 0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        _limit(seconds, memory)
        faulthandler.disable()  # it would write of a crash where it was told to
        torch.set_num_threads(1)  # a fork hangs where it waits for the threads of its parent
        torch.set_num_threads = lambda nthreads: None
        builtins.input = os.fork = os.forkpty = _refused
        with _shows_nothing():
            result = json.dumps(work()).encode()
        while result:
            result = result[os.write(writing, result) :]
    except BaseException:
        pass  # the other end sees that nothing came
    finally:
        os._exit(0)


def _refused(*args: object, **kwargs: object) -> NoReturn:
    raise PermissionError("an answer can't ask for input, nor start processes")


def _limit(seconds: float, memory: int) -> None:
    """Let this process have so much time, so many bytes more than now, and leave no core behind."""
    import resource  # here, since Windows has none

    with open("/proc/self/statm", encoding="ascii") as pages:
        used = int(pages.read().split()[0]) * resource.getpagesize()
    for limit, value in (
        (resource.RLIMIT_AS, used + memory),
        (resource.RLIMIT_CPU, math.ceil(seconds)),
        (resource.RLIMIT_CORE, 0),
    ):
        most = resource.getrlimit(limit)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, most))


@contextmanager
def _shows_nothing() -> Iterator[None]:
    """Keep what a notebook would show: its kernel's sockets belong to the other process."""
    with ExitStack() as stack:
        if "IPython" in sys.modules:  # which nothing here needs
            stack.enter_context(import_module("IPython.utils.capture").capture_output())
        yield


# --- in this process


class _TimeIsUp(BaseException):
    """Not an Exception, so that the work doesn't take it for one of its own."""


def _here(work: Callable[[], Any], seconds: float) -> Any:
    try:
        with _put_back(), _alarm(seconds):
            return work()
    except _TimeIsUp:
        raise _too_long(seconds) from None


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise _TimeIsUp after so long, where signals allow it."""
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*args: object) -> NoReturn:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


@contextmanager
def _put_back() -> Iterator[None]:
    """Put back what work changes by the way."""
    drawn, drawn_by_torch = random.getstate(), torch.get_rng_state()
    drawn_by_numpy = np.random.get_state()  # noqa: NPY002
    default, gradients = torch.get_default_dtype(), torch.is_grad_enabled()
    depth, environment = sys.getrecursionlimit(), dict(os.environ)
    folder = os.open(".", os.O_RDONLY) if hasattr(os, "fchdir") else os.getcwd()
    try:
        with np.errstate(), warnings.catch_warnings():
            yield
    finally:
        random.setstate(drawn)
        np.random.set_state(drawn_by_numpy)  # noqa: NPY002
        torch.set_rng_state(drawn_by_torch)
        torch.set_default_dtype(default)
        torch.set_grad_enabled(gradients)
        sys.setrecursionlimit(depth)
        os.chdir(folder)
        if isinstance(folder, int):
            os.close(folder)
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)
