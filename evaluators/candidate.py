"""The candidate as `construct` sees it, and how its failures read. Runs inside the sandbox."""

from __future__ import annotations

import ast
import builtins
import importlib
import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.array_tier.columns import Columns
from evaluators.array_tier.lanes import GiveUp
from evaluators.array_tier.machine import run
from evaluators.compiled_tier.kinds import Untranslatable, of_arguments
from evaluators.compiled_tier.translator import translate
from evaluators.elsewhere import Elsewhere
from evaluators.locality import elementwise, reach
from evaluators.vocabulary import PROVIDED

FILE = "<candidate>"
"""What a candidate's frames give as their file."""

_MESSAGE = 1024
"""Most characters kept of an exception's message and of a line of source."""

_PROVIDED = {name: importlib.import_module(module) for name, module in PROVIDED.items()}

FEWEST_ROWS = 256
"""Maps of fewer rows are interpreted: arrays would save less than 0.2 ms, or nothing."""

_COMPILE_S = 0.3
"""What a move costs: compiling (median of `benchmarks/compiled_tier.py`), and another process."""

_WORTH = 2.0
"""How many times that the rest must take in the interpreter for a move that is made early."""

_TIMED = 16
"""Calls that are timed one by one; then one in `_STRIDE`."""
_RECENT = 7
"""Timed calls whose median tells what the rest will take."""
_STRIDE = 64

_TRIED_ROWS = 128
"""Rows of a map that are timed before the rest is decided on."""

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

    @property
    def reach(self) -> int | None:
        """How far entries look; see `problems.contract.Candidate`."""
        return None

    def map(self, *columns: Any) -> NDArray[np.float64]:
        """Call the function once per row, in order; see `problems.contract.Candidate.map`.

        Raises:
            TypeError: a call returned something that is not a real number.
            OverflowError: a call returned an int beyond the range of float64.
            RuntimeError: a call raised StopIteration.
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
        count = lengths.pop()
        results = self._results(map(self._function, *entries), count)
        if len(results) < count:
            raise RuntimeError(f"call {len(results)} raised StopIteration")
        # One pass over the types in C; the loop that names the culprit is for failures only.
        if not _NUMBERS.issuperset(map(type, results)):
            self._refuse(results)
        return np.array(results, dtype=np.float64)

    def _results(self, calls: Iterator[Any], count: int) -> list[Any]:
        return list(calls)

    def _refuse(self, results: list[Any]) -> None:
        for call, result in enumerate(results):
            if type(result) not in _NUMBERS:
                raise TypeError(
                    f"call {call} returned a {type(result).__name__}, not an int, a float, a bool "
                    "or a numpy scalar of these"
                )


class Tiered(Interpreted):
    """The function under evaluation, run in the tier that is expected to be done first.

    A map is run as arrays where that returns the same, to the bit; where it might not, the
    interpreter runs the map from the start, and all later ones. Once interpreting has cost what
    compiling would, or is about to cost much more, the run moves to where there is numba.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        tree: ast.Module,
        names: Mapping[str, Any],
        columns: Columns,
        *,
        may_move: bool = False,
        expected_calls: int = 0,
    ) -> None:
        """Wrap a function.

        Args:
            function: what `load` returned for the tree.
            tree: of the program.
            names: what the problem gives candidates beyond `vocabulary.PROVIDED`.
            columns: values of columns that have come before.
            may_move: whether there is a zygote with numba.
            expected_calls: how often the seed was called, rows of maps counted; 0 if not known.
        """
        super().__init__(function)
        self._tree, self._names, self._columns = tree, names, columns
        self._mapped = 0
        self._interpreted = 0
        self._elementwise: bool | None = None
        self._may_move = may_move
        self._expected_calls = expected_calls
        self._untimed = 0
        self._clock = _Clock()
        self._row: Sequence[Any] = ()

    @property
    def only_arrays(self) -> bool:
        """Whether there were calls, and all of them were run as arrays."""
        return self._mapped > 0 and self._interpreted == 0

    @property
    def elementwise(self) -> bool:
        """Whether entries depend on their own place alone; see `problems.contract.Candidate`."""
        if self._elementwise is None:
            self._elementwise = elementwise(self._tree, _name(self._tree))
            # Asked once for all different values, it has few calls to make.
            self._may_move = self._may_move and not self._elementwise
        return self._elementwise

    @property
    def reach(self) -> int | None:
        """How far entries look; see `problems.contract.Candidate`."""
        return reach(self._tree, _name(self._tree))

    def __call__(self, *arguments: Any) -> Any:
        """Call the function once.

        Raises:
            Elsewhere: it is to be compiled.
        """
        # Two clock reads would cost as much as a small candidate.
        if self._untimed:
            self._untimed -= 1
            return self._function(*arguments)
        return self._timed(arguments)

    def _timed(self, arguments: tuple[Any, ...]) -> Any:
        clock = self._clock
        stride = 1 if self._interpreted < _TIMED else _STRIDE
        started = time.perf_counter()
        result = self._function(*arguments)
        clock.add(stride, stride * (time.perf_counter() - started))
        self._interpreted += stride
        self._untimed = stride - 1
        if self._may_move and clock.pays(self._expected_calls - self._interpreted):
            self._move(arguments)
        return result

    def _move(self, arguments: Sequence[Any]) -> None:
        """Raise Elsewhere, unless the program is not one that can be compiled."""
        self._may_move = False
        try:
            translate(self._tree, _name(self._tree), self._names, of_arguments(arguments))
        except Untranslatable:
            return
        raise Elsewhere

    def map(self, *columns: Any) -> NDArray[np.float64]:
        """Call the function once per row; see `Interpreted.map`.

        Raises:
            Elsewhere: it is to be compiled.
        """
        if self._interpreted == 0 and _rows(columns) >= FEWEST_ROWS:
            try:
                result = run(self._tree, self._names, columns, self._columns)
            except GiveUp:
                pass
            else:
                self._mapped += 1
                return result
        self._interpreted += 1
        self._row = columns
        return super().map(*columns)

    def _results(self, calls: Iterator[Any], count: int) -> list[Any]:
        if not self._may_move or count <= _TRIED_ROWS:
            return list(calls)
        started = time.perf_counter()
        results = list(itertools.islice(calls, _TRIED_ROWS))
        seconds = time.perf_counter() - started
        self._clock.add(count, seconds * count / _TRIED_ROWS)
        if self._clock.seconds > _COMPILE_S:
            self._move([_first(column) for column in self._row])
        results += calls
        return results


