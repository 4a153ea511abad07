"""Sets with degenerations of their corners, right and wrong."""

from tests.problems.checkers.case import Case, Equivalent

_PARAMETERS = "invalid p is not 2 or 3, or n is not an integer from 1 to 9"
_SHAPE = "invalid the shape is not [size, 5]"
_DATA = "invalid the data do not fill the shape with integers up to 10^12"
_P2, _P3 = {"p": 2, "n": 1}, {"p": 3, "n": 1}
_HUGE = 10**12


def _no_vertex(*row: int) -> str:
    return f"invalid no vertex, or u1 + u2 + u3 is not 0: {list(row)}"


def _corner(x: int, y: int, other: int) -> str:
    return f"invalid u1 + u2 + u3 is below 1 on the corner {((x,), (y,))}, {((other,), (y,))}"


CASES = [
    Case(_P2, [0, 5], [], "valid 0"),
    Case(_P2, [1, 5], [1, 1, 0, 0, 0], "valid 1"),
    Case(_P3, [1, 5], [2, 0, 0, 0, 0], "valid 1"),
    # (0, 0), (1, 0), (0, 1) are a corner, and no other is inside.
    Case(_P2, [3, 5], [0, 0, 1, 0, -1, 1, 0, 0, 0, 0, 0, 1, 0, -1, 1], "valid 3"),
    Case(_P2, [3, 5], [0, 0, 1, 0, -1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0], "valid 3"),
    Case(_P2, [3, 5], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0], _corner(0, 0, 1)),
    Case(_P2, [3, 5], [0, 0, 0, 0, 0, 1, 0, 0, 1, -1, 0, 1, 0, 0, 0], "valid 3"),
    Case(_P2, [3, 5], [0, 0, 0, 0, 0, 1, 0, 1, 0, -1, 0, 1, 0, 0, 0], _corner(0, 0, 1)),
    Case(_P2, [3, 5], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, -1, 0, 1], "valid 3"),
    Case(_P2, [3, 5], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, -1, 1], "valid 3"),
    Case(_P2, [3, 5], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, -1], _corner(0, 0, 1)),
    # With l = 2: (0, 2), (2, 2), (0, 1); nothing else of (0, 2), (2, 2), (0, 1), (1, 0).
    Case(
        _P3,
        [4, 5],
        [0, 2, 3, 0, -3, 2, 2, 0, -1, 1, 0, 1, 1, 0, -1, 1, 0, 0, 0, 0],
        "valid 4",
    ),
    Case(
        _P3,
        [4, 5],
        [0, 2, 2, 0, -2, 2, 2, 0, -1, 1, 0, 1, 1, 0, -1, 1, 0, 0, 0, 0],
        _corner(0, 2, 2),
    ),
    # Two coordinates: a = (01, 10), b = (11, 10), c = (01, 00).
    Case(
        {"p": 2, "n": 2},
        [3, 7],
        [0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, -1, 0, 1, 0, 0, 0, 0, 0],
        "valid 3",
    ),
    Case(
        {"p": 2, "n": 2},
        [3, 7],
        [0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
        "invalid u1 + u2 + u3 is below 1 on the corner ((0, 1), (1, 0)), ((1, 1), (1, 0))",
    ),
    # Three on a line, but none on another: no corner.
    Case(_P3, [3, 5], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0], "valid 3"),
    Case(_P2, [2, 5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "invalid a vertex occurs twice"),
    Case(_P2, [1, 5], [0, 0, _HUGE, 0, -_HUGE], "valid 1"),
    Case(_P2, [1, 5], [0, 0, -_HUGE, 0, _HUGE], "valid 1"),
    Case(_P2, [1, 5], [0, 0, _HUGE + 1, 0, -_HUGE - 1], _DATA),
    Case(_P2, [1, 5], [0, 0, 2**63 - 1, 2**63 - 1, 2], _DATA),
    Case(_P2, [1, 5], [0, 0, -(2**63), -(2**63), 0], _DATA),
    Case(_P2, [1, 5], [0, 0, 1, 0, 0], _no_vertex(0, 0, 1, 0, 0)),
    Case(_P2, [1, 5], [0, 0, 0, 0, 1], _no_vertex(0, 0, 0, 0, 1)),
    Case(_P2, [1, 5], [0, 2, 0, 0, 0], _no_vertex(0, 2, 0, 0, 0)),
    Case(_P2, [1, 5], [2, 0, 0, 0, 0], _no_vertex(2, 0, 0, 0, 0)),
    Case(_P3, [1, 5], [0, 3, 0, 0, 0], _no_vertex(0, 3, 0, 0, 0)),
    Case(_P3, [1, 5], [0, -1, 0, 0, 0], _no_vertex(0, -1, 0, 0, 0)),
    Case(_P2, [1, 5], [0, 0, 0, 0, 0.0], _DATA),
    Case(_P2, [1, 5], [0, 0, 0, 0, False], _DATA),
    Case(_P2, [1, 5], [0, 0, 0, 0, "0"], _DATA),
    Case(_P2, [1, 5], "00000", _SHAPE),
    Case(_P2, [1, 5], [0, 0, 0, 0, 0, 0], _DATA),
    Case(_P2, [0, 5], [0, 0, 0, 0], _DATA),
    Case(_P2, [1, 5], [0, 0, 0, 0], _SHAPE),
    Case(_P2, [5], [0, 0, 0, 0, 0], _SHAPE),
    Case(_P2, [True, 5], [0, 0, 0, 0, 0], _SHAPE),
    Case(_P2, [1, 7], [0, 0, 0, 0, 0, 0, 0], "invalid the shape is not [size, 5]"),
    Case({"p": 2, "n": 9}, [1, 21], [0] * 21, "valid 1", foreign=True),
    Case({"p": 2, "n": 10}, [1, 23], [0] * 23, _PARAMETERS, foreign=True),
    Case({"p": 2, "n": 0}, [1, 3], [0] * 3, _PARAMETERS, foreign=True),
    Case({"p": 2, "n": True}, [1, 5], [0] * 5, _PARAMETERS, foreign=True),
    Case({"p": 2, "n": 1.0}, [1, 5], [0] * 5, _PARAMETERS, foreign=True),
    Case({"p": 2.0, "n": 1}, [1, 5], [0] * 5, _PARAMETERS, foreign=True),
    Case({"p": 4, "n": 1}, [1, 5], [0] * 5, _PARAMETERS, foreign=True),
    Case({"p": 1, "n": 1}, [1, 5], [0] * 5, _PARAMETERS, foreign=True),
]

EQUIVALENT: Equivalent = {}
