"""Cap sets: sets of vectors in Z_3^n with no three different ones that sum to zero.

No three points of a cap set lie on a line. The largest sizes are known up to n = 6 only; the
construction is the greedy one of Romera-Paredes et al. (Nature 625, 2024): vectors are taken in
order of priority unless they complete a line with two that were taken before.
"""

from __future__ import annotations

import itertools
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
from problems.kernels import kernel
from problems.order import by_priority

SIZES = range(3, 10)
_CHUNK = 128
"""Vectors from which those that are blocked already are taken out at once."""


def priority(el: tuple[int, ...], n: int) -> float:
    """Return how early a vector should join a growing cap set in Z_3^n.

    A cap set holds no three different vectors that sum to zero (mod 3) in each coordinate.
    Vectors are taken greedily in order of decreasing priority; the goal is a large set.
    `el` holds the n coordinates of the vector, each 0, 1 or 2. Minus infinity means never.
    """
    return 0.0


@lru_cache(maxsize=2)
def vectors(n: int) -> tuple[tuple[int, ...], ...]:
    """Return the 3^n vectors of Z_3^n in lexicographic order; the index of one is its number."""
    return tuple(itertools.product(range(3), repeat=n))


@lru_cache(maxsize=2)
def _rows(n: int) -> NDArray[np.int8]:
    """Return the vectors as an int8 array, shape (3^n, n)."""
    return np.array(vectors(n), dtype=np.int8)


@lru_cache(maxsize=4)
def _third_points(digits: int) -> NDArray[np.intp]:
    """Return the table of -(a + b) mod 3, digit by digit, of two numbers of `digits` digits.

    Returns:
        Integer array, shape (3^digits, 3^digits).
    """
    table = np.array([[-(a + b) % 3 for b in range(3)] for a in range(3)], dtype=np.intp)
    result = np.zeros((1, 1), dtype=np.intp)
    for _ in range(digits):
        size = 3 * len(result)
        result = (3 * result[:, None, :, None] + table[None, :, None, :]).reshape(size, size)
    return result


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int8]:
    """Build the cap set that the candidate's priorities lead to; see `greedy`."""
    n = int(instance.data["n"])  # type: ignore[arg-type]
    return greedy(candidate.map(vectors(n), n), n)


def greedy(priorities: NDArray[np.float64], n: int) -> NDArray[np.int8]:
    """Take vectors in order of priority, ties to the lower index of the lexicographic list.

    The rule for ties changes the result: most priorities tie often. Priorities are compared as
    float64. Minus infinity means never; NaN and plus infinity are refused.

    Args:
        priorities: float64 array, shape (3^n,): of the vectors in lexicographic order.
        n: dimension.

    Returns:
        int8 array, shape (size, n): the vectors in the order they were taken.

    Raises:
        Invalid: a priority is NaN or plus infinity.
    """
    order = by_priority(priorities)
    # A number is split in two halves, so that the third points of one vector and all that were
    # taken before come out of two small tables at once.
    half = 3 ** (n // 2)
    high_table, low_table = _third_points(n - n // 2), _third_points(n // 2)
    taken = np.empty(len(order), dtype=np.intp)
    high, low = np.empty_like(taken), np.empty_like(taken)
    blocked = np.zeros(3**n, dtype=bool)
    size = 0
    for start in range(0, len(order), _CHUNK):
        chunk = order[start : start + _CHUNK]
        for vector in chunk[~blocked[chunk]].tolist():
            if blocked[vector]:  # since the chunk was begun
                continue
            a, b = divmod(vector, half)
            blocked[high_table[a][high[:size]] * half + low_table[b][low[:size]]] = True
            taken[size], high[size], low[size] = vector, a, b
            size += 1
    return _rows(n)[taken[:size]]


@kernel
def _first_fault(rows: NDArray[np.int8], powers: NDArray[np.int64]) -> tuple[int, int]:
    """Return indices of two rows that are equal or have their third point among the rows.

    Args:
        rows: int8 array, shape (size, n), of digits 0, 1 and 2.
        powers: int64 array, shape (n,): 3^(n-1) … 1.

    Returns:
        (-1, -1) if there is no fault; (i, i) if row i was there before.
    """
    size, n = rows.shape
    there = np.zeros(powers[0] * 3, dtype=np.bool_)
    for i in range(size):
        number = 0
        for k in range(n):
            number += rows[i, k] * powers[k]
        if there[number]:
            return i, i
        there[number] = True
    for i in range(size):
        for j in range(i):
            number = 0
            for k in range(n):
                number += (6 - rows[i, k] - rows[j, k]) % 3 * powers[k]
            if there[number]:
                return j, i
    return -1, -1


def score(instance: Instance, certificate: NDArray[np.int8]) -> int:
    """Return the size of the cap set.

    Args:
        instance: with n.
        certificate: int8 array, shape (size, n).

    Raises:
        Invalid: it is not a cap set in Z_3^n.
    """
    n = int(instance.data["n"])  # type: ignore[arg-type]
    if certificate.shape[1] != n:
        raise Invalid(f"vectors have {certificate.shape[1]} coordinates, not {n}")
    if ((certificate < 0) | (certificate > 2)).any():
        raise Invalid("a coordinate is not 0, 1 or 2")
    powers = 3 ** np.arange(n - 1, -1, -1, dtype=np.int64)
    first, second = _first_fault(np.ascontiguousarray(certificate), powers)
    if first == second >= 0:
        raise Invalid(f"vector {second} occurs twice")
    if second >= 0:
        raise Invalid(f"vectors {first} and {second} lie on a line with a third one")
    return len(certificate)


def _by_n(text: str) -> Sequence[str]:
    if text not in {str(n) for n in SIZES}:
        raise ValueError(f"n must be {SIZES[0]} to {SIZES[-1]}, not {text}")
    return [f"n={text}"]


_FUNSEARCH = "Romera-Paredes et al., Nature 625 (2024), Fig. 4a and C.5"
_CAP_SETS = "OEIS A090245 (n = 4 Pellegrino 1971; n = 5 Edel et al. 2002; n = 6 Potechin 2008)"
_TRIPLED = "three parallel hyperplanes hold one cap set each: three times the bound for n - 1"

problem = Problem(
    name="cap_set",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="vectors",
        bound={f"n={n}": Known(v, _CAP_SETS) for n, v in zip(SIZES, (9, 20, 45, 112), strict=False)}
        | {f"n={n}": Known(112 * 3 ** (n - 6), _TRIPLED) for n in (7, 8, 9)},
        best_known={
            f"n={n}": Known(v, _FUNSEARCH)
            for n, v in zip(SIZES, (9, 20, 45, 112, 236, 512, 1082), strict=True)
        },
    ),
    certificate=Array("int8", ndim=2, max_elements=9 * 3**9),
    # A useful priority takes 0.05 s at n = 8 and 0.5 s at n = 9 in the interpreter.
    limits=Limits(wall_s=5.0),
    instances=lambda: {f"n={n}": {"n": n} for n in SIZES},
    training=["n=8"],
    held_out=[f"n={n}" for n in SIZES if n != 8],
    shorthands={"n": _by_n},
)
