"""A whole evaluation in the sandbox beside a plain implementation of the same rule without one.

The plain ones are what one would write first, in the manner of the published code: numpy, and the
candidate called by Python. Both must come to the same score. Prints one JSON line a case.
"""

from __future__ import annotations

import ast
import asyncio
import itertools
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluators.candidate import load
from evaluators.local import LocalPool
from evaluators.locality import elementwise
from evaluators.program import Program, read
from evaluators.verdict import Status
from problems.contract import Instance, Problem
from problems.registry import load as load_problem

WARM_UP = 8
REPEATS = 9
PLAIN_S = 10.0
"""After this many seconds, a plain implementation is not timed again."""

CAP_SHORT = """
def priority(el, n):
    score = el.count(0) * n
    if el[1] == el[-1]:
        score *= 1.5
    if el[2] == el[-2]:
        score *= 1.5
    return score - sum(el) % 3 + el[0] * el[n // 2]
"""
CAP_TYPICAL = """
def priority(el, n):
    score = 0.0
    for i in range(n):
        if el[i] == el[n - 1 - i]:
            score += 1.5
        elif el[i] == 2:
            score -= 0.5 * i
        score += el[i] * el[(i + 1) % n] % 3
    return score
"""
"""Of medium weight: all vectors take the interpreter about 8 ms, of a usual 5 to 25."""
CAP_LONG = "\n".join(
    ["def priority(el, n):", "    score = 0.5"]
    + [
        f"    score += (el[{i % 8}] * {i}.25 - el[{(3 * i + 1) % 8}]) % {i % 5 + 2}"
        for i in range(25)
    ]
    + ["    return score", ""]
)
ADMISSIBLE = """
def priority(el, n, w):
    score = 0.0
    for i in range(n):
        if el[i] == 1:
            score -= 0.9 ** (i % 4)
        if el[i] == 2:
            score += 0.98 ** (30 - (i % 4))
        if el[i] == el[i - 4] and el[i] > 0:
            score += 0.5 * el[i]
    return score - el[0] * el[w] / n
"""
NEIGHBOURS = """
def priority(item, bins):
    largest = max(bins)
    rest = bins - item
    score = (bins - largest) ** 2 / item + bins ** 2 / item ** 2
    score += np.sqrt(rest + 1.0) * 0.1 - rest / (bins + 1.0)
    score = np.where(rest == 0, score + 1000.0, score)
    score[bins > item] = -score[bins > item]
    score[1:] -= 0.5 * score[:-1].copy()
    return score - 0.01 * np.abs(rest)
"""
ELEMENTWISE = """
def priority(item, bins):
    rest = bins - item
    score = bins ** 2 / item ** 2 - rest / (bins + 1.0)
    score += np.exp(-rest / item) + np.sqrt(rest + 1.0) * 0.1
    score = np.where(rest == 0, score + 1000.0, score)
    score[rest > 2 * bins / 3] *= 0.5
    score -= 0.01 * np.abs(rest) + np.log(bins + 1.0)
    return score - rest % 7 * 0.1
"""

Function = Callable[..., Any]


def cap_set(function: Function, instance: Instance) -> int:
    """Return the size of the greedy cap set: the best vector that is left, and what it blocks."""
    n: Any = instance.data["n"]
    vectors = np.array(list(itertools.product((0, 1, 2), repeat=n)))
    powers = 3 ** np.arange(n - 1, -1, -1)
    priorities = np.array([function(tuple(each), n) for each in vectors.tolist()], dtype=float)
    chosen = np.empty((0, n), dtype=int)
    while (priorities > -np.inf).any():
        best = np.argmax(priorities)
        priorities[(-chosen - vectors[best]) % 3 @ powers] = -np.inf
        priorities[best] = -np.inf
        chosen = np.concatenate([chosen, vectors[best][None]])
    return len(chosen)


