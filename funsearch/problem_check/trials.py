"""Runs of candidates through a real pool: the seed, trivial and wrong ones, and ones that peek."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators import foresight
from evaluators.pool import EvaluatorPool, Mode
from evaluators.program import Program
from evaluators.verdict import Certificate, Flag, Status, Verdict
from funsearch.judging import Judge
from funsearch.problem_check import candidates, glances
from funsearch.problem_check.candidates import Trial
from funsearch.problem_check.finding import Finding, Result
from funsearch.text import number
from problems.contract import Data, Problem

_FEW = 3
"""Smallest instances, by the seed's certificate, that are used where speed matters."""
_BATCH = 12
"""Most instances that one run of the seed builds for."""
_TIMES = 3
"""Runs of the seed of which the fastest counts."""


@dataclass
class Trials:
    """Runs candidates, and keeps what they built.

    Attributes:
        problem: the problem.
        data: of all its instances.
        pool: open.
        random: decides orders.
        certificates: instance → different ones that candidates built, the seed's first.
        scores: instance → scores that candidates got.
        seconds: tier → seconds that candidates took on the training instances.
        seed_s: seconds of the seed on the training instances, in the fastest tier.
        engine_s: seconds that an evaluation of the seed took beyond that, scoring included.
        broken: reasons of verdicts that no candidate is to blame for, and scores beyond a bound.
    """

    problem: Problem
    data: Mapping[str, Data]
    pool: EvaluatorPool
    random: np.random.Generator
    certificates: dict[str, list[Certificate]] = field(default_factory=dict[str, list[Certificate]])
    scores: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    seconds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    seed_s: float = 0.0
    engine_s: float = 0.0
    broken: list[str] = field(default_factory=list[str])

    def smallest(self) -> list[str]:
        """Return the few instances for which the seed built the smallest certificates."""
        built = [name for name in self.data if name in self.certificates]
        return sorted(built, key=self._size)[:_FEW]

    def smallest_of(self, names: Sequence[str]) -> str:
        """Return the one of these instances for which the seed built the smallest certificate."""
        return min(names, key=self._size)

    async def seed(self) -> Finding:
        """Run the seed on every instance."""
        training = list(self.problem.training)
        others = [name for name in self.data if name not in training]
        program = candidates.seed(self.problem)
        ended: list[Verdict] = []
        for names in [training, *(others[i : i + _BATCH] for i in range(0, len(others), _BATCH))]:
            verdict = await self._run(program, names)
            ended.append(verdict)
            if verdict.status is not Status.OK:
                where = f"{names[0]} … {names[-1]}" if len(names) > 1 else names[0]
                detail = f"is {verdict.status.value} on {where}: {verdict.reason}"
                return Finding("seed", Result.FAIL, detail)
        score = number(ended[0].score)
        detail = (
            f"scores {score} {self.problem.metric.unit} on {len(training)} training instances; "
            f"{len(others)} others are solved too, all within the limits"
        )
        return Finding("seed", Result.OK, detail)

    async def repeated(self) -> Finding:
        """Run the seed and some trivial candidates again, the instances in another order."""
        names = self._common()
        shuffled = [names[place] for place in self.random.permutation(len(names)).tolist()]
        if shuffled == names:
            shuffled = names[::-1]
        program = candidates.seed(self.problem)
        first = await self._run(program, names)
        modes = ((Mode.FAST, names), (Mode.AGAIN, shuffled))
        for mode, order in modes:
            verdict = await self._run(program, order, mode)
            if verdict.status is Status.TIMEOUT:
                detail = f"the interpreter does not come to an end: {verdict.reason}"
                return Finding("repeatable", Result.WARNING, detail)
            different = _different(first, verdict)
            if different:
                how = "run again," if mode is Mode.FAST else _ELSEWHERE
                return Finding("repeatable", Result.FAIL, f"the seed, {how} {different}")
        others = candidates.trivial(self.problem)[:_TIMES]
        for trial in others:
            first = await self._run(trial.program, names)
            verdict = await self._run(trial.program, shuffled, Mode.AGAIN)
            different = _different(first, verdict)
            if different and Status.TIMEOUT not in (first.status, verdict.status):
                detail = f"`{trial.says}`, {_ELSEWHERE} {different}"
                return Finding("repeatable", Result.FAIL, detail)
        detail = (
            f"the seed builds the same on {len(names)} instances, byte for byte, run twice and "
            f"interpreted in another process, shuffled; so do {len(others)} other candidates"
        )
        return Finding("repeatable", Result.OK, detail)

    async def trivial(self, until: float) -> Finding:
        """Run trivial candidates; what they score shows whether a search has anything to climb.

        Args:
            until: when to begin no further one, by the monotonic clock.
        """
        training = list(self.problem.training)
        trials = candidates.trivial(self.problem)
        ended: list[tuple[Trial, Verdict]] = []
        for trial in trials:
            if time.monotonic() > until:
                break
            ended.append((trial, await self._run(trial.program, self._common())))
        combine = self.problem.metric.combine
        scored = [
            (combine([verdict.scores[name] for name in training]), trial.says)
            for trial, verdict in ended
            if verdict.status is Status.OK
        ]
        seed = combine([self.scores[name][0] for name in training])
        left = f"; no time for {len(trials) - len(ended)}" if len(ended) < len(trials) else ""
        if not scored:
            why = "; ".join(dict.fromkeys(v.reason for _, v in ended))[:200]
            return Finding("trivial candidates", Result.WARNING, f"none gets a score: {why}")
        low, high = min(scored), max(scored)
        reached = f"{number(low[0])} (`{low[1]}`) to {number(high[0])} (`{high[1]}`)"
        detail = (
            f"{len(scored)} of {len(ended)} get a score: {reached}, "
            f"{len({score for score, _ in scored})} different; the seed {number(seed)}{left}"
        )
        if len({seed, *(score for score, _ in scored)}) == 1:
            return Finding(
                "trivial candidates",
                Result.WARNING,
                f"{detail}: all tie with the seed, so that a search has nothing to climb here",
            )
        return Finding("trivial candidates", Result.OK, detail)

    async def wrong(self) -> Finding:
        """Run candidates that return what makes no sense; none may pass for a good one."""
        names = self._common()
        trials = candidates.wrong(self.problem)
        ended = [(trial, await self._run(trial.program, names)) for trial in trials]
        accepted = {t.says: v for t, v in ended if v.status is Status.OK}
        raising = accepted.get(trials[-1].says)
        if raising is not None:
            detail = f"construct hides an exception of the candidate: it scores {raising.score}"
            return Finding("wrong values", Result.FAIL, detail)
        counts = {status: sum(v.status is status for _, v in ended) for status in Status}
        detail = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        if trials[0].says in accepted:
            score = number(accepted[trials[0].says].score)
            why = f"a candidate that returns NaN scores {score}; construct should refuse it"
            return Finding("wrong values", Result.WARNING, why)
        return Finding("wrong values", Result.OK, f"NaN, infinities, None, text …: {detail}")

    async def measure(self) -> None:
        """Measure the seed in the fastest tier and interpreted, and a candidate that is slower."""
        training = list(self.problem.training)
        program = candidates.seed(self.problem)
        self.seed_s = float("inf")
        for _ in range(_TIMES):
            began = time.perf_counter()
            verdict = await self._run(program, training)
            whole = time.perf_counter() - began
            if verdict.seconds < self.seed_s:
                self.seed_s, self.engine_s = verdict.seconds, whole - verdict.seconds
            self.seconds.setdefault(verdict.tier, []).append(verdict.seconds)
        exact = await self._run(program, training, Mode.EXACT)
        if exact.status is Status.OK:
            self.seconds.setdefault(exact.tier, []).append(exact.seconds)
        busy = candidates.busy(self.problem)
        if busy is not None:
            # The first run of a compiled one waits for the process that compiles.
            await self._run(busy.program, training)
            verdict = await self._run(busy.program, training)
            if verdict.status is Status.OK and verdict.tier not in self.seconds:
                self.seconds[verdict.tier] = [verdict.seconds]

    def tiers(self) -> str:
        """Return the seconds per evaluation in each tier that was seen."""
        return ", ".join(
            f"{tier} {short(statistics.median(seconds))}"
            for tier, seconds in sorted(self.seconds.items(), reverse=True)
        )

    async def foresight(self) -> Finding:
        """Have candidates look at what has not arrived yet: each must be caught.

        And one that only looks at its arguments must not be, or these show the future.
        """
        names = self.smallest()
        judge = Judge(self.pool, self.problem, names)
        seed = await self._run(candidates.seed(self.problem), names)
        ended = ""
        for sway in glances.SWAYS:
            control = glances.candidate(self.problem, glances.from_the_arguments, sway)
            verdict = (await judge.judge(control, _has_score, chosen=False)).verdict
            ended = f"{verdict.status.value}: {verdict.reason}"
            if verdict.status is Status.INVALID and "sees the future" in verdict.reason:
                detail = f"what construct hands to a candidate shows what is to come: {ended}"
                return Finding("foresight", Result.FAIL, detail)
            if verdict.status is not Status.OK or verdict.certificates == seed.certificates:
                continue
            peeking = glances.candidate(self.problem, glances.from_the_future, sway)
            verdict = (await judge.judge(peeking, _has_score, chosen=False)).verdict
            if verdict.status is Status.OK:
                flags = ", ".join(verdict.flags)
                detail = (
                    f"a candidate that looks at the last of {self.problem.online} scores "
                    f"{number(verdict.score)} and is not caught {flags} {verdict.reason}".rstrip()
                )
                return Finding("foresight", Result.FAIL, detail)
            return self._copies(names, f"who looks ahead is {verdict.status}: {verdict.reason}")
        detail = f"could not be tried: no candidate of ours decides differently ({ended})"
        return Finding("foresight", Result.WARNING, detail)

    def _copies(self, names: Sequence[str], caught: str) -> Finding:
        """Return that all was caught, unless the instance holds the future a second time."""
        for name in names:
            instance = self.problem.instance(name)
            arrivals = foresight.steps(self.problem, instance)
            for key, value in self.problem.visible(instance).items():
                if key == self.problem.online or not isinstance(value, list | tuple):
                    continue
                if sorted(map(repr, value)) == sorted(
                    map(repr, instance.data[self.problem.online])  # type: ignore[arg-type]
                ):
                    detail = f"{key} of {name} shows the {arrivals} {self.problem.online} to come"
                    return Finding("foresight", Result.FAIL, detail)
        return Finding("foresight", Result.OK, caught)

    def _common(self) -> list[str]:
        """Return the training instances and the smallest ones: always these, as new ones cost."""
        return list(dict.fromkeys([*self.problem.training, *self.smallest()]))

    def _size(self, name: str) -> tuple[int, int]:
        return len(self.certificates[name][0].data), len(repr(self.data[name]))

    async def _run(self, program: Program, names: Sequence[str], mode: Mode = Mode.FAST) -> Verdict:
        verdict = await self.pool.evaluate(program, names, mode)
        if verdict.status is Status.SANDBOX_ERROR:
            self.broken.append(verdict.reason)
        if verdict.beyond_bound is not None:
            name = verdict.beyond_bound
            bound = self.problem.metric.bound[name].value
            self.broken.append(
                f"a candidate scores {verdict.scores[name]:.10g} on {name}, beyond {bound:.10g}"
            )
        for name, certificate in verdict.certificates.items():
            known = self.certificates.setdefault(name, [])
            if certificate not in known:
                known.append(certificate)
            self.scores.setdefault(name, []).append(verdict.scores[name])
        return verdict


_ELSEWHERE = "interpreted in another process with the instances shuffled,"


def array_of(certificate: Certificate) -> NDArray[Any]:
    """Return a certificate as a writable array."""
    return np.frombuffer(certificate.data, certificate.dtype).reshape(certificate.shape).copy()


def _has_score(verdict: Verdict) -> bool:
    return verdict.score is not None and Flag.UNCONFIRMED not in verdict.flags


def _different(first: Verdict, second: Verdict) -> str:
    """Return how two runs differ; empty if they do not."""
    if first.status is not second.status:
        return f"is {second.status} and not {first.status}: {second.reason or first.reason}"
    for name, certificate in first.certificates.items():
        if second.certificates[name] != certificate:
            return f"builds something else on {name}"
    return ""


def short(seconds: float) -> str:
    """Return a time for people."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
