"""One session of a run, new or resumed: builds the parts, drives the loop, closes everything."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from evaluators import identity
from evaluators.containment import Containment
from evaluators.pool import EvaluatorPool, PoolError
from funsearch import recording, restoring, verification
from funsearch.archive import runs
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.records import (
    RunRecord,
)
from funsearch.best import restore_best
from funsearch.budget import Budget, Spender
from funsearch.config import Config, ConfigError, from_tree
from funsearch.interruption import Interrupted, interruptible, until_interrupted
from funsearch.learning import Learner
from funsearch.loop import Loop, Progress, Start
from funsearch.parts import Parts, RunError
from funsearch.population import Population
from funsearch.samplers.protocol import Sampler
from funsearch.state import Best, SearchState
from funsearch.verification import Verified

Observer = Callable[[Progress], None]


@dataclass(frozen=True)
class Observing:
    """Who wants to hear how the run goes.

    Attributes:
        started: called once, when the search begins, with the run's folder, its configuration and
            what holds candidates.
        progress: called every `interval_s` seconds, and at the end.
        interval_s: seconds.
        verifying: called when the search has ended and its best program is verified, with how
            many instances are done, and how many there are.
    """

    started: Callable[[Path, Config, Containment], None]
    progress: Observer
    interval_s: float
    verifying: verification.Progress | None = None


@dataclass(frozen=True)
class Outcome:
    """How a session ended.

    Attributes:
        folder: of the run.
        reason: `samples`, `seconds`, `target`, `tokens`, `cost` or `interrupted`.
        progress: at the end.
        config: of the run.
        verified: the verification of the best program, why there is none, or None if it was not
            wanted: an interrupted run is to end at once.
    """

    folder: Path
    reason: str
    progress: Progress
    config: Config
    verified: Verified | RunError | PoolError | None = None

    @property
    def best(self) -> Best | None:
        """Best program of the run."""
        return self.progress.best


def begin(config: Config, observing: Observing | None = None) -> Outcome:
    """Start a new run and search until a limit is reached.

    Raises:
        ConfigError, ProblemError, SamplerError, PoolError, ArchiveError, RunError: one line for
            the user; a run that failed before its first record leaves no folder.
    """
    return asyncio.run(_begin(config, _starts(config), observing))


async def _begin(config: Config, starts: Sequence[Start], observing: Observing | None) -> Outcome:
    async with _Built(config) as built:
        folder = _folder(config)
        try:
            archive = Archive.create(folder, config_text(config))
        except BaseException:
            if config.run.dir is None:
                with suppress(OSError):
                    folder.rmdir()  # only what is empty
            raise
        with archive:
            state = restoring.new_state(config, archive, built.learner)
            return await _drive(config, built, archive, state, starts, observing)


def resume(
    folder: Path,
    changes: dict[str, Any],
    observing: Observing | None = None,
    *,
    unsafe_no_sandbox: bool = False,
) -> Outcome:
    """Go on with a run.

    Args:
        folder: of the run.
        changes: limits to replace: any of `samples`, `seconds`, `target`, `max_tokens` and
            `max_cost`.
        unsafe_no_sandbox: as in the section `cluster`, where it is not read from.
        observing: who wants to hear.

    Raises:
        ConfigError, ProblemError, SamplerError, PoolError, ArchiveError, RunError: one line for
            the user.
    """
    archive = Archive.open(folder)
    with archive:
        config = read_config(folder, _problem_digest(archive))
        if changes:
            run = {**config.tree["run"], **changes}
            config = from_tree({**config.tree, "run": run}, config.loaded)
        config = config.holding(unsafe_no_sandbox=unsafe_no_sandbox)
        return asyncio.run(_resume(config, archive, observing))


async def _resume(config: Config, archive: Archive, observing: Observing | None) -> Outcome:
    async with _Built(config) as built:
        state = restoring.restored(config, archive, built.learner)
        if state.best is not None:
            restore_best(archive.folder, state.best.certificates, archive.object)
        starts = [] if state.starts else _starts(config)
        return await _drive(config, built, archive, state, starts, observing)


def _problem_digest(archive: Archive) -> str:
    for _, record in archive.records():
        if isinstance(record, RunRecord):
            return record.problem_digest
        break
    raise RunError(f"{archive.folder} does not begin with the record of a run; start a new one")


def read_config(folder: Path, digest: str) -> Config:
    """Return the configuration of a run from its folder.

    Args:
        folder: of the run.
        digest: of its problem's source; the code of any other one is not run.

    Raises:
        RunError: it cannot be read.
        ConfigError: it is not the configuration of a run.
        ProblemError: its problem cannot be had.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    path = folder / "config.yaml"
    try:
        tree = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    except (OSError, UnicodeError, YAMLError, OmegaConfBaseException) as error:
        raise RunError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    if not isinstance(tree, dict):
        raise RunError(f"{path} is not the configuration of a run")
    return from_tree({str(key): value for key, value in tree.items()}, digest=digest)


