"""A whole evaluation in the sandbox beside a plain implementation of the same rule without one.

The plain ones are what one would write first, in the manner of the published code: numpy, and the
candidate called by Python. Both must come to the same score. Prints one JSON line a case.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import json
import math
import pkgutil
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import plain
from benchmarks.plain.case import Case
from evaluators.candidate import load
from evaluators.local import LocalPool
from evaluators.locality import elementwise
from evaluators.program import Program, read
from evaluators.verdict import Status
from problems.contract import Problem
from problems.registry import load as load_problem

WARM_UP = 8
REPEATS = 9
PLAIN_S = 10.0
"""After this many seconds, a plain implementation is not timed again."""


def cases() -> list[Case]:
    """Return the cases of all problems."""
    modules = sorted(each.name for each in pkgutil.iter_modules(plain.__path__))
    found: list[Case] = []
    for name in modules:
        found.extend(getattr(importlib.import_module(f"benchmarks.plain.{name}"), "CASES", ()))
    return found


async def in_pool(
    problem: Problem, program: Program, names: Sequence[str]
) -> tuple[list[float], float, str]:
    """Return the seconds of each evaluation, the score and the tier."""
    pool = LocalPool(problem.name, workers=1, instances=names)
    await pool.start()
    seconds: list[float] = []
    score, tier = math.nan, ""
    try:
        for _ in range(WARM_UP + REPEATS):
            started = time.perf_counter()
            verdict = await pool.evaluate(program, names)
            seconds.append(time.perf_counter() - started)
            if verdict.status is not Status.OK or verdict.score is None:
                raise SystemExit(f"{problem.name}: {verdict.status}: {verdict.reason}")
            score, tier = verdict.score, verdict.tier
    finally:
        await pool.close()
    return seconds[WARM_UP:], score, tier


def plainly(
    case: Case, problem: Problem, program: Program, names: Sequence[str]
) -> tuple[list[float], float]:
    """Return the seconds of each evaluation and the score."""
    function = load(ast.parse(program.source), program.name, {})
    seconds: list[float] = []
    score = 0.0
    while len(seconds) < REPEATS and sum(seconds) < PLAIN_S:
        started = time.perf_counter()
        scores = [case.plain(function, problem.instance(name)) for name in names]
        seconds.append(time.perf_counter() - started)
        score = problem.metric.combine(scores)
    return seconds, score


def measure(case: Case) -> dict[str, Any]:
    """Return the line of one case."""
    problem = load_problem(case.problem).problem
    program = read(case.source, "priority")
    names = list(case.instances or problem.training)
    pool_s, score, tier = asyncio.run(in_pool(problem, program, names))
    plain_s, plain_score = plainly(case, problem, program, names)
    if score != plain_score:
        raise SystemExit(f"{case.name}: the pool's score is {score}, the plain one {plain_score}")
    ours, plain = statistics.median(pool_s), statistics.median(plain_s)
    return {
        "benchmark": "problems",
        "case": case.name,
        "score": round(score, 4),
        "tier": tier,
        "elementwise": elementwise(ast.parse(program.source), program.name),
        "seconds": round(ours, 4),
        "plain_seconds": round(plain, 4),
        "plain_repeats": len(plain_s),
        "ratio": round(plain / ours, 1),
        "goal": case.goal,
    }


def main(words: Sequence[str]) -> None:
    """Measure and print the cases whose name holds one of the words; all without words."""
    for case in cases():
        if not words or any(word in case.name for word in words):
            print(json.dumps(measure(case)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
