"""What is acknowledged is there, in the order of the calls, whatever becomes of the writer."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive import files, queries
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Missing, Unrecordable
from funsearch.archive.journal import Journal
from funsearch.archive.objects import OBJECT_BYTES, ObjectWriter
from funsearch.archive.reader import Reader
from tests.funsearch.archive.tables import content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "one"


def records(folder: Path) -> list[object]:
    with Reader(folder) as reader:
        return [record for _, record in reader.records()]


def test_records_and_objects_come_back(folder: Path, make: Any) -> None:
    with Archive.create(folder, make.config) as archive:
        numbers = make.search(archive, 100)
        archive.flush()
        assert numbers == list(range(len(numbers)))
        assert [number for number, _ in archive.records()] == numbers
        written = [record for _, record in archive.records()]
        assert archive.object(make.digest(make.source(7))) == make.source(7)
    assert records(folder) == written
    with Reader(folder) as reader:
        assert reader.object(make.digest(make.source(7))) == make.source(7)
        assert reader.config() == make.config
        assert not reader.is_written


def test_an_object_is_found_before_it_is_committed(folder: Path, make: Any, gate: Gate) -> None:
    with Archive.create(folder, make.config) as archive:
        first = archive.append(make.seed("first"), [make.source("first")])
        gate.entered.wait()
        second = archive.append(make.seed("second"), [make.source("second")])
        for name in ("first", "second"):
            assert archive.object(make.digest(make.source(name))) == make.source(name)
        assert not first.acknowledged.done()
        with pytest.raises(Missing):
            archive.object("0" * 64)
        gate.open.set()
        second.acknowledged.result()
        for name in ("first", "second"):
            assert archive.object(make.digest(make.source(name))) == make.source(name)


class Gate:
    """Holds the writer before it commits; tells when it has come there."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()
        self.commits: list[int] = []


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    commit = Journal.commit

    def held(self: Journal, number: int, lines: Sequence[bytes]) -> None:
        gate.entered.set()
        gate.open.wait()
        gate.commits.append(len(lines))
        commit(self, number, lines)

    monkeypatch.setattr(Journal, "commit", held)
    return gate


def test_what_comes_during_a_commit_is_committed_together(
    folder: Path, make: Any, gate: Gate
) -> None:
    with Archive.create(folder, make.config) as archive:
        done: list[int] = []
        first = make.start(archive, 0)
        gate.entered.wait()
        others = [make.start(archive, name) for name in range(1, 50)]
        for receipt in (first, *others):
            number = receipt.number
            receipt.acknowledged.add_done_callback(lambda _, number=number: done.append(number))
        assert not done
        gate.open.set()
        archive.flush()
    assert gate.commits == [1, 49]
    assert done == list(range(50))
    assert [receipt.number for receipt in others] == list(range(1, 50))


