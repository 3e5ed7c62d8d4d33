"""Are the answers of the exercises on success rates right? See also `test_exercises`."""

import pytest
from scipy import stats

from course_utils.exercises import REGISTRY


def test_values_as_arithmetic():
    works, fails = 170 / 200, 30 / 200
    wanted = [works * works * works * works * works * works, 1 - fails**6]
    assert REGISTRY["six-seeds"].right == pytest.approx(wanted)


def test_a_failure_is_seen_with_this_many_seeds_and_not_with_one_fewer():
    for q in (0.315, 0.04, 0.5):
        n = REGISTRY["seeds-to-see"].right(q)
        seen = [1 - stats.binom.pmf(0, m, q) for m in (n - 1, n)]
        assert seen[0] < 0.95 <= seen[1]


def test_with_one_run_fewer_the_low_end_is_below_nine_in_ten():
    n = REGISTRY["runs-for-ninety"].right
    ends = [stats.binomtest(m, m).proportion_ci(method="wilson").low for m in (n - 1, n)]
    assert ends[0] < 0.9 <= ends[1]


def test_two_sets_of_400_differ_in_0_to_800_seeds():
    solved = set(range(400))
    differ = [len(solved ^ set(range(start, start + 400))) for start in range(601)]
    assert REGISTRY["equal-shares"].right == [min(differ), max(differ)]


@pytest.mark.parametrize(("k", "n"), [(0, 3), (2, 7), (63, 200), (1000, 1000)])
def test_the_interval_is_scipys(k, n):
    theirs = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert REGISTRY["wilson-interval"].right(k, n) == pytest.approx(tuple(theirs), abs=1e-9)
