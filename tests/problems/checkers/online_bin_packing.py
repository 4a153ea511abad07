"""Packings, right and wrong."""

from tests.problems.checkers.case import Case, Equivalent

_CAPACITY = "invalid the capacity is not an integer from 1 to 10^9"
_COUNT = "invalid there is no item"
_SIZE = "invalid a size is not an integer from 1 to the capacity"
_ORDER = "invalid bins are not numbered 0, 1, 2, ... in the order of their first use"


def _bins(count: int) -> str:
    return f"invalid there is not one bin for each of {count} items"


_THREE = {"capacity": 5, "items": [3, 2, 5]}

CASES = [
    Case(_THREE, [3], [0, 0, 1], "valid 0.0"),
    Case(_THREE, [3], [0, 1, 2], "valid 50.0"),
    Case({"capacity": 7, "items": [4, 4, 4, 3]}, [4], [0, 1, 2, 1], "valid 0.0"),
    Case({"capacity": 7, "items": [4, 4, 4, 3]}, [4], [0, 1, 2, 3], f"valid {100 / 3!r}"),
    Case({"capacity": 10**9, "items": [10**9]}, [1], [0], "valid 0.0"),
    Case({"capacity": 1, "items": [1]}, [1], [0], "valid 0.0"),
    Case({"capacity": 10**9 + 1, "items": [1]}, [1], [0], _CAPACITY, foreign=True),
    Case({"capacity": 0, "items": [1]}, [1], [0], _CAPACITY, foreign=True),
    Case({"capacity": True, "items": [1]}, [1], [0], _CAPACITY, foreign=True),
    Case({"capacity": 5.0, "items": [1]}, [1], [0], _CAPACITY, foreign=True),
    Case({"capacity": 5, "items": []}, [0], [], _COUNT, foreign=True),
    Case({"capacity": 5, "items": "1"}, [1], [0], _COUNT, foreign=True),
    Case({"capacity": 5, "items": [0]}, [1], [0], _SIZE, foreign=True),
    Case({"capacity": 5, "items": [6]}, [1], [0], _SIZE, foreign=True),
    Case({"capacity": 5, "items": [True]}, [1], [0], _SIZE, foreign=True),
    Case({"capacity": 5, "items": [1, 1.0]}, [2], [0, 0], _SIZE, foreign=True),
    Case(_THREE, [True], [0, 0, 1], _bins(3)),
    Case(_THREE, [3, 1], [0, 0, 1], _bins(3)),
    Case(_THREE, 3, [0, 0, 1], _bins(3)),
    Case(_THREE, [2], [0, 0], _bins(3)),
    Case(_THREE, [3], [0, 0], _bins(3)),
    Case(_THREE, [3], [0, 0, 1, 2], _bins(3)),
    Case(_THREE, [3], "001", _bins(3)),
    Case(_THREE, [3], [0, 0, True], _ORDER),
    Case(_THREE, [3], [0, 0, 1.0], _ORDER),
    Case(_THREE, [3], [1, 0, 2], _ORDER),
    Case(_THREE, [3], [0, 2, 1], _ORDER),
    Case(_THREE, [3], [0, -1, 1], _ORDER),
    Case(_THREE, [3], [0, 1, 2**31 - 1], _ORDER),
    Case(_THREE, [3], [0, 0, 0], "invalid bin 0 holds 10, more than 5"),
    Case(_THREE, [3], [0, 1, 1], "invalid bin 1 holds 7, more than 5"),
]

EQUIVALENT: Equivalent = {}
