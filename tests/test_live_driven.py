"""The networks in the page as readers meet them: by mouse, finger, keys, on paper, unscripted."""

import copy
import re

import book_html
import numpy as np
import pytest
import torch
from scipy import stats

from course_utils import live, xor
from course_utils.experiments import REGISTRY
from course_utils.live.look import SCALES, digits

CNN, MLP, BN = live.NETWORKS
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
INK = """() => {
    const copy = new OffscreenCanvas(28, 28).getContext("2d", {willReadFrequently: true});
    copy.drawImage(document.querySelector(".paper"), 0, 0);
    return [...copy.getImageData(0, 0, 28, 28).data];
}"""


@pytest.fixture
def show(open_alone):
    """Open a page that holds a widget alone."""

    def show(widget, width=1280, **options):
        page = "<!doctype html><meta charset=utf-8><title>Widget</title>"
        page += "<meta name=viewport content='width=device-width'><body>"
        return open_alone(page + widget.html, width, **options)

    return show


def inputs(pixels, name):
    """Images in [0, 1], ``[28, 28]`` each, as the network is given them."""
    mean, std = SCALES[REGISTRY[name].normalization]
    return ((torch.as_tensor(np.array(pixels)).double() - mean) / std).float().view(-1, 1, 28, 28)


def first_digit():
    return digits()[0][0] / 255


def torch_scores(name, pixels):
    with torch.no_grad():
        return live.load(name)(inputs(pixels, name))[0].numpy()


def page_scores(tab, place=0):
    """The ten scores that the page shows for a network."""
    tab.evaluate(FRAME)
    found = tab.locator(".net").nth(place).locator(".bar .p").all_inner_texts()
    return [number(re.search(r"\((.+)\)", text)[1]) for text in found]


def number(text):
    return float(text.replace("−", "-"))


def drawn(tab):
    """The digit on the canvas, in [0, 1]; without the mark of the keys."""
    tab.evaluate("document.activeElement.blur()")
    tab.evaluate(FRAME)
    return 1 - np.reshape(tab.evaluate(INK), (28, 28, 4))[:, :, 0] / 255


def slide(tab, name, presses, key="ArrowRight"):
    tab.locator(f"input[name={name}]").focus()
    for _ in range(presses):
        tab.keyboard.press(key)


# By the mouse


def test_a_digit_drawn_by_mouse_is_read_as_pytorch_reads_it(show):
    tab = show(live.look(CNN))
    tab.get_by_label("start from").select_option(label="an empty sheet")
    assert drawn(tab).sum() == 0
    box = tab.locator(".paper").bounding_box()
    tab.mouse.move(box["x"] + 112, box["y"] + 40)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 112, box["y"] + 180)
    tab.mouse.up()
    pixels = drawn(tab)
    assert 18 <= (pixels[:, 13:15].max(1) > 0.5).sum() <= 22  # 140 of 224 CSS pixels, and the pen
    scores = page_scores(tab)
    assert np.abs(scores - torch_scores(CNN, pixels)).max() < 0.5  # the canvas rounds to 1/255
    assert np.argmax(scores) == 1
    assert "three convolutions, 8–16–32: 1, " in tab.get_by_role("status").inner_text()

    tab.locator(".panel select").nth(1).select_option("erase")
    tab.mouse.move(box["x"] + 112, box["y"] + 40)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 112, box["y"] + 180)
    tab.mouse.up()
    erased = drawn(tab)  # but for the paler rim, where the pen is half as strong
    assert erased.max() < 0.51
    assert erased.sum() < pixels.sum() / 2


def test_twenty_digits_to_begin_with(show):
    tab = show(live.look(CNN))
    images, labels = digits()
    assert tab.get_by_label("start from").locator("option").count() == 21
    for k in (0, 7, 19):
        tab.get_by_label("start from").select_option(index=k)
        assert np.allclose(page_scores(tab), torch_scores(CNN, images[k] / 255), atol=6e-4)
        tab.get_by_text("Undo all changes").click()
    assert sorted(labels) == sorted([*range(10)] * 2)


def test_every_change_changes_the_digit_and_is_undone(show):
    tab = show(live.look(CNN))
    before = drawn(tab)
    for name in ("turn", "thick", "noise"):
        slide(tab, name, 2)
        after = drawn(tab)
        assert np.abs(after - before).max() > 0.1, name
        if name == "thick":
            assert (after >= before).all()
        tab.get_by_text("Undo all changes").click()
        assert (drawn(tab) == before).all()
    tab.locator(".panel select").nth(1).select_option(label="cover with a patch")
    tab.locator(".paper").click(position={"x": 116, "y": 116})  # the middle of pixel 14, 14
    after = drawn(tab)
    assert (after[10:19, 10:19] == 0).all()
    assert before[10:19, 10:19].max() > 0


