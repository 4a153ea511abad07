"""The Python interface: what the command line does, as functions."""

from __future__ import annotations

import asyncio
import errno
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluators import certificate
from evaluators.parser import Refused
from evaluators.pool import EvaluatorPool
from evaluators.verdict import Status, Verdict
from funsearch import session
from funsearch.archive import runs
from funsearch.best import certificate_path
from funsearch.config import Config, compose
from funsearch.extraction import MAX_REPLY, Wanted, extract
from funsearch.judging import Judge, Judgement
from funsearch.replaying import replay as replaying
from funsearch.replaying import rescoring
from funsearch.replaying.replay import Replayed
from funsearch.replaying.rescoring import Rescored
from funsearch.session import Observing, Outcome


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
        overrides: `run.samples=`, `run.seconds=` and `run.target=`; nothing else may change.
        observing: who wants to hear how it goes.
        unsafe_no_sandbox: run candidates with limits on time and memory only; to be said anew at
            each session, since the run's folder may be somebody else's.

    Raises:
        UsageError: an override is of something else.
        ConfigError, ProblemError, SamplerError, PoolError, ArchiveError, RunError: as for `run`.
    """
    changes: dict[str, object] = {}
    for override in overrides:
        match = re.fullmatch(r"run\.(samples|seconds|target)=(.+)", override)
        if match is None:
            raise UsageError(
                f"{override}: of a run that began, only run.samples, run.seconds and run.target "
                "can be changed"
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
