"""Operators on numbers, lane by lane what Python computes, or `GiveUp`.

Ints carry bounds, so that an overflow is ruled out before it can happen and many comparisons are
decided without looking at a lane. Sums, differences, products and quotients of floats are IEEE 754
in Python and numpy alike; so are `//` and `%`, which both derive from the exact `fmod` by the same
steps. Powers are Python's own, see `tabulate`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.tabulate import tabulate
from evaluators.array_tier.values import (
    LIMIT,
    WHOLE,
    Bools,
    Floats,
    Ints,
    Mask,
    Mixed,
    Number,
    Whole,
    as_floats,
    bounds,
    exact,
    ints,
    merge_numbers,
    raw,
    tighten,
)

Operator = type[ast.operator]

_MOST_BITS = 2048
"""Of an int that is the same in all lanes; beyond, each operation takes too long."""
_LARGEST_POWER = 64

_PLAIN: Mapping[Operator, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.RShift: operator.rshift,
}
_BITS = (ast.BitAnd, ast.BitOr, ast.BitXor)
_DIVISIONS: Mapping[Operator, Any] = {
    ast.Div: np.true_divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.remainder,
}


def split(value: Mixed, lanes: Lanes, do: Callable[[Number, Lanes], Number]) -> Number:
    """Do something with the ints of a value, then with its floats, each in its lanes."""
    inside, outside = lanes.where(value.whole), lanes.where(~value.whole)
    if outside is None:
        return do(value.ints, lanes)
    if inside is None:
        return do(value.floats, lanes)
    return merge_numbers(value.whole, do(value.ints, inside), do(value.floats, outside))


def power(base: int | float, exponent: int | float) -> int | float:
    """Return Python's power, unless it would be too long a number; `pow` may be complex."""
    if (
        isinstance(base, int)
        and isinstance(exponent, int)
        and exponent * base.bit_length() > _MOST_BITS
    ):
        raise GiveUp("a power is too large")
    return base**exponent


def binary(op: Operator, left: Number, right: Number, lanes: Lanes) -> Number:
    """Return `left op right`."""
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _plain(op, left, right)
    if isinstance(left, Mixed):
        return split(left, lanes, lambda part, inside: binary(op, part, right, inside))
    if isinstance(right, Mixed):
        return split(right, lanes, lambda part, inside: binary(op, left, part, inside))
    if isinstance(left, WHOLE) and isinstance(right, WHOLE):
        return _of_ints(op, left, right, lanes)
    if op is ast.Pow:
        return tabulate(power, (left, right), lanes)
    one, other = as_floats(left), as_floats(right)
    if op in _DIVISIONS:
        _refuse_zero(other, lanes)
        return Floats(_DIVISIONS[op](one, other))
    if op in (ast.Add, ast.Sub, ast.Mult):
        return Floats(_PLAIN[op](one, other))
    raise GiveUp(f"{op.__name__} of floats")


def _plain(op: Operator, left: int | float, right: int | float) -> int | float:
    if op is ast.Pow:
        result = power(left, right)
    elif op is ast.LShift:
        if right > _MOST_BITS:
            raise GiveUp("a shift is too far")
        result = operator.lshift(cast("int", left), cast("int", right))
    elif op in _PLAIN:
        result = _PLAIN[op](left, right)
    else:
        raise GiveUp(op.__name__)
    if type(result) is int and result.bit_length() > _MOST_BITS:
        raise GiveUp("an int is too long")
    if not isinstance(result, (int, float)):
        raise GiveUp("a complex number")
    return result


def _refuse_zero(divisor: Any, lanes: Lanes) -> None:
    if isinstance(divisor, (int, float)):
        if divisor == 0:
            raise GiveUp("a division by zero")
    elif lanes.any(divisor == 0):
        raise GiveUp("a division by zero")


