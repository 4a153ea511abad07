"""Verification: the program of a record is run again, and the checker judges all that it builds.

Training instances are run together, as the search ran them; each one that was held out is run
alone, so that none hides what becomes of another. A verification *agrees* if every score on record
came out again and the checker finds the score of every object there is, those on held-out instances
too. That a program fails on a held-out instance contradicts nothing on record: it is said plainly,
and no disagreement.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path

from evaluators import certificate, identity
from evaluators.pool import EvaluatorPool, Mode, PoolError
from evaluators.program import Program
from evaluators.verdict import Status, Verdict
from funsearch import recording
from funsearch.archive import judgements
from funsearch.archive.archive import Archive
from funsearch.archive.errors import Unrecordable
from funsearch.archive.forms.judgement import FINDING_CHARACTERS, MOST_FINDINGS
from funsearch.archive.log import LogReader, record_of
from funsearch.archive.reader import Reader
from funsearch.archive.records import (
    Conditions,
    EvaluationRecord,
    Finding,
    VerificationRecord,
)
from funsearch.archive.statement import encode
from funsearch.checking import ask_checker
from funsearch.config import Config
from funsearch.extraction import Wanted
from funsearch.judging import Judge
from funsearch.parts import RunError
from funsearch.state import Best

Progress = Callable[[int, int], None]
"""Called with how many instances are done, and how many there are."""

_SHORT = 32
"""Characters of a reason where there are so many instances that longer ones do not fit."""


@dataclass(frozen=True)
class Verified:
    """A verification that is on record.

    Attributes:
        number: of its record.
        record: that record.
        evaluated: under which conditions the scores on record were found; None in logs of
            format 2, which do not say it with the scores.
        left_out: held-out instances for which there was no time.
        earlier: whether it had been on record before.
    """

    number: int
    record: VerificationRecord
    evaluated: Conditions | None
    left_out: tuple[str, ...] = ()
    earlier: bool = False

    @property
    def changed(self) -> tuple[str, ...]:
        """What of `problem`, `evaluator` and `environment` was another when it was evaluated."""
        before, now = self.evaluated, self.record.conditions
        names = [field.name for field in fields(Conditions)]
        return tuple(
            name for name in names if before and getattr(before, name) != getattr(now, name)
        )


async def verify(
    config: Config,
    archive: Archive,
    evaluation: int,
    limit_s: float | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Verify the program of an evaluation in fresh sandboxes, and record what was found.

    Each group of instances is judged as that of a would-be best: run again until its verdict can
    be relied on. If the call is cancelled, every process ends, and nothing is recorded.

    Args:
        config: of the run.
        archive: of the run, to which the record is added.
        evaluation: number of the record whose scores are to come out again.
        limit_s: how long it may take. Held-out instances that are not done by then are left out;
            those with the longest limits come last.
        progress: who wants to hear.

    Raises:
        RunError: there is nothing to verify, or it could not be done; nothing was recorded.
        PoolError: no sandbox could be had.
        ArchiveError: the archive cannot be read or written.
    """
    began = time.monotonic()
    claim = _claim(config, archive, evaluation)
    with tempfile.TemporaryDirectory(prefix="funsearch-verify-") as folder:
        looking = _Examination(config, archive, claim, Path(folder), progress or (lambda *_: None))
        await looking.examine(limit_s)
    environment = recording.environment_text()
    checker = config.loaded.checker
    record = VerificationRecord(
        program=looking.program.id,
        evaluation=evaluation,
        conditions=_conditions(config, environment),
        checker=sha256(checker.read_bytes()).hexdigest() if checker else "",
        agreed=all(seen.agrees for seen in looking.in_order),
        findings=tuple(seen.finding for seen in looking.in_order),
        sandbox=looking.sandbox,
        seconds=round(time.monotonic() - began, 3),
        time=recording.now(),
    )
    texts = [seen.text for seen in looking.in_order if seen.text]
    receipt = archive.append(_fitting(record), [environment, *texts])
    archive.flush()
    return Verified(receipt.number, record, claim.conditions, looking.left_out)


