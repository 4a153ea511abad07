"""Admissible sets: known sizes, the rule word for word, refusals, the checker against the score."""

import itertools
import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators import certificate
from evaluators.verdict import Certificate
from problems.admissible_set import priority, problem, vectors
from problems.contract import Instance, Invalid

CHECKER = Path(__file__).parents[2] / "problems" / "checkers" / "admissible_set.py"
Rows = Sequence[tuple[int, ...]]


class Direct:
    """A candidate called without a sandbox."""

    elementwise = False
    reach = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)

    def map(self, *columns: Any) -> NDArray[np.float64]:
        elements, *rest = columns
        return np.array([float(self.function(el, *rest)) for el in elements])


def instance(n: int, w: int) -> Instance:
    return Instance(f"n{n}w{w}", {"n": n, "w": w})


def built(function: Callable[..., Any], n: int, w: int) -> NDArray[Any]:
    return problem.construct(Direct(function), instance(n, w))


def score(n: int, w: int, rows: Any) -> float:
    return problem.score(instance(n, w), np.array(rows, dtype=np.int8).reshape(-1, n))


def by_definition(rows: Rows, w: int) -> bool:
    supports = {tuple(map(bool, row)) for row in rows}
    apart = ([0, 1, 2], [0, 0, 1], [0, 0, 2])
    return (
        all(sum(support) == w for support in supports)
        and len(supports) == len(rows)
        and all(
            any(sorted(values) in apart for values in zip(*triple, strict=True))
            for triple in itertools.combinations(rows, 3)
        )
    )


def run_checker(path: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(CHECKER), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def check(tmp_path: Path, n: int, w: int, rows: Any) -> tuple[int, str]:
    array = np.array(rows, dtype=np.int8).reshape(-1, n)
    found = Certificate("int8", array.shape, array.tobytes())
    path = tmp_path / "certificate.json"
    path.write_text(certificate.text("admissible_set", instance(n, w), found))
    return run_checker(path)


@pytest.mark.parametrize(
    ("n", "w", "size"),
    [(4, 2, 6), (5, 3, 10), (6, 4, 15), (7, 4, 35), (8, 5, 56), (9, 6, 77), (12, 7, 548)],
)
def test_the_seed_builds_a_set_of_known_size(n: int, w: int, size: int) -> None:
    assert score(n, w, built(priority, n, w)) == size


def test_ties_go_to_the_lower_index_of_the_lexicographic_list() -> None:
    assert list(vectors(2, 1)) == [(0, 1), (0, 2), (1, 0), (2, 0)]
    assert built(priority, 8, 5)[0].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert len(vectors(12, 7)) == math.comb(12, 7) * 2**7


def test_minus_infinity_means_never() -> None:
    assert score(8, 5, built(lambda el, n, w: -float("inf"), 8, 5)) == 0
    only = (0, 0, 0, 1, 2, 1, 2, 1)
    chosen = built(lambda el, n, w: 0.0 if el == only else -float("inf"), 8, 5)
    assert chosen.tolist() == [list(only)]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(lambda el, n, w: value if el[0] == 1 else 0.0, 8, 5)


@pytest.mark.parametrize(("n", "w"), [(4, 2), (5, 3), (5, 4), (6, 3), (6, 4)])
@pytest.mark.parametrize("seed", range(3))
def test_construction_follows_the_rule_word_for_word(n: int, w: int, seed: int) -> None:
    points = vectors(n, w)
    values = np.random.default_rng(seed).integers(0, 4, len(points)).tolist()
    taken: list[tuple[int, ...]] = []
    for index in sorted(range(len(points)), key=lambda i: (-values[i], i)):
        new = points[index]
        fits = all(
            by_definition([*pair, new], w) for pair in itertools.combinations(taken, 2)
        ) and (not taken or by_definition([taken[0], new], w))
        if fits and tuple(map(bool, new)) not in {tuple(map(bool, old)) for old in taken}:
            taken.append(new)
    by_point = dict(zip(points, values, strict=True))
    assert built(lambda el, n, w: by_point[el], n, w).tolist() == [list(v) for v in taken]


def test_the_published_full_set_is_one(published_data: Path, tmp_path: Path) -> None:
    path = published_data / "funsearch_published" / "admissible_set_n12_w7_size792.txt"
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    assert score(12, 7, rows) == 792
    assert check(tmp_path, 12, 7, rows)[0] == 0
    # A greedy that is told the set finds it.
    rank = {tuple(row): -index for index, row in enumerate(rows)}
    assert built(lambda el, n, w: rank.get(el, -1000), 12, 7).tolist() == rows
    changed = np.array(rows)
    changed[5, np.flatnonzero(changed[5])[0]] ^= 3
    with pytest.raises(Invalid, match="no coordinate tells the vectors"):
        score(12, 7, changed)
    status, output = check(tmp_path, 12, 7, changed)
    assert status == 1
    assert "not told apart" in output


def test_one_changed_coordinate_is_judged_alike_by_score_and_checker(
    judge: Callable[..., tuple[int, str]],
) -> None:
    rows = built(priority, 8, 5)
    for index in range(0, rows.size, 11):
        changed = rows.copy()
        changed.flat[index] = (changed.flat[index] + 1) % 3
        data = changed.ravel().tolist()
        accepted = judge(8, 5, list(rows.shape), data)[0] == 0
        assert accepted == by_definition([tuple(row) for row in changed.tolist()], 5)
        try:
            assert score(8, 5, changed) == len(rows)
            assert accepted
        except Invalid:
            assert not accepted


@pytest.fixture(scope="module")
def judge() -> Callable[..., tuple[int, str]]:
    space: dict[str, Any] = {"__name__": "checker"}
    exec(compile(CHECKER.read_text(), str(CHECKER), "exec"), space)
    return space["judge"]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(vectors(4, 2) + vectors(4, 3)), max_size=6))
