"""Exercises with many right answers."""

import numpy as np

from course_utils.exercises import Exercise, judge


def test_a_design_has_many_right_answers_and_a_fault_is_named():
    def fault(answer):
        return None if sum(answer) == 10 else f"The sum is {sum(answer)}, not 10."

    design = Exercise("ten", right=[5, 5], mistakes=(), hint="Add up.", fault=fault)
    for answer in ([5, 5], (1, 9), np.array([2, 3, 5])):
        assert judge(design, answer).text == "✓ ten: right."
    assert judge(design, [5, 6]).text == "✗ ten: wrong. The sum is 11, not 10. Hint: Add up."
    assert judge(design, [..., ...]).status == "not attempted"
    assert "cannot be read: TypeError" in judge(design, 7).text
