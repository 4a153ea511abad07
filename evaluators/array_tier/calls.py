"""The functions and methods that a candidate may call as arrays."""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from evaluators.array_tier import sequences
from evaluators.array_tier.arithmetic import (
    absolute,
    binary,
    extreme,
    split,
    truth,
)
from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.tabulate import tabulate
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
    as_floats,
    ints,
    merge_numbers,
    number,
    raw,
)

_LARGEST = 170
"""Largest argument of `factorial` and `comb`: larger ones yield ints beyond 64 bits anyway."""

_COMPENSATES = sys.version_info >= (3, 12)
"""Whether `sum` of floats is more exact than adding them one by one."""

CONSTANTS: Mapping[str, float] = {
    name: getattr(math, name) for name in ("pi", "e", "tau", "inf", "nan")
}


def _small(function: Callable[..., int]) -> Callable[..., int]:
    def limited(*arguments: Any) -> int:
        if max(map(abs, arguments)) > _LARGEST:
            raise GiveUp("an argument is too large")
        return function(*arguments)

    return limited


_MATH: Mapping[str, Callable[..., Any]] = {
    name: getattr(math, name)
    for name in (
        *("exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos"),
        *("atan", "sinh", "cosh", "tanh", "atan2", "hypot", "pow", "fabs", "fmod", "copysign"),
        *("floor", "ceil", "trunc", "gcd", "isqrt", "degrees", "radians", "isfinite", "isnan"),
        *("isinf", "erf"),
    )
} | {"factorial": _small(math.factorial), "comb": _small(math.comb)}
_KEEP_INTS = ("floor", "ceil", "trunc")


def module_call(name: str, arguments: Sequence[Value], lanes: Lanes) -> Number:
    """Return `math.name(*arguments)`."""
    numbers = [number(each) for each in arguments]
    if name == "sqrt" and len(numbers) == 1:
        return _sqrt(numbers[0], lanes)
    if name in _KEEP_INTS and len(numbers) == 1 and isinstance(numbers[0], (Ints, Bools)):
        return as_int(numbers[0])
    if name not in _MATH or not numbers:
        raise GiveUp(f"math.{name}")
    return tabulate(_MATH[name], numbers, lanes)


def _sqrt(value: Number, lanes: Lanes) -> Number:
    """Return the square root, which IEEE 754 rounds in one way only."""
    if isinstance(value, (int, float)):
        return math.sqrt(value)
    if isinstance(value, Mixed):
        return split(value, lanes, _sqrt)
    array = as_floats(value)
    if lanes.any(~(array >= 0)):
        raise GiveUp("the root of a negative number or of NaN")
    return Floats(np.sqrt(array))


def as_int(value: Number) -> int | Ints:
    """Return ints and truth values as ints."""
    if isinstance(value, (int, Ints)):
        return value if isinstance(value, Ints) else int(value)
    if isinstance(value, Bools):
        return ints(raw(value), 0, 1)
    raise GiveUp("a float where an int must be")


def _abs(lanes: Lanes, value: Value) -> Number:
    return absolute(number(value), lanes)


def _int(lanes: Lanes, value: Value) -> Number:
    found = number(value)
    return as_int(found) if isinstance(found, WHOLE) else tabulate(int, (found,), lanes)


def _float(lanes: Lanes, value: Value) -> Number:
    def convert(found: Number, _: Lanes) -> Number:
        if isinstance(found, Mixed):
            return split(found, lanes, convert)
        if isinstance(found, (int, float)):
            return float(found)
        return Floats(as_floats(found))

    return convert(number(value), lanes)


def _bool(_: Lanes, value: Value) -> bool | Bools:
    if isinstance(value, Row):
        return bool(value.items)
    found = truth(number(value))
    return found if isinstance(found, bool) else Bools(found)


def _round(lanes: Lanes, value: Value, digits: Value | None = None) -> Number:
    found = number(value)
    if digits is None:
        if isinstance(found, (Ints, Bools)):
            return as_int(found)
        return tabulate(round, (found,), lanes)
    # A large negative one would make Python raise ten to it.
    if not isinstance(digits, int) or abs(digits) > _LARGEST:
        raise GiveUp("digits of round")
    return tabulate(round, (found, digits), lanes)


def _pow(lanes: Lanes, base: Value, exponent: Value) -> Number:
    return binary(ast.Pow, number(base), number(exponent), lanes)


def _divmod(lanes: Lanes, left: Value, right: Value) -> Row:
    one, other = number(left), number(right)
    return Row(
        (binary(ast.FloorDiv, one, other, lanes), binary(ast.Mod, one, other, lanes)), "tuple"
    )


def _len(lanes: Lanes, value: Value) -> Number:
    if isinstance(value, Row):
        return len(value.items)
    if isinstance(value, Distinct):
        return sequences.distinct(value.row, lanes)
    if isinstance(value, Ragged):
        length: Number = 0
        for present, _ in value.items:
            length = binary(ast.Add, length, 1 if present is None else Bools(present), lanes)
        return length
    raise GiveUp("a number has no length")


