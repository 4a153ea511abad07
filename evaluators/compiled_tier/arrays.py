"""Arrays of one dimension: what numpy's functions and methods do with them.

Whatever is elementwise goes through numpy's own inner loops, on the types numpy would choose.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from evaluators.compiled_tier import arithmetic, numpy_loops
from evaluators.compiled_tier.arithmetic import Value, floating, whole
from evaluators.compiled_tier.kinds import (
    BOOL,
    FLOAT,
    INT,
    MIXED,
    Items,
    Number,
    Row,
    Untranslatable,
    Vector,
)

if TYPE_CHECKING:
    from evaluators.compiled_tier.expressions import Expressions

CONSTANTS: Mapping[str, float] = {
    "pi": math.pi,
    "e": math.e,
    "tau": math.tau,
    "inf": math.inf,
    "nan": math.nan,
}
"""Of `math` and numpy."""

_CODES: Mapping[Number, str] = {BOOL: "?", INT: "l", FLOAT: "d"}
_KINDS: Mapping[str, Number] = {code: kind for kind, code in _CODES.items()}
_SUFFIXES: Mapping[str, str] = {"?": "bool", "l": "int", "d": "float"}


def vector(expressions: Expressions, value: Value) -> Value:
    """Return what `np.asarray` makes of an array, a tuple or a list."""
    if isinstance(value.kind, Vector):
        return value
    if not isinstance(value.kind, (Row, Items)):
        raise Untranslatable("a number where an array must be")
    item = expressions.item(value.kind)
    if item is MIXED:
        raise Untranslatable("an array of ints and floats")
    # An empty list would become an array of floats.
    return Value(Vector(item), f"array_of_{item.name}s({value.text})")


def _known(value: Value) -> Value:
    _ = value.number if not isinstance(value.kind, Vector) else None
    return value


def apply(expressions: Expressions, name: str, values: Sequence[Value]) -> Value:
    """Return a function of numpy, entry by entry.

    Args:
        expressions: where it is called.
        name: a value of `numpy_loops.UFUNCS`.
        values: numbers, arrays, tuples and lists.
    """
    values = [
        vector(expressions, each) if isinstance(each.kind, (Row, Items)) else each
        for each in values
    ]
    kinds = [each.kind.item if isinstance(each.kind, Vector) else each.number for each in values]
    if MIXED in kinds and FLOAT not in kinds:
        # As an int or as a float: it must not matter which.
        ways = {
            numpy_loops.resolved(name, "".join(_CODES.get(kind, code) for kind in kinds))
            for code in "ld"
        }
        if len(ways) != 1:
            raise Untranslatable(f"{name} of an int or a float")
    codes = numpy_loops.resolved(name, "".join(_CODES.get(kind, "d") for kind in kinds))
    if codes is None or numpy_loops.loop(name, codes) is None:
        raise Untranslatable(f"{name} of {', '.join(kind.name for kind in kinds)}")
    if name == "power" and codes.startswith("l"):
        raise Untranslatable("a power of ints, as an array")
    expressions.loops.add((name, codes))
    arguments = [_cast(each, code) for each, code in zip(values, codes, strict=False)]
    result = _KINDS[codes[-1]]
    label = loop_name(name, codes)
    output = _SUFFIXES[codes[-1]]
    if any(isinstance(each.kind, Vector) for each in values):
        text = f"apply_{output}({label}, ({', '.join(arguments)},))"
        return Value(Vector(result), text)
    return Value(result, f"apply_{output}_once({label}, ({', '.join(arguments)},))")


def loop_name(name: str, codes: str) -> str:
    """Return what an inner loop is called in compiled code."""
    return f"loop_{name}_{codes.replace('?', 'b')}"


def _cast(value: Value, code: str) -> str:
    kind = value.kind
    if isinstance(kind, Vector):
        same = _CODES[kind.item] == code
        return value.text if same else f"cast_{_SUFFIXES[code]}s({value.text})"
    if code == "d":
        return floating(value) if value.kind is not MIXED else value.text
    return whole(value) if code == "l" else value.text


_FAST_POWERS = {-1: "reciprocal", 0: "", 0.5: "sqrt", 1: "positive", 2: "square"}
"""Exponents that numpy does not leave to its function for powers, if they are plain numbers."""


def power(expressions: Expressions, left: Value, right: Value) -> Value:
    """Return `left ** right`, one of which is an array."""
    kind, exponent = left.kind, right.constant
    if isinstance(kind, Vector) and kind.item is INT and right.kind is INT:
        if exponent == 2:
            return apply(expressions, "square", [left])
        if exponent is None or exponent < 3:
            raise Untranslatable("an array of ints to such a power")
        return Value(Vector(INT), f"power_of_ints({left.text}, {right.text})")
    if isinstance(kind, Vector) and kind.item is FLOAT and isinstance(right.kind, Number):
        if exponent is None:
            if right.kind not in (INT, FLOAT):
                raise Untranslatable("an array to the power of an int or a float")
            # Whether numpy takes its fast way depends on whose number it is.
            name = expressions.code.keep(f"no_fast_power({floating(right)})")
            return apply(expressions, "power", [left, Value(FLOAT, name)])
        if exponent in (2, 0.5, -1):
            return apply(expressions, _FAST_POWERS[exponent], [left])
        if exponent in _FAST_POWERS:
            raise Untranslatable("an array to the power of 0 or 1")
    elif isinstance(kind, Vector) and isinstance(right.kind, Number) and exponent is None:
        raise Untranslatable("an array of ints to a power that is not a constant")
    return apply(expressions, "power", [left, right])


def call(expressions: Expressions, name: str, node: ast.Call) -> Value:
    """Return `np.name(...)`."""
    maker = _MAKERS.get(name)
    if maker is not None:
        return maker(expressions, node)
    if name in _REDUCTIONS:
        if len(node.args) != 1 or node.keywords:
            raise Untranslatable(f"np.{name} with such arguments")
        return reduce(expressions, name, vector(expressions, expressions.value(node.args[0])))
    if name in ("round", "around") and len(node.args) == 1:
        value = expressions.value(node.args[0])
        if isinstance(value.kind, Vector) and value.kind.item is FLOAT:
            # With digits, it is more than a rounding.
            name = "rint"
    if name in numpy_loops.UFUNCS:
        if node.keywords:
            raise Untranslatable(f"np.{name} with keywords")
        values = [expressions.value(each) for each in node.args]
        return apply(expressions, numpy_loops.UFUNCS[name], values)
    raise Untranslatable(f"np.{name}")


def method(expressions: Expressions, value: Value, name: str, node: ast.Call) -> Value:
    """Return a call of an array's method."""
    if name == "astype" and len(node.args) == 1 and not node.keywords:
        return _as_type(value, _dtype(node.args[0]))
    if node.keywords:
        raise Untranslatable(f"the method {name} with keywords")
    if name == "copy" and not node.args:
        return Value(Vector(_item(value)), f"{value.text}.copy()")
    if name == "tolist" and not node.args:
        cell = expressions.cells.at(node)
        expressions.cells.add(cell, _item(value))
        return Value(Items(cell, "list"), f"copied({value.text})")
    if name == "clip" and len(node.args) == 2:
        return apply(
            expressions, "clip", [value, *(expressions.number(each) for each in node.args)]
        )
    if name in _REDUCTIONS and not node.args and name in _METHODS:
        return reduce(expressions, name, value)
    raise Untranslatable(f"the method {name} of an array")


