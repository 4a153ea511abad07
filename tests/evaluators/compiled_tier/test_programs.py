"""Compiled programs against the interpreter, to the bit: hand-written ones and random ones."""

from __future__ import annotations

import ast
import random
from typing import Any

import numpy as np
import pytest

from evaluators.candidate import Interpreted, load
from evaluators.compiled_tier.kinds import Untranslatable
from problems.cap_set import vectors
from tests.evaluators.compiled_tier.array_programs import write
from tests.evaluators.compiled_tier.conftest import assert_same, compiled
from tests.evaluators.compiled_tier.programs import OF_BINS, OF_TUPLES, tree
from tests.evaluators.test_array_tier_oracle import Writer, columns_at_random

QUICK = 12
"""Programs of each list, and random ones, that are compiled on every run of the tests."""

REFUSED = {
    (
        "pairs = 0\nfor a, b, c in zip(el, el[1:], el[2:]):\n"
        "    if {a, b, c} == {0, 1, 2}:\n        pairs += 1\nreturn pairs",
        int,
    ): "Set",
    (
        "s = np.zeros_like(bins, dtype=float)\nfor i in range(len(bins)):\n"
        "    s[i] = -abs(bins[i] - 2 * item) ** 1.5\nreturn s",
        int,
    ): "perhaps numpy's",
}
"""Programs of the lists, and the type of the numbers, that are left to the interpreter: why."""

slow = pytest.mark.slow
BINS = [
    pytest.param(body, kind, marks=() if place < QUICK and kind is int else slow)
    for kind in (int, float)
    for place, body in enumerate(OF_BINS)
]


@pytest.mark.parametrize(
    "body", [pytest.param(b, marks=() if i < QUICK else slow) for i, b in enumerate(OF_TUPLES)]
)
def test_map_over_tuples_returns_what_the_interpreter_returns(body: str) -> None:
    program, columns = tree("el, n", body), (vectors(6), 6)
    if (body, int) in REFUSED:
        with pytest.raises(Untranslatable, match=REFUSED[body, int]):
            compiled(program, (columns[0][0], 6))
        return
    result = compiled(program, (columns[0][0], 6)).map(*columns)
    assert result.tobytes() == Interpreted(load(program, "f", {})).map(*columns).tobytes()


def calls_with_bins(kind: type) -> list[tuple[Any, ...]]:
    dice = np.random.default_rng(0)
    calls: list[tuple[Any, ...]] = []
    for count in (2, 1, 7, 8, 9, 100, 129, 300):
        bins = dice.integers(30, 151, count)
        calls.append((30, bins) if kind is int else (30.25, bins + dice.random(count) + 0.25))
    return calls


@pytest.mark.parametrize(("body", "kind"), BINS)
def test_function_of_arrays_returns_what_the_interpreter_returns(body: str, kind: type) -> None:
    program, calls = tree("item, bins", body), calls_with_bins(kind)
    if (body, kind) in REFUSED:
        with pytest.raises(Untranslatable, match=REFUSED[body, kind]):
            assert_same(program, calls)
        return
    assert assert_same(program, calls) == 0


def is_compiled(program: ast.Module, calls: list[Any]) -> bool:
    """Compare a program; return whether it is compiled, which numba must never be what prevents."""
    try:
        assert_same(program, calls)
    except Untranslatable as reason:
        if "numba" in str(reason):
            raise
        return False
    return True


def check_random(seed: int) -> bool:
    """Compare one random program; return whether it is compiled."""
    dice = random.Random(seed)
    wild = dice.random() < 0.3
    program = ast.parse(Writer(dice, wild).function())
    columns = columns_at_random(dice, wild)
    rows = len(columns[0])
    calls = [
        [each[row] if hasattr(each, "__len__") else each for each in columns] for row in range(rows)
    ]
    return is_compiled(program, calls)


def test_random_programs_return_what_the_interpreter_returns() -> None:
    assert sum(check_random(seed) for seed in range(2 * QUICK)) >= QUICK // 2


def check_random_of_arrays(seed: int) -> bool:
    """Compare one random program of arrays; return whether it is compiled."""
    dice = random.Random(seed)
    program = ast.parse(write(dice))
    return is_compiled(program, calls_with_bins(dice.choice((int, float))))


def test_random_programs_of_arrays_return_what_the_interpreter_returns() -> None:
    assert sum(check_random_of_arrays(seed) for seed in range(QUICK)) >= QUICK // 3


@slow
def test_many_random_programs_of_arrays_return_what_the_interpreter_returns() -> None:
    assert sum(check_random_of_arrays(seed) for seed in range(1000, 1300)) > 150


@slow
def test_many_random_programs_return_what_the_interpreter_returns() -> None:
    assert sum(check_random(seed) for seed in range(1000, 1250)) > 70
