"""The Python interface: what the command line does, as functions."""

from __future__ import annotations

import asyncio
import errno
import getpass
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evaluators import certificate
from evaluators.parser import Refused
from evaluators.pool import EvaluatorPool
from evaluators.verdict import Status, Verdict
from funsearch import recording, session, verification
from funsearch.archive import queries, runs
from funsearch.archive.archive import Archive
from funsearch.archive.log import LogReader
from funsearch.archive.reader import Reader
from funsearch.archive.records import RetractionRecord
from funsearch.best import certificate_path
from funsearch.comparing import racing, report, settings
from funsearch.comparing.report import Comparison
from funsearch.config import Config, compose
from funsearch.extraction import Wanted, extract
from funsearch.interruption import until_interrupted
from funsearch.judging import Judge, Judgement
from funsearch.parts import RunError
from funsearch.replaying import replay as replaying
from funsearch.replaying import rescoring
from funsearch.replaying.replay import Replayed
from funsearch.replaying.rescoring import Rescored
from funsearch.reply import MAX_REPLY
from funsearch.session import Observing, Outcome
from funsearch.verification import Verified


class UsageError(Exception):
    """A call makes no sense; the message is one line for the user."""


def run(*overrides: str, observing: Observing | None = None) -> Outcome:
    """Search, as `funsearch run` does.

    Args:
        overrides: of the configuration, such as `problem.n=8` or `run.seconds=60`.
        observing: who wants to hear how it goes.

    Returns:
        How it ended, with the best program and the folder of the run.

    Raises:
        ConfigError, ProblemError: an override is wrong.
        SamplerError, PoolError, ArchiveError, RunError: the run cannot go on.
    """
    return session.begin(compose(overrides), observing)


def resume(
    folder: str | Path,
    *overrides: str,
    observing: Observing | None = None,
    unsafe_no_sandbox: bool = False,
) -> Outcome:
    """Go on with a run, as `funsearch resume` does.

    Args:
        folder: of the run, or its name.
        overrides: limits of the run: `run.samples=`, `run.seconds=`, `run.target=`,
            `run.max_tokens=` and `run.max_cost=`; nothing else may change.
        observing: who wants to hear how it goes.
        unsafe_no_sandbox: run candidates with limits on time and memory only; to be said anew at
            each session, since the run's folder may be somebody else's.

    Raises:
        UsageError: an override is of something else.
        ConfigError, ProblemError, SamplerError, PoolError, ArchiveError, RunError: as for `run`.
    """
    changes: dict[str, object] = {}
    for override in overrides:
        match = re.fullmatch(r"run\.(samples|seconds|target|max_tokens|max_cost)=(.+)", override)
        if match is None:
            raise UsageError(
                f"{override}: of a run that began, only run.samples, run.seconds, run.target, "
                "run.max_tokens and run.max_cost can be changed"
            )
        changes[match[1]] = _number(override, match[2])
    path = runs.resolve_run(str(folder), runs.runs_root())
    return session.resume(path, changes, observing, unsafe_no_sandbox=unsafe_no_sandbox)


def replay(
    folder: str | Path,
    until: int | None = None,
    progress: replaying.Progress | None = None,
) -> Replayed:
    """Drive a recorded search again from its recorded replies, as `funsearch replay` does.

    No model is asked, no candidate is run, and nothing is written.

    Args:
        folder: of the run, or its name.
        until: number of the last record to replay, or None for all there are.
        progress: called now and then with how many records were replayed, and how many there are.

    Returns:
        What was reached, with the first difference to the record, if there is one.

    Raises:
        ConfigError, ProblemError, TemplateError, ArchiveError, RunError: it cannot be replayed.
    """
    return replaying.replay(runs.resolve_run(str(folder), runs.runs_root()), until, progress)


