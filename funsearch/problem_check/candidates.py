"""Candidates that say nothing about the object: what they score is what the construction gives."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evaluators.program import Program, canonical
from funsearch.samplers.syntax.kinds import ARRAYS, NUMBERS, SEQUENCES, Kind
from funsearch.samplers.syntax.signature import Signature, parameters
from problems.contract import Problem

_BUSY = 100
"""Steps of a candidate that takes its time, so that a faster tier is worth its while."""


_MOST_RETUNED = 6
"""Numbers of the seed that are changed, one at a time."""


@dataclass(frozen=True)
class Trial:
    """A candidate of ours.

    Attributes:
        says: what it does.
        program: the candidate.
    """

    says: str
    program: Program


def seed_function(problem: Problem) -> ast.FunctionDef:
    """Return the syntax tree of the function to evolve, annotations included."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(problem.evolve))).body
    if not isinstance(function, ast.FunctionDef):
        raise TypeError(f"the seed of {problem.name} is no plain function")
    return function


def seed(problem: Problem) -> Program:
    """Return the seed as a program."""
    function = seed_function(problem)
    return canonical(function, function.name)


def trivial(problem: Problem) -> list[Trial]:
    """Return what a person would try first: constants, a parameter, sums, the seed retuned."""
    kinds, returns = _kinds(problem)
    expressions = dict.fromkeys(_expressions(kinds, returns))
    return [*(_returning(problem, text) for text in expressions), *_retuned(problem)]


def wrong(problem: Problem) -> list[Trial]:
    """Return candidates that return what makes no sense; the first one returns NaN."""
    kinds, _ = _kinds(problem)
    array = next((name for name, kind in kinds.items() if kind is Kind.ARRAY), None)
    not_a_number = f"{array} * float('nan')" if array else "float('nan')"
    others = ("float('inf')", "-float('inf')", "None", "'text'", "1j", "10 ** 400", "[]", "1 / 0")
    return [_returning(problem, text) for text in (not_a_number, *others)]


def busy(problem: Problem) -> Trial | None:
    """Return a candidate that takes its time, or None where no parameter is a number."""
    kinds, returns = _kinds(problem)
    usable = [name for name, kind in kinds.items() if kind in NUMBERS | SEQUENCES | ARRAYS]
    if not usable or (returns in ARRAYS) != (kinds[usable[-1]] in ARRAYS):
        return None
    name = usable[-1]
    start = f"sum({name})" if kinds[name] in SEQUENCES else name
    body = (
        f"value = {start} * 1.0\n"
        f"for step in range({_BUSY}):\n"
        f"    value = value + ({start} * step) % 7 * 0.5\n"
        "return value"
    )
    return _with_body(problem, body, f"{_BUSY} steps of arithmetic")


def _kinds(problem: Problem) -> tuple[Mapping[str, Kind], Kind]:
    head = seed_function(problem)
    head.decorator_list, head.body = [], [ast.Pass()]
    signature = Signature.of_text(ast.unparse(head).partition("\n")[0])
    return parameters(signature, seed_function(problem)), signature.returns


def _expressions(kinds: Mapping[str, Kind], returns: Kind) -> Iterator[str]:
    arrays = [name for name, kind in kinds.items() if kind in ARRAYS]
    numbers = [name for name, kind in kinds.items() if kind in NUMBERS]
    sequences = [name for name, kind in kinds.items() if kind in SEQUENCES]
    if returns is Kind.BOOL:
        yield from ("True", "False")
    elif returns in (Kind.INT, Kind.INDEX):
        yield from ("0", "1", "-1", "2")
        yield from (sign + name for name, sign in itertools.product(numbers, ("", "-")))
        yield from (f"int(sum({name}))" for name in sequences)
    elif arrays:
        # Without order first: it differs most from a seed.
        yield from (f"{name} * 7919 % 13 - 6.5" for name in arrays)
        for name in arrays:
            yield from (f"{name} * 1.0", f"{name} * -1.0", f"{name} * 0.0", f"{name} * 0.0 + 1.0")
            yield f"np.arange(np.size({name})).reshape(np.shape({name})) * 1.0"
        yield from (f"{arrays[0]} * {name} * 1.0" for name in numbers)
    else:
        for name in sequences:
            yield f"sum(v * 5**i for i, v in enumerate({name})) * 7919 % 1009 - 504.5"
        yield from (f"{name} * 7919 % 13 - 6.5" for name in numbers)
        for name in sequences:
            yield from (f"{sign}sum({name}) * 1.0" for sign in ("", "-"))
            yield from (f"{name}[0] * 1.0", f"{name}[-1] * 1.0", f"-len(set({name})) * 1.0")
        yield from (f"{sign}{name} * 1.0" for name, sign in itertools.product(numbers, ("", "-")))
        sums = [*numbers, *(f"sum({name})" for name in sequences)]
        if len(sums) > 1:
            yield f"({' + '.join(sums)}) * 1.0"
        yield from ("0.0", "1.0", "-1.0")


def _retuned(problem: Problem) -> Iterator[Trial]:
    """Yield the seed with one of its numbers changed."""
    for place in range(_MOST_RETUNED):
        function = seed_function(problem)
        statements = [node for statement in function.body for node in ast.walk(statement)]
        numbers = [
            node
            for node in statements
            if isinstance(node, ast.Constant) and type(node.value) in (int, float)
        ]
        if place >= len(numbers):
            return
        before: Any = numbers[place].value
        numbers[place].value = before * 2 + 1 if type(before) is int else before * 0.75 + 0.1
        says = f"the seed with {numbers[place].value!r} for {before!r}"
        yield Trial(says, canonical(function, function.name))


def _returning(problem: Problem, expression: str) -> Trial:
    return _with_body(problem, f"return {expression}", f"return {expression}")


def _with_body(problem: Problem, body: str, says: str) -> Trial:
    function = seed_function(problem)
    (stated,) = ast.parse(f"def body():\n{textwrap.indent(body, '    ')}").body
    assert isinstance(stated, ast.FunctionDef)
    function.body = stated.body
    return Trial(says, canonical(function, function.name))
