"""What a folder says, found out without the verifier: to tell what a tampering has altered.

Files that are pure content are compared as bytes; databases by their rows; the index, where all
else is the same, by what queries answer to whoever opens the run.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from funsearch.archive import queries
from funsearch.archive.errors import ArchiveError
from funsearch.archive.reader import Reader

_PLAIN = ("config.yaml", "log/vkey", "log/checkpoints", "format")
_WORDS = ("el", "n", "range", "return", "score", "for i", "el[i] * 2", "pri*", "sum", "3")
_BUNDLE = re.compile(r"log/tile/entries/((?:x\d{3}/)*\d{3})(?:\.p/(\d+))?")


@dataclass(frozen=True)
class Content:
    """What a folder says.

    Attributes:
        entries: of the log, by number.
        copies: the entries that each bundle, and the journal, holds: file → number → entry.
        required: files of tiles and bundles that must be there.
        texts: files whose bytes are content.
        checkpoint: text of the last one, and signatures on it.
        objects: digest → digest of what is stored under it, in hex; None if there is no store.
    """

    entries: tuple[bytes, ...]
    copies: Mapping[str, Mapping[int, bytes]]
    required: frozenset[str]
    texts: Mapping[str, bytes]
    checkpoint: tuple[str, frozenset[str]]
    objects: Mapping[str, str] | None


def content(folder: Path, digests: Iterable[str] | None = None) -> Content:
    """Read a folder, whatever was done to it.

    Args:
        folder: of the run.
        digests: of the objects to look for; None for all there are.
    """
    texts = {name: _bytes(folder / name) for name in _PLAIN}
    texts |= {name: texts[name].strip() for name in ("log/vkey", "format")}
    tiles = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in (folder / "log/tile").rglob("*")
        if path.is_file() and path.suffix != ".tmp"
    }
    best = {f"best/{p.name}": p.read_bytes() for p in (folder / "best").glob("*") if p.is_file()}
    copies = {
        name: _bundle(match, data)
        for name, data in tiles.items()
        if (match := _BUNDLE.fullmatch(name))
    }
    if (lines := _journal(_bytes(folder / "log/journal"))) is not None:
        copies["log/journal"] = lines
    merged: dict[int, bytes] = {}
    for name in sorted(copies):
        for number, entry in copies[name].items():
            merged.setdefault(number, entry)
    count = next((n for n in range(len(merged)) if n not in merged), len(merged))
    note = _bytes(folder / "log/checkpoint").decode("utf-8", "replace").split("\n\n")
    size = int(note[0].split("\n")[1]) if len(note) == 2 and note[0].count("\n") == 2 else 0
    return Content(
        entries=tuple(merged[number] for number in range(count)),
        copies=copies,
        required=frozenset(name for name in tiles if _is_required(name, size)),
        texts={**texts, **tiles, **best},
        checkpoint=(note[0], frozenset("".join(note[1:]).splitlines())),
        objects=_objects(folder / "objects.db", digests),
    )


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _bundle(match: re.Match[str], data: bytes) -> dict[int, bytes]:
    number = 256 * int(re.sub("[x/]", "", match[1]))
    found: dict[int, bytes] = {}
    place = 0
    while place + 2 <= len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2])
        if end > len(data):
            break
        found[number] = data[place + 2 : end]
        number, place = number + 1, end
    return found


def _journal(data: bytes) -> dict[int, bytes] | None:
    """Return the entries before the first line that is not what a writer writes; None if all is."""
    first, *lines = data.split(b"\n")
    if not re.fullmatch(rb"funsearch journal \d+", first):
        return None
    number = int(first.split()[-1])
    found: dict[int, bytes] = {}
    for line in lines[:-1]:
        if line == b"= %d" % number:
            continue
        entry = line[65:]
        if line[:65] != hashlib.sha256(b"\0" + entry).hexdigest().encode() + b" ":
            break
        found[number] = entry
        number += 1
    return found


def _is_required(name: str, size: int) -> bool:
    """Whether a tile or bundle is a full one, or of the edge of the tree of a size."""
    full, _, width = name.partition(".p/")
    if not width:
        return True
    kind = full.split("/")[2]
    level = 0 if kind == "entries" else int(kind)
    index = int(re.sub("[x/]", "", full.split("/", 3)[3]))
    return 256 * index + int(width) == size >> 8 * level


def _objects(path: Path, digests: Iterable[str] | None) -> dict[str, str] | None:
    """Return what is stored under each digest; None if the store cannot be read at all.

    Args:
        path: of the store.
        digests: those wanted; None for all there are.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA cell_size_check = ON")  # as readers of the archive do
            tables = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
            if [name for (name,) in tables if "autoindex" not in name] != ["blocks", "objects"]:
                return None
            if digests is None:
                rows = connection.execute("SELECT digest FROM objects")
                digests = [digest.hex() for (digest,) in rows]
            found = {digest: _object(connection, bytes.fromhex(digest)) for digest in digests}
    except sqlite3.Error:
        return None
    return {digest: data for digest, data in found.items() if data}


