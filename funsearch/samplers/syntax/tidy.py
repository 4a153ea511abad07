"""Tidying: what does nothing is taken out, so that programs stay short and differ in behaviour."""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable

_LARGEST = 10**6
_PASSES = 4
_FOLDED: dict[type[ast.operator], Callable[[int | float, int | float], int | float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
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
        before = _Simplifier()
        before.visit(function)
        if not (_drop_unused(function) or before.changed):
            return


class _Simplifier(ast.NodeTransformer):
    def __init__(self) -> None:
        self.changed = False

    def _instead(self, node: ast.expr) -> ast.expr:
        self.changed = True
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = literal(node.left), literal(node.right)
        kind = type(node.op)
        if left is not None and right is not None and kind in _FOLDED:
            try:
                value = _FOLDED[kind](left, right)
            except ArithmeticError:
                return node
            # Folding would print a float's rounding error; ints stay readable.
            return self._instead(number_node(value)) if _readable(value) else node
        if right is not None and right == _NEUTRAL.get(kind):
            return self._instead(node.left)
        if left is not None and kind in {ast.Add, ast.Mult} and left == _NEUTRAL[kind]:
            return self._instead(node.right)
        if kind is ast.Mult and 0 in (left, right):
            return self._instead(ast.Constant(0))
        if kind is ast.Sub and _same(node.left, node.right):
            return self._instead(ast.Constant(0))
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        inner = node.operand
        if isinstance(inner, ast.UnaryOp) and type(inner.op) is type(node.op):
            return self._instead(inner.operand)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        truth = _truth(node.test)
        if truth is not None:
            return self._instead(node.body if truth else node.orelse)
        return self._instead(node.body) if _same(node.body, node.orelse) else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            left, right = literal(node.left), literal(node.comparators[0])
            same = _same(node.left, node.comparators[0])
            if same or (left is not None and right is not None):
                equal = same or left == right
                return self._instead(ast.Constant(equal is isinstance(node.ops[0], ast.Eq)))
        return node

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt]:
        self.generic_visit(node)
        truth = _truth(node.test)
        if truth is not None:
            self.changed = True
            return node.body if truth else node.orelse
        if node.orelse and _same(node.body, node.orelse):
            self.changed = True
            return node.body
        return node


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
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
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
            if not statement.body:
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
            own = sum(isinstance(part, ast.Name) and part.id == name for part in ast.walk(value))
            return reads[name] <= own
        case _:
            return False
