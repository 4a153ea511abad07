"""Sorting networks: comparators between wires that sort every input (Knuth, TAOCP 3, 5.3.4).

A comparator (i, j), i < j, puts the smaller of two values on wire i and the larger on wire j. By
the 0-1 principle a network sorts all inputs if it sorts the 2^n inputs of zeros and ones. The
construction is greedy: the candidate ranks all comparators that would still change something.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

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

SIZES = range(8, 17)


def priority(
    i: int,
    j: int,
    n: int,
    vectors: int,
    swapped: int,
    kept: int,
    merged: int,
    depth_i: int,
    depth_j: int,
    mirror: int,
) -> float:
    """Return how good the comparator (i, j) is as the next one of a sorting network on n wires.

    It puts the smaller value on wire i and the larger on wire j, 0 <= i < j < n. Of all comparators
    that would still change something, the one with the highest priority is added, until every input
    is sorted; the goal is a network of few comparators. Of the 2^n inputs of zeros and ones, the
    comparators so far have left `vectors` different ones, n + 1 in the end. Of these, `swapped`
    have 1 on wire i and 0 on wire j, `kept` have 0 and 1, and `merged` of the swapped ones become
    equal to another. `depth_i` is the number of layers before wire i is free. `mirror` is 1 if the
    comparator before was (n - 1 - j, n - 1 - i), else 0.
    """
    return 0.0


@dataclass(frozen=True)
class _Tables:
    """Sets of 0-1 vectors as integers: bit x stands for the vector with the binary digits of x.

    Attributes:
        wires: of each wire, the vectors with a 1 on it.
        pairs: all (i, j) with i < j, in lexicographic order.
        swapped: of each pair, the vectors with 1 on wire i and 0 on wire j.
        kept: of each pair, the vectors with 0 on wire i and 1 on wire j.
    """

    wires: Sequence[int]
    pairs: Sequence[tuple[int, int]]
    swapped: Sequence[int]
    kept: Sequence[int]


@cache
def _tables(n: int) -> _Tables:
    # 0…01…1 with 2^k of each, over and over: the vectors whose digit k is 0.
    zeros = [(2**2**n - 1) // (2**2**k + 1) for k in range(n)]
    wires = [z << 2**k for k, z in enumerate(zeros)]
    pairs = list(itertools.combinations(range(n), 2))
    return _Tables(
        wires,
        pairs,
        [wires[i] & zeros[j] for i, j in pairs],
        [zeros[i] & wires[j] for i, j in pairs],
    )


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int8]:
    """Add comparators in order of priority, then drop those that are not needed after all.

    In each step the candidate is asked about all comparators that change a vector, in
    lexicographic order; ties go to the first. Priorities are compared as float64 and must be
    finite. At the end, comparators are left out one by one, from the last to the first, wherever
    the rest still sorts.

    Each comparator that changes something orders a pair of wires that was not, and the number of
    pairs that are ordered for all inputs never falls, so there are n (n - 1) / 2 at most.

    Returns:
        int8 array, shape (size, 2): i and j of each comparator, in order.
    """
    n = int(instance.data["n"])  # type: ignore[arg-type]
    network = _without_needless(n, _greedy(candidate, n))
    return np.array(network, dtype=np.int8).reshape(-1, 2)


def _greedy(candidate: Candidate, n: int) -> list[tuple[int, int]]:
    tables = _tables(n)
    network: list[tuple[int, int]] = []
    depth = [0] * n
    mirror = (-1, -1)
    vectors = 2**2**n - 1
    # A swap takes the vector x to x - 2^i + 2^j, so a set of them moves by that many bits.
    while (count := vectors.bit_count()) > n + 1:
        rows: list[tuple[int, ...]] = []
        for (i, j), swapped, kept in zip(tables.pairs, tables.swapped, tables.kept, strict=True):
            if moving := vectors & swapped:
                rows.append(
                    (
                        i,
                        j,
                        moving.bit_count(),
                        (vectors & kept).bit_count(),
                        (vectors & moving << 2**j - 2**i).bit_count(),
                        depth[i],
                        depth[j],
                        int((i, j) == mirror),
                    )
                )
        first, second, *features = (list(column) for column in zip(*rows, strict=True))
        priorities = candidate.map(first, second, n, count, *features)
        if not np.isfinite(priorities).all():
            raise Invalid("a priority is NaN or infinite")
        best = int(priorities.argmax())
        i, j = first[best], second[best]
        moving = vectors & tables.wires[i] & ~tables.wires[j]
        vectors = vectors ^ moving | moving << 2**j - 2**i
        network.append((i, j))
        depth[i] = depth[j] = max(depth[i], depth[j]) + 1
        mirror = n - 1 - j, n - 1 - i
    return network


def _without_needless(n: int, network: list[tuple[int, int]]) -> list[tuple[int, int]]:
    for index in reversed(range(len(network))):
        rest = network[:index] + network[index + 1 :]
        if _sorts(n, rest):
            network = rest
    return network


def _sorts(n: int, network: list[tuple[int, int]]) -> bool:
    wires = list(_tables(n).wires)
    for i, j in network:
        wires[i], wires[j] = wires[i] & wires[j], wires[i] | wires[j]
    return not any(low & ~high for low, high in itertools.pairwise(wires))


def score(instance: Instance, certificate: NDArray[np.int8]) -> int:
    """Return the number of comparators.

    Args:
        instance: with n.
        certificate: int8 array, shape (size, 2): i and j of each comparator, in order.

    Raises:
        Invalid: a comparator is none, or the network does not sort every 0-1 input.
    """
    n = int(instance.data["n"])  # type: ignore[arg-type]
    if certificate.shape[1] != 2:
        raise Invalid(f"comparators have {certificate.shape[1]} wires, not 2")
    low, high = certificate.T
    if ((low < 0) | (low >= high) | (high >= n)).any():
        raise Invalid(f"a comparator is not (i, j) with 0 <= i < j < {n}")
    # One bit for each of the 2^n inputs.
    inputs = np.arange(2**n) >> np.arange(n)[:, None] & 1
    wires = np.packbits(inputs.astype(bool), axis=1)
    for i, j in certificate.tolist():
        wires[i], wires[j] = wires[i] & wires[j], wires[i] | wires[j]
    for k in range(n - 1):
        if (wires[k] & ~wires[k + 1]).any():
            raise Invalid(f"some input leaves 1 on wire {k} and 0 on wire {k + 1}")
    return len(certificate)


def _by_n(text: str) -> Sequence[str]:
    if text not in {str(n) for n in SIZES}:
        raise ValueError(f"n must be {SIZES[0]} to {SIZES[-1]}, not {text}")
    return [f"n={text}"]


_OPTIMAL = {
    8: (19, "S(7) = 16 (Floyd and Knuth 1973), and Van Voorhis 1972; OEIS A003075"),
    9: (25, "Codish, Cruz-Filipe, Frank and Schneider-Kamp, arXiv 1405.5754, 2014"),
    10: (29, "Codish, Cruz-Filipe, Frank and Schneider-Kamp, arXiv 1405.5754, 2014"),
    11: (35, "Harder, arXiv 2012.04400, 2020"),
    12: (39, "Harder, arXiv 2012.04400, 2020"),
}
_SMALLEST = {13: 45, 14: 51, 15: 56, 16: 60}
_LISTED = "OEIS A003075; a network: Dobbelaere, SorterHunter, Networks/Sorters"
_VAN_VOORHIS = (
    "S(12) = 39 (Harder, arXiv 2012.04400) and S(n) >= S(n - 1) + ceil(log2 n) "
    "(Van Voorhis, IEEE Trans. Computers C-21, 1972, pp. 612-613)"
)

problem = Problem(
    name="sorting_network",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="comparators",
        direction="min",
        bound={f"n={n}": Known(size, source) for n, (size, source) in _OPTIMAL.items()}
        | {f"n={n}": Known(39 + 4 * (n - 12), _VAN_VOORHIS) for n in _SMALLEST},
        best_known={f"n={n}": Known(size, source) for n, (size, source) in _OPTIMAL.items()}
        | {f"n={n}": Known(size, _LISTED) for n, size in _SMALLEST.items()},
    ),
    certificate=Array("int8", ndim=2, max_elements=SIZES[-1] * (SIZES[-1] - 1)),
    # A useful priority takes 0.03 s for all of n = 8 … 12, and 0.2 s at n = 16.
    limits=Limits(wall_s=3.0),
    instances=lambda: {f"n={n}": {"n": n} for n in SIZES},
    training=[f"n={n}" for n in _OPTIMAL],
    held_out=[f"n={n}" for n in _SMALLEST],
    shorthands={"n": _by_n},
)
