"""The compiled tier against the interpreter, on programs as language models write them.

In a process that is warmed up as the one that candidates are forked from: how many programs
compile, how long that takes, in seconds of the processor, and how much faster they then are, over
the 6,561 vectors of cap_set and on 300 bins. What both return must be the same to the bit. Prints
one JSON line.
"""

from __future__ import annotations

import ast
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from evaluators import compiled_tier
from evaluators.candidate import Interpreted, load
from evaluators.compiled_tier.candidate import Compiled
from evaluators.compiled_tier.kinds import Untranslatable, of_arguments
from evaluators.compiled_tier.translator import translate
from problems.cap_set import vectors
from tests.evaluators.compiled_tier.programs import OF_BINS, OF_TUPLES, tree

GOAL_RATIO = 5
N = 8
ITEM, BINS = 30, np.random.default_rng(0).integers(30, 151, 300)
CALLS = 300


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return a result and the seconds it took, the better of two runs."""
    seconds: list[float] = []
    result = None
    for _ in range(2):
        started = time.process_time()
        result = work()
        seconds.append(time.process_time() - started)
    return result, min(seconds)


def called(function: Callable[..., Any]) -> Any:
    """Return what the last of many calls on the bins returns."""
    result = None
    for _ in range(CALLS):
        result = function(ITEM, BINS)
    return np.asarray(result, dtype=np.float64)


def main() -> None:
    """Measure and print."""
    started = time.process_time()
    for _ in compiled_tier.warm_up():
        pass
    warm_s = time.process_time() - started
    columns = (vectors(N), N)
    ways: list[tuple[ast.Module, tuple[Any, ...], Callable[[Any], Any]]] = [
        *(
            (tree("el, n", each), (columns[0][0], N), lambda c: c.map(*columns))
            for each in OF_TUPLES
        ),
        *((tree("item, bins", each), (ITEM, BINS), called) for each in OF_BINS),
    ]
    compile_s: list[float] = []
    ratios: dict[str, list[float]] = {"map": [], "call": []}
    differ, left = 0, 0
    for program, arguments, work in ways:
        kinds = of_arguments(arguments)
        try:
            translation = translate(program, "f", {}, kinds)
            began = time.process_time()
            fast = Compiled(translation, kinds, elementwise=False)
            compile_s.append(time.process_time() - began)
        except Untranslatable:
            continue
        exact = Interpreted(load(program, "f", {}))
        truth, truth_s = timed(lambda work=work, exact=exact: work(exact))
        try:
            found, found_s = timed(lambda work=work, fast=fast: work(fast))
        except (ArithmeticError, LookupError, ValueError):
            left += 1
            continue
        differ += found.tobytes() != truth.tobytes()
        ratios["call" if work is called else "map"].append(truth_s / found_s)
    report = {
        "benchmark": "compiled_tier",
        "programs": len(ways),
        "compiled": len(compile_s),
        "left_to_the_interpreter": left,
        "differ": differ,
        "warm_up_s": round(warm_s, 1),
        "compile_median_s": round(statistics.median(compile_s), 3),
        "compile_max_s": round(max(compile_s), 3),
        "ratio_map_median": round(statistics.median(ratios["map"]), 1),
        "ratio_call_median": round(statistics.median(ratios["call"]), 1),
        "goal": GOAL_RATIO,
    }
    print(json.dumps(report))
    if differ:
        raise SystemExit(f"{differ} programs return something else when they are compiled")


if __name__ == "__main__":
    main()
