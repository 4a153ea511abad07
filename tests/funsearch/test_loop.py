"""The run loop: nothing lost, nothing twice, everything bounded, and the log tells it all."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluators.pool import Mode
from evaluators.program import Program
from evaluators.verdict import Status, Verdict
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.records import EvaluationRecord, GenerationRecord, OutageRecord
from funsearch.loop import Loop, RunError, Start
from funsearch.samplers.protocol import SamplerError, Unavailable
from problems.contract import Known, Metric
from tests.funsearch.helpers import (
    PROBLEM,
    SEED,
    Answers,
    Pool,
    constant,
    loop_of,
    new_state,
    records_of,
    samples_of,
    settings,
)


def varied(draw: int, index: int) -> str:
    """Return one of few programs, some of which fail, some of which do not parse."""
    number = int(np.random.default_rng((draw, index)).integers(-4, 40))
    return constant(number) if number % 7 else "I would rather not."


def search(
    folder: Path,
    pool: Pool | None = None,
    sampler: Any = None,
    problem: Any = PROBLEM,
    search: dict[str, Any] | None = None,
    **changes: Any,
) -> Loop:
    """Run a new search to its end."""

    async def run() -> Loop:
        with Archive.create(folder, "") as archive:
            state = new_state(archive, problem, **(search or {}))
            loop = loop_of(
                archive,
                state,
                pool or Pool(),
                sampler or Answers(varied),
                settings(**changes),
                problem,
            )
            loop.reason = await loop.run([SEED])  # type: ignore[attr-defined]
            return loop

    return asyncio.run(run())


@pytest.mark.parametrize("samples", [0, 1, 7, 100])
@pytest.mark.parametrize("concurrency", [1, 5])
def test_every_sample_is_generated_and_judged_once(
    tmp_path: Path, samples: int, concurrency: int
) -> None:
    search(tmp_path / "run", sampler=Answers(varied, concurrency), samples=samples)
    log = records_of(tmp_path / "run")
    assert len(samples_of(log)) == samples
    generations = [n for n, r in log if isinstance(r, GenerationRecord)]
    judged = Counter(r.generation for _, r in log if isinstance(r, EvaluationRecord))
    assert judged == Counter(generations)


def test_the_log_implies_the_search(tmp_path: Path) -> None:
    loop = search(tmp_path / "run", samples=400, search={"reset_registrations": 20})
    state = loop.parts.state
    with Archive.open(tmp_path / "run") as archive:
        again = new_state(archive, reset_registrations=20)
        for number, record in archive.records():
            again.apply(number, record)
    assert again.search.overview() == state.search.overview()
    assert again.best == state.best
    assert again.verdicts == state.verdicts
    assert again.search.resets == state.search.resets > 2
    assert again.next_draw == state.next_draw


def test_one_at_a_time_two_runs_are_the_same(tmp_path: Path) -> None:
    def log(name: str) -> list[Any]:
        search(tmp_path / name, Pool(slots=1), samples=80, samples_per_prompt=1, backlog=1)
        return [replace(r, time="") for _, r in records_of(tmp_path / name)]

    assert log("a") == log("b")


def test_a_program_is_not_evaluated_twice(tmp_path: Path) -> None:
    pool = Pool()
    search(tmp_path / "run", pool, Answers(lambda draw, i: constant(draw % 3)), samples=200)
    assert max(Counter(pool.evaluated).values()) == 1
    log = records_of(tmp_path / "run")
    verdicts = [r for _, r in log if isinstance(r, EvaluationRecord)]
    generations = {n: r for n, r in log if isinstance(r, GenerationRecord)}
    duplicates = [r for r in verdicts if r.status == "rejected"]
    reused = [r for r in verdicts if "reused" in r.flags]
    assert duplicates
    assert reused
    assert all(r.reason.startswith("duplicate") and not r.registered for r in duplicates)
    assert all(r.registered and r.score is not None for r in reused)
    # Once an island, and the seed's program is on every one from the start.
    places = Counter(
        (generations[r.generation].program, generations[r.generation].island)
        for r in verdicts
        if r.registered and generations[r.generation].island is not None
    )
    assert max(places.values()) == 1


def test_equal_programs_in_flight_are_evaluated_once(tmp_path: Path) -> None:
    pool = Pool(slots=4, hold=lambda program: asyncio.sleep(0.001))
    sampler = Answers(lambda draw, i: constant(5), concurrency=4)
    search(tmp_path / "run", pool, sampler, samples=40)
    assert Counter(pool.evaluated)[constant(5).strip()] == 1


def test_a_late_result_is_recorded_and_not_registered(tmp_path: Path) -> None:
    # The first sample comes back when its island was reset, which is always the worse one.
    released = asyncio.Event()

    async def hold(program: Program) -> None:
        if program.source.endswith("return 1000"):
            await released.wait()

    class Releasing(Answers):
        async def sample(self, prompt: Any, run_seed: int, count: int) -> Any:
            answers = await super().sample(prompt, run_seed, count)
            first = self.prompts[0]
            if prompt.island == first.island and prompt.epoch > first.epoch:
                released.set()
            base = 0 if prompt.island == first.island else 500
            values = [base + (prompt.draw * count + i) % 400 + 1 for i in range(count)]
            if prompt.draw == 0:
                values[0] = 1000
            return [replace(a, text=constant(v)) for a, v in zip(answers, values, strict=True)]

    loop = search(
        tmp_path / "run",
        Pool(slots=4, hold=hold),
        Releasing(varied),
        samples=100,
        # Beside the one that is held, one at a time: no other result is ever late.
        samples_per_prompt=1,
        backlog=2,
        search={"reset_registrations": 4, "islands": 2},
    )
    log = records_of(tmp_path / "run")
    late = [r for _, r in log if isinstance(r, EvaluationRecord) and r.late]
    assert any(r.score == 1000 for r in late)
    assert not any(r.registered for r in late)
    assert loop.parts.state.best is not None
    assert loop.parts.state.best.score == 1000, "it is the best program all the same"


def test_samples_wait_for_evaluators(tmp_path: Path) -> None:
    pool = Pool(slots=1, hold=lambda program: asyncio.sleep(0))
    sampler = Answers(lambda draw, i: constant(draw * 10 + i))
    loop = search(tmp_path / "run", pool, sampler, samples=100, backlog=3)
    assert pool.most <= 3 - 1 + loop.parts.settings.samples_per_prompt


def test_answers_that_come_together_hold_up_no_question(tmp_path: Path) -> None:
    asked_again = asyncio.Event()

    class Counting(Answers):
        async def sample(self, prompt: Any, run_seed: int, count: int) -> Any:
            answers = await super().sample(prompt, run_seed, count)
            if len(self.prompts) > self.concurrency:
                asked_again.set()
            return answers

    async def hold(program: Program) -> None:
        if sampler.prompts:
            await asyncio.wait_for(asked_again.wait(), 10)

    # No sample is evaluated before the sampler, which answers twelve at once, is asked once more.
    sampler = Counting(lambda draw, i: constant(draw + 1), concurrency=12)
    loop = search(
        tmp_path / "run", Pool(slots=1, hold=hold), sampler, samples=30, samples_per_prompt=1
    )
    assert loop.parts.state.evaluations == 31


def test_evaluators_work_while_samplers_wait(tmp_path: Path) -> None:
    waiting = asyncio.Event()

    class Slow(Answers):
        async def sample(self, prompt: Any, run_seed: int, count: int) -> Any:
            if prompt.draw == 1:
                await asyncio.wait_for(waiting.wait(), 10)
            return await super().sample(prompt, run_seed, count)

    async def hold(program: Program) -> None:
        if program.source.endswith("return 7"):
            waiting.set()

    search(tmp_path / "run", Pool(hold=hold), Slow(lambda d, i: constant(7 + d)), samples=4)
    assert waiting.is_set()


@pytest.mark.parametrize("target", [20, 35.5])
def test_target_stops_the_run(tmp_path: Path, target: float) -> None:
    loop = search(tmp_path / "run", target=target, samples=10_000)
    assert loop.reason == "target"  # type: ignore[attr-defined]
    assert loop.parts.state.best is not None
    assert loop.parts.state.best.score >= target
    assert loop.parts.state.samples < 10_000


def test_seconds_stop_the_run_though_a_candidate_hangs(tmp_path: Path) -> None:
    async def hold(program: Program) -> None:
        if not program.source.endswith("return 0"):
            await asyncio.Event().wait()

    loop = search(tmp_path / "run", Pool(hold=hold), seconds=0.5)
    assert loop.reason == "seconds"  # type: ignore[attr-defined]
    assert loop.parts.state.pending


def test_unavailable_sampler_pauses_and_is_asked_the_same_again(tmp_path: Path) -> None:
    class Shaky(Answers):
        failures = 0

        async def sample(self, prompt: Any, run_seed: int, count: int) -> Any:
            answer = await super().sample(prompt, run_seed, count)
            if prompt.draw % 5 == 2 and self.failures < 4:
                self.failures += 1
                raise Unavailable("the endpoint is down", retry_after_s=0.0)
            return answer

    sampler = Shaky(varied)
    loop = search(tmp_path / "run", sampler=sampler, samples=40)
    asked = [prompt.draw for prompt in sampler.prompts]
    assert sorted(set(asked)) == list(range(20)), "no draw is skipped"
    assert len(asked) == 20 + sampler.failures
    assert len(samples_of(records_of(tmp_path / "run"))) == 40
    outages = [r for _, r in records_of(tmp_path / "run") if isinstance(r, OutageRecord)]
    assert len(outages) == loop.parts.state.outages == loop.progress().outages == 4
    assert {(r.sampler, r.reason) for r in outages} == {("answers", "the endpoint is down")}
    assert [r.draw for r in outages] == [2, 2, 2, 2]
    # A sampler that wants to be asked again at once is believed less and less.
    assert [r.retry_seconds for r in outages] == [0.01, 0.02, 0.04, 0.08]


def test_sampler_that_will_never_answer_ends_the_run(tmp_path: Path) -> None:
    class Broken(Answers):
        async def sample(self, prompt: Any, run_seed: int, count: int) -> Any:
            raise SamplerError("wrong key")

    with pytest.raises(SamplerError, match="wrong key"):
        search(tmp_path / "run", sampler=Broken(varied, concurrency=3), samples=40)


def test_a_score_beyond_a_proven_bound_ends_the_run(tmp_path: Path) -> None:
    class Unbounded(Pool):
        async def evaluate(self, program: Program, instances: Any, mode: Mode = Mode.FAST) -> Any:
            verdict = await super().evaluate(program, instances)
            return replace(verdict, beyond_bound="one" if (verdict.score or 0) > 30 else None)

    problem = replace(PROBLEM, metric=Metric("v", "u", bound={"one": Known(30, "a proof")}))
    with pytest.raises(RunError, match="passes the proven bound of 30"):
        search(tmp_path / "run", Unbounded(), problem=problem, samples=1000)
    verdicts = [r for _, r in records_of(tmp_path / "run") if isinstance(r, EvaluationRecord)]
    assert {r.score for r in verdicts if r.status == "sandbox_error"} == {None}
    assert max(r.score or 0 for r in verdicts) <= 30


@pytest.mark.parametrize(
    ("text", "message"),
    [("def guess(x):\n    return -1\n", "below zero"), ("hello", "no function guess")],
)
def test_a_start_that_fails_ends_the_run(tmp_path: Path, text: str, message: str) -> None:
    async def run() -> None:
        with Archive.create(tmp_path / "run", "") as archive:
            parts = (archive, new_state(archive), Pool(), Answers(varied), settings(samples=5))
            await loop_of(*parts).run([SEED, Start(text, "file", "my.py")])

    with pytest.raises(RunError, match=f"my.py: .*{message}"):
        asyncio.run(run())


def test_full_disk_ends_the_run_with_all_that_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import funsearch.archive.journal as journal

    commit = journal.Journal.commit

    def failing(self: Any, number: int, lines: Sequence[bytes]) -> None:
        if number + len(lines) > 60:
            raise OSError(28, "No space left on device")
        commit(self, number, lines)

    monkeypatch.setattr(journal.Journal, "commit", failing)
    with pytest.raises(ArchiveError, match="No space left on device"):
        search(tmp_path / "run", samples=500)
    monkeypatch.undo()
    log = records_of(tmp_path / "run")
    assert 20 < len(log) <= 61
    with Archive.open(tmp_path / "run") as archive:
        again = new_state(archive)
        for number, record in archive.records():
            again.apply(number, record)


def test_resume_evaluates_first_what_was_generated_in_log_order(tmp_path: Path) -> None:
    async def hold(program: Program) -> None:
        if not program.source.endswith("return 0"):
            await asyncio.Event().wait()

    search(tmp_path / "run", Pool(slots=6, hold=hold), Answers(lambda d, i: constant(d * 2 + i)),
           seconds=0.5)  # fmt: skip
    waiting = [r.program for r in samples_of(records_of(tmp_path / "run")) if r.draw or r.index]

    async def resume() -> Loop:
        with Archive.open(tmp_path / "run") as archive:
            state = new_state(archive)
            for number, record in archive.records():
                state.apply(number, record)
            pending = len(state.pending)
            assert pending > 3
            loop = loop_of(
                archive, state, Pool(slots=1), Answers(varied), settings(samples=state.samples + 6)
            )
            await loop.run([])
            assert not state.pending
            return loop

    asyncio.run(resume())
    log = records_of(tmp_path / "run")
    evaluated = [
        r.program for _, r in log if isinstance(r, EvaluationRecord) and r.program in waiting
    ]
    assert evaluated[: len(waiting)] == waiting
    with Archive.open(tmp_path / "run") as archive:
        again = new_state(archive)
        for number, record in archive.records():
            again.apply(number, record)


def test_interrupt_abandons_what_hangs_and_overrides_the_reason(tmp_path: Path) -> None:
    async def run() -> str:
        started = asyncio.Event()

        async def hold(program: Program) -> None:
            if not program.source.endswith("return 0"):
                started.set()
                await asyncio.Event().wait()

        with Archive.create(tmp_path / "run", "") as archive:
            sampler = Answers(lambda d, i: constant(d * 2 + i + 1))
            parts = (archive, new_state(archive), Pool(hold=hold), sampler, settings(samples=2))
            loop = loop_of(*parts)
            task = asyncio.create_task(loop.run([SEED]))
            await started.wait()
            loop.stop("interrupted")
            return await asyncio.wait_for(task, 5)

    assert asyncio.run(run()) == "interrupted"


class Accelerated(Pool):
    """Scores in another tier, which is off by `error` for programs above 20."""

    def __init__(self, error: float = 0.0, *, hangs: bool = False) -> None:
        super().__init__()
        self.error = error
        self.hangs = hangs

    async def evaluate(self, program: Program, instances: Any, mode: Mode = Mode.FAST) -> Any:
        verdict = await super().evaluate(program, instances, mode)
        if verdict.score is None:
            return verdict
        if mode is Mode.FAST:
            score = verdict.score + (self.error if verdict.score > 20 else 0.0)
            return replace(verdict, score=score, scores={"one": score}, tier="array")
        return Verdict(Status.TIMEOUT, reason="slow") if self.hangs else verdict


def evaluations_of(folder: Path) -> list[EvaluationRecord]:
    return [r for _, r in records_of(folder) if isinstance(r, EvaluationRecord)]


@pytest.mark.parametrize("kind", [Pool, Accelerated])
def test_every_would_be_best_is_run_again_in_another_zygote(
    tmp_path: Path, kind: type[Pool]
) -> None:
    pool = kind()
    search(tmp_path / "run", pool, Answers(lambda d, i: constant(d * 2 + i + 1)), samples=60)
    assert pool.repeated == [(Mode.AGAIN, source) for source in pool.evaluated], (
        "each program was better than all before"
    )
    assert len(pool.evaluated) == 61
    assert {r.confirmed for r in evaluations_of(tmp_path / "run")} == {("again",)}


def test_some_other_accelerated_verdicts_are_compared_with_the_interpreter(tmp_path: Path) -> None:
    falling = Answers(lambda d, i: constant(2000 - d * 2 - i))
    pool = Accelerated()
    search(tmp_path / "run", pool, falling, samples=400)
    modes = Counter(mode for mode, _ in pool.repeated)
    assert 2 <= modes[Mode.AGAIN] <= 20, "the seed, and those under way before another is a best"
    assert 5 <= modes[Mode.EXACT] <= 45, "5 % of the rest"
    confirmed = Counter(r.confirmed for r in evaluations_of(tmp_path / "run"))
    assert confirmed[("again",)] == modes[Mode.AGAIN]
    assert confirmed[("exact",)] == modes[Mode.EXACT]
    pool = Pool()
    search(tmp_path / "other", pool, falling, samples=400)
    assert {mode for mode, _ in pool.repeated} == {Mode.AGAIN}, (
        "what the interpreter said need not be compared with it"
    )


def test_on_a_difference_the_interpreter_counts(tmp_path: Path) -> None:
    loop = search(tmp_path / "run", Accelerated(error=100), samples=300)
    flagged = [r for r in evaluations_of(tmp_path / "run") if "tier_divergence" in r.flags]
    assert flagged
    assert all(r.score is not None and r.score < 40 and r.tier == "interpreter" for r in flagged)
    assert loop.parts.state.best is not None
    assert loop.parts.state.best.score < 40


def test_a_best_that_cannot_be_confirmed_says_so(tmp_path: Path) -> None:
    loop = search(tmp_path / "run", Accelerated(hangs=True), samples=60)
    assert loop.parts.state.best is not None
    assert loop.parts.state.best.flags == ("unconfirmed",)


def test_verdict_that_is_taken_over_is_no_more_confirmed_than_the_first(tmp_path: Path) -> None:
    pool = Accelerated(hangs=True)
    search(tmp_path / "run", pool, Answers(lambda d, i: constant(d % 5)), samples=200)
    records = evaluations_of(tmp_path / "run")
    reused = [r for r in records if "reused" in r.flags]
    assert reused
    first = {r.program: "unconfirmed" in r.flags for r in records if r.tier}
    assert any(first.values())
    assert all(("unconfirmed" in r.flags) == first[r.program] for r in reused)


def test_every_record_says_what_held_the_program(tmp_path: Path) -> None:
    search(tmp_path / "run", sampler=Answers(lambda d, i: varied(d % 9, i)), samples=200)
    for record in evaluations_of(tmp_path / "run"):
        assert record.sandbox == (("limits",) if record.tier else ()), "nothing was run without one"


def untidy(draw: int, index: int) -> str:
    """Return a program with something that admission refuses, or one without."""
    return constant(draw).replace("\n", "\n    open\n", 1) if index else constant(draw)


def test_program_that_is_not_admitted_is_rejected_with_the_line(tmp_path: Path) -> None:
    pool = Pool()
    search(tmp_path / "run", pool, Answers(untidy), samples=20)
    assert not any("open" in source for source in pool.evaluated)
    refused = [r for r in samples_of(records_of(tmp_path / "run")) if r.program is None]
    assert len(refused) == 10
    assert {r.rejected for r in refused} == {
        "line 2: open is not available here; use only the arguments"
    }


def test_admission_can_be_switched_off(tmp_path: Path) -> None:
    pool = Pool()
    search(tmp_path / "run", pool, Answers(untidy), samples=20, admission=False)
    assert sum("open" in source for source in pool.evaluated) == 10
