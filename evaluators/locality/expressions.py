"""Goes through the expressions of a function, and notes how far they look."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from evaluators.locality import tables
from evaluators.locality.values import NUMBER, Refused, Shape, Value, joined

_FARTHEST = 64
"""Places; to look farther saves nobody anything."""


def spelled_integer(node: ast.expr | None) -> int | None:
    """Return the integer that an expression spells out, if it does."""
    match node:
        case ast.Constant(value=int() as value) if type(value) is int:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)) if (
            type(value) is int
        ):
            return -value
        case _:
            return None


class Expressions:
    """What is known of the names of a function, and what follows for its expressions.

    `Refused` is raised at whatever is not known to be local.

    Attributes:
        alone: whether every place has been treated by itself so far.
        reach: the largest radius so far.
    """

    def __init__(self, known: dict[str, Value], bound: set[str]) -> None:
        """Start from what is known of names; `bound` are those that the function binds anywhere."""
        self.alone = True
        self.reach = 0
        self._known = known
        self._bound = bound
        self._mask: str | None = None

    def _look(self, radius: int) -> None:
        """Note that places are not treated by themselves."""
        self.alone = False
        self.reach = max(self.reach, radius)
        if self.reach > _FARTHEST:
            raise Refused

    def _join(self, values: Sequence[Value]) -> Value:
        result = joined(values)
        if result.radius:
            self._look(result.radius)
        return result

    # Statements

    def _whole(self, node: ast.expr) -> Value:
        """Return the value of an expression that is none of a part."""
        mask, self._mask = self._mask, None
        value = self._expression(node)
        self._mask = mask
        return value

    def _one(self, node: ast.expr) -> Value:
        """Return the value of an expression in a place that raises for two or more entries.

        The entries that a mask selects may by chance be one, which passes there.
        """
        return self._whole(node).number()

    def _name(self, name: str) -> Value:
        if name not in self._known:
            raise Refused
        return self._known[name]

    def _expression(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=value) if type(value) in (int, float, bool):
                return replace(
                    NUMBER, boolean=type(value) is bool, integer=type(value) is not float
                )
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id="np" | "math" as module), attr=attribute):
                if module in self._bound or attribute not in tables.CONSTANTS:
                    raise Refused
                return NUMBER
            case ast.BinOp(left=left, op=op, right=right):
                return self._result(op, [self._expression(left), self._expression(right)])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._one(operand).entries(boolean=True)
            case ast.UnaryOp(operand=operand):
                # Python's own ~True is -2, which is a place and selects none.
                found = self._expression(operand)
                return found.entries(integer=found.integer)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                return self._comparison(ops, [left, *comparators])
            case ast.BoolOp(values=values):
                found = [self._whole(value) for value in values]
                result = found[0]
                for value in found[1:]:
                    result = result.or_else(value)
                return result
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._one(test)
                return self._expression(body).or_else(self._expression(orelse))
            case ast.Subscript(value=value, slice=mask) if (
                self._mask is not None and ast.dump(mask) == self._mask
            ):
                found = self._whole(value)
                if found.shape is Shape.CUT:
                    raise Refused
                return replace(found, shape=Shape.PART, shared=False)
            case ast.Subscript(value=value, slice=ast.Slice() as places):
                return self._slice(self._whole(value), places)
            case ast.Subscript(value=value, slice=index) if (
                place := spelled_integer(index)
            ) is not None:
                found = self._whole(value)
                self._look(self._distance(found, place))
                return replace(found.number(), boolean=False)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._builtin(name, arguments)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if (
                module in ("np", "math") and module not in self._bound
            ):
                return (self._numpy if module == "np" else self._math)(name, node)
            case ast.Call(func=ast.Attribute(value=value, attr=name), keywords=[]):
                return self._method(value, name, node.args)
            case _:
                raise Refused

    def _operator(self, op: ast.operator) -> None:
        if isinstance(op, ast.MatMult):
            raise Refused

    def _result(self, op: ast.operator, operands: Sequence[Value]) -> Value:
        self._operator(op)
        logical = isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor))
        return self._join(operands).entries(
            boolean=logical and all(value.boolean for value in operands),
            # Powers of integers may be fractions.
            integer=not isinstance(op, (ast.Div, ast.Pow))
            and all(value.integer for value in operands),
        )

    def _slice(self, array: Value, places: ast.Slice) -> Value:
        """Return the value of an array without some places at its start and at its end."""
        start, stop = spelled_integer(places.lower), spelled_integer(places.upper)
        if (
            (start is None) != (places.lower is None)
            or (stop is None) != (places.upper is None)
            or (start or 0) < 0
            or (stop is not None and stop >= 0)
            or places.step is not None
        ):
            raise Refused
        return self._cut(array, start or 0, -(stop or 0))

    def _cut(self, array: Value, start: int, end: int) -> Value:
        if array.shape not in (Shape.WHOLE, Shape.CUT) or start + end == 0:
            raise Refused
        cut = (array.cut[0] + start, array.cut[1] + end)
        self._look(max(cut))
        return replace(array, shape=Shape.CUT, cut=cut)

    def _distance(self, array: Value, place: int) -> int:
        """Return from how far away the ends of the whole array tell a place of an array."""
        if array.shape not in (Shape.WHOLE, Shape.CUT):
            raise Refused
        return array.cut[0] + place + 1 if place >= 0 else array.cut[1] - place

    def _reduced(self, name: str, value: Value, *, in_order: bool) -> Value:
        """Return what is left of all entries, however often each occurs.

        Args:
            name: of the function.
            value: of its argument.
            in_order: whether one entry after the other is looked at. Where numpy looks at several
                at once, their number decides which of two zeros is the largest number.
        """
        if value.shape is Shape.PART or not (
            in_order or value.integer or name in tables.QUANTIFIERS
        ):
            raise Refused
        self._look(0)
        return value.number().entries(boolean=name in tables.QUANTIFIERS, integer=value.integer)

    def _comparison(self, ops: Sequence[ast.cmpop], operands: Sequence[ast.expr]) -> Value:
        if any(isinstance(op, (ast.In, ast.NotIn, ast.Is, ast.IsNot)) for op in ops):
            raise Refused
        # The links of a chain are joined by `and`, which asks for one truth value.
        evaluate = self._expression if len(ops) == 1 else self._whole
        return self._join([evaluate(operand) for operand in operands]).entries(boolean=True)

    def _builtin(self, name: str, arguments: Sequence[ast.expr]) -> Value:
        if name in self._bound:
            raise Refused
        match name, len(arguments):
            case "abs", 1:
                value = self._expression(arguments[0])
                return value.entries(integer=value.integer)
            case (("max" | "min" | "any" | "all"), 1):
                return self._reduced(name, self._whole(arguments[0]), in_order=True)
            case "pow", 2:
                return self._result(ast.Pow(), [self._expression(each) for each in arguments])
            case ("float" | "int" | "bool" | "round", 1) | ("round", 2):
                found = [self._one(argument) for argument in arguments]
                integer = name == "int" or (name == "round" and found[0].integer)
                return found[0].entries(boolean=name == "bool", integer=integer)
            case (("min" | "max"), count) if count >= 2:
                # Each comparison asks for one truth value.
                found = [self._one(argument) for argument in arguments]
                return NUMBER.entries(
                    boolean=all(value.boolean for value in found),
                    integer=all(value.integer for value in found),
                )
            case _:
                raise Refused

    def _math(self, name: str, call: ast.Call) -> Value:
        if name not in tables.MATH or call.keywords:
            raise Refused
        for argument in call.args:
            self._one(argument)
        return NUMBER

    def _numpy(self, name: str, call: ast.Call) -> Value:
        if name in tables.NUMPY and len(call.args) == tables.NUMPY[name] and not call.keywords:
            found = [self._expression(argument) for argument in call.args]
            chosen = name == "where" and found[1].boolean and found[2].boolean
            return self._join(found).entries(
                boolean=chosen or name in tables.BOOLEAN,
                integer=name in tables.INTEGRAL and all(value.integer for value in found),
            )
        if (
            name in tables.EXTREMES | tables.QUANTIFIERS
            and len(call.args) == 1
            and not call.keywords
        ):
            return self._reduced(name, self._whole(call.args[0]), in_order=False)
        if name == "diff" and len(call.args) == 1 and not call.keywords:
            array = self._whole(call.args[0])
            later, earlier = self._cut(array, 1, 0), self._cut(array, 0, 1)
            return self._join([later, earlier]).entries(integer=array.integer)
        if name in ("round", "around") and 1 <= len(call.args) <= 2 and not call.keywords:
            for decimals in call.args[1:]:
                self._one(decimals)
            return self._rounded(self._expression(call.args[0]))
        if name in tables.LIKE:
            return self._filled(call, tables.LIKE[name], self._expression)
        if name in tables.FILLED:
            return self._filled(call, tables.FILLED[name], self._length)
        if name in ("array", "asarray"):
            value = self._filled(call, 1, self._expression)
            return replace(value, shared=name == "asarray")
        raise Refused

    def _filled(self, call: ast.Call, count: int, first: Callable[[ast.expr], Value]) -> Value:
        """Return the value of a call that makes an array, and may end with its type."""
        types = [*call.args[count:], *[each.value for each in call.keywords]]
        named = all(each.arg == "dtype" for each in call.keywords)
        if len(call.args) < count or len(types) > 1 or not named:
            raise Refused
        kind = self._type(types[0]) if types else ""
        values = [first(call.args[0]), *[self._expression(each) for each in call.args[1:count]]]
        return self._join(values).entries(
            boolean=kind in tables.BOOLEAN_TYPES, integer=kind in tables.INTEGER_TYPES
        )

    def _length(self, node: ast.expr) -> Value:
        """Return a value that has the length which the expression asks for."""
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[value], keywords=[]) if (
                "len" not in self._bound
            ):
                return replace(self._whole(value), radius=0)
            case ast.Attribute(value=value, attr="shape" | "size"):
                return replace(self._whole(value), radius=0)
            case _:
                raise Refused

    def _type(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name) if name in tables.BUILTIN_TYPES - self._bound:
                return name
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if (
                name in tables.NUMPY_TYPES and "np" not in self._bound
            ):
                return name
            case _:
                raise Refused

    def _method(self, node: ast.expr, name: str, arguments: Sequence[Any]) -> Value:
        value = self._expression(node)
        match name, len(arguments):
            case "copy", 0:
                return replace(value, shared=False)
            case "astype", 1:
                kind = self._type(arguments[0])
                return value.entries(
                    boolean=kind in tables.BOOLEAN_TYPES, integer=kind in tables.INTEGER_TYPES
                )
            case "clip", 2:
                found = [value, *[self._expression(each) for each in arguments]]
                return self._join(found).entries(integer=all(each.integer for each in found))
            case (("max" | "min" | "any" | "all"), 0):
                return self._reduced(name, value, in_order=False)
            case "round", 0:
                return self._rounded(value)
            case _:
                raise Refused

    def _rounded(self, value: Value) -> Value:
        """Return what numpy makes of a value: an array of integers is handed back itself."""
        return replace(value, boolean=False)
