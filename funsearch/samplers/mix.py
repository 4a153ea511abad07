"""The sampler `mix`: several samplers at once, each answering its share of the prompts."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from funsearch import randomness
from funsearch.prompts import Prompt
from funsearch.samplers.ensemble import Ensemble
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


class Mix(Ensemble):
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
                whose. Those with a weight of 0 are left alone.
        """
        self._weights = {name: member.weight for name, member in members.items()}
        super().__init__({name: m.sampler for name, m in members.items() if m.weight > 0})

    @property
    def name(self) -> str:
        """As messages call the whole."""
        return "mix"

    async def start(self) -> None:
        """Start the members with a share.

        Raises:
            SamplerError: a weight is not a number from 0 up, none is above 0, or a member cannot
                work; none is left started.
        """
        for name, weight in self._weights.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise SamplerError(f"sampler.members.{name}.weight must be 0 or more")
        if not self._samplers:
            raise SamplerError("sampler.members: no member has a weight above 0")
        await super().start()

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Have the draw's member answer.

        Raises:
            Unavailable: that member is not available; no other stands in.
            SamplerError: that member never will be.
        """
        name = self.member_of(run_seed, prompt.draw)
        async with self._limits[name]:
            return await self._ask(name, prompt, run_seed, count)

    def member_of(self, run_seed: int, draw: int) -> str:
        """Return the name of the member that answers a draw."""
        names = list(self._samplers)
        sums = list(itertools.accumulate(self._weights[name] for name in names))
        point = randomness.for_member(run_seed, draw).random() * sums[-1]
        # By rounding, the point may lie on the last sum.
        return names[min(bisect.bisect_right(sums, point), len(names) - 1)]
