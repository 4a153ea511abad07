"""What the records of a log say of each other: each refers to what came before, and to no more.

Nothing is scored here and no problem is loaded; that the search was really driven so is for a
replay to show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from funsearch.archive import references
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    Record,
    ResetRecord,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)
from funsearch.archive.statement import decode

_PREVIOUS = b',"previous":"'
_SUBJECT = b'","subject":['


@dataclass
class Leader:
    """The best program so far, as a search knows it.

    Attributes:
        score: of it.
        certificates: instance → digest of its certificate.
    """

    score: float
    certificates: Mapping[str, str] = field(default_factory=dict[str, str])


class Story:
    """Follows the records of a log, from the first.

    Attributes:
        first: the first record of a run.
        log: verifier key of the log, as the first record that names one has it, with its number.
        last: the last record that is not about what was found.
        leader: the best program; None before there is one.
    """

    def __init__(self, entry: Callable[[int], bytes | None], *, minimise: bool) -> None:
        """Prepare.

        Args:
            entry: returns an earlier entry by its number, or None.
            minimise: whether lower scores are better.
        """
        self.first: RunRecord | None = None
        self.log: tuple[str, int] | None = None
        self.last: Record | None = None
        self.leader: Leader | None = None
        self._entry = entry
        self._minimise = minimise
        self._programs: set[bytes] = set()
        self._waiting: dict[int, bytes] = {}
        self._previous = b""

    @property
    def programs(self) -> int:
        """How many different programs there were."""
        return len(self._programs)

    @property
    def waiting(self) -> int:
        """How many generations have no evaluation yet."""
        return len(self._waiting)

    def take(self, number: int, data: bytes, record: Record) -> Iterator[str]:
        """Take in the next record; yield what is wrong with it."""
        if number == 0 and not (isinstance(record, RunRecord) and record.event == "started"):
            yield "does not say that a run was started"
        yield from self._chain(number, data)
        match record:
            case RunRecord():
                yield from self._run(number, record)
            case GenerationRecord():
                yield from self._generation(number, record)
            case EvaluationRecord():
                yield from self._evaluation(record)
            case ResetRecord():
                if not all(self._known(founder) for _, founder in record.founders):
                    yield "names a founder that was not proposed before"
            case VerificationRecord():
                yield from self._verification(number, record)
            case RetractionRecord():
                yield from self._retraction(number, record)
            case OutageRecord():
                pass  # refers to nothing that is kept
        if not isinstance(record, VerificationRecord | RetractionRecord):
            self.last = record

    def _chain(self, number: int, data: bytes) -> Iterator[str]:
        """Entries that were written in format 2 name the one before."""
        place = data.rfind(_PREVIOUS) + len(_PREVIOUS)
        if number and data[place + 64 :].startswith(_SUBJECT):
            named = data[place : place + 64]
            if named != hashlib.sha256(self._previous).hexdigest().encode():
                yield "does not name the entry before it"
        self._previous = data

    def _run(self, number: int, record: RunRecord) -> Iterator[str]:
        if self.first is None:
            self.first = record
        elif record.config != self.first.config:
            yield "names another config.yaml than the first record"
        if record.log:
            if self.log is None:
                self.log = (record.log, number)
            elif record.log != self.log[0]:
                yield f"names another log than record {self.log[1]}"

    def _generation(self, number: int, record: GenerationRecord) -> Iterator[str]:
        if not all(map(self._known, record.parents)):
            yield "names a parent that was not proposed before"
        for failure in record.failures:
            target = self._record(failure) if failure < number else None
            if not isinstance(target, EvaluationRecord) or target.score is not None:
                yield f"shows record {failure}, which is no evaluation of an attempt that failed"
        self._waiting[number] = bytes.fromhex(record.program or record.reply)
        if record.program is not None:
            self._programs.add(bytes.fromhex(record.program))

    def _known(self, program: str) -> bool:
        return bytes.fromhex(program) in self._programs

    def _evaluation(self, record: EvaluationRecord) -> Iterator[str]:
        of = self._waiting.pop(record.generation, None)
        if of is None:
            yield f"evaluates record {record.generation}, which waits for no evaluation"
        elif (subject := record.program or record.reply) and of != bytes.fromhex(subject):
            yield f"evaluates another program than that of record {record.generation}"
        if record.score is not None and record.program is not None:
            best = self.leader
            better = best is None or (
                record.score < best.score if self._minimise else record.score > best.score
            )
            if better:
                self.leader = Leader(record.score, record.certificates)

    def _verification(self, number: int, record: VerificationRecord) -> Iterator[str]:
        target = self._record(record.evaluation) if record.evaluation < number else None
        if not isinstance(target, EvaluationRecord) or target.program != record.program:
            yield f"verifies record {record.evaluation}, which is no evaluation of its program"

    def _record(self, number: int) -> Record | None:
        data = self._entry(number)
        try:
            return None if data is None else decode(data)
        except ValueError:
            return None

    def _retraction(self, number: int, record: RetractionRecord) -> Iterator[str]:
        target = self._entry(record.target) if record.target < number else None
        if target is None or hashlib.sha256(target).hexdigest() != record.entry:
            yield f"retracts another entry than record {record.target}"


def needed(record: Record, *, leads: bool) -> Iterator[str]:
    """Yield the digests of all objects that must be stored for a record.

    Args:
        record: any.
        leads: whether it is the evaluation of a new best program: its certificates are kept.
    """
    yield from references.objects_of(record)
    if isinstance(record, EvaluationRecord | VerificationRecord) and record.conditions is not None:
        yield record.conditions.environment
    if isinstance(record, EvaluationRecord) and leads:
        yield from record.certificates.values()
    if isinstance(record, VerificationRecord):
        yield from (finding.certificate for finding in record.findings if finding.certificate)
