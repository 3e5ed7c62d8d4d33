"""Is an answer stopped that goes on for ever, asks for too much, or changes what isn't its own?"""

import os
import random
import signal
import subprocess
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import psutil
import pytest
import torch

from course_utils import exercises
from course_utils.exercises import REGISTRY, check, judge, judged, limits
from course_utils.exercises.reading import is_plain
from course_utils.threads import threads

SIZE = "output-size"


def right(n, k, s, p):
    return (n + 2 * p - k) // s + 1


@pytest.fixture(params=["in a process of its own", "in this process"])
def place(request, monkeypatch):
    if not hasattr(signal, "setitimer"):
        pytest.skip("nothing can be stopped here")
    if request.param == "in this process":
        monkeypatch.setattr(limits, "can_fork", lambda: False)
    elif not limits.can_fork():
        pytest.skip("there is no fork here")
    return request.param


@pytest.fixture
def apart():
    if not limits.can_fork():
        pytest.skip("there is no fork here")


# --- the same judgement


@pytest.mark.parametrize("name", ["output-size", "conv2d", "softmax", "l2-neuron-gradient"])
def test_the_judgement_is_the_judges(place, name):
    exercise = REGISTRY[name]
    assert judged(name, exercise.right) == judge(exercise, exercise.right)
    for mistake in exercise.mistakes[:3]:
        found = judged(name, mistake.answer)
        assert found == judge(exercise, mistake.answer)
        assert found.mistake is mistake
    assert judged(name, lambda *a: 7 / 0) == judge(exercise, lambda *a: 7 / 0)


def test_a_general_slip_is_named_by_its_words(place):
    found = judged(SIZE, lambda n, k, s, p: -right(n, k, s, p))
    assert found.mistake and found.mistake.looks_like == "the sign is flipped"


def test_a_plain_value_runs_nobodys_code_and_needs_no_process(monkeypatch):
    monkeypatch.setattr(exercises, "within", None)
    for answer in (1, "1/2", [1, (2.0, np.ones(2))], np.float32(3), torch.ones(2), ..., [...]):
        assert is_plain(answer)
        judged("normalize", answer)
    for answer in (object(), [object()], np.array([object()]), np.exp, {1: 2}, map(int, "1")):
        assert not is_plain(answer)


# --- what never ends, asks for too much, breaks off


def endless(*args):
    while True:
        pass


def endless_and_careful(*args):
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


def flood(*args):
    while True:
        print("!" * 10_000)
        print("!" * 10_000, file=sys.stderr)


@pytest.mark.parametrize("answer", [endless, endless_and_careful, flood])
def test_a_loop_that_never_ends_is_stopped(place, answer, capfd):
    found = judged(SIZE, answer, seconds=0.3)
    assert found.status == "wrong"
    assert "It did not finish within 0.3 seconds: does a loop never end? Hint:" in found.text
    assert capfd.readouterr() == ("", "")
    assert judged(SIZE, right).status == "right"


def test_one_that_catches_everything_is_stopped_too(apart):
    def stubborn(*args):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            with suppress(BaseException):
                while True:
                    pass

    assert "within 1 second:" in judged(SIZE, stubborn, seconds=1).text


def test_waiting_for_a_core_is_not_held_against_an_answer(apart, monkeypatch):
    def waits(n, k, s, p):
        if (n, k, s, p) == REGISTRY[SIZE].cases[0]:
            time.sleep(1.2)
        return right(n, k, s, p)

    monkeypatch.setattr(limits, "PATIENCE", 1000)
    assert judged(SIZE, waits, seconds=1).status == "right"
    monkeypatch.setattr(limits, "PATIENCE", 0.5)
    assert "within 1 second:" in judged(SIZE, waits, seconds=1).text


def test_a_value_whose_reading_never_ends_is_stopped(place):
    class Endless:
        def __float__(self):
            endless()

    assert "did not finish" in judged("total-surprise", Endless(), seconds=0.3).text


@pytest.mark.parametrize(
    "answer",
    [
        lambda *args: np.zeros(10 * 2**30, dtype=np.uint8),
        lambda *args: torch.zeros(10 * 2**30, dtype=torch.uint8),
        lambda *args: list(range(2 * 2**30)),
    ],
)
def test_what_asks_for_too_much_memory_is_told(apart, answer):
    found = judged(SIZE, answer, memory=2**29)
    assert found.status == "wrong" and "stops with" in found.text
    assert "memory" in found.text.lower() or "allocate" in found.text.lower()


