"""The command line: nobody waits for PyTorch who doesn't need it."""

import subprocess
import sys

import pytest

from course_utils import experiments

PROGRAM = """
import sys
from course_utils.__main__ import main
try:
    main(sys.argv[1:])
finally:
    print("torch" in sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "run --help",
        "worksheet --help",
        "list",
        "status",
        "status --cost",
        "status --out nowhere",
        "no-such-command",
        "run",
        "run nothing-of-this-name",
        "run mlp-500-adam --seeds x",
        "worksheet --kind nothing --out sheets",
        "worksheet --kind conv --out sheets --count 0",
        "worksheet --kind conv --out sheets --ties",
        "publish --repository nowhere --ref main",
        "handout --help",
        "mark --help",
        "mark nowhere --out marks",
    ],
)
def test_a_command_that_computes_nothing_does_not_import_torch(words, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.stderr.splitlines()[-1] == "False", done.stderr


def test_what_is_imported_late_is_there_by_its_name():
    assert len(experiments.__all__) == len(set(experiments.__all__))
    for name in experiments.__all__:
        assert getattr(experiments, name) is not None
        assert name in dir(experiments)
    assert experiments.sweep.__module__ == "course_utils.experiments.sweeps"
    assert experiments.load.__module__ == "course_utils.experiments.reading"
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = experiments.nothing
