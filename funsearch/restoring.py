"""The state of a run as its log has it: what was kept at a checkpoint, and the records since."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from evaluators import identity
from evaluators.verdict import Status
from funsearch import judging, snapshot
from funsearch.archive import sealed
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.log import LogReader
from funsearch.archive.records import EvaluationRecord, RunRecord
from funsearch.config import Config
from funsearch.learning import Learner
from funsearch.parts import RunError
from funsearch.population import Population
from funsearch.state import Inconsistent, SearchState

KEEP_RECORDS = 100_000
"""So many records after a state was kept, it is kept again: what a resumed run reads at most, after
it was killed."""
_LOOK_S = 10.0


def new_state(config: Config, archive: Archive, learner: Learner | None = None) -> SearchState:
    """Return the state of a run that has not begun; it tells a learner what becomes of samples."""
    metric = config.loaded.problem.metric
    population = Population(len(config.instances))
    search = config.build(
        "search",
        seed=config.run.seed,
        population=population,
        maximise=metric.direction == "max",
    )
    return SearchState(
        metric,
        config.instances,
        search,
        population,
        lambda program: len(archive.object(program)),
        learner,
        config.run.probe,
    )


def restored(config: Config, archive: Archive, learner: Learner | None = None) -> SearchState:
    """Return the state of a run where its log ends.

    What was kept of it is a cache: where it does not fit, all records are applied instead.

    Raises:
        RunError: the log does not follow from the search, or ends with a verdict that only a
            broken evaluator gives, and neither evaluator nor problem were mended since.
        Damaged: a record is not what was written.
    """
    state, start = None, 0
    with suppress(ArchiveError, ValueError):
        if (kept := sealed.read(archive.folder, LogReader(archive.folder))) is not None:
            # One that fails half-way leaves a state of no use.
            tried = new_state(config, archive, learner)
            context = snapshot.context_of(config, tried.search)
            if snapshot.load(kept[1], tried, context) == kept[0]:
                state, start = tried, kept[0]
    if state is None:
        state = new_state(config, archive, learner)
    restore(state, archive, config.loaded.digest, start)
    return state


def restore(state: SearchState, archive: Archive, problem: str, start: int = 0) -> None:
    """Bring a state to where the log ends.

    Args:
        state: to which the first records were applied.
        archive: of the run.
        problem: digest of the problem's source as it is now.
        start: number of those records.

    Raises:
        RunError: as for `restored`.
    """
    # A state that was kept is of the evaluator and the problem as they are now.
    mended = False
    evaluator = identity.evaluator_digest()
    try:
        for number, record in archive.records(start):
            if isinstance(record, RunRecord) and record.event != "finished":
                mended = (record.evaluator, record.problem_digest) != (evaluator, problem)
            if isinstance(record, EvaluationRecord) and not mended and _is_broken(record):
                raise RunError(f"{archive.folder}, record {number}: {record.reason}")
            state.apply(number, record)
    except Inconsistent as error:
        raise RunError(f"{archive.folder}: {error}; the log is not that of one search") from None


def _is_broken(record: EvaluationRecord) -> bool:
    return record.status == Status.SANDBOX_ERROR and record.reason.endswith(judging.BROKEN)


def keep(state: SearchState, archive: Archive, config: Config) -> None:
    """Keep a state for who resumes the run, if that is possible.

    Args:
        state: to which every record of the archive was applied.
        archive: of the run.
        config: of the run.
    """
    size = archive.size
    context = snapshot.context_of(config, state.search)
    # Nobody loses anything by it but time.
    with suppress(ArchiveError):
        sealed.write(archive, size, snapshot.dump(state, size, context))


async def keep_now_and_then(state: SearchState, archive: Archive, config: Config) -> None:
    """Keep the state of a search under way, for who resumes it after it was killed."""
    last = archive.size
    while True:
        await asyncio.sleep(_LOOK_S)
        if archive.size - last >= KEEP_RECORDS:
            keep(state, archive, config)
            last = archive.size
