"""Attention: the right answers, and what classic scoring functions come to.

Nobody has published values for these tasks; those here were measured. They are the same with other
kernels of the BLAS, and with all initial weights changed by a billionth.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from problems.attention import logit, problem
from tests.problems.published.value import Accepted, Reached


def uniform(qk: Any, qq: Any, kk: Any, gap: Any, n: int) -> Any:
    """Attend to all keys alike."""
    return 0 * qk


def scaled(qk: Any, qq: Any, kk: Any, gap: Any, n: int) -> Any:
    """Score by the dot product over the root of the width: Vaswani et al. (2017), section 3.2.1."""
    return qk / 4


def distance(qk: Any, qq: Any, kk: Any, gap: Any, n: int) -> Any:
    """Score by minus the squared distance over the root of the width."""
    return (2 * qk - qq - kk) / 4


def linear_bias(qk: Any, qq: Any, kk: Any, gap: Any, n: int) -> Any:
    """Take from the scaled dot product a multiple of the gap: Press et al., ICLR 2022."""
    return qk / 4 - gap / 4


def logarithmic_bias(qk: Any, qq: Any, kk: Any, gap: Any, n: int) -> Any:
    """Take the logarithm of the gap from the dot product, which divides the weight by the gap."""
    return qk - np.log(gap)


def _right_answers(name: str) -> Callable[[Path], Any]:
    return lambda folder: problem.instance(name).data["answers"]


_MEASURED = "own measurement; see docs/problems/attention.md"

VALUES = [
    *[
        Accepted(f"the right answers, {name}", _right_answers(name), name, 100.0, "by definition")
        for name in ("latest_12_0", "greatest_48_7")
    ],
    *[
        Reached(f"{function.__name__}, training", function, problem.training, score, _MEASURED)
        for function, score in [
            (uniform, 29.375),
            (logit, 75.625),
            (scaled, 79.5625),
            (distance, 80.1875),
            (linear_bias, 88.4375),
            (logarithmic_bias, 88.375),
        ]
    ],
]
