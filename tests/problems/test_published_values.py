"""The published results, reproduced: every value in `tests/problems/published/`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from problems import data, registry
from problems.contract import Instance
from tests.problems.published.value import Accepted, Reached
from tests.problems.support import built, check

FOLDER = Path(__file__).parent / "published"
NAMES = sorted(path.stem for path in FOLDER.glob("[!_]*.py") if path.stem != "value")


def values(kind: type[Any]) -> list[Any]:
    found: list[Any] = []
    for name in NAMES:
        for value in importlib.import_module(f"tests.problems.published.{name}").VALUES:
            if isinstance(value, kind):
                marks = [pytest.mark.slow] if value.slow else []
                found.append(pytest.param(name, value, id=f"{name}: {value.what}", marks=marks))
    return found


@pytest.mark.parametrize(("name", "value"), values(Reached))
def test_a_program_reaches_the_published_value(
    name: str, value: Reached, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value.data:
        folder = request.getfixturevalue("published_data")
        monkeypatch.setenv(data.VARIABLE, str(folder))
    problem = registry.load(name).problem
    instances = [
        each if isinstance(each, Instance) else problem.instance(each) for each in value.instances
    ]
    certificates = [
        built(problem, value.program, each, elementwise=value.elementwise) for each in instances
    ]
    scores = list(map(problem.score, instances, certificates))
    combined = value.combined or (lambda _, scores: problem.metric.combine(scores))
    score = combined(instances, scores)
    if value.digits is not None:
        score = round(score, value.digits)
    assert abs(score - value.score) <= value.within


@pytest.mark.parametrize(("name", "value"), values(Accepted))
def test_a_published_object_is_accepted(
    name: str, value: Accepted, published_data: Path, tmp_path: Path
) -> None:
    problem = registry.load(name).problem
    instance = problem.instance(value.instance)
    certificate = np.array(value.certificate(published_data), dtype=problem.certificate.dtype)
    assert problem.score(instance, certificate) == value.score
    status, output = check(tmp_path, problem, instance, certificate)
    assert status == 0, output
    assert float(output.split()[1]) == value.score


def test_every_problem_has_published_values() -> None:
    own = {path.stem for path in (FOLDER.parents[2] / "problems" / "checkers").glob("*.py")}
    assert own <= set(NAMES)
