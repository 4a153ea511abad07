"""Independent sets in powers of cycles, right and wrong."""

from tests.problems.checkers.case import Case, Equivalent

_M = "invalid m is not an integer from 3 to 99, or n none from 1 to 7"
_SHAPE = "invalid the shape is not [size, 2], or the data do not fill it"
_SEVEN = "invalid a coordinate is not an integer from 0 to 6"
_C7 = {"m": 7, "n": 2}
_NEAR = "invalid too near to each other: "

CASES = [
    Case(_C7, [0, 2], [], "valid 0"),
    Case(_C7, [1, 2], [0, 6], "valid 1"),
    Case(_C7, [3, 2], [0, 0, 0, 2, 2, 1], "valid 3"),
    Case({"m": 5, "n": 2}, [5, 2], [0, 0, 1, 2, 2, 4, 3, 1, 4, 3], "valid 5"),
    Case({"m": 3, "n": 1}, [1, 1], [1], "valid 1"),
    Case({"m": 99, "n": 7}, [1, 7], [98] * 7, "valid 1", foreign=True),
    Case({"m": 3, "n": 1}, [2, 1], [0, 2], f"{_NEAR}(0,), (2,)"),
    Case(_C7, [2, 2], [0, 3, 6, 4], f"{_NEAR}(0, 3), (6, 4)"),
    Case(_C7, [2, 2], [6, 4, 0, 3], f"{_NEAR}(6, 4), (0, 3)"),
    Case(_C7, [2, 2], [2, 5, 1, 4], f"{_NEAR}(2, 5), (1, 4)"),
    Case(_C7, [3, 2], [4, 4, 1, 5, 1, 5], f"{_NEAR}(1, 5), (1, 5)"),
    Case({"m": 2, "n": 1}, [0, 1], [], _M, foreign=True),
    Case({"m": 100, "n": 1}, [0, 1], [], _M, foreign=True),
    Case({"m": 7, "n": 8}, [0, 8], [], _M, foreign=True),
    Case({"m": 7, "n": 0}, [0, 0], [], _M, foreign=True),
    Case({"m": 7.0, "n": 1}, [0, 1], [], _M, foreign=True),
    Case({"m": 7, "n": True}, [0, True], [], _M, foreign=True),
    Case(_C7, [2], [0, 0], _SHAPE),
    Case(_C7, [1, 3], [0, 0, 0], _SHAPE),
    Case(_C7, [2, 2], [0, 0], _SHAPE),
    Case(_C7, [1, 2], [0, 0, 0], _SHAPE),
    Case(_C7, [True, 2], [0, 0], _SHAPE),
    Case(_C7, [1, 2], "00", _SHAPE),
    Case(_C7, [1, 2], [0, 7], _SEVEN),
    Case(_C7, [1, 2], [-1, 0], _SEVEN),
    Case(_C7, [1, 2], [0, 1.0], _SEVEN),
    Case(_C7, [1, 2], [True, 0], _SEVEN),
]

EQUIVALENT: Equivalent = {}