def config_text(config: Config) -> str:
    """Return the text of `config.yaml`: the resolved configuration, and what it was read with.

    The section `metric` says what scores mean to who reads the run without loading its problem.
    """
    from omegaconf import OmegaConf

    metric = config.loaded.problem.metric
    facts = {
        "name": metric.name,
        "unit": metric.unit,
        "direction": metric.direction,
        "best_known": metric.best_known_for(config.instances),
    }
    return OmegaConf.to_yaml({**config.tree, "metric": facts, "versions": identity.environment()})


class _Built:
    """The pool and the sampler of a session, started; closed when the block ends."""

    def __init__(self, config: Config) -> None:
        self.config = config
        # Tried out before anything is written, so that a refusal leaves no folder behind.
        config.build("search", seed=0, population=Population(1), maximise=True)
        self.sampler: Sampler = config.build("sampler")
        self.budget = Budget(config.run.max_tokens, config.run.max_cost)
        if isinstance(self.sampler, Spender):
            self.sampler.spend_from(self.budget)
        self.template = config.build("prompt")
        self.pool: EvaluatorPool = config.build(
            "cluster", problem=config.loaded.reference, instances=list(config.instances)
        )

    @property
    def learner(self) -> Learner | None:
        """The sampler, if it is one that learns."""
        return self.sampler if isinstance(self.sampler, Learner) else None

    async def __aenter__(self) -> _Built:
        try:
            await self.sampler.start()
            await self.pool.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        await asyncio.gather(self.sampler.close(), self.pool.close())


async def _drive(
    config: Config,
    built: _Built,
    archive: Archive,
    state: SearchState,
    starts: Sequence[Start],
    observing: Observing | None,
) -> Outcome:
    seconds_used = state.clock.seconds
    built.budget.begin(state.spending)
    record = _open_record(config, archive, state)
    loop = Loop(
        Parts(
            problem=config.loaded.problem,
            instances=config.instances,
            settings=config.run,
            template=built.template,
            archive=archive,
            pool=built.pool,
            sampler=built.sampler,
            state=state,
            conditions=record.conditions,
        ),
        seconds_used,
    )
    beside = [asyncio.create_task(restoring.keep_now_and_then(state, archive, config))]
    if observing is not None:
        _tell(lambda: observing.started(archive.folder, config, built.pool.containment))
        beside.append(asyncio.create_task(_watch(loop, observing)))
    reason, verified = "error", None
    # To the end, so that a signal between search and verification finds somebody, too.
    with interruptible(loop.stop):
        try:
            reason = await loop.run(starts)
        except Exception as error:
            reason = f"error: {error}"[:500]
            raise
        finally:
            for task in beside:
                task.cancel()
            _close_record(archive, state, replace(record, event="finished", reason=reason))
        progress = loop.progress()
        if observing is not None:
            _tell(lambda: observing.progress(progress))
        if progress.best is not None and reason != "interrupted":
            verified = await _verify(config, built, archive, progress.best, observing)
    restoring.keep(state, archive, config)
    return Outcome(archive.folder, reason, progress, config, verified)


