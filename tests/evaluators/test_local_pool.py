"""The local pool's own: faults of its processes, cancelling, closing, sudden death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluators.local import LocalPool
from evaluators.pool import Mode, PoolError
from evaluators.verdict import Status
from tests.evaluators.conftest import (
    Watch,
    children,
    descendants,
    program,
    running,
    until,
    worker_and_slot,
)

ONE = program("def f(x):\n    return 1")
SLEEPS = program("def f(x):\n    import time\n    time.sleep(600)")


@pytest.mark.parametrize("name", ["fs-slot", "fs-nest", "fs-base", "fs-worker", "fs-steward"])
def test_process_that_was_killed_is_replaced(
    start: Callable[..., Any], write_problem: Callable[..., str], name: str
) -> None:
    with start(write_problem()) as harness:
        assert harness.run(harness.pool.evaluate(ONE, ["three"])).score == 3.0
        killed = running(name)[0]
        watch = Watch([killed])
        os.kill(killed, signal.SIGKILL)
        assert harness.run(harness.pool.evaluate(ONE, ["three"])).score == 3.0
        assert watch.alive_after(2) == []
        assert killed not in running(name)


@pytest.mark.parametrize("name", ["fs-slot", "fs-nest", "fs-base", "fs-worker", "fs-steward"])
def test_process_killed_during_a_candidate_takes_it_along(
    start: Callable[..., Any], write_problem: Callable[..., str], name: str
) -> None:
    with start(write_problem(wall_s=0.5)) as harness:

        async def kill_once() -> Any:
            await harness.pool.evaluate(ONE, ["three"])
            task = asyncio.ensure_future(harness.pool.evaluate(SLEEPS, ["three"]))
            while not (candidates := running("fs-candidate")):
                await asyncio.sleep(0.005)
            watch = Watch(candidates)
            os.kill(running(name)[0], signal.SIGKILL)
            verdict = await task
            return verdict, watch.alive_after(2)

        # The second try, on fresh processes, says what there is to say about the candidate.
        verdict, alive = harness.run(kill_once())
        assert (verdict.status, alive) == (Status.TIMEOUT, [])


def test_steward_outlives_a_base_and_its_nests_that_end_at_once(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem()) as harness:
        assert harness.run(harness.pool.evaluate(ONE, ["three"])).score == 3.0
        (steward,) = running("fs-steward")
        # All their ends are there to see when it wakes up.
        os.kill(steward, signal.SIGSTOP)
        watch = Watch([*running("fs-base"), *running("fs-nest")])
        for base in running("fs-base"):
            os.kill(base, signal.SIGKILL)
        assert watch.alive_after(2) == []
        os.kill(steward, signal.SIGCONT)
        assert harness.run(harness.pool.evaluate(ONE, ["five"])).score == 5.0
        assert running("fs-steward") == [steward]


def test_problem_that_changes_under_a_running_pool_is_refused(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    problem = write_problem()
    with start(problem) as harness:
        # Until both zygotes that every pool starts have loaded the problem.
        assert harness.run(harness.pool.evaluate(ONE, ["three"], Mode.AGAIN)).score == 3.0
        Path(problem).write_text(Path(problem).read_text() + "\n# edited while the run goes on\n")
        assert harness.run(harness.pool.evaluate(ONE, ["three"])).score == 3.0
        os.kill(running("fs-base")[0], signal.SIGKILL)
        verdict = harness.run(harness.pool.evaluate(ONE, ["five"]))
        assert verdict.status is Status.SANDBOX_ERROR
        assert "the problem's file has changed" in verdict.reason
        os.kill(running("fs-steward")[0], signal.SIGKILL)
        with pytest.raises(PoolError, match="the problem's file has changed"):
            harness.run(harness.pool.evaluate(ONE, ["three"]))


def test_cancel_kills_the_candidate(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem(wall_s=600)) as harness:

        async def cancel() -> list[int]:
            task = asyncio.ensure_future(harness.pool.evaluate(SLEEPS, ["three"]))
            while not (candidates := running("fs-candidate")):
                await asyncio.sleep(0.005)
            watch = Watch(candidates)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return watch.alive_after(0.5)

        assert harness.run(harness.pool.evaluate(ONE, ["three"])).score == 3.0
        before = worker_and_slot()
        assert harness.run(cancel()) == []
        assert harness.run(harness.pool.evaluate(ONE, ["three"])).score == 3.0
        assert worker_and_slot() == before, "cancelling cost a worker"


def test_cancel_at_any_moment_leaves_a_working_pool(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem()) as harness:

        async def cancel_after(turns: int) -> None:
            task = asyncio.ensure_future(harness.pool.evaluate(ONE, ["three"]))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        for turns in range(12):
            harness.run(cancel_after(turns))
            assert harness.run(harness.pool.evaluate(ONE, ["three"])).score == 3.0


def test_more_calls_than_slots_wait_their_turn(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem(), workers=2) as harness:

        async def many() -> list[Any]:
            sources = [f"def f(x):\n    return {i}" for i in range(20)]
            calls = (harness.pool.evaluate(program(source), ["three"]) for source in sources)
            return await asyncio.gather(*calls)

        assert harness.pool.slots == 2
        assert [verdict.score for verdict in harness.run(many())] == [3.0 * i for i in range(20)]


def test_close_leaves_no_process_and_no_descriptor(write_problem: Callable[..., str]) -> None:
    problem = write_problem()

    async def use() -> Watch:
        pool = LocalPool(problem, workers=2)
        await pool.start()
        evaluation = asyncio.ensure_future(pool.evaluate(SLEEPS, ["three"]))
        while not running("fs-candidate"):
            await asyncio.sleep(0.005)
        watch = Watch(list(set(descendants(os.getpid())) - others))
        await pool.close()
        await pool.close()
        with pytest.raises(PoolError):
            await evaluation
        with pytest.raises(PoolError):
            await pool.evaluate(ONE, ["three"])
        return watch

    others = set(descendants(os.getpid()))
    before = len(list(Path("/proc/self/fd").iterdir()))
    watch = asyncio.run(use())
    assert watch.alive_after(0.5) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_close_while_the_steward_is_started_again_ends_the_evaluations(
    write_problem: Callable[..., str],
) -> None:
    async def use() -> list[Any]:
        pool = LocalPool(write_problem(), workers=2)
        await pool.start()
        killed = running("fs-steward")
        os.kill(killed[0], signal.SIGKILL)
        evaluations = [asyncio.ensure_future(pool.evaluate(ONE, ["three"])) for _ in range(2)]
        while running("fs-steward") in ([], killed):
            await asyncio.sleep(0)
        await pool.close()
        return await asyncio.gather(*evaluations, return_exceptions=True)

    before = children(os.getpid())
    assert [type(each) for each in asyncio.run(use())] == [PoolError, PoolError]
    assert children(os.getpid()) == before


def test_pool_that_was_closed_can_be_started_again(write_problem: Callable[..., str]) -> None:
    pool = LocalPool(write_problem(), workers=1)

    async def use() -> list[float | None]:
        await pool.start()
        verdicts = await asyncio.gather(*(pool.evaluate(ONE, ["three"]) for _ in range(3)))
        await pool.close()
        return [verdict.score for verdict in verdicts]

    # Each time on another event loop.
    assert asyncio.run(use()) == [3.0, 3.0, 3.0]
    assert asyncio.run(use()) == [3.0, 3.0, 3.0]


POOL_SCRIPT = """
import asyncio, sys
sys.path.insert(0, {root!r})
from evaluators.local import LocalPool
from evaluators.program import Program

