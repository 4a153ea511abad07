"""Admission: honest programs pass, and every refusal says which line and what to write instead."""

from __future__ import annotations

import ast
import contextlib
import inspect
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.admission import BUILTINS, MAX_NODES, check
from evaluators.parser import Refused
from evaluators.program import Program, read
from evaluators.vocabulary import IMPORTABLE
from problems import registry


def program(body: str, header: str = "def f(el, n):") -> Program:
    return read(f"{header}\n{textwrap.indent(textwrap.dedent(body), '    ')}", "f")


HONEST = {
    "constant": "return 0.0",
    "loops": """
        score, i = 0, 0
        for i, x in enumerate(el):
            if x == 0:
                continue
            score += x ** i
        else:
            score -= 1
        while score > 100:
            score //= 2
            if score % 7 == 3:
                break
        return score
        """,
    "comprehensions": """
        pairs = [(a, b) for a, b in zip(el, el[1:]) if a != b]
        counts = {x: el.count(x) for x in set(el)}
        rest = {*el, *(a for a, _ in pairs)}
        return sum(x * y for x, y in pairs) + len(rest) + max(counts.values(), default=0)
        """,
    "functions": """
        @functools.lru_cache(maxsize=None)
        def best(i, left):
            if i == n:
                return 0
            return max(best(i + 1, left), el[i] + best(i + 1, left - 1) if left else 0)
        key = lambda x, *, k=2: (-x, k)
        return best(0, 3) + sorted(el, key=key)[0]
        """,
    "numpy": """
        import numpy.linalg
        from math import log1p as slow
        v = np.array(el, dtype=np.float64).reshape(-1, 1)
        v[0] = v[-1, 0] + 1
        score = np.where(v > 1, v ** 2, np.linalg.norm(v))
        score[1:] -= score[:-1]
        return float(score.sum()) + slow(n)
        """,
    "seeded": "return np.random.default_rng(n).random() + random.Random(3).random()",
    "match": """
        match el:
            case [0, *rest]:
                return len(rest)
            case (1 | 2) as x, _:
                return x
            case None:
                return 1
            case _:
                return 0
        """,
    "text": "key = f'{el[0]}{n:>3}'; return {'00': 1}.get(key.strip(), len(repr(el)))",
    "small things": """
        assert n > 0, "no coordinates"
        x: int
        (y := n)
        first, *others = el
        del others[0]
        if not others:
            raise ValueError("nothing is left")
        return (y if first else -y) + sum(1 for _ in others[::2])
        """,
    "names of its own": """
        id, type, dir = 1, 2, [(0, 1)]
        for hash in el:
            id += hash
        return id * type + len(dir)
        """,
}


@pytest.mark.parametrize("body", HONEST.values(), ids=HONEST.keys())
def test_honest_program_is_admitted(body: str) -> None:
    check(program(body))


@pytest.mark.parametrize("header", ["def f(el, n=-1, *rest, k=(1, 2.5), **more):", "def f(el, /):"])
def test_every_kind_of_parameter_is_admitted(header: str) -> None:
    check(program("return 0", header))


@pytest.mark.parametrize("name", registry.names())
def test_seed_of_every_problem_is_admitted(name: str) -> None:
    evolve = registry.load(name).problem.evolve
    check(read(inspect.getsource(evolve), evolve.__name__))


@pytest.mark.parametrize("module", sorted(IMPORTABLE))
def test_every_module_of_the_vocabulary_can_be_imported(module: str) -> None:
    check(program(f"import {module} as m\nreturn 0"))


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_every_builtin_of_the_list_is_one(name: str) -> None:
    eval(name)
    check(program(f"return {name}"))


