"""Candidates that look at what has not arrived yet, and ones that only seem to.

The functions here are never called: their text becomes part of candidates, which run in the sandbox
as a model's would.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from evaluators.program import Program, canonical, rename
from funsearch.problem_check.candidates import seed_function
from problems.contract import Problem

OUT_OF_REACH = "nothing that is still to arrive is within reach"
"""What a candidate raises that looked for the future and found none."""


def from_the_future(arguments: Any, online: str, nothing: str) -> str:
    """Return a text that depends on the last arrivals, found in the frames of the callers."""
    import sys

    frame: Any = sys._getframe()  # type: ignore[reportPrivateUsage]
    while frame is not None:
        for value in list(frame.f_locals.values()):
            data = value if isinstance(value, dict) else getattr(value, "data", None)
            if isinstance(data, dict) and online in data:
                return repr(list(data[online])[-9:]) + repr(arguments)  # type: ignore[reportUnknownArgumentType]
        frame = frame.f_back
    raise LookupError(nothing)


def from_the_arguments(arguments: Any, online: str, nothing: str) -> str:  # noqa: ARG001
    """Return a text that depends on the arguments alone."""
    return repr(arguments)


def odd(text: str) -> bool:
    """Return a truth value that every character of a text has a part in."""
    checksum = 7
    for character in text:
        checksum = (checksum * 31 + ord(character)) % 1_000_003
    return checksum // 8 % 2 == 1


def turned(value: Any, sign: bool) -> Any:
    """Return the value or, at the sign, another one that prefers what it did not."""
    if not sign:
        return value
    if isinstance(value, bool):
        return not value
    if hasattr(value, "shape") and value.shape:
        # Not by a constant, which would change no order.
        places = value * 0
        places.reshape(-1)[:] = range(value.size)
        return places - value
    return 1 - value


def muted(value: Any, sign: bool) -> Any:
    """Return the value or, at the sign, zero."""
    return value * 0 if sign else value


SWAYS = (turned, muted)
"""Ways to follow a sign; not each leads to a valid object in every problem."""


def candidate(problem: Problem, key: Callable[..., str], sway: Callable[..., Any]) -> Program:
    """Return the seed, changed by what the key returns.

    Args:
        problem: an online one.
        key: one of `from_the_future` and `from_the_arguments`.
        sway: one of `SWAYS`.
    """
    whole = seed_function(problem)
    honest = copy.deepcopy(whole)
    honest.decorator_list = []
    rename(honest, honest.name, "honest")
    names = ", ".join(argument.arg for argument in whole.args.args)
    arguments = f"({names},), {problem.online!r}, {OUT_OF_REACH!r}"
    sign = f"odd({key.__name__}({arguments}))"
    (last,) = ast.parse(f"return {sway.__name__}(honest({names}), {sign})").body
    whole.body = [honest, *map(_definition, (key, odd, sway)), last]
    return canonical(whole, whole.name)


def _definition(function: Callable[..., Any]) -> ast.stmt:
    return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
