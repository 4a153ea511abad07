"""Symmetric admissible sets, right and wrong; rows are written as in the problem's page."""

from typing import Any

from tests.problems.checkers.case import Case, Equivalent

_SHAPE = "invalid no such n and w, or the data do not fill a shape [rows, n]"
_LETTERS = "['000', '001', '002', '012', '021', '111', '222']"


def _rows(n: int, w: int, says: str, *rows: str) -> Case:
    data = [int(x) for row in rows for x in row.replace(" ", "")]
    return Case({"n": n, "w": w}, [len(rows), n], data, says)


def _wrong(w: int) -> str:
    return f"invalid a row is not of weight {w}, or a triple none of {_LETTERS}"


def _not(first: str, second: str) -> str:
    """Return the words for two vectors, or, beyond n = 15, for two rows."""
    pair = [each.split() if " " in each else each for each in (first, second)]
    return f"invalid not told apart from each other and a third one: {pair[0]}, {pair[1]}"


def _shaped(shape: Any, data: Any, **instance: Any) -> Case:
    return Case({"n": 12, "w": 7} | instance, shape, data, _SHAPE, foreign=bool(instance))


_ROW = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]

CASES = [
    _rows(12, 7, "valid 3", "000 001 111 222"),
    _rows(12, 7, "valid 0"),
    _rows(15, 10, "valid 0"),
    _rows(21, 15, "valid 0"),
    _rows(24, 17, "valid 0"),
    _rows(
        12,
        7,
        "valid 18",
        "222 001 111 000",
        "222 000 002 222",
        "000 111 111 001",
        "012 000 021 222",
    ),
    _rows(15, 10, "valid 117", "012 001 012 012 222", "012 021 222 000 222", "222 222 002 012 002"),
    _rows(
        21,
        15,
        "valid 351",
        "222 001 002 002 111 111 222",
        "001 001 222 012 021 222 111",
        "111 012 111 021 021 021 002",
    ),
    _rows(
        24,
        17,
        "valid 405",
        "111 001 222 001 012 222 002 222",
        "222 002 021 001 001 111 222 222",
        "002 012 111 111 021 001 111 012",
    ),
    # Three rows that are not told apart; and two of one profile, which are not from one of them.
    _rows(
        12,
        7,
        _not("222002111000", "222100002012"),
        "222 002 111 000",
        "222 001 002 012",
        "000 021 111 012",
    ),
    _rows(
        12,
        7,
        _not("012012001012", "000111012012"),
        "012 012 001 012",
        "000 111 012 012",
        "012 111 012 000",
    ),
    _rows(
        15,
        10,
        _not("012021222002021", "002001222102111"),
        "012 021 222 002 021",
        "002 001 222 021 111",
        "012 002 222 001 111",
    ),
    _rows(
        15,
        10,
        _not("021012222001012", "001012222001111"),
        "021 012 222 001 012",
        "001 012 222 001 111",
        "021 021 012 001 111",
    ),
    _rows(
        21,
        15,
        _not("002 012 111 021 111 002 222", "012 021 021 001 111 012 222"),
        "002 012 111 021 111 002 222",
        "012 021 021 001 111 012 222",
        "012 021 111 021 111 001 021",
    ),
    _rows(
        24,
        17,
        _not("222 002 222 222 012 001 012 012", "222 001 002 111 222 021 012 012"),
        "222 002 222 222 012 001 012 012",
        "222 001 002 111 222 021 012 012",
        "111 002 222 111 021 021 002 021",
    ),
    _rows(12, 7, _not("000001111222", "000002222222"), "000 001 111 222", "000 002 222 222"),
    _rows(
        24,
        17,
        _not("111 001 222 001 012 222 002 222", "111 001 222 001 012 222 002 111"),
        "111 001 222 001 012 222 002 222",
        "111 001 222 001 012 222 002 111",
    ),
    _rows(12, 7, _wrong(7), "000 001 111 222", "000 012 111 222"),
    _rows(12, 7, _wrong(7), "000 000 111 222"),
    _rows(21, 15, _wrong(15), "111 111 111 111 111 000 001"),
    _rows(12, 7, _wrong(7), "000 010 111 222"),
    _rows(12, 7, _wrong(7), "000 011 012 222"),
    _rows(12, 7, _wrong(7), "000 001 111 333"),
    Case({"n": 12, "w": 7}, [1, 12], [*_ROW[:-1], True], _wrong(7)),
    Case({"n": 12, "w": 7}, [1, 12], [*_ROW[:-1], 2.0], _wrong(7)),
    Case({"n": 12, "w": 7}, [1, 12], [*_ROW[:-1], -2], _wrong(7)),
    Case({"n": 12, "w": 7}, [1, 12], "000001111222", _wrong(7)),
    _shaped([12], _ROW),
    _shaped([1, 11], _ROW),
    _shaped([2, 12], _ROW),
    _shaped([1, 12], [*_ROW, 0]),
    _shaped([True, 12], _ROW),
    _shaped([1.0, 12], _ROW),
    _shaped([1, 12], _ROW, w=8),
    _shaped([1, 12], _ROW, w=7.0),
    _shaped([0, 9], [], n=9, w=6),
    _shaped([0, 0], [], n=0),
    _shaped([0, True], [], n=True, w=True),
]

EQUIVALENT: Equivalent = {}
