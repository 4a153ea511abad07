from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.browser.pictures.code import LONGEST_LINE, MOST_LINES, Piece, lines
from funsearch.text import block
from tests.funsearch.browser.pictures.reading import HOSTILE

SOURCE = '''def priority(x: int) -> float:
    """Say how good."""
    # a remark
    return max(x, 1.5) if x is not None else 'no'
'''


@given(st.text(alphabet=st.sampled_from("abc \t\n'\"#\\(){}f1.\r\x00é\u202e@"), max_size=80))
def test_the_pieces_are_the_source(source: str) -> None:
    joined = "\n".join("".join(piece.text for piece in line) for line in lines(source))
    assert joined == block(source).removesuffix("\n")


def test_pieces_say_what_they_are() -> None:
    kinds = {piece.text: piece.kind for line in lines(SOURCE) for piece in line}
    assert kinds["def"] == kinds["return"] == kinds["is"] == kinds["not"] == "keyword"
    assert kinds["priority"] == "function"
    assert kinds['"""Say how good."""'] == kinds["'no'"] == "string"
    assert kinds["# a remark"] == "comment"
    assert kinds["1.5"] == "number"
    assert kinds["max"] == "builtin"


def test_a_string_over_several_lines_is_a_piece_on_each() -> None:
    first, second = lines('x = """one\ntwo"""')
    assert first[-1] == Piece("string", '"""one')
    assert second == (Piece("string", 'two"""'),)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_text_that_can_be_printed(text: str) -> None:
    (line,) = lines(text)
    assert "".join(piece.text for piece in line) == block(text)
    assert "".join(piece.text for piece in line).isprintable()


def test_what_is_too_long_is_cut_and_says_so() -> None:
    found = lines("x" * (LONGEST_LINE + 5) + "\n" * (MOST_LINES + 5))
    assert len(found) == MOST_LINES + 1
    assert len(found[0][0].text) == LONGEST_LINE
    assert found[0][0].text.endswith("…")
    assert found[-1] == (Piece("", "…"),)
