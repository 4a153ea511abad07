"""What is fed: all that reaches `score` passes the gate, and near misses differ in one entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from evaluators import area
from funsearch.problem_check import feed
from funsearch.problem_check.variation import Varied
from problems.contract import Array, Invalid

DTYPES = ["bool", "int8", "uint8", "int64", "float32", "float64"]


@st.composite
def models(draw: st.DrawFn) -> tuple[Array, NDArray[Any]]:
    dtype = draw(st.sampled_from(DTYPES))
    ndim = draw(st.integers(0, 3))
    shape = tuple(draw(st.lists(st.integers(0, 4), min_size=ndim, max_size=ndim)))
    kind = np.dtype(dtype)
    elements: Any = st.booleans() if kind.kind == "b" else st.integers(0, 9)
    model = draw(arrays.arrays(kind, shape, elements=elements))
    return Array(dtype, ndim, draw(st.integers(max(1, model.size), 100))), model


def random() -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=3))


@given(models())
def test_whatever_is_fed_passes_the_gate(case: tuple[Array, NDArray[Any]]) -> None:
    declared, model = case
    for fed in feed.extreme(declared, model):
        area.check(fed.array, declared)
    for fed in feed.one_changed(declared, model, random()):
        area.check(fed.array, declared)
    varied = Varied(declared, [model], random())
    for _ in range(50):
        fed = varied.next()
        area.check(fed.array, declared)
        varied.learn(fed.array)


@given(models())
def test_the_gate_refuses_everything_of_another_kind(case: tuple[Array, NDArray[Any]]) -> None:
    declared, model = case
    fed = list(feed.of_another_kind(declared, model))
    assert len(fed) > 5
    for each in [*fed, *(feed.not_finite(declared, model) if model.size else ())]:
        with pytest.raises(Invalid):
            area.check(each.array, declared)


@given(models())
def test_a_near_miss_differs_in_one_entry(case: tuple[Array, NDArray[Any]]) -> None:
    declared, model = case
    places: set[int] = set()
    for fed in feed.one_changed(declared, model, random()):
        (different,) = np.flatnonzero(fed.array != model)
        places.add(int(different))
    assert len(places) == model.size


def test_all_small_arrays_are_all() -> None:
    model = np.array([[0, 1], [2, 1]], dtype="int8")
    family = feed.small(Array("int8", 2, 6), [model], most=1000)
    assert family is not None
    assert family.shapes == [(0, 2), (1, 2), (2, 2), (3, 2)]
    found = {(fed.array.shape, fed.array.tobytes()) for fed in family.all()}
    assert len(found) == family.count == 1 + 9 + 81 + 729
    assert family.words() == "all 820 arrays of 0, 1, 2 in shapes (0, 2) to (3, 2)"


def test_no_more_small_arrays_than_wanted() -> None:
    model = np.arange(8, dtype="int8")
    family = feed.small(Array("int8", 1, 100), [model], most=600)
    assert family is not None
    assert family.count == 1 + 8 + 64 + 512
    assert feed.small(Array("int8", 1, 100), [np.arange(50, dtype="int8")], 600) is None
    assert feed.small(Array("float64", 1, 100), [np.zeros(3)], 600) is None


def test_extremes_are_empty_huge_negative_and_misshapen() -> None:
    model = np.ones((3, 2), dtype="int16")
    fed = [each.array for each in feed.extreme(Array("int16", 2, 100), model)]
    values = {int(array.flat[0]) for array in fed if array.size}
    assert {-32768, 32767, -1, 0} <= values
    assert {(0, 0), (0, 2), (2, 3), (4, 2), (50, 2), (1, 100)} <= {array.shape for array in fed}


def test_floats_are_fed_near_zero_and_near_the_end() -> None:
    fed = [each.array for each in feed.extreme(Array("float64", 1, 5), np.ones(2))]
    values = {float(array[0]) for array in fed if array.size}
    assert {math.ulp(0.0), np.finfo(float).max} <= values


def test_variation_depends_on_the_generator_alone() -> None:
    model = np.arange(6, dtype="int32")
    one, other = (Varied(Array("int32", 1, 10), [model], random()) for _ in range(2))
    for _ in range(30):
        assert one.next().array.tobytes() == other.next().array.tobytes()
