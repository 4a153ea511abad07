"""Kinds of values: what an annotation promises, and what an expression therefore is."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from enum import Enum, auto


class Kind(Enum):
    """What the search knows of a value; it needs no more to write code that mostly runs."""

    INDEX = auto()
    """An int that counts positions: the variable of a loop over `range`."""
    INT = auto()
    FLOAT = auto()
    BOOL = auto()
    INTS = auto()
    """A sequence of ints."""
    FLOATS = auto()
    ARRAY = auto()
    """A numpy array of numbers."""
    MASK = auto()
    """A numpy array of bools."""
    OTHER = auto()


NUMBERS = frozenset({Kind.INDEX, Kind.INT, Kind.FLOAT})
SEQUENCES = frozenset({Kind.INTS, Kind.FLOATS})
ARRAYS = frozenset({Kind.ARRAY, Kind.MASK})

Scope = Mapping[str, Kind]
"""Variables that are certainly bound, with their kinds."""

_PLAIN = {"int": Kind.INT, "float": Kind.FLOAT, "bool": Kind.BOOL}
_LITERALS: dict[type, Kind] = {bool: Kind.BOOL, int: Kind.INT, float: Kind.FLOAT}
_ELEMENTS = {Kind.INTS: Kind.INT, Kind.FLOATS: Kind.FLOAT, Kind.ARRAY: Kind.FLOAT}
_COUNTS = frozenset({"len", "int", "count", "index", "argmax", "argmin"})
_REDUCTIONS = frozenset({"max", "min", "sum", "mean", "std", "median", "prod", "dot"})


def element(kind: Kind) -> Kind:
    """Return the kind of an element of a sequence or array."""
    return _ELEMENTS.get(kind, Kind.OTHER)


def of_annotation(node: ast.expr | None) -> Kind:
    """Return the kind that an annotation names, OTHER if it names none that is known."""
    match node:
        case ast.Constant(value=str(text)):
            try:
                return of_annotation(ast.parse(text, mode="eval").body)
            except (SyntaxError, ValueError):
                return Kind.OTHER
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _PLAIN:
            return _PLAIN[name]
        case ast.Name(id="ndarray" | "NDArray") | ast.Attribute(attr="ndarray" | "NDArray"):
            return Kind.ARRAY
        case ast.Subscript(value=outer, slice=inner):
            return _of_generic(outer, inner)
        case _:
            return Kind.OTHER


def _of_generic(outer: ast.expr, inner: ast.expr) -> Kind:
    name = outer.attr if isinstance(outer, ast.Attribute) else getattr(outer, "id", "")
    first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
    if name == "Annotated":
        return of_annotation(first)
    if name in {"ndarray", "NDArray"}:
        return Kind.ARRAY
    if name in {"tuple", "list", "Tuple", "List", "Sequence"}:
        return {Kind.INT: Kind.INTS, Kind.FLOAT: Kind.FLOATS}.get(of_annotation(first), Kind.OTHER)
    return Kind.OTHER


def of_expression(node: ast.expr, scope: Scope) -> Kind:
    """Return the kind of an expression's value, OTHER where that is not known."""
    match node:
        case ast.Constant(value=value):
            return _LITERALS.get(type(value), Kind.OTHER)
        case ast.Name(id=name):
            return scope.get(name, Kind.OTHER)
        case ast.UnaryOp(op=ast.Not()) | ast.BoolOp():
            return Kind.BOOL
        case ast.UnaryOp(operand=operand):
            return of_expression(operand, scope)
        case ast.BinOp(left=left, op=op, right=right):
            return _join(of_expression(left, scope), of_expression(right, scope), op)
        case ast.Compare(left=left, comparators=[right]):
            sides = {of_expression(left, scope), of_expression(right, scope)}
            return Kind.MASK if sides & ARRAYS else Kind.BOOL
        case ast.Compare():
            return Kind.BOOL
        case ast.IfExp(body=body, orelse=orelse):
            return _join(of_expression(body, scope), of_expression(orelse, scope), None)
        case ast.Subscript(value=value, slice=inner):
            return _of_subscript(of_expression(value, scope), inner, scope)
        case ast.Call():
            return _of_call(node, scope)
        case _:
            return Kind.OTHER


def _join(left: Kind, right: Kind, op: ast.operator | None) -> Kind:
    sides = {left, right}
    if Kind.OTHER in sides or sides & SEQUENCES:
        return left if left is right and op is None else Kind.OTHER
    if sides & ARRAYS:
        return Kind.ARRAY
    if sides == {Kind.BOOL} and op is None:
        return Kind.BOOL
    return Kind.FLOAT if Kind.FLOAT in sides or isinstance(op, ast.Div) else Kind.INT


def _of_subscript(base: Kind, inner: ast.expr, scope: Scope) -> Kind:
    if isinstance(inner, ast.Slice):
        return base
    if base is Kind.ARRAY and of_expression(inner, scope) not in NUMBERS:
        return Kind.ARRAY if of_expression(inner, scope) is Kind.MASK else Kind.OTHER
    return element(base)


def _of_call(node: ast.Call, scope: Scope) -> Kind:
    arguments = [of_expression(argument, scope) for argument in node.args]
    on_module = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
    if name in _COUNTS:
        return Kind.INT
    if name == "sorted":
        return arguments[0] if arguments else Kind.OTHER
    if name in {"float", "pow", "round"}:
        return Kind.FLOAT
    if name in _REDUCTIONS:
        numbers = [kind for kind in arguments if kind in NUMBERS]
        elements = [element(kind) for kind in arguments if kind in SEQUENCES]
        return Kind.INT if Kind.INT in numbers + elements else Kind.FLOAT
    if name == "abs" and arguments:
        return arguments[0]
    if on_module and ast.unparse(node.func).startswith(("np.", "numpy.", "math.")):
        return Kind.ARRAY if ARRAYS & set(arguments) else Kind.FLOAT
    return Kind.OTHER
