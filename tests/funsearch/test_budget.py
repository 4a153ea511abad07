"""Budgets: never exceeded, used as far as they reach, and the end of a run that has spent them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funsearch.archive.archive import Archive
from funsearch.archive.records import GenerationRecord
from funsearch.budget import Amount, Budget, Spent, reached
from funsearch.prompts import Prompt
from funsearch.samplers.protocol import Sample, Usage
from funsearch.spending import Spending
from tests.funsearch.helpers import SEED, Pool, constant, loop_of, new_state, settings

REPLY = GenerationRecord(
    None, "empty", 0, 0, 0, 0, 0, (), "p", "t", "r", "openai", model="some-model"
)


def amount(tokens: int, cost: str = "0") -> Amount:
    return Amount(tokens, Decimal(cost))


def test_what_fits_exactly_passes_and_one_more_does_not() -> None:
    async def run() -> None:
        budget = Budget(max_tokens=100, max_cost=0.3)
        for _ in range(2):
            await budget.reserve(amount(50, "0.15"))
            budget.settle(amount(50, "0.15"), 50, Decimal("0.15"))
        with pytest.raises(Spent) as caught:
            await budget.reserve(amount(1))
        assert caught.value.reason == "tokens"
        other = Budget(max_cost=0.3)
        with pytest.raises(Spent) as caught:
            await other.reserve(amount(1, "0.3000001"))
        assert caught.value.reason == "cost"

    asyncio.run(run())


def test_once_refused_nothing_smaller_passes_either() -> None:
    async def run() -> None:
        budget = Budget(max_tokens=10)
        for tokens in (11, 1):
            with pytest.raises(Spent):
                await budget.reserve(amount(tokens))

    asyncio.run(run())


def test_a_request_waits_for_what_those_in_flight_leave() -> None:
    async def run() -> None:
        budget = Budget(max_tokens=100)
        await budget.reserve(amount(60))
        second = asyncio.create_task(budget.reserve(amount(60)))
        await asyncio.sleep(0)
        assert not second.done()
        budget.settle(amount(60), 40, None)
        await second
        third = asyncio.create_task(budget.reserve(amount(60)))
        budget.settle(amount(60), None, None)  # a lost reply counts with all it may have taken
        with pytest.raises(Spent):
            await third

    asyncio.run(run())


def test_earlier_sessions_count_and_their_samples_of_unknown_cost_too() -> None:
    async def reserve(spending: Spending) -> None:
        budget = Budget(max_cost=1.0)
        budget.begin(spending)
        await budget.reserve(amount(1, "0.1"))

    asyncio.run(reserve(Spending(cost=Decimal("0.9"))))
    asyncio.run(reserve(Spending(cost=Decimal("0.7"), unpriced=2)))
    for spending in (
        Spending(cost=Decimal("0.91")),
        Spending(cost=Decimal("0.7"), unpriced=3),
    ):
        with pytest.raises(Spent):
            asyncio.run(reserve(spending))


def test_replies_of_earlier_sessions_that_told_no_tokens_count_like_the_next_request() -> None:
    async def reserve(uncounted: int) -> None:
        budget = Budget(max_tokens=100)
        budget.begin(Spending(prompt_tokens=70, uncounted=uncounted))
        await budget.reserve(amount(10))

    asyncio.run(reserve(2))
    with pytest.raises(Spent):
        asyncio.run(reserve(3))


def test_one_reply_of_several_choices_is_uncounted_once() -> None:
    spending = Spending()
    for choice in range(3):
        spending.add(replace(REPLY, parameters={"choice": choice}))
    assert spending.uncounted == 1
    spending.add(replace(REPLY, prompt_tokens=0, completion_tokens=7))
    assert (spending.uncounted, spending.tokens) == (1, 7)


@given(
    limit=st.integers(0, 500),
    requests=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=20),
    seed=st.randoms(use_true_random=False),
)
def test_no_order_of_answers_exceeds_the_limit(
    limit: int, requests: list[tuple[int, int]], seed: Any
) -> None:
    async def run() -> None:
        budget = Budget(max_tokens=limit)
        taken = 0

        async def request(most: int, share: int) -> None:
            nonlocal taken
            try:
                await budget.reserve(amount(most))
            except Spent:
                return
            for _ in range(seed.randrange(3)):
                await asyncio.sleep(0)
            used = most * share // 100
            taken += used
            assert taken <= limit
            budget.settle(amount(most), used, None)

        await asyncio.wait_for(asyncio.gather(*(request(*each) for each in requests)), 10)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("tokens", "cost", "reason"),
    [(9, "0.4", None), (10, "0.4", "tokens"), (9, "0.5", "cost"), (0, "0", None)],
)
def test_records_say_what_is_used_up(tokens: int, cost: str, reason: str | None) -> None:
    assert reached(10, 0.5, Spending(tokens, 0, Decimal(cost))) == reason
    assert reached(None, None, Spending(tokens, 0, Decimal(cost))) is None


def test_a_budget_of_nothing_lets_what_is_free_pass() -> None:
    assert reached(0, 0.0, Spending()) is None
    asyncio.run(Budget(0, 0.0).reserve(amount(0)))


class Paid:
    """A sampler that takes up to 100 tokens a request and reports 60."""

    name = "paid"
    concurrency = 4

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget
        self.requests = 0

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        if self.budget is not None:
            await self.budget.reserve(amount(100))
        self.requests += 1
        for _ in range(prompt.draw % 3 + 1):
            await asyncio.sleep(0)
        if self.budget is not None:
            self.budget.settle(amount(100), 60, None)
        text = constant(prompt.draw)
        return [Sample(text, "paid", "m", usage=Usage(50, 10))] + [
            Sample(text, "paid", "m") for _ in range(count - 1)
        ]


def run_with(folder: Path, sampler: Paid, **changes: Any) -> tuple[str, Spending]:
    async def run() -> tuple[str, Spending]:
        with Archive.create(folder, "") as archive:
            state = new_state(archive)
            reason = await loop_of(archive, state, Pool(), sampler, settings(**changes)).run([SEED])
            return reason, state.spending

    return asyncio.run(run())


def test_a_run_ends_before_its_budget_is_exceeded_with_all_that_was_paid_on_record(
    tmp_path: Path,
) -> None:
    sampler = Paid(Budget(max_tokens=1000))
    reason, spending = run_with(tmp_path / "run", sampler, max_tokens=1000)
    assert reason == "tokens"
    assert spending.tokens == 60 * sampler.requests
    # After 15 requests 900 tokens are used, which leaves room for one more; after 16 it does not.
    assert sampler.requests == 16


def test_a_sampler_that_knows_no_budget_is_stopped_by_what_it_has_reported(tmp_path: Path) -> None:
    sampler = Paid()
    reason, spending = run_with(tmp_path / "run", sampler, max_tokens=1000)
    assert reason == "tokens"
    assert 1000 <= spending.tokens <= 1000 + 60 * sampler.concurrency
