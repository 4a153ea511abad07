"""What a problem's seed shows of the calls that its candidates will get. Loads numba.

It runs once for a tuple of instances, in trusted code: the seed goes through `construct` and what
is called is written down. Functions of the problem that step through items and call the candidate
for each are compiled then, with the candidate as an argument, so that each candidate is compiled
alone.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import numba
import numpy as np
from numba.core import types
from numpy.typing import NDArray

from evaluators.compiled_tier.candidate import Compiled, loop_over
from evaluators.compiled_tier.compilation import within
from evaluators.compiled_tier.kinds import Kind, Untranslatable, of_arguments
from evaluators.compiled_tier.translator import translate
from problems.contract import Candidate, Instance, Problem

_SEED_S = 2.0
"""How long the seed may run."""
_STEPPER_S = 30.0
"""How long one of the problem's functions may be compiled."""
_LOOKED_AT = 64
"""Calls whose arguments are looked at; a candidate that gets others is interpreted."""


@dataclass(frozen=True)
class Profile:
    """What candidates are compiled for.

    Attributes:
        kinds: of the arguments; None if no candidate can be compiled.
        returns_array: whether candidates return arrays.
        calls: instance → number of calls, rows of maps counted; of the seed's run.
        reason: why no candidate can be compiled.
    """

    kinds: tuple[Kind, ...] | None
    returns_array: bool = False
    calls: Mapping[str, int] = field(default_factory=dict[str, int])
    reason: str = ""


class _Recording:
    """The seed, interpreted, and what it is called with."""

    elementwise = False
    reach = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.count = 0
        self.kinds: set[tuple[Kind, ...]] = set()
        self.arrays: set[bool] = set()
        self.ways: set[tuple[str, ...]] = set()
        self.refused = ""

    def __call__(self, *arguments: Any) -> Any:
        self.count += 1
        if self.count <= _LOOKED_AT:
            self._note(arguments)
        result = self._function(*arguments)
        if self.count <= _LOOKED_AT:
            self.arrays.add(isinstance(result, (np.ndarray, list, tuple)))
        return result

    def map(self, *columns: Any) -> NDArray[np.float64]:
        from evaluators.candidate import Interpreted

        ways: list[str] = []
        first: list[Any] = []
        for column in columns:
            if not hasattr(column, "__len__"):
                ways.append("same")
                first.append(column)
                continue
            entry = column[0].item() if isinstance(column, np.ndarray) else column[0]
            ways.append("row" if isinstance(entry, (tuple, list)) else "entry")
            first.append(entry)
        self.ways.add(tuple(ways))
        self._note(first)
        self.arrays.add(False)
        result = Interpreted(self._function).map(*columns)
        self.count += len(result)
        return result

    def _note(self, arguments: Sequence[Any]) -> None:
        try:
            self.kinds.add(of_arguments(arguments))
        except Untranslatable as error:
            self.refused = str(error)


