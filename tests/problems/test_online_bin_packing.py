"""Online bin packing: the rule word for word, several ways that agree, the instances."""

import ast
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators.candidate import load
from evaluators.locality import reach
from problems import data, registry
from problems.contract import Instance, Invalid
from problems.online_bin_packing import pack, priority, problem
from tests.problems.support import CHECKERS, Direct

Function = Callable[[int, Any], Any]


class Counting(Direct):
    """A candidate that counts its calls."""

    calls = 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        return super().__call__(*arguments)


def instance(items: Sequence[int], capacity: int) -> Instance:
    return Instance("test", {"capacity": capacity, "items": list(items)})


def built(
    function: Function, items: Sequence[int], capacity: int, *, elementwise: bool = False
) -> list[int]:
    candidate = Direct(function, elementwise=elementwise)
    found = problem.construct(candidate, instance(items, capacity))
    assert found.dtype == np.int32
    return found.tolist()


def first_fit(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
    return np.zeros(len(bins))


def worst_fit(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
    return bins - item


def neighbours(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
    scores = (bins - np.max(bins)) ** 2 / item - np.arange(len(bins)) % 3
    scores[1:] -= scores[:-1].copy()
    return scores


def neighbours_alone(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
    scores = (bins - np.max(bins)) ** 2 / item
    scores[1:] -= scores[:-1]
    return scores


def tangled(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
    scores = np.sin(bins * item) - np.floor(bins / 3)
    scores[bins == item] = 0.5
    return np.where(bins % 2 == 0, scores, np.round(scores))


def ceiling(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
    with np.errstate(divide="ignore"):
        return np.log((bins != item).astype(float))


ELEMENTWISE = [priority, first_fit, worst_fit, tangled, ceiling]


def plain(function: Function, items: Sequence[int], capacity: int) -> list[int]:
    """The rule word for word, with lists; bins in the order of their first use."""
    remaining = [capacity] * len(items)
    chosen: list[int] = []
    for item in items:
        valid = [index for index, left in enumerate(remaining) if left >= item]
        values = list(function(item, np.array([remaining[index] for index in valid])))
        best = valid[values.index(max(values))]
        remaining[best] -= item
        chosen.append(best)
    names = list(dict.fromkeys(chosen))
    return [names.index(number) for number in chosen]


def test_instances_never_change() -> None:
    data = problem.instances()
    first = {
        "weibull_5k_0": ([35, 58, 25, 51, 65, 48, 34, 58], 200_876),
        "weibull_10k_0": ([28, 56, 57, 30, 5, 45, 54, 48], 400_161),
        "uniform_120_0": ([20, 88, 67, 21, 38, 94, 85, 58], 6_888),
    }
    for name, (sizes, total) in first.items():
        items: Any = data[name]["items"]
        assert items[:8] == sizes
        assert sum(items) == total
    for name, each in data.items():
        items, capacity = each["items"], each["capacity"]
        assert isinstance(items, list)
        low, high = (1, 100) if capacity == 100 else (20, 100)
        assert all(type(size) is int and low <= size <= high for size in items), name
    assert len({json.dumps(each) for each in data.values()}) == len(data)
    assert set(problem.training).isdisjoint(problem.held_out)


@pytest.mark.parametrize("function", [*ELEMENTWISE, neighbours])
@pytest.mark.parametrize(("count", "capacity"), [(1, 9), (2, 9), (40, 9), (200, 30)])
def test_packing_follows_the_rule_word_for_word(
    function: Function, count: int, capacity: int
) -> None:
    items = np.random.default_rng(count).integers(1, capacity, count, endpoint=True).tolist()
    expected = plain(function, items, capacity)
    assert built(function, items, capacity) == expected
    if function is not neighbours:
        assert built(function, items, capacity, elementwise=True) == expected


def test_bins_are_numbered_by_first_use() -> None:
    assert built(lambda item, bins: np.arange(len(bins)), [5, 5, 5], 5) == [0, 1, 2]
    assert built(lambda item, bins: np.arange(len(bins)), [2, 2, 2], 5) == [0, 0, 1]


def test_ties_go_to_the_first_bin() -> None:
    assert built(first_fit, [3, 3, 2, 2], 5) == [0, 1, 0, 1]
    assert built(lambda item, bins: bins > 4, [3, 3, 2, 2], 5) == [0, 1, 2, 3]


def test_the_candidate_gets_an_int_and_an_array_of_int64_of_all_bins_with_room() -> None:
    seen: list[tuple[type, np.dtype[Any], list[int]]] = []

    def spy(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
        seen.append((type(item), bins.dtype, bins.tolist()))
        bins *= 0  # its own copy
        return bins

    built(spy, [3, 4, 2], 5)
    int64 = np.dtype(np.int64)
    assert seen == [(int, int64, [5, 5, 5]), (int, int64, [5, 5]), (int, int64, [2, 5])]


@pytest.mark.parametrize("elementwise", [False, True])
@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda item, bins: bins * np.nan, "a priority is NaN"),
        (lambda item, bins: np.where(bins == 4, np.nan, 0.0), "a priority is NaN"),
        (lambda item, bins: 0.0, "not one number for each bin"),
        (lambda item, bins: bins[:1], "not one number for each bin"),
        (lambda item, bins: bins[:, None], "not one number for each bin"),
    ],
)
def test_priorities_are_refused(function: Function, message: str, elementwise: bool) -> None:
    with pytest.raises(Invalid, match=message):
        built(function, [6] * 9 + [3] * 9, 10, elementwise=elementwise)


@pytest.mark.parametrize("elementwise", [False, True])
def test_what_never_happens_does_no_harm(elementwise: bool) -> None:
    def strict(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
        if (bins == 7).any():
            raise ValueError("no bin is ever left with 7")
        return np.where(bins == 1, np.nan, -bins)

    found = built(strict, [6, 6, 4, 4] * 4, 10, elementwise=elementwise)
    assert found == [0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7]


@pytest.mark.parametrize("elementwise", [False, True])
def test_infinities_are_numbers(elementwise: bool) -> None:
    never = built(lambda item, bins: bins * -np.inf, [3, 3, 2, 2], 3, elementwise=elementwise)
    assert never == [0, 1, 2, 3]
    full = built(lambda item, bins: np.where(bins == item, np.inf, 0.0), [3, 3, 2], 5)
    assert full == [0, 1, 0]


def test_an_elementwise_candidate_is_asked_once_for_each_size() -> None:
    candidate = Counting(tangled, elementwise=True)
    problem.construct(candidate, instance([4, 5, 6] * 50, 20))
    assert candidate.calls == 3


@pytest.mark.parametrize("capacity", [10, 10**6])
def test_no_table_is_made_where_it_would_be_more_work(capacity: int) -> None:
    candidate = Counting(priority, elementwise=True)
    problem.construct(candidate, instance([7] * 10, capacity))
    assert candidate.calls == 10


def test_no_table_is_made_that_would_not_fit() -> None:
    lengths: list[int] = []

    def spy(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
        lengths.append(len(bins))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        problem.construct(Direct(spy, elementwise=True), instance([*range(1, 5001)] * 2, 9_990))
    assert lengths == [10_000]


VALUES = st.sampled_from([-np.inf, -1.5, 0.0, 0.0, 1.0, 2.0, np.inf])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_both_ways_pack_alike_to_the_byte(data: st.DataObject) -> None:
    capacity = data.draw(st.integers(1, 12))
    items = data.draw(st.lists(st.integers(1, capacity), min_size=capacity + 1, max_size=60))
    nan = data.draw(st.booleans())
    values = VALUES | st.just(np.nan) if nan else VALUES
    rows = st.lists(values, min_size=capacity + 1, max_size=capacity + 1)
    table = np.array(data.draw(st.lists(rows, min_size=3, max_size=3)))

    def function(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
        return table[item % 3][bins]

    results: list[bytes | str] = []
    for elementwise in (False, True):
        candidate = Direct(function, elementwise=elementwise)
        try:
            found = problem.construct(candidate, instance(items, capacity))
            problem.score(instance(items, capacity), found)
            results.append(found.tobytes())
        except Invalid as error:
            results.append(str(error))
    assert results[0] == results[1]


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_both_ways_pack_a_training_instance_alike(function: Function) -> None:
    each = problem.instance("weibull_5k_1")
    slow = problem.construct(Direct(function), each)
    fast = problem.construct(Direct(function, elementwise=True), each)
    assert slow.tobytes() == fast.tobytes()


@pytest.mark.slow
def test_the_loop_can_be_compiled_with_the_candidate_as_its_argument() -> None:
    row = numba.types.Array(numba.types.int64, 1, "C")
    signature = numba.types.Array(numba.types.float64, 1, "C")(numba.types.int64, row)
    pointer: Any = numba.types.FunctionType(signature)
    compiled: Any = numba.njit((pointer, row, numba.types.int64, numba.types.int64))(pack)
    items = np.random.default_rng(1).integers(1, 30, 300)
    for function in (lambda item, bins: bins * -1.0, neighbours):
        for margin in (4, 300):
            expected = pack(Direct(function), items, 40, margin)
            found = compiled(numba.njit(signature)(function), items, 40, margin)
            assert found.tobytes() == expected.tobytes()
    for wrong, message in (
        (lambda item, bins: bins * np.nan, "NaN"),
        (lambda item, bins: np.zeros(2), "not one number for each bin"),
    ):
        with pytest.raises(Invalid, match=message):
            compiled(numba.njit(signature)(wrong), items, 40, 300)


LOCAL = [
    *["s[1:] -= s[:-1]", "s[:-1] = bins[1:] * s[1:]", "s[-1] += 2.5", "s[0] = -max(s)"],
    *["s[bins > item] *= -1", "s -= max(bins)", "s[1:] = 0", "s = np.where(s > bins, 1, s)"],
    *["t = s * 1\n    t[1:] -= s[:-1]\n    s = t", "s[0] = s[-1]", "s[:-1] *= 0"],
]
"""These do no harm where there is only one bin."""


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_left_out_changes_no_packing(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(LOCAL), min_size=1, max_size=3))
    first = data.draw(st.sampled_from(["bins % 3", "-bins / item", "bins * 0.0", "bins ** 2 % 7"]))
    body = "".join(f"    {line}\n" for line in (f"s = {first} * 1.0", *chosen, "return s"))
    tree = ast.parse(f"def priority(item, bins):\n{body}")
    far = reach(tree, "priority")
    assert far is not None
    function = load(tree, "priority", {})
    capacity = data.draw(st.integers(1, 12))
    items = data.draw(st.lists(st.integers(1, capacity), min_size=20, max_size=90))
    results = [
        problem.construct(Direct(function, reach=each), instance(items, capacity)).tolist()
        for each in (None, far, far + 2)
    ]
    assert results[0] == results[1] == results[2]
    assert results[0] == plain(function, items, capacity)


@pytest.mark.parametrize("function", [neighbours_alone, *ELEMENTWISE])
def test_what_is_left_out_changes_no_packing_of_a_training_instance(function: Function) -> None:
    each = problem.instance("weibull_5k_1")
    slow = problem.construct(Direct(function), each)
    fast = problem.construct(Direct(function, reach=1), each)
    assert slow.tobytes() == fast.tobytes()


def test_few_empty_bins_are_shown() -> None:
    lengths: list[int] = []

    def spy(item: int, bins: NDArray[np.int64]) -> NDArray[Any]:
        lengths.append(int((bins == 30).sum()))
        return bins - bins[0]

    problem.construct(Direct(spy, reach=1), instance([7, 9, 12] * 400, 30))
    assert max(lengths) < 30


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda item, bins: bins * np.nan, "a priority is NaN"),
        (lambda item, bins: np.where(bins == 4, np.nan, 0.0), "a priority is NaN"),
        (lambda item, bins: 0.0, "not one number for each bin"),
    ],
)
def test_priorities_of_fewer_bins_are_refused_alike(function: Function, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        problem.construct(Direct(function, reach=0), instance([6] * 90 + [3] * 90, 10))


@pytest.fixture(scope="module")
def judge() -> Callable[..., tuple[int, str]]:
    checker = CHECKERS / "online_bin_packing.py"
    space: dict[str, Any] = {"__name__": "checker"}
    exec(compile(checker.read_text(), str(checker), "exec"), space)
    return space["judge"]


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_score_and_checker_judge_alike(
    judge: Callable[..., tuple[int, str]], data: st.DataObject
) -> None:
    capacity = data.draw(st.integers(1, 9))
    items = data.draw(st.lists(st.integers(1, capacity), min_size=1, max_size=6))
    bins = data.draw(st.lists(st.integers(-1, 4), min_size=len(items), max_size=len(items)))
    loads = [sum(s for s, b in zip(items, bins, strict=True) if b == k) for k in range(5)]
    canonical = list(dict.fromkeys(bins)) == list(range(len(set(bins))))
    valid = canonical and max(loads) <= capacity
    status, words = judge(capacity, items, [len(items)], bins)
    assert (status == 0) == valid
    try:
        found = problem.score(instance(items, capacity), np.array(bins, dtype=np.int32))
    except Invalid:
        assert not valid
        return
    assert valid
    least = math.ceil(sum(items) / capacity)
    assert found == pytest.approx(100 * (len(set(bins)) / least - 1))
    assert found >= 0
    assert words == f"valid {found!r}"


@pytest.mark.parametrize(
    ("bins", "message"),
    [
        ([0, 1], "bins for 2 items, not for 3"),
        ([1, 0, 2], "numbered 0, 1, 2"),
        ([0, 2, 1], "numbered 0, 1, 2"),
        ([0, -1, 1], "numbered 0, 1, 2"),
        ([0, 1, 1], "bin 1 holds more than 5"),
        ([0, 1, 2**31 - 1], "numbered 0, 1, 2"),
    ],
)
def test_score_refuses(bins: list[int], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        problem.score(instance([3, 3, 3], 5), np.array(bins, dtype=np.int32))


def test_a_packing_as_small_as_the_bound_scores_zero() -> None:
    found = problem.score(instance([3, 2, 5], 5), np.array([0, 0, 1], dtype=np.int32))
    assert found == 0.0
    assert not problem.metric.beyond_bound(problem.training[0], found)
    assert problem.metric.beyond_bound(problem.training[0], -0.1)


def test_instances_are_chosen_by_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(data.VARIABLE, raising=False)
    by_data = problem.shorthands["data"]
    assert by_data("weibull_5k") == problem.training
    assert len(by_data("uniform_120")) == 20
    assert {*by_data("uniform_120"), *by_data("weibull_100k")} <= set(problem.instances())
    with pytest.raises(ValueError, match=r"one of weibull_5k, .*, u1000, not or3"):
        by_data("or3")
    with pytest.raises(ValueError, match=r"set FUNSEARCH_DATA to .* or_library/binpack3\.txt"):
        by_data("u500")
    assert "u500_00" not in problem.instances()


def binpack(kind: str) -> list[str]:
    """Return the lines of a file of 20 instances."""
    lines = ["20"]
    for number in range(20):
        lines += [f" {kind}_{number:02} ", " 150 3 2", "42", "69", "150"]
    return lines


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(data.VARIABLE, str(tmp_path))
    (tmp_path / "or_library").mkdir()
    return tmp_path / "or_library"


def test_files_of_the_user_are_read(folder: Path) -> None:
    (folder / "binpack1.txt").write_text("\n".join([*binpack("u120"), "", " "]))
    names = problem.shorthands["data"]("u120")
    assert (names[0], names[-1], len(names)) == ("u120_00", "u120_19", 20)
    assert problem.instance("u120_07").data == {"capacity": 150, "items": [42, 69, 150]}
    assert "u250_00" not in problem.instances()


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (1, "twenty", "the number of instances expected, not 'twenty'"),
        (1, "21", "the name of an instance expected, not the end of the file"),
        (1, "19", "nothing more expected, not ' u120_19 '"),
        (2, "u120 00", "the name of an instance expected"),
        (7, "u120_00", "u120_00 occurs twice"),
        (3, "150 3", "capacity, items and bins expected, not '150 3'"),
        (3, "150.0 3 2", "capacity, items and bins expected"),
        (3, "150 4 2", "the size of an item expected, not ' u120_01 '"),
        (4, "42.5", "the size of an item expected, not '42.5'"),
        (4, "0", "the size of an item expected"),
        (4, "9" * 5000, "the size of an item expected, not '9999"),
        (4, "4\u0662", "the size of an item expected"),
        (4, "", "the size of an item expected, not ''"),
        (6, "151", "an item of 151 for bins of 150"),
    ],
)
def test_garbage_in_a_file_is_named_by_its_line(
    folder: Path, line: int, text: str, message: str
) -> None:
    lines = binpack("u120")
    lines[line - 1] = text
    path = folder / "binpack1.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(registry.ProblemError) as caught:
        registry.select(registry.load("online_bin_packing"), None)
    found = str(caught.value)
    assert f"instances fail: ValueError: {path}, line " in found
    assert message in found
    assert len(found.splitlines()) == 1
    assert len(found) < 400


def test_a_file_of_other_instances_is_refused(folder: Path) -> None:
    (folder / "binpack2.txt").write_text("\n".join(binpack("u120")))
    with pytest.raises(ValueError, match=r"binpack2\.txt does not hold the instances u250_00 to"):
        problem.instances()
