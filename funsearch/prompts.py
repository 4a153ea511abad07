"""Prompts: the programs shown, versioned as in the paper, and the text a model reads.

A template is data (jinja2, from `configs/prompt/`), named in records by its digest.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from evaluators.parser import Refused, parse, unparse
from evaluators.program import Program, rename
from problems.contract import Problem

if TYPE_CHECKING:
    import jinja2

Style = Literal["completion", "chat"]

_IMPORTS = """\
import collections
import functools
import itertools
import math

import numpy as np
"""
_LONGEST_CONSTANT = 200
"""Characters of a constant's `repr` that a preface shows; of a longer one, the type."""


@dataclass(frozen=True)
class Shown:
    """A program that a prompt shows as an example.

    Attributes:
        program: the program.
        score: its aggregate score.
        scores: training instance → score.
    """

    program: Program
    score: float
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Prompt:
    """One numbered choice of examples.

    Attributes:
        draw: number of the draw, from 0.
        island: index of the island that was drawn from.
        epoch: how often that island had been reset.
        registrations: how many registrations the islands had seen at that moment.
        shown: the examples `_v0 … _vk-1`, worst first; at least one.
        header: first line of the version to complete, such as `def priority_v2(el, n):`.
        text: what a language model reads.
        template: digest of the template that made the text.
        digest: SHA-256 of the text, in hex. It does not cover `system`, which the template's
            digest does.
        style: whether the text is to be continued, or is a message to be answered.
        system: instructions sent before the text; empty for none, and in completion style.
    """

    draw: int
    island: int
    epoch: int
    registrations: int
    shown: tuple[Shown, ...]
    header: str
    text: str
    template: str
    digest: str
    style: Style = "completion"
    system: str = ""

    @property
    def version(self) -> int:
        """Number of the version to complete: the k of the header's `_vk`."""
        return len(self.shown)


class TemplateError(ValueError):
    """A template that cannot be rendered; the message says which and why, in one line."""


@dataclass(frozen=True)
class Template:
    """How the programs shown become what a model reads.

    Attributes:
        name: for people.
        style: whether a model continues the text, or answers it as a message.
        system: instructions before the text, in chat style. Sent literally, never rendered, so
            that the digest alone says what they were.
        text: jinja2, rendered in a sandbox, without HTML escapes; undefined names are errors.
            It sees `preface` (imports and names a candidate may use), `function` (name of the
            function to evolve), `versions` (each with `name`, `source`, `score` and `scores`,
            the last two as text), `header` and `docstring` of the version to complete, `name` of
            that version, and the problem's `metric`.
    """

    name: str
    style: Style
    system: str
    text: str

    def __post_init__(self) -> None:
        if self.style not in ("completion", "chat"):
            raise TemplateError(
                f"template {self.name}: style must be completion or chat, not {self.style}"
            )
        if self.style == "completion" and self.system:
            raise TemplateError(f"template {self.name}: a completion has no system instructions")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the template as canonical JSON, in hex."""
        text = json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Version:
    """A program as a prompt shows it; what templates see.

    Attributes:
        name: such as `priority_v1`.
        source: its text under that name, with annotations and docstring.
        score: its aggregate score, as text.
        scores: training instance → score, as text.
    """

    name: str
    source: str
    score: str
    scores: Mapping[str, str]


@dataclass(frozen=True)
class _Seed:
    """The function to evolve, taken apart.

    Attributes:
        name: of the function.
        bare: first line in canonical form, such as `def priority(el, n):`.
        parameters: from the opening bracket to the end of that line, with annotations.
        docstring: quoted and indented lines; empty if there is none.
    """

    name: str
    bare: str
    parameters: str
    docstring: str


def render(
    template: Template,
    problem: Problem,
    draw: int,
    island: int,
    epoch: int,
    registrations: int,
    shown: Sequence[Shown],
) -> Prompt:
    """Make the prompt of a draw.

    The published code passes on a version number one above the header's, so that it never
    recognises a recursive answer; here `Prompt.version` and the header agree.

    Args:
        template: how it reads.
        problem: whose function is evolved.
        draw: number of the draw.
        island: index of the island drawn from.
        epoch: how often that island had been reset.
        registrations: how many the islands had seen.
        shown: at least one, worst first; the order is kept.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    if not shown:
        raise ValueError("a prompt shows at least one program")
    seed = _seed(problem.evolve)
    name = f"{seed.name}_v{len(shown)}"
    header = f"def {name}{seed.parameters}"
    versions = [
        Version(
            f"{seed.name}_v{number}",
            _version(example.program.source, number, problem.evolve),
            _number(example.score),
            {instance: _number(score) for instance, score in example.scores.items()},
        )
        for number, example in enumerate(shown)
    ]
    preface, docstring = _preface(problem.names), _improved(seed.name, len(shown))
    with _refusing(template):
        text = _compiled(template).render(
            preface=preface,
            function=seed.name,
            versions=versions,
            header=header,
            docstring=docstring,
            name=name,
            metric=problem.metric,
        )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Prompt(
        draw=draw,
        island=island,
        epoch=epoch,
        registrations=registrations,
        shown=tuple(shown),
        header=header,
        text=text,
        template=template.digest,
        digest=digest,
        style=template.style,
        system=template.system,
    )


