"""Many independent calls at once, on the cores of this machine or of a cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import joblib
from tqdm import tqdm

from course_utils.threads import threads as pytorch_threads

if TYPE_CHECKING:
    from distributed import Client

ANSWER_WAIT = 5.0  # seconds for a scheduler to answer and to have a worker

_one_at_a_time = threading.RLock()  # PyTorch's random generators belong to the whole process


def shares(calls: int, jobs: int | None = None, threads: int | None = None) -> tuple[int, int]:
    """How many calls to make at once, and with how many threads each, so that none stalls another.

    ``jobs`` None is one per core, and never more than there are calls; ``threads`` None is an even
    share of the cores.

    >>> shares(10, jobs=4, threads=2), shares(3, jobs=8, threads=1)
    ((4, 2), (3, 1))
    """
    cores = joblib.cpu_count()
    jobs = min(jobs or cores, max(calls, 1))
    return jobs, threads or max(1, cores // jobs)


def each(calls: Sequence[Callable[[], Any]], jobs: int, threads: int) -> Generator[Any, None, None]:
    """Yield results as they come, from processes on this machine; with one job, from this one.

    >>> sorted(each([lambda: 1, lambda: 2], jobs=1, threads=1))
    [1, 2]
    """
    if jobs == 1:
        yield from (_call(call, threads) for call in calls)
        return
    with joblib.parallel_config("loky", inner_max_num_threads=threads):
        several = joblib.Parallel(jobs, return_as="generator_unordered", batch_size=1)
    yield from several(joblib.delayed(_call_in_worker)(call, threads) for call in calls)


@contextmanager
def cluster(address: str) -> Iterator[Client]:
    """Connect to a Dask cluster, and check that it answers and each worker has one thread.

    Raises
    ------
    ValueError
        If ``distributed`` is not installed, or a worker has more than one thread.
    OSError
        If no scheduler answers, or it has no worker.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ValueError(
            "dask: the package distributed is not installed; use "
            '`pip install distributed` or `pip install "course-utils[cluster]"`'
        ) from None
    try:
        client = Client(address, timeout=ANSWER_WAIT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise OSError(
            f"dask: no scheduler answers at {address} within {ANSWER_WAIT:g} seconds ({error}); "
            "start one with `dask scheduler` and use the address that it prints"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER_WAIT)
        except TimeoutError as error:
            raise OSError(
                f"dask: the scheduler at {address} has no worker; "
                f"start some with `dask worker {address} --nthreads 1`"
            ) from error
        for worker, threads in client.nthreads().items():
            if threads > 1:
                raise ValueError(
                    f"dask: worker {worker} has {threads} threads, and runs in one process would "
                    "share their random generators; start each worker with --nthreads 1"
                )
        yield client


def each_on(
    client: Client, calls: Sequence[Callable[[], Any]], threads: int
) -> Generator[Any, None, None]:
    """Yield results as they come, one call per worker. If a worker dies, another makes its call.

    This does without joblib, which with one worker would make the calls in this process.

    Raises
    ------
    OSError
        If the scheduler is lost, or a call has lost its worker too often.
    """
    from distributed import KilledWorker, as_completed

    futures = [client.submit(_call_in_worker, call, threads, pure=False) for call in calls]
    try:
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
    except (KilledWorker, CancelledError) as error:
        raise OSError(
            f"dask: a run was lost ({error}); the same command picks up where this one stopped"
        ) from error
    finally:
        client.cancel(futures)


def _call(function: Callable[[], Any], threads: int) -> Any:
    """Call with so many threads, and with no other call in this process at the same time."""
    with _one_at_a_time, pytorch_threads(threads):
        return function()


def _call_in_worker(function: Callable[[], Any], threads: int) -> Any:
    # tqdm's own lock is a semaphore shared by processes: one that is killed leaves it behind.
    tqdm.set_lock(threading.RLock())
    return _call(function, threads)
