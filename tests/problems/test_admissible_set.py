"""Admissible sets: the rule word for word, score and checker against the definition, the bound."""

import itertools
import math
import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.admissible_set import (
    capacity_bound,
    first_fault,
    masks,
    priority,
    problem,
    remark,
    vectors,
)
from problems.contract import Instance, Invalid
from tests.problems.support import CHECKERS, built, check
from tests.problems.support import rows as rows_of

Rows = Sequence[tuple[int, ...]]

judge = runpy.run_path(str(CHECKERS / "admissible_set.py"))["judge"]


def instance(n: int, w: int) -> Instance:
    return Instance(f"n{n}w{w}", {"n": n, "w": w})


def score(n: int, w: int, rows: Any) -> float:
    return problem.score(instance(n, w), np.array(rows, dtype=np.int8).reshape(-1, n))


def by_definition(rows: Rows, w: int) -> bool:
    supports = {tuple(map(bool, row)) for row in rows}
    apart = ([0, 1, 2], [0, 0, 1], [0, 0, 2])
    return (
        all(sum(support) == w for support in supports)
        and len(supports) == len(rows)
        and all(
            any(sorted(values) in apart for values in zip(*triple, strict=True))
            for triple in itertools.combinations(rows, 3)
        )
    )


def test_ties_go_to_the_lower_index_of_the_lexicographic_list() -> None:
    assert list(vectors(2, 1)) == [(0, 1), (0, 2), (1, 0), (2, 0)]
    assert built(problem, priority, instance(8, 5))[0].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert len(vectors(12, 7)) == math.comb(12, 7) * 2**7


def test_minus_infinity_means_never() -> None:
    assert score(8, 5, built(problem, lambda el, n, w: -float("inf"), instance(8, 5))) == 0
    only = (0, 0, 0, 1, 2, 1, 2, 1)
    chosen = built(problem, lambda el, n, w: 0.0 if el == only else -float("inf"), instance(8, 5))
    assert chosen.tolist() == [list(only)]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(problem, lambda el, n, w: value if el[0] == 1 else 0.0, instance(8, 5))


@pytest.mark.parametrize(("n", "w"), [(4, 2), (5, 3), (5, 4), (6, 3), (6, 4)])
@pytest.mark.parametrize("seed", range(3))
def test_construction_follows_the_rule_word_for_word(n: int, w: int, seed: int) -> None:
    points = vectors(n, w)
    values = np.random.default_rng(seed).integers(0, 4, len(points)).tolist()
    taken: list[tuple[int, ...]] = []
    for index in sorted(range(len(points)), key=lambda i: (-values[i], i)):
        new = points[index]
        fits = all(
            by_definition([*pair, new], w) for pair in itertools.combinations(taken, 2)
        ) and (not taken or by_definition([taken[0], new], w))
        if fits and tuple(map(bool, new)) not in {tuple(map(bool, old)) for old in taken}:
            taken.append(new)
    by_point = dict(zip(points, values, strict=True))
    assert built(problem, lambda el, n, w: by_point[el], instance(n, w)).tolist() == [
        list(v) for v in taken
    ]


