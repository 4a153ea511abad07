"""`archive verify` and `archive witness`: whether a run's folder is what was written."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from funsearch.api import UsageError
from funsearch.archive import files, remote
from funsearch.archive import log as logs
from funsearch.archive import runs as folders
from funsearch.archive.examination.examine import examine
from funsearch.archive.examination.report import Flaw, Report
from funsearch.archive.tlog.witness import Witness, Witnessed, leave
from funsearch.cli import output
from funsearch.cli.failures import say
from funsearch.cli.ticker import Ticker


def verify(run: str, checkpoints: Sequence[str], *, json: bool) -> None:
    """Verify every file of a run's folder; exit with 1 if anything is not what was written."""
    folder = folders.resolve_run(run, folders.runs_root())
    ticker = Ticker(quiet=json)
    try:
        report = examine(
            folder, checkpoints, lambda what, done, of: ticker(f"{what}: {done:,} of {of:,}")
        )
    finally:
        ticker.close()
    if json:
        output.json_line(_as_json(report))
    else:
        _show(report)
    if report.first is not None:
        more = report.count - 1
        rest = f" (and {more} more, see --json)" if more else ""
        say(f"{folder}: {report.first}{rest}")
        raise typer.Exit(1)


def _show(report: Report) -> None:
    output.facts([("run", str(report.folder)), ("log", report.log or "none that could be read")])
    output.line()
    rows = [[what, f"{count:,}"] for what, count in report.checked]
    output.table(("verified", "count"), rows, right=("count",))
    for warning in report.warnings:
        say(f"note: {warning}")
    if report.first is None:
        output.line()
        output.line(f"ok: {report.records:,} records, {report.signed:,} of them signed")


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "run": str(report.folder),
        "ok": report.first is None,
        "log": report.log,
        "records": report.records,
        "signed": report.signed,
        "verified": dict(report.checked),
        "first": None if report.first is None else _flaw(report.first),
        "flaws": [_flaw(flaw) for flaw in report.flaws],
        "flaws_in_all": report.count,
        "notes": list(report.warnings),
    }


def _flaw(flaw: Flaw) -> dict[str, Any]:
    return {
        "record": flaw.record,
        "until": flaw.until,
        "file": flaw.file,
        "what": flaw.what,
        "remedy": flaw.remedy,
    }


def witness(log: str, state: str | None, out: str | None, *, json: bool) -> None:
    """Co-sign the checkpoint of a log, if it extends what was seen before."""
    run = None if remote.is_address(log) else folders.resolve_run(log, folders.runs_root())
    if run is None:
        fetch, place = remote.fetcher(log), log.rstrip("/")
    else:
        files.check_format(run)
        fetch, place = logs.fetcher(run), str(run.resolve())
    found = Witness(_state_folder(state)).look(fetch, place, int(time.time()))
    left = None if run is None else leave(run, found)
    written = _write(out, found.text) if out is not None else None
    if json:
        paths = [path for path in (left, written) if path is not None]
        output.json_line(_witnessed_as_json(found, paths))
        return
    if found.before is None:
        say(
            f"first sight of {found.log.name}: its key is believed from now on; compare it with "
            f"what its writer says it is: {found.log.text}"
        )
        grown = ""
    else:
        grown = f", {found.checkpoint.size - found.before.size:,} more than before"
    say(f"co-signed {found.checkpoint.size:,} records{grown}, as {found.witness.text}")
    for path in (left, written):
        if path is not None:
            say(f"written to {path}")
    if written is None:
        output.line(found.text.rstrip("\n"))


def _witnessed_as_json(found: Witnessed, paths: Sequence[Path]) -> dict[str, Any]:
    return {
        "log": found.log.text,
        "records": found.checkpoint.size,
        "before": None if found.before is None else found.before.size,
        "witness": found.witness.text,
        "checkpoint": found.text,
        "written": [str(path) for path in paths],
    }


def _state_folder(given: str | None) -> Path:
    if given is not None:
        return Path(given)
    base = os.environ.get("XDG_STATE_HOME", "")
    # A relative path there is to be ignored, says the specification of base directories.
    state = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state"
    return state / "funsearch" / "witness"


def _write(out: str, text: str) -> Path:
    path = Path(out)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from None
    return path