class _Clock:
    """What interpreting has cost, and whether to go on with it."""

    def __init__(self) -> None:
        self.calls = 0
        self.seconds = 0.0
        self._recent: deque[float] = deque(maxlen=_RECENT)

    def add(self, calls: int, seconds: float) -> None:
        """Note that so many calls took so long."""
        self.calls += calls
        self.seconds += seconds
        self._recent.append(seconds / calls)

    def pays(self, left: int) -> bool:
        """Whether to move, with so many calls expected still; fewer than none if not known.

        What is left is projected from the median: first calls meet caches that are cold, and a call
        that happens to be slow, timed for all of its stride, would decide alone.
        """
        if left > 0 and self.calls >= _TIMED:
            return left * sorted(self._recent)[len(self._recent) // 2] > _WORTH * _COMPILE_S
        return self.seconds > _COMPILE_S


class Preparing(Interpreted):
    """A function run by the interpreter, its columns being made ready for the array tier.

    Attributes:
        calls: how many there were, rows of maps counted.
    """

    def __init__(
        self, function: Callable[..., Any], columns: Columns, *, elementwise: bool = False
    ) -> None:
        super().__init__(function)
        self._columns = columns
        self._elementwise = elementwise
        self.calls = 0

    @property
    def elementwise(self) -> bool:
        """As it was said to be."""
        return self._elementwise

    def __call__(self, *arguments: Any) -> Any:
        """Call the function once."""
        self.calls += 1
        return self._function(*arguments)

    def map(self, *columns: Any) -> NDArray[np.float64]:
        """Call the function once per row; see `Interpreted.map`."""
        for column in columns:
            self._columns.prepare(column)
        result = super().map(*columns)
        self.calls += len(result)
        return result


def _name(tree: ast.Module) -> str:
    """Return the name of a program's function."""
    (function,) = (each for each in tree.body if isinstance(each, ast.FunctionDef))
    return function.name


def _first(column: Any) -> Any:
    """Return a column's first entry as the function gets it."""
    return column if type(column) in _NUMBERS else _entries(column)[0]


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