def test_score_and_checker_accept_exactly_the_admissible_sets(
    judge: Callable[..., tuple[int, str]], rows: list[tuple[int, ...]]
) -> None:
    w = sum(map(bool, rows[0])) if rows else 2
    try:
        assert score(4, w, rows) == len(rows)
        accepted = True
    except Invalid:
        accepted = False
    assert accepted == by_definition(rows, w)
    status, words = judge(4, w, [len(rows), 4], [x for row in rows for x in row])
    assert (status == 0) == accepted
    assert words.startswith(f"valid {len(rows)}" if accepted else "invalid ")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_larger_sets_are_judged_by_every_triple(
    judge: Callable[..., tuple[int, str]], data: st.DataObject
) -> None:
    supports = list(itertools.combinations(range(5), 3))
    chosen = data.draw(st.lists(st.sampled_from(supports), min_size=3, max_size=10, unique=True))
    rows = [
        tuple(data.draw(st.integers(1, 2)) if place in support else 0 for place in range(5))
        for support in chosen
    ]
    accepted = judge(5, 3, [len(rows), 5], [x for row in rows for x in row])[0] == 0
    assert accepted == by_definition(rows, 3)
    if accepted:
        assert score(5, 3, rows) == len(rows)
    else:
        with pytest.raises(Invalid, match="no coordinate tells"):
            score(5, 3, rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(1, 1, 3)], "not 0, 1 or 2"),
        ([(1, -1, 0)], "not 0, 1 or 2"),
        ([(1, 1, 1)], "exactly 2"),
        ([(1, 0, 0)], "exactly 2"),
        ([(1, 1, 0), (2, 1, 0)], "at the same places"),
        ([(1, 1, 0), (1, 0, 1), (0, 1, 1)], "vectors 0, 1 and 2|vectors 1, 2 and 0"),
    ],
)
def test_score_refuses(rows: Any, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        score(3, 2, rows)


def test_score_refuses_vectors_of_another_length() -> None:
    with pytest.raises(Invalid, match="have 4 coordinates, not 3"):
        problem.score(instance(3, 2), np.zeros((0, 4), dtype=np.int8))


@pytest.mark.parametrize(
    ("n", "w", "shape", "data"),
    [
        (True, 1, [1, 1], [1]),
        (1, True, [1, 1], [1]),
        (2.0, 1, [1, 2], [0, 1]),
        (2, 0, [1, 2], [0, 0]),
        (2, 3, [1, 2], [1, 1]),
        (21, 1, [0, 21], []),
        (2, 1, [1], [0, 1]),
        (2, 1, [1, 3], [0, 1, 0]),
        (2, 1, [True, 2], [0, 1]),
        (2, 1, [1.0, 2], [0, 1]),
        (2, 1, [2, 2], [0, 1]),
        (2, 1, [1, 2], [0, 1, 0]),
        (2, 1, [1, 2], [0, 3]),
        (2, 1, [1, 2], [0, -1]),
        (2, 1, [1, 2], [0, 1.0]),
        (2, 1, [1, 2], [0, True]),
        (2, 1, [1, 2], "01"),
        (2, 1, "12", [0, 1]),
        (2, 1, [1, 2], [1, 1]),
        (2, 1, [1, 2], [0, 0]),
        (2, 1, [2, 2], [0, 1, 0, 2]),
        (3, 2, [3, 3], [1, 1, 0, 1, 0, 1, 0, 1, 1]),
    ],
)
def test_checker_refuses(
    judge: Callable[..., tuple[int, str]], n: Any, w: Any, shape: Any, data: Any
) -> None:
    status, words = judge(n, w, shape, data)
    assert status == 1
    assert words.startswith("invalid ")


def test_checker_takes_the_smallest_and_the_largest_instances(
    judge: Callable[..., tuple[int, str]],
) -> None:
    assert judge(1, 1, [1, 1], [2]) == (0, "valid 1")
    assert judge(20, 1, [1, 20], [0] * 19 + [1]) == (0, "valid 1")
    assert judge(20, 20, [1, 20], [1] * 20) == (0, "valid 1")


OF_ANOTHER_PROBLEM = {
    "format": 1,
    "problem": "cap_set",
    "instance": {"data": {"n": 2, "w": 1}},
    "shape": [0, 2],
    "data": [],
}
OF_ANOTHER_FORMAT = OF_ANOTHER_PROBLEM | {"format": 2, "problem": "admissible_set"}
NO_WEIGHT = OF_ANOTHER_FORMAT | {"format": 1, "instance": {"data": {"n": 2}}}


@pytest.mark.parametrize(
    "text",
    [
        *["", "{", "[]", "null", '{"format": 1}', "[" * 100_000],
        *map(json.dumps, [OF_ANOTHER_PROBLEM, OF_ANOTHER_FORMAT, NO_WEIGHT]),
    ],
)
def test_checker_answers_a_file_that_is_no_certificate_with_usage(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)
    status, output = run_checker(path)
    assert status == 2
    assert output.startswith("usage:")
    assert len(output.splitlines()) == 1


def test_checker_cuts_a_long_complaint(tmp_path: Path) -> None:
    data = {"n": 2, "w": 1, "x" * 500: 1}
    path = tmp_path / "c.json"
    path.write_text(json.dumps(OF_ANOTHER_FORMAT | {"format": 1, "instance": {"data": data}}))
    status, output = run_checker(path)
    assert (status, len(output)) == (2, 301)


def test_checker_prints_score_and_digest_of_the_instance(tmp_path: Path) -> None:
    status, output = check(tmp_path, 3, 2, [(0, 1, 1), (1, 0, 2)])
    digest = certificate.instance_digest(instance(3, 2))
    assert (status, output) == (0, f"valid 2 instance {digest}\n")


def test_instances_are_chosen_by_n() -> None:
    assert problem.shorthands["n"]("12") == ["n12w7"]
    with pytest.raises(ValueError, match="8, 9, 12"):
        problem.shorthands["n"]("7")
