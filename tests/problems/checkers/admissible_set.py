"""Admissible sets, right and wrong."""

from tests.problems.checkers.case import Case, Equivalent

_SHAPE = "invalid the shape is not [size, 2], or the data do not fill it"
_DIGIT = "invalid a coordinate is not 0, 1 or 2"
_SIZES = "invalid n and w are not integers with 1 <= w <= n <= 20"
_ONE = "invalid not 1 nonzero coordinates in each vector, or the same ones in two"
_21 = {"n": 2, "w": 1}


def _not(*vectors: str) -> str:
    return "invalid not told apart, with a third one: " + ", ".join(
        str(tuple(map(int, each))) for each in vectors
    )


def _of_weight_2(says: str, *vectors: str) -> Case:
    n = len(vectors[0])
    return Case({"n": n, "w": 2}, [len(vectors), n], [int(x) for x in "".join(vectors)], says)


CASES = [
    Case(_21, [0, 2], [], "valid 0"),
    Case(_21, [2, 2], [0, 1, 2, 0], "valid 2"),
    Case({"n": 1, "w": 1}, [1, 1], [2], "valid 1"),
    Case({"n": 20, "w": 20}, [1, 20], [1] * 20, "valid 1"),
    _of_weight_2("valid 3", "110", "202", "011"),
    _of_weight_2("valid 3", "110", "201", "022"),
    _of_weight_2("valid 3", "120", "102", "012"),
    _of_weight_2(_not("110", "101"), "110", "101", "011"),
    _of_weight_2(_not("220", "202"), "220", "202", "022"),
    _of_weight_2(_not("120", "101"), "120", "101", "021"),
    _of_weight_2("valid 3", "1100", "1010", "1001"),
    _of_weight_2("valid 3", "2200", "2020", "2002"),
    _of_weight_2("valid 3", "1100", "0110", "0011"),
    _of_weight_2("valid 6", "0011", "0101", "0120", "1001", "1020", "1200"),
    _of_weight_2(_not("0110", "1010"), "0110", "1001", "1010", "1100"),
    Case(_21, [2, 2], [0, 1, 0, 2], _ONE),
    Case(_21, [1, 2], [0, 0], _ONE),
    Case(_21, [2, 2], [0, 1, 1, 1], _ONE),
    Case({"n": 21, "w": 1}, [0, 21], [], _SIZES, foreign=True),
    Case({"n": 2, "w": 0}, [0, 2], [], _SIZES, foreign=True),
    Case({"n": 2, "w": 3}, [0, 2], [], _SIZES, foreign=True),
    Case({"n": True, "w": 1}, [0, True], [], _SIZES, foreign=True),
    Case({"n": 1, "w": True}, [0, 1], [], _SIZES, foreign=True),
    Case({"n": 2.0, "w": 1}, [0, 2.0], [], _SIZES, foreign=True),
    Case(_21, [1], [0, 1], _SHAPE),
    Case(_21, [1, 3], [0, 1, 0], _SHAPE),
    Case(_21, [2, 2], [0, 1], _SHAPE),
    Case(_21, [1, 2], [0, 1, 0], _SHAPE),
    Case(_21, [True, 2], [0, 1], _SHAPE),
    Case(_21, [1.0, 2], [0, 1], _SHAPE),
    Case(_21, [1, 2], "01", _SHAPE),
    Case(_21, [1, 2], [0, 3], _DIGIT),
    Case(_21, [1, 2], [0, -1], _DIGIT),
    Case(_21, [1, 2], [0, 1.0], _DIGIT),
    Case(_21, [1, 2], [0, True], _DIGIT),
]

EQUIVALENT: Equivalent = {}
