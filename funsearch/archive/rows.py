"""What a batch of records adds to the tables of the index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from evaluators.verdict import Status
from funsearch.archive.objects import ObjectReader
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    Record,
    ResetRecord,
    RetractionRecord,
    RunRecord,
    VerificationRecord,
)
from funsearch.archive.sqlite import select_in

Batch = Sequence[tuple[int, Record]]
"""Records in order, each with its number."""


class _Program(NamedTuple):
    first: int
    generation: int


class Rows:
    """Turns a batch of records into rows; the tables are asked about all its programs at once."""

    def __init__(self, connection: sqlite3.Connection, objects: ObjectReader) -> None:
        """Prepare for one batch.

        Args:
            connection: to the index, as it was before the batch.
            objects: tell the lengths of programs.
        """
        self._connection = connection
        self._objects = objects
        self._programs: dict[str, _Program] = {}
        self._scored: set[int] = set()
        self._lengths: dict[str, int] = {}
        # In the order in which rows refer to each other.
        self._tables: dict[str, list[tuple[Any, ...]]] = {
            name: []
            for name in (
                "entries",
                "runs",
                "generations",
                "programs",
                "parents",
                "evaluations",
                "resets",
                "founders",
            )
        }

    def of(self, records: Batch) -> dict[str, list[tuple[Any, ...]]]:
        """Return the rows by table.

        Raises:
            sqlite3.Error: the index or the objects cannot be read.
        """
        self._look_up(records)
        for number, record in records:
            match record:
                case GenerationRecord():
                    kind = "generation"
                    self._generation(number, record)
                case EvaluationRecord():
                    kind = "evaluation"
                    self._evaluation(number, record)
                case ResetRecord():
                    kind = "reset"
                    self._reset(number, record)
                case RunRecord():
                    kind = "run"
                    row = (record.event, record.problem, str(record.seed), record.reason)
                    self._tables["runs"].append((number, *row, record.time))
                case VerificationRecord():
                    kind = "verification"
                case RetractionRecord():
                    kind = "retraction"
            self._tables["entries"].append((number, kind))
        return self._tables

    def _look_up(self, records: Batch) -> None:
        named: set[str] = set()
        for _, record in records:
            match record:
                case GenerationRecord():
                    named.update(record.parents)
                    if record.program is not None:
                        named.add(record.program)
                case EvaluationRecord():
                    if record.program is not None:
                        named.add(record.program)
                case ResetRecord():
                    named.update(program for _, program in record.founders)
                case _:
                    pass
        known = select_in(
            self._connection, "SELECT id, first, generation FROM programs WHERE id IN", named
        )
        self._programs = {name: _Program(first, depth) for name, first, depth in known}
        self._scored = {
            program
            for (program,) in select_in(
                self._connection,
                "SELECT program FROM evaluations WHERE scored AND program IN",
                [program.first for program in self._programs.values()],
            )
        }
        self._lengths = self._objects.sizes(named - self._programs.keys())

    def _generation(self, number: int, record: GenerationRecord) -> None:
        program = None
        if record.program is not None:
            program = self._programs.get(record.program) or self._first(number, record)
        self._tables["generations"].append(
            (
                number,
                None if program is None else program.first,
                record.rejected,
                record.draw,
                record.index,
                record.island,
                record.epoch,
                record.sampler,
                record.model,
                record.prompt,
                record.reply,
                record.time,
            )
        )

    def _first(self, number: int, record: GenerationRecord) -> _Program:
        """Take in a program that was not there before, with the edges to its parents."""
        assert record.program is not None
        parents = [self._programs.get(parent) for parent in record.parents]
        depths = [parent.generation for parent in parents if parent is not None]
        program = _Program(number, 1 + max(depths, default=0) if record.parents else 0)
        self._programs[record.program] = program
        self._tables["programs"].append(
            (number, record.program, program.generation, self._lengths.get(record.program))
        )
        self._tables["parents"].extend(
            (number, position, *((None, name) if parent is None else (parent.first, None)))
            for position, (name, parent) in enumerate(zip(record.parents, parents, strict=True))
        )
        return program

    def _evaluation(self, number: int, record: EvaluationRecord) -> None:
        program = self._programs.get(record.program or "")
        key = None if program is None else program.first
        scored = record.status == Status.OK and key is not None and key not in self._scored
        if scored and key is not None:
            self._scored.add(key)
        self._tables["evaluations"].append(
            (
                number,
                record.generation,
                key,
                record.status,
                record.score,
                scored,
                record.reason,
                " ".join(record.flags),
                record.tier,
                " ".join(record.confirmed),
                " ".join(record.sandbox),
                record.seconds,
                record.registered,
                record.late,
                record.time,
            )
        )

    def _reset(self, number: int, record: ResetRecord) -> None:
        row = (number, record.number, record.trigger, record.registrations, record.time)
        self._tables["resets"].append(row)
        for island, founder in record.founders:
            program = self._programs.get(founder)
            key = None if program is None else program.first
            self._tables["founders"].append((number, island, key))
