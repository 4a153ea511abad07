"""What one evaluation said: the verdict, and the certificates that back it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """How an evaluation ended. Only `OK` has a score."""

    OK = "ok"
    REJECTED = "rejected"
    """Does not parse, is not allowed, or is already there; nothing was run."""
    CRASHED = "crashed"
    """Raised an exception, died of a signal, or left no result."""
    FORBIDDEN = "forbidden"
    """Stopped by the kernel filter."""
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    INVALID = "invalid"
    """Built something that is not what the problem asks for, or not finite."""
    NONDETERMINISTIC = "nondeterministic"
    SANDBOX_ERROR = "sandbox_error"
    """A fault of the evaluator; never the candidate's."""


class Flag(StrEnum):
    """What a reader of an `ok` verdict must know besides."""

    REUSED = "reused"
    """Taken over from an earlier evaluation of the same source."""
    UNCONFIRMED = "unconfirmed"
    TIER_DIVERGENCE = "tier_divergence"


REASON_BYTES = 2048
"""Most UTF-8 bytes of a reason."""


@dataclass(frozen=True)
class Certificate:
    """A built object: raw array bytes in C order, exactly as they left the sandbox.

    Attributes:
        dtype: numpy name.
        shape: of the array.
        data: `prod(shape) * itemsize` bytes, little endian.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes


@dataclass(frozen=True)
class Verdict:
    """The outcome of one evaluation.

    Attributes:
        status: how it ended.
        score: the aggregate over all instances asked for; None unless `ok`.
        scores: instance name → score; empty unless `ok`.
        reason: short text a model or a person can act on; empty when `ok`. Hostile: escape it
            wherever it is shown.
        flags: what to know besides.
        tier: how the candidate was executed: `array` if every call was, else `interpreter`. The
            child's own word.
        seconds: wall time of the candidate, measured outside of it.
        cpu_seconds: processor time of the candidate, measured outside of it.
        certificates: instance name → certificate; empty unless `ok`.
        beyond_bound: name of an instance whose proven bound the score passes: the evaluator is
            broken, and the run must stop. Else None.
    """

    status: Status
    score: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    reason: str = ""
    flags: frozenset[Flag] = frozenset()
    tier: str = "interpreter"
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    certificates: Mapping[str, Certificate] = field(default_factory=dict[str, Certificate])
    beyond_bound: str | None = None
