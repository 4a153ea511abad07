"""Every pool: which tier runs a candidate, and that none but Python decides against one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluators.pool import Mode
from evaluators.verdict import Status
from tests.evaluators.conftest import Harness, program

STEPS = '''
import numpy as np
from problems.contract import Array, Instance, Limits, Metric, Problem
from problems.kernels import kernel

def f(x: int) -> float:
    """Return a number."""
    total = 0.0
    for i in range(600):
        total += (x * i) % 7 * 0.5
    return total

@kernel
def doubled(values):
    return values * 2.0

def step(candidate, count):
    built = np.empty(count)
    for x in range(count):
        built[x] = candidate(x)
    return built

def construct(candidate, instance):
    built = step(candidate, instance.data["count"])
    return doubled(built) if instance.data["kernel"] else built

def score(instance, certificate):
    return float(certificate.sum())

def counted(count, kernel):
    return {"count": count, "kernel": kernel}

problem = Problem(
    name="steps", evolve=f, construct=construct, score=score,
    metric=Metric(name="sum", unit="none"),
    certificate=Array("float64", ndim=1, max_elements=16000),
    instances=lambda: {
        "short": counted(9, False), "long": counted(16000, False), "kernel": counted(9, True),
    },
    training=["short"], limits=Limits(wall_s=60.0),
)
'''
SLOW = """
def f(x):
    total = 0.0
    for i in range(600):
        total += (x * i) % 5 * 0.5
    return total
"""
FAILS_LATE = """
def f(x):
    total = 0.0
    for i in range(600):
        total += (x * i) % 5 * 0.5
    return total / (10000 - x)
"""
FORGES = """
def f(x):
    import gc
    for found in gc.get_objects():
        head = getattr(found, '_head', None)
        if head is not None:
            head[0] = {outcome}
            import os
            os._exit(1)
    return 1.0
"""


@pytest.fixture(scope="module")
def steps(start: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    path = Path(tmp_path_factory.mktemp("steps"), "steps.py")
    path.write_text(STEPS)
    with start(str(path)) as harness:
        yield harness


def test_a_short_candidate_stays_where_there_is_no_numba(steps: Harness) -> None:
    verdict = steps(SLOW, ["short"])
    assert (verdict.status, verdict.tier) == (Status.OK, "interpreter"), verdict.reason


def test_a_long_one_is_compiled_and_builds_the_same(steps: Harness) -> None:
    fast = steps(SLOW, ["long"])
    exact = steps.run(steps.pool.evaluate(program(SLOW), ["long"], Mode.EXACT))
    assert (fast.status, fast.tier) == (Status.OK, "compiled"), fast.reason
    assert exact.tier == "interpreter"
    assert fast.certificates == exact.certificates


def test_what_fails_compiled_is_judged_by_the_interpreter(steps: Harness) -> None:
    verdict = steps(FAILS_LATE, ["long"])
    assert (verdict.status, verdict.tier) == (Status.CRASHED, "interpreter")
    assert verdict.reason.startswith("ZeroDivisionError: ")


def test_a_kernel_is_run_in_the_sandbox(steps: Harness) -> None:
    verdict = steps("def f(x):\n    return x", ["kernel"])
    assert verdict.score == 2.0 * sum(range(9)), verdict.reason
    assert verdict.tier == "interpreter"


@pytest.mark.parametrize("outcome", [4, 5])
def test_forging_a_wish_to_move_is_the_candidates_own_fault(steps: Harness, outcome: int) -> None:
    verdict = steps(FORGES.format(outcome=outcome), ["short"])
    assert verdict.status is Status.CRASHED
