"""What records refer to: texts that must be among the objects, and earlier records."""

from __future__ import annotations

from collections.abc import Iterator

from funsearch.archive.records import (
    Digest,
    EvaluationRecord,
    GenerationRecord,
    Record,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)


def objects_of(record: Record) -> Iterator[Digest]:
    """Yield the digests of the objects that a record names and that must be there.

    Those of records of format 2 that name none are left out.
    """
    match record:
        case GenerationRecord():
            yield record.reply
            if record.program is not None:
                yield record.program
            yield from record.parents
        case EvaluationRecord():
            if named := record.program or record.reply:
                yield named
        case VerificationRecord():
            yield record.program
        case RunRecord():
            if record.packages:
                yield record.packages
        case _:
            pass


def records_of(record: Record) -> Iterator[int]:
    """Yield the numbers of the records that another one is about, or that its prompt showed."""
    match record:
        case GenerationRecord():
            yield from record.failures
        case EvaluationRecord():
            yield record.generation
        case VerificationRecord():
            yield record.evaluation
        case RetractionRecord():
            yield record.target
        case _:
            pass
