r"""The journal: one line an entry, each pinning all before it; what is fsynced is acknowledged.

A line is `<SHA-256 of the entry in hex> <entry>\n`. The entry is a statement whose member
`previous` holds the digest of the entry before, 64 zeros for the first.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.files import open_regular
from funsearch.archive.records import Record
from funsearch.archive.statement import ENTRY_BYTES, decode

_DIGEST = 64
_LINE_BYTES = _DIGEST + 1 + ENTRY_BYTES + 1
# Quotes inside of strings are escaped, so these bytes stand between members only; of several the
# last belongs to the statement itself. A text made to mislead this is caught when it is decoded.
_PREVIOUS = b',"previous":"'
_SUBJECT = b'","subject":['


class Position(NamedTuple):
    """A place between two entries."""

    number: int
    """Of the entry that follows; so many come before."""
    offset: int
    """In bytes from the start of the file."""
    digest: str
    """Of the entry before."""


START = Position(0, 0, "0" * _DIGEST)


class Entry(NamedTuple):
    """One entry, as it was read; its checksum and its place in the chain hold."""

    number: int
    data: bytes
    start: Position
    end: Position


def line(data: bytes) -> tuple[bytes, str]:
    """Return the line of an entry, newline included, and the entry's digest."""
    digest = hashlib.sha256(data).hexdigest()
    return b"%b %b\n" % (digest.encode(), data), digest


def read(path: Path, start: Position = START, end: Position | None = None) -> Iterator[Entry]:
    """Yield entries in order, one at a time in memory, while a writer may be appending.

    An incomplete last line was never acknowledged and is not yielded. Checksums and the chain are
    verified here; that an entry is a proper statement is for `statement.decode` to say. Entries
    that a writer is just about to acknowledge may be among those yielded.

    Args:
        path: of the journal.
        start: where to begin.
        end: where to stop; by default where the file ends.

    Raises:
        Damaged: an entry is not what was written.
        ArchiveError: the file cannot be read.
    """
    try:
        with os.fdopen(open_regular(path), "rb", buffering=1 << 18) as file:
            file.seek(start.offset)
            yield from _entries(path, file.readline, start, end)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None


def _entries(
    path: Path, readline: Callable[[int], bytes], place: Position, end: Position | None
) -> Iterator[Entry]:
    sha256 = hashlib.sha256
    while end is None or place.number < end.number:
        text = readline(_LINE_BYTES)
        if text[-1:] != b"\n":
            if len(text) == _LINE_BYTES:
                raise damaged(path, place, f"has no end within {_LINE_BYTES} bytes")
            return
        data = text[_DIGEST + 1 : -1]
        digest = sha256(data).hexdigest()
        if text[: _DIGEST + 1] != b"%b " % digest.encode():
            raise damaged(path, place, "does not match its checksum")
        if _previous(data) != place.digest.encode():
            raise damaged(path, place, "does not follow the record before it")
        after = Position(place.number + 1, place.offset + len(text), digest)
        yield Entry(place.number, data, place, after)
        place = after


def sync(path: Path) -> None:
    """Make durable what a writer that is gone has left.

    Raises:
        ArchiveError: that is not possible.
    """
    try:
        with os.fdopen(open_regular(path), "rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}") from None


def record_of(path: Path, entry: Entry) -> Record:
    """Return what an entry states.

    Raises:
        Damaged: it is no proper statement.
    """
    try:
        return decode(entry.data, entry.start.digest)
    except ValueError as error:
        raise damaged(path, entry.start, str(error)) from None


def read_records(path: Path, end: Position | None = None) -> Iterator[tuple[int, Record]]:
    """Yield number and record of the entries that `read` yields.

    Raises:
        Damaged: one is not what was written.
        ArchiveError: the file cannot be read.
    """
    for entry in read(path, end=end):
        yield entry.number, record_of(path, entry)


def read_one(path: Path, number: int, offset: int) -> Entry:
    """Return the entry at a place that an index remembers; its checksum holds.

    Its place in the chain is what it says itself.

    Raises:
        Damaged: there is no such entry.
        ArchiveError: the file cannot be read.
    """
    place = Position(number, offset, "")
    try:
        with os.fdopen(open_regular(path), "rb") as file:
            file.seek(offset)
            text = file.readline(_LINE_BYTES)
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path} cannot be read: {error}") from None
    data = text[_DIGEST + 1 : -1]
    digest = hashlib.sha256(data).hexdigest()
    if text != b"%b %b\n" % (digest.encode(), data):
        raise damaged(path, place, "does not match its checksum")
    start = place._replace(digest=_previous(data).decode("ascii", "replace"))
    return Entry(number, data, start, Position(number + 1, offset + len(text), digest))


def _previous(data: bytes) -> bytes:
    stop = data.rfind(_SUBJECT)
    start = stop - _DIGEST
    return data[start:stop] if data[start - len(_PREVIOUS) : start] == _PREVIOUS else b""


def damaged(path: Path, place: Position, what: str) -> Damaged:
    """Return the complaint about the entry at a place."""
    return Damaged(
        f"{path} is damaged: record {place.number} at byte {place.offset} {what}; nothing was "
        f"changed: restore the file from a copy, or keep a copy and cut it to {place.offset} bytes "
        "to go on with the records before"
    )


class Journal:
    """The one writer's end.

    Attributes:
        end: after the last entry that is acknowledged.
    """

    def __init__(self, path: Path) -> None:
        """Open a journal, verify all of it and cut off an incomplete last line.

        Raises:
            Damaged: an entry is not what was written; the file is left as it is.
            ArchiveError: the file cannot be opened.
        """
        self._path = path
        self.end = START
        for entry in read(path):
            self.end = entry.end
        try:
            self._file = open_regular(path, os.O_WRONLY | os.O_APPEND)
            if os.fstat(self._file).st_size != self.end.offset:
                os.ftruncate(self._file, self.end.offset)
            # A writer that was killed may have left whole lines that no fsync had reached.
            os.fsync(self._file)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be written: {error.strerror}") from None

    def commit(self, text: bytes, end: Position) -> None:
        """Append whole lines; on return they are on the disk.

        Raises:
            OSError: they are not, and what reached the file was cut off again if that was
                possible. Nothing can be appended after that: what the disk then holds is known
                only to the next reader.
        """
        try:
            rest = memoryview(text)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, self.end.offset)
            raise
        self.end = end

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)
