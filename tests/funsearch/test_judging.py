"""The judge: which runs a program gets, and what becomes of one that is not what it seems."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evaluators import foresight
from evaluators.containment import LAYERS, Containment, Layer
from evaluators.pool import Mode
from evaluators.program import Program
from evaluators.verdict import Certificate, Flag, Status, Verdict
from funsearch import repetition
from funsearch.judging import BROKEN, Judge, Judgement
from problems.contract import Data, Known, Metric
from tests.funsearch.helpers import PROBLEM

ITEMS: dict[str, Data] = {"a": {"items": [3, 1, 4, 1, 5, 9]}, "b": {"items": [2, 7, 1, 8, 2, 8]}}
TWO = replace(PROBLEM, instances=lambda: ITEMS, training=list(ITEMS))
ONLINE = replace(TWO, online="items")
PROGRAM = Program("guess", "def guess(x):\n    return 1")

Built = Callable[["Run"], dict[str, list[int]] | Verdict]


class Run:
    """One run, as a program sees it: the data of each instance in order, and where it runs."""

    numbers = itertools.count()

    def __init__(self, mode: Mode, instances: Sequence[str]) -> None:
        self.mode = mode
        self.order = list(instances)
        self.zygote = 0 if mode in (Mode.FAST, Mode.EXACT) else 1
        self.number = next(self.numbers)
        self.items = {name: self._arriving(name) for name in instances}

    def _arriving(self, name: str) -> list[int]:
        instance = ONLINE.instance(name)
        if self.mode is Mode.ALTERED:
            cut = foresight.cut(foresight.steps(ONLINE, instance), PROGRAM.id)
            instance = foresight.altered(ONLINE, instance, cut)
        return list(instance.data["items"])  # type: ignore[arg-type]


class Simulated:
    """A pool whose one program builds what a function of the run says."""

    slots = 1

    def __init__(self, built: Built, tier: str = "interpreter") -> None:
        self.built = built
        self.tier = tier
        self.containment = Containment(tuple(Layer(name, True, "") for name in LAYERS))
        self.runs: list[tuple[Mode, tuple[str, ...]]] = []

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def evaluate(
        self, program: Program, instances: Sequence[str], mode: Mode = Mode.FAST
    ) -> Verdict:
        assert program == PROGRAM
        self.runs.append((mode, tuple(instances)))
        found = self.built(Run(mode, instances))
        if isinstance(found, Verdict):
            return found
        certificates = {
            name: Certificate("int32", (len(values),), np.array(values, "int32").tobytes())
            for name, values in found.items()
        }
        tier = self.tier if mode is Mode.FAST else "interpreter"
        scores = dict.fromkeys(found, 5.0)
        return Verdict(Status.OK, 5.0, scores, certificates=certificates, tier=tier)


def judge(
    pool: Simulated, problem: Any = TWO, *, best: bool = True, chosen: bool = False
) -> Judgement:
    judge = Judge(pool, problem, tuple(problem.training))
    return asyncio.run(judge.judge(PROGRAM, lambda verdict: best, chosen=chosen))


def honest(run: Run) -> dict[str, list[int]]:
    return {name: [sum(items[: i + 1]) for i in range(len(items))]
            for name, items in run.items.items()}  # fmt: skip


def test_would_be_best_is_run_again_backwards() -> None:
    pool = Simulated(honest)
    found = judge(pool)
    assert found.verdict.status is Status.OK
    assert not found.verdict.flags
    assert pool.runs == [(Mode.FAST, ("a", "b")), (Mode.AGAIN, ("b", "a"))]
    assert found.confirmed == ("again",)
    assert found.sandbox == LAYERS


def test_others_are_not() -> None:
    pool = Simulated(honest, tier="array")
    assert judge(pool, best=False).confirmed == ()
    assert pool.runs == [(Mode.FAST, ("a", "b"))]


def test_chosen_ones_are_compared_with_the_interpreter() -> None:
    pool = Simulated(honest, tier="array")
    found = judge(pool, best=False, chosen=True)
    assert found.confirmed == ("exact",)
    assert found.verdict.tier == "array"
    assert pool.runs == [(Mode.FAST, ("a", "b")), (Mode.EXACT, ("a", "b"))]


def test_interpreters_verdict_that_turns_out_a_best_is_run_again_too() -> None:
    def built(run: Run) -> dict[str, list[int]]:
        return {name: [run.mode is Mode.FAST] for name in run.order}

    pool = Simulated(built, tier="array")
    judge = Judge(pool, TWO, ("a", "b"))
    found = asyncio.run(
        judge.judge(PROGRAM, lambda verdict: verdict.tier == "interpreter", chosen=True)
    )
    assert [mode for mode, _ in pool.runs] == [Mode.FAST, Mode.EXACT, Mode.AGAIN]
    assert found.verdict.flags == {Flag.TIER_DIVERGENCE}
    assert found.confirmed == ("again", "exact")


UNSTEADY: dict[str, tuple[Built, str]] = {
    "random numbers": (
        lambda run: {name: [run.number] for name in run.order},
        repetition.RUN_TO_RUN,
    ),
    "hashes": (lambda run: {name: [run.zygote] for name in run.order}, repetition.HASHES),
    "a counter": (
        lambda run: {name: [place] for place, name in enumerate(run.order)},
        repetition.STATE,
    ),
    "a crash the second time": (
        lambda run: Verdict(Status.CRASHED, reason="boom") if run.zygote else honest(run),
        f"{repetition.HASHES}; one run was crashed: boom",
    ),
}


@pytest.mark.parametrize("tier", ["interpreter", "array"])
@pytest.mark.parametrize("kind", UNSTEADY)
def test_program_that_is_not_the_same_twice_has_no_score_and_a_cause(kind: str, tier: str) -> None:
    built, cause = UNSTEADY[kind]
    found = judge(Simulated(built, tier))
    assert found.verdict.status is Status.NONDETERMINISTIC
    assert found.verdict.score is None
    assert found.verdict.reason == cause
    assert found.confirmed == ("again", "exact")


def test_wrong_tier_is_corrected_by_two_runs_of_the_interpreter() -> None:
    pool = Simulated(lambda run: {n: [run.mode is Mode.FAST] for n in run.order}, tier="array")
    found = judge(pool)
    assert found.verdict.flags == {Flag.TIER_DIVERGENCE}
    assert found.verdict.certificates["a"].data == bytes(4)
    assert [mode for mode, _ in pool.runs] == [Mode.FAST, Mode.AGAIN, Mode.EXACT]


@pytest.mark.parametrize("mode", [Mode.AGAIN, Mode.ALTERED])
def test_run_without_an_end_leaves_the_verdict_unconfirmed(mode: Mode) -> None:
    slow = Verdict(Status.TIMEOUT, reason="slow")
    found = judge(Simulated(lambda run: slow if run.mode is mode else honest(run)), ONLINE)
    assert (found.verdict.status, found.verdict.score) == (Status.OK, 5.0)
    assert found.verdict.flags == {Flag.UNCONFIRMED}
    assert mode.value not in found.confirmed


@pytest.mark.parametrize("mode", [Mode.AGAIN, Mode.ALTERED])
def test_fault_of_ours_is_never_the_candidates(mode: Mode) -> None:
    fault = Verdict(Status.SANDBOX_ERROR, reason="the worker is gone", tier="")
    found = judge(Simulated(lambda run: fault if run.mode is mode else honest(run)), ONLINE)
    assert found.verdict == fault


def test_online_program_that_decides_by_what_arrived_is_confirmed() -> None:
    pool = Simulated(honest)
    found = judge(pool, ONLINE)
    assert not found.verdict.flags
    assert found.confirmed == ("again", "altered")
    assert [mode for mode, _ in pool.runs] == [Mode.FAST, Mode.AGAIN, Mode.ALTERED]


def test_online_program_that_sees_the_future_is_invalid() -> None:
    def peeking(run: Run) -> dict[str, list[int]]:
        return {name: [items[-1]] * len(items) for name, items in run.items.items()}

    found = judge(Simulated(peeking), ONLINE)
    assert found.verdict.status is Status.INVALID
    assert found.verdict.score is None
    assert (
        found.verdict.reason
        == "decision 0 of a changed when only later items did: it sees the future"
    )
    assert judge(Simulated(peeking), TWO).verdict.status is Status.OK, "there it may"


def test_program_that_fails_on_another_future_is_not_accused_and_not_confirmed() -> None:
    crash = Verdict(Status.CRASHED, reason="boom")
    found = judge(Simulated(lambda r: crash if r.mode is Mode.ALTERED else honest(r)), ONLINE)
    assert found.verdict.flags == {Flag.UNCONFIRMED}
    assert "crashed: boom" in found.verdict.reason


def test_altered_instances_cannot_break_a_bound() -> None:
    def built(run: Run) -> Any:
        if run.mode is not Mode.ALTERED:
            return honest(run)
        good = honest(run)
        certificates = {
            n: Certificate("int32", (len(v),), np.array(v, "int32").tobytes())
            for n, v in good.items()
        }
        return Verdict(Status.OK, 99.0, certificates=certificates, beyond_bound="a")

    assert judge(Simulated(built), ONLINE).verdict.status is Status.OK


def test_score_beyond_a_bound_is_a_fault_of_ours_and_not_explained_away() -> None:
    bounded = replace(TWO, metric=Metric("value", "units", bound={"a": Known(4.0, "a proof")}))
    beyond = Verdict(Status.OK, 5.0, {"a": 5.0, "b": 5.0}, beyond_bound="a")
    pool = Simulated(lambda run: beyond)
    found = judge(pool, bounded)
    assert found.verdict.status is Status.SANDBOX_ERROR
    assert found.verdict.reason.endswith(BROKEN)
    assert found.verdict.beyond_bound == "a"
    assert len(pool.runs) == 1
