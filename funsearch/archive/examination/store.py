"""The object store, row by row: every object unpacks to its digest, and no byte is spare."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from evaluators import program
from evaluators.parser import Refused
from funsearch.archive import files
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.archive.examination.report import Findings
from funsearch.archive.objects import SCHEMA, ObjectReader
from funsearch.archive.sqlite import connect_reader, require_schema
from funsearch.text import one_line

_MOST_BAD = 100_000
_EVERY = 4096

Step = Callable[[int, int], None]
"""Takes how much is done, and how much there is to do."""


class _Fill(NamedTuple):
    """A block, its size as it is stated, and how far its objects fill it."""

    block: object
    whole: object
    end: int


class Store:
    """The objects of a run.

    Attributes:
        bad: digests in hex of objects that are there but are not what they should be.
    """

    def __init__(self, folder: Path, findings: Findings) -> None:
        """Open it.

        Raises:
            ArchiveError: it is not a store of ours.
        """
        self._path = folder / files.OBJECTS
        self._findings = findings
        self._reader = ObjectReader(self._path)
        self.bad: set[str] = set()
        self._was_read = False

    def examine(self, step: Step) -> None:
        """Read every object."""
        try:
            with closing(connect_reader(self._path)) as connection:
                require_schema(connection, self._path, SCHEMA)
                connection.execute("BEGIN")
                self._examine(connection, step)
            self._was_read = True
        except sqlite3.Error as error:
            self._flaw(f"is damaged: {one_line(str(error))}")
        except ArchiveError as error:
            self._flaw(str(error).removeprefix(f"{self._path} "))

    def _examine(self, connection: sqlite3.Connection, step: Step) -> None:
        for (said,) in connection.execute("PRAGMA integrity_check(1)"):
            if said != "ok":
                self._flaw(f"is damaged: {one_line(str(said))}")
        (total,) = connection.execute("SELECT count(*) FROM objects").fetchone()
        rows = connection.execute(
            "SELECT o.digest, o.block, o.start, o.size, b.size FROM objects AS o"
            " LEFT JOIN blocks AS b ON b.number = o.block ORDER BY o.block, o.start, o.size"
        )
        fill = _Fill(-1, 0, 0)
        blocks = 0
        for done, (digest, block, start, size, whole) in enumerate(rows, 1):
            if done % _EVERY == 0:
                step(done, total)
            if block != fill.block:
                self._check(fill)
                fill = _Fill(block, whole, 0)
                blocks += 1
            if type(size) is int and start == fill.end and size >= 0:
                fill = fill._replace(end=start + size)
            self._one(digest)
        self._check(fill)
        count, last = connection.execute("SELECT count(*), max(number) FROM blocks").fetchone()
        if (count, last) != (blocks, blocks - 1 if blocks else None):
            self._flaw(f"has {count} blocks, of which {blocks} have objects")
        self._findings.checked["objects"] = total

    def _check(self, fill: _Fill) -> None:
        if fill.whole != fill.end:
            block = one_line(str(fill.block), 40)
            self._flaw(f"has bytes in block {block} that belong to no object")

    def _one(self, digest: object) -> None:
        """Read one object as any reader would."""
        if type(digest) is not bytes:
            self._flaw("has an object without a digest")
            return
        try:
            self._reader.get(digest.hex())
        except ArchiveError as error:
            self._flaw(str(error).removeprefix(f"{self._path} "))
            if len(self.bad) < _MOST_BAD:
                self.bad.add(digest.hex())

    def _flaw(self, what: str) -> None:
        self._findings.flaw(files.OBJECTS, what)

    def lacks(self, digests: Collection[str]) -> Iterator[str]:
        """Yield those of some digests that are not there, or bad."""
        try:
            there = set(self._reader.sizes(digests)) if self._was_read else None
        except sqlite3.Error:
            there = None
        for digest in digests:
            found = self._can_be_had(digest) if there is None else digest in there
            if not found or digest in self.bad:
                yield digest

    def _can_be_had(self, digest: str) -> bool:
        try:
            self._reader.get(digest)
        except ArchiveError:
            return False
        return True

    def is_canonical(self, digest: str) -> bool:
        """Whether the object is the canonical source of one function; True if it is not there."""
        try:
            source = self._reader.get(digest).decode()
            name = source.partition("(")[0].removeprefix("def ")
            return program.read(source, name).source == source
        except Missing:
            return True
        except (Refused, ArchiveError, UnicodeError):
            return False

    def get(self, digest: str) -> bytes:
        """Return an object.

        Raises:
            ArchiveError: it cannot be had.
        """
        return self._reader.get(digest)

    def close(self) -> None:
        """Give the file back."""
        self._reader.close()
