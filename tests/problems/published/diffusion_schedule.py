"""Noise schedules: the two that are used most, one step in 1000 / steps of them."""

from __future__ import annotations

import math

from problems.diffusion_schedule import alpha_bar, problem
from tests.problems.published.value import Reached

_LINEAR = "schedule: Ho, Jain and Abbeel, NeurIPS 2020; value: measured here"
_COSINE = "schedule: Nichol and Dhariwal, ICML 2021; value: measured here"


def linear(t: float, steps: int) -> float:
    """Betas from 0.0001 to 0.02 in 1000 steps."""
    betas = (0.0001 + 0.0199 * i / 999 for i in range(round(1000 * t)))
    return math.prod(1 - beta for beta in betas)


def cosine(t: float, steps: int) -> float:
    """A squared cosine in 1000 steps, betas at most 0.999."""

    def f(i: int) -> float:
        return math.cos((i / 1000 + 0.008) / 1.008 * math.pi / 2) ** 2

    step = round(1000 * t)
    return f(step) / f(0) if step < 1000 else 0.001 * f(999) / f(0)


VALUES = [
    Reached("seed", alpha_bar, problem.training, 0.0775, _LINEAR, digits=4),
    Reached("linear", linear, problem.training, 0.0772, _LINEAR, digits=4),
    Reached("cosine", cosine, problem.training, 0.0334, _COSINE, digits=4),
]
