"""A witness: co-signs the checkpoints of logs that extend what it saw of them before, and no other.

It remembers in a folder of its own, which the writer of no log should be able to write. A log that
shows two histories, or a shorter one than before, is refused, and both checkpoints are kept.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from funsearch.archive import files
from funsearch.archive.errors import ArchiveError
from funsearch.archive.tlog import merkle, note
from funsearch.archive.tlog.note import BadNote, Checkpoint, Note, Signer, Verifier
from funsearch.archive.tlog.tiles import BadLog, Fetch, Tree

WITNESSED = f"{files.LOG}/witness"
"""Folder of a run for the co-signed checkpoints of witnesses, by the id of their keys."""

_KEY_BYTES = 1000
_STATE_BYTES = _KEY_BYTES + 2 * note.NOTE_BYTES


class Refused(ArchiveError):
    """A log is not what the witness saw before; the message names the files that prove it."""


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint that a witness has co-signed.

    Attributes:
        checkpoint: of the log.
        before: the last one that the witness had seen; None at first sight.
        log: key of the log.
        witness: key of the witness.
        text: the note, with the signatures of both.
    """

    checkpoint: Checkpoint
    before: Checkpoint | None
    log: Verifier
    witness: Verifier
    text: str


class Witness:
    """A key, and what its holder saw of logs."""

    def __init__(self, folder: Path) -> None:
        """Open the folder of a witness; one that is not there is made, with a new key.

        Raises:
            ArchiveError: it cannot be written, or holds no key.
        """
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in ("logs", "places", "evidence"):
                (folder / name).mkdir(exist_ok=True)
            with self._locked():
                self._signer = self._read_key() or self._make_key()
        except OSError as error:
            raise ArchiveError(f"{folder} cannot be written: {error.strerror}") from None

    @property
    def verifier(self) -> Verifier:
        """The public key."""
        return self._signer.verifier

    def look(self, fetch: Fetch, place: str, seconds: int) -> Witnessed:
        """Co-sign the checkpoint that a log shows now, if it extends what was seen before.

        At first sight of a log its key is believed; later it must be the same.

        Args:
            fetch: reads the files of the log, which may be anybody's.
            place: where that is, as it was given.
            seconds: time since the epoch.

        Raises:
            Refused: the log shows another history, a shorter one, or another key than before.
            ArchiveError: the log cannot be had, or is not what its checkpoint says; or the
                folder of the witness cannot be written.
        """
        try:
            # Another look at the same time would else see this one as an older history.
            with self._locked():
                log, shown = _fetched(fetch, place)
                checkpoint = note.open_checkpoint(shown.text, log)
                self._refuse_other_log(place, log)
                before = self._remembered(log)
                self._compare(fetch, place, log, before, shown)
                own = [line for line in shown.lines if line.split(" ")[1] == log.name]
                text = Note(shown.body, (*own, self._signer.cosign(shown.body, seconds))).text
                # Before anybody gets the signature, that it was given is remembered.
                files.replace_durably(self._path("places", place), f"{log.text}\n".encode())
                files.replace_durably(self._path("logs", log.name), f"{log.text}\n{text}".encode())
        except BadNote as error:
            raise ArchiveError(f"{place}: {error}; nothing was signed") from None
        except BadLog as error:
            raise ArchiveError(
                f"{place}: its files do not lead to its checkpoint: {error}; nothing was signed"
            ) from None
        except OSError as error:
            raise ArchiveError(f"{self._folder} cannot be written: {error.strerror}") from None
        seen = None if before is None else note.parse_checkpoint(before.body)
        return Witnessed(checkpoint, seen, log, self.verifier, text)

    def _compare(
        self, fetch: Fetch, place: str, log: Verifier, before: Note | None, shown: Note
    ) -> None:
        """Refuse a checkpoint that does not extend the one seen before."""
        new = note.parse_checkpoint(shown.body)
        if before is None:
            Tree(fetch, new.size, new.root)
            return
        old = note.parse_checkpoint(before.body)
        if new.size < old.size:
            raise Refused(
                f"{place} was rolled back, or is an old copy: it shows {new.size} records, and "
                f"{old.size} were seen before; {self._keep_evidence(log, before, shown)}"
            )
        proof: list[bytes] = []
        if new.size > old.size:
            tree = Tree(fetch, new.size, new.root)
            proof = merkle.consistency_proof(old.size, new.size, tree.subtree)
        if not merkle.is_consistent(old.size, old.root, new.size, new.root, proof):
            raise Refused(
                f"{place} shows another history: its {new.size} records do not begin with the "
                f"{old.size} that were seen before; {self._keep_evidence(log, before, shown)}"
            )

    def _refuse_other_log(self, place: str, log: Verifier) -> None:
        path = self._path("places", place)
        known = _read(path, _KEY_BYTES)
        if known and known.strip() != log.text:
            raise Refused(
                f"{place} shows the log {log.name!a}, whose key is not that of the log that was "
                f"seen there before; if you know that it is a new one, remove {path}"
            )

    def _remembered(self, log: Verifier) -> Note | None:
        """Return the last checkpoint that was seen of a log, or None."""
        path = self._path("logs", log.name)
        text = _read(path, _STATE_BYTES)
        if not text:
            return None
        key, _, rest = text.partition("\n")
        if key != log.text:
            raise Refused(f"the log {log.name!a} shows another key than before, which is in {path}")
        try:
            note.open_checkpoint(rest, log)
            return note.parse_note(rest)
        except BadNote as error:
            raise ArchiveError(f"{path} is not what the witness wrote: {error}") from None

    def _keep_evidence(self, log: Verifier, seen: Note, shown: Note) -> str:
        """Keep two checkpoints that contradict each other, and say where."""
        paths: list[str] = []
        for noted in (seen, shown):
            digest = hashlib.sha256(noted.text.encode()).hexdigest()[:16]
            path = self._folder / "evidence" / f"{_escaped(log.name)}-{digest}"
            files.replace_durably(path, noted.text.encode())
            paths.append(str(path))
        return f"nothing was signed, and both checkpoints are kept: {' and '.join(paths)}"

    def _path(self, kind: str, name: str) -> Path:
        return self._folder / kind / _escaped(name)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder, so that two at once cannot sign two histories."""
        lock = files.open_regular(self._folder / files.LOCK, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _read_key(self) -> Signer | None:
        path = self._folder / "key"
        text = _read(path, _KEY_BYTES)
        if not text:
            return None
        try:
            return Signer.parse(text)
        except BadNote as error:
            raise ArchiveError(f"{path}: {error}; restore it from a copy") from None

    def _make_key(self) -> Signer:
        signer = Signer.generate("funsearch.witness/", witness=True)
        files.replace_durably(self._folder / "vkey", f"{signer.verifier.text}\n".encode())
        half = self._folder / "key.tmp"
        half.unlink(missing_ok=True)
        files.write_new(half, f"{signer.text}\n".encode(), 0o600)
        half.replace(self._folder / "key")
        files.sync_folder(self._folder)
        return signer


def leave(run: Path, witnessed: Witnessed) -> Path | None:
    """Leave a co-signed checkpoint in the folder of its run, with the key that it can be read by.

    Returns:
        The file, or None if the folder cannot be written.
    """
    folder = run / WITNESSED
    path = folder / witnessed.witness.id.hex()
    try:
        folder.mkdir(exist_ok=True)
        if not stat.S_ISDIR(folder.lstat().st_mode):
            return None
        key = path.with_name(f"{path.name}.vkey")
        files.replace_durably(key, f"{witnessed.witness.text}\n".encode())
        files.replace_durably(path, witnessed.text.encode())
    except OSError:
        return None
    return path


def _fetched(fetch: Fetch, place: str) -> tuple[Verifier, Note]:
    """Return the key and the checkpoint that a log shows.

    Raises:
        BadNote: they are none.
        ArchiveError: they cannot be had.
    """
    found: list[str] = []
    for name, most in (("vkey", _KEY_BYTES), ("checkpoint", note.NOTE_BYTES)):
        try:
            found.append(fetch(name, most).decode("utf-8", "replace"))
        except FileNotFoundError:
            raise ArchiveError(f"{place} has no {name}; is it a log that was signed?") from None
    return Verifier.parse(found[0]), note.parse_note(found[1])


def _read(path: Path, most: int) -> str:
    """Return the text of a file of the witness; empty if there is none."""
    try:
        return files.read_bounded(path, most).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _escaped(name: str) -> str:
    """Return a name as one plain file name of its own."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{quote(name, safe='', errors='replace')[:100]}-{digest}"
