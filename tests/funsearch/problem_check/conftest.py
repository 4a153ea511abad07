"""Small problems, good ones and ones that are broken in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from problems import registry
from problems.registry import Loaded

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

Make = Callable[..., Loaded]

# Independent sets of a path: numbers below n, no two of them neighbours.
PROBLEM = '''
import numpy as np
from problems import Array, Invalid, Known, Metric, Problem

def priority(x: int, n: int) -> float:
    """Return how early x joins."""
    return 0.0

def construct(candidate, instance):
    n, taken = instance.data["n"], []
    for x in np.argsort(-candidate.map(range(n), n), kind="stable").tolist():
        if x - 1 not in taken and x + 1 not in taken:
            taken.append(x)
    return np.array(taken, dtype="int8")

def score(instance, certificate):
    n, numbers = instance.data["n"], certificate.tolist()
    if min(numbers, default=0) < 0 or max(numbers, default=0) >= n:
        raise Invalid("a number is not below n")
    if len(set(numbers)) < len(numbers):
        raise Invalid("a number occurs twice")
    if any(x + 1 in numbers for x in numbers):
        raise Invalid("two numbers are neighbours")
    return len(numbers)

problem = Problem(
    name="path_set", evolve=priority, construct=construct, score=score,
    metric=Metric("size", "numbers", bound={"n=4": Known(2, "half of them"), "n=7": Known(4, "")}),
    certificate=Array("int8", ndim=1, max_elements=40),
    instances=lambda: {"n=4": {"n": 4}, "n=7": {"n": 7}},
    training=["n=7"], held_out=["n=4"],
)
'''.replace('Known(4, "")', 'Known(4, "half of them, rounded up")')

CHECKER = """
import hashlib
import json
import sys


def judge(n, shape, data):
    if len(shape) != 1 or any(not 0 <= x < n for x in data):
        return 1, "invalid not numbers below n"
    marks = [data.count(x) for x in range(n)]
    if any(mark > 1 for mark in marks) or any(a and b for a, b in zip(marks, marks[1:])):
        return 1, "invalid twice or neighbours"
    return 0, "valid " + repr(sum(marks))


with open(sys.argv[1]) as file:
    content = json.load(file)
status, words = judge(content["instance"]["data"]["n"], content["shape"], content["data"])
text = json.dumps(content["instance"], sort_keys=True, separators=(",", ":"))
print(words, "instance", hashlib.sha256(text.encode()).hexdigest())
sys.exit(status)
"""

# A job goes to the machine with the higher priority; the load that is largest at the end counts.
ONLINE = '''
import numpy as np
from problems import Array, Invalid, Metric, Problem

def priority(job: int, load: int) -> float:
    """Return how much a machine with that load wants the job."""
    return -load

def construct(candidate, instance):
    loads, chosen = [0, 0, 0], []
    for job in instance.data["jobs"]:
        wants = [float(candidate(job, load)) for load in loads]
        best = wants.index(max(wants))
        loads[best] += job
        chosen.append(best)
    return np.array(chosen, dtype="int8")

def score(instance, certificate):
    jobs = instance.data["jobs"]
    if len(certificate) != len(jobs) or not np.isin(certificate, (0, 1, 2)).all():
        raise Invalid("is not a machine for each job")
    loads = [0, 0, 0]
    for job, machine in zip(jobs, certificate.tolist()):
        loads[machine] += job
    return max(loads)

JOBS = [number * number % 23 + 1 for number in range(60)]

problem = Problem(
    name="jobs", evolve=priority, construct=construct, score=score,
    metric=Metric("span", "hours", "min"),
    certificate=Array("int8", ndim=1, max_elements=60),
    instances=lambda: {"long": {"jobs": JOBS}, "short": {"jobs": JOBS[:30]}},
    training=["long"], held_out=["short"], online="jobs",
)
'''


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that writes the path problem with changes, and loads it."""

    def written(
        changes: dict[str, str] | None = None,
        checker: dict[str, str] | None = None,
        *,
        text: str = PROBLEM,
        checked: bool = True,
    ) -> Loaded:
        path = tmp_path / "written.py"
        path.write_text(changed(text, changes or {}))
        name = "path_set" if text is PROBLEM else "jobs"
        if checked:
            (tmp_path / "checkers").mkdir()
            (tmp_path / "checkers" / f"{name}.py").write_text(changed(CHECKER, checker or {}))
        return registry.load(str(path))

    return written
