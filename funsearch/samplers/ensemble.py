"""What samplers made of several have in common: members start, close and learn together.

Which of them answers a prompt is what tells one kind of ensemble from another.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from funsearch.budget import Budget, Spender
from funsearch.learning import Learner, Outcome
from funsearch.prompts import Prompt
from funsearch.samplers.protocol import (
    Failure,
    Hear,
    Reporter,
    Sample,
    Sampler,
    SamplerError,
    Unavailable,
)


class Ensemble:
    """Members that are started, closed and taught together; each is asked for what it can take.

    Every member that is a `Learner` hears of all samples of the run, the others' too; what it
    learned is kept under its name.
    """

    def __init__(self, samplers: Mapping[str, Sampler]) -> None:
        """Configure; nothing is started yet.

        Args:
            samplers: by the name that records give them.
        """
        self._samplers = dict(samplers)
        self._limits: dict[str, asyncio.Semaphore] = {}
        self._hear: Hear | None = None
        self._learners: dict[str, Learner] = {
            name: each for name, each in samplers.items() if isinstance(each, Learner)
        }

    def spend_from(self, budget: Budget) -> None:
        """Have all members that can keep within this budget."""
        for sampler in self._samplers.values():
            if isinstance(sampler, Spender):
                sampler.spend_from(budget)

    def report_to(self, hear: Hear) -> None:
        """Tell this function of what fails although the prompt is answered, and of whom."""
        self._hear = hear
        for name, sampler in self._samplers.items():
            if isinstance(sampler, Reporter):
                sampler.report_to(self._naming(name, hear))

    def _naming(self, name: str, hear: Hear) -> Hear:
        def named(prompt: Prompt, failure: Unavailable | SamplerError) -> None:
            failure.sampler = name
            hear(prompt, failure)

        return named

    @property
    def concurrency(self) -> int:
        """Most prompts in flight: what the members take together."""
        return sum(sampler.concurrency for sampler in self._samplers.values())

    async def start(self) -> None:
        """Start all members.

        Raises:
            SamplerError: one cannot work; none is left started.
        """
        try:
            for name, sampler in self._samplers.items():
                try:
                    await sampler.start()
                except SamplerError as error:
                    raise SamplerError(f"{name}: {error}") from None
                self._limits[name] = asyncio.Semaphore(sampler.concurrency)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close all members, whatever one of them raises."""
        self._limits.clear()
        closing = (sampler.close() for sampler in self._samplers.values())
        results = await asyncio.gather(*closing, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _ask(self, name: str, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        """Have one member answer; its samples carry its name."""
        try:
            samples = await self._samplers[name].sample(prompt, run_seed, count)
        except Failure as failure:
            failure.sampler = name
            raise
        return [replace(sample, sampler=name) for sample in samples]

    # What members learn

    def meet(self, known: Callable[[str], bool]) -> None:
        """Pass on what says whether a program was proposed in this run."""
        for learner in self._learners.values():
            learner.meet(known)

    def learn(self, outcome: Outcome) -> None:
        """Tell all that learn of a verdict."""
        for learner in self._learners.values():
            learner.learn(outcome)

    def memory(self) -> str:
        """Return what all learned; empty where none of them does learn."""
        found = {name: learner.memory() for name, learner in self._learners.items()}
        return json.dumps(found) if found else ""

    def recall(self, memory: str) -> None:
        """Give each what it had learned.

        Raises:
            ValueError: this is no memory of these members.
        """
        found = _parts_of(memory)
        if memory and set(found) != set(self._learners):
            raise ValueError("is no memory of these samplers")
        for name, learner in self._learners.items():
            learner.recall(found.get(name, ""))


def _parts_of(memory: str) -> dict[str, str]:
    """Return a memory's parts by name; none of an empty one.

    Raises:
        ValueError: it has no such parts.
    """
    try:
        found = json.loads(memory) if memory else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(type(part) is str for part in found.values()):
        raise ValueError("is no memory of several samplers")
    return found
