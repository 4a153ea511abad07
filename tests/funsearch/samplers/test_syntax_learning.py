"""The syntax sampler in a run: it learns which changes pay, and proposes no program twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.program import Program, read
from funsearch.archive.records import GenerationRecord
from funsearch.learning import Learner, Outcome
from funsearch.prompts import Prompt, Shown
from funsearch.samplers.protocol import Sample
from funsearch.samplers.syntax import Syntax
from funsearch.samplers.syntax.rates import Rates
from funsearch.samplers.syntax.sampler import OPERATORS

HEADER = "def f_v1(x: int, y: int) -> float:"
SOURCE = "def f(x, y):\n    return x * 2 + y"
RECORD = GenerationRecord("p", "", 0, 0, 0, 0, 1, ("q",), "", "", "", "syntax")


def prompt(draw: int = 0, source: str = SOURCE) -> Prompt:
    return Prompt(draw, 0, 0, 0, (Shown(Program("f", source), 0.0, {}),), HEADER, "", "", "")


def answers(sampler: Syntax, asked: Prompt, count: int = 1) -> list[Sample]:
    return list(asyncio.run(sampler.sample(asked, 1, count)))


def outcome(operators: str | int | None, *, better: bool) -> Outcome:
    record = replace(RECORD, parameters={"operators": operators})
    return Outcome(record, "ok", 1.0, new=True, better=better, best=False)


def taught(*lessons: tuple[str, bool]) -> Syntax:
    sampler = Syntax(again=0)
    for operators, better in lessons:
        sampler.learn(outcome(operators, better=better))
    return sampler


def share(sampler: Syntax, operator: str) -> float:
    made = [answers(sampler, prompt(draw))[0].parameters["operators"] for draw in range(150)]
    return made.count(operator) / len(made)


def test_it_is_a_learner() -> None:
    assert isinstance(Syntax(), Learner)


def test_what_pays_is_tried_more_often_and_what_does_not_less() -> None:
    others = [(name, False) for name in OPERATORS if name != "wrap"] * 40
    sampler = taught(*[("wrap", True)] * 60, *others)
    assert share(sampler, "wrap") > 2 * share(Syntax(again=0), "wrap")
    assert share(sampler, "regrow") > 0


def test_no_operator_dies_and_none_takes_over() -> None:
    rates = Rates({"a": 2.0, "b": 1.0})
    for _ in range(9_000):
        rates.learn(["a"], paid=False, stepped=False)
        rates.learn(["b"], paid=True, stepped=False)
    assert rates.weight("a") == 0.5
    assert 1.0 < rates.weight("b") <= 4.0


def test_steps_grow_where_one_in_four_pays_and_shrink_where_none_does() -> None:
    rates = Rates({"a": 1.0})
    first = rates.step
    for number in range(40):
        rates.learn(["a"], paid=number % 4 == 0, stepped=True)
    assert rates.step > first
    for _ in range(400):
        rates.learn(["a"], paid=False, stepped=True)
    assert 0 < rates.step < 0.02 * first


def test_rates_follow_what_pays_now() -> None:
    rates = Rates({"a": 1.0, "b": 1.0})
    for first in (True, False):
        for _ in range(5_000):
            rates.learn(["a"], paid=first, stepped=False)
            rates.learn(["b"], paid=not first, stepped=False)
    assert rates.weight("b") > 1.0 > rates.weight("a")


def test_samples_say_which_rates_were_in_force_and_after_how_many_outcomes() -> None:
    sampler = taught(("wrap", True), ("term", False), ("wrap+term", False))
    for draw in range(20):
        parameters = answers(sampler, prompt(draw))[0].parameters
        assert parameters["outcomes"] == 3
        assert float(str(parameters["rates"])) > 0


def test_samples_of_others_teach_nothing() -> None:
    sampler = Syntax()
    before = sampler.memory()
    for operators in (None, 7, ""):
        sampler.learn(outcome(operators, better=True))
    assert sampler.memory() == before
    sampler.learn(outcome("teleport", better=True))
    assert json.loads(sampler.memory())["counts"] == {}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*OPERATORS, "add@1", "wrap+draw@0"]), st.booleans())))
def test_another_that_recalls_the_memory_proposes_the_same(lessons: list[tuple[str, bool]]) -> None:
    first, second = taught(*lessons), taught(("constant", True))
    second.recall(first.memory())
    assert second.memory() == first.memory()
    made = [answers(sampler, prompt(3), 2) for sampler in (first, second)]
    assert [s.parameters for s in made[0]] == [s.parameters for s in made[1]]
    assert [s.text for s in made[0]] == [s.text for s in made[1]]


def test_memory_stays_small() -> None:
    sampler = Syntax()
    for _ in range(3_000):
        for operators in ("constant", "add@1+vary@0", "wrap+term"):
            sampler.learn(outcome(operators, better=True))
    assert len(sampler.memory()) < 4_000


def test_nothing_is_known_after_an_empty_memory() -> None:
    sampler = taught(("wrap", True))
    sampler.recall("")
    assert sampler.memory() == Syntax().memory()


def memory(**changes: Any) -> str:
    return json.dumps({"outcomes": 3, "step": 0, "counts": {"wrap": [3, 1]}} | changes)


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "[" * 100_000,
        "[]",
        "null",
        "{}",
        memory(more=1),
        memory(outcomes=-1),
        memory(outcomes=1.5),
        memory(outcomes=True),
        memory(step=10**9),
        memory(step=None),
        memory(counts=[]),
        memory(counts={"teleport": [1, 0]}),
        memory(counts={"wrap": [1, 2]}),
        memory(counts={"wrap": [-1, -2]}),
        memory(counts={"wrap": [10**30, 1]}),
        memory(counts={"wrap": [1.0, 0]}),
        memory(counts={"wrap": [1]}),
        memory(counts={"wrap": "ab"}),
    ],
)
def test_garbage_is_no_memory(text: str) -> None:
    sampler = Syntax()
    with pytest.raises(ValueError, match="syntax"):
        sampler.recall(text)
    assert answers(sampler, prompt())[0].text


def test_a_real_memory_is_recalled() -> None:
    sampler = Syntax()
    sampler.recall(memory())
    assert json.loads(sampler.memory()) == json.loads(memory())


def met(proposed: set[str]) -> tuple[Syntax, Callable[[str], None]]:
    sampler = Syntax()
    sampler.meet(proposed.__contains__)
    return sampler, proposed.add


def test_no_program_is_proposed_twice_in_a_run() -> None:
    proposed: set[str] = set()
    sampler, note = met(proposed)
    for draw in range(40):
        for sample in answers(sampler, prompt(draw), 4):
            program = read(sample.text, "f").id
            assert program not in proposed
            note(program)
    assert len(proposed) == 160


def test_where_all_was_proposed_a_sample_says_so() -> None:
    sampler = Syntax()
    sampler.meet(lambda program: len(program) == 64)
    sample = answers(sampler, prompt())[0]
    assert (sample.text, sample.error) == ("", "found nothing new")
