"""Kissing configurations, right and wrong."""

from tests.problems.checkers.case import Case, Equivalent

_SHAPE = "invalid the shape is not [size, 2], or the data do not fill it"
_N = "invalid n is not an integer from 1 to 100"
_PAIRS = "invalid there are not 0 to n / 2 pairs of hexagonal axes"
_INTEGER = "invalid a coordinate is not an integer"
_PLAIN = {"n": 2, "hexagonal": 0}
_HEXAGON = {"n": 2, "hexagonal": 1}
_PRISM = {"n": 3, "hexagonal": 1}
_HUGE = 10**18

CASES = [
    Case(_PLAIN, [0, 2], [], "valid 0"),
    Case(_PLAIN, [1, 2], [3, 4], "valid 1"),
    Case(_PLAIN, [4, 2], [1, 0, 0, 1, -1, 0, 0, -1], "valid 4"),
    # The angles are too small for unit vectors, or the longest is longer than the closest apart.
    Case(
        _PLAIN, [2, 2], [1, 0, 1, 1], "invalid vectors 0 and 1 are closer than the longest is long"
    ),
    Case(
        _PLAIN, [2, 2], [2, 0, 2, 1], "invalid vectors 0 and 1 are closer than the longest is long"
    ),
    Case(
        _PLAIN,
        [3, 2],
        [1, 0, -1, 0, 0, 5],
        "invalid vectors 0 and 1 are closer than the longest is long",
    ),
    Case(
        _PLAIN,
        [3, 2],
        [5, 0, -5, 0, -4, 3],
        "invalid vectors 1 and 2 are closer than the longest is long",
    ),
    Case(
        _PLAIN, [2, 2], [1, 2, 1, 2], "invalid vectors 0 and 1 are closer than the longest is long"
    ),
    Case(_PLAIN, [2, 2], [1, 2, 0, 0], "invalid vector 1 is zero"),
    Case(_PLAIN, [2, 2], [0, 0, 1, 2], "invalid vector 0 is zero"),
    Case(_HEXAGON, [6, 2], [1, 0, 0, 1, -1, 1, -1, 0, 0, -1, 1, -1], "valid 6"),
    Case(
        _HEXAGON,
        [2, 2],
        [1, 0, 1, 1],
        "invalid vectors 0 and 1 are closer than the longest is long",
    ),
    Case(_PRISM, [4, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, -1], "valid 4"),
    Case(_PRISM, [2, 3], [1, -1, 0, 0, 0, 1], "valid 2"),
    Case(
        _PRISM,
        [2, 3],
        [0, 1, 0, 0, 1, 1],
        "invalid vectors 0 and 1 are closer than the longest is long",
    ),
    Case(_PLAIN, [3, 2], [_HUGE, 0, 0, _HUGE, -_HUGE, 1], "valid 3"),
    Case(
        _PLAIN,
        [2, 2],
        [-(2**63), 0, 2**32, 2**63 - 1],
        "valid 2",
    ),
    Case(
        _PLAIN,
        [2, 2],
        [2**62, 0, 2**61, 1],
        "invalid vectors 0 and 1 are closer than the longest is long",
    ),
    Case({"n": 100, "hexagonal": 50}, [1, 100], [0] * 99 + [1], "valid 1"),
    Case({"n": 101, "hexagonal": 0}, [1, 101], [1] * 101, _N, foreign=True),
    Case({"n": 1, "hexagonal": 0}, [2, 1], [1, -1], "valid 2"),
    Case({"n": 0, "hexagonal": 0}, [0, 0], [], _N, foreign=True),
    Case({"n": True, "hexagonal": 0}, [1, 1], [1], _N, foreign=True),
    Case({"n": 2, "hexagonal": 2}, [1, 2], [1, 0], _PAIRS, foreign=True),
    Case({"n": 3, "hexagonal": 2}, [1, 3], [1, 0, 0], _PAIRS, foreign=True),
    Case({"n": 2, "hexagonal": -1}, [1, 2], [1, 0], _PAIRS, foreign=True),
    Case({"n": 2, "hexagonal": True}, [1, 2], [1, 0], _PAIRS, foreign=True),
    Case(_PLAIN, [1], [1, 0], _SHAPE),
    Case(_PLAIN, [1, 3], [1, 0, 0], _SHAPE),
    Case(_PLAIN, [2, 2], [1, 0], _SHAPE),
    Case(_PLAIN, [1, 2], [1, 0, 0], _SHAPE),
    Case(_PLAIN, [True, 2], [1, 0], _SHAPE),
    Case(_PLAIN, [1, 2], "10", _SHAPE),
    Case(_PLAIN, [1, 2], [1, 0.0], _INTEGER),
    Case(_PLAIN, [1, 2], [1, False], _INTEGER),
]

EQUIVALENT: Equivalent = {}
