"""What was said later of what is on record: verifications, and retractions as far as they stand.

Nothing is ever taken out of the log. A record stands unless a retraction of it stands; a retraction
is a record like any other, so one that is retracted takes nothing back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from funsearch.archive import queries
from funsearch.archive.errors import Missing
from funsearch.archive.reader import Reader
from funsearch.archive.records import Record, RetractionRecord, VerificationRecord


@dataclass(frozen=True)
class Retraction:
    """A retraction on record.

    Attributes:
        number: of its record.
        record: that record. Its words are hostile: escape them wherever they are shown.
        undone_by: number of the retraction that stands and says that this one is wrong; None if
            it stands itself.
    """

    number: int
    record: RetractionRecord
    undone_by: int | None


def retractions(reader: Reader) -> Sequence[Retraction]:
    """Return the latest retractions of a run, the very last one first.

    Since one can only be of an earlier record, the latest is judged first. One that names another
    entry than its target's is about something else, and left out.
    """
    found: list[Retraction] = []
    undone: dict[int, int] = {}
    for number, record in _records(reader, queries.retractions(reader.index)):
        if not isinstance(record, RetractionRecord) or not _is_meant(reader, record):
            continue
        retraction = Retraction(number, record, undone.get(number))
        found.append(retraction)
        if retraction.undone_by is None:
            undone.setdefault(record.target, number)
    return found


def standing(of: Sequence[Retraction]) -> Mapping[int, Retraction]:
    """Return the latest retraction that stands of each record that does not, by that one's number.

    Args:
        of: the retractions, the latest first.
    """
    return {each.record.target: each for each in reversed(of) if each.undone_by is None}


def verifications(
    reader: Reader, program: str, limit: int = 100
) -> Sequence[tuple[int, VerificationRecord]]:
    """Return the verifications of a program with their numbers, the latest first.

    Raises:
        Missing: the program was never proposed.
    """
    found = _records(reader, queries.verifications(reader.index, program, limit))
    return [(number, each) for number, each in found if isinstance(each, VerificationRecord)]


def _records(
    reader: Reader, rows: Iterable[queries.Retraction | queries.Verification]
) -> Iterator[tuple[int, Record]]:
    """Yield what the log says of rows of the index."""
    for row in rows:
        yield row.number, reader.record(row.number)


def _is_meant(reader: Reader, record: RetractionRecord) -> bool:
    try:
        return hashlib.sha256(reader.log.entry(record.target)).hexdigest() == record.entry
    except Missing:
        return False
