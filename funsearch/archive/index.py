"""The index: what the log says, as tables for questions. A cache: made anew from the log any time.

It follows the log, one batch of entries a transaction, and keeps the place it has come to; so
the index of a running writer and one rebuilt years later are the same, row for row.
"""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import islice
from pathlib import Path

from funsearch.archive import files
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.log import LogReader, read_records
from funsearch.archive.objects import ObjectReader
from funsearch.archive.rows import Batch, Rows
from funsearch.archive.sqlite import connect_writer, insert, read_only, require_schema

BATCH_ENTRIES = 1024
"""Taken in with one transaction."""

_TABLES = {
    "entries": "number INTEGER PRIMARY KEY, kind TEXT NOT NULL",
    "runs": "number INTEGER PRIMARY KEY REFERENCES entries, event TEXT NOT NULL,"
    " problem TEXT NOT NULL, seed TEXT NOT NULL, reason TEXT NOT NULL, time TEXT NOT NULL",
    "generations": "number INTEGER PRIMARY KEY REFERENCES entries,"
    " program INTEGER REFERENCES programs, rejected TEXT NOT NULL, draw INTEGER,"
    " sample INTEGER NOT NULL, island INTEGER, epoch INTEGER NOT NULL, sampler TEXT NOT NULL,"
    " model TEXT NOT NULL, prompt TEXT NOT NULL, reply TEXT NOT NULL, time TEXT NOT NULL",
    "programs": "first INTEGER PRIMARY KEY REFERENCES generations, id TEXT NOT NULL UNIQUE,"
    " generation INTEGER NOT NULL, length INTEGER",
    "parents": "program INTEGER NOT NULL REFERENCES programs, position INTEGER NOT NULL,"
    " parent INTEGER REFERENCES programs, stranger TEXT, PRIMARY KEY (program, position)",
    "evaluations": "number INTEGER PRIMARY KEY REFERENCES entries,"
    " generation INTEGER NOT NULL REFERENCES generations, program INTEGER REFERENCES programs,"
    " status TEXT NOT NULL, score REAL, scored INTEGER NOT NULL, reason TEXT NOT NULL,"
    " flags TEXT NOT NULL, tier TEXT NOT NULL, confirmed TEXT NOT NULL, sandbox TEXT NOT NULL,"
    " seconds REAL NOT NULL,"
    " registered INTEGER NOT NULL, late INTEGER NOT NULL, time TEXT NOT NULL",
    "resets": "number INTEGER PRIMARY KEY REFERENCES entries, reset INTEGER NOT NULL,"
    " cause TEXT NOT NULL, registrations INTEGER NOT NULL, time TEXT NOT NULL",
    "founders": "reset INTEGER NOT NULL REFERENCES resets, island INTEGER NOT NULL,"
    " program INTEGER REFERENCES programs",
}
SCHEMA = (
    *(
        f"CREATE TABLE {name} ({columns}){' WITHOUT ROWID' if name == 'parents' else ''}"
        for name, columns in _TABLES.items()
    ),
    "CREATE TABLE place (size INTEGER NOT NULL, leaf TEXT NOT NULL)",
    "CREATE INDEX generations_of ON generations (program) WHERE program IS NOT NULL",
    "CREATE INDEX children_of ON parents (parent) WHERE parent IS NOT NULL",
    "CREATE INDEX evaluations_of ON evaluations (program) WHERE program IS NOT NULL",
    "CREATE INDEX evaluations_by_status ON evaluations (status)",
    "CREATE INDEX programs_by_score ON evaluations (score, number) WHERE scored",
    *(trigger for name in _TABLES for trigger in read_only(name)),
)


