"""Circles in the unit square, right and wrong."""

import math
import sys
from fractions import Fraction

from tests.problems.checkers.case import Case, Equivalent

_N = "invalid n is not an integer from 1 to 1000"
_NUMBER = "invalid a number is not the repr of a finite float"
_TINY = repr(2.0**-1074)


def _shape(n: int) -> str:
    return f"invalid the shape is not [{n}, 3], or the data do not fill it"


def _outside(i: int) -> str:
    return f"invalid circle {i} is not in the square"


def _overlap(i: int, j: int) -> str:
    return f"invalid circles {i} and {j} overlap"


def _up(value: float) -> float:
    return math.nextafter(value, 1)


# Two circles on a line of which one touches 0 and the other 1: the last bit decides.
_ABOUT_HALF = math.nextafter(0.5, 0)
# 0.1 + (1 - 0.1) rounds to 1, and is not: floats alone would let this circle stand.
_TENTH = 0.1
_BEYOND = next(
    (x, r)
    for r in (0.1 + k * 2.0**-56 for k in range(1, 40))
    for x in [1 - r]
    if Fraction(x) + Fraction(r) > 1 and x + r == 1.0
)

CASES = [
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "0.5"], "valid 0.5"),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", repr(_up(0.5))], _outside(0)),
    Case({"n": 1}, [1, 3], ["0.0", "1.0", "0.0"], "valid 0.0"),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "-0.0"], "valid 0.0"),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "-0.1"], _outside(0)),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "-" + _TINY], _outside(0)),
    Case({"n": 1}, [1, 3], ["0.2", "0.5", "0.25"], _outside(0)),
    Case({"n": 1}, [1, 3], ["0.8", "0.5", "0.25"], _outside(0)),
    Case({"n": 1}, [1, 3], ["0.5", "0.2", "0.25"], _outside(0)),
    Case({"n": 1}, [1, 3], ["0.5", "0.8", "0.25"], _outside(0)),
    Case({"n": 1}, [1, 3], ["0.25", "0.75", "0.25"], "valid 0.25"),
    Case({"n": 1}, [1, 3], [repr(_BEYOND[0]), "0.5", repr(_BEYOND[1])], _outside(0)),
    Case({"n": 1}, [1, 3], ["0.5", repr(_BEYOND[0]), repr(_BEYOND[1])], _outside(0)),
    Case({"n": 1}, [1, 3], ["1e+308", "0.5", "0.0"], _outside(0)),
    Case({"n": 1}, [1, 3], ["-1e+308", "0.5", repr(sys.float_info.max)], _outside(0)),
    Case({"n": 2}, [2, 3], ["0.25", "0.5", "0.25", "0.75", "0.5", "0.25"], "valid 0.5"),
    Case(
        {"n": 2},
        [2, 3],
        ["0.25", "0.5", "0.25", repr(math.nextafter(0.75, 0)), "0.5", "0.25"],
        _overlap(0, 1),
    ),
    # (0.3, 0.4) and (0.6, 0.8) are 0.5 apart in decimals, as floats a little less or more.
    Case({"n": 2}, [2, 3], ["0.25", "0.25", "0.25", "0.625", "0.75", "0.25"], "valid 0.5"),
    Case({"n": 2}, [2, 3], ["0.25", "0.25", "0.25", "0.5", "0.75", "0.25"], "valid 0.5"),
    Case({"n": 2}, [2, 3], ["0.25", "0.5", "0.25", "0.5", "0.75", "0.25"], _overlap(0, 1)),
    Case({"n": 2}, [2, 3], ["0.5", "0.25", "0.25", "0.5", "0.6875", "0.25"], _overlap(0, 1)),
    Case({"n": 2}, [2, 3], ["0.5", "0.25", "0.25", "0.5", "0.75", "0.25"], "valid 0.5"),
    Case({"n": 2}, [2, 3], ["0.5", "0.5", "0.5", "0.5", "0.5", "0.0"], _overlap(0, 1)),
    Case({"n": 2}, [2, 3], ["0.5", "0.5", "0.0", "0.5", "0.5", "0.0"], "valid 0.0"),
    Case({"n": 2}, [2, 3], ["0.5", "0.5", _TINY, "0.5", "0.5", "0.0"], _overlap(0, 1)),
    Case(
        {"n": 3},
        [3, 3],
        ["0.125", "0.125", "0.125", "0.5", "0.5", "0.125", "0.875", "0.875", "0.0625"],
        "valid 0.3125",
    ),
    Case(
        {"n": 3},
        [3, 3],
        ["0.125", "0.125", "0.125", "0.5", "0.5", "0.25", "0.75", "0.75", "0.25"],
        _overlap(1, 2),
    ),
    Case(
        {"n": 3},
        [3, 3],
        ["0.25", "0.25", "0.125", "0.75", "0.75", "0.25", "0.25", "0.25", "0.125"],
        _overlap(0, 2),
    ),
    # Summed one after the other, these would be 0.1 + 2 parts too little.
    Case(
        {"n": 3},
        [3, 3],
        ["0.5", "0.5", "0.25", "0.1", "0.1", repr(2.0**-55), "0.9", "0.1", repr(2.0**-55)],
        f"valid {math.fsum([0.25, 2.0**-55, 2.0**-55])!r}",
    ),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "nan"], _NUMBER),
    Case({"n": 1}, [1, 3], ["inf", "0.5", "0.5"], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "-inf"], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", ".5"], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", " 0.5"], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "0.50"], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "half"], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", 0.5], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", 0], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", 10**400], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", True], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", None], _NUMBER),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", ["0.5"]], _NUMBER),
    Case({"n": 1}, [1, 3], "0.5", _shape(1)),
    Case({"n": 1}, [1, 3], ["0.5", "0.5"], _shape(1)),
    Case({"n": 1}, [1, 3], ["0.5", "0.5", "0.5", "0.5"], _shape(1)),
    Case({"n": 1}, [3], ["0.5", "0.5", "0.5"], _shape(1)),
    Case({"n": 1}, [True, 3], ["0.5", "0.5", "0.5"], _shape(1)),
    Case({"n": 2}, [2, 3], ["0.5", "0.5", "0.5"], _shape(2)),
    Case({"n": 2}, [1, 3], ["0.5", "0.5", "0.5"], _shape(2)),
    Case({"n": 1000}, [1000, 3], ["0.5", "0.5", "0.0"], _shape(1000), foreign=True),
    Case({"n": 1001}, [1, 3], ["0.5", "0.5", "0.5"], _N, foreign=True),
    Case({"n": 0}, [0, 3], [], _N, foreign=True),
    Case({"n": True}, [1, 3], ["0.5", "0.5", "0.5"], _N, foreign=True),
    Case({"n": 1.0}, [1, 3], ["0.5", "0.5", "0.5"], _N, foreign=True),
]

EQUIVALENT: Equivalent = {}
