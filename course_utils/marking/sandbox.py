"""Where a handed-in notebook runs: without a network, without the teacher's files, within limits.

On Linux a process can leave the network, the files and the other processes behind: ``enter`` gives
it namespaces of its own, in which nothing is mounted but the system, Python, this package, the data
and one folder to write into; only that folder, ``/tmp`` and ``/dev/shm`` can be written. It
keeps no privileges, and can't get any: an ordinary user's process does this in a user namespace,
root's becomes a user that nobody is. Where the system forbids namespaces, and on macOS and Windows,
``available`` says so, and whoever runs notebooks has to warn of it.

What is not forbidden: to read the system's own files, the package (the right answers are in it) and
the data; to use the processor up to the limits; and whatever a fault of the system's kernel allows.
This module imports nothing that takes time, and nothing of the package.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["available", "enter", "limit", "visible"]

STRANGERS = 1_900_000_000  # users that nobody is: one for each sandbox that root makes
# From Linux's headers: what unshare, mount, mount_setattr, umount2 and prctl are told.
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
NOSUID, NODEV, BIND, RECURSIVE, PRIVATE, DETACH = 0x2, 0x4, 0x1000, 0x4000, 0x40000, 0x2
READ_ONLY, AT_RECURSIVE, AT_CWD = 0x1, 0x8000, -100
PDEATHSIG, DUMPABLE, CAPBSET_DROP, NO_NEW_PRIVS = 1, 4, 24, 38
MOUNT_SETATTR = 442  # of all processors
DEVICES = ("null", "zero", "full", "random", "urandom")
SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/etc/ld.so.cache",
    "/etc/alternatives", "/etc/fonts", "/etc/localtime", "/etc/passwd", "/etc/group",
)  # fmt: skip


def visible(*more: Path | str) -> list[str]:
    """List what a process in the sandbox can read: the system, Python, this package, and ``more``.

    >>> "/usr" in visible() or sys.platform != "linux"
    True
    """
    package = Path(__file__).resolve().parents[1]
    sites = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    python = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
    paths = [*SYSTEM, *python, *sites, str(package), *map(str, more)]
    return [path for path in dict.fromkeys(paths) if os.path.exists(path) and path != "/"]


@cache
def available() -> str:
    """Say why no sandbox can be entered here; "" if one can. A process of its own tries it."""
    if sys.platform != "linux":
        return f"{sys.platform} has no namespaces"
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import sandbox, os; "
    code += "sandbox.enter(sandbox.visible(), os.getcwd()); os.listdir('/proc'); print('in')"
    with tempfile.TemporaryDirectory() as folder:
        tried = [sys.executable, "-S", "-c", code]
        done = subprocess.run(tried, cwd=folder, capture_output=True, text=True)
    if done.stdout.strip() == "in":
        return ""
    return (done.stderr.strip().splitlines() or ["the process ended without a word"])[-1]


def limit(*, seconds: int, megabytes: int, processes: int) -> None:
    """Limit this process and what it starts, as far as the system can.

    ``processes`` counts threads, too, and all that the user has: it is for a sandbox, where nothing
    else is the user's; 0 is no limit. Where memory runs out for all, this is what the system ends.
    """
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        "RLIMIT_CPU": seconds,
        "RLIMIT_DATA" if sys.platform == "linux" else "RLIMIT_AS": megabytes << 20,
        "RLIMIT_FSIZE": 64 << 20,
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": processes,
    }
    for name, most in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None or (name == "RLIMIT_NPROC" and not most):
            continue
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def enter(paths: list[str], folder: str) -> None:
    """Go on as the first process of a sandbox that can read ``paths`` and write into ``folder``.

    The process that called waits outside until the one within ends, and ends as it did.

    Raises
    ------
    OSError
        Where the system refuses.
    """
    root = os.geteuid() == 0
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    spaces = NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET | (0 if root else NEWUSER)
    _done(libc.unshare(spaces), "unshare")
    if not root:
        # What may write these files belongs to root while a process can't be looked into.
        _done(libc.prctl(DUMPABLE, 1, 0, 0, 0), "prctl")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1")):
            Path("/proc/self", name).write_text(text, encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    outside = os.getpid()
    inside = os.fork()
    if inside:
        _wait(libc, inside)
    _close(libc, paths, folder)
    for capability in range(64):
        if libc.prctl(CAPBSET_DROP, capability, 0, 0, 0):
            break
    if root:
        stranger = STRANGERS + outside % 100_000
        for place in [folder, *(str(p) for p in Path(folder).rglob("*"))]:
            os.chown(place, stranger, stranger)
        os.setgroups([])
        os.setresgid(stranger, stranger, stranger)
        os.setresuid(stranger, stranger, stranger)
    _give_up(libc)


def _wait(libc: Any, inside: int) -> None:
    """Outlive the sandbox, and not whoever asked for it."""
    _done(libc.prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the notebook's cell
    ended = os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1])
    os._exit(ended if ended >= 0 else 128 - ended)


def _close(libc: Any, paths: list[str], folder: str) -> None:
    """Make a new root of the paths alone, and let go of the old one."""
    new = "/tmp"
    os.chdir("/")
    _mount(libc, None, "/", flags=RECURSIVE | PRIVATE)
    kept = {path: os.open(path, os.O_PATH) for path in [*paths, folder]}
    devices = {f"/dev/{name}": os.open(f"/dev/{name}", os.O_PATH) for name in DEVICES}
    _mount(libc, "tmpfs", new, "tmpfs", NOSUID | NODEV, "mode=755,size=1m")
    for name in ("/tmp", "/dev/shm"):
        os.makedirs(new + name, exist_ok=True)
        _mount(libc, "tmpfs", new + name, "tmpfs", NOSUID | NODEV, "mode=1777,size=64m")
    for path in paths:
        _bind(libc, kept[path], new + path, READ_ONLY | NOSUID | NODEV)
    for path, device in devices.items():
        _bind(libc, device, new + path, READ_ONLY | NOSUID)
    _bind(libc, kept[folder], new + folder, NOSUID | NODEV)
    for held in (*kept.values(), *devices.values()):
        os.close(held)
    os.makedirs(new + "/proc")
    _mount(libc, "proc", new + "/proc", "proc", NOSUID | NODEV)
    os.chdir(new)
    _done(libc.pivot_root(b".", b"."), "pivot_root")
    _done(libc.umount2(b".", DETACH), "umount")
    _setattr(libc, "/", READ_ONLY, recursive=False)
    os.chdir(folder)


def _bind(libc: Any, held: int, target: str, attributes: int) -> None:
    """Mount what an open descriptor holds, a folder or a file, at a place that is made for it."""
    source = f"/proc/self/fd/{held}"
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    _mount(libc, source, target, flags=BIND | RECURSIVE)
    _setattr(libc, target, attributes, recursive=True)


def _give_up(libc: Any) -> None:
    """Keep no privilege, and none that could come back; end with the process outside."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _done(libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())), "capset")
    _done(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    _done(libc.prctl(DUMPABLE, 1, 0, 0, 0), "prctl")
    _done(libc.prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def _mount(
    libc: Any, source: str | None, target: str, kind: str = "", flags: int = 0, options: str = ""
) -> None:
    names = [text.encode() if text else None for text in (source, target, kind)]
    _done(libc.mount(*names, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def _setattr(libc: Any, target: str, attributes: int, *, recursive: bool) -> None:
    asked = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    how = AT_RECURSIVE if recursive else 0
    done = libc.syscall(
        ctypes.c_long(MOUNT_SETATTR), AT_CWD, target.encode(), how, ctypes.byref(asked),
        ctypes.c_size_t(ctypes.sizeof(asked)),
    )  # fmt: skip
    _done(done, f"mount_setattr {target}")


def _done(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
