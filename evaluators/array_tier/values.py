"""What a variable holds in all lanes at once: numbers by type, and sequences of these.

A value that is the same in all lanes stays a plain Python number, and operations on such numbers
are Python's own. Where some lanes hold an int and others a float, both are kept: converting the
ints would lose the difference between 0 and -0.0, and errors that floats raise as an index.

Arrays are never changed once they are in a value, so values may share them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from evaluators.array_tier.lanes import GiveUp, Lanes

LIMIT = 1 << 62
"""Largest magnitude of an int in an array: the sum of two is still an int64."""
EXACT = 1 << 53
"""Up to this magnitude every int is a float64."""

Mask = NDArray[np.bool_]


# Not frozen, although nobody changes them: that would make each three times as slow to create.
@dataclass(slots=True, eq=False)
class Bools:
    """A truth value in each lane."""

    array: Mask


@dataclass(slots=True, eq=False)
class Ints:
    """An int in each lane, as int64; all of them, even where nobody looks, from low to high."""

    array: NDArray[np.int64]
    low: int
    high: int


@dataclass(slots=True, eq=False)
class Floats:
    """A float in each lane."""

    array: NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Mixed:
    """An int in the lanes that `whole` marks, a float in the others."""

    whole: Mask
    ints: Whole
    floats: float | Floats


@dataclass(slots=True, eq=False)
class Row:
    """A tuple or list, as long in every lane, that nothing changes.

    Attributes:
        items: its values.
        kind: what Python calls it.
        matrix: int array, shape (items, lanes), of the same values, where that is at hand.
        low: no value of the matrix is smaller.
        high: no value of the matrix is larger.
        known: what has been worked out about it, by operation.
    """

    items: tuple[Value, ...]
    kind: Literal["tuple", "list"]
    matrix: NDArray[Any] | None = None
    low: int = 0
    high: int = 0
    known: dict[object, Any] = field(default_factory=dict[object, Any])


@dataclass(slots=True, eq=False)
class Ragged:
    """A sequence that is longer in some lanes: each value with the lanes that have it."""

    items: tuple[tuple[Mask | None, Value], ...]


@dataclass(slots=True, eq=False)
class Distinct:
    """A set, by the sequence it was made of."""

    row: Row


class Torn:
    """A sequence in some lanes and something else in others; nothing can be done with it."""


Whole = bool | int | Bools | Ints
Number = bool | int | float | Bools | Ints | Floats | Mixed
Value = Number | Row | Ragged | Distinct | Torn

WHOLE = (int, Ints, Bools)
REAL = (float, Floats)
NUMBER = (int, float, Ints, Bools, Floats, Mixed)


def number(value: Value) -> Number:
    """Return a value that is a number; `GiveUp` otherwise."""
    if isinstance(value, NUMBER):
        return value
    raise GiveUp(f"a {type(value).__name__} is not a number")


def bounds(value: Whole) -> tuple[int, int]:
    """Return numbers between which all lanes' ints are."""
    if isinstance(value, Ints):
        return value.low, value.high
    return (0, 1) if isinstance(value, Bools) else (int(value), int(value))


def ints(array: NDArray[Any], low: int, high: int) -> int | Ints:
    """Return an array of ints between two bounds as a value."""
    return low if low == high else Ints(array, low, high)


def raw(value: Whole) -> Any:
    """Return what numpy calculates with: a plain int or an int64 array.

    Raises:
        GiveUp: an int is too large for int64.
    """
    if isinstance(value, Ints):
        return value.array
    if isinstance(value, Bools):
        return value.array.astype(np.int64)
    if not -LIMIT <= value <= LIMIT:
        raise GiveUp("an int is beyond 64 bits")
    return int(value)


