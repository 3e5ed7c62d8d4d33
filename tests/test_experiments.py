"""Experiments: the registry, what a run writes, and what is never shown as a record."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_up import record as made_up

from course_utils import data, experiments, models
from course_utils.__main__ import main, seeds
from course_utils.experiments import (
    ALL,
    REGISTRY,
    load,
    plan,
    recording,
    records,
    run,
    running,
    sweep,
    train,
    train_all,
)
from course_utils.experiments.reading import Recorded
from course_utils.threads import threads
from course_utils.training import fitting, predict

QUICK = REGISTRY["mlp-128-adam"]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))


def trial(folder: Path, seed: int = 0, epochs: int = 1, experiment=QUICK, **options) -> Path:
    return run(
        experiment, seed, epochs=epochs, source="digits", folder=folder, progress=False, **options
    )


@pytest.fixture(scope="module")
def digits() -> data.Dataset:
    return data.load(source="digits", validation=0)


# Planning: the file of a run, without its data


@pytest.fixture
def no_data(monkeypatch):
    """Whatever loads a data set fails."""

    def load(**options):
        raise AssertionError("no data set is needed here")

    monkeypatch.setattr(running, "_loaded", {})
    monkeypatch.setattr(data, "load", load)


@pytest.fixture
def no_mnist(monkeypatch, digits):
    """A machine on which "auto" finds the digits and nothing else."""

    def load(*, source, **options):
        if source == "mnist":
            raise data.DataError("MNIST was not found")
        return digits

    monkeypatch.setattr(running, "_loaded", {})
    monkeypatch.setattr(data, "load", load)


@pytest.mark.parametrize("source, named", [("auto", ""), ("mnist", ""), ("digits", ".digits")])
def test_a_plan_names_its_file_without_any_data(no_data, tmp_path, source, named):
    whole = plan(QUICK, 3, source=source, folder=tmp_path)
    assert whole.path.name == (f"trial-3{named}.json" if named else "seed-3.json")
    short = plan(QUICK, 3, epochs=2, source=source, folder=tmp_path)
    assert short.path == tmp_path / QUICK.name / f"trial-3.epochs-2{named}.json"
    assert whole.source == short.source == (named.strip(".") or "mnist")
    assert whole.experiment == QUICK and short.experiment == replace(QUICK, epochs=2)


def test_what_is_recorded_already_needs_no_data(no_data, tmp_path, capsys):
    shipped = records.SHIPPED / QUICK.name / "seed-0.json"
    assert shipped == plan(QUICK, 0).path and plan(QUICK, 0).recorded()
    for source in ("auto", "mnist"):
        assert run(QUICK, 0, source=source) == shipped
        assert list(sweep([QUICK], [0], source=source, progress=False)) == [shipped]
    for words in (["list"], ["status"], ["status", "--cost"], ["run", QUICK.name]):
        assert main(words) == 0, capsys.readouterr().err
    with pytest.raises(AssertionError, match="no data set is needed"):
        run(QUICK, 0, folder=tmp_path)


@pytest.mark.parametrize("several", [False, True], ids=["run", "sweep"])
def test_a_run_that_finds_no_mnist_is_a_trial_whose_name_says_so(no_mnist, tmp_path, several):
    def made(source="auto"):
        options = {"epochs": 1, "source": source, "folder": tmp_path, "progress": False}
        if several:
            return list(sweep([QUICK], [0], jobs=1, **options))
        return [run(QUICK, 0, **options)]

    (path,) = made()
    planned = plan(QUICK, 0, epochs=1, folder=tmp_path)
    assert planned.path.name == "trial-0.epochs-1.json" and not planned.recorded()
    assert path == plan(QUICK, 0, epochs=1, source="digits", folder=tmp_path).path
    assert records.read(path)["data"]["source"] == "digits"
    assert made("digits") == [path]
    with pytest.raises(data.DataError):
        made("mnist")
    assert [p.name for p in path.parent.iterdir() if p.suffix == ".json"] == [path.name]

    record = records.read(path)  # as if somebody had recorded it on MNIST
    records.write({**record, "data": {**record["data"], "source": "mnist"}}, planned.path)
    assert made() == [planned.path]


def test_one_data_set_is_loaded_once_whatever_it_is_called(no_mnist, digits):
    found = running.dataset_of("auto")
    assert found is digits and running.dataset_of("digits") is found


@pytest.mark.parametrize("change, message", [
    ({"source": "mnits"}, "source: 'mnits' is invalid; use 'auto', 'mnist' or 'digits'"),
    ({"epochs": 0}, "epochs: 0 is invalid"),
    ({"seed": 1.5}, "seed: 1.5 is invalid"),
    ({"seed": True}, "seed: True is invalid"),
])  # fmt: skip
def test_a_plan_names_bad_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        plan(QUICK, **{"seed": 0, **change})


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


def test_the_record_holds_what_training_measured(tmp_path, digits):
    record = records.read(trial(tmp_path, experiment=REGISTRY["mlp-500-bn-dropout-adam"]))
    experiment = replace(REGISTRY["mlp-500-bn-dropout-adam"], epochs=1)
    _, history = train(experiment, digits, 0, progress=False)
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
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, "hash": "0" * 12}), encoding="utf-8")
    assert records.read(trial(tmp_path))["hash"] == record["hash"]


def test_a_run_that_was_cut_off_resumes_to_the_same_record(tmp_path, monkeypatch):
    whole = records.read(trial(tmp_path / "whole", epochs=3))

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(records, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trial(tmp_path / "cut", epochs=3)
    assert not list((tmp_path / "cut").rglob("*.json"))
    assert len(list((tmp_path / "cut").rglob("*.checkpoint"))) == 1

    def no_epoch(*arguments, **options):
        raise AssertionError("the finished epochs must not be trained again")

    monkeypatch.setattr(fitting, "train_epoch", no_epoch)
    resumed = records.read(trial(tmp_path / "cut", epochs=3))
    assert resumed == whole | {
        "history": whole["history"] | {"seconds": resumed["history"]["seconds"]}
    }


def test_what_killed_processes_left_is_removed_and_what_others_write_is_not(tmp_path):
    """A lock's file that nobody holds, files half-written; and beside them those of another run."""
    planned = plan(QUICK, 0, epochs=1, source="digits", folder=tmp_path)
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
    planned = plan(QUICK, 0, epochs=1, source="digits", folder=tmp_path)
    assert planned.path == path and planned.recorded()
    planned.checkpoint.touch()
    records.lock_file(path).touch()
    trial(tmp_path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_run_whose_loss_is_not_finite_is_named(tmp_path, monkeypatch):
    def train(*arguments, **options):
        raise FloatingPointError("loss: nan in epoch 2, step 7")

    monkeypatch.setattr(recording, "train", train)
    with pytest.raises(FloatingPointError, match="mlp-128-adam, seed 3: loss: nan in epoch 2"):
        trial(tmp_path, seed=3)


# Test predictions: one digit per test image, of the very model that the run ends with

KINDS = {
    "plain": "mlp-128-adam",
    "own pixels": "cnn-16-32-dropout-adam-14px-own",
    "dropout awake": "cnn-10-20-awake-relu-logits-sgd",
}


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def predicted(request, digits, tmp_path_factory):
    """An experiment's record of two epochs, the same one resumed after the first, and its model."""
    experiment = replace(REGISTRY[request.param], epochs=2)
    folder = tmp_path_factory.mktemp("predicted")
    options = {"source": "digits", "progress": False}
    whole = records.read(run(experiment, 1, folder=folder / "whole", **options))
    cut = plan(experiment, 1, source="digits", folder=folder / "cut")
    fitted = replace(experiment, epochs=1)
    train(fitted, digits, 1, checkpoint=cut.checkpoint, progress=False)
    resumed = records.read(run(experiment, 1, folder=folder / "cut", **options))
    model, _ = train(experiment, digits, 1, progress=False)
    return experiment, whole, resumed, model


def test_a_record_holds_the_classes_behind_its_last_accuracy(predicted, digits):
    experiment, whole, resumed, _ = predicted
    found = Recorded(experiment, (whole,)).predictions(digits)
    assert found.shape == (1, len(digits.test)) and found.dtype == np.int64
    right = (torch.tensor(found[0]) == digits.test.labels).sum().item()
    assert right / len(digits.test) == whole["history"]["test_accuracy"][-1]
    assert len(set(found[0])) > 1
    assert resumed["test_predictions"] == whole["test_predictions"]
    assert resumed["history"]["test_loss"] == whole["history"]["test_loss"]


def test_the_recorded_classes_are_the_models_own(predicted, digits):
    experiment, whole, _, model = predicted
    outputs = predict(model, experiments.prepared(experiment, digits).test)
    same = whole["test_predictions"] == "".join(map(str, outputs.argmax(1).tolist()))
    assert same is (experiment.name != KINDS["dropout awake"])  # that one answers as it likes


def test_predictions_are_read_for_the_seeds_that_have_them(tmp_path):
    made_up(tmp_path, QUICK.name, [0, 1, 2])
    with pytest.raises(FileNotFoundError, match="mlp-128-adam hold none; use `python -m .* --out"):
        load(QUICK.name, folder=tmp_path).predictions()
    for seed in (0, 2):
        path = tmp_path / QUICK.name / f"seed-{seed}.json"
        record = records.read(path)
        record["data"]["test"] = 3
        records.write({**record, "test_predictions": f"{seed}07"}, path)
    found = load(QUICK.name, folder=tmp_path)
    assert found.seeds == [0, 1, 2] and found.predicted == [0, 2]
    assert found.predictions().tolist() == [[0, 0, 7], [2, 0, 7]]


def test_predictions_that_contradict_their_record_or_the_data_are_refused(predicted, digits):
    experiment, whole, _, _ = predicted
    label, first = int(digits.test.labels[0]), int(whole["test_predictions"][0])
    other = label if first != label else (label + 1) % 10
    wrong = {**whole, "test_predictions": f"{other}{whole['test_predictions'][1:]}"}
    assert Recorded(experiment, (wrong,)).predictions()[0, 0] == other
    with pytest.raises(ValueError, match=f"{experiment.name}, seed 1 are right .* its record says"):
        Recorded(experiment, (wrong,)).predictions(digits)
    with pytest.raises(ValueError, match="dataset: .* was tested on other images"):
        Recorded(experiment, (whole,)).predictions(replace(digits, checksum="0"))


@pytest.mark.parametrize("text, message", [
    ("12", "has 2 test predictions for 10000 test images"),
    ("1" * 9_999 + "x", "breaks the schema; record.test_predictions must"),
    ([1] * 10_000, "breaks the schema; record.test_predictions must"),
])  # fmt: skip
def test_too_few_predictions_and_what_is_not_a_digit_are_refused(tmp_path, text, message):
    path, record = tmp_path / "seed-0.json", {**shipped(), "test_predictions": text}
    with pytest.raises(ValueError, match=message):
        records.write(record, path)
    assert not path.exists()
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        records.read(path)


# Reading


def test_records_are_read_in_the_order_of_their_seeds(tmp_path):
    made_up(tmp_path, QUICK.name, [10, 2, 0], test_accuracy=[0.6, 0.52, 0.5], test_loss=[3, 2, 1])
    found = load("003h", folder=tmp_path)
    assert found.seeds == [0, 2, 10]
    assert found.values("test_accuracy") == [0.5, 0.52, 0.6]
    np.testing.assert_array_equal(found.curves("test_loss")[1], [2] * 10)


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
    with pytest.raises(FileNotFoundError, match="recorded for mlp-128-adam; use `python -m"):
        load("mlp-128-adam", folder=tmp_path)


def test_a_stale_record_is_refused_or_flagged(tmp_path):
    made_up(tmp_path, QUICK.name, [0, 1])
    path = tmp_path / QUICK.name / "seed-1.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace(QUICK.hash, "0123456789ab"), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"records of mlp-128-adam with seeds \[1\] are stale"):
        load("mlp-128-adam", folder=tmp_path)
    assert load("mlp-128-adam", folder=tmp_path, stale=True).stale


def test_a_tasks_number_means_the_run_that_the_report_made():
    assert load("003h").experiment.name == "mlp-128-adam"


def test_a_report_with_several_experiments_is_not_one_record():
    with pytest.raises(ValueError, match="'DS5220' means [0-9]+ experiments; use the name"):
        load("DS5220")


def shipped():
    return records.read(records.SHIPPED / QUICK.name / "seed-0.json")


@pytest.mark.parametrize(
    "change, place",
    [
        ({"seed": -1}, "record.seed must be bigger than or equal to 0, not -1$"),
        ({"hash": "xyz"}, "record.hash must match .*, not 'xyz'$"),
        ({"schema": 2}, "record.schema must be same as const definition: 1"),
        ({"history": {}}, "record.history must contain"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_record_that_breaks_the_schema_is_neither_written_nor_read(tmp_path, change, place):
    path, record = tmp_path / "seed-0.json", {**shipped(), **change}
    with pytest.raises(ValueError, match=f"seed-0.json breaks the schema; .*{place}"):
        records.write(record, path)
    assert not list(tmp_path.iterdir())
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ValueError, match="seed-0.json breaks the schema"):
        records.read(path)


def test_an_accuracy_above_one_breaks_the_schema(tmp_path):
    record = shipped()
    record["history"]["test_accuracy"][0] = 98.0
    rule = r"history.test_accuracy\[0\] must be smaller than or equal to 1, not 98.0$"
    with pytest.raises(ValueError, match=rule):
        records.write(record, tmp_path / "seed-0.json")


@pytest.mark.parametrize("device", ["mps", "xpu", "a GPU that nobody here has"])
def test_a_record_is_read_wherever_it_was_made(tmp_path, device):
    made_up(tmp_path, QUICK.name, [0, 1])
    for path in (tmp_path / QUICK.name).iterdir():
        record = records.read(path)
        record["environment"]["device"] = device
        records.write(record, path)
    assert load(QUICK.name, folder=tmp_path).seeds == [0, 1]
    assert plan(QUICK, 0, folder=tmp_path).recorded()
    assert experiments.status_of(QUICK, tmp_path).recorded == [0, 1]
    assert f"as recorded on {device} with 1 thread" in experiments.cost(tmp_path)


@pytest.mark.parametrize("name", [
    "seed-1 (1).json", "seed-1.sync-conflict-20260101-120000.json", "seed-01.json", "seed-2.json",
])  # fmt: skip
def test_a_copy_is_not_another_seed(tmp_path, name):
    made_up(tmp_path, QUICK.name, [0, 1])
    path = tmp_path / QUICK.name / name
    shutil.copy(tmp_path / QUICK.name / "seed-1.json", path)
    message = f"{re.escape(str(path))} holds seed 1 of {QUICK.name} on mnist"
    for read in (load, experiments.recorded_or_none):
        with pytest.raises(ValueError, match=message):
            read(QUICK.name, folder=tmp_path)
    with pytest.raises(ValueError, match=message):
        experiments.in_common([QUICK.name, QUICK.name], folder=tmp_path)
    with pytest.raises(ValueError, match=message):
        experiments.status_of(QUICK, tmp_path)


def test_a_record_counts_only_in_its_own_place(tmp_path):
    made_up(tmp_path, QUICK.name, [1])
    source = tmp_path / QUICK.name / "seed-1.json"
    assert plan(QUICK, 1, folder=tmp_path).recorded()
    with pytest.raises(ValueError, match="move it to mlp-128-adam/seed-1.json, or delete it"):
        shutil.copy(source, plan(QUICK, 0, folder=tmp_path).path)
        plan(QUICK, 0, folder=tmp_path).recorded()
    other = plan(REGISTRY["mlp-500-adam"], 1, folder=tmp_path)
    other.path.parent.mkdir()
    shutil.copy(source, other.path)
    with pytest.raises(ValueError, match="holds seed 1 of mlp-128-adam"):
        other.recorded()
    short = trial(tmp_path / "digits", seed=2, epochs=1)
    renamed = short.with_name("seed-2.json")
    shutil.copy(short, renamed)
    with pytest.raises(ValueError, match="holds seed 2 of mlp-128-adam on digits"):
        records.read(renamed)


@pytest.mark.parametrize("text", [
    '[project]\nname = "somebody-elses"', "[tool.ruff]", "this is not TOML", None,
])  # fmt: skip
def test_a_stray_pyproject_makes_no_checkout(tmp_path, monkeypatch, text):
    shipped = tmp_path / "course_utils" / "recorded"
    shipped.mkdir(parents=True)
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(records, "SHIPPED", shipped)
    assert plan(QUICK, 0).path.parents[1] == tmp_path / "cache" / "recorded"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "course-utils"', encoding="utf-8")
    assert plan(QUICK, 0).path.parents[1] == shipped


def test_a_torn_file_is_named(tmp_path):
    path = tmp_path / "seed-0.json"
    path.write_text('{"schema": 1, "exp', encoding="utf-8")
    with pytest.raises(ValueError, match="seed-0.json is not JSON"):
        records.read(path)


@pytest.mark.parametrize("name", sorted(p.name for p in records.SHIPPED.iterdir() if p.is_dir()))
def test_the_records_that_ship_are_whole_and_current(name):
    experiment = ALL[name]
    parameters = models.parameter_count(experiments.build(experiment, 0))
    for path in sorted((records.SHIPPED / name).glob("*.json")):
        record = records.read(path)
        assert record["experiment"] == name and path.name == f"seed-{record['seed']}.json", path
        assert record["hash"] == experiment.hash, path
        assert record["data"]["source"] == experiment.dataset, path
        assert len(record["history"]["test_accuracy"]) == experiment.epochs, path
        assert record["parameters"] == parameters, path


# Several at once


def test_several_at_once_are_what_each_is_alone(digits):
    chosen = [
        replace(REGISTRY[name], epochs=1) for name in ("mlp-128-adam", "mlp-500-bn-dropout-sgd")
    ]
    with threads(1):
        alone = {
            e.name: [train(e, digits, seed, progress=False)[1] for seed in (3, 1)] for e in chosen
        }
    together = train_all(chosen, digits, (3, 1), jobs=max(2, os.cpu_count() or 2))
    assert list(together) == list(alone)
    assert {name: [h for _, h in runs] for name, runs in together.items()} == alone


def test_two_experiments_of_one_name_are_refused_before_any_is_trained(digits):
    with pytest.raises(ValueError, match="experiments: mlp-128-adam appears twice"):
        train_all([QUICK, replace(QUICK, epochs=2)], digits, [0])


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
        *"run 004d mlp-128-adam --seeds 0-1 --epochs 1 --data digits --out".split(), str(tmp_path)
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
        (["run", "004d", "--seeds", "9-0"], "--seeds: '9-0' is invalid; use numbers and ranges"),
        (["run", "004d", "--seeds", "a"], "--seeds: 'a' is invalid; use numbers and ranges"),
        (["run", "004d", "--epochs", "0"], "--epochs: '0' is invalid; use an integer of at least"),
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
