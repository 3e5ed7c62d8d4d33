"""The command line: ``python -m course_utils``, and one of its commands."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from course_utils import experiments, marking, publish, worksheets
from course_utils.basics.files import expanded
from course_utils.basics.output import spare_the_output
from course_utils.experiments import records


def seeds(text: str) -> list[int] | None:
    """Read seeds from numbers and ranges; None means as many as each experiment wants.

    >>> seeds("0-2,7"), seeds("wanted")
    ([0, 1, 2, 7], None)
    """
    if text == "wanted":
        return None
    chosen: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if (
            not first.isdecimal()
            or not (last or first).isdecimal()
            or int(last or first) < int(first)
        ):
            raise argparse.ArgumentTypeError(
                f'{part!r} is invalid; use numbers and ranges, such as 0-9 or 0,3,5-7, or "wanted"'
            )
        chosen += range(int(first), int(last or first) + 1)
    return chosen


def count(text: str) -> int:
    """Read an integer of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is invalid; use an integer of at least 1")
    return int(text)


def folder(text: str) -> Path:
    """Read a folder; a quoted ``~`` stands for the home folder, as an unquoted one does."""
    try:
        return expanded("--out", text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def list_experiments() -> None:
    """Print one line per experiment: name, source, epochs, how many seeds are recorded."""
    row = "{:40} {:10} {:9} {:>6}  {}"
    print(row.format("name", "source", "task", "epochs", "recorded seeds"))
    for experiment in experiments.REGISTRY.values():
        found = experiments.status_of(experiment)
        stale = len(found.stale)
        recorded = f"{len(found.recorded) + stale}" + (f" ({stale} stale)" if stale else "")
        print(
            row.format(
                experiment.name,
                experiment.source,
                experiment.inventory,
                experiment.epochs,
                recorded,
            )
        )


def run(arguments: argparse.Namespace) -> None:
    """Record the named experiments and print one line per record."""
    words = experiments.ALL if "all" in arguments.names else arguments.names
    chosen = {e.name: e for word in words for e in experiments.find(word)}
    from course_utils.data import DataError  # it brings PyTorch with it

    paths = experiments.sweep(
        chosen.values(),
        arguments.seeds,
        jobs=arguments.jobs,
        threads=arguments.threads,
        dask=arguments.dask,
        epochs=arguments.epochs,
        source=arguments.data,
        folder=arguments.out,
        device=arguments.device,
    )
    try:
        with closing(paths):
            for path in paths:
                history = records.read(path)["history"]
                tqdm.write(f"{path}: test accuracy {history['test_accuracy'][-1]:.4f}")
                sys.stdout.flush()
    except DataError as error:
        raise ValueError(error) from error


def worksheet(arguments: argparse.Namespace) -> None:
    """Write a class's sheets and their key, and print one line per file."""
    paths = worksheets.write(
        arguments.kind,
        seed=arguments.seed,
        count=arguments.count,
        out=arguments.out,
        ties=arguments.ties,
        paper=arguments.paper,
    )
    for path in paths:
        print(path)


def parser() -> argparse.ArgumentParser:
    """Set up the command line's commands and options."""
    top = argparse.ArgumentParser("python -m course_utils", description="The course's workshop.")
    commands = top.add_subparsers(dest="command", required=True)

    commands.add_parser("list", help="list the experiments, their sources, and what is recorded")

    words = commands.add_parser(
        "run", help="run and record experiments; skip what is recorded, resume what was cut off"
    )
    words.add_argument(
        "names", nargs="+", metavar="NAME", help="a name, a task (004d), a report, or all"
    )
    words.add_argument(
        "--seeds",
        type=seeds,
        default=[0],
        help='such as 0-9 or 0,3,5-7 (default 0); "wanted" means as many as each experiment wants',
    )
    words.add_argument("--epochs", type=count, help="make a trial of this length, not a record")
    words.add_argument(
        "--jobs", type=count, help="runs at once (default: one per core, or one on a GPU)"
    )
    words.add_argument(
        "--threads",
        type=count,
        help="threads per run (default: an even share of the cores; 1 with --dask)",
    )
    words.add_argument("--dask", metavar="tcp://HOST:PORT", help="run on the cluster's workers")
    words.add_argument(
        "--data",
        choices=["auto", "mnist", "digits"],
        default="auto",
        help="data set: auto takes the digits where MNIST is not available",
    )
    words.add_argument("--device", default="auto", help='"auto" (default), "cpu" or "cuda"')
    words.add_argument("--out", type=folder, help="folder for the records")

    words = commands.add_parser(
        "status",
        help="show which seeds are recorded, missing and stale",
        description="Print one line per experiment: how many of the wanted seeds are recorded at "
        "full length, which are missing, which are stale. Then say how many experiments are "
        "complete, and which command makes the rest. The exit code is 0 either way.",
    )
    words.add_argument(
        "--out",
        type=folder,
        help="folder of the records (default: those of the course)",
    )
    words.add_argument(
        "--cost", action="store_true", help="show how long all runs take on 1, 16 and 256 workers"
    )

    words = commands.add_parser(
        "publish",
        help="write the book's address into setup cells and links",
        description="Write the address of the book's repository into setup cells and links, and "
        "print the files changed. What you leave out stays as _config.yml has it: with no option, "
        "a new chapter gets its setup cell.",
    )
    words.add_argument("--repository", metavar="URL", help="such as https://github.com/OWNER/NAME")
    words.add_argument("--ref", help="branch, tag or commit")

    words = commands.add_parser(
        "worksheet", help="write problem sheets to solve by hand, each different, and their key"
    )
    kinds = "; ".join(f"{name}: {kind.about}" for name, kind in worksheets.KINDS.items())
    words.add_argument("--kind", choices=worksheets.KINDS, required=True, help=kinds)
    words.add_argument("--seed", type=int, default=0, help="the same seed, the same sheets")
    words.add_argument("--count", type=count, default=30, help="how many sheets (default 30)")
    words.add_argument(
        "--out", type=folder, required=True, metavar="DIR", help="folder for the sheets"
    )
    words.add_argument(
        "--ties", action="store_true", help="put a tie into one window of each sheet"
    )
    words.add_argument(
        "--paper", choices=worksheets.PAPERS, default="a4", help="to print on (default: a4)"
    )

    marking.add_commands(commands, folder=folder, count=count)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command: 0; 2 and one line that says what is wrong; or 130 when interrupted."""
    spare_the_output()
    asked = parser().parse_args(arguments)
    try:
        if asked.command == "list":
            list_experiments()
        elif asked.command == "run":
            run(asked)
        elif asked.command == "status":
            print((experiments.cost if asked.cost else experiments.report)(asked.out))
        elif asked.command == "worksheet":
            worksheet(asked)
        elif asked.command in marking.COMMANDS:
            marking.COMMANDS[asked.command](asked)
        else:
            for path in publish.publish(asked.repository, asked.ref):
                print(path)
    except (ValueError, OSError, FloatingPointError, worksheets.WorksheetError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted: the same command picks up where this one stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
