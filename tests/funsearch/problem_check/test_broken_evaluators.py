"""Evaluators that are broken in one place: the check that this breaks fails, and says with what.

These are the specification of `funsearch problem check`.
"""

from __future__ import annotations

import numpy as np
import pytest

from funsearch.problem_check.examination import Options, examine
from funsearch.problem_check.feeding import Feeding
from funsearch.problem_check.finding import Finding, Result
from funsearch.problem_check.scorer import Scorer
from funsearch.problem_check.second_judge import SecondJudge
from problems.contract import Instance
from problems.registry import Loaded
from tests.funsearch.problem_check.conftest import ONLINE, Make

MODELS = {"n=4": [0, 2], "n=7": [0, 2, 4, 6]}

Found = dict[str, Finding]


def fed(loaded: Loaded) -> Found:
    """Return what comes of feeding certificates, candidates left out, however long it takes."""
    problem = loaded.problem
    dtype = problem.certificate.dtype
    models = [
        (Instance(name, problem.instances()[name]), [np.array(values, dtype)])
        for name, values in MODELS.items()
    ]
    scorer = Scorer(loaded.reference)
    checker = SecondJudge(problem.name, loaded.checker) if loaded.checker else None
    random = np.random.Generator(np.random.Philox(key=1))
    feeding = Feeding(problem, models, scorer, checker, random, float("inf"), 100, 200)
    try:
        feeding.run()
        return {finding.check: finding for finding in feeding.findings()}
    finally:
        scorer.close()
        if checker is not None:
            checker.close()


def examined(loaded: Loaded) -> Found:
    findings = examine(loaded, Options(seconds=0.5), lambda _: None)
    return {finding.check: finding for finding in findings}


def failures(found: Found) -> set[str]:
    return {check for check, finding in found.items() if finding.result is Result.FAIL}


def test_sound_evaluator_passes(make: Make) -> None:
    found = fed(make())
    assert {finding.result for finding in found.values()} == {Result.OK}, found
    assert "all 40 arrays of 0, 1, 2 in shapes (0,) to (3,) on n=4" in found["checker"].detail


@pytest.mark.parametrize(
    ("changes", "check", "says"),
    [
        pytest.param(
            {"return len(numbers)\n": "return len(numbers) + 1\n"},
            "checker",
            "score says 1, the checker 0",
            id="off by one",
        ),
        pytest.param(
            {"len(set(numbers)) < len(numbers)": "False"},
            "checker",
            "the checker invalid: twice or neighbours",
            id="duplicates get a number",
        ),
        pytest.param(
            {"max(numbers, default=0) >= n": "max(numbers, default=0) > n"},
            "checker",
            "the checker invalid: not numbers below n, of the array [",
            id="one value too many",
        ),
        pytest.param(
            {"any(x + 1 in numbers for x in numbers)": "len(numbers) == 1"},
            "checker",
            "score says invalid: two numbers are neighbours, the checker 1",
            id="a good certificate is refused",
        ),
        pytest.param(
            {"min(numbers, default=0) < 0": "min(numbers) < 0"},
            "score",
            "score raised ValueError: min()",
            id="an exception that is not Invalid",
        ),
        pytest.param(
            {"return len(numbers)\n": "return {0: 0, 1: 1, 2: 2}[len(numbers)]\n"},
            "score",
            "score raised KeyError: 3",
            id="KeyError",
        ),
        pytest.param(
            {"return len(numbers)\n": "return float('inf') if 6 in numbers else len(numbers)\n"},
            "score",
            "score returned inf",
            id="an infinite score",
        ),
        pytest.param(
            {"def score(": "ASKED = []\n\ndef score(", "return len(numbers)\n":
             "ASKED.append(1)\n    return min(len(ASKED), 2)\n"},
            "score",
            "asked again, score says 2 after 1",
            id="a score with a memory",
        ),
        pytest.param(
            {'"n=7": Known(4,': '"n=7": Known(3,'},
            "bound",
            "4 is beyond the bound of 3",
            id="a bound that does not hold",
        ),
    ],
)  # fmt: skip
def test_broken_score_is_found(make: Make, changes: dict[str, str], check: str, says: str) -> None:
    found = fed(make(changes))
    assert check in failures(found), found
    assert says in found[check].detail


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param(
            {"any(mark > 1 for mark in marks) or ": ""},
            "score says invalid: a number occurs twice, the checker 2",
            id="duplicates",
        ),
        pytest.param(
            {"repr(sum(marks))": "repr(sum(marks) + (3 in data))"},
            "the checker 2, of the array [3]",
            id="another number",
        ),
        pytest.param(
            {"    marks = ": "    assert len(data) < 3\n    marks = "},
            "the checker ended with None and said: AssertionError",
            id="an exception",
        ),
    ],
)
def test_broken_checker_is_found(make: Make, changes: dict[str, str], says: str) -> None:
    found = fed(make(checker=changes))
    assert failures(found) == {"checker"}, found
    assert says in found["checker"].detail


