"""Answers to questions, right and wrong."""

from __future__ import annotations

from typing import Any

from tests.problems.checkers.case import Case, Equivalent

_NONE = "invalid the instance has no answers from 0 to 7"
_SHAPE = "invalid the shape is not [3]"
_OTHER = "invalid these are not 3 answers from 0 to 7"


def _instance(*answers: Any) -> dict[str, Any]:
    return {"examples": [], "initial": 0, "questions": [], "answers": list(answers)}


_THREE = _instance(0, 7, 4)

CASES = [
    Case(_THREE, [3], [0, 7, 4], "valid 100.0"),
    Case(_THREE, [3], [1, 0, 7], "valid 0.0"),
    Case(_THREE, [3], [0, 7, 5], "valid 66.66666666666667"),
    Case(_THREE, [3], [0, 6, 5], "valid 33.333333333333336"),
    Case(_THREE, [2], [0, 7], _SHAPE),
    Case(_THREE, [4], [0, 7, 4, 0], _SHAPE),
    Case(_THREE, [3, 1], [0, 7, 4], _SHAPE),
    Case(_THREE, [3.0], [0, 7, 4], _SHAPE),
    Case(_THREE, 3, [0, 7, 4], _SHAPE),
    Case(_THREE, [3], [0, 7], _OTHER),
    Case(_THREE, [3], [0, 7, 4, 4], _OTHER),
    Case(_THREE, [3], [0, 8, 4], _OTHER),
    Case(_THREE, [3], [-1, 7, 4], _OTHER),
    Case(_THREE, [3], [False, 7, 4], _OTHER),
    Case(_THREE, [3], [0.0, 7, 4], _OTHER),
    Case(_THREE, [3], ["0", 7, 4], _OTHER),
    Case(_THREE, [3], "074", _OTHER),
    Case(_THREE, [3], {"0": 0}, _OTHER),
    Case(_THREE, [3], None, _OTHER),
    Case(_instance(3), [1], [3], "valid 100.0"),
    Case(_instance(), [0], [], _NONE, foreign=True),
    Case(_instance(True), [1], [1], _NONE, foreign=True),
    Case(_instance(0, 8), [2], [0, 1], _NONE, foreign=True),
    Case(_instance(-1, 0), [2], [0, 1], _NONE, foreign=True),
    Case(_instance(1.0), [1], [1], _NONE, foreign=True),
    Case({**_THREE, "answers": "0"}, [1], [0], _NONE, foreign=True),
    Case({**_THREE, "answers": {}}, [0], [], _NONE, foreign=True),
]

EQUIVALENT: Equivalent = {}
