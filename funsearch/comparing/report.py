"""A comparison in numbers: a row for each setting, and each one against the first."""

from __future__ import annotations

import statistics as averages
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from funsearch.comparing.results import Meaning, Result, check_comparable
from funsearch.comparing.settings import ENOUGH_SEEDS
from funsearch.comparing.statistics import (
    LEVEL,
    Difference,
    Spread,
    differences,
    smallest_p,
    spread,
    too_few,
)
from funsearch.config import ConfigError


@dataclass(frozen=True)
class Row:
    """A setting.

    Attributes:
        setting: its name.
        runs: of it, by seed.
        best: their best scores.
        samples_to_best: median of the samples until the best program was there.
        seconds: median of the search times.
        cost: mean in US dollars, or None if there is a sample of unknown cost.
    """

    setting: str
    runs: tuple[Result, ...]
    best: Spread
    samples_to_best: float
    seconds: float
    cost: float | None


@dataclass(frozen=True)
class Comparison:
    """All of it.

    Attributes:
        meaning: of the scores.
        rows: the settings; the others are compared with the first one.
        against_first: the others' differences to the first one, in the same order.
        too_few: whether no scores at all of so many seeds could show a difference.
        notes: what must be known beside the numbers.
    """

    meaning: Meaning
    rows: tuple[Row, ...]
    against_first: tuple[Difference, ...]
    too_few: bool
    notes: tuple[str, ...]

    def verdict(self, place: int) -> str:
        """Return in plain words how the setting of a row after the first one compares with it."""
        found = self.against_first[place - 1]
        first, other = self.rows[0].setting, self.rows[place].setting
        if not found.is_noise():
            better = (found.difference > 0) == (self.meaning.direction == "max")
            return f"{other if better else first} is better"
        return "too few seeds to tell" if self.too_few else "within noise"


def compare(results: Sequence[Result], notes: Sequence[str] = ()) -> Comparison:
    """Compare settings by the best scores of their runs.

    Args:
        results: runs; the settings keep the order in which they appear.
        notes: to go before those that are made here.

    Raises:
        ConfigError: there are less than two settings, or they cannot be compared.
    """
    grouped: dict[str, list[Result]] = {}
    for result in results:
        grouped.setdefault(result.setting, []).append(result)
    if len(grouped) < 2:
        raise ConfigError(
            "nothing to compare: all these runs have one setting (what differs is at most the seed)"
        )
    meaning = check_comparable(results)
    rows = tuple(_row(name, runs) for name, runs in grouped.items())
    scores = [[run.best.score for run in row.runs] for row in rows]
    maximise = meaning.direction == "max"
    against = tuple(differences(scores[0], scores[1:], maximise=maximise))
    few = too_few([(row.best.count, rows[0].best.count) for row in rows[1:]])
    said = [*notes, *_notes(rows, few=few)]
    return Comparison(meaning, rows, against, few, tuple(said))


def _row(name: str, found: Sequence[Result]) -> Row:
    runs = tuple(sorted(found, key=lambda run: run.seed))
    costs = [run.course.cost for run in runs]
    return Row(
        setting=name,
        runs=runs,
        best=spread([run.best.score for run in runs]),
        samples_to_best=averages.median(run.best.samples for run in runs),
        seconds=averages.median(run.course.seconds for run in runs),
        cost=None if any(run.course.unpriced for run in runs) else averages.fmean(costs),
    )


def _notes(rows: Sequence[Row], *, few: bool) -> list[str]:
    """Return what may mislead who reads the numbers only."""
    notes: list[str] = []
    least = min(row.best.count for row in rows)
    if few:
        pairs = [(row.best.count, rows[0].best.count) for row in rows[1:]]
        smallest = min(smallest_p(*pair) for pair in pairs) * len(pairs)
        notes.append(
            f"with so few seeds the smallest p that scores could give is {min(1.0, smallest):.2g}, "
            f"so that nothing can be told at {LEVEL:g}: make more runs"
        )
    elif least < ENOUGH_SEEDS:
        notes.append(f"fewer than {ENOUGH_SEEDS} seeds: only a large difference can show")
    doubted = sum(run.best.unconfirmed for row in rows for run in row.runs)
    if doubted:
        notes.append(f"of {doubted} of the best scores no second run could confirm the verdict")
    ends = _ends(rows)
    if len(ends) > 1:
        counts = ", ".join(f"{count} by {reason}" for reason, count in ends.items())
        notes.append(f"not all runs ended for the same reason: {counts}")
    return notes


def _ends(rows: Sequence[Row]) -> Mapping[str, int]:
    ends: dict[str, int] = {}
    for row in rows:
        for run in row.runs:
            ends[run.ended] = ends.get(run.ended, 0) + 1
    return ends
