"""Sweeps: whatever is killed, interrupted or started twice, the records are those of a serial one.

Real processes, a real Dask scheduler and its workers, on short trials with the stand-in digits.
"""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import torch
from interrupts import hear_interrupts

from course_utils import experiments
from course_utils.__main__ import main
from course_utils.experiments import bar, parallel, preflight, records, running, status
from course_utils.experiments.registry import ALL, REGISTRY
from course_utils.training import fitting

pytestmark = pytest.mark.slow

NAME, SEEDS, EPOCHS = "mlp-128-adam", range(4), 3
QUICK = REGISTRY[NAME]
PATIENCE = 240  # seconds for what takes a few

# The command line, in which each epoch first leaves a line in a log: in whatever process, since
# what is sent there to be called is found in this module. The first process to reach the epoch HOLD
# says so in a file and stays there until it is killed or let go; one that waits for a record says
# so too.
TRACED = """
import contextlib, os, pathlib, sys, time
from course_utils.experiments import parallel, recording, records, sweeps
from course_utils.training import fitting

train_epoch = fitting.train_epoch
log = pathlib.Path(os.environ["EPOCH_LOG"])

def until(holds):
    while not holds():
        time.sleep(0.01)

def traced(*arguments, **options):
    line = f"{os.getpid()} {options['seed']} {options['epoch']}\\n"
    with log.open("a") as file:
        file.write(line)
    if options["epoch"] == int(os.environ.get("HOLD", 0)):
        with contextlib.suppress(FileExistsError), open(f"{log}.held", "x") as held:
            held.write(line)
            held.flush()
            until(pathlib.Path(f"{log}.let-go").exists)
    return train_epoch(*arguments, **options)

def make(*arguments, **options):
    return recording.make(*arguments, **options)

def announced(*words, **options):
    print(*words, **options)
    pathlib.Path(f"{log}.waiting").touch()

fitting.train_epoch = traced
sweeps.make = make
records.print = announced
parallel.ANSWER_WAIT = float(os.environ["PATIENCE"])

def main():
    from course_utils.__main__ import main
    pathlib.Path(f"{log}.ready-{os.getpid()}").touch()
    together = int(os.environ.get("TOGETHER", 1))
    until(lambda: len(list(log.parent.glob("*.ready-*"))) >= together)
    sys.exit(main())
"""


def words(folder: Path, *more: str) -> list[str]:
    seeds = f"{SEEDS[0]}-{SEEDS[-1]}"
    trial = ["--seeds", seeds, "--epochs", str(EPOCHS), "--data", "digits", "--threads", "1"]
    return ["run", *trial, "--out", str(folder), *more, NAME]


def results(folder: Path) -> dict[int, dict]:
    """The records by seed, without the seconds, which no two runs share; nothing else is there."""
    assert all(path.suffix == ".json" for path in folder.rglob("*") if path.is_file())
    found = {}
    for path in folder.glob(f"{NAME}/trial-*.json"):
        record = records.read(path)
        del record["history"]["seconds"]
        found[record["seed"]] = record
    return found


def planned(folder: Path, seed: int = 0) -> experiments.Run:
    return experiments.plan(QUICK, seed, epochs=EPOCHS, source="digits", folder=folder)


def swept(folder: Path, *what, **options) -> list[Path]:
    """The files of a sweep over the digits that makes one run after the other in this process."""
    here = {"jobs": 1, "threads": 1, "source": "digits", "folder": folder, "progress": False}
    return list(experiments.sweep(*what, **{**here, **options}))


@pytest.fixture(scope="module")
def serial(tmp_path_factory) -> dict[int, dict]:
    """What a sweep records that makes one run after the other, undisturbed."""
    folder = tmp_path_factory.mktemp("serial")
    assert len(swept(folder, [QUICK], SEEDS, epochs=EPOCHS)) == len(SEEDS)
    return results(folder)


