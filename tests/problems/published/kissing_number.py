"""Kissing numbers: the seed, and shells of known packings in each dimension up to 9."""

import math

from problems.kissing_number import SIZES, priority
from tests.problems.published.value import Reached

_SEED = "plus and minus each axis, and in hexagonal planes a third axis: nothing else fits"
_KNOWN = "Georgiev et al., arXiv 2511.02864 (2025), Table 2"

_CODE = "0127 0138 0145 0248 0256 0346 0357 0678 1236 1258 1347 1468 1567 2345 2378 2467 3568 4578"
"""18 sets of four of nine places, of which any two have at most two places in common."""


def roots(el: tuple[int, ...], n: int) -> float:
    """Take two coordinates of 1 or -1, the others 0: the roots of the lattice D_n."""
    return 0.0 if sum(map(abs, el)) == 2 == sum(x * x for x in el) else -math.inf


def eisenstein(el: tuple[int, ...], n: int) -> float:
    """Take the vectors of length 3 in order: the first one makes out the others, which are E_6."""
    pairs = zip(el[::2], el[1::2], strict=True)
    return 0.0 if sum(x * x + x * y + y * y for x, y in pairs) == 3 else -math.inf


def fours(el: tuple[int, ...], n: int) -> float:
    """Take the vectors of length 4 in order: E_7 and E_8, made of Hamming codes."""
    return 0.0 if sum(x * x for x in el) == 4 else -math.inf


def coded(el: tuple[int, ...], n: int) -> float:
    """Take plus and minus twice each axis, and all signs on the places of a code: P9a."""
    places = "".join(str(i) for i, x in enumerate(el) if x)
    twice = len(places) == 1 and 2 in map(abs, el)
    return 0.0 if twice or places in _CODE.split() else -math.inf


VALUES = [
    *[
        Reached(f"seed, n={n}", priority, [f"n={n}"], 3 * n if n in (2, 6) else 2 * n, _SEED)
        for n in SIZES
    ],
    *[
        Reached(f"D_{n}", roots, [f"n={n}"], size, _KNOWN)
        for n, size in {3: 12, 4: 24, 5: 40}.items()
    ],
    Reached("E_6", eisenstein, ["n=6"], 72, _KNOWN),
    Reached("E_7", fours, ["n=7"], 126, _KNOWN),
    Reached("E_8", fours, ["n=8"], 240, _KNOWN),
    Reached("P9a", coded, ["n=9"], 306, _KNOWN),
]