def test_a_greedy_that_is_told_the_full_set_finds_it(published_data: Path, tmp_path: Path) -> None:
    path = published_data / "funsearch_published" / "admissible_set_n12_w7_size792.txt"
    rows = rows_of(path)
    rank = {tuple(row): -index for index, row in enumerate(rows)}
    assert built(problem, lambda el, n, w: rank.get(el, -1000), instance(12, 7)).tolist() == rows
    changed = np.array(rows)
    changed[5, np.flatnonzero(changed[5])[0]] ^= 3
    with pytest.raises(Invalid, match="no coordinate tells the vectors"):
        score(12, 7, changed)
    status, output = check(tmp_path, problem, instance(12, 7), changed)
    assert status == 1
    assert "not told apart" in output


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(vectors(4, 2) + vectors(4, 3)), max_size=6))
def test_score_and_checker_accept_exactly_the_admissible_sets(
    rows: list[tuple[int, ...]],
) -> None:
    w = sum(map(bool, rows[0])) if rows else 2
    try:
        assert score(4, w, rows) == len(rows)
        accepted = True
    except Invalid:
        accepted = False
    assert accepted == by_definition(rows, w)
    status, words = judge(4, w, [len(rows), 4], [x for row in rows for x in row])
    assert (status == 0) == accepted
    assert words.startswith(f"valid {len(rows)}" if accepted else "invalid ")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_larger_sets_are_judged_by_every_triple(data: st.DataObject) -> None:
    supports = list(itertools.combinations(range(5), 3))
    chosen = data.draw(st.lists(st.sampled_from(supports), min_size=3, max_size=10, unique=True))
    rows = [
        tuple(data.draw(st.integers(1, 2)) if place in support else 0 for place in range(5))
        for support in chosen
    ]
    accepted = judge(5, 3, [len(rows), 5], [x for row in rows for x in row])[0] == 0
    assert accepted == by_definition(rows, 3)
    if accepted:
        assert score(5, 3, rows) == len(rows)
    else:
        with pytest.raises(Invalid, match="no coordinate tells"):
            score(5, 3, rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(1, 1, 3)], "not 0, 1 or 2"),
        ([(1, -1, 0)], "not 0, 1 or 2"),
        ([(1, 1, 1)], "exactly 2"),
        ([(1, 0, 0)], "exactly 2"),
        ([(1, 1, 0), (2, 1, 0)], "at the same places"),
        ([(1, 1, 0), (1, 0, 1), (0, 1, 1)], "vectors 0, 1 and 2|vectors 1, 2 and 0"),
    ],
)
def test_score_refuses(rows: Any, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        score(3, 2, rows)


def test_score_refuses_vectors_of_another_length() -> None:
    with pytest.raises(Invalid, match="have 4 coordinates, not 3"):
        problem.score(instance(3, 2), np.zeros((0, 4), dtype=np.int8))


def test_triples_before_the_start_are_not_looked_at() -> None:
    alike = np.array([(1, 1, 0), (1, 0, 1), (0, 1, 1)], dtype=np.int8)
    supports, twos = masks(np.vstack([alike, alike * 2]))
    assert first_fault(supports[:3], twos[:3], 3, 2)[0] >= 0
    assert first_fault(supports[:3], twos[:3], 3, 3) == (-1, -1, -1)


@pytest.mark.parametrize(
    ("n", "w", "size", "published"),
    [
        (12, 7, 792, 2.218443),
        (15, 10, 3003, 2.2194859),
        (21, 15, 43_596, 2.220041),
        (24, 17, 237_984, 2.220234),
    ],
)
def test_the_bound_on_the_capacity_is_the_published_one(
    n: int, w: int, size: int, published: float
) -> None:
    digits = len(str(published).partition(".")[2])
    assert round(capacity_bound(n, w, size), digits) == published


@given(st.integers(1, 30), st.data())
def test_the_bound_on_the_capacity_is_that_of_the_best_of_all_products(
    n: int, data: st.DataObject
) -> None:
    w = data.draw(st.integers(1, n))
    size = data.draw(st.integers(1, math.comb(n, w)))
    caps = [
        (size * (12 * m * 112 ** (m - 1)) ** (n - w) * 112 ** (m * w), 6 * m * n)
        for m in range(1, 80)
    ]
    best = max(math.exp(math.log(vectors) / dimension) for vectors, dimension in caps)
    assert capacity_bound(n, w, size) == pytest.approx(best, rel=1e-12)


def test_a_larger_set_gives_a_larger_bound_and_none_is_worse_than_the_cap_of_112() -> None:
    bounds = [capacity_bound(12, 7, size) for size in range(793)]
    assert bounds == sorted(bounds)
    assert bounds[0] == pytest.approx(112 ** (1 / 6))


def test_the_remark_is_rounded_down() -> None:
    assert remark(instance(12, 7), 792.0) == "cap set capacity >= 2.218443"
    # 2.22004058 is published as 2.220041.
    assert remark(instance(21, 15), 43_596) == "cap set capacity >= 2.220040"
    assert remark(instance(12, 7), 0) == "cap set capacity >= 2.195514"


def test_instances_are_chosen_by_n() -> None:
    assert problem.shorthands["n"]("12") == ["n12w7"]
    with pytest.raises(ValueError, match="8, 9, 12"):
        problem.shorthands["n"]("7")
