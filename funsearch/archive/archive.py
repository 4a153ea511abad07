"""The archive of one run: one writer with group commit; acknowledged means on the disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from funsearch.archive import files, journal, objects
from funsearch.archive.errors import ArchiveError, Unrecordable
from funsearch.archive.indexer import Indexer
from funsearch.archive.journal import Journal, Position
from funsearch.archive.objects import OBJECT_BYTES, ObjectReader, ObjectWriter, as_key
from funsearch.archive.records import EvaluationRecord, Record
from funsearch.archive.statement import encode


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an append returns at once.

    Attributes:
        number: of the record, from 0, in the order of the calls.
        acknowledged: done once the objects are committed and the record is on the disk; fails
            with an ArchiveError if that cannot be. Records that are committed together share it,
            and it cannot be cancelled.
    """

    number: int
    acknowledged: Future[None]


def _running_future() -> Future[None]:
    future: Future[None] = Future()
    # As it is shared, one caller who loses interest must not cancel it for the others.
    future.set_running_or_notify_cancel()
    return future


@dataclass(slots=True)
class _Group:
    """What is committed together: all that was appended while the group before was written."""

    records: list[tuple[Position, Record]] = field(default_factory=list[tuple[Position, Record]])
    lines: list[bytes] = field(default_factory=list[bytes])
    objects: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    end: Position = journal.START
    done: Future[None] = field(default_factory=_running_future)


