"""Statistics of a comparison: against enumeration, against scipy, and by what must hold."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from funsearch.comparing.statistics import (
    chance_of_better,
    differences,
    holm,
    interval,
    smallest_p,
    spread,
    too_few,
)

# Few different values, so that ties are the rule, as they are among sizes of cap sets.
SCORES = st.lists(st.integers(0, 6).map(float), min_size=2, max_size=5)


def p_by_enumeration(one: list[float], other: list[float]) -> float:
    """Return the two-sided p value, from every way to divide the scores."""
    pooled = [*one, *other]
    observed = math.fsum(one) / len(one) - math.fsum(other) / len(other)
    gaps: list[float] = []
    for chosen in itertools.combinations(range(len(pooled)), len(one)):
        left = [pooled[place] for place in chosen]
        right = [pooled[place] for place in range(len(pooled)) if place not in chosen]
        gaps.append(math.fsum(left) / len(left) - math.fsum(right) / len(right))
    above = sum(gap >= observed - 1e-9 for gap in gaps) / len(gaps)
    below = sum(gap <= observed + 1e-9 for gap in gaps) / len(gaps)
    return min(1.0, 2 * min(above, below))


@settings(max_examples=50, deadline=None)
@given(SCORES, SCORES)
def test_p_value_is_the_share_of_all_divisions_that_are_as_far_apart(
    one: list[float], other: list[float]
) -> None:
    (found,) = differences(other, [one], maximise=True)
    assert found.p == pytest.approx(p_by_enumeration(one, other))
    assert found.p >= smallest_p(len(one), len(other)) - 1e-12


@settings(max_examples=50, deadline=None)
@given(SCORES, SCORES)
def test_chance_of_better_is_the_statistic_of_mann_and_whitney(
    one: list[float], other: list[float]
) -> None:
    statistic = stats.mannwhitneyu(one, other).statistic
    share = statistic / (len(one) * len(other))
    assert chance_of_better(one, other, maximise=True) == pytest.approx(share)
    assert chance_of_better(one, other, maximise=False) == pytest.approx(1 - share)


@settings(max_examples=30, deadline=None)
@given(SCORES, SCORES)
def test_comparison_the_other_way_round_is_its_mirror_image(
    one: list[float], other: list[float]
) -> None:
    (there,) = differences(one, [other], maximise=True)
    (back,) = differences(other, [one], maximise=True)
    assert there.p == pytest.approx(back.p)
    assert there.difference == pytest.approx(-back.difference)
    assert there.chance == pytest.approx(1 - back.chance)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_correction_is_that_of_holm(values: list[float]) -> None:
    corrected = holm(values)
    order = sorted(range(len(values)), key=values.__getitem__)
    for rank, place in enumerate(order):
        # By definition: the largest of all steps up to this one.
        steps = [(len(values) - r) * values[order[r]] for r in range(rank + 1)]
        assert corrected[place] == pytest.approx(min(1.0, max(steps)))


@given(st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=30))
def test_spread_is_that_of_numpy(values: list[float]) -> None:
    found = spread(values)
    assert found.mean == pytest.approx(np.mean(values))
    assert found.deviation == pytest.approx(np.std(values, ddof=1))
    assert (found.least, found.most) == (min(values), max(values))
    assert found.median == np.median(values)


def test_interval_covers_the_truth_as_often_as_it_says_with_five_seeds() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(300):
        low, high = interval(rng.normal(1, 2, size=5).tolist(), rng.normal(size=5).tolist())
        covered += low <= 1 <= high
    # A plain percentile interval covers it 88 times in 100.
    assert 0.92 <= covered / 300 <= 0.99


def test_same_scores_give_the_same_interval_around_their_difference() -> None:
    one, other = [3.0, 5.0, 4.0, 8.0, 4.0], [1.0, 2.0, 2.0, 3.0, 1.0]
    low, high = interval(one, other)
    assert (low, high) == interval(one, other)
    assert low < np.mean(one) - np.mean(other) < high
    assert interval([2.0, 2.0], [1.0, 1.0]) == (1.0, 1.0)
    assert all(math.isnan(end) for end in interval([1.0], other))


def test_five_against_five_can_tell_and_three_against_three_cannot() -> None:
    assert smallest_p(5, 5) == pytest.approx(2 / 252)
    assert not too_few([(5, 5)])
    assert not too_few([(5, 5)] * 6)
    assert too_few([(5, 5)] * 7)
    assert too_few([(3, 3)])
    assert not too_few([(4, 4)])
    assert too_few([(4, 4)] * 2)


def test_clear_difference_is_no_noise_and_equal_scores_are() -> None:
    low, high = [1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]
    better, same = differences(low, [high, low], maximise=True)
    assert not better.is_noise()
    assert better.p == pytest.approx(2 / 252)
    assert better.chance == 1.0
    assert same.is_noise()
    assert same.p == same.corrected == 1.0


def test_equal_scores_throughout_are_noise_and_no_warning() -> None:
    (found,) = differences([4.0] * 5, [[4.0] * 5], maximise=True)
    assert found.is_noise()
    assert (found.low, found.high, found.chance) == (0.0, 0.0, 0.5)
