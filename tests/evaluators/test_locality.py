"""What is called elementwise is, whatever the entries; nothing looks farther than is said."""

from __future__ import annotations

import ast
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators.locality import elementwise, reach


def function(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.strip("\n").split("\n"))
    return f"def priority(item, bins):\n{lines}\n"


def found(source: str) -> bool:
    return elementwise(ast.parse(source), "priority")


def how_far(source: str) -> int | None:
    return reach(ast.parse(source), "priority")


ELEMENTWISE = [
    "return -(bins - item)",
    "return 0.0 * bins",
    "return bins",
    "return np.where(bins == item, np.inf, -np.abs(bins - item) ** 0.5)",
    "return np.clip(bins / item, 0, 1) + bins.clip(1, 5).astype(float)",
    "s = np.zeros_like(bins, dtype=float)\ns[bins == item] = 1000\ns -= bins\nreturn s",
    "s = bins.copy()\ns[(bins > item) & (bins < 50) | (bins == 1)] *= 2\nreturn s",
    "s = bins * 2\ns[s > 5] = s[s > 5] - 1\nreturn s",
    "s = -bins\nm = bins > 3\ns[m] += np.sqrt(bins[m]) * 2\nreturn s",
    "s = -bins\ns[np.logical_not(bins > 3)] = 0\nreturn s",
    "if item > 50:\n    s = bins - item\nelif item == 3:\n    s = bins * 2\nelse:\n    s = -bins\n"
    "s += 1\nreturn s",
    "s = bins * 1.0\nfor i in range(3):\n    s += i * bins ** i\n    if i > item:\n        break\n"
    "return s",
    "s = bins * 1.0\nwhile item > 1:\n    item = item / 2\n    s = s + item\nreturn s",
    "return bins * (2 if item > 3 else 1) + min(item, 5) + max(1, item) + math.log(item)",
    "return np.exp(-bins / item) + math.pi - np.e + float(item) + int(item) + round(item, 1)",
    "s = np.zeros(len(bins))\ns += bins\nreturn s",
    "return np.full(bins.shape, 2.0) + np.ones(bins.size, dtype=np.float64) * np.array(bins)",
    "return 1 < item < 5 and bins * 2 or bins",
    "import numpy as np\nimport math\nreturn np.minimum(bins, math.sqrt(item))",
    "bins = bins.astype(np.float64)\nbins[bins == item] = 1e9\nbins += 1\nreturn bins",
]