def _item(value: Value) -> Number:
    assert isinstance(value.kind, Vector)
    return value.kind.item


def _as_type(value: Value, item: Number) -> Value:
    if _item(value) is item:
        return Value(Vector(item), f"{value.text}.copy()")
    if item is INT and _item(value) is FLOAT:
        return Value(Vector(INT), f"truncated({value.text})")
    if item is BOOL:
        raise Untranslatable("an array is turned into truth values")
    return Value(Vector(item), f"cast_{item.name}s({value.text})")


def _dtype(node: ast.expr) -> Number:
    match node:
        case (
            ast.Name(id="float")
            | ast.Attribute(value=ast.Name(id="np"), attr="float64" | "double" | "float_")
        ):
            return FLOAT
        case ast.Name(id="int") | ast.Attribute(value=ast.Name(id="np"), attr="int64" | "int_"):
            return INT
        case ast.Name(id="bool") | ast.Attribute(value=ast.Name(id="np"), attr="bool_" | "bool"):
            return BOOL
        case ast.Constant(value="float" | "float64"):
            return FLOAT
        case ast.Constant(value="int" | "int64"):
            return INT
        case _:
            raise Untranslatable("such a type of array")


_METHODS = (
    "all",
    "any",
    "argmax",
    "argmin",
    "cumsum",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
)
_REDUCTIONS = (
    *_METHODS,
    "amax",
    "amin",
    "count_nonzero",
    "diff",
    "flatnonzero",
    "median",
    "ptp",
    "unique",
)


