"""Two programs, or two runs, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries import ProgramRow
from funsearch.archive.queries.programs import first_of, rows_of
from funsearch.archive.records import EvaluationRecord
from funsearch.browser.facts import runs as run_facts
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.diffs import diff
from funsearch.browser.facts.model import ComparedPrograms, ComparedRuns, Setting

MOST_SETTINGS = 200
MOST_INSTANCES = 200
_MOST_LEAVES = 2000
_MOST_DEPTH = 20
_MOST_WALKED = 2000

_PARENTS = "SELECT parent FROM parents WHERE program = ? AND parent < ?1 LIMIT 64"


def programs(attached: Attached, a: str, b: str) -> ComparedPrograms:
    """Return two programs of one run side by side.

    Raises:
        Missing: one of them was never proposed.
    """
    index = attached.reader.index
    firsts = [first_of(index, name) for name in (a, b)]
    rows = rows_of(index, firsts)
    one, other = (_scores(attached, row) for row in rows)
    names = sorted({*one, *other})[:MOST_INSTANCES]
    ancestor, all_sought = _ancestor(attached, *firsts)
    return ComparedPrograms(
        run=attached.name,
        metric=attached.metric,
        a=rows[0],
        b=rows[1],
        scores={name: (one.get(name), other.get(name)) for name in names},
        diff=diff(attached, rows[0].id, rows[1].id),
        ancestor=ancestor,
        ancestor_sought_all=all_sought,
    )


def _scores(attached: Attached, row: ProgramRow) -> Mapping[str, float]:
    try:
        record = None if row.evaluation is None else attached.reader.record(row.evaluation)
    except ArchiveError:
        return {}
    return record.scores if isinstance(record, EvaluationRecord) else {}


def _ancestor(attached: Attached, a: int, b: int) -> tuple[ProgramRow | None, bool]:
    """Return the latest program that both come from, either included; and if all were sought.

    Parents are earlier than their children, so the latest of all that wait is never met again.
    """
    index = attached.reader.index
    waiting: dict[int, int] = {a: 1}
    waiting[b] = waiting.get(b, 0) | 2
    for _ in range(_MOST_WALKED):
        if not waiting:
            return None, True
        first = max(waiting)
        sides = waiting.pop(first)
        if sides == 3:
            return rows_of(index, [first])[0], True
        for (parent,) in index.execute(_PARENTS, (first,)):
            waiting[parent] = waiting.get(parent, 0) | sides
    return None, False


def runs(a: Attached, b: Attached) -> ComparedRuns:
    """Return two runs side by side, with the settings in which they differ."""
    one, other = (dict(_leaves(run.config)) for run in (a, b))
    differing = [
        Setting(name, one.get(name), other.get(name))
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    ]
    meant = [(run.metric.name, run.metric.unit, run.metric.direction) for run in (a, b)]
    begun = [
        None if run.started is None else (run.started.problem_digest, run.started.instances)
        for run in (a, b)
    ]
    return ComparedRuns(
        a=run_facts.run(a),
        b=run_facts.run(b),
        settings=tuple(differing[:MOST_SETTINGS]),
        more_settings=len(differing) > MOST_SETTINGS,
        comparable=meant[0] == meant[1] and begun[0] is not None and begun[0] == begun[1],
    )


def _leaves(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the settings of a tree, the first so many; a tree may hold itself many times."""
    waiting: list[tuple[str, Any]] = [("", tree)]
    met = 0
    while waiting and met < _MOST_LEAVES:
        name, node = waiting.pop()
        met += 1
        items: list[tuple[Any, Any]] | None = None
        if isinstance(node, dict):
            known: dict[Any, Any] = node
            items = list(known.items())
        elif isinstance(node, list):
            several: list[Any] = node
            items = list(enumerate(several))
        if items and name.count(".") < _MOST_DEPTH:
            room = max(0, _MOST_LEAVES - len(waiting))
            prefix = f"{name}." if name else ""
            waiting += [(f"{prefix}{_short(key)}", value) for key, value in items[:room]]
        elif items is None:
            yield name, _short(node)
        else:
            yield name, "…" if items else "none"


def _short(value: Any) -> str:
    """Return a value as a short text; what holds other values is never written out."""
    if value is None or isinstance(value, (str, bool, float)):
        return str(value)[:200]
    if isinstance(value, int) and abs(value) < 1 << 256:
        return str(value)
    return type(value).__name__
