"""Operations on tuples, lists and sets of numbers that are as long in every lane.

What has been worked out about a sequence is kept with it: candidates ask the same again in loops,
and about their parameters the zygote has asked before.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluators.array_tier.arithmetic import binary, compare, extreme
from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.values import (
    WHOLE,
    Bools,
    Distinct,
    Floats,
    Ints,
    Mixed,
    Number,
    Ragged,
    Row,
    Value,
    bounds,
    ints,
    merge,
    merge_numbers,
    number,
    raw,
)

T = TypeVar("T")

LONGEST = 64
"""Most items of a sequence that a candidate makes itself."""
_MOST_PAIRS = 16
"""Most items each of which is compared with each other one."""


def row(items: tuple[Value, ...], kind: str) -> Row:
    """Return a sequence of values, or of sequences of values.

    Nesting has an end, since doubling a tuple with each level costs Python nothing.
    """
    if len(items) > LONGEST:
        raise GiveUp("a sequence is too long")
    if any(isinstance(part, Row) for each in items if isinstance(each, Row) for part in each.items):
        raise GiveUp("sequences of sequences of sequences")
    return Row(items, "tuple" if kind == "tuple" else "list")


def _once(sequence: Row, key: object, work_out: Callable[[], T]) -> T:
    if key not in sequence.known:
        sequence.known[key] = work_out()
    return sequence.known[key]


def cut(sequence: Row, part: slice) -> Row:
    """Return a slice with the same bounds in all lanes."""

    def work_out() -> Row:
        items = sequence.items[part]
        # Nothing is between the bounds of an empty matrix, so that it could not keep its promise.
        matrix = sequence.matrix[part] if items and sequence.matrix is not None else None
        return Row(items, sequence.kind, matrix, sequence.low, sequence.high)

    return _once(sequence, ("cut", part.start, part.stop, part.step), work_out)


def as_kind(sequence: Row, kind: str) -> Row:
    """Return the same values as a tuple or a list."""
    if kind == sequence.kind:
        return sequence
    made = row(sequence.items, kind)
    made.matrix, made.low, made.high = sequence.matrix, sequence.low, sequence.high
    return made


def joined(op: type[ast.operator], left: Value, right: Value) -> Row:
    """Return the sum of two sequences, or a multiple of one."""
    if op is ast.Add and isinstance(left, Row) and isinstance(right, Row):
        if left.kind != right.kind:
            raise GiveUp("a tuple and a list")
        return row(left.items + right.items, left.kind)
    if op is ast.Mult and isinstance(right, Row):
        left, right = right, left
    if op is ast.Mult and isinstance(left, Row) and isinstance(right, int) and right <= LONGEST:
        return row(left.items * right, left.kind)
    raise GiveUp("an operation on a sequence")


def at(sequence: Row, index: Number, lanes: Lanes) -> Value:
    """Return the item at an index."""
    length = len(sequence.items)
    if isinstance(index, int):
        return sequence.items[index]
    if not isinstance(index, Ints) or length == 0:
        raise GiveUp("an index is not an int")
    place = index.array
    if index.low < -length or index.high >= length:
        wrong = (place < -length) | (place >= length)
        if lanes.any(wrong):
            raise GiveUp("an index is out of range")
        place = np.where(wrong, 0, place)
    if index.low < 0:
        place = np.where(place < 0, place + length, place)
    found = _matrix(sequence, lanes.size)
    if found is None:
        value = sequence.items[0]
        for position in range(1, length):
            value = merge(place == position, sequence.items[position], value)
        return value
    matrix, low, high = found
    picked = matrix[place, _numbers(sequence, lanes.size)]
    return ints(picked.astype(np.int64), low, high)


def _numbers(sequence: Row, size: int) -> NDArray[np.intp]:
    return _once(sequence, "numbers", lambda: np.arange(size))


def _matrix(sequence: Row, size: int) -> tuple[NDArray[Any], int, int] | None:
    """Return the items as a matrix with its bounds; None unless all are ints."""
    if sequence.matrix is not None:
        return sequence.matrix, sequence.low, sequence.high

    def work_out() -> tuple[NDArray[Any], int, int] | None:
        items = [item for item in sequence.items if isinstance(item, WHOLE)]
        if not items or len(items) != len(sequence.items):
            return None
        limits = [bounds(item) for item in items]
        matrix = np.empty((len(items), size), np.int64)
        for place, item in enumerate(items):
            matrix[place] = raw(item)
        return matrix, min(low for low, _ in limits), max(high for _, high in limits)

    return _once(sequence, "matrix", work_out)


def _equal(item: Value, value: Number, lanes: Lanes) -> bool | Bools:
    """Return where two are equal as the items of sequences are: identical objects always are."""
    found = number(item)
    for each in (found, value):
        refuse_nan(each, lanes)
    return compare(ast.Eq, found, value, lanes)


def refuse_nan(value: Number, lanes: Lanes) -> None:
    """Give up on NaN, which is not equal to itself but found in a sequence that holds it."""
    if isinstance(value, Mixed):
        value = value.floats
    if (isinstance(value, float) and value != value) or (
        isinstance(value, Floats) and lanes.any(np.isnan(value.array))
    ):
        raise GiveUp("NaN in a sequence")


def count(sequence: Row | Ragged, value: Number, lanes: Lanes) -> Number:
    """Return `sequence.count(value)`."""
    if isinstance(sequence, Ragged):
        total: Number = 0
        for present, item in sequence.items:
            inside = lanes if present is None else lanes.where(present)
            if inside is not None:
                equal = _equal(item, value, inside)
                one = equal if present is None else merge(present, equal, False)
                total = binary(ast.Add, total, number(one), lanes)
        return total
    if sequence.matrix is not None and isinstance(value, (int, float)):
        matrix = sequence.matrix
        return _once(sequence, ("count", value), lambda: _count_plain(sequence, matrix, value))
    return _count(sequence, value, lanes)


def _count_plain(sequence: Row, matrix: NDArray[Any], value: int | float) -> Number:
    if not sequence.low <= value <= sequence.high or value != int(value):
        return 0
    equal = (matrix == int(value)).view(np.int8)
    most = len(matrix)
    small = np.int8 if most < 128 else np.int64
    return ints(np.add.reduce(equal, axis=0, dtype=small).astype(np.int64), 0, most)


def _count(sequence: Row, value: Number, lanes: Lanes) -> Number:
    always, masks = 0, list[NDArray[np.bool_]]()
    for item in sequence.items:
        equal = _equal(item, value, lanes)
        if isinstance(equal, Bools):
            masks.append(equal.array)
        else:
            always += equal
    if not masks:
        return always
    total = masks[0].astype(np.int64)
    for mask in masks[1:]:
        total = total + mask
    return Ints(total + always, always, always + len(masks))


def contains(sequence: Row | Ragged, value: Number, lanes: Lanes) -> bool | Bools:
    """Return `value in sequence`; items after the first that is equal make no difference."""
    return compare(ast.Gt, count(sequence, value, lanes), 0, lanes)


def position(sequence: Row, value: Number, lanes: Lanes) -> Number:
    """Return `sequence.index(value)`."""
    place: Value = -1
    for index in reversed(range(len(sequence.items))):
        equal = _equal(sequence.items[index], value, lanes)
        if isinstance(equal, Bools):
            place = merge(equal.array, index, place)
        elif equal:
            place = index
    missing = compare(ast.Lt, number(place), 0, lanes)
    if missing is True or (isinstance(missing, Bools) and lanes.any(missing.array)):
        raise GiveUp("a value is not in the sequence")
    return number(place)


def total(sequence: Row, lanes: Lanes) -> Number:
    """Return `sum(sequence)`."""

    def work_out() -> Number:
        if sequence.matrix is not None:
            size = len(sequence.items)
            low, high = size * sequence.low, size * sequence.high
            kind = np.int8 if low >= -128 and high < 128 else np.int64
            summed = np.add.reduce(sequence.matrix, axis=0, dtype=kind)
            return ints(summed.astype(np.int64), low, high)
        added: Number = 0
        for item in sequence.items:
            added = binary(ast.Add, added, number(item), lanes)
        return added

    # Ints alone have a sum in every lane, whichever ran when it was asked for.
    return work_out() if sequence.matrix is None else _once(sequence, "sum", work_out)


def best(op: type[ast.cmpop], sequence: Row, lanes: Lanes) -> Number:
    """Return `max(sequence)` for `Gt`, `min(sequence)` for `Lt`."""
    if not sequence.items:
        raise GiveUp("nothing to choose from")
    if sequence.matrix is not None:
        matrix = sequence.matrix
        many = np.maximum if op is ast.Gt else np.minimum
        return _once(
            sequence,
            op,
            lambda: ints(many.reduce(matrix, axis=0).astype(np.int64), sequence.low, sequence.high),
        )
    value = number(sequence.items[0])
    for item in sequence.items[1:]:
        value = extreme(op, value, number(item), lanes)
    return value


def ordered(sequence: Row, lanes: Lanes) -> Row:
    """Return `sorted(sequence)`."""
    found = _matrix(sequence, lanes.size)
    if found is None:
        return _ordered_one_by_one(sequence, lanes)
    matrix, low, high = found

    def work_out() -> Row:
        rows = _sorted_rows(matrix)
        items = tuple(ints(each.astype(np.int64), low, high) for each in rows)
        return Row(items, "list", np.stack(rows), low, high)

    return _once(sequence, "sorted", work_out)


def _sorted_rows(matrix: NDArray[Any]) -> list[NDArray[Any]]:
    """Return the rows of a matrix whose columns are sorted; equal ints cannot be told apart."""
    if len(matrix) > _MOST_PAIRS:
        return list(np.sort(matrix, axis=0))
    # Sorting short columns one by one takes numpy longer than exchanging whole rows.
    rows = list(matrix)
    for end in range(len(rows) - 1, 0, -1):
        for place in range(end):
            one, other = rows[place], rows[place + 1]
            rows[place], rows[place + 1] = np.minimum(one, other), np.maximum(one, other)
    return rows


def _ordered_one_by_one(sequence: Row, lanes: Lanes) -> Row:
    """Return the items in the one stable order, in which 0.0 and -0.0 keep theirs."""
    items = [number(item) for item in sequence.items]
    if len(items) > _MOST_PAIRS:
        raise GiveUp("sorting many numbers that are not ints")
    for item in items:
        refuse_nan(item, lanes)
    for end in range(len(items) - 1, 0, -1):
        for place in range(end):
            one, other = items[place], items[place + 1]
            swap = compare(ast.Lt, other, one, lanes)
            if isinstance(swap, Bools):
                items[place] = merge_numbers(swap.array, other, one)
                items[place + 1] = merge_numbers(swap.array, one, other)
            elif swap:
                items[place], items[place + 1] = other, one
    return Row(tuple(items), "list")


def distinct(sequence: Row, lanes: Lanes) -> Number:
    """Return `len(set(sequence))`."""
    found = _matrix(sequence, lanes.size)
    if found is None:
        return _distinct_one_by_one(sequence, lanes)
    matrix, low, high = found

    def work_out() -> Number:
        if high - low < 8:
            seen = np.bitwise_or.reduce(np.uint8(1) << (matrix - low).astype(np.uint8), axis=0)
            different = np.bitwise_count(seen)
            return ints(different.astype(np.int64), 1, min(len(matrix), high - low + 1))
        sorted_matrix = ordered(sequence, lanes).matrix
        assert sorted_matrix is not None
        rows = list(sorted_matrix)
        different = np.ones(lanes.size, np.int64)
        for one, other in itertools.pairwise(rows):
            different = different + (one != other)
        return ints(different, 1, len(rows))

    return _once(sequence, "distinct", work_out)


def _distinct_one_by_one(sequence: Row, lanes: Lanes) -> Number:
    """Return how many items are equal to none before them."""
    if len(sequence.items) > _MOST_PAIRS:
        raise GiveUp("a set of many numbers that are not ints")
    different: Number = 0
    for place, item in enumerate(sequence.items):
        seen: Number = False
        for earlier in sequence.items[:place]:
            seen = binary(ast.BitOr, seen, _equal(item, number(earlier), lanes), lanes)
        new = Bools(~seen.array) if isinstance(seen, Bools) else not seen
        different = binary(ast.Add, different, new, lanes)
    return different


def same(left: Row, right: Row, lanes: Lanes) -> bool | Bools:
    """Return where two sequences are equal."""
    if left.kind != right.kind or len(left.items) != len(right.items):
        return False
    result: Number = True
    for one, other in zip(left.items, right.items, strict=True):
        result = binary(ast.BitAnd, result, _equal(one, number(other), lanes), lanes)
    assert isinstance(result, (bool, Bools))
    return result


def members(value: Value) -> Row | Ragged:
    """Return the sequence whose items `in` looks at."""
    if isinstance(value, Distinct):
        return value.row
    if isinstance(value, (Row, Ragged)):
        return value
    raise GiveUp("not a sequence")
