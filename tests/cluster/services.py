"""Real services and sampler processes for tests, and a raw client."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from cluster.proto import programs_pb2 as pb
from cluster.proto import programs_pb2_grpc
from funsearch.api import replay
from funsearch.archive.reader import Reader
from funsearch.archive.records import GenerationRecord, OutageRecord

QUICK = (
    "problem.n=3",
    "run.seconds=null",
    "run.verify_seconds=0",
    "cluster.workers=1",
)
TIMEOUT_S = 60.0


class Process:
    """A `funsearch` command under way."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        environment = {**os.environ, "FUNSEARCH_RUNS": str(folder), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "funsearch", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def line(self, pattern: str) -> re.Match[str]:
        """Return the match of the first line on standard error that has one."""
        assert self.process.stderr is not None
        seen: list[str] = []
        for line in self.process.stderr:
            seen.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no {pattern!r} in {''.join(seen)}")

    def end(self, number: signal.Signals | None = None) -> tuple[int, str, str]:
        """Send a signal, if one is given; return status, output and errors."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, out, err


@contextmanager
def started(*arguments: str, folder: Path) -> Iterator[Process]:
    """Run a command; it is killed at the end if it is still there."""
    process = Process(*arguments, folder=folder)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.process.kill()
        process.process.communicate()


@contextmanager
def serving(*arguments: str, folder: Path, listen: str = "127.0.0.1:0") -> Iterator[Service]:
    """Run `funsearch serve`; yield it once it listens."""
    with started("serve", "--json", "--listen", listen, *arguments, folder=folder) as process:
        address = process.line(r"serving on (\S+)").group(1)
        with grpc.insecure_channel(address) as channel:
            yield Service(process, address, programs_pb2_grpc.ProgramsStub(channel))


class Service:
    """A service that listens."""

    def __init__(self, process: Process, address: str, stub: Any) -> None:
        self.process, self.address, self.stub = process, address, stub

    def draw(self, most: int = 1) -> Sequence[pb.Lease]:
        """Return prompts."""
        request = pb.DrawRequest(most=most, wait_s=20.0)
        return list(self.stub.Draw(request, timeout=TIMEOUT_S, wait_for_ready=True).leases)

    def submit(self, *submissions: pb.Submission) -> Sequence[pb.Result]:
        """Return what became of answers."""
        request = pb.SubmitRequest(submissions=submissions)
        answer = self.stub.Submit(request, timeout=TIMEOUT_S, wait_for_ready=True)
        return list(answer.results)

    def stop(self) -> dict[str, Any]:
        """End the run in good order; return what it says."""
        status, out, err = self.process.end(signal.SIGTERM)
        assert status == 130, err
        return json.loads(out)


def answer(lease: pb.Lease, value: float = 1.0, **fields: Any) -> pb.Submission:
    """Return an answer of one sample, with a program that returns a number."""
    function = lease.prompt.shown[0].function
    text = f"def {function}(*_):\n    return {value!r}\n"
    given: dict[str, Any] = {"text": text, "sampler": "made-up", **fields}
    sample = pb.Sample(**given)
    return pb.Submission(id=secrets.token_bytes(16), lease=lease.id, samples=[sample])


def generations(folder: Path) -> dict[int, GenerationRecord]:
    """Return the samples on record in the only run of a folder, by number."""
    (run,) = folder.iterdir()
    with Reader(run) as reader:
        return {
            number: record
            for number, record in reader.records()
            if isinstance(record, GenerationRecord) and record.draw is not None
        }


def outages(folder: Path) -> list[str]:
    """Return the reasons of the outages on record in the only run of a folder."""
    (run,) = folder.iterdir()
    with Reader(run) as reader:
        return [r.reason for _, r in reader.records() if isinstance(r, OutageRecord)]


def replays(folder: Path) -> bool:
    """Whether the replay of the only run of a folder reaches the same state."""
    (run,) = folder.iterdir()
    return replay(run).difference is None


@contextmanager
def silent_server() -> Iterator[str]:
    """Yield the address of a model that takes every request and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
