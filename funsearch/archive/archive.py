"""The archive of one run: one writer with group commit; acknowledged means on the disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from funsearch.archive import files, journal, log_writer, migration, objects, references
from funsearch.archive.errors import ArchiveError, Unrecordable
from funsearch.archive.indexer import Indexer, Taken
from funsearch.archive.log import LogReader, read_records
from funsearch.archive.log_writer import LogWriter
from funsearch.archive.objects import OBJECT_BYTES, ObjectReader, ObjectWriter, as_key
from funsearch.archive.records import (
    Record,
)
from funsearch.archive.statement import encode
from funsearch.archive.tlog import merkle
from funsearch.archive.tlog.note import Checkpoint

_MOST_KNOWN = 65_536
"""Digests of objects that are remembered, so that not each parent has to be looked up."""


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

    start: int
    records: list[Record] = field(default_factory=list[Record])
    entries: list[bytes] = field(default_factory=list[bytes])
    leaves: list[bytes] = field(default_factory=list[bytes])
    lines: list[bytes] = field(default_factory=list[bytes])
    objects: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    done: Future[None] = field(default_factory=_running_future)

    def taken(self) -> list[Taken]:
        """Return its records as the index takes them in."""
        numbers = range(self.start, self.start + len(self.records))
        return list(map(Taken, numbers, self.records, self.leaves))


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
            self._log = LogWriter(folder)
            stack.callback(self._log.abandon)
            self._store = ObjectWriter(folder / files.OBJECTS)
            stack.callback(self._store.close)
            self._reader = ObjectReader(folder / files.OBJECTS)
            stack.callback(self._reader.close)
            self._indexer = Indexer(folder)
            stack.callback(self._indexer.close)
            self._resources = stack.pop_all()
        self._next = self._log.size
        self._group = self._writing = _Group(self._next)
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._asked: Future[Checkpoint] | None = None
        self._failure = ""
        self._closed = False
        self._work = threading.Condition(threading.Lock())
        self._indexer.advance(self._next)
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
        """Open the folder of a run to go on with it; one of an older format is migrated first.

        Raises:
            Damaged: a file is not what was written.
            ArchiveError: it is not the folder of a run, of another version, or being written.
        """
        if files.read_format(folder) in files.OLDER_FORMATS:
            migration.migrate(folder)
        files.check_format(folder)
        return cls(folder)

    @property
    def verifier(self) -> str:
        """Public key of the log, as text."""
        return self._log.signer.verifier.text

    def sign(self, message: bytes) -> bytes:
        """Return the signature of the log's key on what is derived from the log."""
        return self._log.signer.sign_bytes(message)

    def append(self, record: Record, objects: Iterable[bytes] = ()) -> Receipt:
        """Add a record, and the texts that it names by digest; returns at once.

        How much waits to be written is for the caller to bound.

        Raises:
            Unrecordable: the record is incomplete, it names a text, a parent or a record that is
                not there, or an object is too large; nothing is added.
            ArchiveError: the archive is closed, or the disk failed.
        """
        named = {hashlib.sha256(data).digest(): data for data in objects}
        for data in named.values():
            if len(data) > OBJECT_BYTES:
                raise Unrecordable(f"an object has {len(data)} bytes, the most is {OBJECT_BYTES}")
        entry = encode(record)
        leaf = merkle.leaf_hash(entry)
        line = journal.line(leaf, entry)
        with self._work:
            if self._failure or self._closed:
                raise ArchiveError(self._failure or f"{self.folder} is closed")
            number = self._next
            self._refuse_untraceable(number, record, named)
            self._next = number + 1
            group = self._group
            group.records.append(record)
            group.entries.append(entry)
            group.leaves.append(leaf)
            group.lines.append(line)
            group.objects.update(named)
            self._remember(named)
            self._work.notify()
        return Receipt(number, group.done)

    def _refuse_untraceable(
        self, number: int, record: Record, given: Mapping[bytes, bytes]
    ) -> None:
        """Refuse a record that refers to what nobody could look up."""
        for target in references.records_of(record):
            if target >= number:
                raise Unrecordable(f"refers to record {target}, which is not there yet")
        for digest in references.objects_of(record):
            key = as_key(digest)
            if key in given:
                continue
            if key not in self._known:
                if key not in self._writing.objects and not self._reader.has(digest):
                    raise Unrecordable(f"names the object {digest}, which is not there")
                self._remember((key,))

    def _remember(self, keys: Iterable[bytes]) -> None:
        for key in keys:
            self._known[key] = None
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    def checkpoint(self) -> Checkpoint:
        """Wait until all that was appended is acknowledged and signed; return what was signed.

        Raises:
            ArchiveError: the archive is closed, the disk failed, or there are no entries.
        """
        with self._work:
            if self._failure or self._closed:
                raise ArchiveError(self._failure or f"{self.folder} is closed")
            if not self._next:
                raise ArchiveError(f"{self.folder} has no records to sign")
            if self._asked is None:
                self._asked = Future()
            asked = self._asked
            self._work.notify()
        return asked.result()

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

    @property
    def size(self) -> int:
        """Number of records that were appended, acknowledged or not."""
        with self._work:
            return self._next

    def records(self, start: int = 0) -> Iterator[tuple[int, Record]]:
        """Yield the number and record of all that is acknowledged at the call, in order.

        Args:
            start: number of the first one wanted.

        Raises:
            Damaged: a record is not what was written.
        """
        return read_records(LogReader(self.folder), start, self._log.size)

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
        self._indexer.reach(self._log.size)

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
        self._indexer.reach(self._log.size)
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
        try:
            while (group := self._next_group()) is not None:
                if group.lines:
                    self._store.add(group.objects)
                    self._log.commit(group.entries, group.leaves, group.lines)
                    group.done.set_result(None)
                    self._indexer.advance(self._log.size, group.taken())
                due = self._log.seconds_to_publish
                if due is not None and due <= 0:
                    self._log.publish()
                self._answer()
            self._answer()
            self._log.close()
        except Exception as error:
            # Whatever it is, those who wait must hear of it.
            self._fail(_cause(error))

    def _answer(self) -> None:
        """Sign for those who asked, once all that was appended before is acknowledged."""
        with self._work:
            asked = self._asked
            if asked is None or self._group.lines:
                return
            self._asked = None
        self._log.publish()
        assert self._log.checkpoint is not None, "there are entries"
        asked.set_result(self._log.checkpoint)

    def _next_group(self) -> _Group | None:
        """Return what to write next, an empty group if a checkpoint is due, None at the end."""
        with self._work:
            self._writing = _Group(self._next)
            while not self._group.lines:
                due = self._log.seconds_to_publish
                if self._closed:
                    return None
                if self._asked is not None or (due is not None and due <= 0):
                    return self._writing
                self._work.wait(due)
            group = self._writing = self._group
            self._group = _Group(self._next)
            return group

    def _fail(self, cause: str) -> None:
        with self._work:
            self._failure = (
                f"{self.folder} cannot be written any more: {cause}; all that was acknowledged "
                "is kept: make room and resume"
            )
            lost = [group.done for group in (self._writing, self._group)]
            lost += [] if self._asked is None else [self._asked]
        for done in lost:
            if not done.done():
                done.set_exception(ArchiveError(self._failure))


def _cause(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error) or repr(error)


def _lay_out(folder: Path, config: str) -> None:
    files.write_new(folder / files.CONFIG, config.encode())
    log_writer.create(folder)
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
