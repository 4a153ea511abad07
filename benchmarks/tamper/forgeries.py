"""Ways to spoil a run's folder by somebody who knows the format well, but has not its key."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks.tamper.sound import Sound
from funsearch.archive import journal, kept
from funsearch.archive.log import read_verifier
from funsearch.archive.tlog import merkle, note, tiles
from funsearch.archive.tlog.note import Note, Signer


def entries_of(folder: Path) -> list[bytes]:
    """Return all entries of a sound log."""
    log = folder / "log"
    full = sorted((log / "tile/entries").glob("[0-9][0-9][0-9]"))
    found = [entry for path in full for entry in tiles.unpack(path.read_bytes())]
    lines = (log / "journal").read_bytes().splitlines()
    start = int(lines[0].split()[-1])
    return found[:start] + [line[65:] for line in lines[1:] if line[:2] != b"= "]


def write_entries(folder: Path, entries: list[bytes], *, with_tiles: bool) -> None:
    """Write entries into all bundles there are and the journal; hashes too, but those above."""
    log = folder / "log"
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    for kind, items in (("entries", entries), ("0", leaves)):
        if kind == "0" and not with_tiles:
            continue
        for path in (log / "tile" / kind).rglob("*"):
            if path.is_file():
                partial = path.parent.name.endswith(".p")
                first = 256 * int(path.parent.name[:3] if partial else path.name)
                some = items[first : first + (int(path.name) if partial else 256)]
                path.write_bytes(tiles.pack(some) if kind == "entries" else b"".join(some))
    start = int((log / "journal").read_bytes().split(b"\n", 1)[0].split()[-1])
    lines = [journal.line_of(entry) for entry in entries[start:]]
    (log / "journal").write_bytes(journal.beginning(start, lines))


def _other_record(entry: bytes, random: Random) -> bytes:
    """Return a record that says something else and is as well-formed."""
    statement = json.loads(entry)
    predicate = statement["predicate"]
    for key, value in (("score", f"{random.random()!r}"), ("reason", "another"), ("agreed", False)):
        if key in predicate and predicate[key] != value:
            predicate[key] = value
            break
    else:
        predicate["time"] = "2026-01-01T00:00:00Z"
        if "buildDefinition" in predicate:
            del predicate["time"]
            predicate["buildDefinition"]["externalParameters"]["model"] = "another"
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def forge_record(folder: Path, random: Random, _: Sound) -> str:
    """Change a record in every place of it, perhaps with the hash in its tile."""
    entries = entries_of(folder)
    number = random.randrange(len(entries))
    entries[number] = _other_record(entries[number], random)
    write_entries(folder, entries, with_tiles=random.random() < 0.7)
    return "log"


def reorder_records(folder: Path, random: Random, _: Sound) -> str:
    """Exchange two records in every place of them."""
    entries = entries_of(folder)
    one = random.randrange(len(entries) - 1)
    other = random.choice((one + 1, random.randrange(len(entries))))
    entries[one], entries[other] = entries[other], entries[one]
    write_entries(folder, entries, with_tiles=random.random() < 0.7)
    return "log"


def remove_record(folder: Path, random: Random, _: Sound) -> str:
    """Take a record out of all places."""
    entries = entries_of(folder)
    del entries[random.randrange(len(entries))]
    write_entries(folder, entries, with_tiles=random.random() < 0.7)
    return "log"


def double_record(folder: Path, random: Random, _: Sound) -> str:
    """Put a record in a second time."""
    entries = entries_of(folder)
    number = random.randrange(len(entries))
    entries.insert(random.randrange(len(entries)), entries[number])
    write_entries(folder, entries, with_tiles=random.random() < 0.7)
    return "log"


def drop_last_records(folder: Path, random: Random, _: Sound) -> str:
    """Shorten the journal at the end of a line."""
    path = folder / "log/journal"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: random.randrange(1, len(lines))]))
    return "log/journal"


def _signed(key: Signer, body: str) -> Note:
    return Note(body, (key.sign(body),))


def forge_signature(folder: Path, random: Random, _: Sound) -> str:
    """Sign the checkpoint, or all of them, with a key of one's own; perhaps another root."""
    verifier = read_verifier(folder)
    key = Signer.generate(verifier.name)
    path = folder / random.choice(("log/checkpoint", "log/checkpoints"))
    checkpoints = list(kept.read(folder / "log/checkpoints", verifier))
    if random.random() < 0.5:
        last = checkpoints[-1]
        checkpoints[-1] = replace(last, root=random.randbytes(32), size=last.size - 1)
    if path.name == "checkpoint":
        path.write_text(_signed(key, checkpoints[-1].body).text)
    else:
        _write_kept(path, key, [checkpoint.body for checkpoint in checkpoints])
    return path.relative_to(folder).as_posix()


