"""Compiling in this process, and the comparison with the interpreter."""

from __future__ import annotations

import ast
import struct
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evaluators.candidate import load
from evaluators.compiled_tier.candidate import Compiled
from evaluators.compiled_tier.kinds import of_arguments
from evaluators.compiled_tier.translator import translate


def compiled(tree: ast.Module, arguments: Sequence[Any]) -> Compiled:
    """Compile a function called `f` for arguments like these; raises `Untranslatable`."""
    kinds = of_arguments(arguments)
    return Compiled(translate(tree, "f", {}, kinds), kinds, elementwise=False)


def interpreted(tree: ast.Module) -> Callable[..., Any]:
    """Return the function as Python has it."""
    return load(tree, "f", {})


def outcome(function: Callable[..., Any], arguments: Sequence[Any]) -> bytes | None:
    """Return the bytes of what a call returns, as floats; None if it raises."""
    held = [each.copy() if isinstance(each, np.ndarray) else each for each in arguments]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*held)
            if isinstance(result, (np.ndarray, list)):
                return np.asarray(result, dtype=np.float64).tobytes()
            return struct.pack("d", float(result))
        except Exception:
            return None


def assert_same(tree: ast.Module, calls: Sequence[Sequence[Any]]) -> int:
    """Compare both tiers on calls; return how many compiled code left to the interpreter.

    Where compiled code returns something, that must be what Python returns, to the bit.
    """
    fast, exact = compiled(tree, calls[0]), interpreted(tree)
    left = 0
    for arguments in calls:
        found = outcome(fast, arguments)
        if found is None:
            left += 1
            continue
        assert found == outcome(exact, arguments), f"{ast.unparse(tree)}\n{arguments}"
    return left
