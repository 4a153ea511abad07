"""A sampler that learns, far from the verdicts: it answers as well as it does at the beginning."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from funsearch.learning import Learner
from funsearch.prompts import Prompt
from funsearch.samplers.protocol import Sample, Sampler

_EVERY = 1024


class Unheard:
    """Has a sampler answer prompts without ever telling it what became of its samples.

    What one that learns keeps until the verdict on a sample would pile up; so now and then, when
    no prompt is being answered, it is made to know nothing.

    Args:
        sampler: started.
        every: prompts after which it forgets.
    """

    def __init__(self, sampler: Sampler, every: int = _EVERY) -> None:
        self._sampler, self._every = sampler, every
        self._learner = sampler if isinstance(sampler, Learner) else None
        self._begun = self._busy = 0
        self._open = asyncio.Event()
        self._open.set()
        if self._learner is not None:
            self._learner.meet(lambda _: False)
            self._learner.recall("")

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Answer a prompt; see `Sampler.sample`."""
        while not self._open.is_set():
            await self._open.wait()
        self._begun += 1
        self._busy += 1
        if self._learner is not None and self._begun >= self._every:
            self._open.clear()
        try:
            return await self._sampler.sample(prompt, run_seed, count)
        finally:
            self._busy -= 1
            if not self._busy and self._learner is not None and not self._open.is_set():
                self._learner.recall("")
                self._begun = 0
                self._open.set()