def test_a_list_that_grows_for_ever_runs_out_of_memory(apart):
    def grows(*args):
        held = []
        while True:
            held.append(bytearray(2**20))

    assert "MemoryError: it needs more memory" in judged(SIZE, grows, memory=2**28).text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *args: os._exit(0), "It ended Python instead of returning."),
        (lambda *args: os.kill(os.getpid(), signal.SIGSEGV), "ended Python (SIGSEGV) instead"),
        (lambda *args: os.fork(), "PermissionError: an answer can't ask for input, nor start"),
        (lambda *args: input(), "PermissionError: an answer can't ask for input, nor start"),
    ],
)
def test_what_breaks_off_is_told(apart, answer, words):
    found = judged(SIZE, answer)
    assert found.status == "wrong" and words in found.text


def test_what_an_answer_started_is_stopped_with_it(apart, tmp_path):
    def starts(*args):
        started = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        (tmp_path / f"{started.pid}").touch()
        return 1

    assert judged(SIZE, starts).status == "wrong"
    started = [int(path.name) for path in tmp_path.iterdir()]
    assert started
    while any(alive(process) for process in started):  # until the last has gone
        pass


def alive(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except FileNotFoundError:
        return False
    return state.split()[0] not in "ZX"


def test_stopping_leaves_no_process_behind(apart):
    before = set(psutil.Process().children())  # another test may have left some
    judged(SIZE, endless, seconds=0.1)
    judged(SIZE, right)
    assert set(psutil.Process().children()) <= before


def test_threads_of_this_process_are_not_waited_for(apart):
    with threads(2):
        torch.ones(2000, 2000, requires_grad=True).exp().sum().backward()

        def convolves(x, w, stride, padding):
            torch.set_num_threads(2)
            torch.ones(2000, 2000, requires_grad=True).exp().sum().backward()
            x, w = torch.as_tensor(x)[None, None], torch.as_tensor(w)[None, None]
            return torch.nn.functional.conv2d(x, w, stride=stride, padding=padding)

        assert judged("conv2d", convolves).status == "right"


def test_a_notebook_shows_nothing_but_the_judgement(apart):
    def cell(*lines):
        return nbformat.v4.new_code_cell("\n".join(lines))

    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        cell(
            "from course_utils.exercises import check",
            "def loud(n, k, s, p):",
            "    import os, sys, subprocess",
            "    from IPython.display import display",
            "    print('loud'); display('loud'); os.write(1, b'loud'); sys.stderr.write('loud')",
            "    sys.__stdout__.write('loud'); subprocess.run(['echo', 'loud'])",
            "    return (n + 2 * p - k) // s + 1",
            "check('output-size', loud)",
        ),
        cell("check('output-size', lambda *args: input())"),
        cell("1 + 1"),
    ]
    nbclient.NotebookClient(notebook, timeout=120).execute()
    first, second, third = (cell.outputs for cell in notebook.cells)
    assert [output.text for output in first] == ["✓ output-size: right, in all 8 cases tried.\n"]
    assert len(second) == 1 and "PermissionError" in second[0].text
    assert third[0].data["text/plain"] == "2"


# --- nothing is left changed


def meddles(*args):
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    sys.setrecursionlimit(5000)
    os.chdir("/")
    os.environ["MEDDLED"] = "1"
    os.environ.pop("HOME", None)
    return right(*args)


def everything():
    return (
        random.getstate(),
        np.random.get_state()[1].tolist(),  # noqa: NPY002
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        np.geterr(),
        list(warnings.filters),
        sys.getrecursionlimit(),
        os.getcwd(),
        dict(os.environ),
    )


def test_nothing_is_left_changed(place):
    before = everything()
    assert judged(SIZE, meddles).status == "right"
    assert everything() == before


def test_the_checker_cannot_be_replaced(apart, monkeypatch, capsys):
    def rebinds(*args):
        exercises.check = exercises.judged = exercises.judge = None
        np.pad = None
        return right(*args)

    check(SIZE, rebinds)
    assert capsys.readouterr().out.startswith("✓")
    assert exercises.check is check and np.pad is not None


def test_check_prints_what_judged_gives(capsys):
    check(SIZE, right)
    assert capsys.readouterr().out == "✓ output-size: right, in all 8 cases tried.\n"
