"""How fast a server may be asked: so many requests at once, so many and so many tokens a minute.

Who asks waits in line; a server that refuses is first left alone, then asked by one, then by more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from funsearch.samplers.protocol import Unavailable

PATIENCE_S = 30.0
"""Longest wait for a server that refused; for one that wants more, the run pauses."""
_FIRST_REST_S, _LONGEST_REST_S = 0.5, 8.0
"""A server that refuses without saying for how long is left alone for the first of these, then
for twice as long each time, at most for the second."""


class Bucket:
    """A budget of so much a minute that refills evenly and holds a single request.

    A request passes when those before it are paid off, and need not fit into what has gathered: so
    one that is larger than a minute's share passes too, and holds up the next ones. In no minute
    more than the share begins, but for the request that begins it.

    Args:
        per_minute: the share, or None for no limit.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._per_minute = per_minute
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until the next request may pass."""
        return max(0.0, self._free_at - now)

    def take(self, now: float, amount: float) -> None:
        """Let a request pass."""
        if self._per_minute is not None:
            self._free_at = max(now, self._free_at) + 60.0 * amount / self._per_minute

    def give_back(self, amount: float) -> None:
        """Correct a request that took less than it was let pass for, or more if negative."""
        if self._per_minute is not None:
            self._free_at -= 60.0 * amount / self._per_minute


@dataclass(frozen=True)
class Pass:
    """The right to send one request.

    Attributes:
        tokens: that it was let pass for.
        era: how often the server had refused before.
    """

    tokens: int
    era: int


class Gate:
    """Lets requests to one server pass, in the order in which they ask.

    After a refusal (429, 5xx, no connection) the gate is closed for as long as the server wants,
    then lets one request pass at a time, and one more for each that succeeds, up to all. Requests
    that were under way when the server refused one are not held against it again.

    Args:
        concurrency: most requests at once.
        requests_per_minute: or None for no limit.
        tokens_per_minute: of prompts and answers, or None for no limit.
        clock: seconds that never go back.
        sleep: waits so many seconds by that clock.
    """

    def __init__(
        self,
        concurrency: int,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._concurrency = self._window = concurrency
        self._requests, self._tokens = Bucket(requests_per_minute), Bucket(tokens_per_minute)
        self._clock, self._sleep = clock, sleep
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._in_flight = 0
        self._open_at = 0.0
        self._era = self._refusals = 0
        self._why = ""

    async def enter(self, tokens: int) -> Pass:
        """Wait until a request may be sent.

        Args:
            tokens: most that it may take.

        Raises:
            Unavailable: the server wants to be left alone for longer than `PATIENCE_S`.
        """
        async with self._turn:
            while (rest := self._rest()) > 0 or self._in_flight >= self._window:
                await self._change(None if self._in_flight >= self._window else rest)
            now = self._clock()
            self._requests.take(now, 1)
            self._tokens.take(now, tokens)
            self._in_flight += 1
            return Pass(tokens, self._era)

    def leave(self, passed: Pass, tokens: int | None) -> None:
        """Note that a request is done with, whatever came of it.

        Args:
            passed: what `enter` returned.
            tokens: that it took; None if nobody knows.
        """
        self._in_flight -= 1
        if tokens is not None:
            self._tokens.give_back(passed.tokens - tokens)
        self._changed.set()

    def answered(self) -> None:
        """Note that the server answers."""
        self._refusals = 0
        self._window = min(self._window + 1, self._concurrency)
        self._changed.set()

    def refused(self, passed: Pass, retry_after_s: float | None, why: str) -> None:
        """Note that the server is not available.

        Args:
            passed: of the request that it refused.
            retry_after_s: how long it wants to be left alone, or None.
            why: for who has to wait for that.
        """
        rest = 0.0 if retry_after_s is None else retry_after_s
        if passed.era == self._era:
            self._era += 1
            self._window = 1
            if retry_after_s is None:
                rest = min(_FIRST_REST_S * 2.0**self._refusals, _LONGEST_REST_S)
            self._refusals += 1
        self._open_at = max(self._open_at, self._clock() + rest)
        self._why = why

    async def _change(self, most_s: float | None) -> None:
        """Wait until a request has ended, `most_s` seconds at most."""
        self._changed.clear()
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._changed.wait())]
        if most_s is not None:
            waits.append(asyncio.ensure_future(self._sleep(most_s)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _rest(self) -> float:
        now = self._clock()
        closed = self._open_at - now
        if closed > PATIENCE_S:
            raise Unavailable(self._why, closed)
        return max(closed, self._requests.wait(now), self._tokens.wait(now))
