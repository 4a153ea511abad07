"""Cap sets, right and wrong."""

from tests.problems.checkers.case import Case, Equivalent

_SHAPE = "invalid the shape is not [size, 2], or the data do not fill it"
_DIGIT = "invalid a coordinate is not 0, 1 or 2"
_N = "invalid n is not an integer from 1 to 20"

CASES = [
    Case({"n": 2}, [0, 2], [], "valid 0"),
    Case({"n": 2}, [1, 2], [2, 1], "valid 1"),
    Case({"n": 2}, [4, 2], [0, 0, 0, 1, 1, 0, 1, 1], "valid 4"),
    Case({"n": 1}, [2, 1], [0, 2], "valid 2"),
    Case({"n": 1}, [3, 1], [2, 0, 1], "invalid on one line: (0,), (2,), (1,)"),
    Case({"n": 20}, [1, 20], [1] * 20, "valid 1", foreign=True),
    Case({"n": 21}, [1, 21], [1] * 21, _N, foreign=True),
    Case({"n": 0}, [0, 0], [], _N, foreign=True),
    Case({"n": True}, [1, 1], [1], _N, foreign=True),
    Case({"n": 2}, [3, 2], [0, 1, 1, 1, 2, 1], "invalid on one line: (1, 1), (0, 1), (2, 1)"),
    Case({"n": 2}, [2, 2], [0, 1, 0, 1], "invalid a vector occurs twice"),
    Case({"n": 2}, [1], [0, 0], _SHAPE),
    Case({"n": 2}, [1, 3], [0, 0, 0], _SHAPE),
    Case({"n": 2}, [2, 2], [0, 0], _SHAPE),
    Case({"n": 2}, [1, 2], [0, 0, 0], _SHAPE),
    Case({"n": 2}, [True, 2], [0, 0], _SHAPE),
    Case({"n": 2}, [1, 2], "00", _SHAPE),
    Case({"n": 2}, [1, 2], [0, 3], _DIGIT),
    Case({"n": 2}, [1, 2], [0, -1], _DIGIT),
    Case({"n": 2}, [1, 2], [0, 1.0], _DIGIT),
    Case({"n": 2}, [1, 2], [0, True], _DIGIT),
]

EQUIVALENT: Equivalent = {}
