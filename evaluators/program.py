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


_LEAF_FIELDS = frozenset(
    {"ctx", "op", "ops", "id", "attr", "arg", "name", "asname", "module", "level", "kind"}
    | {"conversion", "simple", "is_async", "rest", "kwd_attrs", "type_comment"}
)
"""Fields of a node that never hold a node that itself has children or a name in it."""


def _child_fields() -> dict[type[ast.AST], tuple[str, ...]]:
    kinds = [kind for kind in vars(ast).values() if isinstance(kind, type)]
    fields = {
        kind: tuple(name for name in kind._fields if name not in _LEAF_FIELDS)
        for kind in kinds
        if issubclass(kind, ast.AST)
    }
    # Here `arg` and `names` and `value` are something else than elsewhere.
    return fields | {
        ast.Constant: (),
        ast.Global: (),
        ast.Nonlocal: (),
        ast.MatchSingleton: (),
        ast.keyword: ("value",),
    }


_CHILD_FIELDS = _child_fields()


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it, parents first, without operators and contexts.

    Does the work of `ast.walk` in a fifth of the time, and sees what its caller has put in
    place of a node's children before it goes on to them.
    """
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        for name in _CHILD_FIELDS[node.__class__]:
            value = getattr(node, name, None)
            if isinstance(value, list):
                # None stands for a missing key or default.
                pending += [item for item in value if item is not None]
            elif value is not None:
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
    """Whether the node binds the name otherwise than by an `ast.Name`, as parameters do."""
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


_WITH_BLOCKS = frozenset(
    kind
    for kind, fields in _CHILD_FIELDS.items()
    if "body" in fields and kind not in (ast.Lambda, ast.IfExp, ast.Expression)
)


def _strip(node: ast.AST) -> None:
    """Remove what has no effect from the blocks of a statement, in place."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        node.returns = None
    for block in ("body", "orelse", "finalbody"):
        statements: list[ast.stmt] | None = getattr(node, block, None)
        if statements:
            kept = list(_kept(statements))
            # A body cannot be empty, an `else` without effect can go.
            setattr(node, block, kept or ([] if block == "orelse" else [ast.Pass()]))


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
        kind = node.__class__
        if kind is ast.arg:
            node.annotation = None  # type: ignore[attr-defined]
        elif kind in _WITH_BLOCKS:
            _strip(node)
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
