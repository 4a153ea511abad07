"""Every pool: the modes, in which the same program is run under other circumstances."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluators.local import LocalPool
from evaluators.pool import Mode, PoolError
from evaluators.verdict import Status
from tests.evaluators.conftest import Harness, program

HASH = program("def f(x):\n    return hash('a') % 1000003")
ADDRESS = program("def f(x):\n    return id(f) % (1 << 40)")
SLEEPS = program("def f(x):\n    import time\n    time.sleep(0.3)\n    return 1")
STEPS = '''
import numpy as np
from problems.contract import Array, Instance, Metric, Problem

def f(x: int) -> int:
    """Return anything."""
    return x

def construct(candidate, instance):
    return np.array([candidate(x) for x in instance.data["steps"]], dtype=np.int64)

def score(instance, certificate):
    return float(certificate.sum())

problem = Problem(
    name="steps", evolve=f, construct=construct, score=score,
    metric=Metric(name="sum", unit="none"), certificate=Array("int64", ndim=1, max_elements=64),
    instances=lambda: {"one": {"steps": list(range(20))}, "two": {"steps": list(range(30))}},
    training=["one", "two"], online="steps",
)
'''


def test_hashes_differ_in_the_second_zygote_alone(evaluate: Harness) -> None:
    first, second, again, third = (
        evaluate.run(evaluate.pool.evaluate(HASH, ["three"], mode)).score
        for mode in (Mode.FAST, Mode.EXACT, Mode.AGAIN, Mode.AGAIN)
    )
    assert first == second != again == third


def test_addresses_differ_in_the_second_zygote(evaluate: Harness) -> None:
    first, again = (
        evaluate.run(evaluate.pool.evaluate(ADDRESS, ["three"], mode)).score
        for mode in (Mode.FAST, Mode.AGAIN)
    )
    assert first != again


def test_instances_are_run_in_the_order_they_are_asked_for_in(evaluate: Harness) -> None:
    counts = program(
        "calls = []\ndef f(x):\n    calls.append(x)\n    return len(calls)",
    )
    forth = evaluate.run(evaluate.pool.evaluate(counts, ["three", "five"], Mode.EXACT))
    back = evaluate.run(evaluate.pool.evaluate(counts, ["five", "three"], Mode.AGAIN))
    assert forth.scores == {"three": 1 + 2 + 3, "five": 4 + 5 + 6 + 7 + 8}
    assert back.scores == {"five": 1 + 2 + 3 + 4 + 5, "three": 6 + 7 + 8}


def test_a_second_look_has_the_longer_limit(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem(wall_s=0.5)) as harness:
        verdicts = [
            harness.run(harness.pool.evaluate(SLEEPS, ["three"], mode))
            for mode in (Mode.FAST, Mode.EXACT)
        ]
    assert [verdict.status for verdict in verdicts] == [Status.TIMEOUT, Status.OK]
    assert verdicts[0].reason.startswith("took longer than 0.5 s")


def test_altered_instances_keep_a_beginning_and_no_more(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "steps.py"
    path.write_text(STEPS)
    echo = program("def f(x):\n    return x")
    with start(str(path)) as harness:
        plain, altered = (
            harness.run(harness.pool.evaluate(echo, ["one", "two"], mode))
            for mode in (Mode.FAST, Mode.ALTERED)
        )
    for name in ("one", "two"):
        before, after = (list(v.certificates[name].data[::8]) for v in (plain, altered))
        assert before != after
        assert sorted(before) == sorted(after)
        assert before[: len(before) // 4] == after[: len(before) // 4]


def test_more_altered_runs_at_once_than_nests_do_not_end_each_other(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "steps.py"
    path.write_text(STEPS)
    # Each of another text, so that each gets instances of its own.
    programs = [
        program(f"def f(x):\n    import time\n    time.sleep(0.02)\n    return x + {number}")
        for number in range(6)
    ]
    with start(str(path), workers=len(programs)) as harness:

        async def at_once() -> list[Any]:
            calls = (harness.pool.evaluate(each, ["one"], Mode.ALTERED) for each in programs)
            return await asyncio.gather(*calls)

        verdicts = harness.run(at_once())
    assert [(verdict.status, verdict.reason) for verdict in verdicts] == [(Status.OK, "")] * 6


def test_a_problem_that_hides_nothing_cannot_be_altered(evaluate: Harness) -> None:
    with pytest.raises(PoolError, match="hides no future"):
        evaluate.run(evaluate.pool.evaluate(HASH, ["three"], Mode.ALTERED))


def test_containment_is_known_and_tried_out(evaluate: Harness) -> None:
    containment = evaluate.pool.containment
    assert containment.safe
    assert len(containment.tests) > 10
    assert containment.milliseconds > 0
    assert "seccomp" in containment.names()


def test_without_a_sandbox_it_says_so(write_problem: Callable[..., str]) -> None:
    harness = Harness(LocalPool(write_problem(), workers=1, unsafe_no_sandbox=True))
    try:
        harness.run(harness.pool.start())
        assert harness.pool.containment.names() == ("limits",)
        assert harness.pool.containment.grade == "NONE"
        verdict = harness("def f(x):\n    import os\n    return os.stat('/').st_nlink > 0")
        assert verdict.score == 3.0
    finally:
        harness.close()


WITHOUT_SECCOMP = """
import asyncio, sys
sys.path.insert(0, {root!r})
from evaluators.confine import bpf, linux, seccomp
from evaluators.local import LocalPool
from evaluators.pool import Uncontained

linux.no_new_privs()
rule = bpf.Policy({{"seccomp": bpf.Action.ENOSYS}}, bpf.Action.ALLOW)
seccomp.install(seccomp.program(rule))
try:
    asyncio.run(LocalPool({problem!r}, workers=1).start())
except Uncontained as error:
    print(error)
"""


def test_a_machine_without_the_kernel_filter_is_refused(write_problem: Callable[..., str]) -> None:
    script = WITHOUT_SECCOMP.format(root=str(Path(__file__).parents[2]), problem=write_problem())
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert "cannot hold code that attacks: NONE: no seccomp" in done.stdout, done.stderr
    assert "--unsafe-no-sandbox" in done.stdout