def test_two_networks_side_by_side_under_a_shift(show):
    tab = show(live.look(CNN, MLP, beside=MLP))
    slide(tab, "right", 4)
    slide(tab, "down", 3, "ArrowLeft")
    shifted = np.roll(first_digit(), (-3, 4), (0, 1))
    for place, name in enumerate((CNN, MLP)):
        scores = page_scores(tab, place)
        assert np.allclose(scores, torch_scores(name, shifted), atol=6e-4)
    assert tab.get_by_role("status").inner_text().count(" %") == 2


@pytest.mark.parametrize("switch", ["order", "flip", "raw", "train", "logits"])
def test_each_switch_does_to_the_network_what_pytorch_would_do(show, switch):
    name = BN if switch in ("train", "raw") else CNN
    tab = show(live.look(name, MLP))
    before = page_scores(tab)
    tab.locator(f"input[name={switch}]").check()
    after = page_scores(tab)
    x, network = inputs(first_digit(), name), live.load(name)
    network = copy.deepcopy(network)
    if switch == "flip":
        for layer in network:
            if isinstance(layer, torch.nn.Conv2d):
                layer.weight.data = layer.weight.data.flip(2, 3)
    if switch == "raw":
        x = torch.as_tensor(first_digit()).float()[None, None]
    if switch == "train":
        network.train()
        x = torch.cat([x, inputs(digits()[0] / 255, name)])
    with torch.no_grad():
        right = network(x)[0]
    if switch == "logits":
        right = right.relu()
    assert np.allclose(after, right, atol=6e-4)
    assert (after == before) == (switch == "order")
    kinds = tab.locator(".net .layer").evaluate_all("(all) => all.map((e) => e.dataset.kind)")
    if switch == "order":
        assert kinds.index("max") < kinds.index("relu")


def test_a_switch_that_would_change_nothing_is_off(show):
    tab = show(live.look(MLP))
    off = tab.locator(".switches input:disabled").evaluate_all("(all) => all.map((e) => e.name)")
    assert off == ["order", "flip", "raw", "train"]


def test_a_unit_shows_its_window_weights_products_sum_and_field(show):
    tab = show(live.look(CNN))
    canvas = tab.locator(".layer[data-kind=conv] canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    across = 4 * 29 - 1  # four maps of 28 and the lines between
    scale = box["width"] / across
    tab.mouse.move(box["x"] + (29 + 12.5) * scale, box["y"] + 10.5 * scale)
    said = tab.locator(".working")
    said.locator("table").first.wait_for()
    network, x = live.load(CNN), inputs(first_digit(), CNN)
    with torch.no_grad():
        value = network[0](x)[0, 1, 10, 12].item()
    where, found = re.search(
        r"3×3, (map .+): (\S+)$", said.locator("p").first.inner_text()
    ).groups()
    assert where == "map 2, row 11, column 13"
    assert number(found) == pytest.approx(value, abs=6e-4)
    window, weights, products = [
        np.array([[number(t) for t in row.locator("td").all_inner_texts()]
                  for row in table.locator("tr").all()])
        for table in said.locator("table").all()
    ]  # fmt: skip
    assert np.allclose(window, x[0, 0, 9:12, 11:14], atol=6e-4)
    assert np.allclose(weights, network[0].weight[1, 0].detach(), atol=6e-4)
    assert np.allclose(products, window * weights, atol=5e-3)
    bias = network[0].bias[1].item()
    assert products.sum() + bias == pytest.approx(value, abs=0.01)

    # Its receptive field is green on the digit: of the last convolution, 18 pixels each way.
    canvas = tab.locator(".layer[data-kind=conv] canvas").last
    canvas.focus()
    for key in ["ArrowDown"] * 3 + ["ArrowRight"] * 3:
        tab.keyboard.press(key)
    tab.evaluate(FRAME)
    ink = np.reshape(tab.evaluate(INK), (28, 28, 4)).astype(int)
    green = ink[:, :, 1] > ink[:, :, 0] + 20
    rows, columns = np.where(green)
    x.requires_grad_()
    network[:7](x)[0, 0, 3, 3].backward()
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 22, 5, 22)
    seen = np.argwhere(x.grad[0, 0].numpy())
    assert seen.min() >= 5
    assert seen.max() <= 22


