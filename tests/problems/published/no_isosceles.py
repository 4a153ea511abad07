"""Sets without isosceles triangles: the largest of small grids, and the best published ones."""

from collections.abc import Callable, Mapping

import numpy as np

from problems.no_isosceles import SIZES
from tests.problems.published.value import Reached

_LARGEST = {
    2: "10 11",
    3: "10 12 20 22",
    4: "02 03 20 23 30 32",
    5: "04 10 11 13 30 34 44",
    6: "05 15 30 31 34 35 50 51 54",
    7: "24 26 30 31 36 50 51 56 64 66",
    8: "06 11 15 30 36 37 40 61 64 65 70 76 77",
    9: "12 13 15 16 20 28 40 48 50 58 70 78 82 83 85 86",
    10: "15 18 20 28 30 32 39 42 49 62 69 70 72 79 80 88 95 98",
}
"""Side to points, each its x and y."""

_32 = {
    (0, 31): (4, 5, 26, 27),
    (1,): (2, 29),
    (3, 6, 7, 24, 25, 28): (0, 11, 20, 31),
    (8, 9, 12, 19, 22, 23): (1, 30),
    (11, 20): (4, 5, 8, 23, 26, 27),
}
_64 = {
    (0, 63): (1, 25, 38, 62),
    (1,): (2, 3, 23, 30, 33, 40, 60, 61),
    (2, 61): (11, 27, 36, 52),
    (5, 58): (1, 7, 17, 25, 38, 46, 56, 62),
    (6, 57): (1, 17, 46, 62),
    (7, 8, 18, 45, 55, 56): (2, 61),
    (10, 16, 17, 46, 47, 53): (0, 63),
    (11, 52): (22, 26, 37, 41),
    (14, 49): (5, 7, 56, 58),
    (24, 39): (5, 11, 52, 58),
    (25, 38): (1, 7, 56, 62),
    (59,): (26, 37),
    (62,): (3, 23, 30, 33, 40, 60),
}
"""All x of a key with all y of its value."""


def largest(x: int, y: int, n: int) -> float:
    """Take what an exhaustive search found."""
    return 0.0 if f"{x}{y}" in _LARGEST[n].split() else -np.inf


def _listed(rows: Mapping[tuple[int, ...], tuple[int, ...]]) -> Callable[..., float]:
    points = {(x, y) for xs, ys in rows.items() for x in xs for y in ys}
    return lambda x, y, n: 0.0 if (x, y) in points else -np.inf


VALUES = [
    *[
        Reached(f"largest, n={n}", largest, [f"n={n}"], size, "PatternBoost, arXiv 2411.00566, 4.1")
        for n, size in zip(SIZES, (2, 4, 6, 7, 9, 10, 13, 16, 18), strict=False)
    ],
    Reached("58 points, n=32", _listed(_32), ["n=32"], 58, "repository hashkanna/mendel-evolve"),
    Reached("112 points, n=64", _listed(_64), ["n=64"], 112, "Georgiev et al., arXiv 2511.02864"),
]
