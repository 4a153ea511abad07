"""A program: one function in canonical form, named by the digest of its text."""

from __future__ import annotations

import ast
import copy
import hashlib
from dataclasses import dataclass
from functools import cached_property

from evaluators.parser import Refused, parse, refusing, unparse


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


class _Canonical(ast.NodeTransformer):
    """Drops what does not change what a function computes: bare constants and annotations."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant):
            return None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is not None:
            assignment = ast.Assign(targets=[node.target], value=node.value)
            return self.generic_visit(ast.copy_location(assignment, node))
        if isinstance(node.target, ast.Name) and node.simple:
            # `x: int` alone makes x local without binding it; keep it, so that scopes stay.
            node.annotation = ast.Constant(0)
            return node
        return None

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._definition(node)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        # A block that lost its last statement needs one.
        if getattr(node, "body", None) == [] and not isinstance(node, ast.Module):
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node


def rename(tree: ast.AST, old: str, new: str) -> None:
    """Rename a function in its own definition and wherever its body calls it, in place.

    Raises:
        Refused: the body refers to `old` and uses `new` for something else.
    """
    if old == new:
        return
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == old]
    if uses and any(
        (isinstance(node, ast.Name) and node.id == new)
        or (isinstance(node, ast.arg) and node.arg == new)
        for node in ast.walk(tree)
    ):
        raise Refused(f"uses the name {new} for something else")
    for node in uses:
        node.id = new
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == old:
            node.name = new


def canonical(function: ast.FunctionDef, name: str) -> Program:
    """Return the program that a function definition stands for.

    Docstrings, comments, annotations and the function's own decorators go; the function and its
    recursive calls get the name of the problem. The definition itself is left as it was.

    Raises:
        Refused: it has no canonical text within the parser's limits.
    """
    with refusing("has no canonical form"):
        function = copy.deepcopy(function)
        function.decorator_list = []
        rename(function, function.name, name)
        tree = ast.fix_missing_locations(_Canonical().visit(function))
    return Program(name, unparse(tree))


def read(source: str, name: str) -> Program:
    """Return the program of a text that holds one function of that name and nothing else.

    Raises:
        Refused: it does not.
    """
    body = parse(source).body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or body[0].name != name:
        raise Refused(f"is not one function called {name}")
    return canonical(body[0], name)
