"""`archive export` as a user meets it."""

import os
import stat
from pathlib import Path

import pytest

from funsearch.archive.reader import Reader
from funsearch.export.selection import best_of
from tests.funsearch.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_crate_of_the_best_is_the_default(shell: Shell, found: Path) -> None:
    output = shell("archive", "export", str(found))
    with Reader(found) as reader:
        best = best_of(reader, "max")
    assert best in output
    folder = shell.folder / "found-crate"
    assert (folder / "programs" / f"{best}.py").is_file()
    last = output.splitlines()[-1]
    assert last.split()[:2] == ["next", "less"]
    assert Path(shell.folder, last.split()[2]).is_file()


@pytest.mark.parametrize(
    ("form", "name"),
    [("prov-json", "found.prov.json"), ("csv", "found-tables"), ("jsonl", "found.jsonl")],
)
def test_other_forms_are_named_by_the_run(shell: Shell, found: Path, form: str, name: str) -> None:
    output = shell("archive", "export", str(found), "--format", form)
    assert name in output
    assert [path.name for path in shell.folder.iterdir()] == [name]


def test_one_program_has_its_id_in_the_name(shell: Shell, found: Path) -> None:
    with Reader(found) as reader:
        best = best_of(reader, "max")
    shell("archive", "export", str(found), "--format", "csv", "--program", best[:8])
    assert [path.name for path in shell.folder.iterdir()] == [f"found-{best[:12]}-tables"]


def test_mistakes_are_one_line(shell: Shell, found: Path) -> None:
    for arguments, status, said in (
        ((str(found), "--format", "xml"), 2, "ro-crate, prov-json, csv, jsonl"),
        (("nowhere",), 1, "no run"),
        ((str(found), "--program", "ffffffffff"), 1, "has no program"),
        ((str(found), "--program", "zz"), 1, "hex digits"),
        ((str(found), "--out", str(found)), 1, "exists already"),
        ((str(found), "--out", "a/b"), 1, "there is no folder"),
        ((str(found), "--out", "/"), 1, "exists already"),
    ):
        shell("archive", "export", *arguments, status=status)
        (line,) = shell.errors.strip().splitlines()
        assert said in line
    assert list(shell.folder.iterdir()) == []


def test_what_is_written_has_usual_rights(shell: Shell, found: Path) -> None:
    mask = os.umask(0o022)
    try:
        shell("archive", "export", str(found), "--out", "crate")
        shell("archive", "export", str(found), "--format", "jsonl", "--out", "lines")
    finally:
        os.umask(mask)
    modes = [stat.S_IMODE((shell.folder / name).stat().st_mode) for name in ("crate", "lines")]
    assert modes == [0o755, 0o644]
