"""`verify` and `archive retract`: what is said of records once they are there."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import typer

from funsearch import api
from funsearch.archive.records import Finding
from funsearch.cli import judgements, output
from funsearch.cli.app import INTERRUPTED
from funsearch.cli.failures import say, warn_if_unsafe
from funsearch.cli.records import found_program
from funsearch.cli.ticker import Ticker
from funsearch.interruption import Interrupted
from funsearch.text import number
from funsearch.verification import Verified


def verify(program: str, run: str | None, *, unsafe_no_sandbox: bool, json: bool) -> None:
    """Verify a program and report; exit with 1 unless it agrees with what is on record."""
    with found_program(program, run) as (reader, name):
        folder = reader.folder
    ticker = Ticker(quiet=json)
    try:
        verified = api.verify(
            name,
            folder,
            unsafe_no_sandbox=unsafe_no_sandbox,
            progress=lambda done, of: ticker(f"verifying {name[:12]}: {done} of {of} instances"),
        )
    except Interrupted as error:
        say(str(error))
        raise typer.Exit(INTERRUPTED) from None
    finally:
        ticker.close()
    warn_if_unsafe(verified.record.sandbox)
    if json:
        output.json_line(
            {"run": str(folder), "program": name, **as_json(verified)},
        )
    else:
        _report(folder, verified)
    if not verified.record.agreed:
        say(
            f"record {verified.record.evaluation} is not confirmed; if it is wrong: funsearch "
            f"archive retract {verified.record.evaluation} --run {shlex.quote(str(folder))} "
            "--reason TEXT"
        )
        raise typer.Exit(1)


def as_json(verified: Verified) -> dict[str, Any]:
    """Return a verification, with what is not in its record, as a JSON object."""
    return {
        **judgements.as_json(verified.number, verified.record),
        "changed": list(verified.changed),
        "left_out": list(verified.left_out),
    }


def _report(folder: Path, verified: Verified) -> None:
    record = verified.record
    pairs = [
        ("program", record.program),
        ("run", str(folder)),
        ("verified", judgements.summary(record)),
        ("conditions", conditions(verified)),
        ("record", f"{verified.number}, of evaluation {record.evaluation}"),
    ]
    if verified.left_out:
        pairs.append(("left out", f"{', '.join(verified.left_out)}: one record holds no more"))
    output.facts(pairs)
    output.line()
    columns = ("instance", "held out", "verdict", "score", "on record", "checker", "reason")
    rows = [_cells(finding) for finding in record.findings]
    output.table(columns, rows, right=("score", "on record"))


def _cells(finding: Finding) -> tuple[str, ...]:
    return (
        finding.instance,
        "yes" if finding.held_out else "no",
        finding.status,
        number(finding.score),
        number(finding.recorded),
        finding.checked.partition(" instance ")[0] or "–",
        finding.reason,
    )


def conditions(verified: Verified) -> str:
    """Return what has changed since the evaluation, in words."""
    if verified.evaluated is None:
        return "those of the evaluation are not on record with it"
    if verified.changed:
        return f"another {' and another '.join(verified.changed)} than for the score on record"
    return "problem, evaluator and environment are those of the score on record"


def retract(record: int, run: str, reason: str, by: str | None) -> None:
    """Retract a record and say where that stands."""
    retraction = api.retract(record, run, reason, by)
    output.line(f"record {record} is retracted by record {retraction}; both are kept and shown")