def test_score_that_takes_nan_is_found_though_the_gate_keeps_it_out(make: Make) -> None:
    loaded = make(
        {
            'dtype="int8")\n\ndef score': 'dtype="float64")\n\ndef score',
            'Array("int8"': 'Array("float64"',
            "    if len(set(numbers)) <": "    if any(x != round(x) for x in numbers if x == x):\n"
            '        raise Invalid("not whole")\n    if len(set(numbers)) <',
        },
        checked=False,
    )
    found = fed(loaded)
    assert failures(found) == {"score"}, found
    assert "gets 2, of the array [nan,nan]" in found["score"].detail
    assert found["gate"].result is Result.OK


def test_missing_checker_is_a_warning(make: Make) -> None:
    found = fed(make(checked=False))
    assert found["checker"].result is Result.WARNING
    assert "checkers/path_set.py" in found["checker"].detail
    assert not failures(found)


def test_scores_agree_within_the_tolerance_only(make: Make) -> None:
    inexact = {"return len(numbers)\n": "return len(numbers) * (1 - 1e-12)\n"}
    assert failures(fed(make(inexact))) == {"checker"}


def test_tolerance_lets_floats_differ(make: Make) -> None:
    inexact = {"return len(numbers)\n": "return len(numbers) * (1 - 1e-12)\n"}
    tolerant = {'Metric("size", "numbers", ': 'Metric("size", "numbers", tolerance=1e-9, '}
    assert not failures(fed(make(inexact | tolerant)))


def test_whole_examination_of_a_sound_problem_passes(make: Make) -> None:
    found = examined(make())
    assert not failures(found), found
    assert found["repeatable"].result is Result.OK
    assert "different; the seed 4" in found["trivial candidates"].detail
    assert "dominates" in found["speed"].detail
    assert "interpreter" in found["speed"].detail


@pytest.mark.parametrize(
    ("changes", "check", "says"),
    [
        pytest.param(
            {"-candidate.map(range(n), n)": "np.random.default_rng().random(n)"},
            "repeatable",
            "the seed, run again, builds something else on n=",
            id="random construction",
        ),
        pytest.param(
            {"np.argsort(-candidate.map(range(n), n), kind=\"stable\").tolist()":
             "sorted(range(n), key=lambda x: hash(str(x)))"},
            "repeatable",
            "interpreted in another process with the instances shuffled, builds something else",
            id="construction by hashes",
        ),
        pytest.param(
            {"    n, taken": "    try:\n        candidate(0, 1)\n    except Exception:\n"
             "        return np.array([0], dtype='int8')\n    n, taken"},
            "wrong values",
            "construct hides an exception of the candidate",
            id="hidden exceptions",
        ),
        pytest.param(
            {"return len(numbers)\n": "return {}[len(numbers)]\n"},
            "evaluator",
            "score of path_set failed on n=7: KeyError",
            id="score fails on the seed",
        ),
        pytest.param(
            {"    return 0.0": "    return 1 / 0"},
            "seed",
            "is crashed on n=7: ZeroDivisionError",
            id="a seed that fails",
        ),
    ],
)  # fmt: skip
def test_broken_construction_is_found(
    make: Make, changes: dict[str, str], check: str, says: str
) -> None:
    found = examined(make(changes))
    assert check in failures(found), found
    assert says in found[check].detail


def test_flat_landscape_is_a_warning(make: Make) -> None:
    flat = {'kind="stable").tolist()': 'kind="stable").tolist() * 0 + [0]'}
    found = examined(make(flat))
    assert found["trivial candidates"].result is Result.WARNING
    assert "nothing to climb" in found["trivial candidates"].detail


def test_who_looks_ahead_is_caught_in_an_honest_online_problem(make: Make) -> None:
    found = examined(make(text=ONLINE, checked=False))
    assert not failures(found), found
    assert found["foresight"].result is Result.OK, found
    assert "sees the future" in found["foresight"].detail


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param(
            {"candidate(job, load)": 'candidate(job, load + instance.data["jobs"][-1])'},
            "what construct hands to a candidate shows what is to come",
            id="the future in an argument",
        ),
        pytest.param(
            {'"long": {"jobs": JOBS}': '"long": {"jobs": JOBS, "later": sorted(JOBS)}'},
            "later of long shows the 60 jobs to come",
            id="a copy of the future",
        ),
        pytest.param(
            {"JOBS = [number * number % 23 + 1 for number in range(60)]": "JOBS = [5] * 60"},
            "is not caught",
            id="a future that cannot be altered",
        ),
    ],
)
def test_online_problem_that_shows_the_future_is_found(
    make: Make, changes: dict[str, str], says: str
) -> None:
    found = examined(make(changes, text=ONLINE, checked=False))
    assert "foresight" in failures(found), found
    assert says in found["foresight"].detail
