"""Open every page of the built book in a browser: take its picture, report what went wrong.

    python scripts/screenshots.py FOLDER [--pages index notation] [--window]

Each page is opened wide and at phone width, light and dark, from a server on this machine.
Reported, with exit status 1: requests that fail or leave this machine, console errors,
formulas that were not typeset, and pages that are wider than the window or weigh over 2.5 MB.
"""

import argparse
import functools
import http.server
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import (
    Browser,
    Page,
    Playwright,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
HTML = ROOT / "_build" / "html"
WIDTHS: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
}
THEMES = ("light", "dark")
HEAVY = 2_500_000  # bytes of a page and all it loads

# The furthest element to the right, unless something around it scrolls or clips it.
OVERFLOW = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return null;
    const hidden = (e) =>
        e && (getComputedStyle(e).overflowX !== "visible" || hidden(e.parentElement));
    for (const e of document.querySelectorAll("article *"))
        if (e.getBoundingClientRect().right > width + 1 && !hidden(e.parentElement))
            return `${e.tagName.toLowerCase()}.${e.className} "${e.textContent.slice(0, 40)}"`;
    return "an element outside the article";
}"""
# MathJax sets what it can't read as an error, and an unknown command in red.
UNTYPESET = """() => [...document.querySelectorAll(".math")]
    .filter((e) => !e.querySelector("mjx-container")
        || e.querySelector("[data-mml-node=merror], [data-mml-node=mtext][fill=red]"))
    .map((e) => e.textContent.slice(0, 60))"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine only, on a free port."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def table_of_contents() -> list[str]:
    """Every page the book lists, in order."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    pages = [toc["root"]]

    def collect(entry: dict[str, Any]) -> None:
        for part in entry.get("parts", []):
            collect(part)
        for chapter in entry.get("chapters", []) + entry.get("sections", []):
            if "glob" in chapter:
                pages.extend(sorted(path.stem for path in BOOK.glob(f"{chapter['glob']}.ipynb")))
                continue
            pages.append(chapter["file"])
            collect(chapter)

    collect(toc)
    return pages


def launch(playwright: Playwright, executable: str | None = None) -> Browser:
    """Start a Chromium: the one named, else one on PATH, else Playwright's own."""
    quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync"]
    return playwright.chromium.launch(
        executable_path=executable or shutil.which("chromium") or shutil.which("google-chrome"),
        args=quiet,
        chromium_sandbox=False,
    )


@contextmanager
def opened(
    browser: Browser, address: str, page: str, width: str, theme: str
) -> Iterator[tuple[Page, list[str]]]:
    """Open one page in one shape. What goes wrong on it, then and later, comes into the list."""
    problems: list[str] = []
    weights = []

    def on_request(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            problems.append(f"leaves this machine: {request.url}")

    def on_response(response: Response) -> None:
        weights.append(int(response.headers.get("content-length", 0)))
        if response.status >= 400:
            problems.append(f"{response.status}: {response.url}")

    context = browser.new_context(viewport=WIDTHS[width], device_scale_factor=1)
    # The theme keeps the reader's choice here; "auto" would follow the colour scheme as well.
    context.add_init_script(f"localStorage.mode = localStorage.theme = '{theme}'")
    context.on("request", on_request)
    context.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    context.on("response", on_response)
    context.on(
        "console",
        lambda message: (
            problems.append(f"console: {message.text}") if message.type == "error" else None
        ),
    )
    tab = context.new_page()
    tab.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    tab.on("pageerror", lambda error: problems.append(f"script: {error}"))
    tab.goto(f"{address}/{page}.html")
    tab.evaluate("() => window.MathJax?.startup.promise")
    tab.evaluate("() => document.fonts.ready.then(() => null)")
    tab.wait_for_load_state("networkidle")  # what a script asks for later is reported, too
    problems += [f"not typeset: {text}" for text in tab.evaluate(UNTYPESET)]
    if sum(weights) > HEAVY:
        problems.append(f"weighs {sum(weights):,} bytes; at most {HEAVY:,}")
    yield tab, problems
    context.close()


def too_wide(tab: Page) -> list[str]:
    """Name what makes a page wider than its window."""
    found = tab.evaluate(OVERFLOW)
    return [f"wider than the window: {found}"] if found else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--pages", nargs="*", help="default: every page of the table of contents")
    parser.add_argument(
        "--window", action="store_true", help="only what the window shows, not the whole page"
    )
    parser.add_argument("--browser", help="a Chromium (default: on PATH, or Playwright's own)")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)

    failed = False
    with served(HTML) as address, sync_playwright() as playwright:
        browser = launch(playwright, arguments.browser)
        for page in arguments.pages or table_of_contents():
            for width in WIDTHS:
                for theme in THEMES:
                    with opened(browser, address, page, width, theme) as (tab, problems):
                        problems += too_wide(tab)
                        path = arguments.folder / f"{page}-{width}-{theme}.png"
                        tab.screenshot(path=path, full_page=not arguments.window)
                    print(f"{page} {width} {theme}: {'; '.join(problems) or 'ok'}", flush=True)
                    failed |= bool(problems)
        browser.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
