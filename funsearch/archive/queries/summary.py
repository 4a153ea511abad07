"""A run at a glance."""

from __future__ import annotations

import sqlite3

from funsearch.archive.queries.model import Direction, Summary
from funsearch.archive.queries.pages import best


def summary(index: sqlite3.Connection, direction: Direction, *, is_written: bool) -> Summary:
    """Return a run at a glance.

    Args:
        index: of the run.
        direction: in which scores get better.
        is_written: whether a process is writing the run (`Reader.is_written`).
    """
    last = index.execute(
        "SELECT problem, seed, event, reason FROM runs ORDER BY number DESC LIMIT 1"
    ).fetchone()
    problem, seed, event, reason = last or ("", None, "", "")
    if is_written:
        state = "running"
    elif event == "finished":
        state = reason or event
    else:
        state = "interrupted" if last else "empty"
    (records,) = index.execute("SELECT size FROM place").fetchone()
    outage = index.execute("SELECT reason FROM outages ORDER BY number DESC LIMIT 1").fetchone()
    leaders = best(index, direction, 1)
    return Summary(
        problem=problem,
        seed=None if seed is None else int(seed),
        records=records,
        samples=_count(index, "generations WHERE draw IS NOT NULL"),
        programs=_count(index, "programs"),
        statuses=dict(
            index.execute(
                "SELECT status, count(*) FROM evaluations GROUP BY status ORDER BY status"
            )
        ),
        resets=_count(index, "resets"),
        outages=_count(index, "outages"),
        last_outage=outage[0] if outage else "",
        best=leaders[0] if leaders else None,
        state=state,
    )


def _count(index: sqlite3.Connection, table: str) -> int:
    (count,) = index.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return count