async def _verify(
    config: Config, built: _Built, archive: Archive, best: Best, observing: Observing | None
) -> Verified | RunError | PoolError | None:
    def progress(done: int, of: int) -> None:
        if observing is not None and (tell := observing.verifying) is not None:
            _tell(lambda: tell(done, of))

    async def work() -> Verified | RunError | PoolError | None:
        await built.pool.close()  # its processes would only be in the way
        return await verification.verify_best(config, archive, best, progress)

    try:
        return await until_interrupted(work(), "the verification")
    except Interrupted as error:
        return error


def _open_record(config: Config, archive: Archive, state: SearchState) -> RunRecord:
    """Write that a session begins, and under which conditions; return the record."""
    text = (archive.folder / "config.yaml").read_bytes()
    environment = recording.environment_text()
    record = RunRecord(
        event="resumed" if state.evaluations else "started",
        problem=config.loaded.problem.name,
        problem_digest=config.loaded.digest,
        instances=config.instances,
        config=sha256(text).hexdigest(),
        seed=config.run.seed,
        evaluator=identity.evaluator_digest(),
        environment=identity.environment(),
        packages=sha256(environment).hexdigest(),
        log=archive.verifier,
        reason=_limits(config),
        time=recording.now(),
    )
    state.apply(archive.append(record, [environment]).number, record)
    return record


def _limits(config: Config) -> str:
    """Return what is in force in this session; a later one may change it."""
    run = config.run
    limits = f"run.samples={run.samples} run.seconds={run.seconds} run.target={run.target}"
    for key in ("max_tokens", "max_cost"):
        if (value := getattr(run, key)) is not None:
            limits += f" run.{key}={value}"
    return f"{limits} --unsafe-no-sandbox" if config.unsafe_no_sandbox else limits


def _close_record(archive: Archive, state: SearchState, record: RunRecord) -> None:
    """Write that the session ended, unless the archive is what ended it."""
    record = replace(record, time=recording.now())
    try:
        state.apply(archive.append(record).number, record)
        archive.flush()
    except ArchiveError:
        if sys.exception() is None:
            raise


async def _watch(loop: Loop, observing: Observing) -> None:
    while True:
        _tell(lambda: observing.progress(loop.progress()))
        await asyncio.sleep(observing.interval_s)


def _tell(call: Callable[[], None]) -> None:
    """Call an observer; that nobody reads what it prints must not end a search."""
    with suppress(OSError):
        call()


def _starts(config: Config) -> list[Start]:
    return [_seed_of(config), *(_from_file(path) for path in config.run.seeds)]


def _seed_of(config: Config) -> Start:
    import inspect

    problem = config.loaded.problem
    lines, first = inspect.getsourcelines(problem.evolve)
    where = f"{inspect.getsourcefile(problem.evolve)}:{first}"
    return Start("".join(lines), "seed", f"{where}: the seed of {problem.name}")


def _from_file(path: str) -> Start:
    try:
        return Start(Path(path).read_text(encoding="utf-8"), "file", path)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"run.seeds: {path} cannot be read: {error}") from None


def _folder(config: Config) -> Path:
    if config.run.dir is not None:
        return Path(config.run.dir)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    base = runs.runs_root() / f"{stamp}-{config.loaded.problem.name}-{config.run.seed}"
    folder, number = base, 1
    while not _reserved(folder):
        number += 1
        folder = base.with_name(f"{base.name}.{number}")
    return folder


def _reserved(folder: Path) -> bool:
    """Make a folder; False if it is there, perhaps of a run that began in the same second."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError as error:
        raise ArchiveError(f"{folder} cannot be made: {error.strerror}") from None
    return True