def reduce(expressions: Expressions, name: str, value: Value) -> Value:
    """Return a function of a whole array."""
    item = _item(value)
    text = value.text
    name = {"amax": "max", "amin": "min"}.get(name, name)
    suffix = f"{item.name}s"
    if name in ("any", "all"):
        return Value(BOOL, f"{name}_of({text})")
    if name == "count_nonzero":
        return Value(INT, f"count_nonzero({text})")
    if name == "flatnonzero":
        return Value(Vector(INT), f"flatnonzero({text})")
    if item is BOOL:
        if name == "sum":
            return Value(INT, f"count_nonzero({text})")
        if name == "mean":
            return Value(FLOAT, f"mean_floats({_sum_loop(expressions)}, cast_floats({text}))")
        raise Untranslatable(f"{name} of truth values")
    if name in ("argmax", "argmin"):
        return Value(INT, f"{name}_{suffix}({text})")
    if name in ("max", "min"):
        return Value(item, f"{name}_{suffix}({text})")
    if name == "sum":
        if item is INT:
            return Value(INT, f"sum_ints({text}, 0)")
        return Value(FLOAT, f"sum_by_loop({_sum_loop(expressions)}, {text})")
    if name in ("mean", "std", "var"):
        cast = text if item is FLOAT else f"cast_floats({text})"
        return Value(FLOAT, f"{name}_floats({_sum_loop(expressions)}, {cast})")
    if name in ("cumsum", "diff"):
        return Value(Vector(item), f"{name}({text})")
    if name == "prod" and item is INT:
        return Value(INT, f"product_ints({text})")
    if name == "unique":
        return Value(Vector(item), f"unique({text})")
    raise Untranslatable(f"np.{name}")


def _sum_loop(expressions: Expressions) -> str:
    expressions.loops.add(("add", "ddd"))
    return loop_name("add", "ddd")


def take(value: Value, index: Value) -> Value:
    """Return `value[index]` where the index is an array."""
    item = _item(index)
    if item is FLOAT:
        raise Untranslatable("an array of floats as an index")
    helper = "take_where" if item is BOOL else "take_at"
    return Value(Vector(_item(value)), f"{helper}({value.text}, {index.text})")


def places(expressions: Expressions, node: ast.expr) -> Value:
    """Return `np.where(node)[0]`."""
    assert isinstance(node, ast.Call)
    if len(node.args) != 1 or node.keywords:
        raise Untranslatable("np.where with such arguments")
    value = vector(expressions, expressions.value(node.args[0]))
    return Value(Vector(INT), f"flatnonzero({value.text})")


def fits(item: Number, value: Value) -> str:
    """Return the text of a number as it is stored in an array, if numpy would store just that."""
    kind = value.number
    if kind is item:
        return value.text
    if item is FLOAT:
        return floating(value)
    if item is INT and kind is BOOL:
        return whole(value)
    raise Untranslatable("a number is cut off to fit into an array")


def _where(expressions: Expressions, node: ast.Call) -> Value:
    if len(node.args) != 3 or node.keywords:
        raise Untranslatable("np.where with such arguments")
    test, one, other = (expressions.value(each) for each in node.args)
    if not isinstance(test.kind, Vector) or test.kind.item is not BOOL:
        raise Untranslatable("np.where on something else than an array of truth values")
    ways = [
        vector(expressions, each) if isinstance(each.kind, (Row, Items)) else _known(each)
        for each in (one, other)
    ]
    kinds = [each.kind.item if isinstance(each.kind, Vector) else each.number for each in ways]
    if MIXED in kinds and FLOAT not in kinds:
        raise Untranslatable("np.where of an int or a float")
    item = FLOAT if FLOAT in kinds else INT if INT in kinds else BOOL
    mask = expressions.code.keep(test.text)
    texts = [_cast(each, _CODES[item]) for each in ways]
    for place, each in enumerate(ways):
        if not isinstance(each.kind, Vector):
            texts[place] = f"full_{item.name}s(len({mask}), {texts[place]})"
    return Value(Vector(item), f"choose_{item.name}s({mask}, {texts[0]}, {texts[1]})")


