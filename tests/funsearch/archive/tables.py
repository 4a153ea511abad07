"""What is in an index, to compare it with another one."""

from __future__ import annotations

import sqlite3
from typing import Any


def content(index: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all tables by name, and all statements that made tables and such.

    Full-text tables are left out: they give no rows back, and the order in which their pages were
    merged is no part of what they say; `index.compare` looks into them.
    """
    made = index.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    full_text = tuple(name for name, sql in made if sql and "VIRTUAL" in sql)
    found = {"": [(sql,) for _, sql in made if sql]}
    for (name,) in index.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if not name.startswith(full_text):
            found[name] = index.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
    return found
