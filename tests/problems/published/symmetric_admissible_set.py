"""Symmetric admissible sets: what the greedy finds by itself, the full and the largest sets."""

import itertools
from pathlib import Path

from problems.symmetric_admissible_set import LETTERS, priority
from tests.problems.published.value import Accepted, Reached
from tests.problems.support import rows

_RUN = "the published greedy of Romera-Paredes et al., run on the constant priority"
_FULL = "Romera-Paredes et al., Nature 625 (2024), Fig. 5a"

CLASSES_15_10 = (
    "44444 25444 23544 14464 23446 05464 05644 05335 25254 35252 12535 03564 03535 "
    "41156 11466 15623 03466 05625 05651 06265 01666"
)
"""The published full set for (15, 10): one row, as numbers of letters, for all that arise from it
when its five triples are moved around in a circle."""


def full_15_10(el: tuple[int, ...], n: int, w: int) -> float:
    """Return 1 for the rows of the full set, 0 for all others."""
    word = "".join(str(LETTERS.index(el[i : i + 3])) for i in range(0, n, 3))  # type: ignore[arg-type]
    return float(any(word[i:] + word[:i] in CLASSES_15_10.split() for i in range(n // 3)))


def regrouped_12_7(folder: Path) -> list[list[int]]:
    """Return rows of the published full set for (12, 7): coordinates 0, 4, 8 are its first triple.

    It is not changed if they are moved around, nor if 1, 5, 9 are, 2, 6, 10 or 3, 7, 11.
    """
    vectors = rows(folder / "funsearch_published" / "admissible_set_n12_w7_size792.txt")
    triples = [[tuple(row[i::4]) for i in range(4)] for row in vectors]
    return [list(itertools.chain(*row)) for row in triples if set(row) <= set(LETTERS)]


VALUES = [
    *[
        Reached(f"seed, {name}", priority, [name], size, _RUN, slow=name == "n24w17")
        for name, size in [("n12w7", 690), ("n15w10", 1842), ("n21w15", 9647), ("n24w17", 46_422)]
    ],
    Reached("the full set for (15, 10)", full_15_10, ["n15w10"], 3003, _FULL),
    Accepted("the full set for (12, 7)", regrouped_12_7, "n12w7", 792, _FULL),
]
