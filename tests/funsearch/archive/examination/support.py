"""A run to examine, and what is expected of that."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from funsearch.archive import files
from funsearch.archive.archive import Archive
from funsearch.archive.examination.examine import examine
from funsearch.archive.examination.report import Report
from funsearch.archive.records import Finding
from funsearch.archive.statement import encode
from funsearch.archive.tlog import tiles
from funsearch.archive.tlog.tiles import bundle_path, tile_path
from funsearch.best import write_best
from tests.funsearch.archive.conftest import Make

CONFIG = "problem: cap_set\nmetric:\n  direction: max\n"
CERTIFICATES = {"n=8": '{"the": "best"}\n'}


class Maker(Make):
    """Records of a run whose first one names log and configuration."""

    def __init__(self, archive: Archive) -> None:
        self._log = archive.verifier

    def run(self, **changes: object) -> Any:
        named = {"log": self._log, "config": self.digest(CONFIG)}
        return super().run(**{**named, **changes})


def write(folder: Path, archive: Archive, make: Maker) -> None:
    """Append a search, its best program with certificates, and what is said of that later."""
    for seed in range(4):
        make.search(archive, 75, seed)
        archive.checkpoint()
    texts = {name: text.encode() for name, text in CERTIFICATES.items()}
    digests = {name: make.digest(data) for name, data in texts.items()}
    best = archive.append(make.generation("best", [0], 999), [make.source("best")]).number
    verdict = make.evaluation(best, "best", 99.0, certificates=digests)
    evaluation = archive.append(verdict, texts.values()).number
    write_best(folder, CERTIFICATES)
    found = Finding("n=8", False, "ok", 99.0, 99.0, "valid 99", certificate=digests["n=8"])
    archive.append(make.verification("best", evaluation, findings=(found,)))
    archive.append(
        make.retraction(best, entry=make.digest(encode(make.generation("best", [0], 999))))
    )
    archive.append(make.run(event="finished", reason="samples"))


def good(folder: Path, *others: str) -> Report:
    report = examine(folder, others)
    assert report.first is None, str(report.first)
    return report


def bad(folder: Path, record: int | None, file: str, what: str, *others: str) -> Report:
    """The first flaw is the one that is meant, in one line; the folder is left alone."""
    before = contents(folder)
    report = examine(folder, others)
    assert report.first is not None
    line = str(report.first)
    assert (report.first.record, report.first.file) == (record, file), line
    assert re.search(what, line), line
    assert "\n" not in line
    assert contents(folder) == before
    return report


def contents(folder: Path) -> dict[Path, bytes]:
    """Return all files but those that SQLite makes in order to read."""
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.endswith(("-shm", "-wal"))
    }


def rewrite(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    path = folder / name
    path.write_bytes(change(path.read_bytes()))


def entries_of(folder: Path, name: str) -> list[bytes]:
    return list(tiles.unpack((folder / name).read_bytes()))


def in_sql(folder: Path, name: str, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / name)) as connection:
        connection.execute(statement, values)
        connection.commit()


BUNDLE = f"{files.LOG}/{bundle_path(1)}"
TILE = f"{files.LOG}/{tile_path(0, 1)}"
