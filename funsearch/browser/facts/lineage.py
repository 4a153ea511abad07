"""The page of a lineage: a few hundred ancestors, and the path along which the score changed."""

from __future__ import annotations

import sqlite3
from itertools import pairwise

from funsearch.archive import queries
from funsearch.archive.queries import ProgramRow
from funsearch.archive.queries.programs import first_of, rows_of
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.diffs import diff
from funsearch.browser.facts.model import Edge, Lineage, Node, Step

MOST_NODES = 300
MOST_STEPS = 30
"""Of the best path: the last ones."""
_MOST_WALKED = 5000
_CONTEXT = 2

_PARENTS = """
    SELECT p.parent, e.score FROM parents AS p
    LEFT JOIN evaluations AS e ON e.program = p.parent AND e.scored
    WHERE p.program = ? AND p.parent < ?1 ORDER BY p.position DESC LIMIT 64"""


def page(attached: Attached, name: str, limit: int = 100, before: int | None = None) -> Lineage:
    """Return a program with its latest ancestors.

    Args:
        attached: the run.
        name: id of the program.
        limit: most nodes, up to `MOST_NODES`.
        before: number of a first record; only earlier ones, to go on.

    Raises:
        Missing: the program was never proposed.
        ArchiveError: its ancestors are too many to be walked through.
    """
    index = attached.reader.index
    limit = max(1, min(limit, MOST_NODES))
    found = queries.lineage(index, name, limit, before)
    path, cut = _best_path(attached, first_of(index, name))
    on_path = {(one.id, other.id) for one, other in pairwise(path)}
    shown = {step.program.id for step in found.steps}
    edges: list[Edge] = []
    nodes: list[Node] = []
    for step in found.steps:
        child = step.program.id
        away = {parent for parent in step.parents if parent not in shown}
        nodes.append(Node(step.program, len(away)))
        for position, parent in enumerate(step.parents):
            if parent in shown:
                edges.append(Edge(parent, child, position, (parent, child) in on_path))
    steps = _changes(path)
    return Lineage(
        run=attached.name,
        program=name,
        metric=attached.metric,
        nodes=tuple(nodes),
        edges=tuple(edges),
        best_path=tuple(_with_diffs(attached, steps[-MOST_STEPS:], whole=len(steps) <= MOST_STEPS)),
        path_cut=cut or len(steps) > MOST_STEPS,
        more=None if found.complete or not found.steps else found.steps[-1].program.first,
    )


def _best_path(attached: Attached, first: int) -> tuple[list[ProgramRow], bool]:
    """Return the way back along the best parents, the earliest first; and whether it was cut.

    Of a program's parents the one with the best score is taken, of equals the one shown last.
    """
    index, sign = attached.reader.index, 1 if attached.metric.direction == "max" else -1
    way = [first]
    while len(way) < _MOST_WALKED:
        parent = _best_parent(index, way[-1], sign)
        if parent is None:
            return rows_of(index, way[::-1]), False
        way.append(parent)
    return rows_of(index, way[::-1]), True


def _best_parent(index: sqlite3.Connection, first: int, sign: int) -> int | None:
    rows = index.execute(_PARENTS, (first,)).fetchall()
    scored = [(sign * score, parent) for parent, score in rows if score is not None]
    if scored:
        best = max(score for score, _ in scored)
        return next(parent for score, parent in scored if score == best)
    return rows[0][0] if rows else None


def _changes(path: list[ProgramRow]) -> list[ProgramRow]:
    """Return the start, each program whose score differs from the one before, and the last."""
    found: list[ProgramRow] = []
    for row in path:
        if not found or row.score != found[-1].score or row is path[-1]:
            found.append(row)
    return found


def _with_diffs(attached: Attached, rows: list[ProgramRow], *, whole: bool) -> list[Step]:
    steps: list[Step] = []
    for place, row in enumerate(rows):
        before = rows[place - 1] if place else None
        change = None if before is None else diff(attached, before.id, row.id, _CONTEXT)
        steps.append(Step(row, change))
    return steps if whole else steps[1:]
