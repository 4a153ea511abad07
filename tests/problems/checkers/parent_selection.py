"""Searches on small landscapes, right and wrong."""

from typing import Any

from tests.problems.checkers.case import Case, Equivalent

_LISTS = "invalid arrivals, rows, tables and data are not all lists"
_PART = "invalid a part of the landscape is not what it must be"


def _parents(steps: int) -> str:
    return f"invalid there is not one parent for each of {steps} steps"


def _parent(program: int) -> str:
    return f"invalid the parent of program {program} is not one before it"


# Program 0 becomes 0, 1 or 2, program 1 always 0, program 2 always itself.
_ROWS = [[30000, 60000, 65536], [65536, 65536, 65536], [0, 0, 65536]]
_LEVELS: dict[str, Any] = {
    "arrivals": [[0, 0], [7, 59999], [1, 60000], [1, 65535]],
    "highest": 32,
    "rows": _ROWS,
    "start": 0,
    "tables": [],
}
_BITS: dict[str, Any] = {
    "arrivals": [[0, 1], [2**32, 6], [3, 31]],
    "highest": 100,
    "rows": [],
    "start": 0,
    "tables": [[int(j == 0b0110) * 100 for j in range(16)]] + [[0] * 16] * 4,
}
_SPREAD = _BITS | {
    "tables": [[16 * k + j for j in range(16)] for k in range(5)],
    "highest": 1,
}


def _levels(**other: Any) -> Case:
    return Case(_LEVELS | other, [4], [0, 0, 0, 3], _PART, foreign=True)


def _bits(**other: Any) -> Case:
    return Case(_BITS | other, [3], [0, 0, 0], _PART, foreign=True)


def _scores(program: int) -> int:
    """The score of a program of five bits by definition."""
    bits = [program >> k & 1 for k in range(5)]
    return sum(16 * k + sum(bits[(k + i) % 5] << i for i in range(4)) for k in range(5))


CASES = [
    Case(_LEVELS, [4], [0, 0, 0, 3], "valid 100.0"),
    Case(_LEVELS, [4], [0, 0, 2, 0], "valid 100.0"),
    Case(_LEVELS, [4], [0, 0, 2, 2], "valid 50.0"),
    Case(_LEVELS | {"start": 2}, [4], [0, 0, 0, 0], "valid 100.0"),
    Case(_LEVELS | {"highest": 10**9}, [4], [0, 0, 0, 0], f"valid {3200 / 10**9!r}"),
    Case(_LEVELS | {"arrivals": []}, [0], [], "valid 0.0"),
    Case(_BITS, [3], [0, 0, 0], "valid 100.0"),
    Case(_BITS, [3], [0, 1, 0], "valid 0.0"),
    Case(_BITS | {"start": 1}, [3], [0, 1, 0], "valid 100.0"),
    Case(_BITS | {"start": 31}, [3], [0, 0, 0], "valid 0.0"),
    Case(
        _BITS | {"tables": [[0] * 15 + [10**6]] * 5}, [3], [0, 0, 0], f"valid {5 * 10**8 / 100!r}"
    ),
    *[
        Case(_SPREAD | {"arrivals": [[0, change]]}, [1], [0], f"valid {100.0 * _scores(change)!r}")
        for change in range(32)
    ],
    Case(_SPREAD | {"start": 2}, [3], [0, 1, 2], f"valid {100.0 * _scores(26)!r}"),
    *[_bits(start=start) for start in (-1, 32, True, 0.0)],
    *[_levels(start=start) for start in (-1, 3, None)],
    *[_levels(highest=highest) for highest in (0, -1, 10**9 + 1, True, 1.0)],
    *[
        _bits(tables=[[0] * 16] * 4 + [table])
        for table in ([0] * 15, [0] * 17, 0, [0] * 15 + [0.0])
    ],
    *[_bits(tables=[[0] * 16] * 4 + [[each] * 16]) for each in (-1, 10**6 + 1, True)],
    *[_levels(rows=[*_ROWS[:2], row]) for row in ([0, 65536], [0, 0, 65535], [0, 0, 0, 65536], 1)],
    *[_levels(rows=[*_ROWS[:2], [*row, 65536]]) for row in ([2, 1], [-1, 0], [0, 65537], [0, 0.0])],
    *[_levels(rows=[*_ROWS[:2], [0, 0, last]]) for last in (65537, 65536.0)],
    *[_levels(arrivals=[[0, 0]] * 3 + [each]) for each in ([0, 65536], [0], [0, 0, 0], 0, [0, -1])],
    *[
        _bits(arrivals=[[0, 1]] * 2 + [each])
        for each in ([0, 32], [2**32 + 1, 0], [-1, 0], [0, True])
    ],
    *[
        Case(_BITS | other, [3], [0, 0, 0], _LISTS, foreign=True)
        for other in ({"arrivals": ""}, {"rows": {}}, {"tables": {}}, {"rows": None})
    ],
    Case(_BITS, [3], "000", _LISTS),
    Case(_BITS, [2], [0, 0], _parents(3)),
    Case(_BITS, [3], [0, 0], _parents(3)),
    Case(_BITS, [3], [0, 0, 0, 0], _parents(3)),
    Case(_BITS, [3, 1], [0, 0, 0], _parents(3)),
    Case(_BITS, [3.0], [0, 0, 0], _parents(3)),
    Case(_BITS, 3, [0, 0, 0], _parents(3)),
    Case(_BITS, [3], [0, 1, 3], _parent(3)),
    Case(_BITS, [3], [1, 0, 0], _parent(1)),
    Case(_BITS, [3], [0, -1, 0], _parent(2)),
    Case(_BITS, [3], [0, 0, True], _parent(3)),
    Case(_BITS, [3], [0, 0, 0.0], _parent(3)),
    Case(_LEVELS, [4], [0, 0, 0, 2**31 - 1], _parent(4)),
]

EQUIVALENT: Equivalent = {}
