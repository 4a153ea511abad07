"""Constant-weight admissible sets: vectors over {0, 1, 2} whose triples are told apart somewhere.

All vectors have w nonzero coordinates, no two of them at the same places, and any three have a
coordinate where their values are {0, 1, 2}, {0, 0, 1} or {0, 0, 2}. Large ones give large cap sets
in high dimensions; the construction is the greedy one of Romera-Paredes et al. (Nature 625, 2024).
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
from problems.order import by_priority

SIZES = ((8, 5), (9, 6), (12, 7))


def priority(el: tuple[int, ...], n: int, w: int) -> float:
    """Return how early a vector should join a growing admissible set A(n, w).

    `el` holds n coordinates, each 0, 1 or 2, of which w are not 0. The vectors of the set differ
    in the places of their nonzero coordinates, and any three of them have a coordinate where
    their values are {0, 1, 2}, {0, 0, 1} or {0, 0, 2}. Vectors are taken greedily in order of
    decreasing priority; the goal is a large set. Minus infinity means never.
    """
    return 0.0


@lru_cache(maxsize=2)
def vectors(n: int, w: int) -> tuple[tuple[int, ...], ...]:
    """Return the vectors of weight w in {0, 1, 2}^n in lexicographic order."""
    return tuple(el for el in itertools.product(range(3), repeat=n) if el.count(0) == n - w)


@lru_cache(maxsize=2)
def _rows(n: int, w: int) -> NDArray[np.int8]:
    """Return the vectors as an int8 array, shape (vectors, n)."""
    return np.array(vectors(n, w), dtype=np.int8)


@dataclass(frozen=True)
class _Tables:
    """The vectors, as sets of places.

    Attributes:
        supports: int64, shape (vectors,): bit i is set where coordinate i is not 0.
        twos: int64, shape (vectors,): bit i is set where coordinate i is 2.
        number: int64, shape (2^n,): a support's number among all, -1 for a set of another size.
    """

    supports: NDArray[np.int64]
    twos: NDArray[np.int64]
    number: NDArray[np.int64]


@lru_cache(maxsize=2)
def _tables(n: int, w: int) -> _Tables:
    supports, twos = masks(_rows(n, w))
    number = np.full(2**n, -1, dtype=np.int64)
    found = np.unique(supports)
    number[found] = np.arange(len(found))
    return _Tables(supports, twos, number)


@kernel
def masks(rows: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return of each row the set of places that are not 0, and of those that are 2, as bits."""
    supports = np.zeros(len(rows), dtype=np.int64)
    twos = np.zeros(len(rows), dtype=np.int64)
    for i in range(len(rows)):
        for k in range(rows.shape[1]):
            if rows[i, k] != 0:
                supports[i] |= 1 << k
            if rows[i, k] == 2:
                twos[i] |= 1 << k
    return supports, twos


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int8]:
    """Take vectors in order of priority, ties to the lower index of the lexicographic list.

    The rule for ties changes the result: most priorities tie often. Priorities are compared as
    float64. Minus infinity means never; NaN and plus infinity are refused.

    Returns:
        int8 array, shape (size, n): the vectors in the order they were taken.
    """
    n, w = _parameters(instance)
    # They take a kernel, so that a run that must move to where there is numba does so at once.
    tables = _tables(n, w)
    priorities = candidate.map(vectors(n, w), n, w)
    order = by_priority(priorities)
    return _rows(n, w)[_greedy(order, tables.supports, tables.twos, tables.number)]


