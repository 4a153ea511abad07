"""`find` and `archive rebuild`: programs by words, likeness or origin, and their index."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from funsearch.api import UsageError
from funsearch.archive import files, index, queries
from funsearch.archive import runs as folders
from funsearch.archive.queries import Attempt, Filter, Neighbour, Page, ProgramRow
from funsearch.archive.reader import Reader
from funsearch.cli import output
from funsearch.cli.failures import say
from funsearch.cli.judgements import Retracted
from funsearch.cli.records import facts_of
from funsearch.cli.ticker import Ticker
from funsearch.text import scored

_SHORT = 12
"""Hex digits of an ID in a table."""
_REASON = 60
"""Characters of a reason in a table."""


@dataclass(frozen=True)
class _Wanted:
    """What a search is for: programs in an order that one of the first three gives, or attempts."""

    text: str | None
    near: str | None
    descends_from: str | None
    which: Filter

    @property
    def attempts(self) -> bool:
        """Whether failures are wanted too that hold no program."""
        orders = (self.text, self.near, self.descends_from)
        return self.which.status is not None and orders == (None, None, None)


def find(
    run: str,
    *,
    text: str | None,
    near: str | None,
    sampler: str | None,
    model: str | None,
    verdict: str | None,
    island: int | None,
    descends_from: str | None,
    limit: int,
    after: str | None,
    json: bool,
) -> None:
    """List programs of a run, or attempts if a verdict alone is asked for."""
    wanted = _Wanted(text, near, descends_from, Filter(sampler, model, island, verdict))
    if sum(order is not None for order in (text, near, descends_from)) > 1:
        raise UsageError("give one of --text, --near and --descends-from, not several")
    folder = folders.resolve_run(run, folders.runs_root())
    with Reader(folder) as reader:
        page = _page(reader, wanted, limit, after)
        retracted = Retracted.of(reader)
        rows = [_row(item, retracted) for item in page.items]
    if json:
        for row in rows:
            output.json_line(row)
        if page.after is not None:
            output.json_line({"after": page.after})
        return
    _show(rows, page.after)


def _page(
    reader: Reader, wanted: _Wanted, limit: int, after: str | None
) -> Page[ProgramRow] | Page[Neighbour] | Page[Attempt]:
    database, which = reader.index, wanted.which
    if wanted.text is not None:
        return queries.with_words(database, wanted.text, which, limit=limit, after=after)
    if wanted.near is not None:
        name = _program(reader, wanted.near)
        return queries.nearest(database, reader.object, name, which, limit=limit, after=after)
    if wanted.descends_from is not None:
        name = _program(reader, wanted.descends_from)
        return queries.descended(database, name, which, limit=limit, after=after)
    if wanted.attempts:
        return queries.attempts(database, which, limit=limit, after=after)
    if which.island is not None:
        direction = facts_of(reader).direction
        return queries.leaders(database, direction, which, limit=limit, after=after)
    return queries.latest(database, which, limit=limit, after=after)


def _program(reader: Reader, prefix: str) -> str:
    """Return the id of the one program of a run that begins so."""
    found = queries.find(reader.index, prefix)
    if len(found) != 1:
        what = f"may be any of {len(found)} programs" if found else "is no program's ID"
        raise UsageError(f"{prefix[:80]!a} {what} in {reader.folder}")
    return found[0]


def _row(item: ProgramRow | Neighbour | Attempt, retracted: Retracted) -> dict[str, Any]:
    """Return what is printed of a program or an attempt."""
    row = item.program if isinstance(item, Neighbour) else item
    record = row.generation if isinstance(row, Attempt) else row.first
    rests_on = [record, *([] if row.evaluation is None else [row.evaluation])]
    standing = [retracted.standing[number] for number in rests_on if number in retracted.standing]
    found: dict[str, Any] = {
        "program": row.program if isinstance(row, Attempt) else row.id,
        "record": record,
        "evaluation": row.evaluation,
        "verdict": row.status or None,
        "score": row.score,
        "flags": list(row.flags),
        "island": row.island,
        "sampler": row.sampler,
        "model": row.model or None,
        "reason": row.reason,
        "retracted_by": [retraction.number for retraction in standing],
    }
    return found | ({"similarity": item.similarity} if isinstance(item, Neighbour) else {})


def _show(rows: Sequence[Mapping[str, Any]], after: str | None) -> None:
    columns = ["program", "record", "score", "verdict", "island", "sampler"]
    # Columns that would be empty for most searches are there for those that fill them.
    columns += [name for name in ("model", "similarity") if any(row.get(name) for row in rows)]
    if rows:
        cells = [[_cell(row, column) for column in columns] for row in rows]
        output.table(columns, cells, right=("record", "score", "island", "similarity"))
    elif after is None:
        output.line("no such program")
    if after is not None:
        output.line()
        output.line(f"there may be more: add --after {after}")


def _cell(row: Mapping[str, Any], column: str) -> str:
    value = row[column]
    match column:
        case "program":
            return "–" if value is None else value[:_SHORT]
        case "score":
            return scored(value, row["flags"])
        case "verdict":
            words = value or "not evaluated yet"
            if row["reason"]:
                words += f": {row['reason'][:_REASON]}"
            retractions = row["retracted_by"]
            return words + (f" (retracted by record {retractions[-1]})" if retractions else "")
        case "similarity":
            return f"{value:.3f}"
        case _:
            return "–" if value is None else str(value)


def rebuild(run: str, *, check: bool, json: bool) -> None:
    """Make the index of a run anew, or say whether it would be the same."""
    folder = folders.resolve_run(run, folders.runs_root())
    ticker, start = Ticker(quiet=json), time.monotonic()

    def progress(done: int, of: int) -> None:
        ticker(f"{done:,} of {of:,} records")

    try:
        if check:
            _check(folder, progress, json=json)
            return
        records = index.rebuild(folder, progress)
    finally:
        ticker.close()
    seconds = time.monotonic() - start
    if json:
        output.json_line({"run": str(folder), "records": records, "seconds": round(seconds, 3)})
    else:
        output.line(f"{folder / files.INDEX}: {records:,} records in {seconds:.1f} s")


def _check(folder: Path, progress: index.Progress, *, json: bool) -> None:
    there = (folder / files.INDEX).exists()
    difference = index.compare(folder, progress)
    if json:
        facts = {"index": there, "same": difference is None, "difference": difference}
        output.json_line({"run": str(folder), **facts})
    elif difference is None and there:
        output.line(f"{folder / files.INDEX} says what the records say")
    elif difference is None:
        output.line(f"{folder} has no index yet; whoever opens the run makes it")
    if difference is not None:
        say(f"{folder / files.INDEX} does not say what the records say: {difference}")
        raise typer.Exit(1)
