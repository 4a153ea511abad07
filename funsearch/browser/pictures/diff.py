"""What differs between two texts: line by line, and within changed lines word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from funsearch.browser.pictures.code import LONGEST_LINE, Piece
from funsearch.text import block

MOST_LINES = 2000
"""Of each text that are compared; the rest is left out, which the last row says."""
_MOST_WORDS = 400
"""In lines that are compared word by word; longer ones are shown as replaced."""
_MOST_WORK = 1_000_000
"""Pairs of words in all lines together; after that, lines are shown as replaced."""
_ALIKE = 0.3
"""Share of words that two lines must have in common to be shown as one that changed."""
_WORD = re.compile(r"\w+|\s+|[^\w\s]")

Kind = Literal["same", "changed", "removed", "added", "skipped"]


@dataclass(frozen=True)
class Side:
    """A line of one of the texts.

    Attributes:
        number: of the line, from 1.
        pieces: of the line, of kind `` or `changed`. Hostile: escape them.
    """

    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Row:
    """A line of a comparison, for two columns or, one side after the other, for one.

    Attributes:
        kind: `skipped` stands for equal lines that are left out.
        old: line of the first text; None where it has none.
        new: line of the second text; None where it has none.
        count: how many lines are left out, where some are.
    """

    kind: Kind
    old: Side | None
    new: Side | None
    count: int = 0


def rows(old: str, new: str, context: int | None = 3) -> tuple[Row, ...]:
    """Compare two texts.

    Args:
        old: text on the left.
        new: text on the right.
        context: equal lines that are kept around each change; all if None.

    Returns:
        Rows in order; a changed line has both sides. Equal texts have none but, if `context` is
        None, equal lines.
    """
    left, left_cut = _lines(old)
    right, right_cut = _lines(new)
    found = list(_rows(left, right))
    if left_cut or right_cut:
        found.append(Row("skipped", None, None, max(left_cut, right_cut)))
    return tuple(found if context is None else _near_changes(found, context))


def _lines(text: str) -> tuple[list[str], int]:
    """Return the lines that are compared, and how many are left out."""
    if not text:
        return [], 0
    every = block(text).removesuffix("\n").split("\n")
    return [line[:LONGEST_LINE] for line in every[:MOST_LINES]], max(0, len(every) - MOST_LINES)


def _rows(left: Sequence[str], right: Sequence[str]) -> Iterator[Row]:
    words = _Words()
    # In long texts, lines that occur often are no anchors: without that, time would be cubic.
    for tag, a, b, c, d in SequenceMatcher(None, left, right).get_opcodes():
        if tag == "equal":
            for i, j in zip(range(a, b), range(c, d), strict=True):
                yield Row("same", _plain(left, i), _plain(right, j))
        else:
            yield from _replaced(left, range(a, b), right, range(c, d), words)


def _plain(lines: Sequence[str], index: int) -> Side:
    return Side(index + 1, (Piece("", lines[index]),) if lines[index] else ())


def _replaced(
    left: Sequence[str], of_left: range, right: Sequence[str], of_right: range, words: _Words
) -> Iterator[Row]:
    """Yield rows of lines that were replaced by others; those that are alike share a row."""
    for i, j in zip_longest(of_left, of_right):
        if i is not None and j is not None:
            marked = words.compared(left[i], right[j])
            if marked is not None:
                yield Row("changed", Side(i + 1, marked[0]), Side(j + 1, marked[1]))
                continue
        if i is not None:
            yield Row("removed", _plain(left, i), None)
        if j is not None:
            yield Row("added", None, _plain(right, j))


class _Words:
    """Compares lines word by word as long as that is not too much work."""

    def __init__(self) -> None:
        self._left = _MOST_WORK

    def compared(self, old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]] | None:
        """Return both lines with what differs marked, or None if they have little in common."""
        before, after = _WORD.findall(old), _WORD.findall(new)
        self._left -= len(before) * len(after)
        if self._left < 0 or max(len(before), len(after)) > _MOST_WORDS:
            return None
        matcher = SequenceMatcher(None, before, after)
        if matcher.ratio() < _ALIKE:
            return None
        marked: tuple[list[Piece], list[Piece]] = ([], [])
        for tag, a, b, c, d in matcher.get_opcodes():
            kind = "" if tag == "equal" else "changed"
            for pieces, words in zip(marked, (before[a:b], after[c:d]), strict=True):
                if words:
                    pieces.append(Piece(kind, "".join(words)))
        return tuple(marked[0]), tuple(marked[1])


def _near_changes(found: Sequence[Row], context: int) -> Iterator[Row]:
    changes = [i for i, row in enumerate(found) if row.kind != "same"]
    kept = {j for i in changes for j in range(i - context, i + context + 1)}
    left_out = 0
    for i, row in enumerate(found):
        if i not in kept:
            left_out += 1
            continue
        if left_out:
            yield Row("skipped", None, None, left_out)
            left_out = 0
        yield row
    if left_out and changes:
        yield Row("skipped", None, None, left_out)
