"""Whether a function of arrays treats each place by itself, decided from its source.

An abstract interpretation that knows few things and refuses all others: one `False` too many costs
time, one `True` too many a wrong score.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np

_COMPARING = frozenset(
    {"equal", "greater", "greater_equal", "less", "less_equal", "not_equal"}
    | {"isfinite", "isinf", "isnan", "signbit"}
    | {"logical_and", "logical_not", "logical_or", "logical_xor"}
)
_COMPUTING = frozenset(
    {"abs", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2"}
    | {"arctanh", "bitwise_and", "bitwise_or", "bitwise_xor", "cbrt", "ceil", "copysign", "cos"}
    | {"cosh", "deg2rad", "degrees", "divide", "exp", "exp2", "expm1", "fabs", "float_power"}
    | {"floor", "floor_divide", "fmax", "fmin", "fmod", "gcd", "heaviside", "hypot", "invert"}
    | {"lcm", "left_shift", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "maximum"}
    | {"minimum", "mod", "multiply", "negative", "nextafter", "positive", "power", "rad2deg"}
    | {"radians", "reciprocal", "remainder", "right_shift", "rint", "sign", "sin", "sinh", "sqrt"}
    | {"square", "subtract", "tan", "tanh", "true_divide", "trunc"}
)
_UFUNCS = MappingProxyType({name: getattr(np, name).nin for name in _COMPARING | _COMPUTING})
"""Function of numpy → number of its operands; one more would be the array it writes to."""

_NUMPY = MappingProxyType({**_UFUNCS, "clip": 3, "isclose": 2, "nan_to_num": 1, "where": 3})
_BOOLEAN = _COMPARING | {"isclose"}
_LIKE = MappingProxyType({"zeros_like": 1, "ones_like": 1, "full_like": 2})
_FILLED = MappingProxyType({"zeros": 1, "ones": 1, "full": 2})

_MATH = frozenset(
    {"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "comb"}
    | {"copysign", "cos", "cosh", "degrees", "erf", "erfc", "exp", "exp2", "expm1", "fabs"}
    | {"factorial", "floor", "fmod", "gamma", "gcd", "hypot", "isclose", "isfinite", "isinf"}
    | {"isnan", "isqrt", "lcm", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "perm", "pow"}
    | {"radians", "remainder", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"}
)
"""Functions that raise TypeError for an array of two or more entries."""

_CONSTANTS = frozenset({"inf", "nan", "pi", "e"})
_BUILTIN_TYPES = frozenset({"float", "int", "bool"})
_NUMPY_TYPES = frozenset({"float64", "float32", "int64", "int32", "bool_"})

_DEEPEST_LOOP = 3
_PASSES = 8
"""Through a loop's body, until nothing new is known; both bound the work on a hostile source."""


class _Refused(Exception):
    """Something that might look at more than one place, or is not known not to."""


class _Shape(Enum):
    """How many entries a value has."""

    ONE = auto()
    """Certainly a plain number, or what numpy makes of one."""
    WHOLE = auto()
    """Perhaps an array of as many entries as the array arguments, place by place."""
    PART = auto()
    """Perhaps those entries of such an array where the mask of this statement is true."""


@dataclass(frozen=True)
class _Value:
    """What is known of a value.

    Attributes:
        shape: how many entries it has.
        boolean: whether it is certainly made of Booleans, so that it selects places.
        shared: whether it may be an argument itself, which must not be written to.
    """

    shape: _Shape
    boolean: bool = False
    shared: bool = False

    def or_else(self, other: _Value) -> _Value:
        """Return what is known of a value that is one of the two."""
        return _Value(
            _shape([self, other]), self.boolean and other.boolean, self.shared or other.shared
        )


_NUMBER = _Value(_Shape.ONE)
_ARGUMENT = _Value(_Shape.WHOLE, shared=True)


def elementwise(tree: ast.Module, name: str) -> bool:
    """Whether each entry of the array that a function returns depends on its own place alone.

    That is: on the entries at the same place of the array arguments, and on the plain numbers.
    Which arguments are arrays is not known: all may be. True says that for arrays of one
    dimension and one length, two or more, the function called on some of the places, in any
    order, returns the entries of those places; that it writes to no argument; and that it raises
    wherever it raises for one of the entries alone, or for the plain numbers. (One entry is not
    enough: numpy takes an array of one entry for a plain number in a condition.)

    Args:
        tree: holds the function and nothing else.
        name: of the function.
    """
    if len(tree.body) != 1:
        return False
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef) or function.name != name:
        return False
    try:
        _Function(function).check()
    except (_Refused, RecursionError):
        return False
    return True


def _refuse() -> NoReturn:
    raise _Refused


def _shape(values: Sequence[_Value]) -> _Shape:
    """Return the shape of an operation's result."""
    shapes = {value.shape for value in values} - {_Shape.ONE}
    if len(shapes) > 1:
        _refuse()
    return shapes.pop() if shapes else _Shape.ONE


