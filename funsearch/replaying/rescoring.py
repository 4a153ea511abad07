"""Scoring anew: every program of a run that was run is run again, and its verdict compared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluators.pool import EvaluatorPool
from evaluators.program import Program
from evaluators.verdict import Status, Verdict
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord
from funsearch.config import Config
from funsearch.extraction import Wanted
from funsearch.judging import Judge
from funsearch.population import DigestTable
from funsearch.replaying.replay import recorded_config
from problems.contract import Metric

MOST_CHANGES = 1_000
"""Verdicts that differ which are kept; more are counted."""
_UNDER_WAY = 2
"""Programs under way for each slot of the pool, so that none is ever idle."""

Progress = Callable[[int, int], None]
"""Called with how many programs were scored anew, and how many of them differ."""


@dataclass(frozen=True)
class Change:
    """A verdict that is another now.

    Attributes:
        program: id.
        record: number of the evaluation record.
        recorded: status on record.
        recorded_score: score on record, or None.
        status: now.
        score: now, or None.
        reason: of the verdict now.
    """

    program: str
    record: int
    recorded: str
    recorded_score: float | None
    status: str
    score: float | None
    reason: str


@dataclass(frozen=True)
class Rescored:
    """What scoring anew found.

    Attributes:
        programs: how many were run, each once.
        differing: how many of them have another status or score now.
        changes: the first `MOST_CHANGES` that were found, by record.
        sandbox: layers that held the programs.
    """

    programs: int
    differing: int
    changes: tuple[Change, ...]
    sandbox: tuple[str, ...]


def rescore(folder: Path, until: int | None = None, progress: Progress | None = None) -> Rescored:
    """Evaluate every program of a run anew, where candidates are held as in a search.

    A program is run as often as its verdict took: those that had been confirmed, and those whose
    verdict differs at first, are run again until it can be relied on.

    Args:
        folder: of the run.
        until: number of the last record to look at, or None for all there are.
        progress: who wants to hear.

    Raises:
        RunError, ConfigError, ProblemError, PoolError: nothing can be evaluated.
        ArchiveError: the archive cannot be read.
    """
    with Reader(folder) as reader:
        # The configuration may be anybody's: it must not say that candidates need no sandbox.
        config = recorded_config(reader).holding(unsafe_no_sandbox=False)
        return asyncio.run(_rescore(reader, config, until, progress or (lambda *_: None)))


async def _rescore(
    reader: Reader, config: Config, until: int | None, progress: Progress
) -> Rescored:
    problem = config.loaded.problem
    pool: EvaluatorPool = config.build(
        "cluster", problem=config.loaded.reference, instances=list(config.instances)
    )
    judge = Judge(pool, problem, config.instances)
    name = Wanted.of(problem).name
    verdicts = _first_verdicts(reader, until)
    changes: list[Change] = []
    done = differing = 0

    async def work() -> None:
        nonlocal done, differing
        for number, record, digest in verdicts:  # shared: each worker takes the next
            program = Program(name, reader.object(digest).decode())
            verdict = await _again(judge, program, record, problem.metric)
            done += 1
            if not _agrees(record, verdict, problem.metric):
                differing += 1
                if len(changes) < MOST_CHANGES:
                    changes.append(_change(number, digest, record, verdict))
            progress(done, differing)

    try:
        await pool.start()
        await asyncio.gather(*(work() for _ in range(_UNDER_WAY * pool.slots)))
    finally:
        await pool.close()
    changes.sort(key=lambda change: change.record)
    return Rescored(done, differing, tuple(changes), pool.containment.names())


def _first_verdicts(
    reader: Reader, until: int | None
) -> Iterator[tuple[int, EvaluationRecord, str]]:
    """Yield the first verdict on each program that rests on a run, and the program's id."""
    seen = DigestTable()
    for number, record in reader.records():
        if until is not None and number > until:
            break
        if not isinstance(record, EvaluationRecord) or record.program is None or not record.tier:
            continue  # where nothing was run there is nothing to run again
        undecided = record.status in (Status.SANDBOX_ERROR, Status.REJECTED)
        if not undecided and seen.add(bytes.fromhex(record.program))[1]:
            yield number, record, record.program


async def _again(
    judge: Judge, program: Program, record: EvaluationRecord, metric: Metric
) -> Verdict:
    def deserves_more(verdict: Verdict) -> bool:
        doubtful = record.confirmed or not _agrees(record, verdict, metric)
        return verdict.score is not None and bool(doubtful)

    return (await judge.judge(program, deserves_more, chosen=False)).verdict


def _agrees(record: EvaluationRecord, verdict: Verdict, metric: Metric) -> bool:
    """Whether a verdict has the status and, up to the metric's tolerance, the scores on record."""
    if record.status != verdict.status or record.scores.keys() != verdict.scores.keys():
        return False
    pairs = [(score, verdict.scores[name]) for name, score in record.scores.items()]
    if record.score is not None and verdict.score is not None:
        pairs.append((record.score, verdict.score))
    return all(metric.agree(one, other) for one, other in pairs)


def _change(number: int, program: str, record: EvaluationRecord, verdict: Verdict) -> Change:
    return Change(
        program=program,
        record=number,
        recorded=record.status,
        recorded_score=record.score,
        status=verdict.status.value,
        score=verdict.score,
        reason=verdict.reason,
    )
