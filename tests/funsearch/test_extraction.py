"""Raw replies in every shape a model gives them, and the one program each stands for."""

import ast
import contextlib
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.parser import Refused
from evaluators.program import read
from funsearch.extraction import Wanted, extract
from problems.cap_set import problem

WANTED = Wanted.of(problem)

BODY = """\
score = 0.0
for i in range(n):
    if el[i] == 2:
        score += 1.5 * i
    elif el[i] == el[-1]:
        score -= priority(el[1:], n - 1)
return score
"""


def function_of(body: str) -> str:
    return "def priority(el, n):\n" + textwrap.indent(body, "    ")


def shapes_of(body: str) -> dict[str, str]:
    """Return replies that all stand for the function with this body."""
    function = function_of(body)

    def versioned(version: int) -> str:
        return function.replace("priority(", f"priority_v{version}(")

    other = function_of("return 9")
    return {
        "function": function,
        "version": versioned(2),
        "indented function": textwrap.indent(function, "        "),
        "annotated": function.replace("(el, n)", "(el: tuple[int, ...], n: int) -> float", 1),
        "docstring and comments": function.replace(
            "score = 0.0\n", '"""Better."""\n    score = 0.0  # start\n'
        ),
        "body": body,
        "indented body": textwrap.indent(body, "    "),
        "body by two": textwrap.indent(body.replace("    ", "  "), "  "),
        "body by tabs": textwrap.indent(body.replace("    ", "\t"), "\t"),
        "body after line end": "\n" + textwrap.indent(body, "    "),
        "body that lost its first blanks": textwrap.indent(body, "    ").lstrip(),
        "body, then another function": textwrap.indent(body, "    ")
        + "\n\ndef priority_v3(el, n):\n    return 1\n",
        "body, then prose": textwrap.indent(body, "    ") + "\nThis version is better: it's new.\n",
        "fence": f"```python\n{function}```",
        "fence without language": f"```\n{function}```\n",
        "fence of tildes": f"~~~py\n{function}~~~\n",
        "fence that never ends": f"Sure!\n```python\n{function}",
        "fence in a list": "1. This:\n\n" + textwrap.indent(f"```python\n{function}```", "   "),
        "body in a fence": f"```python\n{textwrap.indent(body, '    ')}```",
        "prose around": f"Here is a function that I like.\n\n{function}\nIt isn't slow; is it?\n",
        "prose around a fence": f"I think:\n\n```python\n{function}```\n\nThat's all (really).",
        "older versions too": f"{versioned(0)}\n{other}\n{versioned(2)}",
        "half a function behind": f"{function}\ndef priority_v3(el, n):\n    x = (1 +",
        "thoughts": f"<think>def priority(el, n): return 0</think>\n{function}",
        "windows": function.replace("\n", "\r\n"),
        "wrong name": function.replace("priority(", "improved("),
    }


FUNCTION = function_of(BODY)
PROGRAM = read(FUNCTION, "priority")
SHAPES = shapes_of(BODY)


def source(text: str) -> str:
    return extract(text, WANTED).program.source


def notes(text: str) -> str:
    return "; ".join(extract(text, WANTED).notes)


@pytest.mark.parametrize("shape", SHAPES)
def test_reply_stands_for_the_program(shape: str) -> None:
    assert source(SHAPES[shape]) == PROGRAM.source


def test_the_highest_version_is_meant_however_they_are_ordered() -> None:
    texts = [f"def priority_v{i}(el, n):\n    return {i}\n" for i in (10, 9, 2)]
    assert source("\n".join(texts)).endswith("return 10")


def test_the_evolved_name_goes_before_others() -> None:
    text = "def priority(el, n):\n    return 1\n\ndef other(el, n):\n    return 2\n"
    assert source(text).endswith("return 1")
    assert "dropped the function other" in notes(text)


def test_else_the_last_with_matching_parameters_is_meant() -> None:
    text = "def a(x, y):\n    return 1\ndef b(x, y):\n    return 2\ndef c(x):\n    return 3\n"
    assert source(text) == "def priority(x, y):\n    return 2"


def test_helpers_and_constants_move_inside_in_their_order() -> None:
    text = """
import math
from itertools import product as pairs
TABLE = [1, 2]
TABLE[0] = 3
UNUSED = 4

def helper(x):
    return TABLE[x] + math.floor(SCALE)

SCALE: float = 1.5

def priority_v2(el, n):
    return helper(el[0]) + len(list(pairs(el)))
"""
    program = extract(text, WANTED).program
    space: dict[str, object] = {"math": __import__("math")}
    exec(program.source, space)
    function = space["priority"]
    assert callable(function)
    assert function((0, 1), 2) == 3 + 1 + 2
    assert "UNUSED" not in program.source
    assert "import math" not in program.source, "it is there anyway"
    assert ast.parse(program.source).body[0].body[0].names[0].name == "product"  # type: ignore[attr-defined]


def test_imports_of_other_modules_go_with_a_note() -> None:
    text = "import os\nfrom . import x\nfrom math import *\n" + function_of("return os.getpid()")
    assert "import" not in source(text)
    assert "dropped the import of os" in notes(text)


