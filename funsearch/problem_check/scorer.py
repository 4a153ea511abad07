"""A process that scores certificates, so that a `score` that hangs or crashes harms nobody else."""

from __future__ import annotations

import math
import numbers
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators import processes
from evaluators.channel import Channel, Closed, Malformed
from evaluators.pool import PoolError
from evaluators.reason import clean
from funsearch.problem_check.answer import Answer
from problems import data, registry
from problems.contract import Instance, Invalid, Problem

_START_S = 120.0
"""How long loading the problem and making its instances may take."""
_FIRST_S = 60.0
"""How long the first answer may take: kernels are compiled by it."""
_MEMORY_BYTES = 8 << 30
"""Address space of the process."""


class Scorer:
    """Asks `score` in a process of its own, which is started again when it is lost."""

    def __init__(self, reference: str, answer_s: float = 10.0) -> None:
        """Describe the process; the first question starts it.

        Args:
            reference: of the problem.
            answer_s: how long an answer may take.
        """
        self._reference = reference
        self._answer_s = answer_s
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel
        self._lifeline = -1
        self._asked = 0

    def ask(self, instance: str, array: NDArray[Any]) -> Answer:
        """Return what `score` says of an array on an instance.

        Raises:
            PoolError: the process cannot be started.
        """
        if self._process is None:
            self._start()
        shape: Sequence[int] = array.shape
        question = {"instance": instance, "dtype": array.dtype.name, "shape": list(shape)}
        limit_s = self._answer_s if self._asked else max(self._answer_s, _FIRST_S)
        try:
            self._channel.send(question, array.tobytes())
            if not select.select([self._channel], [], [], limit_s)[0]:
                self.close()
                says = f"score gave no answer within {limit_s:g} s"
                return Answer(None, says, fault=True, silent=True)
            message, _ = self._channel.receive()
        except (Closed, Malformed):
            return Answer(None, f"score ended its process: {self._ended()}", fault=True)
        self._asked += 1
        seconds = float(message["seconds"])
        match message:
            case {"score": float(score)}:
                return Answer(score, seconds=seconds)
            case {"invalid": str(says)}:
                return Answer(None, says, seconds=seconds)
            case _:
                return Answer(None, str(message.get("fault")), fault=True, seconds=seconds)

    def close(self) -> None:
        """End the process; the next question would start another."""
        if self._process is not None:
            self._channel.close()
            os.close(self._lifeline)
            self._process.kill()
            self._process.wait()
            self._process = None
            self._asked = 0

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        read_end, self._lifeline = os.pipe()
        try:
            self._process = processes.start(
                "funsearch.problem_check.scorer",
                channel=theirs.fileno(),
                environment=processes.ENVIRONMENT
                | processes.own_variables(*processes.CACHE_VARIABLES, data.VARIABLE),
                arguments=[str(read_end)],
                pass_fds=[read_end],
                stderr=subprocess.DEVNULL,
            )
        finally:
            theirs.close()
            os.close(read_end)
        self._channel = Channel(ours)
        try:
            self._channel.send({"problem": self._reference})
            there = select.select([self._channel], [], [], _START_S)[0]
            message = self._channel.receive()[0] if there else {"fault": "it takes too long"}
        except (Closed, Malformed):
            message = {"fault": f"its process ended: {self._ended()}"}
        if "fault" in message:
            self.close()
            raise PoolError(f"{self._reference} cannot be scored: {message['fault']}")

    def _ended(self) -> str:
        """Reap the process, which has closed its end, and return how it ended."""
        if self._process is None:
            return "nobody knows how"
        code = self._process.wait()
        self.close()
        try:
            return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        except ValueError:
            return f"signal {-code}"


def _answer(problem: Problem, instances: Mapping[str, Instance], message: Any, raw: bytes) -> Any:
    array = np.frombuffer(raw, message["dtype"]).reshape(message["shape"]).copy()
    try:
        score: object = problem.score(instances[message["instance"]], array)
    except Invalid as refusal:
        return {"invalid": clean(str(refusal), 300)}
    except Exception as error:
        return {"fault": clean(f"score raised {type(error).__name__}: {error}", 300)}
    if type(score) is bool or not isinstance(score, numbers.Real):
        return {"fault": f"score returned a {type(score).__name__}, not a number"}
    value = float(score)
    if not math.isfinite(value):
        return {"fault": f"score returned {value}"}
    return {"score": value}


def _serve(channel: Channel) -> None:
    start, _ = channel.receive()
    try:
        problem = registry.load(start["problem"]).problem
        instances = {name: Instance(name, each) for name, each in problem.instances().items()}
    except Exception as error:
        channel.send({"fault": clean(str(error), 300)})
        return
    channel.send({"ready": True})
    while True:
        message, raw = channel.receive(max_payload=1 << 40)
        began = time.perf_counter()
        answer = _answer(problem, instances, message, raw)
        channel.send({**answer, "seconds": time.perf_counter() - began})


def main() -> None:
    """Score certificates that come over standard input until the other end is closed.

    The first message names the problem; each later one names an instance, dtype and shape, and its
    bytes are the array. The descriptor in the argument is a pipe at whose end this process ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    channel = Channel(socket.socket(fileno=0))
    try:
        with processes.ending_with(int(sys.argv[2])):
            _serve(channel)
    except Closed:
        return
