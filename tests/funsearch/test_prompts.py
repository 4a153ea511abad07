"""Prompts: the shape of the paper's, renaming, and templates as data."""

from __future__ import annotations

import ast
import hashlib
import inspect
import math
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import configs
from evaluators.program import Program, canonical, read
from funsearch.attempts import Attempt
from funsearch.prompts import Failed, Prompt, Shown, Template, TemplateError, render
from problems import cap_set, registry
from problems.contract import Metric, Problem

SHIPPED = sorted(path.stem for path in (Path(configs.__path__[0]) / "prompt").glob("*.yaml"))
SEED = Program("priority", "def priority(el, n):\n    return 0.0")


def score_item(weight: float, free: list[float]) -> float:
    """Return how well an item fits.

    Backslash \\ and quotes " are text.
    """
    return 0.0


def bare(x):  # type: ignore[no-untyped-def]
    return x


def halve(x: float) -> float:
    """Return half of x.

    More is not shown.
    """
    return x / 2


@lru_cache
def template(name: str) -> Template:
    fields = yaml.safe_load((Path(configs.__path__[0]) / f"prompt/{name}.yaml").read_text())
    assert fields.pop("_target_") == "funsearch.prompts.Template"
    return Template(**fields)


def shown(*sources: str, name: str = "priority") -> list[Shown]:
    programs = (read(source, name) for source in sources)
    return [Shown(program, 100.0 + i, {"n=8": 100.0 + i}) for i, program in enumerate(programs)]


def prompt(
    examples: Sequence[Shown],
    of: str = "paper",
    problem: Problem = cap_set.problem,
    failures: Sequence[Failed] = (),
) -> Prompt:
    return render(template(of), problem, 5, 2, 1, 77, examples, failures)


def versions(made: Prompt) -> list[ast.FunctionDef]:
    """Return the functions of a completion prompt, the one to complete with its docstring alone."""
    return [node for node in ast.parse(made.text).body if isinstance(node, ast.FunctionDef)]


PAPER = '''\
import collections
import functools
import itertools
import math

import numpy as np


def priority_v0(el: tuple[int, ...], n: int) -> float:
    """Return how early a vector should join a growing cap set in Z_3^n.

    A cap set holds no three different vectors that sum to zero (mod 3) in each coordinate.
    Vectors are taken greedily in order of decreasing priority; the goal is a large set.
    `el` holds the n coordinates of the vector, each 0, 1 or 2. Minus infinity means never.
    """
    return 0.0


def priority_v1(el: tuple[int, ...], n: int) -> float:
    """Improved version of `priority_v0`."""
    if n == 0:
        return 0.0
    return el[0] - priority_v1(el[1:], n - 1)


def priority_v2(el: tuple[int, ...], n: int) -> float:
    """Improved version of `priority_v1`."""'''


def test_the_papers_prompt() -> None:
    recursive = (
        "def priority(el, n):\n"
        "    if n == 0:\n        return 0.0\n"
        "    return el[0] - priority(el[1:], n - 1)"
    )
    made = prompt(shown(SEED.source, recursive))
    assert made.text == PAPER
    assert made.header == "def priority_v2(el: tuple[int, ...], n: int) -> float:"
    assert made.version == 2
    assert (made.style, made.system) == ("completion", "")
    assert (made.draw, made.island, made.epoch, made.registrations) == (5, 2, 1, 77)
    assert made.template == template("paper").digest
    assert made.digest == hashlib.sha256(PAPER.encode()).hexdigest()


CHAT = '''\
These versions of `priority` are sorted from worst to best.
Larger scores are better; a score is the size, in vectors.

```python
import collections
import functools
import itertools
import math

import numpy as np


# priority_v0 scores 100.
def priority_v0(el: tuple[int, ...], n: int) -> float:
    """Return how early a vector should join a growing cap set in Z_3^n.

    A cap set holds no three different vectors that sum to zero (mod 3) in each coordinate.
    Vectors are taken greedily in order of decreasing priority; the goal is a large set.
    `el` holds the n coordinates of the vector, each 0, 1 or 2. Minus infinity means never.
    """
    return 0.0
```

Write `priority_v1`, a version with a better score. Its first line is

```python
def priority_v1(el: tuple[int, ...], n: int) -> float:
```

Change the idea, not just the constants. Use only what is imported above.
'''


def test_the_chat_prompt_shows_scores_and_asks_for_the_next_version() -> None:
    made = prompt(shown(SEED.source), "chat")
    assert made.text == CHAT
    assert made.style == "chat"
    assert made.system == template("chat").system != ""


FAILURES = """

These other attempts failed, and have no score:

```python
# crashed: IndexError: tuple index out of range
# def priority(el, n):
#     return el[n]

# rejected: no function priority(el, n) was found
```

Write `priority_v1`, a version with a better score that does not fail as these did.
"""


