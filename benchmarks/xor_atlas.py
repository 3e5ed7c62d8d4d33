"""All XOR networks at once against one by one: both in one run, as a ratio.

One by one is what everyone writes: ``nn.Sequential``, ``torch.optim.SGD``, ``zero_grad,
backward, step``. A few networks are trained that way and their time is scaled up to all; both times
are for the report's settings, 3,000 steps, and include drawing the initial weights.
"""

import argparse
import statistics
from functools import partial

import torch
from speed import seconds

from course_utils import xor

STEPS, ROUNDS = 3000, 3


def alone(seed: int) -> torch.nn.Sequential:
    model = xor.network(seed)
    xor.train(model, STEPS)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=10_000, help="default: 10000")
    n = parser.parse_args().networks
    xor.train(xor.network(0), 50)
    xor.Networks(range(n)).train(50)
    one, all_of_them = [], []
    for seed in range(ROUNDS):  # in turns, so that both meet the same load
        one.append(seconds(partial(alone, seed)))
        all_of_them.append(seconds(lambda: xor.Networks(range(n)).train(STEPS)))

    t_one, t_all = statistics.median(one), statistics.median(all_of_them)
    print(f"{n:,} networks 2–2–1, {STEPS:,} steps each, {torch.get_num_threads()} thread(s)")
    print(f"one by one   {n * t_one:9.1f} s, from {t_one:.2f} s for one, the median of {ROUNDS}")
    print(f"all at once  {t_all:9.1f} s, the median of {ROUNDS}")
    print(f"ratio        {n * t_one / t_all:9,.0f} ×")
    print(f"{t_all / (n * STEPS) * 1e9:.0f} ns a network and step")


if __name__ == "__main__":
    main()
