"""The array tier: what it takes, each trap it must not fall into."""

from __future__ import annotations

import ast
import itertools
import math
import textwrap
from typing import Any

import numpy as np
import pytest

from evaluators.array_tier.columns import Columns
from evaluators.array_tier.lanes import GiveUp
from evaluators.array_tier.machine import run
from evaluators.candidate import Interpreted, load
from problems.cap_set import vectors

TYPICAL = [
    "return 0.0",
    "return sum(el)",
    "return -sum(el) / n",
    "return el.count(0) * n - el.count(2) ** 2",
    "return el[0] * 3 + el[-1]",
    "return (el[1] if 3 == el[1::2].count(1) else el[-3]) * sorted(el).count(2) % 3",
    "return len(set(el)) / (1 + abs(el[0] - el[-1]))",
    "return sum(x * y for x, y in zip(el, el[1:])) % 3",
    "return sum(3 ** i * x for i, x in enumerate(el))",
    "return max(el) - min(el) + sum(x == 1 for x in el)",
    "return 1 if el == el[::-1] else 0",
    "return 0.5 if 0 in el and 2 not in el[:2] else -1.5",
    "return float(sum(1 for x in el if x > 0) >= n // 2)",
    "return math.sqrt(sum(x * x for x in el)) + math.sin(el[0])",
    "return math.exp(-el.count(1)) + math.log1p(el.count(2))",
    "return sum(el[i] != el[-1 - i] for i in range(n // 2))",
    "return sum(abs(el[i] - el[i - 1]) for i in range(n)) ** 2 / 7",
    "return any(a == b == 1 for a, b in zip(el, el[1:])) + all(x < 2 for x in el[:3])",
    "return el[el[0]] * el[(el[1] + 2) % len(el)]",
    "return int(sum(el) / 3) + round(el[0] / 4, 2) + math.floor(sum(el) / 2)",
    "return min(n, 2 * el.count(1)) - max(el[0], el[1], 1)",
    "return (sum(el) % 3 == 0) * 10 + (el[0] and el[1] or 0.5)",
    "return sum(x * (i % 3 - 1) for i, x in enumerate(reversed(el)))",
    "return sum(el[::2]) - sum(el[1::2])",
    "return sum(sum(el[i:j]) % 3 == 0 for i in range(n) for j in range(i + 1, n))",
    "score = 0\nfor x in el:\n    score = (score * 2 + x) % 7\nreturn score / n",
    "score = n\nif el[0] == el[-1]:\n    score *= 1.5\nif el[1]:\n    score += 2\nreturn score",
    "if el.count(0) > 2:\n    return -1.0\nif el[0]:\n    return el[1]\nreturn sum(el) * 0.5",
    "best = 0\nrow = 0\nfor x in el:\n    row = row + 1 if x == 1 else 0\n"
    "    best = max(best, row)\nreturn best",
    "for i, x in enumerate(el):\n    if x == 2:\n        return i\nreturn n",
    "total = 0\nfor i in range(n):\n    if el[i] == 0:\n        continue\n    if total > 5:\n"
    "        break\n    total += el[i] * (i + 1)\nreturn total",
    "total = 0\nfor i in range(n):\n    for j in range(i):\n        total += el[i] * el[j] % 3\n"
    "return -total",
    "k = sum(el)\nsteps = 0\nwhile k > 1:\n    k = k // 2 if k % 2 == 0 else 3 * k + 1\n"
    "    steps += 1\nreturn steps",
    "total = 0\nfor i in range(el[0] + 1):\n    total += el[i] / 2\nreturn total",
    "a, b = el[0], el[-1]\nif a > b:\n    a, b = b, a\nreturn b * 3 - a",
    "ones = [i for i, x in enumerate(el) if x == 1]\nreturn len(ones) + sum(ones) / n",
    "odd = tuple(x % 2 for x in el)\nreturn odd.count(1) * 2 + odd[0]",
    "left, right = el[:n // 2], el[n // 2:]\nreturn abs(sum(left) - sum(right)) + (left == right)",
    "weight = 1.0\nscore = 0.0\nfor x in sorted(el):\n    score += weight * x\n    weight *= 0.5\n"
    "return score",
    "score = 0\nif 1 in el:\n    score -= el.index(1)\nelif el[0] > 1:\n    score += 2 ** el[1]\n"
    "else:\n    score = -0.0\nreturn score * -1",
    "value = 0\nfor x in el:\n    value = value ^ (x << 1) | 1\nreturn value & 255",
    "peak = max(x * (i + 1) for i, x in enumerate(el) if i % 2 == 0)\nreturn peak // 3 - 1",
]


