"""All checkers: short, stand-alone, in agreement with the score, and tested to the last line.

What a checker must say is in `tests/problems/checkers/`, one module for each problem. Every mutant
of a checker must be noticed there; `make checkers` runs that.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np
import pytest

from evaluators import certificate
from problems import registry
from problems.contract import Instance, Invalid
from tests.problems.checkers.case import Case, Equivalent
from tests.problems.checkers.mutants import mutants
from tests.problems.support import CHECKERS, run_checker

NAMES = sorted(path.stem for path in CHECKERS.glob("*.py"))
ALLOWED = {"collections", "fractions", "functools", "hashlib", "itertools", "json", "math", "sys"}
MOST_LINES = 60

NO_TEXT = b"\xff" * 400
"""The line about it would be longer than 300 characters."""


def cases(name: str) -> Sequence[Case]:
    return importlib.import_module(f"tests.problems.checkers.{name}").CASES


def equivalent(name: str) -> Equivalent:
    return importlib.import_module(f"tests.problems.checkers.{name}").EQUIVALENT


def file_of(name: str, case: Case) -> dict[str, Any]:
    # Keys in an order of their own, and a name that is not ASCII: the digest is of canonical JSON.
    return {
        "format": 1,
        "problem": name,
        "shape": case.shape,
        "data": case.data,
        "dtype": registry.load(name).problem.certificate.dtype,
        "instance": {"name": "é", "data": case.instance},
    }


def digest(instance: object) -> str:
    text = json.dumps(instance, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Files:
    """Writes all that a checker is tried on, with what it must answer.

    Attributes:
        answers: arguments of the checker, to the test of its exit status and output.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._usage = f"usage: python3 -I -S {name}.py FILE; cannot read it: "
        self._folder = folder
        self._count = 0
        self.answers: list[tuple[list[str], Callable[[object, str], bool]]] = []
        for case in cases(name):
            content = file_of(name, case)
            self._expect(json.dumps(content), self._judged(case, digest(content["instance"])))
        content = file_of(name, cases(name)[0])
        for key in content:
            if key != "dtype":
                missing = {other: content[other] for other in content if other != key}
                self._expect(json.dumps(missing), self._unreadable)
        for other in ({"format": 2}, {"problem": f"{name}_"}, {"format": 2, "problem": ""}):
            self._expect(json.dumps(content | other), self._of_another_kind)
        for wrong in ({"instance": []}, {"instance": {"name": "x"}}):
            self._expect(json.dumps(content | wrong), self._unreadable)
        for text in ("", "{", "[]", "null", '{"format": 1}', "[" * 100_000):
            self._expect(text, self._unreadable)
        no_text = folder / "no_text.json"
        no_text.write_bytes(NO_TEXT)
        self.answers.append(([str(no_text)], self._cut))
        self.answers.append(([str(folder / "none.json")], self._unreadable))
        path = self.answers[0][0]
        self.answers.append(([], self._unreadable))
        self.answers.append((path * 2, self._unreadable))

    def _expect(self, text: str, test: Callable[[object, str], bool]) -> None:
        path = self._folder / f"{self._count}.json"
        self._count += 1
        path.write_text(text, encoding="utf-8")
        self.answers.append(([str(path)], test))

    def _judged(self, case: Case, of_instance: str) -> Callable[[object, str], bool]:
        status = 0 if case.says.startswith("valid ") else 1
        return lambda found, output: (
            (found, output)
            == (
                status,
                f"{case.says} instance {of_instance}\n",
            )
        )

    def _unreadable(self, status: object, output: str) -> bool:
        return (
            status == 2
            and output.startswith(self._usage)
            and len(output.splitlines()) == 1
            and len(output) <= 301
        )

    def _of_another_kind(self, status: object, output: str) -> bool:
        reason = f"ValueError('not a certificate of {self._name} in format 1')"
        return (status, output) == (2, f"{self._usage}{reason}\n")

    def _cut(self, status: object, output: str) -> bool:
        return self._unreadable(status, output) and len(output) == 301


@pytest.fixture
def answers(
    request: pytest.FixtureRequest, tmp_path: Path
) -> list[tuple[list[str], Callable[[object, str], bool]]]:
    return Files(request.param, tmp_path).answers


