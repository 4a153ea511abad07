"""The thread that lets the index of a running writer follow its journal."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from funsearch.archive import files
from funsearch.archive.errors import ArchiveError
from funsearch.archive.index import BATCH_ENTRIES, Index
from funsearch.archive.journal import START, Position
from funsearch.archive.records import Record

_PAUSE_S = 0.25
_MOST_WAITING = 16_384


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
        self._wanted = self._done = self._records_end = START
        self._records: list[tuple[Position, Record]] = []
        self._hurry = self._stopped = False
        self._thread = threading.Thread(target=self._run, name="archive-index", daemon=True)
        self._thread.start()

    def advance(self, end: Position, records: Sequence[tuple[Position, Record]] = ()) -> None:
        """Let the index come to a place within about a second.

        Args:
            end: the place.
            records: the last ones before it, each with where it starts. They save reading them
                again; when more wait than memory is set aside for, they are read after all.
        """
        with self._state:
            if len(self._records) > _MOST_WAITING:
                self._records = []
            self._records.extend(records)
            self._records_end = self._wanted = end
            self._state.notify_all()

    def reach(self, end: Position) -> None:
        """Wait until the index has come to a place, or has failed."""
        with self._state:
            self._wanted = max(self._wanted, end)
            self._hurry = True
            self._state.notify_all()
            while self._done.number < end.number and self._thread.is_alive() and not self.error:
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
                index = Index(self._folder)
                try:
                    self._follow(index)
                finally:
                    index.close()
        except Exception as error:
            with self._state:
                self.error = str(error)
                self._state.notify_all()

    def _follow(self, index: Index) -> None:
        while True:
            with self._state:
                self._done = index.place
                self._state.notify_all()
                while self._wanted.number <= index.place.number and not self._stopped:
                    self._state.wait()
                # More will come while it pauses, and many rows cost little more than one.
                self._state.wait_for(lambda: self._hurry or self._stopped, _PAUSE_S)
                if self._stopped:
                    return
                wanted, end = self._wanted, self._records_end
                records, self._records = self._records, []
            # Who waits for a place may have had it read from the journal before its records came.
            records = [item for item in records if item[0].number >= index.place.number]
            if records:
                index.follow(records[0][0])
                ends = [*(start for start, _ in records[BATCH_ENTRIES::BATCH_ENTRIES]), end]
                for number, place in enumerate(ends):
                    index.take(records[number * BATCH_ENTRIES :][:BATCH_ENTRIES], place)
            index.follow(wanted)
