"""An index that is not what the log says: edited by somebody, or damaged."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive import feed, files, index, queries, schema
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from funsearch.archive.sqlite import connect_reader
from tests.funsearch.archive.conftest import CONFIG
from tests.funsearch.archive.histories import dump, dumped, history


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


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "run"
    with Archive.create(folder, CONFIG) as archive:
        history(archive, seed=3, programs=2 * feed.BATCH_ENTRIES)
    return folder


Edit = Callable[[sqlite3.Connection], object]


def without_guard(table: str, statement: str) -> Edit:
    """Return an edit by somebody who takes the guards away, and puts them back."""

    def edit(connection: sqlite3.Connection) -> None:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        guards = connection.execute(query, (table,)).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount != 0
        for _, guard in guards:
            connection.execute(guard)

    return edit


def executed(statement: str) -> Edit:
    return lambda connection: connection.execute(statement)


FORGERIES: list[tuple[Edit, str]] = [
    (
        without_guard("evaluations", "UPDATE evaluations SET score = 99.5 WHERE score = 1.0"),
        r"evaluations: in the row with number \d+, score is 99.5, not 1.0",
    ),
    (
        without_guard("evaluations", "UPDATE evaluations SET reason = x'' WHERE number = 2"),
        r"evaluations: in the row with number 2, reason is , not ''",
    ),
    (
        without_guard("parents", "UPDATE parents SET parent = 1 WHERE parent > 1"),
        r"parents: in the row with program \d+, parent is 1, not \d+",
    ),
    (
        without_guard("generations", "UPDATE generations SET prompt = x'00' WHERE number = 3"),
        "generations: in the row with number 3, prompt is 00, not [0-9a-f]{64}",
    ),
    (
        without_guard("programs", "DELETE FROM programs WHERE first = 1"),
        "programs: the row with first 1 is missing",
    ),
    (
        executed("INSERT INTO programs VALUES (4, x'11', 0, 0, NULL)"),
        "programs: ",
    ),
    (
        executed("INSERT INTO retractions VALUES (10000, 1, x'11', 1, 'no', 'me', 0)"),
        "retractions: the row with number 10000 is in no record",
    ),
    (
        without_guard("names", "UPDATE names SET name = 'human' WHERE name = 'syntax'"),
       r"names: in the row with id \d+, name is 'human', not 'syntax'",
    ),
    (executed("INSERT INTO texts (rowid, source) VALUES (1, 'extra')"), "texts: "),
    (executed("INSERT INTO texts (texts) VALUES ('delete-all')"), "texts: "),
    (executed("INSERT INTO statements (rowid, checksums) VALUES (1, 'abc')"), "statements: "),
    (executed("DELETE FROM texts_data WHERE id > 10"), "malformed"),
    (executed("INSERT INTO texts (texts, rank) VALUES ('pgsz', 100)"), "texts_config: "),
    (executed("UPDATE statements_config SET v = 1"), "statements_config: "),
    (executed("UPDATE place SET size = size - 1"), "is of another log"),
    (executed("UPDATE place SET size = 10000"), "is of another log"),
    (executed("DELETE FROM place"), "is of another log"),
    (executed("DROP TRIGGER runs_update"), "its tables are not those of this format"),
    (executed("CREATE TABLE extra (x)"), "its tables are not those of this format"),
    (executed("DROP INDEX programs_by_score"), "its tables are not those of this format"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), FORGERIES)
def test_a_forged_index_is_found(copy: Path, edit: Edit, said: str) -> None:
    with closing(sqlite3.connect(copy / files.INDEX, isolation_level=None)) as connection:
        edit(connection)
    before = (copy / files.INDEX).read_bytes()
    difference = index.compare(copy)
    assert difference is not None
    assert re.search(said, difference)
    assert "\n" not in difference
    assert (copy / files.INDEX).read_bytes() == before
    index.rebuild(copy)
    assert index.compare(copy) is None


@pytest.mark.parametrize("piece", [b"CREATE VIEW", b"place", b"texts_idx", b"WHERE scored"])
def test_a_schema_that_is_no_text_is_found_and_made_anew(copy: Path, piece: bytes) -> None:
    live = dump(copy)
    path = copy / files.INDEX
    data = path.read_bytes()
    place = data.index(piece)
    path.write_bytes(data[:place] + b"\xb8" + data[place + 1 :])
    difference = index.compare(copy)
    assert difference is not None
    assert difference.isascii()
    assert dump(copy) == live
    assert index.compare(copy) is None


@pytest.mark.parametrize("table", [schema.TEXTS, schema.STATEMENTS])
def test_words_that_look_ups_would_miss_are_found(large: Path, tmp_path: Path, table: str) -> None:
    folder = tmp_path / "run"
    shutil.copytree(large, folder)
    # The check of FTS5 itself lets this pass.
    with closing(sqlite3.connect(folder / files.INDEX, isolation_level=None)) as connection:
        query = f"SELECT segid FROM {table}_idx GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        (segment,) = connection.execute(query).fetchone()
        terms = connection.execute(f"SELECT term FROM {table}_idx WHERE segid = ?", (segment,))
        middle = sorted(term for (term,) in terms)[1:][0]
        connection.execute(
            f"DELETE FROM {table}_idx WHERE segid = ? AND term >= ?", (segment, middle)
        )
    assert re.fullmatch(f"{table}: '.+' is not found everywhere", index.compare(folder) or "")


def answers(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return what an index says, read in each way that its queries read it."""
    found: dict[str, Any] = dict(dumped(connection))
    for table in (schema.TEXTS, schema.STATEMENTS):
        for word in {row[0] for row in found[table]}:
            query = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"
            found[f"{table} {word}"] = connection.execute(query, (f'"{word}"',)).fetchall()
    rows = queries.all_programs(connection, limit=1000).items
    for row in rows:
        found[row.id] = [queries.program(connection, row.id), queries.find(connection, row.id[:6])]
    found["rows"] = rows
    for direction in ("max", "min"):
        for island in (None, 3):
            which = queries.Filter(island=island)
            found[f"{direction} {island}"] = queries.leaders(
                connection, direction, which, limit=1000
            )
    for which in (
        queries.Filter(sampler="syntax"),
        queries.Filter(model=""),
        queries.Filter(status="crashed"),
    ):
        found[repr(which)] = [
            queries.latest(connection, which, limit=1000),
            queries.attempts(connection, which, limit=1000),
        ]
    found["descendants"] = queries.descendants(connection, rows[0].id)
    found["lineage"] = queries.lineage(connection, rows[-1].id)
    found["retractions"] = queries.retractions(connection)
    return found


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_byte_is_found_or_alters_no_answer(copy: Path, seed: int) -> None:
    with Reader(copy) as reader:
        sound = answers(reader.index)
    draws = random.Random(seed)
    path = copy / files.INDEX
    data = bytearray(path.read_bytes())
    for _ in range(draws.choice((1, 1, 1, 8))):
        data[draws.randrange(len(data))] ^= 1 << draws.randrange(8)
    path.write_bytes(data)
    if index.compare(copy) is None:
        with closing(connect_reader(path)) as connection:
            assert answers(connection) == sound
