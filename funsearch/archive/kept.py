"""The file of all checkpoints of a log: each note in it pins all before it, so that none can go.

Beside the log's signature each has one more, of the same key under the name `<origin>/kept`, on
the SHA-256 of the file before that note and on the note's text. Who does not know that key skips
the line, as signed notes ask.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from funsearch.archive import files
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.tlog import note
from funsearch.archive.tlog.note import BadNote, Checkpoint, Note, Signer, Verifier

_CHUNK = 1 << 20


def pinning_key(verifier: Verifier) -> Verifier:
    """Return the key of a log under the name that pins checkpoints."""
    return Verifier(f"{verifier.name}/kept", verifier.kind, verifier.public)


def pinned(signer: Signer, before: bytes, checkpoint: Note) -> str:
    """Return a checkpoint as it is kept.

    Args:
        signer: of the log.
        before: SHA-256 of the file so far.
        checkpoint: signed by the log.
    """
    key = pinning_key(signer.verifier)
    message = _message(before, checkpoint.body)
    signature = base64.b64encode(key.id + signer.sign_bytes(message.encode()))
    return f"{checkpoint.text}\N{EM DASH} {key.name} {signature.decode()}\n\n"


def _message(before: bytes, body: str) -> str:
    return f"funsearch checkpoints\n{before.hex()}\n{body}"


def read(path: Path, verifier: Verifier) -> Iterator[Checkpoint]:
    """Yield all checkpoints that are kept, each verified and in its place.

    Raises:
        Damaged: one is not, or what is between them is none.
        ArchiveError: the file cannot be read.
    """
    key = pinning_key(verifier)
    before = hashlib.sha256()
    for number, data in enumerate(_notes(path)):
        try:
            text = data[:-1].decode("utf-8", "replace")
            checkpoint = note.open_checkpoint(text, verifier)
            found = note.parse_note(text)
            line = found.lines[-1].split(" ")
            signature = base64.b64decode(line[2]) if line[1] == key.name else b""
            message = _message(before.digest(), found.body)
            if signature[:4] != key.id or not key.verifies(message, signature[4:]):
                raise BadNote("it does not follow the one before it")
        except (BadNote, ValueError, IndexError) as error:
            raise Damaged(f"{path} is damaged: checkpoint {number}: {error}") from None
        before.update(data)
        yield checkpoint


def _notes(path: Path) -> Iterator[bytes]:
    """Yield the notes of a file, each with the empty line after it."""
    rest = b""
    try:
        with os.fdopen(files.open_regular(path), "rb") as file:
            while chunk := file.read(_CHUNK):
                rest += chunk
                end = 0
                for _, after in note.split_notes(rest):
                    yield rest[end:after]
                    end = after
                rest = rest[end:]
                if len(rest) > 2 * note.NOTE_BYTES:
                    break
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None
    if rest:
        raise Damaged(f"{path} is damaged: it ends with what is no checkpoint")
