"""Candidates per second and core through the local pool with one worker.

Everything counts: the message to the worker, a fork per candidate, its end, the score, the verdict.
Prints one JSON line. The goal is for a candidate that does nothing; the others show what is left
of it when the candidate does something.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path

from evaluators.local import LocalPool
from evaluators.program import Program, read
from evaluators.verdict import Status

GOAL_PER_SECOND = 150
NOTHING = "def nothing(n):\n    return 0.0"
SEED = "def priority(el, n):\n    return 0.0"
TYPICAL = """
def priority(el, n):
    score = el.count(0) * n
    if el[1] == el[-1]:
        score *= 1.5
    if el[2] == el[-2]:
        score *= 1.5
    return score - sum(el) % 3 + el[0] * el[n // 2]
"""


async def measure(
    problem: str, program: Program, instances: list[str], count: int
) -> dict[str, float]:
    """Return rate and latencies of `count` evaluations, one after the other."""
    pool = LocalPool(problem, workers=1, instances=instances)
    await pool.start()
    try:
        for _ in range(10):
            await pool.evaluate(program, instances)
        took: list[float] = []
        started = time.perf_counter()
        for _ in range(count):
            before = time.perf_counter()
            verdict = await pool.evaluate(program, instances)
            took.append(1e3 * (time.perf_counter() - before))
            if verdict.status is not Status.OK:
                raise SystemExit(f"{problem}: {verdict.status}: {verdict.reason}")
        seconds = time.perf_counter() - started
    finally:
        await pool.close()
    return {
        "per_second_per_core": round(count / seconds, 1),
        "median_ms": round(statistics.median(took), 2),
        "p99_ms": round(statistics.quantiles(took, n=100)[98], 2),
    }


async def main(count: int) -> None:
    """Measure and print."""
    noop = str(Path(__file__).with_name("noop_problem.py"))
    nothing = await measure(noop, read(NOTHING, "nothing"), ["only"], count)
    others = {
        name: await measure("cap_set", read(source, "priority"), ["n=8"], count // 5)
        for name, source in (("cap_set_seed", SEED), ("cap_set_typical", TYPICAL))
    }
    print(json.dumps({"benchmark": "evaluator_rate", **nothing, "goal": GOAL_PER_SECOND, **others}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
