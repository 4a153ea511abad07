"""The index: what the log says, as tables for questions. A cache: made anew from the log any time.

It follows the log, one batch of entries a transaction, and keeps the place it has come to; so
the index of a running writer and one rebuilt years later are the same, row for row.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

from funsearch.archive import comparison, feed, files, schema
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.facts import fact_of
from funsearch.archive.feed import Batch
from funsearch.archive.log import LogReader
from funsearch.archive.objects import ObjectReader
from funsearch.archive.records import Record
from funsearch.archive.rows import Rows
from funsearch.archive.sources import Sources
from funsearch.archive.sqlite import (
    connect_bulk,
    connect_reader,
    connect_writer,
    insert,
    require_schema,
)

_COLUMNS = {
    schema.TEXTS: f"{schema.TEXTS} (rowid, source)",
    schema.STATEMENTS: f"{schema.STATEMENTS} (rowid, checksums)",
}
_NEW = f"{files.INDEX}.new"

Progress = Callable[[int, int], None]
"""Called with the number of entries taken in, and of all."""


class Index:
    """The one writer's end of an index.

    Attributes:
        connection: to the database.
        size: number of entries it has taken in.
    """

    def __init__(
        self, folder: Path, connection: sqlite3.Connection, size: int, *, in_bulk: bool = False
    ) -> None:
        """Go on with an index; `open` and `anew` are the ways in.

        Args:
            folder: of the run.
            connection: to the database.
            size: number of entries it has taken in.
            in_bulk: whether all that `follow` takes in may be one transaction: pages that change
                with every batch are then written once.

        Raises:
            ArchiveError: the objects cannot be read.
        """
        self._folder = folder
        self.connection = connection
        self.size = size
        self._in_bulk = in_bulk
        self._objects = ObjectReader(folder / files.OBJECTS)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index of a run; one that is missing, broken or of another log is made anew.

        Args:
            folder: of the run; the caller holds its index lock.

        Raises:
            ArchiveError: it cannot be written.
        """
        return cls(folder, *_open(folder))

    @classmethod
    def anew(cls, folder: Path, path: Path | str = ":memory:") -> Self:
        """Begin an index that nobody else sees, and leave that of the folder alone.

        Args:
            folder: of the run.
            path: where to keep it, see `connect_bulk`.

        Raises:
            ArchiveError: it cannot be written.
        """
        try:
            connection = connect_bulk(path)
            try:
                _lay_out(connection)
                return cls(folder, connection, 0, in_bulk=True)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise ArchiveError(f"an index cannot be made: {error}") from None

    def follow(self, end: int | None = None, progress: Progress | None = None) -> None:
        """Take in the entries before a number, or all that the log has now.

        Raises:
            Damaged: an entry is not what was written; the index has all before its batch, or, in
                bulk, nothing.
            ArchiveError: the index cannot be written.
        """
        if end is None:
            end = LogReader(self._folder).size
        if end <= self.size:
            return
        batches = feed.batches(self._folder, self.size, end, self._objects)
        with contextlib.closing(batches), self._transaction(wanted=self._in_bulk):
            for batch in batches:
                self._add(batch)
                if progress is not None:
                    progress(self.size, end)

    def take(self, records: Sequence[tuple[int, Record]], leaf: bytes, sources: Sources) -> None:
        """Take in the records that come next.

        Args:
            records: in order, each with its number; the first is that where the index has come to.
            leaf: hash of the last one's entry.
            sources: tell of programs that are new to the index.

        Raises:
            ArchiveError: the index cannot be written.
        """
        facts = [fact_of(number, record) for number, record in records]
        self._add(Batch(facts, leaf, sources))

    def _add(self, batch: Batch) -> None:
        connection = self.connection
        try:
            tables = Rows(connection, batch.sources).of(batch.facts)
        except sqlite3.Error as error:
            raise ArchiveError(f"the index cannot be read: {error}") from None
        with self._transaction(wanted=not connection.in_transaction):
            for table, rows in tables.items():
                if rows and (table in schema.TABLES or schema.has_full_text()):
                    insert(connection, _COLUMNS.get(table, table), rows)
            size = batch.facts[-1].number + 1
            connection.execute("UPDATE place SET size = ?, leaf = ?", (size, batch.leaf.hex()))
        self.size = size

    @contextlib.contextmanager
    def _transaction(self, *, wanted: bool) -> Iterator[None]:
        """Commit what is done within, or undo it all; where not wanted, leave that to the outer."""
        try:
            if not wanted:
                yield
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise ArchiveError(f"the index cannot be written: {error}") from None

    def close(self) -> None:
        """Give the files back."""
        self.connection.close()
        self._objects.close()


