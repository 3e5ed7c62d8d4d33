"""The steppers of the built book: walked to their ends, and as tables without script."""

import book_html
import pytest


@pytest.fixture
def opened(browser):
    """Open a page of the built book; nothing may go wrong on it."""
    contexts = []

    def opened(page, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.problems = []
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.goto(book_html.built(page).as_uri())
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
