"""A pool of each kind, small problems made for tests, and a look at the process table."""

from __future__ import annotations

import asyncio
import os
import select
import textwrap
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings

from evaluators.local import LocalPool
from evaluators.pool import EvaluatorPool
from evaluators.program import Program
from evaluators.verdict import Verdict

# The same examples each time, however slow the machine: a failure here must be one tomorrow too.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

T = TypeVar("T")
PoolFactory = Callable[..., EvaluatorPool]

# `f` is called once a row; its values are the certificate, their sum the score.
PROBLEM = '''
import numpy as np
from problems.contract import Array, Instance, Invalid, Known, Limits, Metric, Problem

def f(x: int) -> float:
    """Return a number."""
    return 1.0

def construct(candidate, instance):
    {construct}

def score(instance, certificate):
    {score}

problem = Problem(
    name="probe", evolve=f, construct=construct, score=score,
    metric=Metric(name="sum", unit="none", bound={{"three": Known(1000.0, "made up")}}),
    certificate=Array({dtype!r}, ndim=1, max_elements=8),
    instances=lambda: {{"three": {{"count": 3, "label": 7}}, "five": {{"count": 5, "label": 7}}}},
    training=["three"], held_out=["five"],
    visible=lambda instance: {{"count": instance.data["count"]}},
    limits=Limits(wall_s={wall_s}, memory_bytes=128 << 20),
)
'''
CONSTRUCT = 'return candidate.map(range(instance.data["count"]))'


@pytest.fixture(scope="session")
def write_problem(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Return a function that writes a problem's file and returns its path."""

    def write(
        construct: str = CONSTRUCT,
        score: str = "return float(certificate.sum())",
        dtype: str = "float64",
        wall_s: float = 20.0,
    ) -> str:
        path = tmp_path_factory.mktemp("problem") / "probe.py"
        path.write_text(
            PROBLEM.format(construct=construct, score=score, dtype=dtype, wall_s=wall_s)
        )
        return str(path)

    return write


@pytest.fixture(scope="session", params=["local"])
def pool_factory(request: pytest.FixtureRequest) -> PoolFactory:
    """Every kind of pool: `(problem, workers) -> pool`, not started."""
    return {"local": LocalPool}[request.param]


class Harness:
    """A pool on an event loop of its own, for tests without `async`."""

    def __init__(self, pool: EvaluatorPool) -> None:
        self.pool = pool
        self._runner = asyncio.Runner()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)

    def __call__(self, source: str, instances: Sequence[str] = ("three",)) -> Verdict:
        return self.run(self.pool.evaluate(program(source), list(instances)))

    def close(self) -> None:
        self.run(self.pool.close())
        self._runner.close()


def program(source: str) -> Program:
    """Return a program of any text, as it stands: a pool must not count on it being canonical."""
    return Program("f", textwrap.dedent(source))


@pytest.fixture(scope="session")
def start(pool_factory: PoolFactory) -> Callable[..., Any]:
    """Return a context manager: a started pool with one worker for a problem."""

    @contextmanager
    def started(problem: str, workers: int = 1) -> Iterator[Harness]:
        harness = Harness(pool_factory(problem, workers))
        try:
            harness.run(harness.pool.start())
            yield harness
        finally:
            harness.close()

    return started


@pytest.fixture(scope="session")
def evaluate(write_problem: Callable[..., str], start: Callable[..., Any]) -> Iterator[Harness]:
    """One pool for all tests that do it no harm, and so a test of that too."""
    with start(write_problem()) as harness:
        yield harness


def children(parent: int) -> list[int]:
    """Return the living children of a process."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            state, its_parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(its_parent) == parent and state != "Z":
            found.append(int(entry.name))
    return sorted(found)


def descendants(parent: int) -> list[int]:
    """Return all living descendants of a process, parents first."""
    found = children(parent)
    for child in found:
        found.extend(children(child))
    return found


def running(name: str, pool: int | None = None) -> list[int]:
    """Return the processes of that name below the last pool of a process, the oldest first."""
    stewards = [pid for pid in children(pool or os.getpid()) if _name(pid) == "fs-steward"]
    steward = max(stewards, key=_born, default=0)
    found = [pid for pid in (steward, *descendants(steward)) if _name(pid) == name]
    return sorted(found, key=_born)


def worker_and_slot() -> tuple[int, int]:
    """Return the two processes of the pool with one worker that was started last."""
    return running("fs-worker")[-1], running("fs-slot")[-1]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _born(pid: int) -> int:
    """Return when a process was started, in clock ticks since boot."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0


def until(condition: Callable[[], T], seconds: float = 20.0) -> T:
    """Return what the condition returns as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.005)
    return found


class Watch:
    """Waits for processes to end, by number, without mistaking a later one for them."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._descriptors = {os.pidfd_open(pid): pid for pid in pids}

    def alive_after(self, seconds: float) -> list[int]:
        """Return those that have not ended by then; returns at once when all have."""
        deadline = time.monotonic() + seconds
        left = dict(self._descriptors)
        while left and (wait := deadline - time.monotonic()) > 0:
            for ended in select.select(list(left), [], [], wait)[0]:
                del left[ended]
        for descriptor in self._descriptors:
            os.close(descriptor)
        return list(left.values())
