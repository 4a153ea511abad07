"""Kissing numbers: how many unit balls can touch one in n dimensions without overlapping.

Written in integers, as by Georgiev, Gómez-Serrano, Tao and Wagner (arXiv 2511.02864, 2025): if no
two of some vectors are closer to each other than the longest one is to zero, then any two of them
are at least 60 degrees apart, so that their directions are places where balls can touch.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

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

SIZES = range(2, 12)
HEXAGONAL = {2: 1, 6: 3}
"""Dimension to pairs of axes at 60 degrees, where perpendicular ones miss the best lattice."""

LONGEST = 4
"""Squared length of the longest vectors that `construct` chooses from."""

_EXACT = 2**24
"""Coordinates up to here give squared distances below 2^63, in fewer than 2^12 dimensions."""


def priority(el: tuple[int, ...], n: int) -> float:
    """Return how early a vector should join a growing kissing configuration in n dimensions.

    The goal are many integer vectors, no two of them closer to each other than the longest one is
    to zero. Vectors are taken greedily in order of decreasing priority, equal ones shorter first.
    `el` holds the n coordinates of the vector; its squared length is at most 4. All axes are
    perpendicular, except for n = 2 and n = 6: there those of coordinates 0 and 1, of 2 and 3 and
    of 4 and 5 meet at 60 degrees, so that such a pair (x, y) has the squared length x*x + x*y +
    y*y. Minus infinity means never.
    """
    return 0.0


def squared_lengths(columns: NDArray[Any], hexagonal: int) -> NDArray[np.int64]:
    """Return the squared length of each vector.

    Args:
        columns: integers, shape (n, size): a column for each vector.
        hexagonal: pairs of leading axes that meet at 60 degrees; the others are perpendicular.
    """
    even, odd = columns[0 : 2 * hexagonal : 2], columns[1 : 2 * hexagonal : 2]
    return (columns * columns).sum(axis=0) + (even * odd).sum(axis=0)


@lru_cache(maxsize=len(SIZES))
def vectors(n: int, hexagonal: int) -> tuple[tuple[int, ...], ...]:
    """Return the vectors of squared length 1 to LONGEST, shorter first, else lexicographic."""
    plain = [((x,), x * x) for x in range(-2, 3)]
    pairs = [((x, y), x * x + x * y + y * y) for x, y in itertools.product(range(-2, 3), repeat=2)]
    parts = [pairs] * hexagonal + [plain] * (n - 2 * hexagonal)
    found = sorted((length, el) for el, length in _joined(parts, LONGEST))
    return tuple(el for length, el in found if length > 0)


def _joined(
    parts: Sequence[Sequence[tuple[tuple[int, ...], int]]], room: int
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield one of each part put together, with the sum of their lengths, up to `room`."""
    if not parts:
        yield (), 0
        return
    for first, length in parts[0]:
        if length <= room:
            for rest, others in _joined(parts[1:], room - length):
                yield first + rest, length + others


@lru_cache(maxsize=len(SIZES))
def _columns(n: int, hexagonal: int) -> NDArray[np.int8]:
    """Return the vectors as an int8 array, shape (n, vectors): products of differences fit in."""
    return np.ascontiguousarray(np.array(vectors(n, hexagonal), dtype=np.int8).T)


def construct(candidate: Candidate, instance: Instance) -> NDArray[np.int64]:
    """Take vectors in order of priority if they are far enough from all taken before.

    The rule for ties changes the result: shorter vectors come first, equally long ones in
    lexicographic order. Far enough means that afterwards no two of the vectors are closer to each
    other than the longest one is to zero, so a vector may also be too long.

    Returns:
        int64 array, shape (size, n): the vectors in the order they were taken.
    """
    n, hexagonal = _parameters(instance)
    columns = _columns(n, hexagonal)
    order = by_priority(candidate.map(vectors(n, hexagonal), n)).tolist()
    lengths = squared_lengths(columns, hexagonal).tolist()
    # Of every vector, the squared distance to the closest one that was taken.
    near = np.full(len(lengths), 4 * LONGEST)
    taken: list[int] = []
    longest, closest = 0, 4 * LONGEST
    for index in order:
        closer, longer = min(closest, int(near[index])), max(longest, lengths[index])
        if closer >= longer:
            taken.append(index)
            closest, longest = closer, longer
            apart = columns - columns[:, index : index + 1]
            near = np.minimum(near, squared_lengths(apart, hexagonal))
    return columns[:, taken].T.astype(np.int64)


def score(instance: Instance, certificate: NDArray[np.int64]) -> int:
    """Return the number of vectors.

    Args:
        instance: with n and the number of hexagonal pairs of axes.
        certificate: int64 array, shape (size, n).

    Raises:
        Invalid: a vector is zero, or two are closer to each other than the longest is to zero.
    """
    n, hexagonal = _parameters(instance)
    if certificate.shape[1] != n:
        raise Invalid(f"vectors have {certificate.shape[1]} coordinates, not {n}")
    least, most = int(certificate.min(initial=0)), int(certificate.max(initial=0))
    rows = certificate if max(-least, most) <= _EXACT else certificate.astype(object)
    lengths = squared_lengths(rows.T, hexagonal)
    if (lengths == 0).any():
        raise Invalid(f"vector {int(np.argmax(lengths == 0))} is zero")
    longest = max(lengths.tolist(), default=0)
    for i in range(1, len(rows)):
        near = squared_lengths((rows[:i] - rows[i]).T, hexagonal) < longest
        if near.any():
            j = int(np.argmax(near))
            raise Invalid(f"vectors {j} and {i} are closer than the longest vector is long")
    return len(certificate)


def _parameters(instance: Instance) -> tuple[int, int]:
    return int(instance.data["n"]), int(instance.data["hexagonal"])  # type: ignore[arg-type]


def _by_n(text: str) -> Sequence[str]:
    if text not in {str(n) for n in SIZES}:
        raise ValueError(f"n must be {SIZES[0]} to {SIZES[-1]}, not {text}")
    return [f"n={text}"]


_TABLE = "Georgiev et al., arXiv 2511.02864 (2025), Table 2"
_BOUNDS = {
    2: Known(6, "six angles of at least 60 degrees fill the circle"),
    3: Known(12, "Schütte and van der Waerden, Math. Ann. 125 (1953)"),
    4: Known(24, "Musin, Annals of Mathematics 168 (2008)"),
    8: Known(240, "Odlyzko and Sloane; Levenshtein (both 1979)"),
} | {n: Known(v, _TABLE) for n, v in {5: 44, 6: 77, 7: 134, 9: 363, 10: 553, 11: 868}.items()}
_LARGEST = (6, 12, 24, 40, 72, 126, 240, 306, 510, 593)

problem = Problem(
    name="kissing_number",
    evolve=priority,
    construct=construct,
    score=score,
    metric=Metric(
        name="size",
        unit="vectors",
        bound={f"n={n}": known for n, known in _BOUNDS.items()},
        best_known={f"n={n}": Known(v, _TABLE) for n, v in zip(SIZES, _LARGEST, strict=True)},
    ),
    certificate=Array("int64", ndim=2, max_elements=868 * 11),
    # A useful priority takes 0.02 s at n = 9 and 0.1 s at n = 11 in the interpreter.
    limits=Limits(wall_s=5.0),
    instances=lambda: {f"n={n}": {"n": n, "hexagonal": HEXAGONAL.get(n, 0)} for n in SIZES},
    training=["n=5", "n=7", "n=9"],
    held_out=[f"n={n}" for n in SIZES if n not in (5, 7, 9)],
    shorthands={"n": _by_n},
)
