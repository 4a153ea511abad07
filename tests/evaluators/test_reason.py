"""Text out of a sandbox: bounded, on one line, nothing that a terminal would obey."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.reason import clean, decode

anything = st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"]), max_size=50)


@given(anything, st.integers(0, 60))
def test_clean_text_is_printable_and_short(text: str, limit: int) -> None:
    result = clean(text, limit)
    assert result.isprintable()
    assert len(result.encode()) <= limit


@given(anything)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.binary(max_size=100))
def test_bytes_that_are_not_text_are_cleaned_too(data: bytes) -> None:
    assert decode(data).isprintable()


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain text, äöü", "plain text, äöü"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[2J\x9b31m", "\ufffd[2J\ufffd31m"),
        ("\u202eabc\u2066", "\ufffdabc\ufffd"),
        ("\ud83d", "\ufffd"),
        ("\u00a0x\u2028", "x"),
    ],
)
def test_what_terminals_obey_is_replaced(text: str, result: str) -> None:
    assert clean(text) == result


def test_text_is_cut_between_characters() -> None:
    assert clean("aé" * 10, 5) == "aéa"