def tree(body: str) -> ast.Module:
    return ast.parse("def f(el, n):\n" + textwrap.indent(body, "    "))


def arrays(body: str, el: Any, n: Any = 4) -> Any:
    return run(tree(body), (), (el, n), Columns())


def interpreted(body: str, el: Any, n: Any = 4) -> Any:
    return Interpreted(load(tree(body), "f", {})).map(el, n)


def gives_up(body: str, el: Any, n: Any = 4) -> bool:
    try:
        result = arrays(body, el, n)
    except GiveUp:
        return True
    assert result.tobytes() == interpreted(body, el, n).tobytes()
    return False


CUBE = list(itertools.product(range(3), repeat=4))
SIGNED = list(itertools.product((-2, -1, 0, 1, 3), repeat=3))


@pytest.mark.parametrize("body", TYPICAL)
def test_what_a_search_proposes_is_run_as_arrays(body: str) -> None:
    assert arrays(body, CUBE).tobytes() == interpreted(body, CUBE).tobytes()
    long = vectors(6)
    assert arrays(body, long, 6).tobytes() == interpreted(body, long, 6).tobytes()


@pytest.mark.parametrize(
    "body",
    [
        "return el[0] // el[1]",
        "return el[0] % el[1]",
        "return 1.5 / el[1]",
        "return 0 if el[0] < 3 and 1 / el[1] else 1",
        "return el[0] ** -1",
        "return 1 << el[0]",
        "return 8 >> el[0]",
        "return 2.0 ** (el[2] * 5000)",
        "return math.exp(1000 * el[2])",
        "return math.log(el[0])",
        "return math.sqrt(el[0])",
        "return 1 << 5000",
        "return 10 ** 10 ** 10",
        "return el[el[2]]",
        "return el[el[0] - 2]",
        "return el[0.0]",
        "return el[el[0] / 1]",
        "return el.index(3)",
        "return max(x for x in el if x > 1)",
        "return min([])",
        "if el[0] > 0:\n    late = 1\nreturn late",
        "for x in el:\n    if x > 0:\n        found = x\nreturn found",
        "return missing",
        "sum = 3\nreturn sum(el)",
        "return sum(el) if el[0] else None",
        "if el[0] > 0:\n    return 1",
        "return el",
        "return el[0] * math.inf",
        "return (el[0] + 0j).real",
        "return (-1.5) ** (el[0] / 2)",
        "return f(el[1:], n)",
        "def g(x):\n    return x\nreturn g(el[0])",
        "return (lambda x: x)(el[0])",
        "return np.sum(el)",
        "counts = [0, 0, 0]\ncounts[el[0]] += 1\nreturn counts[0]",
        "items = []\nitems.append(1)\nreturn len(items)",
        "return sum(x for x in el if (y := x) > 0)",
        "del n\nreturn 1",
        "global z\nz = 1\nreturn z",
        "return 1 if el[0] is el[1] else 0",
        "return el[0] + '1'",
        "return +el and el[0]",
        "while True:\n    n += 1",
        "x = n\nfor i in range(10 ** 9):\n    x = -x\nreturn x",
        "x = 2\nfor i in range(100):\n    x = x * x\nreturn x % 7",
        "return len(el * 10 ** 9)",
        "return round(n, -10 ** 9)",
        "a = b = (0, el[0])\nfor i in range(40):\n    a, b = (a, b), (b, a)\n"
        "return 1 if (a if el[0] > 0 else b) else 0",
        "return math.factorial(10 ** 7)",
        "return sum(x for y in el for x in x)",
        "try:\n    return 1 / el[0]\nexcept ZeroDivisionError:\n    return 0",
    ],
)
def test_what_might_differ_from_python_gives_up(body: str) -> None:
    with pytest.raises(GiveUp):
        arrays(body, SIGNED)


