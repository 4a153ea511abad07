"""One writer a folder, any number of folders, and readers that nobody has to wait for."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from benchmarks.faults.remains import missing, unseen
from benchmarks.faults.writer import (
    BULKY,
    CREATED,
    Acknowledged,
    append,
    objects,
    parse,
    record,
)
from funsearch.archive import files
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.reader import Reader

ROOT = Path(__file__).parents[3]
BULKY_PROGRAMS = 140
TIDIED_BYTES = 32_000_000
"""SQLite tidies its log of changes when it is as large as this."""
WRITER = (sys.executable, "-m", "benchmarks.faults.writer")


def append_all(archive: Archive, serials: Iterable[int]) -> list[Acknowledged]:
    """Append programs and verdicts as fast as it goes, and wait for them in the end."""
    receipts = []
    for serial in serials:
        made = archive.append(record(serial, None), objects(serial, None))
        judged = archive.append(record(serial, made.number))
        receipts += [(made, serial, None), (judged, serial, made.number)]
    for receipt, _, _ in receipts:
        receipt.acknowledged.result()
    return [Acknowledged(receipt.number, *rest) for receipt, *rest in receipts]


@contextlib.contextmanager
def snapshot(path: Path, table: str) -> Iterator[sqlite3.Connection]:
    """Begin to read a database, and keep at it."""
    with contextlib.closing(
        sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    ) as connection:
        connection.execute("BEGIN")
        count(connection, table)
        yield connection


def count(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_a_writer_in_another_process_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with subprocess.Popen(
        [*WRITER, folder, "0", "1000000"], cwd=ROOT, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        told = [holder.stdout.readline() for _ in range(100)][1:]
        for command in (
            [*WRITER, folder, "500000", "1"],
            [sys.executable, "-m", "funsearch", "resume", folder],
        ):
            refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            assert refused.returncode != 0
            (line,) = refused.stderr.splitlines()
            assert line.endswith(f"{folder} is being written by process {holder.pid}")
        # Being asked has not disturbed it.
        told += [holder.stdout.readline() for _ in range(100)]
        holder.kill()
    assert missing(folder, map(parse, told)) == 0


def test_runs_in_several_folders_live_at_once(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [*WRITER, tmp_path / f"run {number}", str(1000 * number), "100"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        for number in range(3)
    ]
    told = [writer.communicate()[0].splitlines()[1:] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    for number, lines in enumerate(told):
        assert len(lines) == 200
        assert missing(tmp_path / f"run {number}", map(parse, lines)) == 0


def test_one_process_may_write_several_folders(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two", tmp_path / "three"]
    told: list[list[Acknowledged]] = [[] for _ in folders]
    with contextlib.ExitStack() as stack:
        archives = [stack.enter_context(Archive.create(folder, "x")) for folder in folders]
        for step in range(30):
            for number, archive in enumerate(archives):
                told[number].append(append(archive, 100 * number + step))
        with pytest.raises(ArchiveError, match=rf"two is being written by process {os.getpid()}$"):
            Archive.open(folders[1])
    for folder, lines in zip(folders, told, strict=True):
        assert missing(folder, lines) == 0


def test_a_transaction_that_stays_open_holds_up_no_writer(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Archive.create(folder, "x") as archive:
        told = [append(archive, 0)]
        archive.flush()
        with contextlib.ExitStack() as stack:
            seen = {
                stack.enter_context(snapshot(folder / name, table)): table
                for name, table in ((files.INDEX, "entries"), (files.OBJECTS, "objects"))
            }
            counts = {connection: count(connection, table) for connection, table in seen.items()}
            told += append_all(archive, [*BULKY[:BULKY_PROGRAMS], *range(20_000, 22_360)])
            archive.flush()
            assert archive.index_error == ""
            assert {c: count(c, table) for c, table in seen.items()} == counts
            # So much that SQLite had to try to tidy, again and again, in the face of the reader.
            assert (folder / f"{files.OBJECTS}-wal").stat().st_size > TIDIED_BYTES
        told.append(append(archive, 30_000))
        assert (folder / files.OBJECTS).stat().st_size > TIDIED_BYTES
    assert len(told) > 5000
    assert missing(folder, told) == 0


def test_a_writer_ends_and_another_begins_while_somebody_reads(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Archive.create(folder, "x") as archive:
        told = [append(archive, 0)]
    with (
        Reader(folder) as reader,
        snapshot(folder / files.INDEX, "entries"),
        snapshot(folder / files.OBJECTS, "objects"),
    ):
        records = reader.records()
        assert next(records)[0] == 0
        for serial in range(1, 6):
            with Archive.open(folder) as archive:
                told.append(append(archive, serial))
        assert list(records) == []
        assert unseen(folder, told) == 0
    assert missing(folder, told) == 0


def test_whoever_reads_during_the_writing_sees_all_that_was_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    told: list[Acknowledged] = []
    with subprocess.Popen(
        [*WRITER, folder, "0", "1500"], cwd=ROOT, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == CREATED
        lines = writer.stdout
        thread = threading.Thread(target=lambda: told.extend(map(parse, lines)))
        thread.start()
        readings = 0
        while thread.is_alive():
            assert unseen(folder, list(told)) == 0
            readings += 1
        thread.join()
    assert len(told) == 3000
    assert readings > 1
    assert unseen(folder, told) == 0
