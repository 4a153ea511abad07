"""`diff`: what changed between the sources of two programs, and between their scores."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from funsearch.archive import queries
from funsearch.archive.queries import ProgramRow
from funsearch.cli import output
from funsearch.cli.judgements import Retracted
from funsearch.cli.records import found_program
from funsearch.text import block, one_line, scored

_MOST_BYTES = 1 << 20
"""Of a source that is compared."""


@dataclass(frozen=True)
class _Side:
    """One of the two programs."""

    folder: Path
    row: ProgramRow
    source: str
    retracted: bool

    def label(self) -> str:
        """Return who it is and what it scores, as one safe line."""
        score = scored(self.row.score, self.row.flags)
        verdict = "" if self.row.status == "ok" else f" {self.row.status or 'not evaluated yet'}"
        gone = " RETRACTED" if self.retracted else ""
        return one_line(f"{self.row.id[:12]} {self.folder.name} score {score}{verdict}{gone}", 300)


def diff(first: str, second: str, run: str | None, *, json: bool) -> None:
    """Compare the sources of two programs.

    Args:
        first: ID of the program that is changed; `ID@RUN` says in which run it is.
        second: ID of the program that it becomes, likewise.
        run: look here only; None for all runs.
        json: one object on a line.

    Raises:
        Missing: one of them is in no run.
        UsageError: an ID is too short, or means several programs.
    """
    old, new = _find(first, run), _find(second, run)
    lines = list(
        difflib.unified_diff(
            old.source.splitlines(), new.source.splitlines(), old.label(), new.label(), lineterm=""
        )
    )
    if json:
        sides = {"old": _as_json(old), "new": _as_json(new)}
        output.json_line(sides | {"diff": lines})
        return
    if not lines:
        output.line(f"--- {old.label()}\n+++ {new.label()}\nthe sources are the same")
    for line in lines:
        output.line(block(line))


def _as_json(side: _Side) -> dict[str, object]:
    row = side.row
    return {
        "program": row.id,
        "run": str(side.folder),
        "verdict": row.status or None,
        "score": row.score,
        "flags": list(row.flags),
        "retracted": side.retracted,
    }


def _find(prefix: str, run: str | None) -> _Side:
    prefix, at, where = prefix.partition("@")
    with found_program(prefix, where if at else run) as (reader, name):
        row = queries.program(reader.index, name).program
        text = reader.object(name)[:_MOST_BYTES].decode("utf-8", "replace")
        return _Side(reader.folder, row, text, bool(Retracted.of(reader).of_row(row)))