REFUSED = {
    "try:\n    return 1 / n\nexcept ZeroDivisionError:\n    return 0": (
        "line 2: try is not allowed; write the plain computation"
    ),
    "with np.errstate(all='ignore'):\n    return 1": "line 2: with is not allowed",
    "class A:\n    pass\nreturn 0": "line 3: class is not allowed; use tuples",
    "global x\nreturn 0": "line 2: global is not allowed",
    "x = 1\ndef g():\n    nonlocal x\n    x = 2\nreturn x": "line 5: nonlocal is not allowed",
    "yield 1": "line 2: yield is not allowed; return a list",
    "yield from el": "line 2: yield is not allowed; return a list",
    "async def g():\n    return 1\nreturn 0": "line 3: async is not allowed",
    "return [x async for x in el]": "line 2: async is not allowed",
    "@np.vectorize\ndef g(x):\n    return x\nreturn g(n)": "line 3: decorators other than",
    "match el:\n    case {'a': 1}:\n        return 1": "match on a dict is not allowed",
    "match el:\n    case tuple(__class__=x):\n        return x": "match on a class is not allowed",
    "return __name__": "line 2: names that begin with __ are not allowed",
    "return (lambda __x: 1)(0)": "line 2: names that begin with __ are not allowed",
    "import math as __m\nreturn 0": "line 2: names that begin with __ are not allowed",
    "def __g():\n    return 0\nreturn 0": "line 3: names that begin with __ are not allowed",
    "__import__ = 1\nreturn 0": "line 2: names that begin with __ are not allowed",
    "return el.__class__": "line 2: attributes that begin with _ are not allowed",
    "from random import _os\nreturn 0": "line 2: attributes that begin with _ are not allowed",
    "f.calls = 1\nreturn 0": "line 2: attributes cannot be changed; use a variable",
    "del np.sum\nreturn 0": "line 2: attributes cannot be changed; use a variable",
    "x = 1\nreturn open('x')": "line 3: open is not available here; use only the arguments",
    "return eval('1')": "line 2: eval is not available here; use only the arguments",
    "return id(el) % 7": "line 2: id is not available: it differs from run to run",
    "return hash(str(el))": "line 2: hash is not available: it differs from run to run",
    "print(n)\nreturn 0": "line 2: print is not available; only what is returned counts",
    "return getattr(np, 'sum')(el)": "line 2: getattr is not available; write plain names",
    "return type(el)": "line 2: type is not available; use isinstance",
    "return np.load('x')": "line 2: load is not available: there are no files",
    "from numpy import memmap as m\nreturn 0": "line 2: memmap is not available: there are no",
    "return np.zeros(3).tofile('x')": "line 2: tofile is not available: there are no files",
    "return np.ctypeslib": "line 2: ctypeslib is not available here",
    "return (x for x in el).gi_frame": "line 2: gi_frame is not available here",
    "import statistics\nreturn statistics.sys": "line 3: sys is not available here",
    "return '{0.x}'.format(n)": "line 2: format of a string is not allowed; write an f-string",
    "import time\nreturn time.time()": "line 2: time cannot be imported; there are bisect, cmath",
    "from . import x\nreturn 0": "line 2: a package cannot be imported; there are",
    "return np.random.default_rng().random()": (
        "line 2: default_rng without a seed differs from run to run; give it a number"
    ),
    "return random.SystemRandom(1).random()": "line 2: SystemRandom differs from run to run",
}


@pytest.mark.parametrize("body", REFUSED, ids=lambda body: body[:40])
def test_refusal_names_the_line_and_says_what_to_write(body: str) -> None:
    with pytest.raises(Refused) as refusal:
        check(program(body))
    message = str(refusal.value)
    assert message.startswith(REFUSED[body]) or REFUSED[body] in message
    assert message.startswith(f"line {refusal.value.line}: ")
    assert message.isprintable()
    assert len(message) < 250


@pytest.mark.parametrize("default", ["[]", "{}", "set()", "(1, [])", "np.zeros(3)"])
def test_default_that_could_keep_state_between_calls_is_refused(default: str) -> None:
    with pytest.raises(Refused, match="line 1: a default must be a constant"):
        check(program("return 0", f"def f(el, n, *, memory={default}):"))


def test_first_line_at_fault_is_named() -> None:
    with pytest.raises(Refused, match="line 3: open"):
        check(program("x = 1\ny = open(x)\nwith y:\n    return eval('1')"))


