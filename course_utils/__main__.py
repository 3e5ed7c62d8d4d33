"""The command line: ``python -m course_utils list | run | publish | worksheet``."""

import argparse
import sys
from pathlib import Path

from course_utils import experiments, publish, records, worksheets
from course_utils.data import DataError


def seeds(text: str) -> list[int]:
    """Seeds from a list of numbers and ranges.

    >>> seeds("0-2,7")
    [0, 1, 2, 7]
    """
    chosen: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if (
            not first.isdecimal()
            or not (last or first).isdecimal()
            or int(last or first) < int(first)
        ):
            raise argparse.ArgumentTypeError(
                f"{part!r} is no seed and no range; write numbers and ranges, as 0-9 or 0,3,5-7"
            )
        chosen += range(int(first), int(last or first) + 1)
    return chosen


def count(text: str) -> int:
    """A whole number from 1 up."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count; use an integer from 1 up")
    return int(text)


def list_experiments() -> None:
    """A line an experiment: name, source, epochs, how many seeds are recorded."""
    row = "{:40} {:10} {:9} {:>6}  {}"
    print(row.format("name", "source", "task", "epochs", "recorded seeds"))
    for experiment in experiments.REGISTRY.values():
        runs = records.read_all(records.SHIPPED / experiment.name)
        stale = sum(run["hash"] != experiment.hash for run in runs)
        recorded = f"{len(runs)}" + (f" ({stale} stale)" if stale else "")
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
    """Record the named experiments and print a line a record."""
    chosen = {e.name: e for word in arguments.names for e in experiments.find(word)}
    paths = experiments.sweep(
        chosen.values(),
        arguments.seeds,
        jobs=arguments.jobs,
        epochs=arguments.epochs,
        source=arguments.data,
        folder=arguments.out,
        device=arguments.device,
    )
    for path in paths:
        history = records.read(path)["history"]
        print(f"{path}: test accuracy {history['test_accuracy'][-1]:.4f}", flush=True)


def worksheet(arguments: argparse.Namespace) -> None:
    """Write a class's sheets and their key, and print a line a file."""
    paths = worksheets.write(
        arguments.kind,
        seed=arguments.seed,
        count=arguments.count,
        out=arguments.out,
        ties=arguments.ties,
    )
    for path in paths:
        print(path)


def parser() -> argparse.ArgumentParser:
    """The words of the command line."""
    top = argparse.ArgumentParser("python -m course_utils", description="The course's workshop.")
    commands = top.add_subparsers(dest="command", required=True)

    commands.add_parser("list", help="the experiments, their sources, and what is recorded")

    words = commands.add_parser("run", help="run experiments and record them; resumes, skips")
    words.add_argument("names", nargs="+", metavar="NAME", help="name, task (004d) or report")
    words.add_argument("--seeds", type=seeds, default=[0], help="as 0-9 or 0,3,5-7 (default 0)")
    words.add_argument("--epochs", type=count, help="a trial of this length, not a record")
    words.add_argument("--jobs", type=count, help="runs at once (default: one a core)")
    words.add_argument("--data", choices=["auto", "mnist", "digits"], default="auto")
    words.add_argument("--device", default="auto", help='"auto", "cpu", "cuda" …')
    words.add_argument("--out", type=Path, help="folder for the records")

    words = commands.add_parser(
        "publish", help="write the book's address into notebooks and badges"
    )
    words.add_argument("--repository", required=True, metavar="URL")
    words.add_argument("--ref", required=True, help="branch, tag or commit")

    words = commands.add_parser(
        "worksheet", help="sheets to solve by hand, each different, and their key"
    )
    kinds = "; ".join(f"{name}: {kind.about}" for name, kind in worksheets.KINDS.items())
    words.add_argument("--kind", choices=worksheets.KINDS, required=True, help=kinds)
    words.add_argument("--seed", type=int, default=0, help="the same seed, the same sheets")
    words.add_argument("--count", type=count, default=30, help="how many sheets (default 30)")
    words.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for them")
    words.add_argument("--ties", action="store_true", help="a tie in one window of each sheet")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command: 0, or 2 and one line that says what is wrong, or 130 when interrupted."""
    asked = parser().parse_args(arguments)
    try:
        if asked.command == "list":
            list_experiments()
        elif asked.command == "run":
            run(asked)
        elif asked.command == "worksheet":
            worksheet(asked)
        else:
            publish.publish(asked.repository, asked.ref)
    except (
        ValueError,
        OSError,
        DataError,
        FloatingPointError,
        worksheets.WorksheetError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted: the same command goes on where this one stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
