"""Small changes of a program, each of which its tests must notice.

The operators are the usual ones of mutation testing (Jia and Harman, IEEE TSE 37, 2011): another
comparison, arithmetic or logical operator, another constant, a condition reversed, a statement or
a part of an expression left out.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
_DROPPED_CALLS = {"set", "sorted", "list", "abs", "reversed"}


@dataclass(frozen=True)
class Mutant:
    """A changed program.

    Attributes:
        line: where.
        change: what: `before -> after`.
        tree: the whole program.
    """

    line: int
    change: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"line {self.line}: {self.change}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a program, in the order of its text."""
    tree = ast.parse(source)
    seen: set[str] = set()
    for number, node in enumerate(ast.walk(tree)):
        for variant in range(len(list(_changes(node)))):
            changed = copy.deepcopy(tree)
            place = _nth(changed, number)
            replacement = list(_changes(place))[variant]
            parent, field, index = _parent(changed, place)
            if isinstance(parent, ast.Expr) and isinstance(place, ast.Constant):
                continue  # a docstring
            before = _shown(place)
            if index is None:
                setattr(parent, field, replacement)
            else:
                getattr(parent, field)[index] = replacement
            ast.fix_missing_locations(changed)
            text = ast.unparse(changed)
            if text not in seen:
                seen.add(text)
                line = getattr(place, "lineno", 0)
                yield Mutant(line, f"{before} -> {_shown(replacement)}", changed)


def _nth(tree: ast.Module, number: int) -> ast.AST:
    for index, node in enumerate(ast.walk(tree)):
        if index == number:
            return node
    raise IndexError(number)


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node) if not isinstance(node, ast.comprehension) else _clause(node)
    return text.splitlines()[0]


def _clause(node: ast.comprehension) -> str:
    return f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}" + "".join(
        f" if {ast.unparse(test)}" for test in node.ifs
    )


def _parent(tree: ast.Module, wanted: ast.AST) -> tuple[ast.AST, str, int | None]:
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if value is wanted:
                return node, field, None
            if isinstance(value, list):
                for index, each in enumerate(value):
                    if each is wanted:
                        return node, field, index
    raise LookupError("the node has no parent")


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in place of a node."""
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                for other in _COMPARISONS[type(operator)]:
                    operators = [*node.ops[:index], other(), *node.ops[index + 1 :]]
                    yield ast.Compare(node.left, operators, node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
            for index in range(len(node.values)):
                rest = [*node.values[:index], *node.values[index + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.BinOp():
            yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
        case ast.AugAssign():
            yield ast.AugAssign(node.target, _OPERATORS[type(node.op)](), node.value)
            yield ast.Pass()
        case ast.UnaryOp():
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(value=str(value)):
            yield ast.Constant(value + "X")
        case ast.IfExp():
            yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.If():
            yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
            yield ast.Pass()
        case ast.While():
            yield ast.While(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.comprehension():
            for index in range(len(node.ifs)):
                rest = [*node.ifs[:index], *node.ifs[index + 1 :]]
                yield ast.comprehension(node.target, node.iter, rest, node.is_async)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            yield ast.Call(ast.Name(_CALLS[name], ast.Load()), node.args, node.keywords)
        case ast.Call(func=ast.Name(id=name), args=[argument, *_]) if name in _DROPPED_CALLS:
            yield argument
        case ast.Slice():
            if node.lower is not None:
                yield ast.Slice(None, node.upper, node.step)
            if node.upper is not None:
                yield ast.Slice(node.lower, None, node.step)
        case ast.Return(value=value) if value is not None:
            yield ast.Return(ast.Constant(None))
        case ast.Assign() | ast.For():
            yield ast.Pass()
        case ast.Expr() if not _is_text(node.value):
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case ast.Raise():
            yield ast.Pass()
        case ast.ExceptHandler(type=ast.Tuple(elts=kinds)):
            for index in range(len(kinds)):
                fewer = ast.Tuple([*kinds[:index], *kinds[index + 1 :]], ast.Load())
                yield ast.ExceptHandler(fewer, node.name, node.body)
        case _:
            pass


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
