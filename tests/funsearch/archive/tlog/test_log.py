"""Whatever its writer does, a log is as tlog-tiles asks, and no checkpoint is taken back."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funsearch.archive import files, journal, kept, log_writer
from funsearch.archive.log import LogReader
from funsearch.archive.log_writer import LogWriter
from funsearch.archive.tlog import merkle
from funsearch.archive.tlog.note import Checkpoint
from tests.funsearch.archive.tlog.support import (
    as_specified,
    entry,
    leaf,
    root,
    stored,
    subtree,
)


@dataclass
class Log:
    """A log being written, with all who have opened it so far."""

    folder: Path
    writer: LogWriter
    size: int = 0
    readers: list[tuple[int, LogReader]] = field(default_factory=list[tuple[int, LogReader]])

    def commit(self, count: int) -> None:
        numbers = range(self.size, self.size + count)
        entries, leaves = [entry(number) for number in numbers], [leaf(one) for one in numbers]
        lines = [journal.line(one, data) for one, data in zip(leaves, entries, strict=True)]
        self.writer.commit(entries, leaves, lines)
        self.size += count

    def reopen(self, *, killed: bool) -> None:
        """Open the log again, after the writer has closed it or has just gone."""
        if killed:
            self.writer.abandon()
        else:
            self.writer.close()
        self.writer = LogWriter(self.folder)
        assert self.writer.size == self.size

    def checkpoints(self) -> list[Checkpoint]:
        return list(kept.read(self.folder / files.CHECKPOINTS, self.writer.signer.verifier))


def new_log(folder: Path) -> Log:
    log_writer.create(folder)
    return Log(folder, LogWriter(folder))


COUNTS = st.sampled_from([1, 2, 100, 255, 256, 257, 513, 1000, 4200])
STEPS = st.lists(
    st.one_of(COUNTS, st.sampled_from(["publish", "close", "kill", "read"])),
    min_size=1,
    max_size=9,
)


@settings(max_examples=20)
@given(STEPS)
def test_a_log_is_as_specified_after_any_steps_of_its_writer(steps: list[int | str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = new_log(Path(folder))
        for step in steps:
            match step:
                case int():
                    log.commit(step)
                case "publish":
                    log.writer.publish()
                    assert_published(log)
                case "read":
                    log.readers.append((log.size, LogReader(log.folder)))
                case _:
                    log.reopen(killed=step == "kill")
                    assert_published(log)
            assert_readable(log)
        log.writer.close()
        assert_published(log)
        assert_readable(log)


def assert_published(log: Log) -> None:
    """Assert what holds whenever a checkpoint covers all entries."""
    checkpoints = log.checkpoints()
    sizes = [checkpoint.size for checkpoint in checkpoints]
    assert sizes == sorted(set(sizes))
    assert (sizes or [0])[-1] == log.size
    for checkpoint in checkpoints:
        assert checkpoint.root == root(checkpoint.size)
    found = LogReader(log.folder)
    assert found.checkpoint == (checkpoints[-1] if checkpoints else None)
    if checkpoints:
        for older in checkpoints:
            proof = merkle.consistency_proof(older.size, log.size, found.tree.subtree)
            roots = older.root, checkpoints[-1].root
            assert merkle.is_consistent(older.size, roots[0], log.size, roots[1], proof)
    assert tiles_of(log.folder) == expected_tiles(sizes)


def tiles_of(folder: Path) -> dict[str, bytes]:
    found = stored(folder / files.LOG)
    return {name: data for name, data in found.items() if name.startswith("tile/")}


def expected_tiles(sizes: list[int]) -> dict[str, bytes]:
    """Return the tiles of all checkpoints, less the partial ones that are full by now."""
    found: dict[str, bytes] = {}
    for size in sizes:
        found |= as_specified(size)
    return {name: data for name, data in found.items() if name.partition(".p/")[0] not in found} | {
        name: data for name, data in found.items() if ".p/" not in name
    }


def assert_readable(log: Log) -> None:
    """Assert that who opens the log now sees all of it, and who had opened it sees what he saw."""
    for size, reader in [*log.readers, (log.size, LogReader(log.folder))]:
        assert reader.size == size
        assert [data for _, data in reader.entries()] == [entry(number) for number in range(size)]
        for number in {0, 255, 256, size // 2, size - 1}:
            if 0 <= number < size:
                assert reader.leaf(number) == leaf(number)
                assert reader.entry(number) == entry(number)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return new_log(tmp_path)


def test_a_reader_that_follows_sees_each_state_of_the_log(log: Log) -> None:
    reader = LogReader(log.folder)
    for step in (1, 255, "publish", 5000, "publish", 10, "close", 300, "kill"):
        match step:
            case int():
                log.commit(step)
            case "publish":
                log.writer.publish()
            case _:
                log.reopen(killed=step == "kill")
        before = reader.size
        reader.refresh()
        assert reader.size == log.size
        new = [(number, data) for number, data in reader.entries(before)]
        assert new == [(number, entry(number)) for number in range(before, log.size)]
    log.writer.close()


def test_proofs_of_every_checkpoint_can_be_made_at_any_later_time(log: Log) -> None:
    for count in (1, 99, 156, 1, 500, 4000, 7):
        log.commit(count)
        log.writer.publish()
    log.writer.close()
    tree = LogReader(log.folder).tree
    for checkpoint in log.checkpoints():
        for number in {0, checkpoint.size // 2, checkpoint.size - 1}:
            proof = merkle.inclusion_proof(number, checkpoint.size, tree.subtree)
            assert proof == merkle.inclusion_proof(number, checkpoint.size, subtree)
            reached = merkle.root_from_inclusion(number, checkpoint.size, leaf(number), proof)
            assert reached == checkpoint.root


def test_what_full_bundles_hold_is_cut_off_the_journal_and_nothing_else(log: Log) -> None:
    log.commit(4095)
    log.writer.publish()
    assert journal.Tail(log.folder / files.JOURNAL).start == 0
    log.commit(200)
    log.writer.publish()
    tail = journal.Tail(log.folder / files.JOURNAL)
    assert (tail.start, len(tail.entries)) == (4096, 199)
    log.writer.close()
    log.writer = LogWriter(log.folder)
    log.commit(100)
    log.writer.close()
    tail = journal.Tail(log.folder / files.JOURNAL)
    assert (tail.start, len(tail.entries)) == (4352, 43)


def test_an_empty_log_has_no_checkpoint_and_no_tile(log: Log) -> None:
    log.writer.publish()
    log.reopen(killed=False)
    log.writer.close()
    assert log.checkpoints() == []
    assert tiles_of(log.folder) == {}
    assert LogReader(log.folder).size == 0
