"""Opens what is left of an archive, as its user would, and counts what is missing of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.faults.writer import Acknowledged, append, objects, record
from funsearch.archive import queries
from funsearch.archive.archive import Archive
from funsearch.archive.errors import Damaged, Missing
from funsearch.archive.reader import Reader
from funsearch.archive.records import GenerationRecord, Record

NEVER_USED = 10**9
"""Serial number of a program that no writer comes to."""


class NotWhole(Exception):
    """What was opened does not fit together, or cannot be gone on with."""


def unseen(folder: Path, acknowledged: Iterable[Acknowledged]) -> int:
    """Read a folder that a writer has left, and that no other has opened since.

    Returns:
        How many records that were acknowledged a reader does not see as they were appended.

    Raises:
        ArchiveError: it cannot be read.
    """
    with Reader(folder) as reader:
        records = dict(reader.records())
        return sum(not is_kept(reader, records.get(said.number), said) for said in acknowledged)


def missing(folder: Path, acknowledged: Iterable[Acknowledged]) -> int:
    """Open a folder that a writer has left, go on with it, and open it again.

    Returns:
        How many records that were acknowledged are not there as they were appended, or name an
        object that is not there.

    Raises:
        ArchiveError: it does not open, or cannot be written.
        NotWhole: it opens, but is not in order.
    """
    with Archive.open(folder) as archive:
        records = dict(archive.records())
        told = list(acknowledged)
        lost = sum(not is_kept(archive, records.get(said.number), said) for said in told)
        for number in records.keys() - {said.number for said in told}:
            _require_objects(archive, number, records[number])
        more = append(archive, NEVER_USED + len(records))
        archive.flush()
        if archive.index_error:
            raise NotWhole(f"the index does not follow: {archive.index_error}")
    if more.number != len(records):
        raise NotWhole(f"{len(records)} records, and the next has the number {more.number}")
    records[more.number] = record(more.serial, None)
    with Archive.open(folder) as archive:
        if dict(archive.records()) != records or not is_kept(archive, records[more.number], more):
            raise NotWhole("the second opening gives something else")
    with Reader(folder) as reader:
        indexed = queries.summary(reader.index, "max", is_written=False).records
    if indexed != len(records):
        raise NotWhole(f"{len(records)} records, {indexed} in the index")
    return lost


def is_kept(where: Archive | Reader, found: Record | None, said: Acknowledged) -> bool:
    """Say whether a record, found under an acknowledged number, and its objects are as appended."""
    if found != record(said.serial, said.judged):
        return False
    try:
        return _objects(where, found) == objects(said.serial, said.judged)
    except (Damaged, Missing):
        return False


def _objects(where: Archive | Reader, found: Record | None) -> tuple[bytes, ...]:
    if not isinstance(found, GenerationRecord):
        return ()
    return tuple(map(where.object, (found.program or "", found.reply, found.parents[0])))


def _require_objects(archive: Archive, number: int, found: Record) -> None:
    """Refuse a record that was never acknowledged and is there, without what it names."""
    try:
        _objects(archive, found)
    except (Damaged, Missing) as error:
        raise NotWhole(f"record {number} is there, but {error}") from None
