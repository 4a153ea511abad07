"""Configuration, objects, certificates and other files: what was changed is named."""

from __future__ import annotations

import re
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from funsearch.archive import files, index
from funsearch.archive.errors import ArchiveError
from funsearch.archive.examination import beside
from funsearch.archive.examination.examine import examine
from funsearch.archive.reader import Reader
from funsearch.archive.references import objects_of
from tests.funsearch.archive.conftest import Make
from tests.funsearch.archive.examination.support import (
    CERTIFICATES,
    bad,
    good,
    in_sql,
    rewrite,
)


def test_another_configuration_is_named(run: Path) -> None:
    rewrite(run, files.CONFIG, lambda data: data.replace(b"max", b"min"))
    bad(run, None, files.CONFIG, "is not the file that record 0 names")
    (run / files.CONFIG).unlink()
    bad(run, None, files.CONFIG, "cannot be read")


def test_objects_exchanged_name_the_first_record_that_names_one(run: Path) -> None:
    digests = [bytes.fromhex(Make.digest(Make().source(name))) for name in (0, "best")]
    placeholder = b"placeholder"
    for old, new in (
        (digests[0], placeholder),
        (digests[1], digests[0]),
        (placeholder, digests[1]),
    ):
        in_sql(run, files.OBJECTS, "UPDATE objects SET digest = ? WHERE digest = ?", new, old)
    bad(run, 1, files.OBJECTS, "which it names, is not what was stored")


def test_a_block_with_other_content_names_the_first_record_of_its_objects(run: Path) -> None:
    with closing(sqlite3.connect(run / files.OBJECTS)) as connection:
        (data,) = connection.execute("SELECT data FROM blocks WHERE number = 1").fetchone()
        digests = {
            digest.hex()
            for (digest,) in connection.execute("SELECT digest FROM objects WHERE block = 1")
        }
    other = zlib.compress(zlib.decompress(data).replace(b"return", b"reTurn"))
    in_sql(run, files.OBJECTS, "UPDATE blocks SET data = ? WHERE number = 1", other)
    with Reader(run) as reader:
        named = [n for n, r in reader.records() if digests.intersection(objects_of(r))]
    report = bad(run, named[0], files.OBJECTS, "which it names, is not what was stored")
    assert report.count >= 2 * len(digests)


def test_a_lost_object_names_the_first_record_that_names_it(run: Path) -> None:
    lost = Make.digest(Make().source("best"))
    in_sql(run, files.OBJECTS, "DELETE FROM objects WHERE digest = ?", bytes.fromhex(lost))
    with Reader(run) as reader:
        number = next(n for n, record in reader.records() if lost in objects_of(record))
    bad(run, number, files.OBJECTS, "which it names, is missing")


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("INSERT INTO blocks VALUES (999, 0, 1, x'00')", "blocks, of which"),
        ("INSERT INTO objects VALUES (x'00', 0, 0, 0)", "another digest"),
        ("UPDATE blocks SET size = size + 1 WHERE number = 0", "does not have the size"),
        ("CREATE TABLE extra (x)", "its tables are not those of this format"),
        ("UPDATE objects SET start = 'here' WHERE start = 0", ""),
        ("UPDATE objects SET size = -1 WHERE start = 0", ""),
    ],
)
def test_a_store_with_rows_of_somebody_else_is_refused(
    run: Path, statement: str, what: str
) -> None:
    in_sql(run, files.OBJECTS, statement)
    report = examine(run)
    assert report.first is not None
    assert report.first.file == files.OBJECTS
    assert any(re.search(what, flaw.what) for flaw in report.flaws), report.flaws


@pytest.mark.parametrize("text", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_store_that_is_none_is_named(run: Path, text: bytes) -> None:
    (run / files.OBJECTS).write_bytes(text)
    bad(run, None, files.OBJECTS, "")


def test_bytes_of_a_page_of_the_store_count(run: Path) -> None:
    with closing(sqlite3.connect(run / files.OBJECTS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rewrite(run, files.OBJECTS, lambda data: data[:9000] + bytes(2000) + data[11000:])
    report = examine(run)
    assert report.first is not None
    assert report.first.file == files.OBJECTS


def test_another_certificate_of_the_best_is_named(run: Path) -> None:
    (run / "best" / "n=8.json").write_text("{}")
    bad(run, None, "best/n=8.json", "is not that of the best program on record; resume the run")
    (run / "best" / "n=8.json").unlink()
    bad(run, None, "best/n=8.json", "is missing")
    (run / "best" / "n=8.json").write_text(CERTIFICATES["n=8"])
    (run / "best" / "n=9.json").write_text("{}")
    bad(run, None, "best/n=9.json", "is not that of the best program")


def test_a_link_in_place_of_a_file_is_named(run: Path, tmp_path: Path) -> None:
    (run / files.CONFIG).rename(tmp_path / "config.yaml")
    (run / files.CONFIG).symlink_to(tmp_path / "config.yaml")
    bad(run, None, files.CONFIG, "cannot be read|is a link")
    (run / files.LOG / "tile").rename(tmp_path / "tile")
    (run / files.LOG / "tile").symlink_to(tmp_path / "tile")
    assert any(flaw.file == "log/tile" for flaw in examine(run).flaws)


def test_another_format_is_refused(run: Path) -> None:
    (run / files.MARKER).write_text("funsearch run 9")
    with pytest.raises(ArchiveError, match="funsearch run 9"):
        examine(run)


def change_index(run: Path, statement: str) -> None:
    """Change the index although its triggers do not allow it, and put them back."""
    with closing(sqlite3.connect(run / files.INDEX)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize("large", [0, 10**9])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evaluations SET score = 98.5 WHERE score = 99",
        "UPDATE generations SET sampler = 'somebody else' WHERE number = 1",
        "DELETE FROM evaluations WHERE score = 99",
        "DELETE FROM parents WHERE position = 1",
    ],
)
def test_an_index_that_answers_otherwise_is_named_whichever_process_compares_it(
    run: Path, statement: str, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "LARGE", large)
    good(run)
    change_index(run, statement)
    bad(run, None, files.INDEX, "is not what the log says: .*; `funsearch archive rebuild [^ ]*` m")
    index.rebuild(run)
    good(run)


@pytest.mark.parametrize("text", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 9000])
def test_an_index_that_is_none_is_named_and_one_that_is_missing_is_made_anew(
    run: Path, text: bytes
) -> None:
    (run / files.INDEX).write_bytes(text)
    bad(run, None, files.INDEX, "is not what the log says")
    (run / files.INDEX).unlink()
    assert "index.db is missing" in " ".join(good(run).warnings)
