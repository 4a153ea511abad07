"""One run of the corpus in given surroundings, told line by line on standard output.

    python -m tests.hostile.inside SURROUNDINGS on|off ROUNDS WORKERS [NAME ...]

Each line is a JSON object: `unavailable` with the reason; or `containment` first, `done` with the
name of each program that ended and, if that was not as expected, `says`; and `left` last.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluators import admission, processes, program
from evaluators.local import LocalPool
from evaluators.parser import Refused
from evaluators.program import Program
from evaluators.reason import clean
from evaluators.verdict import Status, Verdict
from funsearch.judging import Judge
from problems import registry
from tests.hostile.bait import Bait, laid
from tests.hostile.corpus import Hostile, corpus
from tests.hostile.honest import HONEST
from tests.hostile.leftovers import belongings
from tests.hostile.surroundings import PROJECT, SURROUNDINGS, Unavailable

_PROBE = str(Path(__file__).with_name("probe.py"))
_HONEST_EVERY = 20
"""As many hostile programs run between two rounds of honest ones."""


def tell(**message: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class _Run:
    """A pool that is open, and how programs go to it."""

    judge: Judge
    bait: Bait
    admitting: bool

    async def verdict(self, text: str) -> Verdict:
        """Return the verdict as a search would find it, were the program to be its best.

        Without admission, the text goes to the sandbox as it stands, though a search would run
        nothing that the bounded parser has not read.
        """
        candidate = Program("f", text)
        if self.admitting:
            try:
                candidate = program.read(text, "f")
                admission.check(candidate)
            except Refused as error:
                return Verdict(Status.REJECTED, reason=clean(str(error)), tier="")
        judgement = await self.judge.judge(
            candidate, lambda verdict: verdict.score is not None, chosen=False
        )
        return judgement.verdict

    async def attack(self, hostile: Hostile) -> None:
        """Run a hostile program; once more if only a busy machine may have kept it from its end."""
        text = self.bait.hook(hostile.text)
        verdict = await self.verdict(text)
        if verdict.status is Status.TIMEOUT and objection(hostile, verdict):
            verdict = await self.verdict(text)
        tell(done=hostile.name, says=objection(hostile, verdict), **_shown(verdict))

    async def trust(self) -> None:
        """Run every honest program."""
        for name, (text, score) in HONEST.items():
            verdict = await self.verdict(text)
            wrong = verdict.status is not Status.OK or verdict.score != score
            tell(
                done=f"honest/{name}",
                says=f"wants ok {score}, got {_words(verdict)}" if wrong else "",
                **_shown(verdict),
            )


def objection(hostile: Hostile, verdict: Verdict) -> str:
    """Return what is wrong with a verdict, or an empty text.

    Whatever is hostile may be refused before it is run. Else the verdict must be one of those
    expected; an `ok` must have the score expected, and no text may be more than is taken.
    """
    if verdict.reason != clean(verdict.reason):
        return f"the reason is not clean: {verdict.reason!a}"
    if verdict.status is Status.REJECTED:
        return ""
    if verdict.status not in hostile.expected:
        return f"wants {' or '.join(sorted(hostile.expected))}, got {_words(verdict)}"
    if verdict.status is Status.OK and hostile.score not in (None, verdict.score):
        return f"wants ok {hostile.score}, got {_words(verdict)}"
    return ""


def _words(verdict: Verdict) -> str:
    return " ".join(
        filter(None, (verdict.status, str(verdict.score or ""), verdict.reason, *verdict.flags))
    )


def _shown(verdict: Verdict) -> dict[str, object]:
    return {"status": verdict.status, "reason": verdict.reason, "seconds": verdict.seconds}


async def _attack_all(run: _Run, pending: Iterator[Hostile]) -> None:
    for count, hostile in enumerate(pending):
        await run.attack(hostile)
        if count % _HONEST_EVERY == 0:
            await run.trust()


async def _run(bait: Bait, admitting: bool, rounds: int, workers: int, names: list[str]) -> None:
    pool = LocalPool(_PROBE, workers)
    problem = registry.load(_PROBE).problem
    programs = [each for each in corpus() if not names or each.name in names]
    await pool.start()
    try:
        tell(containment=pool.containment.line())
        run = _Run(Judge(pool, problem, problem.training), bait, admitting)
        for _ in range(rounds):
            pending = iter(programs)
            async with asyncio.TaskGroup() as group:
                for _ in range(pool.slots):
                    group.create_task(_attack_all(run, pending))
            await run.trust()
    finally:
        await pool.close()


def main() -> None:
    """Enter the surroundings, run the corpus there, and tell what is left."""
    surroundings, admitting, rounds, workers, *names = sys.argv[1:]
    os.chdir(PROJECT)
    if surroundings != "as started":
        try:
            SURROUNDINGS[surroundings]()
        except Unavailable as error:
            tell(unavailable=str(error))
            return
        again = [sys.executable, "-m", "tests.hostile.inside", "as started", *sys.argv[2:]]
        os.execv(sys.executable, again)
    processes.become_subreaper()
    before = belongings()
    with laid() as bait:
        asyncio.run(_run(bait, admitting == "on", int(rounds), int(workers), names))
        left = bait.touched()
    tell(left=left + belongings().beyond(before))


if __name__ == "__main__":
    main()
