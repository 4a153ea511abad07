"""Every pool: which verdict a candidate gets, and what it says."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluators.pool import PoolError
from evaluators.verdict import REASON_BYTES, Certificate, Status
from tests.evaluators.conftest import Harness, program


def test_honest_candidate_is_ok(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    return x * 1.5")
    assert verdict.status is Status.OK, verdict.reason
    assert (verdict.score, dict(verdict.scores), verdict.reason) == (4.5, {"three": 4.5}, "")
    assert verdict.seconds > 0
    assert verdict.beyond_bound is None
    assert dict(verdict.certificates) == {
        "three": Certificate("float64", (3,), struct.pack("<3d", 0, 1.5, 3))
    }


def test_score_of_several_instances_is_the_aggregate(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    return 1", ["five", "three"])
    assert verdict.score == 4.0
    assert list(verdict.scores.items()) == [("five", 5.0), ("three", 3.0)]
    assert list(verdict.certificates) == ["five", "three"]


def test_score_beyond_the_proven_bound_is_pointed_out(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    return 1000.0")
    assert (verdict.status, verdict.score, verdict.beyond_bound) == (Status.OK, 3000.0, "three")


def test_candidate_sees_the_modules_it_was_promised(evaluate: Harness) -> None:
    verdict = evaluate(
        """
        def f(x):
            import heapq
            counts = collections.Counter(itertools.chain([x], [x]))
            return float(np.float64(functools.reduce(max, counts)) + math.pi * len(heapq.__name__))
        """
    )
    assert verdict.status is Status.OK, verdict.reason


def test_import_of_another_module_says_so(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    import sqlite3\n    return 1.0")
    assert verdict.status is Status.CRASHED
    assert verdict.reason == (
        "ModuleNotFoundError: No module named 'sqlite3' (line 2 of the function: import sqlite3)"
    )


def test_exception_is_named_with_its_line(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    y = 0\n    return 1 / y")
    assert verdict.status is Status.CRASHED
    assert verdict.reason == (
        "ZeroDivisionError: division by zero (line 3 of the function: return 1 / y)"
    )
    assert verdict.score is None
    assert not verdict.scores
    assert not verdict.certificates


def test_first_failing_instance_is_named(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    return 1 / (3 - x)", ["three", "five"])
    assert verdict.status is Status.CRASHED
    assert verdict.reason.endswith(" on five")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("return f(x)", "RecursionError: maximum recursion depth exceeded"),
        ("return undefined", "NameError: name 'undefined' is not defined"),
        ("return input()", "RuntimeError: input(): lost sys.stdin"),
    ],
)
def test_whatever_is_raised_is_a_crash(evaluate: Harness, body: str, reason: str) -> None:
    verdict = evaluate(f"def f(x):\n    {body}")
    assert verdict.status is Status.CRASHED
    assert verdict.reason.startswith(reason)


@pytest.mark.parametrize(
    "source",
    ["def f(x:\n", "def g(x):\n    return 1", "f = 3", "def f(x, y):\n    return 1", "1 / 0", "\0"],
)
def test_source_that_defines_no_such_function_is_a_crash(evaluate: Harness, source: str) -> None:
    verdict = evaluate(source)
    assert verdict.status is Status.CRASHED
    assert verdict.reason


def test_exception_with_a_hostile_message_is_survived(evaluate: Harness) -> None:
    verdict = evaluate(
        """
        def f(x):
            class Evil(Exception):
                def __str__(self):
                    raise SystemExit(0)
            raise Evil
        """
    )
    assert verdict.status is Status.CRASHED
    assert verdict.reason.startswith("Evil: (its message cannot be had)")


def test_huge_reason_is_clamped(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    raise ValueError('é' * 10_000_000)")
    assert verdict.status is Status.CRASHED
    assert 1000 < len(verdict.reason.encode()) <= REASON_BYTES


def test_control_characters_are_taken_out_of_a_reason(evaluate: Harness) -> None:
    verdict = evaluate(r"""
        def f(x):
            raise ValueError('\x1b[31m\n\0\u202e\ud800')
    """)
    assert verdict.reason.startswith("ValueError: \ufffd[31m \ufffd\ufffd\ufffd (line")
    assert verdict.reason.isprintable()


def test_candidate_that_exits_0_without_result_crashes(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    import os\n    os._exit(0)")
    assert (verdict.status, verdict.reason) == (Status.CRASHED, "ended without a result")


def test_candidate_that_exits_0_after_a_partial_result_crashes(evaluate: Harness) -> None:
    verdict = evaluate(
        "def f(x):\n    if x == 4:\n        import os\n        os._exit(0)\n    return 1",
        ["three", "five"],
    )
    assert (verdict.status, verdict.reason) == (Status.CRASHED, "ended without a result on five")


def test_candidate_that_exits_with_a_code_crashes(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    import os\n    os._exit(7)")
    assert (verdict.status, verdict.reason) == (Status.CRASHED, "exited with code 7")


def test_segmentation_fault_is_a_crash(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    import ctypes\n    ctypes.string_at(0)")
    assert (verdict.status, verdict.reason) == (Status.CRASHED, "killed by signal SIGSEGV")


def test_candidate_that_kills_itself_is_no_timeout(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    import os\n    os.kill(os.getpid(), 9)")
    assert verdict.status is Status.FORBIDDEN
    assert verdict.reason.startswith("stopped by the kernel filter")


@pytest.mark.parametrize(
    "body",
    ["return len(bytearray(1 << 30))", "x = []\n    while True:\n        x.append([1] * 999)"],
)
def test_memory_limit(evaluate: Harness, body: str) -> None:
    verdict = evaluate(f"def f(x):\n    {body}")
    assert verdict.status is Status.OUT_OF_MEMORY
    assert verdict.reason.startswith("needs more than 128 MiB (line ")


def test_memory_below_the_limit_is_granted(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    return len(bytearray(64 << 20)) >> 20")
    assert (verdict.status, verdict.score) == (Status.OK, 192.0)


@pytest.mark.parametrize(
    "body",
    ["import time\n    time.sleep(60)", "while True: pass", "return 7 ** 7 ** 7 ** 7"],
)
def test_candidate_that_does_not_end_is_timed_out(
    start: Callable[..., Any], write_problem: Callable[..., str], body: str
) -> None:
    with start(write_problem(wall_s=0.3)) as evaluate:
        verdict = evaluate(f"def f(x):\n    {body}")
        assert (verdict.status, verdict.reason) == (Status.TIMEOUT, "took longer than 0.3 s")
        assert 0.3 <= verdict.seconds < 3


def test_wall_limit_holds_for_each_instance(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem(wall_s=1.5)) as evaluate:
        # 1.8 s over both instances, which neither may take alone.
        verdict = evaluate(
            "def f(x):\n    import time\n    time.sleep(0.9 * (x == 0))\n    return 1",
            ["three", "five"],
        )
        assert verdict.status is Status.OK, verdict.reason
        assert verdict.seconds > 1.8
        verdict = evaluate(
            "def f(x):\n    import time\n    time.sleep(60 * (x == 4))\n    return 1",
            ["five", "three"],
        )
        assert verdict.status is Status.TIMEOUT
        assert verdict.reason == "took longer than 1.5 s on five"
        assert verdict.seconds < 2.9


def test_an_instance_may_have_limits_of_its_own(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    path = Path(write_problem(wall_s=0.5))
    own = "own_limits={'five': Limits(wall_s=30.0)}, limits=Limits("
    path.write_text(path.read_text().replace("limits=Limits(", own))
    with start(str(path)) as evaluate:
        source = "def f(x):\n    import time\n    time.sleep(0.8 * (x == 0))\n    return 1"
        assert evaluate(source, ["five"]).status is Status.OK
        verdict = evaluate(source, ["three"])
        assert (verdict.status, verdict.reason) == (Status.TIMEOUT, "took longer than 0.5 s")


def test_invalid_raised_by_construct_is_invalid(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    problem = write_problem(construct='raise Invalid("a priority is NaN")')
    with start(problem) as evaluate:
        verdict = evaluate("def f(x):\n    return 1")
        assert (verdict.status, verdict.reason) == (Status.INVALID, "a priority is NaN")


def test_invalid_raised_by_score_is_invalid(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem(score='raise Invalid("rows 1 and 2 are equal")')) as evaluate:
        verdict = evaluate("def f(x):\n    return 1", ["five", "three"])
        assert (verdict.status, verdict.reason) == (
            Status.INVALID,
            "rows 1 and 2 are equal on five",
        )


@pytest.fixture(scope="module")
def build_anything(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> Iterator[Harness]:
    """A problem whose certificate is whatever the candidate returns."""
    with start(write_problem(construct="return candidate()")) as harness:
        yield harness


@pytest.mark.parametrize(
    ("built", "reason"),
    [
        ("[1.0]", "built a list, not an array"),
        ("np.ones(3, np.float32)", "built an array of float32, not of float64"),
        ("np.ones(3, '>f8')", "built an array of float64, not of float64"),
        ("np.ones((3, 1))", "built an array of 2 dimensions, not 1"),
        ("np.ones(9)", "built 9 elements; at most 8 are taken"),
        ("np.ma.array([1.0])", "built a MaskedArray, not an array"),
    ],
)
def test_certificate_other_than_declared_is_invalid(
    build_anything: Harness, built: str, reason: str
) -> None:
    verdict = build_anything(f"def f():\n    return {built}")
    assert (verdict.status, verdict.reason) == (Status.INVALID, reason)


def test_empty_certificate_is_taken(build_anything: Harness) -> None:
    verdict = build_anything("def f():\n    return np.ones(0)")
    assert (verdict.status, verdict.score) == (Status.OK, 0.0)
    assert verdict.certificates["three"] == Certificate("float64", (0,), b"")


def test_columns_of_map_may_be_lists_arrays_and_numbers(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    construct = "return candidate.map(range(2), np.array([10, 20], np.int8), 100, [(1,), (2,)])"
    with start(write_problem(construct=construct)) as evaluate:
        verdict = evaluate(
            "def f(a, b, c, d):\n    return a + b * 300 + c + (type(b) is int) * 0.5 + d[0]"
        )
        assert (verdict.status, verdict.score) == (Status.OK, 9205.0)


@pytest.mark.parametrize("built", ["candidate.map([1, 2], [1])", "candidate.map(1)"])
def test_columns_of_different_lengths_are_an_error(
    start: Callable[..., Any], write_problem: Callable[..., str], built: str
) -> None:
    with start(write_problem(construct=f"return {built}")) as evaluate:
        verdict = evaluate("def f(*x):\n    return 1")
        assert verdict.status is Status.CRASHED
        assert verdict.reason.startswith("ValueError: columns of lengths ")


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("return float('nan')", "ValueError: it returned nan"),
        ("return None", "TypeError: it returned a NoneType, not a number"),
        ("return True", "TypeError: it returned a bool, not a number"),
    ],
)
def test_fault_of_score_is_never_the_candidates(
    start: Callable[..., Any], write_problem: Callable[..., str], score: str, reason: str
) -> None:
    with start(write_problem(score=score)) as evaluate:
        verdict = evaluate("def f(x):\n    return 1")
        assert verdict.status is Status.SANDBOX_ERROR
        assert verdict.reason == f"score of probe failed on three: {reason}"


def test_scores_whose_mean_is_too_large_are_a_fault_of_score(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem(score="return 1.7e308")) as evaluate:
        verdict = evaluate("def f(x):\n    return 1", ["five", "three"])
        assert verdict.status is Status.SANDBOX_ERROR
        assert verdict.reason.startswith("the mean of the scores of probe is too large")


def test_score_may_be_a_numpy_scalar(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem(score="return np.int64(certificate.size)")) as evaluate:
        verdict = evaluate("def f(x):\n    return 1")
        assert verdict.score == 3.0
        assert type(verdict.score) is float


def test_score_cannot_change_the_certificate(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    score = "certificate[:] = 9; return float(certificate.sum())"
    with start(write_problem(score=score)) as evaluate:
        verdict = evaluate("def f(x):\n    return 1")
        assert verdict.certificates["three"].data == struct.pack("<3d", 1, 1, 1)


def test_unknown_instance_is_an_error_of_the_caller(evaluate: Harness) -> None:
    with pytest.raises(PoolError, match="no instance 'four'"):
        evaluate("def f(x):\n    return 1", ["four"])
    with pytest.raises(PoolError, match="at least one instance"):
        evaluate("def f(x):\n    return 1", [])
    assert evaluate("def f(x):\n    return 1").score == 3.0


def test_pool_that_is_not_open_refuses(evaluate: Harness, pool_factory: Callable[..., Any]) -> None:
    pool = pool_factory("cap_set", 1)
    with pytest.raises(PoolError, match="not open"):
        evaluate.run(pool.evaluate(program("def f(x):\n    return 1"), ["n=3"]))
    evaluate.run(pool.close())


def test_cap_set_scores_as_published_for_the_seed(start: Callable[..., Any]) -> None:
    with start("cap_set") as harness:
        from evaluators.program import read

        seed = read("def priority(el, n):\n    return 0.0", "priority")
        verdict = harness.run(harness.pool.evaluate(seed, ["n=3", "n=4"]))
        assert dict(verdict.scores) == {"n=3": 8.0, "n=4": 16.0}
        assert verdict.certificates["n=3"].shape == (8, 3)