def _number(value: float) -> str:
    return format(value, ".10g")


def _improved(name: str, number: int) -> str:
    return f'"""Improved version of `{name}_v{number - 1}`."""'


@contextmanager
def _refusing(template: Template) -> Generator[None]:
    import jinja2

    try:
        yield
    except (jinja2.TemplateError, TypeError, ArithmeticError, LookupError) as error:
        line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise TemplateError(f"template {template.name}{line}: {error}") from None


@lru_cache(maxsize=16)
def _compiled(template: Template) -> jinja2.Template:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(template.text)


@lru_cache(maxsize=16)
def _seed(evolve: Callable[..., Any]) -> _Seed:
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(evolve))).body
    if not isinstance(function, ast.FunctionDef):
        raise TypeError(f"{evolve!r} is not a plain function")
    docstring = ast.get_docstring(function)
    function.decorator_list = []
    function.body = [ast.Pass()]
    annotated = ast.unparse(function).partition("\n")[0]
    if docstring is not None:
        indented = textwrap.indent(docstring, "    ").lstrip(" ")
        # A closing quote after several lines stands on a line of its own.
        text = indented + "\n    " if "\n" in indented else indented
        function.body = [ast.Expr(ast.Constant(text))]
    quoted = ast.unparse(function).partition("\n")[2] if docstring is not None else ""
    _strip_annotations(function)
    return _Seed(
        name=function.name,
        bare=ast.unparse(function).partition("\n")[0],
        parameters=annotated.removeprefix(f"def {function.name}"),
        docstring=quoted,
    )


def _strip_annotations(function: ast.FunctionDef) -> None:
    function.returns = None
    for node in ast.walk(function.args):
        if isinstance(node, ast.arg):
            node.annotation = None


@lru_cache(maxsize=1024)
def _version(source: str, number: int, evolve: Callable[..., Any]) -> str:
    """Return a program's text as version `number`.

    Canonical text has its header on the first line and neither docstring nor annotations, so
    that both are added as text: only a program that may call itself is parsed.
    """
    seed = _seed(evolve)
    name = f"{seed.name}_v{number}"
    header, _, body = source.partition("\n")
    if seed.name in body:
        body = _renamed(source, seed.name, name).partition("\n")[2]
    parameters = header.removeprefix(f"def {seed.name}")
    if header == seed.bare:
        parameters = seed.parameters
    docstring = f"    {_improved(seed.name, number)}" if number else seed.docstring
    lines = [f"def {name}{parameters}", docstring, body]
    return "\n".join(line for line in lines if line)


def _renamed(source: str, old: str, new: str) -> str:
    """Return a program with its recursive calls renamed; as it is, where that cannot be.

    A function that binds its own name (`priority = 0.0` is common) does not call itself.
    """
    try:
        function = parse(source).body[0]
        assert isinstance(function, ast.FunctionDef)
        if not _binds(function, old):
            rename(function, old, new)
        return unparse(function)
    except Refused:
        return source


def _binds(function: ast.AST, name: str) -> bool:
    for node in ast.walk(function):
        match node:
            case ast.Name(id=bound, ctx=ast.Store() | ast.Del()) | ast.arg(arg=bound):
                pass
            case ast.FunctionDef(name=bound) | ast.ClassDef(name=bound) if node is not function:
                pass
            case (
                ast.ExceptHandler(name=bound) | ast.MatchAs(name=bound) | ast.MatchStar(name=bound)
            ):
                pass
            case ast.alias(name=imported, asname=asname):
                bound = asname or imported.partition(".")[0]
            case _:
                continue
        if bound == name:
            return True
    return False


def _preface(names: Mapping[str, Any]) -> str:
    """Return what a candidate may use: imports, then the names that the problem adds."""
    modules = {name: value for name, value in names.items() if isinstance(value, ModuleType)}
    imports = [
        f"import {module.__name__}" + (f" as {name}" if name != module.__name__ else "")
        for name, module in modules.items()
    ]
    rest = [_introduced(name, value) for name, value in names.items() if name not in modules]
    return "\n".join([_IMPORTS.rstrip("\n"), *imports, *(["", *rest] if rest else [])])


def _introduced(name: str, value: object) -> str:
    if callable(value):
        return _stub(name, value)
    text = repr(value)
    if len(text) > _LONGEST_CONSTANT or "\n" in text:
        return f"{name}: {type(value).__name__}"
    return f"{name} = {text}"


@lru_cache(maxsize=256)
def _stub(name: str, function: Callable[..., Any]) -> str:
    """Return a function's signature and the first line of its docstring."""
    try:
        # Evaluated, so that annotations appear as written and not as strings of that.
        signature = str(inspect.signature(function, eval_str=True))
    except (TypeError, ValueError, NameError, AttributeError):
        signature = "(*arguments)"
    first = (inspect.getdoc(function) or "").partition("\n")[0]
    return f"def {name}{signature}:\n    " + (f'"""{first}"""' if first else "...")
