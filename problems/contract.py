"""The contract of a problem: plain data and four functions that the engine calls.

Untrusted code runs in `construct` alone, inside the sandbox. `score` sees an instance and a
certificate, never the candidate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

MAX_NDIM = 8
"""Most dimensions of a certificate."""

JSON = None | bool | int | str | Sequence["JSON"] | Mapping[str, "JSON"]
Data = Mapping[str, JSON]


class Invalid(Exception):
    """Raised by `score`: the certificate is wrong, and the message says why."""


class Candidate(Protocol):
    """The function under evaluation, as `construct` may use it."""

    def __call__(self, *arguments: Any) -> Any:
        """Call the function once."""
        ...

    def map(self, *columns: Any) -> NDArray[np.float64]:
        """Call the function once per row, in order.

        Args:
            columns: one per parameter: a sequence with an entry for each call, or a plain
                number, which every call gets.

        Returns:
            float64 array, shape (calls,). A returned int, float, bool or numpy scalar counts as
            its float64 value (infinities and NaN included).

        Raises:
            TypeError: a call returned something that is not a real number.
            OverflowError: a call returned an int beyond the range of float64.
        """
        ...

    @property
    def elementwise(self) -> bool:
        """Whether no entry of an array it returns depends on other places of its array arguments.

        Only on the entry at the same place, that is, and on the plain numbers. Decided from the
        source, never by trying; False where that is not certain. Such a candidate may be called
        once for all different values instead of once for each entry.
        """
        ...

    @property
    def reach(self) -> int | None:
        """How many places to either side an entry of an array it returns depends on.

        Besides, on the entries at so many places next to the ends, on the plain numbers, and on
        what counts no matter how often it occurs, such as the maximum. Holds for arguments that are
        integers and arrays of integers. Decided from the source, never by trying; 0 where it is
        `elementwise`, None where nothing is certain. Such a candidate may be called without the
        inner places of a long row of equal entries: see `evaluators.locality.reach`.
        """
        ...


@dataclass(frozen=True)
class Instance:
    """One input of a problem.

    Attributes:
        name: for example `n=8`.
        data: JSON values without floats (write a float as its `repr`), so that the instance has
            one digest everywhere.
    """

    name: str
    data: Data


@dataclass(frozen=True)
class Known:
    """A value somebody has published or proved, with where to find it."""

    value: float
    source: str


@dataclass(frozen=True)
class Metric:
    """What a score means.

    Attributes:
        name: what is counted, for example `size`.
        unit: of one score, for example `vectors`.
        direction: whether a larger or a smaller score is better.
        aggregate: how a program's score follows from its scores per training instance.
        tolerance: by how much, relative to the larger of the two, `score` and the checker may
            differ, where floats are summed in another order; 0 where they agree to the last digit.
        bound: proven limit per instance name; a score beyond it means that the evaluator is
            broken, and stops the run.
        best_known: best published value per instance name.
    """

    name: str
    unit: str
    direction: Literal["max", "min"] = "max"
    aggregate: Literal["mean", "min", "max"] = "mean"
    tolerance: float = 0.0
    bound: Mapping[str, Known] = field(default_factory=dict[str, Known])
    best_known: Mapping[str, Known] = field(default_factory=dict[str, Known])

    def combine(self, scores: Sequence[float]) -> float:
        """Return the score of a program from its scores per training instance, in any order."""
        if self.aggregate == "mean":
            return math.fsum(scores) / len(scores)
        return min(scores) if self.aggregate == "min" else max(scores)

    def better(self, score: float, than: float) -> bool:
        """Whether `score` is strictly better than `than`; a tie is not."""
        return score > than if self.direction == "max" else score < than

    def agree(self, one: float, other: float) -> bool:
        """Whether two judges found the same score, up to the tolerance."""
        return abs(one - other) <= self.tolerance * max(abs(one), abs(other))

    def beyond_bound(self, instance: str, score: float) -> bool:
        """Whether `score` passes the proven bound of the instance, which nothing real can."""
        bound = self.bound.get(instance)
        return bound is not None and self.better(score, bound.value)

    def best_known_for(self, instances: Sequence[str]) -> float | None:
        """Return the best known values combined, or None unless each instance has one."""
        values = [self.best_known[name].value for name in instances if name in self.best_known]
        return self.combine(values) if values and len(values) == len(instances) else None


@dataclass(frozen=True)
class Array:
    """What a certificate looks like: one numpy array.

    Attributes:
        dtype: numpy name of an integer, float or bool type of fixed size.
        ndim: number of dimensions, at most `MAX_NDIM`.
        max_elements: most elements a certificate may have; the result area is this large.
    """

    dtype: str
    ndim: int
    max_elements: int

    @property
    def max_bytes(self) -> int:
        """Size of the largest certificate's data, in bytes."""
        return self.max_elements * np.dtype(self.dtype).itemsize


