"""Online bin packing: items come one after the other, and each goes into a bin for good.

The rule is that of Romera-Paredes et al. (Nature 625, 2024): of the bins with room for the item,
the one with the highest priority takes it. There is one bin for each item, so that one always fits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from problems import _binpack_files, data
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
"""Empty bins shown beyond those that must be, so that not each of them is replaced at once."""

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

    It may be shown only so many of the empty bins at either end. The packing is the same where the
    priority of a bin depends on fewer bins to either side: each that is left out would have had
    the priority of the one before, which comes first.

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
    # The bins shown, in order, and what remains of each; those left out come before the place
    # `gap`, and are empty as are `margin` bins on either side of it.
    gap = min(margin, total)
    left_out = max(total - 2 * margin, 0)
    number = np.concatenate((np.arange(gap), np.arange(gap + left_out, total)))
    remaining = np.full(len(number), capacity, dtype=np.int64)
    smallest = items.min()
    chosen = np.empty(total, dtype=np.int64)
    for i in range(total):
        if i % _ROUND == 0:
            useful = (remaining >= smallest).nonzero()[0]
            gap = np.searchsorted(useful, gap)
            number, remaining = number[useful], remaining[useful]
        item = int(items[i])
        fitting = (remaining >= item).nonzero()[0]
        priorities = np.asarray(candidate(item, remaining[fitting]), dtype=np.float64)
        if priorities.shape != fitting.shape:
            raise Invalid("the priorities are not one number for each bin")
        first = priorities.argmax()
        # numpy takes NaN for the largest of all.
        if math.isnan(priorities[first]):
            raise Invalid("a priority is NaN")
        best = fitting[first]
        chosen[i] = number[best]
        if left_out > 0 and remaining[best] == capacity and gap - margin <= best < gap + margin:
            more = min(margin + _SPARE, left_out)
            start = number[gap - 1] + 1 if best < gap else number[gap] - more
            number = np.concatenate((number[:gap], np.arange(start, start + more), number[gap:]))
            shown = np.full(more, capacity, dtype=np.int64)
            remaining = np.concatenate((remaining[:gap], shown, remaining[gap:]))
            left_out -= more
            if best < gap:
                gap += more
            else:
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
    tables = _tables(items, capacity, candidate) if candidate.elementwise else None
    if tables is None:
        reach = candidate.reach
        margin = len(items) if reach is None else reach + 2
        return _by_first_use(pack(candidate, items, capacity, margin))
    chosen = _pack_by_tables(items, *tables)
    if chosen[-1] < 0:
        raise Invalid("a priority is NaN")
    return chosen


def _by_first_use(chosen: NDArray[np.int64]) -> NDArray[np.int32]:
    _, first, bins = np.unique(chosen, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[bins]


def _tables(
    items: NDArray[np.int64], capacity: int, candidate: Candidate
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]] | None:
    """Return the row of each item, and in it the priority of each remaining capacity; their order.

    Shapes (items,) and twice (sizes, capacity + 1). None where the tables would be more work than
    they save, or a call does not return what `pack` needs: only `pack` knows if it comes to that.
    """
    if capacity >= len(items):
        return None
    # A kernel, so that a run that must move to where there is numba does so at once.
    sizes, rows = _sizes(items, capacity)
    if len(sizes) * (capacity + 1) > _TABLE_ENTRIES:
        return None
    table = np.empty((len(sizes), capacity + 1))
    orders = np.empty(table.shape, dtype=np.int64)
    for number, size in enumerate(sizes.tolist()):
        row = _row(size, capacity, candidate)
        if row is None:
            return None
        table[number], orders[number] = row
    return rows, table, orders


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
def _row(
    size: int, capacity: int, candidate: Candidate
) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Return an elementwise candidate's priorities for an item and each remaining capacity.

    Kept from one instance to the next. With them come the capacities with room for the item, in the
    order of their priorities: NaN, then from high to low. Entries of other capacities are NaN in
    the one, come last in the other, and are never looked at.
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
    order = np.zeros(capacity + 1, dtype=np.int64)
    order[: capacity + 1 - size] = size + np.argsort(priorities[1:])[::-1]
    return row, order


@kernel
def _pack_by_tables(
    items: NDArray[np.int64],
    rows: NDArray[np.int64],
    priorities: NDArray[np.float64],
    orders: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Do what `pack` does, with priorities that are known for each item and remaining capacity.

    Bins with equal remaining capacity have equal priorities, so only the first of them can be
    chosen: for each capacity, its bins are kept in a linked list, in ascending order.

    Args:
        items: int64, shape (items,): their sizes.
        rows: int64, shape (items,): the row of each in the tables.
        priorities: float64, shape (sizes, capacity + 1).
        orders: int64, shape (sizes, capacity + 1): see `_row`.

    Returns:
        int32, shape (items,): the number of each item's bin; -1 for the last one if a priority
        was NaN.
    """
    capacity = priorities.shape[1] - 1
    smallest = items.min()
    first = np.full(capacity + 1, -1, dtype=np.int32)
    after = np.full(len(items), -1, dtype=np.int32)
    chosen = np.empty(len(items), dtype=np.int32)
    used = 0
    for i in range(len(items)):
        # Bins that are still empty are one after the other: only the first of them is in a list.
        if first[capacity] < 0:
            first[capacity] = used
            used += 1
        level = -1
        highest = -np.inf
        for place in range(capacity + 1 - items[i]):
            c = orders[rows[i], place]
            if first[c] < 0:
                continue
            value = priorities[rows[i], c]
            if np.isnan(value):
                chosen[-1] = -1
                return chosen
            if value < highest:
                break
            highest = value
            if level < 0 or first[c] < first[level]:
                level = c
        bin_ = first[level]
        chosen[i] = bin_
        first[level] = after[bin_]
        rest = level - items[i]
        if rest < smallest:
            continue
        before, behind = np.int32(-1), first[rest]
        while 0 <= behind < bin_:
            before, behind = behind, after[behind]
        after[bin_] = behind
        if before < 0:
            first[rest] = bin_
        else:
            after[before] = bin_
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


