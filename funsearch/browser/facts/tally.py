"""Counts of a run that grow with it: each record of the index is read once and never again.

The tables of an index are only ever added to, by number of record, so what a page must not scan
for is kept here, in a few numbers per name, island and step of the best score.
"""

from __future__ import annotations

import bisect
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from funsearch.archive.queries import Direction

_CHUNK = 10_000
"""Numbers of records that are looked at together."""
MOST_KEYS = 10_000
"""Different values of a part that are counted: an honest run has a few dozen."""
MOST_STEPS = 10_000
"""Of the best score."""

_RANGE = "number >= ?1 AND number < ?2"
_OF_E = "e.number >= ?1 AND e.number < ?2"
_PROGRAMS = f"""
    SELECT sampler, model, island, count(*) FROM generations
    WHERE {_RANGE} AND program = number GROUP BY 1, 2, 3"""  # noqa: S608
_SAMPLES = f"""
    SELECT sampler, model, served, count(*),
        total(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)),
        total(cost), sum(cost IS NULL), total(seconds)
    FROM generations WHERE {_RANGE} AND draw IS NOT NULL GROUP BY 1, 2, 3"""  # noqa: S608
_STATUSES = f"SELECT status, count(*) FROM evaluations WHERE {_RANGE} GROUP BY status"  # noqa: S608
# The verdict of a program is its scored evaluation, and before there is one its first.
_VERDICTS = f"""
    SELECT status, tier, scored, number = (SELECT number FROM evaluations
        WHERE program = e.program ORDER BY number LIMIT 1) AS earliest, count(*)
    FROM evaluations AS e WHERE {_RANGE} AND program IS NOT NULL GROUP BY 1, 2, 3, 4"""  # noqa: S608
_REPLACED = f"""
    SELECT f.status, f.tier FROM evaluations AS e JOIN evaluations AS f ON f.number = (
        SELECT number FROM evaluations WHERE program = e.program ORDER BY number LIMIT 1)
    WHERE {_OF_E} AND e.scored
        AND f.number < e.number"""  # noqa: S608
# What is no better than the last step, and no earlier, is no step.
_SCORED = f"""
    SELECT generation, number, score, program, time, flags FROM evaluations
    WHERE {_RANGE} AND scored AND score IS NOT NULL
        AND (?3 IS NULL OR ?4 * score > ?4 * ?3 OR generation < ?5)"""  # noqa: S608
_REGISTERED = f"""
    SELECT g.island, g.epoch, count(*), ?3 * max(?3 * e.score) + 0.0 FROM evaluations AS e
    JOIN generations AS g ON g.number = e.generation
    WHERE {_OF_E} AND e.registered GROUP BY 1, 2"""  # noqa: S608
_FIRST_WITH = f"""
    SELECT e.program FROM evaluations AS e JOIN generations AS g ON g.number = e.generation
    WHERE {_OF_E} AND e.registered AND g.island IS ?3 AND g.epoch = ?4 AND e.score = ?5
    ORDER BY e.number LIMIT 1"""  # noqa: S608
_COUNT = f"SELECT count(*) FROM generations WHERE {_RANGE} AND draw IS NOT NULL"  # noqa: S608


K = TypeVar("K")
V = TypeVar("V")


class Step(NamedTuple):
    """A program that was the best so far, by the numbers of its records."""

    generation: int
    evaluation: int
    score: float
    program: int
    time: float | None
    flags: int
    samples: int


@dataclass(slots=True)
class Held:
    """Programs registered on an island in one epoch, and the first of the best."""

    size: int = 0
    best: float | None = None
    program: int | None = None


@dataclass(slots=True)
class Spent:
    """What the samples of one sampler, model asked for and served model took."""

    samples: int = 0
    tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0
    seconds: float = 0.0


