"""Parent selection: the rules word for word, the landscapes, how rules rank, what is refused."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators import foresight
from problems.contract import Instance, Invalid
from problems.parent_selection import highest_score, priority, problem
from tests.problems.support import built, check

Rule = Callable[..., Any]
KINDS = ("rugged", "deceptive", "plateaus", "recorded")


def greedy(scores: Any, children: Any, ages: Any, twins: Any, noise: Any) -> NDArray[Any]:
    return scores


def softmax(scores: Any, children: Any, ages: Any, twins: Any, noise: Any) -> NDArray[Any]:
    """Draw a cluster as in Romera-Paredes et al. (2024), and any of its programs.

    The largest of logits with Gumbel noise is a draw from their softmax.
    """
    period, temperature = 300, 6.0
    temperature *= 1 - len(scores) % period / period
    return scores / temperature - np.log(twins) - np.log(-np.log(noise))


def reached(rule: Rule, names: Any) -> NDArray[np.float64]:
    instances = [problem.instance(name) for name in names]
    return np.array([problem.score(each, built(problem, rule, each)) for each in instances])


def beyond_noise(better: Rule, worse: Rule, names: Any) -> bool:
    """Whether the mean difference over landscapes is more than three standard errors."""
    differences = reached(better, names) - reached(worse, names)
    return differences.mean() > 3 * differences.std(ddof=1) / math.sqrt(len(differences))


@pytest.mark.parametrize("names", [problem.training, problem.held_out])
def test_uniform_is_worse_than_greedy_is_worse_than_softmax_beyond_noise(names: Any) -> None:
    assert beyond_noise(greedy, priority, names)
    assert beyond_noise(softmax, greedy, names)


def plain(rule: Rule, data: Any) -> list[int]:
    """The search word for word, with lists."""
    noise = noises(rule, data)
    programs: list[int] = [data["start"]]
    parents: list[int] = []
    for step, (_, change) in enumerate(data["arrivals"]):
        scores = [by_definition(data, program) for program in programs]
        columns = (
            scores,
            [parents.count(index) for index in range(len(programs))],
            [step - index for index in range(len(programs))],
            [scores.count(each) for each in scores],
            noise[step],
        )
        values = list(rule(*map(np.array, columns)))
        parent = values.index(max(values))
        parents.append(parent)
        if data["tables"]:
            programs.append(programs[parent] ^ change)
        else:
            row = data["rows"][programs[parent]]
            programs.append(min(place for place, below in enumerate(row) if change < below))
    return parents


def noises(rule: Rule, data: Any) -> list[NDArray[np.float64]]:
    """The noise that is shown at each step, taken from what a candidate sees."""
    seen: list[NDArray[np.float64]] = []

    def spy(*columns: Any) -> NDArray[Any]:
        seen.append(columns[-1].copy())
        return rule(*columns)

    built(problem, spy, Instance("spied on", data))
    return seen


def by_definition(data: Any, program: int) -> int:
    tables = data["tables"]
    if not tables:
        return 16 * program
    bits = [program >> place & 1 for place in range(len(tables))]
    patterns = [
        sum(bits[(place + i) % len(bits)] << i for i in range(4)) for place in range(len(bits))
    ]
    return sum(table[pattern] for table, pattern in zip(tables, patterns, strict=True))


def mixed(scores: Any, children: Any, ages: Any, twins: Any, noise: Any) -> NDArray[Any]:
    return scores - 0.3 * children - np.log(twins) + 5 * noise - ages % 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", [priority, greedy, softmax, mixed])
def test_the_search_follows_the_rule_word_for_word(kind: str, rule: Rule) -> None:
    data: Any = dict(problem.instance(f"{kind}_00").data)
    data["arrivals"] = data["arrivals"][:60]
    each = Instance("short", data)
    parents = built(problem, rule, each)
    assert parents.dtype == np.int32
    assert parents.tolist() == plain(rule, data)


def test_ties_go_to_the_program_that_was_made_first() -> None:
    each = problem.instance("plateaus_00")
    assert not built(problem, lambda *columns: columns[0] * 0, each).any()


def test_what_a_candidate_writes_to_its_arguments_has_no_effect() -> None:
    def spoiling(*columns: Any) -> NDArray[Any]:
        result = mixed(*columns)
        for column in columns:
            column[:] = 0
        return result

    for kind in KINDS:
        each = problem.instance(f"{kind}_01")
        assert built(problem, spoiling, each).tolist() == built(problem, mixed, each).tolist()


def test_noise_is_between_0_and_1_and_new_for_each_step_and_program() -> None:
    data: Any = problem.instance("rugged_00").data
    noise = np.concatenate(noises(greedy, data))
    assert len(set(noise.tolist())) == len(noise) == 256 * 257 // 2
    assert 0 < noise.min() < 0.001
    assert 0.999 < noise.max() < 1
    assert abs(noise.mean() - 0.5) < 0.01


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda *columns: columns[0] * np.nan, "NaN or plus infinity"),
        (lambda *columns: np.full(len(columns[0]), np.inf), "NaN or plus infinity"),
        (lambda *columns: 1.0, "not one number for each program"),
        (lambda *columns: np.zeros(300), "not one number for each program"),
    ],
)
def test_priorities_are_refused(rule: Rule, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        built(problem, rule, problem.instance("rugged_00"))


@pytest.mark.parametrize(
    ("parents", "message"),
    [
        ([], "for 0 steps, not for 256"),
        ([0] * 257, "for 257 steps"),
        ([-1] + [0] * 255, "program 1 has the parent -1"),
        ([0] * 255 + [256], "program 256 has the parent 256"),
        ([0] * 255 + [2**31 - 1], "program 256 has the parent 2147483647"),
    ],
)
def test_score_refuses(parents: list[int], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        problem.score(problem.instance("deceptive_00"), np.array(parents, dtype=np.int32))


@pytest.mark.parametrize("kind", KINDS)
def test_score_and_checker_agree_on_what_searches_find(kind: str, tmp_path: Any) -> None:
    each = problem.instance(f"{kind}_02")
    parents = built(problem, softmax, each)
    status, output = check(tmp_path, problem, each, parents)
    assert status == 0
    assert output.split()[1] == repr(problem.score(each, parents))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=16, max_size=16), min_size=4, max_size=8))
def test_the_highest_score_is_that_of_some_program_and_no_other_has_more(
    tables: list[list[int]],
) -> None:
    scores = (by_definition({"tables": tables}, each) for each in range(2 ** len(tables)))
    assert highest_score(tables) == max(scores)


def test_the_highest_scores_of_landscapes_with_a_secret_are_those_of_the_secret() -> None:
    data = problem.instances()
    for kind, number in itertools.product(("deceptive", "plateaus"), range(24)):
        assert data[f"{kind}_{number:02}"]["highest"] == 60
    assert data["recorded_00"]["highest"] == 128


def test_an_altered_end_is_a_search_on_the_same_landscape() -> None:
    for kind in KINDS:
        each = problem.instance(f"{kind}_00")
        other = foresight.altered(problem, each, 100)
        data: Any = each.data
        changed: Any = other.data
        assert changed["arrivals"][:100] == data["arrivals"][:100]
        # Entries are replaced, not only put into another order.
        assert sorted(changed["arrivals"]) != sorted(data["arrivals"])
        first, second = (built(problem, softmax, instance) for instance in (each, other))
        assert first[:100].tolist() == second[:100].tolist()
        assert first[100:].tolist() != second[100:].tolist()
        assert problem.score(other, second) > 0


def test_the_highest_score_stays_outside_the_sandbox() -> None:
    seen = problem.visible(problem.instance("rugged_00"))
    assert set(seen) == {"arrivals", "rows", "start", "tables"}


def test_instances_never_change() -> None:
    data: Any = problem.instances()
    first = [[62003, 2097408], [48835, 524288], [51969, 8192], [38395, 42502]]
    assert [data[f"{kind}_00"]["arrivals"][0] for kind in KINDS] == first
    assert [data[f"{kind}_00"]["highest"] for kind in KINDS] == [173, 60, 60, 128]
    assert len(data) == 96
    assert set(problem.training).isdisjoint(problem.held_out)
    assert problem.shorthands["kind"]("rugged") == problem.training[:12]
    with pytest.raises(ValueError, match=r"kind must be one of rugged, .* not smooth"):
        problem.shorthands["kind"]("smooth")
