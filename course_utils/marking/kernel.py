"""The kernel of a handed-in notebook: in its sandbox, with a ``check`` that signs what it finds.

The marker sends a line through standard input: limits, what may be seen, and a key. All of that is
read before a student's cell is. ``check`` then displays, beside its sentence, a bundle of the
type ``JUDGEMENT``, signed with the key over all that it says and the marker's request to run the
cell: no other cell and no other notebook can show it again. Before it signs, it makes sure that
nobody has replaced a part of the package's checker.

What that doesn't stop: the answer and the checker live in one process. A student who takes
``check`` apart finds what signs in it, and can have it sign anything; so can one who
changes NumPy under the checker, or hands in what the package itself knows to be right.
The signature makes a forged result hard work, which shows in the notebook's source. It does not
make it impossible.
"""

from __future__ import annotations

import hmac
import json
import os
import signal
import sys
import tempfile
import textwrap
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from course_utils.marking import sandbox

__all__ = ["JUDGEMENT", "main", "serve", "sign_judgements", "signature"]

JUDGEMENT = "application/vnd.course.judgement+json"


def signature(key: Any, told: dict[str, Any], request: str) -> str:
    """Sign what a judgement says, for one request; ``key`` is bytes or an HMAC to continue.

    >>> told = {"exercise": "relu", "status": "right", "mistake": None, "text": "✓ relu: right."}
    >>> signature(b"key", told, "first") == signature(b"key", told, "second")
    False
    """
    begun = hmac.new(key, digestmod="sha256") if isinstance(key, bytes) else key.copy()
    fields = [told.get(name) for name in ("exercise", "status", "mistake", "text")]
    begun.update(json.dumps([request, *fields]).encode())
    return str(begun.hexdigest())


def sign_judgements(shell: Any, key: bytes) -> None:
    """Let ``course_utils.exercises.check`` display what it found, signed, beside its sentence."""
    import course_utils.exercises as exercises
    from course_utils.basics.output import say

    plain, judged, registry = exercises.check, exercises.judged, dict(exercises.REGISTRY)
    publish = shell.display_pub.publish  # the kernel's own, whatever a cell captures
    begun, untouched = hmac.new(key, digestmod="sha256"), _guard(registry)

    def check(name: str, answer: Any = ..., *, hint: bool = False) -> None:
        if hint or name not in registry:
            plain(name, answer, hint=hint)
            return
        found = judged(name, answer) if untouched() else None
        if found is None or not untouched():
            text = "A part of the checker was replaced, so it judges nothing."
            told = {"exercise": name, "status": "forged", "mistake": None, "text": text}
            say(text)
        else:
            mistake = found.mistake.looks_like if found.mistake else None
            told = {"exercise": name, "status": found.status, "mistake": mistake}
            told["text"] = found.text
            if found.status == "not attempted":
                plain(name)
            else:
                say(textwrap.fill(found.text, width=72))
        request = shell.kernel.get_parent("shell")["header"]["msg_id"]
        told["signature"] = signature(begun, told, request)
        publish({JUDGEMENT: told, "text/plain": ""})

    check.__doc__ = plain.__doc__
    exercises.check = check


def _guard(registry: dict[str, Any]) -> Callable[[], bool]:
    """Remember the parts of the checker; the function given back says whether all are the same."""
    modules = sorted(name for name in sys.modules if name.startswith("course_utils.exercises"))

    def parts() -> list[Any]:
        found: list[Any] = []
        for name in modules:
            for word, value in vars(sys.modules[name]).items():
                if word != "check" and not word.startswith("__"):
                    found += [word, value, getattr(value, "__code__", None)]
        for exercise in registry.values():
            found += [exercise, exercise.right, exercise.tolerance, exercise.cases]
        return found

    before = parts()

    def untouched() -> bool:
        now = parts()
        return len(now) == len(before) and all(map(lambda a, b: a is b, now, before))

    return untouched


def main() -> None:
    """Import what the command line names, once; then become a kernel for each line of orders.

    On Linux each kernel is a fork, which has all that is imported; elsewhere the first one is this
    process itself. The answer to a line is the kernel's process number.
    """
    for name in ("ipykernel.kernelapp", "course_utils.exercises", *sys.argv[1:]):
        import_module(name)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the marker, which ends this by itself
    orders_in = open(0, "rb", buffering=0)  # noqa: SIM115 - reads no line too far, which has a key
    while line := orders_in.readline():
        orders = json.loads(line)
        if orders["fork"]:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the ends
            if kernel := os.fork():
                with suppress(BrokenPipeError):  # the marker is gone
                    print(kernel, flush=True)
                continue
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.nice(2)  # so that the marker sees in time what takes too much
        else:
            print(os.getpid(), flush=True)
        serve(orders)
        os._exit(0)


def serve(orders: dict[str, Any]) -> None:
    """Close the sandbox, arm ``check``, and serve the marker."""
    folder = orders["folder"]
    os.chdir(folder)
    with open(os.devnull, "rb") as nothing, open("errors", "wb") as errors:
        for number, file in enumerate((nothing, errors, errors)):
            os.dup2(file.fileno(), number)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR"), folder))
    tempfile.tempdir = None
    if orders["visible"]:
        sandbox.enter(orders["visible"], folder)
    sandbox.limit(**orders["limits"])
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(["-f", orders["file"]])
    sign_judgements(app.shell, bytes.fromhex(orders.pop("key")))
    app.start()


if __name__ == "__main__":
    main()