def test_back_the_gradient_of_a_class_is_shown_in_each_layer_and_at_the_input(show):
    tab = show(live.look(CNN))
    bar = tab.locator(".bars button").nth(3)
    bar.click()
    tab.evaluate(FRAME)
    assert bar.get_attribute("aria-pressed") == "true"
    captions = tab.locator(".layer figcaption").all_inner_texts()
    assert all("gradient of the score of 3" in text for text in captions)
    x = inputs(first_digit(), CNN).requires_grad_()
    live.load(CNN)(x)[0, 3].backward()
    gradient = x.grad[0, 0].numpy()
    ink = np.reshape(tab.evaluate(INK), (28, 28, 4)).astype(int)
    blue = ink[:, :, 2] > ink[:, :, 0]
    strong = np.abs(gradient) > np.abs(gradient).max() / 20
    assert strong.sum() > 50
    assert (blue == (gradient > 0))[strong].all()
    bar.click()
    tab.evaluate(FRAME)
    assert bar.get_attribute("aria-pressed") == "false"


# By finger and by keys


def test_by_finger_on_a_phone(show):
    tab = show(live.look(CNN, MLP), 390, has_touch=True, is_mobile=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.get_by_label("start from").select_option(label="an empty sheet")
    paper = tab.locator(".paper")
    box = paper.bounding_box()
    touch = tab.context.new_cdp_session(tab)

    def send(kind, *points):
        points = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", (112, 40))
    for y in range(60, 200, 20):
        send("touchMove", (112, y))
    send("touchEnd")
    assert (drawn(tab)[:, 13:15].max(1) > 0.5).sum() >= 18
    assert tab.evaluate("scrollY") == 0  # the finger drew; the page stayed
    tab.locator(".layer[data-kind=conv] canvas").first.tap(position={"x": 20, "y": 20})
    tab.evaluate(FRAME)
    assert tab.locator(".working table").count() == 3
    tab.locator(".bars button").nth(8).tap()
    tab.evaluate(FRAME)
    assert tab.locator(".bars button").nth(8).get_attribute("aria-pressed") == "true"


def test_by_keys_alone_and_the_other_keys_stay_the_pages(show):
    tab = show(live.look(CNN))
    tab.evaluate(
        "() => { onkeydown = (e) => (window.got ??= []).push([e.key, e.defaultPrevented]); }"
    )
    tab.get_by_label("start from").select_option(label="an empty sheet")
    tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    while not tab.evaluate("document.activeElement.matches('.paper')"):
        tab.keyboard.press("Tab")
    for key in (" ", "ArrowDown", " ", "ArrowDown", " ", "ArrowUp", "ArrowUp", "ArrowUp", " "):
        tab.keyboard.press(key)
    tab.keyboard.press("7")
    pixels = drawn(tab)
    assert list(np.where(pixels[:, 14] == 1)[0]) == [*range(12, 18)]
    assert np.abs(np.array(page_scores(tab)) - torch_scores(CNN, pixels)).max() < 0.5
    while not tab.evaluate("document.activeElement.matches('.bars button')"):
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.evaluate(FRAME)
    assert tab.locator(".bars button").first.get_attribute("aria-pressed") == "true"
    while not tab.evaluate("document.activeElement.matches('.layer canvas')"):
        tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowRight")
    tab.evaluate(FRAME)
    assert "map 1, row 1, column 2" in tab.locator(".working").inner_text()
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("ArrowDown")
    got = tab.evaluate("window.got")
    assert ["7", False] in got
    assert [pair for pair in got if pair[0].startswith("Arrow")] == [["ArrowDown", False]]


# Folded, on paper, without script, in the dark


BOTH = {
    "look": lambda: live.look(CNN, MLP),
    "folded": lambda: live.look(CNN, folded="Open it"),
    "small": lambda: live.look(CNN, small=True),
    "xor": lambda: live.xor_trainer(),
    "xor folded": lambda: live.xor_trainer(folded="Open it"),
}


@pytest.mark.parametrize("kind", BOTH)
def test_without_script_and_on_paper_it_is_a_table(show, kind):
    for options, media in (({"java_script_enabled": False}, "screen"), ({}, "print")):
        tab = show(BOTH[kind](), 390, **options)
        tab.emulate_media(media=media)
        assert tab.locator("td:visible").count() >= 7
        assert tab.locator(":is(canvas, button, input, select, summary):visible").count() == 0


@pytest.mark.parametrize("kind", ["folded", "xor folded"])
def test_a_folded_widget_is_opened_by_a_key(show, kind):
    tab = show(BOTH[kind]())
    assert not tab.locator("canvas").first.is_visible()
    tab.get_by_text("Open it").focus()
    tab.keyboard.press("Enter")
    assert tab.locator("canvas").first.is_visible()
    assert not tab.locator("table").first.is_visible()


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(show, kind, theme):
    tab = show(BOTH[kind](), 390, color_scheme=theme)
    for fold in tab.locator("summary").all():
        fold.click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


# XOR


def choose(tab, **values):
    for name, value in values.items():
        label = tab.locator(".bar label", has_text=name.replace("_", " "))
        control = label.locator("input, select")
        if name == "seed":
            control.fill(str(value))
            control.press("Enter")
        else:
            control.select_option(str(value))


def said_loss(tab):
    return float(re.search(r"the loss is (\S+?)\. ", tab.locator(".said").inner_text())[1])


def test_xor_trains_by_mouse_as_course_utils_xor_does(show):
    tab = show(live.xor_trainer())
    choose(tab, seed=7, learning_rate=0.3, activation="relu", hidden_units=3)
    for _ in range(3):
        tab.get_by_text("100 steps", exact=True).click()
    tab.get_by_text("One step").click()
    losses = xor.train(xor.network(7, 3, "relu", dtype=torch.float64), 302, 0.3)
    assert tab.locator(".said").inner_text().startswith("After 301 steps")
    assert said_loss(tab) == float(f"{losses[301]:.4g}")
    assert tab.locator("figure:visible").count() == 2  # three units span no plane
    choose(tab, hidden_units=2)
    assert tab.locator("figure:visible").count() == 3


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_xor_by_keys_runs_to_its_end_at_once_where_motion_is_unwanted(show, motion):
    tab = show(live.xor_trainer(), reduced_motion=motion)
    tab.get_by_text("Run to 3,000").focus()
    tab.keyboard.press("Enter")
    if motion == "reduce":
        assert tab.locator(".said").inner_text().startswith("After 3,000 steps")
    tab.locator(".said", has_text="After 3,000 steps").wait_for()
    losses = xor.train(xor.network(42, dtype=torch.float64), 3001)
    assert said_loss(tab) == float(f"{losses[3000]:.4g}")


def test_a_hundred_seeds_land_among_all_hundreds(show):
    known = xor.rate(659, 1000)
    tab = show(live.xor_trainer({("tanh", 2, 0.1): known}), 390, has_touch=True)
    tab.get_by_text("A hundred seeds at once").tap()
    many = xor.Networks(range(42, 142), dtype=torch.float64).train(3000)
    hits = int(many.solved().sum())
    words = tab.locator(".many").inner_text()
    assert f"Seeds 42 to 141: {hits} of 100 solve XOR" in words
    assert tab.locator(".seeds .yes").count() == hits
    low, high = stats.binom.interval(0.95, 100, known.mean)
    assert f"95 in 100 such hundreds have {low:.0f} to {high:.0f}" in words
    bars = tab.locator(".among span").evaluate_all(
        "(all) => all.map((e) => [parseFloat(e.style.height), e.className])"
    )
    assert [k for k, (_, name) in enumerate(bars) if name == "own"] == [hits]
    chances = stats.binom.pmf(range(101), 100, known.mean)
    heights = [height for height, _ in bars]
    assert np.allclose(np.delete(heights, hits), np.delete(100 * chances / chances.max(), hits),
                       atol=1e-3)  # fmt: skip
    choose(tab, activation="identity")
    tab.get_by_text("A hundred seeds at once").tap()
    assert tab.locator(".among").count() == 0  # nothing is known of it


def test_in_the_built_book_a_hundred_seeds_keep_inside_their_widget(browser):
    """The theme has styles of its own for common names of classes."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(book_html.built("04b_how_often").as_uri())
    widget = tab.locator(".cxr")
    widget.locator("summary").click()
    widget.get_by_text("A hundred seeds at once").click()
    seeds, frame = widget.locator(".seeds span"), widget.bounding_box()
    assert seeds.count() == 100
    for box in (seeds.nth(49).bounding_box(), seeds.last.bounding_box()):
        assert 5 < box["width"] < 20
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    tab.close()
