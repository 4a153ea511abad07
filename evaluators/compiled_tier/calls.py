"""Builtin functions, functions of `math`, and what tuples and lists can do."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from evaluators.compiled_tier import arithmetic, arrays, sources
from evaluators.compiled_tier.arithmetic import Value, converted, floating, mixed, truth, whole
from evaluators.compiled_tier.kinds import (
    BOOL,
    FLOAT,
    INT,
    MIXED,
    Form,
    Items,
    Number,
    Row,
    Untranslatable,
    Vector,
    merge_numbers,
)

if TYPE_CHECKING:
    from evaluators.compiled_tier.expressions import Expressions

_COMPENSATES = sys.version_info >= (3, 12)
"""Whether `sum` of floats is more exact than adding them one by one."""

_C_FUNCTIONS = (
    *("acos", "asin", "atan", "cos", "cosh", "exp", "expm1", "log", "log10", "log1p", "log2"),
    *("sin", "sinh", "tan", "tanh", "atan2", "pow", "fmod", "copysign"),
)
"""Functions of `math` that are the C library's where arguments and results are finite numbers."""
_OF_TWO = ("atan2", "pow", "fmod", "copysign")


def builtin(expressions: Expressions, name: str, node: ast.Call) -> Value:
    """Return a call of a builtin function."""
    translate = _BUILTINS.get(name)
    if translate is None:
        raise Untranslatable(f"a call of {name}")
    return translate(expressions, node)


def mathematical(expressions: Expressions, name: str, node: ast.Call) -> Value:
    """Return `math.name(...)`."""
    if node.keywords:
        raise Untranslatable(f"math.{name} with keywords")
    values = [expressions.number(each) for each in node.args]
    count = len(values)
    if name in _C_FUNCTIONS and count == (2 if name in _OF_TWO else 1):
        # An int beyond 2^53 would be rounded, or not, before its logarithm is taken.
        return Value(FLOAT, f"math_{name}({', '.join(mixed(each) for each in values)})")
    if name == "log" and count == 2:
        one, other = (f"math_log({mixed(each)})" for each in values)
        return Value(FLOAT, f"({one} / {other})")
    if name in ("sqrt", "fabs", "degrees", "radians", "exp2", "cbrt") and count == 1:
        if name in ("exp2", "cbrt"):
            raise Untranslatable(f"math.{name}")
        return Value(FLOAT, f"math_{name}({floating(values[0])})")
    if name in ("floor", "ceil", "trunc") and count == 1:
        if values[0].kind in (BOOL, INT):
            return Value(INT, whole(values[0]))
        return Value(INT, f"math_{name}({values[0].text})")
    if name in ("isfinite", "isnan", "isinf") and count == 1:
        return Value(BOOL, f"math_{name}({floating(values[0])})")
    if name in ("gcd", "comb", "factorial", "isqrt") and count == (
        2 if name in ("gcd", "comb") else 1
    ):
        return Value(INT, f"math_{name}({', '.join(whole(each) for each in values)})")
    if name == "isclose" and count == 2:
        return Value(BOOL, f"math_isclose({', '.join(mixed(each) for each in values)})")
    raise Untranslatable(f"math.{name}")


def method(expressions: Expressions, owner: ast.expr, name: str, node: ast.Call) -> Value:
    """Return `owner.name(...)`."""
    value = expressions.value(owner)
    if isinstance(value.kind, Vector):
        return arrays.method(expressions, value, name, node)
    if isinstance(value.kind, Number) or node.keywords:
        raise Untranslatable(f"the method {name}")
    text = expressions.code.keep(value.text)
    match name, node.args:
        case (("count" | "index"), [sought]):
            item = expressions.item(value.kind)
            test = _comparable(item, expressions.number(sought))
            return Value(INT, f"{name}_{test[0]}({text}, {test[1]})")
        case "copy", [] if value.kind.form == "list":
            return copied(expressions, value, "list", node)
        case "pop", [] if isinstance(value.kind, Items) and node is expressions.alone:
            # Elsewhere it would be evaluated in another order than Python's.
            _check_changeable(expressions, value.kind)
            found = expressions.code.fresh()
            expressions.code.emit(f"{found} = {text}.pop()")
            return Value(expressions.item(value.kind), found)
        case _:
            raise Untranslatable(f"the method {name}")


