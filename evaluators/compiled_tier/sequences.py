"""Tuples, lists and arrays in compiled code, as far as they are walked through one by one."""

# ruff: noqa: D103

from __future__ import annotations

from typing import Any

import numpy as np

from evaluators.compiled_tier.intrinsics import Departed, add_int, multiply_int
from evaluators.compiled_tier.numbers import add_mixed, helper, mixed


@helper
def empty_bools() -> Any:
    return [True][1:]


@helper
def empty_ints() -> Any:
    return [0][1:]


@helper
def empty_floats() -> Any:
    return [0.0][1:]


@helper
def count_int(items: Any, sought: int) -> int:
    found = 0
    for item in items:
        if item == sought:
            found += 1
    return found


@helper
def count_float(items: Any, sought: float) -> int:
    if sought != sought:
        raise Departed("no number is looked for")
    found = 0
    for item in items:
        if mixed(item) == sought:
            found += 1
    return found


@helper
def index_int(items: Any, sought: int) -> int:
    for place in range(len(items)):
        if items[place] == sought:
            return place
    raise ValueError("not in the sequence")


@helper
def index_float(items: Any, sought: float) -> int:
    if sought != sought:
        raise Departed("no number is looked for")
    for place in range(len(items)):
        if mixed(items[place]) == sought:
            return place
    raise ValueError("not in the sequence")


@helper
def contains_int(items: Any, sought: int) -> bool:
    for item in items:  # noqa: SIM110
        if item == sought:
            return True
    return False


@helper
def contains_float(items: Any, sought: float) -> bool:
    if sought != sought:
        raise Departed("no number is looked for")
    for item in items:  # noqa: SIM110
        if mixed(item) == sought:
            return True
    return False


@helper
def same(one: Any, other: Any) -> bool:
    if len(one) != len(other):
        return False
    for place in range(len(one)):  # noqa: SIM110
        if one[place] != other[place]:
            return False
    return True


@helper
def joined(one: Any, other: Any) -> Any:
    made = [item for item in one]  # noqa: C416
    for item in other:
        made.append(item)  # noqa: PERF402
    return made


@helper
def repeated(items: Any, times: int) -> Any:
    if times * len(items) > 1 << 24:
        raise Departed("a list too long")
    made = [item for item in items][:0]  # noqa: C416
    for _ in range(times):
        for item in items:
            made.append(item)
    return made


@helper
def copied(items: Any) -> Any:
    return [item for item in items]  # noqa: C416


@helper
def _sort(items: Any, descending: bool) -> None:
    """Sort in place, equal ones in their order: runs of 16 by insertion, then merged."""
    count = len(items)
    for start in range(0, count, 16):
        for place in range(start + 1, min(start + 16, count)):
            item = items[place]
            below = place - 1
            while below >= start and (items[below] < item if descending else item < items[below]):
                items[below + 1] = items[below]
                below -= 1
            items[below + 1] = item
    other = items.copy()
    width = 16
    while width < count:
        for start in range(0, count, 2 * width):
            middle, end = min(start + width, count), min(start + 2 * width, count)
            left, right = start, middle
            for place in range(start, end):
                if left < middle and (
                    right >= end
                    or not (
                        items[left] < items[right] if descending else items[right] < items[left]
                    )
                ):
                    other[place] = items[left]
                    left += 1
                else:
                    other[place] = items[right]
                    right += 1
        for place in range(count):
            items[place] = other[place]
        width *= 2


@helper
def ordered(items: Any, descending: bool) -> Any:
    made = [item for item in items]  # noqa: C416
    for item in made:
        if item != item:
            raise Departed("what is no number is sorted")
    _sort(made, descending)
    return made


@helper
def distinct(items: Any) -> int:
    if len(items) > 4096:
        raise Departed("a set too large")
    found = 0
    for place in range(len(items)):
        item = items[place]
        if item != item:
            raise Departed("a set of what is no number")
        new = 1
        for before in range(place):
            if items[before] == item:
                new = 0
                break
        found += new
    return found


@helper
def sum_ints(items: Any, start: int) -> int:
    total = start
    for item in items:
        total = add_int(total, int(item))
    return total


@helper
def product_ints(items: Any) -> int:
    total = 1
    for item in items:
        total = multiply_int(total, item)
    return total


@helper
def sum_floats(items: Any, start: float) -> float:
    total = start
    for item in items:
        total = total + item
    return total


@helper
def sum_mixed(items: Any, start: float) -> float:
    total = start
    for item in items:
        total = add_mixed(total, item)
    return total


@helper
def any_of(items: Any) -> bool:
    for item in items:  # noqa: SIM110
        if item:
            return True
    return False


@helper
def all_of(items: Any) -> bool:
    for item in items:  # noqa: SIM110
        if not item:
            return False
    return True


@helper
def larger_of(items: Any) -> Any:
    if len(items) == 0:
        raise ValueError("max of nothing")
    found = items[0]
    for place in range(1, len(items)):
        if items[place] > found:
            found = items[place]
    return found


@helper
def smaller_of(items: Any) -> Any:
    if len(items) == 0:
        raise ValueError("min of nothing")
    found = items[0]
    for place in range(1, len(items)):
        if items[place] < found:
            found = items[place]
    return found


@helper
def array_of_bools(items: Any) -> Any:
    if len(items) == 0:
        raise Departed("an empty array")
    made = np.empty(len(items), np.bool_)
    for place in range(len(items)):
        made[place] = items[place]
    return made


@helper
def array_of_ints_even_empty(items: Any) -> Any:
    made = np.empty(len(items), np.int64)
    for place in range(len(items)):
        made[place] = items[place]
    return made


@helper
def array_of_ints(items: Any) -> Any:
    if len(items) == 0:
        raise Departed("an empty array")
    return array_of_ints_even_empty(items)


@helper
def array_of_floats(items: Any) -> Any:
    made = np.empty(len(items), np.float64)
    for place in range(len(items)):
        made[place] = items[place]
    return made


HELPERS: dict[str, Any] = {
    each.__name__: each
    for each in (
        *(empty_bools, empty_ints, empty_floats, count_int, count_float, index_int, index_float),
        *(contains_int, contains_float, same, joined, repeated, copied, ordered, distinct),
        *(sum_ints, product_ints, sum_floats, sum_mixed, any_of, all_of, larger_of, smaller_of),
        *(array_of_bools, array_of_ints, array_of_ints_even_empty, array_of_floats),
    )
}
"""Name in compiled code → what it is."""

sort_in_place: Any = _sort
