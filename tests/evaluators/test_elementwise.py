"""What is called elementwise is, whatever the entries; what looks at other places is refused."""

from __future__ import annotations

import ast
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluators.elementwise import elementwise


def function(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.strip("\n").split("\n"))
    return f"def priority(item, bins):\n{lines}\n"


def found(source: str) -> bool:
    return elementwise(ast.parse(source), "priority")


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


@pytest.mark.parametrize("what", NOT_ELEMENTWISE)
def test_function_is_refused_that_uses(what: str) -> None:
    assert not found(function(NOT_ELEMENTWISE[what]))


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
