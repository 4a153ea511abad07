"""What containing candidates costs: milliseconds, a hung one's delay, memory of a worker.

Prints one JSON line. Host to host: from the call of the pool to its verdict.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from evaluators.local import LocalPool
from evaluators.program import Program, read
from evaluators.verdict import Status

HERE = Path(__file__).parent
NOTHING = read("def nothing(n):\n    return 0.0", "nothing")
HANGS = read("def nothing(n):\n    while True:\n        pass", "nothing")
MEBI = 1 << 20


async def latency(problem: str, count: int) -> dict[str, float]:
    """Return the median and the 99th percentile of a candidate that does nothing."""
    pool = LocalPool(str(HERE / problem), workers=1)
    await pool.start()
    try:
        took: list[float] = []
        child: list[float] = []
        for number in range(count + 20):
            before = time.perf_counter()
            verdict = await pool.evaluate(NOTHING, ["only"])
            if verdict.status is not Status.OK:
                raise SystemExit(f"{problem}: {verdict.status}: {verdict.reason}")
            if number >= 20:
                took.append(1e3 * (time.perf_counter() - before))
                child.append(1e3 * verdict.seconds)
    finally:
        await pool.close()
    return {
        "median_ms": round(statistics.median(took), 2),
        "p99_ms": round(statistics.quantiles(took, n=100)[98], 2),
        "last_child_median_ms": round(statistics.median(child), 2),
    }


async def hung(rounds: int) -> float:
    """Return the median of milliseconds from a hung candidate's deadline to the next result."""
    problem = (HERE / "noop_problem.py").read_text()
    short = problem.replace("training=", "limits=Limits(wall_s=0.2),\n    training=")
    took: list[float] = []
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(short.replace("Instance,", "Instance, Limits,"))
        file.flush()
        pool = LocalPool(file.name, workers=1)
        try:
            await pool.start()
            await pool.evaluate(NOTHING, ["only"])
            for _ in range(rounds):
                before = time.perf_counter()
                verdict = await pool.evaluate(HANGS, ["only"])
                assert verdict.status is Status.TIMEOUT, verdict.reason
                await pool.evaluate(NOTHING, ["only"])
                took.append(1e3 * (time.perf_counter() - before - 0.2))
        finally:
            await pool.close()
    return round(statistics.median(took), 1)


def _private_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_"))


def _named(name: str) -> list[int]:
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and (entry / "comm").read_text().strip() == name:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


async def memory(problem: str, program: Program, instances: list[str]) -> float:
    """Return the private MiB of one more worker, its slot included, after some evaluations."""
    before = {name: set(_named(name)) for name in ("fs-worker", "fs-slot")}
    pool = LocalPool(problem, workers=2, instances=instances)
    await pool.start()
    try:
        await asyncio.gather(*(pool.evaluate(program, instances) for _ in range(40)))
        own = {name: set(_named(name)) - before[name] for name in before}
        total = sum(_private_bytes(pid) for pids in own.values() for pid in pids)
    finally:
        await pool.close()
    return round(total / 2 / MEBI, 1)


async def main(count: int) -> None:
    """Measure and print."""
    seed = read("def priority(el, n):\n    return 0.0", "priority")
    result = {
        "benchmark": "containment",
        "light": await latency("noop_problem.py", count),
        "light_then_numba": await latency("noop_kernel_problem.py", count),
        "hung_to_next_result_ms": await hung(9),
        "private_mib_of_a_worker": await memory("cap_set", seed, ["n=8"]),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
