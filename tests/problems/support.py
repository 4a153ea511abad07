"""What tests of problems share: a candidate without a sandbox, and checkers run on certificates."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from evaluators import certificate
from evaluators.verdict import Certificate
from problems.contract import Data, Instance, Problem

CHECKERS = Path(__file__).parents[2] / "problems" / "checkers"


class Direct:
    """A candidate called without a sandbox.

    Attributes:
        function: the candidate.
        elementwise: what is known of it, as in the sandbox.
        reach: the same.
    """

    def __init__(
        self, function: Callable[..., Any], *, elementwise: bool = False, reach: int | None = None
    ) -> None:
        self.function = function
        self.elementwise = elementwise
        self.reach = reach

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)

    def map(self, *columns: Any) -> NDArray[np.float64]:
        lengths = {len(column) for column in columns if _is_column(column)}
        (length,) = lengths or {1}
        rows = [column if _is_column(column) else [column] * length for column in columns]
        return np.array([float(self.function(*row)) for row in zip(*rows, strict=True)])


def _is_column(value: object) -> bool:
    return isinstance(value, list | tuple | np.ndarray | range)


def built(
    problem: Problem,
    function: Callable[..., Any],
    instance: Instance,
    *,
    elementwise: bool = False,
) -> NDArray[Any]:
    """Return the certificate that a function leads to; the sandbox sees no more of the instance."""
    seen = Instance(instance.name, problem.visible(instance))
    return problem.construct(Direct(function, elementwise=elementwise), seen)


def reached(problem: Problem, function: Callable[..., Any], name: str) -> float:
    """Return the score that a function leads to on an instance of the problem."""
    instance = problem.instance(name)
    return problem.score(instance, built(problem, function, instance))


def content(problem: Problem, instance: Instance, values: Any) -> str:
    """Return the text of a certificate file; an array keeps its shape, a list its own."""
    array = np.asarray(values, dtype=problem.certificate.dtype)
    found = Certificate(problem.certificate.dtype, array.shape, array.tobytes())
    return certificate.text(problem.name, instance, found)


def run_checker(name: str, path: Path) -> tuple[int, str]:
    """Return exit status and output of a problem's checker, in an interpreter of its own."""
    command = [sys.executable, "-I", "-S", str(CHECKERS / f"{name}.py"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def check(
    tmp_path: Path, problem: Problem, instance: Instance | tuple[str, Data], values: Any
) -> tuple[int, str]:
    """Return what the problem's checker says of a certificate, given as for `content`."""
    where = instance if isinstance(instance, Instance) else Instance(*instance)
    path = tmp_path / "certificate.json"
    path.write_text(content(problem, where, values))
    return run_checker(problem.name, path)


def rows(path: Path) -> list[list[int]]:
    """Return the integer rows of a published file: one bracketed list a line."""
    import json

    lines = path.read_text().splitlines()
    return cast("list[list[int]]", [json.loads(line) for line in lines if line.strip()])


def flat(values: Sequence[Sequence[int]]) -> list[int]:
    """Return the entries of all rows, one after the other."""
    return [value for row in values for value in row]
