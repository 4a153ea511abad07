"""What several tests of the search share: made-up programs, and parts that do as they are told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evaluators.containment import Containment, Layer
from evaluators.pool import Mode
from evaluators.program import Program
from evaluators.verdict import Status, Verdict
from funsearch.archive.archive import Archive
from funsearch.archive.records import Conditions, GenerationRecord, Record
from funsearch.config import RunSettings
from funsearch.islands import make
from funsearch.loop import Loop, Start
from funsearch.parts import Parts
from funsearch.population import Population
from funsearch.prompts import Prompt, Template
from funsearch.samplers.protocol import Sample
from funsearch.state import SearchState
from problems.contract import Array, Metric, Problem

TEMPLATE = Template("test", "completion", "", "{{ header }}")


CONDITIONS = Conditions(*(hashlib.sha256(name).hexdigest() for name in (b"p", b"e", b"m")))


def digest(number: int) -> str:
    """Return the id of a made-up program."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def guess(x: int) -> float:
    """Return a number."""
    return 0


def unused(*_: Any) -> Any:
    raise AssertionError("the pool of a test scores by itself")


PROBLEM = Problem(
    name="guess",
    evolve=guess,
    construct=unused,
    score=unused,
    metric=Metric("value", "units"),
    certificate=Array("float64", 1, 1),
    instances=lambda: {"one": {}},
    training=["one"],
)
SEED = Start("def guess(x):\n    return 0\n", "seed", "the seed")


def constant(value: int) -> str:
    """Return a program that scores `value` in a `Pool`."""
    return f"def guess(x):\n    return {value}\n"


class Pool:
    """Scores a program by the number it returns; negative ones crash.

    Args:
        slots: how many at once.
        hold: called with each program before it is scored; may wait.

    Attributes:
        evaluated: sources, in order; those run once more are not counted.
        repeated: mode and source of each run in another mode than the usual.
    """

    def __init__(self, slots: int = 2, hold: Callable[[Program], Any] | None = None) -> None:
        self.slots = slots
        self.containment = Containment((Layer("limits", True, ""),))
        self.hold = hold
        self.evaluated: list[str] = []
        self.repeated: list[tuple[Mode, str]] = []
        self.running = self.most = 0

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def evaluate(
        self, program: Program, instances: Sequence[str], mode: Mode = Mode.FAST
    ) -> Verdict:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(0)
            if self.hold is not None:
                await self.hold(program)
            if mode is Mode.FAST:
                self.evaluated.append(program.source)
            else:
                self.repeated.append((mode, program.source))
            value = float(program.source.rpartition("return")[2])
            if value < 0:
                return Verdict(Status.CRASHED, reason="below zero")
            return Verdict(Status.OK, value, dict.fromkeys(instances, value))
        finally:
            self.running -= 1


class Answers:
    """A sampler whose i-th sample of draw d is `text(d, i)`."""

    name = "answers"

    def __init__(self, text: Callable[[int, int], str], concurrency: int = 1) -> None:
        self.text = text
        self.concurrency = concurrency
        self.prompts: list[Prompt] = []

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        self.prompts.append(prompt)
        await asyncio.sleep(0)
        return [Sample(self.text(prompt.draw, i), self.name) for i in range(count)]


def settings(**changes: Any) -> RunSettings:
    given: dict[str, Any] = {
        "seed": 3,
        "samples": None,
        "seconds": None,
        "target": None,
        "samples_per_prompt": 2,
        "backlog": None,
        "admission": True,
        "seeds": (),
        "dir": None,
    }
    return RunSettings(**{**given, **changes})


def new_state(archive: Archive, problem: Problem = PROBLEM, **search: Any) -> SearchState:
    population = Population(len(problem.training))
    options = {"islands": 3, "reset_registrations": 0, **search}
    islands = make(3, population, maximise=problem.metric.direction == "max", **options)
    return SearchState(
        problem.metric,
        tuple(problem.training),
        islands,
        population,
        lambda program: len(archive.object(program)),
    )


def loop_of(
    archive: Archive,
    state: SearchState,
    pool: Pool,
    sampler: Any,
    run: RunSettings,
    problem: Problem = PROBLEM,
) -> Loop:
    return Loop(
        Parts(
            problem=problem,
            instances=tuple(problem.training),
            settings=run,
            template=TEMPLATE,
            archive=archive,
            pool=pool,
            sampler=sampler,
            state=state,
            conditions=CONDITIONS,
        )
    )


def records_of(folder: Path) -> list[tuple[int, Record]]:
    with Archive.open(folder) as archive:
        return list(archive.records())


def samples_of(log: Sequence[tuple[int, Record]]) -> list[GenerationRecord]:
    return [r for _, r in log if isinstance(r, GenerationRecord) and r.draw is not None]
