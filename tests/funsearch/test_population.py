"""The table of programs: digests to numbers, and what is kept of each."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.verdict import Status
from funsearch.population import DigestTable, Population
from tests.funsearch.helpers import digest


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 60), max_size=200))
def test_digest_table_is_a_dictionary(items: list[int]) -> None:
    table, model = DigestTable(), dict[bytes, int]()
    for item in items:
        key = hashlib.sha256(bytes([item])).digest()
        expected_new = key not in model
        number = model.setdefault(key, len(model))
        assert table.add(key) == (number, expected_new)
    for key, number in model.items():
        assert table.find(key) == number
        assert table.digest(number) == key
    assert table.find(bytes(32)) is None
    assert len(table) == len(model)


def test_digests_with_equal_beginnings_are_told_apart() -> None:
    table = DigestTable()
    keys = [bytes(8) + bytes([i]) * 24 for i in range(100)]
    assert [table.add(key)[0] for key in keys] == list(range(100))
    assert [table.find(key) for key in keys] == list(range(100))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 500), st.integers(0, 100))
def test_a_table_made_at_once_is_one_filled_in_order(count: int, more: int) -> None:
    keys = [hashlib.sha256(str(number).encode()).digest() for number in range(count + more)]
    keys = [keys[n // 3][:8] + key[8:] for n, key in enumerate(keys)]  # three want the same slot
    filled = DigestTable()
    for key in keys[:count]:
        filled.add(key)
    made = DigestTable.of(filled.digests())
    numbers = [*range(count), *[None] * more]
    assert [made.find(key) for key in keys] == numbers
    assert [filled.find(key) for key in keys] == numbers
    assert [made.add(key) for key in keys] == [filled.add(key) for key in keys]
    assert (made.digests() == filled.digests()).all()


def test_a_digest_that_is_there_twice_is_refused() -> None:
    digests = np.arange(300 * 32, dtype=np.uint32).astype(np.uint8).reshape(300, 32).copy()
    digests[:, 0], digests[:, 1] = np.arange(300) % 256, np.arange(300) // 256
    DigestTable.of(digests)
    digests[70] = digests[290]
    with pytest.raises(ValueError, match="twice"):
        DigestTable.of(digests)


def test_digests_chosen_to_collide_are_refused_before_they_take_forever() -> None:
    digests = np.zeros((100_000, 32), dtype=np.uint8)
    digests[:, 8:12] = np.arange(100_000, dtype="<u4").view(np.uint8).reshape(-1, 4)
    with pytest.raises(ValueError, match="hinder"):
        DigestTable.of(digests)


def test_the_first_verdict_stays() -> None:
    population = Population(instances=1)
    number = population.propose(digest(1))
    assert population.record(number) is None
    population.judge(number, Status.TIMEOUT, 5, 80)
    population.judge(number, Status.OK, 9, 80, (1.0,), 1.0)
    assert population.status(number) is Status.TIMEOUT
    assert population.record(number) == 5
    assert population.score(number) is None


def test_programs_are_marked_on_islands_until_a_reset() -> None:
    population = Population(instances=1)
    first, second = population.propose(digest(1)), population.propose(digest(2))
    population.mark(first, (0, 63))
    population.mark(second, (0,))
    population.clear([0])
    assert not population.marked(first, 0)
    assert population.marked(first, 63)
    assert not population.marked(second, 0)


def test_a_program_takes_little_memory() -> None:
    population = Population(instances=1)
    for number in range(20_000):
        population.propose(digest(number))
    assert population.nbytes / 20_000 < 150
