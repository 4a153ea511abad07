"""A folder of tables: CSV as RFC 4180 has it, in UTF-8, safe to open in a spreadsheet.

A spreadsheet runs a cell that begins like a formula, quoted or not. So every text that begins with
= + - @ (also full-width), a tab, a line end, a NUL or an apostrophe has one apostrophe put before
it. Nothing else gets one: whoever takes one leading apostrophe away has the text as recorded.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from evaluators.verdict import Status
from funsearch.archive import fields
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    ResetRecord,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)
from funsearch.export.selection import Item, Selection
from funsearch.export.writing import new_folder, scratch

SUFFIX = "-tables"

TABLES: Mapping[str, str] = {
    "programs": "program first_record generation proposals sampler model island status score"
    " evaluation_record flags reason",
    "parents": "program position parent",
    "generations": "record program rejected draw sample island epoch registrations sampler model"
    " served parameters seed prompt template reply prompt_tokens completion_tokens cost_usd finish"
    " seconds notes time",
    "evaluations": "record generation_record program reply status score reason flags tier confirmed"
    " sandbox seconds cpu_seconds registered late problem evaluator environment time",
    "scores": "evaluation_record instance score certificate",
    "verifications": "record program evaluation_record agreed checker instance held_out status"
    " score recorded checked reason certificate sandbox seconds time",
    "retractions": "record target entry reason by time",
    "runs": "record event problem problem_digest instances config seed evaluator environment log"
    " reason time",
    "resets": "record reset trigger registrations island founder time",
    "outages": "record sampler model draw prompt reason retry_seconds time",
}
"""Table → its columns."""

_README = """\
Tables of a FunSearch run, up to its last signed checkpoint.
CSV (RFC 4180) in UTF-8, with one line of headings.

programs       one row a program; its verdict is that of its first evaluation that is ok,
               else of its first; generation is the longest way back to a starting program
parents        the programs that a program's first prompt showed, by position
generations    one row a reply, with or without a program in it
evaluations    one row a verdict; every generation gets one
scores         scores and digests of certificates of an evaluation, by instance
verifications  one row an instance of each verification
retractions    which records were declared wrong later; those are still in the other tables
runs, resets   sessions of the run; resets of islands, one row an island
outages        requests that a sampler did not answer, and after how many seconds it was asked
               again; none where the run ended of it

Columns named record, or ..._record, hold numbers of the log's entries. Programs, replies,
prompts and so on are named by SHA-256. Lists are separated by blanks; parameters, notes and
instances are JSON.

A text that begins with = + - @ (also full-width), a tab, a line end, a NUL or an apostrophe
has one apostrophe before it, so that no spreadsheet takes it for a formula. Take one leading
apostrophe away to have the text as recorded. Import with the comma as the only separator.

None of this proves anything. The entries themselves, and their hashes:
    funsearch archive export RUN --format jsonl
"""

_RISKY = frozenset("=+-@'\t\r\n\0＝＋－＠")


def text(value: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula; see the module."""
    return f"'{value}" if value[:1] in _RISKY else value


def write(selection: Selection, path: Path) -> None:
    """Write the tables of a selection into a new folder.

    Raises:
        ArchiveError: the archive cannot be read, or the folder not be written.
    """
    with new_folder(path) as folder:
        (folder / "README.txt").write_text(_README, encoding="utf-8")
        with contextlib.ExitStack() as stack:
            tables = {
                name: _Table(stack.enter_context((folder / f"{name}.csv").open("xb")), columns)
                for name, columns in TABLES.items()
            }
            programs = _Programs(folder / "programs.db", selection)
            stack.callback((folder / "programs.db").unlink)
            stack.callback(programs.close)
            for item in selection.items():
                _rows(item, tables, programs)
            for row in programs.rows():
                tables["programs"].add(*row)


class _Table:
    """One file; numbers are written as such, None as nothing, texts as `text` says."""

    def __init__(self, file: BinaryIO, columns: str) -> None:
        self._file = file
        self._line = io.StringIO(newline="")
        self._writer = csv.writer(self._line, lineterminator="\r\n")
        self._columns = columns.split()
        self.add(*self._columns)

    def add(self, *cells: object) -> None:
        assert len(cells) == len(self._columns), "a row has a cell for each column"
        self._writer.writerow([_cell(cell) for cell in cells])
        self._file.write(self._line.getvalue().encode())
        self._line.seek(0)
        self._line.truncate()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case _:
            return text(str(value))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _joined(names: Iterable[str]) -> str:
    return " ".join(names)


