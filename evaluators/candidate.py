"""The candidate as `construct` sees it, and how its failures read. Runs inside the sandbox."""

from __future__ import annotations

import ast
import builtins
import importlib
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.array_tier.columns import Columns
from evaluators.array_tier.lanes import GiveUp
from evaluators.array_tier.machine import run
from evaluators.vocabulary import PROVIDED

FILE = "<candidate>"
"""What a candidate's frames give as their file."""

_MESSAGE = 1024
"""Most characters kept of an exception's message and of a line of source."""

_PROVIDED = {name: importlib.import_module(module) for name, module in PROVIDED.items()}

FEWEST_ROWS = 256
"""Maps of fewer rows are interpreted: arrays would save less than 0.2 ms, or nothing."""

_PLAIN: frozenset[type] = frozenset({int, float, bool})


def _numpy_types() -> frozenset[type]:
    kinds = [np.dtype(code) for code in "?bhilqBHILQefdg"]
    return frozenset(kind.type for kind in kinds)


_NUMBERS = _PLAIN | _numpy_types()


def parse(source: str) -> ast.Module:
    """Return the syntax tree of a program; raises what the parser raises."""
    return ast.parse(source, FILE)


def load(tree: ast.Module, name: str, names: Mapping[str, Any]) -> Callable[..., Any]:
    """Run a program and return its function.

    Args:
        tree: of its source.
        name: of the function.
        names: what it may use beyond `vocabulary.PROVIDED`.

    Raises:
        BaseException: whatever the program raises, while it is compiled or run.
    """
    namespace: dict[str, Any] = {
        "__builtins__": builtins,
        "__name__": "candidate",
        **_PROVIDED,
        **names,
    }
    exec(compile(tree, FILE, "exec", dont_inherit=True), namespace)  # noqa: S102
    function = namespace.get(name)
    if not callable(function):
        raise NameError(f"defines no function {name}")
    return function


class Interpreted:
    """The function under evaluation, run by the interpreter; see `problems.contract.Candidate`.

    A column of `map` that is a one-dimensional numpy array is handed over as Python numbers, since
    those are what a candidate's arithmetic is written for (numpy's integers wrap).
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        """Call the function once."""
        return self._function(*arguments)

    @property
    def elementwise(self) -> bool:
        """Whether entries depend on their own place alone; see `problems.contract.Candidate`."""
        return False

    def map(self, *columns: Any) -> NDArray[np.float64]:
        """Call the function once per row, in order; see `problems.contract.Candidate.map`.

        Raises:
            TypeError: a call returned something that is not a real number.
            OverflowError: a call returned an int beyond the range of float64.
            ValueError: the columns have different lengths, or none has a length.
        """
        entries: list[Iterable[Any]] = []
        lengths: set[int] = set()
        for column in columns:
            if type(column) in _NUMBERS:
                entries.append(itertools.repeat(column))
                continue
            lengths.add(len(column))
            entries.append(_entries(column))
        if len(lengths) != 1:
            raise ValueError(f"columns of lengths {sorted(lengths)}; all must have the same")
        results = list(map(self._function, *entries))
        # One pass over the types in C; the loop that names the culprit is for failures only.
        if not _NUMBERS.issuperset(map(type, results)):
            self._refuse(results)
        return np.array(results, dtype=np.float64)

    def _refuse(self, results: list[Any]) -> None:
        for call, result in enumerate(results):
            if type(result) not in _NUMBERS:
                raise TypeError(
                    f"call {call} returned a {type(result).__name__}, not an int, a float, a bool "
                    "or a numpy scalar of these"
                )


class Tiered(Interpreted):
    """The function under evaluation, run as arrays where that returns the same, to the bit.

    Where it might not, the interpreter runs the map from the start, and all later ones.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        tree: ast.Module,
        names: Collection[str],
        columns: Columns,
    ) -> None:
        """Wrap a function.

        Args:
            function: what `load` returned for the tree.
            tree: of the program.
            names: what the problem gives candidates beyond `vocabulary.PROVIDED`.
            columns: values of columns that have come before.
        """
        super().__init__(function)
        self._tree, self._names, self._columns = tree, names, columns
        self._mapped = 0
        self._interpreted = 0

    @property
    def only_arrays(self) -> bool:
        """Whether there were calls, and all of them were run as arrays."""
        return self._mapped > 0 and self._interpreted == 0

    def __call__(self, *arguments: Any) -> Any:
        """Call the function once."""
        self._interpreted += 1
        return self._function(*arguments)

    def map(self, *columns: Any) -> NDArray[np.float64]:
        """Call the function once per row; see `Interpreted.map`."""
        if self._interpreted == 0 and _rows(columns) >= FEWEST_ROWS:
            try:
                result = run(self._tree, self._names, columns, self._columns)
            except GiveUp:
                pass
            else:
                self._mapped += 1
                return result
        self._interpreted += 1
        return super().map(*columns)


class Preparing(Interpreted):
    """A function run by the interpreter, its columns being made ready for the array tier."""

    def __init__(self, function: Callable[..., Any], columns: Columns) -> None:
        super().__init__(function)
        self._columns = columns

    def map(self, *columns: Any) -> NDArray[np.float64]:
        """Call the function once per row; see `Interpreted.map`."""
        for column in columns:
            self._columns.prepare(column)
        return super().map(*columns)


def _rows(columns: Iterable[Any]) -> int:
    return max((len(each) for each in columns if hasattr(each, "__len__")), default=0)


def _entries(column: Any) -> Sequence[Any]:
    if isinstance(column, np.ndarray):
        array: NDArray[Any] = column
        return array.tolist() if array.ndim == 1 else list(array)
    return column


def explain(error: BaseException, source: str) -> str:
    """Return a line on an exception: what was raised, and by which line of the candidate.

    The message of an exception is the candidate's own code at work; what that raises in turn is
    swallowed.
    """
    kind = type(error).__name__[:_MESSAGE]
    try:
        message = str(error)[:_MESSAGE]
    except BaseException:
        message = "(its message cannot be had)"
    return (f"{kind}: {message}" if message else kind) + where(error.__traceback__, source)


def where(traceback: TracebackType | None, source: str) -> str:
    """Return ` (line 4 of the function: x = 1 / 0)` for the innermost line of the candidate.

    Empty where the exception did not pass through the candidate.
    """
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    lines = source.split("\n")
    if not 1 <= line <= len(lines):
        return ""
    return f" (line {line} of the function: {lines[line - 1].strip()[:_MESSAGE]})"
