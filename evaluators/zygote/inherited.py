"""What the generations of a zygote hand down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluators.array_tier.columns import Columns
from evaluators.containment import Layer
from problems.contract import Instance, Problem

if TYPE_CHECKING:
    from evaluators.compiled_tier.profile import Profile


@dataclass(frozen=True)
class Surroundings:
    """What a base knows of the processes it forks.

    Attributes:
        namespaces: the layer.
        no_seccomp: why there is no kernel filter; empty if there is.
        numba: whether numba is loaded.
        unsafe: whether slots are to be locked not at all.
    """

    namespaces: Layer
    no_seccomp: str
    numba: bool
    unsafe: bool


@dataclass(frozen=True)
class Warm:
    """What a slot inherits from its nest.

    Attributes:
        problem: the problem.
        instances: what every candidate of the slot is run on, in this order.
        columns: what the array tier remembers of the columns that the seed was mapped over.
        calls: how often a candidate is expected to be called, rows of maps counted.
        profile: what the compiled tier knows of those calls; None without numba.
        surroundings: of the base.
    """

    problem: Problem
    instances: tuple[Instance, ...]
    columns: Columns
    calls: int
    profile: Profile | None
    surroundings: Surroundings
