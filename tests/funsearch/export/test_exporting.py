"""What all forms of an export have in common."""

from pathlib import Path

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.export.exporting import FORMS
from tests.funsearch.archive.conftest import CONFIG, Make
from tests.funsearch.export.support import exported, tree


def test_same_archive_gives_the_same_bytes(found: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        exported(found, "jsonl", tmp_path / name / "lines")
        exported(found, "prov-json", tmp_path / name / "prov")
        exported(found, "csv", tmp_path / name / "tables")
        exported(found, "ro-crate", tmp_path / name / "crate")
    first, second = tree(tmp_path / "a"), tree(tmp_path / "b")
    assert first == second


def test_run_that_is_being_written_is_exported_as_of_its_checkpoint(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        Make().search(archive, 20)
        size = archive.checkpoint().size
        archive.flush()
        for form in FORMS:
            done = exported(tmp_path / "run", form, tmp_path / form)
            assert done.end == size
    assert len((tmp_path / "jsonl").read_bytes().splitlines()) == size


def test_what_is_there_already_is_left_alone(found: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    for form in FORMS:
        for place in (there, folder):
            with pytest.raises(ArchiveError, match="exists already"):
                exported(found, form, place)
    assert tree(tmp_path) == {"there": b"mine", "folder/mine": b"mine"}


def test_empty_folder_is_filled(found: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    exported(found, "csv", tmp_path / "empty")
    assert (tmp_path / "empty" / "programs.csv").is_file()


def test_missing_parent_folder_is_named(found: Path, tmp_path: Path) -> None:
    for form in FORMS:
        with pytest.raises(ArchiveError, match="there is no folder"):
            exported(found, form, tmp_path / "nowhere" / "x")


def test_unknown_program_is_missing(found: Path, tmp_path: Path) -> None:
    with pytest.raises(Missing, match="has no program"):
        exported(found, "jsonl", tmp_path / "x", "ffffffffffff")
    with pytest.raises(ArchiveError, match="hex digits"):
        exported(found, "jsonl", tmp_path / "x", "zz")
