"""Cap sets: all vectors of zeros and ones, the classic constructions, the set of 512."""

from problems.cap_set import SIZES as ALL
from problems.cap_set import priority
from problems.contract import Instance
from tests.problems.constructions import SIZES
from tests.problems.published.value import Accepted, Reached
from tests.problems.support import rows

_OPTIMAL = "largest there are: OEIS A090245"

VALUES = [
    *[
        Reached(f"seed, n={n}", priority, [f"n={n}"], 2**n, "no three of 0 and 1 sum to zero mod 3")
        for n in ALL
    ],
    *[
        Reached(function.__name__, function, [Instance(f"n={n}", {"n": n})], size, _OPTIMAL)
        for n, (function, size) in SIZES.items()
    ],
    Accepted(
        "the set of 512",
        lambda folder: rows(folder / "funsearch_published" / "cap_set_n8_size512.txt"),
        "n=8",
        512,
        "Romera-Paredes et al., Nature 625 (2024)",
    ),
]