@kernel
def _greedy(
    order: NDArray[np.int64],
    supports: NDArray[np.int64],
    twos: NDArray[np.int64],
    number: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the indices of the vectors that are taken, in that order.

    Args:
        order: int64, shape (at most vectors,): indices of vectors, the first to be tried first.
        supports: as in `_Tables`.
        twos: as in `_Tables`.
        number: as in `_Tables`.
    """
    count = number.max() + 1
    # Of each support: for which sets of places that are 2 its vector is ruled out.
    blocked = np.zeros((count, len(number)), dtype=np.bool_)
    taken = np.empty(count, dtype=np.int64)
    size = 0
    for index in order:
        s, x = supports[index], twos[index]
        if blocked[number[s], x]:
            continue
        blocked[number[s]] = True
        for earlier in taken[:size]:
            t, y = supports[earlier], twos[earlier]
            # A third vector is told apart from these two unless it is as they are where just one
            # of them is not 0, is 0 only where they are equal, and is 0 where both are.
            both, single = s & t, s ^ t
            equal = both & ~(x ^ y)
            zeros = equal
            while zeros:
                third = number[(s | t) & ~zeros]
                if third >= 0:
                    free = both & ~zeros
                    some = free
                    while some:
                        blocked[third, (x | y) & single | some] = True
                        some = (some - 1) & free
                    blocked[third, (x | y) & single] = True
                zeros = (zeros - 1) & equal
        taken[size] = index
        size += 1
    return taken[:size]


@kernel
def first_fault(
    supports: NDArray[np.int64], twos: NDArray[np.int64], places: int, start: int
) -> tuple[int, int, int]:
    """Return indices of three vectors that no coordinate tells apart, or (-1, -1, -1).

    Args:
        supports: int64, shape (size,): different sets of one size, as bits.
        twos: int64, shape (size,): subsets of these.
        places: number of coordinates.
        start: only triples are looked at that hold this vector or a later one.
    """
    at = np.full(1 << places, -1, dtype=np.int64)
    for i in range(len(supports)):
        at[supports[i]] = i
    for i in range(start, len(supports)):
        for j in range(i):
            s, t, x, y = supports[i], supports[j], twos[i], twos[j]
            # Where one of the two is 0 and the other is not, the third has that value; where
            # both are not 0, it may be 0 only if they are equal; elsewhere it is 0.
            equal = s & t & ~(x ^ y)
            zeros = equal
            while zeros:
                third = int(at[(s | t) & ~zeros])
                if third >= 0 and (twos[third] ^ (x | y)) & (s ^ t) == 0:
                    return j, i, third
                zeros = (zeros - 1) & equal
    return -1, -1, -1


def score(instance: Instance, certificate: NDArray[np.int8]) -> int:
    """Return the size of the admissible set.

    Args:
        instance: with n and w.
        certificate: int8 array, shape (size, n).

    Raises:
        Invalid: it is not an admissible set A(n, w).
    """
    n, w = _parameters(instance)
    if certificate.shape[1] != n:
        raise Invalid(f"vectors have {certificate.shape[1]} coordinates, not {n}")
    if ((certificate < 0) | (certificate > 2)).any():
        raise Invalid("a coordinate is not 0, 1 or 2")
    if (np.count_nonzero(certificate, axis=1) != w).any():
        raise Invalid(f"a vector has not exactly {w} nonzero coordinates")
    supports, twos = masks(np.ascontiguousarray(certificate))
    if len(np.unique(supports)) != len(supports):
        raise Invalid("two vectors have their nonzero coordinates at the same places")
    i, j, k = first_fault(supports, twos, n, start=0)
    if i >= 0:
        raise Invalid(f"no coordinate tells the vectors {i}, {j} and {k} apart")
    return len(certificate)


def capacity_bound(n: int, w: int, size: int) -> float:
    """Return a lower bound on the cap set capacity that an admissible set A(n, w) implies.

    The capacity is the limit of the d-th root of the size of the largest cap set in Z_3^d. Three
    caps of 12, 112 and 112 vectors in Z_3^6 (Edel 2004), multiplied along the recursively
    admissible set I(m, m - 1), give three caps of 12 m 112^(m-1), 112^m and 112^m vectors in
    Z_3^6m; multiplied along A(n, w), these give a cap set in Z_3^6mn. The bound is its best over
    all m; see `docs/problems/admissible_set.md`.

    Args:
        n: number of coordinates.
        w: of them are not 0 in each vector.
        size: number of vectors; of the empty set nothing follows but that 112 is a size.
    """
    alone = math.log(112) / 6
    if size < 1:
        return math.exp(alone)
    # As a function of m, it falls from m = 112/12 e = 25.4 on, if not earlier.
    return math.exp(
        max(
            alone + (math.log(size) + (n - w) * math.log(12 * m / 112)) / (6 * m * n)
            for m in range(1, 27)
        )
    )


def remark(instance: Instance, score: float) -> str:
    """Return what a score implies, in a line: the bound on the capacity, rounded down."""
    n, w = _parameters(instance)
    bound = math.floor(capacity_bound(n, w, round(score)) * 1e6) / 1e6
    return f"cap set capacity >= {bound:.6f}"


def _parameters(instance: Instance) -> tuple[int, int]:
    return int(instance.data["n"]), int(instance.data["w"])  # type: ignore[arg-type]


def _name(n: int, w: int) -> str:
    return f"n{n}w{w}"


def _by_n(text: str) -> Sequence[str]:
    names = {str(n): _name(n, w) for n, w in SIZES}
    if text not in names:
        raise ValueError(f"n must be one of {', '.join(names)}, not {text}")
    return [names[text]]


_SUPPORTS = "the sets of nonzero coordinates are different: at most C(n, w)"
_FULL = "all supports occur; Romera-Paredes et al., Nature 625 (2024), Fig. 5a"

problem = Problem(
    name="admissible_set",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="vectors",
        bound={_name(n, w): Known(math.comb(n, w), _SUPPORTS) for n, w in SIZES},
        best_known={_name(12, 7): Known(792, _FULL)},
    ),
    certificate=Array("int8", ndim=2, max_elements=792 * 12),
    # A useful priority takes 0.3 s at (12, 7) in the interpreter.
    limits=Limits(wall_s=20.0),
    instances=lambda: {_name(n, w): {"n": n, "w": w} for n, w in SIZES},
    training=[_name(12, 7)],
    held_out=[_name(n, w) for n, w in SIZES if (n, w) != (12, 7)],
    shorthands={"n": _by_n},
    remark=remark,
)
