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
MOST_STEPS = 20
"""Of the best path: the last ones."""
_MOST_WALKED = 1000
_CONTEXT = 2

_PARENTS = """
    SELECT p.parent, e.score FROM parents AS p
    LEFT JOIN evaluations AS e ON e.program = p.parent AND e.scored
    WHERE p.program = ? AND p.parent < ?1 ORDER BY p.position DESC LIMIT 64"""

_SCORE = "SELECT score FROM evaluations WHERE program = ? AND scored"


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
    on_path = {(one, other) for (one, _), (other, _) in pairwise(path)}
    firsts = {step.program.id: step.program.first for step in found.steps}
    edges: list[Edge] = []
    nodes: list[Node] = []
    for step in found.steps:
        child = step.program.id
        away = {parent for parent in step.parents if parent not in firsts}
        nodes.append(Node(step.program, len(away)))
        for position, parent in enumerate(step.parents):
            if parent in firsts:
                best = (firsts[parent], firsts[child]) in on_path
                edges.append(Edge(parent, child, position, best))
    changes = _changes(path)
    steps = rows_of(index, changes[-MOST_STEPS - 1 :])
    return Lineage(
        run=attached.name,
        program=name,
        metric=attached.metric,
        nodes=tuple(nodes),
        edges=tuple(edges),
        best_path=tuple(_with_diffs(attached, steps)[-MOST_STEPS:]),
        path_cut=cut or len(changes) > MOST_STEPS,
        more=None if found.complete or not found.steps else found.steps[-1].program.first,
    )


def _best_path(attached: Attached, first: int) -> tuple[list[tuple[int, float | None]], bool]:
    """Return the way back along the best parents, the earliest first; and whether it was cut.

    Each program by its first record and its score. Of a program's parents the one with the best
    score is taken, of equals the one shown last.
    """
    index, sign = attached.reader.index, 1 if attached.metric.direction == "max" else -1
    own = index.execute(_SCORE, (first,)).fetchone()
    way: list[tuple[int, float | None]] = [(first, own[0] if own else None)]
    while len(way) < _MOST_WALKED:
        parent = _best_parent(index, way[-1][0], sign)
        if parent is None:
            return way[::-1], False
        way.append(parent)
    return way[::-1], True


def _best_parent(
    index: sqlite3.Connection, first: int, sign: int
) -> tuple[int, float | None] | None:
    rows = index.execute(_PARENTS, (first,)).fetchall()
    scored = [sign * score for _, score in rows if score is not None]
    best = sign * max(scored) if scored else None
    return next((row for row in rows if row[1] == best), None)


def _changes(path: list[tuple[int, float | None]]) -> list[int]:
    """Return the start, each program whose score differs from the one before, and the last."""
    found: list[int] = []
    before: float | None = None
    for place, (first, score) in enumerate(path):
        if not place or score != before or place == len(path) - 1:
            found.append(first)
        before = score
    return found


def _with_diffs(attached: Attached, rows: list[ProgramRow]) -> list[Step]:
    steps: list[Step] = []
    for place, row in enumerate(rows):
        before = rows[place - 1] if place else None
        change = None if before is None else diff(attached, before.id, row.id, _CONTEXT)
        steps.append(Step(row, change))
    return steps
