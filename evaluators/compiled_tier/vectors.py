"""Arrays in compiled code, beyond what numpy's inner loops do."""

# ruff: noqa: D103

from __future__ import annotations

from typing import Any

import numpy as np

from evaluators.compiled_tier import intrinsics
from evaluators.compiled_tier.intrinsics import Departed, fold
from evaluators.compiled_tier.numbers import helper, math_sqrt, math_trunc, mixed
from evaluators.compiled_tier.sequences import sort_in_place

_BUFFER = 8192
"""Entries that numpy converts at a time; a sum of more is made of parts."""


@helper
def cast_floats(array: Any) -> Any:
    made = np.empty(len(array), np.float64)
    for place in range(len(array)):
        made[place] = array[place]
    return made


@helper
def cast_ints(array: Any) -> Any:
    made = np.empty(len(array), np.int64)
    for place in range(len(array)):
        made[place] = array[place]
    return made


@helper
def truncated(array: Any) -> Any:
    made = np.empty(len(array), np.int64)
    for place in range(len(array)):
        made[place] = math_trunc(array[place])
    return made


@helper
def full_floats(length: int, value: float) -> Any:
    if length < 0 or length > 1 << 24:
        raise Departed("an array of such a length")
    made = np.empty(length, np.float64)
    for place in range(length):
        made[place] = value
    return made


@helper
def full_ints(length: int, value: int) -> Any:
    if length < 0 or length > 1 << 24:
        raise Departed("an array of such a length")
    made = np.empty(length, np.int64)
    for place in range(length):
        made[place] = value
    return made


@helper
def full_bools(length: int, value: bool) -> Any:
    if length < 0 or length > 1 << 24:
        raise Departed("an array of such a length")
    made = np.empty(length, np.bool_)
    for place in range(length):
        made[place] = value
    return made


@helper
def counted(start: int, stop: int) -> Any:
    length = max(stop - start, 0)
    if length > 1 << 24 or abs(start) > 1 << 60 or abs(stop) > 1 << 60:
        raise Departed("an array of such a length")
    made = np.empty(length, np.int64)
    for place in range(length):
        made[place] = start + place
    return made


@helper
def take_where(array: Any, mask: Any) -> Any:
    if len(array) != len(mask):
        raise IndexError("a mask of another length")
    count = 0
    for found in mask:
        count += found
    made = np.empty(count, array.dtype)
    at = 0
    for place in range(len(array)):
        if mask[place]:
            made[at] = array[place]
            at += 1
    return made


@helper
def _place(index: int, length: int) -> int:
    if index < -length or index >= length:
        raise IndexError("an index out of range")
    return index + length if index < 0 else index


@helper
def take_at(array: Any, index: Any) -> Any:
    made = np.empty(len(index), array.dtype)
    for place in range(len(index)):
        made[place] = array[_place(index[place], len(array))]
    return made


@helper
def store_number(array: Any, value: Any) -> None:
    for place in range(len(array)):
        array[place] = value


@helper
def store_array(array: Any, values: Any) -> None:
    if len(array) != len(values):
        raise Departed("arrays of different lengths")
    # The two may overlap.
    held = values.copy()
    for place in range(len(array)):
        array[place] = held[place]


@helper
def store_number_where(array: Any, mask: Any, value: Any) -> None:
    if len(array) != len(mask):
        raise IndexError("a mask of another length")
    for place in range(len(array)):
        if mask[place]:
            array[place] = value


@helper
def store_array_where(array: Any, mask: Any, values: Any) -> None:
    if len(array) != len(mask):
        raise IndexError("a mask of another length")
    count = 0
    for found in mask:
        count += found
    if count != len(values):
        raise Departed("arrays of different lengths")
    held = values.copy()
    at = 0
    for place in range(len(array)):
        if mask[place]:
            array[place] = held[at]
            at += 1


@helper
def store_number_at(array: Any, index: Any, value: Any) -> None:
    for each in index:
        array[_place(each, len(array))] = value


@helper
def store_array_at(array: Any, index: Any, values: Any) -> None:
    if len(index) != len(values):
        raise Departed("arrays of different lengths")
    held = values.copy()
    for place in range(len(index)):
        array[_place(index[place], len(array))] = held[place]


@helper
def flatnonzero(array: Any) -> Any:
    count = 0
    for item in array:
        count += item != 0
    made = np.empty(count, np.int64)
    at = 0
    for place in range(len(array)):
        if array[place] != 0:
            made[at] = place
            at += 1
    return made


@helper
def count_nonzero(array: Any) -> int:
    count = 0
    for item in array:
        count += item != 0
    return count


@helper
def extreme_place(array: Any, sign: int) -> int:
    """Return the first place of the largest entry, or of the smallest one."""
    if len(array) == 0:
        raise ValueError("the largest of nothing")
    found = 0
    for place in range(len(array)):
        item = array[place]
        if item != item:
            raise Departed("what is no number is compared")
        if item > array[found] if sign > 0 else item < array[found]:
            found = place
    return found


@helper
def argmax_ints(array: Any) -> int:
    return extreme_place(array, 1)


@helper
def argmin_ints(array: Any) -> int:
    return extreme_place(array, -1)


@helper
def max_ints(array: Any) -> int:
    return array[extreme_place(array, 1)]


@helper
def min_ints(array: Any) -> int:
    return array[extreme_place(array, -1)]


@helper
def _only_zeros_alike(array: Any, found: float) -> float:
    """Return the extreme of floats; which zero numpy returns depends on the processor."""
    if found == 0.0:
        sign = np.signbit(found)
        for item in array:
            if item == 0.0 and np.signbit(item) != sign:
                raise Departed("zeros of both signs are compared")
    return found


