"""What the records of a log alone imply: who is on which island, and which program is best.

Counted without the search's own code, so that the state which a replay reaches can be held
against it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from funsearch.archive.records import EvaluationRecord, GenerationRecord, ResetRecord
from funsearch.islands import Overview
from funsearch.state import Best, SearchState
from problems.contract import Metric


@dataclass
class _Island:
    """Programs of an island since its last reset.

    Attributes:
        epoch: how many resets there were.
        programs: how many were registered.
        best: best score, or None.
        digest: over their ids, in order.
    """

    epoch: int = 0
    programs: int = 0
    best: float | None = None
    digest: Any = field(default_factory=hashlib.sha256)


class Contents:
    """Islands and best program, from the records alone.

    Args:
        metric: of the problem.
        islands: how many.
    """

    def __init__(self, metric: Metric, islands: int) -> None:
        self._metric = metric
        self._islands = [_Island() for _ in range(islands)]
        self._best: tuple[str, float] | None = None

    def evaluated(self, generation: GenerationRecord, record: EvaluationRecord) -> None:
        """Count a verdict."""
        if record.program is None or record.score is None:
            return
        if self._best is None or self._metric.better(record.score, self._best[1]):
            self._best = (record.program, record.score)
        if record.registered:
            everywhere = generation.island is None
            places = self._islands if everywhere else [self._islands[generation.island or 0]]
            for island in places:
                self._add(island, record.program, record.score)

    def was_reset(self, record: ResetRecord, scores: Sequence[float]) -> None:
        """Count a reset.

        Args:
            record: of the reset.
            scores: of its founders.
        """
        for (index, founder), score in zip(record.founders, scores, strict=True):
            self._islands[index] = _Island(self._islands[index].epoch + 1)
            self._add(self._islands[index], founder, score)

    def _add(self, island: _Island, program: str, score: float) -> None:
        island.programs += 1
        island.digest.update(bytes.fromhex(program))
        if island.best is None or self._metric.better(score, island.best):
            island.best = score

    def contradiction(self, overview: Sequence[Overview], best: Best | None) -> str:
        """Return what of a search's state is not what the records imply; empty if all is."""
        if (None if best is None else (best.program, best.score)) != self._best:
            return "the best program is not the one that the records imply"
        for index, (island, found) in enumerate(zip(self._islands, overview, strict=True)):
            score = found.best if found.programs else None
            if (island.epoch, island.programs, island.best) != (found.epoch, found.programs, score):
                return f"island {index} does not hold what the records imply"
        return ""

    def digest(self, state: SearchState) -> str:
        """Return a digest of the whole state: islands with their programs in order, counts, best.

        Two replays, here or elsewhere, that reach the same state print the same.
        """
        islands = [[i.epoch, i.programs, i.digest.hexdigest()] for i in self._islands]
        best = [] if self._best is None else [self._best[0], repr(self._best[1])]
        counts = [state.samples, state.evaluations, state.next_draw, state.search.resets]
        text = json.dumps([counts, best, sorted(state.pending), islands], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
