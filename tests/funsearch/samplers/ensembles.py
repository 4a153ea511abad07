"""Members, prompts and verdicts for tests of samplers that are made of several."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from evaluators.program import Program
from funsearch.archive.records import GenerationRecord
from funsearch.learning import Outcome
from funsearch.prompts import Prompt, Shown
from funsearch.samplers.protocol import Sample, SamplerError
from tests.funsearch.helpers import digest

PROMPT = Prompt(
    draw=0,
    island=0,
    epoch=0,
    registrations=0,
    shown=(Shown(Program("f", "def f(x):\n    return x"), 1.0, {}),),
    header="def f_v1(x):",
    text="",
    template="t",
    digest="d",
)


class Canned:
    """A sampler that answers with its text, or raises."""

    def __init__(self, text: str = "", concurrency: int = 1, raises: Any = None) -> None:
        self.text, self._concurrency, self.raises = text, concurrency, raises
        self.started = self.closed = self.now = self.most = 0

    @property
    def name(self) -> str:
        return "canned"

    @property
    def concurrency(self) -> int:
        return self._concurrency

    async def start(self) -> None:
        if isinstance(self.raises, SamplerError):
            raise self.raises
        self.started += 1

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        if self.raises:
            raise self.raises
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return [Sample(self.text, self.name, parameters={"own": 1})] * count

    async def close(self) -> None:
        self.closed += 1


class Apt(Canned):
    """One that keeps what it hears of."""

    known: Callable[[str], bool]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.heard: list[list[Any]] = []

    def meet(self, known: Callable[[str], bool]) -> None:
        self.known = known

    def learn(self, outcome: Outcome) -> None:
        self.heard.append([outcome.sample.sampler, outcome.sample.draw])

    def memory(self) -> str:
        return json.dumps(self.heard)

    def recall(self, memory: str) -> None:
        self.heard = json.loads(memory) if memory else []


def prompt(draw: int) -> Prompt:
    return replace(PROMPT, draw=draw)


def outcome(draw: int, sampler: str, *, better: bool = False, **record: Any) -> Outcome:
    """Return a verdict on a sample of a draw."""
    generation = GenerationRecord(
        program=digest(draw),
        rejected="",
        draw=draw,
        index=0,
        island=0,
        epoch=0,
        registrations=0,
        parents=(digest(0),),
        prompt=digest(1),
        template=digest(2),
        reply=digest(3),
        sampler=sampler,
    )
    sample = replace(generation, **record)
    return Outcome(sample, "ok", float(better), new=True, better=better, best=False)
