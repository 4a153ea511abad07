"""Corners: sets in F_p^n × F_p^n with a combinatorial degeneration that leaves no corner inside.

A corner is (x, y), (x + l, y), (x, y + l) with l ≠ 0. A set S counts if there are integers u1, u2,
u3 on S with u1 + u2 + u3 = 0 and u1(a) + u2(b) + u3(c) ≥ 1 for each corner (a, b, c) inside S.
Large ones give lower bounds for corner-free sets in powers of the group (Christandl, Fawzi, Ta and
Zuiddam, arXiv 2111.08262); built greedily as in Romera-Paredes et al. (Nature 625, 2024).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
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
from problems.kernels import kernel

SIZES = ((2, 1), (2, 2), (2, 3), (2, 4), (3, 1), (3, 2), (3, 3))
_LARGEST_U = 10**12
"""Sums of three numbers up to this are far from overflow."""
_MOST_STEPS = 50_000
"""Steps after which rounding errors are taken to go in circles; a few thousand occur."""
_NOTHING = 1e-8
"""Lengths and coefficients below are rounding errors; the smallest that are not are above 1e-6."""


def priority(x: tuple[int, ...], y: tuple[int, ...], p: int, n: int) -> float:
    """Return how early the vertex (x, y) should join a growing set S.

    `x` and `y` hold n coordinates each, from 0 to p - 1; p is 2 or 3. A corner is three vertices
    (x, y), (x + l, y), (x, y + l) with l not zero (mod p). S may hold corners, as long as there are
    numbers u1, u2, u3 on S with u1 + u2 + u3 = 0 everywhere and u1(a) + u2(b) + u3(c) >= 1 for each
    corner (a, b, c) inside S. Vertices are taken in order of decreasing priority where that stays
    possible; the goal is a large set. Minus infinity means never.
    """
    return 0.0


@lru_cache(maxsize=4)
def vertices(p: int, n: int) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Return x and y of all vertices, in the lexicographic order of (x_1, y_1, x_2, y_2, …)."""
    rows = tuple(itertools.product(range(p), repeat=2 * n))
    return tuple(row[::2] for row in rows), tuple(row[1::2] for row in rows)


@lru_cache(maxsize=4)
def _rows(p: int, n: int) -> NDArray[np.int64]:
    """Return the vertices as an int64 array of x_1 … x_n, y_1 … y_n, shape (p^2n, 2n)."""
    return np.concatenate([np.array(part, dtype=np.int64) for part in vertices(p, n)], axis=1)


@lru_cache(maxsize=4)
def _corners(p: int, n: int) -> NDArray[np.int64]:
    """Return of each vertex the corners it is in, as numbers of vertices (a, b, c).

    Returns:
        int64 array, shape (p^2n, 3 (p^n - 1), 3): first those where it is a, then b, then c.
    """
    return _corner_table(_rows(p, n), p)


@kernel
def _corner_table(rows: NDArray[np.int64], p: int) -> NDArray[np.int64]:
    count, n = len(rows), rows.shape[1] // 2
    others = p**n - 1
    table = np.zeros((count, 3 * others, 3), dtype=np.int64)
    for v in range(count):
        for step in range(1, others + 1):
            for role in range(3):
                rest, power = step, 1
                for i in range(n - 1, -1, -1):
                    shift = rest % p
                    rest //= p
                    # The vertex a of the corner, from which b and c are one step away.
                    x = (rows[v, i] - (shift if role == 1 else 0)) % p
                    y = (rows[v, n + i] - (shift if role == 2 else 0)) % p
                    place = role * others + step - 1
                    table[v, place, 0] += (p * x + y) * power
                    table[v, place, 1] += (p * ((x + shift) % p) + y) * power
                    table[v, place, 2] += (p * x + (y + shift) % p) * power
                    power *= p * p
    return table