@helper
def max_floats(array: Any) -> float:
    return _only_zeros_alike(array, array[extreme_place(array, 1)])


@helper
def min_floats(array: Any) -> float:
    return _only_zeros_alike(array, array[extreme_place(array, -1)])


@helper
def sum_by_loop(loop: Any, array: Any) -> float:
    return fold(loop, 0.0, array)


@helper
def mean_floats(loop: Any, array: Any) -> float:
    if len(array) == 0 or len(array) > _BUFFER:
        raise Departed("the mean of so many entries")
    return fold(loop, 0.0, array) / float(len(array))


@helper
def var_floats(loop: Any, array: Any) -> float:
    mean = mean_floats(loop, array)
    squares = np.empty(len(array), np.float64)
    for place in range(len(array)):
        squares[place] = (array[place] - mean) * (array[place] - mean)
    return fold(loop, 0.0, squares) / float(len(array))


@helper
def std_floats(loop: Any, array: Any) -> float:
    return math_sqrt(var_floats(loop, array))


@helper
def cumsum(array: Any) -> Any:
    made = np.empty(len(array), array.dtype)
    for place in range(len(array)):
        made[place] = made[place - 1] + array[place] if place else array[place]
    return made


@helper
def diff(array: Any) -> Any:
    made = np.empty(max(len(array) - 1, 0), array.dtype)
    for place in range(len(made)):
        made[place] = array[place + 1] - array[place]
    return made


@helper
def _comparable(array: Any) -> None:
    for item in array:
        if item != item or (item == 0 and np.signbit(np.float64(item))):
            raise Departed("what is no number, or a negative zero, is sorted")


@helper
def sorted_array(array: Any) -> Any:
    _comparable(array)
    made = array.copy()
    sort_in_place(made, False)
    return made


@helper
def unique(array: Any) -> Any:
    made = sorted_array(array)
    count = 0
    for place in range(len(made)):
        if count == 0 or made[place] != made[count - 1]:
            made[count] = made[place]
            count += 1
    return made[:count].copy()


@helper
def sorted_places(array: Any, stable: bool) -> Any:
    """Return the places in order of their entries; numpy's order of equal ones is its own."""
    _comparable(array)
    count = len(array)
    places = np.empty(count, np.int64)
    for place in range(count):
        places[place] = place
    other = places.copy()
    width = 1
    while width < count:
        for start in range(0, count, 2 * width):
            middle, end = min(start + width, count), min(start + 2 * width, count)
            left, right = start, middle
            for place in range(start, end):
                if left < middle and (
                    right >= end or not array[places[right]] < array[places[left]]
                ):
                    other[place] = places[left]
                    left += 1
                else:
                    other[place] = places[right]
                    right += 1
        places, other = other, places
        width *= 2
    if not stable:
        for place in range(1, count):
            if array[places[place]] == array[places[place - 1]]:
                raise Departed("equal entries are sorted in an order of numpy's own")
    return places


@helper
def bincount(array: Any, least: int) -> Any:
    length = least
    for item in array:
        if item < 0 or item > 1 << 20:
            raise Departed("entries that cannot be counted")
        length = max(length, item + 1)
    made = full_ints(length, 0)
    for item in array:
        made[item] += 1
    return made


@helper
def power_of_ints(array: Any, exponent: int) -> Any:
    made = np.empty(len(array), np.int64)
    for place in range(len(array)):
        base, left, product = array[place], exponent, 1
        while left > 0:
            if left & 1:
                product *= base
            base *= base
            left >>= 1
        made[place] = product
    return made


@helper
def no_fast_power(exponent: float) -> float:
    if exponent in (-1.0, 0.0, 0.5, 1.0, 2.0):
        raise Departed("a power for which numpy has two ways")
    return exponent


def _chosen(dtype: Any) -> Any:
    @helper
    def choose(test: Any, one: Any, other: Any) -> Any:
        if len(one) != len(test) or len(other) != len(test):
            raise Departed("arrays of different lengths")
        made = np.empty(len(test), dtype)
        for place in range(len(test)):
            made[place] = one[place] if test[place] else other[place]
        return made

    return choose


@helper
def result_floats(array: Any) -> Any:
    for item in array:
        if item != item:
            raise Departed("no number is returned")
    return np.ascontiguousarray(array)


@helper
def result_ints(array: Any) -> Any:
    made = np.empty(len(array), np.float64)
    for place in range(len(array)):
        made[place] = mixed(array[place])
    return made


@helper
def result_bools(array: Any) -> Any:
    return cast_floats(array)


HELPERS: dict[str, Any] = {
    **{
        f"apply_{kind}{once}": getattr(intrinsics, f"apply_{kind}{once}")
        for kind in ("float", "int", "bool")
        for once in ("", "_once")
    },
    "argmax_floats": argmax_ints,
    "argmin_floats": argmin_ints,
    "choose_floats": _chosen(np.float64),
    "choose_ints": _chosen(np.int64),
    "choose_bools": _chosen(np.bool_),
    **{
        each.__name__: each
        for each in (
            *(cast_floats, cast_ints, truncated, full_floats, full_ints, full_bools, counted),
            *(take_where, take_at, store_number, store_array, store_number_where),
            *(store_array_where, store_number_at, store_array_at, flatnonzero, count_nonzero),
            *(argmax_ints, argmin_ints, max_ints, min_ints, max_floats, min_floats),
            *(sum_by_loop, mean_floats, var_floats, std_floats, cumsum, diff, sorted_array),
            *(unique, sorted_places, bincount, power_of_ints, no_fast_power, result_floats),
            *(result_ints, result_bools),
        )
    },
}
"""Name in compiled code → what it is."""
