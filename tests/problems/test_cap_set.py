"""The cap set problem: the rule word for word, ties, refusals, score and checker by definition."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from problems.cap_set import priority, problem, vectors
from problems.contract import Instance, Invalid
from tests.problems import support


def instance(n: int) -> Instance:
    return Instance(f"n={n}", {"n": n})


def built(function: Callable[..., Any], n: int) -> NDArray[Any]:
    return support.built(problem, function, instance(n))


def score(n: int, rows: Any) -> float:
    return problem.score(instance(n), np.array(rows, dtype=np.int8).reshape(-1, n))


@pytest.mark.parametrize("n", range(3, 10))
def test_the_seed_builds_the_set_of_all_vectors_of_zeros_and_ones(n: int) -> None:
    rows = built(priority, n)
    assert score(n, rows) == 2**n
    assert set(np.unique(rows)) == {0, 1}


def test_ties_go_to_the_lower_index_of_the_lexicographic_list() -> None:
    rows = built(lambda el, n: float(sum(el) > 0), 3)
    assert rows[0].tolist() == [0, 0, 1]
    assert list(vectors(2)) == list(itertools.product(range(3), repeat=2))


def test_minus_infinity_means_never() -> None:
    assert score(3, built(lambda el, n: -float("inf"), 3)) == 0
    assert score(3, built(lambda el, n: 0.0 if el == (1, 2, 0) else -float("inf"), 3)) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(lambda el, n: value if sum(el) == 1 else 0.0, 4)


@pytest.mark.parametrize("n", [3, 8])
def test_construction_agrees_with_a_plain_one(n: int) -> None:
    # The rule word for word, without tables: a vector is taken unless it completes a line.
    values = np.random.default_rng(n).integers(0, 5, 3**n).astype(float)
    taken: list[tuple[int, ...]] = []
    lines: set[tuple[int, ...]] = set()
    points = vectors(n)
    for index in sorted(range(3**n), key=lambda i: (-values[i], i)):
        if points[index] not in lines:
            new = points[index]
            lines |= {tuple(-(a + b) % 3 for a, b in zip(new, old, strict=True)) for old in taken}
            taken.append(new)
    by_point = dict(zip(points, values.tolist(), strict=True))
    assert built(lambda el, n: by_point[el], n).tolist() == [list(v) for v in taken]


def by_definition(rows: list[tuple[int, ...]]) -> bool:
    distinct = len(set(rows)) == len(rows)
    return distinct and not any(
        all(sum(column) % 3 == 0 for column in zip(*triple, strict=True))
        for triple in itertools.combinations(rows, 3)
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), max_size=7))
def test_score_accepts_exactly_the_cap_sets(rows: list[tuple[int, ...]]) -> None:
    try:
        assert score(3, rows) == len(rows)
        accepted = True
    except Invalid:
        accepted = False
    assert accepted == by_definition(rows)


def test_checker_accepts_exactly_the_cap_sets_of_the_plane() -> None:
    space: dict[str, Any] = {"__name__": "checker"}
    path = support.CHECKERS / "cap_set.py"
    exec(compile(path.read_text(), str(path), "exec"), space)
    plane = list(itertools.product(range(3), repeat=2))
    for size in range(6):
        for rows in itertools.combinations(plane, size):
            data = [x for row in rows for x in row]
            assert (space["judge"](2, [size, 2], data)[0] == 0) == by_definition(list(rows))
