"""Where numba, numpy and Python differ in silence: each is right in compiled code, or refused."""

from __future__ import annotations

import ast
import math
import random
import sys
from typing import Any

import numpy as np
import pytest

from evaluators.compiled_tier.kinds import Untranslatable
from evaluators.compiled_tier.translator import Translation, translate
from tests.evaluators.compiled_tier.conftest import (
    assert_same,
    compiled,
    interpreted,
    of_arguments,
    outcome,
)

FLOATS = np.random.default_rng(1).normal(size=301) * 10
INTS = np.random.default_rng(2).integers(-50, 50, 301)


def function(body: str, parameters: str) -> ast.Module:
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    return ast.parse(f"def f({parameters}):\n{lines}")


def translated(body: str, parameters: str, *arguments: Any) -> Translation:
    return translate(function(body, parameters), "f", {}, of_arguments(arguments))


@pytest.mark.parametrize(
    "body",
    [
        "s = a * 1.0\ns[1:] -= s[:-1]\nreturn s",
        "s = a * 1.0\ns[1:] = s[:-1]\nreturn s",
        "s = a * 1.0\nt = s[::-1]\ns += t\nreturn s",
        "s = a * 1.0\nt = s\nt *= 2\nreturn s",
    ],
)
def test_overlapping_arrays_are_read_before_they_are_written(body: str) -> None:
    assert assert_same(function(body, "a"), [(FLOATS,), (FLOATS[:2],)]) == 0


@pytest.mark.parametrize(
    "name", ["exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "tanh", "arctan"]
)
def test_functions_of_numpy_are_numpy_s_and_those_of_math_the_c_library_s(name: str) -> None:
    of_array = function(f"return np.{name}(np.abs(a))", "a")
    assert assert_same(of_array, [(FLOATS,), (FLOATS[::3],), (FLOATS[:5],)]) == 0
    in_math = {"arctan": "atan"}.get(name, name)
    of_number = function(f"return math.{in_math}(x) + np.{name}(x)", "x")
    assert assert_same(of_number, [(abs(x),) for x in FLOATS.tolist()]) == 0


@pytest.mark.parametrize("power", ["2", "3", "0.5", "-1", "1.7", "-0.5", "2.0"])
def test_powers_are_rounded_as_python_and_as_numpy_do(power: str) -> None:
    assert assert_same(function(f"return np.abs(a) ** {power}", "a"), [(FLOATS,)]) == 0
    numbers = [(abs(x),) for x in FLOATS.tolist()]
    assert assert_same(function(f"return x ** {power}", "x"), numbers) == 0


@pytest.mark.parametrize("count", [1, 7, 8, 9, 127, 128, 129, 301])
def test_sums_of_arrays_add_in_numpy_s_order_and_those_of_lists_one_by_one(count: int) -> None:
    program = function("return np.sum(a) + np.mean(a) - np.std(a) / np.var(a)", "a")
    if count > 1:
        assert assert_same(program, [(FLOATS[:count],)]) == 0
    if sys.version_info < (3, 12):
        assert assert_same(function("return sum(a) + 0.0", "a"), [(FLOATS[:count],)]) == 0


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        ("return x * x", (2**40,)),
        ("return x + x", (2**62,)),
        ("return -x", (-(2**63),)),
        ("return abs(x)", (-(2**63),)),
        ("return x ** 5", (2**20,)),
        ("return 1 << x", (64,)),
        ("return 1 << x", (-1,)),
        ("return 2 ** x", (-1,)),
        ("return x / 3", (2**60 + 1,)),
        ("return x < 1e18", (2**60,)),
        ("return 1.0 + (x == 9007199254740993.0)", (2**53 + 1,)),
        ("return x // (x - x)", (5,)),
        ("return x % (x - x)", (5,)),
        ("return 1.0 / (x - x)", (5,)),
        ("return int(x)", (math.nan,)),
        ("return int(x)", (math.inf,)),
        ("return math.exp(x)", (1000.0,)),
        ("return math.log(x)", (0.0,)),
        ("return math.sqrt(x)", (-1.0,)),
        ("return x ** 0.5", (-1.0,)),
        ("return x ** 0.5", (math.inf,)),
        ("return (0,)[x]", (1,)),
        ("return max(x, 1.0)", (math.nan,)),
        ("return sum([x, x])", (2**62,)),
        ("s = 0\nfor i in range(3):\n    s += 0.5 * x\nreturn -s", (0,)),
        ("s = 0\nif x > 3:\n    s = 0.5\nreturn s * -1", (1,)),
    ],
)
def test_what_would_differ_is_left_to_the_interpreter(body: str, arguments: tuple[Any]) -> None:
    assert outcome(compiled(function(body, "x"), arguments), arguments) is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("if x > 0:\n    y = 1\nreturn y", "y may be unassigned"),
        ("for i in range(x):\n    pass\nreturn i", "i may be unassigned"),
        ("return round(x / 3, 1)", "other arguments than one"),
        ("return np.random.rand()", "random"),
        ("return random.random()", "random"),
        ("return x is 1", "the comparison Is"),
        ("return (x > 1) + (x > 2)", "two truth values"),
        ("return {1: 2}[x]", "Dict"),
        ("return str(x)", "str"),
        ("try:\n    return 1 / x\nexcept ZeroDivisionError:\n    return 0", "Try"),
        ("y = None\nreturn x", "NoneType"),
        ("return (lambda y: y)(x)", "call"),
        ("return f(x - 1) if x else 0", "a call of f"),
        ("return math.erf(x)", "math.erf"),
        ("return math.hypot(x, x)", "math.hypot"),
        ("if x:\n    return 1", "None"),
        ("global g\ng = x\nreturn g", "Global"),
        ("s = [1, 2]\nfor y in s:\n    s.append(y)\nreturn x", "while a loop"),
        ("max = x\nreturn max", "stands for something else"),
        ("return 2j * x", "complex"),
    ],
)
def test_what_cannot_be_told_is_refused_before_compiling(body: str, why: str) -> None:
    with pytest.raises(Untranslatable, match=why):
        translated(body, "x", 3)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("a[0] = 1\nreturn a * 1.0", "an argument is changed"),
        ("a -= 1\nreturn a * 1.0", "an argument is changed"),
        ("return a", "returns an argument"),
        ("return a[1:]", "returns an argument"),
        ("b = a * 1\nb[0] = 0.5\nreturn b", "cut off"),
        ("b = a * 1\nb /= 2\nreturn b", "another type"),
        ("return -1.0 if a else a * 1.0", "the truth of an array"),
        ("return a @ a", "MatMult"),
        ("return np.dot(a, a)", "np.dot"),
        ("return abs(a[0]) ** 1.5", "perhaps numpy's"),
        ("return a ** -1", "such a power"),
    ],
)
def test_what_arrays_would_do_otherwise_is_refused(body: str, why: str) -> None:
    with pytest.raises(Untranslatable, match=why):
        translated(body, "a", INTS)