def changes(expressions: Expressions, node: ast.expr) -> bool:
    """Translate a statement that changes a list and has no value; return whether it is one."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=owner, attr="append" | "reverse" | "sort" as name),
            args=arguments,
            keywords=[],
        ):
            value = expressions.value(owner)
        case _:
            return False
    kind = value.kind
    if not isinstance(kind, Items):
        return False
    text = expressions.code.keep(value.text)
    match name, arguments:
        case "append", [entry]:
            added = expressions.number(entry)
            held = expressions.cells.add(kind.cell, added.number)
            line = f"{text}.append({converted(added, held)})"
        case "reverse", []:
            line = f"{text}.reverse()"
        case "sort", [] if expressions.item(kind) is not MIXED:
            line = f"{text}[:] = ordered({text}, False)"
        case _:
            raise Untranslatable(f"the method {name}")
    _check_changeable(expressions, kind)
    expressions.code.emit(line)
    return True


def _check_changeable(expressions: Expressions, kind: Items) -> None:
    if kind.form != "list":
        raise Untranslatable("a tuple is changed")
    if any(kind.cell.root() is each.cell.root() for each in expressions.iterated):
        raise Untranslatable("a list is changed while a loop goes through it")


def _comparable(item: Number, value: Value) -> tuple[str, str]:
    """Return which helper finds a number among entries, and the text it is given."""
    kinds = {item, value.number}
    if BOOL in kinds and len(kinds) > 1 and kinds != {BOOL, INT}:
        raise Untranslatable("truth values are compared with floats")
    if kinds <= {BOOL, INT}:
        return "int", whole(value)
    return "float", mixed(value)


def contains(expressions: Expressions, value: Value, node: ast.expr) -> Value:
    """Return `value in node`."""
    _ = value.number
    match node:
        case ast.Set(elts=elements) | ast.List(elts=elements) | ast.Tuple(elts=elements) if (
            elements
        ):
            value = Value(value.kind, expressions.code.keep(value.text), value.constant)
            tests = [
                arithmetic.compare(ast.Eq(), value, expressions.number(each)).text
                for each in elements
            ]
            text = f"({' or '.join(tests)})"
            # An object is in a list that holds it, even where it is not equal to itself.
            return Value(
                BOOL, text if value.kind in (BOOL, INT) else f"known({value.text}, {text})"
            )
        case ast.Call(func=ast.Name(id="set" | "frozenset" | "list" | "tuple"), args=[inner]) if (
            not node.keywords
        ):
            return contains(expressions, value, inner)
        case _:
            pass
    held = expressions.value(node)
    if isinstance(held.kind, (Number, Vector)):
        raise Untranslatable("`in` something else than a tuple or a list")
    helper, text = _comparable(expressions.item(held.kind), value)
    return Value(BOOL, f"contains_{helper}({held.text}, {text})")


def compare_sequences(expressions: Expressions, op: ast.cmpop, left: Value, right: Value) -> Value:
    """Return `left == right` of two tuples or two lists."""
    kinds = [each.kind for each in (left, right)]
    forms = {kind.form for kind in kinds if isinstance(kind, (Row, Items))}
    if len(forms) != 1 or not isinstance(op, (ast.Eq, ast.NotEq)):
        raise Untranslatable("a comparison of sequences")
    if any(isinstance(kind, Number) for kind in kinds):
        raise Untranslatable("a comparison of a number with a sequence")
    items = {expressions.item(kind) for kind in kinds}
    if not items <= {BOOL, INT}:
        raise Untranslatable("a comparison of sequences of floats")
    word = "" if isinstance(op, ast.Eq) else "not "
    return Value(BOOL, f"({word}same({left.text}, {right.text}))")


def joined(
    expressions: Expressions, op: ast.operator, left: Value, right: Value, place: ast.AST
) -> Value:
    """Return `left + right` of sequences, or `left * right` of a sequence and an int."""
    one, other = left.kind, right.kind
    if isinstance(one, Number):
        left, right, one, other = right, left, other, one
    assert isinstance(one, (Row, Items))
    cell = expressions.cells.at(place)
    expressions.cells.add(cell, expressions.item(one))
    if isinstance(op, ast.Mult) and other is INT:
        return Value(Items(cell, one.form), f"repeated({left.text}, {right.text})")
    if isinstance(op, ast.Add) and isinstance(other, (Row, Items)) and one.form == other.form:
        expressions.cells.add(cell, expressions.item(other))
        if expressions.item(one) is expressions.item(other):
            return Value(Items(cell, one.form), f"joined({left.text}, {right.text})")
    raise Untranslatable(f"{type(op).__name__} of sequences")


def empty(item: Number | None) -> str:
    """Return the text of an empty list."""
    return {BOOL: "empty_bools()", INT: "empty_ints()", None: "empty_ints()"}.get(
        item, "empty_floats()"
    )


def collected(expressions: Expressions, node: ast.ListComp | ast.GeneratorExp, form: Form) -> Value:
    """Return the list that a comprehension makes."""
    cell = expressions.cells.at(node)
    name = expressions.code.fresh()
    expressions.code.emit(f"{name} = {empty(cell.root().item)}")

    def add() -> None:
        value = expressions.number(node.elt)
        held = expressions.cells.add(cell, value.number)
        expressions.code.emit(f"{name}.append({converted(value, held)})")

    expressions.loop(node.generators, add)
    return Value(Items(cell, form), name)


def copied(expressions: Expressions, value: Value, form: Form, place: ast.AST) -> Value:
    """Return a new list or tuple of the entries of something."""
    if isinstance(value.kind, Row) and form == "tuple":
        return Value(Row(value.kind.item, "tuple"), value.text)
    cell = expressions.cells.at(place, form)
    expressions.cells.add(cell, expressions.item(value.kind))
    return Value(Items(cell, form), f"copied({value.text})")


def listed(expressions: Expressions, node: ast.Call, form: Form) -> Value:
    """Return the list of what a loop over a range, or the like, goes through."""
    source = sources.of(expressions, node)
    cell = expressions.cells.at(node, form)
    name, place = expressions.code.fresh(), expressions.code.fresh()
    entry = source.item(place)
    if not isinstance(entry, Value):
        raise Untranslatable("a list of tuples")
    expressions.cells.add(cell, entry.number)
    expressions.code.emit(f"{name} = {empty(cell.root().item)}")
    with expressions.code.block() as body:
        expressions.code.emit(f"{name}.append({entry.text})")
    expressions.code.emit(f"for {place} in range({source.length}):", body)
    return Value(Items(cell, form), name)


def _made(form: Form) -> Callable[[Expressions, ast.Call], Value]:
    def make(expressions: Expressions, node: ast.Call) -> Value:
        match node.args:
            case [ast.GeneratorExp() as inner]:
                return collected(expressions, inner, form)
            case [ast.Call(func=ast.Name(id="range" | "reversed" | "zip" | "enumerate")) as inner]:
                return listed(expressions, inner, form)
            case [inner]:
                return copied(expressions, expressions.value(inner), form, node)
            case []:
                cell = expressions.cells.at(node)
                return Value(Items(cell, form), empty(cell.root().item))
            case _:
                raise Untranslatable(f"{form} of several arguments")

    return make


def _abs(expressions: Expressions, node: ast.Call) -> Value:
    value = _only(expressions, node)
    if isinstance(value.kind, Vector):
        return arrays.apply(expressions, "absolute", [value])
    if value.number is BOOL:
        raise Untranslatable("abs of a truth value")
    if value.kind is INT:
        return Value(INT, f"absolute_int({value.text})")
    return Value(value.kind, f"abs({value.text})")


def _only(expressions: Expressions, node: ast.Call) -> Value:
    if len(node.args) != 1 or node.keywords:
        raise Untranslatable("a call with other arguments than one")
    return expressions.value(node.args[0])


def _int(expressions: Expressions, node: ast.Call) -> Value:
    value = _only(expressions, node)
    if value.number in (BOOL, INT):
        return Value(INT, whole(value))
    return Value(INT, f"math_trunc({value.text})")


def _float(expressions: Expressions, node: ast.Call) -> Value:
    match node.args:
        case [ast.Constant(value=str(text))] if not node.keywords:
            try:
                return arithmetic.constant(float(text))
            except ValueError:
                raise Untranslatable("float of such a text") from None
        case _:
            return Value(FLOAT, floating(_only(expressions, node)))


def _bool(expressions: Expressions, node: ast.Call) -> Value:
    if len(node.args) != 1 or node.keywords:
        raise Untranslatable("bool of other arguments than one")
    return Value(BOOL, expressions.truth(node.args[0]))


def _round(expressions: Expressions, node: ast.Call) -> Value:
    # With digits, numpy's floats are rounded by another rule than Python's.
    value = _only(expressions, node)
    if value.number in (BOOL, INT):
        return Value(INT, whole(value))
    return Value(INT, f"round_float({value.text})")


def _len(expressions: Expressions, node: ast.Call) -> Value:
    match node.args:
        case [ast.Call(func=ast.Name(id="set" | "frozenset"), args=[inner])] if not (
            node.keywords or "set" in expressions.bound
        ):
            value = (
                collected(expressions, inner, "list")
                if isinstance(inner, ast.GeneratorExp)
                else expressions.value(inner)
            )
            _ = expressions.item(value.kind)
            return Value(INT, f"distinct({value.text})")
        case [ast.Set() | ast.SetComp() as inner]:
            raise Untranslatable(f"a {type(inner).__name__}")
        case _:
            value = _only(expressions, node)
            if isinstance(value.kind, Number):
                raise Untranslatable("the length of a number")
            return Value(INT, f"len({value.text})")


def _sum(expressions: Expressions, node: ast.Call) -> Value:
    if len(node.args) not in (1, 2) or node.keywords:
        raise Untranslatable("sum of such arguments")
    start = expressions.number(node.args[1]) if len(node.args) == 2 else arithmetic.constant(0)
    if start.kind is BOOL:
        raise Untranslatable("a sum from a truth value")
    match node.args[0]:
        case ast.GeneratorExp() | ast.ListComp() as comprehension:
            return _sum_of_comprehension(expressions, comprehension, start)
        case ast.Call(func=ast.Name(id="range" | "reversed")) as inner:
            value = listed(expressions, inner, "list")
        case inner:
            value = expressions.value(inner)
    item = expressions.item(value.kind)
    kind = INT if start.kind is INT and item in (BOOL, INT) else _added(start.number)
    if kind is INT:
        return Value(INT, f"sum_ints({value.text}, {start.text})")
    if item in (BOOL, INT):
        raise Untranslatable("a sum of ints from a float")
    helper = "sum_mixed" if item is MIXED or start.kind is MIXED else "sum_floats"
    return Value(kind, f"{helper}({value.text}, {mixed(start)})")


def _added(start: Number) -> Number:
    if _COMPENSATES:
        raise Untranslatable("a sum of floats, which this Python compensates")
    return FLOAT if start is FLOAT else MIXED


def _sum_of_comprehension(
    expressions: Expressions, node: ast.GeneratorExp | ast.ListComp, start: Value
) -> Value:
    """Add up in the loop itself; where the entries' kind is known after a first pass only."""
    cell = expressions.cells.at(node)
    name = expressions.code.fresh()
    item = cell.root().item
    floats = item in (FLOAT, MIXED) or start.kind in (FLOAT, MIXED)
    expressions.code.emit(f"{name} = {mixed(start) if floats else start.text}")

    def add() -> None:
        value = expressions.number(node.elt)
        held = expressions.cells.add(cell, value.number)
        if not floats:
            text = f"add_int({name}, {whole(value) if held in (BOOL, INT) else '0'})"
        elif value.kind is FLOAT or start.kind is FLOAT:
            text = f"({name} + {floating(value)})"
        else:
            text = f"add_mixed({name}, {mixed(value)})"
        expressions.code.emit(f"{name} = {text}")

    expressions.loop(node.generators, add)
    return Value(_added(start.number) if floats else INT, name)


