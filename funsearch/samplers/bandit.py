"""The sampler `bandit`: several samplers, asked the more the more they improve for what they cost.

What it learns from and what it decides by is on record, sample by sample.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from funsearch import randomness
from funsearch.learning import Outcome
from funsearch.prompts import Prompt
from funsearch.samplers.ensemble import Ensemble
from funsearch.samplers.protocol import Sample, Sampler, SamplerError, Unavailable
from funsearch.samplers.tally import MEASURES, Arm, Tally, weigh
from funsearch.text import one_line

_AWAY_S = 15.0
"""So long a member that is not available is left alone, unless it says how long."""
_MOST_MEMBERS = 16
"""So that the record of a decision has room for all of them."""
_NAME = 40
"""Characters of a member's name there."""


@dataclass
class _Waiting:
    """Samples of a draw whose verdicts are still to come, and who was asked for them."""

    arm: str
    samples: int


class Bandit(Ensemble):
    """Gives each prompt to the member with the highest bound on its gain over its cost.

    The gain of a sample is 1 if its program scores better than all that its prompt showed, else 0.
    New bests of the run would say more of each sample, but there are a few dozen in a run, too few
    to learn from; and a sample, not a draw, is counted, since servers return fewer than they were
    asked for. The bound is `tally.weigh`'s.

    Who answers follows from the verdicts so far, from what was asked and has no verdict yet, and,
    between equals, from the run's seed and the draw. The one thing beside these is that a member
    may be Unavailable: then the next best answers, and that member is left alone for as long as it
    says. Each sample's parameters tell all of that: `bandit` has for every member what was known
    when it was chosen, the chosen one first unless others were not available, whom
    `bandit_instead_of` names.

    A prompt waits while the chosen member has as many in flight as it takes, though others may be
    idle: what is saved is cost, not time. Samples carry the member's name, not `bandit`.
    """

    def __init__(
        self,
        *,
        members: Mapping[str, Sampler],
        exploration: float = 0.25,
        half_life: float = 2000.0,
        cost: str = "auto",
    ) -> None:
        """Configure; nothing is started yet.

        Args:
            members: by the name that records give them; of any kind that is no ensemble.
            exploration: how much the doubt about a member counts; 0 for not at all.
            half_life: after so many verdicts one counts half, because improving gets harder.
            cost: one of `tally.MEASURES`, or `auto` for the first that is known of all members.
        """
        super().__init__(members)
        self._exploration, self._half_life, self._cost = exploration, half_life, cost
        self._tallies = {name: Tally() for name in members}
        self._waiting: dict[int, _Waiting] = {}
        self._away: dict[str, float] = {}

    @property
    def name(self) -> str:
        """As messages call the whole."""
        return "bandit"

    async def start(self) -> None:
        """Start all members.

        Raises:
            SamplerError: a setting makes no sense, or a member cannot work; none is left started.
        """
        if not 1 <= len(self._samplers) <= _MOST_MEMBERS:
            raise SamplerError(f"sampler.members: there must be 1 to {_MOST_MEMBERS} of them")
        if not (math.isfinite(self._exploration) and self._exploration >= 0):
            raise SamplerError("sampler.exploration must be a number from 0 up")
        if not (math.isfinite(self._half_life) and self._half_life >= 1):
            raise SamplerError("sampler.half_life must be a number from 1 up")
        if self._cost not in ("auto", *MEASURES):
            choices = ", ".join(MEASURES)
            raise SamplerError(f"sampler.cost must be auto or one of: {choices}")
        await super().start()

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Have the best member that is available answer.

        Raises:
            Unavailable: none is; says when the first of them is to be asked again.
            SamplerError: a member that was asked never will be.
        """
        measure, arms = self.choose(run_seed, prompt.draw)
        told = f"by {measure}: " + "; ".join(map(_in_words, arms))
        failures: dict[str, Unavailable] = {}
        for arm in arms:
            try:
                samples = await self._ask_for(arm.name, prompt, run_seed, count)
            except Unavailable as error:
                failures[arm.name] = error
                continue
            notes = {"bandit": told}
            if failures:
                notes["bandit_instead_of"] = ", ".join(one_line(name, _NAME) for name in failures)
            for failure in failures.values():
                # One that was left alone was not asked, and did not fail again.
                if self._hear is not None and failure.sampler:
                    self._hear(prompt, failure)
            return [replace(each, parameters={**each.parameters, **notes}) for each in samples]
        now = asyncio.get_running_loop().time()
        first = min(self._away.get(name, now) for name in failures)
        whys = "; ".join(f"{name}: {failure}" for name, failure in failures.items())
        raise Unavailable(whys, retry_after_s=max(0.0, first - now))

    def choose(self, run_seed: int, draw: int) -> tuple[str, list[Arm]]:
        """Return what cost is measured by, and the members, the one to ask first."""
        waiting = dict.fromkeys(self._tallies, 0)
        for each in self._waiting.values():
            waiting[each.arm] += each.samples
        measure, arms = weigh(self._tallies, waiting, self._cost, self._exploration)
        order = randomness.for_member(run_seed, draw).permutation(len(arms))
        mixed = [arms[place] for place in order]
        return measure, sorted(mixed, key=lambda arm: -arm.bound)

    async def _ask_for(
        self, name: str, prompt: Prompt, run_seed: int, count: int
    ) -> Sequence[Sample]:
        """Ask one member, and note that its samples have no verdict yet."""
        clock = asyncio.get_running_loop().time
        self._waiting[prompt.draw] = _Waiting(name, count)
        samples: Sequence[Sample] = ()
        try:
            async with self._limits[name]:
                # It may have been found out while others were waited for.
                if self._away.get(name, -math.inf) > clock():
                    raise Unavailable("was not available a moment ago")
                try:
                    samples = await self._ask(name, prompt, run_seed, count)
                except Unavailable as error:
                    pause = _AWAY_S if error.retry_after_s is None else error.retry_after_s
                    self._away[name] = clock() + pause
                    raise
        finally:
            if samples:
                self._waiting[prompt.draw].samples = len(samples)
            else:
                del self._waiting[prompt.draw]
        self._away.pop(name, None)
        return samples

    # What it learns

    def learn(self, outcome: Outcome) -> None:
        """Count a verdict for the member whose sample it is on; tell the members of it."""
        super().learn(outcome)
        draw, name = outcome.sample.draw, outcome.sample.sampler
        if draw in self._waiting:
            self._waiting[draw].samples -= 1
            if self._waiting[draw].samples <= 0:
                del self._waiting[draw]
        if name in self._tallies:
            for tally in self._tallies.values():
                tally.fade(0.5 ** (1.0 / self._half_life))
            self._tallies[name].add(outcome)

    def memory(self) -> str:
        """Return what it counted, and what its members learned."""
        tallies = {name: tally.numbers() for name, tally in self._tallies.items()}
        return json.dumps({"members": super().memory(), "tallies": tallies})

    def recall(self, memory: str) -> None:
        """Know what another had counted, and give the members what they had learned.

        Raises:
            ValueError: this is no memory of such an ensemble.
        """
        self._waiting.clear()
        self._tallies = {name: Tally() for name in self._samplers}
        if not memory:
            super().recall("")
            return
        try:
            found = json.loads(memory)
            tallies, members = found["tallies"], found["members"]
            if set(tallies) != set(self._tallies) or type(members) is not str:
                raise ValueError("is of other members")
            self._tallies = {name: Tally.of(tallies[name]) for name in self._tallies}
        except (KeyError, TypeError, ValueError, RecursionError):
            raise ValueError("is no memory of these samplers") from None
        super().recall(members)


def _in_words(arm: Arm) -> str:
    """Return what was known of a member, for the record."""
    cost = "unknown" if arm.cost is None else f"{arm.cost:.3g}"
    return (
        f"{one_line(arm.name, _NAME)} samples={arm.samples:.4g} better={arm.better:.3g}"
        f" waiting={arm.waiting} cost={cost} bound={arm.bound:.3g}"
    )
