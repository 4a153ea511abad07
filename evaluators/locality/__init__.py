"""How far from its own place a function of arrays looks, decided from its source.

An abstract interpretation that knows few things and refuses all others: one refusal too many costs
time, one too few a wrong score.
"""

from __future__ import annotations

import ast

from evaluators.locality.statements import Function
from evaluators.locality.values import Refused

__all__ = ["elementwise", "reach"]


def elementwise(tree: ast.Module, name: str) -> bool:
    """Whether each entry of the array that a function returns depends on its own place alone.

    That is: on the entries at the same place of the array arguments, and on the plain numbers.
    Which arguments are arrays is not known: all may be. True says that for arrays of one
    dimension and one length, two or more, the function called on some of the places, in any
    order, returns the entries of those places; that it writes to no argument; and that it raises
    wherever it raises for one of the entries alone, or for the plain numbers. (One entry is not
    enough: numpy takes an array of one entry for a plain number in a condition.)

    Args:
        tree: holds the function and nothing else.
        name: of the function.
    """
    found = _function(tree, name)
    return found is not None and found.alone


def reach(tree: ast.Module, name: str) -> int | None:
    """Return how many places to either side an entry of the returned array depends on, at most.

    Besides, it may depend on how far the ends of the array are, if not farther than that; on the
    entries at so many places next to the ends; on the plain numbers; and on what of all places
    counts however often it occurs, such as the maximum. So, for arguments that are integers or
    arrays of integers, of one dimension and one length, this holds: where at least 2 r + 3 places
    in a row have equal entries, and some of them are taken out so that at least r + 1 of them are
    left at the start of the row, r at its end and 2 r + 3 together, the function returns the same
    without the entries of those places, each of which is equal to the one before. It raises in both
    cases or in none, and writes to no argument.

    Args:
        tree: holds the function and nothing else.
        name: of the function.

    Returns:
        r, 0 for an elementwise function; None where that is not certain.
    """
    found = _function(tree, name)
    return None if found is None else found.reach


def _function(tree: ast.Module, name: str) -> Function | None:
    """Return the function, gone through; None if it was refused."""
    if len(tree.body) != 1:
        return None
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef) or function.name != name:
        return None
    try:
        found = Function(function)
        found.check()
    except (Refused, RecursionError):
        return None
    return found