class _Function:
    """Goes through a function; `_Refused` is raised at whatever is not known to be elementwise."""

    def __init__(self, function: ast.FunctionDef) -> None:
        arguments = function.args
        if (
            function.decorator_list
            or arguments.vararg
            or arguments.kwarg
            or arguments.kwonlyargs
            or arguments.defaults
        ):
            _refuse()
        parameters = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        self._body = function.body
        self._known = dict.fromkeys(parameters, _ARGUMENT)
        # What a name stands for in the whole function is decided by any binding of it.
        self._bound = set(parameters) | {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        self._loops = 0
        self._mask: str | None = None

    def check(self) -> None:
        """Go through all statements."""
        self._block(self._body)

    # Statements

    def _block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            match statement:
                case ast.Assign(targets=targets, value=value):
                    self._assign(targets, value)
                case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                    self._augment(name, op, value)
                case ast.AugAssign(target=ast.Subscript() as target, op=op, value=value):
                    self._write(target, value)
                    self._operator(op)
                case ast.If(test=test, body=body, orelse=orelse):
                    self._one(test)
                    self._branches(body, orelse)
                case ast.While(test=test, body=body, orelse=orelse):
                    self._loop([test], None, body)
                    self._branches(orelse, [])
                case ast.For(
                    target=ast.Name(id=name),
                    iter=ast.Call(func=ast.Name(id="range"), args=bounds, keywords=[]),
                    body=body,
                    orelse=orelse,
                ) if "range" not in self._bound:
                    self._loop(bounds, name, body)
                    self._branches(orelse, [])
                case ast.Return(value=ast.expr() as value):
                    self._whole(value)
                case ast.Pass() | ast.Break() | ast.Continue():
                    pass
                case ast.Import(
                    names=[ast.alias("numpy", "np") | ast.alias("math", None | "math")]
                ):
                    pass
                case _:
                    _refuse()

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        if isinstance(targets[0], ast.Subscript) and len(targets) == 1:
            self._write(targets[0], value)
            return
        found = self._whole(value)
        for target in targets:
            if not isinstance(target, ast.Name):
                _refuse()
            self._bind(target.id, found)

    def _bind(self, name: str, value: _Value) -> None:
        if self._loops and name in self._known:
            # Any statement of a loop may be the last one that was run, or follow any other.
            value = value.or_else(self._known[name])
        self._known[name] = value

    def _augment(self, name: str, op: ast.operator, value: ast.expr) -> None:
        old = self._name(name)
        if old.shared:
            _refuse()
        self._bind(name, self._result(op, [old, self._whole(value)]))

    def _write(self, target: ast.Subscript, value: ast.expr) -> None:
        """Write to the places of a local array that a mask selects."""
        if not isinstance(target.value, ast.Name) or self._name(target.value.id).shared:
            _refuse()
        if not self._whole(target.slice).boolean:
            _refuse()
        self._mask = ast.dump(target.slice)
        # One entry for each place of the array would be as many as the mask selects by chance.
        if self._expression(value).shape is _Shape.WHOLE:
            _refuse()
        self._mask = None

    def _branches(self, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt]) -> None:
        before = dict(self._known)
        self._block(body)
        after, self._known = self._known, before
        self._block(orelse)
        for name, value in after.items():
            # A name that only one branch binds is unbound after the other, whatever the entries.
            other = self._known.get(name, value)
            self._known[name] = value.or_else(other)

    def _loop(self, tests: Sequence[ast.expr], name: str | None, body: Sequence[ast.stmt]) -> None:
        self._loops += 1
        if self._loops > _DEEPEST_LOOP:
            _refuse()
        for _ in range(_PASSES):
            before = dict(self._known)
            for test in tests:
                self._one(test)
            if name is not None:
                self._bind(name, _NUMBER)
            self._block(body)
            if before == self._known:
                break
        else:
            _refuse()
        self._loops -= 1

    # Expressions

    def _whole(self, node: ast.expr) -> _Value:
        """Return the value of an expression that is none of a part."""
        mask, self._mask = self._mask, None
        value = self._expression(node)
        self._mask = mask
        return value

    def _one(self, node: ast.expr) -> _Value:
        """Return the value of an expression in a place that raises for two or more entries.

        The entries that a mask selects may by chance be one, which passes there.
        """
        return replace(self._whole(node), shape=_Shape.ONE, shared=False)

    def _name(self, name: str) -> _Value:
        if name not in self._known:
            _refuse()
        return self._known[name]

    def _expression(self, node: ast.expr) -> _Value:
        match node:
            case ast.Constant(value=value) if type(value) in (int, float, bool):
                return replace(_NUMBER, boolean=type(value) is bool)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id="np" | "math" as module), attr=attribute):
                if module in self._bound or attribute not in _CONSTANTS:
                    _refuse()
                return _NUMBER
            case ast.BinOp(left=left, op=op, right=right):
                return self._result(op, [self._expression(left), self._expression(right)])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return replace(self._one(operand), boolean=True)
            case ast.UnaryOp(operand=operand):
                # Python's own ~True is -2, which is a place and selects none.
                return _Value(self._expression(operand).shape)
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
                return replace(self._whole(value), shape=_Shape.PART, shared=False)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._builtin(name, arguments)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if (
                module in ("np", "math") and module not in self._bound
            ):
                return (self._numpy if module == "np" else self._math)(name, node)
            case ast.Call(func=ast.Attribute(value=value, attr=name), keywords=[]):
                return self._method(value, name, node.args)
            case _:
                _refuse()

    def _operator(self, op: ast.operator) -> None:
        if isinstance(op, ast.MatMult):
            _refuse()

    def _result(self, op: ast.operator, operands: Sequence[_Value]) -> _Value:
        self._operator(op)
        logical = isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor))
        return _Value(
            _shape(operands), boolean=logical and all(value.boolean for value in operands)
        )

    def _comparison(self, ops: Sequence[ast.cmpop], operands: Sequence[ast.expr]) -> _Value:
        if any(isinstance(op, (ast.In, ast.NotIn, ast.Is, ast.IsNot)) for op in ops):
            _refuse()
        # The links of a chain are joined by `and`, which asks for one truth value.
        evaluate = self._expression if len(ops) == 1 else self._whole
        return _Value(_shape([evaluate(operand) for operand in operands]), boolean=True)

    def _builtin(self, name: str, arguments: Sequence[ast.expr]) -> _Value:
        if name in self._bound:
            _refuse()
        match name, len(arguments):
            case "abs", 1:
                return _Value(self._expression(arguments[0]).shape)
            case "pow", 2:
                return self._result(ast.Pow(), [self._expression(each) for each in arguments])
            case ("float" | "int" | "bool" | "round", 1) | ("round", 2):
                found = [self._one(argument) for argument in arguments]
                return replace(found[0], boolean=name == "bool")
            case (("min" | "max"), count) if count >= 2:
                # Each comparison asks for one truth value; of one argument, all entries count.
                found = [self._one(argument) for argument in arguments]
                return replace(_NUMBER, boolean=all(value.boolean for value in found))
            case _:
                _refuse()

    def _math(self, name: str, call: ast.Call) -> _Value:
        if name not in _MATH or call.keywords:
            _refuse()
        for argument in call.args:
            self._one(argument)
        return _NUMBER

    def _numpy(self, name: str, call: ast.Call) -> _Value:
        if name in _NUMPY and len(call.args) == _NUMPY[name] and not call.keywords:
            found = [self._expression(argument) for argument in call.args]
            chosen = name == "where" and found[1].boolean and found[2].boolean
            return _Value(_shape(found), boolean=chosen or name in _BOOLEAN)
        if name in ("round", "around") and 1 <= len(call.args) <= 2 and not call.keywords:
            for decimals in call.args[1:]:
                self._one(decimals)
            return self._rounded(self._expression(call.args[0]))
        if name in _LIKE:
            return self._filled(call, _LIKE[name], self._expression)
        if name in _FILLED:
            return self._filled(call, _FILLED[name], self._length)
        if name in ("array", "asarray"):
            value = self._filled(call, 1, self._expression)
            return replace(value, shared=name == "asarray")
        _refuse()

    def _filled(self, call: ast.Call, count: int, first: Callable[[ast.expr], _Value]) -> _Value:
        """Return the value of a call that makes an array, and may end with its type."""
        types = [*call.args[count:], *[each.value for each in call.keywords]]
        named = all(each.arg == "dtype" for each in call.keywords)
        if len(call.args) < count or len(types) > 1 or not named:
            _refuse()
        boolean = bool(types) and self._type(types[0]) in ("bool", "bool_")
        values = [first(call.args[0]), *[self._expression(each) for each in call.args[1:count]]]
        return _Value(_shape(values), boolean=boolean)

    def _length(self, node: ast.expr) -> _Value:
        """Return a value that has the length which the expression asks for."""
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[value], keywords=[]) if (
                "len" not in self._bound
            ):
                return _Value(self._whole(value).shape)
            case ast.Attribute(value=value, attr="shape" | "size"):
                return _Value(self._whole(value).shape)
            case _:
                _refuse()

    def _type(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name) if name in _BUILTIN_TYPES - self._bound:
                return name
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if (
                name in _NUMPY_TYPES and "np" not in self._bound
            ):
                return name
            case _:
                _refuse()

    def _method(self, node: ast.expr, name: str, arguments: Sequence[Any]) -> _Value:
        value = self._expression(node)
        match name, len(arguments):
            case "copy", 0:
                return replace(value, shared=False)
            case "astype", 1:
                return _Value(value.shape, boolean=self._type(arguments[0]) in ("bool", "bool_"))
            case "clip", 2:
                return _Value(_shape([value, *[self._expression(each) for each in arguments]]))
            case "round", 0:
                return self._rounded(value)
            case _:
                _refuse()

    def _rounded(self, value: _Value) -> _Value:
        """Return what numpy makes of a value: an array of integers is handed back itself."""
        return replace(value, boolean=False)