class Traced:
    """Processes whose epochs are logged, in a folder of their own; ended with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "epochs.log"
        self.script = folder / "traced.py"
        self.script.write_text(TRACED, encoding="utf-8")
        self.processes: list[subprocess.Popen] = []

    def start(self, *command: str, before=(), **more: str):
        environment = {
            "EPOCH_LOG": str(self.log), "PATIENCE": str(PATIENCE),
            "PYTHONPATH": str(self.folder), **more,
        }  # fmt: skip
        process = subprocess.Popen(
            [*before, sys.executable, *command],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a process group, as a terminal's
            preexec_fn=hear_interrupts,
        )
        self.processes.append(process)
        return process

    def run(self, *command: str, **options):
        return self.start("-c", "import traced; traced.main()", *command, **options)

    def log_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Log the epochs of this process too."""

        def logged(*arguments, **options):
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(f"{os.getpid()} {options['seed']} {options['epoch']}\n")
            return real(*arguments, **options)

        real = fitting.train_epoch
        monkeypatch.setattr(fitting, "train_epoch", logged)

    def epochs(self) -> list[tuple[int, int, int]]:
        """Process, seed and epoch, as the epochs began."""
        return self._lines(self.log)

    def _lines(self, file: Path) -> list[tuple[int, int, int]]:
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
        return [tuple(map(int, line.split())) for line in lines if line.endswith("\n")]

    def mark(self, name: str) -> Path:
        return self.log.with_name(f"{self.log.name}.{name}")

    def wait_for_held(self) -> tuple[int, int, int]:
        """Process, seed and epoch, once a process is held."""
        until(lambda: self._lines(self.mark("held")), "a process to be held")
        return self._lines(self.mark("held"))[0]

    def repeated(self) -> set[tuple[int, int]]:
        """Seeds and epochs that began more than once; every one must have begun."""
        counts = Counter((seed, epoch) for _, seed, epoch in self.epochs())
        assert set(counts) == set(product(SEEDS, range(1, EPOCHS + 1)))
        assert max(counts.values()) <= 2
        return {which for which, count in counts.items() if count > 1}

    def end(self) -> None:
        for process in self.processes:
            with_group(process, signal.SIGKILL)
            process.communicate()


def with_group(process: subprocess.Popen, what: int) -> bool:
    """Signal a process and its children; whether there was any. Signal 0 only asks."""
    try:
        os.killpg(process.pid, what)
    except ProcessLookupError:
        return False
    return True


def until(holds, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE} seconds for {what}"
        time.sleep(0.02)


