"""The engine alone: samples per second from prompt to registered and recorded, fsync on.

A canned sampler returns functions of a given length, no two alike; a stub scores them from their
text without running them. Both live here and no configuration can reach them. Everything else is
what a run uses: islands, prompts, reading of replies, archive, index. Prints one JSON line.

Usage: engine_rate.py [PROGRAMS]; the growth is measured up to that many (default 100,000).
"""

import asyncio
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from evaluators.containment import Containment
from evaluators.pool import Mode
from evaluators.program import Program
from evaluators.verdict import Status, Verdict
from funsearch.archive.archive import Archive
from funsearch.archive.records import Conditions
from funsearch.config import compose
from funsearch.loop import Loop, Start
from funsearch.parts import Parts
from funsearch.prompts import Prompt
from funsearch.restoring import new_state
from funsearch.samplers.protocol import Sample

WINDOW = 2_000
"""Samples over which a rate is measured."""
SCORES = 200
"""Different scores, and so clusters."""


class Canned:
    """Returns functions of about `characters` characters; each holds its own number."""

    name = "canned"
    concurrency = 1

    def __init__(self, characters: int) -> None:
        lines: list[str] = ["def priority(el, n):", "    total = {number} * 0.5"]
        while sum(map(len, lines)) + len(lines) + 16 < characters:
            i = len(lines)
            lines.append(
                f"    total += el[{i % 8}] * {i}.25 - (el[{(i + 3) % 8}] + n) % {i % 5 + 2}"
            )
        self.text = "\n".join([*lines, "    return total", ""])

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def sample(self, prompt: Prompt, run_seed: int, count: int) -> Sequence[Sample]:
        number = 1_000_000 + prompt.draw * count
        return [
            Sample(self.text.replace("{number}", str(number + i)), self.name) for i in range(count)
        ]


class Stub:
    """Scores a program by its digest; what stands in for 16 evaluators costs nothing."""

    slots = 16
    containment = Containment(())

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def evaluate(
        self, program: Program, instances: Sequence[str], mode: Mode = Mode.FAST
    ) -> Verdict:
        await asyncio.sleep(0)
        score = float(int(hashlib.sha256(program.source.encode()).hexdigest()[:8], 16) % SCORES)
        return Verdict(Status.OK, score, dict.fromkeys(instances, score))


async def rates(characters: int, marks: Sequence[int]) -> list[float]:
    """Return samples per second in the windows that end at each of the marks."""
    config = compose(["run.seconds=null", f"run.samples={marks[-1]}"])
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as folder,
        Archive.create(Path(folder) / "run", "") as archive,
    ):
        state = new_state(config, archive)
        parts = Parts(
            problem=config.loaded.problem,
            instances=config.instances,
            settings=config.run,
            template=config.build("prompt"),
            archive=archive,
            pool=Stub(),
            sampler=Canned(characters),
            state=state,
            conditions=Conditions("a" * 64, "b" * 64, "c" * 64),
        )
        times: dict[int, float] = {}

        async def watch() -> None:
            wanted = sorted({point for mark in marks for point in (mark - WINDOW, mark)})
            for point in wanted:
                while state.evaluations < point:
                    await asyncio.sleep(0.002)
                times[point] = time.perf_counter()

        watcher = asyncio.create_task(watch())
        await Loop(parts).run([Start("def priority(el, n):\n    return 0.0\n", "seed", "seed")])
        await asyncio.wait_for(watcher, 5)
        archive.flush()
    return [round(WINDOW / (times[mark] - times[mark - WINDOW]), 1) for mark in marks]


def main() -> None:
    """Measure and print."""
    programs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    first = WINDOW + 1_000
    (at_800,) = asyncio.run(rates(800, [first]))
    at_300, at_end = asyncio.run(rates(300, [first, programs]))
    print(
        json.dumps(
            {
                "benchmark": "engine_rate",
                "samples_per_second": {"800_characters": at_800, "300_characters": at_300},
                "programs": programs,
                "samples_per_second_at_the_end": at_end,
                "end_over_start": round(at_end / at_300, 3),
                "goal": {"800_characters": 600, "300_characters": 1000, "end_over_start": 0.8},
            }
        )
    )


if __name__ == "__main__":
    main()