def _of_ints(op: Operator, left: Whole, right: Whole, lanes: Lanes) -> Number:
    if op in _INTERVALS:
        return _bounded(op, left, right, lanes)
    if op is ast.Div:
        # Python rounds the quotient once. So does the division of floats, if both are exact.
        one, other = exact(left, lanes), exact(right, lanes)
        _refuse_zero(raw(other), lanes)
        return Floats(np.true_divide(as_floats(one), as_floats(other)))
    if op in _DIVISIONS:
        return _floor(op, left, right, lanes)
    if op is ast.Pow:
        return _int_power(left, right, lanes)
    if op in _BITS:
        return _bitwise(op, left, right)
    if op is ast.LShift and isinstance(right, int) and 0 <= right < 63:
        return _bounded(ast.Mult, left, 1 << right, lanes)
    if op is ast.RShift and isinstance(right, int) and right >= 0:
        low, high = bounds(left)
        return ints(raw(left) >> min(right, 63), low >> right, high >> right)
    raise GiveUp(f"{op.__name__} of ints")


def _interval_add(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    return a + c, b + d


def _interval_sub(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    return a - d, b - c


def _interval_mult(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    corners = (a * c, a * d, b * c, b * d)
    return min(corners), max(corners)


_INTERVALS: Mapping[Operator, Callable[[int, int, int, int], tuple[int, int]]] = {
    ast.Add: _interval_add,
    ast.Sub: _interval_sub,
    ast.Mult: _interval_mult,
}


def _bounded(op: Operator, left: Whole, right: Whole, lanes: Lanes) -> Whole:
    """Return a sum, difference or product that is known to fit."""
    interval = _INTERVALS[op]
    low, high = interval(*bounds(left), *bounds(right))
    if low < -LIMIT or high > LIMIT:
        left, right = tighten(left, lanes), tighten(right, lanes)
        low, high = interval(*bounds(left), *bounds(right))
        if low < -LIMIT or high > LIMIT:
            raise GiveUp("an int may be beyond 64 bits")
    if low == high:
        return low
    return Ints(_PLAIN[op](raw(left), raw(right)), low, high)


def _floor(op: Operator, left: Whole, right: Whole, lanes: Lanes) -> Whole:
    """Return `//` or `%` of ints, which round alike in Python and numpy."""
    (low, high), (least, most) = bounds(left), bounds(right)
    divisor = raw(right)
    if least <= 0 <= most:
        _refuse_zero(divisor, lanes)
        divisor = np.where(divisor == 0, 1, divisor)
    if op is ast.Mod:
        if low >= 0 and high < least:
            return left if isinstance(left, Ints) else ints(raw(left), low, high)
        if least > 0:
            limits = (0, min(high, most - 1) if low >= 0 else most - 1)
        else:
            limits = (min(least + 1, 0), max(most - 1, 0))
    elif least > 0:
        limits = (min(low // least, low // most), max(high // least, high // most))
    else:
        largest = max(abs(low), abs(high))
        limits = (-largest, largest)
    if limits[0] == limits[1]:
        return limits[0]
    return Ints(_DIVISIONS[op](raw(left), divisor), *limits)


def _int_power(left: Whole, right: Whole, lanes: Lanes) -> Number:
    if not isinstance(right, int) or not 0 <= right <= _LARGEST_POWER:
        return tabulate(power, (left, right), lanes)
    result: Whole = 1
    for bit in f"{int(right):b}":
        result = _bounded(ast.Mult, result, result, lanes)
        if bit == "1":
            result = _bounded(ast.Mult, result, left, lanes)
    return result


def _bitwise(op: Operator, left: Whole, right: Whole) -> Whole:
    if isinstance(left, (bool, Bools)) and isinstance(right, (bool, Bools)):
        one = left.array if isinstance(left, Bools) else left
        other = right.array if isinstance(right, Bools) else right
        return Bools(_PLAIN[op](one, other))
    (low, high), (least, most) = bounds(left), bounds(right)
    bits = max(abs(each).bit_length() for each in (low, high, least, most))
    bottom = 0 if low >= 0 and least >= 0 else -(1 << bits)
    return ints(_PLAIN[op](raw(left), raw(right)), bottom, (1 << bits) - 1)


_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def compare(op: type[ast.cmpop], left: Number, right: Number, lanes: Lanes) -> bool | Bools:
    """Return `left op right`, for one of the six that compare numbers."""
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _COMPARISONS[op](left, right)
    if isinstance(left, Mixed):
        return cast(
            "bool | Bools",
            split(left, lanes, lambda part, inside: compare(op, part, right, inside)),
        )
    if isinstance(right, Mixed):
        return cast(
            "bool | Bools",
            split(right, lanes, lambda part, inside: compare(op, left, part, inside)),
        )
    if isinstance(left, WHOLE) and isinstance(right, WHOLE):
        known = _decided(op, *bounds(left), *bounds(right))
        if known is not None:
            return known
        return Bools(_COMPARISONS[op](raw(left), raw(right)))
    # Python compares the exact values; as floats they are exact up to 2^53.
    one = as_floats(exact(left, lanes) if isinstance(left, WHOLE) else left)
    other = as_floats(exact(right, lanes) if isinstance(right, WHOLE) else right)
    result = _COMPARISONS[op](one, other)
    return result if isinstance(result, bool) else Bools(result)


def _decided(op: type[ast.cmpop], low: int, high: int, least: int, most: int) -> bool | None:
    """Return what a comparison comes to in all lanes, if the bounds alone say it."""
    below, above = high < least, low > most
    if op is ast.Eq or op is ast.NotEq:
        return (op is ast.NotEq) if below or above else None
    if op is ast.Gt or op is ast.LtE:
        decided = True if above else False if high <= least else None
    else:
        decided = True if below else False if low >= most else None
    if decided is None or op is ast.Gt or op is ast.Lt:
        return decided
    return not decided


def truth(value: Number) -> bool | Mask:
    """Return in which lanes a number counts as true; NaN does."""
    if isinstance(value, (int, float)):
        return bool(value)
    if isinstance(value, Bools):
        return value.array
    if isinstance(value, Mixed):
        return np.where(value.whole, truth(value.ints), truth(value.floats))
    if isinstance(value, Ints) and (value.low > 0 or value.high < 0):
        return True
    return value.array != 0


def negative(value: Number, lanes: Lanes) -> Number:
    """Return `-value`."""
    if isinstance(value, (int, float)):
        return -value
    if isinstance(value, Mixed):
        return split(value, lanes, negative)
    if isinstance(value, Floats):
        return Floats(-value.array)
    low, high = bounds(value)
    return Ints(-raw(value), -high, -low)


def absolute(value: Number, lanes: Lanes) -> Number:
    """Return `abs(value)`."""
    if isinstance(value, (int, float)):
        return abs(value)
    if isinstance(value, Mixed):
        return split(value, lanes, absolute)
    if isinstance(value, Floats):
        return Floats(np.abs(value.array))
    low, high = bounds(value)
    if low >= 0:
        return value if isinstance(value, Ints) else Ints(raw(value), low, high)
    return Ints(np.abs(raw(value)), 0, max(-low, high))


def extreme(op: type[ast.cmpop], first: Number, second: Number, lanes: Lanes) -> Number:
    """Return what `max` (for `Gt`) or `min` (for `Lt`) makes of two: the first unless beaten."""
    if isinstance(first, Ints) and isinstance(second, Ints):
        choose = max if op is ast.Gt else min
        many = np.maximum if op is ast.Gt else np.minimum
        low, high = choose(first.low, second.low), choose(first.high, second.high)
        return ints(many(first.array, second.array), low, high)
    beaten = compare(op, second, first, lanes)
    if isinstance(beaten, Bools):
        return merge_numbers(beaten.array, second, first)
    return second if beaten else first
