"""Small work by itself, and beside a process for every core: both in one run, as a ratio.

Work on one thread that has a rival on every core gets its share of one, whatever it computes. The
first row is that share alone, a loop of Python; what waits for a second thread is much slower.
"""

import subprocess
import sys
from collections.abc import Callable

import joblib
import torch
from speed import seconds

from course_utils import data, exact, exercises, inspection, models, reports, worksheets, xor

ROUNDS = 3
RIVAL = [sys.executable, "-c", "while True: pass"]


def every_answer() -> None:
    for name, exercise in exercises.REGISTRY.items():
        exercises.judged(name, exercise.right)


def every_network() -> None:
    for network in (models.staged_cnn(depth=3), models.lenet(), models.small_cnn()):
        inspection.trace(network, (1, 28, 28))
        inspection.receptive_field(network[:4], (1, 28, 28))


def by_hand() -> None:
    image = [[(7 * i + 5 * j) % 11 for j in range(12)] for i in range(12)]
    for _ in range(20):
        exact.conv2d([image], [[[[1, -1], [2, 0]]]], padding=1)


def main() -> None:
    mnist = data.load(progress=False)
    works: dict[str, Callable[[], object]] = {
        "a loop of Python": lambda: sum(i * i for i in range(5_000_000)),
        "thirty worksheets": lambda: worksheets.sheets("mixed", seed=1, count=30),
        "every exercise's answer": every_answer,
        "tables and fields": every_network,
        "convolutions in fractions": by_hand,
        "a hundred XOR networks": lambda: xor.Networks(range(100)).train(1000),
        "reproduction": lambda: reports.findings(mnist),
    }
    quiet, busy = {}, {}
    for name, work in works.items():
        work()
        quiet[name] = min(seconds(work) for _ in range(ROUNDS))
    rivals = [subprocess.Popen(RIVAL) for _ in range(joblib.cpu_count())]
    try:
        for name, work in works.items():
            busy[name] = min(seconds(work) for _ in range(ROUNDS))
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()
    print(f"{len(rivals)} rivals, {torch.get_num_threads()} threads")
    for name, alone in quiet.items():
        print(f"{name:26} {alone:6.2f} s {busy[name]:6.2f} s {busy[name] / alone:6.2f} ×")


if __name__ == "__main__":
    main()
