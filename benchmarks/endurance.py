"""Many evaluations, one in a hundred hostile: do memory, descriptors, processes and rate stay flat?

Prints one JSON line. Takes minutes: 100,000 evaluations by default.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from evaluators.local import LocalPool
from evaluators.program import Program, read
from evaluators.verdict import Status

NOTHING = read("def nothing(n):\n    return 0.0", "nothing")
HOSTILE = [
    Program("nothing", f"def nothing(n):\n    {body}")
    for body in (
        "import os\n    os.fork()",
        "import ctypes\n    ctypes.string_at(0)",
        "return [bytearray(1 << 26) for _ in range(64)]",
        "import socket\n    socket.socket()",
        "import os\n    os._exit(0)",
        "raise RuntimeError('x' * 10**6)",
        "return nothing(n)",
        "import threading\n    threading.Thread(target=print).start()",
    )
]


def _below(parent: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(text.rpartition(")")[2].split()[1])
    found = [parent]
    for each in found:
        found.extend(pid for pid, its in parents.items() if its == each)
    return found


def _state() -> dict[str, float]:
    pids = _below(os.getpid())
    private = 0
    descriptors = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            descriptors += len(list(Path(f"/proc/{pid}/fd").iterdir()))
        except OSError:
            continue
        private += sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    return {
        "private_mib": round(private / 1024, 1),
        "descriptors": descriptors,
        "processes": len(pids),
    }


async def main(count: int) -> None:
    """Measure and print."""
    pool = LocalPool(str(Path(__file__).with_name("noop_problem.py")))
    await pool.start()
    wrong = 0
    tenth = max(1, count // 10)
    rates: list[float] = []
    states: list[dict[str, float]] = []

    async def one(number: int) -> None:
        nonlocal wrong
        if number % 100 == 99:
            await pool.evaluate(HOSTILE[number // 100 % len(HOSTILE)], ["only"])
            return
        verdict = await pool.evaluate(NOTHING, ["only"])
        wrong += verdict.status is not Status.OK

    async def worker(numbers: list[int]) -> None:
        while numbers:
            await one(numbers.pop())

    try:
        await worker(list(range(200)))
        for part in range(10):
            numbers = list(range(part * tenth, (part + 1) * tenth))
            started = time.perf_counter()
            await asyncio.gather(*(worker(numbers) for _ in range(pool.slots)))
            rates.append(tenth / (time.perf_counter() - started))
            states.append(_state())
            print(f"{(part + 1) * tenth} done, {rates[-1]:.0f}/s", file=sys.stderr)
    finally:
        await pool.close()
    print(
        json.dumps(
            {
                "benchmark": "endurance",
                "evaluations": count,
                "honest_without_ok": wrong,
                "rate_last_over_first_tenth": round(rates[-1] / rates[0], 2),
                "per_second": round(sum(rates) / len(rates)),
                "after_first_tenth": states[0],
                "after_last_tenth": states[-1],
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
