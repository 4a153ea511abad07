"""The syntax sampler where a signature names domains: what it reads, draws, changes and keeps."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from evaluators.admission import check
from evaluators.program import Program, read
from funsearch.prompts import Prompt, Shown
from funsearch.samplers.protocol import Sample
from funsearch.samplers.syntax import Syntax
from funsearch.samplers.syntax.forms import Form, Group, Leaf, Row, of_annotation, sizes_of
from funsearch.samplers.syntax.literals import MOST, Literals
from funsearch.samplers.syntax.sampler import OF_LITERALS
from funsearch.samplers.syntax.signature import Signature
from problems.domains import Permutation, Range, SignedPermutation, Vector

MAPS = 'list[Annotated[tuple[int, ...], SignedPermutation("n")]]'
ROWS = 'list[Annotated[tuple[int, ...], Vector(3, "n")]]'
HEADER = f"def f_v1(n: int) -> tuple[{MAPS}, {ROWS}]:"
EMPTY = "def f(n):\n    return ([], [])"
FORM = Group((Row(Leaf(SignedPermutation(4))), Row(Leaf(Vector(3, 4)))))


def prompt(
    sources: Sequence[str], draw: int = 0, header: str = HEADER, instances: Sequence[str] = ("n=4",)
) -> Prompt:
    scores = dict.fromkeys(instances, 0.0)
    shown = tuple(Shown(Program("f", source), 0.0, scores) for source in sources)
    return Prompt(draw, 0, 0, 0, shown, header, "", "", "")


def answer(asked: Prompt, sampler: Syntax | None = None) -> Sample:
    return asyncio.run((sampler or Syntax()).sample(asked, 1, 1))[0]


def function(source: str) -> ast.FunctionDef:
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def result(source: str) -> Any:
    space: dict[str, Any] = {}
    exec(source, space)
    return space["f"](4)


def note(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Annotated[int, Range(0, 2)]", Leaf(Range(0, 2))),
        ("Annotated[int, Range(-2, -1)]", Leaf(Range(-2, -1))),
        ("Annotated[int, 'a note', Range(0, 'n')]", Leaf(Range(0, 4))),
        ("list[Annotated[tuple[int, ...], Permutation(3)]]", Row(Leaf(Permutation(3)))),
        ("tuple[Annotated[int, Range(0, 1)], ...]", Row(Leaf(Range(0, 1)))),
        ("tuple[int, Annotated[int, Range(0, 1)]]", Group((None, Leaf(Range(0, 1))))),
        ("list[list[Annotated[int, Range(0, 1)]]]", Row(Row(Leaf(Range(0, 1))))),
        ("Annotated[int, Range(0, 'm')]", None),
        ("Annotated[int, Range(0, n)]", None),
        ("Annotated[int, 'a note']", None),
        ("tuple[int, float]", None),
        ("list[int]", None),
        ("int", None),
    ],
)
def test_annotations_describe_forms(text: str, form: Form | None) -> None:
    assert of_annotation(note(text), {"n": 4}) == form


def test_a_domain_with_other_arguments_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not a domain: Vector\(3\)"):
        Signature.of_text("def f(n: int) -> Annotated[tuple[int, ...], Vector(3)]")
    with pytest.raises(ValueError, match="not a domain"):
        Syntax(signature="def f(n: int) -> Annotated[int, Range(1, 2, 3)]")


@pytest.mark.parametrize(
    ("names", "sizes"),
    [
        (["n=8"], {"n": 8}),
        (["n=12,w=7", "n=12,w=6"], {"n": 12}),
        (["n=8", "n=9"], {}),
        (["n=8", "small"], {}),
        (["x_n=3 q=0004"], {"x_n": 3, "q": 4}),
        ([], {}),
    ],
)
def test_sizes_are_those_that_the_names_of_all_instances_give(
    names: list[str], sizes: dict[str, int]
) -> None:
    assert sizes_of(names) == sizes


def test_ranges_of_parameters_give_constants() -> None:
    found = Signature.of_text("def f(x: Annotated[int, Range(3, 6)], y: int) -> float")
    assert found.constants == (3, 6, 4, 5)
    assert found.form is None
    assert len(Signature.of_text("def f(x: Annotated[int, Range(0, 999)])").constants) == 2


def test_all_that_is_drawn_belongs_to_the_domains() -> None:
    sources, seen = [EMPTY, EMPTY], set[str]()
    for draw in range(400):
        sample = answer(prompt(sources, draw), Syntax(weights={"renew": 4.0}))
        check(read(sample.text, "f"))
        maps, rows = result(sample.text)
        assert all(each in SignedPermutation(4) for each in maps)
        assert all(each in Vector(3, 4) for each in rows)
        assert len(maps) + len(rows) <= MOST
        seen.update(str(sample.parameters["operators"]).split("+"))
        sources = [sources[1], sample.text]
    assert seen == {f"{name}@{kind}" for name in OF_LITERALS for kind in (0, 1)}


def test_long_literals_are_not_too_long_a_program() -> None:
    header = HEADER.replace('"n"', "30")
    source = f"def f(n):\n    return ([], {[(0,) * 30] * 22})"
    assert len(source) > 2000
    texts = [answer(prompt([source], draw, header)).text for draw in range(40)]
    assert max(map(len, texts)) > len(source)


THROUGH = {
    "variables": "a = [(1, 2, 3, 4)]\n    b = [(0, 1, 2, 0)]\n    return (a, b)",
    "one list": "a = [(1, 2, 3, 4)]\n    return (a, [(0, 1, 2, 0)])",
    "a choice": "return ([], [(0, 1, 2, 0)]) if n > 3 else ([(1, 2, 3, 4)], [])",
    "a sum": "return ([(1, 2, 3, 4)] + [tuple(range(1, n + 1))], [(0, 1, 2, 0)])",
    "returns": "if n > 3:\n        return ([], [(0, 1, 2, 0)])\n    return ([(1, 2, 3, 4)], [])",
    "tuples": "return (((1, 2, 3, 4),), ((0, 1, 2, 0),))",
}


@pytest.mark.parametrize("body", THROUGH.values(), ids=THROUGH)
def test_literals_are_found_wherever_they_are_returned_from(body: str) -> None:
    found = Literals(function(f"def f(n):\n    {body}"), FORM)
    known = [(ast.unparse(one.node), one.domain) for one in found.singles if one.known]
    assert sorted(known, key=str) == [
        ("(0, 1, 2, 0)", Vector(3, 4)),
        ("(1, 2, 3, 4)", SignedPermutation(4)),
    ]
    assert found.characters == 24


@pytest.mark.parametrize(
    "body",
    [
        "a = a\n    return a",
        "return",
        "return n",
        "return (n, [*[n]])",
        "return [[(n, 2, 3, 4), (5, 5, 5, 5), 3], [(0,), (0, 1, 2, 1.5)], []]",
        "return ([tuple(range(1, n + 1))], [(x,) * n for x in range(3)])",
        "return sorted(([], [(0, 1, 2, 0)]))",
    ],
)
def test_what_is_not_understood_still_gives_functions(body: str) -> None:
    source = read(f"def f(n):\n    {body}", "f").source
    for draw in range(40):
        sample = answer(prompt([source, EMPTY], draw))
        assert sample.error or read(sample.text, "f").source not in (source, EMPTY)


def test_a_wrong_literal_is_replaced() -> None:
    source = "def f(n):\n    return ([(1, 2, 3)], [])"
    texts = {answer(prompt([source], draw), Syntax(again=0)).text for draw in range(60)}
    assert any((1, 2, 3) not in maps and maps for maps, _ in map(result, texts))


def test_literals_of_another_program_are_taken_over() -> None:
    other = "def f(n):\n    return ([], [(2, 2, 2, 1), (2, 2, 1, 2)])"
    sampler = Syntax(weights={"borrow": 1e9}, best=1.0, again=0)
    own = "def f(n):\n    return ([(2, 1, 3, 4)], [])"
    rows = [result(answer(prompt([other, own], draw), sampler).text)[1] for draw in range(30)]
    assert {len(each) for each in rows} == {1, 2}
    assert {entries for each in rows for entries in each} == {(2, 2, 2, 1), (2, 2, 1, 2)}


def test_nothing_is_drawn_where_instances_do_not_agree_on_a_size() -> None:
    sample = answer(prompt([EMPTY], instances=["n=4", "n=5"]))
    assert sample.error == "found nothing new"


def test_without_domains_operators_of_literals_change_nothing() -> None:
    source = "def f(n):\n    return n % 3 + 2"
    other = Syntax(weights=dict.fromkeys(OF_LITERALS, 50.0))
    for draw in range(100):
        asked = prompt([source], draw, "def f_v1(n: int) -> int:")
        first, second = answer(asked), answer(asked, other)
        assert (first.text, first.parameters) == (second.text, second.parameters)
        assert "@" not in str(first.parameters["operators"])