def _quantified(stops_at: bool) -> Callable[[Expressions, ast.Call], Value]:
    def quantify(expressions: Expressions, node: ast.Call) -> Value:
        if len(node.args) != 1 or node.keywords:
            raise Untranslatable("any or all of such arguments")
        argument = node.args[0]
        name = expressions.code.fresh()
        if not isinstance(argument, ast.GeneratorExp):
            value = expressions.value(argument)
            if isinstance(value.kind, Number):
                raise Untranslatable("any or all of a number")
            return Value(BOOL, f"{'any' if stops_at else 'all'}_of({value.text})")
        expressions.code.emit(f"{name} = {not stops_at}")

        def look() -> None:
            test = expressions.truth(argument.elt)
            with expressions.code.block() as block:
                expressions.code.emit(f"{name} = {stops_at}", "break")
            expressions.code.emit(f"if {test if stops_at else f'not {test}'}:", block)

        # An inner loop that is left leaves outer ones going, to no effect but time; but what they
        # would raise Python would not.
        if len(argument.generators) > 1:
            raise Untranslatable("any or all over several loops")
        expressions.loop(argument.generators, look)
        return Value(BOOL, name)

    return quantify


def _extreme(sign: str) -> Callable[[Expressions, ast.Call], Value]:
    helper = "larger" if sign == ">" else "smaller"

    def choose(expressions: Expressions, node: ast.Call) -> Value:
        keywords = {each.arg: each.value for each in node.keywords}
        default = keywords.pop("default", None)
        if keywords:
            raise Untranslatable("max or min by a key")
        if len(node.args) > 1 and default is None:
            values = [expressions.number(each) for each in node.args]
            kind = values[0].number
            for value in values[1:]:
                kind = _merged(kind, value.number)
            text = converted(values[0], kind)
            for value in values[1:]:
                text = f"{helper}({text}, {converted(value, kind)})"
            return Value(kind, text)
        if len(node.args) != 1:
            raise Untranslatable("max or min of such arguments")
        match node.args[0]:
            case ast.GeneratorExp() as inner:
                value = collected(expressions, inner, "list")
            case ast.Call(func=ast.Name(id="range" | "reversed")) as inner:
                value = listed(expressions, inner, "list")
            case inner:
                value = expressions.value(inner)
        item = expressions.item(value.kind)
        text = expressions.code.keep(value.text)
        found = Value(item, f"{helper}_of({text})")
        if default is None:
            return found
        return expressions.choose(
            truth(Value(value.kind, text)), (lambda: found, lambda: expressions.number(default))
        )

    return choose


