"""Difference bases, right and wrong."""

from tests.problems.checkers.case import Case, Equivalent

_N = "invalid n is not an integer from 1 to 10^6"
_SHAPE = "invalid the shape is not [size], or the data do not fill it"
_INTEGER = "invalid an element is not an integer"

CASES = [
    Case({"n": 3}, [3], [0, 1, 3], "valid 3"),
    Case({"n": 3}, [3], [-5, -8, -7], "valid 3"),
    Case({"n": 3}, [4], [7, 1, 0, 3], "valid 4"),
    Case({"n": 1}, [2], [2**31 - 2, 2**31 - 1], "valid 2"),
    Case({"n": 3}, [3], [-(2**31), 2**31 - 1, 0], "invalid 1 is not a difference"),
    Case({"n": 4}, [3], [0, 1, 3], "invalid 4 is not a difference"),
    Case({"n": 3}, [3], [0, 2, 3], "valid 3"),
    Case({"n": 3}, [2], [0, 2], "invalid 1 is not a difference"),
    Case({"n": 3}, [0], [], "invalid 1 is not a difference"),
    Case({"n": 10**6}, [2], [0, 1], "invalid 2 is not a difference"),
    Case({"n": 10**6 + 1}, [2], [0, 1], _N, foreign=True),
    Case({"n": 0}, [0], [], _N, foreign=True),
    Case({"n": True}, [2], [0, 1], _N, foreign=True),
    Case({"n": 1}, [3], [0, 1, 0], "invalid an integer occurs twice"),
    Case({"n": 1}, [2, 1], [0, 1], _SHAPE),
    Case({"n": 1}, [3], [0, 1], _SHAPE),
    Case({"n": 1}, [True], [0], _SHAPE),
    Case({"n": 1}, [2], "01", _SHAPE),
    Case({"n": 1}, [2], [0, 1.0], _INTEGER),
    Case({"n": 1}, [2], [0, True], _INTEGER),
]

EQUIVALENT: Equivalent = {
    "x + difference -> x - difference": "two integers are as far apart seen from either of them",
}
