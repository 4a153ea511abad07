"""`archive export`: what is on record, written down for others."""

from __future__ import annotations

import shlex
from pathlib import Path

from funsearch.api import UsageError
from funsearch.archive import runs
from funsearch.archive.reader import Reader
from funsearch.cli import output
from funsearch.cli.records import facts_of
from funsearch.cli.ticker import Ticker
from funsearch.export import exporting
from funsearch.export.exporting import Exported, Form
from funsearch.text import one_line

_READERS: dict[Form, str] = {
    "prov-json": "anything that reads W3C PROV-JSON, such as the Python package prov",
    "csv": "its README.txt says what the columns mean",
    "jsonl": "each line has an entry of the log as it was hashed, and its leaf hash",
}


def export(run: str, form: str, program: str | None, out: str | None) -> None:
    """Export a run, or one program with its ancestors, and say what to do with it."""
    if form not in exporting.FORMS:
        raise UsageError(f"--format {form[:80]!a}: it may be {', '.join(exporting.FORMS)}")
    folder = runs.resolve_run(run, runs.runs_root())
    with Reader(folder) as reader:
        facts = facts_of(reader)
    ticker = Ticker(quiet=False)
    try:
        done = exporting.export(
            folder,
            form,
            program,
            None if out is None else Path(out),
            facts.direction,
            facts.unit,
            ticker,
        )
    finally:
        ticker.close()
    _report(form, done)


def _report(form: Form, done: Exported) -> None:
    pairs = [("written", str(done.path)), ("records", f"{done.records} of {done.end}")]
    if not done.complete:
        pairs.append(("cut off", "the lineage is longer than an export's bound"))
    contents = done.contents
    if contents is None:
        pairs.append(("read it", _READERS[form]))
    else:
        made, of = contents.prompts
        pairs += [
            ("program", contents.program),
            ("verdict", contents.verdict),
            ("ancestors", str(contents.ancestors)),
            ("prompts", f"{made} of {of} made again"),
            *(("note", note) for note in contents.notes),
            ("next", f"less {shlex.quote(one_line(str(done.path / 'README.txt'), 1000))}"),
        ]
    output.facts(pairs)