def run(code: CodeType, arguments: list[str]) -> tuple[object, str]:
    """Return exit status and output of a checker that is run in this process."""
    space: dict[str, Any] = {"__name__": "__main__"}
    printed = io.StringIO()
    before, sys.argv = sys.argv, ["checker.py", *arguments]
    try:
        with contextlib.redirect_stdout(printed):
            exec(code, space)
    except SystemExit as end:
        return end.code, printed.getvalue()
    finally:
        sys.argv = before
    return None, printed.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_a_checker_is_short_and_needs_the_standard_library_only(name: str) -> None:
    text = (CHECKERS / f"{name}.py").read_text()
    assert len(text.splitlines()) <= MOST_LINES
    nodes = list(ast.walk(ast.parse(text)))
    assert not any(isinstance(node, ast.Assert | ast.ImportFrom) for node in nodes)
    imported = {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    assert imported <= ALLOWED


@pytest.mark.parametrize(
    ("name", "answers"), [(name, name) for name in NAMES], indirect=["answers"]
)
def test_a_checker_says_what_it_must(
    name: str, answers: list[tuple[list[str], Callable[[object, str], bool]]]
) -> None:
    code = compile((CHECKERS / f"{name}.py").read_text(), f"{name}.py", "exec")
    for arguments, test in answers:
        status, output = run(code, arguments)
        text = Path(arguments[0]).read_text() if arguments and status != 2 else ""
        assert test(status, output), f"{text[:300]}\nanswered {status}: {output}"
    # Once as a user would.
    status, output = run_checker(name, Path(answers[0][0][0]))
    assert answers[0][1](status, output)


@pytest.mark.parametrize("name", NAMES)
def test_score_and_checker_agree(name: str) -> None:
    problem = registry.load(name).problem
    agreed = 0
    for case in cases(name):
        if case.foreign:
            continue
        try:
            file = certificate.read(json.dumps(file_of(name, case)))
        except certificate.CertificateError:
            assert case.says.startswith("invalid")
            continue
        array = np.frombuffer(file.certificate.data, file.certificate.dtype).copy()
        shaped = array.reshape(file.certificate.shape)
        if shaped.ndim != problem.certificate.ndim:
            continue
        try:
            score = problem.score(Instance(file.instance.name, file.instance.data), shaped)
        except Invalid:
            assert case.says.startswith("invalid"), case
        else:
            assert case.says.startswith("valid "), case
            assert problem.metric.agree(float(case.says.split()[1]), score), case
        agreed += 1
    assert agreed >= 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "answers"), [(name, name) for name in NAMES], indirect=["answers"]
)
def test_every_mutant_of_a_checker_is_noticed(
    name: str, answers: list[tuple[list[str], Callable[[object, str], bool]]]
) -> None:
    source = (CHECKERS / f"{name}.py").read_text()
    code = compile(source, f"{name}.py", "exec")
    with counted() as lines:
        for arguments, _ in answers:
            run(code, arguments)
    most = 20 * lines[0] + 10_000
    alive = {
        mutant.change: str(mutant)
        for mutant in mutants(source)
        if survives(compile(mutant.tree, f"{name}.py", "exec"), answers, most)
    }
    known = equivalent(name)
    new = [alive[change] for change in alive if change not in known]
    assert not new, "not noticed:\n" + "\n".join(new)
    assert not set(known) - set(alive), f"no such survivor: {sorted(set(known) - set(alive))}"


class TooLong(BaseException):
    """A mutant runs on and on."""


@contextlib.contextmanager
def counted(most: float = float("inf")) -> Iterator[list[int]]:
    """Count the lines that Python runs in the block; end it with TooLong after so many."""
    lines = [0]

    def step(frame: FrameType, event: str, argument: object) -> Any:
        lines[0] += 1
        if lines[0] > most:
            raise TooLong
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        yield lines
    finally:
        sys.settrace(before)


def survives(
    code: CodeType,
    answers: list[tuple[list[str], Callable[[object, str], bool]]],
    most: int,
) -> bool:
    """Whether a mutant answers everything as it must; in a process that it may ruin."""
    child = os.fork()
    if child == 0:
        noticed = True
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            with counted(most):
                noticed = not all(test(*run(code, arguments)) for arguments, test in answers)
        finally:
            os._exit(1 if noticed else 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
