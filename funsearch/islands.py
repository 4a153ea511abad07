"""The islands: the algorithm of Romera-Paredes et al. (Nature 625, 2024, Methods), and no more.

Pure and deterministic: the state is a function of the calls made, a draw is a function of the
state, the run's seed and the draw's number. Deviations from the published code, each with its
reason, are listed in docs/architecture.md; `scaling="raw"` with `replacement=True` undoes those
that concern the draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from funsearch import randomness
from funsearch.columns import MOST, Columns, column
from funsearch.island import Island, IslandsConfig, signature_digest
from funsearch.population import Population


@dataclass(frozen=True)
class Draw:
    """One numbered choice of examples.

    Attributes:
        number: of the draw.
        island: index of the island drawn from.
        epoch: of that island.
        registrations: how many the islands had seen.
        programs: numbers in the population, worst score first.
    """

    number: int
    island: int
    epoch: int
    registrations: int
    programs: tuple[int, ...]


@dataclass(frozen=True)
class Reset:
    """A reset: which islands were emptied and which program each starts from, by number."""

    number: int
    registrations: int
    founders: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Overview:
    """One island at a glance.

    Attributes:
        epoch: how often it was reset.
        programs: registered since then.
        clusters: distinct signatures among them.
        best: best score; NaN if there is no program.
        mean: mean score over programs; NaN if there is none.
    """

    epoch: int
    programs: int
    clusters: int
    best: float
    mean: float


class Islands:
    """Several islands that exchange programs only when the worse half is reset.

    Args:
        config: how to choose.
        seed: of the run.
        population: all programs judged so far; shared with the caller, who adds to it.
        maximise: whether a larger score is better.
    """

    def __init__(
        self, config: IslandsConfig, seed: int, population: Population, *, maximise: bool
    ) -> None:
        self.config = config
        self.seed = seed
        self.registrations = 0
        self.resets = 0
        self.islands = [Island(epoch=0) for _ in range(config.islands)]
        self._population = population
        self._sign = 1.0 if maximise else -1.0
        self._since_reset = 0

    @property
    def size(self) -> int:
        """Number of islands."""
        return len(self.islands)

    def epoch(self, island: int) -> int:
        """Return how often an island was reset."""
        return self.islands[island].epoch

    def overview(self) -> list[Overview]:
        """Return each island at a glance."""
        return [
            Overview(
                island.epoch,
                island.registrations,
                island.clusters,
                self._sign * island.best_score if island.best is not None else float("nan"),
                self._sign * island.mean_score,
            )
            for island in self.islands
        ]

    def draw(self, number: int) -> Draw:
        """Choose an island uniformly, and examples from it. Changes nothing.

        Raises:
            LookupError: nothing has been registered.
        """
        random = randomness.for_draw(self.seed, number)
        index = int(random.integers(len(self.islands)))
        island = self.islands[index]
        if island.best is None:
            raise LookupError("no program is registered yet")
        programs = island.draw(self.config, random)
        return Draw(number, index, island.epoch, self.registrations, programs)

    def register(self, program: int, island: int | None, epoch: int) -> bool:
        """Register a program of the population on the island its prompt was drawn from.

        Args:
            program: number in the population; it has a score.
            island: index, or None for all islands.
            epoch: of the island at the draw. A program that comes after its island was reset is
                not registered: its parents are gone, and it would carry them into the new epoch.

        Returns:
            Whether it was registered.
        """
        targets = range(len(self.islands)) if island is None else (island,)
        if island is not None and self.islands[island].epoch != epoch:
            return False
        for target in targets:
            self._register(self.islands[target], program)
        self.registrations += 1
        self._since_reset += 1
        return True

    def _register(self, island: Island, program: int) -> None:
        score = self._population.score(program)
        if score is None:
            raise ValueError("a program without a score cannot be registered")
        signature = signature_digest(self._population.signature(program))
        length = self._population.length(program)
        island.register(program, length, signature, self._sign * score)

    def reset_due(
        self, seconds_since_reset: float = 0.0
    ) -> Literal["registrations", "seconds"] | None:
        """Return what calls for a reset now, if anything does."""
        if len(self.islands) < 2:
            return None
        if self.config.reset_registrations:
            due = self._since_reset >= self.config.reset_registrations
            return "registrations" if due else None
        if self.config.reset_seconds and seconds_since_reset >= self.config.reset_seconds:
            return "seconds"
        return None

    def plan_reset(self) -> Reset:
        """Return what a reset would do now; changes nothing.

        The worse half of the islands is emptied, and each founded on the best program of a
        random survivor. Islands with equal best scores are ordered by chance.

        Raises:
            LookupError: nothing has been registered.
        """
        random = randomness.for_reset(self.seed, self.resets)
        best = np.array([island.best_score for island in self.islands])
        order = np.lexsort(np.stack((random.random(len(best)), best)))
        weaker = order[: len(best) // 2]
        survivors = order[len(best) // 2 :]
        founders: list[tuple[int, int]] = []
        for index in sorted(weaker.tolist()):
            founder = self.islands[int(random.choice(survivors))].best
            if founder is None:
                raise LookupError("no program is registered yet")
            founders.append((index, founder))
        return Reset(self.resets, self.registrations, tuple(founders))

    def reset(self) -> Reset:
        """Do what `plan_reset` returns, and return it."""
        plan = self.plan_reset()
        for index, founder in plan.founders:
            self.islands[index] = Island(self.islands[index].epoch + 1)
            self._register(self.islands[index], founder)
        self._population.clear(index for index, _ in plan.founders)
        for index, founder in plan.founders:
            self._population.mark(founder, (index,))
        self.resets += 1
        self._since_reset = 0
        return plan

    def columns(self) -> Columns:
        """Return all there is to keep beside the population, one island after the other."""
        parts = [island.columns() for island in self.islands]
        programs, clusters, signatures = (np.concatenate(part) for part in zip(*parts, strict=True))
        sizes = [(island.registrations, island.clusters) for island in self.islands]
        return {
            "counts": np.array([self.registrations, self.resets, self._since_reset], np.int64),
            "epochs": np.array([island.epoch for island in self.islands], np.int64),
            "sizes": np.array(sizes, np.int64),
            "programs": programs,
            "clusters": clusters,
            "signatures": signatures,
        }

    def restore(self, columns: Columns) -> None:
        """Become the islands whose `columns` these are, over the population of then.

        Raises:
            ValueError: they are not those of any; one line says why.
        """
        counts = column(columns, "counts", np.int64, (3,), 0, MOST)
        epochs = column(columns, "epochs", np.int64, (self.size,), 0, MOST)
        programs = column(columns, "programs", np.int32, (None,), 0, len(self._population) - 1)
        clusters = column(columns, "clusters", np.int32, (len(programs),))
        signatures = column(columns, "signatures", np.uint8, (None, 32))
        sizes = column(columns, "sizes", np.int64, (self.size, 2), 0, len(programs))
        ends = np.cumsum(sizes, axis=0)
        if ends[-1].tolist() != [len(programs), len(signatures)]:
            raise ValueError("has islands of other sizes than its columns")
        registrations, resets, since_reset = counts.tolist()
        if since_reset > registrations or (registrations and not sizes.all()):
            raise ValueError("has counts of registrations that its islands cannot have")
        lengths = self._population.lengths(programs)
        scores = self._sign * self._population.scores(programs)
        if np.isnan(scores).any():
            raise ValueError("has a registered program without a score")
        by_member = (np.split(each, ends[:-1, 0]) for each in (programs, clusters, lengths, scores))
        by_cluster = np.split(signatures, ends[:-1, 1])
        self.islands = [
            Island.of(*each) for each in zip(epochs.tolist(), *by_member, by_cluster, strict=True)
        ]
        self.registrations, self.resets, self._since_reset = registrations, resets, since_reset


def make(seed: int, population: Population, *, maximise: bool, **options: Any) -> Islands:
    """Build the islands of a run; the options are those of `IslandsConfig`."""
    return Islands(IslandsConfig(**options), seed, population, maximise=maximise)