def rescore(
    folder: str | Path,
    until: int | None = None,
    progress: rescoring.Progress | None = None,
) -> Rescored:
    """Evaluate every program of a run anew, as `funsearch replay --rescore` does.

    Args:
        folder: of the run, or its name.
        until: number of the last record to look at, or None for all there are.
        progress: called with how many programs were scored, and how many of them differ.

    Raises:
        ConfigError, ProblemError, PoolError, ArchiveError, RunError: nothing can be evaluated.
    """
    return rescoring.rescore(runs.resolve_run(str(folder), runs.runs_root()), until, progress)


def verify(
    program: str,
    folder: str | Path,
    *,
    unsafe_no_sandbox: bool = False,
    progress: verification.Progress | None = None,
) -> Verified:
    """Run a program of a run again, held-out instances too, and record what came out.

    Args:
        program: its ID, or the beginning of it.
        folder: of the run, or its name.
        unsafe_no_sandbox: as for `resume`.
        progress: called with how many instances are done, and how many there are.

    Raises:
        UsageError: the run has no such program.
        Interrupted: Ctrl-C was pressed; nothing was recorded.
        ConfigError, ProblemError, PoolError, ArchiveError, RunError: it cannot be verified.
    """
    path = runs.resolve_run(str(folder), runs.runs_root())
    with Archive.open(path) as archive:
        archive.flush()  # the index is asked next
        with Reader(path) as reader:
            names = queries.find(reader.index, program, 2)
            if len(names) != 1:
                raise UsageError(f"{path}: {len(names) or 'no'} programs begin with {program!a}")
            row = queries.program(reader.index, names[0]).program
            # The folder may be anybody's: it must not say that candidates need no sandbox.
            config = replaying.recorded_config(reader).holding(unsafe_no_sandbox=unsafe_no_sandbox)
        if row.evaluation is None:
            raise RunError(f"{path}: program {row.id[:12]} was not evaluated yet; resume the run")
        work = verification.verify(config, archive, row.evaluation, progress=progress)
        return asyncio.run(until_interrupted(work, "the verification"))


def retract(record: int, folder: str | Path, reason: str, by: str | None = None) -> int:
    """Declare a record of a run wrong, by another record; both are kept.

    Args:
        record: number of the wrong one; a retraction can be retracted too, which restores what
            it was of.
        folder: of the run, or its name.
        reason: what is wrong with it.
        by: who says so; the login if None.

    Returns:
        Number of the record that says it.

    Raises:
        UsageError: there is no such record, or nothing is said.
        ArchiveError: the archive cannot be written.
    """
    if not reason.strip():
        raise UsageError("a retraction says what is wrong: give a reason")
    path = runs.resolve_run(str(folder), runs.runs_root())
    with Archive.open(path) as archive:
        log = LogReader(path)
        if not 0 <= record < log.size:
            raise UsageError(f"{path} has no record {record}; its last one is {log.size - 1}")
        receipt = archive.append(
            RetractionRecord(
                target=record,
                entry=sha256(log.entry(record)).hexdigest(),
                reason=reason,
                by=_login() if by is None else by,
                time=recording.now(),
            )
        )
        archive.flush()
    return receipt.number


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("nobody is logged in here; say who retracts it") from None


def _number(override: str, text: str) -> int | float | None:
    if text == "null":
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise UsageError(f"{override}: not a number")