def _write_kept(path: Path, key: Signer, bodies: list[str]) -> None:
    text = b""
    for body in bodies:
        text += kept.pinned(key, hashlib.sha256(text).digest(), _signed(key, body)).encode()
    path.write_bytes(text)


def replace_key(folder: Path, random: Random, _: Sound) -> str:
    """Sign all of the log, perhaps with a record changed, with a key of one's own."""
    key = Signer.generate("funsearch.run/")
    old = read_verifier(folder)
    sizes = [found.size for found in kept.read(folder / "log/checkpoints", old)]
    entries = entries_of(folder)
    if random.random() < 0.5:
        number = random.randrange(len(entries))
        entries[number] = _other_record(entries[number], random)
        write_entries(folder, entries, with_tiles=True)
        _write_upper_tiles(folder, entries)
    bodies: list[str] = []
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    for size in sizes:
        root = merkle.root(size, lambda h, i: merkle.complete_root(leaves[i << h : (i + 1) << h]))
        bodies.append(note.Checkpoint(key.verifier.name, size, root).body)
    _write_kept(folder / "log/checkpoints", key, bodies)
    (folder / "log/checkpoint").write_text(_signed(key, bodies[-1]).text)
    (folder / "log/vkey").write_text(f"{key.verifier.text}\n")
    (folder / "log.key").write_text(f"{key.text}\n")
    for path in (folder / "state", *(folder / "log/witness").glob("*")):
        path.unlink(missing_ok=True)
    return "log/vkey"


def _write_upper_tiles(folder: Path, entries: list[bytes]) -> None:
    """Write the hashes above those of full tiles, for up to 65,536 entries."""
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    full = len(leaves) // 256
    above = b"".join(merkle.complete_root(leaves[256 * i : 256 * (i + 1)]) for i in range(full))
    for path in (folder / "log/tile/1").rglob("*"):
        if path.is_file():
            path.write_bytes(above[: 32 * int(path.name)])


def edit_checkpoints(folder: Path, random: Random, _: Sound) -> str:
    """Take one out, double one, or exchange two."""
    path = folder / "log/checkpoints"
    data = path.read_bytes()
    parts = data.split(b"\n\n")
    notes = [b"\n\n".join(parts[i : i + 2]) + b"\n\n" for i in range(0, len(parts) - 1, 2)]
    one, other = random.randrange(len(notes)), random.randrange(len(notes))
    match random.randrange(3):
        case 0:
            del notes[one]
        case 1:
            notes.insert(other, notes[one])
        case _:
            notes[one], notes[other] = notes[other], notes[one]
    path.write_bytes(b"".join(notes))
    return "log/checkpoints"


def show_older_checkpoint(folder: Path, random: Random, _: Sound) -> str:
    """Show a checkpoint that is not the last one."""
    found = note.split_notes((folder / "log/checkpoints").read_bytes())
    text = random.choice(found[:-1])[0]
    parsed = note.parse_note(text)
    (folder / "log/checkpoint").write_text(Note(parsed.body, parsed.lines[:1]).text)
    return "log/checkpoint"


