"""A writer that is killed loses nothing it had acknowledged, and the folder opens by itself."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive import files, journal
from funsearch.archive.archive import Archive
from funsearch.archive.index import rebuild
from funsearch.archive.reader import Reader
from funsearch.archive.records import GenerationRecord

WRITER = Path(__file__).with_name("writer_under_load.py")


def kill_after(folder: Path, acknowledgements: int) -> list[int]:
    """Return the numbers that the writer had acknowledged when it was killed."""
    with subprocess.Popen([sys.executable, WRITER, folder], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(acknowledgements)]
        process.kill()
        lines += process.stdout.readlines()
    return [int(line.split()[0]) for line in lines if line.endswith(b"\n")]


def test_nothing_acknowledged_is_lost(tmp_path: Path, make: Any) -> None:
    draws = random.Random(7)
    folder = tmp_path / "run"
    Archive.create(folder, make.config).close()
    for _ in range(5):
        acknowledged = kill_after(folder, draws.randrange(1, 1500))
        entries = list(journal.read(folder / files.JOURNAL))
        assert acknowledged == list(range(acknowledged[0], acknowledged[-1] + 1))
        assert len(entries) > acknowledged[-1]
    with Reader(folder) as reader:
        assert not reader.is_written
        for _, record in reader.records():
            assert isinstance(record, GenerationRecord)
            assert record.program is not None
            assert b"return %d\n" % record.sample_seed in reader.object(record.program)
        index = list(reader.index.iterdump())
    rebuild(folder)
    with Reader(folder) as reader:
        assert list(reader.index.iterdump()) == index


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writers_folder_can_be_written_at_once(
    tmp_path: Path, make: Any, seed: int
) -> None:
    folder = tmp_path / "run"
    Archive.create(folder, make.config).close()
    acknowledged = kill_after(folder, random.Random(seed).randrange(1, 300))
    with Archive.open(folder) as archive:
        number = archive.append(make.run(event="resumed")).number
        assert number > acknowledged[-1]
    with Reader(folder) as reader:
        assert list(reader.records())[-1] == (number, make.run(event="resumed"))
