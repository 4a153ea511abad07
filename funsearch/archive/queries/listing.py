"""The table of programs: any filters together, four orders, and pages forwards and backwards.

If some filter leaves few programs they are all looked at, and counted. Otherwise a page, and a
count, look at so many rows in order, and say so if that was not all.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from funsearch.archive import schema
from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries import pages, programs
from funsearch.archive.queries.model import Direction, ProgramRow

MOST_COUNTED = 10_000
"""Programs that are counted; of more it is said that there are more."""
MOST_ROWS = 200
"""Of one page."""
_MOST_SCANNED = 10_000
_MOST_SOUGHT = 500
"""Sources that are asked one by one, 50 µs each, whether they have some words."""
_CHUNK = 500

Order = Literal["newest", "oldest", "best", "worst"]
Key = tuple[float, int]

_PROGRAMS = """
    FROM {} AS wanted JOIN programs AS p ON p.first = wanted.value
    JOIN generations AS g ON g.number = p.first"""
_VERDICTS = """
    LEFT JOIN evaluations AS e ON e.number = coalesce(
        (SELECT number FROM evaluations WHERE program = p.first AND scored),
        (SELECT number FROM evaluations WHERE program = p.first ORDER BY number LIMIT 1))"""
_GIVEN = "json_each(?)"
_ANY, _SCORED = "1", "e.scored AND e.score IS NOT NULL"
_REVIEWS = {
    "verified": "SELECT program FROM verifications WHERE program {} AND agreed",
    "contradicted": "SELECT program FROM verifications WHERE program {} AND NOT agreed",
    "retracted": "SELECT program FROM retractions WHERE program {}",
}
REVIEWS = tuple(_REVIEWS)


@dataclass(frozen=True)
class Asked:
    """What is asked of programs; a part that is None, or an empty text, asks nothing.

    Attributes:
        text: words of the source, or the beginning of an id.
        island: on which the program came in; -1 for none.
        sampler, model: of its first record.
        status, tier: of its verdict.
        review: one of `REVIEWS`.
    """

    text: str = ""
    island: int | None = None
    sampler: str | None = None
    model: str | None = None
    status: str | None = None
    tier: str | None = None
    review: str | None = None


@dataclass(frozen=True)
class Listed:
    """A page; `count` are all that pass, at least so many unless `counted`.

    Attributes:
        rows: in order.
        count: programs that pass.
        counted: whether there are no more than that.
        after, before: keys of the next page and the one before; None if there is none.
        examined_all: False if the search stopped before the page was full.
    """

    rows: tuple[ProgramRow, ...]
    count: int
    counted: bool
    after: str | None
    before: str | None
    examined_all: bool


def listed(
    index: sqlite3.Connection,
    direction: Direction,
    asked: Asked,
    order: Order = "newest",
    *,
    limit: int = 50,
    after: str | None = None,
    before: str | None = None,
    counting: bool = True,
) -> Listed:
    """Return a page of programs.

    Args:
        index: of the run.
        direction: in which scores get better.
        asked: of the programs.
        order: by first record, or by score; of equal scores the one judged earlier comes first.
        limit: most rows, up to `MOST_ROWS`.
        after: key of the page before.
        before: key of the page after; then `after` is not looked at.
        counting: whether to count all that pass, where that takes a look at more than the page.

    Raises:
        ArchiveError: a key or the text is none.
    """
    limit = max(1, min(limit, MOST_ROWS))
    query = _Query(index, asked, order, 1 if (direction == "max") == (order != "worst") else -1)
    backwards = before is not None
    key = query.key(before if backwards else after)
    few = query.few()
    if few is not None:
        keyed = sorted(query.passing(few))
        found = [
            item
            for item in keyed
            if key is None or (item[:2] < key if backwards else item[:2] > key)
        ]
        found = (found[::-1] if backwards else found)[: limit + 1]
        count, counted, last = len(keyed), True, None
    else:
        found, last = query.scan(key, limit + 1, backwards=backwards)
        count, counted = query.count() if counting else (len(found), False)
    more, rows = len(found) > limit, found[:limit]
    ahead = rows[-1] if more else last
    if backwards:
        rows.reverse()
    ends = (rows[0], rows[-1]) if rows else (key, key)
    first, final = (None if end is None else end[:2] for end in ends)
    forth, back = (final, ahead) if backwards else (ahead, first if key is not None else None)
    return Listed(
        tuple(programs.rows_of(index, [row[2] for row in rows])),
        count,
        counted,
        _shown(forth),
        _shown(back),
        last is None,
    )


def _shown(key: tuple[float, ...] | None) -> str | None:
    return None if key is None else f"{key[0]!r}:{int(key[1])}"


def _from(source: str, where: str) -> str:
    """Return what takes programs from a source of first records, with verdicts if asked for."""
    verdicts = _VERDICTS if "e." in where else ""
    return f"{_PROGRAMS.format(source)} {verdicts} WHERE {where}"


def _whole(number: float) -> int:
    """Return a number as one that SQLite can be asked about."""
    return max(-1, min(int(number), 2**62))


class _Query:
    """One question; a row is (rank, number, first record), and rows are in ascending order."""

    def __init__(self, index: sqlite3.Connection, asked: Asked, order: Order, sign: int) -> None:
        self._index, self._asked, self._order, self._sign = index, asked, order, sign
        self._by_score = order in ("best", "worst")
        self._ids = self._by_id()
        self._match = ""
        if asked.text.strip() and self._ids is None:
            self._match = pages.match(asked.text)
        self._parts, self._values = self._conditions()

    def key(self, text: str | None) -> Key | None:
        """Return the key that a text is."""
        if text is None:
            return None
        return pages.scored_record_key(text)

    def _by_id(self) -> list[int] | None:
        """Return the programs whose id begins with the text, if it may be an id's beginning."""
        prefix = self._asked.text.strip()
        try:
            names = programs.find(self._index, prefix, MOST_COUNTED)
        except ArchiveError:
            return None
        return [programs.first_of(self._index, name) for name in names] or None

    def _conditions(self) -> tuple[list[str], list[str | int]]:
        asked, parts, values = self._asked, [_ANY], list[str | int]()
        named = [("g.sampler", asked.sampler), ("g.model", asked.model), ("e.tier", asked.tier)]
        for column, name in named:
            if name is not None:
                parts.append(f"{column} = (SELECT id FROM names WHERE name = ?)")  # noqa: S608
                values.append(pages.encodable(name))
        if asked.status is not None:
            parts.append("coalesce(e.status, '') = ?")
            values.append(pages.encodable(asked.status))
        if asked.island is not None:
            parts.append("coalesce(g.island, -1) = ?")
            values.append(max(-1, min(asked.island, 2**62)))
        if asked.review is not None:
            if asked.review not in _REVIEWS:
                raise ArchiveError(f"{asked.review[:80]!a} is none of {', '.join(REVIEWS)}")
            parts.append(f"EXISTS ({_REVIEWS[asked.review].format('= p.first')})")
        if self._by_score:
            parts.append(_SCORED)
        return parts, values

    def few(self) -> set[int] | None:
        """Return a small set of programs that all that pass are in, if some filter gives one."""
        if self._ids is not None:
            return set(self._ids)
        asked, best = self._asked, None
        tries: list[tuple[str, list[str | int]]] = []
        for column, name in (("sampler", asked.sampler), ("model", asked.model)):
            if name is not None:
                query = (
                    f"SELECT number FROM generations WHERE program = number AND {column} ="  # noqa: S608
                    " (SELECT id FROM names WHERE name = ?)"
                )
                tries.append((query, [pages.encodable(name)]))
        if asked.status:
            query = "SELECT program FROM evaluations WHERE status = ? AND program IS NOT NULL"
            tries.append((query, [pages.encodable(asked.status)]))
        if asked.review is not None:
            tries.append((_REVIEWS[asked.review].format("IS NOT NULL"), []))
        if asked.island is not None and asked.island >= 0 and self._by_score:
            query = "SELECT program FROM evaluations WHERE scored AND island = ?"
            tries.append((query, [min(asked.island, 2**62)]))
        if self._match:
            query = f"SELECT rowid FROM {schema.TEXTS} WHERE {schema.TEXTS} MATCH ?"  # noqa: S608
            # What else is asked is looked up for each that has the words.
            tries = [(query, [self._match])]
        for query, values in tries:
            most = MOST_COUNTED if best is None else min(MOST_COUNTED, len(best))
            counted = f"SELECT count(*) FROM ({query} LIMIT {most + 1})"  # noqa: S608
            if self._index.execute(counted, values).fetchone()[0] <= most:
                best = {number for (number,) in self._index.execute(query, values)}
        return best

    def passing(self, firsts: Iterable[int]) -> list[tuple[float, int, int]]:
        """Return those of some programs that pass, in no order."""
        rank = "e.score, e.number, p.first" if self._by_score else "p.first, 0, p.first"
        where = " AND ".join(self._parts)
        query = f"SELECT {rank} {_PROGRAMS.format(_GIVEN)} {_VERDICTS} WHERE {where}"
        rows = self._index.execute(query, (json.dumps(list(firsts)), *self._values))
        sign = -self._sign if self._by_score else -1 if self._order == "newest" else 1
        return [(float(sign * rank), number, first) for rank, number, first in rows]

    def _picked(
        self, chunk: list[tuple[float, int, int]], *, ranked: bool
    ) -> list[tuple[float, int, int]]:
        """Return those of a chunk of the stream that pass, in its order."""
        # What the stream itself asks for needs no second look.
        asked = (_ANY, _SCORED) if ranked else (_ANY,)
        where = " AND ".join(part for part in self._parts if part not in asked)
        if not where:
            return chunk
        query = f"SELECT p.first {_from(_GIVEN, where)}"
        firsts = json.dumps([first for _, _, first in chunk])
        passing = {first for (first,) in self._index.execute(query, (firsts, *self._values))}
        return [item for item in chunk if item[2] in passing]

    def scan(
        self, key: Key | None, most: int, *, backwards: bool
    ) -> tuple[list[tuple[float, int, int]], tuple[float, int, int] | None]:
        """Return the next that pass, and the last one looked at if there may be more."""
        if not self._by_score:
            stream = self._by_number(key, backwards=backwards)
            return self._take(stream, most, _MOST_SCANNED)
        stream = self._ranked(key, backwards=backwards)
        if self._match:
            return self._take(self._having_words(stream), most, _MOST_SOUGHT, ranked=True)
        return self._take(stream, most, _MOST_SCANNED, ranked=True)

    def count(self) -> tuple[int, bool]:
        """Return how many pass, and whether that is all."""
        parts = self._parts
        if self._by_score and not self._match:
            numbers, values = self._scored()
            parts = [part for part in parts if part != _SCORED]
        else:
            numbers, values = self._numbers(None, backwards=False)
        inner = f"SELECT * FROM ({numbers}) LIMIT {_MOST_SCANNED}"  # noqa: S608
        where = " AND ".join(parts)
        query = (
            f"WITH looked_at (value) AS ({inner})"  # noqa: S608
            f" SELECT (SELECT count(*) FROM looked_at), count(*) {_from('looked_at', where)}"
        )
        looked_at, number = self._index.execute(query, (*values, *self._values)).fetchone()
        return min(number, MOST_COUNTED), looked_at < _MOST_SCANNED and number <= MOST_COUNTED

    def _take(
        self,
        stream: Iterator[tuple[float, int, int]],
        most: int,
        scanned: int,
        *,
        ranked: bool = False,
    ) -> tuple[list[tuple[float, int, int]], tuple[float, int, int] | None]:
        """Return those of a stream that pass, and the last looked at if there may be more."""
        found: list[tuple[float, int, int]] = []
        examined, size = 0, min(most, scanned)
        while chunk := list(islice(stream, size)):
            # A row without a program stands for one that was looked at and is not meant.
            meant = [item for item in chunk if item[2] >= 0]
            found += self._picked(meant, ranked=ranked)
            examined, size = examined + len(chunk), _CHUNK
            if len(found) >= most:
                return found[:most], None
            if examined >= scanned:
                return found, chunk[-1]
        return found, None

    def _having_words(
        self, stream: Iterator[tuple[float, int, int]]
    ) -> Iterator[tuple[float, int, int]]:
        """Look for the words in each source, where the order is not that of the words' index."""
        query = f"SELECT 1 FROM {schema.TEXTS} WHERE {schema.TEXTS} MATCH ? AND rowid = ?"  # noqa: S608
        for rank, number, first in stream:
            has = self._index.execute(query, (self._match, first)).fetchone() is not None
            yield rank, number, first if has else -1

    def _by_number(self, key: Key | None, *, backwards: bool) -> Iterator[tuple[float, int, int]]:
        for (first,) in self._index.execute(*self._numbers(key, backwards=backwards)):
            yield float(self._sense * first), 0, first

    @property
    def _sense(self) -> int:
        return -1 if self._order == "newest" else 1

    def _scored(self) -> tuple[str, list[str | int]]:
        """Return what asks for the first records of what has a score, in some order."""
        query = "SELECT program FROM evaluations WHERE scored AND score IS NOT NULL"
        if self._asked.island is not None and self._asked.island >= 0:
            return f"{query} AND island = ?", [min(self._asked.island, 2**62)]
        return f"{query} ORDER BY score", []

    def _numbers(self, key: Key | None, *, backwards: bool) -> tuple[str, list[str | int]]:
        """Return what asks for first records, from a key on."""
        falling = (self._order == "newest") != backwards
        sign = self._sense
        place = (2**62 if falling else -1) if key is None else _whole(sign * key[0])
        asked, values = self._asked, list[str | int]()
        named = [("sampler", asked.sampler), ("model", asked.model)]
        column, name = next((pair for pair in named if pair[1] is not None), ("", None))
        if self._match:
            of, number = f"{schema.TEXTS} WHERE {schema.TEXTS} MATCH ? AND", "rowid"
            values.append(self._match)
        elif name is not None:
            of, number = "generations WHERE program = number AND", "number"
            of += f" {column} = (SELECT id FROM names WHERE name = ?) AND"  # noqa: S608
            values.append(pages.encodable(name))
        else:
            of, number = "programs WHERE", "first"
        sense = ("<", "DESC") if falling else (">", "ASC")
        query = (
            f"SELECT {number} AS first FROM {of} {number} {sense[0]} ? ORDER BY {number} {sense[1]}"  # noqa: S608
        )
        return query, [*values, place]

    def _ranked(self, key: Key | None, *, backwards: bool) -> Iterator[tuple[float, int, int]]:
        """Yield from one score to the next, since no index has both orders."""
        where, values = "scored AND score IS NOT NULL", list[int]()
        if self._asked.island is not None and self._asked.island >= 0:
            where, values = f"{where} AND island = ?", [min(self._asked.island, 2**62)]
        largest = (self._sign > 0) != backwards
        pick, beyond = ("max", "<") if largest else ("min", ">")
        sense = ("<", "DESC") if backwards else (">", "ASC")
        top = f"SELECT {pick}(score) FROM evaluations WHERE {where}"  # noqa: S608
        equal = (
            f"SELECT number, program FROM evaluations WHERE {where} AND score = ?"  # noqa: S608
            f" AND number {sense[0]} ? ORDER BY number {sense[1]}"
        )
        start = 2**62 if backwards else -1
        score, place = (None, start) if key is None else (-self._sign * key[0], key[1])
        if score is None:
            (score,) = self._index.execute(top, values).fetchone()
        while score is not None:
            for number, first in self._index.execute(equal, (*values, score, place)):
                yield float(-self._sign * score), number, first
            query = f"{top} AND score {beyond} ?"
            (score,) = self._index.execute(query, (*values, score)).fetchone()
            place = start


def reviewed(index: sqlite3.Connection, review: str) -> tuple[int, bool]:
    """Return how many programs have one of `REVIEWS`, and whether there are no more."""
    inner = f"{_REVIEWS[review].format('IS NOT NULL')} LIMIT {2 * MOST_COUNTED}"
    query = f"SELECT count(*), count(DISTINCT program) FROM ({inner})"  # noqa: S608
    looked_at, different = index.execute(query).fetchone()
    return different, looked_at < 2 * MOST_COUNTED
