"""Draw the picture of the front page: one digit on its way through a small trained network.

python scripts/front.py        train for an epoch on MNIST, and write book/_static/front.png
"""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from torch import nn

from course_utils import data, models, plotting, training

OUT = Path(__file__).resolve().parent.parent / "book" / "_static" / "front.png"
MAPS = 3  # of each stage
WORDS = (
    "28 × 28 pixels",
    "strokes\n(chapter 1)",
    "parts\n(chapter 2)",
    "learned\n(3, 4, 5)",
    "and sure?\n(chapter 6)",
)


def maps(network: nn.Sequential, image: torch.Tensor) -> list[torch.Tensor]:
    """The output of each ReLU: [C, H, W], from the first stage to the last."""
    found = []
    for layer in network:
        image = layer(image)
        if isinstance(layer, nn.ReLU) and image.ndim == 4:
            found.append(image[0])
    return found


def main() -> None:
    """Train for an epoch, follow the first test image, draw."""
    mnist = data.load(source="mnist", validation=0)
    with training.seeded(0, "weights"):
        network = models.staged_cnn()
    training.fit(network, mnist.train, optimizer="adam", lr=3e-3, epochs=1, batch_size=128, seed=0)
    network.eval()
    with torch.no_grad():
        x = mnist.test.inputs()[:1]
        stages, scores = maps(network, x), network(x)[0].softmax(0)
    with plotting.style():
        figure = plt.figure(figsize=(7.2, 3.3), layout="none")
        lefts = (0.01, 0.25, 0.43, 0.61, 0.80)
        _image(figure, x[0, 0], (lefts[0], 0.42, 0.17, 0.37))
        for left, stage in zip(lefts[1:4], stages, strict=True):
            strongest = stage.amax(dim=(1, 2)).argsort(descending=True)[:MAPS]
            for row, unit in enumerate(sorted(strongest.tolist())):
                _image(figure, stage[unit], (left, 0.72 - 0.245 * row, 0.11, 0.235))
        axes = figure.add_axes((lefts[4] + 0.03, 0.24, 0.15, 0.72))
        axes.barh(
            range(10),
            scores,
            color=[plotting.COLOURS[int(k == scores.argmax())] for k in range(10)],
        )
        axes.set(yticks=range(10), xticks=[], ylim=(9.6, -0.6))
        axes.grid(visible=False)
        for left, words in zip(lefts, WORDS, strict=True):
            figure.text(left, 0.18, words, va="top")
        for left in (0.205, 0.38, 0.56, 0.74):
            figure.text(left, 0.6, "→", fontsize=20, ha="center", va="center")
        figure.savefig(OUT, dpi=150)


def _image(figure: Figure, values: torch.Tensor, box: tuple[float, float, float, float]) -> None:
    axes = figure.add_axes(box)
    axes.imshow(values, cmap="gray_r")
    axes.set_axis_off()


if __name__ == "__main__":
    main()
