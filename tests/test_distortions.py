"""Images moved, turned and made noisy: by hand, against PyTorch over many sizes, by property."""

import math
from functools import partial

import pytest
import torch
from drawing import drawn, tried
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import rotate as reference

from course_utils.data.distortions import add_noise, centre, jitter, rotate, shift

pytestmark = pytest.mark.usefixtures("one_thread")

SIZES = [(1, 1), (2, 3), (5, 5), (8, 8), (7, 12), (14, 9), (28, 28)]
BAD_IMAGES = [torch.zeros(3, 4, 4), torch.zeros(2, 1, 4, 4, dtype=torch.int64)]


# --- shift


def test_a_shift_by_hand():
    x = torch.tensor([[[[1, 2, 3], [4, 5, 6]]]], dtype=torch.uint8)
    assert shift(x, 1, -1).tolist() == [[[[0, 0, 0], [2, 3, 0]]]]
    assert shift(x, 0, 2, fill=8).tolist() == [[[[8, 8, 1], [8, 8, 4]]]]
    assert shift(x, 0, 0).tolist() == x.tolist()


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_shift_is_padding_and_cutting(height, width):
    """PyTorch pads a tensor and, by a negative amount, cuts it."""
    compared = 0
    for kind in (torch.uint8, torch.float32):
        x = drawn(3, 2, height, width, dtype=kind)
        for down in range(-3, 4):
            for right in range(-3, 4):
                padded = nn.functional.pad(x, (3, 3, 3, 3), value=7)
                cut = padded[..., 3 - down : 3 - down + height, 3 - right : 3 - right + width]
                moved = shift(x, down, right, fill=7)
                assert moved.dtype == kind
                assert torch.equal(moved, cut)
                compared += 1
    assert compared == 98


def test_each_image_moves_by_its_own_amount():
    x = drawn(4, 2, 6, 5)
    rows, columns = torch.tensor([0, 1, -2, 9]), torch.tensor([3, 0, -1, 0])
    moved = shift(x, rows, columns)
    for i in range(4):
        alone = shift(x[i : i + 1], int(rows[i]), int(columns[i]))
        assert torch.equal(moved[i : i + 1], alone)
    assert moved[3].sum() == 0


@tried(60)
@given(st.integers(-4, 4), st.integers(-4, 4), st.integers(0, 9))
def test_a_shift_and_its_opposite_cancel_where_nothing_leaves(down, right, seed):
    x = torch.zeros(2, 1, 14, 14)
    x[..., 4:10, 4:10] = drawn(2, 1, 6, 6, seed=seed, dtype=torch.float32)
    assert torch.equal(shift(shift(x, down, right), -down, -right), x)
    assert shift(x, down, right).sum().isclose(x.sum())


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        (1.5, 0, "rows: 1.5 is invalid; use an integer"),
        (0, True, "columns: True is invalid"),
        (0, torch.tensor([1, 2, 3]), "one for each of the 2 images"),
        (torch.tensor([1.0, 2.0]), 0, "rows: torch.float32 of shape [2]".replace("[", r"\[")),
    ],
)
def test_a_shift_by_no_whole_number_is_refused(rows, columns, words):
    with pytest.raises(ValueError, match=words):
        shift(drawn(2, 1, 4, 4), rows, columns)


# --- rotate


def test_a_quarter_turn_by_hand():
    x = torch.tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], dtype=torch.uint8)
    assert rotate(x, 90).tolist() == [[[[3, 6, 9], [2, 5, 8], [1, 4, 7]]]]
    assert rotate(x, -90).tolist() == [[[[7, 4, 1], [8, 5, 2], [9, 6, 3]]]]
    assert rotate(x, 180).tolist() == [[[[9, 8, 7], [6, 5, 4], [3, 2, 1]]]]


def test_an_eighth_turn_by_hand():
    """Of 3×3 pixels the right one comes from √½ right and √½ down of the middle."""
    x = torch.zeros(1, 1, 3, 3, dtype=torch.float64)
    x[0, 0, 1, 1], x[0, 0, 1, 2], x[0, 0, 2, 2] = 1, 10, 100
    u = math.sqrt(0.5)
    expected = (1 - u) * (1 - u) * 1 + u * (1 - u) * 10 + u * u * 100
    assert rotate(x, 45)[0, 0, 1, 2].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_quarter_turns_are_those_of_rot90(height, width):
    for kind, near in ((torch.uint8, 0), (torch.float64, 1e-12)):
        x = drawn(2, 3, height, width, dtype=kind)
        for quarters in (2,) if height != width else (1, 2, 3, 4):
            turned = rotate(x, 90 * quarters, fill=9)
            exact = torch.rot90(x, quarters, (2, 3))
            assert (turned.double() - exact.double()).abs().max() <= near


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_turn_is_torchvisions(height, width):
    """float32 coordinates there, float64 here: they differ by less than a thousandth of a pixel."""
    for angle in (-170, -45, -7.5, 0, 3, 30, 61, 110):
        x = drawn(2, 1, height, width, dtype=torch.float32)
        theirs = reference(x, angle, InterpolationMode.BILINEAR)
        assert (rotate(x, angle) - theirs).abs().max() < 1e-3


