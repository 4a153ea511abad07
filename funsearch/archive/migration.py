"""Brings a run's folder of an older format to this one; every entry stays as it was written.

Format 2 kept all entries in one journal, each naming the digest of the one before. They become
the entries of a signed log, byte for byte, so that whatever was said of them holds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from funsearch.archive import files, journal, log_writer
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.log import LogReader
from funsearch.archive.log_writer import LogWriter
from funsearch.archive.statement import ENTRY_BYTES
from funsearch.archive.tlog import merkle

FORMAT_2 = "funsearch run 2"

_OLD_LOG = "log.format-2"
_NEW = "migrating"
_BATCH = 4096
_DIGEST = 64
_LINE_BYTES = _DIGEST + ENTRY_BYTES + 2


def migrate(folder: Path) -> int:
    """Migrate a folder of format 2; one that was interrupted goes on where it was.

    Its old log is kept beside the new one, in `log.format-2`.

    Returns:
        Number of entries.

    Raises:
        Damaged: an entry is not what was written; the folder is left as it was.
        ArchiveError: the folder is of another format, in use, or cannot be written.
    """
    found = files.read_format(folder)
    if found != FORMAT_2:
        raise ArchiveError(
            f"{folder} is in format {found!a}; what can be migrated is '{FORMAT_2}', to "
            f"'{files.FORMAT}'"
        )
    files.refuse_links(folder)
    lock = files.lock_writer(folder)
    try:
        return _migrate(folder)
    except OSError as error:
        raise ArchiveError(
            f"{folder} cannot be migrated: {error.strerror}; nothing is lost: make room and do it "
            "again"
        ) from None
    finally:
        os.close(lock)


def _migrate(folder: Path) -> int:
    old, new = folder / _OLD_LOG, folder / _NEW
    moved = old.is_dir()
    if not (moved and (folder / files.VERIFIER).is_file()):
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        _copy(old / "journal" if moved else folder / files.JOURNAL, new)
        (new / files.PRIVATE_KEY).replace(folder / files.PRIVATE_KEY)
        if not moved:
            (folder / files.LOG).rename(old)
        (new / files.LOG).rename(folder / files.LOG)
        files.sync_folder(folder)
    shutil.rmtree(new, ignore_errors=True)
    size = LogReader(folder).size
    files.replace_durably(folder / files.MARKER, f"{files.FORMAT}\n".encode())
    return size


def _copy(source: Path, target: Path) -> None:
    """Make a signed log of the entries of an old journal."""
    log_writer.create(target)
    log = LogWriter(target)
    entries = _entries(source)
    while batch := list(islice(entries, _BATCH)):
        leaves = [merkle.leaf_hash(entry) for entry in batch]
        log.commit(batch, leaves, [journal.line(*pair) for pair in zip(leaves, batch, strict=True)])
        log.publish()
    log.close()


def _entries(path: Path) -> Iterator[bytes]:
    """Yield the entries of a journal of format 2, whose checksums and chain hold.

    An incomplete last line was never acknowledged and is left out.
    """
    previous, number, offset = "0" * _DIGEST, 0, 0
    with os.fdopen(files.open_regular(path), "rb", buffering=1 << 18) as file:
        while (text := file.readline(_LINE_BYTES))[-1:] == b"\n":
            data = text[_DIGEST + 1 : -1]
            digest = hashlib.sha256(data).hexdigest()
            chained = b',"previous":"%b","subject":[' % previous.encode()
            if text[: _DIGEST + 1] != b"%b " % digest.encode() or chained not in data:
                raise Damaged(
                    f"{path} is damaged: record {number} at byte {offset} is not what was written; "
                    "nothing was changed: restore the file from a copy"
                )
            yield data
            previous, number, offset = digest, number + 1, offset + len(text)