@pytest.fixture
def traced(tmp_path):
    processes = Traced(tmp_path)
    yield processes
    processes.end()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A scheduler has as long to answer as a busy machine needs."""
    monkeypatch.setattr(parallel, "ANSWER_WAIT", PATIENCE)


# On this machine


def test_two_jobs_record_the_bits_of_one(tmp_path, serial, capfd):
    assert main(words(tmp_path, "--jobs", "2")) == 0
    assert results(tmp_path) == serial
    assert capfd.readouterr().out.count("test accuracy 0.") == len(SEEDS)


def test_threads_are_shared_so_that_they_do_not_stall_one_another(monkeypatch):
    monkeypatch.setattr(parallel.joblib, "cpu_count", lambda: 8)
    for asked, given in {
        (10, None, None): (8, 1), (10, 2, None): (2, 4), (10, 3, None): (3, 2),
        (1, None, None): (1, 8), (10, 16, None): (10, 1), (10, 2, 3): (2, 3),
    }.items():  # fmt: skip
        assert parallel.shares(*asked) == given


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_has_the_threads_that_are_asked_for_and_leaves_no_trace(jobs):
    before = torch.get_num_threads()
    calls = [torch.get_num_threads] * 2
    assert list(parallel.each(calls, jobs, before + 1)) == [before + 1] * 2
    assert torch.get_num_threads() == before


def test_runs_in_one_process_are_made_one_after_the_other():
    """Were they not, as on a worker with two threads, they would share random generators."""
    under_way, most = [], []

    def call():
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.05)
        under_way.pop()

    threads = [threading.Thread(target=lambda: list(parallel.each([call], 1, 1))) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1]


def test_two_sweeps_at_once_train_each_record_once(traced, serial):
    folder = traced.folder / "out"
    both = [traced.run(*words(folder, "--jobs", "1"), TOGETHER="2", HOLD="1") for _ in range(2)]
    until(traced.mark("waiting").exists, "one sweep to wait for the other")
    traced.mark("let-go").touch()
    outputs = [process.communicate(timeout=PATIENCE) for process in both]
    for process, (out, err) in zip(both, outputs, strict=True):
        assert process.returncode == 0, err
        assert out.count("test accuracy 0.") == len(SEEDS)
    assert "Another process is making" in outputs[0][1] + outputs[1][1]
    assert traced.repeated() == set()
    assert results(folder) == serial


def test_a_sweep_takes_over_from_one_that_is_killed(traced, serial):
    folder = traced.folder / "out"
    both = [traced.run(*words(folder, "--jobs", "1"), TOGETHER="2", HOLD="2") for _ in range(2)]
    killed, seed, epoch = traced.wait_for_held()
    os.kill(killed, signal.SIGKILL)
    other = next(process for process in both if process.pid != killed)
    _, err = other.communicate(timeout=PATIENCE)
    assert other.returncode == 0, err
    assert traced.repeated() == {(seed, epoch)}
    assert {pid for pid, s, _ in traced.epochs() if s == seed} == {killed, other.pid}
    assert results(folder) == serial


@pytest.mark.parametrize("to_all", [True, False], ids=["as a terminal does", "to it alone"])
def test_an_interrupted_sweep_leaves_no_process_and_goes_on(traced, serial, to_all, monkeypatch):
    folder = traced.folder / "out"
    sweep = traced.run(*words(folder, "--jobs", "2"), HOLD="2")
    _, seed, _ = traced.wait_for_held()
    os.kill(-sweep.pid if to_all else sweep.pid, signal.SIGINT)
    _, err = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 130, err
    assert "interrupted: the same command picks up where this one stopped" in err
    assert "Traceback" not in err and "warn" not in err.lower(), err
    until(lambda: not with_group(sweep, 0), "the processes of the sweep to end")

    begun = {seed: epoch for _, seed, epoch in traced.epochs()}  # the last one of each seed
    assert f"trial-{seed}" in {path.name.split(".")[0] for path in folder.rglob("*.checkpoint")}
    traced.log_here(monkeypatch)
    assert main(words(folder, "--jobs", "1")) == 0
    assert traced.repeated() <= set(begun.items())
    assert results(folder) == serial


# On a cluster


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """The address of a scheduler on this machine."""
    traced = Traced(tmp_path_factory.mktemp("scheduler"))
    address = start_scheduler(traced)
    yield address
    traced.end()


def start_scheduler(traced: Traced) -> str:
    written = traced.folder / "scheduler.json"
    places = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    module = "distributed.cli.dask_scheduler"
    traced.start("-m", module, *places, "--scheduler-file", str(written))
    until(written.exists, "the scheduler to start")
    until(written.read_text, "the scheduler to write its address")
    return json.loads(written.read_text(encoding="utf-8"))["address"]


def start_worker(traced: Traced, scheduler: str, *more: str, **options):
    places = ["--host", "127.0.0.1", "--no-nanny", "--no-dashboard", "--preload"]
    local = ["--local-directory", str(traced.folder / "dask")]
    module = "distributed.cli.dask_worker"
    return traced.start("-m", module, scheduler, *places, "traced", *local, *more, **options)


@contextmanager
def connected(scheduler: str, workers: int):
    """A client, once so many workers are there, and those of the test before are gone."""
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        until(lambda: len(client.nthreads()) == workers, f"{workers} workers to be there")
        yield client


def test_a_worker_killed_in_mid_run_costs_its_current_epoch_only(traced, serial, scheduler):
    folder = traced.folder / "out"
    for _ in range(2):
        start_worker(traced, scheduler, "--nthreads", "1", HOLD="2")
    with connected(scheduler, 2):
        sweep = traced.run(*words(folder, "--dask", scheduler))
        killed, seed, epoch = traced.wait_for_held()
        os.kill(killed, signal.SIGKILL)
        out, err = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 0, err
    assert out.count("test accuracy 0.") == len(SEEDS)
    assert traced.repeated() == {(seed, epoch)}
    makers = {pid for pid, s, _ in traced.epochs() if s == seed}
    assert killed in makers and len(makers) == 2 and sweep.pid not in makers
    assert results(folder) == serial


def test_one_worker_makes_the_runs_and_not_the_client(traced, serial, scheduler):
    folder = traced.folder / "out"
    worker = start_worker(traced, scheduler, "--nthreads", "1")
    with connected(scheduler, 1):
        assert main(words(folder, "--dask", scheduler)) == 0
    assert {pid for pid, _, _ in traced.epochs()} == {worker.pid}
    assert results(folder) == serial


def test_a_lost_scheduler_is_named_and_the_sweep_goes_on_without(traced, serial):
    folder = traced.folder / "out"
    address = start_scheduler(traced)
    start_worker(traced, address, "--nthreads", "1", HOLD="2")
    sweep = traced.run(*words(folder, "--dask", address))
    traced.wait_for_held()
    with_group(traced.processes[0], signal.SIGKILL)
    _, err = sweep.communicate(timeout=PATIENCE)
    traced.mark("let-go").touch()
    assert sweep.returncode == 2 and "error: dask: a run was lost" in err
    assert "the same command picks up where this one stopped" in err
    assert main(words(folder, "--jobs", "1")) == 0
    assert results(folder) == serial


def test_a_worker_with_several_threads_is_refused(traced, scheduler, capsys):
    start_worker(traced, scheduler, "--nthreads", "2")
    with connected(scheduler, 1) as client:
        (address,) = client.nthreads()
        assert main(words(traced.folder / "out", "--dask", scheduler)) == 2
    error = capsys.readouterr().err
    assert f"worker {address} has 2 threads" in error and "--nthreads 1" in error
    assert traced.epochs() == []


def test_a_worker_that_sees_another_folder_is_named(traced, scheduler, capsys):
    folder = traced.folder / "out"
    folder.mkdir()
    hidden = mounted(folder, "size=10m")
    start_worker(traced, scheduler, "--nthreads", "1", before=hidden)
    with connected(scheduler, 1) as client:
        (address,) = client.nthreads()
        assert main(words(folder, "--dask", scheduler)) == 2
    error = capsys.readouterr().err
    assert f"error: dask: worker {address} cannot make the runs; it does not see" in error
    assert str(folder) in error and traced.epochs() == []


def test_a_worker_without_the_course_is_named(traced, scheduler, capsys):
    traced.script.write_text("import sys\nsys.modules['course_utils'] = None\n", encoding="utf-8")
    start_worker(traced, scheduler, "--nthreads", "1")
    with connected(scheduler, 1) as client:
        (address,) = client.nthreads()
        assert main(words(traced.folder / "out", "--dask", scheduler)) == 2
    error = capsys.readouterr().err
    assert f"worker {address} cannot make the runs; " in error and "course_utils" in error


def test_what_hinders_a_worker_is_said(tmp_path):
    run = planned(tmp_path)
    checksum = running.dataset_of("digits").checksum
    lock = preflight.FileLock(tmp_path / ".sweep.lock")

    def asked(**changes):
        usual = {
            "runs": [run], "hashes": [run.experiment.hash], "lock": lock.lock_file,
            "checksums": {"digits": checksum}, "device": "cpu",
        }  # fmt: skip
        return preflight.obstacle(**{**usual, **changes})

    assert asked() == f"it does not see the folder {tmp_path}"
    with lock:
        assert asked() == ""
        assert "other definitions of the experiments" in asked(hashes=["0" * 12])
        assert asked(checksums={"digits": "0"}) == "its digits data differs"
        assert "device: 'abacus' is invalid" in asked(device="abacus")
        (tmp_path / NAME).rmdir()
        (tmp_path / NAME).touch()
        assert f"{tmp_path / NAME} is not writable; a file is in the way" in asked()
    assert asked() == f"locks do not reach it in the folder {tmp_path}"


def test_a_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(parallel, "ANSWER_WAIT", 0.5)
    assert main(words(tmp_path, "--dask", "tcp://127.0.0.1:9")) == 2
    error = capsys.readouterr().err
    assert "error: dask: no scheduler answers at tcp://127.0.0.1:9 within 0.5 seconds" in error


def test_a_scheduler_without_workers_is_named(tmp_path, scheduler, monkeypatch, capsys):
    from distributed import Client

    wait = Client.wait_for_workers
    monkeypatch.setattr(Client, "wait_for_workers", lambda client, n, timeout: wait(client, n, 0.5))
    with connected(scheduler, 0):
        assert main(words(tmp_path, "--dask", scheduler)) == 2
    error = capsys.readouterr().err
    assert f"the scheduler at {scheduler} has no worker" in error
    assert f"`dask worker {scheduler} --nthreads 1`" in error


def test_without_distributed_the_command_that_installs_it_is_given(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(words(tmp_path, "--dask", "tcp://127.0.0.1:9")) == 2
    assert 'pip install "course-utils[cluster]"' in capsys.readouterr().err


def test_jobs_do_not_go_with_a_cluster(tmp_path, capsys):
    assert main(words(tmp_path, "--dask", "tcp://127.0.0.1:9", "--jobs", "3")) == 2
    assert "jobs: 3 does not go with dask" in capsys.readouterr().err


# Before it starts


def mounted(folder: Path, options: str) -> list[str]:
    """What to put before a command that is to see a new file system in that folder."""
    before = ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o {options} none "$0" && exec "$@"']
    before.append(str(folder))
    try:
        subprocess.run([*before, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system may be mounted here: {error}")
    return before


def test_a_file_in_the_way_is_named_before_any_run(tmp_path, capsys):
    (tmp_path / "mlp-500-adam").touch()
    assert main([*words(tmp_path, "--jobs", "1"), "mlp-500-adam"]) == 2
    error = capsys.readouterr().err
    assert f"folder: {tmp_path / 'mlp-500-adam'} is not writable; a file is in the way" in error
    assert list((tmp_path / NAME).iterdir()) == []

    (tmp_path / "file").touch()
    assert main(words(tmp_path / "file" / "below", "--jobs", "1")) == 2
    assert "file/below/mlp-128-adam is not writable; a file is in the way" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "options, reason",
    [
        ("ro", r"is not writable; Read-only file system"),
        ("size=1m", r"has too little room; .* need [0-9.]+ MB, 1.0 MB are free"),
    ],
)
def test_a_full_or_read_only_disk_is_named_before_any_run(traced, options, reason):
    folder = traced.folder / "out"
    folder.mkdir()
    command = words(folder, "--jobs", "1")
    sweep = traced.run(*command, before=mounted(folder, options))
    _, err = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 2 and traced.epochs() == []
    assert re.search(f"error: folder: {re.escape(str(folder / NAME))} {reason}", err), err


def test_a_folder_that_only_others_may_write_is_named_before_any_run(tmp_path, capsys):
    tmp_path.chmod(0o500)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        assert main(words(tmp_path, "--jobs", "1")) == 2
    finally:
        tmp_path.chmod(0o700)
    assert f"{tmp_path / NAME} is not writable; Permission denied" in capsys.readouterr().err


def test_a_limit_on_the_size_of_files_is_named_before_any_run(tmp_path, capsys):
    """As a quota is, it is not seen in the room that is free: a file of that size is tried."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
    try:
        assert main(words(tmp_path, "--jobs", "1")) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert f"{tmp_path / NAME} is not writable; File too large" in capsys.readouterr().err
    assert list((tmp_path / NAME).iterdir()) == []


