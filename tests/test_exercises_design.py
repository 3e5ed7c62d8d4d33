"""Exercises with many right answers."""

import answers_cnn_arithmetic
import answers_cnn_baseline
import numpy as np
import pytest

from course_utils.exercises import REGISTRY, Exercise, judge

FAULTS = [
    (name, *fault)
    for chapter in (answers_cnn_arithmetic, answers_cnn_baseline)
    for name, faults in chapter.FAULTS.items()
    for fault in faults
]


def test_a_design_has_many_right_answers_and_a_fault_is_named():
    def fault(answer):
        return None if sum(answer) == 10 else f"The sum is {sum(answer)}, not 10."

    design = Exercise("ten", right=[5, 5], mistakes=(), hint="Add up.", fault=fault)
    for answer in ([5, 5], (1, 9), np.array([2, 3, 5])):
        assert judge(design, answer).text == "✓ ten: right."
    assert judge(design, [5, 6]).text == "✗ ten: wrong. The sum is 11, not 10. Hint: Add up."
    assert judge(design, [..., ...]).status == "not attempted"
    assert "cannot be read: TypeError" in judge(design, 7).text


@pytest.mark.parametrize(("name", "answer", "words"), FAULTS)
def test_the_fault_of_a_design_is_named(name, answer, words):
    judgement = judge(REGISTRY[name], answer)
    assert judgement.status == ("not attempted" if answer is None else "wrong")
    assert words in judgement.text
