"""Mark a made-up class, with mischief in it, and say how long that takes and what went wrong.

python scripts/marking_trial.py                       thirty students, three pages
python scripts/marking_trial.py --students 8 --pages 01a
"""

import argparse
import importlib
import json
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

from course_utils.marking.classroom import mark
from course_utils.marking.pages import read_pages
from course_utils.marking.session import Limits

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--pages", nargs="+", default=["01a", "01b", "06e"])
    parser.add_argument("--seconds", type=int, default=20, help="for a cell (default: 20)")
    parser.add_argument("--out", type=Path, help="keep what was handed in and the marks here")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    made_up_class = importlib.import_module("made_up_class")
    folder = asked.out or Path(tempfile.mkdtemp(prefix="class-"))
    pages = list(read_pages(ROOT / "book", asked.pages).values())
    (folder / "handed").mkdir(parents=True)
    secret = folder / "secret"
    secret.write_text("grades", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        expected, troubles = made_up_class.handed_in(
            folder / "handed", pages, asked.students, str(secret), server.getsockname()
        )
        start, used = time.perf_counter(), os.times()
        mark(
            folder / "handed",
            folder / "marks",
            book=ROOT / "book",
            pages=asked.pages,
            limits=Limits(asked.seconds),
        )
    marked = json.loads((folder / "marks" / "marks.json").read_text(encoding="utf-8"))
    wrong = list(made_up_class.wrongs(marked, expected, troubles, pages))
    print(*wrong, sep="\n")
    notebooks = sum(len(student["files"]) for student in marked["students"])
    mistakes = sum(len(told["mistakes"]) for told in marked["exercises"].values())
    print(
        f"{notebooks} notebooks, {len(troubles)} of them mischief: "
        f"{time.perf_counter() - start:.0f} s. {mistakes} mistakes are named; "
        f"{len(wrong)} results are not as expected. {folder}"
    )
    print(f"The marker itself took {os.times().user - used.user:.0f} s of processor time.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
