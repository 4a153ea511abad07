"""Whatever happens to the files of a run: named, or an unacknowledged tail; never skipped."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive import files, journal, kept
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.journal import Tail
from funsearch.archive.objects import ObjectReader
from funsearch.archive.reader import Reader
from funsearch.archive.statement import encode
from funsearch.archive.tlog.note import Checkpoint, Note, Signer, parse_note, split_notes
from funsearch.archive.tlog.tiles import bundle_path, tile_path
from tests.funsearch.archive import tables


@pytest.fixture
def long(tmp_path: Path, make: Any) -> Path:
    """The folder of a run of two full bundles and a part of a third."""
    folder = tmp_path / "long"
    with Archive.create(folder, make.config) as archive:
        make.search(archive, 300)
    return folder


def read(run: Path) -> list[object]:
    with Reader(run) as reader:
        return [record for _, record in reader.records()]


def lines_of(run: Path) -> tuple[bytes, list[bytes]]:
    """Return the first line of a journal, and those of its entries."""
    first, *rest = (run / files.JOURNAL).read_bytes().splitlines(keepends=True)
    return first, [line for line in rest if line[:2] != b"= "]


def refused(run: Path, message: str, *, only: Callable[[Path], Any] | None = None) -> None:
    """Both ways in complain in one line, and leave the log alone."""
    before = {path: path.read_bytes() for path in (run / files.LOG).rglob("*") if path.is_file()}
    for opener in (Archive.open, read) if only is None else (only,):
        with pytest.raises(ArchiveError) as refusal:
            opener(run)
        assert re.search(message, str(refusal.value)), refusal.value
        assert "\n" not in str(refusal.value)
    assert before == {p: p.read_bytes() for p in (run / files.LOG).rglob("*") if p.is_file()}


def test_each_byte_of_a_line_of_the_journal_counts(run: Path) -> None:
    path = run / files.JOURNAL
    first, lines = lines_of(run)
    line = lines[3]
    before = b"".join([first, *lines[:3]])
    for after in (journal.marker(4) + lines[4], lines[4], b""):
        for place in range(len(line)):
            changed = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
            path.write_bytes(before + changed + after)
            message = f"record 3 at byte {len(before)} is not what was written"
            if after[:1] == b"=":
                with pytest.raises(Damaged, match=message):
                    Tail(path)
            else:
                # Nothing was committed after it, so a power cut may have torn it.
                tail = Tail(path)
                assert (tail.end, len(tail.entries)) == (len(before), 3)
                assert message in tail.torn or not after


def test_random_damage_of_the_journal_names_its_record(run: Path) -> None:
    draws = random.Random(1)
    path = run / files.JOURNAL
    first, lines = lines_of(run)
    text = b"".join([first, *lines])
    ends = [len(first)]
    for line in lines:
        ends.append(ends[-1] + len(line))
    for _ in range(25):
        number = draws.randrange(len(ends) - 2)
        place = draws.randrange(ends[number], ends[number + 1])
        byte = draws.choice([b"\n", b"\0", b" ", b'"', b"\xff", b""])
        if text[place : place + 1] != byte:
            path.write_bytes(text[:place] + byte + text[place + 1 :])
            refused(run, rf"record {number} at byte {ends[number]} ")


@pytest.mark.parametrize("garbage", [b"\0" * 5000, b"x" * 200_000, b"0\n" * 9, b"= 5\n= 9\n"])
def test_what_a_power_cut_has_torn_is_cut_off(run: Path, make: Any, garbage: bytes) -> None:
    records = read(run)
    path = run / files.JOURNAL
    sound = path.read_bytes()
    line = journal.line_of(encode(make.run()))
    for torn in (garbage, journal.marker(len(records)) + line[:70] + garbage):
        path.write_bytes(sound + torn)
        assert read(run) == records
        Archive.open(run).close()
        assert path.read_bytes().startswith(sound)
        assert read(run) == records


@pytest.mark.parametrize("change", ["swapped", "doubled", "deleted", "first deleted", "forged"])
def test_an_entry_that_was_not_signed_is_named(run: Path, change: str) -> None:
    first, lines = lines_of(run)
    number = 20
    match change:
        case "swapped":
            lines[20], lines[21] = lines[21], lines[20]
        case "doubled":
            lines.insert(20, lines[19])
        case "deleted":
            del lines[20]
        case "first deleted":
            number = 0
            del lines[0]
        case _:
            number = 2
            lines[2] = journal.line_of(lines[2][65:-1].replace(b'"score":"1.0"', b'"score":"9.0"'))
    (run / files.JOURNAL).write_bytes(b"".join([first, *lines]))
    refused(run, f"record {number} is not the entry that was logged", only=read)
    refused(
        run, "a record before [0-9]+ is not the one that was signed|are gone", only=Archive.open
    )


def test_a_damaged_journal_never_reaches_the_tiles(long: Path) -> None:
    """Entries that are in full tiles already may be in the journal of a killed writer as well."""
    with Reader(long) as reader:
        lines = [journal.line_of(data) for _, data in reader.log.entries()]
    lines[7], lines[8] = lines[8], lines[7]
    (long / files.JOURNAL).write_bytes(journal.beginning(0, lines))
    refused(long, "a record before [0-9]+ is not the one", only=Archive.open)
    refused(long, "record 7 is not the entry that was logged", only=read)


@pytest.mark.parametrize("kept", [0, 1, 50])
def test_a_shorter_journal_is_refused_by_the_writer_and_made_good_for_readers(
    run: Path, kept: int
) -> None:
    records = read(run)
    first, lines = lines_of(run)
    (run / files.JOURNAL).write_bytes(b"".join([first, *lines[:kept]]))
    refused(run, f"record {kept} and those after it are gone", only=Archive.open)
    assert read(run) == records


@pytest.mark.parametrize(
    "text", [b"", b"funsearch journal 00\n", b"funsearch journal -1\n", b"x\n"]
)
def test_a_journal_says_where_it_begins(run: Path, text: bytes) -> None:
    _, lines = lines_of(run)
    (run / files.JOURNAL).write_bytes(text + b"".join(lines))
    refused(run, "its first line is not that of a journal")


def test_a_journal_cannot_begin_after_what_was_signed(run: Path) -> None:
    (run / files.JOURNAL).write_bytes(journal.beginning(512))
    refused(run, "the journal begins with 512|which begins with 512|begins with 512")


def test_an_incomplete_last_line_is_cut_off_and_the_log_goes_on(run: Path, make: Any) -> None:
    path = run / files.JOURNAL
    text, last = path.read_bytes(), lines_of(run)[1][-1]
    records = read(run)
    for length in [1, 2, 30, 64, 65, 66, len(last) - 2, len(last) - 1]:
        path.write_bytes(path.read_bytes() + last[:length])
        assert read(run) == records
        with Archive.open(run) as archive:
            assert path.read_bytes() == text
            added = make.run(event="resumed", reason=str(length))
            assert archive.append(added).number == len(records)
        records.append(added)
        assert read(run) == records
        text = path.read_bytes()


@pytest.mark.parametrize(
    "change", [lambda d: d.replace(b":", b": ", 1), lambda d: d.replace(b"v1", b"v9", 1)]
)
def test_a_signed_log_must_hold_statements(
    tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes]
) -> None:
    with monkeypatch.context() as hostile:
        hostile.setattr("funsearch.archive.archive.encode", lambda r: change(encode(r)))
        with Archive.create(tmp_path / "run", make.config) as archive:
            archive.append(make.run(), [make.packages])
    with pytest.raises(Damaged, match="record 0 is not"):
        read(tmp_path / "run")


@pytest.mark.parametrize(
    ("name", "record"),
    [
        (bundle_path(0), 100),
        (bundle_path(1), 256 + 100),
        (tile_path(0, 0), 0),
        (tile_path(0, 1), 256),
    ],
)
def test_a_changed_byte_of_a_full_tile_or_bundle_is_named(
    long: Path, name: str, record: int
) -> None:
    path = long / files.LOG / name
    data = bytearray(path.read_bytes())
    if "entries" in name:
        place = 0
        for _ in range(100):
            place += 2 + int.from_bytes(data[place : place + 2])
        data[place + 500] ^= 1
    else:
        data[999] ^= 1
    path.write_bytes(data)
    refused(long, rf"record {record}: ", only=read)


@pytest.mark.parametrize("width", [0, 1, 8191])
def test_a_shorter_tile_is_named(long: Path, width: int) -> None:
    path = long / files.LOG / tile_path(0, 1)
    path.write_bytes(path.read_bytes()[:width])
    refused(long, "record 256: tile/0/001 is cut off", only=read)
    path.unlink()
    refused(long, "record 256: tile/0/001 is missing", only=read)


def test_edge_tiles_that_a_power_cut_spoilt_are_made_anew(long: Path) -> None:
    records = read(long)
    spoilt = list((long / files.LOG / "tile").rglob("*.p/*"))
    before = [path.read_bytes() for path in spoilt]
    assert len(spoilt) >= 3
    for number, path in enumerate(spoilt):
        path.write_bytes(b"") if number % 2 else path.unlink()
    # The journal makes up for them, for readers as well.
    assert read(long) == records
    Archive.open(long).close()
    assert [path.read_bytes() for path in spoilt] == before
    assert read(long) == records


def forged(run: Path, key: Signer, size: int) -> str:
    with Reader(run) as reader:
        assert reader.log.checkpoint is not None
        body = Checkpoint(reader.log.verifier.name, size, reader.log.checkpoint.root).body
    return f"{body}\n{key.sign(body)}"


def test_a_checkpoint_signed_by_another_key_is_refused(run: Path) -> None:
    with Reader(run) as reader:
        name, size = reader.log.verifier.name, reader.log.size
    text = forged(run, Signer.generate(name), size)
    (run / files.CHECKPOINT).write_text(text)
    refused(
        run, "checkpoint is damaged: the signature of the checkpoint is not by the key", only=read
    )
    (run / files.CHECKPOINTS).write_text(text + "\n")
    refused(
        run, "its last checkpoint: the signature of the checkpoint is not by", only=Archive.open
    )


@pytest.mark.parametrize(
    "text", [b"", b"\n\n", b"\xff" * 99, b"a\n1\nAA==\n\n\xe2\x80\x94 a b\n", b"x" * 99999]
)
def test_a_checkpoint_that_is_none_is_refused(run: Path, text: bytes) -> None:
    (run / files.CHECKPOINT).write_bytes(text)
    refused(run, "checkpoint is damaged: [^\n]{5,200}$", only=read)


def test_a_lost_checkpoint_is_written_again_from_those_that_are_kept(run: Path) -> None:
    text = (run / files.CHECKPOINT).read_bytes()
    kept = (run / files.CHECKPOINTS).read_bytes()
    (run / files.CHECKPOINT).unlink()
    with (run / files.CHECKPOINTS).open("ab") as file:
        file.write(text[:50])  # as a power cut may leave it
    Archive.open(run).close()
    assert (run / files.CHECKPOINT).read_bytes().split(b"\n\n")[0] == text.split(b"\n\n")[0]
    assert (run / files.CHECKPOINTS).read_bytes().startswith(kept)


@pytest.mark.parametrize("change", ["deleted", "doubled", "swapped", "cut", "stripped", "forged"])
def test_each_kept_checkpoint_pins_those_before_it(run: Path, make: Any, change: str) -> None:
    for number in range(5):
        with Archive.open(run) as archive:
            archive.append(make.run(event="resumed", reason=str(number)))
    path = run / files.CHECKPOINTS
    notes = [text + "\n" for text, _ in split_notes(path.read_bytes())]
    with Reader(run) as reader:
        key, size = reader.log.verifier, reader.log.size
    checkpoints = list(kept.read(path, key))
    assert len(checkpoints) == len(notes) >= 6
    assert checkpoints[-1].size == size
    match change:
        case "deleted":
            del notes[2]
        case "doubled":
            notes.insert(2, notes[2])
        case "swapped":
            notes[2], notes[3] = notes[3], notes[2]
        case "cut":
            notes[2] = notes[2][:-9]
        case "stripped":
            notes[2] = "\n".join(notes[2].split("\n")[:5]) + "\n\n"
        case _:
            other = Signer.generate(key.name)
            body = parse_note(notes[2][:-1]).body
            notes[2] = kept.pinned(other, b"\0" * 32, Note(body, (other.sign(body),)))
    path.write_text("".join(notes))
    with pytest.raises(Damaged, match="checkpoints is damaged: "):
        list(kept.read(path, key))


def test_the_key_of_another_log_is_refused(run: Path) -> None:
    other = Signer.generate("funsearch.run/")
    (run / files.VERIFIER).write_text(other.verifier.text)
    refused(run, "vkey is damaged: it is not the public part", only=Archive.open)
    refused(run, "the checkpoint is of the log", only=read)
    (run / files.PRIVATE_KEY).write_text("PRIVATE+KEY+a+b+c")
    refused(run, r"log\.key is damaged: the private key is not base64", only=Archive.open)


def test_a_log_of_another_run_makes_the_index_anew(run: Path, tmp_path: Path, make: Any) -> None:
    with Archive.create(tmp_path / "other", make.config) as archive:
        make.search(archive, 80, seed=1)
    shutil.rmtree(run / files.LOG)
    shutil.copytree(tmp_path / "other" / files.LOG, run / files.LOG)
    shutil.copy(tmp_path / "other" / files.OBJECTS, run / files.OBJECTS)
    with Reader(run) as reader, Reader(tmp_path / "other") as other:
        assert tables.content(reader.index) == tables.content(other.index)


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_broken_index_is_made_anew(run: Path, content: bytes) -> None:
    with Reader(run) as reader:
        sound = tables.content(reader.index)
    (run / files.INDEX).write_bytes(content)
    with Reader(run) as reader:
        assert tables.content(reader.index) == sound


def test_an_index_with_foreign_tables_is_made_anew(run: Path) -> None:
    with closing(sqlite3.connect(run / files.INDEX)) as connection:
        connection.execute("CREATE VIEW extra AS SELECT 1")
    with Reader(run) as reader:
        assert "extra" not in str(tables.content(reader.index))


def change_objects(run: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(run / files.OBJECTS)) as connection:
        connection.execute(statement, values)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE blocks SET data = ?", [b"other"]),
        ("UPDATE blocks SET data = ?", ["text"]),
        ("UPDATE blocks SET data = ?", [zlib.compress(b"\0" * 50_000_000)]),
        ("UPDATE blocks SET size = ?, data = ?", [2**62, zlib.compress(b"\0" * 50_000_000)]),
        ("UPDATE blocks SET size = ?", [-5]),
        ("UPDATE blocks SET size = ?", ["many"]),
        ("UPDATE blocks SET codec = ?", [7]),
        ("UPDATE blocks SET codec = ?", [0]),
        ("UPDATE objects SET start = start + ?", [1]),
        ("UPDATE objects SET start = ?", ["here"]),
        ("UPDATE objects SET size = size + ?", [-1]),
        ("UPDATE objects SET block = block + ?", [1000]),
    ],
)
def test_a_hostile_object_is_refused_in_one_line(
    run: Path, make: Any, statement: str, values: list[object]
) -> None:
    change_objects(run, statement, *values)
    digest = make.digest(make.source(0))
    with closing(ObjectReader(run / files.OBJECTS)) as reader, pytest.raises(Damaged) as refusal:
        reader.get(digest)
    assert "\n" not in str(refusal.value)


def test_objects_that_are_not_there_are_missing(run: Path, make: Any) -> None:
    with Reader(run) as reader:
        for name in (make.digest("nothing"), "short", "", "g" * 64):
            with pytest.raises(Missing):
                reader.object(name)


@pytest.mark.parametrize("content", [None, b"", b"not a database at all"])
def test_a_broken_object_store_is_named(run: Path, content: bytes | None) -> None:
    (run / files.OBJECTS).unlink()
    if content is not None:
        (run / files.OBJECTS).write_bytes(content)
    for opener in (Archive.open, Reader):
        with pytest.raises(ArchiveError, match=r"\A[^\n]*objects\.db[^\n]*\Z"):
            opener(run)


@pytest.mark.parametrize(
    "name",
    [
        *(files.JOURNAL, files.CHECKPOINT, files.CHECKPOINTS, files.VERIFIER, files.PRIVATE_KEY),
        *(files.MARKER, files.LOG, files.LOCK, files.INDEX_LOCK),
        *(f"{base}{end}" for base in (files.OBJECTS, files.INDEX) for end in ("", "-wal", "-shm")),
    ],
)
def test_a_link_leads_nowhere(run: Path, tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    (run / name).unlink() if (run / name).is_file() else shutil.rmtree(run / name, True)
    victim.write_bytes(b"precious")
    (run / name).symlink_to(victim)
    for opener in (Reader, Archive.open):
        with contextlib.suppress(ArchiveError):
            opener(run).close()
    assert victim.read_bytes() == b"precious"


def test_a_pipe_in_place_of_a_file_does_not_wait(run: Path) -> None:
    (run / files.JOURNAL).unlink()
    os.mkfifo(run / files.JOURNAL)
    with pytest.raises(ArchiveError, match="not a regular file"):
        Archive.open(run)


@pytest.mark.parametrize("said", ["funsearch run 1\n", "", "\x1b[31m\n" * 99])
def test_another_version_is_named(run: Path, said: str) -> None:
    (run / files.MARKER).write_text(said)
    for opener in (Archive.open, Reader):
        with pytest.raises(
            ArchiveError, match=r"this program reads 'funsearch run 3'\Z"
        ) as refusal:
            opener(run)
        assert str(refusal.value).isprintable()


def test_a_folder_that_was_rolled_back_as_a_whole_is_taken_as_it_is(
    run: Path, tmp_path: Path, make: Any
) -> None:
    earlier = read(run)
    shutil.copytree(run, tmp_path / "copy")
    with Archive.open(run) as archive:
        archive.append(make.run(event="resumed"))
    shutil.rmtree(run)
    shutil.copytree(tmp_path / "copy", run)
    # Nothing in the folder can tell; a checkpoint that was kept elsewhere can.
    assert read(run) == earlier