def edit_config(folder: Path, random: Random, _: Sound) -> str:
    """Change or empty a line of the configuration."""
    path = folder / "config.yaml"
    lines = path.read_text().splitlines()
    place = random.randrange(len(lines))
    lines[place] = lines[place].replace(":", ": 1", 1) if random.random() < 0.5 else ""
    path.write_text("\n".join(lines) + "\n")
    return "config.yaml"


def edit_best(folder: Path, random: Random, _: Sound) -> str | None:
    """Change a digit of a certificate of the best program."""
    paths = sorted((folder / "best").glob("*.json"))
    if not paths:
        return None
    path = random.choice(paths)
    text = path.read_text()
    place = random.choice([i for i, c in enumerate(text) if c.isdigit()])
    path.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])
    return path.relative_to(folder).as_posix()


def in_objects(folder: Path, random: Random, _: Sound) -> str:
    """Exchange objects, pack other content, remove or add rows: all that SQL can do."""
    with closing(sqlite3.connect(folder / "objects.db")) as connection:
        digests = sorted(row for (row,) in connection.execute("SELECT digest FROM objects"))
        one, other = random.sample(digests, 2)
        (blocks,) = connection.execute("SELECT count(*) FROM blocks").fetchone()
        number, data = connection.execute(
            "SELECT number, data FROM blocks ORDER BY number LIMIT 1 OFFSET ?",
            (random.randrange(blocks),),
        ).fetchone()
        (block,) = connection.execute(
            "SELECT block FROM objects WHERE digest = ?", (one,)
        ).fetchone()
        change = "UPDATE objects SET digest = ? WHERE digest = ?"
        match random.randrange(7):
            case 0:
                for values in ((b"spare", one), (one, other), (other, b"spare")):
                    connection.execute(change, values)
            case 1:
                connection.execute("DELETE FROM objects WHERE digest = ?", (one,))
            case 2:
                connection.execute("DELETE FROM blocks WHERE number = ?", (block,))
            case 3:
                with_other = _repacked(data, random)
                query = "UPDATE blocks SET data = ? WHERE number = ?"
                connection.execute(query, (with_other, number))
            case 4:
                column = random.choice(("start", "size", "block"))
                query = f"UPDATE objects SET {column} = {column} + 1 WHERE digest = ?"
                connection.execute(query, (one,))
            case 5:
                connection.execute(change, (random.randbytes(32), one))
            case _:
                connection.execute(
                    "INSERT INTO objects SELECT ?, block, start, size FROM objects"
                    " WHERE digest = ?",
                    (random.randbytes(32), one),
                )
        connection.commit()
    return "objects.db"


def _repacked(data: bytes, random: Random) -> bytes:
    """Return a block with other content of the same size."""
    try:
        plain = bytearray(zlib.decompress(data))
    except zlib.error:
        return bytes(len(data))
    plain[random.randrange(len(plain))] ^= 1
    return zlib.compress(bytes(plain))


def in_index(folder: Path, random: Random, _: Sound) -> str | None:
    """Change a value, or remove or double a row, where triggers do not prevent it any more."""
    with closing(sqlite3.connect(folder / "index.db")) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _sql in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
            )
            if connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        ]
        table = random.choice(sorted(tables))
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        column = random.choice(columns)
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        row = random.choice(rows)
        values = [(c, v) for c, v in zip(columns, row, strict=True) if v is not None]
        where = " AND ".join(f"{c} = ?" for c, _v in values)
        try:
            if random.random() < 0.3:
                connection.execute(
                    f"DELETE FROM {table} WHERE {where}", [value for _name, value in values]
                )
            else:
                old = dict(zip(columns, row, strict=True))[column]
                new = old + 1 if isinstance(old, (int, float)) else f"{old or ''}x"
                connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {where}",
                    [new, *(value for _name, value in values)],
                )
            for _name, sql in triggers:
                connection.execute(sql)
            connection.commit()
        except sqlite3.Error:
            return None  # a key that is taken, or a table that cannot be changed so
    return "index.db"