def _rows(item: Item, tables: Mapping[str, _Table], programs: _Programs) -> None:
    """Write the rows of a record."""
    number, record = item.number, item.record
    match record:
        case GenerationRecord():
            tables["generations"].add(number, *_generation(record))
            if record.program is not None and programs.proposed(number, record):
                for position, parent in enumerate(record.parents):
                    tables["parents"].add(record.program, position, parent)
        case EvaluationRecord():
            tables["evaluations"].add(number, *_evaluation(record))
            for name, score in record.scores.items():
                tables["scores"].add(number, name, score, record.certificates.get(name))
            programs.evaluated(number, record)
        case VerificationRecord():
            for row in _findings(record):
                tables["verifications"].add(number, *row)
        case RetractionRecord():
            said = (record.target, record.entry, record.reason, record.by)
            tables["retractions"].add(number, *said, fields.timestamp(record.time))
        case OutageRecord():
            said = (record.sampler, record.model, record.draw, record.prompt, record.reason)
            time = fields.timestamp(record.time)
            tables["outages"].add(number, *said, record.retry_seconds, time)
        case RunRecord():
            tables["runs"].add(number, *_run(record))
        case ResetRecord():
            said = (record.number, record.trigger, record.registrations)
            for island, founder in record.founders:
                time = fields.timestamp(record.time)
                tables["resets"].add(number, *said, island, founder, time)


def _generation(record: GenerationRecord) -> tuple[object, ...]:
    return (
        record.program,
        record.rejected,
        record.draw,
        record.index,
        record.island,
        record.epoch,
        record.registrations,
        record.sampler,
        record.model,
        record.served,
        _json(dict(record.parameters)),
        record.sample_seed,
        record.prompt,
        record.template,
        record.reply,
        record.prompt_tokens,
        record.completion_tokens,
        record.cost,
        record.finish,
        record.seconds,
        _json(list(record.notes)),
        fields.timestamp(record.time),
    )


def _evaluation(record: EvaluationRecord) -> tuple[object, ...]:
    said = record.conditions
    return (
        record.generation,
        record.program,
        record.reply,
        record.status,
        record.score,
        record.reason,
        _joined(record.flags),
        record.tier,
        _joined(record.confirmed),
        _joined(record.sandbox),
        record.seconds,
        record.cpu_seconds,
        record.registered,
        record.late,
        *((said.problem, said.evaluator, said.environment) if said else (None, None, None)),
        fields.timestamp(record.time),
    )


def _findings(record: VerificationRecord) -> Iterable[tuple[object, ...]]:
    for finding in record.findings:
        yield (
            record.program,
            record.evaluation,
            record.agreed,
            record.checker,
            finding.instance,
            finding.held_out,
            finding.status,
            finding.score,
            finding.recorded,
            finding.checked,
            finding.reason,
            finding.certificate,
            _joined(record.sandbox),
            record.seconds,
            fields.timestamp(record.time),
        )


def _run(record: RunRecord) -> tuple[object, ...]:
    return (
        record.event,
        record.problem,
        record.problem_digest,
        _json(list(record.instances)),
        record.config,
        record.seed,
        record.evaluator,
        record.packages,
        record.log,
        record.reason,
        fields.timestamp(record.time),
    )


class _Programs:
    """The table of programs, whose verdicts come later than they do: kept in a file meanwhile."""

    def __init__(self, path: Path, selection: Selection) -> None:
        self._connection = scratch(path)
        self._connection.execute(
            "CREATE TABLE programs (id TEXT PRIMARY KEY, first INTEGER, generation INTEGER,"
            " proposals INTEGER, sampler TEXT, model TEXT, island INTEGER, status TEXT, score REAL,"
            " evaluation INTEGER, flags TEXT, reason TEXT)"
        )
        chosen = selection.chosen
        # Where ancestors were left out, what is there does not tell how far back they go.
        self._generations = (
            {step.program.id: step.program.generation for step in chosen.lineage.steps}
            if chosen
            else {}
        )

    def proposed(self, number: int, record: GenerationRecord) -> bool:
        """Take in a proposal; return whether it is the program's first."""
        known = self._connection.execute(
            "UPDATE programs SET proposals = proposals + 1 WHERE id = ?", (record.program,)
        )
        if known.rowcount:
            return False
        generation = self._generations.get(record.program or "")
        if generation is None:
            depths = [self._generation(parent) for parent in record.parents]
            generation = 1 + max(depths) if depths else 0
        said = (record.sampler, record.model, record.island)
        self._connection.execute(
            "INSERT INTO programs VALUES (?, ?, ?, 1, ?, ?, ?, '', NULL, NULL, '', '')",
            (record.program, number, generation, *said),
        )
        return True

    def _generation(self, program: str) -> int:
        row = self._connection.execute(
            "SELECT generation FROM programs WHERE id = ?", (program,)
        ).fetchone()
        return row[0] if row else 0

    def evaluated(self, number: int, record: EvaluationRecord) -> None:
        """Take in a verdict, if it is the one that counts so far."""
        self._connection.execute(
            "UPDATE programs SET status = ?, score = ?, evaluation = ?, flags = ?, reason = ?"
            " WHERE id = ? AND (evaluation IS NULL OR (status <> ? AND ?))",
            (
                record.status,
                record.score,
                number,
                _joined(record.flags),
                record.reason,
                record.program,
                Status.OK,
                record.status == Status.OK,
            ),
        )

    def rows(self) -> Iterable[tuple[object, ...]]:
        """Yield the rows, in order of first proposals."""
        return self._connection.execute(
            "SELECT id, first, generation, proposals, sampler, model, island, status, score,"
            " evaluation, flags, reason FROM programs ORDER BY first"
        )

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