def test_order_of_equal_entries_is_numpy_s_own_unless_stable() -> None:
    distinct, tied = np.array([3.0, 1.0, 2.0]), np.array([1.0, 0.0, 1.0])
    any_order = compiled(function("return np.argsort(a) * 1.0", "a"), (tied,))
    assert outcome(any_order, (tied,)) is None
    assert outcome(any_order, (distinct,)) is not None
    stable = function('return np.argsort(a, kind="stable") * 1.0', "a")
    assert assert_same(stable, [(tied,), (distinct,), (np.round(FLOATS) + 0.0,)]) <= 1


def test_division_and_remainder_of_floats_are_python_s() -> None:
    dice = random.Random(3)
    calls = [(dice.uniform(-9, 9), dice.choice([0.1, -0.3, 2.0, -7.5])) for _ in range(300)]
    calls += [(x, y) for x in (0.0, -0.0, 6.0, -6.0) for y in (2.0, -2.0, 3.0)]
    for body in ("return x // y", "return x % y"):
        assert assert_same(function(body, "x, y"), calls) == 0


def test_rounding_is_half_to_even() -> None:
    calls = [(x / 4,) for x in range(-40, 40)]
    assert assert_same(function("return round(x) * 8 + math.floor(x) + int(x)", "x"), calls) == 0


def test_zero_has_the_sign_that_it_has_in_python() -> None:
    assert assert_same(function("return x * -1 + -0.0", "x"), [(0.0,), (-0.0,)]) == 0
    assert assert_same(function("return np.maximum(a, -0.0) * -1", "a"), [(FLOATS * 0,)]) == 0


def test_extreme_of_zeros_of_both_signs_is_left_to_the_interpreter() -> None:
    zeros = np.array([0.0, -0.0, 0.0])
    assert outcome(compiled(function("return np.max(a)", "a"), (zeros,)), (zeros,)) is None


def test_argument_of_another_type_is_left_to_the_interpreter() -> None:
    candidate = compiled(function("return x / 2", "x"), (3,))
    for other in (3.0, True, np.int64(3), "3", 2**70):
        assert outcome(candidate, (other,)) is None
    assert outcome(candidate, (3,)) == outcome(interpreted(function("return x / 2", "x")), (3,))
