"""A run of format 2, written by the program of that time, becomes a signed log of this one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from funsearch.archive import files, migration
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.log import LogReader
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, RunRecord

OLD = Path(__file__).parent / "format2"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "old"))


def entries_of_old() -> list[bytes]:
    return [line[65:-1] for line in (OLD / "log/journal").read_bytes().splitlines(keepends=True)]


def assert_migrated(folder: Path) -> None:
    log = LogReader(folder)
    assert [data for _, data in log.entries()] == entries_of_old()
    assert log.checkpoint is not None
    assert log.checkpoint.size == log.size == 86
    with Reader(folder) as reader:
        records = [record for _, record in reader.records()]
        first = records[0]
        assert isinstance(first, RunRecord)
        assert (first.event, first.problem, first.log) == ("started", "cap_set", "")
        verdicts = [record for record in records if isinstance(record, EvaluationRecord)]
        assert len(verdicts) == 41
        assert all(record.conditions is None for record in verdicts)
        assert reader.index.execute("SELECT count(*) FROM entries").fetchone() == (86,)


def test_entries_stay_as_they_were_written(old: Path) -> None:
    assert migration.migrate(old) == 86
    assert_migrated(old)
    assert sorted(p.name for p in (old / "log.format-2").iterdir()) == ["journal"]
    with pytest.raises(ArchiveError, match="what can be migrated is 'funsearch run 2'"):
        migration.migrate(old)


def test_a_writer_migrates_and_goes_on_and_a_reader_says_how(old: Path) -> None:
    with pytest.raises(ArchiveError, match=r"`funsearch archive migrate .*` brings it to that"):
        Reader(old)
    Archive.open(old).close()
    assert_migrated(old)


@pytest.mark.parametrize("step", range(1, 5))
def test_a_migration_that_was_killed_goes_on(
    old: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Killed before its n-th change of a name."""
    done = 0

    def dies(then: object) -> object:
        def dying(self: Path, target: Path) -> object:
            nonlocal done
            if target.parent == old:
                done += 1
                if done == step:
                    raise KeyboardInterrupt
            return then(self, target)  # type: ignore[operator]

        return dying

    with monkeypatch.context() as killed:
        killed.setattr(Path, "replace", dies(Path.replace))
        killed.setattr(Path, "rename", dies(Path.rename))
        with pytest.raises(KeyboardInterrupt):
            migration.migrate(old)
    assert migration.migrate(old) == 86
    assert_migrated(old)
    assert not (old / "migrating").exists()


@pytest.mark.parametrize("change", ["byte", "order"])
def test_a_damaged_old_journal_is_named_and_left_alone(old: Path, change: str) -> None:
    path = old / "log/journal"
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "byte":
        lines[5] = lines[5].replace(b"program", b"prograM", 1)
    else:
        lines[5], lines[6] = lines[6], lines[5]
    path.write_bytes(b"".join(lines))
    before = path.read_bytes()
    with pytest.raises(Damaged, match=r"record 5 at byte [0-9]+ is not what was written"):
        migration.migrate(old)
    assert path.read_bytes() == before
    assert (old / files.MARKER).read_text() == "funsearch run 2\n"


def test_an_incomplete_last_line_of_an_old_journal_is_left_out(old: Path) -> None:
    with (old / "log/journal").open("ab") as file:
        file.write(b"f" * 64 + b' {"_type"')
    assert migration.migrate(old) == 86
    assert_migrated(old)