@dataclass(frozen=True)
class Limits:
    """What a candidate may use on one instance.

    Attributes:
        wall_s: seconds of wall time.
        memory_bytes: address space beyond what the evaluator itself occupies.
        confirm_s: seconds of wall time where the interpreter alone runs a candidate a second
            time, to confirm what a faster tier found; ten times `wall_s` if None.
    """

    wall_s: float = 10.0
    memory_bytes: int = 512 << 20
    confirm_s: float | None = None

    @property
    def longer_s(self) -> float:
        """Seconds for a run that confirms another."""
        return 10 * self.wall_s if self.confirm_s is None else self.confirm_s


def _everything(instance: Instance) -> Data:
    return instance.data


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A problem: the function to evolve, how an object is built with it, how that is scored.

    Attributes:
        name: the module's name; names the checker too.
        evolve: the seed. Its docstring is what a language model reads; candidates have its
            parameters.
        construct: `(candidate, instance) -> array`, in the sandbox. It gets the instance with its
            visible data only.
        score: `(instance, certificate) -> number`, outside the sandbox; raises `Invalid`.
        metric: what the number means.
        certificate: what the array looks like.
        instances: returns name → data of every instance. Called outside the sandbox only.
        training: names of the instances that steer the search, in the order of the signature.
        held_out: names of those that are scored only for verification.
        visible: the part of an instance's data that enters the sandbox.
        limits: wall time and memory for one instance.
        own_limits: instance name → its limits, of those that need others than `limits`.
        names: what a candidate may use beyond `np`, `math`, `itertools`, `functools` and
            `collections`.
        shorthands: option → function from its text to instance names; `problem.n=8` is the
            shorthand `n` with the text `8`. Raises ValueError with a line for the user.
        remark: `(instance, score) -> text`, what else follows from a score, such as a bound that
            it implies; shown beside it. None if nothing does.
        online: where the future must stay hidden from the candidate: the name of the list in an
            instance's data whose entries arrive one after the other. The certificate has one
            dimension and one entry for each of them, in the same order. Else empty.
        self_design: whether the object is a learning system.
    """

    name: str
    evolve: Callable[..., Any]
    construct: Callable[[Candidate, Instance], NDArray[Any]]
    score: Callable[[Instance, NDArray[Any]], float]
    metric: Metric
    certificate: Array
    instances: Callable[[], Mapping[str, Data]]
    training: Sequence[str]
    held_out: Sequence[str] = ()
    visible: Callable[[Instance], Data] = _everything
    limits: Limits = Limits()
    own_limits: Mapping[str, Limits] = field(default_factory=dict[str, Limits])
    names: Mapping[str, Any] = field(default_factory=dict[str, Any])
    shorthands: Mapping[str, Callable[[str], Sequence[str]]] = field(
        default_factory=dict[str, Callable[[str], Sequence[str]]]
    )
    remark: Callable[[Instance, float], str] | None = None
    online: str = ""
    self_design: bool = False

    def limits_for(self, names: Sequence[str]) -> Limits:
        """Return the limits for each of some instances that are evaluated together.

        The largest of each kind: who may need a minute for one of them may take it for another.
        """
        each = [self.own_limits.get(name, self.limits) for name in names]
        return Limits(
            wall_s=max(limits.wall_s for limits in each),
            memory_bytes=max(limits.memory_bytes for limits in each),
            confirm_s=max(limits.longer_s for limits in each),
        )

    def instance(self, name: str) -> Instance:
        """Return the instance of that name; KeyError if there is none."""
        return Instance(name, self.instances()[name])
