"""Points of an n x n grid of which no three form an isosceles triangle, flat ones included.

So no point has equal distances to two others; three points in line, the middle one half-way,
count as a triangle. Problem 6.59 of Georgiev, Gómez-Serrano, Tao and Wagner (arXiv 2511.02864,
2025), who name Wu, and Ellenberg and Jain, as those who asked before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from problems.contract import (
    Array,
    Candidate,
    Instance,
    Invalid,
    Known,
    Limits,
    Metric,
    Problem,
)
from problems.order import by_priority

SIZES = (*range(2, 11), 16, 27, 32, 64, 100)


def priority(x: int, y: int, n: int) -> float:
    """Return how early the point (x, y) should join a growing set of points of a grid.

    Both coordinates are from 0 to n - 1. The set has no three points of which one has equal
    distances to the other two; three in line, the middle one half-way, are forbidden too. Points
    are taken greedily in order of decreasing priority; the goal is a large set. Minus infinity
    means never.
    """
    return 0.0


@lru_cache(maxsize=len(SIZES))
def _points(n: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the two coordinates of all points, row by row: the index of a point is x * n + y."""
    return tuple(i // n for i in range(n * n)), tuple(i % n for i in range(n * n))


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int16]:
    """Take points in order of priority unless they form a triangle with two taken before.

    The rule for ties changes the result: they go to the lower x, then to the lower y.

    Returns:
        int16 array, shape (size, 2): the points in the order they were taken.
    """
    n = int(instance.data["n"])  # type: ignore[arg-type]
    order = by_priority(candidate.map(*_points(n), n)).tolist()
    points = np.empty((len(order), 2), dtype=np.int64)
    most = _most(n)
    # Whether a point that was taken has another one at that squared distance.
    has = np.zeros((most, 2 * n * n), dtype=bool)
    numbers = np.arange(most)
    size = 0
    for index in order:
        point = divmod(index, n)
        apart = ((points[:size] - point) ** 2).sum(axis=1)
        if has[numbers[:size], apart].any() or len(set(apart.tolist())) < size:
            continue
        has[numbers[:size], apart] = True
        has[size, apart] = True
        points[size] = point
        size += 1
    return points[:size].astype(np.int16)


def score(instance: Instance, certificate: NDArray[np.int16]) -> int:
    """Return the number of points.

    Args:
        instance: with n.
        certificate: int16 array, shape (size, 2).

    Raises:
        Invalid: they are not different points of the grid, or three form an isosceles triangle.
    """
    n = int(instance.data["n"])  # type: ignore[arg-type]
    if certificate.shape[1] != 2:
        raise Invalid(f"points have {certificate.shape[1]} coordinates, not 2")
    if ((certificate < 0) | (certificate >= n)).any():
        raise Invalid(f"a coordinate is not from 0 to {n - 1}")
    points = certificate.astype(np.int64)
    for i, point in enumerate(points):
        apart = ((points - point) ** 2).sum(axis=1)
        order = np.argsort(apart, kind="stable")
        equal = np.flatnonzero(np.diff(apart[order]) == 0)
        if len(equal):
            j, k = order[equal[0]], order[equal[0] + 1]
            if apart[j] == 0:
                raise Invalid(f"points {j} and {k} are the same")
            raise Invalid(f"points {j} and {k} are equally far from point {i}")
    return len(points)


def _most(n: int) -> int:
    """Return a bound: seen from one point, all others are at different distances."""
    return len({x * x + y * y for x in range(n) for y in range(n)})


def _proven(n: int) -> Known:
    """Return the best bound from squares whose best sets are known, laid over the grid."""
    return min(
        (
            Known(
                (-(-n // side)) ** 2 * size,
                _EXHAUSTED
                if side == n
                else f"{side} x {side} squares cover the grid: {_EXHAUSTED}",
            )
            for side, size in zip(SIZES, _SMALL, strict=False)
        ),
        key=lambda known: known.value,
    )


def _by_n(text: str) -> Sequence[str]:
    if text not in {str(n) for n in SIZES}:
        raise ValueError(f"n must be one of {', '.join(map(str, SIZES))}, not {text}")
    return [f"n={text}"]


_SMALL = (2, 4, 6, 7, 9, 10, 13, 16, 18)
_EXHAUSTED = "exhaustive search; Charton et al., PatternBoost, arXiv 2411.00566 (2024), 4.1"
_PATTERNBOOST = "Charton et al., PatternBoost, arXiv 2411.00566 (2024), 4.1"
_ALPHAEVOLVE = "Georgiev et al., arXiv 2511.02864 (2025), Problem 6.59 and Figure 30"
_MENDEL = "a set in the repository hashkanna/mendel-evolve (2026); its points pass this score"
_TRAINING = ["n=16", "n=27", "n=32"]

problem = Problem(
    name="no_isosceles",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="points",
        bound={f"n={n}": _proven(n) for n in SIZES},
        best_known={f"n={n}": Known(v, _EXHAUSTED) for n, v in zip(SIZES, _SMALL, strict=False)}
        | {"n=16": Known(28, _PATTERNBOOST), "n=27": Known(48, _PATTERNBOOST)}
        | {"n=32": Known(58, _MENDEL)}
        | {"n=64": Known(112, _ALPHAEVOLVE), "n=100": Known(164, _ALPHAEVOLVE)},
    ),
    certificate=Array("int16", ndim=2, max_elements=2 * 100 * 100),
    # A useful priority takes 0.1 s at n = 32 and 0.5 s at n = 100 in the interpreter.
    limits=Limits(wall_s=5.0),
    instances=lambda: {f"n={n}": {"n": n} for n in SIZES},
    training=_TRAINING,
    held_out=[f"n={n}" for n in SIZES if f"n={n}" not in _TRAINING],
    shorthands={"n": _by_n},
)
