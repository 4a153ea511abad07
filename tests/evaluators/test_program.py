"""Programs: one canonical text for all that differ only in words a machine does not run."""

from __future__ import annotations

import ast
import hashlib
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.parser import Refused
from evaluators.program import Program, canonical, read, rename

FUNCTIONS = [
    "def f(x, y):\n    return x + y",
    "def f(x, y):\n    if x:\n        return f(y, x - 1)\n    return 0.0",
    "def f(x, *rest, y=1, **more):\n    z = [a for a in rest if a]\n    return sum(z, y)",
    "def f(x, y):\n    def g(a):\n        return a * 2\n    return g(x) + g(y)",
    "def f(x, y):\n    total = 0\n    for i in range(y):\n        total += x\n    return total",
    "def f(x, /, y, *, z=(1, 2)):\n    return {'a': x, **z}['a'] if y else f'{x!r:>{y}}'",
]


def dressed(function: str, docstring: str, comment: str, annotation: str, returns: str) -> str:
    """Return the function with words added that it does not run."""
    head, _, body = function.partition("\n")
    head = head.replace("(x", "(x" + annotation, 1).replace("):", ")" + returns + ":")
    return head + comment + "\n" + docstring + body


words = st.text(
    st.characters(blacklist_characters="\"'\\\r\n\f\0", blacklist_categories=["Cs"]), max_size=30
)
annotations = st.sampled_from(["", ": int", ": 'list[int]'", ": Annotated[int, Range(0, 2)]"])
returns = st.sampled_from(["", " -> float", " -> 'x'"])


@given(st.sampled_from(FUNCTIONS), words, words, annotations, returns)
def test_id_does_not_depend_on_docstring_comment_or_annotation(
    function: str, doc: str, comment: str, annotation: str, result: str
) -> None:
    text = dressed(function, f'    """{doc}"""\n', f"  #{comment}", annotation, result)
    assert read(text, "f") == read(function, "f")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_canonical_text_is_its_own_canonical_text(function: str) -> None:
    program = read(function, "f")
    assert read(program.source, "f") == program


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Return a function of nested blocks with constants, docstrings and annotations in them."""
    line = st.sampled_from(
        ["x = 1", "'text'", "...", "y: int = x", "y: int", "pass", "return x", "x.a: int", "3"]
    )
    head = st.sampled_from(
        ["if x:", "for x in y:", "while x:", "def g(x: int) -> 'a':", "with x as y:"]
    )

    def block(depth: int) -> list[str]:
        lines = draw(st.lists(line, min_size=1, max_size=3))
        if depth:
            lines += [draw(head), *("    " + inner for inner in block(depth - 1))]
        return lines

    return "def f(x, y):\n" + "\n".join("    " + inner for inner in block(draw(st.integers(0, 3))))


@given(bodies())
def test_canonical_form_is_idempotent(function: str) -> None:
    program = read(function, "f")
    assert read(program.source, "f") == program
    compile(program.source, "<test>", "exec")


@pytest.mark.parametrize(
    ("function", "source"),
    [
        ("def f(x):\n    'only a docstring'", "def f(x):\n    pass"),
        ("def f(x):\n    if x:\n        ...", "def f(x):\n    if x:\n        pass"),
        ("def f(x):\n    y: int = 1\n    return y", "def f(x):\n    y = 1\n    return y"),
        ("async def f(x):\n    return 1", None),
        ("def g(x):\n    return 1", None),
        ("f = 1", None),
        ("def f(x):\n    return 1\nf = 2", None),
        ("", None),
    ],
)
def test_read_takes_one_function_of_that_name(function: str, source: str | None) -> None:
    if source is None:
        with pytest.raises(Refused, match="is not one function called f"):
            read(function, "f")
    else:
        assert read(function, "f").source == source


def test_annotation_that_makes_a_name_local_keeps_doing_so() -> None:
    program = read("def f(x):\n    if x:\n        y: int\n    return y", "f")
    namespace: dict[str, object] = {"y": 5}
    exec(program.source, namespace)
    with pytest.raises(UnboundLocalError):
        namespace["f"](0)  # type: ignore[operator]


def test_id_is_the_digest_of_the_source() -> None:
    program = Program("f", "def f():\n    return 'é'")
    assert program.id == hashlib.sha256(program.source.encode()).hexdigest()


names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name)
)
# Names of its own that the functions above use, and of what they call.
TAKEN = {"x", "y", "z", "a", "g", "i", "rest", "more", "total", "sum", "range", "f"}


def function_definition(text: str) -> ast.FunctionDef:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


@given(st.sampled_from(FUNCTIONS), names.filter(lambda name: name not in TAKEN))
def test_renaming_there_and_back_changes_nothing(function: str, name: str) -> None:
    tree = function_definition(function)
    before = ast.dump(tree)
    rename(tree, "f", name)
    assert tree.name == name
    assert not any(isinstance(node, ast.Name) and node.id == "f" for node in ast.walk(tree))
    rename(tree, name, "f")
    assert ast.dump(tree) == before


@given(st.sampled_from(FUNCTIONS), names.filter(lambda name: name not in TAKEN))
def test_id_does_not_depend_on_the_name_a_function_came_with(function: str, name: str) -> None:
    tree = function_definition(function)
    rename(tree, "f", name)
    assert canonical(tree, "f") == read(function, "f")


def test_renaming_refuses_to_capture_another_name() -> None:
    tree = function_definition("def f(x):\n    g = 2\n    return f(x - g)")
    with pytest.raises(Refused, match="for something else"):
        rename(tree, "f", "g")


def test_canonical_drops_the_functions_own_decorators() -> None:
    tree = function_definition("@cache\ndef g(x: int) -> int:\n    'doc'\n    return g(x)")
    assert canonical(tree, "f").source == "def f(x):\n    return f(x)"
