"""The comparison of the index: of a large one in a process, as it takes as long as the rest."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from funsearch.archive import index
from funsearch.archive.errors import ArchiveError

LARGE = 100_000
"""So many records make it worth to start a process."""


class IndexComparison:
    """Compares the index of a run with what log and objects imply."""

    def __init__(self, folder: Path, records: int) -> None:
        """Begin, if there are many records."""
        self._folder = folder
        self._process: BaseProcess | None = None
        if records < LARGE:
            return
        # Not forked: the caller may have threads, which hold locks.
        context = multiprocessing.get_context("spawn")
        self._answer, told = context.Pipe(duplex=False)
        process = context.Process(target=_compare, args=(folder, told), daemon=True)
        process.start()
        told.close()
        self._process = process

    def difference(self) -> str | None:
        """Return the first difference, or None; waits for it.

        Raises:
            ArchiveError: it could not be compared.
        """
        if self._process is None:
            return _difference(self._folder)
        try:
            return self._answer.recv()
        except EOFError:
            raise ArchiveError("the process that compares it has ended") from None

    def close(self) -> None:
        """Give up, if it is not done."""
        if self._process is not None:
            self._process.terminate()
            self._process.join()
            self._process.close()
            self._answer.close()


def _compare(folder: Path, told: Connection) -> None:
    told.send(_difference(folder))


def _difference(folder: Path) -> str | None:
    try:
        return index.compare(folder)
    except ArchiveError as error:
        return str(error)
