"""What a record, or the source of a program, says by itself that the index keeps.

Plain tuples of scalars: they can be made in another process than the one that has the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evaluators.parser import MAX_CHARACTERS
from funsearch.archive import likeness
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

Scalar = str | int | float | bytes | None


class Fact(NamedTuple):
    """What a record says.

    Attributes:
        kind: of the record.
        number: of the record.
        program: id of the program that it is about, if any.
        others: ids of further programs that it names.
        names: words that repeat from record to record.
        values: all else, in the order of the columns.
        islands: where `others` were put.
    """

    kind: str
    number: int
    program: bytes | None
    others: tuple[bytes, ...]
    names: tuple[str, ...]
    values: tuple[Scalar, ...]
    islands: tuple[int, ...] = ()


class Source(NamedTuple):
    """What the source of a program says.

    Attributes:
        length: in bytes; None, and all else empty, if the source is not among the objects.
        form: digest of its canonical form.
        checksums: those of its lines in canonical form, in hex with blanks between them.
        text: what is searched for words.
    """

    length: int | None
    form: bytes | None
    checksums: str
    text: str


NO_SOURCE = Source(None, None, "", "")


def text_of(data: bytes) -> str:
    """Return what is looked at of a source, which may be anything."""
    return data[: 4 * MAX_CHARACTERS].decode("utf-8", "replace")[:MAX_CHARACTERS]


def source_of(data: bytes) -> Source:
    """Return what a source says."""
    text = text_of(data)
    form = likeness.form(text)
    return Source(len(data), form.digest, words(form.statements), text)


def words(checksums: Iterable[int]) -> str:
    """Return checksums of statements as the full-text table has them."""
    return " ".join([f"{checksum:x}" for checksum in sorted(checksums)])


def fact_of(number: int, record: Record) -> Fact:
    """Return what a record says."""
    match record:
        case GenerationRecord():
            return _generation(number, record)
        case EvaluationRecord():
            return _evaluation(number, record)
        case ResetRecord():
            return Fact(
                "reset",
                number,
                None,
                _keys([program for _, program in record.founders]),
                (),
                (record.number, record.trigger, record.registrations, _time(record.time)),
                tuple(island for island, _ in record.founders),
            )
        case RunRecord():
            said = (record.event, record.problem, str(record.seed), record.reason)
            return Fact("run", number, None, (), (), (*said, _time(record.time)))
        case OutageRecord():
            said = (record.draw, record.reason, record.retry_seconds, _time(record.time))
            return Fact("outage", number, None, (), (record.sampler, record.model), said)
        case VerificationRecord():
            said = (record.evaluation, int(record.agreed), record.seconds, _time(record.time))
            return Fact("verification", number, bytes.fromhex(record.program), (), (), said)
        case RetractionRecord():
            said = (record.target, bytes.fromhex(record.entry), record.reason, record.by)
            return Fact("retraction", number, None, (), (), (*said, _time(record.time)))


def _generation(number: int, record: GenerationRecord) -> Fact:
    return Fact(
        "generation",
        number,
        _key(record.program),
        _keys(record.parents),
        (record.sampler, record.model, record.served),
        (
            record.rejected,
            record.draw,
            record.index,
            record.island,
            record.epoch,
            _key(record.prompt),
            _key(record.reply),
            record.prompt_tokens,
            record.completion_tokens,
            float(record.cost) if record.cost else None,
            record.seconds,
            _time(record.time),
        ),
    )


def _evaluation(number: int, record: EvaluationRecord) -> Fact:
    return Fact(
        "evaluation",
        number,
        _key(record.program),
        (),
        (
            " ".join(record.flags),
            record.tier,
            " ".join(record.confirmed),
            " ".join(record.sandbox),
        ),
        (
            record.generation,
            record.status,
            record.score,
            record.reason,
            record.seconds,
            int(record.registered),
            int(record.late),
            _time(record.time),
        ),
    )


def _key(digest: str | None) -> bytes | None:
    return bytes.fromhex(digest) if digest else None


def _keys(digests: Sequence[str]) -> tuple[bytes, ...]:
    return tuple([bytes.fromhex(digest) for digest in digests])


def _time(seconds: str) -> float | None:
    return float(seconds) if seconds else None
