"""One example forwards and back: the numbers of the pictures are those of autograd."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
import torch
import torch.nn.functional as F

from course_utils import xor

NETWORK = ([[1, -0.5], [0.5, 1]], [-0.5, 0.5], [1, -2], 0.25)


def written(value):
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return text.replace("-", "−") if text != "-0" else "0"


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("x", [[1, 0], [1, 1], [0.5, -2]])
def test_the_last_picture_has_the_gradients_of_autograd(x, target):
    frames, captions = xor.passes(*NETWORK, x, target, lr=0.1)
    parts = [torch.tensor(part, dtype=torch.float64).requires_grad_() for part in NETWORK]

    def loss(w, b, v, c):
        z = torch.tanh(w @ torch.tensor(x, dtype=torch.float64) + b) @ v + c
        wanted = torch.tensor(float(target), dtype=torch.float64)
        return F.binary_cross_entropy_with_logits(z, wanted)

    before = loss(*parts)
    before.backward()
    shown = [t.text for t in ET.fromstring(frames[-1]).iter("{http://www.w3.org/2000/svg}text")]
    for part in parts:
        for gradient in part.grad.flatten().tolist():
            assert written(gradient) in shown
    assert f"loss {written(before.item())}" in shown
    after = loss(*(part - 0.1 * part.grad for part in parts))
    assert captions[-1].endswith(f"the loss goes to {written(after.item())}.")
    assert after < before


def test_a_way_by_hand():
    """W = 1, b = 0, v = (1, 1), c = 0, x = (1, 0): u = (1, 0), h = (tanh 1, 0), z = tanh 1."""
    frames, captions = xor.passes([[1, 0], [0, 1]], [0, 0], [1, 1], 0, [1, 0], 0)
    h = (math.e - 1 / math.e) / (math.e + 1 / math.e)
    p = 1 / (1 + math.exp(-h))
    assert len(frames) == len(captions) == 11
    assert f"z = 1 · {h:.3f} + 1 · 0 + 0 = {h:.3f}" in captions[3]
    assert captions[4].startswith(f"The loss is the surprise, −ln (1 − p) = {-math.log(1 - p):.3f}")
    assert f"= {p * (1 - h * h):.3f} and" in captions[8]


def test_numbers_come_one_after_another():
    frames, _ = xor.passes(*NETWORK, [1, 0], 1)
    drawn = [len(re.findall("<text", frame)) for frame in frames]
    assert drawn == sorted(drawn)
    assert frames == xor.passes(*NETWORK, [1, 0], 1)[0]
    assert sum(map(len, frames)) < 45_000


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"w": [1, 2]}, "w: shape (2,) is invalid; use (2, 2)"),
        ({"x": [1, 2, 3]}, "x: shape (3,) is invalid; use (2,)"),
        ({"y": 0.5}, "y: 0.5 is invalid; use 0 or 1"),
    ],
)
def test_what_does_not_fit_is_named(change, text):
    given = dict(zip("wbvcxy", (*NETWORK, [1, 0], 1), strict=True)) | change
    with pytest.raises(ValueError, match=re.escape(text)):
        xor.passes(**given)
