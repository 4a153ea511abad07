"""Difference bases: the rule word for word, exhaustive search, the bound, refusals."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.contract import Instance, Invalid
from problems.difference_basis import priority, problem
from tests.problems.support import built


def instance(n: int) -> Instance:
    return Instance("test", {"n": n})


def score(n: int, integers: Sequence[int]) -> float:
    return problem.score(instance(n), np.array(integers, dtype=np.int32))


def differences(integers: Sequence[int]) -> set[int]:
    return {abs(a - b) for a, b in itertools.combinations(integers, 2)}


def good(n: int, integers: Sequence[int]) -> bool:
    """Whether the integers are what the problem asks for, by its words."""
    return len(set(integers)) == len(integers) and differences(integers) >= set(range(1, n + 1))


@pytest.mark.parametrize("n", [1, 2, 9, 30])
def test_construction_agrees_with_a_plain_one(n: int) -> None:
    for seed in range(5):
        values = np.random.default_rng(seed).integers(-3, 3, 2 * n + 1).tolist()
        kept = list(range(2 * n + 1))
        for x in sorted(kept, key=lambda x: (values[x], -x)):
            rest = [each for each in kept if each != x]
            if good(n, rest):
                kept = rest
        assert built(problem, lambda x, n: values[x], instance(n)).tolist() == kept  # noqa: B023


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 60), st.integers(0, 2**32))
def test_what_is_built_is_a_basis_from_which_nothing_can_be_left_out(n: int, seed: int) -> None:
    values = np.random.default_rng(seed).random(2 * n + 1).tolist()
    found: list[int] = built(problem, lambda x, n: values[x], instance(n)).tolist()
    assert good(n, found)
    assert not any(good(n, [y for y in found if y != x]) for x in found)


@pytest.mark.parametrize("n", range(1, 10))
def test_an_exhaustive_search_finds_the_known_sizes(n: int) -> None:
    # OEIS A239308. A gap above n between neighbours can be made smaller, so the smallest may be 0
    # and the largest (size - 1) * n at most.
    known = [2, 3, 3, 4, 4, 4, 5, 5, 5][n - 1]
    for size in (known - 1, known):
        others = itertools.combinations(range(1, (size - 1) * n + 1), size - 1)
        assert any(good(n, (0, *rest)) for rest in others) == (size == known)


def test_the_bound_is_reached_where_the_smallest_basis_is_known() -> None:
    for name in ("n=9", "n=13", "n=18", "n=24", "n=29"):
        assert problem.metric.bound[name].value == problem.metric.best_known[name].value


def test_no_best_known_value_is_beyond_the_bound() -> None:
    for name, known in problem.metric.best_known.items():
        assert not problem.metric.beyond_bound(name, known.value)


def test_the_bound_is_close_to_the_limit() -> None:
    for name, known in problem.metric.bound.items():
        n = int(name.removeprefix("n="))
        assert math.sqrt(2.434 * n) <= known.value <= math.sqrt(2.435 * n) + 1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(Invalid, match="not a finite number"):
        built(problem, lambda x, n: value if x == 3 else 0.0, instance(4))


def test_the_seed_is_not_optimal_on_training_instances() -> None:
    for name in problem.training:
        size = len(built(problem, priority, problem.instance(name)))
        assert size > problem.metric.best_known[name].value


@pytest.mark.parametrize(
    ("integers", "message"),
    [
        ([], "1 is not a difference"),
        ([5], "1 is not a difference"),
        ([0, 1, 3, 7], "5 is not a difference"),
        ([0, 1, 1], "occurs twice"),
        ([-(2**31), 2**31 - 1], "1 is not a difference"),
    ],
)
def test_score_refuses(integers: list[int], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        score(5, integers)


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 5), st.lists(st.integers(-4, 4) | st.integers(-(2**31), 2**31 - 1)))
def test_score_follows_the_definition(n: int, integers: list[int]) -> None:
    if good(n, integers):
        assert score(n, integers) == len(integers)
    else:
        with pytest.raises(Invalid):
            score(n, integers)
