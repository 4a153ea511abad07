"""Online bin packing: first fit and best fit where the published value is a mean of percentages."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.online_bin_packing import priority as best_fit
from tests.problems.published.value import Reached

_TABLE = "Romera-Paredes et al., Nature 625 (2024), Table 1"


def first_fit(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
    return np.zeros(len(bins))


VALUES = [
    Reached(
        f"{function.__name__}, {kind}",
        function,
        [f"{kind}_{number:02}" for number in range(20)],
        excess,
        _TABLE,
        digits=2,
        data=True,
    )
    # The others are excesses of the mean: see `tests/problems/test_online_bin_packing.py`.
    for function, kind, excess in [
        (first_fit, "u500", 5.74),
        (first_fit, "u1000", 5.23),
        (best_fit, "u250", 6.06),
        (best_fit, "u500", 5.37),
        (best_fit, "u1000", 4.94),
    ]
]
