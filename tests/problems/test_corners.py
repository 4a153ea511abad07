"""Corners: the greedy rule and the score, each against its definition."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from problems.contract import Instance, Invalid
from problems.corners import priority, problem, vertices
from tests.problems.support import built

Vertex = tuple[tuple[int, ...], tuple[int, ...]]


def instance(p: int, n: int) -> Instance:
    return problem.instance(f"p{p}n{n}")


def score(p: int, n: int, rows: Any) -> float:
    array = np.array(rows, dtype=np.int64).reshape(-1, 2 * n + 3)
    return problem.score(instance(p, n), array)


def shifted(x: Sequence[int], step: Sequence[int], p: int) -> tuple[int, ...]:
    return tuple((a + b) % p for a, b in zip(x, step, strict=True))


def corners(members: Sequence[Vertex], p: int) -> list[tuple[Vertex, Vertex, Vertex]]:
    """Return the corners inside a set, by the definition."""
    inside = set(members)
    found: list[tuple[Vertex, Vertex, Vertex]] = []
    for x, y in members:
        for step in itertools.product(range(p), repeat=len(x)):
            b, c = (shifted(x, step, p), y), (x, shifted(y, step, p))
            if any(step) and b in inside and c in inside:
                found.append(((x, y), b, c))
    return found


def possible(members: Sequence[Vertex], p: int) -> bool:
    """Whether there are u1 and u2 for a set, by somebody else's linear program."""
    number = {vertex: i for i, vertex in enumerate(members)}
    rows = np.zeros((len(corners(members, p)), 2 * len(members)))
    for row, (a, b, c) in zip(rows, corners(members, p), strict=True):
        row[2 * number[a]] -= 1
        row[2 * number[b] + 1] -= 1
        row[2 * number[c]] += 1
        row[2 * number[c] + 1] += 1
    if not len(rows):
        return True
    zero, one = np.zeros(rows.shape[1]), -np.ones(len(rows))
    return linprog(zero, rows, one, bounds=(None, None), method="highs").status == 0


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([(2, 1), (2, 2), (3, 1)]), st.randoms(use_true_random=False))
def test_construction_takes_what_a_linear_program_allows(
    size: tuple[int, int], random: Any
) -> None:
    p, n = size
    all_of_them = list(zip(*vertices(p, n), strict=True))
    values = {vertex: random.choice([0.0, 1.0, 2.0, -float("inf")]) for vertex in all_of_them}
    taken: list[Vertex] = []
    for vertex in sorted(all_of_them, key=lambda vertex: -values[vertex]):
        if values[vertex] > -float("inf") and possible([*taken, vertex], p):
            taken.append(vertex)
    rows = built(problem, lambda x, y, p, n: values[x, y], instance(p, n))
    assert [(tuple(row[:n]), tuple(row[n : 2 * n])) for row in rows.tolist()] == taken
    assert score(p, n, rows) == len(taken)


def test_a_large_set_is_the_one_a_linear_program_allows() -> None:
    values = dict(zip(zip(*vertices(3, 2), strict=True), shuffled(81), strict=True))
    rows = built(problem, lambda x, y, p, n: values[x, y], instance(3, 2))
    taken = [(tuple(row[:2]), tuple(row[2:4])) for row in rows.tolist()]
    assert score(3, 2, rows) == len(taken) >= 45
    assert possible(taken, 3)
    assert not any(possible([*taken, vertex], 3) for vertex in set(values) - set(taken))


def shuffled(count: int) -> list[float]:
    return np.random.default_rng(0).permutation(count).astype(float).tolist()


