"""What several test files share."""

import importlib.util
import os
import sys
from pathlib import Path

import book_html
import pytest

# Two workers with a thread for every core would stall one another: a thread each, and as many for
# the kernels that they start, which start no further processes. Set before anything imports torch.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")

# In each step of a training, glibc gives large blocks of memory back to the system, and then asks
# for them again: a seventh of the time of page 6b. Workers and kernels keep up to 512 MiB for the
# next step. A program reads this when it starts; another C library ignores it.
if sys.platform == "linux":
    os.environ.setdefault("MALLOC_MMAP_MAX_", "0")
    os.environ.setdefault("MALLOC_TOP_PAD_", str(2**26))
    os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(2**29))

from hypothesis import HealthCheck, settings

from course_utils import data

# The same examples every time, however long a busy machine takes over them.
settings.register_profile(
    "course",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("course")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Whatever opens a browser is slow."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def mnist() -> data.Dataset:
    """Real MNIST, all 60,000 training images in file order; nothing is downloaded for it."""
    try:
        return data.load(source="mnist", validation=0, mirrors=())
    except data.DataError:
        pytest.skip("needs real MNIST: set COURSE_DATA to a folder that holds its four files")


@pytest.fixture(scope="module")
def one_thread():
    """Small networks gain nothing from threads that wait for each other."""
    from course_utils.threads import threads

    with threads(1):
        yield


@pytest.fixture(scope="module")
def screenshots():
    """The module scripts/screenshots.py, which knows how to start a browser."""
    pytest.importorskip("playwright", reason="playwright is not installed (extra dev)")
    path = Path(__file__).resolve().parents[1] / "scripts" / "screenshots.py"
    spec = importlib.util.spec_from_file_location("screenshots", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def browser(screenshots):
    """Chromium, headless."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as tools:
        try:
            chromium = screenshots.launch(tools)
        except playwright.Error as error:
            pytest.skip(f"Chromium does not start: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def open_alone(browser, tmp_path):
    """Open a page as a file, with nothing in its console, and no request that leaves it."""
    contexts = []

    def open_alone(text, width, **options):
        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 700}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.problems = []
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.on("console", lambda message: tab.problems.append(message.text))
        tab.on("request", lambda request: tab.problems.append(request.url))
        tab.goto(file.as_uri())
        assert tab.problems == [file.as_uri()]
        tab.problems.clear()
        return tab

    yield open_alone
    for context in contexts:
        assert all(tab.problems == [] for tab in context.pages)
        context.close()


@pytest.fixture
def open_built(browser):
    """Open a page of the built book as a file; no script may fail on it.

    Where it is not typeset, formulas stay as they are written, so that words can be compared.
    """
    contexts = []

    def open_built(page, typeset=True, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.problems = []
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        if not typeset:
            tab.route("**/mathjax/*", lambda route: route.abort())
        tab.goto(book_html.built(page).as_uri())
        return tab

    yield open_built
    for context in contexts:
        assert all(tab.problems == [] for tab in context.pages)
        context.close()
