"""Operators on plain numbers, as text that computes what Python does or raises.

Names such as `add_int` are those of `numbers` in the compiled code's namespace. Where an operand
is MIXED, an operation raises if an int would have given something else than the float that stands
for it: beyond 2^53, and where a float's zero could be negative.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from evaluators.compiled_tier.kinds import (
    BOOL,
    FLOAT,
    INT,
    MIXED,
    Kind,
    Number,
    Untranslatable,
    Vector,
)

LARGEST = 1 << 62


@dataclass(frozen=True)
class Value:
    """An expression of compiled code.

    Attributes:
        kind: what it is.
        text: of the expression.
        constant: the number, where it is written as one; Python's own number then, not numpy's.
    """

    kind: Kind
    text: str
    constant: int | float | None = None

    @property
    def number(self) -> Number:
        """Its kind, if it is a number; else raises `Untranslatable`."""
        if not isinstance(self.kind, Number):
            raise Untranslatable("a sequence or an array where a number must be")
        return self.kind


_NATIVE: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_BITS: Mapping[type[ast.operator], str] = {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^"}
_HELPERS: Mapping[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "power",
    ast.LShift: "shift_left",
    ast.RShift: "shift_right",
}
COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def whole(value: Value) -> str:
    """Return the text of an int or a truth value as an int."""
    if value.kind is BOOL:
        return f"int({value.text})"
    if value.kind is INT:
        return value.text
    raise Untranslatable("a float where an int must be")


def floating(value: Value) -> str:
    """Return the text of a number converted to a float, as Python does it."""
    kind = value.number
    if kind is BOOL:
        return f"(1.0 if {value.text} else 0.0)"
    return value.text if kind in (FLOAT, MIXED) else f"float({value.text})"


def mixed(value: Value) -> str:
    """Return the text of a number as a float that is equal to it; raises beyond 2^53."""
    if value.number is INT and not (value.constant is not None and abs(value.constant) < 2**53):
        return f"mixed({value.text})"
    return floating(value)


def converted(value: Value, kind: Number) -> str:
    """Return the text of a number held as another kind, which it merges into."""
    return mixed(value) if kind is MIXED else value.text


def constant(number: object) -> Value:
    """Return a number as it is written."""
    if isinstance(number, bool):
        return Value(BOOL, str(number))
    if isinstance(number, int):
        if abs(number) >= LARGEST:
            raise Untranslatable("an int beyond 62 bits")
        return Value(INT, str(number) if number >= 0 else f"({number})", number)
    if isinstance(number, float):
        if number != number or number in (float("inf"), -float("inf")):
            name = "nan" if number != number else "inf"
            return Value(FLOAT, name if not number < 0 else f"(-{name})", number)
        return Value(FLOAT, repr(number) if number >= 0 else f"({number!r})", number)
    raise Untranslatable(f"a constant {type(number).__name__}")


def binary(op: ast.operator, left: Value, right: Value) -> Value:
    """Return `left op right` of two numbers."""
    kinds = {left.number, right.number}
    if kinds == {BOOL}:
        if type(op) in _BITS:
            return Value(BOOL, f"({left.text} {_BITS[type(op)]} {right.text})")
        # numpy's truth values are no ints here.
        raise Untranslatable("two truth values are calculated with")
    if kinds <= {BOOL, INT}:
        return _of_ints(op, left, right)
    if type(op) in _BITS or isinstance(op, (ast.LShift, ast.RShift, ast.MatMult)):
        raise Untranslatable(f"{type(op).__name__} of floats")
    if FLOAT in kinds:
        return _of_floats(op, floating(left), floating(right))
    if isinstance(op, ast.Div):
        return Value(FLOAT, f"({mixed(left)} / {mixed(right)})")
    if isinstance(op, ast.Pow) and not (right.kind is INT and (right.constant or -1) > 0):
        raise Untranslatable("a power of an int or a float")
    return Value(MIXED, f"{_HELPERS[type(op)]}_mixed({mixed(left)}, {mixed(right)})")


def _of_ints(op: ast.operator, left: Value, right: Value) -> Value:
    one, other = whole(left), whole(right)
    if type(op) in _BITS:
        return Value(INT, f"({one} {_BITS[type(op)]} {other})")
    helper = _HELPERS.get(type(op))
    if helper is None:
        raise Untranslatable(f"{type(op).__name__} of ints")
    if isinstance(op, (ast.FloorDiv, ast.Mod)) and (right.constant or 0) > 0:
        # No zero, and no quotient out of range: numba's own code is Python's.
        return Value(INT, f"({one} {'//' if isinstance(op, ast.FloorDiv) else '%'} {other})")
    return Value(FLOAT if isinstance(op, ast.Div) else INT, f"{helper}_int({one}, {other})")


def _of_floats(op: ast.operator, one: str, other: str) -> Value:
    if type(op) in _NATIVE:
        return Value(FLOAT, f"({one} {_NATIVE[type(op)]} {other})")
    if isinstance(op, ast.Div):
        return Value(FLOAT, f"({one} / {other})")
    return Value(FLOAT, f"{_HELPERS[type(op)]}_float({one}, {other})")


def compare(op: ast.cmpop, left: Value, right: Value) -> Value:
    """Return `left op right` of two numbers; Python compares ints and floats exactly."""
    sign = COMPARISONS.get(type(op))
    if sign is None:
        raise Untranslatable(f"the comparison {type(op).__name__}")
    kinds = {left.number, right.number}
    if kinds == {BOOL} or kinds <= {BOOL, INT}:
        one, other = (left.text, right.text) if len(kinds) == 1 else (whole(left), whole(right))
    else:
        one, other = mixed(left), mixed(right)
    return Value(BOOL, f"({one} {sign} {other})")


def negative(value: Value) -> Value:
    """Return `-value` of a number."""
    if value.constant is not None:
        return constant(-value.constant)
    match value.number:
        case n if n is INT:
            return Value(INT, f"subtract_int(0, {value.text})")
        case n if n is FLOAT:
            return Value(FLOAT, f"(-{value.text})")
        case n if n is MIXED:
            return Value(MIXED, f"negative_mixed({value.text})")
        case _:
            raise Untranslatable("a truth value is negated")


def truth(value: Value) -> str:
    """Return the text of what `bool(value)` is."""
    if isinstance(value.kind, Number):
        if value.kind is BOOL:
            return value.text
        return f"({value.text} != {'0' if value.kind is INT else '0.0'})"
    if isinstance(value.kind, Vector):
        raise Untranslatable("the truth of an array")
    return f"(len({value.text}) > 0)"
