"""The forward pass of 8–16–32 in a page, in a browser slowed four times: as ratios, in one run.

It is held against a frame of 16 ms and against PyTorch's own forward pass of the same image on one
thread, not slowed. Both sides are measured by turns, and the fastest of each counts. On a machine
that has other work to do, the figures say little.
"""

import argparse
import shutil

import torch
from playwright.sync_api import Error, sync_playwright
from speed import seconds

from course_utils import live
from course_utils.fragments import packed
from course_utils.live.look import digits
from course_utils.threads import threads

NAME = "cnn-8-16-32-adam"
FRAME = 0.016  # seconds
SLOWED = 4
SET_UP = """([network, pixels]) => {
    const layers = engine.read(network);
    const x = {data: Float64Array.from(pixels), shape: [1, 1, 28, 28]};
    window.pass = () => engine.forward(layers, x);
    for (let k = 0; k < 50; k++) pass(); // the browser compiles what it has run often
}"""
TIMED = "() => { const from = performance.now(); pass(); return performance.now() - from; }"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    network = live.load(NAME)
    image = torch.from_numpy(digits()[0][:1]).float()[:, None] / 255
    page, own = [], []
    with sync_playwright() as tools, threads(1), torch.no_grad():
        try:
            browser = tools.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
                chromium_sandbox=False,
            )
        except Error as error:
            return print(f"left out, Chromium does not start: {error.message.splitlines()[0]}")
        tab = browser.new_page()
        tab.evaluate(f"window.engine = {packed(live.WEIGHTS.parent / 'engine.js')}")
        tab.evaluate(SET_UP, [live.described(NAME), image.flatten().tolist()])
        tools_of = tab.context.new_cdp_session(tab)
        tools_of.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        network(image)
        for _ in range(rounds):
            page.append(tab.evaluate(TIMED) / 1000)
            own.append(seconds(lambda: network(image)))
        browser.close()
    print(f"the page, slowed {SLOWED} times: {1000 * min(page):.2f} ms")
    print(f"  of a frame of {1000 * FRAME:.0f} ms: {min(page) / FRAME:.2f}")
    print(f"  of PyTorch's forward pass: {min(page) / min(own):.1f}")


if __name__ == "__main__":
    main()
