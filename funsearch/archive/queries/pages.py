"""Lists of programs and of attempts, a page at a time, by what is asked of them.

A page ends with a key: the number of a record, for the best with the score before it. The next
one begins after that key, so rows that are added meanwhile are neither skipped nor met twice.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from funsearch.archive import schema
from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries.ancestry import descending
from funsearch.archive.queries.model import Attempt, Direction, Page, ProgramRow
from funsearch.archive.queries.programs import rows_of
from funsearch.archive.sqlite import select_in

MOST_EXAMINED = 10_000
"""Rows that a page looks at; fewer may pass its filter than were asked for."""
MOST_WORDS = 32
"""Of one search."""
_CHUNK = 512
_LARGEST = 2**62

_ATTEMPT = """
    SELECT e.generation, e.number, nullif(lower(hex(p.id)), ''), s.name, m.name, g.island,
           lower(hex(g.reply)), e.status, e.score, e.reason, f.name
    FROM evaluations AS e JOIN generations AS g ON g.number = e.generation
    JOIN names AS s ON s.id = g.sampler JOIN names AS m ON m.id = g.model
    JOIN names AS f ON f.id = e.flags
    LEFT JOIN programs AS p ON p.first = e.program
    WHERE e.number IN"""

_quoted_or_not = re.compile(r'"([^"]*)"?|(\S+)').findall
_has_word = re.compile(r"\w").search
_number = re.compile(r"[0-9]{1,18}").fullmatch

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class Filter:
    """What is asked of a program, or of an attempt, besides; a part that is None asks nothing.

    Attributes:
        sampler: that returned it.
        model: that was asked for.
        island: that it came in on.
        status: of its verdict.
    """

    sampler: str | None = None
    model: str | None = None
    island: int | None = None
    status: str | None = None

    def passes(self, row: ProgramRow | Attempt) -> bool:
        """Whether a row is what is asked for."""
        return (
            self.sampler in (None, row.sampler)
            and self.model in (None, row.model)
            and self.island in (None, row.island)
            and self.status in (None, row.status)
        )


NO_FILTER = Filter()


def all_programs(
    index: sqlite3.Connection, limit: int = 500, after: str | None = None
) -> Page[ProgramRow]:
    """Return programs in the order in which they came in."""
    query = "SELECT first FROM programs WHERE first > ? ORDER BY first"
    stream = index.execute(query, (-1 if after is None else record_key(after),))
    return _programs(index, _by_number(stream), NO_FILTER, limit)


def latest(
    index: sqlite3.Connection,
    which: Filter = NO_FILTER,
    *,
    limit: int = 20,
    after: str | None = None,
) -> Page[ProgramRow]:
    """Return programs, those that came in last first."""
    named = [("sampler", which.sampler), ("model", which.model)]
    query = "SELECT number FROM generations WHERE program = number AND number < ?"
    values: list[int | str] = [_LARGEST if after is None else record_key(after)]
    # There is an index for each; where both are asked for, one is left to the filter.
    for column, name in [(column, name) for column, name in named if name is not None][:1]:
        query += f" AND {column} = (SELECT id FROM names WHERE name = ?)"  # noqa: S608
        values.append(encodable(name))
    stream = index.execute(f"{query} ORDER BY number DESC", values)
    return _programs(index, _by_number(stream), which, limit)


def with_words(
    index: sqlite3.Connection,
    text: str,
    which: Filter = NO_FILTER,
    *,
    limit: int = 20,
    after: str | None = None,
) -> Page[ProgramRow]:
    """Return programs whose source has all of some words, those that came in last first.

    Args:
        index: of the run.
        text: words, with blanks between them, in any case. An identifier is one word; `left*`
            stands for all that begin so; what is quoted, or has signs in it as `np.roll` has,
            stands for words that follow each other.
        which: asks for more.
        limit: most programs.
        after: see `Page`.

    Raises:
        ArchiveError: there is no word in it, or too many, or this Python cannot search texts.
    """
    if not schema.has_full_text():
        raise ArchiveError("texts cannot be searched: the SQLite of this Python has no FTS5")
    query = f"SELECT rowid FROM {schema.TEXTS} WHERE {schema.TEXTS} MATCH ? AND rowid < ?"  # noqa: S608
    values = (match(text), _LARGEST if after is None else record_key(after))
    stream = index.execute(f"{query} ORDER BY rowid DESC", values)
    return _programs(index, _by_number(stream), which, limit)


def match(text: str) -> str:
    """Return what FTS5 is asked for some words, all of which are data to it."""
    terms: list[str] = []
    for quoted, plain in _quoted_or_not(encodable(text).replace("\0", " ")):
        if _has_word(words := quoted or plain):
            terms.append(f'"{words.replace(chr(34), " ")}"{"*" if plain[-1:] == "*" else ""}')
    if not terms:
        raise ArchiveError(f"{text[:80]!a} has no word to look for")
    if len(terms) > MOST_WORDS:
        raise ArchiveError(f"{text[:80]!a}… has more than {MOST_WORDS} words to look for")
    return " ".join(terms)


def descended(
    index: sqlite3.Connection,
    name: str,
    which: Filter = NO_FILTER,
    *,
    limit: int = 20,
    after: str | None = None,
) -> Page[ProgramRow]:
    """Return what descends from a program, without itself, the earliest first.

    Raises:
        Missing: it was never proposed.
    """
    stream = descending(index, name, None if after is None else record_key(after))
    return _programs(index, ((str(number), number) for number in stream), which, limit)


def best(index: sqlite3.Connection, direction: Direction, limit: int = 10) -> list[ProgramRow]:
    """Return the programs with the best scores, best first; of equals the one scored earlier."""
    return list(leaders(index, direction, limit=limit).items)


def leaders(
    index: sqlite3.Connection,
    direction: Direction,
    which: Filter = NO_FILTER,
    *,
    limit: int = 20,
    after: str | None = None,
) -> Page[ProgramRow]:
    """Return programs that have a score, best first; of equals the one scored earlier.

    Args:
        index: of the run.
        direction: in which scores get better.
        which: asks for more, such as an island.
        limit: most programs.
        after: see `Page`.
    """
    place = None if after is None else scored_record_key(after)
    return _programs(index, _ranked(index, direction, which.island, place), which, limit)


def _ranked(
    index: sqlite3.Connection,
    direction: Direction,
    island: int | None,
    place: tuple[float, int] | None,
) -> Iterator[tuple[str, int]]:
    """Yield key and number of programs, from one score to the next.

    No index has both orders, of scores and of records, for both directions; and a sort would take
    in all that have the best score.
    """
    where, values = "scored", list[int]()
    if island is not None:
        where, values = "scored AND island = ?", [island]
    pick, beyond = ("max", "<") if direction == "max" else ("min", ">")
    top = f"SELECT {pick}(score) FROM evaluations WHERE {where}"  # noqa: S608
    equal = (
        f"SELECT number, program FROM evaluations WHERE {where} AND score = ? AND number > ?"  # noqa: S608
        " ORDER BY number"
    )
    score, start = place or (index.execute(top, values).fetchone()[0], -1)
    while score is not None:
        for number, first in index.execute(equal, (*values, score, start)):
            yield f"{score!r}:{number}", first
        (score,) = index.execute(f"{top} AND score {beyond} ?", (*values, score)).fetchone()
        start = -1


def by_status(
    index: sqlite3.Connection, status: str, limit: int = 100, before: int | None = None
) -> list[Attempt]:
    """Return attempts that ended in some way, the latest first.

    Args:
        index: of the run.
        status: of their verdicts.
        limit: most attempts.
        before: number of an evaluation record; only earlier ones, for the next page.
    """
    after = None if before is None else str(before)
    return list(attempts(index, Filter(status=status), limit=limit, after=after).items)


def attempts(
    index: sqlite3.Connection,
    which: Filter = NO_FILTER,
    *,
    limit: int = 20,
    after: str | None = None,
) -> Page[Attempt]:
    """Return attempts, those that hold no program too, the latest verdict first.

    Args:
        index: of the run.
        which: sampler, model and island of the attempt, and the status of its verdict.
        limit: most attempts.
        after: see `Page`.
    """
    query = "SELECT number FROM evaluations WHERE number < ?"
    values: list[int | str] = [_LARGEST if after is None else record_key(after)]
    if which.status is not None:
        query += " AND status = ?"
        values.append(encodable(which.status))
    stream = index.execute(f"{query} ORDER BY number DESC", values)

    def read(numbers: Sequence[int]) -> Mapping[int, Attempt]:
        found = [
            Attempt(*others, flags=tuple(flags.split()))
            for *others, flags in select_in(index, _ATTEMPT, numbers)
        ]
        return {attempt.evaluation: attempt for attempt in found}

    return page_of(_by_number(stream), read, which.passes, limit)


def encodable(text: str) -> str:
    """Return a text that SQLite can be asked about; half a character is none that it has."""
    return text.encode("utf-8", "replace").decode()


def _by_number(rows: Iterable[tuple[int]]) -> Iterator[tuple[str, int]]:
    return ((str(number), number) for (number,) in rows)


def _programs(
    index: sqlite3.Connection, stream: Iterator[tuple[str, int]], which: Filter, limit: int
) -> Page[ProgramRow]:
    def read(firsts: Sequence[int]) -> Mapping[int, ProgramRow]:
        return dict(zip(firsts, rows_of(index, firsts), strict=True))

    return page_of(stream, read, which.passes, limit)


def page_of(
    stream: Iterator[tuple[str, int]],
    read: Callable[[Sequence[int]], Mapping[int, T]],
    passes: Callable[[T], bool],
    limit: int,
) -> Page[T]:
    """Take a page from a stream.

    Args:
        stream: keys after which the next page may begin, each with the number of its row.
        read: numbers → rows.
        passes: whether a row is wanted.
        limit: most rows.
    """
    found: list[T] = []
    met, last, size = 0, "", limit + 1
    while chunk := list(islice(stream, size)):
        rows = read([number for _, number in chunk])
        for key, number in chunk:
            row = rows.get(number)
            if row is not None and passes(row):
                if len(found) == limit:
                    return Page(tuple(found), last)
                found.append(row)
            last = key
        met += len(chunk)
        if met >= MOST_EXAMINED:
            return Page(tuple(found), last)
        size = _CHUNK
    return Page(tuple(found), None)


def record_key(after: str) -> int:
    """Return the number that a key is.

    Raises:
        ArchiveError: it is none.
    """
    if _number(after) is None:
        raise ArchiveError(f"{after[:80]!a} is no page of this list")
    return int(after)


def scored_record_key(after: str) -> tuple[float, int]:
    """Return the score and the number that a key is.

    Raises:
        ArchiveError: it is no such key.
    """
    score, _, number = after.partition(":")
    try:
        place = float(score), record_key(number)
    except ValueError:
        place = math.nan, 0
    if not math.isfinite(place[0]):
        raise ArchiveError(f"{after[:80]!a} is no page of this list")
    return place
