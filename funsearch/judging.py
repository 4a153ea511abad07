"""Verdicts beyond the pool's own: taken over, confirmed by running again, or not credible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evaluators import foresight
from evaluators.pool import EvaluatorPool, Mode
from evaluators.program import Program
from evaluators.verdict import Flag, Status, Verdict
from funsearch import repetition
from funsearch.repetition import INTERPRETER, REPEATS
from funsearch.state import SearchState
from problems.contract import Problem

CONFIRMED = 0.05
"""Share of accelerated verdicts that are compared with the interpreter's without being a best."""
BROKEN = "the evaluator or the problem is broken"
"""Ends the reason of a verdict that no honest evaluator could give."""


@dataclass(frozen=True)
class Judgement:
    """A verdict, and what it rests on.

    Attributes:
        verdict: the one that counts.
        confirmed: modes in which the program was run again, and came to an end, before this
            verdict was found; sorted.
        sandbox: layers that held the program; empty where nothing was run.
    """

    verdict: Verdict
    confirmed: tuple[str, ...] = ()
    sandbox: tuple[str, ...] = ()


def known(state: SearchState, program: Program) -> Verdict | None:
    """Return the verdict of an earlier evaluation of the same program, if there is one."""
    population = state.population
    found = population.find(program.id)
    record = None if found is None else population.record(found)
    if found is None or record is None:
        return None
    reason = f"the same program was evaluated in record {record}"
    score = population.score(found)
    if score is None:
        return Verdict(population.status(found), reason=reason, tier="")
    flags = {Flag.REUSED, Flag.UNCONFIRMED} if program.id in state.unconfirmed else {Flag.REUSED}
    scores = dict(zip(state.instances, population.signature(found), strict=True))
    return Verdict(Status.OK, score, scores, reason, flags=frozenset(flags), tier="")


def broken(verdict: Verdict, problem: Problem) -> Verdict:
    """Return the verdict on a score that passes a proven bound: a fault of ours, and no score."""
    instance = verdict.beyond_bound or ""
    bound = problem.metric.bound[instance]
    reason = (
        f"a score of {verdict.scores[instance]:g} on {instance} passes the proven bound of "
        f"{bound.value:g} ({bound.source}): {BROKEN}"
    )
    return replace(
        repetition.without_score(verdict, Status.SANDBOX_ERROR, reason), beyond_bound=instance
    )


@dataclass(frozen=True)
class Judge:
    """Finds the verdict that counts, with as many runs as it deserves.

    A program that would be a new best is always run again, by the interpreter, in another zygote
    and with its instances in reverse order. Where that builds the same, byte for byte, the verdict
    stands; else it is found out why (`repetition.conclusion`). If the problem is online, the
    program must also decide the same before a cut when only what comes later is changed. A run
    that finds no end leaves the verdict standing, flagged `unconfirmed`.

    Attributes:
        pool: that runs programs.
        problem: that scores them.
        instances: names.
    """

    pool: EvaluatorPool
    problem: Problem
    instances: Sequence[str]

    async def judge(
        self, program: Program, would_be_best: Callable[[Verdict], bool], *, chosen: bool
    ) -> Judgement:
        """Return the judgement on a program.

        Args:
            program: what to run.
            would_be_best: whether a verdict would be one, asked when it arrives.
            chosen: whether a verdict that was accelerated is to be compared with the
                interpreter's all the same.

        Raises:
            PoolError: the pool cannot work.
        """
        verdict = await self.pool.evaluate(program, self.instances)
        checks: set[str] = set()
        accelerated = verdict.score is not None and verdict.tier != INTERPRETER
        if chosen and accelerated and not would_be_best(verdict):
            exact = await self._run(program, Mode.EXACT, checks)
            verdict = repetition.compared(verdict, exact)
        # A score beyond the bound is no candidate's doing, so that another run explains nothing.
        if verdict.beyond_bound is None and would_be_best(verdict):
            verdict = await self._repeated(program, verdict, checks)
            settled = verdict.status is Status.OK and Flag.UNCONFIRMED not in verdict.flags
            if settled and self.problem.online and verdict.beyond_bound is None:
                verdict = await self._without_foresight(program, verdict, checks)
        if verdict.beyond_bound is not None:
            verdict = broken(verdict, self.problem)
        return Judgement(verdict, tuple(sorted(checks)), self.pool.containment.names())

    async def _run(
        self, program: Program, mode: Mode, checks: set[str], *, backwards: bool = False
    ) -> Verdict:
        order = self.instances[::-1] if backwards else self.instances
        verdict = await self.pool.evaluate(program, order, mode)
        if verdict.status not in (Status.TIMEOUT, Status.SANDBOX_ERROR):
            checks.add(mode.value)
        return verdict

    async def _repeated(self, program: Program, first: Verdict, checks: set[str]) -> Verdict:
        """Return the verdict that counts after running a program again, as often as it takes."""
        runs: list[Verdict] = []
        for repeat in REPEATS:
            runs.append(await self._run(program, repeat.mode, checks, backwards=repeat.backwards))
            verdict = repetition.conclusion(first, *runs)
            if verdict is not None:
                return verdict
        raise AssertionError("all repeats together are conclusive")

    async def _without_foresight(
        self, program: Program, verdict: Verdict, checks: set[str]
    ) -> Verdict:
        """Return the verdict, or that the program decides by what has not arrived yet."""
        other = await self._run(program, Mode.ALTERED, checks)
        if other.status is Status.SANDBOX_ERROR:
            return other
        if other.status is not Status.OK:
            why = f"when only later items changed, it was {other.status.value}: {other.reason}"
            return repetition.unconfirmed(verdict, why)
        for name in self.instances:
            instance = self.problem.instance(name)
            cut = foresight.cut(foresight.steps(self.problem, instance), program.id)
            step = foresight.foreseen(verdict.certificates[name], other.certificates[name], cut)
            if step is not None:
                reason = (
                    f"decision {step} of {name} changed when only later items did: "
                    "it sees the future"
                )
                return repetition.without_score(verdict, Status.INVALID, reason)
        return verdict