class Stepper:
    """A function of the problem that calls the candidate again and again, perhaps compiled."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._compiled: Any = None
        self.types: set[tuple[Any, ...]] = set()

    def __call__(self, candidate: Any, *arguments: Any) -> Any:
        """Call it; a compiled candidate is handed over as a pointer."""
        if self._compiled is not None and isinstance(candidate, Compiled):
            return self._compiled(candidate.function, *arguments)
        if isinstance(candidate, _Recording) and len(self.types) < 2:
            self.types.add(tuple(numba.typeof(each) for each in arguments))
        return self._function(candidate, *arguments)

    def compile(self, signature: Any) -> None:
        """Compile it for candidates of a signature; what numba refuses stays Python."""
        if len(self.types) != 1:
            return
        (arguments,) = self.types
        options: dict[str, Any] = {"boundscheck": True, "error_model": "python", "cache": False}
        try:
            with within(_STEPPER_S):
                self._compiled = numba.njit((types.FunctionType(signature), *arguments), **options)(
                    self._function
                )
        except Exception:
            self._compiled = None

    def interpret(self) -> None:
        """Stay Python."""
        self._compiled = None


def prepare(problem: Problem, instances: Sequence[Instance]) -> Profile:
    """Run the seed and compile what all candidates share; called once, before any candidate.

    Functions of the problem's module whose first parameter is called `candidate` are replaced,
    in the globals of `construct`, by what takes compiled candidates too.
    """
    steppers = _steppers(problem)
    recording = _Recording(problem.evolve)
    built: dict[str, Any] = {}
    calls: dict[str, int] = {}
    try:
        with within(_SEED_S):
            for instance in instances:
                before = recording.count
                built[instance.name] = problem.construct(recording, instance)
                calls[instance.name] = recording.count - before
    except (Exception, Untranslatable) as error:
        if not recording.kinds:
            return Profile(None, calls=calls, reason=f"the seed fails: {error}")
    profile = _profile(recording, calls)
    if profile.kinds is None:
        return profile
    try:
        seed = _seed(problem, profile)
    except (Untranslatable, OSError, TypeError, SyntaxError) as error:
        # Of a seed that cannot be compiled, nothing is known that all candidates share.
        return Profile(None, calls=calls, reason=f"the seed: {error}")
    for ways in recording.ways:
        loop_over(seed.signature, ways)
    for stepper in steppers:
        stepper.compile(seed.signature)
    if not _same(problem, seed, instances, built):
        for stepper in steppers:
            stepper.interpret()
    return profile


def _steppers(problem: Problem) -> list[Stepper]:
    found: list[Stepper] = []
    namespace: dict[str, Any] = problem.construct.__globals__
    for name, value in list(namespace.items()):
        if isinstance(value, Stepper):
            found.append(value)
        elif isinstance(value, FunctionType) and value is not problem.construct:
            parameters = value.__code__.co_varnames[: value.__code__.co_argcount]
            if parameters[:1] == ("candidate",):
                found.append(Stepper(value))
                namespace[name] = found[-1]
    return found


def _profile(recording: _Recording, calls: Mapping[str, int]) -> Profile:
    if recording.refused or len(recording.kinds) != 1 or len(recording.arrays) != 1:
        reason = recording.refused or "calls of several kinds"
        return Profile(None, calls=calls, reason=reason)
    (kinds,), (arrays,) = recording.kinds, recording.arrays
    return Profile(kinds, arrays, calls)


def _seed(problem: Problem, profile: Profile) -> Compiled:
    assert profile.kinds is not None
    function = problem.evolve
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        return candidate_of(tree, function.__name__, problem.names, profile)
    except (OSError, Untranslatable):
        # Any candidate of these kinds will do.
        entry = "np.zeros(1)" if profile.returns_array else "0.0"
        names = ", ".join(f"p{place}" for place in range(len(profile.kinds)))
        tree = ast.parse(f"def stand_in({names}):\n    return {entry}")
        return candidate_of(tree, "stand_in", {}, profile)


def candidate_of(
    tree: ast.Module,
    name: str,
    names: Mapping[str, Any],
    profile: Profile,
    *,
    elementwise: bool = False,
    reach: int | None = None,
) -> Compiled:
    """Return a compiled candidate.

    Raises:
        Untranslatable: it is not for this tier; the message says why.
    """
    if profile.kinds is None:
        raise Untranslatable(profile.reason)
    translation = translate(tree, name, names, profile.kinds)
    if translation.returns_array != profile.returns_array:
        raise Untranslatable("it returns a number where the seed returns an array, or an array")
    return Compiled(translation, profile.kinds, elementwise=elementwise, reach=reach)


def _same(
    problem: Problem, seed: Candidate, instances: Sequence[Instance], built: Mapping[str, Any]
) -> bool:
    """Whether the compiled seed builds what the interpreted one did."""
    try:
        with within(_SEED_S):
            for instance in instances:
                if instance.name in built:
                    again = np.asarray(problem.construct(seed, instance))
                    first = np.asarray(built[instance.name])
                    if again.tobytes() != first.tobytes() or again.shape != first.shape:
                        return False
    except Exception:
        return False
    return True
