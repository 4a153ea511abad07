"""The problem that hostile programs attack: the score is the sum of what they return."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.contract import Array, Candidate, Instance, Limits, Metric, Problem

LABEL = 8461
"""What only `score` may know."""


def f(x: int) -> float:
    """Return a number."""
    return 1.0


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.float64]:
    """Call the candidate once a row."""
    count = instance.data["count"]
    assert isinstance(count, int)
    return candidate.map(range(count))


def score(instance: Instance, certificate: NDArray[Any]) -> float:
    """Return the sum."""
    return float(certificate.sum())


problem = Problem(
    name="probe",
    evolve=f,
    construct=construct,
    score=score,
    metric=Metric(name="sum", unit="none"),
    certificate=Array("float64", ndim=1, max_elements=8),
    instances=lambda: {"three": {"count": 3, "label": LABEL}},
    training=["three"],
    held_out=[],
    visible=lambda instance: {"count": instance.data["count"]},
    limits=Limits(wall_s=0.5, memory_bytes=128 << 20, confirm_s=1.0),
)
