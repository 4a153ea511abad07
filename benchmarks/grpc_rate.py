"""The service alone: how fast clients draw prompts and have their answers on the disk.

A real `funsearch serve` in a process of its own, on a problem with nothing to evaluate; the clients
share this process, so that on two cores they cost the service some of its time. Prints one JSON
line: the median of draw plus durable submit for one client, calls per second of 16 clients, and
samples per second when each draw and submit carries 16.

Usage: grpc_rate.py [SECONDS] (default 10, for each of the three).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grpc

from cluster.proto import programs_pb2 as pb
from cluster.proto import programs_pb2_grpc

CLIENTS = 16
PROBLEM = Path(__file__).with_name("noop_problem.py")


def serve(folder: str, per_prompt: int) -> tuple[subprocess.Popen[str], str]:
    """Start a service; return its process and address."""
    command = ["serve", "--json", "--listen", "127.0.0.1:0", f"problem={PROBLEM}"]
    limits = ["run.seconds=null", "run.verify_seconds=0", "run.backlog=512"]
    size = [f"run.samples_per_prompt={per_prompt}", "sampler.concurrency=64"]
    process = subprocess.Popen(
        [sys.executable, "-m", "funsearch", *command, *limits, *size],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FUNSEARCH_RUNS": folder},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"serving on (\S+)", line):
            return process, found.group(1)
    raise RuntimeError("the service did not start")


async def client(stub: programs_pb2_grpc.ProgramsStub, until: float, number: int) -> list[float]:
    """Draw and submit until a time; return the seconds of each pair of calls."""
    took: list[float] = []
    while time.monotonic() < until:
        begin = time.perf_counter()
        drawn = await stub.Draw(pb.DrawRequest(most=1, wait_s=10.0), timeout=30)
        submissions = [
            pb.Submission(
                id=secrets.token_bytes(16),
                lease=lease.id,
                samples=[
                    pb.Sample(text=_text(number, len(took), index), sampler="made-up")
                    for index in range(lease.count)
                ],
            )
            for lease in drawn.leases
        ]
        answer = await stub.Submit(pb.SubmitRequest(submissions=submissions), timeout=30)
        assert all(result.status == pb.Result.RECORDED for result in answer.results)
        took.append(time.perf_counter() - begin)
    return took


def _text(number: int, turn: int, index: int) -> str:
    return f"def nothing(n):\n    return {number}{turn:07d}{index:02d}.0\n"


async def measure(address: str, clients: int, seconds: float) -> list[list[float]]:
    """Return what each client saw."""
    channels = [grpc.aio.insecure_channel(address) for _ in range(clients)]
    stubs = [programs_pb2_grpc.ProgramsStub(channel) for channel in channels]
    await asyncio.gather(
        *(client(stub, time.monotonic() + 1, 900 + i) for i, stub in enumerate(stubs))
    )
    until = time.monotonic() + seconds
    results = await asyncio.gather(*(client(stub, until, 100 + i) for i, stub in enumerate(stubs)))
    for channel in channels:
        await channel.close()
    return list(results)


def trial(clients: int, per_prompt: int, seconds: float) -> list[list[float]]:
    """Measure a fresh service."""
    with tempfile.TemporaryDirectory() as folder:
        process, address = serve(folder, per_prompt)
        try:
            return asyncio.run(measure(address, clients, seconds))
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()


def main(seconds: float = 10.0) -> None:
    """Measure, and print one line."""
    one = trial(1, 1, seconds)[0]
    many = trial(CLIENTS, 1, seconds)
    packed = trial(CLIENTS, 16, seconds)
    result = {
        "round_trip_ms_median": round(1e3 * statistics.median(one), 2),
        "calls_per_s_16_clients": round(2 * sum(map(len, many)) / seconds, 1),
        "samples_per_s_by_16": round(16 * sum(map(len, packed)) / seconds, 1),
        "seconds_each": seconds,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