@pytest.mark.parametrize(
    "body",
    [
        # An int is not a float: zero times a negative one has no sign.
        "score = 0\nif el[0] > 0:\n    score = 0.5\nreturn score * -1",
        "score = 0\nif el[0] > 0:\n    score = -0.5\nreturn score // 3 * -0.0",
        "score = 0 if el[0] else -0.0\nreturn -score",
        "return (0.0 if el[0] else 0) * -n",
        "return -(el[0] * 0)",
        "return max(0.0, -0.0) if el[0] > 0 else max(-0.0, 0.0)",
        "return min(el[0] * 0.0, 0)",
        "return sum([-0.0] if el[0] > 0 else [0.0])",
        "return -0.0 + (el[0] * 0 and 1.0)",
        # Signs and zeros of quotients and remainders.
        "return (el[0] - 0.5) % 2 + (el[0] / 2) % -1.5",
        "return el[0] * -0.5 // 1 * (el[1] % -2 * 1.0)",
        "return el[0] // -2 * 10 + el[1] % -3",
        "return (el[0] * 1.0) % 1",
        # Which numbers are the same.
        "return el.count(True) + el.count(1.0) + el.count(0.5) + (el[0] in (1.0, 3))",
        "return len(set((el[0], el[1] * 1.0, 1)))",
        "return (el[0] > 0) + (el[1] > 0) - (el[2] == -1)",
        "return (el[0] > 0) & (el[1] > 0) | (el[2] > 0)",
        "return ~(el[0] > 0) + -(el[1] > 0)",
        "return (el[0] or el[1]) + (el[1] and el[2]) * 10 + (el[2] or 0.5)",
        "return (not el[0]) + (not el)",
        "return 0 < el[0] <= el[1] != el[2]",
        # What runs in some lanes only.
        "return el[0] / el[1] if el[1] else 0",
        "return el[1] and el[0] // el[1]",
        "return 0 if el[1] == 0 or el[0] % el[1] else 1",
        "return any(1 / x > 0.5 for x in el if x)",
        "return all(x != 0 and 6 % x == 0 for x in el)",
        "return any(x == 3 or 1 / (x - 3) > 9 for x in el)",
        "for x in el:\n    if x:\n        break\nelse:\n    return 100\nreturn 12 // x",
        "i = 0\nwhile i < 3 and el[i] != 1:\n    i += 1\nreturn i",
        "total = 0\nfor i in range(el[0], el[1]):\n    total += i * i\nreturn total",
        "total = 0\nfor i in range(el[0], -3, -1):\n    total = total * 2 + i\nreturn total",
        "if el[0] > 0:\n    a = 1\nelse:\n    a = 0.5\nreturn a + el[1]",
        "if el[0] > 0:\n    a = el\nelse:\n    a = el[::-1]\nreturn a[0] * 10 + a[1]",
        # Rounding is Python's.
        "return 0.1 * el[0] + 0.2 * el[1] + (el[2] / 3) ** 3",
        "return (el[0] + 0.1) ** 2 * 1.1 ** el[1]",
        "return math.sin(el[0]) + math.exp(el[1] / 3) + abs(el[2] / 7) ** 0.5",
        "return round(el[0] / 2) + round(el[1] / 3, 1) + int(el[2] / 2)",
        "return 1e308 * (abs(el[0]) + 10)",
        "return sum(x * 0.1 for x in el)",
        # Large ints.
        "return (2 ** 60 + el[0]) % 7",
        "return (3 ** 37 * el[0]) // (3 ** 35)",
        "return 2 ** 53 + el[0]",
        "return 2 ** 100",
        "x = 1\nfor i in range(6):\n    x = x * (el[0] * el[0] + 1) % 11\nreturn x",
        # Nothing at all.
        "return len(set(el[5:])) + sum(el[3:]) + len(sorted(el[:0])) + el[3:].count(0)",
        "return (0 in el[9:]) + (el[:0] == el[5:]) + len(list(el[3:])) + (not el[7:])",
        "return sum(x for x in el[n:]) + len([x for x in el if x > 9]) + any(el[:0]) + all(())",
        # Names.
        "x = 5\ntotal = sum(x for x in el)\nreturn total * x",
        "return sum(sum(x for x in el[:x]) for x in range(n - 1))",
    ],
)
def test_trap_is_run_as_arrays_and_equal(body: str) -> None:
    assert arrays(body, SIGNED).tobytes() == interpreted(body, SIGNED).tobytes()