def test_each_image_turns_by_its_own_angle():
    x = drawn(3, 1, 9, 9)
    angles = torch.tensor([0.0, 20.0, -75.0])
    turned = rotate(x, angles)
    for i in range(3):
        assert torch.equal(turned[i : i + 1], rotate(x[i : i + 1], angles[i].item()))


@tried(40)
@given(st.floats(-360, 360), st.integers(0, 9))
def test_a_flat_image_stays_flat_and_a_round_one_round(angle, seed):
    flat = torch.full((1, 1, 7, 9), 3.5, dtype=torch.float64)
    assert torch.allclose(rotate(flat, angle, fill=3.5), flat)
    x = drawn(1, 1, 9, 9, seed=seed, dtype=torch.float64)
    assert rotate(x, angle).max() <= x.max() + 1e-12  # a weighted mean of pixels and of fill
    assert rotate(x, angle).min() >= 0
    assert rotate(x, angle)[0, 0, 4, 4].item() == pytest.approx(x[0, 0, 4, 4].item())


@pytest.mark.parametrize("degrees", [math.nan, math.inf, torch.zeros(3), torch.zeros(2, 1)])
def test_an_angle_that_is_none_is_refused(degrees):
    with pytest.raises(ValueError, match="degrees: .*; use a finite angle, or one for each"):
        rotate(drawn(2, 1, 4, 4), degrees)


# --- noise


def test_noise_has_its_deviation_and_its_seed():
    grey = torch.full((4, 1, 100, 100), 128, dtype=torch.uint8)
    noisy = add_noise(grey, 20, seed=1)
    assert noisy.dtype == torch.uint8
    assert noisy.double().mean().item() == pytest.approx(128, abs=0.5)
    # Rounding to whole levels adds a variance of 1/12.
    assert noisy.double().std().item() == pytest.approx(math.sqrt(20**2 + 1 / 12), rel=0.02)
    assert torch.equal(noisy, add_noise(grey, 20, seed=1))
    assert not torch.equal(noisy, add_noise(grey, 20, seed=2))


def test_noise_is_pytorchs_normal_draw():
    x = drawn(3, 1, 5, 6, dtype=torch.float32)
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(5))
    assert torch.equal(add_noise(x, 0.5, seed=5), x + 0.5 * noise)
    levels = drawn(3, 1, 5, 6)
    clipped = (levels + 90 * noise).round().clamp(0, 255)
    assert clipped.min() == 0 and clipped.max() == 255  # both ends are reached
    assert torch.equal(add_noise(levels, 90, seed=5).float(), clipped)
    assert torch.equal(add_noise(levels, 0, seed=5), levels)


@pytest.mark.parametrize("sd", [-1, math.nan, math.inf])
def test_a_deviation_that_is_none_is_refused(sd):
    with pytest.raises(ValueError, match=f"sd: {sd} is invalid; use a finite number of at least 0"):
        add_noise(drawn(1, 1, 2, 2), sd, seed=0)


# --- jitter


def test_jitter_moves_every_distance_alike():
    dots = torch.zeros(9000, 1, 7, 7)
    dots[..., 3, 3] = 1
    places = jitter(dots, pixels=1, seed=0).flatten(1).argmax(1).bincount(minlength=49)
    assert places.reshape(7, 7)[2:5, 2:5].sum() == 9000
    # 1000 each, with a deviation of √(9000 · 1/9 · 8/9) = 29.8; five of those are left.
    assert (places.reshape(7, 7)[2:5, 2:5] - 1000).abs().max() < 5 * 29.8


def test_jitter_turns_by_every_angle_alike():
    """The angles are read off a wedge: the higher moment of a turned bar gives its direction."""
    bar = torch.zeros(4000, 1, 41, 41)
    bar[..., 20, 20:41] = 1
    turned = jitter(bar, degrees=40, seed=3)[:, 0].double()
    across = torch.arange(41) - 20.0
    x, y = (turned.sum(1) * across).sum(1), -(turned.sum(2) * across).sum(1)
    angles = torch.rad2deg(torch.atan2(y, x))
    assert angles.abs().max() < 41
    counts = torch.histc(angles, 4, -40, 40)
    assert (counts - 1000).abs().max() < 5 * math.sqrt(4000 * 1 / 4 * 3 / 4) + 30


