"""The fast unparser gives the text of `ast.unparse`, to the letter."""

import ast
import sysconfig
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import unparse as fast
from evaluators.parser import Refused
from evaluators.program import canonical

STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(STANDARD_LIBRARY.glob("*.py"))


def functions(path: Path) -> list[ast.FunctionDef]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def test_every_function_of_the_standard_library_is_written_alike() -> None:
    compared = common = 0
    for path in FILES:
        for function in functions(path):
            try:
                canonical(function, function.name)
            except Refused:
                continue
            expected = ast.unparse(function)
            assert fast.unparse(function) == expected, f"{path}:{function.lineno}"
            compared += 1
            try:
                common += "\n".join(fast._function(function, "")) == expected  # pyright: ignore[reportPrivateUsage]
            except (fast._Uncommon, KeyError):  # pyright: ignore[reportPrivateUsage]
                continue
    assert compared > 5_000
    assert common > compared / 2


names = st.sampled_from(["a", "b", "el", "n"])
leaves = names | st.sampled_from(["1", "0.5", "-1", "True", "None", "'x\\n'", "1e30", "()", "[]"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = [
        "+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "|", "^", "&",
        "<", "<=", "==", "!=", "is", "is not", "in", "not in", "and", "or",
    ]  # fmt: skip
    return st.one_of(
        st.tuples(inner, st.sampled_from(operators), inner).map(
            lambda p: f"({p[0]}) {p[1]} ({p[2]})"
        ),
        st.tuples(st.sampled_from(["-", "+", "~", "not "]), inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]}) if ({p[1]}) else ({p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]}) < ({p[1]}) == ({p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]}) and ({p[1]}) and ({p[2]})"),
        st.tuples(names, inner, inner).map(lambda p: f"{p[0]}[({p[1]}):({p[2]})]"),
        st.tuples(names, inner, inner).map(lambda p: f"{p[0]}[({p[1]}), ({p[2]})]"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]})[({p[1]}),]"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}).x(({p[1]}), k=({p[0]}))"),
        st.tuples(inner, inner).map(lambda p: f"(({p[0]}), ({p[1]}))"),
        st.tuples(inner, inner).map(lambda p: f"[({p[0]}), ({p[1]})]"),
        st.tuples(inner, inner, inner).map(
            lambda p: f"sum(({p[0]}) for a, b in ({p[1]}) if ({p[2]}))"
        ),
        st.tuples(inner, inner, inner).map(lambda p: f"[({p[0]}) for a in ({p[1]}) if ({p[2]})]"),
        st.tuples(inner, inner).map(lambda p: f"(lambda a, b=({p[0]}): ({p[1]}))"),
        st.tuples(inner, inner).map(lambda p: f"{{({p[0]}): ({p[1]})}}"),
        inner.map(
            lambda text: f"f'{{({text})}}'" if "'" not in text and "\\" not in text else text
        ),
    )


expressions = st.recursive(leaves, grown, max_leaves=12)


@settings(max_examples=1500, deadline=None)
@given(expressions)
def test_any_expression_is_written_alike(expression: str) -> None:
    text = (
        f"def f(el, n):\n    a = b = {expression}\n    a += {expression}\n    return {expression}"
    )
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    assert fast.unparse(function) == ast.unparse(function)


@pytest.mark.parametrize(
    "body",
    [
        "if a:\n  pass\nelif b:\n  pass\nelse:\n  if n:\n    pass\n  a = 1",
        "for a, b in n:\n  break\nelse:\n  continue_ = 1",
        "for (a, b), n in el:\n  continue",
        "while True:\n  return\nelse:\n  pass",
        "def g():\n  return\nreturn g",
        "def g(a, b=1, *c, d, **e):\n  pass",
        "a, b = b, a",
        "(a,) = b",
        "a = yield",
        "a: int = 1",
        "x = 1 .real + True .imag + 2.0.real",
        "return 1, 2",
        "a[1:2, ::3] = 1e999",
        "try:\n  pass\nfinally:\n  pass",
        "with a as b:\n  pass",
        "import x as y\nfrom z import w",
        "x = (y := 1)",
        "f(*a, **b)",
        "return u'x'",
        "return b'x' + 1j",
    ],
)
def test_statement_is_written_alike(body: str) -> None:
    indented = "\n".join(f"  {line}" for line in body.split("\n"))
    (function,) = ast.parse(f"def f(el, n):\n{indented}").body
    assert isinstance(function, ast.FunctionDef)
    assert fast.unparse(function) == ast.unparse(function)