@pytest.mark.parametrize(
    "body",
    [
        "return el[0] * el[1] * 2 ** 40",
        "return el[0] + 2 ** 62",
        "return 1 / el[0]",
        "return el[0] == el[1] + 0.5",
        "return el[0] ** 9",
        "return float(el[0])",
        "return abs(el[0]) % 1000",
        "return el[0] / 3 * el[1]",
    ],
)
def test_large_ints_are_equal_or_given_up(body: str) -> None:
    large = [2**31, 2**53 + 1, 2**62, -(2**62), 3, -7, 2**60 - 1]
    gives_up(body, list(itertools.product(large, repeat=2)))
    gives_up(body, [(2**63, 1), (1, 2**100)])


FLOATS = [0.0, -0.0, 0.5, -1.5, 1e-320, 1e308, -3.25, 7.0, math.inf, -math.inf, math.nan, 0.1]


@pytest.mark.parametrize(
    "body",
    [
        "return el[0] % el[1] if el[1] else 1",
        "return el[0] // el[1] if el[1] else 1",
        "return el[0] / el[1] if el[1] else 1",
        "return el[0] * el[1] - el[1]",
        "return max(el) + min(el[1], el[0])",
        "return (el[0] < el[1]) + 2 * (el[0] == el[1]) + 4 * (el[0] != el[0])",
        "return el.count(el[0]) + len(set(el))",
        "return sorted(el)[0]",
        "return 1 if el[0] else 2",
        "return el[0] if el[0] == el[0] else 0",
        "return abs(el[0])",
        "return -el[0]",
        "return int(el[0]) if abs(el[0]) < 100 else 0",
    ],
)
def test_floats_are_equal_or_given_up(body: str) -> None:
    for pool in (FLOATS, FLOATS[:8], FLOATS[:10]):
        gives_up(body, list(itertools.product(pool, repeat=2)))


def test_remainders_of_floats_are_those_of_python() -> None:
    dice = np.random.default_rng(1)
    size = 20_000
    left = dice.standard_normal(size) * 10.0 ** dice.integers(-300, 300, size)
    right = dice.standard_normal(size) * 10.0 ** dice.integers(-300, 300, size)
    left[::3], right[::3] = np.round(left[::3] % 50), np.round(right[::3] % 7) + 1
    for body in ("return el % n", "return el // n"):
        assert arrays(body, left, right).tobytes() == interpreted(body, left, right).tobytes()


@pytest.mark.parametrize(
    ("el", "taken"),
    [
        (range(5), True),
        ([1, 2, 3], True),
        ([1.5, 2.0], True),
        ([True, False], True),
        (np.arange(4, dtype=np.int8), True),
        (np.array([0.1, 2.5], np.float32), True),
        ([1, 2.5], False),
        ([1, None], False),
        (np.array([[1, 2], [3, 4]]), False),
        (np.array([2**63], np.uint64), False),
        ("abc", False),
        ([], False),
        ([2**64], False),
    ],
)
def test_columns_of_plain_numbers_are_taken(el: Any, taken: bool) -> None:
    assert gives_up("return el * 2 if n else 0", el) is not taken


def test_tuples_of_several_lengths_or_types_give_up() -> None:
    for el in ([(1, 2), (1,)], [(1, 2), (1.5, 2)], [(1, "a")], [((1,), 2)], [()]):
        with pytest.raises(GiveUp):
            arrays("return el[0]", el)


def test_column_that_changed_in_place_is_noticed() -> None:
    columns, el = Columns(), [(1, 2), (3, 4)]
    columns.prepare(el)
    assert run(tree("return el[0]"), (), (el, 1), columns).tolist() == [1.0, 3.0]
    el[0] = (9, 2)
    assert run(tree("return el[0]"), (), (el, 1), columns).tolist() == [9.0, 3.0]


def test_names_of_the_problem_hide_those_of_python() -> None:
    with pytest.raises(GiveUp):
        run(tree("return sum(el)"), {"sum"}, ([(1, 2)], 1), Columns())


@pytest.mark.parametrize(
    "source",
    [
        "def f(el, n=1):\n    return n",
        "def f(*el):\n    return 1",
        "def f(el, *, n):\n    return n",
        "def f(el, n):\n    return n\nf = 1",
        "f = lambda el, n: n",
        "def f(el):\n    return 1",
    ],
)
def test_other_forms_of_program_give_up(source: str) -> None:
    with pytest.raises(GiveUp):
        run(ast.parse(source), (), (CUBE, 4), Columns())


def test_lanes_that_part_are_given_up_soon() -> None:
    body = "k = el[0]\nwhile k > 0:\n    k -= 1\nreturn k"
    with pytest.raises(GiveUp):
        arrays(body, [(i,) for i in range(2000)])
