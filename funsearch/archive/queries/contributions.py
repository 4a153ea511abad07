"""What each sampler and model brought to a run, and what that cost.

A few passes of SQL over the tables; nothing is kept per program.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, field

from funsearch.archive.queries.model import Direction

MOST_CONTRIBUTORS = 1000
"""Combinations of sampler, model and served model, those with the most samples."""


@dataclass(slots=True)
class Contribution:
    """What one sampler, or one model that it asked, brought.

    Attributes:
        sampler: name. Hostile, as those of models are: escape them wherever they are shown.
        model: as asked for; empty where there is none.
        served: as the endpoint named it, if by another name than it was asked for.
        samples: how many; what a run was given to start from is none.
        ok: with a verdict that is `ok`.
        duplicates: of a program that the run knew already, or that behaves like one; some are `ok`.
        failures: status → how many others have it.
        waiting: without a verdict.
        retracted: whose records do not stand: they have been paid for, but brought nothing.
        better: new programs that score better than all that their prompts showed.
        best: verdicts that were the best of the run when they came.
        tokens: of prompts and answers; None where no sample says.
        uncounted: samples of a model that do not say.
        cost: in US dollars, of the samples whose cost is known; None where none is.
        unpriced: samples of a model whose cost is not known.
        seconds: that samples were waited for; all those of one request have the same.
    """

    sampler: str
    model: str
    served: str
    samples: int = 0
    ok: int = 0
    duplicates: int = 0
    failures: dict[str, int] = field(default_factory=dict[str, int])
    waiting: int = 0
    retracted: int = 0
    better: int = 0
    best: int = 0
    tokens: int | None = None
    uncounted: int = 0
    cost: float | None = None
    unpriced: int = 0
    seconds: float = 0.0

    @property
    def cost_per_best(self) -> float | None:
        """Dollars for each time the best score of the run grew; None if that is not known."""
        known = self.cost is not None and not self.unpriced and self.best
        return self.cost / self.best if known and self.cost is not None else None


_KEY = "g.sampler, g.model, g.served"
_SAMPLES = f"""
    SELECT {_KEY}, s.name, m.name, r.name, samples, tokens, uncounted, cost, unpriced, seconds
    FROM (SELECT {_KEY}, count(*) AS samples, sum(seconds) AS seconds,
            sum(coalesce(prompt_tokens + completion_tokens, prompt_tokens, completion_tokens))
             AS tokens,
            sum(coalesce(prompt_tokens, completion_tokens) IS NULL) AS uncounted,
            sum(cost) AS cost, sum(cost IS NULL) AS unpriced
          FROM generations AS g WHERE draw IS NOT NULL GROUP BY {_KEY}
          ORDER BY samples DESC, {_KEY} LIMIT {MOST_CONTRIBUTORS + 1}) AS g
    JOIN names AS s ON s.id = g.sampler JOIN names AS m ON m.id = g.model
    JOIN names AS r ON r.id = g.served ORDER BY samples DESC"""  # noqa: S608
# A program whose number is its generation's own came into the run with it. Only what the run knew
# already is rejected though it holds a program.
_VERDICTS = f"""
    SELECT {_KEY}, e.status,
        e.program IS NOT NULL AND (g.program != g.number OR e.status = 'rejected') AS known,
        e.number IN (SELECT value FROM json_each(?1))
            OR e.generation IN (SELECT value FROM json_each(?1)) AS retracted, count(*)
    FROM evaluations AS e JOIN generations AS g ON g.number = e.generation
    WHERE g.draw IS NOT NULL GROUP BY {_KEY}, e.status, known, retracted"""  # noqa: S608
_STANDING = """
    scored AND number NOT IN (SELECT value FROM json_each(?1))
    AND generation NOT IN (SELECT value FROM json_each(?1))"""
# {0} is max or min, {1} the sign between a better score and another.
_BEST = f"""
    SELECT {_KEY}, count(*)
    FROM (SELECT generation, score {{1}} {{0}}(score) OVER (
              ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS best
          FROM evaluations WHERE {_STANDING}) AS e
    JOIN generations AS g ON g.number = e.generation
    WHERE coalesce(e.best, 1) AND g.draw IS NOT NULL GROUP BY {_KEY}"""  # noqa: S608
_BETTER = f"""
    SELECT {_KEY}, count(*)
    FROM (SELECT generation, score FROM evaluations WHERE {_STANDING}) AS e
    JOIN generations AS g ON g.number = e.generation
    WHERE g.draw IS NOT NULL AND g.program = g.number
        AND coalesce(e.score {{1}} (
            SELECT {{0}}(shown.score) FROM parents AS p
            JOIN evaluations AS shown ON shown.program = p.parent AND shown.scored
            WHERE p.program = g.number), 1)
    GROUP BY {_KEY}"""  # noqa: S608


def contributions(
    index: sqlite3.Connection, direction: Direction, retracted: Collection[int] = ()
) -> tuple[list[Contribution], bool]:
    """Return what each sampler and model brought, those with the most samples first.

    Args:
        index: of the run.
        direction: in which scores get better.
        retracted: numbers of records that do not stand; what rests on one counts as brought
            nothing, and no later score is held against its.

    Returns:
        One for each sampler, model asked for and model that served; and whether there are more.
    """
    found: dict[tuple[str, str, str], Contribution] = {}
    by_key: dict[tuple[int, int, int], Contribution] = {}
    rows = index.execute(_SAMPLES).fetchall()
    for sampler_id, model_id, served_id, sampler, model, served, *sums in rows[:MOST_CONTRIBUTORS]:
        name = (sampler, model, "" if served == model else served)
        row = by_key[sampler_id, model_id, served_id] = found.setdefault(name, Contribution(*name))
        _add_sums(row, *sums)
    without = json.dumps(sorted(retracted))
    for *key, status, known, undone, count in index.execute(_VERDICTS, (without,)):
        if (row := by_key.get(tuple(key))) is not None:
            _add_verdicts(row, status, count, known=known, undone=undone)
    sign = "<" if direction == "min" else ">"
    for *key, count in index.execute(_BEST.format(direction, sign), (without,)):
        if (row := by_key.get(tuple(key))) is not None:
            row.best += count
    for *key, count in index.execute(_BETTER.format(direction, sign), (without,)):
        if (row := by_key.get(tuple(key))) is not None:
            row.better += count
    ordered = sorted(
        found.values(), key=lambda row: (-row.samples, row.sampler, row.model, row.served)
    )
    return ordered, len(rows) > MOST_CONTRIBUTORS


def _add_sums(
    row: Contribution,
    samples: int,
    tokens: int | None,
    uncounted: int,
    cost: float | None,
    unpriced: int,
    seconds: float,
) -> None:
    row.samples += samples
    row.waiting += samples
    row.seconds += seconds
    row.tokens = row.tokens if tokens is None else (row.tokens or 0) + tokens
    row.cost = row.cost if cost is None else (row.cost or 0.0) + cost
    if row.model:
        row.uncounted += uncounted
        row.unpriced += unpriced


def _add_verdicts(row: Contribution, status: str, count: int, *, known: bool, undone: bool) -> None:
    row.waiting -= count
    if undone:
        row.retracted += count
        return
    row.duplicates += count * known
    if status == "ok":
        row.ok += count
    elif not known:
        row.failures[status] = row.failures.get(status, 0) + count
