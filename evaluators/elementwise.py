"""How far from its own place a function of arrays looks, decided from its source.

An abstract interpretation that knows few things and refuses all others: one refusal too many costs
time, one too few a wrong score.
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

_INTEGRAL = frozenset(
    {"abs", "absolute", "add", "clip", "floor_divide", "maximum", "minimum", "mod", "multiply"}
    | {"negative", "remainder", "sign", "square", "subtract", "where"}
)
"""Functions of numpy that make integers of integers."""

_EXTREMES = frozenset({"max", "min", "amax", "amin"})
_QUANTIFIERS = frozenset({"any", "all"})

_CONSTANTS = frozenset({"inf", "nan", "pi", "e"})
_BUILTIN_TYPES = frozenset({"float", "int", "bool"})
_NUMPY_TYPES = frozenset({"float64", "float32", "int64", "int32", "bool_"})
_BOOLEAN_TYPES = frozenset({"bool", "bool_"})
_INTEGER_TYPES = _BOOLEAN_TYPES | {"int", "int64", "int32"}

_FARTHEST = 64
"""Places; to look farther saves nobody anything."""

_DEEPEST_LOOP = 3
_PASSES = 8
"""Through a loop's body, until nothing new is known; both bound the work on a hostile source."""


class _Refused(Exception):
    """Something that might look at any place, or is not known not to."""


class _Shape(Enum):
    """How many entries a value has."""

    ONE = auto()
    """Certainly a plain number, or what numpy makes of one."""
    WHOLE = auto()
    """Perhaps an array of as many entries as the array arguments, place by place."""
    PART = auto()
    """Perhaps those entries of such an array where the mask of this statement is true."""
    CUT = auto()
    """Certainly an array, of all places but some at the start and some at the end."""


@dataclass(frozen=True)
class _Value:
    """What is known of a value.

    Attributes:
        shape: how many entries it has.
        boolean: whether it is certainly made of Booleans, so that it selects places.
        shared: whether it may be an argument itself, which must not be written to.
        integer: whether it is certainly made of integers or Booleans, which have one zero only.
        cut: how many places it lacks at the start and at the end, if its shape is `CUT`.
        radius: how many places to either side an entry may depend on. The two ends of the array
            are seen from there, too.
    """

    shape: _Shape
    boolean: bool = False
    shared: bool = False
    integer: bool = False
    cut: tuple[int, int] = (0, 0)
    radius: int = 0

    def or_else(self, other: _Value) -> _Value:
        """Return what is known of a value that is one of the two."""
        if self.cut != other.cut or (self.shape is _Shape.CUT) != (other.shape is _Shape.CUT):
            _refuse()
        return _Value(
            _joined([self, other]).shape,
            boolean=self.boolean and other.boolean,
            shared=self.shared or other.shared,
            integer=self.integer and other.integer,
            cut=self.cut,
            radius=max(self.radius, other.radius),
        )

    def entries(self, *, boolean: bool = False, integer: bool = False) -> _Value:
        """Return what is known of a new array, or number, with an entry for each of these."""
        return replace(self, boolean=boolean, integer=integer or boolean, shared=False)

    def number(self) -> _Value:
        """Return what is known of a single number of the same type."""
        return _Value(_Shape.ONE, boolean=self.boolean, integer=self.integer)


_NUMBER = _Value(_Shape.ONE)
_ARGUMENT = _Value(_Shape.WHOLE, shared=True, integer=True)


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
    found = _function(tree, name)
    return found is not None and found.alone


def reach(tree: ast.Module, name: str) -> int | None:
    """Return how many places to either side an entry of the returned array depends on, at most.

    Besides, it may depend on how far the ends of the array are, if not farther than that; on the
    entries at so many places next to the ends; on the plain numbers; and on what of all places
    counts however often it occurs, such as the maximum. So, for arguments that are integers or
    arrays of integers, of one dimension and one length, this holds: where at least 2 r + 3 places
    in a row have equal entries, and some of them are taken out so that at least r + 1 of them are
    left at the start of the row, r at its end and 2 r + 3 together, the function returns the same
    without the entries of those places, each of which is equal to the one before. It raises in both
    cases or in none, and writes to no argument.

    Args:
        tree: holds the function and nothing else.
        name: of the function.

    Returns:
        r, 0 for an elementwise function; None where that is not certain.
    """
    found = _function(tree, name)
    return None if found is None else found.reach


def _function(tree: ast.Module, name: str) -> _Function | None:
    """Return the function, gone through; None if it was refused."""
    if len(tree.body) != 1:
        return None
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef) or function.name != name:
        return None
    try:
        found = _Function(function)
        found.check()
    except (_Refused, RecursionError):
        return None
    return found


