"""The one writer of a log: commits entries to the journal, weaves them into the tree, signs it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from funsearch.archive import files, journal, kept
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.journal import Journal, Tail
from funsearch.archive.log import read_checkpoint, read_verifier
from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import BadNote, Checkpoint, Note, Signer, Verifier
from funsearch.archive.tlog.tiles import WIDTH
from funsearch.archive.weaver import Weaver

PUBLISH_S = 1.0
"""Seconds after which acknowledged entries are covered by a checkpoint."""
PUBLISH_ENTRIES = 1024
"""So many are covered sooner."""

_RESTART_ENTRIES = 16 * WIDTH
"""So many in full bundles are cut off the journal at once, as that waits for the disk a lot."""
_NOTE_TAIL = 4 * note.NOTE_BYTES


def create(folder: Path) -> None:
    """Make the log of a new run, with a key of its own.

    Raises:
        OSError: it cannot be made.
    """
    log = folder / files.LOG
    log.mkdir()
    signer = Signer.generate("funsearch.run/")
    files.write_new(folder / files.PRIVATE_KEY, f"{signer.text}\n".encode(), 0o600)
    files.write_new(folder / files.VERIFIER, f"{signer.verifier.text}\n".encode())
    files.write_new(folder / files.CHECKPOINTS, b"")
    files.write_new(folder / files.JOURNAL, journal.beginning(0))
    files.sync_folder(log)


class LogWriter:
    """The one writer's end of a log; not for several threads at once.

    Attributes:
        size: number of entries that are acknowledged.
        signer: the log's key.
        checkpoint: the last one; None before there is one.
    """

    def __init__(self, folder: Path) -> None:
        """Open a log, and weave in what an earlier writer left in the journal only.

        Raises:
            Damaged: what the last checkpoint covers is not there; no file was changed.
            ArchiveError: a file cannot be read or written.
        """
        self.folder = folder
        self.signer = _read_signer(folder)
        tail = Tail(folder / files.JOURNAL)
        last, whole = _last_checkpoint(folder, self.signer.verifier)
        self._kept = hashlib.sha256()
        for data in _beginning(folder / files.CHECKPOINTS, whole):
            self._kept.update(data)
        try:
            self._weaver = _weave(folder, tail, last)
            self._weaver.mend_edge()
            self._weaver.write_edge()
            self._checkpoints = files.open_regular(
                folder / files.CHECKPOINTS, os.O_WRONLY | os.O_APPEND
            )
        except OSError as error:
            raise _unwritable(folder, error) from None
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, self._checkpoints)
            os.ftruncate(self._checkpoints, whole)
            self._journal = Journal(folder / files.JOURNAL, tail)
            stack.callback(self._journal.close)
            self.checkpoint = last
            self._signed_at = time.monotonic()
            self.size = self._weaver.size
            self._journal_start = tail.start
            try:
                self.publish()
            except OSError as error:
                raise _unwritable(folder, error) from None
            if self.checkpoint and read_checkpoint(folder, self.signer.verifier) != self.checkpoint:
                self._show(self.checkpoint)
            self._resources = stack.pop_all()

    def commit(
        self, entries: Sequence[bytes], leaves: Sequence[bytes], lines: Sequence[bytes]
    ) -> None:
        """Append entries; on return they are acknowledged.

        Args:
            entries: in order.
            leaves: their leaf hashes.
            lines: those of the journal.

        Raises:
            OSError: they are not acknowledged; see `Journal.commit`.
        """
        self._journal.commit(self.size, lines)
        self.size += len(entries)
        self._weaver.add(entries, leaves)

    @property
    def _signed(self) -> int:
        return 0 if self.checkpoint is None else self.checkpoint.size

    @property
    def seconds_to_publish(self) -> float | None:
        """Seconds until a checkpoint is due, not above zero if it is; None if nothing is new."""
        new = self.size - self._signed
        if not new:
            return None
        if new >= PUBLISH_ENTRIES:
            return 0.0
        return self._signed_at + PUBLISH_S - time.monotonic()

    def publish(self) -> None:
        """Write the edge of the tree and sign a checkpoint over all of it, if anything is new.

        Raises:
            OSError: that failed; what is acknowledged is in the journal.
        """
        if self.size == self._signed:
            return
        self._weaver.write_edge()
        found = Checkpoint(self.signer.verifier.name, self.size, self._weaver.root())
        signed = Note(found.body, (self.signer.sign(found.body),))
        text = kept.pinned(self.signer, self._kept.digest(), signed).encode()
        _append(self._checkpoints, text)
        self._kept.update(text)
        self._show(found, signed)
        self.checkpoint, self._signed_at = found, time.monotonic()
        if self.size - self._journal_start >= _RESTART_ENTRIES:
            self._cut_journal()

    def _show(self, checkpoint: Checkpoint, signed: Note | None = None) -> None:
        """Put a checkpoint where readers look for the last one."""
        body = checkpoint.body
        signed = signed or Note(body, (self.signer.sign(body),))
        files.replace_durably(self.folder / files.CHECKPOINT, signed.text.encode())

    def _cut_journal(self) -> None:
        """Cut off the journal what full bundles hold, once they are on the disk."""
        rest = self._weaver.sync()
        start = self._journal_start = self._weaver.durable
        lines = [journal.line_of(entry) for entry in rest]
        self._journal.restart(start, lines)

    def close(self) -> None:
        """Sign what is not signed, and give the files back.

        Raises:
            OSError: that failed; the files were given back, and what is acknowledged is there.
        """
        with self._resources:
            self.publish()
            if self.size - self._journal_start >= WIDTH:
                self._cut_journal()
            else:
                self._weaver.sync()

    def abandon(self) -> None:
        """Give the files back as they are, after the disk failed."""
        self._resources.close()


def _unwritable(folder: Path, error: OSError) -> ArchiveError:
    return ArchiveError(
        f"{folder / files.LOG} cannot be written: {error.strerror}; all that was acknowledged is "
        "kept: make room and try again"
    )


def _weave(folder: Path, tail: Tail, last: Checkpoint | None) -> Weaver:
    signed = 0 if last is None else last.size
    end = tail.start + len(tail.entries)
    where = f"{folder / files.LOG} is damaged:"
    if signed > end:
        if tail.torn:
            raise Damaged(tail.torn, end)
        raise Damaged(
            f"{where} record {end} and those after it are gone; {signed} were signed; nothing was "
            "changed: restore the folder from a copy",
            end,
        )
    if signed < tail.start:
        raise Damaged(
            f"{where} the checkpoints end at {signed}, but the journal begins with {tail.start}; "
            "nothing was changed: restore the folder from a copy",
            signed,
        )
    try:
        weaver, trial = (Weaver(folder / files.LOG, tail.start, dry=dry) for dry in (False, True))
    except (ValueError, FileNotFoundError) as error:
        raise Damaged(f"{where} {error}") from None
    covered = signed - tail.start
    trial.add(tail.entries[:covered], tail.leaves[:covered])
    if last is not None and trial.root() != last.root:
        raise Damaged(
            f"{where} a record before {signed} is not the one that was signed; nothing was "
            f"changed: `funsearch archive verify {folder}` says which"
        )
    weaver.add(tail.entries, tail.leaves)
    return weaver


def _last_checkpoint(folder: Path, verifier: Verifier) -> tuple[Checkpoint | None, int]:
    """Return the last checkpoint that was kept, and where its text ends in the file.

    A power cut may have left a part of one after that.

    Raises:
        Damaged: it is not one of this log.
        ArchiveError: the file cannot be read.
    """
    path = folder / files.CHECKPOINTS
    try:
        with os.fdopen(files.open_regular(path), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(begin := max(0, size - _NOTE_TAIL))
            text = file.read()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None
    notes = note.split_notes(text)
    if not notes:
        return None, 0
    last, end = notes[-1]
    try:
        return note.open_checkpoint(last, verifier), begin + end
    except BadNote as error:
        raise Damaged(f"{path} is damaged: its last checkpoint: {error}") from None


def _read_signer(folder: Path) -> Signer:
    path = folder / files.PRIVATE_KEY
    try:
        signer = Signer.parse(files.read_bounded(path, 1000).decode("utf-8", "replace"))
    except BadNote as error:
        raise Damaged(f"{path} is damaged: {error}") from None
    except FileNotFoundError:
        raise ArchiveError(
            f"{folder} cannot be written: it has no private key ({path.name}); a copy without "
            "it can be read and verified only"
        ) from None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None
    if signer.verifier != read_verifier(folder):
        raise Damaged(f"{folder / files.VERIFIER} is damaged: it is not the public part of {path}")
    return signer


def _beginning(path: Path, size: int) -> Iterator[bytes]:
    """Yield the first bytes of a file, in pieces."""
    try:
        with os.fdopen(files.open_regular(path), "rb") as file:
            while size and (data := file.read(min(size, 1 << 20))):
                yield data
                size -= len(data)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None


def _append(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)