def test_failed_attempts_are_shown_as_comments_and_named_by_their_records() -> None:
    failures = [
        Failed(
            Attempt(7, "", "crashed", "IndexError: tuple index out of range"),
            "def priority(el, n):\n    return el[n]",
        ),
        Failed(Attempt(9, None, "rejected", "no function priority(el, n) was found"), ""),
    ]
    made = prompt(shown(SEED.source), "failures", failures=failures)
    assert FAILURES in made.text
    assert made.failures == (7, 9)
    assert prompt(shown(SEED.source), "chat", failures=failures).text == CHAT


def test_a_prompt_without_failures_says_nothing_of_them() -> None:
    made = prompt(shown(SEED.source), "failures")
    assert made.text.split() == CHAT.split()
    assert made.failures == ()


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_failed_attempt_cannot_leave_its_comment(source: str, reason: str) -> None:
    for breaker in ("\n```\n", "\r```\r", "\u2028~~~\x85```\x0c", '{{ 7 * 6 }}\n"""\n'):
        failure = Failed(Attempt(7, "", "crashed", reason + breaker), source + breaker + "x")
        made = prompt(shown(SEED.source), "failures", failures=[failure]).text
        begin = made.index("have no score:\n\n```python\n") + len("have no score:\n\n```python\n")
        inside = made[begin : made.index("\n```\n\nWrite `priority_v1`", begin)]
        assert all(line.startswith("# ") for line in inside.splitlines())
        assert all(character.isprintable() for character in inside.replace("\n", ""))


def test_a_long_failed_attempt_is_cut() -> None:
    source = "\n".join(["x" * 9_000] * 5_000)
    failures = [Failed(Attempt(i, "", "crashed", "y" * 2_000), source) for i in range(8)]
    made = prompt(shown(SEED.source), "failures", failures=failures)
    assert len(made.text) < 50_000
    assert "# … and 4960 more lines" in made.text


@pytest.mark.parametrize("of", SHIPPED)
@pytest.mark.parametrize("name", registry.names())
def test_every_template_suits_every_problem(of: str, name: str) -> None:
    problem = registry.by_name(name).problem
    seed = read(textwrap.dedent(inspect.getsource(problem.evolve)), problem.evolve.__name__)
    failure = Failed(Attempt(7, seed.id, "crashed", "ZeroDivisionError"), seed.source)
    made = prompt([Shown(seed, 1.5, {"a": 1.5})] * 2, of, problem, [failure])
    assert f"def {problem.evolve.__name__}_v0(" in made.text
    assert made.header in made.text
    if made.style == "chat":
        assert f"a score is the {problem.metric.name}, in {problem.metric.unit}." in made.text
    code = made.text if made.style == "completion" else made.text.split("```python\n")[1]
    ast.parse(code.partition("\n```")[0])


@pytest.mark.parametrize("of", SHIPPED)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_header_and_version_agree(of: str, count: int) -> None:
    made = prompt(shown(*[SEED.source] * count), of)
    assert made.version == count
    assert made.header.startswith(f"def priority_v{count}(")
    assert made.header in made.text


def test_a_program_with_other_parameters_keeps_its_own_header() -> None:
    made = prompt(shown("def priority(vector, n=3):\n    return sum(vector)"))
    assert "def priority_v0(vector, n=3):\n" in made.text
    assert made.header == "def priority_v1(el: tuple[int, ...], n: int) -> float:"


def test_a_string_that_holds_the_name_stays() -> None:
    made = prompt(shown("def priority(el, n):\n    s = 'priority(el)'\n    return priority(s, 1)"))
    assert "s = 'priority(el)'\n    return priority_v0(s, 1)" in made.text


@pytest.mark.parametrize(
    "body",
    [
        "priority = 0.0\n    return priority",
        "for priority in el:\n        pass\n    return priority",
        "return max(el, key=lambda priority: priority)",
        "import math as priority\n    return priority.pi",
    ],
)
def test_a_function_that_binds_its_own_name_is_shown_as_it_is(body: str) -> None:
    made = prompt(shown(f"def priority(el, n):\n    {body}"))
    assert "def priority_v0(el: tuple[int, ...], n: int) -> float:" in made.text
    assert body in made.text


def test_a_function_that_uses_the_new_name_for_something_else_is_still_shown() -> None:
    body = "priority_v0 = 1\n    return priority(el, priority_v0)"
    assert body in prompt(shown(f"def priority(el, n):\n    {body}")).text


EXPRESSIONS = st.recursive(
    st.sampled_from(
        ["el", "n", "1.5", "'priority'", "'priority(el, n)'", "priority(el, n)", "priority"]
    ),
    lambda inner: (
        st.builds("({} + {})".format, inner, inner)
        | st.builds("priority({}, n)".format, inner)
        | st.builds("[q for q in [{}]]".format, inner)
        | st.builds("(lambda q: {})".format, inner)
    ),
    max_leaves=8,
)


