"""Foresight: the altered instance differs after the cut only, and who sees that is found out."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evaluators.foresight import altered, cut, foreseen, steps
from evaluators.verdict import Certificate
from problems.contract import Array, Instance, Metric, Problem


def unused(*_: Any) -> Any:
    raise AssertionError("nothing is run here")


PROBLEM = Problem(
    name="stream",
    evolve=unused,
    construct=unused,
    score=unused,
    metric=Metric("value", "units"),
    certificate=Array("int32", 1, 100),
    instances=dict,
    training=[],
    online="items",
)


def instance(items: list[int]) -> Instance:
    return Instance("some", {"capacity": 10, "items": items})


def certificate(decisions: list[int], dtype: str = "int32") -> Certificate:
    return Certificate(dtype, (len(decisions),), np.array(decisions, dtype).tobytes())


ids = st.integers(0, 10**9).map(lambda number: hashlib.sha256(str(number).encode()).hexdigest())


@given(st.integers(0, 10**6), ids)
def test_cut_leaves_something_on_both_sides(count: int, program: str) -> None:
    kept = cut(count, program)
    assert kept == cut(count, program)
    if count < 3:
        assert kept == 0
    else:
        assert 1 <= kept <= count - 2
        assert count // 4 - 1 <= kept <= 3 * count // 4 + 1


def test_cut_differs_between_programs() -> None:
    places = {cut(5000, hashlib.sha256(bytes([n])).hexdigest()) for n in range(100)}
    assert len(places) > 90
    assert min(places) < 1700 < 3300 < max(places)


@given(st.lists(st.integers(0, 5), max_size=40), ids)
def test_altered_instance_has_entries_of_the_instance_and_differs_after_the_cut_only(
    items: list[int], program: str
) -> None:
    original = instance(items)
    count = steps(PROBLEM, original)
    assert count == len(items)
    kept = cut(count, program)
    other = altered(PROBLEM, original, kept)
    after = other.data["items"]
    assert isinstance(after, list)
    assert after[:kept] == items[:kept]
    assert len(after) == len(items)
    assert set(after) <= set(items)
    if len(set(items)) == len(items):
        assert Counter(after) == Counter(items)
        assert (after != items) == (len(items[kept:]) > 1)
    assert altered(PROBLEM, original, kept) == other
    assert replace(other, data={**other.data, "items": items}) == original
    assert original.data["items"] == items, "the original stays as it is"


def test_who_only_counts_what_will_come_is_found_out() -> None:
    def counting(arrived: Any) -> list[int]:
        return [sum(each == 2 for each in arrived)] * len(arrived)

    items = [number * number % 7 for number in range(60)]
    kept = cut(len(items), "some id")
    other = altered(PROBLEM, instance(items), kept).data["items"]
    assert foreseen(certificate(counting(items)), certificate(counting(other)), kept) == 0


@given(st.lists(st.integers(0, 9), min_size=3, max_size=30), ids)
def test_who_decides_by_what_has_arrived_is_never_accused(items: list[int], program: str) -> None:
    def totals(arrived: Any) -> list[int]:
        return [sum(arrived[: i + 1]) for i in range(len(arrived))]

    kept = cut(len(items), program)
    other = altered(PROBLEM, instance(items), kept).data["items"]
    assert foreseen(certificate(totals(items)), certificate(totals(other)), kept) is None


@given(st.lists(st.integers(0, 9), min_size=3, max_size=30), ids)
def test_who_decides_by_the_next_entry_is_found_out_where_that_changed(
    items: list[int], program: str
) -> None:
    def peeking(arrived: Any) -> list[int]:
        return [*arrived[1:], 0]

    kept = cut(len(items), program)
    other = altered(PROBLEM, instance(items), kept).data["items"]
    assert isinstance(other, list)
    assume(other[kept] != items[kept])
    assert foreseen(certificate(peeking(items)), certificate(peeking(other)), kept) == kept - 1


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=20),
    st.lists(st.integers(-3, 3), min_size=1, max_size=20),
    st.integers(0, 20),
    st.sampled_from(["int8", "int32", "int64", "float64"]),
)
def test_first_decision_that_changed_is_named(
    first: list[int], second: list[int], kept: int, dtype: str
) -> None:
    size = min(len(first), len(second))
    first, second = first[:size], second[:size]
    expected = next((i for i in range(min(kept, size)) if first[i] != second[i]), None)
    assert foreseen(certificate(first, dtype), certificate(second, dtype), kept) == expected


@pytest.mark.parametrize(("shorter", "found"), [([1, 2], 2), ([1, 2, 3], None), ([], 0)])
def test_decision_that_is_missing_counts_as_changed(shorter: list[int], found: int | None) -> None:
    assert foreseen(certificate([1, 2, 3, 4]), certificate(shorter), 3) == found


def test_decisions_of_another_type_are_other_decisions() -> None:
    assert foreseen(certificate([1, 2]), certificate([1, 2], "int64"), 1) == 0
