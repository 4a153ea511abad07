"""A disk that is really full stops the writer with one line; nothing acknowledged is lost."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.faults.remains import missing, unseen
from benchmarks.faults.writer import CREATED, Acknowledged, parse
from funsearch.archive.reader import Reader
from funsearch.archive.records import Record

ENDLESS = "1000000"
ROOT = Path(__file__).parents[3]


def told_by(output: bytes) -> list[Acknowledged]:
    return [parse(line) for line in output.removeprefix(CREATED).splitlines()]


@pytest.mark.parametrize("most", [300_000, 900_000])
def test_a_file_that_cannot_grow_stops_the_writer(tmp_path: Path, most: int) -> None:
    folder = tmp_path / "run"
    writer = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults.writer", folder, "0", ENDLESS],
        cwd=ROOT,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    (line,) = writer.stderr.decode().splitlines()
    assert writer.returncode == 1
    assert line.startswith(f"{folder} cannot be written any more: ")
    assert line.endswith("; all that was acknowledged is kept: make room and resume")
    told = told_by(writer.stdout)
    assert len(told) > 20
    assert unseen(folder, told) == 0
    assert missing(folder, told) == 0


FILL = """
import os, sys
there = os.statvfs(sys.argv[1])
with open(sys.argv[1] + "/ballast", "wb") as file:
    file.write(bytes(there.f_bavail * there.f_bsize - int(sys.argv[2])))
"""


@dataclass(frozen=True)
class SmallDisk:
    """A file system of a few megabytes, which only commands see that are run through it.

    Attributes:
        folder: where it is.
        enter: the beginning of each such command.
    """

    folder: Path
    enter: tuple[str, ...]

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*self.enter, *command], cwd=ROOT, capture_output=True)

    def fill(self, left: int) -> None:
        """Leave so many bytes free."""
        self.run(sys.executable, "-c", FILL, self.folder, str(left)).check_returncode()

    def make_room(self) -> None:
        self.run("rm", self.folder / "ballast").check_returncode()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = 'mount -t tmpfs -o size=16m none "$0" && echo mounted && exec cat'
    with subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        if holder.stdout.readline() != b"mounted\n":
            pytest.skip("this machine lets nobody mount a file system of his own")
        enter = ("nsenter", "--user", "--mount", "--preserve-credentials", "--target")
        yield SmallDisk(folder, (*enter, str(holder.pid)))
        holder.stdin.close()


READ = """
import sys
from pathlib import Path
from benchmarks.faults.remains import unseen
from benchmarks.faults.writer import parse
print(unseen(Path(sys.argv[1]), [parse(line.encode()) for line in sys.argv[2].splitlines()]))
"""


@pytest.mark.parametrize("left", [600_000, 1_500_000])
def test_a_full_disk_stops_the_writer_and_room_lets_it_go_on(
    small_disk: SmallDisk, tmp_path: Path, left: int
) -> None:
    folder = small_disk.folder / "run"
    writer = (sys.executable, "-m", "benchmarks.faults.writer", folder)
    small_disk.fill(left)
    stopped = small_disk.run(*writer, "0", ENDLESS)
    (line,) = stopped.stderr.decode().splitlines()
    assert stopped.returncode == 1
    assert line.startswith(f"{folder} cannot be written any more: ")
    assert line.endswith("; all that was acknowledged is kept: make room and resume")
    told = told_by(stopped.stdout)
    assert len(told) > 20

    lines = stopped.stdout.removeprefix(CREATED)
    read = small_disk.run(sys.executable, "-c", READ, folder, lines.decode())
    assert read.stdout == b"0\n", read.stderr

    again = small_disk.run(*writer, "100000", "1")
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1
    assert b"No space left on device" in again.stderr

    small_disk.make_room()
    gone_on = small_disk.run(*writer, "200000", "20")
    assert gone_on.returncode == 0, gone_on.stderr
    small_disk.run("cp", "-r", folder, tmp_path / "copy").check_returncode()
    assert missing(tmp_path / "copy", told + told_by(gone_on.stdout)) == 0


def records(disk: SmallDisk, run: Path, copy: Path) -> list[Record]:
    disk.run("cp", "-r", run, copy).check_returncode()
    with Reader(copy) as reader:
        return [record for _, record in reader.records()]


@pytest.mark.slow
def test_a_search_on_a_full_disk_ends_with_one_line_and_resumes(
    small_disk: SmallDisk, tmp_path: Path
) -> None:
    run = small_disk.folder / "run"
    search = (sys.executable, "-m", "funsearch")
    small_disk.fill(2_000_000)
    stopped = small_disk.run(*search, "run", f"run.dir={run}", "run.seconds=600")
    assert stopped.returncode == 1
    assert b"Traceback" not in stopped.stderr
    *_, last = stopped.stderr.decode().splitlines()
    assert last.startswith(f"funsearch: {run} cannot be written any more: ")
    assert last.endswith("; all that was acknowledged is kept: make room and resume")
    before = records(small_disk, run, tmp_path / "before")

    small_disk.make_room()
    resumed = small_disk.run(*search, "resume", run, "run.seconds=1")
    assert resumed.returncode == 0, resumed.stderr
    after = records(small_disk, run, tmp_path / "after")
    assert after[: len(before)] == before
    assert len(after) > len(before) > 0
