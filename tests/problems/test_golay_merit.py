"""Merit factors: the score by its definition, exhaustive search, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.contract import Instance, Invalid
from problems.golay_merit import LEAST_ENERGY, problem, sign
from tests.problems.support import built

OPTIMA = (1, 1, 2, 2, 7, 3, 8, 12, 13, 5, 10, 6, 19, 15, 24, 32)
"""Least energies for n = 2 to 17: OEIS A102780."""


def instance(n: int) -> Instance:
    return Instance("test", {"n": n})


def score(n: int, elements: object) -> float:
    return problem.score(instance(n), np.array(elements, dtype=np.int8))


def energy(elements: list[int]) -> int:
    """Return the energy by its definition."""
    n = len(elements)
    return sum(
        sum(elements[i] * elements[i + shift] for i in range(n - shift)) ** 2
        for shift in range(1, n)
    )


def least_energy(n: int) -> int:
    """Return the least energy of all sequences of n elements, by looking at each."""
    numbers = np.arange(2 ** (n - 1), dtype=np.int64)
    elements = 1 - 2 * (numbers >> np.arange(n)[:, None] & 1)
    energies = np.zeros(len(numbers), dtype=np.int64)
    for shift in range(1, n):
        energies += (elements[shift:] * elements[:-shift]).sum(axis=0) ** 2
    return int(energies.min())


@pytest.mark.parametrize("n", range(2, 18))
def test_an_exhaustive_search_finds_the_known_least_energy(n: int) -> None:
    assert least_energy(n) == OPTIMA[n - 2]
    assert n not in LEAST_ENERGY or LEAST_ENERGY[n] == OPTIMA[n - 2]


def test_no_least_energy_is_below_what_parity_allows() -> None:
    # So many correlations are sums of an odd number of signs, and not 0.
    for n, least in LEAST_ENERGY.items():
        assert least >= n // 2


def test_bounds_of_known_optima_are_the_optima() -> None:
    for n, least in LEAST_ENERGY.items():
        assert problem.metric.bound[f"n={n}"].value == n * n / (2 * least)
        assert problem.metric.best_known[f"n={n}"].value == n * n / (2 * least)


def test_a_barker_sequence_reaches_the_largest_merit_factor() -> None:
    elements = [1, 1, 1, 1, 1, -1, -1, 1, 1, -1, 1, -1, 1]
    assert score(13, elements) == problem.metric.bound["n=13"].value
    assert round(score(13, elements), 2) == 14.08


def test_zero_of_either_sign_and_infinities_are_signs() -> None:
    values = [0.0, -0.0, math.inf, -math.inf, 5e-324, -5e-324]
    assert built(problem, lambda i, n, rise: values[i], instance(6)).tolist() == [
        1,
        1,
        1,
        -1,
        1,
        -1,
    ]


@given(st.lists(st.sampled_from([1, -1]), min_size=2, max_size=20))
def test_rise_is_what_the_element_costs(elements: list[int]) -> None:
    def replay(i: int, n: int, rise: int) -> float:
        before = elements[:i]
        assert rise == energy([*before, 1]) - energy([*before, -1])
        return float(elements[i])

    assert built(problem, replay, instance(len(elements))).tolist() == elements


def test_nan_is_refused() -> None:
    with pytest.raises(Invalid, match="place 2 is NaN"):
        built(problem, lambda i, n, rise: math.nan if i == 2 else 1.0, instance(6))


def test_the_seed_is_not_optimal_on_training_instances() -> None:
    for name in problem.training:
        chosen = problem.instance(name)
        found = problem.score(chosen, built(problem, sign, chosen))
        assert found < problem.metric.best_known[name].value


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ([1, 1], "there are 2 elements, not 3"),
        ([], "there are 0 elements, not 3"),
        ([1, 0, 1], "not 1 or -1"),
        ([1, 1, -128], "not 1 or -1"),
        ([127, 1, 1], "not 1 or -1"),
    ],
)
def test_score_refuses(elements: list[int], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        score(3, elements)


@given(st.lists(st.sampled_from([1, -1]), min_size=2, max_size=60))
def test_score_follows_the_definition(elements: list[int]) -> None:
    n = len(elements)
    assert score(n, elements) == n * n / (2 * energy(elements))


@given(st.lists(st.sampled_from([1, -1]), min_size=2, max_size=60))
def test_symmetries_keep_the_merit_factor(elements: list[int]) -> None:
    n = len(elements)
    alternating = [x * (-1) ** i for i, x in enumerate(elements)]
    for other in (elements[::-1], [-x for x in elements], alternating):
        assert score(n, other) == score(n, elements)
