"""The syntax sampler: what it proposes parses, runs, differs, and follows from prompt and seed."""

from __future__ import annotations

import ast
import asyncio
import math
import types
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.admission import check
from evaluators.parser import parse
from evaluators.program import Program, read
from funsearch.prompts import Prompt, Shown
from funsearch.samplers import syntax
from funsearch.samplers.protocol import Sample
from funsearch.samplers.syntax import Syntax
from funsearch.samplers.syntax.cost import explodes, operations
from funsearch.samplers.syntax.sampler import OF_LITERALS, OPERATORS, WEIGHTS
from funsearch.samplers.syntax.tidy import tidy

VECTORS = "def priority(el: tuple[int, ...], n: int) -> float"
CORPUS = (
    "def priority(el, n):\n    return 0.0",
    "def priority(el, n):\n    return sum((x * y for x, y in zip(el, el[1:]))) % 3",
    "def priority(el, n):\n    score = 0\n    for i in range(n):\n        if el[i] == el[-1 - i]:\n"
    "            score += 3 ** i\n        elif el[i] > 1:\n            score -= 2\n"
    "    return score",
    "def priority(el, n):\n    if el.count(0) > 2:\n        return -1.0\n    total = 1\n"
    "    for i, x in enumerate(el):\n        total = (total * 2 + x) % 7\n    return total / n",
    "def priority(v, size):\n    a, b = (v[0], v[-1])\n    best = max((abs(x - a) for x in v))\n"
    "    while best > 3:\n        best -= 1\n    return best + b",
)


def prompt(sources: Sequence[str], draw: int = 0, name: str = "priority") -> Prompt:
    shown = tuple(Shown(Program(name, source), 0.0, {}) for source in sources)
    header = f"def {name}_v{len(shown)}(el, n):"
    return Prompt(draw, 0, 0, 0, shown, header, "", "", "")


def answers(sampler: Syntax, asked: Prompt, seed: int = 1, count: int = 1) -> Sequence[Sample]:
    return asyncio.run(sampler.sample(asked, seed, count))


def run(text: str, name: str = "priority") -> Callable[..., Any]:
    space: dict[str, Any] = {"np": np, "math": math}
    exec(text, space)
    return space[name]


def share_that_runs(
    sampler: Syntax, asked: Sequence[Prompt], calls: Sequence[tuple[Any, ...]]
) -> float:
    texts = [one.text for ask in asked for one in answers(sampler, ask, count=4)]
    name = asked[0].shown[0].program.name
    return sum(works(run(text, name), calls) for text in texts) / len(texts)


