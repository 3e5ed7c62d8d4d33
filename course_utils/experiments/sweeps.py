"""Sweeps: every experiment with every seed, on this machine or on a cluster."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from course_utils.experiments import parallel, preflight
from course_utils.experiments.bar import Bar
from course_utils.experiments.definition import Experiment
from course_utils.experiments.planning import Source
from course_utils.experiments.recording import make, plan_on_hand
from course_utils.experiments.running import dataset_of
from course_utils.experiments.status import seconds_a_run
from course_utils.training.choices import find_device


def sweep(
    experiments: Iterable[Experiment],
    seeds: Sequence[int] | None = None,
    *,
    jobs: int | None = None,
    threads: int | None = None,
    dask: str | None = None,
    epochs: int | None = None,
    source: Source = "auto",
    folder: Path | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Generator[Path, None, None]:
    """``experiments.run`` every experiment with every seed: the files, as they are done.

    Recorded runs come first; of the others, those that took longest before are started first.
    Started twice, a sweep makes no record twice. Cut off, it picks up where it stopped.

    Parameters
    ----------
    seeds : None takes as many as each experiment wants.
    jobs : runs at once on this machine; None is one per core, and one with a GPU.
    threads : of each run. None shares the cores evenly, and is 1 on a cluster.
    dask : the address of a Dask scheduler, whose workers make the runs. Each has one thread, the
        same data, and sees the same folder.
    epochs, source, folder, device : those of ``experiments.run``.
    progress : show a bar on stderr, over the epochs of all runs.

    Raises
    ------
    ValueError, OSError
        Before any training, if something would stop it, which is named: a folder that isn't
        writable or has no room, a device this machine does not have, a cluster that doesn't
        answer, a worker without the folder or the data.
    """
    if dask is not None and jobs is not None:
        raise ValueError(f"jobs: {jobs} does not go with dask; each worker makes one run at a time")
    folder = folder and folder.resolve()
    planned = [
        plan_on_hand(experiment, seed, epochs=epochs, source=source, folder=folder)
        for experiment in sorted(experiments, key=seconds_a_run, reverse=True)
        for seed in (range(experiment.seeds) if seeds is None else seeds)
    ]
    runs = {run.path: run for run in planned}
    recorded = [run for run in runs.values() if run.recorded()]
    left = [run for path, run in runs.items() if path not in {done.path for done in recorded}]
    yield from (make(run) for run in recorded)
    if not left:
        return
    datasets = [dataset_of(name) for name in sorted({run.source for run in left})]
    examples = max(len(dataset.train) for dataset in datasets)
    calls = [partial(make, run, device=device, progress=False) for run in left]
    with ExitStack() as stack:
        if dask is None:
            one = 1 if find_device(device).type == "cuda" else None
            jobs, threads = parallel.shares(len(runs), jobs or one, threads)
            preflight.check_folders(left, jobs, examples)
            results = parallel.each(calls, jobs, threads)
        else:
            client = stack.enter_context(parallel.cluster(dask))
            preflight.check_folders(left, len(client.nthreads()), examples)
            preflight.check_workers(client, left, datasets, device)
            results = parallel.each_on(client, calls, threads or 1)
        stack.enter_context(closing(results))
        bar = stack.enter_context(closing(Bar(recorded, left, shown=progress)))
        for path in results:
            bar.done(path)
            yield path
