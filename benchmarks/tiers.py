"""How much the choice between the tiers costs: the engine's time over that of the best single tier.

Some 40 programs on three problems, each run by the interpreter alone, as arrays alone, compiled
alone, and as the engine would: in a process forked from a warm one, compiling included, and for a
move to another process its own measured time. Prints one JSON line.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import statistics
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from evaluators import compiled_tier
from evaluators.array_tier.columns import Columns
from evaluators.candidate import Interpreted, Preparing, Tiered, load
from evaluators.compiled_tier.kinds import Untranslatable
from evaluators.compiled_tier.profile import Profile
from evaluators.elsewhere import Elsewhere
from problems.contract import Candidate, Instance, Problem
from problems.registry import load as load_problem
from tests.evaluators.compiled_tier.programs import OF_BINS, OF_TUPLES, tree

MOVE_S = 0.012
"""A child in the other zygote: fork, lock-down, end (`benchmarks/containment.py`)."""
LIMIT_S = 30
REPEATS = 3
PROBLEMS = (
    ("cap_set", "n=8", "el, n", OF_TUPLES),
    ("admissible_set", "n9w6", "el, n, w", OF_TUPLES),
    ("online_bin_packing", "weibull_5k_0", "item, bins", OF_BINS),
)


class Setting:
    """One problem, warmed up as in a zygote."""

    def __init__(self, name: str, instance: str) -> None:
        self.problem: Problem = load_problem(name).problem
        found = self.problem.instances()
        key = instance if instance in found else self.problem.training[0]
        self.instance = Instance(key, found[key])
        self.columns = Columns()
        seed = Preparing(self.problem.evolve, self.columns)
        self.problem.construct(seed, self.instance)
        self.calls = seed.calls
        self.profile: Profile = compiled_tier.prepare(self.problem, [self.instance])

    def compiled(self, program: ast.Module) -> Candidate:
        """Return the candidate, compiled now."""
        return compiled_tier.compile_candidate(program, "f", {}, self.profile, float(LIMIT_S))

    def tiered(self, program: ast.Module, *, may_move: bool) -> Tiered:
        """Return the candidate as the engine starts with it."""
        function = load(program, "f", {})
        return Tiered(
            function, program, {}, self.columns, may_move=may_move, expected_calls=self.calls
        )

    def build(self, candidate: Candidate) -> None:
        """Run the construction."""
        self.problem.construct(candidate, self.instance)


def interpreted(setting: Setting, program: ast.Module) -> float:
    """Run it by the interpreter alone; all of these return extra seconds."""
    setting.build(Interpreted(load(program, "f", {})))
    return 0.0


def arrays(setting: Setting, program: ast.Module) -> float:
    """Run it as arrays alone, if it can be."""
    candidate = setting.tiered(program, may_move=False)
    setting.build(candidate)
    if not candidate.only_arrays:
        raise Untranslatable("not as arrays")
    return 0.0


def compiled(setting: Setting, program: ast.Module) -> float:
    """Compile it and run it."""
    setting.build(setting.compiled(program))
    return MOVE_S


def engine(setting: Setting, program: ast.Module) -> float:
    """Run it as the engine does."""
    try:
        setting.build(setting.tiered(program, may_move=True))
    except Elsewhere:
        setting.build(setting.compiled(program))
        return MOVE_S
    return 0.0


def timed(work: Callable[[Setting, ast.Module], float], *arguments: Any) -> float | None:
    """Return the median of seconds in forked processes; None where it fails or takes too long."""
    took: list[float] = []
    for _ in range(REPEATS):
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.alarm(LIMIT_S)
            try:
                began = time.perf_counter()
                extra = work(*arguments)
                seconds = time.perf_counter() - began + extra
                os.write(write_end, struct.pack("d", seconds))
            except (Exception, Untranslatable):
                os._exit(1)
            finally:
                os._exit(0)
        os.close(write_end)
        data = os.read(read_end, 8)
        os.close(read_end)
        os.waitpid(pid, 0)
        if len(data) < 8:
            return None
        took.append(struct.unpack("d", data)[0])
        if took[0] > 2:
            break
    return statistics.median(took)


def main() -> None:
    """Measure and print."""
    for _ in compiled_tier.warm_up():
        pass
    ratios: dict[str, list[float]] = {}
    chosen: dict[str, int] = {}
    worst = ("", 0.0)
    for name, instance, parameters, bodies in PROBLEMS:
        setting = Setting(name, instance)
        for number, body in enumerate(bodies[:14]):
            program = tree(parameters, body)
            singles = {
                work.__name__: seconds
                for work in (interpreted, arrays, compiled)
                if (seconds := timed(work, setting, program)) is not None
            }
            own = timed(engine, setting, program)
            if own is None or not singles:
                continue
            best = min(singles, key=lambda each: singles[each])
            chosen[best] = chosen.get(best, 0) + 1
            ratio = own / singles[best]
            ratios.setdefault(name, []).append(ratio)
            if ratio > worst[1]:
                worst = (f"{name} {number}: {best} {singles[best]:.3f} s, {own:.3f} s", ratio)
            print(f"{name} {number} {own:.4f} s, {singles}", file=sys.stderr)
    every = [ratio for each in ratios.values() for ratio in each]
    print(
        json.dumps(
            {
                "benchmark": "tiers",
                "programs": len(every),
                "best_single_tier": chosen,
                "median_ratio": round(statistics.median(every), 2),
                "worst_ratio": round(max(every), 2),
                "worst": worst[0],
                **{name: round(statistics.median(each), 2) for name, each in ratios.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
