"""The simulated cluster against what queueing theory says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from math import perm
from pathlib import Path

import pytest

from benchmarks.cluster_simulation import (
    Clock,
    Figures,
    Station,
    bites_at,
    figures_of,
    simulate,
)

SMALL = Figures(samplers=10, samples=40_000, think_s=1.0, evaluate_s=0.01)


def test_station_with_one_server_is_as_busy_as_the_closed_form_says() -> None:
    # Machines that break and one who repairs them (M/M/1//N): busy = 1 - 1 / sum of
    # N! / (N - k)! * (service / life) ** k.
    from random import Random

    draws, clock = Random(1), Clock()
    station, machines, service = Station(clock, 1), 6, 0.3

    def break_down() -> None:
        station.serve("repair", draws.expovariate(1 / service), live)

    def live() -> None:
        clock.after(draws.expovariate(1.0), break_down)

    for _ in range(machines):
        live()
    while clock.now < 20_000:
        clock.step()
    idle = 1 / sum(perm(machines, k) * service**k for k in range(machines + 1))
    assert station.busy_s["repair"] / clock.now == pytest.approx(1 - idle, rel=0.01)


@pytest.mark.parametrize("samplers", [1, 50, 150, 400])
def test_throughput_stays_within_the_asymptotic_bounds(samplers: int) -> None:
    figures = replace(SMALL, samplers=samplers)
    demand, outcome = sum(figures.demands.values()), simulate(figures)
    prompts = outcome.samples_per_s / figures.per_prompt
    most = min(samplers / (figures.think_s + demand), 1 / demand)
    least = samplers / (figures.think_s + samplers * demand)
    assert least * 0.97 <= prompts <= most * 1.03


def test_evaluators_are_the_bottleneck_if_there_are_few() -> None:
    few = replace(SMALL, samplers=100, evaluators=4, evaluate_s=1.0, backlog=64, samples=4_000)
    outcome = simulate(few)
    assert outcome.bottleneck == "evaluators"
    assert outcome.samples_per_s == pytest.approx(4.0, rel=0.05)
    # The answers to prompts that are out come on top of the backlog.
    assert outcome.waiting <= few.backlog + few.samplers * few.per_prompt


def test_driver_is_the_bottleneck_from_about_where_the_bounds_meet() -> None:
    figures = replace(SMALL, samplers=1000, samples=8_000)
    outcome, bites = simulate(figures), bites_at(figures)
    assert outcome.bottleneck.startswith("driver: ")
    assert 0.8 < bites / figures.saturating_samplers < 1.2


def test_load_that_bites_is_found_even_if_there_are_fewer_samplers() -> None:
    few, many = (replace(SMALL, samplers=count, samples=2_000) for count in (2, 500))
    assert bites_at(few) == bites_at(many) > 2


def test_same_seed_gives_the_same_outcome() -> None:
    figures = replace(SMALL, samples=2_000)
    assert simulate(figures) == simulate(figures)


def test_figures_are_read_from_the_lines_of_other_benchmarks(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    told = {"benchmark": "grpc_rate", "calls_per_s": 500.0, "samples_per_s_by_16": 800, "x": 1}
    path.write_text(json.dumps(told))
    figures = figures_of([str(path), "samplers=7"])
    assert (figures.calls_per_s, figures.samples_per_s_by_16, figures.samplers) == (500.0, 800, 7)
    assert figures.call_s + figures.sample_s == pytest.approx(2 / 500)
    assert figures.call_s + 16 * figures.sample_s == pytest.approx(16 / 800)


@pytest.mark.parametrize(
    "argument", ["samplers=0", "think_s=-1", "nonsense=1", "samplers=x", "samples_per_s_by_16=9999"]
)
def test_figures_that_make_no_sense_are_refused(argument: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        figures_of([argument])
