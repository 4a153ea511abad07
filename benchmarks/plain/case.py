"""One line of the benchmark: a candidate, and the plain implementation it is timed with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from problems.contract import Instance

Function = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """One line of output.

    Attributes:
        name: of the case.
        problem: its name.
        source: of the candidate.
        plain: returns the score on one instance.
        goal: ratio to reach, or None.
        instances: names; all training instances if None.
    """

    name: str
    problem: str
    source: str
    plain: Callable[[Function, Instance], float]
    goal: float | None
    instances: tuple[str, ...] | None = None
