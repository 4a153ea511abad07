"""The way of a generation to its evaluation record: at once, or by a task that runs the program.

`judge` finds the verdict, `_settle` writes it down and moves the state on in the same step, so that
the log's order is the state's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from evaluators import certificate
from evaluators.program import Program
from evaluators.verdict import Status, Verdict
from funsearch import judging, probing, randomness, recording
from funsearch.archive.archive import Receipt
from funsearch.best import write_best
from funsearch.judging import Judge, Judgement
from funsearch.parts import Parts, RunError

GRACE_S = 0.5
"""Seconds that evaluations under way may still take when a run is stopped."""
_MOST_FAULTS = 20
"""Evaluations in a row that may fail by a fault of ours before the run stops."""


class Evaluations:
    """The evaluations of a run that are under way, a bounded number of them.

    Args:
        parts: of the run.
        spawn: starts a task whose failure ends the run.
        settled: called after each verdict, when the state has moved on.

    Attributes:
        room: set while another sample may be taken.
    """

    def __init__(
        self,
        parts: Parts,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        settled: Callable[[], None],
    ) -> None:
        self.room = asyncio.Event()
        self.room.set()
        self._parts = parts
        self._spawn = spawn
        self._settled = settled
        self._judge = Judge(parts.pool, parts.problem, parts.instances)
        self._backlog = parts.settings.backlog or _backlog(parts)
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: dict[str, asyncio.Event] = {}
        self._faults = 0

    def judge(self, number: int, program: Program | None, receipt: Receipt | None) -> None:
        """See to the verdict on a generation: at once, unless something has to be run.

        Args:
            number: of the generation record, which the state has seen.
            program: of the generation, or None.
            receipt: nothing is run before it is acknowledged; None if the record is on the disk.

        Raises:
            RunError, ArchiveError: the run cannot go on; here, or in the task.
        """
        pending = self._parts.state.pending[number]
        if program is None:
            self._reject(number, pending.record.rejected)
        elif pending.duplicate:
            self._reject(number, "duplicate: the same program was proposed on this island before")
        elif (known := judging.known(self._parts.state, program)) is not None:
            self._settle(number, Judgement(known))
        else:
            task = self._spawn(self._evaluate(number, program, receipt))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
            self._set_room()

    async def drain(self, hurry: asyncio.Event) -> None:
        """Wait for the evaluations under way; not longer than `GRACE_S` once there is hurry."""
        hurried = asyncio.create_task(hurry.wait())
        try:
            while self._tasks and not hurry.is_set():
                await asyncio.wait([hurried, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            hurried.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_S)
        for task in self._tasks:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._set_room()

    def _set_room(self) -> None:
        if len(self._tasks) < self._backlog:
            self.room.set()
        else:
            self.room.clear()

    async def _evaluate(self, number: int, program: Program, receipt: Receipt | None) -> None:
        if receipt is not None:
            await asyncio.wrap_future(receipt.acknowledged)
        while (other := self._under_way.get(program.id)) is not None:
            await other.wait()
        known = judging.known(self._parts.state, program)
        if known is not None:
            self._settle(number, Judgement(known))
            return
        done = self._under_way[program.id] = asyncio.Event()
        try:
            judgement = await self._probe(number, program)
            if judgement is None:
                judgement = await self._judge.judge(
                    program, self._would_be_best, chosen=self._is_chosen(number)
                )
            self._settle(number, judgement)
        finally:
            del self._under_way[program.id]
            done.set()

    async def _probe(self, number: int, program: Program) -> Judgement | None:
        """Return the judgement on a sample if a run on the probe decides it."""
        parts, state = self._parts, self._parts.state
        generation = state.pending[number].record
        if state.behaviours is None or generation.island is None or state.is_late(generation):
            return None
        return await probing.probe(
            parts.pool, parts.problem, parts.instances, state.behaviours, generation, program
        )

    def _is_chosen(self, number: int) -> bool:
        """Whether a verdict is compared with the interpreter's without being a best.

        The run's seed and the draw say so, for the share `judging.CONFIRMED`.
        """
        sample = self._parts.state.pending[number].record
        seed = self._parts.settings.seed
        random = randomness.for_confirmation(seed, sample.draw or 0, sample.index)
        return random.random() < judging.CONFIRMED

    def _would_be_best(self, verdict: Verdict) -> bool:
        best = self._parts.state.best
        return verdict.score is not None and (
            best is None or self._parts.problem.metric.better(verdict.score, best.score)
        )

    def _reject(self, number: int, reason: str) -> None:
        verdict = Verdict(Status.REJECTED, reason=reason, tier="")
        self._settle(number, Judgement(verdict))

    def _settle(self, number: int, judgement: Judgement) -> None:
        """Write the evaluation record of a generation, and do what follows from it."""
        parts, state, verdict = self._parts, self._parts.state, judgement.verdict
        generation = state.pending[number].record
        texts = {
            name: certificate.text(parts.problem.name, parts.problem.instance(name), found)
            for name, found in verdict.certificates.items()
        }
        digests = {name: certificate.digest(text) for name, text in texts.items()}
        record = recording.of_verdict(
            number,
            generation,
            judgement,
            parts.conditions,
            digests,
            late=state.is_late(generation),
        )
        improved = self._would_be_best(verdict)
        objects = [text.encode() for text in texts.values()] if improved else []
        receipt = parts.archive.append(record, objects)
        state.apply(receipt.number, record)
        self._faults = self._faults + 1 if verdict.status is Status.SANDBOX_ERROR else 0
        if verdict.beyond_bound is not None:
            raise RunError(verdict.reason)
        if self._faults >= _MOST_FAULTS:
            raise RunError(f"{_MOST_FAULTS} evaluations in a row failed: {verdict.reason}")
        if improved and texts:
            write_best(parts.archive.folder, texts)
        self._settled()


def _backlog(parts: Parts) -> int:
    """Return how many samples may be with the evaluators or wait for them.

    Four a worker, so that none is idle; or, beside those at work, as many as were asked for at
    once: answers that come together would otherwise hold up the next questions, while the
    evaluators could keep pace.
    """
    slots = parts.pool.slots
    asked = parts.sampler.concurrency * parts.settings.samples_per_prompt
    return max(4 * slots, slots + asked)
