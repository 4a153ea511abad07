"""A problem with nothing to do, so that a benchmark measures the evaluator alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from problems.contract import Array, Candidate, Instance, Metric, Problem


def nothing(n: int) -> float:  # noqa: ARG001
    """Return a number."""
    return 0.0


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.float64]:  # noqa: ARG001
    """Return one value of the candidate, as float64 of shape (1,)."""
    return np.array([candidate(1)], dtype=np.float64)


def score(instance: Instance, certificate: NDArray[np.float64]) -> float:  # noqa: ARG001
    """Return that value."""
    return float(certificate[0])


problem = Problem(
    name="noop_problem",
    evolve=nothing,
    construct=construct,
    score=score,
    metric=Metric(name="value", unit="none"),
    certificate=Array("float64", ndim=1, max_elements=1),
    instances=lambda: {"only": {}},
    training=["only"],
)
