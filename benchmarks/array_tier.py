"""The array tier against the interpreter, on programs that the syntax sampler proposes.

From the seed on, each program is a variation of two earlier ones; all that run are kept, whatever
their score, so that they grow as they do in a search. Each is run over the vectors of cap_set both
ways; the results must be the same to the bit. Prints one JSON line.
"""

from __future__ import annotations

import ast
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from evaluators.array_tier.columns import Columns
from evaluators.array_tier.lanes import GiveUp
from evaluators.array_tier.machine import run
from evaluators.candidate import Interpreted, load
from evaluators.program import Program, read
from funsearch.prompts import Prompt, Shown
from funsearch.samplers.syntax import Syntax
from problems.cap_set import vectors

GOAL_RATIO = 3
SIGNATURE = "def priority(el: tuple[int, ...], n: int) -> float"
SEED = "def priority(el, n):\n    return 0.0"
N = 8


def propose(count: int) -> list[Program]:
    """Return programs, each once, all of which run on one small input."""
    sampler, dice = Syntax(signature=SIGNATURE), np.random.default_rng(1)
    kept = [read(SEED, "priority")]
    known = {kept[0].id}
    draw = 0
    while len(kept) < count:
        # Two of the later half, so that lines of descent get long.
        picks = len(kept) - 1 - dice.integers(0, (len(kept) + 1) // 2, 2)
        shown = tuple(Shown(kept[pick], 0.0, {}) for pick in picks.tolist())
        prompt = Prompt(draw, 0, 0, 0, shown, SIGNATURE + ":", "", "", "")
        (sample,) = asyncio.run(sampler.sample(prompt, 1, 1))
        draw += 1
        if not sample.text:
            continue
        program = read(sample.text, "priority")
        if program.id not in known and runs(program):
            known.add(program.id)
            kept.append(program)
    return kept


def runs(program: Program) -> bool:
    """Whether the interpreter gets through all vectors of length 3."""
    try:
        Interpreted(load(ast.parse(program.source), "priority", {})).map(vectors(3), 3)
    except Exception:
        return False
    return True


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return a result, or None where there is none, and the seconds it took."""
    started = time.perf_counter()
    try:
        result = work()
    except (GiveUp, ArithmeticError, LookupError, TypeError, ValueError):
        result = None
    return result, time.perf_counter() - started


def main(count: int) -> None:
    """Measure and print."""
    columns = (vectors(N), N)
    ratios: list[float] = []
    array_s, interpreter_s, wasted_s = list[float](), list[float](), list[float]()
    differ = 0
    for program in propose(count):
        tree = ast.parse(program.source)
        function = Interpreted(load(tree, "priority", {}))
        # What an earlier candidate had worked out is not there in a fresh child.
        prepared = Columns()
        prepared.prepare(columns[0])
        fast, fast_s = timed(lambda tree=tree, prepared=prepared: run(tree, (), columns, prepared))
        truth, truth_s = timed(lambda function=function: function.map(*columns))
        if fast is None:
            wasted_s.append(fast_s)
            continue
        differ += truth is None or fast.tobytes() != truth.tobytes()
        array_s.append(fast_s)
        interpreter_s.append(truth_s)
        ratios.append(truth_s / fast_s)
    report = {
        "benchmark": "array_tier",
        "programs": count,
        "rows": len(columns[0]),
        "gave_up": len(wasted_s),
        "gave_up_max_ms": round(1e3 * max(wasted_s, default=0.0), 2),
        "differ": differ,
        "interpreter_median_ms": round(1e3 * statistics.median(interpreter_s), 2),
        "array_median_ms": round(1e3 * statistics.median(array_s), 2),
        "ratio_median": round(statistics.median(ratios), 1),
        "ratio_total": round(sum(interpreter_s) / sum(array_s), 1),
        "goal": GOAL_RATIO,
    }
    print(json.dumps(report))
    if differ:
        raise SystemExit(f"{differ} programs return something else as arrays")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
