"""`replay`: a recorded search driven again, and its programs scored anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from funsearch import api
from funsearch.cli import output
from funsearch.cli.failures import say
from funsearch.cli.ticker import Ticker
from funsearch.islands import Overview
from funsearch.replaying.replay import Replayed
from funsearch.replaying.rescoring import Change, Rescored
from funsearch.text import duration, number, scored

_SHORT = 12
"""Hex digits of an ID in a table."""


def replay(run: str, until: int | None, *, rescore: bool, json: bool) -> None:
    """Replay a run and report; exit with 1 if anything differs."""
    ticker = Ticker(quiet=json)
    rescored = None
    try:
        replayed = api.replay(run, until, lambda done, of: ticker(f"replayed {done} of {of}"))
        if rescore:
            rescored = api.rescore(
                run, until, lambda done, bad: ticker(f"scored {done} programs, {bad} differ")
            )
    finally:
        ticker.close()
    if json:
        output.json_line(_as_json(replayed, rescored))
    else:
        _report(replayed)
        if rescored is not None:
            _report_changes(rescored)
    if replayed.difference is not None:
        say(str(replayed.difference))
    if replayed.difference is not None or (rescored is not None and rescored.differing):
        raise typer.Exit(1)


def _report(found: Replayed) -> None:
    best = found.best
    faster = found.run_seconds / found.seconds if found.seconds else 0.0
    verdicts = ", ".join(f"{count} {status}" for status, count in sorted(found.verdicts.items()))
    pairs = [
        ("run", str(found.folder)),
        (
            "replayed",
            f"{found.records} records in {found.seconds:.1f} s: {duration(found.run_seconds)} of "
            f"search, {faster:.1f} times as fast",
        ),
        (
            "again",
            f"{found.draws} draws, {found.prompts} prompts, {found.programs} programs out of "
            f"{found.samples} samples and the start, {found.resets} resets",
        ),
        ("verdicts", (verdicts or "none") + f", {found.waiting} to come" * bool(found.waiting)),
        ("best", best.program if best else "none"),
        ("score", scored(best.score, best.flags) if best else number(None)),
        ("state", found.state),
        ("identical", "no" if found.difference else f"yes, up to record {found.records - 1}"),
        *(("note", note) for note in found.notes),
    ]
    output.facts(pairs)
    output.line()
    columns = ("island", "best", "programs", "clusters", "resets")
    rows = [_island(index, island) for index, island in enumerate(found.islands)]
    output.table(columns, rows, right=columns)


def _island(index: int, island: Overview) -> Sequence[str]:
    best = number(island.best if island.programs else None)
    return (str(index), best, str(island.programs), str(island.clusters), str(island.epoch))


def _report_changes(rescored: Rescored) -> None:
    output.line()
    output.line(f"scored anew: {rescored.programs} programs, {rescored.differing} differ")
    if rescored.changes:
        columns = ("record", "program", "recorded", "score", "now", "score now", "reason")
        right = ("record", "score", "score now")
        output.table(columns, [_cells(change) for change in rescored.changes], right=right)


def _cells(change: Change) -> Sequence[str]:
    return (
        str(change.record),
        change.program[:_SHORT],
        change.recorded,
        number(change.recorded_score),
        change.status,
        number(change.score),
        change.reason,
    )


def _as_json(found: Replayed, rescored: Rescored | None) -> dict[str, Any]:
    difference = found.difference
    record: dict[str, Any] = {
        "run": str(found.folder),
        "identical": difference is None,
        "difference": difference and {"record": difference.record, "what": difference.what},
        "records": found.records,
        "samples": found.samples,
        "draws": found.draws,
        "prompts": found.prompts,
        "programs": found.programs,
        "verdicts": found.verdicts,
        "waiting": found.waiting,
        "resets": found.resets,
        "program": found.best.program if found.best else None,
        "best": found.best.score if found.best else None,
        "state": found.state,
        "seconds": round(found.seconds, 3),
        "run_seconds": round(found.run_seconds, 3),
        "notes": list(found.notes),
    }
    if rescored is not None:
        record["rescored"] = {
            "programs": rescored.programs,
            "differing": rescored.differing,
            "changes": [vars(change) for change in rescored.changes],
            "sandbox": list(rescored.sandbox),
        }
    return record
