"""Where two databases of an index differ first: table by table, row by row, and word by word."""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import zip_longest
from typing import Any

from funsearch.archive import schema
from funsearch.archive.sqlite import connect_bulk

_ROWS = 1000
"""Compared at once."""

_ORDER = {"parents": "program, position"}
_SHADOWS = {"data": "id, block", "idx": "segid, term, pgno"}
"""Tables in which FTS5 keeps what a full-text table has, with their columns."""


def first_difference(found: sqlite3.Connection, wanted: sqlite3.Connection) -> str | None:
    """Return the first difference as one line.

    The indexes of `found` are held against its own tables, and the inner structure of its
    full-text tables against itself, so what is found through them is what the rows say.

    Args:
        found: of the right schema; may be anybody's. It is not changed.
        wanted: an index that was made from the log.
    """
    try:
        (answer,) = found.execute("PRAGMA integrity_check(1)").fetchone()
        if answer != "ok":
            return _shown(answer)
        for table in schema.TABLES:
            order = _ORDER.get(table, "rowid")
            query = f"SELECT * FROM {table} ORDER BY {order}"  # noqa: S608
            if (difference := _rows(table, query, found, wanted)) is not None:
                return difference
        if schema.has_full_text():
            for table in (schema.TEXTS, schema.STATEMENTS):
                if (difference := _words(table, found, wanted)) is not None:
                    return difference
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return _shown(f"it cannot be read: {error}")
    return None


def _rows(
    table: str, query: str, found: sqlite3.Connection, wanted: sqlite3.Connection
) -> str | None:
    """Compare the rows of two queries, types included."""
    columns = [column[0] for column in wanted.execute(f"{query} LIMIT 0").description]
    pairs = zip_longest(_chunks(found.execute(query)), _chunks(wanted.execute(query)), fillvalue=[])
    for some, others in pairs:
        # The bytes tell 1 from 1.0; version 2 has no references, which depend on more than values.
        if marshal.dumps(some, 2) == marshal.dumps(others, 2):
            continue
        for one, other in zip_longest(some, others):
            if marshal.dumps(one, 2) != marshal.dumps(other, 2):
                return _difference(table, columns, one, other)
    return None


def _chunks(cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
    while rows := cursor.fetchmany(_ROWS):
        yield rows


def _difference(
    table: str, columns: Sequence[str], found: Sequence[Any] | None, wanted: Sequence[Any] | None
) -> str:
    if found is None or (wanted is not None and _comes_before(wanted[0], found[0])):
        assert wanted is not None
        return f"{table}: the row with {columns[0]} {_shown(wanted[0])} is missing"
    if wanted is None or _comes_before(found[0], wanted[0]):
        return f"{table}: the row with {columns[0]} {_shown(found[0])} is in no record"
    place = next(
        place
        for place, (one, other) in enumerate(zip(found, wanted, strict=True))
        if marshal.dumps(one, 2) != marshal.dumps(other, 2)
    )
    return (
        f"{table}: in the row with {columns[0]} {_shown(found[0])}, {columns[place]} is "
        f"{_shown(found[place])}, not {_shown(wanted[place])}"
    )


def _comes_before(key: Any, other: Any) -> bool:
    return type(key) is type(other) and key < other


def _words(table: str, found: sqlite3.Connection, wanted: sqlite3.Connection) -> str | None:
    """Compare two full-text tables by the places of each word."""
    query = f"SELECT k, v FROM {table}_config ORDER BY k"  # noqa: S608
    if (difference := _rows(f"{table}_config", query, found, wanted)) is not None:
        return difference
    with closing(_copied(table, found)) as copy:
        copy.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608
        for connection in (copy, wanted):
            for kind in ("row", "instance"):
                connection.execute(
                    f"CREATE VIRTUAL TABLE temp.{table}_{kind}"
                    f" USING fts5vocab (main, {table}, {kind})"
                )
        # Those two tables are read from end to end. A word is looked up by the first words of
        # pages, which that check lets pass where they lack at the end.
        lost = copy.execute(
            f"SELECT term FROM {table}_row AS r WHERE coalesce(cnt, doc) <>"  # noqa: S608
            f" (SELECT count(*) FROM {table}_instance AS i WHERE i.term = r.term) LIMIT 1"
        ).fetchone()
        if lost is not None:
            return f"{table}: {_shown(lost[0])} is not found everywhere"
        # Where there is a word, and how often; then the places alone, as one number each.
        queries = (
            f"SELECT term, doc, cnt FROM {table}_row",  # noqa: S608
            f"SELECT doc * 65536 + coalesce(offset, 0) AS place FROM {table}_instance",  # noqa: S608
        )
        for query in queries:
            if (difference := _rows(table, query, copy, wanted)) is not None:
                return difference
    return None


def _copied(table: str, found: sqlite3.Connection) -> sqlite3.Connection:
    """Return a database with a copy of a full-text table, which only one that can write checks."""
    copy = connect_bulk("")
    try:
        for statement in schema.statements():
            if statement.startswith(f"CREATE VIRTUAL TABLE {table} "):
                copy.execute(statement)
        copy.execute("BEGIN")
        for name, columns in _SHADOWS.items():
            places = ", ".join("?" for _ in columns.split())
            copy.execute(f"DELETE FROM {table}_{name}")  # noqa: S608
            copy.executemany(
                f"INSERT INTO {table}_{name} VALUES ({places})",  # noqa: S608
                found.execute(f"SELECT {columns} FROM {table}_{name}"),  # noqa: S608
            )
        copy.execute("COMMIT")
    except BaseException:
        copy.close()
        raise
    return copy


def _shown(value: object) -> str:
    """Return a value that may be hostile as one bounded printable line."""
    return (value.hex() if isinstance(value, bytes) else ascii(value))[:80]
