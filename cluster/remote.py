"""The sampler `remote`: its answers come from clients of `funsearch serve`.

To the run loop it is a sampler like any other; what it asks waits at the desk of the service.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from cluster.service.desk import Desk
from funsearch.archive.archive import Receipt
from funsearch.budget import Amount, Budget
from funsearch.prompts import Prompt
from funsearch.samplers.protocol import Hear, Sample, SamplerError

Close = Callable[[], Coroutine[Any, Any, None]]
Opening = Callable[[Desk], Coroutine[Any, Any, Close]]

opening: ContextVar[Opening | None] = ContextVar("opening", default=None)
"""Starts the service of a desk. Set by `serve` and never by a configuration, which may be
anybody's: a run that is resumed must not open a port because its `config.yaml` says so."""


class Remote:
    """Answers prompts with what remote samplers submit.

    What a request may cost is known where it is made, so the budget of the run is looked at when
    an answer comes: once it is used up nothing more is handed out, and what clients are at work on
    is still taken.

    Args:
        concurrency: prompts that may wait for an answer at once.
        lease_s: seconds that a client has for an answer before another one may get the prompt.
    """

    name = "remote"

    def __init__(self, concurrency: int = 32, lease_s: float = 300.0) -> None:
        if concurrency < 1 or not 0 < lease_s < float("inf"):
            raise ValueError("concurrency must be at least 1, lease_s more than 0")
        self.concurrency = concurrency
        self._lease_s = lease_s
        self._desk: Desk | None = None
        self._close: Close | None = None
        self._budget = Budget()

    def spend_from(self, budget: Budget) -> None:
        """Count what clients spend against this budget."""
        self._budget = budget

    async def start(self) -> None:
        """Open the service.

        Raises:
            SamplerError: there is no `serve` around this run, or its address cannot be had.
        """
        begin = opening.get()
        if begin is None:
            raise SamplerError(
                "sampler=remote waits for clients of a service, and this command opens none; "
                "use `funsearch serve` (for a run that is there: `funsearch serve --resume RUN`)"
            )
        self._desk = Desk(self._lease_s)
        self._close = await begin(self._desk)

    def report_to(self, hear: Hear) -> None:
        """Tell this function of clients that failed."""
        self._started.hear = hear

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Return what a client submits; waits as long as there is none.

        Raises:
            Spent: the budget is used up, and nobody is at work on this prompt.
        """
        samples = await self._started.ask(prompt, run_seed, count)
        tokens = sum(
            (sample.usage.prompt_tokens or 0) + (sample.usage.completion_tokens or 0)
            for sample in samples
        )
        cost = sum((Decimal(sample.cost or 0) for sample in samples), Decimal(0))
        reason = self._budget.count(Amount(tokens, cost))
        if reason is not None:
            self._started.hand_out_no_more(reason)
        return samples

    def recorded(self, prompt: Prompt, index: int, receipt: Receipt) -> None:
        """Hear of the record of a sample, so that its client may be told."""
        self._started.recorded(prompt, index, receipt)

    async def close(self) -> None:
        """Let the clients go, and close the service."""
        close, self._close = self._close, None
        if close is not None:
            await close()

    @property
    def _started(self) -> Desk:
        if self._desk is None:
            raise RuntimeError("used before start()")
        return self._desk