_GENERATED = {
    "weibull_5k": (10, 5_000),
    "weibull_10k": (5, 10_000),
    "weibull_100k": (1, 100_000),
    "uniform_120": (20, 120),
}
"""How many instances of each kind are made, and of how many items."""
_FILES = {"u120": "binpack1", "u250": "binpack2", "u500": "binpack3", "u1000": "binpack4"}
"""The file of the OR-Library that has 20 instances of each kind."""


def _names(kind: str) -> list[str]:
    if kind in _FILES:
        return [f"{kind}_{number:02}" for number in range(20)]
    return [f"{kind}_{number}" for number in range(_GENERATED[kind][0])]


def _file(kind: str) -> Path | None:
    return data.file("or_library", f"{_FILES[kind]}.txt")


@lru_cache(maxsize=1)
def _generated() -> Mapping[str, Data]:
    return {
        name: _u120(number) if kind == "uniform_120" else _weibull(count, number)
        for kind, (_, count) in _GENERATED.items()
        for number, name in enumerate(_names(kind))
    }


def _instances() -> Mapping[str, Data]:
    """Return those that are made here, and those of the OR-Library that the user has.

    Raises:
        ValueError: a file of the user's holds something else.
    """
    found = dict(_generated())
    for kind in _FILES:
        path = _file(kind)
        if path is not None:
            published = _binpack_files.read(path)
            if list(published) != _names(kind):
                raise ValueError(f"{path} does not hold the instances {kind}_00 to {kind}_19")
            found |= published
    return found


def _by_data(kind: str) -> Sequence[str]:
    if kind not in {*_GENERATED, *_FILES}:
        raise ValueError(f"data must be one of {', '.join([*_GENERATED, *_FILES])}, not {kind}")
    if kind in _FILES and _file(kind) is None:
        raise ValueError(
            f"set {data.VARIABLE} to the folder that has or_library/{_FILES[kind]}.txt, a file of "
            "the OR-Library"
        )
    return _TRAINING if kind == "weibull_5k" else _names(kind)


_TRAINING = _names("weibull_5k")[:5]
_MADE = [name for kind in _GENERATED for name in _names(kind)]
_PUBLISHED = [name for kind in _FILES if _file(kind) is not None for name in _names(kind)]
_HELD_OUT = [
    *_names("weibull_5k")[5:],
    *_names("weibull_10k"),
    *_names("weibull_100k"),
    *_PUBLISHED,
]
_L1 = Known(0.0, "L1: the sum of all sizes divided by the capacity, rounded up")

problem = Problem(
    name="online_bin_packing",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="excess",
        unit="% of bins beyond L1",
        direction="min",
        bound=dict.fromkeys([*_MADE, *_PUBLISHED], _L1),
    ),
    certificate=Array("int32", ndim=1, max_elements=100_000),
    # In the interpreter, a useful priority takes 0.1 s for 5,000 items and 3 to 10 s for 100,000;
    # 1 s and many minutes where it is shown all bins, as where it is confirmed.
    limits=Limits(wall_s=5.0),
    own_limits=dict.fromkeys(_names("weibull_10k"), Limits(wall_s=10.0))
    | dict.fromkeys(_names("weibull_100k"), Limits(wall_s=120.0)),
    instances=_instances,
    training=_TRAINING,
    held_out=_HELD_OUT,
    shorthands={"data": _by_data},
    online="items",
)
