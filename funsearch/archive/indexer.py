"""The thread that lets the index of a running writer follow its log."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from funsearch.archive import files
from funsearch.archive.errors import ArchiveError
from funsearch.archive.feed import BATCH_ENTRIES
from funsearch.archive.index import Index
from funsearch.archive.records import Record
from funsearch.archive.sources import LiveSources, Sources

_PAUSE_S = 0.25
_MOST_WAITING = 16_384


class Taken(NamedTuple):
    """A record that was just acknowledged, its number, and the leaf hash of its entry."""

    number: int
    record: Record
    leaf: bytes


class Indexer:
    """Brings the index up to date a few times a second, off the writer's path.

    What goes wrong here is no matter of the log's: it is kept in `error`, the index stays behind,
    and whoever opens it next makes it whole.
    """

    def __init__(self, folder: Path) -> None:
        """Start to follow; the index is opened in the thread, as that may mean to rebuild it."""
        self.error = ""
        self._folder = folder
        self._state = threading.Condition()
        self._wanted = self._done = 0
        self._taken: list[Taken] = []
        self._hurry = self._stopped = False
        self._thread = threading.Thread(target=self._run, name="archive-index", daemon=True)
        self._thread.start()

    def advance(self, end: int, taken: Sequence[Taken] = ()) -> None:
        """Let the index take in all entries before a number within about a second.

        Args:
            end: the number.
            taken: the last records before it. They save reading them again; when more wait than
                memory is set aside for, they are read after all.
        """
        with self._state:
            if len(self._taken) > _MOST_WAITING:
                self._taken = []
            self._taken.extend(taken)
            self._wanted = end
            self._state.notify_all()

    def reach(self, end: int) -> None:
        """Wait until the index has all entries before a number, or has failed."""
        with self._state:
            self._wanted = max(self._wanted, end)
            self._hurry = True
            self._state.notify_all()
            while self._done < end and self._thread.is_alive() and not self.error:
                self._state.wait()
            self._hurry = False

    def close(self) -> None:
        """Stop where it is, and give the files back."""
        with self._state:
            self._stopped = True
            self._state.notify_all()
        self._thread.join()

    def _run(self) -> None:
        try:
            with files.index_lock(self._folder, wait=True) as held:
                if not held:
                    raise ArchiveError("the index cannot be locked")
                with (
                    contextlib.closing(Index.open(self._folder)) as index,
                    LiveSources(self._folder) as sources,
                ):
                    self._follow(index, sources)
        except Exception as error:
            with self._state:
                self.error = str(error)
                self._state.notify_all()

    def _follow(self, index: Index, sources: Sources) -> None:
        while True:
            with self._state:
                self._done = index.size
                self._state.notify_all()
                while self._wanted <= index.size and not self._stopped:
                    self._state.wait()
                # More will come while it pauses, and many rows cost little more than one.
                self._state.wait_for(lambda: self._hurry or self._stopped, _PAUSE_S)
                if self._stopped:
                    return
                wanted = self._wanted
                taken, self._taken = self._taken, []
            # Who waits for a place may have had it read from the log before its records came.
            taken = [item for item in taken if item.number >= index.size]
            if taken:
                index.follow(taken[0].number)
            for start in range(0, len(taken), BATCH_ENTRIES):
                batch = taken[start : start + BATCH_ENTRIES]
                records = [(item.number, item.record) for item in batch]
                index.take(records, batch[-1].leaf, sources)
            index.follow(wanted)
