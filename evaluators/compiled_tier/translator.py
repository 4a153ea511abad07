"""From a candidate's syntax tree to the text of a function that numba compiles."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluators.compiled_tier.code import Code
from evaluators.compiled_tier.kinds import Kind, Untranslatable, Vector
from evaluators.compiled_tier.statements import Statements
from evaluators.compiled_tier.variables import Bound, Cells

_MOST_PASSES = 8
_LONGEST = 40_000
"""Characters of compiled code; what is longer takes numba too long."""


@dataclass(frozen=True)
class Translation:
    """A candidate, ready for numba.

    Attributes:
        source: of a function called `translated`, with helpers for globals.
        returns_array: whether it returns an array of floats; else a float.
        loops: numpy's inner loops that it calls: function and types.
    """

    source: str
    returns_array: bool
    loops: frozenset[tuple[str, str]]


def translate(
    tree: ast.Module, name: str, names: Mapping[str, Any], kinds: Sequence[Kind]
) -> Translation:
    """Translate a candidate.

    Args:
        tree: of the program.
        name: of the function.
        names: what the problem gives candidates beyond `vocabulary.PROVIDED`.
        kinds: of its arguments.

    Raises:
        Untranslatable: the interpreter must run it.
    """
    match tree.body:
        case [ast.FunctionDef(name=found, decorator_list=[]) as function] if found == name:
            pass
        case _:
            raise Untranslatable("not one plain function")
    arguments = function.args
    if (
        arguments.vararg
        or arguments.kwonlyargs
        or arguments.kwarg
        or arguments.defaults
        or len(parameters := [*arguments.posonlyargs, *arguments.args]) != len(kinds)
    ):
        raise Untranslatable("the arguments do not fit the parameters")
    bound: Bound = {each.arg: kind for each, kind in zip(parameters, kinds, strict=True)}
    local = {
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
    } | {*bound, name}
    if local & _RESERVED:
        raise Untranslatable(f"{', '.join(sorted(local & _RESERVED))} stands for something else")
    cells = Cells()
    for _ in range(_MOST_PASSES):
        cells.changed = False
        try:
            translation = _pass(function, dict(bound), cells, names)
        except Untranslatable:
            # What is known of lists was too little still.
            if not cells.changed:
                raise
            continue
        except RecursionError:
            raise Untranslatable("nested too deeply") from None
        if not cells.changed:
            return translation
    raise Untranslatable("lists whose entries cannot be told")


def _pass(
    function: ast.FunctionDef, bound: Bound, cells: Cells, names: Mapping[str, Any]
) -> Translation:
    code = Code()
    header = ", ".join(f"v_{name}" for name in bound)
    plain = not any(isinstance(kind, Vector) for kind in bound.values()) and not any(
        isinstance(each, ast.Name) and each.id == "np" for each in ast.walk(function)
    )
    statements = Statements(code, bound, cells, names, plain=plain)
    statements.body(function.body)
    shapes = {isinstance(kind, Vector) for kind in statements.returns}
    if len(shapes) != 1:
        raise Untranslatable("it returns a number or an array")
    text = f"def translated({header}):\n{code.text()}\n"
    if len(text) > _LONGEST:
        raise Untranslatable("too long")
    return Translation(text, shapes.pop(), frozenset(statements.expressions.loops))


_RESERVED = frozenset(
    {"np", "math", "abs", "all", "any", "bool", "enumerate", "float", "frozenset", "int", "len"}
    | {"list", "max", "min", "pow", "range", "reversed", "round", "set", "sorted", "sum", "tuple"}
    | {"zip"}
)
"""Names that are taken for what they stand for everywhere."""
