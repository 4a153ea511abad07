"""Calls to a service that outlive its restarts: what is safe to repeat is repeated."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import grpc

from cluster.proto import programs_pb2 as pb
from cluster.proto import programs_pb2_grpc
from funsearch.samplers.protocol import SamplerError
from funsearch.text import one_line

T = TypeVar("T")

OPTIONS: Sequence[tuple[str, int]] = (
    ("grpc.max_receive_message_length", 16 << 20),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
)
_PAUSE_S = (0.1, 0.2, 0.5, 1.0)
_DEADLINE_S = 30.0
_PASSING = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
    }
)
"""Failures after which the same call may succeed: the server is going, gone or coming back."""


class Calls:
    """The calls of a sampler process.

    Args:
        channel: to the service.
        target: its address, for messages.
        patience_s: how long a service that does not answer is waited for.
    """

    def __init__(self, channel: grpc.aio.Channel, target: str, patience_s: float) -> None:
        self._stub = programs_pb2_grpc.ProgramsStub(channel)
        self._target, self._patience_s = target, patience_s

    async def describe(self) -> pb.Description:
        """Return which run the service belongs to."""
        request = pb.DescribeRequest()
        return await self._repeat(lambda: self._stub.Describe(request, timeout=_DEADLINE_S))

    async def draw(self, most: int, wait_s: float) -> pb.Drawn:
        """Return prompts, or none after a while."""
        request = pb.DrawRequest(most=most, wait_s=wait_s)
        return await self._repeat(lambda: self._stub.Draw(request, timeout=wait_s + _DEADLINE_S))

    async def submit(self, submissions: Sequence[pb.Submission]) -> Sequence[pb.Result]:
        """Hand answers in, as often as it takes to hear what became of them."""
        request = pb.SubmitRequest(submissions=submissions)
        answer = await self._repeat(lambda: self._stub.Submit(request, timeout=_DEADLINE_S))
        return answer.results

    async def _repeat(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what a call returns; repeat it while the service is away.

        Raises:
            SamplerError: it stays away, or refuses.
        """
        since, attempt = time.monotonic(), 0
        while True:
            try:
                return await call()
            except grpc.aio.AioRpcError as error:
                says = one_line(f"{error.code().name}: {error.details()}")
                if error.code() not in _PASSING:
                    raise SamplerError(f"{self._target} refuses: {says}") from None
                if time.monotonic() - since > self._patience_s:
                    raise SamplerError(
                        f"{self._target} has not answered for {self._patience_s:g} s: {says}"
                    ) from None
            # Not all at once: those who wait for one server come back together otherwise.
            pause_s = _PAUSE_S[min(attempt, len(_PAUSE_S) - 1)]
            await asyncio.sleep(pause_s * (0.5 + random.random()))
            attempt += 1
