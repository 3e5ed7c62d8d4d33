"""Comparing: rates tried alike on validation images, then every variant with every seed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from course_utils.ablation.runs import Run, Start, folder_of, make, read, start_of, tidy
from course_utils.ablation.study import Result, Study
from course_utils.ablation.variants import Build, Settled, Variant, at_rate, settle
from course_utils.basics.checks import integer, real
from course_utils.basics.files import expanded, write_atomically
from course_utils.data import Dataset
from course_utils.evaluation import MARGIN
from course_utils.experiments import RateSweep, parallel
from course_utils.experiments.bar import Bar
from course_utils.inspection import trace
from course_utils.models import parameter_count
from course_utils.training import Loss, Schedule
from course_utils.training.choices import MakeOptimizer, find_device

__all__ = ["compare", "load"]

TRIAL_SEEDS = (1000, 1001)  # of each learning rate that is tried; no study's own


def compare(
    variants: Mapping[str, Build | Variant],
    dataset: Dataset,
    *,
    epochs: int,
    images: int | None = None,
    seeds: int = 5,
    optimizer: str | MakeOptimizer = "adam",
    lr: float | Sequence[float] | None = None,
    schedule: Schedule | None = None,
    loss: str | Loss = "cross_entropy",
    batch_size: int = 64,
    margin: float = MARGIN,
    folder: str | Path | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Study:
    """Train variants of a network alike and compare each with the first.

    All have the same seeds, images and epochs. What is shown and chosen by is measured on the
    validation images; the test images are measured once, after a run's last epoch, and shown by
    ``Study.test`` alone.

    Parameters
    ----------
    variants : by name, a function that builds a network with ten outputs (its class, say), or a
        ``Variant`` with settings of its own. The first is the baseline.
    dataset : with validation images, as ``data.load`` gives it.
    epochs : passes over the training images.
    images : how many training images, the first of them; None takes all. Of the digits that stand
        in for MNIST, which are few, it takes all if there are no more.
    seeds : runs of each variant, at least two; with the same ``folder``, more of them go on from
        those that are there.
    optimizer, lr, schedule, loss, batch_size : those of ``training.fit``. With a list of learning
        rates, each variant is trained at each of them with two seeds of their own, and compared at
        the one that is best on the validation images.
    margin : the greatest difference of accuracies that doesn't matter, a fraction.
    folder : where runs are kept, and picked up if the study was cut off; None keeps nothing.
    jobs : runs at once; None is one per core, and one with a GPU.
    dask : the address of a Dask scheduler, whose workers see the folder.
    device : "auto" takes a GPU where there is one.
    progress : whether to show a bar on stderr, over the epochs of all runs.

    Raises
    ------
    TypeError, ValueError
        Before any training, for what can't be compared: fewer than two variants or seeds, a network
        that doesn't give ten outputs or isn't built anew by each call, two variants that are one, a
        data set without validation images, a folder with other runs under the same names.
    FloatingPointError
        If a loss is no longer finite. Runs that are done stay in the folder.
    """
    seeds, epochs = integer("seeds", seeds, least=2), integer("epochs", epochs)
    margin = real("margin", margin, above=0, below=1)
    if dask is not None and folder is None:
        raise ValueError("folder: None does not go with dask; use one that all workers see")
    find_device(device)
    chosen = settle(
        variants, optimizer=optimizer, lr=lr, schedule=schedule, loss=loss, batch_size=batch_size
    )
    fed = {one.name: _fed(one, dataset, images) for one in chosen}
    starts = {one.name: start_of(one, fed[one.name], epochs) for one in chosen}
    _check_different(chosen, starts)
    with _home(folder) as home:

        def planned(ones: Sequence[Settled], seeds: Sequence[int]) -> list[Run]:
            begun = [(one, start_of(one, fed[one.name], epochs)) for one in ones]
            return [
                Run(one, seed, epochs, start, folder_of(home, one))
                for seed in seeds
                for one, start in begun
            ]

        make_all = partial(_make_all, fed=fed, jobs=jobs, dask=dask, device=device, shown=progress)
        sweeps = {}
        if chosen[0].rates:
            tried = [at_rate(one, rate) for one in chosen for rate in one.rates]
            make_all(planned(tried, TRIAL_SEEDS), trials=True)
            sweeps = {one.name: _sweep(one, home) for one in chosen}
            chosen = [at_rate(one, sweeps[one.name].best) for one in chosen]
        runs = planned(chosen, range(seeds))
        _check_folder(runs)
        _write(home, chosen, fed, starts, sweeps, epochs, margin)
        make_all(runs, trials=False)
        found = load(home)
    if folder is None or max(len(one.runs) for one in found.results) == seeds:
        return found
    return replace(found, results=tuple(one.first(seeds) for one in found.results))


def load(folder: str | Path) -> Study:
    """Read a study that ``compare`` has kept in a folder, with all its seeds.

    Raises
    ------
    ValueError
        If there is none, or a variant has fewer than two runs.
    """
    home = expanded("folder", folder)
    try:
        kept = json.loads((home / "study.json").read_text(encoding="utf-8"))
        told = kept["variants"], kept["margin"], kept["epochs"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        rule = "use one that ablation.compare was given"
        raise ValueError(f"folder: {home} holds no study ({error}); {rule}") from error
    variants, margin, epochs = told
    results = []
    for one in variants:
        paths = (home / one["folder"]).glob("seed-*.json")
        runs = sorted(map(read, paths), key=lambda run: run["seed"])
        runs = [run for run in runs if run["seed"] not in TRIAL_SEEDS]
        if len(runs) < 2:
            raise ValueError(
                f"folder: {one['name']!r} has {len(runs)} of the two runs or more that a study "
                "takes; call ablation.compare with this folder to go on"
            )
        tried = one["sweep"]
        sweep = tried and RateSweep(tuple(tried["rates"]), np.array(tried["accuracies"]))
        results.append(
            Result(
                one["name"], tuple(runs), one["parameters"], one["multiply_adds"], one["shared"],
                one["lr"], sweep,
            )
        )  # fmt: skip
    return Study(tuple(results), margin, epochs)


def _fed(one: Settled, dataset: Dataset, images: int | None) -> Dataset:
    """Give what a variant is trained and measured on."""
    prepared = one.prepare(dataset) if one.prepare else dataset
    if not len(prepared.validation):
        raise ValueError("dataset: has no validation images; load it with validation=5000")
    if images is None:
        return prepared
    # What runs on MNIST runs on the digits that stand in for it.
    most = None if prepared.source == "digits" else len(prepared.train)
    images = integer("images", images, least=one.batch_size, most=most)
    return replace(prepared, train=prepared.train.first(images))


def _check_different(chosen: Sequence[Settled], starts: Mapping[str, Start]) -> None:
    for i, a in enumerate(chosen):
        for b in chosen[:i]:
            if a.rates == b.rates and starts[a.name].differs(starts[b.name]) is None:
                raise ValueError(
                    f"variants: {b.name!r} and {a.name!r} are the same network with the same "
                    "settings; change one of them"
                )


@contextmanager
def _home(folder: str | Path | None) -> Iterator[Path]:
    if folder is not None:
        yield expanded("folder", folder).resolve()
        return
    with TemporaryDirectory(prefix="ablation-") as made:
        yield Path(made)


def _check_folder(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Give the runs that are done and those that are left.

    Raises
    ------
    ValueError
        If the folder has another run under the name of one.
    """
    done: list[Run] = []
    left: list[Run] = []
    for run in runs:
        (done if run.done() else left).append(run)
    return done, left


