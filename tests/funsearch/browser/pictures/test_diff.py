from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from funsearch.browser.pictures.diff import MOST_LINES, Row, Side, rows
from funsearch.text import block

OLD = "def f(x):\n    a = 1\n    return x * 2\n"
NEW = "def f(x):\n    a = 1\n    return x * 3 + a\n"
texts = st.lists(st.sampled_from(["a", "b", "a b c", "a b d", "", " x", "\x1b"]), max_size=8)


def text_of(side: Side) -> str:
    return "".join(piece.text for piece in side.pieces)


@given(texts, texts)
def test_both_texts_can_be_read_off_the_rows(old: list[str], new: list[str]) -> None:
    found = rows("\n".join(old), "\n".join(new), context=None)
    for lines, sides in ((old, [row.old for row in found]), (new, [row.new for row in found])):
        shown = [side for side in sides if side is not None]
        text = block("\n".join(lines)).removesuffix("\n")
        assert [text_of(side) for side in shown] == (text.split("\n") if "\n".join(lines) else [])
        assert [side.number for side in shown] == list(range(1, len(shown) + 1))


def test_a_changed_line_shows_which_words_changed() -> None:
    (row,) = rows(OLD, NEW, context=0)[1:]
    assert row.kind == "changed"
    assert row.old is not None
    assert row.new is not None
    assert [p.text for p in row.old.pieces if p.kind == "changed"] == ["2"]
    assert [p.text for p in row.new.pieces if p.kind == "changed"] == ["3 + a"]


def test_lines_with_little_in_common_are_removed_and_added() -> None:
    assert [row.kind for row in rows("alpha(beta)\n", "x = y / z\n")] == ["removed", "added"]


def test_equal_texts_have_no_rows_unless_all_are_asked_for() -> None:
    assert rows(OLD, OLD) == ()
    assert [row.kind for row in rows(OLD, OLD, context=None)] == ["same"] * 3


def test_equal_lines_far_from_changes_are_counted() -> None:
    lines = [f"line {i}" for i in range(20)]
    found = rows("\n".join(lines), "\n".join([*lines[:10], "new", *lines[10:]]), context=2)
    assert [(row.kind, row.count) for row in found] == [
        ("skipped", 8),
        *[("same", 0)] * 2,
        ("added", 0),
        *[("same", 0)] * 2,
        ("skipped", 8),
    ]


def test_texts_that_are_too_long_are_compared_up_to_a_line() -> None:
    found = rows("a\n" * (MOST_LINES + 7), "a\n" * MOST_LINES)
    assert found[-1] == Row("skipped", None, None, 7)


def test_many_alike_lines_take_bounded_work() -> None:
    old, new = ("\n".join(f"{w} b " * 40 + str(i) for i in range(MOST_LINES)) for w in "ac")
    kinds = {row.kind for row in rows(old, new)}
    assert kinds == {"changed", "removed", "added"}
