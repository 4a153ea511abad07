"""Noise schedules: the sampler against the published formula, the distance against quadrature."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from problems.contract import Instance, Invalid
from problems.diffusion_schedule import (
    MIXTURES,
    SAMPLES,
    alpha_bar,
    data,
    denoise,
    discrepancy,
    noise,
    problem,
)
from tests.problems.published.diffusion_schedule import cosine, linear
from tests.problems.support import built, check, reached

Floats = NDArray[np.float64]
FRACTION = st.floats(0.001, 0.999)


def instance(mixture: str, steps: int, seed: int = 0) -> Instance:
    return Instance("test", data(mixture, steps, seed))


def outcome(mixture: str, steps: int, seed: int, function: Callable[..., Any]) -> float:
    where = instance(mixture, steps, seed)
    return problem.score(where, built(problem, function, where))


def log_density(x: Floats, centres: Floats, variance: float, share: float) -> float:
    """Of a point of the mixture, noisy to a share of signal; up to a constant."""
    spread = share * variance + 1 - share
    return math.log(
        sum(math.exp(-((x - math.sqrt(share) * c) ** 2).sum() / (2 * spread)) for c in centres)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), FRACTION, FRACTION)
def test_a_step_is_ddim_with_the_gradient_of_the_log_density(
    seed: int, one: float, other: float
) -> None:
    random = np.random.default_rng(seed)
    centres, variance = random.normal(size=(4, 2)), random.uniform(0.05, 1)
    x = random.normal(size=2)
    now, then = sorted((one, other))
    h = 1e-5
    score = np.array(
        [
            (
                log_density(x + d, centres, variance, now)
                - log_density(x - d, centres, variance, now)
            )
            / (2 * h)
            for d in h * np.eye(2)
        ]
    )
    # Song, Meng and Ermon, ICLR 2021, with sigma = 0.
    epsilon = -math.sqrt(1 - now) * score
    clean = (x - math.sqrt(1 - now) * epsilon) / math.sqrt(now)
    expected = math.sqrt(then) * clean + math.sqrt(1 - then) * epsilon
    found = denoise(x[None], centres, variance, now, then)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("bandwidth", [0.2, 0.5, 2.0])
def test_the_discrepancy_is_that_of_the_mixture_by_quadrature(bandwidth: float) -> None:
    random = np.random.default_rng(0)
    points, centres, variance = random.normal(size=(5, 2)), random.normal(size=(3, 2)), 0.04
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    grid = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    mass = np.outer(weights, weights).ravel() / (2 * math.pi * len(centres))
    # The mixture as many points with weights, against the points themselves.
    places = np.concatenate([points, *(c + math.sqrt(variance) * grid for c in centres)])
    signed = np.concatenate([np.full(len(points), 1 / len(points)), *[-mass] * len(centres)])
    squares = ((places[:, None] - places) ** 2).sum(axis=2)
    expected = math.sqrt(signed @ np.exp(-squares / (2 * bandwidth**2)) @ signed)
    assert discrepancy(points, centres, variance, bandwidth) == pytest.approx(expected, rel=1e-5)


def test_more_steps_come_closer_to_the_data() -> None:
    found = [outcome("moons", steps, 0, cosine) for steps in (5, 10, 20, 40, 80)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.2 * found[0]


@pytest.mark.parametrize("mixture", MIXTURES)
@pytest.mark.parametrize("steps", [10, 20])
def test_the_cosine_schedule_is_better_than_the_linear_one(mixture: str, steps: int) -> None:
    for seed in range(3):
        assert outcome(mixture, steps, seed, cosine) < outcome(mixture, steps, seed, linear)


def test_the_seed_is_the_linear_schedule_in_continuous_time() -> None:
    for t in np.linspace(0.05, 1, 20).tolist():
        assert alpha_bar(t, 20) == pytest.approx(linear(t, 20), rel=0.12, abs=1e-3)


def test_a_candidate_is_asked_once_for_each_step() -> None:
    asked: list[tuple[float, int]] = []

    def function(t: float, steps: int) -> float:
        asked.append((t, steps))
        return 1 / (1 + t)

    found = built(problem, function, instance("ring", 4))
    assert asked == [(0.25, 4), (0.5, 4), (0.75, 4), (1.0, 4)]
    assert found.tolist() == [1 / 1.25, 1 / 1.5, 1 / 1.75, 0.5]


def test_a_candidate_sees_neither_the_data_nor_the_noise() -> None:
    assert problem.visible(instance("ring", 10)) == {"steps": 10}


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([], "are 0 shares of signal, not 3"),
        ([0.9, 0.5], "are 2 shares of signal, not 3"),
        ([0.9, 0.5, 0.4, 0.1], "are 4 shares of signal, not 3"),
        ([1.0, 0.5, 0.1], "step 1, 1.0, is not below 1"),
        ([math.inf, 0.5, 0.1], "step 1, inf, is not below 1"),
        ([math.nan, 0.5, 0.1], "step 1, nan, is not below 1"),
        ([0.9, math.nan, 0.1], "step 2, nan, is not below 0.9, that at step 1"),
        ([0.9, 0.9, 0.1], "step 2, 0.9, is not below 0.9, that at step 1"),
        ([0.1, 0.5, 0.9], "step 2, 0.5, is not below 0.1, that at step 1"),
        ([0.9, 0.5, 0.0], "step 3, 0.0, is not above 0"),
        ([0.9, 0.5, -0.1], "step 3, -0.1, is not above 0"),
        ([0.9, 0.5, math.nan], "step 3, nan, is not below 0.5, that at step 2"),
    ],
)
def test_score_refuses(shares: list[float], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        problem.score(instance("ring", 3), np.array(shares))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=5, max_size=5))
def test_every_falling_row_of_shares_has_a_score(shares: list[float]) -> None:
    ordered = sorted(shares, reverse=True)
    if len(set(shares)) == len(shares):
        assert 0 < problem.score(instance("ring", 5), np.array(ordered)) < 2
    else:
        with pytest.raises(Invalid):
            problem.score(instance("ring", 5), np.array(ordered))


def test_the_checker_agrees_where_shares_are_at_the_end_of_floats(tmp_path: Any) -> None:
    shares = np.array([1 - 2**-53, 0.5, 5e-324])
    where = instance("uneven", 3)
    status, output = check(tmp_path, problem, where, shares)
    assert status == 0, output
    assert float(output.split()[1]) == pytest.approx(problem.score(where, shares), rel=1e-9)


def test_the_last_digit_of_a_share_hardly_matters() -> None:
    random = np.random.default_rng(0)
    where = instance("moons", 20)
    for _ in range(10):
        shares = np.sort(random.random(20))[::-1]
        found = problem.score(where, shares)
        assert problem.score(where, shares * (1 - 1e-15)) == pytest.approx(found, rel=1e-11)


def test_noise_is_normal_and_another_for_each_seed() -> None:
    points = np.array(noise(0)) / 1000
    assert points.shape == (SAMPLES, 2)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(points.T @ points / SAMPLES, np.eye(2), atol=0.03)
    assert noise(1) != noise(0) == noise(0)


def test_noise_is_what_it_was() -> None:
    assert noise(0)[:2] == [[-644, 963], [1130, -276]]


def test_training_leaves_mixtures_and_seeds_for_verification() -> None:
    assert {name.split("_")[0] for name in problem.training} == {"ring", "moons"}
    assert {name.split("_")[0] for name in problem.held_out} == set(MIXTURES)
    assert all(name.endswith("_0") for name in problem.training)


def test_instances_are_chosen_by_mixture() -> None:
    assert problem.shorthands["mixture"]("grid") == ["grid_10_0", "grid_20_0"]
    with pytest.raises(ValueError, match="mixture must be one of ring, moons"):
        problem.shorthands["mixture"]("star")


def test_scores_of_the_seed_are_far_from_zero() -> None:
    assert reached(problem, alpha_bar, "ring_10_0") > 0.1
