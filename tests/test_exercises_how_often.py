"""Are the answers of the exercises on success rates right? See also `test_exercises`."""

import pytest
from scipy import stats

from course_utils.exercises import REGISTRY


def test_values_as_arithmetic():
    works, fails = 137 / 200, 63 / 200
    wanted = [works * works * works * works * works, 1 - fails * fails * fails * fails * fails]
    assert REGISTRY["five-seeds"].right == pytest.approx(wanted)


def test_a_failure_is_seen_with_this_many_seeds_and_not_with_one_fewer():
    n = REGISTRY["seeds-to-see-a-failure"].right
    seen = [1 - stats.binom.pmf(0, m, 0.04) for m in (n - 1, n)]
    assert seen[0] < 0.95 <= seen[1]


def test_two_sets_of_400_differ_in_0_to_800_seeds():
    solved = set(range(400))
    differ = [len(solved ^ set(range(start, start + 400))) for start in range(601)]
    assert REGISTRY["equal-shares"].right == [min(differ), max(differ)]


@pytest.mark.parametrize(("k", "n"), [(0, 3), (2, 7), (63, 200), (1000, 1000)])
def test_the_interval_is_scipys(k, n):
    theirs = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert REGISTRY["wilson-interval"].right(k, n) == pytest.approx(tuple(theirs), abs=1e-9)
