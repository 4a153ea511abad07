"""The checkpoints of a log: those it has kept, and those that others hold of it.

Signatures are verified before the entries are read; roots while they are, see `roots`.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from funsearch.archive import files, kept
from funsearch.archive.errors import ArchiveError
from funsearch.archive.examination.report import Findings
from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import BadNote, Checkpoint, Verifier
from funsearch.archive.tlog.witness import WITNESSED

_MOST_WITNESSES = 1000


class Outside(NamedTuple):
    """A checkpoint that is not among those of the log, and where it came from."""

    source: str
    checkpoint: Checkpoint


class Signed:
    """The checkpoints that a log has kept, and the last of them.

    Attributes:
        origin: name of the log.
        last: the last checkpoint; None before there is one.
        behind: whether the file `checkpoint` is one behind, as a writer leaves it that is stopped
            between the two.
        shown: how many records that file says are signed.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.last: Checkpoint | None = None
        self.behind = False
        self.shown = 0
        # Millions, after months of search.
        self._sizes = array("Q")
        self._roots = bytearray()

    def add(self, checkpoint: Checkpoint) -> None:
        """Take down the next one."""
        self.last = checkpoint
        self._sizes.append(checkpoint.size)
        self._roots += checkpoint.root

    def __len__(self) -> int:
        return len(self._sizes)

    def __iter__(self) -> Iterator[Checkpoint]:
        for number, size in enumerate(self._sizes):
            yield Checkpoint(self.origin, size, bytes(self._roots[32 * number : 32 * number + 32]))

    @property
    def size(self) -> int:
        """How many records are signed."""
        return 0 if self.last is None else self.last.size


def read_signed(folder: Path, verifier: Verifier, findings: Findings, *, live: bool) -> Signed:
    """Verify the signature of each checkpoint that a log has kept, and that the last one is right.

    Args:
        folder: of the run.
        verifier: the log's key.
        findings: takes down what is wrong.
        live: whether a writer is at work: what it adds meanwhile is left alone.
    """
    signed = Signed(verifier.name)
    newest = _newest(folder, verifier, findings)
    signed.shown = 0 if newest is None else newest.size
    place = 0
    try:
        for found in kept.read(folder / files.CHECKPOINTS, verifier):
            if found.size < signed.size:
                findings.flaw(files.CHECKPOINTS, f"has {found.size} records after {signed.size}")
                break
            signed.add(found)
            if found == newest:
                place = len(signed)
                if live:
                    break
    except ArchiveError as error:
        _take_down(folder, signed, error, findings)
    findings.checked["checkpoints"] = len(signed)
    _place_newest(signed, newest, place, findings)
    return signed


def _newest(folder: Path, verifier: Verifier, findings: Findings) -> Checkpoint | None:
    """Return what the file `checkpoint` says; None if it says nothing."""
    try:
        data = files.read_bounded(folder / files.CHECKPOINT, note.NOTE_BYTES)
        return note.open_checkpoint(data.decode("utf-8", "replace"), verifier)
    except FileNotFoundError:
        return None
    except OSError as error:
        findings.flaw(files.CHECKPOINT, f"cannot be read: {error.strerror}")
    except BadNote as error:
        findings.flaw(files.CHECKPOINT, f"is not what was written: {error}")
    return None


def _take_down(folder: Path, signed: Signed, error: ArchiveError, findings: Findings) -> None:
    """Take down damage of the kept checkpoints, unless it is what a power cut leaves at the end."""
    path = folder / files.CHECKPOINTS
    try:
        with os.fdopen(files.open_regular(path), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - 4 * note.NOTE_BYTES))
            tail = file.read(4 * note.NOTE_BYTES)
        notes = note.split_notes(tail)
        end = notes[-1][1] if notes else 0
        last = note.parse_checkpoint(note.parse_note(notes[-1][0]).body) if notes else None
        rest = tail[end:].rstrip(b"\0")
        beginning = f"{signed.origin}\n".encode()
        if last == signed.last and (rest.startswith(beginning) or beginning.startswith(rest)):
            findings.warn(
                f"{files.CHECKPOINTS} ends with the beginning of another; the next writer cuts it "
                "off"
            )
            return
    except (OSError, BadNote):
        pass  # the error says more
    findings.flaw(files.CHECKPOINTS, str(error).removeprefix(f"{path} "))


def _place_newest(
    signed: Signed, newest: Checkpoint | None, place: int, findings: Findings
) -> None:
    """Take down if the newest checkpoint is not the last one, nor the one before it.

    Args:
        signed: those that are kept; the newest is added where it is missing.
        newest: what the file `checkpoint` says.
        place: of the newest among the others, from 1; 0 if it is not there.
        findings: takes down what is wrong.
    """
    behind = len(signed) - place
    if newest is not None and not place:
        findings.flaw(files.CHECKPOINTS, f"lacks the last checkpoint, of {newest.size} records")
        if newest.size > signed.size:
            signed.add(newest)
    elif behind > 1:
        what = "is missing" if newest is None else "is an older one"
        findings.flaw(files.CHECKPOINT, f"{what}: it is not the last of those that are kept")
    else:
        signed.behind = behind == 1


def read_outside(
    folder: Path, given: Sequence[str], verifier: Verifier, findings: Findings
) -> list[Outside]:
    """Read the checkpoints that somebody else has kept, and those of witnesses in the folder."""
    paths = [(name, Path(name)) for name in given]
    found: list[Outside] = []
    for name, path in [*paths, *_witnessed(folder)]:
        try:
            text = files.read_bounded(path, note.NOTE_BYTES).decode("utf-8", "replace")
            checkpoint = note.open_checkpoint(text, verifier)
            if (vkey := path.with_name(f"{path.name}.vkey")).is_file():
                _check_cosignature(vkey, text)
        except OSError as error:
            findings.flaw(name, f"cannot be read: {error.strerror}", remedy="name another file")
            continue
        except BadNote as error:
            findings.flaw(name, f"is no checkpoint of this log: {error}")
            continue
        found.append(Outside(name, checkpoint))
    findings.checked["checkpoints of others"] = len(found)
    return found


def _witnessed(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of what witnesses have left."""
    try:
        paths = sorted((folder / WITNESSED).iterdir())[:_MOST_WITNESSES]
    except OSError:
        return
    for path in paths:
        if path.suffix not in (".vkey", ".tmp"):
            yield f"{WITNESSED}/{path.name}", path


def _check_cosignature(vkey: Path, text: str) -> None:
    """Verify a cosignature by the key that lies beside it.

    Raises:
        BadNote: it is not by that key.
        OSError: the key cannot be read.
    """
    witness = Verifier.parse(files.read_bounded(vkey, 1000).decode("utf-8", "replace"))
    if not note.parse_note(text).is_signed_by(witness):
        raise BadNote(f"its cosignature is not by the key in {vkey.name}")
