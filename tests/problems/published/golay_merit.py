"""Merit factors: the constant sequence, Barker's, and that of Rudin and Shapiro."""

from problems.contract import Instance
from problems.golay_merit import SIZES, sign
from tests.problems.published.value import Reached

_BARKER = {3: "++-", 4: "++-+", 5: "+++-+", 7: "+++--+-", 11: "+++---+--+-", 13: "+++++--++-+-+"}
_SUM = "the energy is 1^2 + … + (n - 1)^2"


def barker(i: int, n: int, rise: int) -> float:
    """Take Barker's sequence: no correlation is beyond 1."""
    return 1.0 if _BARKER[n][i] == "+" else -1.0


def rudin_shapiro(i: int, n: int, rise: int) -> float:
    """Take 1 where the pair 11 occurs an even number of times in i, overlaps counted."""
    return (-1.0) ** bin(i & i >> 1).count("1")


def energy_of(n: int) -> int:
    """Return the sum of squares from 1 to n - 1."""
    return (n - 1) * n * (2 * n - 1) // 6


VALUES = [
    *[Reached(f"seed, n={n}", sign, [f"n={n}"], n * n / (2 * energy_of(n)), _SUM) for n in SIZES],
    *[
        Reached(
            f"Barker, n={n}",
            barker,
            [Instance(f"n={n}", {"n": n})],
            n * n / (2 * (n // 2)),
            "Barker 1953; every other correlation is 1 or -1, the others are 0",
        )
        for n in _BARKER
    ],
    Reached(
        "Rudin and Shapiro, n=128",
        rudin_shapiro,
        ["n=128"],
        3 / (1 + 2**-7),
        "Høholdt, Jensen and Justesen, IEEE Trans. Inf. Theory 31 (1985): 3 / (1 - (-1/2)^m)",
    ),
]
