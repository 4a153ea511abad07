"""Binary sequences of large merit factor: those that are least like themselves when shifted.

For n elements of +1 and -1 the energy is the sum, over all shifts, of the square of the aperiodic
autocorrelation. Golay (1972) asked for the largest merit factor, n^2 / (2 * energy); optima are
known up to n = 66 (Packebusch and Mertens, J. Phys. A 49, 2016), and none above that of Barker's
sequence of length 13 has ever been found.
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

LEAST_ENERGY = {13: 6, 20: 26, 27: 37, 35: 73, 43: 109, 51: 153, 61: 226, 63: 207, 66: 257}
"""Length to the least energy of all sequences."""

SIZES = (*LEAST_ENERGY, 100, 128, 257)


def sign(i: int, n: int, rise: int) -> float:
    """Return a number whose sign is the element at place i of a sequence of +1 and -1.

    Places are 0 to n - 1, one after the other; zero and positive numbers stand for +1, negative
    ones for -1. The goal is a sequence that is unlike itself when shifted: for each shift k from 1
    to n - 1, let c be the sum of s[i] * s[i + k] over all i; the energy, the sum of c * c over all
    k, should be small at the end. `rise` is by how much the energy of the elements up to place i
    is larger if this one is +1 than if it is -1.
    """
    return 0.0


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int8]:
    """Ask for the sign at each place, in order; zero, of either sign, stands for +1.

    Returns:
        int8 array, shape (n,), of 1 and -1.
    """
    n = _n(instance)
    elements = np.zeros(n, dtype=np.int64)
    # Of the elements so far; entry k - 1 is that of shift k.
    correlations = np.zeros(n, dtype=np.int64)
    for i in range(n):
        before = elements[:i][::-1]
        # (c + x)^2 - (c - x)^2 for each shift.
        rise = 4 * int(correlations[:i] @ before)
        value = float(candidate(i, n, rise))
        if math.isnan(value):
            raise Invalid(f"the number for place {i} is NaN")
        elements[i] = -1 if value < 0 else 1
        correlations[:i] += elements[i] * before
    return elements.astype(np.int8)


def score(instance: Instance, certificate: NDArray[np.int8]) -> float:
    """Return the merit factor, n^2 / (2 * energy), rounded once.

    Args:
        instance: with n, at least 2.
        certificate: int8 array, shape (n,): the sequence.

    Raises:
        Invalid: there are not n elements, or one is not 1 or -1.
    """
    n = _n(instance)
    if len(certificate) != n:
        raise Invalid(f"there are {len(certificate)} elements, not {n}")
    if (np.abs(certificate.astype(np.int64)) != 1).any():
        raise Invalid("an element is not 1 or -1")
    elements = certificate.astype(np.int64)
    # Both halves are alike, around the n of no shift at all.
    correlations = np.correlate(elements, elements, "full")[n:]
    return n * n / (2 * int((correlations**2).sum()))


def _n(instance: Instance) -> int:
    return int(instance.data["n"])  # type: ignore[arg-type]


def _bound(n: int) -> Known:
    if n in LEAST_ENERGY:
        return Known(n * n / (2 * LEAST_ENERGY[n]), _OPTIMAL)
    return Known(n * n / (2 * (n // 2)), _ODD)


def _by_n(text: str) -> Sequence[str]:
    if text not in {str(n) for n in SIZES}:
        raise ValueError(f"n must be one of {', '.join(map(str, SIZES))}, not {text}")
    return [f"n={text}"]


_OPTIMAL = "exhaustive: Packebusch and Mertens, J. Phys. A 49 (2016) 165001; OEIS A102780"
_ODD = "the correlation of every other shift is a sum of an odd number of signs, so not 0"
_TRAINING = ["n=43", "n=51", "n=61"]

problem = Problem(
    name="golay_merit",
    evolve=sign,
    construct=construct,
    score=score,
    metric=Metric(
        name="merit factor",
        unit="",
        bound={f"n={n}": _bound(n) for n in SIZES},
        best_known={f"n={n}": _bound(n) for n in LEAST_ENERGY},
    ),
    certificate=Array("int8", ndim=1, max_elements=max(SIZES)),
    limits=Limits(wall_s=2.0),
    instances=lambda: {f"n={n}": {"n": n} for n in SIZES},
    training=_TRAINING,
    held_out=[f"n={n}" for n in SIZES if f"n={n}" not in _TRAINING],
    shorthands={"n": _by_n},
)