def as_floats(value: Whole | float | Floats) -> Any:
    """Return ints or floats as a plain float or a float64 array.

    Python and the processor both round an int to the nearest float, ties to even.

    Raises:
        OverflowError: an int is beyond the range of floats, as in Python.
    """
    if isinstance(value, Floats):
        return value.array
    if isinstance(value, (Ints, Bools)):
        return value.array.astype(np.float64)
    return float(value)


def tighten(value: Whole, lanes: Lanes) -> Whole:
    """Return ints with the bounds that they really keep in the lanes that run; 0 elsewhere."""
    if not isinstance(value, Ints):
        return value
    array = value.array if lanes.array is None else np.where(lanes.array, value.array, 0)
    return ints(array, int(array.min()), int(array.max()))


def exact(value: Whole, lanes: Lanes) -> Whole:
    """Return ints that are all float64 numbers as well.

    Raises:
        GiveUp: some are too large.
    """
    for attempt in (value, tighten(value, lanes)):
        low, high = bounds(attempt)
        if low >= -EXACT and high <= EXACT:
            return attempt
    raise GiveUp("an int is beyond the exact range of floats")


def merge(mask: Mask, new: Value, old: Value) -> Value:
    """Return one value in the lanes of a mask, and another in the rest."""
    if new is old or _same(new, old):
        return new
    if isinstance(new, NUMBER) and isinstance(old, NUMBER):
        return merge_numbers(mask, new, old)
    if (
        isinstance(new, Row)
        and isinstance(old, Row)
        and new.kind == old.kind
        and len(new.items) == len(old.items)
    ):
        pairs = zip(new.items, old.items, strict=True)
        return Row(tuple(merge(mask, one, other) for one, other in pairs), new.kind)
    return Torn()


def _same(new: Value, old: Value) -> bool:
    """Whether two values are the same plain number, to the bit."""
    if type(new) is not type(old) or not isinstance(new, (int, float)):
        return False
    return new == old and (isinstance(new, int) or bool(new))


def merge_numbers(mask: Mask, new: Number, old: Number) -> Number:
    """Return one number in the lanes of a mask, and another in the rest."""
    if isinstance(new, WHOLE) and isinstance(old, WHOLE):
        return _merge_ints(mask, new, old)
    if isinstance(new, REAL) and isinstance(old, REAL):
        return _merge_floats(mask, new, old)
    whole = np.where(mask, _whole(new), _whole(old))
    one, other = _parts(new), _parts(old)
    merged_ints = (
        _merge_ints(mask, one[0], other[0])
        if one[0] is not None and other[0] is not None
        else cast("Whole", one[0] if one[0] is not None else other[0])
    )
    merged_floats = (
        _merge_floats(mask, one[1], other[1])
        if one[1] is not None and other[1] is not None
        else cast("float | Floats", one[1] if one[1] is not None else other[1])
    )
    return Mixed(whole, merged_ints, merged_floats)


def _whole(value: Number) -> Any:
    return value.whole if isinstance(value, Mixed) else isinstance(value, WHOLE)


def _parts(value: Number) -> tuple[Whole | None, float | Floats | None]:
    if isinstance(value, Mixed):
        return value.ints, value.floats
    return (value, None) if isinstance(value, WHOLE) else (None, value)


def _merge_ints(mask: Mask, new: Whole, old: Whole) -> Whole:
    if _same(new, old):
        return new
    if isinstance(new, (bool, Bools)) and isinstance(old, (bool, Bools)):
        one = new.array if isinstance(new, Bools) else new
        other = old.array if isinstance(old, Bools) else old
        return Bools(np.where(mask, one, other))
    (low, high), (other_low, other_high) = bounds(new), bounds(old)
    array = np.where(mask, np.asarray(raw(new), np.int64), np.asarray(raw(old), np.int64))
    return ints(array, min(low, other_low), max(high, other_high))


def _merge_floats(mask: Mask, new: float | Floats, old: float | Floats) -> float | Floats:
    if _same(new, old):
        return new
    return Floats(np.where(mask, as_floats(new), as_floats(old)))
