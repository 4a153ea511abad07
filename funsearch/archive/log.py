"""The log of a run: entries acknowledged by the journal, then woven into a tree that is signed.

One writer and any number of readers, in other processes too. What a reader believes leads to the
root of a signed checkpoint, but for the last entries, which are in the journal only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from funsearch.archive import files
from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.journal import Tail
from funsearch.archive.records import Record
from funsearch.archive.statement import decode
from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import BadNote, Checkpoint, Verifier
from funsearch.archive.tlog.tiles import WIDTH, BadLog, Fetch, Tree
from funsearch.archive.weaver import Weaver


class Entry(NamedTuple):
    """One entry, and its number from 0."""

    number: int
    data: bytes


class LogReader:
    """Reads a log as it was when it was opened or last refreshed.

    Attributes:
        folder: of the log.
        verifier: the log's public key, as the folder has it.
        checkpoint: the last one, its signature verified; None before there is one.
        size: number of entries, those of the journal included.
    """

    def __init__(self, folder: Path) -> None:
        """Open the log of a run's folder.

        Raises:
            Damaged: its edge is not what was signed.
            ArchiveError: it cannot be read.
        """
        self.folder = folder
        self.verifier = read_verifier(folder)
        self.refresh()

    def refresh(self) -> None:
        """Look for what was added since.

        Raises:
            Damaged: its edge is not what was signed.
            ArchiveError: it cannot be read.
        """
        # In this order: what the journal has lost to the tiles, the checkpoint covers.
        self._tail = tail = Tail(self.folder / files.JOURNAL)
        self.checkpoint = read_checkpoint(self.folder, self.verifier)
        self._woven = False
        try:
            self._tree = self._open_tree(fetcher(self.folder))
        except BadLog as error:
            self._weave_in(error)
        covered = 0 if self._tree is None else self._tree.size
        if tail.start > covered:
            raise Damaged(
                f"{self.folder / files.LOG} is damaged: record {covered} is neither in a tile nor "
                f"in the journal, which begins with {tail.start}",
                covered,
            )
        if tail.torn and covered > tail.start + len(tail.entries):
            raise Damaged(tail.torn, tail.start + len(tail.entries))
        self.size = max(covered, tail.start + len(tail.entries))
        for number, leaf in enumerate(tail.leaves[: covered - tail.start], tail.start):
            if leaf != self.leaf(number):
                raise Damaged(
                    f"{self.folder / files.JOURNAL} is damaged: record {number} is not the entry "
                    "that was logged",
                    number,
                )

    def _open_tree(self, fetch: Fetch) -> Tree | None:
        if self.checkpoint is None or not self.checkpoint.size:
            return None
        return Tree(fetch, self.checkpoint.size, self.checkpoint.root)

    def _weave_in(self, error: BadLog) -> None:
        """Read the tree with what the journal makes up for, if that leads to the root.

        A power cut may have taken tiles that were not on the disk yet; the next writer writes them
        again.

        Raises:
            Damaged: it does not, or that was tried before.
        """
        tail, signed = self._tail, self.checkpoint
        if self._woven or signed is None:
            raise damaged(self.folder, error) from None
        self._woven = True
        if not tail.start <= signed.size <= tail.start + len(tail.entries):
            raise damaged(self.folder, error) from None
        try:
            self._tree = self._open_tree(_woven(self.folder, tail, signed.size))
        except (BadLog, ValueError, OSError):
            raise damaged(self.folder, error) from None

    @property
    def tree(self) -> Tree:
        """The tree of the checkpoint.

        Raises:
            Missing: there is no checkpoint yet.
        """
        if self._tree is None:
            raise Missing(f"{self.folder} has no checkpoint yet; close the run first")
        return self._tree

    def leaf(self, number: int) -> bytes:
        """Return the leaf hash of an entry.

        Raises:
            Missing: there is none.
            Damaged: a tile is not what it was.
        """
        if not 0 <= number < self.size:
            raise Missing(f"{self.folder} has no record {number}")
        if self._tree is None or number >= self._tree.size:
            return self._tail.leaves[number - self._tail.start]
        try:
            return self._tree.subtree(0, number)
        except BadLog as error:
            self._weave_in(error)
            return self.leaf(number)

    def entry(self, number: int) -> bytes:
        """Return an entry.

        Raises:
            Missing: there is none.
            Damaged: it is not what was logged.
        """
        for _, data in self.entries(number, number + 1):
            return data
        raise Missing(f"{self.folder} has no record {number}")

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """Yield entries in order, a bundle of them at a time in memory.

        Raises:
            Damaged: one is not what was logged; all before its bundle were yielded.
        """
        end = self.size if end is None else min(end, self.size)
        tail = self._tail
        while self._tree is not None and start < min(end, self._tree.size):
            first = start - start % WIDTH
            try:
                bundle = self._tree.entries(first // WIDTH)
            except BadLog as error:
                self._weave_in(error)
                continue
            for number in range(start, min(end, first + len(bundle))):
                yield Entry(number, bundle[number - first])
            start = first + len(bundle)
        for number in range(start, end):
            yield Entry(number, tail.entries[number - tail.start])


def _woven(folder: Path, tail: Tail, size: int) -> Fetch:
    """Return what reads a log's files as if its journal were woven in up to a size."""
    weaver = Weaver(folder / files.LOG, tail.start, dry=True)
    count = size - tail.start
    weaver.add(tail.entries[:count], tail.leaves[:count])
    weaver.write_edge()
    plain = fetcher(folder)

    def fetch(path: str, most: int) -> bytes:
        known = weaver.unwritten.get(path)
        return plain(path, most) if known is None else known

    return fetch


