"""`runs`, `best`, `show` and `lineage`: what the archive says, as tables or JSON lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from funsearch.api import UsageError
from funsearch.archive import queries
from funsearch.archive import runs as folders
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.archive.judgements import verifications
from funsearch.archive.queries import ProgramRow
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord
from funsearch.best import certificate_path
from funsearch.cli import judgements, output
from funsearch.cli.failures import say
from funsearch.cli.judgements import Retracted
from funsearch.reply import rationale
from funsearch.text import block, number, one_line, scored

_SHORT = 12
"""Hex digits of an ID in a table."""


@dataclass(frozen=True)
class Facts:
    """What a run's configuration says of its scores, without loading its problem."""

    direction: Literal["max", "min"]
    unit: str
    best_known: float | None


def facts_of(reader: Reader) -> Facts:
    """Return the facts of a run; neutral ones where its configuration has none."""
    import yaml

    try:
        tree: Any = yaml.safe_load(reader.config())
        metric = tree["metric"]
        known = metric["best_known"]
        return Facts(
            "min" if metric["direction"] == "min" else "max",
            str(metric["unit"]),
            float(known) if isinstance(known, (int, float)) else None,
        )
    except (yaml.YAMLError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
        return Facts("max", "", None)


def runs(name: str | None, *, json: bool) -> None:
    """List runs, or tell more of one."""
    root = folders.runs_root()
    chosen = folders.find_runs(root) if name is None else [folders.resolve_run(name, root)]
    rows: list[list[str]] = []
    for folder in chosen:
        try:
            with Reader(folder) as reader:
                facts = facts_of(reader)
                found = queries.summary(reader.index, facts.direction, is_written=reader.is_written)
                retracted = Retracted.of(reader)
                leaders = _leaders(reader, facts.direction, retracted)
        except ArchiveError as error:
            if name is not None:
                raise
            say(str(error))
            continue
        if json:
            output.json_line(
                {
                    "run": str(folder),
                    "problem": found.problem,
                    "programs": found.programs,
                    "samples": found.samples,
                    "outages": found.outages,
                    "best": leaders[0].score if leaders else None,
                    "state": found.state,
                    "flags": list(leaders[0].flags) if leaders else [],
                    "standing": next((r.score for r in leaders if not retracted.of_row(r)), None),
                    "retractions": judgements.retractions_as_json(retracted.all),
                }
            )
        elif name is not None:
            _one_run(folder, found, facts, leaders, retracted)
        rows.append(
            [
                folder.name,
                found.problem,
                str(found.programs),
                str(found.samples),
                " ".join(_score(row, retracted) for row in leaders) or number(None),
                found.state,
            ]
        )
    if json or name is not None:
        return
    if not rows:
        output.line(f"no runs under {root}; to make one: funsearch run")
        return
    columns = ("run", "problem", "programs", "samples", "best", "state")
    output.table(columns, rows, right=("programs", "samples", "best"))


def _one_run(
    folder: Path,
    found: queries.Summary,
    facts: Facts,
    leaders: Sequence[ProgramRow],
    retracted: Retracted,
) -> None:
    known = "" if facts.best_known is None else f" (best known {number(facts.best_known)})"
    verdicts = ", ".join(f"{count} {status}" for status, count in found.statuses.items())
    pairs = [
        ("run", str(folder)),
        ("problem", found.problem),
        ("state", found.state),
        ("seed", str(found.seed)),
        ("samples", str(found.samples)),
        ("programs", str(found.programs)),
        ("verdicts", verdicts or "none"),
        ("resets", str(found.resets)),
        ("outages", _outages(found)),
    ]
    for row in leaders:
        pairs.append(("best", f"{_score(row, retracted)} {facts.unit}{known}"))
        pairs.append(("program", row.id))
    if not leaders:
        pairs.append(("best", "none"))
    pairs.append(("records", str(found.records)))
    pairs += judgements.lines(retracted.all)
    output.facts(pairs)


def _outages(found: queries.Summary) -> str:
    """Return how many there were, and what the last one was."""
    last = f", the last: {one_line(found.last_outage)}" if found.last_outage else ""
    return f"{found.outages}{last}"


def _leaders(
    reader: Reader, direction: queries.Direction, retracted: Retracted
) -> list[ProgramRow]:
    """Return the best program and, if it is retracted, the best that stands after it."""
    rows = queries.best(reader.index, direction, 1)
    if rows and retracted.of_row(rows[0]):
        more = queries.best(reader.index, direction, len(retracted.standing) + 1)
        rows += [row for row in more if not retracted.of_row(row)][:1]
    return rows


def best(name: str, *, source: bool, json: bool) -> None:
    """Show the best program of a run."""
    folder = folders.resolve_run(name, folders.runs_root())
    with Reader(folder) as reader:
        retracted = Retracted.of(reader)
        leaders = _leaders(reader, facts_of(reader).direction, retracted)
        if not leaders:
            raise Missing(f"{folder}: no program has a score")
        if source:
            for name, words in judgements.lines(retracted.of_row(leaders[0])):
                say(f"{name} of this program {words}")
            for row in leaders[1:]:
                say(f"the best program that nobody has retracted is {row.id}")
            output.line(block(reader.object(leaders[0].id).decode()))
            return
        for place, row in enumerate(leaders):
            if json:
                output.json_line(_verdict(reader, row, retracted, with_certificate=not place))
                continue
            if place:
                output.line("\nThe best program that nobody has retracted:\n")
            _show(reader, row, retracted)


def _verdict(
    reader: Reader, row: ProgramRow, retracted: Retracted, *, with_certificate: bool
) -> dict[str, Any]:
    """Return what `best --json` and `show --json` print."""
    verified = verifications(reader, row.id)
    record = _evaluation(reader, row)
    certificate = None
    if with_certificate and record is not None:
        paths = [certificate_path(reader.folder, name) for name in record.scores]
        there = [path for path in paths if path.is_file()]
        if there:
            certificate = str(there[0] if len(paths) == 1 else there[0].parent)
    return {
        "program": row.id,
        "verdict": row.status or None,
        "flags": list(record.flags) if record else [],
        "score": row.score,
        "scores": dict(record.scores) if record else {},
        "seconds": record.seconds if record else None,
        "tier": record.tier if record else None,
        "certificate": certificate,
        "reason": row.reason,
        "confirmed": list(record.confirmed) if record else [],
        "sandbox": list(record.sandbox) if record else [],
        "verifications": [judgements.as_json(number, each) for number, each in verified],
        "retracted": bool(retracted.of_row(row)),
        "retractions": judgements.retractions_as_json(retracted.about(_records_of(reader, row))),
    }


def _records_of(reader: Reader, row: ProgramRow) -> set[int]:
    """Return the numbers of the records about a program."""
    history = queries.program(reader.index, row.id)
    verified = (number for number, _ in verifications(reader, row.id))
    return {*history.proposals, *history.evaluations, *verified}


def _score(row: ProgramRow, retracted: Retracted) -> str:
    """Return a program's score with all that must be said beside it."""
    return scored(row.score, row.flags) + " (retracted)" * bool(retracted.of_row(row))


def _evaluation(reader: Reader, row: ProgramRow) -> EvaluationRecord | None:
    if row.evaluation is None:
        return None
    record = reader.record(row.evaluation)
    return record if isinstance(record, EvaluationRecord) else None


def show(prefix: str, run: str | None, *, json: bool) -> None:
    """Show one program."""
    with found_program(prefix, run) as (reader, program):
        row = queries.program(reader.index, program).program
        retracted = Retracted.of(reader)
        if json:
            verdict = _verdict(reader, row, retracted, with_certificate=False)
            source = reader.object(row.id).decode()
            said = {"source": source, "rationale": _rationale(reader, row)}
            output.json_line({"run": str(reader.folder), **verdict, **said})
        else:
            _show(reader, row, retracted)


def _show(reader: Reader, row: ProgramRow, retracted: Retracted) -> None:
    history = queries.program(reader.index, row.id)
    generation, evaluation = reader.record(row.first), _evaluation(reader, row)
    verdict = row.status or "not evaluated yet"
    facts = facts_of(reader)
    if row.flags:
        verdict += f" ({', '.join(row.flags)})"
    pairs = [
        ("program", row.id),
        ("run", str(reader.folder)),
        ("verdict", f"{verdict}: {row.reason}" if row.reason else verdict),
        ("score", f"{_score(row, retracted)} {facts.unit}"),
        ("sampler", f"{row.sampler} {row.model}".strip()),
        ("parents", ", ".join(parent[:_SHORT] for parent in history.parents) or "none: a start"),
        ("records", f"generation {row.first}, evaluation {row.evaluation}"),
    ]
    if evaluation is not None:
        pairs += [("confirmed", ", ".join(evaluation.confirmed) or "by no other run")]
        pairs += [("sandbox", ", ".join(evaluation.sandbox) or "nothing was run")]
    if isinstance(generation, GenerationRecord):
        settings = ", ".join(f"{key}={value}" for key, value in generation.parameters.items())
        place = f"draw {generation.draw}, island {generation.island}, epoch {generation.epoch}"
        pairs += [("drawn", place)] if generation.draw is not None else []
        pairs += [("parameters", settings)] if settings else []
        pairs += [("notes", "; ".join(generation.notes))] if generation.notes else []
    if len(history.proposals) > 1:
        pairs.append(("proposed again", f"{len(history.proposals) - 1} times"))
    for place, record in reversed(verifications(reader, row.id)):
        mark = " (retracted)" * (place in retracted.standing)
        pairs.append(("verified", f"in record {place}{mark}: {judgements.summary(record)}"))
    pairs += judgements.lines(retracted.about(_records_of(reader, row)))
    output.facts(pairs)
    output.line()
    output.line(block(reader.object(row.id).decode()))
    if said := _rationale(reader, row):
        output.line("\nrationale (unverified text of the model):\n")
        output.line(textwrap.indent(block(said), "    "))


def _rationale(reader: Reader, row: ProgramRow) -> str:
    """Return what the first reply with a program said beside it; empty if it said nothing."""
    generation = reader.record(row.first)
    if not isinstance(generation, GenerationRecord) or generation.draw is None:
        return ""
    return rationale(reader.object(generation.reply).decode("utf-8", "replace"))


def lineage(prefix: str, run: str | None, *, json: bool) -> None:
    """List a program and its ancestors."""
    with found_program(prefix, run) as (reader, program):
        found = queries.lineage(reader.index, program)
        retracted = Retracted.of(reader)
        if json:
            for step in found.steps:
                output.json_line(
                    {
                        "program": step.program.id,
                        "parents": list(step.parents),
                        "sampler": step.program.sampler,
                        "prompt": step.program.prompt or None,
                        "score": step.program.score,
                        "generation": step.program.generation,
                        "flags": list(step.program.flags),
                        "retracted": bool(retracted.of_row(step.program)),
                    }
                )
            return
        rows = [
            [
                str(step.program.generation),
                step.program.id[:_SHORT],
                _score(step.program, retracted),
                step.program.sampler,
                step.program.prompt[:_SHORT] or "–",
                " ".join(parent[:_SHORT] for parent in step.parents) or "–",
            ]
            for step in found.steps
        ]
        columns = ("generation", "program", "score", "sampler", "prompt", "parents")
        output.table(columns, rows, right=("generation", "score"))
        if not found.complete:
            output.line(f"… and more: only the latest {len(found.steps)} ancestors are listed")


@contextmanager
def found_program(prefix: str, run: str | None) -> Iterator[tuple[Reader, str]]:
    """Find a program by the beginning of its ID in one run, or in all of them."""
    if not re.fullmatch(r"[0-9a-fA-F]{6,64}", prefix):
        raise UsageError(f"{prefix[:80]!a} is no program's ID: give at least 6 hex digits of it")
    root = folders.runs_root()
    chosen = folders.find_runs(root) if run is None else [folders.resolve_run(run, root)]
    matches: list[tuple[Path, str]] = []
    for folder in chosen:
        try:
            with Reader(folder) as reader:
                matches += [(folder, name) for name in queries.find(reader.index, prefix)]
        except ArchiveError as error:
            if run is not None:
                raise
            say(str(error))
    if not matches:
        where = f"under {root}" if run is None else f"in {chosen[0]}"
        raise Missing(f"no program {prefix!r} {where}")
    if len({name for _, name in matches}) > 1 or len(matches) > 1:
        _list(matches)
        raise UsageError(f"{prefix!r} may be any of {len(matches)}: give more digits, or --run RUN")
    folder, name = matches[0]
    with Reader(folder) as reader:
        yield reader, name


def _list(matches: Sequence[tuple[Path, str]]) -> None:
    output.table(("program", "run"), [[name, str(folder)] for folder, name in matches[:50]])