def test_the_room_asked_for_is_for_all_the_runs_at_once(tmp_path, monkeypatch):
    run, usage = planned(tmp_path), shutil.disk_usage(tmp_path)
    checkpoint = preflight.checkpoint_bytes(run.experiment, 1500)
    for at_once, fits in [(2, True), (3, False)]:
        free = 2 * 2 * checkpoint + preflight.record_bytes(run.experiment)
        monkeypatch.setattr(shutil, "disk_usage", lambda _, n=free: usage._replace(free=n))
        if fits:
            preflight.check_folders([run], at_once, 1500)
        else:
            with pytest.raises(OSError, match=rf"need [0-9.]+ MB, {free / 1e6:.1f} MB are free"):
                preflight.check_folders([run], at_once, 1500)


@pytest.mark.parametrize("name", [NAME, "mlp-500-bn-dropout-momentum", "lenet-adam"])
def test_no_checkpoint_is_larger_than_the_room_kept_for_it(tmp_path, name):
    experiment = replace(REGISTRY[name], epochs=2)
    dataset = running.dataset_of("digits")
    experiments.train(experiment, dataset, 0, checkpoint=tmp_path / "held", progress=False)
    size = (tmp_path / "held").stat().st_size
    assert size <= preflight.checkpoint_bytes(experiment, len(dataset.train)) < 2 * size