async def main():
    pool = LocalPool({problem!r}, workers=2)
    await pool.start()
    print("started", flush=True)
    sleeps = Program("f", "def f(x):\\n    import os\\n    while True: pass")
    await asyncio.gather(*(pool.evaluate(sleeps, ["three"]) for _ in range(2)))

asyncio.run(main())
"""


def _start_pool(problem: str) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[2])
    script = POOL_SCRIPT.format(root=root, problem=problem)
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)


@pytest.mark.parametrize("where", ["running a candidate", "scoring"])
def test_pool_kill_9_leaves_no_process(write_problem: Callable[..., str], where: str) -> None:
    if where == "scoring":
        # A score that no look at a channel interrupts; the seed is scored when a worker starts.
        problem, process = write_problem(score="while True: pass"), "fs-worker"
    else:
        problem, process = write_problem(wall_s=600), "fs-candidate"
    with _start_pool(problem) as pool:
        assert pool.stdout is not None
        assert pool.stdout.readline() == b"started\n"
        until(lambda: running(process, pool.pid))
        watch = Watch(descendants(pool.pid))
        pool.kill()
        assert watch.alive_after(2) == []


def test_unknown_problem_is_one_line() -> None:
    before = children(os.getpid())

    async def start() -> None:
        await LocalPool("cap_sett", workers=2).start()

    with pytest.raises(PoolError, match="no problem called 'cap_sett'; there are: cap_set"):
        asyncio.run(start())
    assert children(os.getpid()) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise RuntimeError('no such data')", "fails to load: RuntimeError: no such data"),
        ("x = 1", "holds no `problem = Problem"),
    ],
)
def test_problem_that_does_not_load_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(PoolError, match=message):
        asyncio.run(LocalPool(str(path), workers=1).start())


def test_problem_that_needs_numba_inside_is_one_line(write_problem: Callable[..., str]) -> None:
    problem = write_problem()
    Path(problem).write_text("import numba\n" + Path(problem).read_text())
    with pytest.raises(PoolError, match=r"the sandbox cannot start: .*import of numba"):
        asyncio.run(LocalPool(problem, workers=1).start())


@pytest.mark.parametrize("dtype", ["object", "complex128", "float", "longdouble", ">f8"])
def test_dtype_that_cannot_be_declared_is_one_line(
    write_problem: Callable[..., str], dtype: str
) -> None:
    with pytest.raises(PoolError, match="certificate has dtype"):
        asyncio.run(LocalPool(write_problem(dtype=dtype), workers=1).start())
