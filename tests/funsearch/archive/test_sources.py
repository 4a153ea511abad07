"""What sources say, worked out in another process: the same, whatever becomes of that process."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from funsearch.archive import files, index
from funsearch.archive import sources as module
from funsearch.archive.archive import Archive
from funsearch.archive.facts import NO_SOURCE
from funsearch.archive.objects import ObjectReader
from funsearch.archive.sources import LiveSources, sources_from
from tests.funsearch.archive.conftest import CONFIG
from tests.funsearch.archive.histories import dump, history


def children() -> set[int]:
    """Return the processes that this thread has started and that are not gone."""
    return set(map(int, Path("/proc/thread-self/children").read_text().split()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources") / "run"
    with Archive.create(folder, CONFIG) as archive:
        history(archive, seed=4, programs=3 * module.MANY)
    return folder


def programs(folder: Path) -> list[bytes]:
    with closing(sqlite3.connect(folder / files.INDEX)) as connection:
        return [name for (name,) in connection.execute("SELECT id FROM programs")]


def test_a_process_says_the_same(folder: Path) -> None:
    before, wanted = children(), [b"none" * 8, *programs(folder)]
    with (
        closing(ObjectReader(folder / files.OBJECTS)) as objects,
        LiveSources(folder) as live,
    ):
        expected = sources_from(objects)(wanted)
        assert live(wanted[: module.MANY - 1]) == sources_from(objects)(wanted[: module.MANY - 1])
        assert children() == before, "few are no reason to start one"
        for _ in range(2):
            assert live(wanted) == expected
        assert len(children() - before) == 1
    assert children() == before
    assert expected[wanted[0]] == NO_SOURCE
    assert all(said.form for said in list(expected.values())[1:])


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_dies_is_not_missed(folder: Path, blow: signal.Signals) -> None:
    before, wanted = children(), programs(folder)
    with LiveSources(folder) as live:
        expected = live(wanted)
        (process,) = children() - before
        os.kill(process, blow)
        for _ in range(2):
            assert live(wanted) == expected
        assert children() == before
    assert len(expected) == len(wanted)


def test_where_no_process_can_be_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = programs(folder)
    with LiveSources(folder) as live:
        expected = live(wanted)

    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr("evaluators.processes.start", refuse)
    with LiveSources(folder) as live:
        assert live(wanted) == expected


def test_a_writer_in_a_hurry_writes_the_index_that_a_rebuild_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is that the test runs on, there are many at once.
    monkeypatch.setattr(module, "MANY", 8)
    folder = tmp_path / "run"
    with Archive.create(folder, CONFIG) as archive:
        history(archive, seed=6, programs=500)
    live = dump(folder)
    assert index.compare(folder) is None
    index.rebuild(folder)
    assert dump(folder) == live