def _filled(filler: float | None) -> Callable[[Expressions, ast.Call], Value]:
    def fill(expressions: Expressions, node: ast.Call) -> Value:
        arguments = list(node.args)
        keywords = {each.arg: each.value for each in node.keywords}
        dtype = keywords.pop("dtype", None)
        length = _length(expressions, arguments.pop(0)) if arguments else None
        if length is None or keywords:
            raise Untranslatable("an array made from such arguments")
        return _full(expressions, length, arguments, dtype, filler, FLOAT)

    return fill


def _length(expressions: Expressions, node: ast.expr) -> str:
    if isinstance(node, ast.Tuple) and len(node.elts) == 1:
        node = node.elts[0]
    match node:
        case ast.Attribute(value=array, attr="shape"):
            value = expressions.value(array)
            if isinstance(value.kind, Vector):
                return f"len({value.text})"
            raise Untranslatable("the shape of what is no array")
        case _:
            return expressions.index(node)


def _full(
    expressions: Expressions,
    length: str,
    arguments: list[ast.expr],
    dtype: ast.expr | None,
    filler: float | None,
    item: Number,
) -> Value:
    if filler is None:
        if not arguments:
            raise Untranslatable("an array filled with nothing")
        value = expressions.number(arguments.pop(0))
        default = value.number if item is FLOAT else item
    else:
        value, default = arithmetic.constant(filler), item
    if arguments:
        dtype = arguments.pop(0)
    kind = default if dtype is None else _dtype(dtype)
    if arguments or kind is MIXED:
        raise Untranslatable("an array made from such arguments")
    if kind is BOOL:
        text = f"({value.text} != 0)" if value.kind is not BOOL else value.text
    else:
        text = fits(kind, value) if filler is None else whole(arithmetic.constant(int(filler)))
    if kind is FLOAT and filler is not None:
        text = f"{filler:.1f}"
    return Value(Vector(kind), f"full_{kind.name}s({length}, {text})")


def _like(filler: float | None) -> Callable[[Expressions, ast.Call], Value]:
    def fill(expressions: Expressions, node: ast.Call) -> Value:
        arguments = list(node.args)
        keywords = {each.arg: each.value for each in node.keywords}
        dtype = keywords.pop("dtype", None)
        if not arguments or keywords:
            raise Untranslatable("an array made from such arguments")
        value = vector(expressions, expressions.value(arguments.pop(0)))
        name = expressions.code.keep(value.text)
        return _full_like(expressions, name, _item(value), arguments, dtype, filler)

    return fill


def _full_like(
    expressions: Expressions,
    name: str,
    item: Number,
    arguments: list[ast.expr],
    dtype: ast.expr | None,
    filler: float | None,
) -> Value:
    length = f"len({name})"
    if filler is not None:
        return _full(expressions, length, arguments, dtype, filler, item)
    if not arguments:
        raise Untranslatable("an array filled with nothing")
    value = expressions.number(arguments.pop(0))
    if arguments:
        dtype = arguments.pop(0)
    kind = item if dtype is None else _dtype(dtype)
    return Value(Vector(kind), f"full_{kind.name}s({length}, {fits(kind, value)})")


def _arange(expressions: Expressions, node: ast.Call) -> Value:
    keywords = {each.arg: each.value for each in node.keywords}
    dtype = keywords.pop("dtype", None)
    texts = [expressions.index(each) for each in node.args]
    if keywords or not 1 <= len(texts) <= 2:
        raise Untranslatable("np.arange with such arguments")
    start, stop = ["0", *texts] if len(texts) == 1 else texts
    value = Value(Vector(INT), f"counted({start}, {stop})")
    return value if dtype is None else _as_type(value, _dtype(dtype))


