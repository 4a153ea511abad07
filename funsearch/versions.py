"""Programs as a prompt shows them: under a version's name, with the seed's annotations.

Canonical text has neither docstring nor annotations; a model reads better with both.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from evaluators.parser import Refused, parse, unparse
from evaluators.program import rename


@dataclass(frozen=True)
class Version:
    """A program as a prompt shows it; what templates see.

    Attributes:
        name: such as `priority_v1`.
        source: its text under that name, with annotations and docstring.
        score: its aggregate score, as text.
        scores: training instance → score, as text.
    """

    name: str
    source: str
    score: str
    scores: Mapping[str, str]


@dataclass(frozen=True)
class Seed:
    """The function to evolve, taken apart.

    Attributes:
        name: of the function.
        bare: first line in canonical form, such as `def priority(el, n):`.
        parameters: from the opening bracket to the end of that line, with annotations.
        docstring: quoted and indented lines; empty if there is none.
    """

    name: str
    bare: str
    parameters: str
    docstring: str


def improved(name: str, number: int) -> str:
    """Return the docstring of a version that follows another."""
    return f'"""Improved version of `{name}_v{number - 1}`."""'


@lru_cache(maxsize=16)
def seed_of(evolve: Callable[..., Any]) -> Seed:
    """Take the function to evolve apart.

    Raises:
        TypeError: it is not a plain function.
    """
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(evolve))).body
    if not isinstance(function, ast.FunctionDef):
        raise TypeError(f"{evolve!r} is not a plain function")
    docstring = ast.get_docstring(function)
    function.decorator_list = []
    function.body = [ast.Pass()]
    annotated = ast.unparse(function).partition("\n")[0]
    if docstring is not None:
        indented = textwrap.indent(docstring, "    ").lstrip(" ")
        # A closing quote after several lines stands on a line of its own.
        text = indented + "\n    " if "\n" in indented else indented
        function.body = [ast.Expr(ast.Constant(text))]
    quoted = ast.unparse(function).partition("\n")[2] if docstring is not None else ""
    _strip_annotations(function)
    return Seed(
        name=function.name,
        bare=ast.unparse(function).partition("\n")[0],
        parameters=annotated.removeprefix(f"def {function.name}"),
        docstring=quoted,
    )


def _strip_annotations(function: ast.FunctionDef) -> None:
    function.returns = None
    for node in ast.walk(function.args):
        if isinstance(node, ast.arg):
            node.annotation = None


@lru_cache(maxsize=1024)
def versioned(source: str, number: int, evolve: Callable[..., Any]) -> str:
    """Return a program's text as version `number`.

    Canonical text has its header on the first line and neither docstring nor annotations, so
    that both are added as text: only a program that may call itself is parsed.
    """
    seed = seed_of(evolve)
    name = f"{seed.name}_v{number}"
    header, _, body = source.partition("\n")
    if seed.name in body:
        body = _renamed(source, seed.name, name).partition("\n")[2]
    parameters = header.removeprefix(f"def {seed.name}")
    if header == seed.bare:
        parameters = seed.parameters
    docstring = f"    {improved(seed.name, number)}" if number else seed.docstring
    lines = [f"def {name}{parameters}", docstring, body]
    return "\n".join(line for line in lines if line)


def _renamed(source: str, old: str, new: str) -> str:
    """Return a program with its recursive calls renamed; as it is, where that cannot be.

    A function that binds its own name (`priority = 0.0` is common) does not call itself.
    """
    try:
        function = parse(source).body[0]
        assert isinstance(function, ast.FunctionDef)
        if not _binds(function, old):
            rename(function, old, new)
        return unparse(function)
    except Refused:
        return source


def _binds(function: ast.AST, name: str) -> bool:
    for node in ast.walk(function):
        match node:
            case ast.Name(id=bound, ctx=ast.Store() | ast.Del()) | ast.arg(arg=bound):
                pass
            case ast.FunctionDef(name=bound) | ast.ClassDef(name=bound) if node is not function:
                pass
            case (
                ast.ExceptHandler(name=bound) | ast.MatchAs(name=bound) | ast.MatchStar(name=bound)
            ):
                pass
            case ast.alias(name=imported, asname=asname):
                bound = asname or imported.partition(".")[0]
            case _:
                continue
        if bound == name:
            return True
    return False
