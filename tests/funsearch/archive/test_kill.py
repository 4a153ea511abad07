"""A writer that is killed loses nothing it had acknowledged, and the folder opens by itself."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults.remains import missing, unseen
from benchmarks.faults.writer import CREATED, Acknowledged, parse
from funsearch.archive.index import rebuild
from funsearch.archive.reader import Reader
from tests.funsearch.archive.tables import content

ROOT = Path(__file__).parents[3]


def kill_after(folder: Path, first: int, acknowledgements: int) -> list[Acknowledged]:
    """Return what a writer had acknowledged when it was killed, after so many at the least."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.faults.writer", folder, str(first), "1000000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(acknowledgements)]
        process.kill()
        lines += process.stdout.readlines()
    return [parse(line) for line in lines if line != CREATED]


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    draws = random.Random(7)
    folder = tmp_path / "run"
    told: list[Acknowledged] = []
    for session in range(5):
        told += kill_after(folder, 100_000 * session, draws.randrange(1, 800))
        assert unseen(folder, told) == 0
    assert missing(folder, told) == 0


def test_a_killed_writers_index_is_that_of_its_log(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    kill_after(folder, 0, 500)
    with Reader(folder) as reader:
        assert not reader.is_written
        index = content(reader.index)
    rebuild(folder)
    with Reader(folder) as reader:
        assert content(reader.index) == index


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writers_folder_can_be_written_at_once(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "run"
    told = kill_after(folder, 0, random.Random(seed).randrange(2, 200))
    assert missing(folder, told) == 0
