"""Functions that numpy may round otherwise than Python: Python's own, called once a value.

numpy computes powers and transcendental functions with vector code of its own, which may differ
from Python's in the last bit. So these are not computed as arrays at all; what is saved is to call
them once per value where the arguments are ints of a small range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.values import (
    LIMIT,
    Bools,
    Floats,
    Ints,
    Mixed,
    Number,
    ints,
    merge_numbers,
)

_SPAN = 1024
"""Widest range of ints for which a table is laid out."""
_PLAIN = frozenset({int, float, bool})


def tabulate(function: Callable[..., Any], arguments: Sequence[Number], lanes: Lanes) -> Number:
    """Return a function of numbers, called by Python itself for every value that occurs.

    Args:
        function: of plain numbers; gives up by itself on arguments that would take long.
        arguments: at least one.
        lanes: where it is called.

    Raises:
        Exception: whatever the function raises in one of the lanes.
        GiveUp: it returns something else than a number that fits.
    """
    for place, argument in enumerate(arguments):
        if isinstance(argument, Mixed):
            return _split(function, arguments, place, lanes)
    varying = [place for place, each in enumerate(arguments) if not isinstance(each, (int, float))]
    if not varying:
        return _checked([function(*arguments)])[0]
    if len(varying) == 1:
        argument = arguments[varying[0]]
        if isinstance(argument, Ints) and argument.high - argument.low < _SPAN:

            def of_one(value: int) -> Any:
                return function(*arguments[: varying[0]], value, *arguments[varying[0] + 1 :])

            return _by_table(of_one, argument, lanes)
    return _by_lane(function, arguments, lanes)


def _split(
    function: Callable[..., Any], arguments: Sequence[Number], place: int, lanes: Lanes
) -> Number:
    mixed = cast("Mixed", arguments[place])
    results: list[Number] = []
    for mask, part in ((mixed.whole, mixed.ints), (~mixed.whole, mixed.floats)):
        inside = lanes.where(mask)
        if inside is not None:
            changed = [*arguments[:place], part, *arguments[place + 1 :]]
            results.append(tabulate(function, changed, inside))
    return results[0] if len(results) == 1 else merge_numbers(mixed.whole, *results)


def _by_table(function: Callable[[int], Any], argument: Ints, lanes: Lanes) -> Number:
    span = argument.high - argument.low + 1
    offsets = argument.array - argument.low
    there = np.zeros(span, np.bool_)
    there[offsets if lanes.array is None else offsets[lanes.array]] = True
    places = np.flatnonzero(there)
    results = _checked([function(place + argument.low) for place in places.tolist()])
    # Where a lane does not run, any result will do: that of the first place is within bounds.
    index = np.zeros(span, np.intp)
    index[places] = np.arange(len(places))
    return _gathered(results, index[offsets])


def _by_lane(function: Callable[..., Any], arguments: Sequence[Number], lanes: Lanes) -> Number:
    columns: list[list[Any]] = []
    for argument in arguments:
        if isinstance(argument, (Ints, Bools, Floats)):
            array = argument.array
            columns.append((array if lanes.array is None else array[lanes.array]).tolist())
        else:
            columns.append([argument] * lanes.count)
    results = _checked(list(map(function, *columns)))
    if lanes.array is None:
        return _gathered(results, None)
    index = np.zeros(lanes.size, np.intp)
    index[lanes.array] = np.arange(lanes.count)
    return _gathered(results, index)


def _checked(results: list[Any]) -> list[Any]:
    if not _PLAIN.issuperset(map(type, results)):
        raise GiveUp("a function returns something else than an int or a float")
    return results


def _gathered(results: list[Any], index: NDArray[np.intp] | None) -> Number:
    """Return results as a value: lane i gets the one at `index[i]`, or the i-th."""
    kinds = set(map(type, results))
    if float in kinds and len(kinds) > 1:
        whole = np.array([type(each) is not float for each in results])
        numbers = _gathered([each if type(each) is not float else 0 for each in results], index)
        floats = _gathered([each if type(each) is float else 0.0 for each in results], index)
        mask = whole if index is None else whole[index]
        return merge_numbers(mask, numbers, floats)
    if kinds == {float}:
        array = np.array(results, np.float64)
        return Floats(array if index is None else array[index])
    if kinds == {bool}:
        truths = np.array(results, np.bool_)
        return Bools(truths if index is None else truths[index])
    low, high = int(min(results)), int(max(results))
    if low < -LIMIT or high > LIMIT:
        raise GiveUp("an int is beyond 64 bits")
    whole_numbers = np.array(results, np.int64)
    return ints(whole_numbers if index is None else whole_numbers[index], low, high)
