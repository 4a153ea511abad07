"""The page of a program: what is claimed, who judged it, and where each line came from."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator

from funsearch.archive import judgements, queries
from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries import History
from funsearch.archive.queries.programs import rows_of
from funsearch.archive.records import EvaluationRecord, GenerationRecord, Record
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import (
    Certificate,
    Judgement,
    Program,
    Retracted,
    Timings,
)
from funsearch.browser.facts.origins import origins

MOST_SOURCE = 100_000
MOST_TEXT = 50_000
"""Bytes of a prompt or a reply."""
MOST_CHILDREN = 50
MOST_INSTANCES = 200
_MOST_RECORDS = 100
_MOST_VERIFICATIONS = 5


def page(attached: Attached, name: str) -> Program:
    """Return the page of a program.

    Args:
        attached: the run.
        name: id of the program, all of it.

    Raises:
        Missing: it was never proposed.
    """
    index = attached.reader.index
    history = queries.program(index, name, _MOST_RECORDS)
    row = history.program
    generation, evaluation = _record(attached, row.first), _record(attached, row.evaluation)
    made = generation if isinstance(generation, GenerationRecord) else None
    judged = evaluation if isinstance(evaluation, EvaluationRecord) else None
    source = attached.text(row.id, MOST_SOURCE)
    shown = 0 if source.text is None else source.text.removesuffix("\n").count("\n") + 1
    children = _children(index, row.first)
    return Program(
        run=attached.name,
        row=row,
        problem=attached.started.problem if attached.started else "",
        metric=attached.metric,
        scores={} if judged is None else dict(sorted(judged.scores.items())[:MOST_INSTANCES]),
        judgements=tuple(_judgements(attached, history, judged)),
        retractions=_retractions(attached, history),
        source=source,
        origins=None if source.text is None else origins(attached, row, shown),
        certificates=_certificates(attached, judged),
        prompt=attached.text(row.prompt, MOST_TEXT) if row.prompt else None,
        reply=attached.text(row.reply, MOST_TEXT),
        parameters={} if made is None else _parameters(made),
        timings=None if made is None else _timings(made, judged),
        parents=history.parents[:_MOST_RECORDS],
        children=children[:MOST_CHILDREN],
        more_children=len(children) > MOST_CHILDREN,
        proposals=history.proposals,
        evaluations=history.evaluations,
        proof=f"funsearch archive proof {row.id} --run {shlex.quote(str(attached.reader.folder))}",
        newer=_beside(index, "first > ? ORDER BY first", row.first),
        older=_beside(index, "first < ? ORDER BY first DESC", row.first),
    )


def _record(attached: Attached, number: int | None) -> Record | None:
    try:
        return None if number is None else attached.reader.record(number)
    except ArchiveError:
        return None


def _parameters(made: GenerationRecord) -> dict[str, str]:
    found = sorted(made.parameters.items())[:MOST_INSTANCES]
    return {key: "" if value is None else str(value) for key, value in found}


def _timings(made: GenerationRecord, judged: EvaluationRecord | None) -> Timings:
    return Timings(
        made.seconds,
        None if judged is None else judged.seconds,
        None if judged is None else judged.cpu_seconds,
        _seconds(made.time),
        None if judged is None else _seconds(judged.time),
    )


def _seconds(time: str) -> float | None:
    try:
        return float(time)
    except ValueError:
        return None


def _judgements(
    attached: Attached, history: History, judged: EvaluationRecord | None
) -> Iterator[Judgement]:
    row = history.program
    if judged is not None and row.evaluation is not None:
        yield Judgement(
            "score", "", None, judged.status, judged.score, judged.reason, row.evaluation
        )
    try:
        found = judgements.verifications(attached.reader, row.id, _MOST_VERIFICATIONS)
    except ArchiveError:
        return
    for number, record in found:
        for each in record.findings[:MOST_INSTANCES]:
            same = each.score is not None and each.score == each.recorded
            agrees = None if each.held_out else same or record.agreed
            judge = "held-out" if each.held_out else "replay"
            yield Judgement(
                judge, each.instance, agrees, each.status, each.score, each.reason, number
            )
            if each.checked:
                valid = each.checked.startswith("valid ")
                yield Judgement(
                    "checker",
                    each.instance,
                    valid and (record.agreed or not each.reason),
                    "valid" if valid else "invalid",
                    _seconds(each.checked.split()[1]) if valid else None,
                    each.checked,
                    number,
                )


def _retractions(attached: Attached, history: History) -> tuple[Retracted, ...]:
    about = {each.number for each in history.retractions}
    return tuple(
        Retracted(
            each.number,
            each.record.target,
            each.record.reason,
            each.record.by,
            each.undone_by is None,
        )
        for each in attached.retractions()
        if each.number in about
    )[:_MOST_RECORDS]


def _certificates(
    attached: Attached, judged: EvaluationRecord | None
) -> tuple[Certificate, ...] | None:
    if judged is None or not judged.certificates:
        return None
    found = sorted(judged.certificates.items())[:MOST_INSTANCES]
    try:
        sizes = attached.reader.sizes([digest for _, digest in found])
    except (sqlite3.Error, ValueError):
        sizes = {}
    return tuple(Certificate(name, digest, sizes.get(digest)) for name, digest in found)


def _children(index: sqlite3.Connection, first: int) -> tuple[str, ...]:
    query = "SELECT DISTINCT program FROM parents WHERE parent = ? ORDER BY program LIMIT ?"
    firsts = [number for (number,) in index.execute(query, (first, MOST_CHILDREN + 1))]
    return tuple(row.id for row in rows_of(index, firsts))


def _beside(index: sqlite3.Connection, order: str, first: int) -> str:
    query = f"SELECT lower(hex(id)) FROM programs WHERE {order} LIMIT 1"  # noqa: S608
    row = index.execute(query, (first,)).fetchone()
    return "" if row is None else row[0]
