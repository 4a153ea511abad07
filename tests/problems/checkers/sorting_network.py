"""Sorting networks, right and wrong: for each input of few wires, one that sorts all others."""

from tests.problems.checkers.case import Case, Equivalent
from tests.problems.published.sorting_network import smallest

_SHAPE = "invalid the shape is not [size, 2], or the data do not fill it"
_INTEGER = "invalid a wire is not an integer"
_N = "invalid n is not an integer from 1 to 16"
_SIXTEEN = [wire for comparator in smallest(16) for wire in comparator]

# All inputs of zeros and ones but one are sorted: the wires, and what that one becomes.
_ALL_BUT_ONE = {
    "1201": "010",
    "0201": "010",
    "0112": "101",
    "0212": "101",
    "1201032312": "0100",
    "0201032312": "0100",
    "0112130123": "1010",
    "0102031312": "0100",
    "0212130123": "1010",
    "0301021223": "1010",
    "0102121323": "1101",
    "0312011323": "1010",
    "0201031323": "1010",
    "0103121323": "1101",
    "0203121323": "1101",
}

CASES = [
    Case({"n": 2}, [1, 2], [0, 1], "valid 1"),
    Case({"n": 1}, [0, 2], [], "valid 0"),
    Case({"n": 3}, [3, 2], [0, 1, 1, 2, 0, 1], "valid 3"),
    Case({"n": 3}, [3, 2], [0, 2, 0, 1, 1, 2], "valid 3"),
    Case({"n": 4}, [5, 2], [0, 1, 2, 3, 0, 2, 1, 3, 1, 2], "valid 5"),
    Case({"n": 4}, [6, 2], [0, 1, 2, 3, 0, 2, 1, 3, 1, 2, 0, 3], "valid 6"),
    Case({"n": 16}, [60, 2], _SIXTEEN, "valid 60"),
    Case({"n": 2}, [0, 2], [], "invalid 01, wire 0 last, may come out"),
    Case({"n": 3}, [0, 2], [], "invalid 001, wire 0 last, may come out"),
    Case({"n": 3}, [2, 2], [0, 1, 1, 2], "invalid 101, wire 0 last, may come out"),
    *[
        Case(
            {"n": len(output)},
            [len(wires) // 2, 2],
            [int(wire) for wire in wires],
            f"invalid {output}, wire 0 last, may come out",
        )
        for wires, output in _ALL_BUT_ONE.items()
    ],
    Case({"n": 17}, [0, 2], [], _N, foreign=True),
    Case({"n": 0}, [0, 2], [], _N, foreign=True),
    Case({"n": True}, [0, 2], [], _N, foreign=True),
    Case({"n": 2}, [2], [0, 1], _SHAPE),
    Case({"n": 2}, [2, 1], [0, 1], _SHAPE),
    Case({"n": 2}, [2, 2], [0, 1], _SHAPE),
    Case({"n": 2}, [1, 2], [0, 1, 0], _SHAPE),
    Case({"n": 2}, [True, 2], [0, 1], _SHAPE),
    Case({"n": 2}, [1, 2], "01", _SHAPE),
    Case({"n": 2}, [1, 2], [0, True], _INTEGER),
    Case({"n": 2}, [1, 2], [0, 1.0], _INTEGER),
    Case({"n": 2}, [1, 2], [1, 0], "invalid (1, 0) is not a comparator on 2 wires"),
    Case({"n": 2}, [1, 2], [1, 1], "invalid (1, 1) is not a comparator on 2 wires"),
    Case({"n": 2}, [1, 2], [-1, 1], "invalid (-1, 1) is not a comparator on 2 wires"),
    Case({"n": 2}, [2, 2], [0, 1, 0, 2], "invalid (0, 2) is not a comparator on 2 wires"),
]

EQUIVALENT: Equivalent = {}
