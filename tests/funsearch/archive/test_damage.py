"""Whatever happens to the files of a run: named, or an unacknowledged tail; never skipped."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive import files, journal, queries
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.journal import START
from funsearch.archive.objects import ObjectReader
from funsearch.archive.reader import Reader

Lines = Callable[[], list[bytes]]


def read(run: Path) -> list[object]:
    return [record for _, record in journal.read_records(run / files.JOURNAL)]


def assert_damaged(run: Path, number: int, offset: int) -> None:
    """Both ways in name the record and leave the file alone."""
    path = run / files.JOURNAL
    before = path.read_bytes()
    place = rf"record {number} at byte {offset} [^\n]+\Z"
    with pytest.raises(Damaged, match=place):
        list(journal.read(path))
    with pytest.raises(Damaged, match=place):
        Archive.open(run)
    assert path.read_bytes() == before


def test_each_byte_of_an_entry_counts(run: Path, lines: Lines) -> None:
    path = run / files.JOURNAL
    number = 3
    before, line, after = lines()[:number], lines()[number], lines()[number + 1]
    start = sum(map(len, before))
    text = b"".join([*before, line, after])
    for place in range(start, start + len(line)):
        path.write_bytes(text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :])
        with pytest.raises(Damaged, match=f"record {number} at byte {start} "):
            list(journal.read(path))


def test_random_damage_names_its_record(run: Path, lines: Lines) -> None:
    draws = random.Random(1)
    path = run / files.JOURNAL
    text = path.read_bytes()
    ends = [0]
    for line in lines():
        ends.append(ends[-1] + len(line))
    for _ in range(25):
        number = draws.randrange(len(ends) - 2)
        place = draws.randrange(ends[number], ends[number + 1])
        byte = draws.choice([b"\n", b"\0", b" ", b'"', b"\xff", b""])
        if text[place : place + 1] != byte:
            path.write_bytes(text[:place] + byte + text[place + 1 :])
            assert_damaged(run, number, ends[number])


@pytest.mark.parametrize("change", ["swapped", "doubled", "deleted", "first deleted"])
def test_moved_entries_are_named(run: Path, lines: Lines, change: str) -> None:
    text = lines()
    number = 20
    match change:
        case "swapped":
            text[20], text[21] = text[21], text[20]
        case "doubled":
            text.insert(20, text[19])
        case "deleted":
            del text[20]
        case _:
            number = 0
            del text[0]
    (run / files.JOURNAL).write_bytes(b"".join(text))
    assert_damaged(run, number, sum(len(line) for line in text[:number]))


def test_a_forged_entry_with_a_right_checksum_is_named(run: Path, lines: Lines) -> None:
    text = lines()
    forged = text[2][65:-1].replace(b'"score":"1.0"', b'"score":"9.0"')
    text[2] = hashlib.sha256(forged).hexdigest().encode() + b" " + forged + b"\n"
    (run / files.JOURNAL).write_bytes(b"".join(text))
    # The entry is sound in itself; the next one says what should have been there.
    assert_damaged(run, 3, sum(len(line) for line in text[:3]))


@pytest.mark.parametrize(
    "change", [lambda d: d.replace(b":", b": ", 1), lambda d: d.replace(b"v1", b"v9", 1)]
)
def test_a_rebuilt_chain_must_hold_statements(
    tmp_path: Path, make: Any, change: Callable[[bytes], bytes]
) -> None:
    with Archive.create(tmp_path / "run", make.config) as archive:
        archive.append(make.run())
    path = tmp_path / "run" / files.JOURNAL
    forged = change(path.read_bytes()[65:-1])
    path.write_bytes(hashlib.sha256(forged).hexdigest().encode() + b" " + forged + b"\n")
    with pytest.raises(Damaged, match="record 0 at byte 0 is not"):
        read(tmp_path / "run")
    with pytest.raises(Damaged, match="record 0 at byte 0 is not"):
        Reader(tmp_path / "run")


def test_an_incomplete_last_line_is_cut_off_and_the_chain_goes_on(
    run: Path, make: Any, lines: Lines
) -> None:
    path = run / files.JOURNAL
    text, last = path.read_bytes(), lines()[-1]
    records = read(run)
    for length in [1, 2, 30, 64, 65, 66, len(last) - 2, len(last) - 1]:
        path.write_bytes(text + last[:length])
        assert read(run) == records
        with Archive.open(run) as archive:
            assert path.read_bytes() == text
            assert archive.append(make.run(event="resumed")).number == len(records)
        assert read(run) == [*records, make.run(event="resumed")]
        path.write_bytes(text)


def test_a_line_without_end_is_not_read_into_memory(run: Path, lines: Lines) -> None:
    number, offset = len(lines()), sum(len(line) for line in lines())
    with (run / files.JOURNAL).open("ab") as file:
        file.write(b"x" * 200_000)
    assert_damaged(run, number, offset)


def test_journal_of_another_log_makes_the_index_anew(run: Path, tmp_path: Path, make: Any) -> None:
    with Archive.create(tmp_path / "other", make.config) as archive:
        make.search(archive, 80, seed=1)
    for name in (files.JOURNAL, files.OBJECTS):
        shutil.copy(tmp_path / "other" / name, run / name)
    with Reader(run) as reader, Reader(tmp_path / "other") as other:
        assert list(reader.index.iterdump()) == list(other.index.iterdump())


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_broken_index_is_made_anew(run: Path, content: bytes) -> None:
    with Reader(run) as reader:
        sound = list(reader.index.iterdump())
    (run / files.INDEX).write_bytes(content)
    with Reader(run) as reader:
        assert list(reader.index.iterdump()) == sound


def test_an_index_with_foreign_tables_is_made_anew(run: Path) -> None:
    with closing(sqlite3.connect(run / files.INDEX)) as connection:
        connection.execute("CREATE VIEW extra AS SELECT 1")
    with Reader(run) as reader:
        assert "extra" not in str(list(reader.index.iterdump()))


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
        *(files.JOURNAL, files.MARKER, files.LOG, files.LOCK, files.INDEX_LOCK),
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
            ArchiveError, match=r"this program reads 'funsearch run 2'\Z"
        ) as refusal:
            opener(run)
        assert str(refusal.value).isprintable()


def test_a_journal_that_was_rolled_back_is_taken_as_it_is(run: Path, lines: Lines) -> None:
    (run / files.JOURNAL).write_bytes(b"".join(lines()[:11]))
    with Reader(run) as reader:
        assert queries.summary(reader.index, "max", is_written=False).records == 11
    assert next(iter(journal.read(run / files.JOURNAL))).start == START
