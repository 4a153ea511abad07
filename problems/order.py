"""The order in which greedy constructions take what a candidate has given priorities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from problems.contract import Invalid


def by_priority(priorities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return indices in order of decreasing priority, ties to the lower one.

    Minus infinity means never: such an index is left out.

    Args:
        priorities: float64, shape (count,).

    Raises:
        Invalid: a priority is NaN or plus infinity.
    """
    if np.isnan(priorities).any() or np.isposinf(priorities).any():
        raise Invalid("a priority is NaN or plus infinity; only minus infinity (never) may occur")
    order = np.argsort(-priorities, kind="stable")
    return order[: np.count_nonzero(priorities > -np.inf)]