@given(st.lists(EXPRESSIONS, min_size=1, max_size=3))
def test_renaming_touches_calls_and_is_undone_by_reading_back(expressions: list[str]) -> None:
    examples = shown(*(f"def priority(el, n):\n    return {each}" for each in expressions))
    made = prompt(examples)
    *functions, last = versions(made)
    assert last.name == f"priority_v{len(expressions)}"
    for number, (function, example) in enumerate(zip(functions, examples, strict=True)):
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        assert function.name == f"priority_v{number}"
        assert "priority" not in names
        assert canonical(function, "priority") == example.program


@given(st.text(max_size=60))
def test_text_in_a_program_is_never_a_template(text: str) -> None:
    source = ast.unparse(ast.parse(f"def priority(el, n):\n    return {text + '{{ 7 * 6 }}'!r}"))
    made = prompt([Shown(Program("priority", source), 0.0, {})])
    assert "{{ 7 * 6 }}" in made.text
    assert canonical(versions(made)[0], "priority").source == source


def test_a_docstring_survives_its_quotes_and_backslashes() -> None:
    problem = replace(cap_set.problem, evolve=score_item)
    program = Program("score_item", "def score_item(weight, free):\n    return 1.0")
    made = prompt([Shown(program, 0.0, {})], problem=problem)
    [first, second] = versions(made)
    assert (
        ast.get_docstring(first)
        == 'Return how well an item fits.\n\nBackslash \\ and quotes " are text.'
    )
    assert ast.unparse(second.args) == "weight: float, free: list[float]"


def test_a_seed_without_docstring_or_annotations_has_neither() -> None:
    problem = replace(cap_set.problem, evolve=bare)
    made = prompt([Shown(Program("bare", "def bare(x):\n    return x"), 0.0, {})], problem=problem)
    assert "def bare_v0(x):\n    return x\n" in made.text
    assert made.header == "def bare_v1(x):"


def test_the_preface_shows_what_the_problem_adds() -> None:
    names: dict[str, Any] = {"halve": halve, "LIMIT": 3, "TABLE": list(range(999)), "m": math}
    made = prompt(shown(SEED.source), problem=replace(cap_set.problem, names=names))
    assert "import math as m\n" in made.text
    assert 'def halve(x: float) -> float:\n    """Return half of x."""\n' in made.text.replace(
        "'", ""
    )
    assert "\nLIMIT = 3\nTABLE: list\n" in made.text
    ast.parse(made.text)


def test_scores_are_shown_to_ten_digits_and_direction_in_words() -> None:
    metric = Metric("excess", "bins", direction="min")
    examples = [Shown(SEED, 0.1 + 0.2, {}), Shown(SEED, 123456789.0, {})]
    text = prompt(examples, "chat", replace(cap_set.problem, metric=metric)).text
    assert "Smaller scores are better; a score is the excess, in bins." in text
    assert "# priority_v0 scores 0.3." in text
    assert "# priority_v1 scores 123456789." in text


def test_no_program_to_show_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        prompt([])


def test_a_templates_digest_covers_all_of_it() -> None:
    base = Template("t", "chat", "system", "text")
    others = [
        replace(base, name="u"),
        replace(base, system=""),
        replace(base, text="text "),
        replace(base, style="completion", system=""),
        replace(base, failures=1),
    ]
    digests = {each.digest for each in (base, *others)}
    assert len(digests) == 6
    assert base.digest == Template("t", "chat", "system", "text").digest


def test_digests_of_templates_do_not_change_with_the_software() -> None:
    # Records name them, and exports make prompts again only with a template of that digest.
    assert Template("t", "chat", "s", "x").digest == (
        "f1a932ead1d7c99518070046234955e6d3e61bddd1f1d83367f711aa52b3f39b"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ versions[7].source }}", "no element 7"),
        ("{% for %}", "line 1"),
        ("{{ versions[0].__class__.__mro__ }}", "unsafe"),
        ("{{ 1 / 0 }}", "division"),
    ],
)
def test_a_bad_template_is_one_line_with_its_name(text: str, says: str) -> None:
    with pytest.raises(TemplateError, match="template mine") as caught:
        render(
            Template("mine", "completion", "", text),
            cap_set.problem,
            0,
            0,
            0,
            0,
            shown(SEED.source),
        )
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_style_and_system_are_checked() -> None:
    with pytest.raises(TemplateError, match="completion or chat"):
        Template("mine", "poem", "", "")  # type: ignore[arg-type]
    with pytest.raises(TemplateError, match="system"):
        Template("mine", "completion", "Be good.", "")
    with pytest.raises(TemplateError, match="failures is not a number from 0 to 8"):
        Template("mine", "chat", "", "", 9)
