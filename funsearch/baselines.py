"""What evolution is measured against: sampling from the seed alone, and from the best alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from funsearch.columns import MOST, Columns, column
from funsearch.island import signature_digest
from funsearch.islands import Draw, Overview, Reset
from funsearch.population import DigestTable, Population


@dataclass(frozen=True)
class BaselineConfig:
    """How a baseline chooses.

    Attributes:
        examples: most programs shown in a prompt.
    """

    examples: int = 2

    def __post_init__(self) -> None:
        if self.examples < 1:
            raise ValueError("examples must be at least 1")


class _OnePool:
    """One island that is never reset."""

    def __init__(
        self, config: BaselineConfig, seed: int, population: Population, *, maximise: bool
    ) -> None:
        self.config = config
        self.seed = seed
        self.registrations = 0
        self.resets = 0
        self._population = population
        self._sign = 1.0 if maximise else -1.0
        self._signatures = DigestTable()
        self._kept: list[int] = []  # programs that are shown, or may be
        self._sum = 0.0
        self._best_score = -math.inf

    @property
    def size(self) -> int:
        """Number of islands: one."""
        return 1

    def overview(self) -> list[Overview]:
        """Return the one island at a glance."""
        best = self._sign * self._best_score if self.registrations else float("nan")
        mean = self._sign * self._sum / self.registrations if self.registrations else float("nan")
        return [Overview(0, self.registrations, len(self._signatures), best, mean)]

    def epoch(self, island: int) -> int:
        """Return 0: there are no resets."""
        return 0

    def reset_due(self, seconds_since_reset: float = 0.0) -> None:
        """Return None: nothing calls for a reset."""

    def plan_reset(self) -> Reset:
        """Raise: there is nothing to reset."""
        raise LookupError("this search has no islands to reset")

    def reset(self) -> Reset:
        """Raise: there is nothing to reset."""
        raise LookupError("this search has no islands to reset")

    def register(self, program: int, island: int | None, epoch: int) -> bool:
        """Count a program of the population; every one is taken."""
        goodness = self._goodness(program)
        self._signatures.add(signature_digest(self._population.signature(program)))
        self._sum += goodness
        self._best_score = max(self._best_score, goodness)
        self._take(program, starting=island is None)
        self.registrations += 1
        return True

    def columns(self) -> Columns:
        """Return all there is to keep beside the population."""
        return {
            "registrations": np.array([self.registrations], np.int64),
            "scores": np.array([self._sum, self._best_score], np.float64),
            "signatures": self._signatures.digests(),
            "kept": np.array(self._kept, np.int32),
        }

    def restore(self, columns: Columns) -> None:
        """Become the search whose `columns` these are, over the population of then.

        Raises:
            ValueError: they are not those of any; one line says why.
        """
        (registrations,) = column(columns, "registrations", np.int64, (1,), 0, MOST).tolist()
        total, best = column(columns, "scores", np.float64, (2,)).tolist()
        signatures = column(columns, "signatures", np.uint8, (None, 32))
        kept = column(columns, "kept", np.int32, (None,), 0, len(self._population) - 1)
        if np.isnan(self._population.scores(kept)).any():
            raise ValueError("has a registered program without a score")
        if bool(registrations) != bool(len(kept)):
            raise ValueError("has registrations and no program to show, or the other way round")
        self._signatures = DigestTable.of(signatures)
        self._kept = kept.tolist()
        self.registrations, self._sum, self._best_score = registrations, total, best

    def _take(self, program: int, *, starting: bool) -> None:
        raise NotImplementedError

    def _shown(self) -> Sequence[int]:
        raise NotImplementedError

    def draw(self, number: int) -> Draw:
        """Return the same examples for every draw between two registrations, worst first.

        Raises:
            LookupError: nothing has been registered.
        """
        shown = tuple(self._shown())
        if not shown:
            raise LookupError("no program is registered yet")
        return Draw(number, 0, 0, self.registrations, shown)

    def _goodness(self, program: int) -> float:
        score = self._population.score(program)
        if score is None:
            raise ValueError("a program without a score cannot be registered")
        return self._sign * score


class Iid(_OnePool):
    """Independent samples: every prompt shows the programs the run started from, no others."""

    def _take(self, program: int, *, starting: bool) -> None:
        if starting:
            self._kept.append(program)

    def _shown(self) -> Sequence[int]:
        return sorted(self._kept, key=self._goodness)[-self.config.examples :]


class Greedy(_OnePool):
    """Hill climbing: every prompt shows the best programs with distinct signatures so far."""

    def _take(self, program: int, *, starting: bool) -> None:
        signature = self._population.signature(program)
        if any(self._population.signature(other) == signature for other in self._kept):
            return  # the older of two that behave alike stays
        self._kept = sorted([*self._kept, program], key=self._goodness)[-self.config.examples :]

    def _shown(self) -> Sequence[int]:
        return self._kept


def make_iid(seed: int, population: Population, *, maximise: bool, **options: Any) -> Iid:
    """Build the baseline `iid`; the options are those of `BaselineConfig`."""
    return Iid(BaselineConfig(**options), seed, population, maximise=maximise)


def make_greedy(seed: int, population: Population, *, maximise: bool, **options: Any) -> Greedy:
    """Build the baseline `greedy`; the options are those of `BaselineConfig`."""
    return Greedy(BaselineConfig(**options), seed, population, maximise=maximise)