def test_the_vertices_are_in_the_order_of_x1_y1_x2_y2() -> None:
    x, y = vertices(3, 2)
    assert [3 * a[0] + b[0] for a, b in zip(x, y, strict=True)] == np.repeat(range(9), 9).tolist()
    assert [3 * a[1] + b[1] for a, b in zip(x, y, strict=True)] == [*range(9)] * 9
    rows = built(problem, lambda x, y, p, n: float(sum(x) + sum(y) == 1), instance(2, 2))
    assert rows[:4, :4].tolist() == [[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]


def test_minus_infinity_means_never() -> None:
    assert built(problem, lambda x, y, p, n: -float("inf"), instance(3, 1)).shape == (0, 5)
    rows = built(problem, lambda x, y, p, n: 0.0 if x == y else -float("inf"), instance(2, 3))
    assert score(2, 3, rows) == 8


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(problem, lambda x, y, p, n: value if x == y else 0.0, instance(2, 2))


def test_construction_is_the_same_a_second_time() -> None:
    first, second = (built(problem, priority, instance(3, 2)) for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(("p", "most"), [(2, 3), (3, 7)])
def test_the_bounds_for_one_coordinate_are_optimal(p: int, most: int) -> None:
    all_of_them = list(zip(*vertices(p, 1), strict=True))
    assert any(possible(each, p) for each in itertools.combinations(all_of_them, most))
    assert not any(possible(each, p) for each in itertools.combinations(all_of_them, most + 1))
    assert problem.metric.bound[f"p{p}n1"].value == most


def test_every_coset_of_a_bound_is_like_one_coordinate() -> None:
    # The corners of F_3^2 inside the multiples of (1, 2), against those of F_3.
    line = list(itertools.product(range(3), repeat=2))
    plane: list[Vertex] = [((a, 2 * a % 3), (b, 2 * b % 3)) for a, b in line]
    there = [[plane.index(vertex) for vertex in corner] for corner in corners(plane, 3)]
    flat: list[Vertex] = [((a,), (b,)) for a, b in line]
    assert there == [[flat.index(vertex) for vertex in corner] for corner in corners(flat, 3)]


entry = st.integers(-2, 2)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 2)), st.tuples(entry, entry)))
def test_score_accepts_exactly_the_degenerations(u: dict[tuple[int, int], tuple[int, int]]) -> None:
    rows = [[x, y, a, b, -a - b] for (x, y), (a, b) in u.items()]
    by_vertex: dict[Vertex, tuple[int, int, int]] = {
        ((x,), (y,)): (a, b, c) for x, y, a, b, c in rows
    }
    right = all(
        by_vertex[a][0] + by_vertex[b][1] + by_vertex[c][2] >= 1
        for a, b, c in corners(list(by_vertex), 3)
    )
    try:
        assert score(3, 1, rows) == len(rows)
    except Invalid:
        assert not right
    else:
        assert right


def whole(p: int, n: int) -> NDArray[np.int64]:
    return built(problem, priority, instance(p, n))


def test_score_tells_a_wrong_u_in_any_place() -> None:
    rows = whole(2, 3)
    for i in range(len(rows)):
        for j in range(6, 9):
            wrong = rows.copy()
            wrong[i, j] += 1
            with pytest.raises(Invalid, match="not 0 everywhere"):
                score(2, 3, wrong)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[0, 0, 0, 0]], "rows have 4 entries, not 5"),
        ([[0, 2, 0, 0, 0]], "from 0 to 1"),
        ([[-1, 0, 0, 0, 0]], "from 0 to 1"),
        ([[-(2**63), 0, 0, 0, 0]], "from 0 to 1"),
        ([[0, 0, 0, 0, 0], [0, 0, 1, 0, -1]], "twice"),
        ([[0, 0, 10**12 + 1, 0, -(10**12) - 1]], "beyond"),
        ([[0, 0, -(2**63), -(2**63), 0]], "beyond"),
        ([[0, 0, 2**62, 2**62, -(2**63)]], "beyond"),
        ([[0, 0, 1, 1, 1]], "not 0 everywhere"),
        ([[0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0]], "is 0 on a corner"),
    ],
)
def test_score_refuses(rows: list[list[int]], reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        problem.score(instance(2, 1), np.array(rows, dtype=np.int64))


def test_an_empty_set_has_size_zero() -> None:
    assert score(2, 2, np.empty((0, 7), dtype=np.int64)) == 0


def test_p_selects_its_instances() -> None:
    assert problem.shorthands["p"]("3") == ["p3n1", "p3n2", "p3n3"]
    with pytest.raises(ValueError, match="2 or 3"):
        problem.shorthands["p"]("5")
