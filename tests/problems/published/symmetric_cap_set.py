"""Symmetric cap sets: no representatives, known sets vector by vector, Hill's in two orbits.

The identity and the vectors of a complete cap set as representatives give just that set.
"""

from collections.abc import Callable
from itertools import product
from typing import Any

from problems import data
from problems.symmetric_cap_set import SIZES as ALL
from problems.symmetric_cap_set import orbits
from tests.problems.constructions import SIZES
from tests.problems.published.value import Accepted, Reached
from tests.problems.support import rows

_OPTIMAL = "largest there are: OEIS A090245"
_COLLECTION, _FILE = "funsearch_published", "cap_set_n8_size512.txt"
_FUNSEARCH = "Romera-Paredes et al., Nature 625 (2024)"


def one_by_one(n: int) -> Callable[[int], Any]:
    """Return a program that writes a classic cap set out."""
    priority, _ = SIZES[n]
    cap = [el for el in product(range(3), repeat=n) if priority(el, n) > 0]
    return lambda n: ([tuple(range(1, n + 1))], cap)


def published(n: int) -> Any:
    """Write the published set out."""
    path = data.file(_COLLECTION, _FILE)
    assert path is not None
    return [tuple(range(1, n + 1))], rows(path)


def hill(n: int) -> Any:
    """Return Hill's cap of `constructions` by the 1920 maps that keep it: 32 vectors and 80."""
    turned = [(6, 3, 1, 4, 2, 5), (3, 4, 5, 6, 1, 2), (-1, -2, 3, 4, 5, 6)]
    return turned, [(1, 1, 1, 1, 1, 1), (0, 0, 1, 1, 0, 1)]


VALUES = [
    *[
        Reached(f"seed, n={n}", orbits, [f"n={n}"], 2**n, "no three of 0 and 1 sum to zero mod 3")
        for n in ALL
    ],
    *[
        Reached(f"{SIZES[n][1]} vectors", one_by_one(n), [f"n={n}"], SIZES[n][1], _OPTIMAL)
        for n in (5, 6)
    ],
    Reached("the set of 512, by the trivial group", published, ["n=8"], 512, _FUNSEARCH, data=True),
    Reached("Hill's cap in two orbits", hill, ["n=6"], 112, _OPTIMAL),
    Accepted(
        "the set of 512", lambda folder: rows(folder / _COLLECTION / _FILE), "n=8", 512, _FUNSEARCH
    ),
]
