"""Made-up logs of searches: everything that can happen in a run happens, in an order of chance."""

from __future__ import annotations

import random
from dataclasses import replace

from evaluators.verdict import Flag
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    Record,
    ResetRecord,
    RetractionRecord,
    RunRecord,
)
from funsearch.baselines import make_greedy, make_iid
from funsearch.islands import make
from funsearch.population import Population
from funsearch.state import SearchState
from problems.contract import Metric
from tests.funsearch.helpers import digest

INSTANCES = ("one", "two")
KINDS = ("islands", "maximised islands", "iid", "greedy")
_SCORES = (-1.5, -0.0, 0.0, 0.1 + 0.2, 0.3, 7.0, 1e300)


def fresh(kind: str, seed: int = 3) -> SearchState:
    """Return a state that has seen nothing, with small islands that are reset often."""
    population = Population(len(INSTANCES))
    maximise = kind == "maximised islands"
    if kind == "iid":
        search = make_iid(seed, population, maximise=maximise)
    elif kind == "greedy":
        search = make_greedy(seed, population, maximise=maximise)
    else:
        options = {"islands": 3, "reset_registrations": 8}
        search = make(seed, population, maximise=maximise, **options)
    metric = Metric("value", "units", "max" if maximise else "min")
    return SearchState(metric, INSTANCES, search, population, lambda program: int(program[:2], 16))


class History:
    """A log under way, and the state that it makes.

    Args:
        kind: one of `KINDS`.
        seed: of all that happens.
    """

    def __init__(self, kind: str, seed: int) -> None:
        self.log: list[tuple[int, Record]] = []
        self.state = fresh(kind)
        self._random = random.Random(seed)
        self._run("started")
        for index in range(self._random.randint(1, 3)):
            self._append(_generation(digest(index), sampler="file", index=index))
        self._verdict(0)

    def go_on(self, steps: int) -> None:
        """Let that many things happen."""
        for _ in range(steps):
            match self._random.randrange(24):
                case 0:
                    self._run("resumed")
                case 1:
                    self._run("finished")
                case 2:
                    self._append(RetractionRecord(0, digest(0), "wrong", "someone", "9"))
                case 3:
                    wait = self._random.choice((None, 0.0, 60.0))
                    self._append(OutageRecord(7, digest(1), "answers", "m", "busy \u2603", wait))
                case action if action < 13:
                    self._sample()
                case _:
                    self._verdict(self._random.randrange(1 + len(self.state.pending)))

    def _append(self, record: Record) -> None:
        if not isinstance(record, RetractionRecord):
            record = replace(record, time=f"{1_700_000_000 + 7 * len(self.log)}.25")
        self.log.append((len(self.log), record))
        self.state.apply(len(self.log) - 1, record)

    def _run(self, event: str) -> None:
        record = RunRecord("started", "p", digest(0), INSTANCES, digest(0), 3, digest(0), {})
        self._append(replace(record, event=event))

    def _sample(self) -> None:
        """Answer a prompt, with a program that may have been there, or with none."""
        if not self.state.search.registrations:
            return
        draw = self.state.search.draw(self.state.next_draw)
        parents = tuple(self.state.population.id(program) for program in draw.programs)
        for index in range(self._random.randint(1, 2)):
            program = digest(self._random.randrange(20 + len(self.log) // 4))
            rejected = self._random.random() < 0.1
            self._append(
                replace(
                    _generation(None if rejected else program),
                    rejected="no program: \u00fcber \u2028 \x1b[2J" if rejected else "",
                    draw=draw.number,
                    index=index,
                    island=draw.island,
                    epoch=draw.epoch,
                    registrations=draw.registrations,
                    parents=parents,
                    prompt=digest(draw.number),
                    template=digest(0),
                    parameters={"temperature": "0.8", "stop": None, "n": 2**40},
                    seconds=0.1 + index,
                )
            )

    def _verdict(self, which: int) -> None:
        """Judge one of the generations that wait, if there is such a one."""
        if which >= len(self.state.pending):
            return
        number = list(self.state.pending)[which]
        waiting = self.state.pending[number]
        record = EvaluationRecord(number, waiting.record.program, "rejected", None)
        if waiting.record.program is not None and not waiting.duplicate:
            record = self._judged(waiting.record, record)
        self._append(record)
        trigger = self.state.search.reset_due()
        if trigger is not None:
            plan = self.state.search.plan_reset()
            founders = tuple((i, self.state.population.id(p)) for i, p in plan.founders)
            self._append(ResetRecord(plan.number, trigger, plan.registrations, founders))

    def _judged(self, generation: GenerationRecord, record: EvaluationRecord) -> EvaluationRecord:
        population, chance = self.state.population, self._random.random()
        found = population.find(generation.program or "")
        if found is not None and population.record(found) is not None:
            score, scores = population.score(found), population.signature(found)
        elif chance < 0.1:
            return replace(record, status="sandbox_error", reason="ours", tier="interpreter")
        elif chance < 0.25:
            score, scores = None, ()
        else:
            scores = tuple(self._random.choices(_SCORES, k=2))
            score = sum(scores)
        if score is None:
            return replace(record, status="crashed", reason="a\nb \u2603", tier="interpreter")
        late = self.state.is_late(generation)
        return replace(
            record,
            status="ok",
            score=score,
            scores=dict(zip(INSTANCES, scores, strict=True)),
            flags=(str(Flag.UNCONFIRMED),) if chance > 0.9 else (),
            certificates={"two": digest(1), "one": digest(2)},
            tier="interpreter",
            registered=not late,
            late=late,
        )


def _generation(program: str | None, sampler: str = "answers", index: int = 0) -> GenerationRecord:
    return GenerationRecord(
        program=program,
        rejected="",
        draw=None,
        index=index,
        island=None,
        epoch=0,
        registrations=0,
        parents=(),
        prompt="",
        template="",
        reply=digest(0),
        sampler=sampler,
    )
