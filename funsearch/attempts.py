"""Attempts that failed: the last few of each island, so that prompts can show what went wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from evaluators.verdict import Status
from funsearch.archive.records import EvaluationRecord, GenerationRecord, Record

MOST = 8
"""Attempts kept for each island."""
REASON_CHARACTERS = 300
"""Characters of a reason that are kept."""
_NO_TEXT = sha256(b"").hexdigest()


@dataclass(frozen=True)
class Attempt:
    """A sample that got no score.

    Attributes:
        evaluation: number of the evaluation record.
        program: its id; None where the text held none.
        status: of the verdict.
        reason: of the verdict, cut.
    """

    evaluation: int
    program: str | None
    status: str
    reason: str


def failed(number: int, generation: GenerationRecord, record: EvaluationRecord) -> Attempt | None:
    """Return the attempt that an evaluation was of, if something can be learned from its failure.

    Nothing can from a duplicate, whose program may be good, from a fault of ours or of the
    sampler, or from a program that the run was given.

    Args:
        number: of the evaluation record.
        generation: that was evaluated.
        record: of the evaluation.
    """
    if generation.draw is None or record.score is not None:
        return None
    if record.status == Status.SANDBOX_ERROR or generation.reply == _NO_TEXT:
        return None
    if record.status == Status.REJECTED and record.program is not None:
        return None  # a program that is rejected is a duplicate
    return Attempt(number, record.program, record.status, record.reason[:REASON_CHARACTERS])


def on_record(number: int, record: Callable[[int], Record]) -> tuple[int | None, Attempt] | None:
    """Return the failed attempt that a record is the evaluation of, and its island; else None.

    Args:
        number: of the record.
        record: returns a record by its number.
    """
    evaluation = record(number)
    if not isinstance(evaluation, EvaluationRecord):
        return None
    generation = record(evaluation.generation)
    if not isinstance(generation, GenerationRecord):
        return None
    attempt = failed(number, generation, evaluation)
    return None if attempt is None else (generation.island, attempt)


class Attempts:
    """The last failed attempts of each island, a bounded number of them.

    Of several that failed for the same reason only the last one is kept: a prompt has little room.
    """

    def __init__(self) -> None:
        self._of: dict[int, deque[Attempt]] = {}

    def __iter__(self) -> Iterator[tuple[int, Attempt]]:
        """Yield island and attempt: islands in order, and the attempts of each, oldest first."""
        for island, attempts in sorted(self._of.items()):
            for attempt in attempts:
                yield island, attempt

    def add(self, island: int, attempt: Attempt) -> None:
        """Keep an attempt, the latest of its island."""
        kept = self._of.setdefault(island, deque(maxlen=MOST))
        for other in kept:
            if (other.status, other.reason) == (attempt.status, attempt.reason):
                kept.remove(other)
                break
        kept.append(attempt)

    def last(self, island: int, most: int) -> Sequence[Attempt]:
        """Return the last attempts of an island, at most so many, oldest first."""
        return [*self._of.get(island, ())][-most:] if most else []

    def forget(self, island: int) -> None:
        """Drop what an island that was reset had tried."""
        self._of.pop(island, None)