def rebuild(folder: Path, progress: Progress | None = None) -> int:
    """Make the index anew from log and objects; return the number of entries it has.

    Raises:
        Damaged: the log is; the index that was there is left as it was.
        ArchiveError: a writer is at work, or the folder cannot be written.
    """
    files.check_format(folder)
    with files.index_lock(folder, wait=False) as held:
        if not held:
            raise ArchiveError(f"the index of {folder} is being written by another process")
        _remove(folder, _NEW)
        try:
            with contextlib.closing(Index.anew(folder, folder / _NEW)) as index:
                index.follow(progress=progress)
                # Who opens it next need not have it alone to change that.
                index.connection.execute("PRAGMA journal_mode = WAL")
            with (folder / _NEW).open("rb") as file:
                os.fsync(file.fileno())
            _remove(folder)
            (folder / _NEW).replace(folder / files.INDEX)
            files.sync_folder(folder)
        except (OSError, sqlite3.Error) as error:
            raise ArchiveError(f"the index of {folder} cannot be written: {error}") from None
        finally:
            _remove(folder, _NEW)
        return index.size


def compare(folder: Path, progress: Progress | None = None) -> str | None:
    """Return the first difference between the index and what log and objects imply, as one line.

    The index is not changed. One that is behind is compared with what came before its place; one
    that is missing differs in nothing. What it is compared with is kept where SQLite keeps its
    temporary files.

    Raises:
        Damaged: the log is.
        ArchiveError: the log cannot be read, or there is no room.
    """
    files.check_format(folder)
    path = folder / files.INDEX
    if not path.exists():
        return None
    try:
        found = connect_reader(path)
    except ArchiveError as error:
        return str(error)
    with contextlib.closing(found):
        try:
            require_schema(found, path, schema.expected())
            found.execute("BEGIN")
            size = _size(LogReader(folder), found)
        except (sqlite3.Error, Damaged) as error:
            return str(error)
        if size is None:
            return "it is of another log"
        with contextlib.closing(Index.anew(folder, "")) as wanted:
            wanted.follow(size, progress)
            return comparison.first_difference(found, wanted.connection)


def is_current(log: LogReader, connection: sqlite3.Connection) -> bool:
    """Say whether an index has all that a log has."""
    return _size(log, connection) == log.size


def _open(folder: Path) -> tuple[sqlite3.Connection, int]:
    path = folder / files.INDEX
    if path.exists():
        with contextlib.suppress(sqlite3.Error, Damaged):
            connection = connect_writer(path, durable=False)
            try:
                require_schema(connection, path, schema.expected())
                size = _size(LogReader(folder), connection)
                if size is not None:
                    return connection, size
            except BaseException:
                connection.close()
                raise
            connection.close()
        _remove(folder)
    try:
        connection = connect_writer(path, durable=False)
    except sqlite3.Error as error:
        raise ArchiveError(f"{path} cannot be made: {error}") from None
    try:
        _lay_out(connection)
    except sqlite3.Error as error:
        connection.close()
        raise ArchiveError(f"{path} cannot be written: {error}") from None
    return connection, 0


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in schema.statements():
        connection.execute(statement)
    insert(connection, schema.PLACE, [(0, "")])
    connection.execute("COMMIT")


def _remove(folder: Path, name: str = files.INDEX) -> None:
    # The database before its WAL: SQLite drops a WAL that belongs to nothing.
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / f"{name}{suffix}").unlink(missing_ok=True)


def _size(log: LogReader, connection: sqlite3.Connection) -> int | None:
    """Return how many entries an index has taken in; None if they are not of this log."""
    row = connection.execute("SELECT size, leaf FROM place").fetchone()
    size, leaf = row or (None, None)
    if type(size) is not int or not 0 <= size <= log.size:
        return None
    return size if size == 0 or leaf == log.leaf(size - 1).hex() else None
