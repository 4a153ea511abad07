"""Takes out of a nest what `construct` has no need of: how instances are made, and labels with it.

What a candidate cannot be kept from reading must not be there. This holds for what the problem's
own module defines; what is public a candidate may know by heart all the same.
"""

from __future__ import annotations

import contextlib
import linecache
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

from problems.contract import Problem

_NOT_HERE = ("score", "remark", "instances", "visible", "shorthands", "training", "held_out")
"""Of a problem; what is left is what children use."""


def strip(problem: Problem) -> None:
    """Remove from the problem and its module all that `construct` and the seed do not reach.

    This process, and those it forks, cannot load the problem again.
    """
    for name in _NOT_HERE:
        object.__setattr__(problem, name, _not_here)
    namespace = problem.construct.__globals__
    kept = _reached(problem, namespace)
    # Lines of source that were looked up.
    linecache.clearcache()
    for name in list(namespace):
        if name not in kept and not _is_harmless(name, namespace[name]):
            del namespace[name]


def _not_here(*_: object) -> NoReturn:
    raise LookupError("not in the sandbox")


def _is_harmless(name: str, value: object) -> bool:
    return name.startswith("__") or isinstance(value, ModuleType)


def _reached(problem: Problem, namespace: dict[str, Any]) -> set[str]:
    """Return the global names that are mentioned in code which can be reached, rather too many."""
    found: set[str] = set()
    waiting: list[Any] = [problem.construct, problem.evolve, *problem.names.values()]
    while waiting:
        value = waiting.pop()
        for name in _mentioned(value):
            if name not in found and name in namespace:
                found.add(name)
                waiting.append(namespace[name])
    return found


def _mentioned(value: Any) -> Iterator[str]:
    """Yield the names in the code of a function, of what it wraps, and of a class's functions."""
    seen: set[int] = set()
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, CodeType):
            yield from each.co_names
            waiting += each.co_consts
        elif isinstance(each, FunctionType):
            waiting += [each.__code__, *(each.__defaults__ or ())]
            for cell in each.__closure__ or ():
                with contextlib.suppress(ValueError):  # not set yet
                    waiting.append(cell.cell_contents)
        elif isinstance(each, type):
            waiting += vars(each).values()
        # Kernels, caches and the like hold the function that they stand for.
        for attribute in ("__wrapped__", "_function", "py_func", "__func__", "fget", "func"):
            inner = getattr(each, attribute, None)
            if isinstance(inner, FunctionType):
                waiting.append(inner)
