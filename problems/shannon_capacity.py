"""Independent sets in strong powers of odd cycles, which bound their Shannon capacity from below.

The vertices of C_m^n are the vectors of Z_m^n; two different ones are joined if they differ by at
most 1, around the cycle, in every coordinate. The construction is the greedy one of
Romera-Paredes et al. (Nature 625, 2024).
"""

from __future__ import annotations

import itertools
import math
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

POWERS = ((7, 5), (9, 3), (9, 4), (9, 5), (11, 4))
"""(m, n): the m-cycle and how often it is multiplied by itself."""
_LOW_DIGITS = 4
"""Digits whose neighbours are looked up at once."""
_CHUNK = 256
"""Vertices from which those that are blocked already are taken out at once."""


def priority(el: tuple[int, ...], m: int, n: int) -> float:
    """Return how early a vertex should join a growing independent set in C_m^n.

    `el` holds the n coordinates of the vertex, each from 0 to m - 1. Two different vertices are
    joined if, in every coordinate, they are equal or neighbours on the cycle of m, where m - 1
    and 0 are neighbours too; no two of the set may be joined. Vertices are taken greedily in
    order of decreasing priority; the goal is a large set. Minus infinity means never.
    """
    return 0.0


@lru_cache(maxsize=5)
def vertices(m: int, n: int) -> tuple[tuple[int, ...], ...]:
    """Return the m^n vertices in lexicographic order; the index of one is its number."""
    return tuple(itertools.product(range(m), repeat=n))


@lru_cache(maxsize=10)
def _neighbours(m: int, digits: int) -> NDArray[np.intp]:
    """Return of each number of so many digits those that differ by at most 1 in each digit.

    Returns:
        Integer array, shape (m^digits, 3^digits).
    """
    steps = (np.arange(m)[:, None] + np.array([-1, 0, 1])) % m
    result = np.zeros((1, 1), dtype=np.intp)
    for _ in range(digits):
        result = m * result[:, None, :, None] + steps[None, :, None, :]
        result = result.reshape(result.shape[0] * m, -1)
    return result


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int8]:
    """Take vertices in order of priority, ties to the lower index of the lexicographic list.

    The rule for ties changes the result: most priorities tie often. Priorities are compared as
    float64. Minus infinity means never; NaN and plus infinity are refused.

    Returns:
        int8 array, shape (size, n): the vertices in the order they were taken.
    """
    m, n = _parameters(instance)
    priorities = candidate.map(vertices(m, n), m, n)
    order = by_priority(priorities)
    # A number is split in two, so that tables of some megabytes hold the neighbours of each part.
    low_digits = min(n, _LOW_DIGITS)
    above, below = _neighbours(m, n - low_digits).tolist(), _neighbours(m, low_digits)
    blocked_at = np.zeros(m**n, dtype=bool)
    blocked = list(blocked_at.reshape(len(above), len(below)))
    taken: list[int] = []
    for start in range(0, len(order), _CHUNK):
        chunk = order[start : start + _CHUNK]
        for vertex in chunk[~blocked_at[chunk]].tolist():
            if blocked_at[vertex]:  # since the chunk was begun
                continue
            high, low = divmod(vertex, len(below))
            for part in above[high]:
                blocked[part][below[low]] = True
            taken.append(vertex)
    coordinates = np.unravel_index(np.array(taken, dtype=np.intp), (m,) * n)
    return np.stack(coordinates, axis=1).astype(np.int8)


def score(instance: Instance, certificate: NDArray[np.int8]) -> int:
    """Return the size of the independent set.

    Args:
        instance: with m and n.
        certificate: int8 array, shape (size, n).

    Raises:
        Invalid: it is not an independent set in C_m^n.
    """
    m, n = _parameters(instance)
    if certificate.shape[1] != n:
        raise Invalid(f"vertices have {certificate.shape[1]} coordinates, not {n}")
    if ((certificate < 0) | (certificate >= m)).any():
        raise Invalid(f"a coordinate is not 0 to {m - 1}")
    # How often each vertex occurs; then, axis by axis, among itself and those it is joined to.
    near = np.zeros((m,) * n, dtype=np.int64)
    places = tuple(certificate.T.astype(np.intp))
    np.add.at(near, places, 1)
    if (near > 1).any():
        raise Invalid("a vertex occurs twice")
    for axis in range(n):
        near = near + np.roll(near, 1, axis) + np.roll(near, -1, axis)
    crowded = np.flatnonzero(near[places] > 1)
    if len(crowded):
        shown = tuple(certificate[crowded[0]].tolist())
        raise Invalid(f"vertex {crowded[0]}, {shown}, is joined to another one")
    return len(certificate)


def theta(m: int) -> float:
    """Return the Lovász number of the cycle of odd length m, which bounds its Shannon capacity.

    Source: L. Lovász, On the Shannon capacity of a graph, IEEE Trans. Inform. Theory 25 (1979).
    """
    return m * math.cos(math.pi / m) / (1 + math.cos(math.pi / m))


def _parameters(instance: Instance) -> tuple[int, int]:
    return int(instance.data["m"]), int(instance.data["n"])  # type: ignore[arg-type]


def _name(m: int, n: int) -> str:
    return f"c{m}n{n}"


def _by_cycle(text: str) -> Sequence[str]:
    names = [_name(m, n) for m, n in POWERS if text == str(m)]
    if not names:
        raise ValueError(f"cycle must be one of 7, 9, 11, not {text}")
    return names


_LOVASZ = "theta(C_m)^n, rounded down; Lovász, IEEE Trans. Inform. Theory 25 (1979)"
_POLAK = "Polak and Schrijver, Inform. Process. Lett. 143 (2019)"
_MATHEW = "Mathew and Östergård, Des. Codes Cryptogr. 84 (2017)"
_FUNSEARCH = "Romera-Paredes et al., Nature 625 (2024), Supplement B.1"

problem = Problem(
    name="shannon_capacity",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="vertices",
        bound={_name(m, n): Known(math.floor(theta(m) ** n), _LOVASZ) for m, n in POWERS},
        best_known={
            _name(7, 5): Known(367, _POLAK),
            _name(9, 3): Known(81, _MATHEW),
            _name(9, 4): Known(324, _MATHEW),
            _name(9, 5): Known(1458, _MATHEW),
            _name(11, 4): Known(754, _FUNSEARCH),
        },
    ),
    certificate=Array("int8", ndim=2, max_elements=1575 * 5),
    # A useful priority takes 0.2 s on C_11^4 and 0.8 s on C_9^5 in the interpreter.
    limits=Limits(wall_s=10.0),
    instances=lambda: {_name(m, n): {"m": m, "n": n} for m, n in POWERS},
    training=[_name(11, 4)],
    held_out=[_name(m, n) for m, n in POWERS if (m, n) != (11, 4)],
    shorthands={"cycle": _by_cycle},
)
