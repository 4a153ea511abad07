"""Online bin packing: first fit and best fit on the OR-Library, and on items like the published."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.contract import Instance
from problems.online_bin_packing import priority as best_fit
from problems.online_bin_packing import problem
from tests.problems.published.value import Reached

_TABLE = "Romera-Paredes et al., Nature 625 (2024), Table 1"


def first_fit(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
    return np.zeros(len(bins))


def excess(instances: Sequence[Instance], scores: Sequence[float]) -> float:
    """Return by how many percent the bins of all instances are beyond all their L1 bounds.

    That is what was published; the score of a program is the mean of the instances' percentages.
    """
    bins = bounds = 0.0
    for instance, score in zip(instances, scores, strict=True):
        data: Any = instance.data
        bound = -(-sum(data["items"]) // data["capacity"])
        bins += bound * (1 + score / 100)
        bounds += bound
    return 100 * (bins / bounds - 1)


OR_LIBRARY = {
    "u120": (6.42, 5.81),
    "u250": (6.45, 6.06),
    "u500": (5.74, 5.37),
    "u1000": (5.23, 4.94),
}
WEIBULL = {"weibull_5k": (4.23, 3.98), "weibull_10k": (4.20, 3.90), "weibull_100k": (4.00, 3.79)}

VALUES = [
    *[
        Reached(
            f"{function.__name__}, {kind}",
            function,
            [f"{kind}_{number:02}" for number in range(20)],
            score,
            _TABLE,
            combined=excess,
            elementwise=True,
            digits=2,
            data=True,
        )
        for kind, scores in OR_LIBRARY.items()
        for function, score in zip((first_fit, best_fit), scores, strict=True)
    ],
    *[
        Reached(
            f"{function.__name__}, {kind}",
            function,
            list(problem.shorthands["data"](kind)),
            score,
            _TABLE,
            combined=excess,
            elementwise=True,
            within=0.2,
        )
        for kind, scores in WEIBULL.items()
        for function, score in zip((first_fit, best_fit), scores, strict=True)
    ],
]
