"""Points without isosceles triangles: the rule word for word, exhaustive search, refusals."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.contract import Instance, Invalid
from problems.no_isosceles import priority, problem
from tests.problems.support import built

Point = tuple[int, int]


def instance(n: int) -> Instance:
    return Instance("test", {"n": n})


def score(n: int, points: object) -> float:
    return problem.score(instance(n), np.array(points, dtype=np.int16).reshape(-1, 2))


def grid(n: int) -> list[Point]:
    return [(x, y) for x in range(n) for y in range(n)]


def squared(a: Point, b: Point) -> int:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def isosceles(a: Point, b: Point, c: Point) -> bool:
    return len({squared(a, b), squared(b, c), squared(c, a)}) < 3


def good(points: list[Point]) -> bool:
    """Whether the points are what the problem asks for, by its words."""
    triples = itertools.combinations(points, 3)
    return len(set(points)) == len(points) and not any(isosceles(*each) for each in triples)


def largest(n: int) -> int:
    """Return the size of the largest set, by an exhaustive search for ever larger ones.

    `most[p]` is the largest size among the points from number p on, which bounds what a set can
    still gain: russian doll search (Verfaillie, Lemaître and Schiex 1996). Sets of points are
    bits of a number.
    """
    points = grid(n)
    # Of two points: the later ones that make no triangle with them.
    allowed = [
        [
            sum(
                1 << r
                for r in range(p + 1, n * n)
                if not isosceles(points[q], points[p], points[r])
            )
            for p in range(n * n)
        ]
        for q in range(n * n)
    ]
    most = [0] * (n * n + 1)

    def grows(taken: list[int], free: int, missing: int) -> bool:
        if not missing:
            return True
        while free:
            p = (free & -free).bit_length() - 1
            if most[p] < missing:
                return False
            free &= free - 1
            rest = free
            for q in taken:
                rest &= allowed[q][p]
            if grows([*taken, p], rest, missing - 1):
                return True
        return False

    for first in reversed(range(n * n)):
        later = (1 << n * n) - (2 << first)
        most[first] = most[first + 1] + grows([first], later, most[first + 1])
    return most[0]


@pytest.mark.parametrize(
    "n", [*range(2, 8), *[pytest.param(n, marks=pytest.mark.slow) for n in (8, 9)]]
)
def test_no_set_of_a_small_grid_is_larger_than_the_bound(n: int) -> None:
    assert largest(n) == problem.metric.bound[f"n={n}"].value


def test_no_best_known_value_is_beyond_the_bound() -> None:
    for name, known in problem.metric.best_known.items():
        assert not problem.metric.beyond_bound(name, known.value)


@pytest.mark.parametrize("n", [4, 9])
def test_construction_agrees_with_a_plain_one(n: int) -> None:
    values = np.random.default_rng(n).integers(0, 5, (n, n)).tolist()
    taken: list[Point] = []
    for point in sorted(grid(n), key=lambda p: -values[p[0]][p[1]]):
        if good([*taken, point]):
            taken.append(point)
    found = built(problem, lambda x, y, n: values[x][y], instance(n))
    assert found.tolist() == [list(point) for point in taken]


def test_minus_infinity_means_never() -> None:
    assert len(built(problem, lambda x, y, n: -math.inf, instance(4))) == 0
    assert score(4, []) == 0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(problem, lambda x, y, n: value if x == y == 1 else 0.0, instance(4))


def test_the_seed_is_not_optimal_on_training_instances() -> None:
    for name in problem.training:
        size = len(built(problem, priority, problem.instance(name)))
        assert size < problem.metric.best_known[name].value


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([[0, 0], [0, 1], [0, 2]], "points 0 and 2 are equally far from point 1"),
        ([[0, 0], [2, 2], [2, 0]], "points 0 and 1 are equally far from point 2"),
        ([[0, 1], [2, 2], [0, 1]], "points 0 and 2 are the same"),
        ([[0, 3]], "not from 0 to 2"),
        ([[-1, 0]], "not from 0 to 2"),
        ([[-(2**15), 2**15 - 1]], "not from 0 to 2"),
    ],
)
def test_score_refuses(points: list[list[int]], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        score(3, points)


def test_score_refuses_points_of_space() -> None:
    with pytest.raises(Invalid, match="3 coordinates, not 2"):
        problem.score(instance(3), np.zeros((1, 3), dtype=np.int16))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=7))
def test_score_follows_the_definition(points: list[Point]) -> None:
    if good(points):
        assert score(7, points) == len(points)
    else:
        with pytest.raises(Invalid):
            score(7, points)
