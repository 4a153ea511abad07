"""Symmetric cap sets: the construction word for word, what is shared, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems import cap_set
from problems.contract import Instance, Invalid
from problems.domains import SignedPermutation, Vector
from problems.symmetric_cap_set import LARGEST_ORDER, group, priorities, problem
from tests.problems import support

Map = tuple[int, ...]
TURN = (2, 3, 4, 5, 1)
FIVE = problem.instance("n=5")


def image(entries: Map, by: Map) -> Map:
    """Return what a generator makes of a vector, as the seed's docstring says."""
    return tuple((entries[i - 1] if i > 0 else -entries[-i - 1]) % 3 for i in by)


def orbit(generators: Sequence[Map], start: Map) -> set[Map]:
    found, pending = {start}, [start]
    while pending:
        entries = pending.pop()
        new = {image(entries, by) for by in generators} - found
        found |= new
        pending += new
    return found


def built(result: Any) -> list[list[int]]:
    return support.built(problem, lambda n: result, FIVE).tolist()


maps = st.tuples(st.permutations(range(1, 5)), st.tuples(*[st.sampled_from((1, -1))] * 4)).map(
    lambda pair: tuple(i * sign for i, sign in zip(*pair, strict=True))
)
entries = st.tuples(*[st.integers(0, 2)] * 4)


@settings(max_examples=200, deadline=None)
@given(st.lists(maps, max_size=3), st.lists(entries, max_size=6))
def test_images_have_the_highest_priority_of_their_representatives(
    generators: list[Map], representatives: list[Map]
) -> None:
    expected = dict.fromkeys(product(range(3), repeat=4), 0)
    for j, representative in enumerate(representatives):
        for each in orbit(generators, representative):
            expected[each] = max(expected[each], len(representatives) - j)
    assert priorities(generators, representatives, 4).tolist() == list(expected.values())


def test_the_greedy_is_that_of_cap_sets() -> None:
    representatives = [(0, 1, 2, 0, 1), (1, 1, 0, 2, 2)]
    values = priorities([TURN], representatives, 5)
    order = list(product(range(3), repeat=5))
    same = support.built(
        cap_set.problem, lambda el, n: float(values[order.index(el)]), Instance("n=5", {"n": 5})
    )
    assert built(([TURN], representatives)) == same.tolist()


def test_a_generator_maps_vectors_as_the_seed_says() -> None:
    # (2, -1, 3, …) maps (x1, x2, x3, …) to (x2, -x1, x3, …).
    found = priorities([(2, -1, 3, 4, 5)], [(1, 0, 0, 2, 0)], 5)
    expected = [(0, 1, 0, 2, 0), (0, 2, 0, 2, 0), (1, 0, 0, 2, 0), (2, 0, 0, 2, 0)]
    order = list(product(range(3), repeat=5))
    assert [order[i] for i in np.flatnonzero(found)] == expected


def test_orders_of_groups() -> None:
    assert len(group([], 5)) == 1
    assert len(group([(1, 2, 3, 4, 5)], 5)) == 1
    assert len(group([TURN], 5)) == 5
    assert len(group([(-1, -2, -3, -4, -5), TURN], 5)) == 10
    assert len(group([TURN, (2, 1, 3, 4, 5), (-1, 2, 3, 4, 5)], 5)) == 2**5 * 120
    six = [(2, 3, 4, 5, 6, 1), (2, 1, 3, 4, 5, 6), (-1, 2, 3, 4, 5, 6)]
    with pytest.raises(Invalid, match=f"more than {LARGEST_ORDER}"):
        group(six, 6)


def test_representatives_come_in_their_order_and_may_be_lists() -> None:
    rows = built([[list(TURN)], [[1, 0, 0, 0, 0], [0, 0, 2, 0, 0], [1, 0, 0, 0, 0]]])
    assert rows[:5] == np.eye(5, dtype=int)[::-1].tolist()
    assert [0, 0, 2, 0, 0] in rows[5:]


class Sneaky(tuple[Any, ...]):
    """A tuple that says it is another."""

    def __len__(self) -> int:
        return 2


GOOD = (0, 1, 2, 0, 1)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (None, "the result is not two lists: generators and representatives"),
        (0.0, "the result is not two lists: generators and representatives"),
        ([TURN], "the result is not two lists: generators and representatives"),
        ("ab", "the result is not two lists: generators and representatives"),
        (Sneaky(), "the result is not two lists: generators and representatives"),
        ({0: [], 1: []}, "the result is not two lists: generators and representatives"),
        (([], None), "the representatives are not a list"),
        ((iter(()), []), "the generators are not a list"),
        (([TURN] * 17, []), "there are 17 generators; at most 16 are allowed"),
        (([], [GOOD] * 244), "there are 244 representatives; at most 243 are allowed"),
        (([TURN, (1, 2, 3, 4)], []), "generator 1 is not a tuple of 1 to 5 in some order, "),
        (([(1, 2, 3, 4, 4)], []), "generator 0 is not a tuple of 1 to 5 in some order, "),
        (([(0, 1, 2, 3, 4)], []), "generator 0 is not a tuple"),
        (([(1.0, 2, 3, 4, 5)], []), "generator 0 is not a tuple"),
        (([(True, 2, 3, 4, 5)], []), "generator 0 is not a tuple"),
        (([(10**9999, 2, 3, 4, 5)], []), "generator 0 is not a tuple"),
        (([Sneaky(TURN)], []), "generator 0 is not a tuple"),
        (([3], []), "generator 0 is not a tuple"),
        (([], [GOOD, (0, 1, 2, 0, 3)]), "representative 1 is not a tuple of 5 entries 0, 1 or 2"),
        (([], [(0, 1, 2, 0, -1)]), "representative 0 is not a tuple"),
        (([], [(0, 1, 2, 0)]), "representative 0 is not a tuple"),
        (([], [(0, 1, 2, 0, np.int64(1))]), "representative 0 is not a tuple"),
        (([], [(0, 1, 2, 0, float("nan"))]), "representative 0 is not a tuple"),
    ],
)
def test_refuses(result: Any, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        built(result)
    assert str(refused.value).startswith(reason)


def test_as_many_as_are_allowed_are_taken() -> None:
    every = list(product(range(3), repeat=5))
    assert built(([TURN] * 16, every))[0] == [0] * 5


def test_what_domains_allow_is_what_is_taken() -> None:
    assert TURN in SignedPermutation(5)
    assert GOOD in Vector(3, 5)
    assert built(([TURN], [GOOD]))[0] in [list(each) for each in orbit([TURN], GOOD)]
