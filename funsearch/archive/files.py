"""The files of a run's folder: how it is laid out, opened without surprises, and locked."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from funsearch.archive.errors import ArchiveError

FORMAT = "funsearch run 3"
"""What the file `format` says; another number is another layout."""
OLDER_FORMATS = frozenset({"funsearch run 2"})
"""Those that can be migrated."""

CONFIG = "config.yaml"
MARKER = "format"
LOCK = "lock"
INDEX_LOCK = "index.lock"
LOG = "log"
JOURNAL = f"{LOG}/journal"
CHECKPOINT = f"{LOG}/checkpoint"
CHECKPOINTS = f"{LOG}/checkpoints"
VERIFIER = f"{LOG}/vkey"
PRIVATE_KEY = "log.key"
OBJECTS = "objects.db"
INDEX = "index.db"

_LOCK_TRIES = 20
_LOCK_PAUSE_S = 0.01


def open_regular(path: Path, flags: int = os.O_RDONLY) -> int:
    """Return a descriptor of a regular file, which is not reached through a link.

    Raises:
        OSError: there is no such file, it is of another kind, or it cannot be opened.
    """
    # Without O_NONBLOCK a named pipe in its place would wait for ever.
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "is not a regular file")
    return descriptor


def refuse_links(folder: Path) -> None:
    """Refuse a folder in which a name of ours leads elsewhere.

    SQLite opens its files by name; this is what keeps it from those of somebody else.

    Raises:
        ArchiveError: one does.
    """
    databases = [
        f"{name}{suffix}"
        for name in (OBJECTS, INDEX)
        for suffix in ("", "-wal", "-shm", "-journal")
    ]
    for name in [LOG, *databases]:
        with contextlib.suppress(FileNotFoundError):
            mode = os.lstat(folder / name).st_mode
            if not (stat.S_ISDIR(mode) if name == LOG else stat.S_ISREG(mode)):
                raise ArchiveError(f"{folder / name} is a link or no plain file; remove it")


def check_format(folder: Path) -> None:
    """Refuse what is not a run's folder of this version.

    Raises:
        ArchiveError: it is not.
    """
    said = read_format(folder)
    if said != FORMAT:
        older = said in OLDER_FORMATS
        hint = f": `funsearch archive migrate {folder}` brings it to that" if older else ""
        raise ArchiveError(f"{folder} is in format {said!a}; this program reads '{FORMAT}'{hint}")
    refuse_links(folder)


def read_format(folder: Path) -> str:
    """Return the format that a folder says it has.

    Raises:
        ArchiveError: it is not the folder of a run.
    """
    try:
        return read_bounded(folder / MARKER, 80).decode("ascii", "replace").strip()
    except FileNotFoundError:
        raise ArchiveError(
            f"{folder} is not the folder of a run: it has no file {MARKER}"
        ) from None
    except OSError as error:
        raise ArchiveError(f"{folder / MARKER} cannot be read: {error.strerror}") from None


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not exist yet; on return it is on the disk.

    Raises:
        OSError: it was not written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def replace_durably(path: Path, data: bytes) -> None:
    """Put a file in the place of another, at once or not at all; on return it is on the disk.

    Raises:
        OSError: one of the two is there.
    """
    half = path.with_name(f"{path.name}.tmp")
    half.unlink(missing_ok=True)
    write_new(half, data)
    half.replace(path)
    sync_folder(path.parent)


def read_bounded(path: Path, most: int) -> bytes:
    """Return the content of a regular file, at most one byte more than `most`.

    Raises:
        OSError: there is no such file, it is of another kind, or it cannot be read.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        return file.read(most + 1)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock_writer(folder: Path) -> int:
    """Return a descriptor that holds the folder for the one writer, until it is closed.

    Processes forked from here without exec share the lock, and keep it when the writer dies.

    Raises:
        ArchiveError: another process holds it.
    """
    descriptor = _open_lock(folder / LOCK)
    # A reader that looks whether there is a writer holds the lock for a moment.
    for last in [False] * (_LOCK_TRIES - 1) + [True]:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if last:
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                os.close(descriptor)
                raise ArchiveError(
                    f"{folder} is being written by process {ascii(holder)[1:-1]}"
                ) from None
            time.sleep(_LOCK_PAUSE_S)
        else:
            break
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    return descriptor


def _open_lock(path: Path) -> int:
    try:
        return open_regular(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be opened: {error.strerror}") from None


def has_writer(folder: Path) -> bool:
    """Say whether a process is writing the run at this moment."""
    try:
        descriptor = open_regular(folder / LOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def index_lock(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the index for its one writer; yields whether it could be had.

    Args:
        folder: of the run.
        wait: for another to finish, which takes seconds; else try once.
    """
    try:
        descriptor = open_regular(folder / INDEX_LOCK, os.O_RDWR | os.O_CREAT)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
