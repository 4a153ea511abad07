"""What tests of exports share."""

from __future__ import annotations

from pathlib import Path

from funsearch.archive.reader import Reader
from funsearch.archive.records import Record
from funsearch.export.exporting import Exported, Form, export


def exported(run: Path, form: Form, out: Path, program: str | None = None) -> Exported:
    return export(run, form, program, out, "max", "vectors")


def records(run: Path) -> list[tuple[int, Record]]:
    with Reader(run) as reader:
        return list(reader.records())


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
