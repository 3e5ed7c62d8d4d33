"""Train the networks that run in the pages, and store their weights as half floats.

python scripts/weights.py                        all of them
python scripts/weights.py cnn-8-16-32-adam       one

Each is its experiment with seed 0, trained as `python -m course_utils run NAME --seeds 0` does. A
run that is cut off goes on where it stopped.
"""

import argparse
import sys

from course_utils import data, live
from course_utils.experiments import REGISTRY, train


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"default: {', '.join(live.NETWORKS)}")
    names = parser.parse_args().names or list(live.NETWORKS)
    mnist = data.load(source="mnist", validation=0)
    for name in names:
        checkpoint = live.WEIGHTS / f"{name}.checkpoint"
        network, history = train(REGISTRY[name], mnist, 0, device="cpu", checkpoint=checkpoint)
        live.store(name, network)
        checkpoint.unlink()
        print(f"{name}: test accuracy {history.test_accuracy[-1]:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
