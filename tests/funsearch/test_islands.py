"""The paper's algorithm, and each deliberate deviation from the published code."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.verdict import Status
from funsearch.island import IslandsConfig, choose, length_weights, signature_digest
from funsearch.islands import Islands
from funsearch.population import Population
from tests.funsearch.helpers import digest


class World:
    """Islands with programs that are named by small numbers."""

    def __init__(self, *, maximise: bool = True, seed: int = 7, **options: object) -> None:
        self.population = Population(instances=2)
        config = IslandsConfig(**{"reset_registrations": 0, **options})  # type: ignore[arg-type]
        self.islands = Islands(config, seed, self.population, maximise=maximise)
        self.count = 0

    def add(
        self,
        score: float,
        island: int | None = 0,
        epoch: int = 0,
        signature: tuple[float, float] | None = None,
        length: int = 100,
    ) -> int:
        number = self.population.propose(digest(self.count))
        signature = signature or (score, score)
        self.population.judge(number, Status.OK, self.count, length, signature, score)
        self.count += 1
        self.islands.register(number, island, epoch)
        return number

    def draws(self, count: int) -> list[tuple[int, ...]]:
        return [self.islands.draw(number).programs for number in range(count)]


def test_softmax_has_the_published_values() -> None:
    # Scores 2, 1 and 0.1 at temperature 1: 0.659, 0.242, 0.099 (the published code's own test).
    world = World(islands=1, examples=1, temperature=1.0, scaling="raw")
    for score in (2.0, 1.0, 0.1):
        world.add(score)
    shares = Counter(world.draws(20_000))
    for number, expected in enumerate((0.659, 0.242, 0.099)):
        assert shares[(number,)] / 20_000 == pytest.approx(expected, abs=0.015)


def test_temperature_falls_over_a_period_and_starts_again() -> None:
    world = World(islands=1, examples=1, temperature=1.0, temperature_period=4, scaling="raw")
    world.add(1.0)
    world.add(0.0)  # two registrations: half of the period, half of the temperature
    share = sum(programs == (1,) for programs in world.draws(20_000)) / 20_000
    assert share == pytest.approx(1 / (1 + math.exp(1 / 0.5)), abs=0.01)
    world.add(0.0)
    world.add(0.0)  # the period starts again: full temperature
    share = sum(programs != (0,) for programs in world.draws(20_000)) / 20_000
    assert share == pytest.approx(1 / (1 + math.exp(1 / 1.0)), abs=0.01)


def test_short_programs_are_preferred_inside_a_cluster() -> None:
    # The formula printed in the paper would favour the long one; its code, and we, the short one.
    weights = length_weights(np.array([100, 1000], dtype=np.int32), IslandsConfig())
    assert weights[0] / weights.sum() == pytest.approx(0.71, abs=0.005)
    weights = length_weights(np.array([100, 150], dtype=np.int32), IslandsConfig())
    assert weights[0] / weights.sum() == pytest.approx(0.58, abs=0.005)


def test_scaling_makes_the_temperature_mean_the_same_for_every_problem() -> None:
    def shares(factor: float, offset: float) -> list[tuple[int, ...]]:
        world = World(islands=1, examples=1)
        for score in (500, 511, 512):
            world.add(score * factor + offset)
        return world.draws(500)

    assert shares(1, 0) == shares(1e-5, 0) == shares(1000, -7)
    assert len(set(shares(1, 0))) > 1, "511 must have a chance beside 512"


@pytest.mark.parametrize("factor", [2.0**1023, 2.0**-1070, 1e-300, 1.0])
def test_scores_at_the_ends_of_what_doubles_hold_are_drawn_alike(factor: float) -> None:
    def drawn(factor: float) -> tuple[list[tuple[int, ...]], float]:
        world = World(islands=1, examples=2, temperature=1.0)
        for score in (-1.0, 1.0, 0.0, 0.5, 1.0, 1.0):
            world.add(score * factor)
        return world.draws(200), world.islands.overview()[0].mean

    draws, mean = drawn(factor)
    assert draws == drawn(1.0)[0]
    assert mean == pytest.approx(2.5 / 6 * factor)


def test_paper_mode_makes_511_hopeless_beside_512() -> None:
    world = World(islands=1, examples=1, scaling="raw")
    for score in (511.0, 512.0):
        world.add(score)
    assert Counter(world.draws(2_000))[(1,)] > 1_990


def test_examples_come_from_distinct_clusters_worst_first() -> None:
    world = World(islands=1, examples=2)
    for score in (1.0, 2.0, 3.0):
        world.add(score)
    for low, high in world.draws(200):
        assert low < high


def test_with_one_cluster_examples_are_distinct_programs() -> None:
    world = World(islands=1, examples=2)
    world.add(5.0)
    assert set(world.draws(20)) == {(0,)}
    world.add(5.0)
    world.add(5.0)
    for programs in world.draws(50):
        assert len(set(programs)) == 2


def test_with_replacement_a_prompt_may_show_a_cluster_twice() -> None:
    world = World(islands=1, examples=2, replacement=True, temperature=1.0)
    world.add(1.0)
    world.add(0.0)
    assert (0, 0) in world.draws(50)


def test_programs_that_share_an_aggregate_but_not_a_signature_are_two_clusters() -> None:
    world = World(islands=1, examples=2)
    world.add(2.0, signature=(1.0, 3.0))
    world.add(2.0, signature=(3.0, 1.0))
    assert world.islands.islands[0].clusters == 2


def test_minimising_prefers_small_scores() -> None:
    world = World(islands=1, examples=1, maximise=False)
    for score in (1.0, 2.0, 3.0):
        world.add(score)
    assert world.islands.islands[0].best == 0
    assert Counter(world.draws(300)).most_common(1)[0][0] == (0,)
    assert world.islands.overview()[0].best == 1.0


def test_the_older_of_two_equal_programs_stays_best() -> None:
    world = World(islands=1)
    first = world.add(5.0)
    world.add(5.0)
    assert world.islands.islands[0].best == first


def test_negative_zero_is_zero() -> None:
    assert signature_digest((0.0, 1.0)) == signature_digest((-0.0, 1.0))


def test_starting_programs_are_on_all_islands() -> None:
    world = World(islands=4)
    world.add(1.0, island=None)
    assert [island.programs for island in world.islands.overview()] == [1, 1, 1, 1]
    assert world.islands.registrations == 1


def test_a_late_program_is_not_registered() -> None:
    world = World(islands=2)
    world.add(1.0, island=None)
    plan = world.islands.reset()
    ((weak, _),) = plan.founders
    before = world.islands.registrations
    world.add(9.0, island=weak, epoch=0)
    assert world.islands.registrations == before
    assert world.islands.islands[weak].best == 0
    world.add(9.0, island=weak, epoch=1)
    assert world.islands.registrations == before + 1


def test_reset_keeps_the_better_half_as_published() -> None:
    # Best scores 7 3 5 6 7 -2 0 17 4 3: islands 0, 2, 3, 4 and 7 survive.
    world = World(islands=10)
    for island, score in enumerate((7, 3, 5, 6, 7, -2, 0, 17, 4, 3)):
        world.add(float(score), island=island)
    plan = world.islands.plan_reset()
    assert world.islands.reset() == plan
    assert [island for island, _ in plan.founders] == [1, 5, 6, 8, 9]
    assert {founder for _, founder in plan.founders} <= {0, 2, 3, 4, 7}
    for island, founder in plan.founders:
        assert world.islands.islands[island].best == founder
        assert world.islands.islands[island].registrations == 1
        assert world.islands.epoch(island) == 1
        assert world.population.marked(founder, island)


def test_reset_is_due_after_registrations_not_after_time() -> None:
    world = World(islands=2, reset_registrations=3)
    for score in (1.0, 2.0):
        world.add(score)
        assert world.islands.reset_due(1e9) is None
    world.add(3.0)
    assert world.islands.reset_due(0.0) == "registrations"
    world.add(1.0, island=1)
    world.islands.reset()
    assert world.islands.reset_due(0.0) is None


def test_reset_can_go_by_time() -> None:
    world = World(islands=2, reset_seconds=60.0)
    assert world.islands.reset_due(59.0) is None
    assert world.islands.reset_due(60.0) == "seconds"


def test_a_failed_program_cannot_be_registered() -> None:
    world = World()
    number = world.population.propose(digest(1))
    world.population.judge(number, Status.CRASHED, 0, 100)
    with pytest.raises(ValueError, match="without a score"):
        world.islands.register(number, 0, 0)


def test_nothing_can_be_drawn_before_a_program_is_registered() -> None:
    with pytest.raises(LookupError):
        World().islands.draw(0)


@pytest.mark.parametrize(
    "options",
    [
        {"islands": 0},
        {"islands": 65},
        {"examples": 0},
        {"temperature": 0.0},
        {"temperature_period": 0},
        {"length_temperature": -1.0},
        {"scaling": "other"},
        {"reset_registrations": 1, "reset_seconds": 1.0},
    ],
)
def test_impossible_settings_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|at most|set one"):
        World(**options)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(10, 99)), min_size=1),
    st.integers(0, 2**63 - 1),
)
def test_a_draw_is_a_function_of_registrations_seed_and_number(
    programs: list[tuple[int, int, int]], seed: int
) -> None:
    def world() -> World:
        result = World(islands=3, examples=3, seed=seed)
        result.add(0.0, island=None)
        for island, score, length in programs:
            result.add(float(score), island=island, length=length)
        return result

    first, second = world(), world()
    backwards = [second.islands.draw(number) for number in reversed(range(10))]
    assert [first.islands.draw(number) for number in range(10)] == backwards[::-1]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30),
    st.integers(0, 1000),
    st.data(),
)
def test_choose_never_takes_what_is_skipped(
    weights: list[float], seed: int, data: st.DataObject
) -> None:
    skip = data.draw(st.sets(st.integers(0, len(weights) - 1), max_size=len(weights) - 1))
    edges = np.cumsum(np.array(weights))
    chosen = choose(edges, np.random.default_rng(seed), sorted(skip))
    assert chosen in set(range(len(weights))) - skip


def test_choose_without_the_first_is_the_conditional_distribution() -> None:
    edges = np.cumsum(np.array([5.0, 1.0, 3.0]))
    random = np.random.default_rng(0)
    counts = Counter(choose(edges, random, [0]) for _ in range(10_000))
    assert counts[1] / 10_000 == pytest.approx(0.25, abs=0.015)
