"""The kinds of values that a translated candidate calculates with, and how two of them merge.

A kind says how a value is held in compiled code and what Python takes it for. The two differ in
one case, `MIXED`: an int or a float, nobody knows which, held as a float64.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Form: TypeAlias = Literal["list", "tuple"]


class Untranslatable(Exception):
    """The candidate is not for this tier; the message says why."""


@dataclass(frozen=True)
class Number:
    """A plain number or numpy scalar; `INT` has 64 bits and leaves compiled code beyond them."""

    name: str


BOOL, INT, FLOAT, MIXED = (Number(name) for name in ("bool", "int", "float", "mixed"))


@dataclass(frozen=True)
class Vector:
    """A numpy array of one dimension.

    Attributes:
        item: BOOL, INT or FLOAT.
        fresh: whether it shares no memory with an argument.
    """

    item: Number
    fresh: bool = True


@dataclass(frozen=True)
class Row:
    """A tuple or list that came as an argument, or a part of one; held as an array, never changed.

    Attributes:
        item: BOOL, INT or FLOAT.
        form: what Python takes it for.
    """

    item: Number
    form: Form


@dataclass(eq=False)
class Cell:
    """What the entries of a list are, as far as is known; merged lists share one."""

    item: Number | None = None
    into: Cell | None = None

    def root(self) -> Cell:
        """Return the cell that stands for this one."""
        return self if self.into is None else self.into.root()


@dataclass(frozen=True)
class Items:
    """A tuple or list that the candidate makes; held as a list.

    Attributes:
        cell: what its entries are.
        form: what Python takes it for.
    """

    cell: Cell = field(compare=False)
    form: Form


Sequence: TypeAlias = Row | Items
Kind: TypeAlias = Number | Vector | Row | Items


def merge_numbers(one: Number, other: Number) -> Number | None:
    """Return the kind of a value that is one or the other, or None if there is none."""
    if one is other:
        return one
    # numpy's truth values add otherwise than Python's, so they are never taken for ints.
    return None if BOOL in (one, other) else MIXED


def of_argument(value: Any) -> Kind:
    """Return the kind of an argument.

    Raises:
        Untranslatable: it has none.
    """
    if isinstance(value, np.ndarray):
        array: NDArray[Any] = value
        if array.ndim != 1 or array.dtype.char not in _ITEMS:
            raise Untranslatable(
                f"an argument is an array of {array.ndim} dimensions, {array.dtype}"
            )
        return Vector(_ITEMS[array.dtype.char], fresh=False)
    if isinstance(value, (tuple, list)):
        entries: tuple[Any, ...] | list[Any] = value
        kinds = set(map(type, entries))
        if len(kinds) != 1 or (kind := _PLAIN.get(kinds.pop())) is None:
            raise Untranslatable("an argument holds entries of several types, or none")
        return Row(kind, "tuple" if isinstance(value, tuple) else "list")
    if type(value) not in _NUMBERS:
        raise Untranslatable(f"an argument is a {type(value).__name__}")
    return _NUMBERS[type(value)]


def of_arguments(values: Iterable[Any]) -> tuple[Kind, ...]:
    """Return the kinds of a call's arguments.

    Raises:
        Untranslatable: one has none, or is a number of numpy's where no array is.
    """
    values = tuple(values)
    kinds = tuple(map(of_argument, values))
    if not any(isinstance(kind, Vector) for kind in kinds) and any(
        isinstance(value, np.generic) for value in values
    ):
        raise Untranslatable("an argument is a number of numpy's")
    return kinds


_PLAIN: dict[type, Number] = {bool: BOOL, int: INT, float: FLOAT}
_NUMBERS: dict[type, Number] = _PLAIN | {
    np.bool_: BOOL,
    np.int64: INT,
    np.float64: FLOAT,
}
_ITEMS = {"?": BOOL, "l": INT, "d": FLOAT}
