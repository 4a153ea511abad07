"""What the answers of an index are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Direction = Literal["max", "min"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of an answer.

    Attributes:
        items: in order. There may be fewer than were asked for, even none, and yet more to come:
            a search looks at so many rows only before it gives what it has.
        after: what to ask for to get the next page; None if this is the last one.
    """

    items: tuple[T, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """A program, as it came into the run.

    Attributes:
        id: digest of its source, under which the source is among the objects.
        first: number of its first generation record.
        generation: longest way back to a starting program; 0 for one.
        length: bytes of its source; None if the source is not among the objects.
        island: index of the island; None for a starting program.
        sampler: that returned it.
        model: as asked for.
        prompt: digest of the prompt; empty for a starting program.
        reply: digest of the raw reply.
        status: of its verdict; empty while there is none.
        score: or None.
        evaluation: number of the evaluation record; None while there is none.
        reason: of the verdict. Hostile: escape it wherever it is shown.
        flags: of the verdict; `unconfirmed` among them must be said wherever the score is shown.
        retractions: how many there are of records about it, standing or not.
    """

    id: str
    first: int
    generation: int
    length: int | None
    island: int | None
    sampler: str
    model: str
    prompt: str
    reply: str
    status: str
    score: float | None
    evaluation: int | None
    reason: str
    flags: tuple[str, ...]
    retractions: int


@dataclass(frozen=True, slots=True)
class Step:
    """A program of a lineage, with the ids of the programs its prompt showed, `_v0` first."""

    program: ProgramRow
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Steps of a lineage; `complete` says whether the bound left none out."""

    steps: tuple[Step, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification record about a program.

    Attributes:
        number: of the record.
        evaluation: number of the evaluation record whose scores were compared.
        agreed: whether they came out again, and the checker agreed.
        time: seconds since the epoch, or None.
    """

    number: int
    evaluation: int
    agreed: bool
    time: float | None


@dataclass(frozen=True, slots=True)
class Retraction:
    """A retraction record, which may itself be retracted.

    Attributes:
        number: of the record.
        target: number of the record that is declared wrong.
        entry: SHA-256 that the target's entry must have for the retraction to be meant for it.
        reason: what is wrong. Hostile, as `by` is: escape it wherever it is shown.
        by: who says so.
        time: seconds since the epoch, or None.
    """

    number: int
    target: int
    entry: str
    reason: str
    by: str
    time: float | None


@dataclass(frozen=True, slots=True)
class History:
    """All that happened to a program.

    Attributes:
        program: its row.
        parents: ids of the programs its prompt showed, `_v0` first.
        proposals: numbers of its generation records; all but the first are re-proposals.
        evaluations: numbers of its evaluation records.
        verifications: of it.
        retractions: of any of these records, and of retractions of them.
    """

    program: ProgramRow
    parents: tuple[str, ...]
    proposals: tuple[int, ...]
    evaluations: tuple[int, ...]
    verifications: tuple[Verification, ...]
    retractions: tuple[Retraction, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A generation record with its evaluation.

    Attributes:
        generation: number of the generation record.
        evaluation: number of the evaluation record.
        program: id, or None where the text held none.
        sampler: that returned it.
        model: as asked for.
        island: index of the island, or None.
        reply: digest of the raw text.
        status: of the verdict.
        score: or None.
        reason: of the verdict. Hostile: escape it wherever it is shown.
        flags: of the verdict.
    """

    generation: int
    evaluation: int
    program: str | None
    sampler: str
    model: str
    island: int | None
    reply: str
    status: str
    score: float | None
    reason: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A program that is like another one.

    Attributes:
        program: its row.
        similarity: see `likeness.similarity`; 1.0 for all of the same form, and perhaps for some
            of another.
    """

    program: ProgramRow
    similarity: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A run at a glance.

    Attributes:
        problem: name; empty if no run was started.
        seed: of the run, or None.
        records: in the index.
        samples: generation records, those of starting programs not counted.
        programs: different ones.
        statuses: status → number of evaluation records.
        resets: of islands.
        outages: requests that a sampler failed to answer.
        last_outage: why the last of them failed; empty if there is none. Hostile: escape it
            wherever it is shown.
        best: or None.
        state: `empty`, `running`, `interrupted` (killed, or its machine went down), or the reason
            that the run gave when it finished.
    """

    problem: str
    seed: int | None
    records: int
    samples: int
    programs: int
    statuses: Mapping[str, int]
    resets: int
    outages: int
    last_outage: str
    best: ProgramRow | None
    state: str
