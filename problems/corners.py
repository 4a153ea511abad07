"""Corners: sets in F_p^n × F_p^n with a combinatorial degeneration that leaves no corner inside.

A corner is (x, y), (x + l, y), (x, y + l) with l ≠ 0. A set S counts if there are integers u1, u2,
u3 on S with u1 + u2 + u3 = 0 and u1(a) + u2(b) + u3(c) ≥ 1 for each corner (a, b, c) inside S.
Large ones give lower bounds for corner-free sets in powers of the group (Christandl, Fawzi, Ta and
Zuiddam, arXiv 2111.08262); built greedily as in Romera-Paredes et al. (Nature 625, 2024).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from problems._degeneration import NO_CORNER, extended
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
from problems.order import by_priority

SIZES = ((2, 1), (2, 2), (2, 3), (2, 4), (3, 1), (3, 2), (3, 3))
_LARGEST_U = 10**12
"""Sums of three numbers up to this are far from overflow."""


def priority(x: tuple[int, ...], y: tuple[int, ...], p: int, n: int) -> float:
    """Return how early the vertex (x, y) should join a growing set S.

    `x` and `y` hold n coordinates each, from 0 to p - 1; p is 2 or 3. A corner is three vertices
    (x, y), (x + l, y), (x, y + l) with l not zero (mod p). S may hold corners, as long as there are
    numbers u1, u2, u3 on S with u1 + u2 + u3 = 0 everywhere and u1(a) + u2(b) + u3(c) >= 1 for each
    corner (a, b, c) inside S. Vertices are taken in order of decreasing priority where that stays
    possible; the goal is a large set. Minus infinity means never.
    """
    return 0.0


@lru_cache(maxsize=8)
def vertices(p: int, n: int) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Return x and y of all vertices, in the lexicographic order of (x_1, y_1, x_2, y_2, …)."""
    rows = tuple(itertools.product(range(p), repeat=2 * n))
    return tuple(row[::2] for row in rows), tuple(row[1::2] for row in rows)


@lru_cache(maxsize=8)
def _rows(p: int, n: int) -> NDArray[np.int64]:
    """Return the vertices as an int64 array of x_1 … x_n, y_1 … y_n, shape (p^2n, 2n)."""
    return np.concatenate([np.array(part, dtype=np.int64) for part in vertices(p, n)], axis=1)


@lru_cache(maxsize=8)
def _powers(p: int, n: int) -> NDArray[np.int64]:
    """Return what each coordinate x_1 … x_n, y_1 … y_n adds to the number of a vertex."""
    power = p ** np.arange(2 * n - 1, -1, -1, dtype=np.int64)
    return np.concatenate((power[::2], power[1::2]))


@lru_cache(maxsize=8)
def _cosets(p: int, n: int) -> NDArray[np.int64]:
    """Return of each vertex (x, y) the vertices (x + i l, y + j l), for all l but multiples.

    Returns:
        int64 array, shape (p^2n, (p^n - 1) / (p - 1), p^2): their numbers, in order of p i + j.
    """
    every = itertools.product(range(p), repeat=n)
    steps = np.array([step for step in every if next((k for k in step if k), 0) == 1])
    shifts = [np.hstack((i * steps, j * steps)) for i in range(p) for j in range(p)]
    return (_rows(p, n)[:, None, None] + np.stack(shifts, axis=1)) % p @ _powers(p, n)


@lru_cache(maxsize=2)
def _allowed(p: int) -> NDArray[np.bool_]:
    """Return which parts of a coset may be in a set: those that have u1, u2, u3 where n = 1.

    Returns:
        bool array, shape (2^(p^2),); bit p i + j of the index stands for (x + i l, y + j l).
    """
    corners = _corners(p, 1)[:, : p - 1].reshape(-1, 3)
    there = np.arange(2 ** (p * p))[:, None] >> np.arange(p * p) & 1 == 1
    inside = there[:, corners].all(axis=2)
    found = [extended(NO_CORNER, _rows_of_four(corners[row]), 2 * p * p) for row in inside]
    return np.array([solution is not None for solution in found])


@lru_cache(maxsize=8)
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


def _rows_of_four(corners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the variables u1(a), u2(b), u1(c), u2(c) of corners of the vertices (a, b, c)."""
    return 2 * corners[:, [0, 1, 2, 2]] + np.array([0, 1, 0, 1])


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
    table, cosets, allowed = _corners(p, n), _cosets(p, n), _allowed(p)
    priorities = candidate.map(*vertices(p, n), p, n)
    order = by_priority(priorities)
    place = np.full(len(table), -1, dtype=np.int64)
    taken: list[int] = []
    corners = np.empty((0, 4), dtype=np.int64)
    solution = NO_CORNER
    for vertex in order.tolist():
        place[vertex] = len(taken)
        found, more = None, corners
        # Most sets without u1, u2, u3 are recognised by one of these small parts.
        parts = (place[cosets[vertex]] >= 0) @ (1 << np.arange(p * p))
        if allowed[parts].all():
            inside = place[table[vertex]]
            inside = inside[(inside >= 0).all(axis=1)]
            more = np.concatenate((corners, _rows_of_four(inside)))
            found = extended(solution, more, 2 * len(taken) + 2)
        if found is None:
            place[vertex] = -1
        else:
            taken.append(vertex)
            corners, solution = more, found
    # Rounding takes at most 2 from a corner, and each has 4 before.
    u = np.rint(4 * solution.u).astype(np.int64).reshape(-1, 2)
    return np.concatenate((_rows(p, n)[taken], u, -u.sum(axis=1, keepdims=True)), axis=1)


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
    number = digits @ _powers(p, n)
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
    # Two to eight seconds for a set in F_3^3, far less for the others.
    limits=Limits(wall_s=10.0),
    own_limits={_name(3, 3): Limits(wall_s=200.0)},
    instances=lambda: {_name(p, n): {"p": p, "n": n} for p, n in SIZES},
    training=[_name(2, 3), _name(3, 2)],
    held_out=[_name(p, n) for p, n in SIZES if (p, n) not in {(2, 3), (3, 2)}],
    shorthands={"p": _by_p},
)
