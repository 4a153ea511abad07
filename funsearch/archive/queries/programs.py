"""Programs one by one: rows, histories, and the run at a glance.

A program's verdict is that of its first evaluation that is `ok`, else of its first evaluation.
Its generation is the length of the longest way back to a starting program, by the edges of its
first generation record: so it is larger than that of each of its parents.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.queries.model import (
    History,
    ProgramRow,
    Retraction,
    Verification,
)
from funsearch.archive.sqlite import select_in

SHORTEST_PREFIX = 6
"""Fewest hex digits that name a program."""

# Columns in the order of the fields of ProgramRow.
_PROGRAM = """
    SELECT lower(hex(p.id)), p.first, p.generation, p.length, g.island, s.name, m.name,
           lower(hex(g.prompt)), lower(hex(g.reply)), coalesce(e.status, ''), e.score, e.number,
           coalesce(e.reason, ''), coalesce(f.name, ''),
           (SELECT count(*) FROM retractions WHERE program = p.first)
    FROM programs AS p JOIN generations AS g ON g.number = p.first
    JOIN names AS s ON s.id = g.sampler JOIN names AS m ON m.id = g.model
    LEFT JOIN evaluations AS e ON e.number = coalesce(
        (SELECT number FROM evaluations WHERE program = p.first AND scored),
        (SELECT number FROM evaluations WHERE program = p.first ORDER BY number LIMIT 1))
    LEFT JOIN names AS f ON f.id = e.flags
    WHERE p.first IN"""
_PARENTS = """
    SELECT program, position, lower(hex(coalesce(p.id, stranger)))
    FROM parents LEFT JOIN programs AS p ON p.first = parent WHERE program IN"""
_VERIFICATION = "SELECT number, evaluation, agreed, time FROM verifications"
_RETRACTION = "SELECT number, target, lower(hex(entry)), reason, by, time FROM retractions"


def rows_of(index: sqlite3.Connection, firsts: Sequence[int]) -> list[ProgramRow]:
    """Return the rows of programs, by the numbers of their first records, in the same order.

    Raises:
        Damaged: there is none for one of them.
    """
    found: dict[int, ProgramRow] = {}
    for *others, flags, retracted in select_in(index, _PROGRAM, firsts):
        row = ProgramRow(*others, flags=tuple(flags.split()), retractions=retracted)
        found[row.first] = row
    try:
        return [found[first] for first in firsts]
    except KeyError as error:
        raise Damaged(
            f"the index is damaged: it lacks the program of record {error.args[0]!a}; "
            "`funsearch archive rebuild` makes it anew"
        ) from None


def parents_of(index: sqlite3.Connection, firsts: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """Return the ids of the parents of programs, `_v0` first; those without any are left out."""
    found: dict[int, dict[int, str]] = {}
    for program, position, parent in select_in(index, _PARENTS, firsts):
        found.setdefault(program, {})[position] = parent
    return {
        program: tuple(parents[position] for position in sorted(parents))
        for program, parents in found.items()
    }


def first_of(index: sqlite3.Connection, name: str) -> int:
    """Return the number of a program's first record.

    Raises:
        Missing: it was never proposed.
    """
    try:
        key = bytes.fromhex(name)
    except ValueError:
        key = b""
    row = index.execute("SELECT first FROM programs WHERE id = ?", (key,)).fetchone()
    if row is None:
        raise Missing(f"there is no program {name[:80]!a}")
    return row[0]


def find(index: sqlite3.Connection, prefix: str, limit: int = 20) -> list[str]:
    """Return the ids of programs that begin with some hex digits, in order.

    Raises:
        ArchiveError: these are no hex digits, or too few.
    """
    prefix = prefix.lower()
    if not SHORTEST_PREFIX <= len(prefix) <= 64 or set(prefix) - set("0123456789abcdef"):
        raise ArchiveError(f"{prefix[:80]!a} is no program's ID: give at least 6 hex digits of it")
    query = "SELECT lower(hex(id)) FROM programs WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"
    bounds = [bytes.fromhex(prefix.ljust(64, digit)) for digit in "0f"]
    return [name for (name,) in index.execute(query, (*bounds, limit))]


def program(index: sqlite3.Connection, name: str, limit: int = 1000) -> History:
    """Return all that happened to a program.

    Args:
        index: of the run.
        name: id of the program.
        limit: most proposals, evaluations, verifications and retractions, the earliest of each.

    Raises:
        Missing: it was never proposed.
    """
    first = first_of(index, name)
    (row,) = rows_of(index, [first])
    of, bounds = "WHERE program = ? ORDER BY number LIMIT ?", (first, limit)
    proposals, evaluations = (
        tuple(number for (number,) in index.execute(f"SELECT number FROM {table} {of}", bounds))  # noqa: S608
        for table in ("generations", "evaluations")
    )
    return History(
        program=row,
        parents=parents_of(index, [first]).get(first, ()),
        proposals=proposals,
        evaluations=evaluations,
        verifications=_verifications(index.execute(f"{_VERIFICATION} {of}", bounds)),
        retractions=_retractions(index.execute(f"{_RETRACTION} {of}", bounds)),
    )


def verifications(
    index: sqlite3.Connection, name: str, limit: int = 100
) -> tuple[Verification, ...]:
    """Return the verifications of a program, the latest first.

    Raises:
        Missing: it was never proposed.
    """
    query = f"{_VERIFICATION} WHERE program = ? ORDER BY number DESC LIMIT ?"
    return _verifications(index.execute(query, (first_of(index, name), limit)))


def retractions(index: sqlite3.Connection, limit: int = 10_000) -> tuple[Retraction, ...]:
    """Return the retractions of a run, the latest first, standing or not."""
    return _retractions(index.execute(f"{_RETRACTION} ORDER BY number DESC LIMIT ?", (limit,)))


def _verifications(rows: sqlite3.Cursor) -> tuple[Verification, ...]:
    return tuple(
        Verification(number, evaluation, bool(agreed), time)
        for number, evaluation, agreed, time in rows
    )


def _retractions(rows: sqlite3.Cursor) -> tuple[Retraction, ...]:
    return tuple(Retraction(*columns) for columns in rows)
