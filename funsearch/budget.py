"""The budget of a run: nothing is sent that might cost more than is left of it.

Before each request the most that it can cost is set aside; once it is answered, what it did cost
takes that place. So the limits hold, however many requests are in flight.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable

from funsearch.spending import Spending

Reason = Literal["tokens", "cost"]


class Spent(Exception):
    """The budget does not allow another request.

    Attributes:
        reason: which limit is in the way.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"run.max_{reason} allows no further request")
        self.reason: Reason = reason


@dataclass(frozen=True)
class Amount:
    """What a request costs, or may cost.

    Attributes:
        tokens: of prompt and answers together.
        cost: in US dollars.
    """

    tokens: int = 0
    cost: Decimal = Decimal(0)


class Budget:
    """What the samplers of a run may spend, over all its sessions.

    A request whose reply was lost, or says nothing of its price, may have cost nothing or all that
    was set aside for it: it counts with the latter until the session ends. Where earlier sessions
    have replies of unknown size or cost, each counts like the request that is about to be sent.

    Args:
        max_tokens: most tokens, or None.
        max_cost: most US dollars, or None.
    """

    def __init__(self, max_tokens: int | None = None, max_cost: float | None = None) -> None:
        self._max_tokens = max_tokens
        self._max_cost = None if max_cost is None else Decimal(repr(max_cost))
        self._tokens, self._cost = 0, Decimal(0)
        self._uncounted = self._unpriced = 0
        self._in_flight = 0
        self._closed: Reason | None = None
        self._changed = asyncio.Event()

    @property
    def limits_tokens(self) -> bool:
        """Whether there is a limit on tokens."""
        return self._max_tokens is not None

    @property
    def limits_cost(self) -> bool:
        """Whether there is a limit on money."""
        return self._max_cost is not None

    def begin(self, spending: Spending) -> None:
        """Start from what earlier sessions have spent."""
        self._tokens, self._cost = spending.tokens, spending.cost
        self._uncounted, self._unpriced = spending.uncounted, spending.unpriced

    async def reserve(self, most: Amount) -> None:
        """Set aside what a request may cost; wait while others in flight may leave enough.

        Raises:
            Spent: nothing is in flight, and it is more than is left; from then on for every
                request, so that the run ends.
        """
        while True:
            if self._closed is None:
                reason = self._hindrance(most)
                if reason is None:
                    break
                if not self._in_flight:
                    self._closed = reason
                    self._wake()
            if self._closed is not None:
                raise Spent(self._closed)
            await self._changed.wait()
        self._tokens += most.tokens
        self._cost += most.cost
        self._in_flight += 1

    def settle(self, most: Amount, tokens: int | None, cost: Decimal | None) -> None:
        """Replace what was set aside for a request by what it took.

        Args:
            most: what was set aside.
            tokens: that it took; None if nobody knows.
            cost: in US dollars; None if nobody knows.
        """
        self._in_flight -= 1
        self._tokens += 0 if tokens is None else tokens - most.tokens
        self._cost += 0 if cost is None else cost - most.cost
        self._wake()

    def count(self, amount: Amount) -> Reason | None:
        """Count what others have spent without asking; return the limit that is used up, if any."""
        self._tokens += amount.tokens
        self._cost += amount.cost
        if self._max_tokens is not None and self._tokens >= self._max_tokens:
            return "tokens"
        return "cost" if self._max_cost is not None and self._cost >= self._max_cost else None

    def _hindrance(self, most: Amount) -> Reason | None:
        tokens = self._tokens + most.tokens * (1 + self._uncounted)
        if self._max_tokens is not None and tokens > self._max_tokens:
            return "tokens"
        cost = self._cost + most.cost * (1 + self._unpriced)
        if self._max_cost is not None and cost > self._max_cost:
            return "cost"
        return None

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


@runtime_checkable
class Spender(Protocol):
    """A sampler that keeps within a budget."""

    def spend_from(self, budget: Budget) -> None:
        """Ask this budget before each request; called before `start`.

        `start` then raises SamplerError if what a request may cost cannot be told.
        """
        ...


def reached(max_tokens: int | None, max_cost: float | None, spending: Spending) -> Reason | None:
    """Return the limit that records say is used up, whichever sampler used it."""
    if max_tokens is not None and spending.tokens and spending.tokens >= max_tokens:
        return "tokens"
    if max_cost is not None and spending.cost and spending.cost >= Decimal(repr(max_cost)):
        return "cost"
    return None