def _array(expressions: Expressions, node: ast.Call) -> Value:
    arguments = list(node.args)
    keywords = {each.arg: each.value for each in node.keywords}
    dtype = keywords.pop("dtype", None)
    if len(arguments) == 2:
        dtype = arguments.pop()
    if len(arguments) != 1 or keywords:
        raise Untranslatable("np.array with such arguments")
    value = expressions.value(arguments[0])
    fresh = not isinstance(value.kind, Vector)
    if dtype is not None and isinstance(value.kind, (Row, Items)):
        item, wanted = expressions.item(value.kind), _dtype(dtype)
        if wanted is FLOAT:
            return Value(Vector(FLOAT), f"array_of_floats({value.text})")
        if wanted is INT and item is INT:
            return Value(Vector(INT), f"array_of_ints_even_empty({value.text})")
        raise Untranslatable("an array of such entries")
    value = vector(expressions, value)
    if dtype is not None:
        return _as_type(value, _dtype(dtype))
    return value if fresh else Value(Vector(_item(value)), f"{value.text}.copy()")


def _asarray(expressions: Expressions, node: ast.Call) -> Value:
    if len(node.args) == 1 and not node.keywords:
        return vector(expressions, expressions.value(node.args[0]))
    # A type that is the array's own leaves the array itself, another one makes a new one.
    made = _array(expressions, node)
    if isinstance(expressions.value(node.args[0]).kind, Vector):
        assert isinstance(made.kind, Vector)
        raise Untranslatable("np.asarray of an array, with a type")
    return made


def _sort(expressions: Expressions, node: ast.Call) -> Value:
    if len(node.args) != 1 or node.keywords:
        raise Untranslatable("np.sort with such arguments")
    value = vector(expressions, expressions.value(node.args[0]))
    if _item(value) is BOOL:
        raise Untranslatable("truth values are sorted")
    return Value(Vector(_item(value)), f"sorted_array({value.text})")


def _argsort(expressions: Expressions, node: ast.Call) -> Value:
    stable = False
    for keyword in node.keywords:
        match keyword:
            case ast.keyword(arg="kind", value=ast.Constant(value="stable" | "mergesort")):
                stable = True
            case _:
                raise Untranslatable("np.argsort with such arguments")
    if len(node.args) != 1:
        raise Untranslatable("np.argsort with such arguments")
    value = vector(expressions, expressions.value(node.args[0]))
    if _item(value) is BOOL:
        raise Untranslatable("truth values are sorted")
    return Value(Vector(INT), f"sorted_places({value.text}, {stable})")


def _number_type(kind: Number) -> Callable[[Expressions, ast.Call], Value]:
    def convert(expressions: Expressions, node: ast.Call) -> Value:
        if len(node.args) != 1 or node.keywords:
            raise Untranslatable("a number made from such arguments")
        value = expressions.number(node.args[0])
        return Value(kind, floating(value) if kind is FLOAT else whole(value))

    return convert


def _bincount(expressions: Expressions, node: ast.Call) -> Value:
    least = "0"
    for keyword in node.keywords:
        if keyword.arg != "minlength":
            raise Untranslatable("np.bincount with such arguments")
        least = expressions.index(keyword.value)
    if len(node.args) != 1:
        raise Untranslatable("np.bincount with such arguments")
    value = vector(expressions, expressions.value(node.args[0]))
    if _item(value) is not INT:
        raise Untranslatable("np.bincount of what are not ints")
    return Value(Vector(INT), f"bincount({value.text}, {least})")


_MAKERS: Mapping[str, Callable[[Expressions, ast.Call], Value]] = {
    "arange": _arange,
    "argsort": _argsort,
    "array": _array,
    "asarray": _asarray,
    "bincount": _bincount,
    "float64": _number_type(FLOAT),
    "full": _filled(None),
    "full_like": _like(None),
    "int64": _number_type(INT),
    "ones": _filled(1.0),
    "ones_like": _like(1.0),
    "sort": _sort,
    "where": _where,
    "zeros": _filled(0.0),
    "zeros_like": _like(0.0),
}