NOT_ELEMENTWISE = {
    "a reduction": "return bins - bins.max()",
    "a reduction by a function": "return bins - np.sum(bins)",
    "a reduction by a builtin": "return bins - max(bins)",
    "any": "return bins * np.any(bins > 3)",
    "the length": "return bins * len(bins)",
    "the size": "return bins / bins.size",
    "the shape": "return bins + bins.shape[0]",
    "an index": "s = bins * 2\ns[0] = 5\nreturn s",
    "the last": "return bins - bins[-1]",
    "a slice": "s = bins * 2\ns[1:] -= s[:-1]\nreturn s",
    "a chosen place": "s = bins * 2\ns[np.argmax(s)] = 7\nreturn s",
    "a sort": "return np.sort(bins)",
    "a cumulative sum": "return np.cumsum(bins)",
    "places": "return bins + np.arange(len(bins))",
    "random numbers": "return bins + np.random.rand(len(bins))",
    "a loop over entries": "s = 0\nfor b in bins:\n    s = s + b\nreturn bins + s",
    "a comprehension": "return np.array([b + 1 for b in bins])",
    "fewer entries": "return bins[bins > 3]",
    "a part kept for later": "m = bins > 3\ns = -bins\nt = bins[m]\ns[m] = t\nreturn s",
    "a part of another mask": "s = -bins\ns[bins > 3] = bins[bins < 3]\nreturn s",
    "a part in a condition": "s = -bins\ns[bins > 3] = 1 if bins[bins > 3] else 2\nreturn s",
    "a part as a number": "s = -bins\ns[bins > 3] = float(bins[bins > 3])\nreturn s",
    "as many values as the mask happens to select": "s = -bins\ns[bins > 3] = item\nreturn s",
    "integers that select": "s = -bins\ns[bins] = 1\nreturn s",
    "a number that selects": "s = -bins\ns[item] = 1\nreturn s",
    "Python's ~True": "s = -bins\ns[~(item > 5)] = 1\nreturn s",
    "membership": "return bins * (3 in bins)",
    "identity": "return bins * (bins is item)",
    "a matrix product": "return bins * (bins @ bins)",
    "an argument written to": "bins -= item\nreturn bins",
    "an argument written to by a mask": "bins[bins > 3] = 0\nreturn bins * 1",
    "an argument written to by another name": "s = bins\ns += 1\nreturn s",
    "an argument perhaps": "s = bins if item > 3 else bins * 2\ns += 1\nreturn s",
    "an argument in one branch": "s = -bins\nif item > 3:\n    s = bins\ns += 1\nreturn s",
    "an argument in the next round": "s = -bins\nwhile item:\n    s += 1\n    s = bins\nreturn s",
    "an argument after a break": "s = -bins\nwhile item:\n    s = bins\n"
    "    if item:\n        break\n    s = -bins\ns += 1\nreturn s",
    "an argument as numpy hands it back": "s = np.asarray(bins)\ns += 1\nreturn s",
    "an argument that needs no rounding": "s = np.round(bins)\ns += 1\nreturn s",
    "an array to write to": "return np.add(bins, 1, bins)",
    "an array to write to by name": "return np.add(bins, 1, out=bins)",
    "what memory happens to hold": "return np.empty_like(bins)",
    "an exception swallowed": "try:\n    s = 2 ** (bins - 5)\nexcept:\n    s = bins\nreturn s",
    "another function": "f = lambda b: b.max()\nreturn f(bins)",
    "another numpy": "np = math\nreturn np.sqrt(bins)",
    "another builtin": "abs = np.sum\nreturn bins - abs(bins)",
    "another module by that name": "import math as np\nreturn np.sqrt(bins)",
    "an object": "return [bins]",
    "a method nobody knows": "return bins.ptp()",
    "a function nobody knows": "return np.gradient(bins)",
    "a part of a function": "return np.add.accumulate(bins)",
    "a global": "global cache\ncache = bins\nreturn bins * 1",
    "a walrus": "return (s := bins) * 1",
}


@pytest.mark.parametrize("body", ELEMENTWISE)
def test_typical_function_is_recognised(body: str) -> None:
    assert found(function(body))
    assert how_far(function(body)) == 0


@pytest.mark.parametrize("what", NOT_ELEMENTWISE)
def test_function_is_refused_that_uses(what: str) -> None:
    assert not found(function(NOT_ELEMENTWISE[what]))


PUBLISHED = """
largest = max(bins)
score = (bins - largest) ** 2 / item + bins ** 2 / item ** 2
score += bins ** 2 / item ** 3
score[bins > item] = -score[bins > item]
score[1:] -= score[:-1]
return score
"""
"""In the manner of Romera-Paredes et al. (Nature 625, 2024), Figure 6."""

