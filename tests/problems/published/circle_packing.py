"""Circle packing: the seed and what is proved, within what rounding radii down may cost."""

import math

from problems.circle_packing import centres
from tests.problems.published.value import Reached

_NEAR = 1 / (2 + math.sqrt(2))


def diagonal(n: int) -> list[tuple[float, float]]:
    """Return centres of the best two circles."""
    return [(1 - _NEAR, _NEAR), (_NEAR, 1 - _NEAR)]


def five_by_five(n: int) -> list[tuple[float, float]]:
    """Return a grid of 25, and one more in a gap."""
    grid = [(0.1 + 0.2 * (i % 5), 0.1 + 0.2 * (i // 5)) for i in range(25)]
    return [*grid, (0.2, 0.2)]


VALUES = [
    Reached("seed, n=1", centres, ["n=1"], 0.5, "half the side"),
    Reached("seed, n=4", centres, ["n=4"], 1.0, "four squares"),
    Reached("seed, n=26", centres, ["n=26"], round(26 / 12, 12), "a grid of 6 × 6", digits=12),
    Reached("seed, n=32", centres, ["n=32"], round(32 / 12, 12), "a grid of 6 × 6", digits=12),
    Reached("diagonal", diagonal, ["n=2"], round(2 - math.sqrt(2), 12), "see the page", digits=12),
    Reached(
        "five by five, n=26",
        five_by_five,
        ["n=26"],
        round(2.5 + (math.sqrt(2) - 1) / 10, 12),
        "25 circles of 0.1, and one between four of them",
        digits=12,
    ),
]
