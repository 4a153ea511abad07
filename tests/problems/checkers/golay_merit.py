"""Sequences of 1 and -1, right and wrong."""

from tests.problems.checkers.case import Case, Equivalent

_N = "invalid n is not an integer from 2 to 10^4"
_SIGN = "invalid an element is not 1 or -1"

CASES = [
    Case({"n": 3}, [3], [1, 1, -1], "valid 4.5"),
    Case({"n": 2}, [2], [-1, -1], "valid 2.0"),
    Case({"n": 2}, [2], [-1, 1], "valid 2.0"),
    Case({"n": 4}, [4], [1, 1, 1, 1], f"valid {16 / 28!r}"),
    Case({"n": 5}, [5], [1, 1, 1, -1, 1], "valid 6.25"),
    Case({"n": 7}, [7], [-1, -1, -1, 1, 1, -1, 1], f"valid {49 / 6!r}"),
    Case({"n": 7}, [7], [-1, 1, 1, 1, 1, -1, 1], "valid 3.5"),
    Case({"n": 10**4}, [1], [1], "invalid there are not 10000 elements"),
    Case({"n": 10**4 + 1}, [1], [1], _N, foreign=True),
    Case({"n": 1}, [1], [1], _N, foreign=True),
    Case({"n": True}, [1], [1], _N, foreign=True),
    Case({"n": 2.0}, [2], [1, 1], _N, foreign=True),
    Case({"n": 3}, [2], [1, 1], "invalid there are not 3 elements"),
    Case({"n": 3}, [3], [1, 1], "invalid there are not 3 elements"),
    Case({"n": 3}, [2], [1, 1, 1], "invalid there are not 3 elements"),
    Case({"n": 3}, [3, 1], [1, 1, 1], "invalid there are not 3 elements"),
    Case({"n": 3}, [3.0], [1, 1, 1], "invalid there are not 3 elements"),
    Case({"n": 3}, [3], "111", "invalid there are not 3 elements"),
    Case({"n": 3}, [3], [1, 0, 1], _SIGN),
    Case({"n": 3}, [3], [1, 2, 1], _SIGN),
    Case({"n": 3}, [3], [1, -2, 1], _SIGN),
    Case({"n": 3}, [3], [-128, 127, 1], _SIGN),
    Case({"n": 3}, [3], [1, True, 1], _SIGN),
    Case({"n": 3}, [3], [1, -1.0, 1], _SIGN),
]

_NEGATED = "the sequence is negated, which changes no product of two elements"

EQUIVALENT: Equivalent = {
    "x == 1 -> x != 1": _NEGATED,
    "'1' if x == 1 else '0' -> '1' if not x == 1 else '0'": _NEGATED,
}
