"""Online bin packing: items come one after the other, and each goes into a bin for good.

The rule is that of Romera-Paredes et al. (Nature 625, 2024): of the bins with room for the item,
the one with the highest priority takes it. There is one bin for each item, so that one always fits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from problems.contract import (
    Array,
    Candidate,
    Data,
    Instance,
    Invalid,
    Known,
    Limits,
    Metric,
    Problem,
)
from problems.kernels import kernel

_ROUND = 64
"""Items after which bins without room for any item are dropped."""
_SPARE = 8
"""Empty bins shown beyond those that must be; they make arrays longer, but are rarely renewed."""

_TABLE_ENTRIES = 1 << 22
"""Most priorities that are worked out in advance (32 MiB)."""


def priority(item: int, bins: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """Return the priority of each bin for the item that has just arrived.

    `bins` holds the remaining capacity of every bin that has room for the item, as integers; most
    of them are still empty. The bin with the highest priority takes the item, the first of them
    if there are several; the goal is to use few bins. The result has one number for each bin.
    """
    return item - bins


def pack(
    candidate: Candidate, items: NDArray[np.int64], capacity: int, margin: int
) -> NDArray[np.int64]:
    """Pack items one after the other by the priorities of a candidate.

    The candidate gets the item as an int and an int64 array of the remaining capacities of all bins
    with room for it, in order; ties go to the first. Priorities are compared as float64;
    infinities are numbers like others, NaN is refused.

    Of empty bins in a row, it may be shown only so many at both ends. The packing is the same
    where the priority of a bin depends on fewer bins to either side: what is left out would have
    had the priority of the bin before, which comes first.

    Args:
        candidate: the function that is asked for each item.
        items: int64, shape (items,): their sizes, in the order they arrive.
        capacity: of each bin; there are as many as items.
        margin: how many empty bins are shown, at least, before and after those left out; 1 or more.
            If it is the number of items, none are left out.

    Returns:
        int64, shape (items,): the number of each item's bin.
    """
    total = len(items)
    # Bins that may be shown, in order, what remains of each, and how many are left out after it.
    # On both sides of those are at least `margin` empty ones.
    shown = min(2 * margin, total)
    number = np.arange(total)
    number[margin:shown] += total - shown
    remaining = np.full(total, capacity, dtype=np.int64)
    left_out = np.zeros(total, dtype=np.int64)
    left_out[min(margin, total) - 1] = hidden = total - shown
    smallest = items.min()
    chosen = np.empty(total, dtype=np.int64)
    for i in range(total):
        if i % _ROUND == 0:
            useful = (remaining[:shown] >= smallest).nonzero()[0]
            shown = len(useful)
            number[:shown] = number[useful]
            remaining[:shown] = remaining[useful]
            left_out[:shown] = left_out[useful]
        item = int(items[i])
        fitting = (remaining[:shown] >= item).nonzero()[0]
        priorities = np.asarray(candidate(item, remaining[fitting]), dtype=np.float64)
        if priorities.shape != fitting.shape:
            raise Invalid("the priorities are not one number for each bin")
        first = priorities.argmax()
        # numpy takes NaN for the largest of all.
        if math.isnan(priorities[first]):
            raise Invalid("a priority is NaN")
        best = fitting[first]
        chosen[i] = number[best]
        if hidden > 0 and remaining[best] == capacity:
            for left in range(min(best + margin, shown - 1) - 1, max(best - margin, 0) - 1, -1):
                if left_out[left] == 0:
                    continue
                # Show some more, so that this is not to be done for every bin.
                more = min(margin + _SPARE, left_out[left])
                start = number[left] + 1 if left >= best else number[left + 1] - more
                end = left + 1 + more
                for column in (number, remaining, left_out):
                    column[end : shown + more] = column[left + 1 : shown].copy()
                number[left + 1 : end] = np.arange(start, start + more)
                remaining[left + 1 : end] = capacity
                left_out[left + 1 : end] = 0
                rest = left_out[left] - more
                left_out[left] = 0
                left_out[end - 1 if left >= best else left] = rest
                shown += more
                hidden -= more
                if left < best:
                    best += more
        remaining[best] -= item
    return chosen


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int32]:
    """Pack the items; bins are numbered in the order in which they are first used.

    An elementwise candidate is asked once for each size of item, about all capacities that a bin
    may have left, where that is less work; one of limited reach is shown few of the empty bins.
    The packing is the same.

    Returns:
        int32 array, shape (items,): the number of each item's bin.
    """
    items, capacity = _items(instance), _capacity(instance)
    table = _table(items, capacity, candidate) if candidate.elementwise else None
    if table is None:
        reach = candidate.reach
        margin = len(items) if reach is None else reach + 2
        return _by_first_use(pack(candidate, items, capacity, margin))
    rows, priorities = table
    chosen = _pack_by_table(items, rows, priorities)
    if chosen[-1] < 0:
        raise Invalid("a priority is NaN")
    return chosen


def _by_first_use(chosen: NDArray[np.int64]) -> NDArray[np.int32]:
    _, first, bins = np.unique(chosen, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[bins]


def _table(
    items: NDArray[np.int64], capacity: int, candidate: Candidate
) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Return the row of each item, and in it the priority of each remaining capacity.

    Shapes (items,) and (sizes, capacity + 1). None where the table would be more work than it
    saves, or a call does not return what `pack` needs: only `pack` knows if it comes to that.
    """
    if capacity >= len(items):
        return None
    # A kernel, so that a run that must move to where there is numba does so at once.
    sizes, rows = _sizes(items, capacity)
    if len(sizes) * (capacity + 1) > _TABLE_ENTRIES:
        return None
    table = np.empty((len(sizes), capacity + 1))
    for row, size in zip(table, sizes.tolist(), strict=True):
        priorities = _row(size, capacity, candidate)
        if priorities is None:
            return None
        row[:] = priorities
    return rows, table


