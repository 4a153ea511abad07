"""Sorting networks: the greedy word for word, the score against all permutations, refusals."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.contract import Instance, Invalid
from problems.sorting_network import SIZES, priority, problem
from tests.problems.published.sorting_network import batcher, merging, smallest
from tests.problems.support import built, reached

Network = Sequence[tuple[int, int]]
COMPARATORS = list(itertools.combinations(range(4), 2))
NETWORKS_OF_FOUR = st.lists(st.sampled_from(COMPARATORS), max_size=9)


def instance(n: int) -> Instance:
    return Instance(f"n={n}", {"n": n})


def score(n: int, network: Any) -> float:
    return problem.score(instance(n), np.array(network, dtype=np.int8).reshape(-1, 2))


def run(network: Network, values: Sequence[int]) -> list[int]:
    found = list(values)
    for i, j in network:
        if found[i] > found[j]:
            found[i], found[j] = found[j], found[i]
    return found


def sorts(n: int, network: Network) -> bool:
    return all(run(network, p) == sorted(p) for p in itertools.permutations(range(n)))


def word_for_word(function: Callable[..., float], n: int) -> list[tuple[int, int]]:
    """The rule of `construct`, with sets of tuples."""
    vectors = set(itertools.product(range(2), repeat=n))
    network: list[tuple[int, int]] = []
    while len(vectors) > n + 1:
        best: tuple[float, tuple[int, int]] | None = None
        for i, j in itertools.combinations(range(n), 2):
            swapped = [v for v in vectors if (v[i], v[j]) == (1, 0)]
            if not swapped:
                continue
            kept = sum((v[i], v[j]) == (0, 1) for v in vectors)
            merged = sum(tuple(run([(i, j)], v)) in vectors for v in swapped)
            mirror = network != [] and network[-1] == (n - 1 - j, n - 1 - i)
            depths = [layers(network, n)[wire] for wire in (i, j)]
            value = function(
                i, j, n, len(vectors), len(swapped), kept, merged, *depths, int(mirror)
            )
            if best is None or value > best[0]:
                best = value, (i, j)
        assert best is not None
        network.append(best[1])
        vectors = {tuple(run(network[-1:], v)) for v in vectors}
    for index in range(len(network) - 1, -1, -1):
        rest = network[:index] + network[index + 1 :]
        if all(run(rest, v) == sorted(v) for v in itertools.product(range(2), repeat=n)):
            network = rest
    return network


def layers(network: Network, n: int) -> list[int]:
    depth = [0] * n
    for i, j in network:
        depth[i] = depth[j] = max(depth[i], depth[j]) + 1
    return depth


@pytest.mark.parametrize("number", range(12))
def test_construction_follows_the_rule_word_for_word(number: int) -> None:
    weights = np.random.default_rng(number).integers(-3, 4, 10).tolist()

    def function(*features: int) -> float:
        return sum(w * x for w, x in zip(weights, features, strict=True)) % 7

    n = 4 + number % 3
    expected = word_for_word(function, n)
    assert built(problem, function, instance(n)).tolist() == [list(pair) for pair in expected]


def test_construction_sees_all_that_it_says() -> None:
    seen: list[tuple[int, ...]] = []

    def function(*features: int) -> float:
        seen.append(features)
        return features[1] - features[0] == 1

    built(problem, function, instance(3))
    assert seen[:4] == [
        (0, 1, 3, 8, 2, 2, 2, 0, 0, 0),
        (0, 2, 3, 8, 2, 2, 2, 0, 0, 0),
        (1, 2, 3, 8, 2, 2, 2, 0, 0, 0),
        (0, 2, 3, 6, 1, 2, 1, 1, 0, 0),
    ]
    assert seen[4] == (1, 2, 3, 6, 2, 1, 1, 1, 0, 1)


def test_ties_go_to_the_first_pair() -> None:
    assert built(problem, priority, instance(3)).tolist() == [[0, 1], [0, 2], [1, 2]]


def test_needless_comparators_are_left_out_from_the_last_to_the_first() -> None:
    # Of those that merge the most vectors, the one that swaps the fewest.
    def function(i: int, j: int, n: int, v: int, swapped: int, k: int, merged: int, *_: int) -> int:
        return 100 * merged - swapped

    assert reached(problem, function, "n=8") < 28


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 7), st.lists(st.integers(-9, 9), min_size=10, max_size=10))
def test_every_priority_leads_to_a_network_that_sorts(n: int, weights: list[int]) -> None:
    def function(*features: int) -> int:
        return sum(w * x for w, x in zip(weights, features, strict=True))

    network = built(problem, function, instance(n))
    assert n - 1 <= score(n, network) <= n * (n - 1) // 2
    # None of them can be spared.
    for index in range(len(network)):
        with pytest.raises(Invalid, match="some input leaves"):
            score(n, np.delete(network, index, axis=0))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_priorities_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or infinite"):
        built(problem, lambda i, j, *_: value if j == 3 else 0.0, instance(4))


@settings(max_examples=300, deadline=None)
@given(NETWORKS_OF_FOUR)
def test_score_accepts_exactly_the_networks_that_sort_all_permutations(network: Network) -> None:
    if sorts(4, network):
        assert score(4, network) == len(network)
    else:
        with pytest.raises(Invalid, match="some input leaves"):
            score(4, network)


@pytest.mark.parametrize("n", [8, 16])
def test_no_comparator_of_a_smallest_network_can_be_spared(n: int) -> None:
    network = smallest(n)
    for index in range(len(network)):
        with pytest.raises(Invalid, match="some input leaves"):
            score(n, [*network[:index], *network[index + 1 :]])


def test_a_pair_of_wires_at_fault_is_named() -> None:
    with pytest.raises(Invalid, match="some input leaves 1 on wire 0 and 0 on wire 1"):
        score(3, [(0, 1), (1, 2)])


@pytest.mark.parametrize(
    "network", [[(1, 0)], [(1, 1)], [(-1, 1)], [(0, 2)], [(0, 127)], [(-128, 127)]]
)
def test_score_refuses_what_is_no_comparator(network: Network) -> None:
    with pytest.raises(Invalid, match="0 <= i < j < 2"):
        score(2, network)


@pytest.mark.parametrize("width", [0, 1, 3])
def test_score_refuses_comparators_of_another_width(width: int) -> None:
    with pytest.raises(Invalid, match=f"have {width} wires, not 2"):
        problem.score(instance(2), np.zeros((1, width), dtype=np.int8))


def test_every_size_has_a_bound_that_its_best_known_network_does_not_pass() -> None:
    for n in SIZES:
        best = problem.metric.best_known[f"n={n}"].value
        assert problem.metric.bound[f"n={n}"].value <= best < len(batcher(n)) + (n == 8)
        assert score(n, batcher(n)) == len(batcher(n))


def test_redundant_comparators_count() -> None:
    assert score(2, [(0, 1), (0, 1)]) == 2


def test_instances_are_chosen_by_n() -> None:
    assert problem.shorthands["n"]("12") == ["n=12"]
    with pytest.raises(ValueError, match="n must be 8 to 16, not 7"):
        problem.shorthands["n"]("7")


def test_the_seed_is_far_from_the_best_and_a_plain_rule_is_near() -> None:
    assert [reached(problem, f, "n=8") for f in (priority, merging)] == [28, 19]
