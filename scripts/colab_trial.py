"""Run the notebooks as Colab would: its versions, each alone, the package fetched with git.

    python scripts/colab_trial.py --venv FOLDER [NOTEBOOK ...] [--python PYTHON] [--keep]
    python scripts/colab_trial.py --here [NOTEBOOK ...]

The versions in colab.txt are installed once into FOLDER: some minutes, some gigabytes, a network.
Later trials reuse it. With --here, for Colab's own image, the Python that runs this is used as it
is. The working tree, changes that are not committed included, is pushed into a bare repository that
stands for GitHub's, is published there by publish_here.py as the workflow does it, and is left as
it is. Each notebook of a fresh clone then runs from an empty folder in a kernel that looks like
Colab's. Its setup cell must finish in time and change no installed version, and every cell must
run. A failure gives exit status 1.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
SETUP_LIMIT = 30.0  # seconds
PINS = Path(__file__).with_name("colab.txt")
PYTHON = PINS.read_text(encoding="utf-8").split("# Python ")[1].split()[0]


@dataclass
class Trial:
    """What happened to one notebook; ``faults`` is empty if all went well."""

    notebook: str
    setup: float
    total: float
    added: list[str]
    faults: list[str]


def run(*command: str | Path, **options: Any) -> str:
    """Run a command and return what it prints; what it says goes wrong is shown."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8", **options)
    return done.stdout


def pip(python: Path, *arguments: str | Path) -> str:
    return run(python, "-m", "pip", "--disable-pip-version-check", *arguments)


def installed(python: Path) -> dict[str, str]:
    """Each installed package and its version."""
    rows = json.loads(pip(python, "list", "--format=json"))
    return {row["name"]: row["version"] for row in rows}


def environment(folder: Path, interpreter: str) -> Path:
    """Return the Python of an environment with Colab's versions, made if it is not there."""
    python, ready = folder.resolve() / "bin" / "python", folder / "preinstalled.json"
    if not ready.exists():
        print(f"installing Colab's versions into {folder}", flush=True)
        try:
            version = run(interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        except (OSError, subprocess.CalledProcessError) as error:
            version = f"none, for {error}"
        if version.strip() != PYTHON:
            sys.exit(f"--python: {interpreter!r} is {version.strip()}; use {PYTHON}")
        run(interpreter, "-m", "venv", "--clear", folder)
        pip(python, "install", "--quiet", "--requirement", PINS)
        ready.write_text(json.dumps(installed(python), indent=1), encoding="utf-8")
    restore(python, json.loads(ready.read_text(encoding="utf-8")))
    return python


def restore(python: Path, before: dict[str, str]) -> tuple[list[str], list[str]]:
    """Put the environment back to the versions it had; return what was added and changed."""
    now = installed(python)
    added = sorted(set(now) - set(before))
    changed = sorted(name for name in before if now.get(name) != before[name])
    if added:
        pip(python, "uninstall", "--quiet", "--yes", *added)
    if changed:
        pip(python, "install", "--quiet", *(f"{name}=={before[name]}" for name in changed))
    changes = [f"{name} {before[name]} became {now.get(name, 'absent')}" for name in changed]
    return [f"{name} {now[name]}" for name in added], changes


def served(folder: Path, notebooks: list[Path]) -> Path:
    """Push the working tree, with the notebooks in it, publish it, and return a clone of that."""
    tree, bare, clone = folder / "tree", folder / "github" / "owner" / "course", folder / "clone"
    os.environ |= {  # wherever git is called from here on, also by pip in a kernel
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{bare.parent.parent}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "owner/course",
        "GITHUB_REF_NAME": "main",
    }
    address = "https://github.com/owner/course"
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():  # or it was deleted, and that is not committed yet
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name, follow_symlinks=False)
    for path in notebooks:
        shutil.copy2(path, tree / "book")
    author = ["-c", "user.name=trial", "-c", "user.email=trial@localhost"]
    run("git", "init", "--quiet", "--initial-branch=main", cwd=tree)
    run("git", "add", "--all", "--force", cwd=tree)
    run("git", *author, "commit", "--quiet", "--no-verify", "--message=trial", cwd=tree)
    run("git", "clone", "--quiet", "--bare", tree, bare)
    run("git", "remote", "add", "origin", address, cwd=tree)
    step = tree / "scripts" / "publish_here.py"
    said = run(sys.executable, step, env=os.environ | {"PYTHONPATH": str(tree)})
    print(said, end="", flush=True)
    run("git", "clone", "--quiet", address, clone)
    return clone


