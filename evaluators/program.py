"""A program: one function in canonical form, named by the digest of its text."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from evaluators.parser import Refused, parse, unparse


@dataclass(frozen=True)
class Program:
    """One function that parses.

    Attributes:
        name: of the function, the same for all programs of a problem.
        source: canonical text: exactly what is hashed, run and measured for length.
    """

    name: str
    source: str

    @cached_property
    def id(self) -> str:
        """SHA-256 of the source, in hex."""
        return hashlib.sha256(self.source.encode()).hexdigest()


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it, parents first, without operators and contexts.

    Does the work of `ast.walk` in a third of the time, and sees what its caller has put in
    place of a node's children before it goes on to them.
    """
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                pending += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and value._fields:
                pending.append(value)


def rename(function: ast.FunctionDef, old: str, new: str) -> None:
    """Rename a function in its own definition and wherever its body calls it, in place.

    A local variable with the old name is renamed with it, which changes nothing.

    Raises:
        Refused: inside, one of the two names also stands for something else.
    """
    if old == new:
        return
    nodes = list(walk(function))
    uses = [node for node in nodes if isinstance(node, ast.Name) and node.id == old]
    if uses and any(
        _gives_meaning(node, old) or _gives_meaning(node, new) or _is_name(node, new)
        for node in nodes
        if node is not function
    ):
        raise Refused(f"uses the name {old} or {new} for something else")
    for node in uses:
        node.id = new
    function.name = new


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _gives_meaning(node: ast.AST, name: str) -> bool:
    """Whether the node binds a name without an `ast.Name`: a parameter, `except … as`, and so on."""
    match node:
        case ast.arg(arg=bound):
            return bound == name
        case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound):
            return bound == name
        case ast.ClassDef(name=bound) | ast.ExceptHandler(name=bound):
            return bound == name
        case ast.MatchAs(name=bound) | ast.MatchStar(name=bound) | ast.MatchMapping(rest=bound):
            return bound == name
        case ast.alias(name=imported, asname=asname):
            return (asname or imported.partition(".")[0]) == name
        case ast.Nonlocal(names=names) | ast.Global(names=names):
            return name in names
        case _:
            return False


def _kept(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a block that do something, without their annotations."""
    for node in block:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                assignment = ast.Assign(targets=[node.target], value=node.value)
                yield ast.copy_location(assignment, node)
            elif isinstance(node.target, ast.Name) and node.simple:
                # `x: int` alone makes x local without binding it; kept, so that scopes stay.
                node.annotation = ast.Constant(0)
                yield node
            continue
        yield node


def canonical(function: ast.FunctionDef, name: str) -> Program:
    """Return the program that a function definition stands for.

    Docstrings, comments, annotations and the function's own decorators go; the function and its
    recursive calls get the name of the problem. The definition is changed in place: a copy would
    cost more than all the rest.

    Raises:
        Refused: it has no canonical text within the parser's limits.
    """
    function.decorator_list = []
    rename(function, function.name, name)
    for node in walk(function):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list) and statements:
                kept = list(_kept(statements))
                # A body cannot be empty, an `else` without effect can go.
                setattr(node, block, kept or ([] if block == "orelse" else [ast.Pass()]))
    return Program(name, unparse(function))


def read(source: str, name: str) -> Program:
    """Return the program of a text that holds one function of that name and nothing else.

    Raises:
        Refused: it does not.
    """
    body = parse(source).body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or body[0].name != name:
        raise Refused(f"is not one function called {name}")
    return canonical(body[0], name)
