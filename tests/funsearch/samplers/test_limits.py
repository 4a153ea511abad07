"""Rate limits: kept to the letter, fair, and gentle to a server that refuses."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

import pytest

from funsearch.samplers.limits import Gate, Pass
from funsearch.samplers.protocol import Unavailable


class Clock:
    """A clock that jumps to the next moment somebody waits for, once everybody waits."""

    def __init__(self) -> None:
        self.now = 100.0
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self._order = itertools.count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        entry = (self.now + seconds, next(self._order), asyncio.Event())
        heapq.heappush(self._waiting, entry)
        try:
            await entry[2].wait()
        except asyncio.CancelledError:
            self._waiting = [each for each in self._waiting if each is not entry]
            heapq.heapify(self._waiting)
            raise

    async def advance(self) -> bool:
        for _ in range(150):
            await asyncio.sleep(0)
        if not self._waiting:
            return False
        until, _, event = heapq.heappop(self._waiting)
        self.now = max(self.now, until)
        event.set()
        return True


def starts_of(
    count: int,
    tokens: Callable[[int], int] = lambda _: 10,
    taken: Callable[[int], int | None] = lambda _: None,
    seconds: float = 0.0,
    **limits: float | None,
) -> list[tuple[float, int]]:
    """Return when each of `count` requests that ask at once is let pass, in that order."""

    async def run() -> list[tuple[float, int]]:
        clock = Clock()
        gate = Gate(
            int(limits.pop("concurrency", 100) or 0), **limits, clock=clock, sleep=clock.sleep
        )
        begun: list[tuple[float, int]] = []

        async def request(number: int) -> None:
            passed = await gate.enter(tokens(number))
            begun.append((clock.now - 100, number))
            await clock.sleep(seconds)
            gate.answered()
            gate.leave(passed, taken(number))

        tasks = [asyncio.create_task(request(number)) for number in range(count)]
        while await clock.advance():
            pass
        await asyncio.gather(*tasks)
        return begun

    return asyncio.run(run())


def test_without_limits_all_pass_at_once() -> None:
    assert starts_of(20) == [(0.0, number) for number in range(20)]


def test_requests_of_a_minute_are_spread_evenly_and_in_order() -> None:
    begun = starts_of(7, requests_per_minute=120)
    assert [number for _, number in begun] == list(range(7))
    assert [at for at, _ in begun] == pytest.approx([0.5 * number for number in range(7)])


def test_no_minute_has_more_tokens_than_its_share() -> None:
    begun = starts_of(20, tokens=lambda number: 10 * (number % 7 + 1), tokens_per_minute=300)
    for first, _ in begun:
        inside = [10 * (number % 7 + 1) for at, number in begun if first < at <= first + 60]
        assert sum(inside) <= 300 + 70


def test_a_request_that_is_larger_than_a_minutes_share_passes_and_delays_the_next() -> None:
    begun = starts_of(2, tokens=lambda _: 900, tokens_per_minute=300)
    assert [at for at, _ in begun] == pytest.approx([0.0, 180.0])


def test_tokens_that_were_not_taken_are_given_back() -> None:
    begun = starts_of(
        3,
        tokens=lambda _: 300,
        taken=lambda _: 30,
        seconds=1.0,
        concurrency=1,
        tokens_per_minute=60,
    )
    assert [at for at, _ in begun] == pytest.approx([0.0, 30.0, 60.0])


def test_tokens_that_are_given_back_let_those_pass_who_wait() -> None:
    begun = starts_of(4, tokens=lambda _: 300, taken=lambda _: 3, seconds=1.0, tokens_per_minute=60)
    assert [at for at, _ in begun] == pytest.approx([0.0, 3.0, 6.0, 9.0])


def test_no_more_are_in_flight_than_allowed() -> None:
    begun = starts_of(6, seconds=2.0, concurrency=2)
    assert [at for at, _ in begun] == [0.0, 0.0, 2.0, 2.0, 4.0, 4.0]


def test_a_server_that_refuses_all_is_asked_again_by_one_then_by_more() -> None:
    async def run() -> list[int]:
        clock = Clock()
        gate = Gate(64, clock=clock, sleep=clock.sleep)
        first = [await gate.enter(1) for _ in range(64)]
        for passed in first:
            gate.refused(passed, 20.0, "slow down")
            gate.leave(passed, 0)
        passes: list[Pass] = []

        async def request() -> None:
            passes.append(await gate.enter(1))

        tasks = [asyncio.create_task(request()) for _ in range(64)]
        await clock.advance()
        assert clock.now == 120.0
        waves: list[int] = []
        while not all(task.done() for task in tasks) or passes:
            for _ in range(200):
                await asyncio.sleep(0)
            waves.append(len(passes))
            while passes:
                gate.answered()
                gate.leave(passes.pop(), 1)
        return waves

    waves = asyncio.run(run())
    assert waves[0] == 1
    assert all(later <= 2 * earlier for earlier, later in itertools.pairwise(waves))
    assert sum(waves) == 64
    assert len(waves) < 10


def test_a_server_that_names_no_time_is_left_alone_for_longer_and_longer() -> None:
    async def run() -> list[float]:
        clock = Clock()
        gate = Gate(4, clock=clock, sleep=clock.sleep)
        times: list[float] = []
        for _ in range(7):
            task = asyncio.create_task(gate.enter(1))
            while not task.done():
                await clock.advance()
            times.append(clock.now - 100)
            gate.refused(task.result(), None, "no")
            gate.leave(task.result(), 0)
        return times

    assert asyncio.run(run()) == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5]


def test_who_would_wait_for_very_long_is_told_instead() -> None:
    async def run() -> None:
        clock = Clock()
        gate = Gate(4, clock=clock, sleep=clock.sleep)
        passed = await gate.enter(1)
        gate.refused(passed, 3600.0, "come back in an hour")
        with pytest.raises(Unavailable, match="in an hour") as caught:
            await gate.enter(1)
        assert caught.value.retry_after_s == 3600.0

    asyncio.run(run())


def test_who_gives_up_waiting_holds_up_nobody() -> None:
    async def run() -> float:
        clock = Clock()
        gate = Gate(9, requests_per_minute=1, clock=clock, sleep=clock.sleep)
        await gate.enter(1)
        impatient = asyncio.create_task(gate.enter(1))
        patient = asyncio.create_task(gate.enter(1))
        await asyncio.sleep(0)
        impatient.cancel()
        while not patient.done():
            await clock.advance()
        return clock.now

    assert asyncio.run(run()) == 160.0
