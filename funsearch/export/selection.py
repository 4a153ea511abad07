"""Which records an export holds: all of a run, or those of one program and its ancestors.

Both end with the last signed checkpoint, so a run that is being written is exported as of then,
and everything in an export can be proved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from funsearch.archive import queries
from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.judgements import retractions, standing
from funsearch.archive.log import LogReader, record_of
from funsearch.archive.queries import Direction, Lineage, Step
from funsearch.archive.reader import Reader
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    Record,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)
from funsearch.archive.tlog.tiles import WIDTH

MOST_REPETITIONS = 10_000
"""Most proposals, and most evaluations, of one program that are exported with it."""

_RECENT = 4096

Progress = Callable[[str], None]
"""Called now and then with a line on how far it is."""
_STEP = 256


class Item(NamedTuple):
    """One entry of the log: its number, its bytes, and what they state."""

    number: int
    data: bytes
    record: Record


@dataclass(frozen=True)
class Chosen:
    """One program with its ancestors.

    Attributes:
        program: id.
        lineage: the program first; each before all its ancestors.
        numbers: of all records that concern them, ascending.
        complete: whether no bound left any out.
    """

    program: str
    lineage: Lineage
    numbers: tuple[int, ...]
    complete: bool


class Selection:
    """Records of an export, which can be read several times.

    Attributes:
        reader: of the run.
        end: number of records that the last checkpoint covers.
        chosen: what they are limited to, or None for all.
    """

    def __init__(self, reader: Reader, chosen: Chosen | None, progress: Progress | None) -> None:
        self.reader = reader
        self.end = checkpoint_size(reader)
        self.chosen = chosen
        self._progress = progress

    @property
    def size(self) -> int:
        """How many records there are."""
        return self.end if self.chosen is None else len(self.chosen.numbers)

    def items(self) -> Iterator[Item]:
        """Yield the records, in order.

        Raises:
            Damaged: one is not what was logged, or the index says otherwise.
        """
        log, chosen = self.reader.log, self.chosen
        numbers = range(self.end) if chosen is None else chosen.numbers
        check = _nothing if chosen is None else _Check(self.reader, chosen)
        for done, item in enumerate(_items(log, numbers)):
            check(item)
            if done % _STEP == 0:
                self.tell("read", done)
            yield item

    def tell(self, what: str, done: int) -> None:
        """Say how far it is.

        Args:
            what: is done to the records.
            done: with how many.
        """
        if self._progress is not None:
            self._progress(f"{what} {done} of {self.size} records")

    def run(self) -> RunRecord:
        """Return the record with which the run began.

        Raises:
            Damaged: the log begins with something else.
        """
        for item in _items(self.reader.log, [0]):
            if isinstance(item.record, RunRecord):
                return item.record
        raise Damaged(f"{self.reader.folder} does not begin with the record of a run")


def checkpoint_size(reader: Reader) -> int:
    """Return how many records the last checkpoint covers.

    Raises:
        Missing: there is no checkpoint yet.
    """
    return reader.log.tree.size


def retracted(reader: Reader) -> Mapping[int, int]:
    """Return the numbers of records that are declared wrong, each with that of its retraction."""
    return {target: found.number for target, found in standing(retractions(reader)).items()}


def is_meant(record: RetractionRecord, entry: bytes) -> bool:
    """Whether a retraction is of that entry: one that states another digest means another log."""
    return hashlib.sha256(entry).hexdigest() == record.entry


def choose(reader: Reader, program: str, *, repetitions: bool = True) -> Chosen:
    """Return a program's lineage and the records that concern it.

    Args:
        reader: of the run.
        program: its id.
        repetitions: whether of its ancestors, too, all proposals and evaluations are wanted, and
            not only how they came to be and the evaluation that counts.

    Raises:
        Missing: it was not proposed before the last checkpoint.
    """
    end = checkpoint_size(reader)
    lineage = queries.lineage(reader.index, program)
    if lineage.steps[0].program.first >= end:
        raise Missing(f"program {program} is not in a checkpoint yet; try again in a second")
    numbers, complete = {0}, lineage.complete
    for step in lineage.steps:
        row = step.program
        counts = [row.first] if row.evaluation is None else [row.first, row.evaluation]
        numbers.update(number for number in counts if number < end)
        if row.id != program and not repetitions:
            continue
        history = queries.program(reader.index, row.id, MOST_REPETITIONS)
        for found in (history.proposals, history.evaluations):
            numbers.update(number for number in found if number < end)
            complete = complete and len(found) < MOST_REPETITIONS
    programs = {step.program.id for step in lineage.steps}
    for item in _items(reader.log, _kinds(reader, end, "run", "verification", "retraction")):
        match item.record:
            case RunRecord():
                numbers.add(item.number)
            case VerificationRecord(program=of) if of in programs:
                numbers.add(item.number)
            case RetractionRecord(target=target) if target in numbers:
                numbers.add(item.number)
            case _:
                pass
    return Chosen(program, lineage, tuple(sorted(numbers)), complete)


def best_of(reader: Reader, direction: Direction) -> str:
    """Return the id of the best program that a checkpoint covers, and that nobody has retracted.

    Raises:
        Missing: no program has such a score.
    """
    end, wrong = checkpoint_size(reader), retracted(reader)
    # What came since the checkpoint is little: one follows every second or 1,024 records.
    for row in queries.best(reader.index, direction, _RECENT + len(wrong)):
        covered = row.evaluation is not None and row.evaluation < end
        if covered and row.first not in wrong and row.evaluation not in wrong:
            return row.id
    raise Missing(f"{reader.folder}: no program has a score")


def find(reader: Reader, prefix: str) -> str:
    """Return the one program whose id begins so.

    Raises:
        Missing: there is none.
        ArchiveError: there are several, or these are too few hex digits.
    """
    names = queries.find(reader.index, prefix)
    if not names:
        raise Missing(f"{reader.folder} has no program {prefix[:80]!a}")
    if len(names) > 1:
        raise ArchiveError(f"{prefix!a} may be any of these, give more of it: {', '.join(names)}")
    return names[0]


def _kinds(reader: Reader, end: int, *kinds: str) -> list[int]:
    query = "SELECT number FROM entries WHERE kind IN (?, ?, ?) AND number < ? ORDER BY number"
    return [number for (number,) in reader.index.execute(query, (*kinds, end))]


def _items(log: LogReader, numbers: Sequence[int] | range) -> Iterator[Item]:
    for number, data in _entries(log, numbers):
        yield Item(number, data, record_of(log.folder, number, data))


def _entries(log: LogReader, numbers: Sequence[int] | range) -> Iterator[tuple[int, bytes]]:
    if isinstance(numbers, range):
        yield from log.entries(numbers.start, numbers.stop)
        return
    # A bundle of entries is verified as a whole, so each is read once.
    for _, group in groupby(numbers, lambda number: number // WIDTH):
        wanted = list(group)
        chosen = set(wanted)
        for number, data in log.entries(wanted[0], wanted[-1] + 1):
            if number in chosen:
                yield number, data


def _nothing(item: Item) -> None:
    """All of a log is what it says."""


class _Check:
    """Holds records of a lineage against the index, which a stranger may have made up."""

    def __init__(self, reader: Reader, chosen: Chosen) -> None:
        self._folder = reader.folder
        self._programs = {step.program.id for step in chosen.lineage.steps}
        self._first: Mapping[int, Step] = {
            step.program.first: step for step in chosen.lineage.steps
        }

    def __call__(self, item: Item) -> None:
        number, record = item.number, item.record
        right = True
        if isinstance(record, GenerationRecord | EvaluationRecord | VerificationRecord):
            right = record.program in self._programs
        if (step := self._first.get(number)) is not None:
            right = (
                isinstance(record, GenerationRecord)
                and record.program == step.program.id
                and record.parents == step.parents
            )
        if not right:
            raise Damaged(
                f"the index of {self._folder} does not say what the log says of record {number}; "
                f"run `funsearch archive rebuild {self._folder}`"
            )
