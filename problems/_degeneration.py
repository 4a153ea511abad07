"""The shortest u1, u2 that give each corner of a set at least 1, kept up to date as it grows.

Used by `corners`: a linear program would do, but this is a small step for each vertex, and
deterministic without a library that starts threads of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from problems.kernels import kernel

_MOST_STEPS = 50_000
"""Steps after which rounding errors are taken to go in circles; a few thousand occur."""
_NOTHING = 1e-8
"""Lengths and coefficients below are rounding errors; the smallest that are not are above 1e-6."""


@dataclass(frozen=True)
class Solution:
    """The shortest real u1, u2 that give each corner at least 1, with how it was found.

    A corner is a row of four variables, of which the last two count negatively.

    Attributes:
        u: float64, shape (variables,): u1 and u2 of the first vertex, of the second, and so on; a
            sum of corners with positive weights.
        active: int64, shape (active,): the numbers of these corners; they get exactly 1.
        weights: float64, shape (active,).
        factor: float64; its first rows and columns are the upper triangular R with R'R = the inner
            products of the active corners.
    """

    u: NDArray[np.float64]
    active: NDArray[np.int64]
    weights: NDArray[np.float64]
    factor: NDArray[np.float64]


NO_CORNER = Solution(np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty((0, 0)))


def extended(solution: Solution, corners: NDArray[np.int64], variables: int) -> Solution | None:
    """Return the shortest solution for more corners and variables, or None if there is none.

    The dual active-set method of Goldfarb and Idnani (Mathematical Programming 27, 1983): as long
    as a corner has too little, it gets more weight, and active ones whose weight runs out are let
    go. Deterministic, in plain floating point; where rounding errors would mislead it, a vertex is
    left out, or `score` refuses the result: nothing wrong is ever accepted.

    Args:
        solution: for the first of the corners and of the variables.
        corners: int64, shape (corners, 4): the variables of each.
        variables: how many there are.
    """
    active, weights = solution.active, solution.weights
    factor = np.zeros((variables, variables))
    factor[: len(active), : len(active)] = solution.factor[: len(active), : len(active)]
    u = np.zeros(variables)
    u[: len(solution.u)] = solution.u
    worst, weight = -1, 0.0
    for _ in range(_MOST_STEPS):
        if worst < 0:
            worst, weight = _worst(corners, u), 0.0
            if worst < 0:
                return Solution(u, active, weights, factor)
        shares, column, rest = _split(corners[worst], corners[active], factor, variables)
        square = float((rest * rest).sum())
        shrinking = shares > _NOTHING
        reserves = np.full(len(active), np.inf)
        reserves[shrinking] = weights[shrinking] / shares[shrinking]
        until_empty = reserves.min(initial=np.inf)
        until_enough = np.inf
        if square > _NOTHING**2:
            a, b, c, d = corners[worst]
            until_enough = (1 - (u[a] + u[b] - u[c] - u[d])) / square
        step = min(until_empty, until_enough)
        if step == np.inf:  # weights can grow for ever: the corners contradict each other
            return None
        weight += step
        weights = np.maximum(weights - step * shares, 0)
        if step == until_enough:
            factor[: len(active), len(active)] = column
            factor[len(active), len(active)] = math.sqrt(square)
            active = np.append(active, worst)
            weights = np.append(weights, weight)
            worst = -1
        else:
            first = int(reserves.argmin())
            _let_go(factor, first, len(active))
            active = np.delete(active, first)
            weights = np.delete(weights, first)
        # Anew, so that errors do not add up.
        u = _combined(corners[active], weights, variables)
        if worst >= 0:
            u += _combined(corners[[worst]], np.array([weight]), variables)
    return None


@kernel
def _worst(corners: NDArray[np.int64], u: NDArray[np.float64]) -> int:
    """Return the first of the corners that get least, or -1 if all get at least 1."""
    worst, least = -1, 1 - 1e-6
    for i in range(len(corners)):
        a, b, c, d = corners[i]
        value = u[a] + u[b] - u[c] - u[d]
        if value < least:
            worst, least = i, value
    return worst


@kernel
def _combined(
    corners: NDArray[np.int64], weights: NDArray[np.float64], variables: int
) -> NDArray[np.float64]:
    """Return the sum of corners with weights, as a float64 array of shape (variables,)."""
    u = np.zeros(variables)
    for i in range(len(corners)):
        a, b, c, d = corners[i]
        u[a] += weights[i]
        u[b] += weights[i]
        u[c] -= weights[i]
        u[d] -= weights[i]
    return u


@kernel
def _split(
    corner: NDArray[np.int64],
    active: NDArray[np.int64],
    factor: NDArray[np.float64],
    variables: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Split a corner into a combination of the active ones and a rest at right angles to them.

    By seminormal equations, corrected until the right angles are right (Björck, Linear Algebra and
    its Applications 88/89, 1987).

    Returns:
        The coefficients, the column that the corner would have in the factor above the diagonal,
        and the rest.
    """
    count = len(active)
    rest = np.zeros(variables)
    rest[corner[0]] = rest[corner[1]] = 1
    rest[corner[2]] = rest[corner[3]] = -1
    shares, column, part = np.zeros(count), np.zeros(count), np.zeros(count)
    for _ in range(5):
        largest = 0.0
        for i in range(count):
            a, b, c, d = active[i]
            part[i] = rest[a] + rest[b] - rest[c] - rest[d]
            largest = max(largest, abs(part[i]))
        if largest < 1e-11:
            break
        for i in range(count):
            part[i] /= factor[i, i]
            for j in range(i + 1, count):
                part[j] -= part[i] * factor[i, j]
        column += part
        for i in range(count - 1, -1, -1):
            # Four sums at once: one would have to wait for each of its additions.
            s0 = s1 = s2 = s3 = 0.0
            j = i + 1
            while j + 3 < count:
                s0 += factor[i, j] * part[j]
                s1 += factor[i, j + 1] * part[j + 1]
                s2 += factor[i, j + 2] * part[j + 2]
                s3 += factor[i, j + 3] * part[j + 3]
                j += 4
            while j < count:
                s0 += factor[i, j] * part[j]
                j += 1
            part[i] = (part[i] - (s0 + s1 + (s2 + s3))) / factor[i, i]
        shares += part
        for i in range(count):
            a, b, c, d = active[i]
            rest[a] -= part[i]
            rest[b] -= part[i]
            rest[c] += part[i]
            rest[d] += part[i]
    return shares, column, rest


@kernel
def _let_go(factor: NDArray[np.float64], first: int, count: int) -> None:
    """Take a column out of the factor, and make it triangular again by rotations of its rows."""
    for i in range(count):
        for j in range(max(first, i - 1), count - 1):
            factor[i, j] = factor[i, j + 1]
    for i in range(first, count - 1):
        length = math.hypot(factor[i, i], factor[i + 1, i])
        c, s = factor[i, i] / length, factor[i + 1, i] / length
        for j in range(i, count - 1):
            above, below = factor[i, j], factor[i + 1, j]
            factor[i, j] = c * above + s * below
            factor[i + 1, j] = c * below - s * above
