"""A slow endpoint with 64 requests in flight: how busy is it kept, and what does asking cost?

Two measurements against `noop_endpoint`, a server of 2 s latency in a process of its own. First a
whole run, with evaluators in their sandbox, archive and all: the server integrates over time how
many requests wait in it; utilisation is that integral over 64 times the time between two readings,
the first of which is 5 s after the search began. Then the sampler alone, in a process that does
nothing but keep 64 calls of `Endpoint.sample` going: the processor time of that process, user and
system, over wall time, after the connections are there. That counts all that asking costs: client
library, sockets and event loop. Prints one JSON line.

Usage: endpoint_utilisation.py [SECONDS]; so long each of the two takes (default 60).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from evaluators.program import Program
from funsearch import api
from funsearch.loop import Progress
from funsearch.prompts import Prompt, Shown
from funsearch.samplers.endpoint import Endpoint
from funsearch.session import Observing

REQUESTS = 64
LATENCY_S = 2.0
RAMP_S = 5.0
"""Time in which the first requests go out, and the evaluators start."""
HERE = Path(__file__).resolve().parent
PROMPT = Prompt(
    draw=0,
    island=0,
    epoch=0,
    registrations=0,
    shown=(Shown(Program("nothing", "def nothing(n):\n    return 0.0"), 0.0, {}),),
    header="def nothing_v1(n):",
    text="def nothing_v0(n):\n    return 0.0\n\n" * 40 + "def nothing_v1(n):\n",
    template="",
    digest="",
)


@contextmanager
def serving(latency_s: float, *more: str, port: int = 0) -> Iterator[str]:
    """Serve in a process of its own; yields the address."""
    command = [sys.executable, str(HERE / "noop_endpoint.py"), str(port), str(latency_s), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def load(address: str) -> dict[str, float]:
    """Ask a server what it did so far."""
    with urllib.request.urlopen(f"{address}/load", timeout=30) as reply:
        return json.load(reply)


def run(seconds: float) -> dict[str, float]:
    """Measure a whole run."""
    readings: list[dict[str, float]] = []
    with serving(LATENCY_S) as address, tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:

        def read() -> None:
            for pause in (RAMP_S, seconds - RAMP_S - 1):
                time.sleep(pause)
                readings.append(load(address))

        reader = threading.Thread(target=read)

        def started(*_: object) -> None:
            reader.start()

        def progress(progress: Progress) -> None:
            print(f"{progress.evaluations} verdicts", file=sys.stderr)

        outcome = api.run(
            f"problem={HERE / 'noop_problem.py'}",
            "sampler=openai",
            "sampler.model=noop",
            f"sampler.base_url={address}/v1",
            f"sampler.concurrency={REQUESTS}",
            "sampler.prompt_price=0.15",
            "sampler.completion_price=0.6",
            "run.samples_per_prompt=1",
            "run.verify_seconds=0",
            f"run.seconds={seconds}",
            f"run.dir={Path(folder) / 'run'}",
            observing=Observing(started, progress, 10.0),
        )
        reader.join()
    first, last = readings
    span = last["clock_s"] - first["clock_s"]
    return {
        "utilisation": round((last["request_s"] - first["request_s"]) / span / REQUESTS, 3),
        "requests_per_second": round((last["answered"] - first["answered"]) / span, 1),
        "evaluations": outcome.progress.evaluations,
        "server_cpu": round((last["cpu_s"] - first["cpu_s"]) / span, 3),
    }


async def ask(address: str, seconds: float) -> dict[str, float]:
    """Measure the sampler, which has this process for itself."""
    endpoint = Endpoint(
        model="noop", base_url=f"{address}/v1", key_variable="", concurrency=REQUESTS
    )
    await endpoint.start()
    asked = 0

    async def keep_asking() -> None:
        nonlocal asked
        while True:
            asked += 1
            await endpoint.sample(replace(PROMPT, draw=asked), 0, 1)

    tasks = [asyncio.create_task(keep_asking()) for _ in range(REQUESTS)]
    await asyncio.sleep(RAMP_S)
    cpu, wall, before = time.process_time(), time.perf_counter(), asked
    await asyncio.sleep(seconds - RAMP_S)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await endpoint.close()
    return {
        "share_of_a_core": round(cpu / wall, 3),
        "requests_per_second": round((asked - before) / wall, 1),
        "cpu_ms_per_request": round(1000 * cpu / (asked - before), 2),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    if arguments[:1] == ["ask"]:
        print(json.dumps(asyncio.run(ask(arguments[1], float(arguments[2])))))
        return
    seconds = float(arguments[0]) if arguments else 60.0
    whole = run(seconds)
    with serving(LATENCY_S) as address:
        command = [sys.executable, "-m", "benchmarks.endpoint_utilisation", "ask", address]
        alone = subprocess.run([*command, str(seconds)], stdout=subprocess.PIPE, check=True)
    result = {
        "benchmark": "endpoint_utilisation",
        "concurrent": REQUESTS,
        "latency_s": LATENCY_S,
        "run": whole,
        "sampler_alone": json.loads(alone.stdout),
        "goal": {"utilisation": 0.95, "share_of_a_core": 0.1},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
