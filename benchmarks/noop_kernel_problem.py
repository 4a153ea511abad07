"""As `noop_problem`, with a kernel in `construct`, which moves it into the zygote with numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from problems.contract import Array, Candidate, Instance, Metric, Problem
from problems.kernels import kernel


def nothing(n: int) -> float:  # noqa: ARG001
    """Return a number."""
    return 0.0


@kernel
def _one(value: float) -> float:
    return value + 1.0


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.float64]:  # noqa: ARG001
    """Return one more than what the candidate returns."""
    return np.array([_one(float(candidate(1)))])


def score(instance: Instance, certificate: NDArray[np.float64]) -> float:  # noqa: ARG001
    """Return the one entry."""
    return float(certificate[0])


problem = Problem(
    name="noop_kernel",
    evolve=nothing,
    construct=construct,
    score=score,
    metric=Metric(name="nothing", unit="none"),
    certificate=Array("float64", ndim=1, max_elements=1),
    instances=lambda: {"only": {}},
    training=["only"],
)
"""The problem."""
