"""Texts and certificates by the digest of their bytes, compressed, in one SQLite file.

Objects that are committed together are compressed together, in blocks of up to 64 KiB: a reply
and the program made of it are nearly the same text, and one large compression costs less than many
small ones. Reading one object unpacks its block, which takes some 100 µs.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.sqlite import (
    connect_reader,
    connect_writer,
    insert,
    require_schema,
    select_in,
)

OBJECT_BYTES = 64 << 20
"""Most bytes of one object; nothing is ever unpacked beyond that."""
_BLOCK_BYTES = 64 << 10
_PLAIN, _ZLIB = 0, 1
_LEVEL = 4

SCHEMA = (
    "CREATE TABLE blocks (number INTEGER PRIMARY KEY, codec INTEGER NOT NULL,"
    " size INTEGER NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE objects (digest BLOB PRIMARY KEY, block INTEGER NOT NULL REFERENCES blocks,"
    " start INTEGER NOT NULL, size INTEGER NOT NULL) WITHOUT ROWID",
)


def create(path: Path) -> None:
    """Make an empty store.

    Raises:
        sqlite3.Error: it cannot be made.
    """
    connection = connect_writer(path, durable=True)
    try:
        for statement in SCHEMA:
            connection.execute(statement)
    finally:
        connection.close()


class ObjectWriter:
    """The one writer's end of a store."""

    def __init__(self, path: Path) -> None:
        """Open a store.

        Raises:
            Damaged: the file is not a store.
        """
        try:
            self._connection = connect_writer(path, durable=True)
        except sqlite3.Error as error:
            raise ArchiveError(f"{path} cannot be opened: {error}") from None
        try:
            require_schema(self._connection, path, SCHEMA)
            (last,) = self._connection.execute("SELECT max(number) FROM blocks").fetchone()
        except BaseException:
            self._connection.close()
            raise
        self._next = 0 if last is None else last + 1

    def add(self, objects: Mapping[bytes, bytes]) -> None:
        """Store what is not there yet; on return it is on the disk.

        Args:
            objects: digest → bytes.

        Raises:
            sqlite3.Error: nothing was stored.
        """
        connection = self._connection
        known = {
            digest
            for (digest,) in select_in(
                connection, "SELECT digest FROM objects WHERE digest IN", objects
            )
        }
        blocks: list[tuple[int, int, int, bytes]] = []
        rows: list[tuple[bytes, int, int, int]] = []
        for group in _grouped((d, data) for d, data in objects.items() if d not in known):
            number, start = self._next + len(blocks), 0
            for digest, data in group:
                rows.append((digest, number, start, len(data)))
                start += len(data)
            blocks.append((number, *_packed(b"".join(data for _, data in group))))
        if not blocks:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            insert(connection, "blocks", blocks)
            insert(connection, "objects", rows)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._next += len(blocks)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class ObjectReader:
    """Reads a store, also while its writer writes; may be used by several threads."""

    def __init__(self, path: Path) -> None:
        """Open a store.

        Raises:
            Damaged: the file is not a store.
            ArchiveError: it cannot be opened.
        """
        self._path = path
        self._lock = threading.Lock()
        self._block: tuple[int, bytes] = (-1, b"")
        self._connection = connect_reader(path)
        try:
            require_schema(self._connection, path, SCHEMA)
        except BaseException:
            self._connection.close()
            raise

    def get(self, digest: str) -> bytes:
        """Return the object of a digest in hex; its bytes have that digest.

        Raises:
            Missing: it is not there.
            Damaged: what is there is something else.
        """
        key = as_key(digest)
        try:
            with self._lock:
                data = self._find(key)
        except (sqlite3.Error, ValueError, TypeError, zlib.error) as error:
            raise Damaged(f"{self._path} is damaged: object {digest} {error}") from None
        if data is None:
            raise Missing(f"{self._path} has no object {digest}")
        if hashlib.sha256(data).hexdigest() != digest:
            raise Damaged(f"{self._path} is damaged: object {digest} has another digest")
        return data

    def _find(self, digest: bytes) -> bytes | None:
        place = self._connection.execute(
            "SELECT block, start, size FROM objects WHERE digest = ?", (digest,)
        ).fetchone()
        if place is None:
            return None
        return self._at(*place)

    def _at(self, number: int, start: int, size: int) -> bytes:
        if number != self._block[0]:
            row = self._connection.execute(
                "SELECT codec, size, data FROM blocks WHERE number = ?", (number,)
            ).fetchone()
            if row is None:
                raise ValueError(f"has no block {number}")
            self._block = (number, _unpacked(*row))
        return self._block[1][start : start + size]

    def sound(self, digests: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Yield those of some objects that are there and sound, with their digests.

        They are looked up together, as beside a busy thread each call of SQLite is a wait; and
        come block after block.
        """
        query = "SELECT block, start, size, digest FROM objects WHERE digest IN"
        with self._lock:
            # By what they look like: in a store of anybody's a number may be a text.
            places = sorted(set(select_in(self._connection, query, digests)), key=repr)
        for *place, digest in places:
            try:
                with self._lock:
                    data = self._at(*place)
            except (sqlite3.Error, ValueError, TypeError, zlib.error):
                continue
            if hashlib.sha256(data).digest() == digest:
                yield digest, data

    def has(self, digest: str) -> bool:
        """Whether there is an object of a digest in hex."""
        query = "SELECT 1 FROM objects WHERE digest = ?"
        with self._lock:
            return self._connection.execute(query, (as_key(digest),)).fetchone() is not None

    def sizes(self, digests: Iterable[str]) -> dict[str, int]:
        """Return the sizes in bytes of those objects that are there, as the store states them.

        Raises:
            sqlite3.Error: the store cannot be read.
        """
        query = "SELECT digest, size FROM objects WHERE digest IN"
        with self._lock:
            rows = list(select_in(self._connection, query, map(bytes.fromhex, digests)))
        return {digest.hex(): size for digest, size in rows}

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


def as_key(digest: str) -> bytes:
    """Return a digest in hex as the store keeps it.

    Raises:
        Missing: it is no digest, so nothing has it.
    """
    try:
        return bytes.fromhex(digest)
    except ValueError:
        raise Missing(f"there is no object {digest[:80]!a}: that is no digest") from None


def _grouped(objects: Iterable[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    group: list[tuple[bytes, bytes]] = []
    size = 0
    for item in objects:
        if group and size + len(item[1]) > _BLOCK_BYTES:
            yield group
            group, size = [], 0
        group.append(item)
        size += len(item[1])
    if group:
        yield group


def _packed(data: bytes) -> tuple[int, int, bytes]:
    """Return codec, size and bytes to store."""
    packed = zlib.compress(data, _LEVEL)
    return (_ZLIB, len(data), packed) if len(packed) < len(data) else (_PLAIN, len(data), data)


def _unpacked(codec: int, size: int, data: bytes) -> bytes:
    """Undo `_packed`, for input that may be anybody's.

    Raises:
        ValueError, TypeError, zlib.error: it is not what `_packed` returned.
    """
    if type(data) is not bytes or not 0 <= size <= OBJECT_BYTES:
        raise ValueError(f"is larger than {OBJECT_BYTES} bytes, or no bytes at all")
    if codec == _PLAIN:
        plain = data
    elif codec == _ZLIB:
        unpacker = zlib.decompressobj()
        # One byte more than it should have: enough to see that it has more.
        plain = unpacker.decompress(data, size + 1)
    else:
        raise ValueError(f"has the unknown codec {ascii(codec)[:20]}")
    if len(plain) != size:
        raise ValueError("does not have the size that is stated")
    return plain