@contextmanager
def kernel(python: Path, folder: Path) -> Iterator[dict[str, str]]:
    """Offer a kernel named 'colab', in which google.colab is loaded; yield its environment."""
    files = {
        "jupyter/kernels/colab/kernel.json": json.dumps(
            {
                "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                "display_name": "Colab",
                "language": "python",
            }
        ),
        "site/google/colab/__init__.py": "",
        "ipython/profile_default/startup/colab.py": "import google.colab\ndel google\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    hidden = ("VIRTUAL_ENV", "PYTHONHOME", "MPLBACKEND")
    own = {name: value for name, value in os.environ.items() if name not in hidden}
    before = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = str(folder / "jupyter")
    try:
        yield own | {
            "PATH": f"{python.parent}{os.pathsep}{own['PATH']}",
            "PYTHONPATH": str(folder / "site"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
    finally:
        del os.environ["JUPYTER_PATH"]
        if before is not None:
            os.environ["JUPYTER_PATH"] = before


def attempt(path: Path, python: Path, env: dict[str, str], folder: Path) -> Trial:
    """Run one notebook in a folder of its own and look at what it did to the environment."""
    pip(python, "uninstall", "-qq", "--yes", "course-utils")
    before = installed(python)
    notebook = nbformat.read(path, as_version=4)
    first = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    moments: dict[str, float] = {}

    def note(name: str, cell_index: int) -> None:
        if cell_index == first:
            moments[name] = time.perf_counter()

    folder.mkdir()
    client = NotebookClient(
        notebook,
        kernel_name="colab",
        timeout=900,
        startup_timeout=900,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=lambda cell, cell_index: note("start", cell_index),
        on_cell_executed=lambda cell, cell_index, execute_reply: note("end", cell_index),
    )
    faults = []
    start = time.perf_counter()
    try:
        client.execute(env=env)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        said = [o.get("text", "") for o in notebook.cells[first].outputs]
        faults.append(f"a cell failed: {error}\nThe setup cell said: {''.join(said) or 'nothing'}")
    total = time.perf_counter() - start
    nbformat.write(notebook, folder.with_suffix(".ipynb"))

    setup = moments.get("end", time.perf_counter()) - moments.get("start", start)
    if setup > SETUP_LIMIT:
        faults.append(f"the setup cell took {setup:.0f} s, more than {SETUP_LIMIT:.0f} s")
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    if not Path(site, "course_utils").is_dir():
        faults.append("the setup cell did not install course-utils")
    added, changed = restore(python, before)
    faults += [f"the setup cell changed a version: {change}" for change in changed]
    return Trial(path.name, setup, total, added, faults)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "notebooks",
        nargs="*",
        type=Path,
        help="default: all of book/; one from elsewhere is tried as if it stood there",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--venv", type=Path, help="environment to reuse or make (default: a new one)"
    )
    where.add_argument(
        "--here", action="store_true", help="use this Python as it is; only in Colab's own image"
    )
    parser.add_argument("--python", default=f"python{PYTHON}", help="makes the environment")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the trial")
    arguments = parser.parse_args()

    folder = Path(tempfile.mkdtemp(prefix="colab-trial-"))
    try:
        if arguments.here:
            python = Path(sys.executable)
            pinned = dict(
                line.split("==")
                for line in PINS.read_text(encoding="utf-8").splitlines()
                if "==" in line
            )
            now = installed(python)
            moved = [f"{name} {now.get(name)}" for name in pinned if now.get(name) != pinned[name]]
            print(f"versions other than in {PINS.name}: {', '.join(moved) or 'none'}", flush=True)
        else:
            python = environment(arguments.venv or folder / "venv", arguments.python)
        tree = served(folder, arguments.notebooks)
        chosen = [path.name for path in arguments.notebooks]
        paths = [
            p for p in sorted((tree / "book").glob("*.ipynb")) if p.name in chosen or not chosen
        ]
        if not paths:
            sys.exit(f"no notebook to try among {chosen or 'book/*.ipynb'}")
        with kernel(python, folder) as env:
            trials = []
            for path in paths:
                trials.append(trial := attempt(path, python, env, folder / path.stem))
                verdict = "FAILED" if trial.faults else "passed"
                added = ", ".join(trial.added) or "nothing"
                times = f"setup {trial.setup:5.1f} s  whole {trial.total:6.1f} s"
                print(f"{trial.notebook:28} {times}  {verdict}  added: {added}", flush=True)
    finally:
        if arguments.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    for trial in trials:
        for fault in trial.faults:
            print(f"\n{trial.notebook}: {fault}", file=sys.stderr)
    return int(any(trial.faults for trial in trials))


if __name__ == "__main__":
    sys.exit(main())