def test_no_record_that_ships_is_larger_than_the_room_kept_for_it():
    for path in records.SHIPPED.glob("*/seed-*.json"):
        assert path.stat().st_size <= preflight.record_bytes(ALL[path.parent.name]), path


def test_a_device_that_is_not_there_is_named_before_any_run(tmp_path, capsys):
    assert main(words(tmp_path, "--device", "abacus")) == 2
    assert "device: 'abacus' is invalid" in capsys.readouterr().err
    if not torch.cuda.is_available():
        assert main(words(tmp_path, "--device", "cuda")) == 2
        assert "device: this machine has no 'cuda'" in capsys.readouterr().err


# What is left


def test_the_bar_counts_what_is_recorded_and_what_is_left(tmp_path, capsys):
    swept(tmp_path, [QUICK], [0, 2], epochs=EPOCHS, progress=True)
    capsys.readouterr()
    swept(tmp_path, [QUICK], SEEDS, epochs=EPOCHS, progress=True)
    shown = capsys.readouterr().err
    assert f" {2 * EPOCHS}/{4 * EPOCHS} " in shown and "2 runs left" in shown
    assert f" {4 * EPOCHS}/{4 * EPOCHS} " in shown and "0 runs left" in shown


def test_the_bar_counts_the_epochs_of_runs_under_way(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bar, "LOOK_EVERY", 0.01)
    runs = [planned(tmp_path, seed) for seed in range(2)]
    shown = bar.Bar([], runs)
    text = ""

    def says(count):
        nonlocal text
        text += capsys.readouterr().err
        return f" {count}/{2 * EPOCHS} " in text

    assert says(0)
    runs[0].path.parent.mkdir()
    experiments.train(
        replace(QUICK, epochs=2),
        running.dataset_of("digits"),
        0,
        checkpoint=runs[0].checkpoint,
        progress=False,
    )
    until(lambda: says(2), "the bar to see the checkpoint")
    shown.done(runs[0].path)
    assert says(3)
    shown.close()
    assert bar.Bar([], runs)._bar.n == 2  # the checkpoint is there: a sweep begun again counts it


def test_what_took_longest_is_started_first(tmp_path):
    chosen = [replace(REGISTRY[name], epochs=1) for name in ("mlp-500-adam", "mlp-50-50-sgd")]
    assert status.seconds_a_run(chosen[0]) < status.seconds_a_run(chosen[1]) < float("inf")
    paths = swept(tmp_path, chosen, [0])
    assert [path.parent.name for path in paths] == ["mlp-50-50-sgd", "mlp-500-adam"]


def test_as_many_seeds_are_run_as_an_experiment_wants(tmp_path):
    two = replace(QUICK, seeds=2, epochs=1)
    paths = swept(tmp_path, [two])
    assert sorted(path.name[:7] for path in paths) == ["trial-0", "trial-1"]