REACHES = [
    (1, PUBLISHED),
    (0, "return bins - max(bins)"),
    (0, "return bins - np.max(bins) + bins.min() / np.amin(item * bins)"),
    (0, "return bins * np.any(bins > 3) + all(bins == 4) + (bins == 1).any()"),
    (1, "s = bins * 1.0\ns[1:] -= 0.5 * s[:-1].copy()\nreturn s"),
    (1, "s = bins * 1.0\ns[1:] = s[:-1]\nreturn s"),
    (1, "s = bins * 1.0\ns[:-1] += bins[1:] / item\nreturn s"),
    (2, "s = bins * 1.0\ns[1:-1] -= s[2:]\nreturn s"),
    (3, "s = bins * 1.0\ns[1:-1] = (bins[2:] + bins[:-2]) / 2\nreturn s"),
    (1, "s = bins * 1.0\ns[0] = 5\ns[-1] += item\nreturn s - bins[0]"),
    (1, "s = bins * 1.0\ns[1:] += np.diff(bins)\nreturn s"),
    (2, "s = bins * 1.0\ns[1:] -= s[:-1]\ns[1:] *= s[:-1]\nreturn s"),
    (2, "s = bins * 1.0\ns[1:] -= s[:-1]\nt = s[:-1]\nu = s * 1\nu[1:] -= t\nreturn u"),
    (2, "s = bins * 1.0\nt = s\ns[1:] -= s[:-1]\nu = s * 1\nu[1:] = t[:-1]\nreturn u"),
    (2, "s = bins * 1.0\nt = s[1:]\nt -= s[:-1]\ns[1:] -= s[:-1]\nreturn s"),
    (3, "s = bins * 1.0\ns[3:] -= s[:-3]\nreturn s"),
    (3, "return bins - bins[2] * bins[-3]"),
    (3, "return bins - bins[1:][:-1][1]"),
    (4, "return bins - max(bins[4:] - bins[:-4])"),
]

BEYOND_REACH = {
    "a sum": "return bins - np.sum(bins)",
    "a sum by a builtin": "return bins - sum(bins)",
    "a mean": "return bins - bins.mean()",
    "a deviation": "return bins / np.std(bins)",
    "the length": "return bins * len(bins)",
    "the length of a part": "return bins * len(bins[1:])",
    "the size": "return bins / bins.size",
    "the shape": "return bins + bins.shape[0]",
    "where the largest is": "return bins + np.argmax(bins)",
    "a chosen place": "s = bins * 2\ns[np.argmax(s)] = 7\nreturn s",
    "a place by a number": "s = bins * 2\ns[item] = 7\nreturn s",
    "a slice by a number": "s = bins * 2\ns[item:] = 7\nreturn s",
    "a step": "s = bins * 2\ns[::2] = 7\nreturn s",
    "the first places": "s = bins * 2\ns[:3] = 7\nreturn s",
    "the last places": "return bins - max(bins[-3:])",
    "places up to a number": "return bins - max(bins[1:5])",
    "the other way round": "return bins[::-1]",
    "a sort": "return np.sort(bins)",
    "a sort by a builtin": "return bins - sorted(bins)[0]",
    "a cumulative sum": "return np.cumsum(bins)",
    "different values": "return bins - np.unique(bins)[0]",
    "places": "return bins + np.arange(len(bins))",
    "a loop over entries": "s = 0\nfor b in bins:\n    s = s + b\nreturn bins + s",
    "a loop over places": "s = bins * 1\nfor i in range(1, len(s)):\n    s[i] -= 1\nreturn s",
    "as many shifts as are wanted": "s = bins * 1\nfor i in range(item):\n    s[1:] -= s[:-1]\n"
    "return s",
    "as many shifts, seen by another name": "s = bins * 1\nt = s[1:]\n"
    "while item:\n    t -= s[:-1]\nreturn s",
    "places too far away": "return bins - bins[65]",
    "too few places": "return bins[1:]",
    "slices that do not fit": "return bins + max(bins[1:] - bins[:-2])",
    "a part kept for later": "m = bins > 3\ns = -bins\nt = bins[m]\ns[m] = t\nreturn s",
    "as many values as the mask may select": "s = -bins\ns[bins > 3] = bins[1:]\nreturn s",
    "a mask of fewer places": "s = -bins\ns[1:][bins[1:] > 3] = 0\nreturn s",
    "the largest of a part": "s = -bins\ns[bins > 3] = s[bins > 3].max()\nreturn s",
    "one of several zeros": "return bins / np.max(bins * -0.0)",
    "one of several zeros by a method": "s = bins * 0.5\nreturn bins / s.min()",
    "the largest along an axis": "return bins - np.max(bins, axis=0)",
    "an argument written to": "bins[0] = 1\nreturn bins * 1",
    "an argument written to in part": "bins[1:] = bins[:-1]\nreturn bins * 1",
    "an argument written to by a view": "s = bins[1:]\ns += 1\nreturn bins * 1",
    "another max": "max = np.sum\nreturn bins - max(bins)",
    "an exception swallowed": "try:\n    s = bins - bins[3]\nexcept:\n    s = bins\nreturn s",
    "another function": "f = lambda b: b.sum()\nreturn f(bins)",
    "random numbers": "return bins + np.random.rand(len(bins))",
}


