"""Difference bases: the smallest there are up to n = 29, and the classic one of 2 sqrt(n)."""

import math

from problems.difference_basis import SIZES, priority
from tests.problems.published.value import Reached

_SMALLEST = {
    9: (0, 1, 4, 7, 9),
    13: (0, 1, 2, 6, 10, 13),
    18: (0, 2, 7, 14, 15, 18, 24),
    24: (0, 8, 15, 17, 20, 21, 31, 39),
    29: (0, 1, 2, 14, 18, 21, 24, 27, 29),
}


def smallest(x: int, n: int) -> float:
    """Keep what a search found."""
    return float(x in _SMALLEST[n])


def digits(x: int, n: int) -> float:
    """Keep the numbers of one digit and those that end in 0, to the base sqrt(n)."""
    base = math.isqrt(n)
    return float(x < base or x % base == 0)


def marks(x: int, n: int) -> float:
    """Keep a sparse ruler of Wichmann (1963) with 55 marks, of length 1023."""
    steps = [1] * 9 + [10] + [19] * 9 + [39] * 16 + [20] * 10 + [1] * 9
    return float(x in {sum(steps[:i]) for i in range(len(steps) + 1)})


VALUES = [
    *[
        Reached(f"smallest, n={n}", smallest, [f"n={n}"], len(basis), "OEIS A005488, A239308")
        for n, basis in _SMALLEST.items()
    ],
    *[
        Reached(f"seed, n={n}", priority, [f"n={n}"], n // 2 + 2, "0 to n / 2, and one more")
        for n in SIZES
        if n < 1000
    ],
    Reached("digits, n=1000", digits, ["n=1000"], 63, "0 to 31 and multiples of 31 up to 1023"),
    Reached("Wichmann ruler, n=1000", marks, ["n=1000"], 55, "J. London Math. Soc. 38 (1963)"),
]