def test_objects_are_committed_before_the_record(
    folder: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Journal.commit

    def looking(self: Journal, number: int, lines: Sequence[bytes]) -> None:
        with sqlite3.connect(folder / files.OBJECTS) as connection:
            seen.append(connection.execute("SELECT count(*) FROM objects").fetchone()[0])
        connection.close()
        commit(self, number, lines)

    seen: list[int] = []
    monkeypatch.setattr(Journal, "commit", looking)
    with Archive.create(folder, make.config) as archive:
        source = make.source(0)
        archive.append(make.seed(), [source, b"two", source]).acknowledged.result()
        archive.append(make.seed(), [b"two", b"three"]).acknowledged.result()
    assert seen == [2, 3]


def test_a_waiter_that_gives_up_leaves_the_others_alone(
    folder: Path, make: Any, gate: Gate
) -> None:
    async def scenario(archive: Archive) -> None:
        waiting = [asyncio.wrap_future(make.start(archive, name).acknowledged) for name in range(3)]
        waiting[1].cancel()
        gate.open.set()
        await asyncio.gather(waiting[0], waiting[2])

    with Archive.create(folder, make.config) as archive:
        asyncio.run(scenario(archive))
        assert len(list(archive.records())) == 3


def test_threads_may_append_at_once(folder: Path, make: Any) -> None:
    with Archive.create(folder, make.config) as archive:
        numbers: list[int] = []

        def work(part: int) -> None:
            numbers.extend(make.start(archive, (part, name)).number for name in range(50))

        threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        archive.flush()
        assert sorted(numbers) == list(range(200))
        assert archive.index_error == ""
    assert len(records(folder)) == 200


def test_an_unfit_record_is_refused_at_once_and_leaves_no_trace(folder: Path, make: Any) -> None:
    with Archive.create(folder, make.config) as archive:
        with pytest.raises(Unrecordable):
            archive.append(make.seed(sampler=""), [b"object"])
        with pytest.raises(Unrecordable, match="an object has"):
            archive.append(make.seed(), [bytes(OBJECT_BYTES + 1)])
        with pytest.raises(Unrecordable, match="not there yet"):
            archive.append(make.evaluation(0, 0, 1.0))
        assert make.start(archive, 0).number == 0
        archive.flush()
        with pytest.raises(Missing):
            archive.object(make.digest(b"object"))


def test_a_record_that_could_not_be_traced_is_refused(folder: Path, make: Any) -> None:
    with Archive.create(folder, make.config) as archive:
        with pytest.raises(Unrecordable, match=f"names the object {make.digest(make.source(0))}"):
            archive.append(make.seed())
        make.start(archive, 0)
        with pytest.raises(Unrecordable, match="names the object"):
            archive.append(make.generation(1, ["never seen"]), [make.source(1)])
        with pytest.raises(Unrecordable, match="names the object"):
            archive.append(make.run())
        archive.append(make.generation(1, [0]), [make.source(1)])
        for record in (make.retraction(5), make.verification(0, 5)):
            with pytest.raises(Unrecordable, match="record 5, which is not there yet"):
                archive.append(record)
        with pytest.raises(Unrecordable, match="record 5, which is not there yet"):
            archive.append(make.generation(2, [0], failures=(1, 5)), [make.source(2)])
    with Archive.open(folder) as archive:
        # What an earlier session wrote counts as well.
        assert archive.append(make.generation(2, [1, 0]), [make.source(2)]).number == 2


def test_the_private_key_is_for_its_owner_alone(run: Path) -> None:
    mode = (run / files.PRIVATE_KEY).stat().st_mode
    assert mode & 0o777 == 0o600
    key = (run / files.PRIVATE_KEY).read_bytes()
    assert not [
        path
        for path in run.rglob("*")
        if path.is_file() and key[-44:] in path.read_bytes() and path.name != files.PRIVATE_KEY
    ]


def test_a_copy_without_the_private_key_can_be_read_only(run: Path) -> None:
    (run / files.PRIVATE_KEY).unlink()
    with Reader(run) as reader:
        assert len(list(reader.records())) > 100
    with pytest.raises(ArchiveError, match=r"it has no private key \(log\.key\)"):
        Archive.open(run)


def test_a_large_object_and_an_incompressible_one_come_back(folder: Path, make: Any) -> None:
    large = b"cap" * 1_000_000
    noise = random.Random(0).randbytes(100_000)
    with Archive.create(folder, make.config) as archive:
        archive.append(make.seed(), [make.source(0), b"", large, noise, b"small"])
        archive.flush()
        for data in (b"", large, noise, b"small"):
            assert archive.object(make.digest(data)) == data


def test_a_reader_follows_a_writer(folder: Path, make: Any) -> None:
    with Archive.create(folder, make.config) as archive:
        archive.append(make.seed(), [make.source(0)])
        archive.flush()
        with Reader(folder) as reader:
            assert reader.is_written
            assert queries.summary(reader.index, "max", is_written=True).records == 1
            for number in range(1, 30):
                archive.append(make.generation(number, [0]), [make.source(number)])
                archive.flush()
                assert len(list(reader.records())) == number + 1
                assert queries.summary(reader.index, "max", is_written=True).samples == number
                assert reader.object(make.digest(make.source(number))) == make.source(number)


def test_an_open_transaction_of_a_reader_does_not_hold_up_the_writer(
    folder: Path, make: Any
) -> None:
    with Archive.create(folder, make.config) as archive:
        make.start(archive, 0)
        archive.flush()
        with Reader(folder) as reader:
            reader.index.execute("BEGIN")
            assert reader.index.execute("SELECT count(*) FROM entries").fetchone() == (1,)
            make.search(archive, 50)
            archive.flush()
            assert archive.index_error == ""
            assert reader.index.execute("SELECT count(*) FROM entries").fetchone() == (1,)
            reader.index.execute("ROLLBACK")
            assert reader.index.execute("SELECT count(*) FROM entries").fetchone() > (50,)


def test_a_reader_leaves_a_folder_it_cannot_write_alone(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Reader(run) as reader:
        expected = content(reader.index)
    for path in run.glob(f"{files.INDEX}*"):
        path.unlink()
    before = sorted(path.name for path in run.iterdir())
    opened = files.open_regular

    def read_only(path: Path, flags: int = os.O_RDONLY) -> int:
        if flags != os.O_RDONLY:
            raise PermissionError(errno.EROFS, "Read-only file system")
        return opened(path, flags)

    monkeypatch.setattr(files, "open_regular", read_only)
    with Reader(run) as reader:
        assert content(reader.index) == expected
    assert sorted(path.name for path in run.iterdir()) == before


def test_a_second_writer_is_refused_and_the_holder_named(folder: Path, make: Any) -> None:
    with Archive.create(folder, make.config):
        with pytest.raises(ArchiveError, match=f"being written by process {os.getpid()}$"):
            Archive.open(folder)
        code = (
            "import sys; from pathlib import Path; from funsearch.archive.archive import Archive\n"
            "Archive.open(Path(sys.argv[1]))"
        )
        other = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True)
        assert f"being written by process {os.getpid()}" in other.stderr
    Archive.open(folder).close()


def test_create_refuses_a_folder_in_use(folder: Path, make: Any) -> None:
    folder.mkdir(parents=True)
    Archive.create(folder, make.config).close()
    with pytest.raises(ArchiveError, match="is not empty"):
        Archive.create(folder, make.config)
    with pytest.raises(ArchiveError, match="cannot be made"):
        Archive.create(folder / files.CONFIG / "below", make.config)
    for opener in (Archive.open, Reader):
        with pytest.raises(ArchiveError, match="is not the folder of a run"):
            opener(folder.parent)


def test_create_leaves_nothing_behind_when_the_disk_is_full(
    folder: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("funsearch.archive.objects.create", full)
    with pytest.raises(ArchiveError, match=r"cannot be written: database or disk is full\Z"):
        Archive.create(folder, make.config)
    assert not folder.exists()


def test_closed_twice_and_no_append_after(folder: Path, make: Any) -> None:
    archive = Archive.create(folder, make.config)
    archive.close()
    archive.close()
    with pytest.raises(ArchiveError, match="is closed"):
        archive.append(make.seed())


@pytest.mark.parametrize("fault", ["write", "half a write", "fsync", "objects"])
def test_a_full_disk_stops_the_writer_and_keeps_what_was_acknowledged(
    folder: Path, make: Any, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    archive = Archive.create(folder, make.config)
    make.search(archive, 20)
    archive.flush()
    acknowledged = [record for _, record in archive.records()]

    def full(*_: object) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    written = iter([True])
    write = os.write
    with monkeypatch.context() as disk:
        match fault:
            case "write":
                disk.setattr(os, "write", full)
            case "half a write":
                disk.setattr(
                    os,
                    "write",
                    lambda fd, data: write(fd, data[:99]) if next(written, False) else full(),
                )
            case "fsync":
                disk.setattr(os, "fsync", full)
            case _:
                disk.setattr(ObjectWriter, "add", full)
        pending = make.start(archive, "pending").acknowledged
        error = pending.exception()
        with pytest.raises(ArchiveError) as refusal:
            make.start(archive, "later")
        assert isinstance(error, ArchiveError)
        assert str(error) == str(refusal.value)
        assert "No space left on device; all that was acknowledged is kept" in str(refusal.value)
        assert "\n" not in str(refusal.value)
        with pytest.raises(ArchiveError, match="No space left on device"):
            archive.close()
    assert records(folder) == acknowledged
    with Archive.open(folder) as again:
        assert again.append(make.run(event="resumed")).number == len(acknowledged)


LIMITED = """
import resource, signal, sys
sys.path.insert(0, sys.argv[2])
from hashlib import sha256
from pathlib import Path
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.records import RunRecord
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
archive = Archive.create(Path(sys.argv[1]), "x")
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
digest = sha256(b"x").hexdigest()
record = RunRecord("started", "p", digest, (), digest, 0, digest, {}, digest, "log", "r" * 4000)
try:
    while True:
        receipt = archive.append(record, [b"x"])
        receipt.acknowledged.result()
        print(receipt.number, flush=True)
except ArchiveError as error:
    print(error, file=sys.stderr)
"""


def test_a_file_that_cannot_grow_keeps_what_was_acknowledged(folder: Path) -> None:
    root = str(Path(files.__file__).parents[2])
    process = subprocess.run(
        [sys.executable, "-c", LIMITED, folder, root], capture_output=True, text=True, check=True
    )
    (line,) = process.stderr.splitlines()
    assert "File too large; all that was acknowledged is kept" in line
    numbers = [int(text) for text in process.stdout.split()]
    assert len(numbers) > 20
    assert len(records(folder)) == len(numbers)
