"""Points with and without isosceles triangles."""

from tests.problems.checkers.case import Case, Equivalent

_N = "invalid n is not an integer from 1 to 10^6"
_SHAPE = "invalid the shape is not [size, 2], or the data do not fill it"
_GRID = "invalid a coordinate is not from 0 to n - 1"

CASES = [
    Case({"n": 3}, [0, 2], [], "valid 0"),
    Case({"n": 3}, [1, 2], [2, 1], "valid 1"),
    Case({"n": 3}, [2, 2], [0, 0, 2, 2], "valid 2"),
    Case({"n": 3}, [4, 2], [0, 0, 0, 1, 2, 0, 2, 1], "valid 4"),
    Case({"n": 4}, [6, 2], [0, 2, 0, 3, 2, 0, 2, 3, 3, 0, 3, 2], "valid 6"),
    Case(
        {"n": 3}, [3, 2], [0, 0, 2, 2, 2, 0], "invalid (2, 0) is as far from (0, 0) as from (2, 2)"
    ),
    Case(
        {"n": 3}, [3, 2], [0, 0, 0, 1, 0, 2], "invalid (0, 1) is as far from (0, 0) as from (0, 2)"
    ),
    Case(
        {"n": 3}, [3, 2], [0, 0, 1, 0, 2, 0], "invalid (1, 0) is as far from (0, 0) as from (2, 0)"
    ),
    Case(
        {"n": 10**6},
        [3, 2],
        [999_999, 999_999, 0, 0, 999_999, 0],
        "invalid (999999, 0) is as far from (999999, 999999) as from (0, 0)",
    ),
    Case({"n": 10**6 + 1}, [1, 2], [0, 0], _N, foreign=True),
    Case({"n": 0}, [0, 2], [], _N, foreign=True),
    Case({"n": 1}, [1, 2], [0, 0], "valid 1"),
    Case({"n": True}, [1, 2], [0, 0], _N, foreign=True),
    Case({"n": 3}, [2, 2], [0, 1, 0, 1], "invalid a point occurs twice"),
    Case({"n": 3}, [1], [0, 0], _SHAPE),
    Case({"n": 3}, [1, 3], [0, 0, 0], _SHAPE),
    Case({"n": 3}, [2, 2], [0, 0], _SHAPE),
    Case({"n": 3}, [1, 2], [0, 0, 0], _SHAPE),
    Case({"n": 3}, [True, 2], [0, 0], _SHAPE),
    Case({"n": 3}, [1, 2], "00", _SHAPE),
    Case({"n": 3}, [1, 2], [0, 3], _GRID),
    Case({"n": 3}, [1, 2], [-1, 0], _GRID),
    Case({"n": 3}, [1, 2], [0, 1.0], _GRID),
    Case({"n": 3}, [1, 2], [0, True], _GRID),
]

EQUIVALENT: Equivalent = {}
