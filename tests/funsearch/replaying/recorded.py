"""Recorded searches to replay: real ones but for what proposes and what scores, and forgeries."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from evaluators import identity
from evaluators.program import Program
from funsearch import recording
from funsearch.archive.archive import Archive
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord, Record, RunRecord
from funsearch.config import Config, compose
from funsearch.loop import Loop, Start
from funsearch.parts import Parts
from funsearch.replaying.replay import recorded_config
from funsearch.restoring import new_state, restore
from funsearch.samplers.protocol import Sample, Unavailable
from funsearch.session import config_text
from funsearch.state import SearchState
from tests.funsearch.helpers import Answers, Pool

Log = list[tuple[int, Record]]


def reply(draw: int, index: int) -> str:
    """Return one of many kinds of reply: good, repeated, failing, refused, or none at all."""
    number = (draw * 7 + index * 3) % 61
    text = f"def priority(el, n):\n    return {number - 3}\n"
    match number % 6:
        case 0:
            return f"Here you are:\n```python\nimport os\n@cache\n{text}```\nDone. \ud800"
        case 1:
            return text.replace("\n", "\n    open\n", 1)
        case 2:
            return "I would rather not."
        case 3:
            return ""
        case _:
            return text


class Replies(Answers):
    """A sampler with these replies, now and then at the second try only.

    Why a reply is empty nobody else can know.
    """

    def __init__(self, concurrency: int = 3) -> None:
        super().__init__(reply, concurrency)
        self.refused: set[int] = set()

    async def sample(self, prompt: Any, run_seed: int, count: int) -> Sequence[Sample]:
        samples = await super().sample(prompt, run_seed, count)
        if prompt.draw % 10 == 4 and prompt.draw not in self.refused:
            self.refused.add(prompt.draw)
            raise Unavailable("busy", retry_after_s=0.0)
        return [
            replace(sample, error="" if sample.text else f"refused: {prompt.draw}")
            for sample in samples
        ]


async def dawdle(program: Program) -> None:
    """Take longer for some programs than for others, so that verdicts arrive out of order."""
    for _ in range(int(program.id[:2], 16) % 40):
        await asyncio.sleep(0)


def record(folder: Path, *overrides: str) -> SearchState:
    """Run a new search in this process; return its state at the end."""
    common = ["problem.n=3", "run.seconds=null", "run.samples=160", "search=islands"]
    config = compose([*common, *overrides])
    seed = Start(inspect.getsource(config.loaded.problem.evolve), "seed", "the seed")
    with Archive.create(folder, config_text(config)) as archive:
        return asyncio.run(_session(config, archive, new_state(config, archive), [seed]))


def go_on(folder: Path, samples: int) -> SearchState:
    """Resume a search in this process."""
    with Archive.open(folder) as archive, Reader(folder) as reader:
        config = recorded_config(reader)
        config = replace(config, run=replace(config.run, samples=samples))
        state = new_state(config, archive)
        restore(state, archive, config.loaded.digest)
        starts: list[Start] = []
        if not state.starts:
            source = inspect.getsource(config.loaded.problem.evolve)
            starts = [Start(source, "seed", "the seed")]
        return asyncio.run(_session(config, archive, state, starts))


async def _session(
    config: Config, archive: Archive, state: SearchState, starts: Sequence[Start]
) -> SearchState:
    environment = recording.environment_text()
    begun = RunRecord(
        event="resumed" if state.evaluations else "started",
        problem=config.loaded.problem.name,
        problem_digest=config.loaded.digest,
        instances=config.instances,
        config=sha256((archive.folder / "config.yaml").read_bytes()).hexdigest(),
        seed=config.run.seed,
        evaluator=identity.evaluator_digest(),
        environment=identity.environment(),
        packages=sha256(environment).hexdigest(),
        log=archive.verifier,
        time=recording.now(),
    )
    state.apply(archive.append(begun, [environment]).number, begun)
    parts = Parts(
        problem=config.loaded.problem,
        instances=config.instances,
        settings=config.run,
        template=config.build("prompt"),
        archive=archive,
        pool=Pool(slots=4, hold=dawdle),
        sampler=Replies(),
        state=state,
        conditions=begun.conditions,
    )
    reason = await Loop(parts).run(starts)
    ended = replace(begun, event="finished", reason=reason, time=recording.now())
    state.apply(archive.append(ended).number, ended)
    return state


def log_of(folder: Path) -> Log:
    """Return all records of a run."""
    with Reader(folder) as reader:
        return list(reader.records())


def forge(
    source: Path, target: Path, change: Callable[[Log], Sequence[tuple[int, Record]]]
) -> Path:
    """Write a run like another one, but for a change of its log.

    Args:
        source: folder of the run.
        target: folder to make.
        change: returns the records of the forgery, each with the number it had in the source;
            what refers to that number will refer to the new one.
    """
    with Reader(source) as reader, Archive.create(target, reader.config()) as archive:
        numbers: dict[int, int] = {}
        for old, forged in change(list(reader.records())):
            named: list[str] = []
            if isinstance(forged, RunRecord):
                forged, named = replace(forged, log=archive.verifier), [forged.packages]
            elif isinstance(forged, GenerationRecord):
                named = [forged.reply, *([forged.program] if forged.program else [])]
            elif isinstance(forged, EvaluationRecord):
                generation = numbers.get(forged.generation, forged.generation)
                forged = replace(forged, generation=generation)
            receipt = archive.append(forged, [reader.object(digest) for digest in named])
            numbers[old] = receipt.number
    return target


def first(log: Log, test: Callable[[Any], bool], after: int = 0) -> int:
    """Return the number of the first record, from `after` on, that passes a test."""
    return next(number for number, record in itertools.islice(log, after, None) if test(record))
