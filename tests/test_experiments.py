"""Experiments: the registry, what a run writes, and what is never shown as a record."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from course_utils import experiments, models
from course_utils.__main__ import main, seeds
from course_utils.experiments import REGISTRY, load, records, run, train, train_all

QUICK = REGISTRY["mlp-128-adam"]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))


def trial(folder: Path, seed: int = 0, epochs: int = 1, experiment=QUICK, **options) -> Path:
    return run(
        experiment, seed, epochs=epochs, source="digits", folder=folder, progress=False, **options
    )


# Running and recording


def test_the_same_seed_gives_the_same_weights_and_the_seed_matters():
    def first(seed):
        return experiments.build(QUICK, seed)[1].weight

    assert torch.equal(first(0), first(0)) and not torch.equal(first(0), first(1))


def test_a_run_writes_a_valid_record_and_nothing_else(tmp_path):
    path = trial(tmp_path, seed=3, epochs=2)
    record = records.read(path)
    assert record["seed"] == 3 and record["parameters"] == 101_770
    assert record["data"]["source"] == "digits"
    assert record["definition"]["epochs"] == 2
    assert record["hash"] == replace(QUICK, epochs=2).hash
    assert len(record["history"]["test_accuracy"]) == 2
    assert record["environment"]["threads"] == torch.get_num_threads()
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_record_holds_what_training_measured(tmp_path):
    record = records.read(trial(tmp_path, experiment=REGISTRY["mlp-500-bn-dropout-adam"]))
    dataset = experiments.data.load(source="digits", validation=0)
    experiment = replace(REGISTRY["mlp-500-bn-dropout-adam"], epochs=1)
    _, history = train(experiment, dataset, 0, progress=False)
    for metric, values in record["history"].items():
        if metric != "seconds":
            assert values == getattr(history, metric), metric
    assert record["history"]["as_run_accuracy"]


def test_normalised_experiments_train_on_normalised_images(tmp_path):
    plain = records.read(trial(tmp_path))
    standard = records.read(trial(tmp_path, experiment=REGISTRY["mlp-128-adam-normalized"]))
    assert plain["history"]["train_loss"] != standard["history"]["train_loss"]


def test_what_is_recorded_is_skipped(tmp_path):
    path = trial(tmp_path)
    before = path.stat().st_mtime_ns
    assert trial(tmp_path) == path and path.stat().st_mtime_ns == before


def test_a_stale_record_is_made_anew(tmp_path):
    path = trial(tmp_path)
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "hash": "0" * 12}))
    assert records.read(trial(tmp_path))["hash"] == record["hash"]


def test_a_run_that_was_cut_off_resumes_to_the_same_record(tmp_path, monkeypatch):
    whole = records.read(trial(tmp_path / "whole", epochs=3))
    real, calls = experiments.records.write, []

    def interrupted(*arguments):
        calls.append(arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(experiments.records, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trial(tmp_path / "cut", epochs=3)
    assert not list((tmp_path / "cut").rglob("*.json"))
    assert len(list((tmp_path / "cut").rglob("*.checkpoint"))) == 1

    monkeypatch.setattr(experiments.records, "write", real)
    monkeypatch.setattr(experiments.fit.__globals__["train_epoch"], "__code__", _no_code())
    resumed = records.read(trial(tmp_path / "cut", epochs=3))
    assert resumed == whole | {
        "history": whole["history"] | {"seconds": resumed["history"]["seconds"]}
    }


def test_what_killed_processes_left_is_removed_and_what_others_write_is_not(tmp_path):
    """A lock's file that nobody holds, files half-written; and beside them those of another run."""
    planned = experiments.plan(QUICK, 0, epochs=1, source="digits", folder=tmp_path)
    home = planned.path.parent
    home.mkdir()
    name, checkpoint = planned.path.name, planned.checkpoint.name
    left = [f".{name}.1.part", f".{checkpoint}.1.part", name.replace(".json", ".lock")]
    others = [
        ".trial-0.epochs-1.digits.too.json.1.part",
        f".trial-0.epochs-1.digits.too.{QUICK.hash}.checkpoint.1.part",
        ".trial-10.epochs-1.digits.json.1.part",
    ]
    for file in [*left, *others]:
        (home / file).touch()
    trial(tmp_path)
    assert sorted(path.name for path in home.iterdir()) == sorted([*others, name])


