"""The compiled candidate as `construct` sees it. Loads numba."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numba
import numpy as np
from numba.core import types
from numpy.typing import NDArray

from evaluators.compiled_tier.compilation import compiled, held, returned
from evaluators.compiled_tier.intrinsics import Departed
from evaluators.compiled_tier.kinds import Kind, Number, Row, Untranslatable, Vector, of_argument
from evaluators.compiled_tier.translator import Translation

_ITEMS = {"bool": np.bool_, "int": np.int64, "float": np.float64}
_MOST_NUMBERS = 1 << 24


class Compiled:
    """The function under evaluation, compiled; see `problems.contract.Candidate`.

    Attributes:
        function: what numba made of it.
        kinds: of its arguments; others raise `Departed`.
        elementwise: see `problems.contract.Candidate`.
        reach: see `problems.contract.Candidate`.
    """

    def __init__(
        self,
        translation: Translation,
        kinds: Sequence[Kind],
        *,
        elementwise: bool,
        reach: int | None = None,
    ) -> None:
        """Compile a candidate.

        Raises:
            Untranslatable: numba does not take it.
        """
        self.kinds = tuple(kinds)
        self.elementwise = elementwise
        self.reach = reach
        self.translation = translation
        self.function = compiled(translation, kinds)
        self.signature = returned(translation)(*map(held, kinds))
        (overload,) = self.function.overloads.values()
        self._entry: Callable[..., Any] = overload.entry_point
        arrays = any(isinstance(kind, Vector) for kind in self.kinds)
        self._hand_over = [
            _number(kind, plain=not arrays)
            if isinstance(kind, Number)
            else _HANDS[type(kind)](kind)
            for kind in self.kinds
        ]

    def __call__(self, *arguments: Any) -> Any:
        """Call the function once.

        Raises:
            Departed: an argument is of another kind than those it was compiled for.
        """
        if len(arguments) != len(self._hand_over):
            raise Departed("another number of arguments")
        return self._entry(
            *[hand(each) for hand, each in zip(self._hand_over, arguments, strict=True)]
        )

    def map(self, *columns: Any) -> NDArray[np.float64]:
        """Call the function once per row, in order; see `problems.contract.Candidate.map`.

        Raises:
            Departed: the columns hold something else than the function was compiled for.
        """
        if len(columns) != len(self.kinds) or self.translation.returns_array:
            raise Departed("columns that do not fit")
        prepared = [_column(each, kind) for each, kind in zip(columns, self.kinds, strict=True)]
        lengths = {count for _, count, _ in prepared if count is not None}
        if len(lengths) != 1:
            raise Departed("columns of different lengths")
        result = np.empty(lengths.pop(), np.float64)
        loop = loop_over(self.signature, tuple(how for _, _, how in prepared))
        loop(self.function, result, *(array for array, _, _ in prepared))
        return result


def _number(kind: Number, *, plain: bool) -> Callable[[Any], Any]:
    python = {"bool": bool, "int": int, "float": float}[kind.name]
    accepted = (python,) if plain else (python, _ITEMS[kind.name])

    def hand(value: Any) -> Any:
        if type(value) not in accepted:
            raise Departed("an argument of another type")
        if kind.name == "int" and not -(2**63) <= value < 2**63:
            raise Departed("an argument beyond 64 bits")
        return value

    return hand


def _array(kind: Vector) -> Callable[[Any], Any]:
    dtype = np.dtype(_ITEMS[kind.item.name])

    def hand(value: Any) -> Any:
        if type(value) is not np.ndarray or value.dtype != dtype or value.ndim != 1:
            raise Departed("an argument of another type")
        return value

    return hand


def _row(kind: Row) -> Callable[[Any], Any]:
    form = tuple if kind.form == "tuple" else list

    def hand(value: Any) -> Any:
        try:
            if type(value) is form and of_argument(value) == kind:
                array = np.array(value, _ITEMS[kind.item.name])
                array.flags.writeable = False
                return array
        except (Untranslatable, OverflowError):
            pass
        raise Departed("an argument of another type")

    return hand


_HANDS: dict[type, Callable[[Any], Callable[[Any], Any]]] = {
    Vector: _array,
    Row: _row,
}


def _column(column: Any, kind: Kind) -> tuple[Any, int | None, str]:
    """Return a column for compiled code, its length, None if any, and how an entry is had."""
    try:
        if isinstance(kind, Number):
            if not hasattr(column, "__len__"):
                return _number(kind, plain=True)(column), None, "same"
            if isinstance(column, np.ndarray):
                array: NDArray[Any] = column
            else:
                found = of_argument(tuple(column))
                if not isinstance(found, Row) or found.item is not kind:
                    raise Departed("a column of another type")
                array = np.array(column, _ITEMS[kind.name])
            if array.ndim != 1 or array.dtype != np.dtype(_ITEMS[kind.name]):
                raise Departed("a column of another type")
            array = np.ascontiguousarray(array).view()
            array.flags.writeable = False
            return array, len(array), "entry"
        if isinstance(kind, Row):
            return _matrix(column, kind), len(column), "row"
    except (Untranslatable, OverflowError) as error:
        raise Departed(str(error)) from None
    raise Departed("a column of arrays")


_matrices: dict[int, tuple[Any, Any]] = {}
"""Of tuples of tuples that were columns before: they cannot change."""


def _matrix(column: Any, kind: Row) -> NDArray[Any]:
    held = _matrices.get(id(column))
    if held is not None and held[0] is column:
        return held[1]
    form = tuple if kind.form == "tuple" else list
    length = len(column[0])
    if set(map(type, column)) != {form} or set(map(len, column)) != {length}:
        raise Departed("a column of sequences of several lengths")
    if length == 0 or length * len(column) > _MOST_NUMBERS:
        raise Departed("a column of too many numbers")
    numbers = [number for row in column for number in row]
    found = of_argument(tuple(numbers))
    if not isinstance(found, Row) or found.item is not kind.item:
        raise Departed("a column of another type")
    matrix = np.array(numbers, _ITEMS[kind.item.name]).reshape(len(column), length)
    matrix.flags.writeable = False
    if type(column) is tuple and form is tuple and len(_matrices) < 16:
        _matrices[id(column)] = column, matrix
    return matrix


@lru_cache(maxsize=64)
def loop_over(signature: Any, ways: tuple[str, ...]) -> Any:
    """Return a compiled loop that calls a function of that signature for every row.

    The function is an argument, so that candidates of one signature share the loop.

    Args:
        signature: numba's, of the function.
        ways: how a column's entry is had: the `same` for all rows, an `entry`, or a `row`.
    """
    names = [f"c{place}" for place in range(len(ways))]
    entries = [
        name if how == "same" else f"{name}[i]" for name, how in zip(names, ways, strict=True)
    ]
    source = (
        f"def loop(function, result, {', '.join(names)}):\n"
        f"    for i in range(len(result)):\n"
        f"        result[i] = function({', '.join(entries)})\n"
    )
    namespace: dict[str, Any] = {}
    exec(source, namespace)  # noqa: S102
    columns = [_COLUMNS[how](kind) for how, kind in zip(ways, signature.args, strict=True)]
    floats = types.Array(types.float64, 1, "C")
    whole = types.void(types.FunctionType(signature), floats, *columns)
    return numba.njit(whole, error_model="python")(namespace["loop"])


_COLUMNS: dict[str, Callable[[Any], Any]] = {
    "same": lambda kind: kind,
    "entry": lambda kind: types.Array(kind, 1, "C", readonly=True),
    "row": lambda kind: types.Array(kind.dtype, 2, "C", readonly=True),
}
