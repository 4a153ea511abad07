"""`archive migrate`: what it did, in two lines."""

from __future__ import annotations

from funsearch.archive import migration as migrations
from funsearch.archive import runs
from funsearch.cli import output


def migrate(run: str) -> None:
    """Bring a run of an older format to this one."""
    folder = runs.resolve_run(run, runs.runs_root())
    entries = migrations.migrate(folder)
    output.facts(
        [
            ("migrated", f"{folder}: {entries} entries, as they were written, in a signed log"),
            ("next", f"funsearch archive verify {folder}"),
        ]
    )
