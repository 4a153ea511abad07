"""Operations on plain numbers as compiled code: Python's result to the bit, or `Departed`."""

# ruff: noqa: D103

from __future__ import annotations

import ctypes
import ctypes.util
import math
from collections.abc import Callable
from typing import Any

import numba

from evaluators.compiled_tier.intrinsics import (
    Departed,
    add_int,
    call_c,
    multiply_int,
    subtract_int,
)

_EXACT = 2**53
"""Up to here, every int is a float."""

helper: Callable[[Any], Any] = numba.njit(error_model="python", boundscheck=False)
inline: Callable[[Any], Any] = numba.njit(error_model="python", boundscheck=False)


@inline
def mixed(value: Any) -> Any:
    if value > _EXACT or value < -_EXACT:
        raise Departed("a large int meets a float")
    return float(value)


@inline
def divide_int(one: int, other: int) -> float:
    return mixed(one) / mixed(other)


@inline
def floor_divide_int(one: int, other: int) -> int:
    if other == -1:
        return subtract_int(0, one)
    return one // other


@inline
def remainder_int(one: int, other: int) -> int:
    if other == -1:
        return 0
    return one % other


@inline
def power_int(base: int, exponent: int) -> int:
    if exponent < 0:
        raise Departed("a power that is no int")
    result = 1
    while exponent > 0:
        if exponent & 1:
            result = multiply_int(result, base)
        exponent >>= 1
        if exponent > 0:
            base = multiply_int(base, base)
    return result


@inline
def shift_left_int(value: int, by: int) -> int:
    if by < 0 or by > 62:
        raise Departed("a shift too far")
    return multiply_int(value, 1 << by)


@inline
def shift_right_int(value: int, by: int) -> int:
    if by < 0 or by > 62:
        raise Departed("a shift too far")
    return value >> by


@inline
def absolute_int(value: int) -> int:
    return subtract_int(0, value) if value < 0 else value


@inline
def range_length(start: int, stop: int, step: int) -> int:
    span = subtract_int(stop, start)
    if step > 0:
        return (add_int(span, step - 1)) // step
    return (subtract_int(-step - 1, span)) // -step


def _address(name: str) -> int:
    library = ctypes.CDLL(ctypes.util.find_library("m") or "libm.so.6")
    found = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert found is not None
    return found


_FMOD, _POW = _address("fmod"), _address("pow")


@inline
def _usual(one: float, other: float) -> None:
    if not (math.isfinite(one) and math.isfinite(other)):
        raise Departed("an infinity, or no number")
    if other == 0.0:
        raise ZeroDivisionError("a division by zero")


@inline
def remainder_float(one: float, other: float) -> float:
    _usual(one, other)
    rest = call_c(_FMOD, (one, other))
    if rest == 0.0:
        return math.copysign(0.0, other)
    if (other < 0.0) != (rest < 0.0):
        rest += other
    return rest


@inline
def floor_divide_float(one: float, other: float) -> float:
    _usual(one, other)
    rest = call_c(_FMOD, (one, other))
    quotient = (one - rest) / other
    if rest != 0.0 and (other < 0.0) != (rest < 0.0):
        quotient -= 1.0
    if quotient == 0.0:
        return math.copysign(0.0, one / other)
    lower = math.floor(quotient + 0.0)
    result = float(lower)
    if quotient - result > 0.5:
        result += 1.0
    return result


@inline
def power_float(base: float, exponent: float) -> float:
    if not (math.isfinite(base) and math.isfinite(exponent)):
        raise Departed("an infinity, or no number")
    if base < 0.0 and exponent != math.floor(exponent):
        raise Departed("a complex power")
    if base == 0.0 and exponent < 0.0:
        raise ZeroDivisionError("a negative power of zero")
    result = call_c(_POW, (base, exponent))
    if not math.isfinite(result):
        raise OverflowError("a power too large")
    return result


@inline
def _plain(result: float) -> float:
    """Return a float that would be the same if it were an int."""
    if result == 0.0:
        if math.copysign(1.0, result) < 0.0:
            raise Departed("a zero that may have no sign")
    elif math.isfinite(result) and not -_EXACT < result < _EXACT:
        raise Departed("an int or a float too large")
    return result


@inline
def add_mixed(one: float, other: float) -> float:
    return _plain(one + other)


@inline
def subtract_mixed(one: float, other: float) -> float:
    return _plain(one - other)


@inline
def multiply_mixed(one: float, other: float) -> float:
    return _plain(one * other)


@inline
def negative_mixed(value: float) -> float:
    return _plain(-value)


@inline
def floor_divide_mixed(one: float, other: float) -> float:
    return _plain(floor_divide_float(one, other))


@inline
def remainder_mixed(one: float, other: float) -> float:
    return _plain(remainder_float(one, other))


@inline
def power_mixed(base: float, exponent: float) -> float:
    return _plain(power_float(base, exponent))


@inline
def larger(one: Any, other: Any) -> Any:
    return other if other > one else one


@inline
def smaller(one: Any, other: Any) -> Any:
    return other if other < one else one


