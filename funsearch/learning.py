"""What a sampler may learn from: what became of the samples of a run, in the order of its log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from funsearch.archive.records import GenerationRecord


@dataclass(frozen=True)
class Outcome:
    """What became of a sample.

    Attributes:
        sample: its generation record.
        status: of its verdict.
        score: aggregate, or None.
        new: whether its program was evaluated, or could not be, for the first time in the run.
        better: whether it is new and scores better than every program that its prompt showed.
        best: whether it is the best of the run so far.
    """

    sample: GenerationRecord
    status: str
    score: float | None
    new: bool
    better: bool
    best: bool


@runtime_checkable
class Learner(Protocol):
    """A sampler that learns from what becomes of its samples.

    What it knows is a function of the outcomes told to it and of their order, which is that of
    the log: so it is the same after a run was resumed.
    """

    def meet(self, known: Callable[[str], bool]) -> None:
        """Be given what says of the id of a program whether it was proposed in this run.

        Called before all other methods; a program counts from its generation record on.
        """
        ...

    def learn(self, outcome: Outcome) -> None:
        """Hear of a verdict; of all samples of the run, whichever sampler they are from."""
        ...

    def memory(self) -> str:
        """Return all that was learned, as text that JSON can carry."""
        ...

    def recall(self, memory: str) -> None:
        """Know what another knew whose `memory` this is, and nothing else; nothing if it is empty.

        Raises:
            ValueError: the text, which may be anybody's, is no memory of this kind of sampler.
        """
        ...
