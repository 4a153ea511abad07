"""One island: programs in clusters of equal signature, and the choice among them.

Pure and deterministic, as `islands` is: what is drawn follows from what was registered.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from funsearch.population import MAX_ISLANDS, DigestTable, grown

_NEGLIGIBLE = -36.0
"""A cluster whose weight is below e^-36 of the best one's is never drawn: for a million clusters
the skipped weights sum to less than 3e-10 of the whole."""

_TINY = 1e-290
"""The reciprocal of anything smaller may be none."""


@dataclass(frozen=True)
class IslandsConfig:
    """How the islands choose.

    Attributes:
        islands: number of islands.
        examples: programs shown in a prompt (k of the paper).
        temperature: of the choice among clusters, at the start of a period (T0).
        temperature_period: registrations on an island after which the temperature, having
            fallen linearly, starts again (N).
        length_temperature: of the choice inside a cluster, on lengths scaled to [0, 1).
        scaling: `range` divides score differences on an island by its best minus its worst
            score, so that the temperature means the same for every problem; `raw` does not, as
            published.
        replacement: whether a prompt may draw a cluster twice, as published.
        reset_registrations: registrations between two resets; 0 for never.
        reset_seconds: seconds between two resets, instead; 0 for never.
    """

    islands: int = 10
    examples: int = 2
    temperature: float = 0.1
    temperature_period: int = 30_000
    length_temperature: float = 1.0
    scaling: Literal["range", "raw"] = "range"
    replacement: bool = False
    reset_registrations: int = 1_200
    reset_seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.islands > MAX_ISLANDS:
            raise ValueError(f"there can be at most {MAX_ISLANDS} islands")
        if self.islands < 1 or self.examples < 1 or self.temperature_period < 1:
            raise ValueError("islands, examples and temperature_period must be at least 1")
        if not (self.temperature > 0 and self.length_temperature > 0):
            raise ValueError("temperatures must be above 0")
        if self.scaling not in ("range", "raw"):
            raise ValueError(f"scaling must be range or raw, not {self.scaling}")
        if self.reset_registrations < 0 or self.reset_seconds < 0:
            raise ValueError("reset_registrations and reset_seconds must not be negative")
        if any(value % 1 for value in (self.islands, self.examples, self.reset_registrations)):
            raise ValueError("islands, examples and reset_registrations must be whole numbers")
        if self.reset_registrations and self.reset_seconds:
            raise ValueError("set one of reset_registrations and reset_seconds, the other to 0")


def choose(
    edges: NDArray[np.float64], random: np.random.Generator, skip: Sequence[int] = ()
) -> int:
    """Return an index with probability proportional to its weight, other than those in `skip`.

    Args:
        edges: float64 array, shape (choices,): running sums of the weights, which are above zero.
        random: gives one uniform number.
        skip: distinct indices that must not be chosen; fewer than there are choices.
    """
    intervals = [(float(edges[i - 1]) if i else 0.0, float(edges[i])) for i in sorted(skip)]
    at = random.random() * (float(edges[-1]) - sum(end - start for start, end in intervals))
    for start, end in intervals:  # jump over them, instead of summing the rest anew
        if at >= start:
            at += end - start
    chosen = min(int(np.searchsorted(edges, at, side="right")), len(edges) - 1)
    if chosen in skip:  # rounding put `at` on an edge
        chosen = min((i for i in range(len(edges)) if i not in skip), key=lambda i: abs(i - chosen))
    return chosen


class Island:
    """Programs in clusters of equal signature.

    Columns over members (programs, in order of registration) and over clusters (in order of
    their first member). Scores are kept so that larger is better, whatever the metric says.
    """

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.registrations = 0
        self.best: int | None = None
        self._best_score = -np.inf
        self._worst_score = np.inf
        self._programs = np.zeros(0, dtype=np.int32)
        self._lengths = np.zeros(0, dtype=np.int32)
        self._clusters = np.zeros(0, dtype=np.int32)
        self._signatures = DigestTable()
        self._scores = np.zeros(0, dtype=np.float64)

    @classmethod
    def of(
        cls,
        epoch: int,
        programs: NDArray[np.int32],
        clusters: NDArray[np.int32],
        lengths: NDArray[np.int32],
        scores: NDArray[np.float64],
        signatures: NDArray[np.uint8],
    ) -> Island:
        """Return the island on which these programs were registered, in this order.

        Args:
            epoch: of the island.
            programs: numbers in the population.
            clusters: of each program; a new one has the next number.
            lengths: of each program's source.
            scores: of each program; larger is better.
            signatures: of each cluster: uint8 array, shape (clusters, 32).

        Raises:
            ValueError: this can be no island.
        """
        first = np.flatnonzero(_first(clusters))
        if len(first) != len(signatures):
            raise ValueError("has an island with more or fewer signatures than clusters")
        island = cls(epoch)
        island.registrations = len(programs)
        island._programs, island._lengths, island._clusters = programs, lengths, clusters
        island._signatures = DigestTable.of(signatures)
        island._scores = scores[first]
        if len(programs):
            best = int(np.argmax(scores))  # the first of several
            island.best, island._best_score = int(programs[best]), float(scores[best])
            island._worst_score = float(island._scores.min())
        return island

    @property
    def best_score(self) -> float:
        """Best score, larger is better."""
        return self._best_score

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self._signatures)

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        columns = (self._programs, self._lengths, self._clusters, self._scores)
        return self._signatures.nbytes + sum(column.nbytes for column in columns)

    @property
    def mean_score(self) -> float:
        """Mean score over programs, larger is better; NaN if there is none."""
        if not self.registrations:
            return float("nan")
        scores = self._scores[self._clusters[: self.registrations]]
        with np.errstate(over="ignore"):
            mean = float(scores.mean())
        return mean if math.isfinite(mean) else float((scores / len(scores)).sum())

    def register(self, program: int, length: int, signature: bytes, score: float) -> None:
        """Add a program to the cluster of its signature.

        Args:
            program: number in the population.
            length: of its source.
            signature: 32-byte digest of the scores per training instance.
            score: finite; larger is better. The best is replaced only by a strictly better one.
        """
        cluster, new = self._signatures.add(signature)
        if new:
            self._scores = grown(self._scores, cluster + 1)
            self._scores[cluster] = score
            self._worst_score = min(self._worst_score, score)
        member = self.registrations
        if member == len(self._programs):
            self._programs = grown(self._programs, member + 1)
            self._lengths = grown(self._lengths, member + 1)
            self._clusters = grown(self._clusters, member + 1)
        self._programs[member], self._lengths[member] = program, length
        self._clusters[member] = cluster
        self.registrations += 1
        if score > self._best_score:
            self.best, self._best_score = program, score

    def columns(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
        """Return programs, clusters and signatures, as `of` takes them."""
        count = self.registrations
        return self._programs[:count], self._clusters[:count], self._signatures.digests()

    def draw(self, config: IslandsConfig, random: np.random.Generator) -> tuple[int, ...]:
        """Choose programs for a prompt: up to `config.examples`, worst score first.

        k distinct clusters where there are; else distinct programs; fewer than k only where the
        island holds fewer.
        """
        phase = self.registrations % config.temperature_period / config.temperature_period
        candidates, edges = self._cluster_edges(config, config.temperature * (1 - phase))
        chosen: list[tuple[int, int]] = []  # (cluster, member)
        if config.replacement:
            for _ in range(min(config.examples, self.clusters)):
                cluster = int(candidates[choose(edges, random)])
                chosen.append((cluster, self._member(cluster, config, random, ())))
        else:
            drawn: list[int] = []
            while len(drawn) < min(config.examples, len(candidates)):
                drawn.append(choose(edges, random, drawn))
                cluster = int(candidates[drawn[-1]])
                chosen.append((cluster, self._member(cluster, config, random, ())))
            while len(chosen) < min(config.examples, self.registrations):
                # Too few clusters that weigh anything: go on with other members of the best.
                cluster = self._best_with_more(chosen)
                used = [member for _, member in chosen]
                chosen.append((cluster, self._member(cluster, config, random, used)))
        chosen.sort(key=lambda pair: self._scores[pair[0]])
        return tuple(int(self._programs[member]) for _, member in chosen)

    def _cluster_edges(
        self, config: IslandsConfig, temperature: float
    ) -> tuple[Sequence[int] | NDArray[np.intp], NDArray[np.float64]]:
        """Return the clusters worth drawing, and running sums of their softmax weights."""
        scores, best, worst = self._scores[: self.clusters], self._best_score, self._worst_score
        if math.isinf(best - worst):
            # Doubles end before such a difference; a quarter of it there is.
            scores, best, worst = scores / 4, best / 4, worst / 4
        exponents, spread = scores - best, best - worst
        divisor = spread if config.scaling == "range" and spread > 0 else 1.0
        if divisor < _TINY:
            exponents, spread, divisor = exponents / divisor, 1.0, 1.0
        scale = 1.0 / max(temperature * divisor, _TINY)
        exponents *= scale
        candidates: Sequence[int] | NDArray[np.intp] = range(self.clusters)
        if -spread * scale < _NEGLIGIBLE:
            candidates = np.flatnonzero(exponents >= _NEGLIGIBLE)
            exponents = exponents[candidates]
        np.exp(exponents, out=exponents)
        return candidates, np.cumsum(exponents, out=exponents)

    def _member(
        self,
        cluster: int,
        config: IslandsConfig,
        random: np.random.Generator,
        used: Sequence[int],
    ) -> int:
        """Choose a member of a cluster, shorter ones preferred, none of `used`."""
        members = np.flatnonzero(self._clusters[: self.registrations] == cluster)
        if used:
            members = members[~np.isin(members, used)]
        if len(members) == 1:
            return int(members[0])
        edges = np.cumsum(length_weights(self._lengths[members], config))
        return int(members[choose(edges, random)])

    def _best_with_more(self, chosen: Sequence[tuple[int, int]]) -> int:
        """Return the best cluster that has members which were not chosen yet."""
        sizes = np.bincount(self._clusters[: self.registrations], minlength=self.clusters)
        for cluster, _ in chosen:
            sizes[cluster] -= 1
        open_scores = np.where(sizes > 0, self._scores[: self.clusters], -np.inf)
        return int(np.argmax(open_scores))


def length_weights(lengths: NDArray[np.int32], config: IslandsConfig) -> NDArray[np.float64]:
    """Return weights that favour short programs: 71 to 29 for 100 against 1,000 characters.

    The published code's rule. The formula printed in the paper (Methods) has the sign the other
    way round and would favour long ones.
    """
    scaled = (lengths - lengths.min()) / (lengths.max() + 1e-6)
    return np.exp(-scaled / config.length_temperature)


def signature_digest(signature: Sequence[float]) -> bytes:
    """Return what clusters are told apart by: a digest of the scores' bits, with -0.0 as 0.0."""
    scores = [score + 0.0 for score in signature]
    return hashlib.sha256(struct.pack(f"<{len(scores)}d", *scores)).digest()


def _first(clusters: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which members are the first of their cluster; clusters are numbered by those.

    Raises:
        ValueError: they are not.
    """
    steps = np.diff(np.maximum.accumulate(clusters), prepend=np.int32(-1))
    if len(clusters) and (clusters.min() < 0 or steps.min() < 0 or steps.max() > 1):
        raise ValueError("has clusters that are not numbered by their first programs")
    return steps > 0
