"""Files that hold secrets: read without following links, written for their owner alone."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from cluster.security.errors import SecurityError
from funsearch.archive import files

PRIVATE = 0o600
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read(path: Path, most: int, *, private: bool = False) -> bytes:
    """Return the content of a regular file.

    Args:
        path: not a link.
        most: bytes that it may have.
        private: refuse a file that others than its owner may open.

    Raises:
        SecurityError: it cannot be read, or is not such a file.
    """
    try:
        with os.fdopen(files.open_regular(path), "rb") as file:
            if private and os.fstat(file.fileno()).st_mode & _READABLE_BY_OTHERS:
                raise SecurityError(f"{path} may be opened by others: chmod 600 {path}")
            data = file.read(most + 1)
    except OSError as error:
        raise SecurityError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise SecurityError(f"{path} is longer than {most} bytes")
    return data


def replace(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Put a file in the place of another, at once or not at all.

    Raises:
        SecurityError: it was not written.
    """
    half = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        files.write_new(half, data, mode)
        half.replace(path)
        files.sync_folder(path.parent)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise SecurityError(f"{path} cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file for its one writer; another one waits.

    Raises:
        SecurityError: the lock beside it cannot be opened.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        descriptor = files.open_regular(lock, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise SecurityError(f"{lock} cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
