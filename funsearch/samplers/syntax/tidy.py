"""Tidying: what does nothing is taken out, so that programs stay short and differ in behaviour.

It knows numbers: calls are taken to have no side effects, and 0 times anything is 0.
"""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

from funsearch.samplers.syntax.trees import fields, walk

_LARGEST = 10**6
_PASSES = 4
_FOLDED: dict[type[ast.operator], Callable[[int | float, int | float], int | float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
}
_COMPARED: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
# The numbers that, to the right of an operator, leave what is on its left as it is.
_NEUTRAL: dict[type[ast.operator], int] = {
    ast.Add: 0,
    ast.Sub: 0,
    ast.Mult: 1,
    ast.Div: 1,
    ast.Pow: 1,
}


def literal(node: ast.expr) -> int | float | None:
    """Return the number that an expression writes out, a sign included; None for any other."""
    match node:
        case ast.Constant(value=int() | float() as value) if type(value) is not bool:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return None if type(value) is bool else -value
        case _:
            return None


def number_node(value: float) -> ast.expr:
    """Return the expression that writes a number out."""
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def tidy(function: ast.FunctionDef) -> None:
    """Simplify a function in place: fold constants, drop code that cannot matter."""
    for _ in range(_PASSES):
        changed = _simplify(function)
        changed |= _drop_unused(function)
        function.body = function.body or [ast.Pass()]
        if not changed:
            return


def _simplify(node: ast.AST) -> bool:
    """Apply the rules to everything below a node, innermost first; tell whether any changed it."""
    changed = False
    for name in fields(type(node)):
        value: Any = getattr(node, name, None)
        if value.__class__ is list:
            if not value or not isinstance(value[0], ast.AST):
                continue
            kept: list[ast.AST] = []
            for item in value:
                changed |= _simplify(item)
                new = _simpler(item)
                changed |= new is not item
                kept += new if isinstance(new, list) else [new]
            value[:] = kept
        elif isinstance(value, ast.AST):
            changed |= _simplify(value)
            new = _simpler(value)
            if new is not value:
                changed = True
                setattr(node, name, new)
    return changed


def _simpler(node: ast.AST) -> ast.AST | list[ast.stmt]:
    rule = _RULES.get(type(node))
    return node if rule is None else rule(node)


def _binary(node: ast.BinOp) -> ast.expr:
    left, right = literal(node.left), literal(node.right)
    kind = type(node.op)
    if left is not None and right is not None and kind in _FOLDED:
        try:
            value = _FOLDED[kind](left, right)
        except ArithmeticError:
            return node
        # Folding would print a float's rounding error; ints stay readable.
        return number_node(value) if _readable(value) else node
    if right is not None and right == _NEUTRAL.get(kind):
        return node.left
    if left is not None and kind in {ast.Add, ast.Mult} and left == _NEUTRAL[kind]:
        return node.right
    if kind is ast.Mult and 0 in (left, right):
        return ast.Constant(0)
    if kind is ast.Sub and _same(node.left, node.right):
        return ast.Constant(0)
    if left is not None and kind in {ast.Add, ast.Mult}:
        # Programs that differ in the order of operands alone become one.
        return ast.BinOp(node.right, node.op, node.left)
    if right is not None and right < 0 and kind in {ast.Add, ast.Sub}:
        return ast.BinOp(
            node.left, ast.Sub() if kind is ast.Add else ast.Add(), number_node(-right)
        )
    return node


def _unary(node: ast.UnaryOp) -> ast.expr:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.UnaryOp(op=ast.USub(), operand=inner)):
            return inner
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return ast.Constant(not value)
        case _:
            return node


def _logic(node: ast.BoolOp) -> ast.expr:
    decisive = isinstance(node.op, ast.Or)
    truths = [_truth(value) for value in node.values]
    if decisive in truths:
        return ast.Constant(decisive)
    kept = [value for value, truth in zip(node.values, truths, strict=True) if truth is None]
    if len(kept) < 2:
        return kept[0] if kept else ast.Constant(not decisive)
    node.values = kept
    return node


def _total(node: ast.Call) -> ast.expr:
    """Simplify a sum over nothing, or of nothing."""
    match node:
        case ast.Call(func=ast.Name(id="sum"), args=[ast.GeneratorExp(elt=item) as terms]):
            tests = [_truth(test) for part in terms.generators for test in part.ifs]
            return ast.Constant(0) if literal(item) == 0 or False in tests else node
        case _:
            return node


def _choice(node: ast.IfExp) -> ast.expr:
    truth = _truth(node.test)
    if truth is not None:
        return node.body if truth else node.orelse
    return node.body if _same(node.body, node.orelse) else node


def _comparison(node: ast.Compare) -> ast.expr:
    compare = _COMPARED.get(type(node.ops[0])) if len(node.ops) == 1 else None
    if compare is None:
        return node
    left, right = literal(node.left), literal(node.comparators[0])
    if left is not None and right is not None:
        return ast.Constant(compare(left, right))
    return ast.Constant(compare(0, 0)) if _same(node.left, node.comparators[0]) else node


def _branch(node: ast.If) -> ast.stmt | list[ast.stmt]:
    truth = _truth(node.test)
    if truth is not None:
        return node.body if truth else (node.orelse or [ast.Pass()])
    return node.body if node.orelse and _same(node.body, node.orelse) else node


_RULES: dict[type[ast.AST], Callable[[Any], ast.AST | list[ast.stmt]]] = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _logic,
    ast.Call: _total,
    ast.IfExp: _choice,
    ast.Compare: _comparison,
    ast.If: _branch,
}


def _readable(value: float) -> bool:
    return isinstance(value, int) and abs(value) <= _LARGEST


def _truth(node: ast.expr) -> bool | None:
    return bool(node.value) if isinstance(node, ast.Constant) else None


def _same(left: ast.AST | list[ast.stmt], right: ast.AST | list[ast.stmt]) -> bool:
    if isinstance(left, ast.AST) and isinstance(right, ast.AST):
        return type(left) is type(right) and ast.dump(left) == ast.dump(right)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return all(_same(a, b) for a, b in zip(left, right, strict=True))
    return False


def _drop_unused(function: ast.FunctionDef) -> bool:
    reads = Counter(
        node.id
        for node in walk(function)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    )
    return _prune(function.body, reads)


def _prune(block: list[ast.stmt], reads: Counter[str]) -> bool:
    """Drop from a block what has no effect; tell whether anything was dropped."""
    changed, kept = False, list[ast.stmt]()
    for statement in block:
        if isinstance(statement, (ast.For, ast.If)):
            changed |= _prune(statement.body, reads)
            changed |= _prune(statement.orelse, reads)
            if not statement.body and statement.orelse and isinstance(statement, ast.If):
                statement.test = ast.UnaryOp(ast.Not(), statement.test)
                statement.body, statement.orelse = statement.orelse, []
            if not statement.body and statement.orelse:
                statement.body = [ast.Pass()]
            elif not statement.body:
                changed = True
                continue
        if _idle(statement, reads):
            changed = True
            continue
        kept.append(statement)
        if isinstance(statement, ast.Return):
            break
    changed |= len(kept) != len(block)
    block[:] = kept
    return changed


def _idle(node: ast.stmt, reads: Counter[str]) -> bool:
    match node:
        case ast.Pass():
            return True
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            value = literal(value)
            return reads[name] == 0 or (value is not None and value == _NEUTRAL.get(type(op)))
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)) if name == other:
            return True
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            own = sum(isinstance(part, ast.Name) and part.id == name for part in walk(value))
            return reads[name] <= own
        case _:
            return False
