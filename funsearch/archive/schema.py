"""The tables of the index: numbers of records are the keys, and what repeats is kept once.

Plain SQLite for anybody's tools; the two full-text tables are left out where SQLite has none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache

TABLES = {
    "names": "id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE",
    "runs": "number INTEGER PRIMARY KEY, event TEXT NOT NULL, problem TEXT NOT NULL,"
    " seed TEXT NOT NULL, reason TEXT NOT NULL, time REAL",
    "generations": "number INTEGER PRIMARY KEY, program INTEGER REFERENCES programs,"
    " rejected TEXT NOT NULL, draw INTEGER, sample INTEGER NOT NULL, island INTEGER,"
    " epoch INTEGER NOT NULL, sampler INTEGER NOT NULL REFERENCES names,"
    " model INTEGER NOT NULL REFERENCES names, served INTEGER NOT NULL REFERENCES names,"
    " prompt BLOB, reply BLOB NOT NULL, prompt_tokens INTEGER, completion_tokens INTEGER,"
    " cost REAL, seconds REAL NOT NULL, time REAL",
    "programs": "first INTEGER PRIMARY KEY REFERENCES generations, id BLOB NOT NULL UNIQUE,"
    " generation INTEGER NOT NULL, length INTEGER, form BLOB",
    "parents": "program INTEGER NOT NULL REFERENCES programs, position INTEGER NOT NULL,"
    " parent INTEGER REFERENCES programs, stranger BLOB, PRIMARY KEY (program, position)",
    "evaluations": "number INTEGER PRIMARY KEY, generation INTEGER NOT NULL"
    " REFERENCES generations, program INTEGER REFERENCES programs, island INTEGER,"
    " status TEXT NOT NULL, score REAL, scored INTEGER NOT NULL, reason TEXT NOT NULL,"
    " flags INTEGER NOT NULL REFERENCES names, tier INTEGER NOT NULL REFERENCES names,"
    " confirmed INTEGER NOT NULL REFERENCES names, sandbox INTEGER NOT NULL REFERENCES names,"
    " seconds REAL NOT NULL, registered INTEGER NOT NULL, late INTEGER NOT NULL, time REAL",
    "resets": "number INTEGER PRIMARY KEY, reset INTEGER NOT NULL, cause TEXT NOT NULL,"
    " registrations INTEGER NOT NULL, time REAL",
    "founders": "reset INTEGER NOT NULL REFERENCES resets, island INTEGER NOT NULL,"
    " program INTEGER REFERENCES programs",
    "outages": "number INTEGER PRIMARY KEY, sampler INTEGER NOT NULL REFERENCES names,"
    " model INTEGER NOT NULL REFERENCES names, draw INTEGER NOT NULL, reason TEXT NOT NULL,"
    " retry_seconds REAL, time REAL",
    "verifications": "number INTEGER PRIMARY KEY, program INTEGER REFERENCES programs,"
    " evaluation INTEGER NOT NULL, agreed INTEGER NOT NULL, seconds REAL NOT NULL, time REAL",
    "retractions": "number INTEGER PRIMARY KEY, target INTEGER NOT NULL, entry BLOB NOT NULL,"
    " program INTEGER REFERENCES programs, reason TEXT NOT NULL, by TEXT NOT NULL, time REAL",
}
"""In the order in which rows refer to each other."""

PLACE = "place"
"""The one table that changes: how many entries were taken in, and the hash of the last one."""

TEXTS, STATEMENTS = "texts", "statements"
"""Full-text tables, by `programs.first`: words of sources, and checksums of their lines in
canonical form. They keep no text, only where each word is."""

_FULL_TEXT = {
    # An identifier is one word.
    TEXTS: "source, content='', columnsize=0,"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\"",
    STATEMENTS: "checksums, content='', columnsize=0, detail=none, tokenize='ascii'",
}

_INDEXES = (
    "generations_of ON generations (program) WHERE program IS NOT NULL",
    # A generation whose program is its own number brought that program in.
    "programs_by_sampler ON generations (sampler) WHERE program = number",
    "programs_by_model ON generations (model) WHERE program = number",
    "programs_by_form ON programs (form) WHERE form IS NOT NULL",
    "children_of ON parents (parent) WHERE parent IS NOT NULL",
    "evaluations_of ON evaluations (program) WHERE program IS NOT NULL",
    "evaluations_by_status ON evaluations (status)",
    "verdict_of ON evaluations (program) WHERE scored",
    "programs_by_score ON evaluations (score) WHERE scored",
    "programs_by_island ON evaluations (island, score) WHERE scored",
    "verifications_of ON verifications (program) WHERE program IS NOT NULL",
    "retractions_of ON retractions (program) WHERE program IS NOT NULL",
)

_KINDS = {
    "run": "runs",
    "generation": "generations",
    "evaluation": "evaluations",
    "reset": "resets",
    "outage": "outages",
    "verification": "verifications",
    "retraction": "retractions",
}
_ENTRIES = [f"SELECT number, '{kind}' FROM {table}" for kind, table in _KINDS.items()]  # noqa: S608
_FOR_PEOPLE = """\
SELECT p.first, lower(hex(p.id)) AS id, p.generation, p.length, g.island, s.name AS sampler,
 m.name AS model, e.status, e.score, e.reason
FROM programs AS p JOIN generations AS g ON g.number = p.first
 JOIN names AS s ON s.id = g.sampler JOIN names AS m ON m.id = g.model
 LEFT JOIN evaluations AS e ON e.number = coalesce(
  (SELECT number FROM evaluations WHERE program = p.first AND scored),
  (SELECT min(number) FROM evaluations WHERE program = p.first))"""


@cache
def has_full_text() -> bool:
    """Return whether the SQLite of this Python has FTS5."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
        except sqlite3.OperationalError:
            return False
    return True


def statements() -> Iterator[str]:
    """Yield what makes the empty tables."""
    for name, columns in TABLES.items():
        yield f"CREATE TABLE {name} ({columns}){' WITHOUT ROWID' if name == 'parents' else ''}"
    yield f"CREATE TABLE {PLACE} (size INTEGER NOT NULL, leaf TEXT NOT NULL)"
    if has_full_text():
        for name, columns in _FULL_TEXT.items():
            yield f"CREATE VIRTUAL TABLE {name} USING fts5({columns})"
    yield f"CREATE VIEW entries (number, kind) AS {' UNION ALL '.join(_ENTRIES)}"
    yield f"CREATE VIEW programs_for_people AS {_FOR_PEOPLE}"
    for name in TABLES:
        yield from _guards(name)
    for index in _INDEXES:
        yield f"CREATE INDEX {index}"


@cache
def expected() -> Sequence[str]:
    """Return all that `sqlite_master` says of an index, those tables included that FTS5 adds."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements():
            connection.execute(statement)
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return tuple(sql for (sql,) in rows)


def _guards(table: str) -> Iterator[str]:
    """Yield the triggers that keep a table's rows from being changed or deleted."""
    for action in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_{action.lower()} BEFORE {action} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
        )