@pytest.mark.parametrize("character", ["\x07", "\x1b", "\u202e", "\u200b", "\x0c"])
def test_character_that_cannot_be_seen_is_refused(character: str) -> None:
    with pytest.raises(Refused, match="line 2: control and invisible characters"):
        check(Program("f", f"def f(el, n):\n    return '{character}'"))


def test_huge_program_is_refused() -> None:
    check(program("\n".join(["x = 1"] * (MAX_NODES // 3 - 10))))
    with pytest.raises(Refused, match=rf"at most {MAX_NODES} are allowed; be shorter"):
        check(program("\n".join(["x = 1"] * (MAX_NODES // 3 + 10))))


@pytest.mark.parametrize("source", ["x = 1", "def f():\n    pass\nx = 1", "", "class f:\n    pass"])
def test_text_that_is_not_one_function_is_refused(source: str) -> None:
    with pytest.raises(Refused, match="one function and nothing else"):
        check(Program("f", source))


def _statements() -> st.SearchStrategy[str]:
    """Return statements of any kind that CPython's grammar has, plain and wild alike."""
    expressions = st.recursive(
        st.sampled_from(["el", "n", "1", "open", "__x", "''", "...", "np", "*el", "yield", "()"]),
        lambda inner: st.tuples(
            st.sampled_from(
                ["({})", "[{}]", "{{{}}}", "{}.load", "{}.__x", "{}({})", "lambda: {}", "f'{{{}}}'",
                 "await {}", "[{} for x in {}]", "{} if {} else 0", "(x := {})", "{}[{}:]", "-{}",
                 "{{**{}}}", "{}(**{})", "{} @ {}", "not {}", "(yield {})", "[x async for x in {}]"]
            ),
            inner,
            inner,
        ).map(lambda parts: parts[0].format(parts[1], parts[2])),
        max_leaves=6,
    )  # fmt: skip
    forms = st.sampled_from(
        ["{}", "return {}", "x = {}", "x += {}", "del {}", "raise {}", "assert {}, {}", "{} = 1",
         "if {}:\n  {}", "while {}:\n  {}\nelse:\n  {}", "for x in {}:\n  {}",
         "with {} as x:\n  {}",
         "try:\n  {}\nfinally:\n  {}", "try:\n  {}\nexcept* {}:\n  {}", "def g(a={}):\n  {}",
         "@{}\ndef g():\n  {}", "class A({}):\n  {}", "async def g():\n  {}", "import x as {}",
         "from x import {}", "match {}:\n  case {}:\n    {}", "global {}", "x: {} = {}", "pass",
         "match {}:\n  case A(x={}) | {{'a': {}, **r}}:\n    pass", "nonlocal {}"]
    )  # fmt: skip
    return st.tuples(forms, expressions, expressions, expressions).map(
        lambda parts: parts[0].format(*parts[1:])
    )


@settings(max_examples=400)
@given(st.lists(_statements(), min_size=1, max_size=3))
def test_whatever_parses_is_admitted_or_refused_and_nothing_else(statements: list[str]) -> None:
    body = textwrap.indent("\n".join(statements), "    ")
    with contextlib.suppress(Refused):
        check(read(f"def f(el, n):\n{body}", "f"))


@settings(max_examples=200)
@given(st.lists(_statements(), min_size=1, max_size=3))
def test_admitted_program_holds_nothing_that_was_to_be_kept_out(statements: list[str]) -> None:
    body = textwrap.indent("\n".join(statements), "    ")
    try:
        found = read(f"def f(el, n):\n{body}", "f")
        check(found)
    except Refused:
        return
    for node in ast.walk(ast.parse(found.source)):
        assert not isinstance(
            node,
            (ast.Try, ast.TryStar, ast.With, ast.ClassDef, ast.Await, ast.Yield, ast.YieldFrom),
        )
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith("_")
        if isinstance(node, (ast.Name, ast.arg)):
            assert not (node.id if isinstance(node, ast.Name) else node.arg).startswith("__")
