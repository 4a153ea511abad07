"""Resuming from a snapshot against applying the records of the log; prints one JSON line.

    python -m benchmarks.snapshot [PROGRAMS]

Ten islands with resets, every tenth program a repetition, every fifth without a score. Two shapes:
500 different scores, and one for every program. The records are in memory already: reading and
parsing them, which a snapshot spares too, does not count.
"""

from __future__ import annotations

import gc
import hashlib
import json
import random
import sys
import time

from funsearch import snapshot
from funsearch.archive.records import EvaluationRecord, GenerationRecord, Record, ResetRecord
from funsearch.islands import make
from funsearch.population import Population
from funsearch.state import SearchState
from problems.contract import Metric

PROGRAMS = 200_000
REPEATS = 3


def fresh() -> SearchState:
    """Return a state that has seen nothing."""
    population = Population(instances=1)
    search = make(1, population, maximise=True)
    return SearchState(Metric("value", "units"), ("one",), search, population, lambda _: 1_000)


def _digest(number: int) -> str:
    return hashlib.sha256(number.to_bytes(8, "little")).hexdigest()


class Run:
    """A run that looks like one, but for its parents, which a state does not read.

    Args:
        scores: how many different ones there are; None for a new one each time.
    """

    def __init__(self, scores: int | None) -> None:
        self.state = fresh()
        self.log: list[Record] = []
        self._scores = scores
        self._random = random.Random(1)
        self._seed = _digest(2**63)
        self._attempt(self._seed, None, 0.0)

    def search(self, programs: int) -> None:
        """Go on for so many programs."""
        for draw in range(programs):
            known = self._random.random() < 0.1
            program = _digest(self._random.randrange(draw + 1) if known else draw)
            self._attempt(program, draw, self._score())

    def _score(self) -> float | None:
        if self._random.random() < 0.2:
            return None
        if self._scores is None:
            return self._random.random()
        return float(self._random.randrange(self._scores))

    def _append(self, record: Record) -> None:
        self.state.apply(len(self.log), record)
        self.log.append(record)

    def _attempt(self, program: str, draw: int | None, score: float | None) -> None:
        """Append both records of a program, and the reset that may follow."""
        state, number = self.state, len(self.log)
        island = None if draw is None else self._random.randrange(state.search.size)
        parents = () if draw is None else (self._seed, self._seed)
        self._append(
            GenerationRecord(
                program=program,
                rejected="",
                draw=draw,
                index=0,
                island=island,
                epoch=0 if island is None else state.search.epoch(island),
                registrations=state.search.registrations,
                parents=parents,
                prompt=program if parents else "",
                template=program if parents else "",
                reply=program,
                sampler="syntax",
                time="1700000000.123",
            )
        )
        self._append(self._verdict(number, program, score))
        trigger = state.search.reset_due()
        if trigger is not None:
            plan = state.search.plan_reset()
            founders = tuple((at, state.population.id(each)) for at, each in plan.founders)
            reset = ResetRecord(plan.number, trigger, plan.registrations, founders, "1700000000.1")
            self._append(reset)

    def _verdict(self, number: int, program: str, score: float | None) -> EvaluationRecord:
        population = self.state.population
        found = population.find(program)
        if self.state.pending[number].duplicate:
            return EvaluationRecord(number, program, "rejected", None, time="1700000000.1")
        if found is not None and population.record(found) is not None:
            score = population.score(found)
        return EvaluationRecord(
            generation=number,
            program=program,
            status="crashed" if score is None else "ok",
            conditions=None,
            score=score,
            scores={} if score is None else {"one": score},
            reason="ZeroDivisionError: division by zero" if score is None else "",
            tier="array",
            registered=score is not None,
            time="1700000000.123",
        )


def measure(programs: int, scores: int | None) -> dict[str, float]:
    """Return the figures of one run; of each time the least of a few."""
    run = Run(scores)
    run.search(programs)
    gc.freeze()  # a log is read record by record; these are here only to be measured without
    times: dict[str, list[float]] = {"apply": [], "dump": [], "load": []}
    data = b""
    for _ in range(REPEATS):
        applied, loaded = fresh(), fresh()
        start = time.perf_counter()
        for number, record in enumerate(run.log):
            applied.apply(number, record)
        times["apply"].append(time.perf_counter() - start)
        start = time.perf_counter()
        data = snapshot.dump(applied, len(run.log), "benchmark")
        times["dump"].append(time.perf_counter() - start)
        start = time.perf_counter()
        snapshot.load(data, loaded, "benchmark")
        times["load"].append(time.perf_counter() - start)
        assert [loaded.search.draw(n) for n in range(9)] == [
            run.state.search.draw(n) for n in range(9)
        ]
        assert snapshot.dump(loaded, len(run.log), "benchmark") == data
    best = {name: min(each) for name, each in times.items()}
    return {
        "apply_us_per_record": round(best["apply"] / len(run.log) * 1e6, 2),
        "dump_ms": round(best["dump"] * 1e3, 1),
        "load_ms": round(best["load"] * 1e3, 1),
        "apply_over_load": round(best["apply"] / best["load"], 1),
        "bytes_per_program": round(len(data) / programs, 1),
    }


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PROGRAMS
    print(
        json.dumps(
            {
                "benchmark": "snapshot",
                "programs": count,
                "500_scores": measure(count, 500),
                "a_score_per_program": measure(count, None),
            }
        )
    )
