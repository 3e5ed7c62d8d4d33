"""The steppers of the built book: walked to their ends, and as tables without script."""

import pytest


@pytest.mark.parametrize(
    ("page", "last"), [("01a_convolution", ["−4.8", "10.3"]), ("01b_backward", ["−6", "−0.5"])]
)
def test_the_steppers_of_a_page_are_walked_to_their_ends(open_built, page, last):
    tab = open_built(page)
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
def test_without_scripts_every_step_is_in_a_table(open_built, page, rows):
    tab = open_built(page, java_script_enabled=False)
    assert tab.locator(".cst").count() == 2
    assert tab.locator(".cst button, .cst input").count() == 0
    assert tab.locator(".cst tbody tr:has(th):visible").count() == rows