def works(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> bool:
    try:
        with np.errstate(all="ignore"):
            return all(np.all(np.isfinite(function(*call))) for call in calls)
    except Exception:
        return False


@settings(max_examples=150, deadline=None)
@given(
    sources=st.lists(st.sampled_from(CORPUS), min_size=1, max_size=3),
    draw=st.integers(0, 10**6),
    seed=st.integers(0, 2**63 - 1),
)
def test_proposal_is_one_canonical_function_of_the_right_parameters(
    sources: list[str], draw: int, seed: int
) -> None:
    sample = answers(Syntax(signature=VECTORS), prompt(sources, draw), seed)[0]
    body = parse(sample.text).body
    assert len(body) == 1
    function = body[0]
    assert isinstance(function, ast.FunctionDef)
    assert [a.arg for a in function.args.args] in (["el", "n"], ["v", "size"])
    assert read(sample.text, "priority").source == sample.text
    assert sample.text not in sources
    assert not explodes(function)


def test_proposals_of_proposals_stay_within_bounds() -> None:
    sampler = Syntax(signature=VECTORS)
    sources = [CORPUS[2], CORPUS[3]]
    for draw in range(300):
        text = answers(sampler, prompt(sources, draw))[0].text
        assert len(text) <= 400
        program = read(text, "priority")
        check(program)
        sources = [sources[1], program.source]


def test_equal_prompt_and_seed_give_equal_samples() -> None:
    asked = prompt(CORPUS[1:3], 7)
    first = answers(Syntax(signature=VECTORS), asked, seed=5, count=6)
    again = answers(Syntax(signature=VECTORS), asked, seed=5, count=6)
    assert [(s.text, s.parameters) for s in first] == [(s.text, s.parameters) for s in again]


def test_a_sample_does_not_depend_on_how_many_are_asked_for() -> None:
    asked, sampler = prompt(CORPUS[1:3], 7), Syntax(signature=VECTORS)
    many = answers(sampler, asked, count=6)
    assert [s.text for s in answers(sampler, asked, count=3)] == [s.text for s in many[:3]]


def test_draws_and_seeds_differ() -> None:
    sampler = Syntax(signature=VECTORS)
    texts = {
        answers(sampler, prompt(CORPUS[1:3], d), s)[0].text for d in range(6) for s in range(6)
    }
    assert len(texts) > 20  # small changes coincide at times


def test_the_signature_is_read_from_the_header_of_the_prompt() -> None:
    told = answers(Syntax(signature=VECTORS), prompt(CORPUS[:2]), count=8)
    asked = replace(prompt(CORPUS[:2]), header=f"{VECTORS}:".replace("priority", "priority_v2"))
    assert [s.text for s in answers(Syntax(), asked, count=8)] == [s.text for s in told]
    without = answers(Syntax(), prompt(CORPUS[:2]), count=8)
    assert [s.text for s in without] != [s.text for s in told]


def test_nine_of_ten_proposals_run() -> None:
    # The last one holds a `while`, whose condition a mutation may make true for good.
    asked = [prompt([CORPUS[d % 4], CORPUS[d // 4 % 4]], d) for d in range(150)]
    calls = [((0, 1, 2, 0, 2, 1, 1, 0), 8), ((2,) * 8, 8), ((0,) * 8, 8)]
    assert share_that_runs(Syntax(signature=VECTORS), asked, calls) >= 0.9


REALS = "def f(x, y):\n    return x + 0.5 * y"
LINES = "def f(x, y):\n    t = 0.0\n    for i in range(3):\n        t += x * y\n    return t"
BINS = "def f(x, y):\n    return -(y - x)"
BETTER_BINS = "def f(x, y):\n    s = np.where(y - x > 2, y, x)\n    s[1:] -= s[:-1]\n    return s"
ROWS = "def f(x, y):\n    return sum(x) * y"


@pytest.mark.parametrize(
    ("signature", "sources", "calls"),
    [
        ("def f(x: float, y: float) -> float", [REALS, LINES], [(0.3, -2.0), (1.5, 4.0)]),
        ("def f(x: int, y: int) -> int", ["def f(x, y):\n    return x * y"], [(3, 4), (1, 9)]),
        (
            "def f(x: float, y: np.ndarray) -> np.ndarray",
            [BINS, BETTER_BINS],
            [(2.0, np.array([3.0, 9.0, 4.0])), (5.0, np.array([7.0, 5.0]))],
        ),
        ("def f(x: list[float], y: float) -> float", [ROWS], [([0.5] * 6, 2.0)]),
        ("def f(x: int, y: int) -> bool", ["def f(x, y):\n    return x > y"], [(3, 4)]),
        (None, [REALS, LINES], [(0.3, -2.0), (1.5, 4.0)]),
        (None, [ROWS], [([0.5, 1.5, 2.5, 3.0, 0.1, 0.2], 2.0)]),
    ],
    ids=["floats", "ints", "arrays", "sequence", "bool", "no annotations", "guessed sequence"],
)
def test_other_signatures(
    signature: str | None, sources: list[str], calls: list[tuple[Any, ...]]
) -> None:
    asked = [prompt(sources, draw, "f") for draw in range(60)]
    assert share_that_runs(Syntax(signature=signature), asked, calls) >= 0.85


STRANGE = (
    "def inner(x):\n        return x\n    with el as f:\n        t = f'{n}'\n    return inner(t)",
    "try:\n        return el[n]\n    except IndexError:\n        pass\n    finally:\n        n = 3",
    "import math\n    global k\n    k = 3\n    del k\n    return math.pi if (y := n) > 2 else -y",
    "a, *b = el\n    d = {x: 1 for x in b}\n    d[a] = (lambda z: z)(n)\n    return max(d)",
    "match n:\n        case [x, y]:\n            return x\n        case _:\n            pass",
    "for i in el:\n        if i:\n            break\n    else:\n        n = 1\n    yield el[::2]",
    "pass",
    "return",
    "return " + " + ".join(["n"] * 150),
)


@pytest.mark.parametrize("body", STRANGE)
def test_a_program_it_hardly_understands_still_gives_functions(body: str) -> None:
    source = read(f"def priority(el, n):\n    {body}", "priority").source
    for draw in range(60):
        sample = answers(Syntax(), prompt([source, CORPUS[2]], draw))[0]
        assert sample.error or read(sample.text, "priority").source != source


def test_proposals_never_call_themselves_or_shadow_what_they_use() -> None:
    sampler = Syntax(signature=VECTORS)
    for draw in range(200):
        text = answers(sampler, prompt(CORPUS[1:4], draw))[0].text
        function = parse(text).body[0]
        names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
        assert all(node.id != "priority" for node in names)
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        assert not stored & {"sum", "len", "range", "np", "math", "el", "n"}


def test_operators_are_recorded_and_each_has_a_weight() -> None:
    assert {*OPERATORS, *OF_LITERALS} == set(WEIGHTS)
    seen: set[str] = set()
    for draw in range(400):
        sample = answers(Syntax(signature=VECTORS), prompt(CORPUS[1:4], draw))[0]
        seen.update(str(sample.parameters["operators"]).split("+"))
    assert seen <= set(OPERATORS)
    assert len(seen) > 0.8 * len(OPERATORS)


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(ValueError, match="no such operators: teleport"):
        Syntax(weights={"teleport": 1.0})


def test_a_bad_signature_is_refused() -> None:
    with pytest.raises(ValueError, match="not the first line of a function"):
        Syntax(signature="priority of el")


@pytest.mark.parametrize(
    ("source", "explosive"),
    [
        ("for i in range(n):\n        x *= x", True),
        ("for i in range(n):\n        x = x ** 2", True),
        ("for i in range(n):\n        x = x * (1 + x)", True),
        ("for i in range(n):\n        x *= 2\n        x += el[i] ** 2", False),
    ],
)
def test_repeated_squaring_is_recognised(source: str, explosive: bool) -> None:
    function = ast.parse(f"def f(el, n):\n    x = 2\n    {source}\n    return x").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert explodes(function) is explosive


def test_loops_multiply_what_a_program_costs() -> None:
    flat, nested = "x += 1", "for i in range(n):\n    for j in range(n):\n        x += 1"
    assert operations(ast.parse(nested)) > 50 * operations(ast.parse(flat))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return el[0] * 1 + 0", "return el[0]"),
        ("return 2 + 3 - 1", "return 4"),
        ("a = 3\n    return n", "return n"),
        ("a = 0\n    for i in range(n):\n        a += i\n    return n", "return n"),
        ("if 1 == 1:\n        return n\n    return 0", "return n"),
        ("return n if el[0] else n", "return n"),
        ("return n if 2 < 1 or not True else 3", "return 3"),
        ("return n + sum((0 for x in el))", "return n"),
        ("return n + sum((x for x in el if 3 < 2))", "return n"),
        ("return 2 + n", "return n + 2"),
        ("return 3 * (0.5 + n)", "return (n + 0.5) * 3"),
        ("return n + -2", "return n - 2"),
        ("return n - -0.5", "return n + 0.5"),
        ("return 2 - n", "return 2 - n"),
        ("a = 0\n    a += n\n    return a", "a = 0\n    a += n\n    return a"),
    ],
)
def test_tidying_drops_what_cannot_matter(before: str, after: str) -> None:
    function = ast.parse(f"def f(el, n):\n    {before}").body[0]
    assert isinstance(function, ast.FunctionDef)
    tidy(function)
    assert ast.unparse(function) == f"def f(el, n):\n    {after}"


def test_the_source_knows_nothing_of_any_problem() -> None:
    assert isinstance(syntax, types.ModuleType)
    assert syntax.__file__ is not None
    words = ("cap set", "cap_set", "priority", "vector", "coordinate", "mod 3", "line through")
    for file in Path(syntax.__file__).parent.glob("*.py"):
        text = file.read_text().lower()
        assert [word for word in words if word in text] == [], file.name


@pytest.mark.parametrize(
    "setting", [{"best": 7}, {"again": 1.0}, {"max_characters": -1}, {"max_operations": 0}]
)
def test_impossible_settings_are_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Syntax(**setting)


@settings(max_examples=100, deadline=None)
@given(
    sources=st.lists(st.sampled_from(CORPUS), min_size=1, max_size=3),
    draw=st.integers(0, 10**6),
)
def test_everything_proposed_is_admitted(sources: list[str], draw: int) -> None:
    for sample in answers(Syntax(), prompt(sources, draw), count=4):
        check(read(sample.text, "priority"))