@dataclass
class Counts:
    """All that is counted; names are those of the table `names`, by number.

    Attributes:
        upto: number of the first record that is not counted yet.
        samples, programs: how many.
        by_sampler, by_model, by_island: programs, by their first record.
        by_verdict: programs by status and tier.
        statuses: evaluation records.
        spent: by sampler, model and served model.
        held: by island (None: starting programs, on all) and epoch.
        steps: of the best score, in order of the generations.
    """

    upto: int = 0
    samples: int = 0
    programs: int = 0
    by_sampler: Counter[int] = field(default_factory=Counter[int])
    by_model: Counter[int] = field(default_factory=Counter[int])
    by_island: Counter[int | None] = field(default_factory=Counter["int | None"])
    by_verdict: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    statuses: Counter[str] = field(default_factory=Counter[str])
    spent: dict[tuple[int, int, int], Spent] = field(
        default_factory=dict[tuple[int, int, int], Spent]
    )
    held: dict[tuple[int | None, int], Held] = field(
        default_factory=dict["tuple[int | None, int]", Held]
    )
    steps: list[Step] = field(default_factory=list[Step])
    marks: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Number of a record, and the samples before it: one a chunk."""


class Tally:
    """Keeps the counts of one run; `follow` may be called by any thread, one at a time counts."""

    def __init__(
        self, index: sqlite3.Connection, direction: Direction, retracted: Collection[int] = ()
    ) -> None:
        """Start with nothing counted.

        Args:
            index: of the run.
            direction: in which scores get better.
            retracted: numbers of records that do not stand; no step of the best score rests on one.
        """
        self._index = index
        self._sign = 1 if direction == "max" else -1
        self._retracted = frozenset(retracted)
        self._lock = threading.Lock()
        self.counts = Counts()

    @property
    def retracted(self) -> frozenset[int]:
        """Numbers of the records that did not stand when this was made."""
        return self._retracted

    def size(self) -> int:
        """Return how many records the index has at this moment."""
        return int(self._index.execute("SELECT size FROM place").fetchone()[0])

    def follow(self, seconds: float = 3600.0) -> bool:
        """Count what is new, for about so long at most; return whether nothing is left."""
        end = time.monotonic() + seconds
        with self._lock:
            size = self.size()
            while self.counts.upto < size:
                self._take(self.counts.upto, min(self.counts.upto + _CHUNK, size))
                if time.monotonic() > end:
                    break
            return self.counts.upto >= size

    def _take(self, start: int, end: int) -> None:
        counts, span = self.counts, (start, end)
        counts.marks.append((start, counts.samples))
        for sampler, model, island, number in self._index.execute(_PROGRAMS, span):
            counts.programs += number
            _add(counts.by_sampler, sampler, number)
            _add(counts.by_model, model, number)
            _add(counts.by_island, island, number)
        for *key, samples, tokens, cost, unpriced, seconds in self._index.execute(_SAMPLES, span):
            counts.samples += samples
            if (spent := _get(counts.spent, tuple(key), Spent)) is not None:
                spent.samples += samples
                spent.tokens += int(tokens)
                spent.cost += cost
                spent.unpriced += unpriced
                spent.seconds += seconds
        for status, number in self._index.execute(_STATUSES, span):
            _add(counts.statuses, status, number)
        for status, tier, scored, earliest, number in self._index.execute(_VERDICTS, span):
            if scored or earliest:
                _add(counts.by_verdict, (status, tier), number)
        for status, tier in self._index.execute(_REPLACED, span):
            _add(counts.by_verdict, (status, tier), -1)
        last = counts.steps[-1] if counts.steps else None
        place = (None, self._sign, 0) if last is None else (last[2], self._sign, last[0])
        for row in self._index.execute(_SCORED, (*span, *place)).fetchall():
            self._step(*row)
        for *key, number, best in self._index.execute(_REGISTERED, (*span, self._sign)).fetchall():
            if (held := _get(counts.held, (key[0], key[1]), Held)) is not None:
                held.size += number
                if best is not None and self._is_better(best, held.best):
                    first = self._index.execute(_FIRST_WITH, (*span, *key, best)).fetchone()
                    held.best, held.program = best, first[0] if first else None
        counts.upto = end

    def _is_better(self, score: float, than: float | None) -> bool:
        return than is None or self._sign * score > self._sign * than

    def _step(
        self,
        generation: int,
        number: int,
        score: float,
        program: int,
        time: float | None,
        flags: int,
    ) -> None:
        """Put a score among the steps if it was the best of all generations up to its own."""
        steps = self.counts.steps
        place = bisect.bisect_left(steps, (generation,))
        if place and not self._is_better(score, steps[place - 1].score):
            return
        if generation in self._retracted or number in self._retracted or place >= MOST_STEPS:
            return
        beyond = place
        while beyond < len(steps) and not self._is_better(steps[beyond].score, score):
            beyond += 1
        samples = self._samples_until(generation)
        steps[place:beyond] = [Step(generation, number, score, program, time, flags, samples)]
        del steps[MOST_STEPS:]

    def _samples_until(self, generation: int) -> int:
        """Return how many samples were made, up to a generation."""
        marks = self.counts.marks
        start, before = marks[max(0, bisect.bisect_right(marks, (generation, 1 << 62)) - 1)]
        (count,) = self._index.execute(_COUNT, (start, generation + 1)).fetchone()
        return before + int(count)


def names(index: sqlite3.Connection) -> Mapping[int, str]:
    """Return the names that an index numbers: the first so many."""
    return dict(index.execute("SELECT id, name FROM names ORDER BY id LIMIT ?", (MOST_KEYS,)))


def _add(counter: Counter[K], key: K, number: int) -> None:
    if key in counter or len(counter) < MOST_KEYS:
        counter[key] += number


def _get(known: dict[K, V], key: K, make: Callable[[], V]) -> V | None:
    if key not in known and len(known) < MOST_KEYS:
        known[key] = make()
    return known.get(key)