def test_jitter_is_turn_then_shift_then_noise():
    x = drawn(5, 1, 12, 12)
    generator = torch.Generator().manual_seed(8)
    angle, down, right = torch.rand(3, 5, generator=generator, dtype=torch.float64)
    noise_seed = int(torch.randint(2**62, (), generator=generator))
    turned = rotate(x, 60 * angle - 30)
    moved = shift(turned, (5 * down).floor().long() - 2, (5 * right).floor().long() - 2)
    noisy = add_noise(moved, 40, seed=noise_seed)
    assert torch.equal(jitter(x, pixels=2, degrees=30, sd=40, seed=8), noisy)
    assert torch.equal(jitter(x, seed=8), x)
    assert not torch.equal(jitter(x, pixels=2, seed=8), jitter(x, pixels=2, seed=9))


@pytest.mark.parametrize("pixels", [-1, 1.5, True])
def test_a_largest_shift_that_is_none_is_refused(pixels):
    with pytest.raises(
        ValueError, match=f"pixels: {pixels} is invalid; use an integer of at least 0"
    ):
        jitter(drawn(1, 1, 2, 2), pixels=pixels, seed=0)


# --- centre


def test_a_centre_by_hand():
    """Centre of mass: row (0·1 + 1·3)/4 = 0.75, column 0; the middle of 5 is 2."""
    x = torch.zeros(1, 1, 5, 5, dtype=torch.uint8)
    x[0, 0, 0, 0], x[0, 0, 1, 0] = 1, 3
    moved = torch.zeros_like(x)
    moved[0, 0, 1, 2], moved[0, 0, 2, 2] = 1, 3  # by round(2 − 0.75) = 1 and by 2
    assert torch.equal(centre(x), moved)


@tried(80)
@given(st.integers(-4, 4), st.integers(-4, 4), st.integers(0, 9), st.booleans())
def test_centring_undoes_every_shift_that_lost_no_ink(down, right, seed, whole):
    kind = torch.uint8 if whole else torch.float64
    x = torch.zeros(3, 1, 16, 15, dtype=kind)
    x[..., 5:11, 5:10] = drawn(3, 1, 6, 5, seed=seed, dtype=kind)
    assert torch.equal(centre(shift(x, down, right)), centre(x))
    assert torch.equal(centre(centre(x)), centre(x))


def test_a_centre_of_mass_between_two_places_moves_one_way():
    """Two equal pixels side by side on an odd frame: the same choice wherever they stand."""
    for start in range(6):
        x = torch.zeros(1, 1, 7, 7, dtype=torch.uint8)
        x[0, 0, 3, start : start + 2] = 77
        assert centre(x)[0, 0, 3].tolist() == [0, 0, 0, 77, 77, 0, 0]


def test_an_empty_image_stays_and_ink_below_zero_is_refused():
    assert torch.equal(centre(torch.zeros(2, 1, 4, 4)), torch.zeros(2, 1, 4, 4))
    with pytest.raises(ValueError, match="images: -1.0 is invalid; use pixels of at least 0"):
        centre(torch.full((1, 1, 2, 2), -1.0))


# --- all of them


@pytest.mark.parametrize("images", BAD_IMAGES, ids=["three dimensions", "int64"])
@pytest.mark.parametrize(
    "distortion",
    [
        partial(shift, rows=0, columns=0),
        partial(rotate, degrees=0),
        partial(add_noise, sd=1, seed=0),
        partial(jitter, seed=0),
        centre,
    ],
    ids=["shift", "rotate", "add_noise", "jitter", "centre"],
)
def test_what_is_no_image_is_refused(distortion, images):
    with pytest.raises(ValueError, match=r"images: torch\..* is invalid; use \[N, C, H, W\]"):
        distortion(images)


@pytest.mark.parametrize("kind", [torch.uint8, torch.float16, torch.float32, torch.float64])
def test_every_distortion_keeps_type_and_shape_and_its_input(kind):
    x = (100 * drawn(3, 2, 6, 8, dtype=torch.float64)).to(kind)
    x[..., :3, :] = 0
    before = x.clone()
    results = [
        shift(x, 1, -1), rotate(x, 33), add_noise(x, 2, seed=0), centre(x),
        jitter(x, pixels=1, degrees=9, sd=1, seed=0),
    ]  # fmt: skip
    for result in results:
        assert (result.dtype, result.shape) == (kind, x.shape)
        assert not torch.equal(result, x)
    assert torch.equal(x, before)


def test_on_mnist_centring_moves_by_a_pixel_and_undoes_a_shift(mnist):
    """MNIST's digits lie with their mass around pixel 14; the middle of the frame is 13.5."""
    images = mnist.test.images[:2000]
    known = torch.zeros(len(images), dtype=torch.bool)
    for rows in (-1, 0):
        for columns in (-1, 0):
            known |= (centre(images) == shift(images, rows, columns)).flatten(1).all(1)
    print(f"of {len(images)} test images, centring moves {known.sum()} by a pixel at most")
    assert known.double().mean() > 0.99
    moved = shift(images, 2, -3)
    whole = (shift(moved, -2, 3) == images).flatten(1).all(1)
    assert whole.sum() > 1500  # the others lost ink at the edge
    assert torch.equal(centre(moved)[whole], centre(images)[whole])
