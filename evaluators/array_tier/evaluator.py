"""Expressions of a candidate, evaluated in all lanes at once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, ClassVar, cast

from evaluators.array_tier import calls, comprehension, sequences
from evaluators.array_tier.arithmetic import binary, compare, negative, truth
from evaluators.array_tier.environment import Environment
from evaluators.array_tier.lanes import GiveUp, Lanes
from evaluators.array_tier.values import (
    NUMBER,
    Bools,
    Mask,
    Row,
    Value,
    merge,
    number,
)

_ALLOWANCE = 3000.0
_MOST_VISITS = 50_000
_FIXED, _PER_LANE = 1.0, 1 / 3000
_SAVED = 0.03
"""Microseconds: what one visit to a node costs here, per lane of all, and what it would cost the
interpreter per lane that runs. Where lanes part, arrays save nothing: once they have cost the
allowance more than they saved, they are given up. So are endless loops, after the most visits."""


class Evaluator:
    """Evaluates expressions.

    Attributes:
        size: number of lanes.
        environment: the variables.
        hidden: names that need not mean what they mean in Python.
    """

    def __init__(self, size: int, bound: Collection[str], names: Collection[str]) -> None:
        """Prepare for one run.

        Args:
            size: number of lanes.
            bound: every name that the candidate binds anywhere.
            names: what the problem gives candidates beyond `vocabulary.PROVIDED`.
        """
        self.size = size
        self.environment = Environment()
        self.hidden = frozenset(bound) | frozenset(names)
        self._visits = 0
        self._cost = _FIXED + size * _PER_LANE
        self._balance = _ALLOWANCE

    def spend(self, lanes: Lanes) -> None:
        """Account for one visit."""
        self._visits += 1
        self._balance += lanes.count * _SAVED - self._cost
        if self._balance < 0 or self._visits > _MOST_VISITS:
            raise GiveUp("the lanes take too many steps")

    def value(self, node: ast.expr, lanes: Lanes) -> Value:
        """Return the value of an expression in some lanes."""
        self.spend(lanes)
        evaluate = self._EXPRESSIONS.get(node.__class__)
        if evaluate is None:
            raise GiveUp(f"the expression {node.__class__.__name__}")
        return evaluate(self, node, lanes)

    def truth(self, node: ast.expr, lanes: Lanes) -> bool | Mask:
        """Return in which of some lanes an expression counts as true."""
        return truth_of(self.value(node, lanes))

    def bind(self, target: ast.expr, value: Value, lanes: Lanes) -> None:
        """Assign to a name or a tuple of names."""
        if isinstance(target, ast.Name):
            self.environment.write(target.id, value, lanes)
            return
        for part, item in unpacked(target, value):
            self.bind(part, item, lanes)

    def rebind(self, target: ast.expr, value: Value, lanes: Lanes) -> None:
        """Assign to the target of a comprehension, which is read in these lanes only."""
        if isinstance(target, ast.Name):
            self.environment.replace(target.id, value, lanes)
            return
        for part, item in unpacked(target, value):
            self.rebind(part, item, lanes)

    def _constant(self, node: ast.Constant, lanes: Lanes) -> Value:
        if type(node.value) in (int, float, bool):
            return node.value  # type: ignore[return-value]
        raise GiveUp("a constant that is not a number")

    def _name(self, node: ast.Name, lanes: Lanes) -> Value:
        return self.environment.read(node.id, lanes)

    def _binary(self, node: ast.BinOp, lanes: Lanes) -> Value:
        return operate(
            node.op.__class__, self.value(node.left, lanes), self.value(node.right, lanes), lanes
        )

    def _unary(self, node: ast.UnaryOp, lanes: Lanes) -> Value:
        value = self.value(node.operand, lanes)
        match node.op:
            case ast.Not():
                found = truth_of(value)
                return _not(found if isinstance(found, bool) else Bools(found))
            case ast.USub():
                return negative(number(value), lanes)
            case ast.UAdd():
                found = number(value)
                return calls.as_int(found) if isinstance(found, (bool, Bools)) else found
            case _:
                return binary(ast.Sub, -1, calls.as_int(number(value)), lanes)

    def _both(self, node: ast.BoolOp, lanes: Lanes) -> Value:
        return self._chain_of(isinstance(node.op, ast.And), node.values, lanes)

    def _chain_of(self, conjunction: bool, nodes: list[ast.expr], lanes: Lanes) -> Value:
        """Return what `and` or `or` of expressions comes to: the operand that decides."""
        value = self.value(nodes[0], lanes)
        if len(nodes) == 1:
            return value
        found = truth_of(value)
        if isinstance(found, bool):
            return self._chain_of(conjunction, nodes[1:], lanes) if found == conjunction else value
        inside = lanes.where(found if conjunction else ~found)
        if inside is None:
            return value
        rest = self._chain_of(conjunction, nodes[1:], inside)
        if inside is lanes:
            return rest
        if isinstance(value, Bools) and isinstance(rest, (bool, Bools)):
            return binary(ast.BitAnd if conjunction else ast.BitOr, value, rest, lanes)
        return merge(inside.mask(), rest, value)

    def _choice(self, node: ast.IfExp, lanes: Lanes) -> Value:
        found = self.truth(node.test, lanes)
        if isinstance(found, bool):
            return self.value(node.body if found else node.orelse, lanes)
        inside, outside = lanes.where(found), lanes.where(~found)
        if inside is None or outside is None:
            return self.value(node.orelse if inside is None else node.body, lanes)
        return merge(found, self.value(node.body, inside), self.value(node.orelse, outside))

    def _compare(self, node: ast.Compare, lanes: Lanes) -> Value:
        left = self.value(node.left, lanes)
        result: bool | Bools = True
        inside: Lanes | None = lanes
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            assert inside is not None
            right = self.value(comparator, inside)
            one = relate(op.__class__, left, right, inside)
            # Where it was false before, it stays so, whatever comes of the lanes that are not in.
            result = cast("bool | Bools", binary(ast.BitAnd, result, one, lanes))
            if isinstance(one, Bools):
                inside = inside.where(one.array)
            if one is False or inside is None:
                return result
            left = right
        return result

    def _subscript(self, node: ast.Subscript, lanes: Lanes) -> Value:
        value = self.value(node.value, lanes)
        if not isinstance(value, Row):
            raise GiveUp("an index into something else than a sequence")
        if not isinstance(node.slice, ast.Slice):
            index = number(self.value(node.slice, lanes))
            return sequences.at(value, calls.as_int(index), lanes)
        ends: list[int | None] = []
        for end in (node.slice.lower, node.slice.upper, node.slice.step):
            bound = None if end is None else self.value(end, lanes)
            if bound is not None and not isinstance(bound, int):
                raise GiveUp("a slice of varying length")
            ends.append(bound)
        return sequences.cut(value, slice(*ends))

    def _sequence(self, node: ast.Tuple | ast.List, lanes: Lanes) -> Value:
        items = tuple(self.value(each, lanes) for each in node.elts)
        return sequences.row(items, "tuple" if isinstance(node, ast.Tuple) else "list")

    def _set(self, node: ast.Set, lanes: Lanes) -> Value:
        items = tuple(self.value(each, lanes) for each in node.elts)
        return calls.BUILTINS["set"](lanes, sequences.row(items, "list"))

    def _attribute(self, node: ast.Attribute, lanes: Lanes) -> Value:
        if self._is_math(node.value) and node.attr in calls.CONSTANTS:
            return calls.CONSTANTS[node.attr]
        raise GiveUp(f"the attribute {node.attr}")

    def _is_math(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == "math" and node.id not in self.hidden

    def _call(self, node: ast.Call, lanes: Lanes) -> Value:
        if isinstance(node.func, ast.Attribute) and not node.keywords:
            if self._is_math(node.func.value):
                arguments = [self.value(each, lanes) for each in node.args]
                return calls.module_call(node.func.attr, arguments, lanes)
            target = self.value(node.func.value, lanes)
            arguments = [self.value(each, lanes) for each in node.args]
            return calls.method_call(target, node.func.attr, arguments, lanes)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in calls.BUILTINS or name in self.hidden:
            raise GiveUp(f"a call of {name or 'something'}")
        first = node.args[0] if node.args else None
        if isinstance(first, ast.GeneratorExp):
            if node.keywords or len(node.args) > 1:
                raise GiveUp("a generator expression among other arguments")
            return comprehension.reduced(self, name, first, lanes)
        arguments = [self.value(each, lanes) for each in node.args]
        if not node.keywords:
            return calls.BUILTINS[name](lanes, *arguments)
        return self._sorted_backwards(name, node, arguments, lanes)

    def _sorted_backwards(
        self, name: str, node: ast.Call, arguments: list[Value], lanes: Lanes
    ) -> Value:
        match node.keywords:
            case [ast.keyword(arg="reverse", value=ast.Constant(value=bool(backwards)))]:
                if name == "sorted":
                    result = calls.BUILTINS[name](lanes, *arguments)
                    assert isinstance(result, Row)
                    return sequences.cut(result, slice(None, None, -1)) if backwards else result
            case _:
                pass
        raise GiveUp("arguments by name")

    def _listed(self, node: ast.ListComp, lanes: Lanes) -> Value:
        return comprehension.listed(self, node, lanes)

    _EXPRESSIONS: ClassVar[Mapping[type[ast.AST], Callable[..., Any]]] = {
        ast.Attribute: _attribute,
        ast.BinOp: _binary,
        ast.BoolOp: _both,
        ast.Call: _call,
        ast.Compare: _compare,
        ast.Constant: _constant,
        ast.IfExp: _choice,
        ast.List: _sequence,
        ast.ListComp: _listed,
        ast.Name: _name,
        ast.Set: _set,
        ast.Subscript: _subscript,
        ast.Tuple: _sequence,
        ast.UnaryOp: _unary,
    }


def operate(op: type[ast.operator], left: Value, right: Value, lanes: Lanes) -> Value:
    """Return `left op right` of numbers or sequences."""
    if isinstance(left, NUMBER) and isinstance(right, NUMBER):
        return binary(op, left, right, lanes)
    return sequences.joined(op, left, right)


def truth_of(value: Value) -> bool | Mask:
    """Return in which lanes a value counts as true."""
    if isinstance(value, NUMBER):
        return truth(value)
    if isinstance(value, Row):
        return bool(value.items)
    raise GiveUp("the truth of something else than a number or a sequence")


def unpacked(target: ast.expr, value: Value) -> Iterable[tuple[ast.expr, Value]]:
    """Return the parts of a target, each with the item it gets."""
    if (
        isinstance(target, (ast.Tuple, ast.List))
        and isinstance(value, Row)
        and len(target.elts) == len(value.items)
    ):
        return zip(target.elts, value.items, strict=True)
    raise GiveUp("an assignment to something else than names")


def relate(op: type[ast.cmpop], left: Value, right: Value, lanes: Lanes) -> bool | Bools:
    """Return what one comparison comes to."""
    if op is ast.In or op is ast.NotIn:
        found = sequences.contains(sequences.members(right), number(left), lanes)
        return found if op is ast.In else _not(found)
    if op is ast.Is or op is ast.IsNot:
        raise GiveUp("identity")
    if isinstance(left, Row) and isinstance(right, Row):
        if op is not ast.Eq and op is not ast.NotEq:
            raise GiveUp("an order of sequences")
        equal = sequences.same(left, right, lanes)
        return equal if op is ast.Eq else _not(equal)
    return compare(op, number(left), number(right), lanes)


def _not(value: bool | Bools) -> bool | Bools:
    return Bools(~value.array) if isinstance(value, Bools) else not value
