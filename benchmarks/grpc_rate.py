"""The service alone: how fast clients draw prompts and have their answers on the disk.

The service runs in a process of its own, with all that `funsearch serve` has but a pool that scores
without running anything, so that evaluation is not what limits. The clients share this process; on
two cores they take some of the time that the service could use. Prints one JSON line: the median
of draw plus durable submit for one client, calls per second of 16 clients, and samples per second
when each draw and submit carries 16.

Usage: grpc_rate.py [SECONDS] (default 10, for each of the three).
"""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grpc

from benchmarks.engine_rate import Stub
from cluster import remote
from cluster.proto import programs_pb2 as pb
from cluster.proto import programs_pb2_grpc
from cluster.remote import Close
from cluster.service.desk import Desk
from cluster.service.hall import Hall
from cluster.service.server import Door, Server
from funsearch.archive.archive import Archive
from funsearch.archive.records import Conditions
from funsearch.config import compose
from funsearch.interruption import interruptible
from funsearch.loop import Loop, Start
from funsearch.parts import Parts
from funsearch.restoring import new_state
from funsearch.session import Observing

CLIENTS = 16
GOAL = {"round_trip_ms_median": 4.0, "calls_per_s": 300, "samples_per_s_by_16": 800}


async def serve(folder: Path, per_prompt: int) -> None:
    """Serve prompts until SIGTERM; print the port."""
    settings = ["sampler=remote", "sampler.concurrency=64", "run.seconds=null", "run.backlog=512"]
    config = compose([*settings, f"run.samples_per_prompt={per_prompt}"])
    hall = Hall()

    async def opened(desk: Desk) -> Close:
        hall.desk = desk
        server = Server(desk, hall, Door("127.0.0.1", 0))
        print(await server.start(), flush=True)
        return server.close

    remote.opening.set(opened)
    sampler = config.build("sampler")
    with Archive.create(folder, "") as archive:
        await sampler.start()
        parts = Parts(
            problem=config.loaded.problem,
            instances=config.instances,
            settings=config.run,
            template=config.build("prompt"),
            archive=archive,
            pool=Stub(),
            sampler=sampler,
            state=new_state(config, archive),
            conditions=Conditions("a" * 64, "b" * 64, "c" * 64),
        )
        loop = Loop(parts)
        told = hall.observing(Observing(lambda *_: None, lambda _: None, 1.0))
        told.started(folder, config, Stub.containment)
        told.progress(loop.progress())
        with interruptible(loop.stop):
            await loop.run([Start("def priority(el, n):\n    return 0.0\n", "seed", "seed")])
        await sampler.close()


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
    return f"def priority(el, n):\n    return {number}{turn:07d}{index:02d}.0\n"


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
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        command = [sys.executable, "-m", "benchmarks.grpc_rate", "serve", folder, str(per_prompt)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            try:
                return asyncio.run(measure(f"127.0.0.1:{port}", clients, seconds))
            finally:
                process.send_signal(signal.SIGTERM)


def main(seconds: float = 10.0) -> None:
    """Measure, and print one line."""
    one = trial(1, 1, seconds)[0]
    many = trial(CLIENTS, 1, seconds)
    packed = trial(CLIENTS, 16, seconds)
    result = {
        "benchmark": "grpc_rate",
        "round_trip_ms_median": round(1e3 * statistics.median(one), 2),
        "calls_per_s": round(2 * sum(map(len, many)) / seconds, 1),
        "samples_per_s_by_16": round(16 * sum(map(len, packed)) / seconds, 1),
        "clients": CLIENTS,
        "goal": GOAL,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(Path(sys.argv[2]) / "run", int(sys.argv[3])))
    else:
        main(*map(float, sys.argv[1:2]))
