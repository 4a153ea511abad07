"""Kills the archive's writer with SIGKILL at a hundred random moments, in one growing folder.

Each time 64 threads append as fast as they can, and the kill comes up to 0.4 s after the first
acknowledgement. What is left is opened each time; the last session's records are read at once,
those of all sessions in the end. Prints one JSON line.
"""

from __future__ import annotations

import json
import random
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.faults.remains import NotWhole, is_kept, missing
from benchmarks.faults.writer import CREATED, Acknowledged, parse
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Damaged, Missing
from funsearch.archive.reader import Reader

KILLS = 100
LATEST_S = 0.4
APART = 100_000
"""Between the first programs of two sessions: more than one of them comes to."""


def killed(folder: Path, first: int, seconds: float) -> list[Acknowledged]:
    """Return what a writer had acknowledged when it was killed.

    Args:
        folder: of the archive.
        first: number of the first program that it appends.
        seconds: from the first acknowledgement to the kill.
    """
    command = [sys.executable, "-m", "benchmarks.faults.writer", str(folder), str(first)]
    told = b""
    with subprocess.Popen([*command, str(APART)], stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        deadline = float("inf")
        # Read all the time: a writer that waits for its reader is not under load.
        while (left := deadline - time.monotonic()) > 0:
            if select.select([process.stdout], [], [], min(left, 60))[0]:
                if not (text := process.stdout.read(1 << 16)):
                    raise RuntimeError("the writer ended by itself")
                told += text
            if deadline == float("inf") and told.removeprefix(CREATED):
                deadline = time.monotonic() + seconds
        process.kill()
        told += process.stdout.read()
    return [parse(line) for line in told.removeprefix(CREATED).splitlines() if line]


def lost(folder: Path, told: list[Acknowledged]) -> int:
    """Open what is left; count the acknowledged records that are not there as they were appended.

    Raises:
        ArchiveError: it does not open.
    """
    Archive.open(folder).close()
    gone = 0
    with Reader(folder) as reader:
        for said in told:
            try:
                found = reader.record(said.number)
            except (Damaged, Missing):
                found = None
            gone += not is_kept(reader, found, said)
    return gone


def main() -> None:
    """Kill, open, count and print."""
    moments = random.Random(100)
    told: list[Acknowledged] = []
    gone = refused = 0
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "run"
        for kill in range(KILLS):
            first = APART * (kill + 1)
            session = killed(folder, first, moments.uniform(0.0, LATEST_S))
            told += session
            try:
                gone += lost(folder, session) if kill + 1 < KILLS else missing(folder, told)
            except (ArchiveError, NotWhole) as error:
                refused += 1
                sys.stderr.write(f"kill {kill + 1}: {error}\n")
    figures = {
        "benchmark": "kill_writer",
        "kills": KILLS,
        "records_acknowledged": len(told),
        "lost": gone,
        "unopenable": refused,
        "seconds": round(time.perf_counter() - start),
        "goal": {"lost": 0, "unopenable": 0},
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
