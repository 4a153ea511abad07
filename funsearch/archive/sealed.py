"""A cache beside the log that the log's key vouches for: what a search had come to at a checkpoint.

Five lines, then the data: what it is, the number of entries, the root of the tree over them, the
SHA-256 of the data, and the signature of the log's key on the four lines before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path

from funsearch.archive import files
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.log import LogReader
from funsearch.archive.tlog import merkle

NAME = "state"
_TITLE = "funsearch state"
_HEAD_BYTES = 400
_DATA_BYTES = 4 << 30


def write(archive: Archive, size: int, data: bytes) -> None:
    """Keep what the first entries of a log imply; it need not survive a power cut.

    Args:
        archive: open for writing.
        size: number of those entries; no other was appended yet.
        data: what they imply.

    Raises:
        ArchiveError: it cannot be written, or `size` is not that of the log.
    """
    checkpoint = archive.checkpoint()
    if checkpoint.size != size:
        raise ArchiveError(f"{archive.folder} has {checkpoint.size} records, not {size}")
    head = _head(size, checkpoint.root, hashlib.sha256(data).hexdigest())
    signature = base64.b64encode(archive.sign(head))
    half = archive.folder / f"{NAME}.tmp"
    try:
        with half.open("wb") as file:
            file.write(head + signature + b"\n")
            file.write(data)
        half.replace(archive.folder / NAME)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise ArchiveError(f"{archive.folder / NAME}: {error.strerror}") from None


def read(folder: Path, log: LogReader) -> tuple[int, bytes] | None:
    """Return the number of entries and what they imply; None if nothing is kept.

    Raises:
        Damaged: it is not what the writer of this log kept, or of another log.
        ArchiveError: it cannot be read.
    """
    path = folder / NAME
    try:
        text = files.read_bounded(path, _HEAD_BYTES + _DATA_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from None
    try:
        title, size, root, digest, signature = text[:_HEAD_BYTES].decode("latin-1").split("\n")[:5]
        number = int(size) if size.isascii() and size.isdecimal() else -1
        head = _head(number, bytes.fromhex(root), digest)
        signed = base64.b64decode(signature, validate=True)
        data = text[len(head) + len(signature) + 1 :]
        sound = (
            f"{title}\n{size}\n{root}\n{digest}\n".encode("latin-1") == head
            and log.verifier.verifies(head.decode(), signed)
            and hashlib.sha256(data).hexdigest() == digest
        )
    except (ValueError, binascii.Error):
        sound, number, data, root = False, -1, b"", ""
    if not sound:
        raise Damaged(f"{path} is damaged: it is not what the writer of this log kept; remove it")
    if number > log.tree.size or merkle.root(number, log.tree.subtree).hex() != root:
        raise Damaged(f"{path} is of another log, or the log was rolled back")
    return number, data


def _head(size: int, root: bytes, digest: str) -> bytes:
    return f"{_TITLE}\n{size}\n{root.hex()}\n{digest}\n".encode()