async def verify_best(
    config: Config, archive: Archive, best: Best, progress: Progress
) -> Verified | RunError | PoolError | None:
    """Verify the best program of a search that ended, unless that is on record already.

    It may take `run.verify_seconds`. An earlier verification counts if nothing has changed that
    verdicts depend on, and nobody has retracted it.

    Returns:
        What was found, why nothing was, or None if it is not wanted.

    Raises:
        ArchiveError: the archive cannot be read or written.
    """
    limit_s = config.run.verify_seconds
    if limit_s == 0:
        return None
    archive.flush()
    earlier = _earlier(config, archive, best)
    if earlier is not None:
        return earlier
    try:
        return await verify(config, archive, best.evaluation, limit_s, progress)
    except (RunError, PoolError) as error:
        return error


def _earlier(config: Config, archive: Archive, best: Best) -> Verified | None:
    conditions = _conditions(config, recording.environment_text())
    with Reader(archive.folder) as reader:
        wrong = judgements.standing(judgements.retractions(reader))
        for number, record in judgements.verifications(reader, best.program):
            same = (record.evaluation, record.conditions) == (best.evaluation, conditions)
            if same and number not in wrong:
                there = {finding.instance for finding in record.findings}
                left = tuple(name for name in _held_out(config) if name not in there)
                return Verified(number, record, conditions, left, earlier=True)
    return None


def _conditions(config: Config, environment: bytes) -> Conditions:
    return Conditions(
        config.loaded.digest, identity.evaluator_digest(), sha256(environment).hexdigest()
    )


def _claim(config: Config, archive: Archive, number: int) -> EvaluationRecord:
    """Return the record of an evaluation whose scores can be compared."""
    log = LogReader(archive.folder)
    record = record_of(archive.folder, number, log.entry(number))
    if not isinstance(record, EvaluationRecord) or record.program is None:
        raise RunError(f"record {number} is not the evaluation of a program")
    if record.score is None:
        raise RunError(f"record {number} has no score to verify: {record.status}: {record.reason}")
    if set(record.scores) != set(config.instances):
        raise RunError(f"record {number} has scores on other instances than those of the run")
    if len(config.instances) > MOST_FINDINGS:
        raise RunError(f"a verification can be of {MOST_FINDINGS} instances, not of all there are")
    return record


def _held_out(config: Config) -> list[str]:
    return [name for name in config.loaded.problem.held_out if name not in config.instances]


def _fitting(record: VerificationRecord) -> VerificationRecord:
    """Return the record with its texts cut so far that it fits into one entry of the log."""
    try:
        encode(record)
    except Unrecordable:
        short = [
            replace(each, reason=each.reason[:_SHORT], checked=each.checked[:_SHORT])
            for each in record.findings
        ]
        return replace(record, findings=tuple(short))
    return record


@dataclass(frozen=True)
class _Seen:
    """What one instance showed.

    Attributes:
        finding: as it is recorded.
        agrees: whether nothing in it contradicts a score.
        text: certificate file; empty if there is none.
    """

    finding: Finding
    agrees: bool
    text: bytes