@kernel
def _sizes(items: NDArray[np.int64], capacity: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different sizes in ascending order, and of each item the number of its size.

    Args:
        items: int64, shape (items,): sizes from 1 to the capacity.
        capacity: of a bin.
    """
    number = np.zeros(capacity + 1, dtype=np.int64)
    for item in items:
        number[item] = 1
    sizes = np.nonzero(number)[0]
    number[sizes] = np.arange(len(sizes))
    return sizes, number[items]


@lru_cache(maxsize=512)
def _row(size: int, capacity: int, candidate: Candidate) -> NDArray[np.float64] | None:
    """Return an elementwise candidate's priorities for an item and each remaining capacity.

    Kept from one instance to the next. Entries of capacities without room are NaN, and are never
    looked at.
    """
    # The first one twice: elementwise says nothing of arrays of a single entry.
    remaining = np.arange(size - 1, capacity + 1)
    remaining[0] = size
    try:
        priorities = np.asarray(candidate(size, remaining), dtype=np.float64)
    except Exception:
        return None
    if priorities.shape != remaining.shape:
        return None
    row = np.full(capacity + 1, np.nan)
    row[size:] = priorities[1:]
    return row


@kernel
def _pack_by_table(
    items: NDArray[np.int64], rows: NDArray[np.int64], priorities: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Do what `pack` does, with priorities that are known for each item and remaining capacity.

    Bins with equal remaining capacity have equal priorities, so only the first of them can be
    chosen: they are kept in a skew heap (Sleator and Tarjan 1986) for each capacity.

    Args:
        items: int64, shape (items,): their sizes.
        rows: int64, shape (items,): the row of each in `priorities`.
        priorities: float64, shape (sizes, capacity + 1).

    Returns:
        int32, shape (items,): the number of each item's bin; -1 for the last one if a priority
        was NaN.
    """
    capacity = priorities.shape[1] - 1
    top = np.full(capacity + 1, -1, dtype=np.int32)
    left = np.full(len(items), -1, dtype=np.int32)
    right = np.full(len(items), -1, dtype=np.int32)
    chosen = np.empty(len(items), dtype=np.int32)
    used = 0
    for i in range(len(items)):
        # Bins that are still empty are one after the other: only the first of them is in a heap.
        if top[capacity] < 0:
            top[capacity] = used
            used += 1
        level = -1
        for c in range(items[i], capacity + 1):
            if top[c] < 0:
                continue
            value = priorities[rows[i], c]
            if np.isnan(value):
                chosen[-1] = -1
                return chosen
            if (
                level < 0
                or value > priorities[rows[i], level]
                or (value == priorities[rows[i], level] and top[c] < top[level])
            ):
                level = c
        bin_ = top[level]
        chosen[i] = bin_
        # Take the bin out of one heap: what is left are two; put it into another: the same again.
        moves = ((level, left[bin_], right[bin_]), (level - items[i], top[level - items[i]], bin_))
        left[bin_] = right[bin_] = -1
        for heap, a, b in moves:
            end = np.int32(-1)
            while a >= 0 and b >= 0:
                if b < a:
                    a, b = b, a
                if end < 0:
                    top[heap] = a
                else:
                    left[end] = a
                end = a
                a, right[end] = right[end], left[end]
            rest = max(a, b)
            if end < 0:
                top[heap] = rest
            else:
                left[end] = rest
    return chosen


def score(instance: Instance, certificate: NDArray[np.int32]) -> float:
    """Return by how many percent the number of bins is beyond the bound L1.

    L1 is the sum of all sizes divided by the capacity, rounded up; no packing uses fewer bins.

    Args:
        instance: with the items and the capacity.
        certificate: int32 array, shape (items,): the number of each item's bin.

    Raises:
        Invalid: the numbers do not start at 0 and rise by one at each bin's first use, or a bin
            holds more than its capacity.
    """
    items, capacity = _items(instance), _capacity(instance)
    if len(certificate) != len(items):
        raise Invalid(f"there are bins for {len(certificate)} items, not for {len(items)}")
    before = np.concatenate(([-1], np.maximum.accumulate(certificate)[:-1]))
    if ((certificate < 0) | (certificate > before + 1)).any():
        raise Invalid("bins are not numbered 0, 1, 2 … in the order of their first use")
    loads = np.zeros(int(certificate.max()) + 1, dtype=np.int64)
    np.add.at(loads, certificate, items)
    if (loads > capacity).any():
        raise Invalid(f"bin {int(np.argmax(loads > capacity))} holds more than {capacity}")
    bound = -(-int(items.sum()) // capacity)
    return 100 * (len(loads) - bound) / bound


def _items(instance: Instance) -> NDArray[np.int64]:
    return np.array(instance.data["items"], dtype=np.int64)


def _capacity(instance: Instance) -> int:
    return int(instance.data["capacity"])  # type: ignore[arg-type]


def _uniform(count: int, number: int) -> NDArray[np.float64]:
    """Return numbers from [0, 1), of Philox with the key (count, number).

    Made of its 64-bit words alone, which never change, as numpy's distributions may.
    """
    words = np.random.Philox(key=np.array([count, number], dtype=np.uint64)).random_raw(count)
    return (words >> np.uint64(11)).astype(np.float64) / 2**53


def _weibull(count: int, number: int) -> Data:
    """Return items of a Weibull distribution, scale 45 and shape 3, rounded, from 1 to 100."""
    sizes = 45 * np.cbrt(-np.log1p(-_uniform(count, number)))
    return {"capacity": 100, "items": np.clip(np.rint(sizes), 1, 100).astype(int).tolist()}


def _u120(number: int) -> Data:
    """Return 120 items of any size from 20 to 100, for bins of 150."""
    return {
        "capacity": 150,
        "items": (20 + np.floor(81 * _uniform(120, number))).astype(int).tolist(),
    }


@lru_cache(maxsize=1)
def _instances() -> Mapping[str, Data]:
    return (
        {f"weibull_5k_{number}": _weibull(5_000, number) for number in range(10)}
        | {"weibull_10k_0": _weibull(10_000, 0)}
        | {f"uniform_120_{number}": _u120(number) for number in range(20)}
    )


def _by_data(text: str) -> Sequence[str]:
    if text == "weibull_5k":
        return _TRAINING
    if text == "uniform_120":
        return [name for name in _instances() if name.startswith(text)]
    raise ValueError(f"data must be weibull_5k or uniform_120, not {text}")


_TRAINING = [f"weibull_5k_{number}" for number in range(5)]
_HELD_OUT = [*[f"weibull_5k_{number}" for number in range(5, 10)], "weibull_10k_0"]
_UNIFORM = [f"uniform_120_{number}" for number in range(20)]
_L1 = "L1: the sum of all sizes divided by the capacity, rounded up"

problem = Problem(
    name="online_bin_packing",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="excess",
        unit="% of bins beyond L1",
        direction="min",
        bound={name: Known(0.0, _L1) for name in [*_TRAINING, *_HELD_OUT, *_UNIFORM]},
    ),
    certificate=Array("int32", ndim=1, max_elements=10_000),
    # A useful priority takes 0.5 s for 5,000 items in the interpreter, four times that for 10,000.
    limits=Limits(wall_s=10.0),
    instances=_instances,
    training=_TRAINING,
    held_out=_HELD_OUT,
    shorthands={"data": _by_data},
    online="items",
)
