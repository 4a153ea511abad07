"""Prompts: the programs shown, versioned as in the paper, and the text a model reads.

A template is data (jinja2, from `configs/prompt/`), named in records by its digest.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from evaluators.program import Program
from funsearch.attempts import MOST, Attempt
from funsearch.text import one_line
from funsearch.versions import Version, improved, seed_of, versioned
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
_FAILED_LINES = 40
_FAILED_CHARACTERS = 120
"""Most lines of a failed program, and characters of each, that a prompt shows."""
_REASON_CHARACTERS = 300


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
class Failed:
    """A failed attempt that a prompt shows.

    Attributes:
        attempt: that failed.
        source: of its program; empty if the text held none.
    """

    attempt: Attempt
    source: str


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
        failures: numbers of the evaluation records of the failed attempts it shows, ascending.
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
    failures: tuple[int, ...] = ()

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
            that version, the problem's `metric`, and `failures`, oldest first (each with
            `status`, `reason` and `source`; the source is commented out and may be empty).
        failures: how many failed attempts of the island it is given at most.
    """

    name: str
    style: Style
    system: str
    text: str
    failures: int = 0

    def __post_init__(self) -> None:
        if self.style not in ("completion", "chat"):
            raise TemplateError(
                f"template {self.name}: style must be completion or chat, not {self.style}"
            )
        if self.style == "completion" and self.system:
            raise TemplateError(f"template {self.name}: a completion has no system instructions")
        if type(self.failures) is not int or not 0 <= self.failures <= MOST:
            raise TemplateError(f"template {self.name}: failures is not a number from 0 to {MOST}")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the template as canonical JSON, in hex."""
        tree = asdict(self)
        if not self.failures:
            del tree["failures"]  # templates are older than it, and keep their digests
        text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Tried:
    """A failed attempt as templates see it: nothing in it can end a comment or a fence.

    Attributes:
        status: of the verdict.
        reason: of the verdict, one printable line.
        source: of the program, each line printable and behind a `#`, the last one unended; empty
            if there is none.
    """

    status: str
    reason: str
    source: str


def render(
    template: Template,
    problem: Problem,
    draw: int,
    island: int,
    epoch: int,
    registrations: int,
    shown: Sequence[Shown],
    failures: Sequence[Failed] = (),
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
        failures: in the order of their evaluations.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    if not shown:
        raise ValueError("a prompt shows at least one program")
    seed = seed_of(problem.evolve)
    name = f"{seed.name}_v{len(shown)}"
    header = f"def {name}{seed.parameters}"
    versions = [
        Version(
            f"{seed.name}_v{number}",
            versioned(example.program.source, number, problem.evolve),
            _number(example.score),
            {instance: _number(score) for instance, score in example.scores.items()},
        )
        for number, example in enumerate(shown)
    ]
    preface, docstring = _preface(problem.names), improved(seed.name, len(shown))
    with _refusing(template):
        text = _compiled(template).render(
            preface=preface,
            function=seed.name,
            versions=versions,
            header=header,
            docstring=docstring,
            name=name,
            metric=problem.metric,
            failures=[_tried(failed) for failed in failures],
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
        failures=tuple(failed.attempt.evaluation for failed in failures),
    )


def _tried(failed: Failed) -> Tried:
    # Lines as Python splits them, since a model may see a line end where a parser sees none.
    lines = failed.source.splitlines()
    kept = [one_line(line, _FAILED_CHARACTERS) for line in lines[:_FAILED_LINES]]
    if len(lines) > _FAILED_LINES:
        kept.append(f"… and {len(lines) - _FAILED_LINES} more lines")
    reason = one_line(failed.attempt.reason, _REASON_CHARACTERS)
    return Tried(failed.attempt.status, reason, "\n".join(f"# {line}" for line in kept))


def _number(value: float) -> str:
    return format(value, ".10g")


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
