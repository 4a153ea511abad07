"""What a good writer leaves behind, however it ended, is no flaw."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from funsearch.archive import files, log_writer
from funsearch.archive.archive import Archive
from funsearch.archive.examination.examine import examine
from funsearch.archive.migration import migrate
from funsearch.archive.tlog import tiles
from tests.funsearch.archive.examination.support import (
    CONFIG,
    Maker,
    bad,
    contents,
    good,
    rewrite,
)


def test_a_finished_run_is_good_and_all_of_it_was_looked_at(run: Path) -> None:
    before = contents(run)
    report = good(run)
    counts = dict(report.checked)
    assert counts["records"] == report.records == report.signed > 2 * tiles.WIDTH
    assert counts["checkpoints"] > 3
    assert counts["certificates of the best"] == 1
    assert counts["kept states"] == 1
    assert counts["bundles"] >= 3
    assert counts["tiles"] >= 4
    with closing(sqlite3.connect(run / files.OBJECTS)) as connection:
        (objects,) = connection.execute("SELECT count(*) FROM objects").fetchone()
    assert counts["objects"] == objects
    assert contents(run) == before


def test_a_run_without_a_record_is_good(tmp_path: Path) -> None:
    Archive.create(tmp_path / "run", CONFIG).close()
    assert good(tmp_path / "run").records == 0


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a writer that was killed, as the disk has it: 206 of its records are signed."""
    monkeypatch.setattr(log_writer, "PUBLISH_S", 1e9)
    monkeypatch.setattr(log_writer, "PUBLISH_ENTRIES", 10**9)
    with Archive.create(tmp_path / "alive", CONFIG) as archive:
        make = Maker(archive)
        make.search(archive, 100)
        archive.checkpoint()
        make_more(archive, make)
        archive.flush()
        shutil.copytree(tmp_path / "alive", tmp_path / "killed")
    return tmp_path / "killed"


def make_more(archive: Archive, make: Maker) -> None:
    for name in range(1000, 1150):
        number = archive.append(make.generation(name, [0]), [make.source(name)]).number
        if name % 10:
            archive.append(make.evaluation(number, name, 1.0))


def test_what_a_killed_writer_leaves_is_good_and_what_is_unsigned_is_said(killed: Path) -> None:
    report = good(killed)
    assert report.records > report.signed == 206
    assert f"{report.records - 206} records are not covered by a checkpoint yet" in report.warnings
    assert any("15 generations wait for their evaluation" in text for text in report.warnings)
    Archive.open(killed).close()
    assert good(killed).signed == report.records


def test_a_checkpoint_that_a_killed_writer_did_not_come_to_show_is_no_flaw(
    killed: Path, tmp_path: Path
) -> None:
    mended = Path(shutil.copytree(killed, tmp_path / "mended"))
    Archive.open(mended).close()
    rewrite(killed, files.CHECKPOINTS, lambda _: (mended / files.CHECKPOINTS).read_bytes())
    shutil.rmtree(killed / files.LOG / "tile")
    shutil.copytree(mended / files.LOG / "tile", killed / files.LOG / "tile")
    assert any("one behind" in text for text in good(killed).warnings)
    rewrite(mended, files.CHECKPOINT, lambda _: (killed / files.CHECKPOINT).read_bytes())
    bad(mended, None, files.CHECKPOINT, "was rolled back: 256 records or more were signed")
    (killed / files.CHECKPOINT).unlink()
    bad(killed, None, files.CHECKPOINT, "is missing")


def test_tiles_that_a_power_cut_took_are_no_flaw_while_the_journal_makes_up_for_them(
    killed: Path, run: Path
) -> None:
    for folder in (killed, run):
        tiles_there = [p for p in (folder / files.LOG / "tile").rglob("*") if p.is_file()]
        tiles_there[0].write_bytes(bytes(tiles_there[0].stat().st_size))
        tiles_there[1].unlink()
    assert "the journal makes up for it" in " ".join(good(killed).warnings)
    assert examine(run).first is not None


def test_torn_ends_are_no_flaws(run: Path) -> None:
    rewrite(run, files.CHECKPOINTS, lambda data: data + data[:60] + b"\0" * 40)
    rewrite(run, files.JOURNAL, lambda data: data + b"\0" * 400)
    said = " ".join(good(run).warnings)
    assert "the beginning of another" in said
    assert "never acknowledged" in said


def test_a_run_being_written_is_examined_as_of_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "PUBLISH_S", 1e9)
    folder = tmp_path / "run"
    with Archive.create(folder, CONFIG) as archive:
        make = Maker(archive)
        make.search(archive, 200)
        size = archive.checkpoint().size
        make_more(archive, make)
        archive.flush()
        report = good(folder)
        assert (report.records, report.signed) == (size, size)
        assert any("a writer is at work" in text for text in report.warnings)
        archive.checkpoint()
        assert good(folder).records > size


def test_a_copy_without_private_key_is_good(run: Path) -> None:
    (run / files.PRIVATE_KEY).unlink()
    assert "log.key is missing" in " ".join(good(run).warnings)


def test_a_private_key_that_others_can_read_is_said(run: Path) -> None:
    assert not any("chmod" in text for text in good(run).warnings)
    (run / files.PRIVATE_KEY).chmod(0o644)
    assert "chmod 600" in " ".join(good(run).warnings)


def test_files_that_are_no_part_of_a_run_are_named(run: Path) -> None:
    (run / "notes.txt").write_text("mine")
    (run / files.LOG / "tile/0/000.tmp").write_text("half")
    said = " ".join(good(run).warnings)
    assert "notes.txt does not belong" in said
    assert "log/tile/0/000.tmp does not belong" in said


def test_a_migrated_run_is_good(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(Path(__file__).parents[1] / "format2", tmp_path / "run"))
    migrated = migrate(folder)
    assert good(folder).records == migrated