@dataclass(frozen=True)
class _Solution:
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


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int64]:
    """Take vertices in order of priority, ties to the lower index of the list `vertices`.

    A vertex is taken if the set still has u1, u2, u3 then. The rule for ties changes the result:
    most priorities tie often. Priorities are compared as float64. Minus infinity means never; NaN
    and plus infinity are refused.

    Returns:
        int64 array, shape (size, 2n + 3): x, y, u1, u2, u3 of the vertices in the order they were
        taken.
    """
    p, n = _parameters(instance)
    # They take a kernel, so that a run that must move to where there is numba does so at once.
    table = _corners(p, n)
    priorities = candidate.map(*vertices(p, n), p, n)
    if np.isnan(priorities).any() or np.isposinf(priorities).any():
        raise Invalid("a priority is NaN or plus infinity; only minus infinity (never) may occur")
    order = np.argsort(-priorities, kind="stable")
    order = order[: np.count_nonzero(priorities > -np.inf)]
    place = np.full(len(table), -1, dtype=np.int64)
    taken: list[int] = []
    corners = np.empty((0, 4), dtype=np.int64)
    solution = _Solution(np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty((0, 0)))
    for vertex in order.tolist():
        place[vertex] = len(taken)
        inside = place[table[vertex]]
        inside = inside[(inside >= 0).all(axis=1)]
        more = np.concatenate((corners, 2 * inside[:, [0, 1, 2, 2]] + [0, 1, 0, 1]))
        found = _extended(solution, more, 2 * len(taken) + 2)
        if found is None:
            place[vertex] = -1
        else:
            taken.append(vertex)
            corners, solution = more, found
    # Rounding takes at most 2 from a corner, and each has 4 before.
    u = np.rint(4 * solution.u).astype(np.int64).reshape(-1, 2)
    return np.concatenate((_rows(p, n)[taken], u, -u.sum(axis=1, keepdims=True)), axis=1)


def _extended(solution: _Solution, corners: NDArray[np.int64], variables: int) -> _Solution | None:
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
                return _Solution(u, active, weights, factor)
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


def score(instance: Instance, certificate: NDArray[np.int64]) -> int:
    """Return the size of the set.

    Args:
        instance: with p and n.
        certificate: int64 array, shape (size, 2n + 3): x, y, u1, u2 and u3 of each vertex.

    Raises:
        Invalid: a vertex is none or occurs twice, or u1, u2, u3 are not as they must be.
    """
    p, n = _parameters(instance)
    if certificate.shape[1] != 2 * n + 3:
        raise Invalid(f"rows have {certificate.shape[1]} entries, not {2 * n + 3}")
    digits, u = certificate[:, : 2 * n], certificate[:, 2 * n :]
    if ((digits < 0) | (digits >= p)).any():
        raise Invalid(f"a coordinate is not from 0 to {p - 1}")
    # Not abs, which cannot tell the least integer from its negative.
    if ((u > _LARGEST_U) | (u < -_LARGEST_U)).any():
        raise Invalid(f"a value of u is beyond {_LARGEST_U}")
    if u.sum(axis=1).any():
        raise Invalid("u1 + u2 + u3 is not 0 everywhere")
    number = digits @ np.concatenate([p ** np.arange(k - 1, -1, -2) for k in (2 * n, 2 * n - 1)])
    place = np.full(p ** (2 * n), -1)
    place[number] = np.arange(len(number))
    if (place[number] != np.arange(len(number))).any():
        raise Invalid("a vertex occurs twice")
    a, b, c = np.moveaxis(place[_corners(p, n)[:, : p**n - 1]], 2, 0)
    inside = (a >= 0) & (b >= 0) & (c >= 0)
    values = u[a[inside], 0] + u[b[inside], 1] + u[c[inside], 2]
    if (values < 1).any():
        raise Invalid(f"u1(a) + u2(b) + u3(c) is {values.min()} on a corner, not at least 1")
    return len(certificate)


def _parameters(instance: Instance) -> tuple[int, int]:
    return int(instance.data["p"]), int(instance.data["n"])  # type: ignore[arg-type]


def _name(p: int, n: int) -> str:
    return f"p{p}n{n}"


def _by_p(text: str) -> Sequence[str]:
    if text not in {"2", "3"}:
        raise ValueError(f"p must be 2 or 3, not {text}")
    return [_name(p, n) for p, n in SIZES if str(p) == text]


_COSETS = "cosets of <l> × <l> are like n = 1 and partition all: {} of {} in each, by exhaustion"
_PAPER = "Romera-Paredes et al., Nature 625 (2024), supplement, Table B.1"

problem = Problem(
    name="corners",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="vertices",
        bound={
            _name(p, n): Known(most * p ** (2 * n - 2), _COSETS.format(most, p * p))
            for p, n in SIZES
            for most in [{2: 3, 3: 7}[p]]
        },
        best_known={
            _name(p, n): Known(size, _PAPER)
            for (p, n), size in zip(SIZES, (3, 11, 39, 137, 7, 53, 370), strict=True)
        },
    ),
    certificate=Array("int64", ndim=2, max_elements=729 * 9),
    # A set of 370 vertices in F_3^3 takes a minute.
    limits=Limits(wall_s=200.0),
    instances=lambda: {_name(p, n): {"p": p, "n": n} for p, n in SIZES},
    training=[_name(2, 3), _name(3, 2)],
    held_out=[_name(p, n) for p, n in SIZES if (p, n) not in {(2, 3), (3, 2)}],
    shorthands={"p": _by_p},
)
