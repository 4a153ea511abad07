"""The index: the same however it came about, and guarded."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from funsearch.archive import feed, files, index, queries, schema
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.reader import Reader
from tests.funsearch.archive.conftest import CONFIG, digest
from tests.funsearch.archive.histories import Sources, dump, dumped, history


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index") / "run"
    with Archive.create(folder, CONFIG) as archive:
        history(archive, seed=1)
    return folder


@pytest.fixture
def copy(searched: Path, tmp_path: Path) -> Path:
    shutil.copytree(searched, tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize("seed", range(4))
def test_the_index_of_a_writer_is_the_one_made_from_the_log(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "run"
    with Archive.create(folder, CONFIG) as archive:
        history(archive, seed)
    for session in (7, 8):
        with Archive.open(folder) as archive:
            history(archive, 10 * seed + session, programs=20)
            archive.flush()
            history(archive, 20 * seed + session, programs=5)
    live = dump(folder)
    assert all(live.values())
    assert index.compare(folder) is None
    index.rebuild(folder)
    assert dump(folder) == live
    assert index.compare(folder) is None


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "run"
    with Archive.create(folder, CONFIG) as archive:
        history(archive, seed=3, programs=2 * feed.BATCH_ENTRIES)
    return folder


def test_other_processes_read_the_same(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = dump(large)
    monkeypatch.setattr(feed, "_FEW_ENTRIES", 0)
    calls: list[tuple[int, int]] = []
    size = index.rebuild(large, lambda done, of: calls.append((done, of)))
    assert dump(large) == live
    batches = -(-size // feed.BATCH_ENTRIES)
    assert calls == [
        (min(size, feed.BATCH_ENTRIES * (number + 1)), size) for number in range(batches)
    ]
    assert batches > 3


@pytest.mark.parametrize("few", [0, 10**6])
def test_a_damaged_log_leaves_the_index_as_it_was(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    live = dump(large)
    folder = tmp_path / "run"
    shutil.copytree(large, folder)
    bundle = folder / "log/tile/entries/009"
    data = bytearray(bundle.read_bytes())
    data[5000] ^= 1
    bundle.write_bytes(data)
    monkeypatch.setattr(feed, "_FEW_ENTRIES", few)
    for question in (index.rebuild, index.compare):
        with pytest.raises(Damaged, match=r"is damaged: record 23\d\d: ") as caught:
            question(folder)
        assert caught.value.record in range(9 * 256, 10 * 256)
    assert not list(folder.glob(f"{files.INDEX}.new*"))
    with closing(sqlite3.connect(folder / files.INDEX)) as connection:
        assert dumped(connection) == live


def test_an_index_under_a_writer_is_not_rebuilt(copy: Path) -> None:
    with Archive.open(copy) as archive:
        archive.flush()
        with pytest.raises(ArchiveError, match="being written by another process"):
            index.rebuild(copy)
        # But it can be compared.
        assert index.compare(copy) is None


def test_readers_of_the_old_index_go_on_while_a_new_one_is_made(copy: Path) -> None:
    with Reader(copy) as reader:
        before = queries.all_programs(reader.index)
        index.rebuild(copy)
        assert queries.all_programs(reader.index) == before
    with Archive.open(copy) as archive:
        history(archive, seed=5, programs=5)
    assert index.compare(copy) is None


@pytest.mark.parametrize("table", schema.TABLES)
def test_rows_are_never_changed(copy: Path, table: str) -> None:
    with closing(sqlite3.connect(copy / files.INDEX)) as connection:
        column = connection.execute(f"SELECT * FROM {table}").description[0][0]
        for statement in (f"UPDATE {table} SET {column} = 1", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                connection.execute(statement)
    with Reader(copy) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.index.execute(f"DROP TABLE {table}")


@pytest.mark.parametrize("table", [schema.TEXTS, schema.STATEMENTS])
def test_words_are_never_changed(copy: Path, table: str) -> None:
    with closing(sqlite3.connect(copy / files.INDEX)) as connection:
        for statement in (
            f"UPDATE {table} SET rowid = 2 WHERE rowid = 1",
            f"DELETE FROM {table} WHERE rowid = 1",
        ):
            with pytest.raises(sqlite3.OperationalError, match=r"contentless|scanning"):
                connection.execute(statement)


def test_an_index_of_a_platform_without_full_text_has_all_else(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Reader(copy) as reader:
        rows = queries.all_programs(reader.index)
    schema.expected.cache_clear()
    monkeypatch.setattr(schema, "has_full_text", lambda: False)
    try:
        assert "its tables" in (index.compare(copy) or "")
        with Reader(copy) as reader:
            assert queries.all_programs(reader.index) == rows
            near = queries.nearest(reader.index, reader.object, rows.items[5].id)
            assert near.items
            with pytest.raises(ArchiveError, match=r"\A[^\n]* has no FTS5\Z"):
                queries.with_words(reader.index, "total")
        with Archive.open(copy) as archive:
            history(archive, seed=6, programs=5)
        assert index.compare(copy) is None
    finally:
        schema.expected.cache_clear()


def test_a_missing_index_differs_in_nothing(copy: Path) -> None:
    live = dump(copy)
    (copy / files.INDEX).unlink()
    assert index.compare(copy) is None
    assert not (copy / files.INDEX).exists()
    assert dump(copy) == live


def test_an_index_that_is_behind_is_compared_with_what_came_before(
    copy: Path, tmp_path: Path
) -> None:
    behind = (copy / files.INDEX).read_bytes()
    with Archive.open(copy) as archive:
        history(archive, seed=9, programs=10)
    live = dump(copy)
    (copy / files.INDEX).write_bytes(behind)
    assert index.compare(copy) is None
    with closing(sqlite3.connect(copy / files.INDEX, isolation_level=None)) as connection:
        connection.execute("INSERT INTO resets VALUES (10000, 0, 'none', 0, 0)")
    assert "resets: the row with number 10000 is in no record" in (index.compare(copy) or "")
    (copy / files.INDEX).write_bytes(behind)
    assert dump(copy) == live


def test_an_index_of_another_log_is_refused_and_made_anew(copy: Path, tmp_path: Path) -> None:
    live = dump(copy)
    with Archive.create(tmp_path / "other", CONFIG) as archive:
        history(archive, seed=9, programs=10)
    shutil.copy(tmp_path / "other" / files.INDEX, copy / files.INDEX)
    assert index.compare(copy) == "it is of another log"
    assert dump(copy) == live


def test_sources_that_are_gone_leave_their_programs_in_the_index(copy: Path) -> None:
    with closing(sqlite3.connect(copy / files.OBJECTS, isolation_level=None)) as objects:
        objects.execute(
            "DELETE FROM objects WHERE digest = ?", (bytes.fromhex(digest(Sources().source(0))),)
        )
    assert index.compare(copy) == "programs: in the row with first 1, length is 66, not None"
    index.rebuild(copy)
    with Reader(copy) as reader:
        (first,) = queries.all_programs(reader.index, limit=1).items
        assert (first.first, first.length) == (1, None)


def test_what_is_beside_the_index_is_no_way_out_of_the_folder(copy: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (copy / f"{files.INDEX}.new").symlink_to(victim)
    index.rebuild(copy)
    assert victim.read_text() == "precious"
    assert index.compare(copy) is None
