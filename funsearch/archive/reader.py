"""Reads a run's folder, also while it is being written, and also when it is anybody's."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from funsearch.archive import files, schema
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.index import Index, is_current
from funsearch.archive.log import LogReader, read_records, record_of
from funsearch.archive.objects import ObjectReader
from funsearch.archive.records import Record
from funsearch.archive.sqlite import connect_reader, require_schema

CONFIG_BYTES = 1 << 20
"""Most bytes of a configuration that is read."""


class Reader:
    """A run's folder, read-only but for its index.

    An index that is missing or behind is brought up to date first. Where a writer is at work that
    is his to do, and answers may lag by about a second; where the folder cannot be written, an
    index is made in memory. An index is believed as it is found: whoever has reason to distrust
    the folder it came in calls `index.rebuild` first.

    Attributes:
        folder: of the run.
        log: as it was when the folder was opened.
        index: what the functions of `queries` ask.
    """

    def __init__(self, folder: Path) -> None:
        """Open a run's folder.

        Raises:
            Damaged: a file is not what was written.
            ArchiveError: it is not the folder of a run, or of another version.
        """
        files.check_format(folder)
        self.folder = folder
        with contextlib.ExitStack() as stack:
            self._objects = ObjectReader(folder / files.OBJECTS)
            stack.callback(self._objects.close)
            self.log = LogReader(folder)
            self.index = _open_index(self.log, stack)
            self._resources = stack.pop_all()

    @property
    def is_written(self) -> bool:
        """Whether a process is writing the run at this moment."""
        return files.has_writer(self.folder)

    def config(self) -> str:
        """Return the text of `config.yaml`.

        Raises:
            ArchiveError: it cannot be read.
        """
        try:
            with os.fdopen(files.open_regular(self.folder / files.CONFIG), "rb") as file:
                data = file.read(CONFIG_BYTES + 1)
        except OSError as error:
            raise ArchiveError(f"{self.folder / files.CONFIG}: {error.strerror}") from None
        if len(data) > CONFIG_BYTES:
            raise Damaged(f"{self.folder / files.CONFIG} has more than {CONFIG_BYTES} bytes")
        return data.decode("utf-8", "replace")

    def object(self, digest: str) -> bytes:
        """Return an object by its digest in hex.

        Raises:
            Missing: it is not there.
            Damaged: what is there is something else.
        """
        return self._objects.get(digest)

    def sizes(self, digests: Iterable[str]) -> dict[str, int]:
        """Return the sizes in bytes of those objects that are there, as the store states them.

        Raises:
            sqlite3.Error: the store cannot be read.
        """
        return self._objects.sizes(digests)

    def records(self, start: int = 0) -> Iterator[tuple[int, Record]]:
        """Yield number and record of all entries there are now, in order.

        Raises:
            Damaged: one is not what was written.
        """
        self.log.refresh()
        return read_records(self.log, start)

    def record(self, number: int) -> Record:
        """Return one record by its number.

        Raises:
            Missing: there is none.
            Damaged: it is not what was written.
        """
        if number >= self.log.size:
            self.log.refresh()
        return record_of(self.folder, number, self.log.entry(number))

    def close(self) -> None:
        """Give the files back; may be called twice."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _open_index(log: LogReader, stack: contextlib.ExitStack) -> sqlite3.Connection:
    folder = log.folder
    if (current := _connect(log, stack)) is not None:
        return current
    with files.index_lock(folder, wait=False) as held:
        if held:
            # If this fails, it is because of the disk, or the log; of the latter we hear below.
            with contextlib.suppress(ArchiveError), contextlib.closing(Index.open(folder)) as index:
                index.follow()
    if (current := _connect(log, stack, may_lag=not held)) is not None:
        return current
    index = Index.anew(folder)
    stack.callback(index.close)
    index.follow()
    return index.connection


def _connect(
    log: LogReader, stack: contextlib.ExitStack, *, may_lag: bool = False
) -> sqlite3.Connection | None:
    """Return a connection to the index if there is a sound one."""
    try:
        connection = connect_reader(log.folder / files.INDEX)
    except ArchiveError:
        return None
    try:
        require_schema(connection, log.folder / files.INDEX, schema.expected())
        if may_lag or is_current(log, connection):
            stack.callback(connection.close)
            return connection
    except (sqlite3.Error, Damaged):
        pass
    connection.close()
    return None