def read_text(path: Path, most: int) -> str:
    """Return the text of a regular file, at most `most` characters of it, whatever it holds.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file")
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        return file.read(most)


def compare(
    *arguments: str,
    out: str | Path,
    seeds: int = settings.ENOUGH_SEEDS,
    samples: int | None = None,
    seconds: float | None = None,
    max_tokens: int | None = None,
    max_cost: float | None = None,
    watch: racing.Watch | None = None,
) -> Comparison:
    """Run several settings on equal budgets and seeds, as `funsearch compare` does.

    Seeds that are added after a look at the result make a difference look surer than it is.

    Args:
        arguments: settings by name, such as `plain=search=iid`, and overrides for all of them.
        out: folder for the runs; those that are finished there are not made again.
        seeds: runs of each setting, from `run.seed` on.
        samples: that each run makes; or the next three, of which one at least is needed.
        seconds: that each run has.
        max_tokens: that each run may take.
        max_cost: what each run may cost, in US dollars.
        watch: called with number and task of each run; returns who wants to hear of it.

    Raises:
        UsageError: there is no budget, or no seed.
        Interrupted: Ctrl-C was pressed; the same call goes on.
        ConfigError, ProblemError, SamplerError, PoolError, ArchiveError, RunError: as for `run`.
    """
    budget = settings.Budget(samples, seconds, max_tokens, max_cost)
    if budget == settings.Budget() or seeds < 1:
        raise UsageError("give a budget, such as samples=1000, and at least one seed")
    chosen = settings.read(arguments, budget)
    found = racing.race(settings.tasks(chosen, seeds, Path(out)), watch)
    return report.compare(found, [f"each run had {budget.text()}"])


@dataclass(frozen=True)
class Evaluated:
    """The verdict on a function from a file.

    Attributes:
        file: its path, as given.
        program: id, or None where the file holds no such function.
        judgement: on it: the verdict, and what that rests on.
        certificate: file or, for several instances, folder that was written; None if none was.
    """

    file: str
    program: str | None
    judgement: Judgement
    certificate: Path | None

    @property
    def verdict(self) -> Verdict:
        """Verdict on the function."""
        return self.judgement.verdict


def evaluate(
    files: Sequence[str], *overrides: str, out: str | Path | None = None, fast: bool = False
) -> list[Evaluated]:
    """Score functions from files by exactly the path of a would-be best of a search.

    That is, each is run again until its verdict can be relied on. Only admission is not asked:
    whoever writes a file may try what no model should propose.

    Args:
        files: each with one function, and what it needs.
        overrides: of the configuration, such as `problem=cap_set` or `problem.n=8`.
        out: folder for certificates, or None.
        fast: run each once, and believe what that says.

    Returns:
        One result a file, in the same order.

    Raises:
        UsageError: a file cannot be read, or `out` not be written.
        ConfigError, ProblemError, PoolError: nothing can be evaluated.
    """
    texts: list[str] = []
    for file in files:
        try:
            texts.append(read_text(Path(file), MAX_REPLY))
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    stems = [Path(file).stem for file in files]
    if out is not None and len(set(stems)) < len(stems):
        raise UsageError("with --out, files need different names: certificates are named by them")
    config = compose(overrides)
    judgements = asyncio.run(_evaluate(config, texts, fast=fast))
    results: list[Evaluated] = []
    for file, (program, judgement) in zip(files, judgements, strict=True):
        written = None
        if out is not None and judgement.verdict.certificates:
            written = _write(Path(out) / Path(file).stem, config, judgement.verdict)
        results.append(Evaluated(file, program, judgement, written))
    return results


async def _evaluate(
    config: Config, texts: Sequence[str], *, fast: bool
) -> list[tuple[str | None, Judgement]]:
    pool: EvaluatorPool = config.build(
        "cluster", problem=config.loaded.reference, instances=list(config.instances)
    )
    wanted = Wanted.of(config.loaded.problem)
    judge = Judge(pool, config.loaded.problem, config.instances)

    def deserves_more(verdict: Verdict) -> bool:
        return verdict.score is not None and not fast

    async def one(text: str) -> tuple[str | None, Judgement]:
        try:
            program = extract(text, wanted).program
        except Refused as refusal:
            return None, Judgement(Verdict(Status.REJECTED, reason=str(refusal), tier=""))
        return program.id, await judge.judge(program, deserves_more, chosen=False)

    try:
        await pool.start()
        return list(await asyncio.gather(*map(one, texts)))
    finally:
        await pool.close()


def _write(folder: Path, config: Config, verdict: Verdict) -> Path:
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, found in verdict.certificates.items():
            instance = config.loaded.problem.instance(name)
            path = folder / certificate_path(folder, name).name
            path.write_text(certificate.text(config.loaded.problem.name, instance, found))
            paths.append(path)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    return paths[0] if len(paths) == 1 else folder
