"""The run loop: prompts, samples, evaluations and registrations in flight together.

One event loop; every stage is bounded. A sample's way is straight: `_take` writes its generation
record, and `evaluating` its evaluation record. Each record moves the state on in the same step in
which it is appended, so that the log's order is the state's.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from evaluators import admission
from evaluators.parser import Refused
from evaluators.program import Program
from funsearch import budget, patience, recording
from funsearch.archive.archive import Receipt
from funsearch.archive.records import GenerationRecord
from funsearch.budget import Spent
from funsearch.evaluating import Evaluations
from funsearch.extraction import Extracted, Wanted, extract
from funsearch.islands import Overview
from funsearch.parts import Parts, RunError
from funsearch.prompts import Failed, Prompt, Shown, render
from funsearch.samplers.protocol import (
    Acknowledged,
    Reporter,
    Sample,
    SamplerError,
    Unavailable,
)
from funsearch.spending import Spending
from funsearch.state import Best

_KEPT_PROGRAMS = 4096
"""Programs kept in memory, the latest and those drawn last; the others are in the archive."""


@dataclass(frozen=True)
class Start:
    """A program the run starts from: the problem's seed, or one from a file.

    Attributes:
        text: of the function.
        sampler: `seed` or `file`.
        origin: for the user: where the text is from.
    """

    text: str
    sampler: str
    origin: str


@dataclass(frozen=True)
class Progress:
    """A run at a glance.

    Attributes:
        seconds: of search so far, earlier sessions included.
        samples: so far.
        evaluations: verdicts so far, rejections included.
        waiting: samples without a verdict.
        best: so far.
        verdicts: status → how many.
        islands: one by one.
        outages: requests that the sampler failed to answer so far.
        paused: why no samples come at the moment; empty if they do.
        spending: what samples have cost so far.
    """

    seconds: float
    samples: int
    evaluations: int
    waiting: int
    best: Best | None
    verdicts: dict[str, int]
    islands: Sequence[Overview]
    outages: int
    paused: str
    spending: Spending = field(default_factory=Spending)


class Loop:
    """One run under way.

    Args:
        parts: what it drives.
        seconds_used: search time of earlier sessions.
    """

    def __init__(self, parts: Parts, seconds_used: float = 0.0) -> None:
        self.parts = parts
        self._wanted = Wanted.of(parts.problem)
        self._seconds_used = seconds_used
        self._started = self._reset_at = time.monotonic()
        self._next_draw = parts.state.next_draw
        self._reserved = parts.state.samples
        self._evaluations = Evaluations(
            parts, lambda coroutine: self._group.create_task(coroutine), self._after_verdict
        )
        self._reason = ""
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._sampling = 0
        self._paused = ""
        self._spent = ""
        self._recent: OrderedDict[str, Program] = OrderedDict()
        self._shown = lru_cache(maxsize=_KEPT_PROGRAMS)(self._fetch_shown)
        if isinstance(parts.sampler, Reporter):
            parts.sampler.report_to(self._note_outage)
        self._waits_for_records = parts.sampler if isinstance(parts.sampler, Acknowledged) else None

    async def run(self, starts: Sequence[Start]) -> str:
        """Search until a limit is reached or `stop` is called; return the reason.

        Args:
            starts: programs a new run starts from; none for one that is resumed.

        Raises:
            RunError: the run cannot go on.
            ArchiveError, PoolError, SamplerError: nor can it then.
        """
        self._started = self._reset_at = time.monotonic()
        timer = None
        if self.parts.settings.seconds is not None:
            left = max(0.0, self.parts.settings.seconds - self._seconds_used)
            timer = asyncio.get_running_loop().call_later(left, self.stop, "seconds")
        try:
            async with asyncio.TaskGroup() as self._group:
                await self._catch_up()
                await self._begin(starts)
                self._check_target()
                if not self._stopping.is_set():
                    await self._search()
                await self._evaluations.drain(self._hurry)
        except BaseExceptionGroup as group:
            raise _first(group) from None
        finally:
            if timer is not None:
                timer.cancel()
        return self._reason

    def stop(self, reason: str) -> None:
        """Take no more samples; what is being evaluated may finish.

        Within `evaluating.GRACE_S`, that is, if the reason is `seconds` or `interrupted`; the
        latter also overrides an earlier reason.
        """
        if reason == "interrupted" or not self._reason:
            self._reason = reason
        self._stopping.set()
        if reason in ("seconds", "interrupted"):
            self._hurry.set()

    @property
    def seconds(self) -> float:
        """Search time so far, earlier sessions included."""
        return self._seconds_used + time.monotonic() - self._started

    def progress(self) -> Progress:
        """Return how far the run is."""
        state = self.parts.state
        return Progress(
            seconds=self.seconds,
            samples=state.samples,
            evaluations=state.evaluations,
            waiting=len(state.pending),
            best=state.best,
            verdicts=dict(state.verdicts),
            islands=state.search.overview(),
            outages=state.outages,
            paused=self._paused,
            spending=replace(state.spending),
        )

    # Beginning and end

    async def _catch_up(self) -> None:
        """Evaluate what an earlier session generated and did not evaluate, in log order."""
        self._reset_if_due()
        for number, pending in sorted(self.parts.state.pending.items()):
            program = None
            if pending.record.program is not None:
                source = self.parts.archive.object(pending.record.program).decode()
                program = Program(self._wanted.name, source)
            self._evaluations.judge(number, program, None)
        await self._evaluations.drain(self._hurry)
        self._check_starts({})

    async def _begin(self, starts: Sequence[Start]) -> None:
        """Evaluate and register the programs the run starts from.

        All are on record before the first is evaluated, so that a run that is stopped here goes
        on with all of them.
        """
        extracted: list[Extracted] = []
        for start in starts:
            try:
                extracted.append(extract(start.text, self._wanted))
            except Refused as refusal:
                raise RunError(f"{start.origin}: {refusal}") from None
        for index, (start, found) in enumerate(zip(starts, extracted, strict=True)):
            record = recording.of_start(
                start.text, start.sampler, index, found.program, found.notes
            )
            self._generate(record, found.program, start.text)
        await self._evaluations.drain(self._hurry)
        self._check_starts({e.program.id: s.origin for s, e in zip(starts, extracted, strict=True)})

    def _check_starts(self, origins: Mapping[str, str]) -> None:
        """Refuse to search from a program that has no score."""
        state = self.parts.state
        for program in [] if self._stopping.is_set() else state.starts:
            found = state.population.find(program)
            if found is None or state.population.score(found) is None:
                name = origins.get(program, f"the starting program {program[:12]}")
                raise RunError(f"{name}: no score: {state.last_failure}")

    async def _search(self) -> None:
        """Sample until something stops the run."""
        samplers = [
            self._group.create_task(self._sample_on())
            for _ in range(self.parts.sampler.concurrency)
        ]
        self._sampling = len(samplers)
        await self._stopping.wait()
        for task in samplers:
            task.cancel()
        await asyncio.gather(*samplers, return_exceptions=True)

    # Samples

    async def _sample_on(self) -> None:
        """Draw, ask and pass on, until the run stops, has its samples or has spent its budget."""
        settings = self.parts.settings
        while not self._stopping.is_set():
            await self._evaluations.room.wait()
            self._spent = self._spent or self._reached()
            if self._spent:
                break
            count = settings.samples_per_prompt
            if settings.samples is not None:
                count = min(count, settings.samples - self._reserved)
            if count <= 0:
                break
            self._reserved += count
            number, self._next_draw = self._next_draw, self._next_draw + 1
            prompt = self._prompt(number)
            try:
                samples = await self._answers(prompt, count)
            except Spent as spent:
                # What others have asked for is paid for, and still comes.
                self._reserved -= count
                self._spent = spent.reason
                break
            self._reserved -= count - len(samples)
            for index, sample in enumerate(samples):
                self._take(prompt, index, sample)
            await asyncio.sleep(0)  # a sampler that never waits must not keep the loop
        self._sampling -= 1
        if not self._sampling:
            self.stop(self._spent or "samples")

    def _reached(self) -> str:
        """Return the limit that the samples on record have used up; empty if none."""
        limits = self.parts.settings
        spending = self.parts.state.spending
        return budget.reached(limits.max_tokens, limits.max_cost, spending) or ""

    def _prompt(self, number: int) -> Prompt:
        parts = self.parts
        draw = parts.state.search.draw(number)
        shown = [self._shown(program) for program in draw.programs]
        attempts = parts.state.attempts.last(draw.island, parts.template.failures)
        return render(
            parts.template,
            parts.problem,
            draw.number,
            draw.island,
            draw.epoch,
            draw.registrations,
            shown,
            [Failed(attempt, self._source(attempt.program)) for attempt in attempts],
        )

    def _source(self, program: str | None) -> str:
        if program is None:
            return ""
        known = self._recent.get(program)
        return self.parts.archive.object(program).decode() if known is None else known.source

    def _fetch_shown(self, number: int) -> Shown:
        population = self.parts.state.population
        name = population.id(number)
        program = Program(self._wanted.name, self._source(name))
        scores = dict(zip(self.parts.instances, population.signature(number), strict=True))
        score = population.score(number)
        assert score is not None, "only programs with a score are registered"
        return Shown(program, score, scores)

    async def _answers(self, prompt: Prompt, count: int) -> Sequence[Sample]:
        """Ask the sampler; while it is unavailable, wait and ask the same again."""
        attempt = 0
        while True:
            try:
                samples = await self.parts.sampler.sample(prompt, self.parts.settings.seed, count)
            except Unavailable as error:
                self._paused = str(error)
                pause = patience.pause_s(attempt, error.retry_after_s)
                self._note_outage(prompt, error, pause)
                attempt += 1
                await asyncio.sleep(pause)
            except SamplerError as error:
                self._note_outage(prompt, error)
                raise
            else:
                self._paused = ""
                return samples

    def _note_outage(
        self, prompt: Prompt, error: Unavailable | SamplerError, pause: float | None = None
    ) -> None:
        parts = self.parts
        record = recording.of_outage(prompt, parts.sampler.name, error, pause)
        parts.state.apply(parts.archive.append(record).number, record)

    def _take(self, prompt: Prompt, index: int, sample: Sample) -> None:
        extracted: Extracted | None = None
        rejected = sample.error
        if not rejected:
            try:
                extracted = extract(sample.text, self._wanted)
                if self.parts.settings.admission:
                    admission.check(extracted.program)
            except Refused as refusal:
                rejected = str(refusal)
        program = extracted.program if extracted and not rejected else None
        notes = extracted.notes if extracted else ()
        record = recording.of_sample(prompt, index, sample, program, rejected, notes)
        receipt = self._generate(record, program, sample.text)
        if self._waits_for_records is not None:
            self._waits_for_records.recorded(prompt, index, receipt)

    def _generate(self, record: GenerationRecord, program: Program | None, text: str) -> Receipt:
        objects = [recording.reply_bytes(text)]
        if program is not None:
            objects.append(program.source.encode())
            self.parts.state.expect(program.id, len(objects[1]))
            self._recent[program.id] = program
            if len(self._recent) > _KEPT_PROGRAMS:
                self._recent.popitem(last=False)
        receipt = self.parts.archive.append(record, objects)
        self.parts.state.apply(receipt.number, record)
        self._evaluations.judge(receipt.number, program, receipt)
        return receipt

    # What follows from a verdict

    def _after_verdict(self) -> None:
        self._check_target()
        self._reset_if_due()

    def _check_target(self) -> None:
        target, best = self.parts.settings.target, self.parts.state.best
        metric = self.parts.problem.metric
        if target is not None and best is not None and not metric.better(target, best.score):
            self.stop("target")

    def _reset_if_due(self) -> None:
        state = self.parts.state
        trigger = state.search.reset_due(time.monotonic() - self._reset_at)
        if trigger is None:
            return
        # The record comes out of the same method that replays it, so that both agree.
        preview = state.search.plan_reset()
        founders = tuple((island, state.population.id(p)) for island, p in preview.founders)
        record = recording.of_reset(preview.number, trigger, preview.registrations, founders)
        receipt = self.parts.archive.append(record)
        state.apply(receipt.number, record)
        self._reset_at = time.monotonic()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first plain exception of a group."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
