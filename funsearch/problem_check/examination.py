"""All checks of one problem, in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluators.local import LocalPool
from funsearch.problem_check.feeding import Feeding
from funsearch.problem_check.finding import Finding, Result
from funsearch.problem_check.scorer import Scorer
from funsearch.problem_check.second_judge import SecondJudge
from funsearch.problem_check.trials import Trials, array_of, short
from problems import registry
from problems.contract import Instance
from problems.registry import Loaded

SEED = 20231214
"""Key of all randomness."""
_TIMES = 3
"""How often the seed's certificates are scored; the fastest counts."""


@dataclass(frozen=True)
class Options:
    """How a problem is examined.

    Attributes:
        seconds: for feeding certificates; trivial candidates have as much again.
        instances: whose certificates are fed; a few small ones and a training one if None.
        unsafe_no_sandbox: run candidates with limits on time and memory only.
    """

    seconds: float = 20.0
    instances: Sequence[str] | None = None
    unsafe_no_sandbox: bool = False


def examine(loaded: Loaded, options: Options, progress: Callable[[str], None]) -> list[Finding]:
    """Return what all checks of a problem found.

    Args:
        loaded: the problem.
        options: how.
        progress: called with what is being done now.

    Raises:
        ProblemError: an instance is wrong, or there is none of that name.
        PoolError: candidates cannot be run, or `score` cannot be asked.
    """
    registry.select(loaded, options.instances)
    trials, findings = asyncio.run(_try_candidates(loaded, options, progress))
    if all(name in trials.certificates for name in loaded.problem.training):
        findings += _feed_certificates(loaded, options, trials, progress)
    return [_known_values(trials), *findings]


async def _try_candidates(
    loaded: Loaded, options: Options, progress: Callable[[str], None]
) -> tuple[Trials, list[Finding]]:
    problem = loaded.problem
    pool = LocalPool(loaded.reference, workers=1, unsafe_no_sandbox=options.unsafe_no_sandbox)
    trials = Trials(problem, problem.instances(), pool, _random(0))
    try:
        progress("starting evaluators")
        await pool.start()
        progress("running the seed")
        findings = [await trials.seed()]
        if findings[0].result is Result.FAIL:
            return trials, [*findings, *_broken(trials)]
        findings.append(await trials.repeated())
        progress("running trivial candidates")
        until = time.monotonic() + options.seconds
        findings += [await trials.trivial(until), await trials.wrong()]
        if problem.online:
            progress("running candidates that look ahead")
            findings.append(await trials.foresight())
        progress("measuring")
        await trials.measure()
        return trials, [*findings, *_broken(trials)]
    finally:
        await pool.close()


def _feed_certificates(
    loaded: Loaded, options: Options, trials: Trials, progress: Callable[[str], None]
) -> list[Finding]:
    problem = loaded.problem
    names = options.instances
    if names is None:
        names = dict.fromkeys([*trials.smallest(), trials.smallest_of(problem.training)])
    models = [
        (Instance(name, trials.data[name]), [array_of(each) for each in trials.certificates[name]])
        for name in names
    ]
    scorer = Scorer(loaded.reference)
    checker = SecondJudge(problem.name, loaded.checker) if loaded.checker else None
    try:
        feeding = Feeding(problem, models, scorer, checker, _random(1), options.seconds)
        progress(f"feeding certificates of {', '.join(names)}")
        feeding.run()
        return [*feeding.findings(), _speed(trials, scorer)]
    finally:
        scorer.close()
        if checker is not None:
            checker.close()


def _known_values(trials: Trials) -> Finding:
    """Return what scores can be compared with."""
    metric, count = trials.problem.metric, len(trials.data)
    detail = (
        f"proven bound for {len(metric.bound)}, best known value for {len(metric.best_known)} "
        f"of {count} instances, each with a source"
    )
    if not trials.problem.held_out:
        return Finding("statement", Result.WARNING, f"no instance is held out; {detail}")
    beaten = [
        f"{score:.10g} on {name} beats the best known {known.value:.10g} ({known.source})"
        for name, known in metric.best_known.items()
        for score in trials.scores.get(name, ())
        if metric.better(score, known.value)
    ]
    if beaten:
        return Finding("statement", Result.WARNING, f"a candidate that is trivial: {beaten[0]}")
    return Finding("statement", Result.OK, detail)


def _broken(trials: Trials) -> list[Finding]:
    """Return the fault of the evaluator that candidates ran into, if they did."""
    if not trials.broken:
        return []
    return [Finding("evaluator", Result.FAIL, "; ".join(dict.fromkeys(trials.broken)))]


def _speed(trials: Trials, scorer: Scorer) -> Finding:
    """Return seconds per evaluation in each tier, and what most of them are spent on."""
    score_s = min(
        sum(
            scorer.ask(name, array_of(trials.certificates[name][0])).seconds
            for name in trials.problem.training
        )
        for _ in range(_TIMES)
    )
    parts = {
        "construct with the candidate": trials.seed_s,
        "score": score_s,
        "the engine": max(0.0, trials.engine_s - score_s),
    }
    whole = sum(parts.values())
    shares = ", ".join(f"{name} {100 * part / whole:.0f} %" for name, part in parts.items())
    detail = (
        f"per evaluation: {trials.tiers()}; the seed takes {short(whole)}: {shares}; "
        f"{max(parts, key=lambda name: parts[name])} dominates"
    )
    return Finding("speed", Result.OK, detail)


def _random(part: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=np.array([SEED, part], dtype=np.uint64)))
