"""Questions to an index. Every answer is bounded; a program's row never changes once it has one.

A program's verdict is that of its first evaluation that is `ok`, else of its first evaluation.
Its generation is the length of the longest way back to a starting program, by the edges of its
first generation record: so it is larger than that of each of its parents.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from funsearch.archive.errors import ArchiveError, Missing

Direction = Literal["max", "min"]

SHORTEST_PREFIX = 6
"""Fewest hex digits that name a program."""
MOST_ANCESTORS = 10_000

# Columns in the order of the fields of ProgramRow.
_PROGRAM = """
    SELECT p.id, p.first, p.generation, p.length, g.island, g.sampler, g.model, g.prompt, g.reply,
           coalesce(e.status, ''), e.score, e.number, coalesce(e.reason, ''), coalesce(e.flags, '')
    FROM programs AS p JOIN generations AS g ON g.number = p.first
    LEFT JOIN evaluations AS e ON e.number = (
        SELECT number FROM evaluations WHERE program = p.first ORDER BY status <> 'ok', number)
"""

_BEST = {
    "max": "SELECT program FROM evaluations WHERE scored ORDER BY score DESC, number LIMIT ?",
    "min": "SELECT program FROM evaluations WHERE scored ORDER BY score, number LIMIT ?",
}


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """A program, as it came into the run.

    Attributes:
        id: digest of its source, under which the source is among the objects.
        first: number of its first generation record.
        generation: longest way back to a starting program; 0 for one.
        length: bytes of its source; None if the source is not among the objects.
        island: index of the island; None for a starting program.
        sampler: that returned it.
        model: as asked for.
        prompt: digest of the prompt; empty for a starting program.
        reply: digest of the raw reply.
        status: of its verdict; empty while there is none.
        score: or None.
        evaluation: number of the evaluation record; None while there is none.
        reason: of the verdict. Hostile: escape it wherever it is shown.
        flags: of the verdict; `unconfirmed` among them must be said wherever the score is shown.
    """

    id: str
    first: int
    generation: int
    length: int | None
    island: int | None
    sampler: str
    model: str
    prompt: str
    reply: str
    status: str
    score: float | None
    evaluation: int | None
    reason: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A program of a lineage, with the ids of the programs its prompt showed, `_v0` first."""

    program: ProgramRow
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Steps of a lineage; `complete` says whether the bound left none out."""

    steps: tuple[Step, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class History:
    """All that happened to a program.

    Attributes:
        program: its row.
        parents: ids of the programs its prompt showed, `_v0` first.
        proposals: numbers of its generation records; all but the first are re-proposals.
        evaluations: numbers of its evaluation records.
    """

    program: ProgramRow
    parents: tuple[str, ...]
    proposals: tuple[int, ...]
    evaluations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A generation record with its evaluation.

    Attributes:
        generation: number of the generation record.
        evaluation: number of the evaluation record.
        program: id, or None where the text held none.
        sampler: that returned it.
        island: index of the island, or None.
        reply: digest of the raw text.
        status: of the verdict.
        reason: of the verdict. Hostile: escape it wherever it is shown.
    """

    generation: int
    evaluation: int
    program: str | None
    sampler: str
    island: int | None
    reply: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A run at a glance.

    Attributes:
        problem: name; empty if no run was started.
        seed: of the run, or None.
        records: in the index.
        samples: generation records, those of starting programs not counted.
        programs: different ones.
        statuses: status → number of evaluation records.
        resets: of islands.
        best: or None.
        state: `empty`, `running`, `interrupted` (killed, or its machine went down), or the reason
            that the run gave when it finished.
    """

    problem: str
    seed: int | None
    records: int
    samples: int
    programs: int
    statuses: Mapping[str, int]
    resets: int
    best: ProgramRow | None
    state: str


def summary(index: sqlite3.Connection, direction: Direction, *, is_written: bool) -> Summary:
    """Return a run at a glance.

    Args:
        index: of the run.
        direction: in which scores get better.
        is_written: whether a process is writing the run (`Reader.is_written`).
    """
    last = index.execute(
        "SELECT problem, seed, event, reason FROM runs ORDER BY number DESC LIMIT 1"
    ).fetchone()
    problem, seed, event, reason = last or ("", None, "", "")
    if is_written:
        state = "running"
    elif event == "finished":
        state = reason or event
    else:
        state = "interrupted" if last else "empty"
    leaders = best(index, direction, 1)
    return Summary(
        problem=problem,
        seed=None if seed is None else int(seed),
        records=_count(index, "entries"),
        samples=_count(index, "generations WHERE draw IS NOT NULL"),
        programs=_count(index, "programs"),
        statuses=dict(
            index.execute(
                "SELECT status, count(*) FROM evaluations GROUP BY status ORDER BY status"
            )
        ),
        resets=_count(index, "resets"),
        best=leaders[0] if leaders else None,
        state=state,
    )


def best(index: sqlite3.Connection, direction: Direction, limit: int = 10) -> list[ProgramRow]:
    """Return the programs with the best scores, best first; of equals the one scored earlier."""
    return [_row(index, first) for (first,) in index.execute(_BEST[direction], (limit,))]


def find(index: sqlite3.Connection, prefix: str, limit: int = 20) -> list[str]:
    """Return the ids of programs that begin with some hex digits, in order.

    Raises:
        ArchiveError: these are no hex digits, or too few.
    """
    prefix = prefix.lower()
    if not SHORTEST_PREFIX <= len(prefix) <= 64 or set(prefix) - set("0123456789abcdef"):
        raise ArchiveError(f"{prefix[:80]!a} is no program's ID: give at least 6 hex digits of it")
    query = "SELECT id FROM programs WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
    return [name for (name,) in index.execute(query, (prefix, prefix + "g", limit))]


def program(index: sqlite3.Connection, name: str, limit: int = 1000) -> History:
    """Return all that happened to a program.

    Args:
        index: of the run.
        name: id of the program.
        limit: most proposals and most evaluations.

    Raises:
        Missing: it was never proposed.
    """
    row = _program(index, name)
    lists = [
        tuple(
            number
            for (number,) in index.execute(
                f"SELECT number FROM {table} WHERE program = ? ORDER BY number LIMIT ?",  # noqa: S608
                (row.first, limit),
            )
        )
        for table in ("generations", "evaluations")
    ]
    return History(row, _parents(index, row.first), *lists)


def lineage(index: sqlite3.Connection, name: str, limit: int = MOST_ANCESTORS) -> Lineage:
    """Return a program and all its ancestors, the latest first.

    So the program comes first, each program before all its ancestors, and a starting program
    last. Ancestry follows the edges of first generation records.

    Raises:
        Missing: the program was never proposed.
    """
    return _walk(
        index,
        "SELECT parent FROM parents JOIN walk ON program = walk.first WHERE parent IS NOT NULL"
        " ORDER BY 1 DESC",
        _program(index, name),
        limit,
    )


def descendants(index: sqlite3.Connection, name: str, limit: int = 1000) -> Lineage:
    """Return a program and all that descend from it, the earliest first.

    Raises:
        Missing: the program was never proposed.
    """
    return _walk(
        index,
        "SELECT program FROM parents JOIN walk ON parent = walk.first ORDER BY 1",
        _program(index, name),
        limit,
    )


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
    query = """
        SELECT e.generation, e.number, p.id, g.sampler, g.island, g.reply, e.status, e.reason
        FROM evaluations AS e JOIN generations AS g ON g.number = e.generation
        LEFT JOIN programs AS p ON p.first = e.program
        WHERE e.status = ? AND e.number < ? ORDER BY e.number DESC LIMIT ?
    """
    place = 2**62 if before is None else before
    return [Attempt(*row) for row in index.execute(query, (status, place, limit))]


def _walk(index: sqlite3.Connection, step: str, start: ProgramRow, limit: int) -> Lineage:
    # SQLite takes the rows of a recursion in the order that the step asks for, so a bound cuts
    # off what is furthest away in time, and never what a program that is shown came from first.
    found = [
        first
        for (first,) in index.execute(
            f"WITH RECURSIVE walk (first) AS (SELECT ? UNION {step} LIMIT ?)"  # noqa: S608
            " SELECT first FROM walk",
            (start.first, limit + 1),
        )
    ]
    rows = (_row(index, first) for first in found[:limit])
    steps = tuple(Step(row, _parents(index, row.first)) for row in rows)
    return Lineage(steps, complete=len(found) <= limit)


def _row(index: sqlite3.Connection, first: int) -> ProgramRow:
    return _program_row(index.execute(f"{_PROGRAM} WHERE p.first = ?", (first,)).fetchone())


def _program(index: sqlite3.Connection, name: str) -> ProgramRow:
    row = index.execute(f"{_PROGRAM} WHERE p.id = ?", (name,)).fetchone()
    if row is None:
        raise Missing(f"there is no program {name[:80]!a}")
    return _program_row(row)


def _program_row(columns: Sequence[Any]) -> ProgramRow:
    *others, flags = columns
    return ProgramRow(*others, flags=tuple(flags.split()))


def _parents(index: sqlite3.Connection, first: int) -> tuple[str, ...]:
    query = """
        SELECT coalesce(p.id, stranger) FROM parents LEFT JOIN programs AS p ON p.first = parent
        WHERE program = ? ORDER BY position
    """
    return tuple(name for (name,) in index.execute(query, (first,)))


def _count(index: sqlite3.Connection, table: str) -> int:
    (count,) = index.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return count
