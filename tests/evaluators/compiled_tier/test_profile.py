"""What a seed's run shows of a problem, and the functions that step through its items."""

from __future__ import annotations

import ast
import os
import types
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evaluators import compiled_tier
from evaluators.candidate import Interpreted, load
from evaluators.compiled_tier.candidate import Compiled
from evaluators.compiled_tier.kinds import INT, Row, Untranslatable, Vector
from evaluators.compiled_tier.profile import Stepper
from problems import cap_set
from problems.contract import Array, Candidate, Instance, Metric, Problem

SOURCE = """
import numpy as np

def choose(item, bins):
    return -(bins - item)

def step(candidate, items, capacity):
    left = np.full(len(items), capacity)
    chosen = np.empty(len(items), np.int64)
    for i in range(len(items)):
        scores = np.where(left >= items[i], candidate(items[i], left), -np.inf)
        chosen[i] = np.argmax(scores)
        left[chosen[i]] -= items[i]
    return chosen

def stays(candidate, items):
    return {candidate: items}

def construct(candidate, instance):
    return step(candidate, np.array(instance.data["items"]), 150)
"""

INSTANCES = [Instance("small", {"items": [60, 40, 90, 30, 120, 20, 55, 44, 31, 77]})]


@pytest.fixture(scope="module")
def problem() -> Problem:
    module = types.ModuleType("stepping")
    exec(SOURCE, module.__dict__)
    return Problem(
        name="stepping",
        evolve=module.choose,
        construct=module.construct,
        score=lambda instance, certificate: 0.0,
        metric=Metric("bins", "bins"),
        certificate=Array("int64", 1, 100),
        instances=lambda: {each.name: each.data for each in INSTANCES},
        training=["small"],
    )


def program(body: str) -> tuple[Any, ast.Module]:
    tree = ast.parse(f"def choose(item, bins):\n    {body}")
    return load(tree, "choose", {}), tree


def compile_in(problem: Problem, body: str) -> Candidate:
    _, tree = program(body)
    profile = compiled_tier.prepare(problem, INSTANCES)
    return compiled_tier.compile_candidate(tree, "choose", {}, profile, 60.0)


def test_profile_notes_kinds_and_counts_of_calls(problem: Problem) -> None:
    profile = compiled_tier.prepare(problem, INSTANCES)
    assert profile.kinds == (INT, Vector(INT, fresh=False))
    assert (profile.returns_array, profile.calls) == (True, {"small": 10})


def test_stepper_runs_compiled_candidates_as_pointers_and_builds_the_same(
    problem: Problem,
) -> None:
    body = "return np.exp(-(bins - item) / 9) + 0.1 * (bins % 7)"
    candidate = compile_in(problem, body)
    assert isinstance(candidate, Compiled)
    # Called from Python, it would say that it was.
    candidate.function, calls = candidate.function, []
    candidate._entry = calls.append  # pyright: ignore[reportPrivateUsage]
    built = problem.construct(candidate, INSTANCES[0])
    expected = problem.construct(Interpreted(program(body)[0]), INSTANCES[0])
    assert (built.tobytes(), calls) == (expected.tobytes(), [])


def test_stepper_lets_exceptions_of_candidates_through(problem: Problem) -> None:
    candidate = compile_in(problem, "return bins / (item - 30) + bins[len(bins)]")
    with pytest.raises(IndexError):
        problem.construct(candidate, INSTANCES[0])


def test_function_that_numba_refuses_stays_python(problem: Problem) -> None:
    compiled_tier.prepare(problem, INSTANCES)
    stays = problem.construct.__globals__["stays"]
    assert isinstance(stays, Stepper)
    assert stays(len, [1]) == {len: [1]}


def test_seed_that_fails_leaves_nothing_to_compile_for(problem: Problem) -> None:
    failing = replace(problem, evolve=lambda item, bins, more: bins)
    profile = compiled_tier.prepare(failing, INSTANCES)
    _, tree = program("return -bins")
    if profile.kinds is not None:
        pytest.fail(str(profile.kinds))
    with pytest.raises(Untranslatable):
        compiled_tier.compile_candidate(tree, "choose", {}, profile, 60.0)


def test_number_where_the_seed_returns_an_array_is_refused(problem: Problem) -> None:
    with pytest.raises(Untranslatable, match="a number"):
        compile_in(problem, "return 1.0")


def test_compiling_ends_with_its_time(problem: Problem) -> None:
    profile = compiled_tier.prepare(problem, INSTANCES)
    _, tree = program("return bins - item * 2.0")
    # numba, interrupted, can compile nothing else: the process is lost, as a candidate's is.
    child = os.fork()
    if child == 0:
        try:
            compiled_tier.compile_candidate(tree, "choose", {}, profile, 0.001)
        except Untranslatable as reason:
            os._exit(0 if "longer than" in str(reason) else 2)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_map_of_a_problem_is_compiled_for_all_its_sizes() -> None:
    instances = [Instance(f"n={n}", {"n": n}) for n in (3, 4)]
    profile = compiled_tier.prepare(cap_set.problem, instances)
    assert (profile.kinds, profile.calls) == (
        (Row(INT, "tuple"), INT),
        {"n=3": 27, "n=4": 81},
    )
    tree = ast.parse("def priority(el, n):\n    return el.count(1) * 0.5 - el[0] % n")
    function = load(tree, "priority", {})
    candidate = compiled_tier.compile_candidate(tree, "priority", {}, profile, 60.0)
    for instance in instances:
        built = cap_set.construct(candidate, instance)
        assert np.array_equal(built, cap_set.construct(Interpreted(function), instance))
