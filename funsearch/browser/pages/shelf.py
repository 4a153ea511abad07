"""The attached runs: opened when somebody asks, one question at a time each, and given back.

Each question has so many seconds; then its query is stopped, and whoever asked is told.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from funsearch.archive.errors import ArchiveError, Missing
from funsearch.archive.runs import find_runs
from funsearch.browser.facts.attached import Attached

SECONDS = 5.0
"""That a page has for its queries."""
MOST_OPEN = 16
"""Runs; each has a few files open and a few megabytes of its index at hand."""
_SLICE = 0.1
"""Seconds that counting takes at a time: whoever asks for a page waits no longer for it."""
_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""
_PAGES = "PRAGMA cache_size = -4096"


class TooLong(Exception):
    """A question took more time than it may."""


class _Open:
    """A run that is open, and the moment at which its question is stopped."""

    def __init__(self, attached: Attached) -> None:
        self.attached = attached
        self.lock = threading.Lock()
        self.deadline = float("inf")
        self.closed = False
        index = attached.reader.index
        index.execute(_PAGES)
        index.set_progress_handler(lambda: time.monotonic() > self.deadline, _STEPS)

    def close(self) -> None:
        with self.lock:
            self.closed = True
            self.attached.close()


class Shelf:
    """Runs by the names that addresses use; any thread may ask."""

    def __init__(
        self, folders: Sequence[Path], root: Path | None = None, seconds: float = SECONDS
    ) -> None:
        """Put runs on the shelf; nothing is opened yet.

        Args:
            folders: of the runs.
            root: folder of all runs, whose runs are all shown as they come; None for none.
            seconds: that a page has for its queries.
        """
        self._given, self._root, self._seconds = tuple(folders), root, seconds
        self._lock = threading.Lock()
        self._opened: OrderedDict[str, _Open] = OrderedDict()
        self._counting: set[str] = set()
        self._closed = False

    def folders(self) -> Mapping[str, Path]:
        """Return the folders by name, the latest name first; equal names get a number."""
        found = [*self._given, *([] if self._root is None else find_runs(self._root))]
        named: dict[str, Path] = {}
        for folder in dict.fromkeys(path.absolute() for path in found):
            base = folder.name.encode("utf-8", "replace").decode() or "run"
            name, number = base, 2
            while name in named:
                name, number = f"{base}-{number}", number + 1
            named[name] = folder
        return dict(sorted(named.items(), reverse=True))

    @contextlib.contextmanager
    def ask(self, name: str, seconds: float | None = None) -> Iterator[Attached]:
        """Lend a run to one question.

        Raises:
            Missing: there is no such run.
            ArchiveError: it cannot be shown.
            TooLong: the question, or those before it, took too long.
        """
        allowed = self._seconds if seconds is None else seconds
        opened = self._lent(name, allowed)
        try:
            opened.deadline = time.monotonic() + allowed
            yield opened.attached
        except sqlite3.OperationalError as error:
            if time.monotonic() > opened.deadline:
                raise TooLong from None
            raise ArchiveError(f"the index cannot be read: {error}") from None
        except sqlite3.Error as error:
            raise ArchiveError(f"the index is damaged: {error}") from None
        finally:
            opened.deadline = float("inf")
            opened.lock.release()

    def _lent(self, name: str, seconds: float) -> _Open:
        """Return a run that is open, and locked for who asks."""
        end = time.monotonic() + seconds
        while True:
            opened = self._open(name)
            if not opened.lock.acquire(timeout=max(0.0, end - time.monotonic())):
                raise TooLong
            if not opened.closed:
                return opened
            # Given back between the two, to make room: it is opened again.
            opened.lock.release()

    def count(self, name: str) -> bool:
        """Count what is new in a run for a moment; return whether nothing is left."""
        with self.ask(name) as attached:
            return attached.tally.follow(_SLICE)

    def hasten(self, name: str) -> None:
        """Go on counting a run beside all else, until its counts are complete."""
        with self._lock:
            if name in self._counting or self._closed:
                return
            self._counting.add(name)
        threading.Thread(target=self._count_on, args=(name,), daemon=True).start()

    def _count_on(self, name: str) -> None:
        try:
            with contextlib.suppress(ArchiveError, TooLong):
                while not self._closed and not self.count(name):
                    pass
        finally:
            with self._lock:
                self._counting.discard(name)

    def _open(self, name: str) -> _Open:
        with self._lock:
            if name in self._opened:
                self._opened.move_to_end(name)
                return self._opened[name]
        folder = self.folders().get(name)
        if folder is None:
            raise Missing("no run of that name is attached")
        opened = _Open(Attached.open(folder, name))
        with self._lock:
            kept = self._opened.setdefault(name, opened)
            self._opened.move_to_end(name)
            beyond = [self._opened.popitem(last=False)[1]] if len(self._opened) > MOST_OPEN else []
        for one in [*beyond, *([opened] if kept is not opened else [])]:
            one.close()
        return kept

    def close(self) -> None:
        """Give all files back."""
        self._closed = True
        with self._lock:
            opened = list(self._opened.values())
            self._opened.clear()
        for one in opened:
            one.close()
