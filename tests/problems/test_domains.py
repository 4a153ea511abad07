"""Domains: what is drawn and varied belongs to them, everything can be, and nothing else does."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest

from problems.domains import DOMAINS, Domain, Permutation, Range, SignedPermutation, Vector

ALL: dict[str, tuple[Domain, set[Any]]] = {
    "range": (Range(-1, 3), {-1, 0, 1, 2, 3}),
    "permutation": (Permutation(3), set(permutations(range(3)))),
    "signed permutation": (
        SignedPermutation(3),
        {
            tuple(i * sign for i, sign in zip(order, signs, strict=True))
            for order in permutations((1, 2, 3))
            for signs in product((1, -1), repeat=3)
        },
    ),
    "vector": (Vector(3, 4), set(product(range(3), repeat=4))),
}
ONE: list[tuple[Domain, Any]] = [
    (Range(7, 7), 7),
    (Permutation(1), (0,)),
    (Vector(1, 2), (0, 0)),
]

each = pytest.mark.parametrize(("domain", "values"), ALL.values(), ids=ALL)


def below(seed: int) -> Callable[[int], int]:
    random = np.random.default_rng(seed).random
    return lambda count: int(random() * count)


@each
def test_every_value_is_drawn_and_nothing_else(domain: Domain, values: set[Any]) -> None:
    choose = below(1)
    count = int(len(values) * (math.log(len(values)) + 12))
    assert {domain.draw(choose) for _ in range(count)} == values


@each
def test_a_variation_is_another_value(domain: Domain, values: set[Any]) -> None:
    choose = below(2)
    for value in values:
        others = {domain.vary(value, choose) for _ in range(20)}
        assert others <= values - {value}
        assert len(others) > 1 or value in {-1, 3}


@each
def test_variations_lead_everywhere(domain: Domain, values: set[Any]) -> None:
    choose, seen = below(3), set[Any]()
    value = max(values, key=repr)
    for _ in range(100 * len(values)):
        seen.add(value)
        value = domain.vary(value, choose)
    assert seen == values


@each
def test_exactly_its_values_belong_to_a_domain(domain: Domain, values: set[Any]) -> None:
    assert all(value in domain for value in values)
    around = [*range(-5, 6), *product(range(-3, 5), repeat=3), *product(range(4), repeat=4)]
    assert {value for value in around if value in domain} == values & set(around)


@each
@pytest.mark.parametrize(
    "change",
    [
        lambda value: float(value) if isinstance(value, int) else list(value),
        lambda value: True if isinstance(value, int) else (*value[:-1], True),
        lambda value: None if isinstance(value, int) else (*value[:-1], float(value[-1])),
        lambda value: np.int64(value) if isinstance(value, int) else np.array(value),
        lambda value: 10**5000 if isinstance(value, int) else (*value[:-1], 10**5000),
        lambda value: value,
    ],
    ids=["other type", "bool", "float", "numpy", "huge", "string"],
)
def test_what_only_looks_like_a_value_does_not_belong(
    domain: Domain, values: set[Any], change: Callable[[Any], Any]
) -> None:
    for value in values:
        other = change(value)
        assert (other if other is not value else repr(value)) not in domain


@pytest.mark.parametrize(("domain", "value"), ONE)
def test_the_only_value_of_a_domain_varies_to_itself(domain: Domain, value: Any) -> None:
    choose = below(4)
    assert domain.draw(choose) == value
    assert domain.vary(value, choose) == value


def test_a_size_that_is_the_name_of_a_parameter_is_not_known() -> None:
    with pytest.raises(ValueError, match="the value of n is not known here"):
        Vector(3, "n").draw(below(5))


def test_domains_are_found_by_the_names_that_annotations_give_them() -> None:
    assert set(DOMAINS) == {"Range", "Permutation", "SignedPermutation", "Vector"}
    assert DOMAINS["Vector"](3, 4) == Vector(3, 4)
