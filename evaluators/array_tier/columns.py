"""The columns of a map as values of the array tier, prepared once where they come again."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.array_tier import sequences
from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.values import LIMIT, Bools, Floats, Row, Value, ints

_MOST_KEPT = 16
_WIDEST = 256
"""Most entries of a row."""
_MOST_NUMBERS = 1 << 22
"""Most numbers in a column."""


@dataclass(frozen=True)
class _Kept:
    """A column, what it held when it was prepared, and the value made of that."""

    column: Any
    held: tuple[Any, ...]
    value: Value


class Columns:
    """Makes values of columns, and keeps those of lists and tuples.

    A list is known again by its identity and by equal entries; entries that were exchanged for
    equal ones of another type, 1 for 1.0, would go unnoticed.
    """

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}

    def value(self, column: Any) -> tuple[Value, int | None]:
        """Return the value of a column, and how many rows it has; None if any number.

        Raises:
            GiveUp: its entries are not plain numbers, or tuples of these, all of one type.
        """
        if type(column) in (int, float, bool):
            return column, None
        if isinstance(column, np.ndarray):
            return _of_array(column), len(column)
        if type(column) not in (list, tuple, range):
            raise GiveUp("a column is not a list, a tuple, a range or an array")
        kept = self._kept.get(id(column))
        if (
            kept is not None
            and kept.column is column
            # Entries are compared by identity first: this takes microseconds.
            and (type(column) is not list or kept.held == tuple(column))
        ):
            return kept.value, len(column)
        value = _of_entries(column)
        if len(self._kept) < _MOST_KEPT or id(column) in self._kept:
            held = tuple(column) if type(column) is list else ()
            self._kept[id(column)] = _Kept(column, held, value)
        return value, len(column)

    def prepare(self, column: Any) -> None:
        """Make the value of a column ahead of time, with what candidates often ask about it."""
        try:
            value, rows = self.value(column)
            if isinstance(value, Row) and rows:
                lanes = Lanes(rows)
                sequences.total(value, lanes)
                sequences.ordered(value, lanes)
                sequences.distinct(value, lanes)
                for op in (ast.Gt, ast.Lt):
                    sequences.best(op, value, lanes)
                for item in range(value.low, min(value.high, value.low + 2) + 1):
                    sequences.count(value, item, lanes)
        except GiveUp:
            return


def _of_array(array: NDArray[Any]) -> Value:
    """Return a numpy column, which the interpreter hands over as Python numbers."""
    if array.ndim != 1 or len(array) == 0:
        raise GiveUp("a column is an array of other than one dimension")
    match array.dtype.kind:
        case "b":
            return Bools(array.copy())
        case "i":
            return _ints(array.astype(np.int64))
        case "f" if array.dtype.itemsize <= 8:
            return Floats(array.astype(np.float64))
        case _:
            raise GiveUp(f"a column of {array.dtype}")


def _ints(array: NDArray[np.int64]) -> Value:
    low, high = int(array.min()), int(array.max())
    if low < -LIMIT or high > LIMIT:
        raise GiveUp("an int in a column is beyond 64 bits")
    return ints(array, low, high)


def _of_entries(column: Sequence[Any]) -> Value:
    if not column or len(column) > _MOST_NUMBERS:
        raise GiveUp("a column is empty or too long")
    if type(column[0]) is not tuple:
        return _of_numbers(column)
    length = len(column[0])
    if set(map(type, column)) != {tuple} or set(map(len, column)) != {length}:
        raise GiveUp("a column of tuples of several lengths")
    if not 0 < length <= _WIDEST or length * len(column) > _MOST_NUMBERS:
        raise GiveUp("a column of too many numbers")
    flat = list(itertools.chain.from_iterable(column))
    if set(map(type, flat)) != {int}:
        return Row(tuple(map(_of_numbers, zip(*column, strict=True))), "tuple")
    matrix = _whole(flat).reshape(len(column), length).T
    items = tuple(_ints(np.ascontiguousarray(each)) for each in matrix)
    low, high = int(matrix.min()), int(matrix.max())
    small = np.int8 if low >= -128 and high < 128 else np.int64
    return Row(items, "tuple", np.ascontiguousarray(matrix, small), low, high)


def _whole(numbers: Sequence[int]) -> NDArray[np.int64]:
    try:
        return np.array(numbers, np.int64)
    except OverflowError:
        raise GiveUp("an int in a column is beyond 64 bits") from None


def _of_numbers(column: Sequence[Any]) -> Value:
    kinds = set(map(type, column))
    if kinds == {int}:
        return _ints(_whole(column))
    if kinds == {float}:
        return Floats(np.array(column, np.float64))
    if kinds == {bool}:
        return Bools(np.array(column, np.bool_))
    raise GiveUp("a column of several types")
