"""SQLite as the archive uses it: one writer, many readers, files that may be anybody's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from funsearch.archive.errors import ArchiveError, Damaged

_LARGEST_VALUE = 80 << 20
_ROWS = (64, 16, 4, 1)
_KEYS = 256


def connect_writer(path: Path, *, durable: bool) -> sqlite3.Connection:
    """Open or make a database for its one writer; the caller opens transactions himself.

    Args:
        path: of the file.
        durable: whether a commit waits for the disk. If not, a power cut may undo the last
            commits, but never leaves half of one.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _distrust(connection)
        _load_schema(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        # In pages of 4 kB: rows land all over the tree, and meet more often in a longer WAL.
        connection.execute("PRAGMA wal_autocheckpoint = 8000")
        connection.execute("PRAGMA cache_size = -65536")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_bulk(path: Path | str) -> sqlite3.Connection:
    """Open a database that nobody else sees before it is complete, and that a crash may spoil.

    Args:
        path: of the file; empty for one that SQLite removes when it is closed, `:memory:` for none.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _distrust(connection)
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        # Programs are looked up all over the tables; what this holds need not be read again.
        connection.execute("PRAGMA cache_size = -524288")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a database that is never written through this connection.

    Raises:
        ArchiveError: there is none, or it cannot be read.
    """
    if not path.is_file():
        raise ArchiveError(f"{path} is missing")
    try:
        return _connect_reader(path, "mode=ro")
    except sqlite3.OperationalError as error:
        # Reading a WAL takes a file beside it, which a read-only medium does not allow; where no
        # WAL was left there is nothing to read in it.
        wal = path.with_name(f"{path.name}-wal")
        if wal.exists() and wal.stat().st_size:
            raise ArchiveError(f"{path} cannot be read: {error}") from None
    except sqlite3.Error as error:
        raise Damaged(f"{path} is damaged: {error}") from None
    try:
        return _connect_reader(path, "mode=ro&immutable=1")
    except sqlite3.Error as error:
        raise ArchiveError(f"{path} cannot be read: {error}") from None


def _connect_reader(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        _distrust(connection)
        connection.execute("PRAGMA query_only = ON")
        _load_schema(connection)
        connection.execute("PRAGMA cache_size = -16384")
    except BaseException:
        connection.close()
        raise
    return connection


def _load_schema(connection: sqlite3.Connection) -> None:
    """Make a database that is none complain now; ours is so small that this costs nothing."""
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except UnicodeDecodeError as error:
        # Of a complaint that quotes what is no text.
        raise sqlite3.DatabaseError(ascii(error.object)) from None


def _distrust(connection: sqlite3.Connection) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")


def require_schema(connection: sqlite3.Connection, path: Path, schema: Sequence[str]) -> None:
    """Refuse a database that holds other tables, views or triggers than ours.

    Raises:
        Damaged: it does.
    """
    try:
        found = [
            sql
            for (sql,) in connection.execute("SELECT sql FROM sqlite_master ORDER BY rowid")
            if sql is not None
        ]
    except sqlite3.Error as error:
        raise Damaged(f"{path} is damaged: {error}") from None
    # Not `sorted` alone: what should be text may be bytes.
    if sorted(found, key=repr) != sorted(schema, key=repr):
        raise Damaged(f"{path} is damaged: its tables are not those of this format")


@cache
def _statement(table: str, columns: int, rows: int) -> str:
    row = f"({','.join('?' * columns)})"
    return f"INSERT INTO {table} VALUES {','.join([row] * rows)}"  # noqa: S608


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert whole rows, many with each statement.

    Each statement hands the interpreter to other threads and has to wait for it to come back, up
    to 5 ms beside a busy one; so `executemany`, a statement a row, would starve.
    """
    done = 0
    for size in _ROWS:
        while len(rows) - done >= size:
            values = [value for row in rows[done : done + size] for value in row]
            connection.execute(_statement(table, len(rows[0]), size), values)
            done += size


def select_in(
    connection: sqlite3.Connection, query: str, keys: Iterable[Any]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query that ends in `IN`, for any number of keys."""
    rest = iter(keys)
    while chunk := list(islice(rest, _KEYS)):
        # Filled up to a few lengths, so that few statements are prepared.
        chunk += chunk[-1:] * (-len(chunk) % 32)
        yield from connection.execute(f"{query} ({','.join('?' * len(chunk))})", chunk)