def test_what_is_left_beside_a_record_is_removed(tmp_path):
    """By a process that was killed after the record was written."""
    path = trial(tmp_path)
    planned = experiments.plan(QUICK, 0, epochs=1, source="digits", folder=tmp_path)
    assert planned.path == path and planned.recorded()
    planned.checkpoint.touch()
    records.lock_file(path).touch()
    trial(tmp_path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_run_whose_loss_is_not_finite_is_named(tmp_path, monkeypatch):
    def train(*arguments, **options):
        raise FloatingPointError("loss: nan in epoch 2, step 7")

    monkeypatch.setattr(experiments, "train", train)
    with pytest.raises(FloatingPointError, match="mlp-128-adam, seed 3: loss: nan in epoch 2"):
        trial(tmp_path, seed=3)


def _no_code():
    def train_epoch(*arguments, **options):
        raise AssertionError("the finished epochs must not be trained again")

    return train_epoch.__code__


# Reading


SERIES = (
    "train_loss", "train_accuracy", "test_loss", "test_accuracy", "last_batch_loss", "seconds",
)  # fmt: skip


def record_of(experiment=QUICK, seed=0, **changes):
    epochs = experiment.epochs
    series = {
        name: [0.5 + seed / 100] * epochs
        for name in (
            "train_loss",
            "train_accuracy",
            "test_loss",
            "test_accuracy",
            "last_batch_loss",
            "seconds",
        )
    }
    return {
        "schema": 1, "experiment": experiment.name, "hash": experiment.hash,
        "definition": experiment.definition, "seed": seed, "parameters": 1,
        "history": {**series, "as_run_loss": [], "as_run_accuracy": []},
        "data": {
            "name": "mnist", "source": "mnist", "checksum": "0", "train": 60000, "test": 10000,
        },
        "environment": {
            "python": "3", "torch": "2", "numpy": "2", "course_utils": "0", "machine": "x",
            "device": "cpu", "threads": 1, "precision": "fp32",
        },
        **changes,
    }  # fmt: skip


def test_records_are_read_in_the_order_of_their_seeds(tmp_path):
    for seed in (10, 2, 0):
        records.write(record_of(seed=seed), tmp_path / QUICK.name / f"seed-{seed}.json")
    found = load("003h", folder=tmp_path)
    assert found.seeds == [0, 2, 10]
    assert found.values("test_accuracy") == [0.5, 0.52, 0.6]
    np.testing.assert_array_equal(found.curves("test_loss")[1], [0.52] * 10)


def test_records_are_cut_to_the_seeds_that_all_have(tmp_path):
    names = ["mlp-128-adam", "mlp-500-adam"]
    for name, recorded in zip(names, [(0, 1, 4), (1, 3, 4)], strict=True):
        (tmp_path / name).mkdir()
        for seed in recorded:
            shutil.copy(records.SHIPPED / name / f"seed-{seed}.json", tmp_path / name)
    assert [one.seeds for one in experiments.in_common(names, folder=tmp_path)] == [[1, 4], [1, 4]]
    assert len(experiments.in_common(names[:1], folder=tmp_path)[0].runs) == 3
    (tmp_path / names[1] / "seed-4.json").unlink()
    assert experiments.in_common(names, folder=tmp_path) == []
    assert experiments.in_common([*names, "lenet-adam"], folder=tmp_path) == []


def test_a_page_asks_for_records_and_goes_on_without(tmp_path):
    assert experiments.recorded_or_none("mlp-128-adam", folder=tmp_path) is None
    assert experiments.recorded_or_none("mlp-128-adam").seeds == load("mlp-128-adam").seeds
    with pytest.raises(ValueError, match="is invalid; use an inventory number, a report's code"):
        experiments.recorded_or_none("mlp-128-adma", folder=tmp_path)


def test_trials_are_never_read_as_records(tmp_path):
    trial(tmp_path)
    with pytest.raises(FileNotFoundError, match="nothing is recorded for mlp-128-adam; `python -m"):
        load("mlp-128-adam", folder=tmp_path)


def test_a_stale_record_is_refused_or_flagged(tmp_path):
    records.write(record_of(seed=0), tmp_path / QUICK.name / "seed-0.json")
    old = record_of(seed=1, hash="0123456789ab")
    records.write(old, tmp_path / QUICK.name / "seed-1.json")
    with pytest.raises(ValueError, match=r"records of mlp-128-adam with seeds \[1\] are stale"):
        load("mlp-128-adam", folder=tmp_path)
    assert load("mlp-128-adam", folder=tmp_path, stale=True).stale


def test_a_tasks_number_means_the_run_that_the_report_made():
    assert load("003h").experiment.name == "mlp-128-adam"


def test_a_report_with_several_experiments_is_not_one_record():
    with pytest.raises(ValueError, match="'DS5220' means [0-9]+ experiments; name one"):
        load("DS5220")


@pytest.mark.parametrize(
    "change, place",
    [
        ({"seed": -1}, r"\$.seed: -1"),
        ({"hash": "xyz"}, r"\$.hash: 'xyz'"),
        ({"schema": 2}, r"\$.schema: 1 was expected"),
        ({"history": {}}, r"\$.history: "),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_record_that_breaks_the_schema_is_neither_written_nor_read(tmp_path, change, place):
    path = tmp_path / "seed-0.json"
    with pytest.raises(ValueError, match=f"breaks the schema at .*{place}|{place}"):
        records.write(record_of(**change), path)
    assert not list(tmp_path.iterdir())
    path.write_text(json.dumps(record_of(**change)))
    with pytest.raises(ValueError, match="seed-0.json breaks the schema"):
        records.read(path)


def test_an_accuracy_above_one_breaks_the_schema(tmp_path):
    record = record_of()
    record["history"]["test_accuracy"][0] = 98.0
    with pytest.raises(ValueError, match=r"history.test_accuracy\[0\]: 98.0 is greater than"):
        records.write(record, tmp_path / "seed-0.json")


def test_a_torn_file_is_named(tmp_path):
    path = tmp_path / "seed-0.json"
    path.write_text('{"schema": 1, "exp')
    with pytest.raises(ValueError, match="seed-0.json is no JSON"):
        records.read(path)


@pytest.mark.parametrize(
    "path", sorted(records.SHIPPED.glob("*/*.json")), ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_the_records_that_ship_are_whole_and_current(path):
    record = records.read(path)
    experiment = REGISTRY[path.parent.name]
    assert record["experiment"] == experiment.name and path.name == f"seed-{record['seed']}.json"
    assert record["hash"] == experiment.hash and record["data"]["source"] == "mnist"
    assert len(record["history"]["test_accuracy"]) == experiment.epochs
    assert record["parameters"] == models.parameter_count(experiments.build(experiment, 0))


# Several at once


def test_several_at_once_are_what_each_is_alone():
    dataset = experiments.data.load(source="digits", validation=0)
    chosen = [
        replace(REGISTRY[name], epochs=1) for name in ("mlp-128-adam", "mlp-500-bn-dropout-sgd")
    ]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        alone = {
            e.name: [train(e, dataset, seed, progress=False)[1] for seed in (3, 1)] for e in chosen
        }
    finally:
        torch.set_num_threads(threads)
    together = train_all(chosen, dataset, (3, 1), jobs=max(2, os.cpu_count() or 2))
    assert list(together) == list(alone)
    assert {name: [h for _, h in runs] for name, runs in together.items()} == alone


def test_two_experiments_of_one_name_are_refused_before_any_is_trained():
    dataset = experiments.data.load(source="digits", validation=0)
    one = REGISTRY["mlp-128-adam"]
    with pytest.raises(ValueError, match="experiments: mlp-128-adam stands there twice"):
        train_all([one, replace(one, epochs=2)], dataset, [0])


# The command line


def cli(*words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "course_utils", *words], capture_output=True, text=True, cwd=cwd
    )


def test_list_names_sources_and_what_is_recorded(capsys):
    assert main(["list"]) == 0
    line = next(x for x in capsys.readouterr().out.splitlines() if x.startswith("mlp-500-adam "))
    assert line.split()[1:4] == ["CSCI4146", "004d", "5"]


def test_run_by_task_number_records_a_trial(tmp_path):
    done = cli(
        "run",
        "004d",
        "mlp-128-adam",
        "--seeds",
        "0-1",
        "--epochs",
        "1",
        "--data",
        "digits",
        "--out",
        str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("test accuracy 0.") == 4
    assert len(list(tmp_path.rglob("trial-*.json"))) == 4


def test_trials_do_not_go_among_the_courses_own_records(tmp_path):
    path = run(QUICK, 0, epochs=1, source="digits", progress=False)
    assert records.SHIPPED not in path.parents and (tmp_path / "cache") in path.parents


@pytest.mark.parametrize(
    "words, message",
    [
        (["run", "nonsense"], "'nonsense' is invalid; use an inventory number, a report's code"),
        (["run", "004d", "--seeds", "9-0"], "'9-0' is no seed and no range"),
        (["run", "004d", "--seeds", "a"], "'a' is no seed and no range"),
        (["run", "004d", "--epochs", "0"], "'0' is not a count"),
    ],
)
def test_bad_words_are_named(words, message, capsys):
    try:
        code = main(words)
    except SystemExit as stop:
        code = stop.code
    assert code == 2 and message in capsys.readouterr().err


def test_seeds_are_numbers_and_ranges():
    assert seeds("0-3,7,9-9") == [0, 1, 2, 3, 7, 9]
