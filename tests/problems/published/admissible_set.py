"""Constant-weight admissible sets: what the greedy finds by itself, and the full set."""

from problems.admissible_set import priority
from problems.contract import Instance
from tests.problems.published.value import Accepted, Reached
from tests.problems.support import rows

_RUN = "the published greedy of Romera-Paredes et al., run on the constant priority"

VALUES = [
    *[
        Reached(
            f"seed, ({n}, {w})", priority, [Instance(f"n{n}w{w}", {"n": n, "w": w})], size, _RUN
        )
        for n, w, size in [(4, 2, 6), (5, 3, 10), (6, 4, 15), (7, 4, 35), (8, 5, 56), (12, 7, 548)]
    ],
    Accepted(
        "the full set for (12, 7)",
        lambda folder: rows(folder / "funsearch_published" / "admissible_set_n12_w7_size792.txt"),
        "n12w7",
        792,
        "Romera-Paredes et al., Nature 625 (2024)",
    ),
]
