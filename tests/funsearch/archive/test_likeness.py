"""Canonical forms: what keeps them, what changes them, and that any text has one."""

from __future__ import annotations

import ast
import bisect
import contextlib
import difflib
import heapq
import inspect
import random
import re
import shlex
import statistics
import textwrap
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.parser import Refused
from evaluators.program import canonical
from funsearch.archive import likeness
from funsearch.archive.likeness import form, similarity, windows


def sources() -> list[str]:
    """Return functions that people wrote, as programs of a run look."""
    found: list[str] = []
    for module in (bisect, difflib, heapq, random, shlex, statistics, textwrap):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.FunctionDef):
                with contextlib.suppress(Refused):
                    found.append(canonical(node, "priority").source)
    assert len(found) > 100
    return found


SOURCES = sources()
PIECES = (
    *(
        "\n",
        "\n    ",
        " ",
        "\\",
        "\\\n",
        "'",
        "'''",
        '"',
        '"""',
        "r'",
        "f",
        "x",
        "len",
        "=",
        "==",
        ":=",
    ),
    *(
        "(",
        ")",
        ".real",
        "-1",
        "1e",
        "5.",
        "#",
        "$",
        "\t",
        "\r",
        "\x0c",
        "é",
        "return x",
        "y" * 130,
    ),
)
CONSTANTS = (0, 7, 0.5, 1e-30, "a'b\"c", "for max in", b"x", True, None, 2j, "def f(sum=1):\n")


class _Bound(ast.NodeVisitor):
    """Collects the names that a function gives, but for those that are words of others too."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.others: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.names.add(node.id)

    def visit_arg(self, node: ast.arg) -> None:
        self.names.add(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.names.add(node.name)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        self.others.add(node.arg or "")
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.others.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.others.update(node.names)


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str], draws: random.Random) -> None:
        self.names = names
        self.draws = draws

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self.names.get(node.name, node.name)
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self.names.get(node.arg, node.arg)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        return ast.Constant("what a format says is a constant")

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        node.value = self.draws.choice(CONSTANTS)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.UnaryOp:
        # A sign belongs to a number, and to nothing else.
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            node.operand.value = self.draws.choice((0, 7, 0.5, 1e-30))
            return node
        self.generic_visit(node)
        return node


def changed(source: str, seed: int) -> str:
    """Return a program with other names and constants."""
    tree, draws, bound = ast.parse(source), random.Random(seed), _Bound()
    bound.visit(tree)
    fresh = [f"{draws.choice('abcxyz_')}{number}" for number in range(len(bound.names))]
    draws.shuffle(fresh)
    names = dict(zip(sorted(bound.names - bound.others), fresh, strict=False))
    return ast.unparse(_Renamed(names, draws).visit(tree))


@given(st.sampled_from(SOURCES), st.integers())
def test_other_names_and_constants_keep_the_form(source: str, seed: int) -> None:
    assert form(changed(source, seed)) == form(source)
    assert similarity(windows(changed(source, seed)), windows(source)) == 1.0


@pytest.mark.parametrize(
    "other",
    [
        "def priority(a, b):\n    max = a\n    return max + b",
        "def priority(a, b):\n    max = -1\n    return max + b",
        "def priority(a, b):\n    for max in a:\n        return max + b",
    ],
)
def test_a_built_in_name_that_is_given_anew_is_the_programs_own(other: str) -> None:
    assert form(other) == form(other.replace("max", "top"))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def priority(el, max):\n    return max(el)", "max"),
        ("def priority(el, n):\n    return sorted(el, key=lambda i, len=n: i * len)", "len"),
        ("def priority(el, n):\n    for i, sum in enumerate(el):\n        return sum", "sum"),
        ("def priority(el, n):\n    sum, k = (0, 1)\n    return sum", "sum"),
        ("def priority(el, n):\n    sum += el\n    return sum", "sum"),
        ("def priority(el, n):\n    if (sum := n):\n        return sum", "sum"),
        ("def priority(el, n):\n\n    def own(int, x=3):\n        return int - x", "x"),
        ("def priority(el, n):\n\n    def own(int, x=3):\n        return int - x", "int"),
    ],
)  # fmt: skip
def test_a_name_is_the_programs_own_wherever_it_is_bound(source: str, name: str) -> None:
    assert form(re.sub(rf"\b{name}\b", "other", source)) == form(source)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("return a - b", "return b - a"),
        ("return a - b", "return a + b"),
        ("return min(a, b)", "return max(a, b)"),
        ("return np.sin(a)", "return np.cos(a)"),
        ("return np.sin(a)", "return math.sin(a)"),
        ("return a[1:]", "return a[:1]"),
        ("return a == b", "return a <= b"),
        ("return f(a, axis=1)", "return f(a, order=1)"),
        ("return a\n    b = 1", "if a:\n        return a\n    b = 1"),
        ("return a - 1", "return a"),
    ],
)
def test_another_structure_is_another_form(one: str, other: str) -> None:
    head = "def priority(a, b):\n    "
    assert form(head + one).digest != form(head + other).digest


def test_in_a_comparison_all_own_names_are_alike() -> None:
    one, other = ("def priority(a, b):\n    return a - b", "def priority(a, b):\n    return b - a")
    assert similarity(windows(one), windows(other)) == 1.0
    assert form(one).statements == form(other).statements


def test_a_form_is_the_same_for_ever() -> None:
    found = form("def priority(el, n):\n    return sum(el) * 0.5 - n")
    assert found.digest.hex() == "35cddf569d67c8cf7b55ba647c24c091"
    assert sorted(found.statements) == [2572975603, 3874745951]


@given(
    st.text()
    | st.lists(
        st.sampled_from(["'''", '"""', "'", '"', "\\", "\n", "f", "def ", "x=", ":", "(", "1e-5"])
    ).map("".join)
)
def test_any_text_has_a_form(text: str) -> None:
    assert form(text) == form(text)
    assert similarity(windows(text), windows(text)) == 1.0


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_tokens_of_lines_are_those_of_the_whole(text: str) -> None:
    expected = likeness.split_at_once(text)
    assert likeness.split(text) == expected
    assert likeness.split(text) == expected, "now that its lines are remembered"


@given(st.sampled_from(SOURCES), st.sampled_from(SOURCES))
def test_similarity_is_a_measure(one: str, other: str) -> None:
    there, back = (similarity(windows(a), windows(b)) for a, b in ((one, other), (other, one)))
    assert there == back
    assert 0 <= there <= 1
    assert (there == 1) == (windows(one) == windows(other))


def test_similarity_counts_what_both_have() -> None:
    one = Counter({("a",): 3, ("b",): 1})
    assert similarity(one, Counter({("a",): 1, ("c",): 1})) == pytest.approx(1 / 5)
    assert similarity(one, Counter({("c",): 1})) == 0


def test_more_change_is_less_like() -> None:
    lines = [f"    v{i} = np.roll(el, {i}) + n ** {i}" for i in range(9)]
    other = [f"    v{i} = -el[{i}]" for i in range(9)]
    texts = ["\n".join(["def priority(el, n):", *other[:k], *lines[k:]]) for k in range(10)]
    found = [similarity(windows(texts[0]), windows(text)) for text in texts]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)
