"""Files and folders that appear whole or not at all, under names that hostile text cannot bend."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from funsearch.archive.errors import ArchiveError

_LONGEST_NAME = 160


def file_name(text: str) -> str:
    """Return a plain file name, without suffix, for a text that may be anybody's.

    Different texts have different names, and a usual one is its own.
    """
    name = quote(text, safe="=,+ ") or "%"
    if name[0] in ".-~ ":
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{name[: _LONGEST_NAME - 17]}-{digest}"


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that is not there yet; it gets its name when the block has succeeded.

    Raises:
        ArchiveError: there is something of that name, or it cannot be written.
    """
    if os.path.lexists(path):
        raise ArchiveError(f"{path} exists already; name another place with --out, or remove it")
    half = _half(path)
    with _explained(path):
        try:
            with half.open("xb") as file:
                yield file
            half.rename(path)
        finally:
            half.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Fill a folder that is not there yet, or empty; it gets its name when the block has succeeded.

    Raises:
        ArchiveError: there is something of that name, or it cannot be written.
    """
    if os.path.lexists(path) and not _is_empty_folder(path):
        raise ArchiveError(
            f"{path} exists already and is not an empty folder; name another place with --out, or "
            "remove it"
        )
    half = _half(path)
    with _explained(path):
        try:
            half.mkdir()
            yield half
            half.rename(path)
        finally:
            shutil.rmtree(half, ignore_errors=True)


class Once:
    """Tells the first time from later ones, for any number of keys, in a file."""

    def __init__(self, path: Path) -> None:
        self._connection = scratch(path)
        self._connection.execute("CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID")

    def __call__(self, key: str) -> bool:
        """Return whether this is the first call with a key."""
        done = self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,))
        return done.rowcount == 1

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


def scratch(path: Path) -> sqlite3.Connection:
    """Return a database for the time of an export, in which nothing needs to be durable."""
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("BEGIN")
    return connection


def _half(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise ArchiveError(f"{path} cannot be written: there is no folder {path.parent}") from None
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ArchiveError(f"{path} cannot be written: {reason}") from None
