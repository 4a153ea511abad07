"""The bounded parser: whatever the text, a tree or `Refused`, in little time and memory."""

from __future__ import annotations

import ast
import contextlib
import time
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.parser import (
    MAX_CHARACTERS,
    MAX_LINE,
    MAX_NESTING,
    Refused,
    check_size,
    parse,
    unparse,
)

BOMBS = {
    "brackets": "(" * 20_000,
    "balanced brackets": "(" * 1000 + ")" * 1000,
    "subscripts": "x" + "[0]" * 3000,
    "attributes": "x" + ".a" * 4000,
    "calls": "x" + "()" * 4000,
    "unary": "-" * 8000 + "1",
    "not": "not " * 2000 + "x",
    "power": "2" + "**2" * 2000,
    "sum": "1" + "+1" * 4000,
    "ternary": "x if x else " * 600 + "x",
    "lambda": "lambda: " * 1000 + "x",
    "indentation": "".join(" " * n + "if x:\n" for n in range(200)) + " " * 200 + "x",
    "else if": "if x:\n pass\n" + "elif x:\n pass\n" * 2000,
    "finally": "".join(
        " " * n + "try:\n" + " " * (n + 1) + "pass\n" + " " * n + "finally:\n" for n in range(60)
    )
    + " " * 60
    + "pass",
    "f-strings": "f'{" * 300 + "x" + "}'" * 300,
    "huge int": "x = " + "9" * 5000,
    "huge hexadecimal int": "x = 0x" + "f" * 8000,
    "huge float": "x = 1e999999999",
    "NUL": "x = 1\0",
    "lone surrogate": "x = '\ud800'",
    "lone surrogate in a name": "x\udc00 = 1",
    "byte order mark": "\ufeffx = 1",
    "form feeds": "\f" * 20_000 + "x",
    "carriage returns": "\r" * 20_000 + "x",
    "backslashes": "\\\n" * 10_000 + "x",
    "odd escapes": "x = '\\d\\N{nothing}'",
    "unterminated": "x = '''" + "a\n" * 1000,
    "encoding": "# -*- coding: utf-7 -*-\nx = 1",
    "long line": "x" * (MAX_LINE + 1),
    "too long": "x\n" * MAX_CHARACTERS,
    "match": "match x:\n" + " case 1:\n  pass\n" * 1000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_bomb_is_refused_or_read_quickly(text: str) -> None:
    started = time.process_time()
    try:
        unparse(parse(text))
    except Refused as refused:
        message = str(refused)
        assert message
        assert len(message) < 500
        assert message.isprintable()
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * (MAX_CHARACTERS + 1), f"at most {MAX_CHARACTERS} are read"),
        ("x" * (MAX_LINE + 1), f"at most {MAX_LINE} are read"),
        ("(" * (MAX_NESTING + 1), f"nested {MAX_NESTING + 1} deep"),
        ("def f(:\n  pass", "does not parse: .*, line 1"),
        ("x = 1\ny = = 2", "line 2"),
        ("x = 1\0", "does not parse"),
        ("x = '\ud800'", "characters that are not valid text"),
        ("-" * 8000 + "1", "nested too deeply|too complex"),
    ],
)
def test_reason_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        parse(text)


def test_text_at_the_limits_is_read() -> None:
    check_size("x" * MAX_LINE)
    check_size("\n" * MAX_CHARACTERS)
    deep = "(" * MAX_NESTING + "x" + ")" * MAX_NESTING
    assert ast.dump(parse(deep)) == ast.dump(parse("x"))


def test_closing_brackets_do_not_make_room_for_opening_ones() -> None:
    with pytest.raises(Refused, match="nested"):
        check_size(")" * 1000 + "(" * (MAX_NESTING + 1))


def test_warnings_about_a_hostile_text_stay_inside() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        parse("x = '\\d'\nassert (1, 2)\nx is 1")
    assert seen == []


def test_unparse_refuses_what_parse_would() -> None:
    tree = ast.parse("x = [" + ", ".join(["1000000000"] * 1000) + "]")
    with pytest.raises(Refused, match="a line has"):
        unparse(tree)


@given(st.text(max_size=300))
def test_any_text_is_refused_or_round_trips(text: str) -> None:
    try:
        tree = parse(text)
        again = parse(unparse(tree))
    except Refused:
        return
    assert ast.dump(again) == ast.dump(parse(unparse(again)))


@given(st.text(alphabet="()[]{}:=+-*.,'\"\\\n \tdefifxy01#@λ\0\ud800", max_size=200))
def test_any_text_of_python_like_characters_raises_nothing_else(text: str) -> None:
    with contextlib.suppress(Refused):
        parse(text)
