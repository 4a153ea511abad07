"""Difference bases: few integers among whose differences is every number from 1 to n.

They may lie anywhere, unlike the marks of a sparse ruler, which are from 0 to n. The square of
their number over n has a limit between 2.434 and 2.640: Problem 6.7 of Georgiev, Gómez-Serrano,
Tao and Wagner (arXiv 2511.02864, 2025).
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

SIZES = (9, 13, 18, 24, 29, 37, 61, 93, 127, 500, 1000, 6166)


def priority(x: int, n: int) -> float:
    """Return how strongly the number x should be kept in a difference basis for 1 to n.

    The goal are few integers such that each of 1, 2, …, n is the difference of two of them. All
    numbers from 0 to 2 * n are there at first. Then each is given up, in order of increasing
    priority, unless a difference would be lost with it. For example, the numbers below some k and
    the multiples of k suffice.
    """
    return 0.0


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int32]:
    """Give up numbers from 0 to 2 n in order of priority as long as no difference is lost.

    The rule for ties changes the result: the larger number is given up first. Priorities have to
    be finite.

    Returns:
        int32 array, shape (size,): the numbers that stay, in ascending order.
    """
    n = _n(instance)
    priorities = candidate.map(range(2 * n + 1), n)
    if not np.isfinite(priorities).all():
        raise Invalid("a priority is not a finite number")
    there = np.ones(2 * n + 1, dtype=bool)
    # How often each difference from 1 to n occurs.
    ways = 2 * n + 1 - np.arange(1, n + 1)
    for x in np.lexsort((-np.arange(2 * n + 1), priorities)).tolist():
        lost = np.zeros(n, dtype=np.int64)
        below, above = there[max(0, x - n) : x][::-1], there[x + 1 : x + 1 + n]
        lost[: len(below)] += below
        lost[: len(above)] += above
        if (ways > lost).all():
            ways -= lost
            there[x] = False
    return np.flatnonzero(there).astype(np.int32)


def score(instance: Instance, certificate: NDArray[np.int32]) -> int:
    """Return how many integers there are.

    Args:
        instance: with n.
        certificate: int32 array, shape (size,): the integers, in any order.

    Raises:
        Invalid: one occurs twice, or a number from 1 to n is not a difference of two.
    """
    n = _n(instance)
    members = np.sort(certificate.astype(np.int64))
    if (np.diff(members) == 0).any():
        raise Invalid("an integer occurs twice")
    found = np.zeros(n + 1, dtype=bool)
    found[0] = True
    for i, member in enumerate(members):
        apart = members[i:] - member
        found[apart[apart <= n]] = True
    if not found.all():
        raise Invalid(f"{int(np.argmin(found))} is not a difference")
    return len(members)


def _n(instance: Instance) -> int:
    return int(instance.data["n"])  # type: ignore[arg-type]


def _least(n: int) -> int:
    """Return a number of elements that no difference basis for 1 to n is below.

    For k elements b and any t, 0 <= |sum of exp(i t b)|^2 = k + 2 * (sum of cos(t d) over all
    k (k - 1) / 2 pairs, d apart) <= k^2 - 2 n + 2 * (sum of cos(t d) over d = 1, …, n), since all
    of these d occur and no cosine is above 1. The last sum is smallest near t = 4.4934 / n.
    """
    t = 4.4934 / (n + 0.5)
    cosines = (math.sin((n + 0.5) * t) / math.sin(t / 2) - 1) / 2
    return math.ceil(math.sqrt(2 * n - 2 * cosines) - 1e-9)


def _by_n(text: str) -> Sequence[str]:
    if text not in {str(n) for n in SIZES}:
        raise ValueError(f"n must be one of {', '.join(map(str, SIZES))}, not {text}")
    return [f"n={text}"]


_COSINES = "a sum of cosines; Leech, J. London Math. Soc. 31 (1956): the square exceeds 2.434 n"
_OPTIMAL = "exhaustive: OEIS A005488"
_MILLER = "Miller 1971, as given in OEIS A005488"
_GOLAY = "Golay 1972, as given in Georgiev et al., arXiv 2511.02864 (2025), Problem 6.7"
_BEST = (
    {n: Known(k, _OPTIMAL) for k, n in enumerate((9, 13, 18, 24, 29), start=5)}
    | {n: Known(k, _MILLER) for n, k in {37: 10, 61: 13, 93: 16, 127: 19}.items()}
    | {6166: Known(128, _GOLAY)}
)
_TRAINING = ["n=61", "n=93", "n=127"]

problem = Problem(
    name="difference_basis",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="integers",
        direction="min",
        bound={f"n={n}": Known(_least(n), _COSINES) for n in SIZES},
        best_known={f"n={n}": known for n, known in _BEST.items()},
    ),
    certificate=Array("int32", ndim=1, max_elements=2 * 6166 + 1),
    # A useful priority takes 0.01 s at n = 127 and 0.6 s at n = 6166 in the interpreter.
    limits=Limits(wall_s=10.0),
    instances=lambda: {f"n={n}": {"n": n} for n in SIZES},
    training=_TRAINING,
    held_out=[f"n={n}" for n in SIZES if f"n={n}" not in _TRAINING],
    shorthands={"n": _by_n},
)