def admissible_set(function: Function, instance: Instance) -> int:
    """Return the size of the greedy admissible set, all of {0, 1, 2}^n having a priority."""
    n: Any = instance.data["n"]
    w: Any = instance.data["w"]
    vectors = np.array(list(itertools.product((0, 1, 2), repeat=n)))
    powers = 3 ** np.arange(n - 1, -1, -1)
    priorities = np.full(len(vectors), -np.inf)
    for index in np.flatnonzero((vectors != 0).sum(axis=1) == w):
        priorities[index] = function(tuple(vectors[index].tolist()), n, w)
    apart = ([0, 1, 2], [0, 0, 1], [0, 0, 2])
    alike = {
        (a, b): np.array([c for c in range(3) if sorted((a, b, c)) not in apart])
        for a in range(3)
        for b in range(3)
    }
    chosen: list[tuple[int, ...]] = []
    while (priorities > -np.inf).any():
        new = tuple(vectors[np.argmax(priorities)].tolist())
        for old in chosen:
            blocked = np.zeros(1, dtype=int)
            for power, pair in zip(powers, zip(new, old, strict=True), strict=True):
                blocked = (blocked[:, None] + power * alike[pair]).ravel()
            priorities[blocked] = -np.inf
        same = np.zeros(1, dtype=int)
        for power, value in zip(powers, new, strict=True):
            same = (same[:, None] + power * np.array([1, 2] if value else [0])).ravel()
        priorities[same] = -np.inf
        chosen.append(new)
    return len(chosen)


def online_bin_packing(function: Function, instance: Instance) -> float:
    """Return the excess over L1 in percent; there is a bin for each item."""
    items: Any = instance.data["items"]
    capacity: Any = instance.data["capacity"]
    bins = np.array([capacity] * len(items))
    for item in items:
        valid = np.nonzero(bins - item >= 0)[0]
        priorities = function(item, bins[valid])
        bins[valid[np.argmax(priorities)]] -= item
    least = math.ceil(sum(items) / capacity)
    return 100 * (int((bins != capacity).sum()) - least) / least


@dataclass(frozen=True)
class Case:
    """One line of output.

    Attributes:
        name: of the case.
        problem: its name; all training instances count.
        source: of the candidate.
        plain: returns the score on one instance.
        goal: ratio to reach, or None.
    """

    name: str
    problem: str
    source: str
    plain: Callable[[Function, Instance], float]
    goal: float | None


CASES = (
    Case("cap_set n=8", "cap_set", CAP_TYPICAL, cap_set, 2),
    Case("cap_set n=8, a short one", "cap_set", CAP_SHORT, cap_set, None),
    Case("cap_set n=8, 100 operations", "cap_set", CAP_LONG, cap_set, 3),
    Case("admissible_set (12, 7)", "admissible_set", ADMISSIBLE, admissible_set, 50),
    Case("online_bin_packing 5 x 5,000", "online_bin_packing", NEIGHBOURS, online_bin_packing, 20),
    Case(
        "online_bin_packing 5 x 5,000, elementwise",
        "online_bin_packing",
        ELEMENTWISE,
        online_bin_packing,
        100,
    ),
)


async def in_pool(problem: Problem, program: Program) -> tuple[list[float], float, str]:
    """Return the seconds of each evaluation, the score and the tier."""
    names = list(problem.training)
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


def plainly(case: Case, problem: Problem, program: Program) -> tuple[list[float], float]:
    """Return the seconds of each evaluation and the score."""
    function = load(ast.parse(program.source), program.name, {})
    seconds: list[float] = []
    score = 0.0
    while len(seconds) < REPEATS and sum(seconds) < PLAIN_S:
        started = time.perf_counter()
        scores = [case.plain(function, problem.instance(name)) for name in problem.training]
        seconds.append(time.perf_counter() - started)
        score = problem.metric.combine(scores)
    return seconds, score


def measure(case: Case) -> dict[str, Any]:
    """Return the line of one case."""
    problem = load_problem(case.problem).problem
    program = read(case.source, "priority")
    pool_s, score, tier = asyncio.run(in_pool(problem, program))
    plain_s, plain_score = plainly(case, problem, program)
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
    for case in CASES:
        if not words or any(word in case.name for word in words):
            print(json.dumps(measure(case)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