def _merged(one: Number, other: Number) -> Number:
    kind = merge_numbers(one, other)
    if kind is None:
        raise Untranslatable("max or min of truth values and numbers")
    return kind


def _sorted(expressions: Expressions, node: ast.Call) -> Value:
    descending = False
    for keyword in node.keywords:
        match keyword:
            case ast.keyword(arg="reverse", value=ast.Constant(value=bool(given))):
                descending = given
            case _:
                raise Untranslatable(f"sorted with {keyword.arg}")
    if len(node.args) != 1:
        raise Untranslatable("sorted of such arguments")
    match node.args[0]:
        case ast.GeneratorExp() as inner:
            value = collected(expressions, inner, "list")
        case inner:
            value = expressions.value(inner)
    item = expressions.item(value.kind)
    if item is MIXED:
        raise Untranslatable("sorted of ints and floats")
    cell = expressions.cells.at(node, "sorted")
    expressions.cells.add(cell, item)
    return Value(Items(cell, "list"), f"ordered({value.text}, {descending})")


def _pow(expressions: Expressions, node: ast.Call) -> Value:
    if len(node.args) != 2 or node.keywords:
        raise Untranslatable("pow of such arguments")
    one, other = (expressions.number(each) for each in node.args)
    return arithmetic.binary(ast.Pow(), one, other)


_BUILTINS: Mapping[str, Callable[[Expressions, ast.Call], Value]] = {
    "abs": _abs,
    "all": _quantified(stops_at=False),
    "any": _quantified(stops_at=True),
    "bool": _bool,
    "float": _float,
    "int": _int,
    "len": _len,
    "list": _made("list"),
    "max": _extreme(">"),
    "min": _extreme("<"),
    "pow": _pow,
    "round": _round,
    "sorted": _sorted,
    "sum": _sum,
    "tuple": _made("tuple"),
}