class Archive:
    """The one writer of a run's folder.

    All methods may be called from any thread. After an error of the disk nothing more is
    accepted: every pending and later append fails with the same line; what was acknowledged is
    on the disk and the folder can be opened again.
    """

    def __init__(self, folder: Path) -> None:
        """Open a run's folder; `create` and `open` are the ways in."""
        self.folder = folder
        with contextlib.ExitStack() as stack:
            self._lock_file = files.lock_writer(folder)
            stack.callback(os.close, self._lock_file)
            self._journal = Journal(folder / files.JOURNAL)
            stack.callback(self._journal.close)
            self._store = ObjectWriter(folder / files.OBJECTS)
            stack.callback(self._store.close)
            self._reader = ObjectReader(folder / files.OBJECTS)
            stack.callback(self._reader.close)
            self._indexer = Indexer(folder)
            stack.callback(self._indexer.close)
            self._resources = stack.pop_all()
        self._head = self._journal.end
        self._group = self._writing = _Group(end=self._head)
        self._failure = ""
        self._closed = False
        self._work = threading.Condition(threading.Lock())
        self._indexer.advance(self._head)
        self._thread = threading.Thread(target=self._write_groups, name="archive", daemon=True)
        self._thread.start()

    @classmethod
    def create(cls, folder: Path, config: str) -> Self:
        """Make the folder of a new run, and open it.

        Args:
            folder: which must not exist, or be empty.
            config: text of `config.yaml`.

        Raises:
            ArchiveError: the folder is in use or cannot be written; nothing is left of it.
        """
        made = not folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise ArchiveError(f"{folder} is not empty; name another folder for the run")
        except OSError as error:
            raise ArchiveError(f"{folder} cannot be made: {error.strerror}") from None
        try:
            _lay_out(folder, config)
        except (OSError, sqlite3.Error) as error:
            _remove(folder, itself=made)
            raise ArchiveError(f"{folder} cannot be written: {_cause(error)}") from None
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the folder of a run to go on with it.

        Raises:
            Damaged: a file is not what was written.
            ArchiveError: it is not the folder of a run, of another version, or being written.
        """
        files.check_format(folder)
        return cls(folder)

    def append(self, record: Record, objects: Iterable[bytes] = ()) -> Receipt:
        """Add a record, and the texts that it names by digest; returns at once.

        How much waits to be written is for the caller to bound. That the objects are those the
        record names is not checked.

        Raises:
            Unrecordable: the record has no statement, or an object is too large; nothing is added.
            ArchiveError: the archive is closed, or the disk failed.
        """
        named = {hashlib.sha256(data).digest(): data for data in objects}
        for data in named.values():
            if len(data) > OBJECT_BYTES:
                raise Unrecordable(f"an object has {len(data)} bytes, the most is {OBJECT_BYTES}")
        with self._work:
            if self._failure or self._closed:
                raise ArchiveError(self._failure or f"{self.folder} is closed")
            start = self._head
            number, offset, previous = start
            if isinstance(record, EvaluationRecord) and record.generation >= number:
                raise Unrecordable(f"evaluates record {record.generation}, which is not there yet")
            text, digest = journal.line(encode(record, previous))
            self._head = Position(number + 1, offset + len(text), digest)
            group = self._group
            group.records.append((start, record))
            group.lines.append(text)
            group.objects.update(named)
            group.end = self._head
            self._work.notify()
        return Receipt(number, group.done)

    def object(self, digest: str) -> bytes:
        """Return an object by its digest in hex, whether it is committed yet or not.

        Raises:
            Missing: it is not there.
            Damaged: what is there is something else.
        """
        key = as_key(digest)
        with self._work:
            for group in (self._group, self._writing):
                if key in group.objects:
                    return group.objects[key]
        return self._reader.get(digest)

    def records(self) -> Iterator[tuple[int, Record]]:
        """Yield the number and record of all that is acknowledged at the call, in order.

        Raises:
            Damaged: a record is not what was written.
        """
        return journal.read_records(self.folder / files.JOURNAL, self._journal.end)

    def flush(self) -> None:
        """Wait until all that was appended is acknowledged, and the index has it.

        An index that cannot be written is no failure: it is a cache, see `index_error`.

        Raises:
            ArchiveError: the disk failed.
        """
        with self._work:
            waiting = [group.done for group in (self._writing, self._group) if group.lines]
        for done in waiting:
            done.result()
        self._indexer.reach(self._journal.end)

    @property
    def index_error(self) -> str:
        """Why the index has stopped to follow, or empty; it is made whole by who opens it next."""
        return self._indexer.error

    def close(self) -> None:
        """Do what `flush` does, and give the folder back; may be called twice.

        Raises:
            ArchiveError: the disk had failed; the folder was given back all the same.
        """
        with self._work:
            if self._closed:
                return
            self._closed = True
            self._work.notify()
        self._thread.join()
        self._indexer.reach(self._journal.end)
        self._resources.close()
        if self._failure:
            raise ArchiveError(self._failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write_groups(self) -> None:
        while True:
            with self._work:
                while not self._group.lines and not self._closed:
                    self._work.wait()
                group = self._writing = self._group
                if not group.lines:
                    return
                self._group = _Group()
            try:
                self._store.add(group.objects)
                self._journal.commit(b"".join(group.lines), group.end)
            except Exception as error:
                # Whatever it is, those who wait must hear of it.
                self._fail(_cause(error))
                return
            group.done.set_result(None)
            self._indexer.advance(group.end, group.records)
            with self._work:
                self._writing = _Group()

    def _fail(self, cause: str) -> None:
        with self._work:
            self._failure = (
                f"{self.folder} cannot be written any more: {cause}; all that was acknowledged "
                "is kept: make room and resume"
            )
            lost = (self._writing, self._group)
        for group in lost:
            group.done.set_exception(ArchiveError(self._failure))


def _cause(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error) or repr(error)


def _lay_out(folder: Path, config: str) -> None:
    (folder / files.LOG).mkdir()
    files.write_new(folder / files.CONFIG, config.encode())
    files.write_new(folder / files.JOURNAL, b"")
    files.sync_folder(folder / files.LOG)
    objects.create(folder / files.OBJECTS)
    # Last: a folder without it was never finished.
    files.write_new(folder / files.MARKER, f"{files.FORMAT}\n".encode())
    files.sync_folder(folder)
    files.sync_folder(folder.parent)


def _remove(folder: Path, *, itself: bool) -> None:
    """Remove what was made of a folder that was empty before."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if itself:
        with contextlib.suppress(OSError):
            folder.rmdir()
