"""A run goes on from the state that was kept of it, or from its whole log: the same either way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from funsearch import restoring, snapshot
from funsearch.archive import sealed
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord
from funsearch.config import Config
from funsearch.parts import RunError
from funsearch.replaying.replay import recorded_config
from funsearch.state import SearchState
from tests.funsearch.replaying.recorded import go_on, record

STATE = sealed.NAME


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a search that kept its state at the end."""
    folder = tmp_path / "run"
    state = record(folder, "search.reset_registrations=20")
    with Archive.open(folder) as archive:
        restoring.keep(state, archive, config_of(folder))
    return folder


def config_of(folder: Path) -> Config:
    with Reader(folder) as reader:
        return recorded_config(reader)


def restored(folder: Path) -> tuple[SearchState, int]:
    """Return the state of a run, and how many records were read for it."""
    read = 0
    records = Archive.records

    def counting(self: Archive, start: int = 0) -> object:
        nonlocal read
        for item in records(self, start):
            read += 1
            yield item

    with pytest.MonkeyPatch.context() as patch, Archive.open(folder) as archive:
        patch.setattr(Archive, "records", counting)
        state = restoring.restored(config_of(folder), archive)
    return state, read


def told(state: SearchState) -> bytes:
    """Return all of a state."""
    return snapshot.dump(state, 0, "")


def from_log(folder: Path) -> SearchState:
    with Archive.open(folder) as archive:
        config = config_of(folder)
        state = restoring.new_state(config, archive)
        restoring.restore(state, archive, config.loaded.digest)
        return state


def test_what_was_kept_is_the_state_of_the_log(run: Path) -> None:
    state, read = restored(run)
    assert read == 0
    assert told(state) == told(from_log(run))


def test_only_the_records_since_are_applied(run: Path) -> None:
    with Reader(run) as reader:
        before = reader.log.size
    go_on(run, 200)
    with Reader(run) as reader:
        since = reader.log.size - before
    state, read = restored(run)
    assert read == since > 40
    assert told(state) == told(from_log(run))


def changed(place: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        *map(changed, [0, 16, 30, 100, 200, 400, 2000, -1]),
        lambda data: data[:-5],
        lambda data: b"",
        lambda data: b"\n" * 10,
        lambda data: b"\xff" * 1000,
    ],
)
def test_a_state_that_was_changed_is_refused_and_the_log_read(
    run: Path, change: Callable[[bytes], bytes]
) -> None:
    (run / STATE).write_bytes(change((run / STATE).read_bytes()))
    with Reader(run) as reader, pytest.raises(Damaged, match=r"\A[^\n]*state is damaged[^\n]*\Z"):
        sealed.read(run, reader.log)
    state, read = restored(run)
    assert read > 300
    assert told(state) == told(from_log(run))


def test_a_state_of_another_log_is_not_taken(run: Path, tmp_path: Path) -> None:
    record(tmp_path / "other")
    (tmp_path / "other" / STATE).write_bytes((run / STATE).read_bytes())
    with Reader(tmp_path / "other") as reader, pytest.raises(Damaged, match="state is damaged"):
        sealed.read(tmp_path / "other", reader.log)
    state, _ = restored(tmp_path / "other")
    assert told(state) == told(from_log(tmp_path / "other"))


def test_a_state_of_other_code_is_not_taken(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = told(from_log(run))
    monkeypatch.setattr(snapshot, "context_of", lambda config, search: "other code\n")
    state, read = restored(run)
    assert read > 300
    assert told(state) == expected


def test_a_verdict_of_a_broken_evaluator_is_found_behind_what_was_kept(run: Path) -> None:
    with Archive.open(run) as archive:
        generations = [r for _, r in archive.records() if isinstance(r, GenerationRecord)]
        generation = next(r for r in generations if r.draw is not None and r.program)
        *_, last = [r for _, r in archive.records() if isinstance(r, EvaluationRecord)]
        again = archive.append(generation)
        archive.append(
            replace(
                last,
                generation=again.number,
                program=generation.program,
                reply="",
                status="sandbox_error",
                score=None,
                scores={},
                certificates={},
                flags=(),
                reason="beyond the bound: the evaluator or the problem is broken",
            )
        )
    with pytest.raises(RunError, match="the evaluator or the problem is broken"):
        restored(run)


def test_nothing_is_sealed_for_another_size_than_the_logs(run: Path) -> None:
    with Archive.open(run) as archive:
        with pytest.raises(ArchiveError, match=f"has {archive.size} records, not 7"):
            sealed.write(archive, 7, b"data")
        sealed.write(archive, archive.size, b"data")
        size = archive.size
    with Reader(run) as reader:
        assert sealed.read(run, reader.log) == (size, b"data")