def test_unknown_decorators_go_with_a_note() -> None:
    text = (
        "@njit\ndef helper(x):\n    return x\n"
        "@numba.njit(cache=True)\ndef priority(el, n):\n    return helper(1)\n"
    )
    assert "njit" not in source(text)
    assert "dropped a decorator of helper" in notes(text)
    assert "dropped 1 decorators" in notes(text)


def test_recursion_is_renamed_with_the_function() -> None:
    text = "def priority_v2(el, n):\n    return 0 if not el else priority_v2(el[1:], n - 1)\n"
    assert "else priority(el[1:], n - 1)" in source(text)


def test_a_call_of_an_ancestor_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="calls priority_v1, which is not part of the reply"):
        extract("def priority_v2(el, n):\n    return priority_v1(el, n)\n", WANTED)


def test_an_ancestor_that_is_repeated_moves_inside() -> None:
    text = "def priority_v1(el, n): return 1\ndef priority_v2(el, n): return -priority_v1(el, n)\n"
    assert "def priority_v1" in source(text)


def test_optional_parameters_do_not_matter() -> None:
    assert source("def priority(el, n, k=3):\n    return k\n").endswith("return k")
    with pytest.raises(Refused, match="priority does not take the arguments"):
        extract("def priority(el):\n    return 1\n", WANTED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\n",
        "I cannot help with that.",
        "def",
        "return max(",
        "```",
        "```python\n```",
        "score = 1\n",
        "class A:\n    def priority(self, el, n):\n        return self.k\n",
        "async def priority(el, n):\n    return 1\n",
        "lambda el, n: 1",
        "\x00",
        "\x1b[2J\x07",
        "\ud800",
        "def priority(el, n):\n    global X\n    return X\n",
        "(" * 10_000,
        "x" * 300_000,
        "def priority(el, n): return " + "9" * 5000,
        "def priority(el, n):\n    return " + "-" * 8000 + "1\n",
        "<html><body>503 Service Unavailable</body></html>",
    ],
)
def test_reply_without_a_program_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        extract(text, WANTED)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="def priority_v12(eln):\n    return`'\"#@=+<>/\\\t\f\x1c\u2028", max_size=300)
)
def test_any_text_is_a_program_or_refused(text: str) -> None:
    try:
        program = extract(text, WANTED).program
    except Refused:
        return
    assert read(program.source, "priority") == program


expressions = st.recursive(
    st.sampled_from(["el[0]", "n", "1", "0.5", "len(el)", "'def priority_v1'", "sum(el)"]),
    lambda inner: st.tuples(inner, st.sampled_from(["+", "*", "if n else", "<"]), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(expressions, st.sampled_from(sorted(SHAPES)))
def test_every_shape_of_every_program_is_the_same_program(expression: str, shape: str) -> None:
    body = f"x = 0.0\nfor i in range(n):\n    x += {expression}\nreturn x\n"
    text = shapes_of(body)[shape]
    assert source(text) == read(function_of(body), "priority").source


def test_renaming_does_not_touch_strings() -> None:
    text = "def priority_v2(el, n):\n    return len('priority_v2')\n"
    assert "'priority_v2'" in source(text)


def test_notes_are_bounded() -> None:
    text = "\n".join(f"import module_{i}" for i in range(1000)) + "\n" + FUNCTION
    assert len(extract(text, WANTED).notes) <= 16


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        ("T = {}\nfor i in range(3):\n    T[i] = i * i\n", 4),
        ("T = [1]\nT.append(2)\nT.append(3)\n", 3),
        ("if True:\n    T = (0, 1, 7)\n", 7),
        ("T = [0] * 3\nT[2] += 5\n", 5),
    ],
)
def test_what_fills_a_table_moves_with_it(setup: str, expected: int) -> None:
    space: dict[str, object] = {}
    exec(source(f"X = 1\n{setup}def priority(el, n):\n    return T[2]\n"), space)
    function = space["priority"]
    assert callable(function)
    assert function((0,), 1) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("el = 3\ndef h(): return el\ndef priority(el, n): return h()\n", "needs el from outside"),
        ("K = 5\ndef priority(el, n, k=K): return k\n", "needs K for the default"),
    ],
)
def test_what_would_change_its_meaning_inside_is_refused(text: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        extract(text, WANTED)


LOOPING = {
    "fences": "`" * 262_144,
    "fence lines": "```\nfoo bar\n```\n" * 15_000,
    "chain": "".join(f"a{i + 1} = a{i}\n" for i in range(14_000))
    + "def priority(el, n): return a9\n",
    "constants": "a = 1\n" * 65_000,
    "functions": "def priority(el, n): return (\n" * 8_000,
    "prose": "I think, therefore.\n" * 12_000,
    "half lines": "x = (\n" * 40_000,
    "thoughts": "</think>" * 30_000,
}


@pytest.mark.parametrize("name", LOOPING)
def test_a_reply_that_loops_is_read_in_bounded_work(name: str) -> None:
    # Counted in calls of the parser, which all the work is a multiple of.
    import evaluators.parser as parser

    calls = 0
    parse = parser.parse

    def counting(text: str) -> ast.Module:
        nonlocal calls
        calls += 1
        return parse(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("funsearch.extraction.parse", counting)
        with contextlib.suppress(Refused):
            extract(LOOPING[name], WANTED)
    assert calls < 15_000