def _object(connection: sqlite3.Connection, digest: bytes) -> str:
    """Return the digest of what is stored; empty if that cannot be had."""
    try:
        row = connection.execute(
            "SELECT b.codec, b.size, b.data, o.start, o.size FROM objects AS o"
            " JOIN blocks AS b ON b.number = o.block WHERE o.digest = ?",
            (digest,),
        ).fetchone()
        codec, whole, data, start, size = row
        plain = zlib.decompressobj().decompress(data, 1 << 26) if codec == 1 else data
        if len(plain) != whole:
            return ""
        return hashlib.sha256(plain[start : start + size]).hexdigest()
    except (sqlite3.Error, zlib.error, TypeError):
        return ""


def altered(before: Content, after: Content) -> list[str]:
    """Name what has been altered, of that which files say."""
    found = [
        name
        for name, data in before.texts.items()
        if after.texts.get(name, data if _may_go(before, name) else None) != data
        and not (name == "log/checkpoints" and after.texts[name].startswith(data))
    ]
    if before.copies["log/journal"] != after.copies.get("log/journal"):
        found.append("log/journal")
    if before.checkpoint[0] != after.checkpoint[0] or not (
        before.checkpoint[1] <= after.checkpoint[1]
    ):
        found.append("log/checkpoint")
    if before.objects != after.objects:
        found.append("objects.db")
    return found


def _may_go(before: Content, name: str) -> bool:
    """Whether a file is that of an earlier size, which nobody needs."""
    return name.startswith("log/tile/") and name not in before.required


def first_bad(before: Content, after: Content) -> int | None:
    """Return the number of the first record that is not right: a copy, or an object it names."""
    bad: list[int] = []
    for name in {*before.required, *after.copies}:
        there = after.copies.get(name, {})
        wanted = _wanted(name, before.entries, there or before.copies.get(name, {}))
        bad += [n for n in wanted if there.get(n) != before.entries[n]][:1]
    # A store, or a journal, that cannot be read at all is the file that is bad.
    stored, was = after.objects, before.objects or {}
    lost = [] if stored is None else [d for d, data in was.items() if stored.get(d) != data]
    for digest in lost:
        named = (n for n, entry in enumerate(before.entries) if digest.encode() in entry)
        bad += list(named)[:1]
    return min(bad, default=None)


def _wanted(name: str, entries: Sequence[bytes], there: Mapping[int, bytes]) -> range:
    """Return the numbers of the entries that a file with copies of them must hold."""
    if name == "log/journal":
        return range(min(there, default=len(entries)), len(entries))
    match = _BUNDLE.fullmatch(name)
    if match is None:
        return range(0)
    first = 256 * int(re.sub("[x/]", "", match[1]))
    return range(first, min(len(entries), first + int(match[2] or 256)))


def answers(folder: Path, spare: Path) -> dict[str, object]:
    """Return what queries say of a copy of a run, to whoever opens it next.

    Args:
        folder: of the run.
        spare: where the copy is made, since opening a run brings its index up to date.
    """
    shutil.copytree(folder, spare)
    try:
        with Reader(spare) as reader:
            return _answers(reader)
    except ArchiveError as error:
        return {"refused": str(error).replace(str(spare), "")}
    finally:
        shutil.rmtree(spare)


def _tables(index: sqlite3.Connection) -> list[tuple[str, str]]:
    return index.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()


def _answers(reader: Reader) -> dict[str, object]:
    index = reader.index
    virtual = [name for name, sql in _tables(index) if "VIRTUAL" in sql]
    tables = [
        name
        for name, _ in _tables(index)
        # What SQLite keeps for its full-text tables depends on when texts were added.
        if not any(name == other or name.startswith(f"{other}_") for other in virtual)
    ]
    found: dict[str, object] = {
        name: sorted(map(repr, index.execute(f"SELECT * FROM {name}"))) for name in tables
    }
    best = queries.best(index, "max", 20)
    programs = queries.all_programs(index, limit=1000).items
    found |= {
        "records": [record for _, record in reader.records()],
        "sources": [reader.object(row.id) for row in programs],
        "summary": queries.summary(index, "max", is_written=False),
        "programs": programs,
        "attempts": queries.attempts(index, limit=2000),
        "best": best,
        "islands": [
            queries.leaders(index, "max", queries.Filter(island=island)) for island in range(10)
        ],
        "lineages": [queries.lineage(index, row.id) for row in programs],
        "descendants": [queries.descendants(index, row.id) for row in best],
        "histories": [queries.program(index, row.id) for row in programs],
        "nearest": [queries.nearest(index, reader.object, row.id) for row in best],
        "words": {word: queries.with_words(index, word, limit=1000) for word in _WORDS},
        "retractions": queries.retractions(index),
    }
    return found
