"""Parent selection: what a search without any choice reaches, and a search that sees everything."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.contract import Instance
from tests.problems.published.value import Reached

_ONE = [[int(pattern == 15) for pattern in range(16)], *[[0] * 16] * 4]
"""Four bits must be set; then the score is 1."""


def _all_set(arrivals: list[list[int]]) -> Instance:
    data = {"arrivals": arrivals, "highest": 1, "rows": [], "start": 0, "tables": _ONE}
    return Instance("four bits", data)


def latest(
    scores: NDArray[Any],
    children: NDArray[Any],
    ages: NDArray[Any],
    twins: NDArray[Any],
    noise: NDArray[Any],
) -> NDArray[Any]:
    return -ages


def first(
    scores: NDArray[Any],
    children: NDArray[Any],
    ages: NDArray[Any],
    twins: NDArray[Any],
    noise: NDArray[Any],
) -> NDArray[Any]:
    return np.zeros(len(scores))


_BY_HAND = "by hand: the bits are set one after the other"

VALUES = [
    Reached(
        "one after the other", latest, [_all_set([[0, 1], [0, 2], [0, 4], [0, 8]])], 100, _BY_HAND
    ),
    Reached("always the first", first, [_all_set([[0, 1], [0, 2], [0, 4], [0, 8]])], 0, _BY_HAND),
]
