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


def record_of(record: Record) -> int | None:
    """Return the number of the record that another one is about; None if it is about none."""
    match record:
        case EvaluationRecord():
            return record.generation
        case VerificationRecord():
            return record.evaluation
        case RetractionRecord():
            return record.target
        case _:
            return None
