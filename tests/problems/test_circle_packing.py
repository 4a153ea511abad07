"""Circle packing: the best radii for given centres, and a score that no rounding can deceive."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from problems.circle_packing import centres, problem
from problems.contract import Instance, Invalid
from tests.problems.support import built

Places = list[tuple[float, float]]

coordinate = st.floats(-0.1, 1.1) | st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1e-9)
places = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=8)


def instance(n: int) -> Instance:
    return Instance(f"n={n}", {"n": n})


def packed(where: Places) -> NDArray[Any]:
    return built(problem, lambda n: where, instance(len(where)))


def score(rows: Any) -> float:
    array = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return problem.score(instance(len(array)), array)


def best_sum(where: Places) -> float:
    """Return the largest sum of radii, by somebody else's linear program."""
    points = np.clip(np.array(where), 0, 1)
    rows: list[NDArray[np.float64]] = [np.zeros(len(points))]
    most = [0.0]
    for i, point in enumerate(points):
        for j in range(i):
            rows.append(np.eye(len(points))[i] + np.eye(len(points))[j])
            most.append(math.dist(point, points[j]))
    walls = np.minimum(points, 1 - points).min(axis=1)
    bounds = [(0, wall) for wall in walls]
    return -linprog(-np.ones(len(points)), np.array(rows), most, bounds=bounds).fun


@settings(max_examples=60, deadline=None)
@given(places)
def test_radii_are_the_best_for_the_centres(where: Places) -> None:
    assert score(packed(where)) == pytest.approx(best_sum(where), abs=1e-6)


def test_radii_are_the_best_for_many_centres() -> None:
    where = np.random.default_rng(0).random((32, 2)).tolist()
    assert score(packed(where)) == pytest.approx(best_sum(where), abs=1e-9)


def test_no_radius_is_negative_where_circles_crowd() -> None:
    crowd = [(0.5, 0.5), (0.5, 0.5), (0.5, 0.5 + 1e-12), (0.501, 0.5), (0.0, 0.5), (0.25, 0.5)]
    rows = packed(crowd)
    assert (rows[:, 2] >= 0).all()
    assert score(rows) == pytest.approx(best_sum(crowd), abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(places)
def test_whatever_is_built_is_a_packing_without_any_tolerance(where: Places) -> None:
    rows = packed(where)
    assert by_definition(rows.tolist())
    assert score(rows) == math.fsum(rows[:, 2])


def by_definition(rows: list[list[float]]) -> bool:
    circles = [[Fraction(value) for value in row] for row in rows]
    return all(
        r >= 0 and x - r >= 0 and y - r >= 0 and x + r <= 1 and y + r <= 1 for x, y, r in circles
    ) and all(
        (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 >= (a[2] + b[2]) ** 2
        for i, a in enumerate(circles)
        for b in circles[:i]
    )


@settings(max_examples=200, deadline=None)
@given(places, st.integers(0, 7), st.integers(0, 2), st.integers(-2, 2))
def test_score_accepts_exactly_the_packings(
    where: Places, circle: int, entry: int, steps: int
) -> None:
    rows = packed(where)
    place = (circle % len(rows), entry)
    for _ in range(abs(steps)):
        rows[place] = np.nextafter(rows[place], math.copysign(2, steps))
    try:
        assert score(rows) == math.fsum(rows[:, 2])
    except Invalid:
        assert not by_definition(rows.tolist())
    else:
        assert by_definition(rows.tolist())


def test_centres_outside_are_moved_to_the_edge() -> None:
    rows = packed([(-3.0, 0.5), (0.5, math.inf), (0.5, 0.25)])
    assert rows.tolist() == [[0.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.5, 0.25, 0.25]]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "not pairs|shape"),
        (0.5, "shape"),
        ([(0.5, 0.5)], "shape"),
        ([(0.5, 0.5), (0.5,)], "not pairs"),
        ([(0.5, 0.5, 0.5)] * 2, "shape"),
        ([(0.5, 1j)] * 2, "not pairs"),
        ([(0.5, 10**400)] * 2, "not pairs"),
        ([(0.5, "half")] * 2, "not pairs"),
        ([(0.5, math.nan)] * 2, "NaN"),
    ],
)
def test_what_is_not_n_centres_is_refused(answer: Any, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        built(problem, lambda n: answer, instance(2))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[0.5, 0.5]], "shape"),
        ([[0.5, 0.5, 0.1], [0.5, 0.5, 0.1]], "shape"),
        (np.empty((0, 3)), "shape"),
        ([[math.nan, 0.5, 0.1]], "not finite"),
        ([[0.5, math.inf, 0.1]], "not finite"),
        ([[0.5, 0.5, -5e-324]], "negative"),
        ([[0.5, 0.5, 1.7e308]], "leaves"),
        ([[-1.7e308, 0.5, 0.0]], "leaves"),
        ([[0.5, 0.5, math.nextafter(0.5, 1)]], "leaves"),
    ],
)
def test_score_refuses(rows: Any, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        problem.score(instance(1), np.array(rows, dtype=np.float64))


def test_score_refuses_what_overlaps_by_the_last_bit() -> None:
    apart = [[0.25, 0.5, 0.25], [0.75, 0.5, 0.25]]
    assert score(apart) == 0.5
    apart[1][0] = math.nextafter(0.75, 0)
    with pytest.raises(Invalid, match="circles 0 and 1 overlap"):
        score(apart)


def test_the_sum_is_rounded_once() -> None:
    rows = [[0.5, 0.5, 0.25], [0.1, 0.1, 2.0**-55], [0.9, 0.1, 2.0**-55]]
    assert score(rows) == 0.25 + 2.0**-54 != 0.25


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40))
def test_the_seed_is_below_the_bound_for_every_n(n: int) -> None:
    sum_of_radii = problem.score(instance(n), built(problem, centres, instance(n)))
    assert 0 < sum_of_radii <= problem.metric.bound[f"n={n}"].value


def test_n_selects_an_instance() -> None:
    assert problem.shorthands["n"]("40") == ["n=40"]
    with pytest.raises(ValueError, match="1 to 40"):
        problem.shorthands["n"]("41")
