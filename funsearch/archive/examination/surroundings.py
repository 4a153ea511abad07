"""What lies around log and objects: configuration, key, certificates of the best, other files."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from funsearch.archive import files, sealed
from funsearch.archive.examination.report import Findings
from funsearch.archive.tlog import tiles
from funsearch.archive.tlog.note import BadNote, Signer, Verifier
from funsearch.archive.tlog.tiles import WIDTH
from funsearch.archive.tlog.witness import WITNESSED
from funsearch.best import FOLDER, certificate_path
from funsearch.text import one_line

CONFIG_BYTES = 1 << 20
_CERTIFICATE_BYTES = 64 << 20
_MOST_FILES = 100_000
_MOST_BEST = 10_000
_DATABASES = tuple(
    f"{name}{suffix}"
    for name in (files.OBJECTS, files.INDEX)
    for suffix in ("", "-wal", "-shm", "-journal")
)
_KNOWN = frozenset(
    {
        *_DATABASES,
        *(files.CONFIG, files.MARKER, files.LOCK, files.INDEX_LOCK, files.PRIVATE_KEY),
        sealed.NAME,
        *(files.JOURNAL, files.CHECKPOINT, files.CHECKPOINTS, files.VERIFIER),
    }
)
_OWN_FOLDERS = (f"{WITNESSED}/", f"{FOLDER}/", "log.format-2/")
_tile = re.compile(r"log/tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?")


def config_digest(folder: Path, findings: Findings) -> str:
    """Return the digest of `config.yaml`; empty if it cannot be had."""
    try:
        data = files.read_bounded(folder / files.CONFIG, CONFIG_BYTES)
    except OSError as error:
        findings.flaw(files.CONFIG, f"cannot be read: {error.strerror}")
        return ""
    return hashlib.sha256(data).hexdigest()


def is_minimised(folder: Path) -> bool:
    """Whether lower scores are better, as `config.yaml` says."""
    import yaml

    try:
        data = files.read_bounded(folder / files.CONFIG, CONFIG_BYTES)
        tree: Any = yaml.safe_load(data)
        return tree["metric"]["direction"] == "min"
    except (OSError, yaml.YAMLError, LookupError, TypeError, ValueError, RecursionError):
        return False


def check_key(folder: Path, verifier: Verifier, findings: Findings) -> None:
    """See whether the log can be continued with the private key that is there."""
    path = folder / files.PRIVATE_KEY
    try:
        mode = stat.S_IMODE(path.lstat().st_mode)
        text = files.read_bounded(path, 1000).decode("utf-8", "replace")
        if Signer.parse(text).verifier != verifier:
            raise BadNote("it is that of another log")
    except FileNotFoundError:
        findings.warn(f"{files.PRIVATE_KEY} is missing: the run can be read, but not go on here")
    except PermissionError:
        return  # it is for the writer alone
    except OSError as error:
        findings.flaw(files.PRIVATE_KEY, f"cannot be read: {error.strerror}")
    except BadNote as error:
        findings.flaw(files.PRIVATE_KEY, f"is not the key of {files.VERIFIER}: {error}")
    else:
        if mode & 0o077:
            findings.warn(
                f"{files.PRIVATE_KEY} can be read by others, who could go on with the log: "
                f"`chmod 600 {folder / files.PRIVATE_KEY}`"
            )


def best_digests(folder: Path) -> dict[str, str]:
    """Return instance → digest of the certificates that lie in the folder of the best."""
    found: dict[str, str] = {}
    try:
        paths = sorted((folder / FOLDER).iterdir())[:_MOST_BEST]
    except OSError:
        return found
    for path in paths:
        instance = unquote(path.name.removesuffix(".json"))
        if certificate_path(folder, instance) != path:
            continue
        try:
            data = files.read_bounded(path, _CERTIFICATE_BYTES)
        except OSError:
            continue
        found[instance] = hashlib.sha256(data).hexdigest()
    return found


def compare_best(
    folder: Path,
    lying: Mapping[str, str],
    wanted: Mapping[str, str],
    earlier: Mapping[str, str],
    findings: Findings,
    *,
    finished: bool,
) -> None:
    """Compare the certificates in the folder of the best with those on record.

    Args:
        folder: of the run.
        lying: instance → digest of what is there.
        wanted: the same, of the best program.
        earlier: the same, of those that lie there and were once the best.
        findings: takes down what differs.
        finished: whether the run said that it had finished: then all of it is written.
    """
    findings.checked["certificates of the best"] = len(lying)
    for instance in sorted({*lying, *wanted}):
        file = f"{FOLDER}/{certificate_path(folder, instance).name}"
        there = lying.get(instance)
        if there == wanted.get(instance):
            continue
        stale = there is None or earlier.get(instance) == there
        what = "is missing" if there is None else "is not that of the best program on record"
        if stale and not finished:
            findings.warn(f"{file} {what}; the run was stopped before that: resume it")
        else:
            findings.flaw(file, what, remedy="resume the run, which writes it from the record")


def name_strangers(folder: Path, size: int, findings: Findings, *, live: bool) -> None:
    """Name files that do not belong to a run, and tiles beyond its end.

    Args:
        folder: of the run.
        size: number of records.
        findings: takes down what is found.
        live: whether a writer is at work: files may come and go.
    """
    for seen, (name, is_link) in enumerate(_walk(folder)):
        if seen == _MOST_FILES + size // 16:
            findings.warn(f"there are more files than were looked at: {seen}")
            return
        known = _is_known(name, size)
        if is_link and (known is not None or name in (files.LOG, FOLDER, WITNESSED, "log/tile")):
            findings.flaw(name, "is a link", remedy="put the file itself in its place")
        elif live and name.startswith(f"{files.LOG}/"):
            continue
        elif known is False:
            findings.flaw(name, f"belongs to records after {size - 1}, which are gone")
        elif known is None:
            findings.warn(f"{one_line(name)} does not belong to a run")


def _walk(folder: Path) -> Iterator[tuple[str, bool]]:
    """Yield all files and links below a folder."""
    for base, folders, names in os.walk(folder):
        below = Path(base).relative_to(folder)
        folders.sort()
        for name in (*sorted(names), *folders):
            is_link = (Path(base) / name).is_symlink()
            if name not in folders or is_link:
                yield (below / name).as_posix(), is_link


def _is_known(name: str, size: int) -> bool | None:
    """Whether a file is one of a run: None for others, False for tiles beyond the size."""
    if name in _KNOWN or name.startswith(_OWN_FOLDERS):
        return None if name.endswith(".tmp") else True
    match = _tile.fullmatch(name)
    if match is None:
        return None
    kind, index, width = match[1], int(re.sub("[x/]", "", match[2])), int(match[3] or WIDTH)
    level = 0 if kind == "entries" else int(kind)
    path = (
        tiles.bundle_path(index, width)
        if kind == "entries"
        else tiles.tile_path(level, index, width)
    )
    if name != f"{files.LOG}/{path}" or not 0 < width <= WIDTH:
        return None
    return index << 8 * (level + 1) < size
