"""Which records are retracted, and by which others; nothing is ever taken out of the log."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from funsearch.archive.errors import Missing
from funsearch.archive.reader import Reader
from funsearch.archive.records import RetractionRecord

MOST_RETRACTIONS = 10_000
"""Retractions of a run that are looked at, the latest ones."""


@dataclass(frozen=True)
class Retracted:
    """Why a record does not stand.

    Attributes:
        target: number of the record that is wrong.
        by: number of the latest retraction of it that stands.
        record: that retraction. Its words are hostile: escape them wherever they are shown.
    """

    target: int
    by: int
    record: RetractionRecord


def retracted(reader: Reader) -> Mapping[int, Retracted]:
    """Return the records that do not stand, by their numbers.

    A record stands unless a retraction of it stands; a retraction is a record like any other, so
    one that is retracted retracts nothing. As it can only be of an earlier record, the latest is
    judged first. One that names another entry than its target's is about something else.
    """
    query = "SELECT number FROM entries WHERE kind = 'retraction' ORDER BY number DESC LIMIT ?"
    found: dict[int, Retracted] = {}
    for (number,) in reader.index.execute(query, (MOST_RETRACTIONS,)):
        record = reader.record(number)
        if (
            isinstance(record, RetractionRecord)
            and number not in found
            and record.target not in found
            and _is_meant(reader, record)
        ):
            found[record.target] = Retracted(record.target, number, record)
    return found


def _is_meant(reader: Reader, record: RetractionRecord) -> bool:
    try:
        return hashlib.sha256(reader.log.entry(record.target)).hexdigest() == record.entry
    except Missing:
        return False
