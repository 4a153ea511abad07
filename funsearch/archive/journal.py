r"""The journal: what is fsynced in it is acknowledged. It holds the log's last entries, in lines.

The first line says how many entries come before; each other is `<leaf hash in hex> <entry>\n`, or
begins what is committed together: `= <number of the next entry>\n`. That is written only after
what comes before is on the disk, so what a power cut has torn has no such line after it.

Entries that are in full bundles on the disk are cut off at the front, by a new file in its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from funsearch.archive import files
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.statement import ENTRY_BYTES
from funsearch.archive.tlog import merkle

_HEADER = re.compile(rb"funsearch journal (0|[1-9][0-9]{0,15})\n").fullmatch
_MARKER = re.compile(rb"= (0|[1-9][0-9]{0,15})\n")
_MARKER_BYTES = 32
_MOST_BYTES = 1 << 30
"""Longest journal that is read; a writer cuts off what full bundles hold long before."""
_DIGEST = 64
_LINE_BYTES = _DIGEST + 1 + ENTRY_BYTES + 1


def line(leaf: bytes, data: bytes) -> bytes:
    """Return the line of an entry and its leaf hash."""
    return b"%b %b\n" % (leaf.hex().encode(), data)


def line_of(data: bytes) -> bytes:
    """Return the line of an entry."""
    return line(merkle.leaf_hash(data), data)


def marker(number: int) -> bytes:
    """Return the line before what is committed together, of which this is the first entry."""
    return b"= %d\n" % number


def beginning(start: int, lines: Sequence[bytes] = ()) -> bytes:
    """Return the text of a journal after so many entries."""
    return b"funsearch journal %d\n" % start + b"".join(lines)


class Tail:
    """What a journal holds.

    Attributes:
        start: number of its first entry.
        entries: in order.
        leaves: their leaf hashes, which were compared.
        end: offset in bytes after the last sound line.
        torn: why nothing after that is taken, where it is not a line that is being written;
            else empty. A power cut may have done that to entries that were not acknowledged, and
            to no others.
    """

    def __init__(self, path: Path) -> None:
        """Read a journal, also while its writer appends.

        Raises:
            Damaged: a line is not what was written, and that was no power cut.
            ArchiveError: the file cannot be read.
        """
        self.entries: list[bytes] = []
        self.leaves: list[bytes] = []
        self.torn = ""
        try:
            with os.fdopen(files.open_regular(path), "rb", buffering=1 << 18) as file:
                if os.fstat(file.fileno()).st_size > _MOST_BYTES:
                    raise Damaged(f"{path} is damaged: it has more than {_MOST_BYTES} bytes")
                header = _HEADER(first := file.readline(80))
                if header is None:
                    raise Damaged(f"{path} is damaged: its first line is not that of a journal")
                self.start, self.end = int(header[1]), len(first)
                while (text := file.readline(_LINE_BYTES)) and self._take(text):
                    self.end += len(text)
                if text[-1:] == b"\n" or len(text) == _LINE_BYTES or b"\0" in text:
                    self._tear(path, text, file)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None

    def _take(self, text: bytes) -> bool:
        """Take in a line, and return whether it is sound."""
        if text[-1:] != b"\n":
            return False
        if text[:2] == b"= ":
            return text == marker(self.start + len(self.entries))
        data = text[_DIGEST + 1 : -1]
        leaf = merkle.leaf_hash(data)
        if text[: _DIGEST + 1] != b"%b " % leaf.hex().encode():
            return False
        self.entries.append(data)
        self.leaves.append(leaf)
        return True

    def _tear(self, path: Path, text: bytes, file: BinaryIO) -> None:
        """Say what is wrong with a line; refuse it if more was committed after it.

        Raises:
            Damaged: more was.
        """
        number = self.start + len(self.entries)
        self.torn = (
            f"{path} is damaged: record {number} at byte {self.end} is not what was written; "
            "nothing was changed: restore the file from a copy, or keep a copy and cut it to "
            f"{self.end} bytes to go on with the records before"
        )
        while text:
            if any(int(found[1]) > number for found in _MARKER.finditer(text)):
                raise Damaged(self.torn, number)
            text = text[-_MARKER_BYTES:] + more if (more := file.read(1 << 20)) else b""


class Journal:
    """The one writer's end."""

    def __init__(self, path: Path, tail: Tail) -> None:
        """Open a journal that was read, and cut off what is not sound at its end.

        Raises:
            ArchiveError: the file cannot be written.
        """
        self._path = path
        self._end = tail.end
        try:
            self._file = files.open_regular(path, os.O_WRONLY | os.O_APPEND)
            if os.fstat(self._file).st_size != self._end:
                os.ftruncate(self._file, self._end)
            # A writer that was killed may have left whole lines that no fsync had reached.
            os.fsync(self._file)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be written: {error.strerror}") from None

    def commit(self, number: int, lines: Sequence[bytes]) -> None:
        """Append entries; on return they are on the disk.

        Args:
            number: of the first.
            lines: of the entries.

        Raises:
            OSError: they are not, and what reached the file was cut off again if that was
                possible. Nothing can be appended after that: what the disk then holds is known
                only to the next reader.
        """
        text = marker(number) + b"".join(lines)
        try:
            rest = memoryview(text)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(text)

    def restart(self, start: int, lines: Sequence[bytes]) -> None:
        """Replace the journal by one that begins later; what comes before is on the disk elsewhere.

        Raises:
            OSError: that failed; one of the two is there.
        """
        text = beginning(start, lines)
        files.replace_durably(self._path, text)
        os.close(self._file)
        self._file = files.open_regular(self._path, os.O_WRONLY | os.O_APPEND)
        self._end = len(text)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)
