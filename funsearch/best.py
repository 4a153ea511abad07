"""The folder `best/` of a run: certificates of its best program, ready for the checker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from funsearch.archive.errors import ArchiveError

FOLDER = "best"


def certificate_path(run: Path, instance: str) -> Path:
    """Return where the certificate of an instance lies; any name makes one plain file name."""
    return run / FOLDER / f"{quote(instance, safe='=,+ ')}.json"


def write_best(run: Path, texts: Mapping[str, str]) -> None:
    """Replace the certificates by those of a new best program, each at once or not at all.

    Args:
        run: folder of the run.
        texts: instance → certificate file.

    Raises:
        ArchiveError: the folder cannot be written.
    """
    try:
        for instance, text in texts.items():
            path = certificate_path(run, instance)
            path.parent.mkdir(exist_ok=True)
            half = path.with_suffix(".tmp")
            half.write_text(text, encoding="utf-8")
            half.replace(path)
    except OSError as error:
        raise ArchiveError(
            f"{run / FOLDER} cannot be written: {error.strerror}; all that was acknowledged is kept"
        ) from None


def restore_best(run: Path, digests: Mapping[str, str], read: Callable[[str], bytes]) -> None:
    """Make the folder say what the log says, after a session that ended between the two.

    Args:
        run: folder of the run.
        digests: instance → digest of the certificate of the best program.
        read: returns an object of the archive by its digest.
    """
    stale = {name: digest for name, digest in digests.items() if not is_current(run, name, digest)}
    write_best(run, {name: read(digest).decode() for name, digest in stale.items()})


def is_current(run: Path, instance: str, digest: str) -> bool:
    """Whether the certificate that lies there is the one with that digest."""
    try:
        return sha256(certificate_path(run, instance).read_bytes()).hexdigest() == digest
    except OSError:
        return False
