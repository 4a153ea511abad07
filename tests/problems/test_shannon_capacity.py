"""Independent sets in powers of cycles: the rule word for word, refusals, the bound."""

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.contract import Instance, Invalid
from problems.shannon_capacity import POWERS, problem, theta, vertices
from tests.problems.support import built, reached

Vertex = tuple[int, ...]


def instance(m: int, n: int) -> Instance:
    return Instance(f"c{m}n{n}", {"m": m, "n": n})


def score(m: int, n: int, rows: Any) -> float:
    return problem.score(instance(m, n), np.array(rows, dtype=np.int8).reshape(-1, n))


def near(a: Vertex, b: Vertex, m: int) -> bool:
    return all((x - y) % m in (0, 1, m - 1) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(("m", "n"), [(3, 2), (5, 1), (5, 2), (7, 2), (5, 3), (4, 5)])
@pytest.mark.parametrize("seed", range(3))
def test_construction_follows_the_rule_word_for_word(m: int, n: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 4, m**n).tolist()
    points = vertices(m, n)
    taken: list[Vertex] = []
    for index in sorted(range(len(points)), key=lambda i: (-values[i], i)):
        if not any(near(points[index], old, m) for old in taken):
            taken.append(points[index])
    by_vertex = dict(zip(points, values, strict=True))
    found = built(problem, lambda el, m, n: by_vertex[el], instance(m, n))
    assert found.tolist() == [list(vertex) for vertex in taken]


def test_minus_infinity_means_never() -> None:
    assert reached(problem, lambda el, m, n: -math.inf, "c9n3") == 0
    assert reached(problem, lambda el, m, n: 0.0 if sum(el) == 24 else -math.inf, "c9n3") == 1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(problem, lambda el, m, n: value if el[0] == 1 else 0.0, instance(9, 3))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_score_accepts_exactly_the_independent_sets(data: st.DataObject) -> None:
    m, n = data.draw(st.sampled_from([(3, 1), (5, 2), (7, 2), (5, 3)]))
    rows = data.draw(st.lists(st.sampled_from(vertices(m, n)), max_size=6))
    if any(near(a, b, m) for a, b in itertools.combinations(rows, 2)):
        with pytest.raises(Invalid):
            score(m, n, rows)
    else:
        assert score(m, n, rows) == len(rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0, 7)], "not 0 to 6"),
        ([(-1, 0)], "not 0 to 6"),
        ([(127, -128)], "not 0 to 6"),
        ([(1, 1), (3, 3), (1, 1)], "occurs twice"),
        ([(1, 1)] * 300, "occurs twice"),
        ([(3, 3), (0, 5), (6, 6)], r"vertex 1, \(0, 5\), is joined"),
    ],
)
def test_score_refuses(rows: Any, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        score(7, 2, rows)


def test_score_refuses_vertices_of_another_length() -> None:
    with pytest.raises(Invalid, match="have 3 coordinates, not 2"):
        problem.score(instance(7, 2), np.zeros((0, 3), dtype=np.int8))


def cosine(x: Fraction) -> tuple[Fraction, Fraction]:
    """Return bounds of cos x for 0 <= x <= 1: its series alternates and falls."""
    terms = [(-1) ** k * x ** (2 * k) / math.factorial(2 * k) for k in range(12)]
    return sum(terms, Fraction(0)), sum(terms[:-1], Fraction(0))


@pytest.mark.parametrize(("m", "n"), POWERS)
def test_the_bound_is_the_power_of_theta_rounded_down_for_certain(m: int, n: int) -> None:
    digits = 10**15
    lower_pi, upper_pi = Fraction(3141592653589793, digits), Fraction(3141592653589794, digits)
    # Theta grows with the cosine, which falls; an even number of terms is too little.
    lowest, highest = cosine(upper_pi / m)[0], cosine(lower_pi / m)[1]
    lower, upper = ((m * c / (1 + c)) ** n for c in (lowest, highest))
    assert lower < upper < lower + Fraction(1, 10**9)
    assert math.floor(lower) == math.floor(upper) == problem.metric.bound[f"c{m}n{n}"].value


def test_theta_of_the_pentagon_is_the_root_of_5() -> None:
    assert theta(5) == pytest.approx(math.sqrt(5), rel=1e-14)


def test_instances_are_chosen_by_cycle() -> None:
    assert problem.shorthands["cycle"]("9") == ["c9n3", "c9n4", "c9n5"]
    with pytest.raises(ValueError, match="7, 9, 11, not 8"):
        problem.shorthands["cycle"]("8")
