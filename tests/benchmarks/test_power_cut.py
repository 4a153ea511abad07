"""The model of a disk loses what no fsync has covered, and explains what a process really did."""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.faults.disk import SECTOR, Disk, File, Folder, Promise
from benchmarks.faults.replay import Kind, Replay
from benchmarks.faults.trace import Untraceable, trace


def left(disk: Disk, target: Path, promise: Promise, seed: int | None = None) -> dict[str, bytes]:
    disk.lose_power(target, promise, None if seed is None else random.Random(seed))
    content = {str(path.relative_to(target)): path for path in target.rglob("*") if path.is_file()}
    found = {name: path.read_bytes() for name, path in content.items()}
    shutil.rmtree(target)
    return found


def written(disk: Disk, folder: Folder, name: str, data: bytes) -> File:
    file = File()
    disk.name((folder, name, file))
    file.finish(file.begin(0, data), len(data))
    return file


def synced(disk: Disk, node: File | Folder) -> None:
    disk.sync(node, disk.covered(node))


def test_a_name_waits_for_its_folder_or_for_any_fsync(tmp_path: Path) -> None:
    disk = Disk()
    first = written(disk, disk.root, "first", b"1")
    written(disk, disk.root, "second", b"2")
    synced(disk, first)
    assert left(disk, tmp_path / "left", Promise.STRICT) == {}
    assert left(disk, tmp_path / "left", Promise.LENIENT) == {"first": b"1", "second": b""}
    synced(disk, disk.root)
    assert left(disk, tmp_path / "left", Promise.STRICT) == {"first": b"1", "second": b""}


def test_an_fsync_covers_what_had_returned_when_it_began(tmp_path: Path) -> None:
    disk = Disk()
    file = written(disk, disk.root, "file", b"before")
    under_way = file.begin(6, b", during")
    covered = disk.covered(file)
    file.finish(under_way, 8)
    assert left(disk, tmp_path / "left", Promise.LENIENT) == {}
    disk.sync(file, covered)
    assert left(disk, tmp_path / "left", Promise.LENIENT) == {"file": b"before"}
    assert file.content() == b"before, during"


def test_a_file_renamed_over_another_may_be_back(tmp_path: Path) -> None:
    disk = Disk()
    synced(disk, written(disk, disk.root, "file", b"old"))
    new = written(disk, disk.root, "new", b"new")
    synced(disk, new)
    synced(disk, disk.root)
    disk.name((disk.root, "new", None), (disk.root, "file", new))
    assert left(disk, tmp_path / "left", Promise.STRICT) == {"file": b"old", "new": b"new"}
    synced(disk, disk.root)
    assert left(disk, tmp_path / "left", Promise.STRICT) == {"file": b"new"}


def test_chance_keeps_whole_sectors_and_leaves_holes(tmp_path: Path) -> None:
    disk = Disk()
    file = written(disk, disk.root, "file", b"x" * 100)
    synced(disk, file)
    synced(disk, disk.root)
    data = b"".join(bytes([65 + number]) * SECTOR for number in range(6))
    file.finish(file.begin(100, data), len(data))
    whole = b"x" * 100 + data
    seen: set[bytes] = set()
    for seed in range(40):
        found = left(disk, tmp_path / "left", Promise.STRICT, seed)["file"]
        assert found[:100] == b"x" * 100
        for start in range(0, len(found), SECTOR):
            sector = found[start : start + SECTOR]
            kept = whole[start : start + len(sector)]
            lost = (b"x" * 100 if start == 0 else b"").ljust(len(sector), b"\0")
            assert sector in (kept, lost)
        seen.add(found)
    assert b"x" * 100 in seen
    assert whole in seen
    assert len(seen) > 5


PROCESS = """
import os, sys, threading
os.chdir(sys.argv[1])
here = os.getcwd()
os.mkdir(here + "/folder")
def work(number):
    for step in range(20):
        path = f"{here}/folder/{number}.{step}"
        with open(path, "w+b", buffering=0) as file:
            file.write(b"a" * 3000)
            os.writev(file.fileno(), [b"b" * 10, b"c" * 10])
            file.seek(7)
            file.read(5)
            file.write(b"twelve")
            os.pwrite(file.fileno(), b"far", 5000)
            other = os.dup(file.fileno())
            os.ftruncate(other, 4000)
            os.write(other, b"on")
            os.fsync(other)
            os.close(other)
        with open(path, "ab", buffering=0) as file:
            file.write(b"end")
        os.replace(path, f"{here}/{number}")
    os.link(f"{here}/{number}", f"{here}/linked {number}")
    os.unlink(f"{here}/{number}")
threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
os.write(1, b"done")
"""


def test_the_model_explains_what_a_process_did(tmp_path: Path) -> None:
    root = Path(os.path.realpath(tmp_path)) / "root"
    root.mkdir()
    replay = Replay(root)
    try:
        events = trace([sys.executable, "-c", PROCESS, str(root)], tmp_path / "trace")
    except Untraceable as error:
        pytest.skip(str(error))
    kinds = [replay.apply(event) for event in events]
    assert replay.exit() == []
    assert kinds.count(Kind.TOLD) == 1
    assert kinds.count(Kind.NAMED) == 1 + 4 * 22
    assert kinds.count(Kind.SYNCING) == 80
    assert set(left(replay.disk, tmp_path / "left", Promise.STRICT)) == set()
    assert {f"linked {number}" for number in range(4)} == {p.name for p in root.glob("linked*")}