def _refuse() -> NoReturn:
    raise _Refused


def _joined(values: Sequence[_Value]) -> _Value:
    """Return what is known of an operation's result, its type apart.

    Places are those of the first operand that is cut. A whole array beside it would not fit, which
    raises whatever the length, so what is not cut is a number.
    """
    cuts = [value for value in values if value.shape is _Shape.CUT]
    shapes = {value.shape for value in values} - {_Shape.ONE}
    if cuts:
        if _Shape.PART in shapes or len({sum(value.cut) for value in cuts}) > 1:
            _refuse()
        start = cuts[0].cut[0]
        radius = max(value.radius + abs(value.cut[0] - start) for value in cuts)
        return _Value(_Shape.CUT, cut=cuts[0].cut, radius=radius)
    if len(shapes) > 1:
        _refuse()
    shape = shapes.pop() if shapes else _Shape.ONE
    return _Value(shape, radius=max(value.radius for value in values))


def _integer(node: ast.expr | None) -> int | None:
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


class _Function:
    """Goes through a function; `_Refused` is raised at whatever is not known to be local.

    Attributes:
        alone: whether every place has been treated by itself so far.
        reach: the largest radius so far.
    """

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
        self.alone = True
        self.reach = 0
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

    def _look(self, radius: int) -> None:
        """Note that places are not treated by themselves."""
        self.alone = False
        self.reach = max(self.reach, radius)
        if self.reach > _FARTHEST:
            _refuse()

    def _join(self, values: Sequence[_Value]) -> _Value:
        result = _joined(values)
        if result.radius:
            self._look(result.radius)
        return result

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
                    if self._whole(value).shape is _Shape.CUT:
                        _refuse()
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

    def _changed(self, radius: int) -> None:
        """Note the radius of an array that was written to: any other name may stand for it, too."""
        if radius:
            self._look(radius)
            for name, value in self._known.items():
                if value.shape is not _Shape.ONE:
                    self._known[name] = replace(value, radius=max(value.radius, radius))

    def _augment(self, name: str, op: ast.operator, value: ast.expr) -> None:
        old = self._name(name)
        if old.shared:
            _refuse()
        result = self._result(op, [old, self._whole(value)])
        self._changed(max(result.radius, *result.cut))
        self._bind(name, replace(result, radius=max(result.radius, *result.cut)))

    def _write(self, target: ast.Subscript, value: ast.expr) -> None:
        """Write to some places of a local array."""
        if not isinstance(target.value, ast.Name):
            _refuse()
        array = self._name(target.value.id)
        if array.shared:
            _refuse()
        if isinstance(target.slice, ast.Slice):
            part = self._slice(array, target.slice)
            result = self._join([part, self._whole(value)])
            self._changed(max(array.radius, result.radius, *part.cut))
        elif (place := _integer(target.slice)) is not None:
            self._one(value)
            self._changed(max(array.radius, self._distance(array, place)))
        else:
            self._write_where(array, target.slice, value)

    def _write_where(self, array: _Value, mask: ast.expr, value: ast.expr) -> None:
        """Write to the places that a mask selects."""
        where = self._whole(mask)
        if not where.boolean or _Shape.CUT in (where.shape, array.shape):
            _refuse()
        self._mask = ast.dump(mask)
        # One entry for each place of the array would be as many as the mask selects by chance.
        found = self._expression(value)
        if found.shape in (_Shape.WHOLE, _Shape.CUT):
            _refuse()
        self._mask = None
        self._changed(max(array.radius, where.radius, found.radius))

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
        return self._whole(node).number()

    def _name(self, name: str) -> _Value:
        if name not in self._known:
            _refuse()
        return self._known[name]

    def _expression(self, node: ast.expr) -> _Value:
        match node:
            case ast.Constant(value=value) if type(value) in (int, float, bool):
                return replace(
                    _NUMBER, boolean=type(value) is bool, integer=type(value) is not float
                )
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id="np" | "math" as module), attr=attribute):
                if module in self._bound or attribute not in _CONSTANTS:
                    _refuse()
                return _NUMBER
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
                if found.shape is _Shape.CUT:
                    _refuse()
                return replace(found, shape=_Shape.PART, shared=False)
            case ast.Subscript(value=value, slice=ast.Slice() as places):
                return self._slice(self._whole(value), places)
            case ast.Subscript(value=value, slice=index) if (place := _integer(index)) is not None:
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
                _refuse()

    def _operator(self, op: ast.operator) -> None:
        if isinstance(op, ast.MatMult):
            _refuse()

    def _result(self, op: ast.operator, operands: Sequence[_Value]) -> _Value:
        self._operator(op)
        logical = isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor))
        return self._join(operands).entries(
            boolean=logical and all(value.boolean for value in operands),
            # Powers of integers may be fractions.
            integer=not isinstance(op, (ast.Div, ast.Pow))
            and all(value.integer for value in operands),
        )

    def _slice(self, array: _Value, places: ast.Slice) -> _Value:
        """Return the value of an array without some places at its start and at its end."""
        start, stop = _integer(places.lower), _integer(places.upper)
        if (
            (start is None) != (places.lower is None)
            or (stop is None) != (places.upper is None)
            or (start or 0) < 0
            or (stop is not None and stop >= 0)
            or places.step is not None
        ):
            _refuse()
        return self._cut(array, start or 0, -(stop or 0))

    def _cut(self, array: _Value, start: int, end: int) -> _Value:
        if array.shape not in (_Shape.WHOLE, _Shape.CUT) or start + end == 0:
            _refuse()
        cut = (array.cut[0] + start, array.cut[1] + end)
        self._look(max(cut))
        return replace(array, shape=_Shape.CUT, cut=cut)

    def _distance(self, array: _Value, place: int) -> int:
        """Return from how far away the ends of the whole array tell a place of an array."""
        if array.shape not in (_Shape.WHOLE, _Shape.CUT):
            _refuse()
        return array.cut[0] + place + 1 if place >= 0 else array.cut[1] - place

    def _reduced(self, name: str, value: _Value, *, in_order: bool) -> _Value:
        """Return what is left of all entries, however often each occurs.

        Args:
            name: of the function.
            value: of its argument.
            in_order: whether one entry after the other is looked at. Where numpy looks at several
                at once, their number decides which of two zeros is the largest number.
        """
        if value.shape is _Shape.PART or not (in_order or value.integer or name in _QUANTIFIERS):
            _refuse()
        self._look(0)
        return value.number().entries(boolean=name in _QUANTIFIERS, integer=value.integer)

    def _comparison(self, ops: Sequence[ast.cmpop], operands: Sequence[ast.expr]) -> _Value:
        if any(isinstance(op, (ast.In, ast.NotIn, ast.Is, ast.IsNot)) for op in ops):
            _refuse()
        # The links of a chain are joined by `and`, which asks for one truth value.
        evaluate = self._expression if len(ops) == 1 else self._whole
        return self._join([evaluate(operand) for operand in operands]).entries(boolean=True)

    def _builtin(self, name: str, arguments: Sequence[ast.expr]) -> _Value:
        if name in self._bound:
            _refuse()
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
                return _NUMBER.entries(
                    boolean=all(value.boolean for value in found),
                    integer=all(value.integer for value in found),
                )
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
            return self._join(found).entries(
                boolean=chosen or name in _BOOLEAN,
                integer=name in _INTEGRAL and all(value.integer for value in found),
            )
        if name in _EXTREMES | _QUANTIFIERS and len(call.args) == 1 and not call.keywords:
            return self._reduced(name, self._whole(call.args[0]), in_order=False)
        if name == "diff" and len(call.args) == 1 and not call.keywords:
            array = self._whole(call.args[0])
            later, earlier = self._cut(array, 1, 0), self._cut(array, 0, 1)
            return self._join([later, earlier]).entries(integer=array.integer)
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
        kind = self._type(types[0]) if types else ""
        values = [first(call.args[0]), *[self._expression(each) for each in call.args[1:count]]]
        return self._join(values).entries(
            boolean=kind in _BOOLEAN_TYPES, integer=kind in _INTEGER_TYPES
        )

    def _length(self, node: ast.expr) -> _Value:
        """Return a value that has the length which the expression asks for."""
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[value], keywords=[]) if (
                "len" not in self._bound
            ):
                return replace(self._whole(value), radius=0)
            case ast.Attribute(value=value, attr="shape" | "size"):
                return replace(self._whole(value), radius=0)
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
                kind = self._type(arguments[0])
                return value.entries(boolean=kind in _BOOLEAN_TYPES, integer=kind in _INTEGER_TYPES)
            case "clip", 2:
                found = [value, *[self._expression(each) for each in arguments]]
                return self._join(found).entries(integer=all(each.integer for each in found))
            case (("max" | "min" | "any" | "all"), 0):
                return self._reduced(name, value, in_order=False)
            case "round", 0:
                return self._rounded(value)
            case _:
                _refuse()

    def _rounded(self, value: _Value) -> _Value:
        """Return what numpy makes of a value: an array of integers is handed back itself."""
        return replace(value, boolean=False)