@inline
def known(value: float, found: bool) -> bool:
    if value != value:
        raise Departed("no number is looked for")
    return found


@inline
def result(value: float) -> float:
    if value != value:
        raise Departed("no number is returned")
    return value


@inline
def math_trunc(value: float) -> int:
    if not -9.0e18 < value < 9.0e18:
        raise Departed("a float that is no int of 64 bits")
    return int(value)


@inline
def math_floor(value: float) -> int:
    return math_trunc(math.floor(_within(value)))


@inline
def math_ceil(value: float) -> int:
    return math_trunc(math.ceil(_within(value)))


@inline
def _within(value: float) -> float:
    if not -9.0e18 < value < 9.0e18:
        raise Departed("a float that is no int of 64 bits")
    return value


@inline
def round_float(value: float) -> int:
    lower = math_floor(value)
    rest = value - lower
    if rest > 0.5 or (rest == 0.5 and lower & 1):
        return lower + 1
    return lower


@inline
def math_sqrt(value: float) -> float:
    if not 0.0 <= value < math.inf:
        raise Departed("the root of such a float")
    return math.sqrt(value)


@inline
def math_fabs(value: float) -> float:
    return abs(value)


_DEGREES, _RADIANS = 180.0 / math.pi, math.pi / 180.0


@inline
def math_degrees(value: float) -> float:
    return value * _DEGREES


@inline
def math_radians(value: float) -> float:
    return value * _RADIANS


@inline
def math_isfinite(value: float) -> bool:
    return math.isfinite(value)


@inline
def math_isnan(value: float) -> bool:
    return value != value


@inline
def math_isinf(value: float) -> bool:
    return math.isinf(value)


@inline
def math_gcd(one: int, other: int) -> int:
    one, other = absolute_int(one), absolute_int(other)
    while other:
        one, other = other, one % other
    return one


@inline
def math_factorial(value: int) -> int:
    if value < 0 or value > 20:
        raise Departed("a factorial beyond 64 bits")
    product = 1
    for factor in range(2, value + 1):
        product *= factor
    return product


@inline
def math_comb(count: int, taken: int) -> int:
    if count < 0 or taken < 0:
        raise Departed("a binomial coefficient of negative numbers")
    if taken > count:
        return 0
    taken = min(taken, count - taken)
    found = 1
    for step in range(taken):
        found = multiply_int(found, count - step) // (step + 1)
    return found


@inline
def math_isqrt(value: int) -> int:
    if value < 0 or value >= _EXACT:
        raise Departed("the root of such an int")
    root = int(math.sqrt(float(value)))
    while root * root > value:
        root -= 1
    while (root + 1) * (root + 1) <= value:
        root += 1
    return root


@inline
def math_isclose(one: float, other: float) -> bool:
    if one == other:
        return True
    if not (math.isfinite(one) and math.isfinite(other)):
        return False
    apart = abs(other - one)
    return apart <= abs(1e-09 * other) or apart <= abs(1e-09 * one)


def _of_one(name: str) -> Any:
    address = _address(name)
    positive = name in ("log", "log10", "log2")

    @inline
    def function(value: float) -> float:
        if not math.isfinite(value) or (positive and value <= 0.0):
            raise Departed("a float that is out of a function's range")
        found = call_c(address, (value,))
        if not math.isfinite(found):
            raise Departed("a function's value that is no finite number")
        return found

    return function


def _of_two(name: str) -> Any:
    address = _address(name)

    @inline
    def function(one: float, other: float) -> float:
        if not (math.isfinite(one) and math.isfinite(other)):
            raise Departed("a float that is out of a function's range")
        found = call_c(address, (one, other))
        if not math.isfinite(found):
            raise Departed("a function's value that is no finite number")
        return found

    return function


HELPERS: dict[str, Any] = {
    "add_int": add_int,
    "subtract_int": subtract_int,
    "multiply_int": multiply_int,
    "inf": math.inf,
    "nan": math.nan,
    **{
        each.__name__: each
        for each in (
            *(mixed, divide_int, floor_divide_int, remainder_int, power_int, shift_left_int),
            *(shift_right_int, absolute_int, range_length, remainder_float, floor_divide_float),
            *(power_float, add_mixed, subtract_mixed, multiply_mixed, negative_mixed),
            *(floor_divide_mixed, remainder_mixed, power_mixed, larger, smaller, known, result),
            *(math_trunc, math_floor, math_ceil, round_float, math_sqrt, math_fabs, math_degrees),
            *(math_radians, math_isfinite, math_isnan, math_isinf, math_gcd, math_factorial),
            *(math_comb, math_isqrt, math_isclose),
        )
    },
    **{
        f"math_{name}": _of_one(name)
        for name in (
            *("acos", "asin", "atan", "cos", "cosh", "exp", "expm1", "log", "log10", "log1p"),
            *("log2", "sin", "sinh", "tan", "tanh"),
        )
    },
    **{f"math_{name}": _of_two(name) for name in ("atan2", "pow", "fmod", "copysign")},
}
"""Name in compiled code → what it is."""
