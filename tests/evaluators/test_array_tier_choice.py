"""The array tier's place among the tiers: which one runs a map, and what a verdict says of it."""

from __future__ import annotations

import ast
import mmap
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evaluators.area import Area, Layout
from evaluators.array_tier.columns import Columns
from evaluators.candidate import Tiered, load
from evaluators.pool import Mode
from evaluators.program import Program
from evaluators.verdict import Status
from problems.cap_set import vectors
from problems.contract import Array
from tests.evaluators.conftest import Harness

BODIES = [
    "return 0.0",
    "return el.count(0) * n - el.count(2) ** 2",
    "return (el[1] if 3 == el[1::2].count(1) else el[-3]) * sorted(el).count(2) % 3",
    "return math.exp(-el.count(1)) + math.log1p(el.count(2)) - len(set(el[:-1]))",
    "score = n\nif el[0] == el[-1]:\n    score *= 1.5\nfor x in el:\n    score -= x\nreturn score",
    "if el.count(0) > 2:\n    return -1.0\nreturn sum(x * y for x, y in zip(el, el[1:])) / 2",
]


def tree(body: str) -> ast.Module:
    return ast.parse("def f(el, n):\n" + textwrap.indent(body, "    "))


def tiered(body: str) -> Tiered:
    program = tree(body)
    return Tiered(load(program, "f", {}), program, {}, Columns())


def test_map_says_whether_all_was_run_as_arrays() -> None:
    candidate = tiered("return el[0]")
    assert not candidate.only_arrays
    candidate.map(vectors(6), 6)
    assert candidate.only_arrays
    candidate((1,), 1)
    assert not candidate.only_arrays


def test_map_of_few_rows_or_beyond_arrays_is_interpreted() -> None:
    few, beyond = tiered("return el[0]"), tiered("return el[0] + len('')")
    assert few.map([(1, 2)], 2).tolist() == [1.0]
    assert beyond.map(vectors(6), 6).tolist() == [float(el[0]) for el in vectors(6)]
    assert (few.only_arrays, beyond.only_arrays) == (False, False)


def test_map_that_raises_does_so_as_interpreted() -> None:
    with pytest.raises(ZeroDivisionError):
        tiered("return 1 / el[0]").map(vectors(6), 6)


@pytest.fixture(scope="module")
def cap_sets(start: Callable[..., Any]) -> Any:
    with start("cap_set") as harness:
        yield harness


@pytest.mark.parametrize("body", BODIES)
def test_certificates_through_a_pool_are_the_same_in_both_tiers(
    cap_sets: Harness, body: str
) -> None:
    program = Program("priority", ast.unparse(tree(body)).replace("def f", "def priority"))
    fast, exact = (
        cap_sets.run(cap_sets.pool.evaluate(program, ["n=6"], mode))
        for mode in (Mode.FAST, Mode.EXACT)
    )
    assert (fast.status, fast.tier, exact.tier) == (Status.OK, "array", "interpreter"), fast.reason
    assert (fast.certificates, fast.score) == (exact.certificates, exact.score)


def test_candidate_beyond_arrays_is_reported_as_interpreted(cap_sets: Harness) -> None:
    program = Program("priority", "def priority(el, n):\n    return np.sum(el)")
    verdict = cap_sets.run(cap_sets.pool.evaluate(program, ["n=6"]))
    assert (verdict.status, verdict.tier) == (Status.OK, "interpreter")


@pytest.mark.parametrize(
    ("written", "read"), [(1, "array"), (0, "interpreter"), (7, "interpreter")]
)
def test_tier_that_a_child_claims_is_one_that_there_is(written: int, read: str) -> None:
    layout = Layout(Array("int8", ndim=1, max_elements=1), slots=1)
    memory = mmap.mmap(-1, layout.size)
    np.frombuffer(memory, np.uint64, 5)[4] = written
    assert Area(memory, layout).tier().name.lower() == read
