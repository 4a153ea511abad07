"""Verdicts beyond the pool's own: taken over, confirmed by the interpreter, or not credible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluators.pool import EvaluatorPool, Mode
from evaluators.program import Program
from evaluators.verdict import Flag, Status, Verdict
from funsearch.population import Population
from problems.contract import Problem

INTERPRETER = "interpreter"
"""The tier that is true by definition."""
CONFIRMED = 0.05
"""Share of accelerated verdicts that are compared with the interpreter's without being a best."""


BROKEN = "the evaluator or the problem is broken"
"""Ends the reason of a verdict that no honest evaluator could give."""


def known(population: Population, instances: Sequence[str], program: Program) -> Verdict | None:
    """Return the verdict of an earlier evaluation of the same program, if there is one."""
    found = population.find(program.id)
    record = None if found is None else population.record(found)
    if found is None or record is None:
        return None
    reason = f"the same program was evaluated in record {record}"
    score = population.score(found)
    if score is None:
        return Verdict(population.status(found), reason=reason, tier="")
    scores = dict(zip(instances, population.signature(found), strict=True))
    return Verdict(Status.OK, score, scores, reason, flags=frozenset({Flag.REUSED}), tier="")


async def confirmed(
    pool: EvaluatorPool, program: Program, instances: Sequence[str], verdict: Verdict
) -> Verdict:
    """Score a program again in the interpreter, and return the verdict that counts.

    Python is the truth: on any difference, down to a byte of a certificate, the interpreter's
    verdict counts and is flagged. If the interpreter does not come to an end within the limits,
    the accelerated verdict stands, flagged as unconfirmed.
    """
    second = await pool.evaluate(program, instances, Mode.EXACT)
    if second.status is Status.TIMEOUT:
        reason = "not confirmed: the interpreter did not come to an end within the limits"
        return replace(verdict, reason=reason, flags=verdict.flags | {Flag.UNCONFIRMED})
    same = (second.status, second.scores, second.certificates) == (
        verdict.status,
        verdict.scores,
        verdict.certificates,
    )
    if same:
        return verdict
    flags = second.flags
    if second.status is Status.OK:
        flags |= {Flag.TIER_DIVERGENCE}
    return replace(second, flags=flags)


def broken(verdict: Verdict, problem: Problem) -> Verdict:
    """Return the verdict on a score that passes a proven bound: a fault of ours, and no score."""
    instance = verdict.beyond_bound or ""
    bound = problem.metric.bound[instance]
    return Verdict(
        Status.SANDBOX_ERROR,
        reason=(
            f"a score of {verdict.scores[instance]:g} on {instance} passes the proven bound of "
            f"{bound.value:g} ({bound.source}): {BROKEN}"
        ),
        tier=verdict.tier,
        seconds=verdict.seconds,
        cpu_seconds=verdict.cpu_seconds,
        beyond_bound=instance,
    )
