"""What must hold of a problem before it is used; a fault is one line with file and line number.

Whatever can be told from the statement alone is checked when the problem is loaded, the rest when
its instances are first asked for, which happens outside the sandbox only.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import numpy as np

from problems.contract import MAX_NDIM, Array, Data, Known, Limits, Metric, Problem

_LONGEST_NAME = 200
_RESERVED = ("name", "instances")


class Fault(Exception):
    """The problem is not one; the message names file and line."""


class _Place:
    """Where a problem is stated.

    Attributes:
        source: the module's file.
    """

    def __init__(self, source: Path) -> None:
        self.source = source

    def fault(self, field: str, what: str) -> Fault:
        """Return the fault of a field of `Problem`, at the line where it is given."""
        return Fault(f"{self.source}:{self._line(field)}: {field} {what}")

    def fault_in(self, field: str, function: Callable[..., Any], what: str) -> Fault:
        """Return the fault of a function, at its first line where it is of this file."""
        code = getattr(function, "__code__", None)
        if code is None or Path(code.co_filename) != self.source:
            return self.fault(field, what)
        return Fault(f"{self.source}:{code.co_firstlineno}: {field} {what}")

    def _line(self, field: str) -> int:
        try:
            tree = ast.parse(self.source.read_bytes())
        except (OSError, SyntaxError, ValueError):
            return 1
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Problem":
                lines = [each.value.lineno for each in node.keywords if each.arg == field]
                return lines[0] if lines else node.lineno
        return 1


def check_statement(problem: Problem, source: Path) -> None:
    """Check all that can be told without making an instance.

    Raises:
        Fault: the first thing that is wrong.
    """
    place = _Place(source)
    if not isinstance(problem.name, str) or not problem.name.isidentifier():  # pyright: ignore[reportUnnecessaryIsInstance]
        raise place.fault("name", f"is {problem.name!r}, not a Python name")
    _check_evolve(problem, place)
    for field, count in (("construct", 2), ("score", 2), ("instances", 0), ("visible", 1)):
        _check_arity(place, field, getattr(problem, field), count)
    if problem.remark is not None:
        _check_arity(place, "remark", problem.remark, 2)
    _check_metric(problem.metric, place)
    _check_array(problem.certificate, place)
    _check_limits(problem.limits, "limits", place)
    for limits in problem.own_limits.values():
        _check_limits(limits, "own_limits", place)
    _check_names(problem, place)


def check_instances(problem: Problem, source: Path) -> Mapping[str, Data]:
    """Return the problem's instances, all checked.

    Raises:
        Fault: they cannot be made, or one of them is wrong.
    """
    place = _Place(source)
    try:
        found = problem.instances()
    except Exception as error:
        reason = f"fail: {type(error).__name__}: {error}"
        raise place.fault_in("instances", problem.instances, reason) from error
    if not isinstance(found, Mapping) or not found:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise place.fault("instances", "returned no mapping from names to data")
    for name, data in found.items():
        if not _is_name(name):
            raise place.fault("instances", f"has the name {name!r}: it is to be printable text")
        if not isinstance(data, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise place.fault("instances", f"has no mapping as the data of {name}")
        wrong = _not_json(data, "data")
        if wrong is not None:
            raise place.fault("instances", f"of {name}: {wrong}")
        _check_arrivals(problem, name, data, place)
    used: dict[str, Iterable[str]] = {
        "training": problem.training,
        "held_out": problem.held_out,
        "own_limits": problem.own_limits,
        "metric": [*problem.metric.bound, *problem.metric.best_known],
    }
    for field, names in used.items():
        for name in names:
            if name not in found:
                raise place.fault(field, f"mentions {name!r}, which is no instance")
    return found


def _check_evolve(problem: Problem, place: _Place) -> None:
    function: Any = problem.evolve
    if not isinstance(function, FunctionType) or function.__name__ == "<lambda>":
        raise place.fault("evolve", "is not a function made by def")
    signature = inspect.signature(function)
    for name, parameter in signature.parameters.items():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or (
            parameter.default is not parameter.empty
        ):
            raise place.fault_in("evolve", function, f"has {parameter}: neither * nor = may be")
        if parameter.annotation is parameter.empty:
            raise place.fault_in("evolve", function, f"does not say the type of {name}")
    if signature.return_annotation is signature.empty:
        raise place.fault_in("evolve", function, "does not say what type it returns")
    if not (function.__doc__ or "").strip():
        raise place.fault_in("evolve", function, "has no docstring for who is to write versions")


def _check_arity(place: _Place, field: str, function: Any, count: int) -> None:
    if not callable(function):
        raise place.fault(field, f"is a {type(function).__name__}, not a function")
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        raise place.fault_in(
            field, function, f"cannot be called with {count} argument{'s' * (count != 1)}"
        ) from None


def _check_metric(metric: Metric, place: _Place) -> None:
    if metric.direction not in ("max", "min"):
        raise place.fault("metric", f"has direction {metric.direction!r}, neither max nor min")
    if metric.aggregate not in ("mean", "min", "max"):
        raise place.fault("metric", f"has aggregate {metric.aggregate!r}: mean, min or max")
    if not 0 <= metric.tolerance < 1:
        raise place.fault("metric", f"has tolerance {metric.tolerance}: it is relative, 0 to 1")
    for field, values in (("bound", metric.bound), ("best_known", metric.best_known)):
        for name, known in values.items():
            where = f"has for {name} a {field}"
            if not isinstance(known, Known):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise place.fault("metric", f"{where} that is not Known(value, source)")
            if not math.isfinite(known.value):
                raise place.fault("metric", f"{where} of {known.value}")
            if not known.source.strip():
                raise place.fault("metric", f"{where} without a source: say who found it")
    for name, known in metric.best_known.items():
        if metric.beyond_bound(name, known.value):
            raise place.fault("metric", f"has for {name} a best_known beyond its bound")


def _check_array(array: Array, place: _Place) -> None:
    try:
        kind = np.dtype(array.dtype)
    except TypeError:
        kind = np.dtype(object)
    if kind.kind not in "biuf" or kind.itemsize > 8 or kind.name != array.dtype:
        raise place.fault(
            "certificate",
            f"has dtype {array.dtype!r}: it is to be the numpy name of a bool, integer or float "
            "type of at most 64 bits",
        )
    if not 0 <= array.ndim <= MAX_NDIM or array.max_elements < 1:
        raise place.fault("certificate", f"has 0 to {MAX_NDIM} dimensions and at least one element")


def _check_limits(limits: Limits, field: str, place: _Place) -> None:
    seconds = [limits.wall_s, limits.longer_s]
    if not all(math.isfinite(each) and each > 0 for each in seconds) or limits.memory_bytes < 1:
        raise place.fault(field, "are to be positive seconds and bytes")


def _check_names(problem: Problem, place: _Place) -> None:
    for field in ("training", "held_out"):
        names: Sequence[Any] = getattr(problem, field)
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise place.fault(field, "is not a list of names of instances")
        if len(set(names)) < len(names):
            raise place.fault(field, "has a name twice")
    if not problem.training:
        raise place.fault("training", "names no instance")
    both = set(problem.training) & set(problem.held_out)
    if both:
        raise place.fault("held_out", f"has {min(both)!r}, which is a training instance")
    for name in problem.names:
        if not name.isidentifier():
            raise place.fault("names", f"has {name!r}, which is not a Python name")
    for option, function in problem.shorthands.items():
        if not option.isidentifier() or option in _RESERVED:
            raise place.fault("shorthands", f"cannot have an option {option!r}")
        _check_arity(place, "shorthands", function, 1)
    if problem.online and problem.certificate.ndim != 1:
        raise place.fault("certificate", "of an online problem has one dimension: the decisions")


def _check_arrivals(problem: Problem, name: str, data: Data, place: _Place) -> None:
    if not problem.online:
        return
    arrivals = data.get(problem.online)
    if not isinstance(arrivals, Sequence) or isinstance(arrivals, str) or not arrivals:
        raise place.fault("online", f"names {problem.online!r}, which is no list in {name}")
    if len(arrivals) > problem.certificate.max_elements:
        raise place.fault("certificate", f"has room for fewer decisions than {name} needs")


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_NAME


def _not_json(value: object, where: str) -> str | None:
    """Return where a value is not JSON without floats, and what it is; None if it is."""
    if value is None or type(value) in (bool, int, str):
        return None
    if isinstance(value, Mapping):
        for key, each in cast("Mapping[object, object]", value).items():
            if type(key) is not str:
                return f"{where} has the key {key!r}, which is not text"
            wrong = _not_json(each, f"{where}[{key!r}]")
            if wrong is not None:
                return wrong
        return None
    if type(value) is list:
        rows = cast("list[object]", value)
        if all(type(each) is int for each in rows):
            return None
        for index, each in enumerate(rows):
            wrong = _not_json(each, f"{where}[{index}]")
            if wrong is not None:
                return wrong
        return None
    hint = ": write its repr" if isinstance(value, float) else ""
    return f"{where} is a {type(value).__module__}.{type(value).__name__}, not JSON{hint}"