def add_up(total: Number, item: Value, inside: Lanes, lanes: Lanes) -> Number:
    """Return a running sum with one item more, which only some of the lanes add."""
    added = number(item)
    if _COMPENSATES and not isinstance(added, WHOLE):
        raise GiveUp("a sum of floats that carries what rounding lost")
    result = binary(ast.Add, total, added, inside)
    return result if inside is lanes else merge_numbers(inside.mask(), result, total)


def _sum(lanes: Lanes, values: Value, start: Value = 0) -> Number:
    total = number(start)
    if isinstance(values, Row) and values.matrix is not None:
        return binary(ast.Add, total, sequences.total(values, lanes), lanes)
    for inside, item in present(values, lanes):
        total = add_up(total, item, inside, lanes)
    return total


def present(values: Value, lanes: Lanes) -> Sequence[tuple[Lanes, Value]]:
    """Return the items of a sequence, each with the lanes that have it; never with none."""
    if isinstance(values, Row):
        return [(lanes, item) for item in values.items]
    if not isinstance(values, Ragged):
        raise GiveUp("not a sequence")
    found: list[tuple[Lanes, Value]] = []
    for mask, item in values.items:
        inside = lanes if mask is None else lanes.where(mask)
        if inside is not None:
            found.append((inside, item))
    return found


def _best(op: type[ast.cmpop]) -> Callable[..., Number]:
    def of(lanes: Lanes, *values: Value) -> Number:
        if len(values) > 1:
            best = number(values[0])
            for value in values[1:]:
                best = extreme(op, best, number(value), lanes)
            return best
        if not values:
            raise GiveUp("nothing to choose from")
        only = values[0]
        if isinstance(only, Distinct):
            # Of equal floats a set keeps any; of equal ints all are the same.
            only = sequences.ordered(only.row, lanes)
        if isinstance(only, Row):
            return sequences.best(op, only, lanes)
        return _best_of_some(op, present(only, lanes), lanes)

    return of


def _best_of_some(
    op: type[ast.cmpop], items: Sequence[tuple[Lanes, Value]], lanes: Lanes
) -> Number:
    best: Number | None = None
    begun = np.zeros(lanes.size, np.bool_)
    for inside, item in items:
        mask = np.ones(lanes.size, np.bool_) if inside.array is None else inside.array
        value = number(item)
        known = None if best is None else inside.where(begun)
        if best is not None:
            better = value if known is None else extreme(op, best, value, known)
            if known is not None and known is not inside:
                better = merge_numbers(begun, better, value)
            value = better if inside is lanes else merge_numbers(mask, better, best)
        best, begun = value, begun | mask
    if best is None or lanes.any(~begun):
        raise GiveUp("nothing to choose from")
    return best


def _sorted(lanes: Lanes, values: Value) -> Row:
    if isinstance(values, Row):
        return sequences.ordered(values, lanes)
    raise GiveUp("sorting something else than a sequence of one length")


def _kind(kind: str) -> Callable[..., Value]:
    def of(_: Lanes, values: Value | None = None) -> Value:
        if values is None:
            return Row((), "tuple" if kind == "tuple" else "list")
        if isinstance(values, Row):
            return sequences.as_kind(values, kind)
        if isinstance(values, Ragged):
            return values
        raise GiveUp("not a sequence")

    return of


def _set(_: Lanes, values: Value) -> Distinct:
    if isinstance(values, Row):
        return Distinct(values)
    raise GiveUp("a set of something else than a sequence of one length")


def decide(found: bool | Bools, item: Value, inside: Lanes, *, any_: bool) -> bool | Bools:
    """Return a running `any` or `all` with one item more, which only some of the lanes have."""
    value: Number = _bool(inside, item)
    if inside.array is not None:
        value = merge_numbers(inside.array, value, not any_)
    result = binary(ast.BitOr if any_ else ast.BitAnd, found, value, inside)
    assert isinstance(result, (bool, Bools))
    return result


def _any_all(any_: bool) -> Callable[..., bool | Bools]:
    def of(lanes: Lanes, values: Value) -> bool | Bools:
        found: bool | Bools = not any_
        for inside, item in present(values, lanes):
            found = decide(found, item, inside, any_=any_)
        return found

    return of


BUILTINS: Mapping[str, Callable[..., Value]] = {
    "abs": _abs,
    "all": _any_all(False),
    "any": _any_all(True),
    "bool": _bool,
    "divmod": _divmod,
    "float": _float,
    "int": _int,
    "len": _len,
    "list": _kind("list"),
    "max": _best(ast.Gt),
    "min": _best(ast.Lt),
    "pow": _pow,
    "round": _round,
    "set": _set,
    "sorted": _sorted,
    "sum": _sum,
    "tuple": _kind("tuple"),
}


def method_call(target: Value, name: str, arguments: Sequence[Value], lanes: Lanes) -> Value:
    """Return `target.name(*arguments)`."""
    if len(arguments) == 1 and isinstance(target, (Row, Ragged)):
        if name == "count":
            return sequences.count(target, number(arguments[0]), lanes)
        if name == "index" and isinstance(target, Row):
            return sequences.position(target, number(arguments[0]), lanes)
    raise GiveUp(f"the method {name}")