@pytest.mark.parametrize(("expected", "body"), REACHES)
def test_reach_of_a_typical_function(expected: int, body: str) -> None:
    assert how_far(function(body)) == expected
    assert not found(function(body))


@pytest.mark.parametrize("what", BEYOND_REACH)
def test_there_is_no_reach_of_a_function_that_uses(what: str) -> None:
    assert how_far(function(BEYOND_REACH[what])) is None


@pytest.mark.parametrize(
    "source",
    [
        "def other(item, bins):\n    return bins",
        "def priority(item, bins=np.zeros(3)):\n    return bins",
        "def priority(*bins):\n    return bins[0]",
        "def priority(item, *, bins):\n    return bins",
        "@cache\ndef priority(item, bins):\n    return bins",
        "async def priority(item, bins):\n    return bins",
        "x = 1\ndef priority(item, bins):\n    return bins",
        "def priority(np, bins):\n    return np.sqrt(bins)",
        "def priority(item, bins):\n    yield bins",
        "",
    ],
)
def test_what_is_not_one_plain_function_is_refused(source: str) -> None:
    assert not found(source)


def test_hostile_sources_are_refused_in_bounded_work() -> None:
    deep = "bins" + " + 1" * 1_500
    assert not found(function(f"return {deep}"))
    chain = "\n".join(f"    a{i} = a{i + 1}" for i in range(2000))
    known = "\n".join(f"a{i} = 1" for i in range(2001))
    assert not found(function(f"{known}\nwhile item:\n{chain}\n    a2000 = bins\nreturn a0"))
    nested = "".join("    " * i + "while item:\n" for i in range(18)) + "    " * 18 + "item = 1"
    assert not found(function(nested + "\nreturn bins"))


# Programs at random: of what is elementwise, with traps in some.

NUMBERS = st.sampled_from(["0", "1", "2", "5", "0.5", "-3", "math.pi", "np.inf", "True"])
NAMES = st.sampled_from(["item", "bins", "bins", "s", "t"])
TRAPS = st.sampled_from(
    [
        *["bins[0]", "s.max()", "max(bins)", "len(s)", "~(item > 2)", "s[s > 2]", "bins.size"],
        *["np.asarray(bins)", "np.round(bins)", "min(bins, s)", "float(s)", "(3 in bins)"],
    ]
)


