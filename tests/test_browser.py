"""Does the built book show in a browser: all loaded, all typeset, nothing too wide?"""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed (extra dev)"
)


@pytest.fixture(scope="module")
def screenshots():
    spec = importlib.util.spec_from_file_location("screenshots", ROOT / "scripts/screenshots.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def browser(screenshots):
    with playwright.sync_playwright() as tools:
        try:
            chromium = screenshots.launch(tools)
        except playwright.Error as error:
            pytest.skip(f"Chromium does not start: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(screenshots):
    sources = [path for path in (ROOT / "book").iterdir() if path.is_file()]
    newest = max(sources, key=lambda path: path.stat().st_mtime)
    index = HTML / "index.html"
    if not index.exists():
        pytest.skip("the book is not built: make book")
    if index.stat().st_mtime < newest.stat().st_mtime:
        pytest.skip(f"the built book is older than {newest.name}: make book")
    with screenshots.served(HTML) as address:
        yield address


@pytest.mark.parametrize(("width", "theme"), [("wide", "light"), ("phone", "dark")])
def test_every_page_shows_whole(screenshots, address, browser, tmp_path, width, theme):
    problems = {
        page: found
        for page in screenshots.table_of_contents()
        if (found := screenshots.open_page(browser, address, page, width, theme, tmp_path))
    }
    assert not problems