def _make_all(
    runs: Sequence[Run], *, trials: bool, fed: Mapping[str, Dataset],
    jobs: int | None, dask: str | None, device: str, shown: bool,
) -> None:  # fmt: skip
    """Make the runs that are not done, several at once."""
    done, left = _check_folder(runs)
    for run in done:
        tidy(run)
    if not left:
        return
    calls = [partial(make, run, fed[run.variant.name], device=device, trial=trials) for run in left]
    with ExitStack() as stack:
        if dask is None:
            one = 1 if find_device(device).type == "cuda" else None
            results = parallel.each(calls, *parallel.shares(len(calls), jobs or one))
        else:
            results = parallel.each_on(stack.enter_context(parallel.cluster(dask)), calls, 1)
        stack.enter_context(closing(results))
        bar = stack.enter_context(closing(Bar(done, left, shown=shown)))
        for path in results:
            bar.done(path)


def _sweep(one: Settled, home: Path) -> RateSweep:
    """Read how a variant did at each of its rates; a run that diverged is right in no case."""
    found = []
    for rate in one.rates:
        folder = folder_of(home, at_rate(one, rate))
        runs = [read(folder / f"seed-{seed}.json")["history"] for seed in TRIAL_SEEDS]
        found.append([run["test_accuracy"][-1] if run else 0.0 for run in runs])
    return RateSweep(one.rates, np.array(found))


def _write(
    home: Path,
    chosen: Sequence[Settled],
    fed: Mapping[str, Dataset],
    starts: Mapping[str, Start],
    sweeps: Mapping[str, RateSweep],
    epochs: int,
    margin: float,
) -> None:
    """Write down what the study is."""
    variants = []
    for one in chosen:
        network, sweep = one.build(0), sweeps.get(one.name)
        shape = (*fed[one.name].train.inputs(slice(1)).shape[1:],)
        try:
            work: int | None = trace(network, shape).totals.multiply_adds
        except ValueError:  # a network that can't be followed
            work = None
        variants.append(
            {
                "name": one.name,
                "folder": folder_of(home, one).relative_to(home).as_posix(),
                "lr": one.lr,
                "parameters": parameter_count(network),
                "multiply_adds": work,
                "shared": f"{starts[one.name].weights}/{one.batch_size}",
                "sweep": sweep
                and {"rates": list(sweep.rates), "accuracies": sweep.accuracies.tolist()},
            }
        )
    text = json.dumps({"variants": variants, "margin": margin, "epochs": epochs}, indent=1) + "\n"
    write_atomically(home / "study.json", lambda part: part.write_text(text, encoding="utf-8"))
