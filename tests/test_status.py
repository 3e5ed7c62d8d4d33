"""Status: what is recorded, missing and stale, and what a whole sweep costs."""

import json
import shutil
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from course_utils import experiments
from course_utils.__main__ import main
from course_utils.experiments import ALL, TUNINGS, records, status
from course_utils.experiments.registry import REGISTRY

NAME = "mlp-500-adam"
QUICK = REGISTRY[NAME]


@pytest.fixture
def some(tmp_path) -> Path:
    """A folder of records: seeds 0 to 5, of which 4 is of another definition and 5 is cut short."""
    (tmp_path / NAME).mkdir()
    for seed in range(6):
        name = f"{NAME}/seed-{seed}.json"
        record = json.loads((records.SHIPPED / name).read_text(encoding="utf-8"))
        if seed == 4:
            record["hash"] = "0123456789ab"
        if seed == 5:
            record["history"] = {key: series[:-1] for key, series in record["history"].items()}
        (tmp_path / name).write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def test_status_names_what_is_recorded_missing_and_stale(some, capsys):
    found = experiments.status_of(QUICK, some)
    assert (found.recorded, found.stale, found.missing) == ([0, 1, 2, 3], [4, 5], [6, 7, 8, 9])
    assert main(["status", "--out", str(some)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 + len(REGISTRY) + len(TUNINGS)
    assert next(line for line in lines if line.startswith(NAME + " ")).split() == [
        NAME, "4/10", "6-9", "4-5",
    ]  # fmt: skip
    assert next(line for line in lines if line.startswith("cnn-8-16-32-adam ")).split() == [
        "cnn-8-16-32-adam", "0/5", "0-4", "-",
    ]  # fmt: skip
    assert ["cnn-8-16-32-sgd-10-epochs", "0/10", "10", "-"] in map(str.split, lines)
    assert lines[-1] == (
        f"0 of {len(ALL)} experiments are complete; "
        f"the rest: python -m course_utils run all --seeds wanted --out {some}"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["run", NAME, "--epochs", "1", "--data", "digits"],
        ["worksheet", "--kind", "pool", "--count", "1"],
    ],
    ids=lambda words: words[0],
)
def test_a_quoted_tilde_is_the_home_folder(words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    assert main([*words, "--out", "~/x"]) == 0
    assert str(tmp_path / "home" / "x") in capsys.readouterr().out
    assert not [*tmp_path.glob("~*")]
    with pytest.raises(SystemExit):
        main([*words, "--out", "~nobody-of-this-name/x"])
    assert "use a path without ~" in capsys.readouterr().err


def test_status_says_when_an_experiment_is_complete(tmp_path):
    shutil.copytree(records.SHIPPED / NAME, tmp_path / NAME)
    assert experiments.status_of(QUICK, tmp_path).complete
    assert experiments.report(tmp_path).splitlines()[-1].startswith(f"1 of {len(ALL)} experiments")


def test_the_command_that_makes_the_rest_means_all_that_is_wanted(monkeypatch):
    asked = []

    def sweep(experiments, seeds, **options):
        asked.append((list(experiments), seeds))
        yield from ()

    monkeypatch.setattr(experiments, "sweep", sweep)
    assert main(status.MAKE_THE_REST.split()[3:]) == 0
    assert asked == [(list(ALL.values()), None)]


def test_how_many_seeds_are_wanted_does_not_make_a_record_stale():
    assert replace(QUICK, seeds=3).hash == QUICK.hash


def best_makespan(seconds, workers):
    placings = product(range(workers), repeat=len(seconds))
    return min(max(np.bincount(p, seconds, workers)) for p in placings)


@pytest.mark.parametrize("seed", range(20))
def test_the_makespan_is_near_the_best(seed):
    """Between the best of all placings and Graham's bound over it."""
    draw = np.random.default_rng(seed)
    workers = int(draw.integers(1, 4))
    seconds = draw.integers(1, 20, size=7).astype(float)
    best, found = best_makespan(seconds, workers), experiments.makespan(seconds, workers)
    assert best <= found <= (4 / 3 - 1 / (3 * workers)) * best + 1e-9


@pytest.fixture(scope="module")
def printed() -> str:
    """What the command for the cost prints; it reads each record."""
    with redirect_stdout(StringIO()) as out:
        assert main(["status", "--cost"]) == 0
    return out.getvalue()


def test_the_cost_is_the_sum_for_one_worker_and_the_longest_run_for_many(printed):
    lines = printed.splitlines()
    hours = {int(n): float(h) for n, h in (line.split() for line in lines[1:4])}
    total, longest = 0.0, 0.0
    for experiment in ALL.values():
        seconds = status.seconds_a_run(experiment)
        if seconds < float("inf"):
            total += experiment.seeds * seconds
            longest = max(longest, seconds)
    assert hours[1] == pytest.approx(total / 3600, abs=0.005)
    assert hours[256] == pytest.approx(longest / 3600, abs=0.005)
    assert hours[256] <= hours[16] <= hours[1]


def test_what_is_not_recorded_is_not_counted_and_that_is_said(some, tmp_path):
    text = experiments.cost(some)
    assert "10 runs" in text
    assert f"nothing is recorded: {len(ALL) - 1} experiments" in text
    assert experiments.cost(tmp_path / "none").startswith("Nothing is recorded")


@pytest.mark.parametrize("experiment", ALL.values(), ids=ALL)
def test_every_experiment_is_recorded_at_full_length_with_all_its_seeds(experiment):
    found = experiments.status_of(experiment)
    assert (found.missing, found.stale) == ([], []), status.MAKE_THE_REST


def test_the_page_for_authors_shows_the_cost_as_it_is(printed):
    page = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = page.split("by `python -m course_utils status --cost`:\n\n```\n")[1].split("\n```")[0]
    assert f"{shown}\n" == printed, "put what the command prints into CONTRIBUTING.md"
