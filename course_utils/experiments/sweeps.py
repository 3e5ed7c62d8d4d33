"""How is a sweep run, every experiment with every seed, on this machine or on a cluster?"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from course_utils.experiments import parallel, preflight
from course_utils.experiments.bar import Bar
from course_utils.experiments.definition import Experiment
from course_utils.experiments.recording import Source, dataset_of, make, plan
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

    What is recorded comes first, and what took longest before is started first. Started twice, a
    sweep makes no record twice. Cut off, it goes on where it stopped.

    Parameters
    ----------
    seeds : None takes as many as each experiment wants.
    jobs : runs at once on this machine; None is one a core, and one with a GPU.
    threads : of each run. None shares the cores evenly, and is 1 on a cluster.
    dask : the address of a Dask scheduler, whose workers make the runs. They have one thread
        each, the same data, and see the same folder.
    epochs, source, folder, device : those of ``experiments.run``.
    progress : show a bar on stderr, over the epochs of all runs.

    Raises
    ------
    ValueError, OSError : before any training, if something would stop it: a folder that cannot be
        written or has no room, a device that is not there, a cluster that does not answer, a
        worker without the folder or the data. It is named.
    """
    if dask is not None and jobs is not None:
        raise ValueError(f"jobs: {jobs} does not go with dask, where each worker makes one run")
    dataset = dataset_of(source)
    folder = folder and folder.resolve()
    planned = [
        plan(experiment, seed, epochs=epochs, source=source, folder=folder)
        for experiment in sorted(experiments, key=seconds_a_run, reverse=True)
        for seed in (range(experiment.seeds) if seeds is None else seeds)
    ]
    runs = {run.path: run for run in planned}
    recorded = [run for run in runs.values() if run.recorded()]
    left = [run for path, run in runs.items() if path not in {done.path for done in recorded}]
    yield from (make(run) for run in recorded)
    if not left:
        return
    calls = [
        partial(make, run, source=dataset.source, device=device, progress=False) for run in left
    ]
    with ExitStack() as stack:
        if dask is None:
            preflight.require_device(device)
            one = 1 if find_device(device).type == "cuda" else None
            jobs, threads = parallel.shares(len(runs), jobs or one, threads)
            preflight.check_folders(left, jobs, len(dataset.train))
            results = parallel.each(calls, jobs, threads)
        else:
            client = stack.enter_context(parallel.cluster(dask))
            preflight.check_folders(left, len(client.nthreads()), len(dataset.train))
            preflight.check_workers(client, left, dataset, device)
            results = parallel.each_on(client, calls, threads or 1)
        stack.enter_context(closing(results))
        bar = stack.enter_context(closing(Bar(recorded, left, shown=progress)))
        for path in results:
            bar.done(path)
            yield path
