"""Symmetric admissible sets: the rule word for word, rows against all vectors, refusals."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems import kernels
from problems import symmetric_admissible_set as symmetric
from problems.admissible_set import first_fault, masks
from problems.contract import Instance, Invalid
from problems.symmetric_admissible_set import APART, LETTERS, expand, priority, problem, words
from tests.problems.support import built, reached
from tests.problems.test_admissible_set import by_definition

TURNS = {a: {a[i:] + a[:i] for i in range(3)} for a in LETTERS}


def instance(n: int, w: int) -> Instance:
    return Instance(f"n{n}w{w}", {"n": n, "w": w})


def score(n: int, w: int, rows: Any) -> float:
    return problem.score(instance(n, w), np.array(rows, dtype=np.int8).reshape(-1, n))


def triples(row: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [row[i : i + 3] for i in range(0, len(row), 3)]


def spelled(word: Any) -> tuple[int, ...]:
    return tuple(x for number in word for x in LETTERS[number])


def all_vectors(row: tuple[int, ...]) -> list[tuple[int, ...]]:
    choices = (TURNS[each] for each in triples(row))  # type: ignore[index]
    return [tuple(itertools.chain(*chosen)) for chosen in itertools.product(*choices)]


def admissible(rows: list[tuple[int, ...]], w: int) -> bool:
    return by_definition([vector for row in rows for vector in all_vectors(row)], w)


def test_rows_are_those_of_weight_w_in_lexicographic_order() -> None:
    for n, w in ((3, 2), (6, 0), (9, 4)):
        expected = [
            row
            for row in itertools.product(range(3), repeat=n)
            if row.count(0) == n - w and set(triples(row)) <= set(LETTERS)
        ]
        assert [spelled(word) for word in words(n, w).tolist()] == expected
    assert [len(words(n, w)) for n, w in symmetric.SIZES] == [448, 2432, 68_768, 435_712]


def test_these_letters_alone_may_occur_in_a_set_that_turns_keep() -> None:
    for triple in itertools.product(range(3), repeat=3):
        turns = sorted({triple[i:] + triple[:i] for i in range(3)})
        weight = 3 - triple.count(0)
        assert by_definition(turns, weight) == any(triple in turns for turns in TURNS.values())


def test_turns_of_one_letter_are_told_apart_and_from_letters_of_more_nonzero_coordinates() -> None:
    def apart(*triples: tuple[int, ...]) -> bool:
        return any(tuple(sorted(values)) in APART for values in zip(*triples, strict=True))

    for a, c in itertools.product(LETTERS, repeat=2):
        for pair in itertools.product(TURNS[a], repeat=2):
            more = c.count(0) < a.count(0)
            assert not more or all(apart(*pair, third) for third in TURNS[c])
            assert len({*pair, a}) == 1 or apart(*pair, a)


@pytest.mark.parametrize(("n", "w"), [(6, 3), (6, 4), (9, 7)])
@pytest.mark.parametrize("seed", range(3))
def test_construction_follows_the_rule_word_for_word(n: int, w: int, seed: int) -> None:
    rows = [spelled(word) for word in words(n, w).tolist()]
    values = np.random.default_rng(seed).integers(0, 5, len(rows)).tolist()
    taken: list[tuple[int, ...]] = []
    for index in sorted(range(len(rows)), key=lambda i: (-values[i], i)):
        # A fault lies in three vectors, so in three rows at most.
        if all(
            admissible([*others, rows[index]], w)
            for others in itertools.combinations(taken, min(2, len(taken)))
        ):
            taken.append(rows[index])
    by_row = dict(zip(rows, values, strict=True))
    found = built(problem, lambda el, n, w: by_row[el], instance(n, w))
    assert found.tolist() == [list(row) for row in taken]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_bit_sets_and_the_kernel_take_the_same_rows(data: st.DataObject) -> None:
    n, w = data.draw(st.sampled_from([(3, 2), (6, 4), (9, 5), (12, 7), (15, 10)]))
    different = data.draw(st.sampled_from([1, 4, 100, 10**6]))
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    values = generator.integers(0, different, len(words(n, w))).astype(float)
    values[generator.random(len(values)) < data.draw(st.sampled_from([0, 0.3, 1]))] = -math.inf
    by_row = {
        spelled(word): value for word, value in zip(words(n, w).tolist(), values, strict=True)
    }
    found: set[bytes] = set()
    for bit_sets_up_to in (0, symmetric.BIT_SETS_UP_TO):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(symmetric, "BIT_SETS_UP_TO", bit_sets_up_to)
            rows = built(problem, lambda el, n, w: by_row[el], instance(n, w))
            found.add(rows.tobytes())
    assert len(found) == 1


@pytest.mark.parametrize("name", ["n12w7", "n15w10"])
def test_small_sets_are_built_without_a_kernel(name: str) -> None:
    def refuse() -> None:
        raise AssertionError("a kernel was called")

    kernels.answer_calls_with(refuse)
    try:
        assert len(built(problem, priority, problem.instance(name))) > 0
    finally:
        kernels.answer_calls_with(None)


def test_minus_infinity_means_never() -> None:
    only = spelled((0, 1, 5, 6))
    assert reached(problem, lambda el, n, w: -math.inf, "n12w7") == 0
    assert reached(problem, lambda el, n, w: 0.0 if el == only else -math.inf, "n12w7") == 3


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(problem, lambda el, n, w: value if el[0] == 1 else 0.0, instance(12, 7))


def test_expanding_gives_all_vectors_once_and_the_rows_last() -> None:
    rows = built(problem, priority, instance(12, 7))
    found = [tuple(vector) for vector in expand(rows).tolist()]
    expected = {vector for row in rows.tolist() for vector in all_vectors(tuple(row))}
    assert set(found) == expected
    assert len(found) == len(expected) == 690
    assert found[-len(rows) :] == [tuple(row) for row in rows.tolist()]


def rows_of_weight(n: int, w: int) -> st.SearchStrategy[list[tuple[int, ...]]]:
    choices = [spelled(word) for word in words(n, w).tolist()]
    return st.lists(st.sampled_from(choices), max_size=5)


def judged(n: int, w: int, rows: list[tuple[int, ...]]) -> bool:
    try:
        size = score(n, w, rows)
    except Invalid:
        return False
    assert size == sum(len(all_vectors(row)) for row in rows)
    return True


@settings(max_examples=150, deadline=None)
@given(st.data())
@pytest.mark.parametrize("expanded_up_to", [15, 0])
def test_both_ways_to_judge_accept_exactly_the_rows_of_admissible_sets(
    expanded_up_to: int, data: st.DataObject
) -> None:
    n, w = data.draw(st.sampled_from([(6, 2), (6, 3), (6, 4), (9, 4), (9, 5), (9, 7)]))
    rows = data.draw(rows_of_weight(n, w))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(symmetric, "EXPANDED_UP_TO", expanded_up_to)
        assert judged(n, w, rows) == admissible(rows, w)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_at_the_real_sizes_rows_are_judged_as_all_their_vectors_are(data: st.DataObject) -> None:
    n, w = data.draw(st.sampled_from([(12, 7), (15, 10)]))
    base = built(problem, priority, instance(n, w))
    kept = data.draw(st.integers(0, len(base)))
    rows = [tuple(row) for row in base[:kept].tolist()]
    rows += data.draw(rows_of_weight(n, w))
    verdicts: set[bool] = set()
    for expanded_up_to in (0, 15):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(symmetric, "EXPANDED_UP_TO", expanded_up_to)
            verdicts.add(judged(n, w, rows))
    assert len(verdicts) == 1


def test_the_set_of_the_seed_for_21_15_is_one_vector_by_vector() -> None:
    rows = built(problem, priority, problem.instance("n21w15"))
    vectors = expand(rows)
    supports, twos = masks(np.ascontiguousarray(vectors))
    assert len(np.unique(supports)) == len(vectors) == 9647
    assert first_fault(supports, twos, 21, len(vectors) - len(rows)) == (-1, -1, -1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0, 1, 2, 0, 0, 3)], "not 0, 1 or 2"),
        ([(0, 1, 2, 0, 0, -1)], "not 0, 1 or 2"),
        ([(0, 1, 2, 0, 1, 2)], "exactly 3"),
        ([(0, 0, 1, 0, 1, 1)], "none of 000"),
        ([(0, 1, 2, 1, 0, 0)], "none of 000"),
        ([(0, 1, 2, 0, 0, 1), (0, 2, 1, 0, 0, 2)], "same number of nonzero"),
        ([(0, 1, 2, 0, 0, 1), (0, 1, 2, 0, 0, 1)], "same number of nonzero"),
    ],
)
def test_score_refuses(rows: Any, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        score(6, 3, rows)


def test_score_refuses_rows_of_another_length() -> None:
    with pytest.raises(Invalid, match="have 5 coordinates, not 6"):
        problem.score(instance(6, 3), np.zeros((0, 5), dtype=np.int8))


def test_what_is_not_told_apart_is_named() -> None:
    rows = [spelled(word) for word in [(6, 2, 5, 0), (6, 1, 2, 3), (0, 4, 5, 3)]]
    with pytest.raises(Invalid, match=r"no coordinate tells \d{12}, \d{12}, \d{12} apart"):
        score(12, 7, rows)
    words_21 = [(2, 3, 5, 4, 5, 2, 6), (3, 4, 4, 1, 5, 3, 6), (3, 4, 5, 4, 5, 1, 4)]
    with pytest.raises(Invalid, match="rows 0, 1 and 2 apart"):
        score(21, 15, [spelled(word) for word in words_21])


@given(st.integers(0, 2), st.integers(0, 150), st.integers(0, 150))
@settings(max_examples=30, deadline=None)
def test_rows_are_compared_wherever_they_stand(which: int, first: int, second: int) -> None:
    base = built(problem, priority, problem.instance("n21w15")).tolist()
    words_21 = [(2, 3, 5, 4, 5, 2, 6), (3, 4, 4, 1, 5, 3, 6), (3, 4, 5, 4, 5, 1, 4)]
    three = [list(spelled(word)) for word in words_21]
    profiles = [np.count_nonzero(LETTERS, axis=1)[list(word)].tolist() for word in words_21]
    rows = [
        row for row in base if [3 - each.count(0) for each in triples(tuple(row))] not in profiles
    ]
    rows.insert(first, three.pop(which))
    rows.insert(second, three.pop())
    with pytest.raises(Invalid, match="no triple tells"):
        score(21, 15, [*rows, *three])


def test_instances_are_chosen_by_n() -> None:
    assert problem.shorthands["n"]("24") == ["n24w17"]
    with pytest.raises(ValueError, match="12, 15, 21, 24"):
        problem.shorthands["n"]("18")


def test_the_empty_set_has_size_0() -> None:
    for n, w in symmetric.SIZES:
        assert score(n, w, []) == 0
