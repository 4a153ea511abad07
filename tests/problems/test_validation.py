"""A problem that is none is refused with one line that names file and line."""

import re
from pathlib import Path

import pytest

from problems import registry
from problems.registry import ProblemError

TEXT = '''\
"""Short words."""
import numpy as np

from problems import Array, Instance, Invalid, Known, Limits, Metric, Problem


def letter(place: int) -> float:
    """Return the letter at a place."""
    return 1.0


def construct(candidate, instance):
    return np.array([candidate(i) for i in range(3)])


def score(instance, certificate):
    return float(certificate.sum())


problem = Problem(
    name="words",
    evolve=letter,
    construct=construct,
    score=score,
    metric=Metric("sum", "points", bound={"a": Known(9.0, "nine at most")}),
    certificate=Array("float64", ndim=1, max_elements=3),
    instances=lambda: {"a": {"n": 3}, "b": {"n": 4}},
    training=["a"],
    held_out=["b"],
)
'''


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "words.py"
    path.write_text(text)
    with pytest.raises(ProblemError) as caught:
        registry.select(registry.load(str(path)), None)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_the_changes_below_start_from_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "words.py"
    path.write_text(TEXT)
    assert registry.select(registry.load(str(path)), None) == ["a"]


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("(place: int)", "(place)", 7, "evolve does not say the type of place"),
        ("(place: int)", "(*place: int)", 7, "neither * nor = may be"),
        ("(place: int)", "(place: int = 0)", 7, "neither * nor = may be"),
        (" -> float", "", 7, "evolve does not say what type it returns"),
        ('"""Return the letter at a place."""', "", 7, "evolve has no docstring"),
        ("evolve=letter", "evolve=lambda place: 1.0", 22, "evolve is not a function made by def"),
        ("(candidate, instance)", "(candidate)", 12, "construct cannot be called with 2 arguments"),
        ("(instance, certificate)", "()", 16, "score cannot be called with 2 arguments"),
        ("score=score", "score=None", 24, "score is a NoneType, not a function"),
        ("nine at most", " ", 25, "metric has for a a bound without a source: say who found it"),
        ("Known(9.0", "Known(float('nan')", 25, "metric has for a a bound of nan"),
        ('{"a": Known(9.0, "nine at most")}', '{"a": 9.0}', 25, "that is not Known(value, source)"),
        ('bound={"a"', 'bound={"c"', 25, "metric mentions 'c', which is no instance"),
        ('"points", ', '"points", "up", ', 25, "metric has direction 'up', neither max nor min"),
        ('"points", ', '"points", tolerance=2, ', 25, "metric has tolerance 2"),
        (
            '"points", ',
            '"points", best_known={"a": Known(10.0, "wishes")}, ',
            25,
            "metric has for a a best_known beyond its bound",
        ),
        ('"float64"', '"float65"', 26, "certificate has dtype 'float65'"),
        ('"float64"', '"float"', 26, "certificate has dtype 'float'"),
        ("ndim=1", "ndim=9", 26, "certificate has 0 to 8 dimensions"),
        ('{"n": 3}', '{"n": 3.5}', 27, "instances of a: data['n'] is a builtins.float, not JSON"),
        ('{"n": 3}', '{"n": [1, [2, {3: 4}]]}', 27, "data['n'][1][1] has the key 3, which is not"),
        ('{"n": 3}', '{"n": (1, 2)}', 27, "data['n'] is a builtins.tuple, not JSON"),
        ('{"n": 3}', '{"n": np.int64(3)}', 27, "data['n'] is a numpy.int64, not JSON"),
        ('{"n": 3}', "None", 27, "instances has no mapping as the data of a"),
        ('lambda: {"a"', 'lambda: 1 / 0 and {"a"', 27, "instances fail: ZeroDivisionError"),
        ('lambda: {"a"', 'lambda x: {"a"', 27, "instances cannot be called with 0 arguments"),
        ('training=["a"]', "training=[]", 28, "training names no instance"),
        ('training=["a"]', 'training="a"', 28, "training is not a list of names of instances"),
        ('training=["a"]', 'training=["a", "a"]', 28, "training has a name twice"),
        ('training=["a"]', 'training=["c"]', 28, "training mentions 'c', which is no instance"),
        ('held_out=["b"]', 'held_out=["a"]', 29, "held_out has 'a', which is a training instance"),
        ('held_out=["b"]', 'online="n"', 29, "online names 'n', which is no list in a"),
        ('held_out=["b"]', "limits=Limits(wall_s=0)", 29, "limits are to be positive"),
        ('held_out=["b"]', 'names={"a b": 1}', 29, "names has 'a b', which is not a Python name"),
        ('held_out=["b"]', 'shorthands={"name": str}', 29, "cannot have an option 'name'"),
        ('name="words"', 'name="two words"', 21, "name is 'two words', not a Python name"),
        ("import numpy as np", "import nothing_there", 2, "fails to load: ModuleNotFoundError"),
        ("return 1.0", "return 1.0 +", 9, "fails to load: SyntaxError"),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, before: str, after: str, line: int, message: str
) -> None:
    assert TEXT.count(before) >= 1
    found = refusal(tmp_path, TEXT.replace(before, after, 1))
    assert re.match(rf"{re.escape(str(tmp_path / 'words.py'))}:{line}: ", found), found
    assert message in found


@pytest.mark.parametrize("name", registry.names())
def test_every_problem_of_the_library_holds(name: str) -> None:
    loaded = registry.load(name)
    assert registry.select(loaded, None) == list(loaded.problem.training)
    assert loaded.problem.held_out
    assert loaded.checker is not None
    page = Path(__file__).parents[2] / "docs" / "problems" / f"{name}.md"
    assert page.is_file(), f"no page {page}"
