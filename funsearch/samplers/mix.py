"""The sampler `mix`: several samplers at once, each answering its share of the prompts."""

from __future__ import annotations

import asyncio
import bisect
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from funsearch import randomness
from funsearch.prompts import Prompt
from funsearch.samplers.protocol import Sample, Sampler, SamplerError


@dataclass(frozen=True)
class Member:
    """A sampler and its share.

    Attributes:
        sampler: of any kind but another mix's.
        weight: its share of the prompts is this over the sum of all weights.
    """

    sampler: Sampler
    weight: float = 1.0


class Mix:
    """Gives each prompt to one of its members.

    Which one is a function of the run's seed and the draw's number, and of nothing else: not of
    who is free, fast, or reachable. So a run can be resumed and replayed from its log, and the
    weights are shares of prompts, not of time. The price: a slow member holds up its share, and
    while one is Unavailable its prompts wait, and the run with them, though the others could
    answer. To go on without it, resume with its weight at 0.

    Samples carry the member's name, not `mix`.
    """

    def __init__(self, *, members: Mapping[str, Member]) -> None:
        """Configure; nothing is started yet.

        Args:
            members: by the name that records give them; their order decides which draws are
                whose.
        """
        self._members = dict(members)
        self._limits: dict[str, asyncio.Semaphore] = {}

    @property
    def name(self) -> str:
        """As messages call the whole."""
        return "mix"

    @property
    def concurrency(self) -> int:
        """Most prompts in flight: what the members with a share take together."""
        return sum(member.sampler.concurrency for member in self._active().values())

    async def start(self) -> None:
        """Start the members with a share.

        Raises:
            SamplerError: a weight is not a number from 0 up, none is above 0, or a member cannot
                work; none is left started.
        """
        for name, member in self._members.items():
            if not (math.isfinite(member.weight) and member.weight >= 0):
                raise SamplerError(f"sampler.members.{name}.weight must be 0 or more")
        if not self._active():
            raise SamplerError("sampler.members: no member has a weight above 0")
        try:
            for name, member in self._active().items():
                try:
                    await member.sampler.start()
                except SamplerError as error:
                    raise SamplerError(f"{name}: {error}") from None
                self._limits[name] = asyncio.Semaphore(member.sampler.concurrency)
        except BaseException:
            await self.close()
            raise

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Have the draw's member answer.

        Raises:
            Unavailable: that member is not available; no other stands in.
            SamplerError: that member never will be.
        """
        name = self.member_of(run_seed, prompt.draw)
        async with self._limits[name]:
            samples = await self._members[name].sampler.sample(prompt, run_seed, count)
        return [replace(sample, sampler=name) for sample in samples]

    async def close(self) -> None:
        """Close all members, whatever one of them raises."""
        self._limits.clear()
        closing = (member.sampler.close() for member in self._members.values())
        results = await asyncio.gather(*closing, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def member_of(self, run_seed: int, draw: int) -> str:
        """Return the name of the member that answers a draw."""
        names = list(self._active())
        sums = list(itertools.accumulate(self._members[name].weight for name in names))
        point = randomness.for_member(run_seed, draw).random() * sums[-1]
        # By rounding, the point may lie on the last sum.
        return names[min(bisect.bisect_right(sums, point), len(names) - 1)]

    def _active(self) -> Mapping[str, Member]:
        return {name: member for name, member in self._members.items() if member.weight > 0}
