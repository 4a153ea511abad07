"""Kissing configurations: the rule word for word, exactness, refusals."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from problems.contract import Instance, Invalid
from problems.kissing_number import priority, problem, vectors
from tests.problems.support import built

Vector = tuple[int, ...]


def instance(n: int, hexagonal: int = 0) -> Instance:
    return Instance("test", {"n": n, "hexagonal": hexagonal})


def score(n: int, rows: object, hexagonal: int = 0) -> float:
    array = np.array(rows, dtype=np.int64).reshape(-1, n)
    return problem.score(instance(n, hexagonal), array)


def length(v: Vector, hexagonal: int) -> int:
    pairs = sum(v[2 * i] * v[2 * i + 1] for i in range(hexagonal))
    return sum(x * x for x in v) + pairs


def good(rows: list[Vector], hexagonal: int) -> bool:
    """Whether the vectors are what the problem asks for, by its words."""
    lengths = [length(v, hexagonal) for v in rows]
    between = [
        length(tuple(x - y for x, y in zip(a, b, strict=True)), hexagonal)
        for a, b in itertools.combinations(rows, 2)
    ]
    return 0 not in lengths and min(between, default=math.inf) >= max(lengths, default=0)


@pytest.mark.parametrize(("n", "hexagonal"), [(2, 1), (3, 0), (4, 0), (6, 3)])
def test_vectors_are_all_short_ones_and_shorter_ones_come_first(n: int, hexagonal: int) -> None:
    box = itertools.product(range(-3, 4), repeat=n) if n < 6 else []
    found = [(length(v, hexagonal), v) for v in vectors(n, hexagonal)]
    assert found == sorted(found)
    assert len(found) == len(set(found))
    assert all(1 <= size <= 4 for size, _ in found)
    if n < 6:
        assert len(found) == sum(1 <= length(v, hexagonal) <= 4 for v in box)
    else:
        # The number of vectors in the shells of three hexagonal lattices, from its theta series.
        assert [sum(size == k for size, _ in found) for k in range(1, 5)] == [18, 108, 234, 234]


@pytest.mark.parametrize(("n", "hexagonal"), [(2, 1), (3, 0), (4, 0), (5, 0)])
def test_construction_agrees_with_a_plain_one(n: int, hexagonal: int) -> None:
    for seed in range(5):
        values = np.random.default_rng(seed).integers(0, 5, len(vectors(n, hexagonal)))
        by_vector = dict(zip(vectors(n, hexagonal), values.tolist(), strict=True))
        taken: list[Vector] = []
        for v in sorted(by_vector, key=lambda v: (-by_vector[v], length(v, hexagonal), v)):
            if good([*taken, v], hexagonal):
                taken.append(v)
        found = built(problem, lambda el, n: by_vector[el], instance(n, hexagonal))  # noqa: B023
        assert found.tolist() == [list(v) for v in taken]


def test_a_vector_that_is_too_long_for_those_before_it_is_not_taken() -> None:
    wanted = {(1, 0): 2.0, (0, 1): 1.0, (-2, 0): 0.0}
    rows = built(problem, lambda el, n: wanted.get(el, -math.inf), instance(2))
    assert rows.tolist() == [[1, 0], [0, 1]]


def test_minus_infinity_means_never() -> None:
    assert len(built(problem, lambda el, n: -math.inf, instance(3))) == 0
    assert score(3, []) == 0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(problem, lambda el, n: value if sum(el) == 1 else 0.0, instance(3))


def test_the_seed_is_not_optimal_on_training_instances() -> None:
    for name in problem.training:
        chosen = problem.instance(name)
        size = len(built(problem, priority, chosen))
        assert size < problem.metric.best_known[name].value


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 0], [0, 0]], "vector 1 is zero"),
        ([[1, 0], [1, 0]], "vectors 0 and 1 are closer"),
        ([[1, 0], [0, 1], [0, 5]], "vectors 0 and 1 are closer"),
        ([[2**62, 0], [2**61, 1]], "vectors 0 and 1 are closer"),
    ],
)
def test_score_refuses(rows: list[list[int]], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        score(2, rows)


def test_score_refuses_vectors_of_another_dimension() -> None:
    with pytest.raises(Invalid, match="3 coordinates, not 2"):
        problem.score(instance(2), np.ones((1, 3), dtype=np.int64))


def test_score_is_exact_for_the_largest_coordinates() -> None:
    least, most = -(2**63), 2**63 - 1
    assert score(2, [[least, least], [most, most]]) == 2
    # Products of these numbers vanish in 64 bits.
    with pytest.raises(Invalid, match="closer"):
        score(2, [[2**32, 2**32], [2**33, 2**32]])


coordinates = st.one_of(st.integers(-3, 3), st.integers(-(2**62), 2**62))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1), st.lists(st.tuples(*[coordinates] * 3), max_size=5))
def test_score_follows_the_definition(hexagonal: int, rows: list[Vector]) -> None:
    if good(rows, hexagonal):
        assert score(3, rows, hexagonal) == len(rows)
    else:
        with pytest.raises(Invalid):
            score(3, rows, hexagonal)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2), st.integers(0, 2**32))
def test_whatever_is_valid_has_no_angle_below_60_degrees(hexagonal: int, seed: int) -> None:
    values: NDArray[np.float64] = np.random.default_rng(seed).random(len(vectors(4, hexagonal)))
    by_vector = dict(zip(vectors(4, hexagonal), values.tolist(), strict=True))
    rows = built(problem, lambda el, n: by_vector[el], instance(4, hexagonal)).tolist()
    for a, b in itertools.combinations(rows, 2):
        both = length(tuple(np.add(a, b).tolist()), hexagonal)
        inner = Fraction(both - length(a, hexagonal) - length(b, hexagonal), 2)
        # The cosine, squared, is at most 1/4.
        norms = length(a, hexagonal) * length(b, hexagonal)
        assert inner <= 0 or 4 * inner**2 <= norms
