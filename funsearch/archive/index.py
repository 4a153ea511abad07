"""The index: what the log says, as tables for questions. A cache: made anew from the log any time.

It follows the journal, one batch of entries a transaction, and keeps the place it has come to; so
the index of a running writer and one rebuilt years later are the same, row for row.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from funsearch.archive import files, journal
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.journal import Position
from funsearch.archive.objects import ObjectReader
from funsearch.archive.records import Record
from funsearch.archive.rows import Rows
from funsearch.archive.sqlite import connect_writer, insert, read_only, require_schema

BATCH_ENTRIES = 1024
"""Taken in with one transaction."""

_TABLES = {
    "entries": "number INTEGER PRIMARY KEY, kind TEXT NOT NULL, start INTEGER NOT NULL",
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
    "CREATE TABLE place (number INTEGER NOT NULL, offset INTEGER NOT NULL, digest TEXT NOT NULL)",
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
        place: how far in the journal it has come.
    """

    def __init__(self, folder: Path, *, in_memory: bool = False) -> None:
        """Open the index of a run; one that is missing, broken or of another log is made anew.

        Args:
            folder: of the run; the caller holds its index lock, unless `in_memory`.
            in_memory: leave the folder alone, and keep the index for oneself.

        Raises:
            ArchiveError: it cannot be written.
        """
        self._log = folder / files.JOURNAL
        self._objects = ObjectReader(folder / files.OBJECTS)
        try:
            if in_memory:
                self.connection, self.place = _create(Path(":memory:"))
            else:
                self.connection, self.place = _open(folder)
        except BaseException:
            self._objects.close()
            raise

    def follow(self, end: Position | None = None) -> None:
        """Take in the entries up to a place, or up to the end of the journal.

        Raises:
            Damaged: an entry is not what was written; the index has all before its batch.
            ArchiveError: the index cannot be written.
        """
        if end is not None and end.number <= self.place.number:
            return
        entries = journal.read(self._log, self.place, end)
        while batch := list(islice(entries, BATCH_ENTRIES)):
            records = [(entry.start, journal.record_of(self._log, entry)) for entry in batch]
            self.take(records, batch[-1].end)

    def take(self, records: Sequence[tuple[Position, Record]], place: Position) -> None:
        """Take in the records that come next, each with where it starts.

        Args:
            records: in order; the first starts where the index has come to.
            place: after the last of them.

        Raises:
            ArchiveError: the index cannot be written.
        """
        try:
            tables = Rows(self.connection, self._objects).of(records)
            self.connection.execute("BEGIN IMMEDIATE")
            for table, values in tables.items():
                if values:
                    insert(self.connection, table, values)
            self.connection.execute("UPDATE place SET number = ?, offset = ?, digest = ?", place)
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            raise ArchiveError(f"the index cannot be written: {error}") from None
        self.place = place

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


def is_current(folder: Path, connection: sqlite3.Connection) -> bool:
    """Say whether an index has all that the journal has."""
    place = _place(connection)
    return _fits(folder, connection, place) and not any(
        True for _ in journal.read(folder / files.JOURNAL, place)
    )


def _open(folder: Path) -> tuple[sqlite3.Connection, Position]:
    path = folder / files.INDEX
    if path.exists():
        with contextlib.suppress(sqlite3.Error, Damaged):
            connection = connect_writer(path, durable=False)
            try:
                require_schema(connection, path, SCHEMA)
                place = _place(connection)
                if _fits(folder, connection, place):
                    return connection, place
            except BaseException:
                connection.close()
                raise
            connection.close()
        _remove(folder)
    return _create(path)


def _create(path: Path) -> tuple[sqlite3.Connection, Position]:
    try:
        connection = connect_writer(path, durable=False)
    except sqlite3.Error as error:
        raise ArchiveError(f"{path} cannot be made: {error}") from None
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            connection.execute(statement)
        insert(connection, "place", [journal.START])
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        raise ArchiveError(f"{path} cannot be written: {error}") from None
    return connection, journal.START


def _remove(folder: Path) -> None:
    # The database before its WAL: SQLite drops a WAL that belongs to nothing.
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / f"{files.INDEX}{suffix}").unlink(missing_ok=True)


def _place(connection: sqlite3.Connection) -> Position:
    row = connection.execute("SELECT number, offset, digest FROM place").fetchone()
    number, offset, digest = row or ("", "", "")
    if type(number) is not int or type(offset) is not int or type(digest) is not str:
        raise Damaged("the index does not know its place")
    return Position(number, offset, digest)


def _fits(folder: Path, connection: sqlite3.Connection, place: Position) -> bool:
    """Say whether the journal holds, right before a place, the entry that the index saw there."""
    if place == journal.START:
        return True
    row = connection.execute(
        "SELECT start FROM entries WHERE number = ?", (place.number - 1,)
    ).fetchone()
    if row is None or type(row[0]) is not int:
        return False
    try:
        entry = journal.read_one(folder / files.JOURNAL, place.number - 1, row[0])
    except ArchiveError:
        return False
    return entry.end == place
