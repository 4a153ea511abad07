"""Circle packing: n circles in the unit square that do not overlap, with a large sum of radii.

The problem of section B.12 of the AlphaEvolve white paper (Novikov et al., arXiv 2506.13131). A
candidate says where the centres are; the radii that are best for these follow exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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

SIZES = range(1, 41)
_UNIT = 2**53
"""Centres and radii are built in units of 2^-53, so that each is an integer and a float as well."""
_FINEST = 2**1074
"""Every float is a multiple of one part in so many."""


def centres(n: int) -> list[tuple[float, float]]:
    """Return where to put the centres of n circles in the unit square.

    The result holds n pairs (x, y), each coordinate from 0 to 1; what is outside is moved to the
    edge. The circles then get the radii with the largest sum such that no two overlap and none
    leaves the square. The goal is a large sum: circles may differ in size, small ones fill the
    gaps between large ones.
    """
    side = math.ceil(math.sqrt(n))
    return [((i % side + 0.5) / side, (i // side + 0.5) / side) for i in range(n)]


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.float64]:
    """Give the candidate's centres the radii with the largest sum.

    Centres are rounded to multiples of 2^-53, moved to the edge where they are outside the square.
    Everything after that is exact, but that radii are rounded down to multiples of 2^-53.

    Returns:
        float64 array, shape (n, 3): x, y and radius of each circle.
    """
    n = _n(instance)
    try:
        places = np.array(candidate(n), dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid("the centres are not pairs of numbers") from error
    if places.shape != (n, 2):
        raise Invalid(f"the centres have the shape {places.shape}, not {(n, 2)}")
    if np.isnan(places).any():
        raise Invalid("a coordinate is NaN")
    points = np.rint(np.clip(places, 0, 1) * _UNIT).astype(np.int64)
    radii = _best_radii(_distances(points))
    return np.column_stack((points, radii)) / _UNIT


def _distances(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distances between points, rounded down; of each to itself, twice that to the edge.

    Args:
        points: int64, shape (n, 2), from 0 to 2^53.
    """
    rows = points.tolist()
    table = np.array([[math.isqrt((a - c) ** 2 + (b - d) ** 2) for c, d in rows] for a, b in rows])
    np.fill_diagonal(table, 2 * np.minimum(points, _UNIT - points).min(axis=1))
    return table


def _best_radii(distances: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return non-negative r with the largest sum such that r_i + r_j ≤ d_ij for all i and j.

    If p_i + q_j ≤ d_ij, then r = (p + q) / 2 is such, and an r gives p = q = r. So twice the sum is
    that of the prices p and q of the cheapest assignment for the costs d.

    Args:
        distances: int64, shape (n, n), symmetric.
    """
    p, q = _prices(distances)
    radii = (p + q) // 2
    # Between points of a square the best sum needs no negative radius: where there is one, at most
    # one other circle reaches beyond that centre, by no more than what is negative.
    for i in np.flatnonzero(radii < 0):
        radii = np.minimum(radii, distances[i])
        radii[i] = 0
    return radii


def _prices(costs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return p and q with p_i + q_j ≤ c_ij and the largest sum: the Hungarian method.

    One row after the other is assigned along a shortest path (Jonker and Volgenant, Computing 38,
    1987).
    """
    n = len(costs)
    p, q = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    owner = np.full(n, -1)
    far = np.iinfo(np.int64).max
    for first in range(n):
        length = np.full(n, far)
        before = np.full(n, -1)
        reached = np.zeros(n, dtype=bool)
        row, column, so_far = first, -1, 0
        while row >= 0:
            through = so_far + costs[row] - p[row] - q
            shorter = ~reached & (through < length)
            length[shorter] = through[shorter]
            before[shorter] = column
            column = int(np.where(reached, far, length).argmin())
            so_far = int(length[column])
            reached[column] = True
            row = int(owner[column])
        gained = so_far - length[reached]
        q[reached] -= gained
        p[first] += so_far
        passed = owner[reached]
        p[passed[passed >= 0]] += gained[passed >= 0]
        while column >= 0:
            previous = int(before[column])
            owner[column] = owner[previous] if previous >= 0 else first
            column = previous
    return p, q


def score(instance: Instance, certificate: NDArray[np.float64]) -> float:
    """Return the sum of radii; that the circles are a packing is decided without rounding.

    Args:
        instance: with n.
        certificate: float64 array, shape (n, 3): x, y and radius of each circle.

    Raises:
        Invalid: a radius is negative, a circle leaves the square, or two overlap.
    """
    n = _n(instance)
    if certificate.shape != (n, 3):
        raise Invalid(f"the shape is {certificate.shape}, not {(n, 3)}")
    if not np.isfinite(certificate).all():
        raise Invalid("a number is not finite")
    circles = [tuple(_exactly(value) for value in row) for row in certificate.tolist()]
    for i, (x, y, r) in enumerate(circles):
        if r < 0:
            raise Invalid(f"circle {i} has a negative radius")
        if not (r <= x <= _FINEST - r and r <= y <= _FINEST - r):
            raise Invalid(f"circle {i} leaves the square")
        for j, (x_j, y_j, r_j) in enumerate(circles[:i]):
            if (x - x_j) ** 2 + (y - y_j) ** 2 < (r + r_j) ** 2:
                raise Invalid(f"circles {j} and {i} overlap")
    return math.fsum(certificate[:, 2].tolist())


def _exactly(value: float) -> int:
    """Return how many of the finest units a float is."""
    numerator, denominator = value.as_integer_ratio()
    return numerator * (_FINEST // denominator)


def _n(instance: Instance) -> int:
    return int(instance.data["n"])  # type: ignore[arg-type]


def _by_n(text: str) -> Sequence[str]:
    if text not in {str(n) for n in SIZES}:
        raise ValueError(f"n must be {SIZES[0]} to {SIZES[-1]}, not {text}")
    return [f"n={text}"]


_AREA = "areas: pi sum r^2 <= 1, and (sum r)^2 <= n sum r^2 (Cauchy-Schwarz)"
_OPTIMAL = {
    "n=1": Known(0.5, "the circle fits between two sides"),
    "n=2": Known(
        0.585786437626904951, "2 - sqrt 2: the centres are at most 1 - r1 - r2 apart in x"
    ),
}
_DISCOVER = "Learning to Discover at Test Time (TTT-Discover), 2026, Table 3; packomania.com/csqv"

problem = Problem(
    name="circle_packing",
    evolve=centres,
    construct=construct,
    score=score,
    metric=Metric(
        name="sum of radii",
        unit="sides of the square",
        bound={f"n={n}": Known(math.sqrt(n / math.pi), _AREA) for n in SIZES} | _OPTIMAL,
        best_known=_OPTIMAL
        | {"n=26": Known(2.635983, _DISCOVER), "n=32": Known(2.939572, _DISCOVER)},
    ),
    certificate=Array("float64", ndim=2, max_elements=3 * SIZES[-1]),
    # Candidates may look for places by trial and error.
    limits=Limits(wall_s=30.0),
    instances=lambda: {f"n={n}": {"n": n} for n in SIZES},
    training=["n=26"],
    held_out=["n=32"],
    shorthands={"n": _by_n},
)
