"""The baselines show what they say and nothing else."""

import pytest

from evaluators.verdict import Status
from funsearch.baselines import make_greedy, make_iid
from funsearch.population import Population
from tests.funsearch.helpers import digest


def judged(population: Population, name: int, score: float) -> int:
    number = population.propose(digest(name))
    population.judge(number, Status.OK, name, 10, (score,), score)
    return number


def test_iid_shows_the_starting_programs_only() -> None:
    population = Population(1)
    search = make_iid(0, population, maximise=True, examples=2)
    start = judged(population, 0, 1.0)
    search.register(start, None, 0)
    search.register(judged(population, 1, 9.0), 0, 0)
    assert search.draw(5).programs == (start,)
    assert search.registrations == 2
    assert search.overview()[0].best == 9.0


@pytest.mark.parametrize("maximise", [True, False])
def test_greedy_shows_the_best_with_distinct_signatures_worst_first(maximise: bool) -> None:
    population = Population(1)
    search = make_greedy(0, population, maximise=maximise, examples=2)
    numbers = [judged(population, i, score) for i, score in enumerate((5.0, 7.0, 7.0, 6.0, 4.0))]
    for number in numbers:
        search.register(number, None if number == 0 else 0, 0)
    assert search.draw(0).programs == ((3, 1) if maximise else (0, 4))


def test_nothing_can_be_drawn_before_a_program_is_registered() -> None:
    with pytest.raises(LookupError):
        make_iid(0, Population(1), maximise=True).draw(0)
