"""The cap set problem: known sizes, ties, refusals, and the checker against the score."""

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators import certificate
from evaluators.verdict import Certificate
from problems.cap_set import priority, problem, vectors
from problems.contract import Instance, Invalid
from tests.problems.constructions import SIZES

CHECKER = Path(__file__).parents[2] / "problems" / "checkers" / "cap_set.py"


class Direct:
    """A candidate called without a sandbox."""

    elementwise = False
    reach = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)

    def map(self, *columns: Any) -> NDArray[np.float64]:
        elements, n = columns
        return np.array([float(self.function(el, n)) for el in elements])


def built(function: Callable[..., Any], n: int) -> NDArray[Any]:
    return problem.construct(Direct(function), Instance(f"n={n}", {"n": n}))


def score(n: int, rows: Any) -> float:
    return problem.score(Instance(f"n={n}", {"n": n}), np.array(rows, dtype=np.int8).reshape(-1, n))


def check(tmp_path: Path, n: int, rows: Any) -> tuple[int, str]:
    array = np.array(rows, dtype=np.int8).reshape(-1, n)
    found = Certificate("int8", array.shape, array.tobytes())
    path = tmp_path / "certificate.json"
    path.write_text(certificate.text("cap_set", Instance(f"n={n}", {"n": n}), found))
    return run_checker(path)


def run_checker(path: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(CHECKER), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("n", range(3, 10))
def test_the_seed_builds_the_set_of_all_vectors_of_zeros_and_ones(n: int) -> None:
    rows = built(priority, n)
    assert score(n, rows) == 2**n
    assert set(np.unique(rows)) == {0, 1}


@pytest.mark.parametrize("n", SIZES)
def test_a_classic_construction_reaches_the_largest_size(n: int) -> None:
    function, size = SIZES[n]
    assert score(n, built(function, n)) == size


def test_ties_go_to_the_lower_index_of_the_lexicographic_list() -> None:
    rows = built(lambda el, n: float(sum(el) > 0), 3)
    assert rows[0].tolist() == [0, 0, 1]
    assert list(vectors(2)) == list(itertools.product(range(3), repeat=2))


def test_minus_infinity_means_never() -> None:
    assert score(3, built(lambda el, n: -float("inf"), 3)) == 0
    assert score(3, built(lambda el, n: 0.0 if el == (1, 2, 0) else -float("inf"), 3)) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_plus_infinity_are_refused(value: float) -> None:
    with pytest.raises(Invalid, match="NaN or plus infinity"):
        built(lambda el, n: value if sum(el) == 1 else 0.0, 4)


@pytest.mark.parametrize("n", [3, 8])
def test_construction_agrees_with_a_plain_one(n: int) -> None:
    # The rule word for word, without tables: a vector is taken unless it completes a line.
    values = np.random.default_rng(n).integers(0, 5, 3**n).astype(float)
    taken: list[tuple[int, ...]] = []
    lines: set[tuple[int, ...]] = set()
    points = vectors(n)
    for index in sorted(range(3**n), key=lambda i: (-values[i], i)):
        if points[index] not in lines:
            new = points[index]
            lines |= {tuple(-(a + b) % 3 for a, b in zip(new, old, strict=True)) for old in taken}
            taken.append(new)
    by_point = dict(zip(points, values.tolist(), strict=True))
    assert built(lambda el, n: by_point[el], n).tolist() == [list(v) for v in taken]


def test_the_published_set_of_512_vectors_is_one(published_data: Path, tmp_path: Path) -> None:
    text = (published_data / "funsearch_published" / "cap_set_n8_size512.txt").read_text()
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    assert score(8, rows) == 512
    assert check(tmp_path, 8, rows)[0] == 0
    changed = [*rows[:-1], rows[0]]
    assert check(tmp_path, 8, changed)[0] == 1
    with pytest.raises(Invalid, match="twice"):
        score(8, changed)


def by_definition(rows: list[tuple[int, ...]]) -> bool:
    distinct = len(set(rows)) == len(rows)
    return distinct and not any(
        all(sum(column) % 3 == 0 for column in zip(*triple, strict=True))
        for triple in itertools.combinations(rows, 3)
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), max_size=7))
def test_score_accepts_exactly_the_cap_sets(rows: list[tuple[int, ...]]) -> None:
    try:
        assert score(3, rows) == len(rows)
        accepted = True
    except Invalid:
        accepted = False
    assert accepted == by_definition(rows)


@pytest.fixture(scope="module")
def fault() -> Callable[[Any, Any, Any], str | None]:
    space: dict[str, Any] = {"__name__": "checker"}
    exec(compile(CHECKER.read_text(), str(CHECKER), "exec"), space)
    return space["fault"]


def test_checker_accepts_exactly_the_cap_sets_of_the_plane(
    fault: Callable[[Any, Any, Any], str | None],
) -> None:
    plane = list(itertools.product(range(3), repeat=2))
    for size in range(6):
        for rows in itertools.combinations(plane, size):
            data = [x for row in rows for x in row]
            assert (fault(2, [size, 2], data) is None) == by_definition(list(rows))


@pytest.mark.parametrize(
    ("n", "shape", "data"),
    [
        (True, [1, 1], [0]),
        (0, [0, 0], []),
        (2.0, [1, 2], [0, 0]),
        (2, [1], [0, 0]),
        (2, [1, 3], [0, 0, 0]),
        (2, [-1, 2], []),
        (2, [2, 2], [0, 0]),
        (2, [True, 2], [0, 0]),
        (2, [1, 2], [0, 3]),
        (2, [1, 2], [0, -1]),
        (2, [1, 2], [0, 1.0]),
        (2, [1, 2], [0, True]),
        (2, [1, 2], "00"),
        (2, [2, 2], [0, 1, 0, 1]),
        (2, "12", [0, 0]),
    ],
)
def test_checker_refuses(
    fault: Callable[[Any, Any, Any], str | None], n: Any, shape: Any, data: Any
) -> None:
    assert fault(n, shape, data)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 1}', "[" * 100_000])
def test_checker_answers_a_file_that_is_no_certificate_with_usage(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)
    status, output = run_checker(path)
    assert status == 2
    assert output.startswith("usage:")
    assert len(output.splitlines()) == 1


def test_checker_prints_score_and_digest_of_the_instance(tmp_path: Path) -> None:
    status, output = check(tmp_path, 3, [(0, 0, 1), (0, 1, 0)])
    digest = certificate.instance_digest(Instance("n=3", {"n": 3}))
    assert (status, output) == (0, f"valid 2 instance {digest}\n")
