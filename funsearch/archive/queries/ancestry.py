"""Where a program comes from, and what came of it: the edges of first generation records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice

from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries.model import Lineage, Step
from funsearch.archive.queries.programs import first_of, parents_of, rows_of

MOST_ANCESTORS = 10_000
"""That a lineage lists unless it is asked for fewer."""
MOST_WALKED = 200_000
"""Programs that a walk meets before it gives up, since each page walks from the start."""

# SQLite takes the rows of a recursion in the order that the step asks for, so a bound cuts off
# what is furthest away in time, and never what a program that is shown came from first.
_WALK = "WITH RECURSIVE walk (first) AS (SELECT ? UNION {} LIMIT ?) SELECT first FROM walk"
_UP = _WALK.format(
    "SELECT parent FROM parents JOIN walk ON program = walk.first WHERE parent IS NOT NULL"
    " ORDER BY 1 DESC"
)
_DOWN = _WALK.format("SELECT program FROM parents JOIN walk ON parent = walk.first ORDER BY 1")


def lineage(
    index: sqlite3.Connection, name: str, limit: int = MOST_ANCESTORS, before: int | None = None
) -> Lineage:
    """Return a program and all its ancestors, the latest first.

    So the program comes first, each program before all its ancestors, and a starting program
    last. Ancestry follows the edges of first generation records.

    Args:
        index: of the run.
        name: id of the program.
        limit: most steps.
        before: number of a first record; only earlier ones, for the next page.

    Raises:
        Missing: the program was never proposed.
        ArchiveError: they are too many to be walked through.
    """
    first = first_of(index, name)
    place = first + 1 if before is None else before
    return _lineage(index, (n for n in _walk(index, _UP, first) if n < place), limit)


def descendants(
    index: sqlite3.Connection, name: str, limit: int = 1000, after: int | None = None
) -> Lineage:
    """Return a program and all that descend from it, the earliest first.

    Args:
        index: of the run.
        name: id of the program.
        limit: most steps.
        after: number of a first record; only later ones, for the next page.

    Raises:
        Missing: the program was never proposed.
        ArchiveError: they are too many to be walked through.
    """
    first = first_of(index, name)
    place = first - 1 if after is None else after
    return _lineage(index, (n for n in _walk(index, _DOWN, first) if n > place), limit)


def descending(index: sqlite3.Connection, name: str, after: int | None = None) -> Iterator[int]:
    """Yield the numbers of the first records of what descends from a program, in order.

    Args:
        index: of the run.
        name: id of the program, which is not among them.
        after: number of a first record; only later ones.

    Raises:
        Missing: the program was never proposed.
        ArchiveError: they are too many to be walked through.
    """
    first = first_of(index, name)
    place = first if after is None else max(first, after)
    return (number for number in _walk(index, _DOWN, first) if number > place)


def _walk(index: sqlite3.Connection, query: str, first: int) -> Iterator[int]:
    for met, (number,) in enumerate(index.execute(query, (first, MOST_WALKED + 1))):
        if met == MOST_WALKED:
            raise ArchiveError(f"there are more than {MOST_WALKED} programs to walk through")
        yield number


def _lineage(index: sqlite3.Connection, walk: Iterator[int], limit: int) -> Lineage:
    found = list(islice(walk, limit + 1))
    rows, parents = rows_of(index, found[:limit]), parents_of(index, found[:limit])
    steps = tuple(Step(row, parents.get(row.first, ())) for row in rows)
    return Lineage(steps, complete=len(found) <= limit)
