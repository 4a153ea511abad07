"""Runs with all kinds of records, and all that an index says of them."""

from __future__ import annotations

import random
import sqlite3
import zlib
from pathlib import Path
from typing import Any

from funsearch.archive import schema
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord
from tests.funsearch.archive.conftest import PACKAGES, Make, digest

BODIES = (
    "    total = 0\n    for i in range(n):\n        total += el[i] * {0}\n    return total - {0}",
    "    return sum((x * {0} for x in el)) / (n + {0})",
    "    if el[0] == {0}:\n        return float(n)\n    return np.roll(el, {0})[0] - 'größe {0}'",
    "    left_{0} = min(el)\n    return left_{0} ** 2",
)


class Sources(Make):
    """Makes whose programs have something to search for."""

    def source(self, name: object) -> bytes:
        body = BODIES[zlib.crc32(repr(name).encode()) % len(BODIES)].format(name)
        return f"def priority(el, n):\n{body}".encode()


def history(archive: Archive, seed: int, programs: int = 60) -> None:
    """Append a search, what was said of it later, and what holds no program."""
    make, draws = Sources(), random.Random(seed)
    numbers = make.search(archive, programs, seed)
    for _ in range(10):
        name = draws.randrange(0, programs, 7)
        source = make.source(name)
        archive.append(make.generation(name, [0]), [source])
        verification = make.verification(name, draws.choice(numbers), agreed=draws.random() < 0.5)
        said = archive.append(verification, [source]).number
        for target in (draws.choice(numbers), said):
            archive.append(make.retraction(target))
    rejected = make.generation("x", [0], program=None, rejected="no code", cost="0.25")
    number = archive.append(rejected, [make.source("x")]).number
    archive.append(
        EvaluationRecord(number, None, "rejected", make.conditions, digest(make.source("x")))
    )
    archive.append(make.run(event="finished", reason="samples", time=""), [PACKAGES])


def dumped(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    """Return all that an index says, word for word."""
    found = {
        table: connection.execute(f"SELECT * FROM {table}").fetchall()
        for table in (*schema.TABLES, "entries", "programs_for_people", "place")
    }
    for table in (schema.TEXTS, schema.STATEMENTS):
        connection.execute("PRAGMA query_only = OFF")
        connection.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{table}_all"
            f" USING fts5vocab (main, {table}, instance)"
        )
        found[table] = connection.execute(f"SELECT * FROM temp.{table}_all").fetchall()
    return found


def dump(folder: Path) -> dict[str, list[Any]]:
    with Reader(folder) as reader:
        return dumped(reader.index)