class Index:
    """The one writer's end of an index.

    Attributes:
        size: number of entries it has taken in.
    """

    def __init__(self, folder: Path, *, in_memory: bool = False) -> None:
        """Open the index of a run; one that is missing, broken or of another log is made anew.

        Args:
            folder: of the run; the caller holds its index lock, unless `in_memory`.
            in_memory: leave the folder alone, and keep the index for oneself.

        Raises:
            ArchiveError: it cannot be written.
        """
        self._folder = folder
        self._objects = ObjectReader(folder / files.OBJECTS)
        try:
            if in_memory:
                self.connection, self.size = _create(Path(":memory:"))
            else:
                self.connection, self.size = _open(folder)
        except BaseException:
            self._objects.close()
            raise

    def follow(self, end: int | None = None) -> None:
        """Take in the entries before a number, or all that the log has now.

        Raises:
            Damaged: an entry is not what was written; the index has all before its batch.
            ArchiveError: the index cannot be written.
        """
        if end is not None and end <= self.size:
            return
        log = LogReader(self._folder)
        records = read_records(log, self.size, end)
        while batch := list(islice(records, BATCH_ENTRIES)):
            self.take(batch, log.leaf(batch[-1][0]))

    def take(self, records: Batch, leaf: bytes) -> None:
        """Take in the records that come next.

        Args:
            records: in order, each with its number; the first is that where the index has come to.
            leaf: hash of the last one's entry.

        Raises:
            ArchiveError: the index cannot be written.
        """
        try:
            tables = Rows(self.connection, self._objects).of(records)
            self.connection.execute("BEGIN IMMEDIATE")
            for table, values in tables.items():
                if values:
                    insert(self.connection, table, values)
            size = records[-1][0] + 1
            self.connection.execute("UPDATE place SET size = ?, leaf = ?", (size, leaf.hex()))
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            raise ArchiveError(f"the index cannot be written: {error}") from None
        self.size = size

    def close(self) -> None:
        """Give the files back."""
        self.connection.close()
        self._objects.close()


def rebuild(folder: Path) -> None:
    """Make the index anew from log and objects.

    Raises:
        Damaged: the log is.
        ArchiveError: a writer is at work, or the folder cannot be written.
    """
    files.check_format(folder)
    with files.index_lock(folder, wait=False) as held:
        if not held:
            raise ArchiveError(f"the index of {folder} is being written by another process")
        _remove(folder)
        with contextlib.closing(Index(folder)) as index:
            index.follow()


def is_current(log: LogReader, connection: sqlite3.Connection) -> bool:
    """Say whether an index has all that a log has."""
    return _size(log, connection) == log.size


def _open(folder: Path) -> tuple[sqlite3.Connection, int]:
    path = folder / files.INDEX
    if path.exists():
        with contextlib.suppress(sqlite3.Error, Damaged):
            connection = connect_writer(path, durable=False)
            try:
                require_schema(connection, path, SCHEMA)
                size = _size(LogReader(folder), connection)
                if size is not None:
                    return connection, size
            except BaseException:
                connection.close()
                raise
            connection.close()
        _remove(folder)
    return _create(path)


def _create(path: Path) -> tuple[sqlite3.Connection, int]:
    try:
        connection = connect_writer(path, durable=False)
    except sqlite3.Error as error:
        raise ArchiveError(f"{path} cannot be made: {error}") from None
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            connection.execute(statement)
        insert(connection, "place", [(0, "")])
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        raise ArchiveError(f"{path} cannot be written: {error}") from None
    return connection, 0


def _remove(folder: Path) -> None:
    # The database before its WAL: SQLite drops a WAL that belongs to nothing.
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / f"{files.INDEX}{suffix}").unlink(missing_ok=True)


def _size(log: LogReader, connection: sqlite3.Connection) -> int | None:
    """Return how many entries an index has taken in; None if they are not of this log."""
    row = connection.execute("SELECT size, leaf FROM place").fetchone()
    size, leaf = row or (None, None)
    if type(size) is not int or not 0 <= size <= log.size:
        return None
    return size if size == 0 or leaf == log.leaf(size - 1).hex() else None
