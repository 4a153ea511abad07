"""How the best score of a run grew with its samples, and what they took.

A sample's place is that of its generation record: when its verdict came depends on the machine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from evaluators.verdict import Flag
from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries.model import Direction

MOST_IMPROVEMENTS = 100_000
"""Of the best score of one run."""

_SCORED = """
    SELECT e.generation, e.number, e.score, e.time, f.name
    FROM evaluations AS e JOIN names AS f ON f.id = e.flags
    WHERE e.scored AND e.score IS NOT NULL ORDER BY e.generation"""
_LATEST = """
    SELECT max(time) FROM (
        SELECT time, number FROM generations UNION ALL SELECT time, number FROM evaluations
        UNION ALL SELECT time, number FROM resets UNION ALL SELECT time, number FROM runs)
    WHERE number >= ? AND number < ?"""
_SPENT = """
    SELECT count(*), total(g.cost), total(m.name != '' AND g.cost IS NULL),
           total(coalesce(g.prompt_tokens, 0) + coalesce(g.completion_tokens, 0))
    FROM generations AS g JOIN names AS m ON m.id = g.model WHERE g.draw IS NOT NULL"""
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Improvement:
    """A program that was the best so far.

    Attributes:
        samples: made until then, this one included; 0 for a starting program.
        seconds: of search until its verdict.
        score: its own.
        evaluation: number of the evaluation record.
        unconfirmed: whether no other run could confirm the score.
    """

    samples: int
    seconds: float
    score: float
    evaluation: int
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class Course:
    """How the best score of a run grew, and what its samples took.

    Attributes:
        improvements: in order.
        samples: of the whole run.
        seconds: of search.
        cost: in US dollars, as far as it is known.
        unpriced: samples of a model whose cost is not known.
        tokens: of prompts and answers, as far as they were reported.
    """

    improvements: tuple[Improvement, ...]
    samples: int
    seconds: float
    cost: float
    unpriced: int
    tokens: int


def course(
    index: sqlite3.Connection, direction: Direction, retracted: Collection[int] = ()
) -> Course:
    """Return how the best score grew.

    Args:
        index: of the run.
        direction: in which scores get better.
        retracted: numbers of records that do not stand; what rests on one of them is left out.

    Raises:
        ArchiveError: there are more improvements than anybody's run has.
    """
    sessions = _sessions(index)
    sign = 1 if direction == "max" else -1
    improvements: list[Improvement] = []
    before, samples, seconds = -1, 0, 0.0
    for generation, number, score, time, flags in index.execute(_SCORED):
        if improvements and sign * score <= sign * improvements[-1].score:
            continue
        if generation in retracted or number in retracted:
            continue
        if len(improvements) == MOST_IMPROVEMENTS:
            raise ArchiveError(f"the best score improves more than {MOST_IMPROVEMENTS} times")
        samples += _samples(index, before, generation)
        # A verdict that comes late counts when it comes, and so does what is above it.
        seconds = max(seconds, _search_time(sessions, number, time))
        unconfirmed = Flag.UNCONFIRMED in flags.split()
        improvements.append(Improvement(samples, seconds, score, number, unconfirmed))
        before = generation
    count, cost, unpriced, tokens = index.execute(_SPENT).fetchone()
    total = sum(end - begin for _, begin, end, _ in sessions)
    return Course(tuple(improvements), count, total, cost, int(unpriced), int(tokens))


def _samples(index: sqlite3.Connection, after: int, until: int) -> int:
    """Return how many samples have records with numbers in the range; starts are none."""
    (count,) = index.execute(
        "SELECT count(*) FROM generations WHERE number > ? AND number <= ? AND draw IS NOT NULL",
        (after, until),
    ).fetchone()
    return count


def _sessions(index: sqlite3.Connection) -> list[tuple[int, float, float, float]]:
    """Return first record, begin and end in seconds since the epoch, and search time before."""
    starts: list[tuple[int, float]] = index.execute(
        "SELECT number, time FROM runs WHERE event != 'finished' AND time IS NOT NULL"
        " ORDER BY number"
    ).fetchall()
    found: list[tuple[int, float, float, float]] = []
    before = 0.0
    for (number, begin), (following, _) in pairwise([*starts, (_LARGEST, 0.0)]):
        (latest,) = index.execute(_LATEST, (number, following)).fetchone()
        end = max(begin, latest or begin)
        found.append((number, begin, end, before))
        before += end - begin
    return found


def _search_time(
    sessions: list[tuple[int, float, float, float]], number: int, time: float | None
) -> float:
    """Return the seconds of search, all sessions together, until a record was written."""
    for first, begin, _, before in reversed(sessions):
        if first < number and time is not None:
            return before + max(0.0, time - begin)
    return 0.0
