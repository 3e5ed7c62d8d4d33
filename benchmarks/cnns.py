"""The course's convolutional networks against the usual loops: all in one run, as ratios.

An epoch of two of the reports' networks against the usual loop (torchvision's MNIST, ToTensor, a
shuffling DataLoader, PyTorch's defaults), and the time to 99 % against two recipes in use:

- a published one for one epoch: 24 and 32 channels, FC 800–256–10, Adam, one cycle, images in
  memory; it is timed, and its accuracy is printed;
- the usual example: 32 and 64 channels, dropout, FC 9216–128–10, Adadelta, a DataLoader; timed
  until its test accuracy, measured after each epoch, first reaches 99 %.
"""

import argparse
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from speed import seconds
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms

from course_utils import data, evaluation
from course_utils.experiments import REGISTRY, build, prepared
from course_utils.training import evaluate, fit, make_optimizer, speedrun, supports_bf16

EPOCHS = {"8–16–32": "cnn-8-16-32-sgd", "5×5 BN": "cnn-32-32-64-bn-adam-lr-0.01"}
GOAL = 0.99


def usual_epoch(
    model: nn.Module, optimizer: torch.optim.Optimizer, loader: DataLoader[Any]
) -> None:
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()


def loader_of(split: data.Split, batch_size: int) -> DataLoader[Any]:
    images = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize((split.mean,), (split.std,))]
    )
    return DataLoader(split.as_dataset(images), batch_size=batch_size, shuffle=True)


def epoch_ratios(name: str, dataset: data.Dataset, rounds: int) -> None:
    """Print one epoch's seconds: the usual loop, ours, and ours in bf16 if the processor has it."""
    experiment = REGISTRY[EPOCHS[name]]
    images = prepared(experiment, dataset).train
    loader = loader_of(images, experiment.batch_size)
    settings = experiment.optimizer_args

    def usual() -> None:
        model = build(experiment, 0)
        optimizer = make_optimizer(
            experiment.optimizer, model.parameters(), **settings, fused=False
        )
        usual_epoch(model, optimizer, loader)

    def ours(precision: str) -> None:
        fit(
            build(experiment, 0),
            images,
            optimizer=partial(make_optimizer, experiment.optimizer, **settings),
            epochs=1,
            batch_size=experiment.batch_size,
            seed=0,
            device="cpu",
            precision=precision,
            progress=False,
        )

    precisions = ["fp32", *(["bf16"] if supports_bf16("cpu") else [])]
    times: dict[str, list[float]] = {key: [] for key in ("usual", *precisions)}
    for _ in range(rounds):
        times["usual"].append(seconds(usual))
        for precision in precisions:
            times[precision].append(seconds(partial(ours, precision)))
    usual_time = statistics.median(times["usual"])
    print(f"{name}: usual loop {usual_time:.1f} s an epoch", end="")
    for precision in precisions:
        ours_time = statistics.median(times[precision])
        print(f"; ours in {precision} {ours_time:.1f} s, {usual_time / ours_time:.1f} ×", end="")
    print(flush=True)


def published_network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 24, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(24, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10),
    )  # fmt: skip


def published(dataset: data.Dataset, seed: int) -> nn.Module:
    """Train one epoch in batches of 256, from images held in memory as floats."""
    torch.manual_seed(seed)
    model = published_network()
    x, labels = dataset.train.inputs(), dataset.train.labels
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.7, 0.9))
    steps = -(-len(x) // 256)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for index in torch.randperm(len(x)).split(256):
        optimizer.zero_grad()
        F.cross_entropy(model(x[index]), labels[index]).backward()
        optimizer.step()
        schedule.step()
    return model


def example_network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 10),
    )  # fmt: skip


def example(dataset: data.Dataset, most: int = 14) -> tuple[float, float, int]:
    """Seconds of training until 99 %, the accuracy reached, and the number of epochs."""
    torch.manual_seed(0)
    model = example_network()
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.7)
    loader = loader_of(dataset.train, 64)
    total, accuracy, epochs = 0.0, 0.0, 0
    while accuracy < GOAL and epochs < most:
        total += seconds(lambda: usual_epoch(model, optimizer, loader))
        schedule.step()
        accuracy = evaluate(model, dataset.test).accuracy
        epochs += 1
    return total, accuracy, epochs


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    found: list[Any] = []
    return seconds(lambda: found.append(work())), found[0]


def time_to_goal(dataset: data.Dataset, seeds: int, with_example: bool) -> None:
    """Print the speedrun's accuracy and time over the seeds, and how much longer others take."""
    normalized = dataset.normalized()
    speedrun(dataset, 99)  # a process's first run pays for what later ones find ready
    runs, others = [], []
    for seed in range(seeds):  # in turns, so that both meet the same load
        runs.append(speedrun(dataset, seed))
        others.append(timed(partial(published, normalized, seed)))
    ours = statistics.median(run.seconds for run in runs)
    theirs = statistics.median(time for time, _ in others)
    accuracies = [run.accuracy for run in runs]
    print(f"speedrun ({runs[0].precision}): {ours:.2f} s, accuracy", end=" ")
    print(evaluation.mean_interval(accuracies), flush=True)
    reached = [evaluate(model, normalized.test).accuracy for _, model in others]
    print(
        f"published recipe: {theirs:.2f} s, accuracy {evaluation.mean_interval(reached)};", end=" "
    )
    print(f"{theirs / ours:.1f} × as long", flush=True)
    if with_example:
        time, accuracy, epochs = example(normalized)
        print(f"usual example: {time:.0f} s to {accuracy:.2%} in {epochs} epochs;", end=" ")
        print(f"{time / ours:.0f} × as long", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1, help="of each epoch (default: 1)")
    parser.add_argument("--seeds", type=int, default=10, help="of each recipe (default: 10)")
    parser.add_argument("--skip-example", action="store_true", help="leave out the slowest")
    options = parser.parse_args()
    dataset = data.load(validation=0)
    bf16 = "has" if supports_bf16("cpu") else "has no"
    print(f"{dataset.source}, {torch.get_num_threads()} threads, this processor {bf16} bf16")
    time_to_goal(dataset, options.seeds, not options.skip_example)
    for name in EPOCHS:
        epoch_ratios(name, dataset, options.rounds)


if __name__ == "__main__":
    main()