def fetcher(folder: Path) -> Fetch:
    """Return what reads the files of a run's log."""

    def fetch(path: str, most: int) -> bytes:
        try:
            return files.read_bounded(folder / files.LOG / path, most)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise ArchiveError(f"{folder / files.LOG / path}: {error.strerror}") from None

    return fetch


def damaged(folder: Path, error: BadLog) -> Damaged:
    """Return the complaint about a log whose files do not lead to its root."""
    message = f"{folder / files.LOG} is damaged: record {error.entry}: {error}"
    return Damaged(message, error.entry)


def read_verifier(folder: Path) -> Verifier:
    """Return the public key of a run's log.

    Raises:
        Damaged: it is not one.
        ArchiveError: it cannot be read.
    """
    path = folder / files.VERIFIER
    try:
        return Verifier.parse(files.read_bounded(path, 1000).decode("utf-8", "replace"))
    except BadNote as error:
        raise Damaged(f"{path} is damaged: {error}") from None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None


def read_checkpoint(folder: Path, verifier: Verifier) -> Checkpoint | None:
    """Return the last checkpoint of a run's log, its signature verified; None if there is none.

    Raises:
        Damaged: it is not one of this log.
        ArchiveError: it cannot be read.
    """
    path = folder / files.CHECKPOINT
    try:
        text = files.read_bounded(path, note.NOTE_BYTES).decode("utf-8", "replace")
        return note.open_checkpoint(text, verifier)
    except BadNote as error:
        raise Damaged(f"{path} is damaged: {error}") from None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None


def read_records(
    log: LogReader, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, Record]]:
    """Yield number and record of the entries of a log, in order.

    Raises:
        Damaged: one is not what was logged, or no proper statement.
    """
    for number, data in log.entries(start, end):
        yield number, record_of(log.folder, number, data)


def record_of(folder: Path, number: int, data: bytes) -> Record:
    """Return what an entry states.

    Raises:
        Damaged: it is no proper statement.
    """
    try:
        return decode(data)
    except ValueError as error:
        message = f"{folder / files.LOG} is damaged: record {number} {error}"
        raise Damaged(message, number) from None
