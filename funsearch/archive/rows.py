"""What a batch of facts adds to the tables of the index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from evaluators.verdict import Status
from funsearch.archive import schema
from funsearch.archive.facts import Fact, Source
from funsearch.archive.sources import Sources
from funsearch.archive.sqlite import select_in

Tables = Mapping[str, Sequence[Sequence[Any]]]


class _Program(NamedTuple):
    first: int
    generation: int
    island: int | None


_KNOWN = (
    "SELECT p.id, p.first, p.generation, g.island FROM programs AS p"
    " JOIN generations AS g ON g.number = p.first WHERE p.id IN"
)
_OWNERS = " UNION ALL ".join(
    f"SELECT program FROM {table} WHERE number = ?1"  # noqa: S608
    for table in ("generations", "evaluations", "verifications", "retractions")
)


def proposed(facts: Iterable[Fact]) -> Iterable[bytes]:
    """Return the ids of the programs that generations hold, as their sources follow each other."""
    return dict.fromkeys(
        [fact.program for fact in facts if fact.program and fact.kind == "generation"]
    )


class Rows:
    """Turns a batch of facts into rows; the tables are asked about all its programs at once."""

    def __init__(self, connection: sqlite3.Connection, sources: Sources) -> None:
        """Prepare for one batch.

        Args:
            connection: to the index, as it was before the batch.
            sources: tell of programs that are new.
        """
        self._connection = connection
        self._sources = sources
        self._programs: dict[bytes, _Program] = {}
        self._new: Mapping[bytes, Source] = {}
        self._scored: set[int] = set()
        self._names: dict[str, int] = {}
        self._owners: dict[int, int | None] = {}
        self._tables: dict[str, list[Sequence[Any]]] = {
            name: [] for name in (*schema.TABLES, schema.TEXTS, schema.STATEMENTS)
        }

    def of(self, facts: Sequence[Fact]) -> Tables:
        """Return the rows by table.

        Raises:
            sqlite3.Error: the index cannot be read.
        """
        self._look_up(facts)
        for fact in facts:
            program = None
            if fact.program is not None:
                program = self._programs.get(fact.program)
                if program is None and fact.kind == "generation":
                    program = self._first(fact, fact.program)
            owner = self._owners[fact.number] = None if program is None else program.first
            match fact.kind:
                case "generation":
                    self._generation(fact, owner)
                case "evaluation":
                    self._evaluation(fact, program)
                case "reset":
                    self._reset(fact)
                case "run":
                    self._tables["runs"].append((fact.number, *fact.values))
                case "outage":
                    names = [self._names[name] for name in fact.names]
                    self._tables["outages"].append((fact.number, *names, *fact.values))
                case "verification":
                    self._tables["verifications"].append((fact.number, owner, *fact.values))
                case _:
                    self._retraction(fact)
        return self._tables

    def _look_up(self, facts: Sequence[Fact]) -> None:
        named = {fact.program for fact in facts if fact.program}
        named.update(chain.from_iterable([fact.others for fact in facts]))
        self._programs = {
            name: _Program(*columns)
            for name, *columns in select_in(self._connection, _KNOWN, named)
        }
        self._new = self._sources([new for new in proposed(facts) if new not in self._programs])
        verdicts = "SELECT program FROM evaluations WHERE scored AND program IN"
        known = [program.first for program in self._programs.values()]
        self._scored = {program for (program,) in select_in(self._connection, verdicts, known)}
        words = dict.fromkeys(chain.from_iterable([fact.names for fact in facts]))
        query = "SELECT name, id FROM names WHERE name IN"
        self._names = dict(select_in(self._connection, query, words))
        (last,) = self._connection.execute("SELECT max(id) FROM names").fetchone()
        new = [word for word in words if word not in self._names]
        for key, word in enumerate(new, 1 + (last or 0)):
            self._names[word] = key
            self._tables["names"].append((key, word))

    def _first(self, fact: Fact, name: bytes) -> _Program:
        """Take in a program that was not there before, with the edges to its parents."""
        number = fact.number
        parents = [self._programs.get(parent) for parent in fact.others]
        depths = [parent.generation for parent in parents if parent is not None]
        depth = 1 + max(depths, default=0) if parents else 0
        island = fact.values[3]
        assert island is None or isinstance(island, int)
        source = self._new[name]
        tables = self._tables
        tables["programs"].append((number, name, depth, source.length, source.form))
        tables["parents"].extend(
            [
                (number, position, *((None, name) if parent is None else (parent.first, None)))
                for position, (name, parent) in enumerate(zip(fact.others, parents, strict=True))
            ]
        )
        if source.length is not None:
            tables[schema.TEXTS].append((number, source.text))
            tables[schema.STATEMENTS].append((number, source.checksums))
        program = self._programs[name] = _Program(number, depth, island)
        return program

    def _generation(self, fact: Fact, owner: int | None) -> None:
        names = [self._names[name] for name in fact.names]
        values = fact.values
        self._tables["generations"].append((fact.number, owner, *values[:5], *names, *values[5:]))

    def _evaluation(self, fact: Fact, program: _Program | None) -> None:
        generation, status, score, reason, *others = fact.values
        first = island = None
        scored = 0
        if program is not None:
            first, _, island = program
            if status == Status.OK and first not in self._scored:
                self._scored.add(first)
                scored = 1
        names = [self._names[name] for name in fact.names]
        row = (fact.number, generation, first, island, status, score, scored, reason)
        self._tables["evaluations"].append((*row, *names, *others))

    def _reset(self, fact: Fact) -> None:
        self._tables["resets"].append((fact.number, *fact.values))
        for island, founder in zip(fact.islands, fact.others, strict=True):
            program = self._programs.get(founder)
            first = None if program is None else program.first
            self._tables["founders"].append((fact.number, island, first))

    def _retraction(self, fact: Fact) -> None:
        target, entry, *others = fact.values
        assert isinstance(target, int)
        if target not in self._owners:
            found = self._connection.execute(_OWNERS, (target,)).fetchone()
            self._owners[target] = None if found is None else found[0]
        owner = self._owners[fact.number] = self._owners[target]
        self._tables["retractions"].append((fact.number, target, entry, owner, *others))