def conditions(expressions: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparison = st.tuples(
        expressions, st.sampled_from(["<", ">", "==", "!=", "<=", ">="]), expressions
    )
    simple = comparison.map(lambda parts: f"({' '.join(parts)})")
    joined = st.tuples(simple, st.sampled_from("&|^"), simple).map(" ".join)
    return simple | joined.map("({})".format)


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(parts, st.sampled_from(["+", "-", "*", "/", "//", "%"]), parts)
    function_of_one = st.sampled_from(
        [
            *["np.exp({})", "np.sqrt({})", "np.sin({})", "np.log1p({})", "np.tanh({})"],
            *["np.cos({})", "np.log({})", "np.floor({})", "abs({})", "(-{})", "({} ** 2)"],
            *["(2 ** {})", "({} ** 0.5)", "np.nan_to_num({})", "np.array({})"],
            *["np.zeros_like({})", "np.clip({}, 1, 3)"],
        ]
    )
    return st.one_of(
        binary.map(lambda found: f"({' '.join(found)})"),
        st.tuples(function_of_one, parts).map(lambda found: found[0].format(found[1])),
        st.tuples(conditions(parts), parts, parts).map(
            lambda found: f"np.where({', '.join(found)})"
        ),
        st.tuples(parts, parts).map(lambda found: f"np.minimum({', '.join(found)})"),
        conditions(parts),
    )


def statements(
    values: st.SearchStrategy[str], numbers: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    masks = conditions(values)
    target = st.sampled_from("st")
    return st.one_of(
        st.tuples(target, values).map(lambda found: f"{found[0]} = {found[1]}"),
        st.tuples(target, st.sampled_from("+-*"), values).map(
            lambda found: f"{found[0]} {found[1]}= {found[2]}"
        ),
        st.tuples(target, masks, numbers).map(lambda found: f"{found[0]}[{found[1]}] = {found[2]}"),
        st.tuples(target, masks, numbers).map(
            lambda found: f"{found[0]}[{found[1]}] *= bins[{found[1]}] + {found[2]}"
        ),
        st.tuples(masks, target, values).map(
            lambda found: f"if {found[0]}:\n    {found[1]} = {found[2]}"
        ),
        st.tuples(target, values).map(
            lambda found: f"for i in range(3):\n    {found[0]} = {found[1]} - i"
        ),
    )


PURE = st.recursive(NAMES | NUMBERS, combined, max_leaves=6)
ANY = st.recursive(NAMES | NUMBERS | TRAPS, combined, max_leaves=6)
LINES = st.lists(statements(PURE, NUMBERS) | statements(ANY, NUMBERS | NAMES), max_size=5)
ENTRIES = st.lists(st.integers(0, 6), min_size=2, max_size=9)
START = "s = bins * 1.5\nt = bins + item"


def outcome(source: str, item: Any, bins: Any) -> Any:
    """Return what a call returns as an array, or the exception it raises."""
    space: dict[str, Any] = {"np": np, "math": __import__("math")}
    exec(source, space)
    before = [np.copy(item), np.copy(bins)]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = np.asarray(space["priority"](item, bins))
        except Exception as error:
            return error
    assert np.array_equal(before[0], item)
    assert np.array_equal(before[1], bins)
    return result


def same(whole: Any, part: Any, chosen: NDArray[Any]) -> bool:
    """Whether a call on some places returned the entries of these places."""
    if isinstance(whole, Exception):
        covers = len(set(chosen.tolist())) == len(chosen)
        return isinstance(part, Exception) or not covers
    if isinstance(part, Exception):
        return False
    expected = whole[chosen] if whole.ndim else whole
    return part.dtype == expected.dtype and part.tobytes() == expected.tobytes()


@settings(max_examples=250, deadline=None)
@given(LINES, ANY, ENTRIES, st.data())
def test_what_is_called_elementwise_is(
    lines: list[str], result: str, entries: list[int], data: st.DataObject
) -> None:
    source = function("\n".join([START, *lines, f"return {result}"]))
    if not found(source):
        return
    bins: NDArray[Any] = np.array(entries)
    chosen = np.array(data.draw(st.permutations(range(len(bins)))))
    fewer = np.array(data.draw(st.lists(st.integers(0, len(bins) - 1), min_size=2, max_size=4)))
    other = np.array(data.draw(st.permutations(entries)))
    for places in (chosen, fewer, np.unique(bins, return_index=True)[1]):
        if len(places) < 2:
            continue
        calls: list[tuple[Any, Any]] = [(3, bins), (0, bins), (other, bins), (bins, 2)]
        for item, array in calls:
            cut = [each[places] if np.ndim(each) else each for each in (item, array)]
            if len(places) < len(bins):
                whole, part = outcome(source, item, array), outcome(source, *cut)
                assert isinstance(whole, Exception) or same(whole, part, places), source
            else:
                assert same(outcome(source, item, array), outcome(source, *cut), places), source


SHIFTS = st.sampled_from(
    [
        *["s[1:] -= s[:-1]", "s[:-1] = t[1:]", "t[1:-1] += s[2:] - bins[:-2]", "t[2:] *= 0.5"],
        *["s[0] = 7", "t[-1] -= item", "t[1] = s[-2]", "s = t", "t = s * 1", "s[1:] += np.diff(t)"],
        *["u = s[1:]\nu -= 1", "u = t[:-2]\nu[:-1] += s[3:]", "u = s[1:]\nu[0] = 9\nt = u[0] + t"],
        *["s = s - max(t)", "t = t * np.min(bins)", "s[t > s] = max(s[1:])", "t = t + any(s > 4)"],
        *["s = np.where(s > t, bins.max(), t)", "if all(t > 1):\n    s[1:] = 2"],
        *["for i in range(2):\n    t = s[:-1]\n    t += 1", "t = bins + bins[2:].min()"],
    ]
)
# Mapped, the statements are one alternative, not six.
LOCAL = st.lists(SHIFTS | statements(PURE, NUMBERS).map(str), min_size=1, max_size=6)


@settings(max_examples=250, deadline=None)
@given(LOCAL, PURE, st.data())
def test_no_entry_depends_on_what_is_farther_than_the_reach(
    lines: list[str], result: str, data: st.DataObject
) -> None:
    # Whatever went wrong on the way must show in what is returned.
    source = function("\n".join([START, *lines, f"return s + 0.5 * t + 0.1 * ({result})"]))
    far = how_far(source)
    if far is None:
        return
    few = st.lists(st.integers(0, 6), max_size=5)
    bins, left_out = [*data.draw(few)], list[int]()
    for _ in range(data.draw(st.integers(1, 2))):
        start, taken = len(bins), data.draw(st.integers(1, 12))
        bins += [data.draw(st.integers(0, 6))] * (2 * far + 3 + taken) + data.draw(few)
        left = data.draw(st.integers(far + 1, far + 3))
        left_out += range(start + left, start + left + taken)
    keeps = np.delete(np.arange(len(bins)), left_out)
    whole = outcome(source, 3, np.array(bins))
    part = outcome(source, 3, np.array(bins)[keeps])
    if isinstance(whole, Exception) or isinstance(part, Exception):
        assert type(whole) is type(part), source
        return
    if whole.ndim:
        before = whole[np.array(left_out) - 1]
        assert whole[np.array(left_out)].tobytes() == before.tobytes(), source
        whole = whole[keeps]
    assert whole.tobytes() == part.tobytes(), source


@settings(max_examples=100, deadline=None)
@given(st.lists(statements(PURE, NUMBERS), max_size=4), PURE)
def test_whatever_looks_at_its_own_place_alone_is_recognised(lines: list[str], last: str) -> None:
    # Names that stand for an argument may not be written to; here none does.
    fresh = [line.replace("= bins\n", "= bins * 1\n") for line in lines]
    assert found(function("\n".join([START, *fresh, f"return {last}"]))) or any(
        line.split(" = ")[-1].strip() in ("bins", "item", "s", "t") for line in fresh
    )


@pytest.mark.parametrize("size", [2, 3, 7, 8, 9, 31, 101, 5000])
@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "tan", "tanh", "sqrt", "cbrt"])
def test_numpy_computes_an_entry_the_same_wherever_it_stands(name: str, size: int) -> None:
    random = np.random.default_rng(size)
    values = random.random(size) * 10.0 ** random.integers(-3, 3, size)
    whole = getattr(np, name)(values)
    for chosen in (random.permutation(size), random.integers(0, size, 2), np.arange(size)[1:]):
        assert getattr(np, name)(values[chosen]).tobytes() == whole[chosen].tobytes()
