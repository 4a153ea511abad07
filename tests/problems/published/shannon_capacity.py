"""Independent sets in powers of odd cycles: boxes, and those that a linear form describes."""

from problems.contract import Instance
from problems.shannon_capacity import POWERS, priority
from tests.problems.published.value import Reached

_BOX = "the greedy takes the vertices with coordinates 0, 2 ... m - 3: (m - 1) / 2 to the n-th"
_PENTAGON = "Shannon 1956; optimal: Lovász, IEEE Trans. Inform. Theory 25 (1979), Theorem 2"
_NONAGON = "Baumert et al., SIAM J. Appl. Math. 20 (1971); Mathew and Östergård (2017)"


def pentagon(el: tuple[int, ...], m: int, n: int) -> float:
    """Return 1 for Shannon's pairs (i, 2 i), one after the other; 0 for all others."""
    return float(all(el[i + 1] == 2 * el[i] % m for i in range(0, n, 2)))


def nonagon(el: tuple[int, ...], m: int, n: int) -> float:
    """Prefer x + 2 y + 4 z = 0 mod 9, of which no two are joined, and small x + 2 y for the rest.

    Of three steps of at most 1, dx + 2 dy + 4 dz is between -7 and 7, and 0 for none but zeros.
    """
    value = 9.0 * ((el[0] + 2 * el[1] + 4 * el[2]) % 9 == 0)
    return value - (el[3] + 2 * el[4]) % 9 if n == 5 else value


VALUES = [
    *[Reached(f"seed, C_{m}^{n}", priority, [f"c{m}n{n}"], (m // 2) ** n, _BOX) for m, n in POWERS],
    *[
        Reached(f"C_5^{n}", pentagon, [Instance("", {"m": 5, "n": n})], 5 ** (n // 2), _PENTAGON)
        for n in (2, 4)
    ],
    *[
        Reached(f"C_9^{n}", nonagon, [f"c9n{n}"], size, _NONAGON)
        for n, size in ((3, 81), (4, 324), (5, 1458))
    ],
]