class _Examination:
    """One program under examination, group of instances by group of instances.

    What is done stays, also when `examine` is cut short: see `in_order` and `left_out`.
    """

    def __init__(
        self,
        config: Config,
        archive: Archive,
        claim: EvaluationRecord,
        folder: Path,
        progress: Progress,
    ) -> None:
        self._config = config
        self._problem = config.loaded.problem
        self._claim = claim
        self._folder = folder
        self._progress = progress
        self._held_out = _held_out(config)[: MOST_FINDINGS - len(config.instances)]
        self._seen: dict[str, _Seen] = {}
        self.program = _program(config, archive, claim)
        self.sandbox: tuple[str, ...] = ()

    @property
    def in_order(self) -> list[_Seen]:
        """What is done, by instance: those of the search first."""
        names = [*self._config.instances, *self._held_out]
        return [self._seen[name] for name in names if name in self._seen]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Held-out instances that are not done."""
        return tuple(name for name in _held_out(self._config) if name not in self._seen)

    async def examine(self, limit_s: float | None) -> None:
        """Run and check everything; raises what `verify` does."""
        pool: EvaluatorPool = self._config.build(
            "cluster",
            problem=self._config.loaded.reference,
            instances=list(self._config.instances),
        )
        groups = self._groups()
        try:
            async with asyncio.timeout(limit_s):
                await pool.start()
                self.sandbox = pool.containment.names()
                async with asyncio.TaskGroup() as tasks:
                    for _ in range(pool.slots):
                        tasks.create_task(self._work(pool, groups))
        except TimeoutError:
            if not all(name in self._seen for name in self._config.instances):
                raise RunError(f"{limit_s:g} s were too short to verify it") from None
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            await pool.close()

    def _groups(self) -> Iterator[tuple[str, ...]]:
        """Return what is run together; what may take longest comes last."""
        alone = sorted(self._held_out, key=lambda name: self._problem.limits_for([name]).wall_s)
        return iter([self._config.instances, *((name,) for name in alone)])

    async def _work(self, pool: EvaluatorPool, groups: Iterator[tuple[str, ...]]) -> None:
        """Do one group after another; several of these share the groups."""
        total = len(self._config.instances) + len(self._held_out)
        for names in groups:
            self._progress(len(self._seen), total)
            judge = Judge(pool, self._problem, names)
            verdict = (await judge.judge(self.program, _has_score, chosen=False)).verdict
            if verdict.status is Status.TIMEOUT and names == self._config.instances:
                # It was done in time once: a slower machine is to refute no score.
                verdict = await pool.evaluate(self.program, names, Mode.AGAIN)
            if verdict.status is Status.SANDBOX_ERROR and names == self._config.instances:
                raise RunError(f"it could not be verified: {verdict.reason}")
            for name in names:
                self._seen[name] = await self._see(name, verdict)
                self._progress(len(self._seen), total)

    async def _see(self, name: str, verdict: Verdict) -> _Seen:
        """Return what a verdict and the checker say of one instance."""
        held_out = name in self._held_out
        finding = Finding(
            instance=name,
            held_out=held_out,
            status=verdict.status.value,
            score=verdict.scores.get(name),
            recorded=None if held_out else self._claim.scores[name],
        )
        built = verdict.certificates.get(name)
        if built is None:
            return _Seen(replace(finding, reason=_fit(verdict.reason)), held_out, b"")
        text = certificate.text(self._problem.name, self._problem.instance(name), built)
        digest = certificate.digest(text)
        wrong = [] if held_out else self._contradictions(name, verdict)
        checked, objection = await self._check(text, digest, verdict.scores[name])
        wrong += [objection] if objection else []
        notes = [verdict.reason] if verdict.reason else []
        if not held_out and self._claim.certificates.get(name, digest) != digest:
            notes.append("another object than on record")
        reason = _fit("; ".join([*wrong, *notes]))
        finding = replace(finding, checked=_fit(checked), reason=reason, certificate=digest)
        return _Seen(finding, not wrong, text.encode())

    def _contradictions(self, name: str, verdict: Verdict) -> list[str]:
        """Return how the score now contradicts that on record; the total is told of with the first.

        Of a total that is only another because a score is, nothing is said.
        """
        agree, claim = self._problem.metric.agree, self._claim
        now, before = verdict.scores[name], claim.scores[name]
        if not agree(now, before):
            return [f"it scores {now!r}, on record {before!r}"]
        others = all(agree(score, claim.scores[each]) for each, score in verdict.scores.items())
        assert verdict.score is not None
        assert claim.score is not None
        if name == self._config.instances[0] and others and not agree(verdict.score, claim.score):
            return [f"all together scores {verdict.score!r}, on record {claim.score!r}"]
        return []

    async def _check(self, text: str, digest: str, score: float) -> tuple[str, str]:
        """Return what the checker prints on a certificate file, and its objection or nothing."""
        checker = self._config.loaded.checker
        if checker is None:
            return "", ""
        path = self._folder / f"{digest}.json"
        path.write_text(text, encoding="utf-8")
        answer = await ask_checker(checker, path)
        path.unlink()
        if answer.score is None:
            return answer.output, "the checker refuses it"
        if not self._problem.metric.agree(answer.score, score):
            return answer.output, f"it scores {score!r}, the checker finds {answer.score!r}"
        return answer.output, ""


def _program(config: Config, archive: Archive, claim: EvaluationRecord) -> Program:
    assert claim.program is not None
    try:
        source = archive.object(claim.program).decode()
    except UnicodeDecodeError:
        raise RunError(f"{archive.folder}: program {claim.program[:12]} is no text") from None
    return Program(Wanted.of(config.loaded.problem).name, source)


def _has_score(verdict: Verdict) -> bool:
    return verdict.score is not None


def _fit(text: str) -> str:
    return recording.fit(text, FINDING_CHARACTERS)
