"""What running a program would cost, judged from its text: slow ones are not proposed."""

from __future__ import annotations

import ast

from funsearch.samplers.syntax.trees import children, walk

TURNS = 8
"""Turns that a loop of unknown length is taken to make."""


def operations(node: ast.AST, turns: int = 1) -> int:
    """Return about how many operations running some code takes."""
    own = turns if isinstance(node, (ast.expr, ast.stmt)) else 0
    match node:
        case ast.For(iter=source, body=body):
            return own + operations(source, turns) + _sum(body, turns * TURNS)
        case ast.While(body=body):
            return own + _sum(body, turns * TURNS)
        case ast.GeneratorExp(elt=item) | ast.ListComp(elt=item):
            for part in node.generators:
                own += operations(part.iter, turns)
                turns *= TURNS
                own += _sum(part.ifs, turns)
            return own + operations(item, turns)
        case _:
            return own + _sum(children(node), turns)


def _sum(nodes: list[ast.expr] | list[ast.stmt] | list[ast.AST], turns: int) -> int:
    return sum(operations(node, turns) for node in nodes)


def explodes(function: ast.FunctionDef) -> bool:
    """Whether a loop may square a number again and again: ints would fill all memory."""
    return any(
        _squares(loop, _assigned(loop))
        for loop in walk(function)
        if isinstance(loop, (ast.For, ast.While))
    )


def _assigned(loop: ast.For | ast.While) -> frozenset[str]:
    """Return the variables that the statements of a loop give values to."""
    stored: set[str] = set()
    for statement in loop.body:
        for node in walk(statement):
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)])
                    | ast.AugAssign(target=ast.Name(id=name))
                ):
                    stored.add(name)
                case _:
                    pass
    return frozenset(stored)


def _squares(loop: ast.AST, grown: frozenset[str]) -> bool:
    for node in walk(loop):
        match node:
            case ast.AugAssign(op=ast.Pow()):
                return True
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                if _reads(left, grown) or _reads(right, grown):
                    return True
            case ast.AugAssign(op=ast.Mult(), value=value):
                if _reads(value, grown):
                    return True
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                if _reads(left, grown) and _reads(right, grown):
                    return True
            case _:
                pass
    return False


def _reads(node: ast.AST, names: frozenset[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in names for part in walk(node))
