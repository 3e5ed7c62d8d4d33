"""Does the built book show in a browser: all loaded, all typeset, nothing too wide?"""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"


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
def test_every_page_shows_whole(screenshots, address, browser, width, theme):
    problems = {
        page: found
        for page in screenshots.table_of_contents()
        if (found := screenshots.open_page(browser, address, page, width, theme))
    }
    assert not problems


@pytest.fixture
def opened(address, browser):
    """Open a page of the built book; nothing may go wrong on it."""
    contexts = []

    def opened(page, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.problems = []
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.goto(f"{address}/{page}.html")
        return tab

    yield opened
    for context in contexts:
        assert all(tab.problems == [] for tab in context.pages)
        context.close()


@pytest.mark.parametrize(
    ("page", "last"), [("01a_convolution", ["−4.8", "10.3"]), ("01b_backward", ["−6", "−0.5"])]
)
def test_the_steppers_of_a_page_are_walked_to_their_ends(opened, page, last):
    tab = opened(page)
    steppers = tab.locator(".cst")
    ends = []
    for stepper in steppers.all():
        stepper.locator(".view").click()
        for _ in range(60):
            tab.keyboard.press("ArrowRight")
        ends.append(stepper.get_by_role("status").inner_text())
        step, steps = stepper.locator(".bar .n").inner_text().split(" of ")
        assert step == steps
    assert [end.rsplit(" = ")[-1] for end in ends] == last


# Windows and sums: 16 of the convolution, 4 of the pooling; 2 + 5 back, 43 of the network.
@pytest.mark.parametrize(("page", "rows"), [("01a_convolution", 20), ("01b_backward", 50)])
def test_without_scripts_every_step_is_in_a_table(opened, page, rows):
    tab = opened(page, java_script_enabled=False)
    assert tab.locator(".cst").count() == 2
    assert tab.locator(".cst button, .cst input").count() == 0
    assert tab.locator(".cst tbody tr:has(th):visible").count() == rows
