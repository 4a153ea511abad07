"""Stripping a problem: what `construct` needs stays, what tells of instances goes."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest

from evaluators.candidate import Interpreted
from evaluators.zygote.stripping import strip
from problems import registry
from problems.contract import Instance

PROBLEM = '''
import functools
import numpy as np
from problems.contract import Array, Instance, Metric, Problem

SECRET = tuple(range(7000, 7010))
TABLE = (1.0, 2.0)

def f(x: int) -> float:
    """Return something."""
    return _helped(x)

def _helped(x):
    return float(x)

@functools.lru_cache
def _table(n):
    return [TABLE[i % 2] for i in range(n)]

class Builder:
    def build(self, candidate, n):
        return np.array([candidate(x) + y for x, y in zip(range(n), _table(n))])

def construct(candidate, instance):
    def inner():
        return Builder().build(candidate, instance.data["n"])
    return inner()

def _data():
    return {"one": {"n": 3, "label": SECRET[0]}}

def score(instance, certificate):
    return float(certificate.sum()) + instance.data["label"]

problem = Problem(
    name="stripped", evolve=f, construct=construct, score=score,
    metric=Metric(name="sum", unit="none"), certificate=Array("float64", ndim=1, max_elements=9),
    instances=_data, training=["one"], visible=lambda instance: {"n": instance.data["n"]},
)
'''


def test_construct_works_and_labels_are_gone(tmp_path: Path) -> None:
    path = tmp_path / "stripped.py"
    path.write_text(PROBLEM)
    problem = registry.load(str(path)).problem
    namespace = problem.construct.__globals__
    secret = namespace["SECRET"]
    strip(problem)
    built = problem.construct(Interpreted(problem.evolve), Instance("one", {"n": 3}))
    assert np.array_equal(built, [1.0, 3.0, 3.0])
    assert {"f", "_helped", "_table", "TABLE", "Builder", "construct"} - {"f", "construct"} <= set(
        namespace
    )
    assert not {"SECRET", "_data", "score", "problem"} & set(namespace)
    with pytest.raises(LookupError):
        problem.instances()
    gc.collect()
    holders = [each for each in gc.get_referrers(secret) if isinstance(each, dict)]
    assert all(each is not namespace for each in holders)


@pytest.mark.parametrize("name", registry.names())
def test_every_problem_still_builds_its_seed(name: str) -> None:
    loaded = registry.load(name)
    problem = loaded.problem
    sizes = {name: len(str(data)) for name, data in problem.instances().items()}
    smallest = min(sizes, key=lambda each: (sizes[each], each))
    instance = Instance(smallest, problem.visible(problem.instance(smallest)))
    before = problem.construct(Interpreted(problem.evolve), instance)
    namespace = dict(problem.construct.__globals__)
    fields = dict(vars(problem))
    try:
        strip(problem)
        after = problem.construct(Interpreted(problem.evolve), instance)
    finally:
        problem.construct.__globals__.update(namespace)
        for field, value in fields.items():
            object.__setattr__(problem, field, value)
    assert np.array_equal(before, after)
