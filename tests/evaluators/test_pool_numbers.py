"""Every pool: what counts as a number that a candidate returns."""

from __future__ import annotations

import pytest

from evaluators.verdict import Status
from tests.evaluators.conftest import Harness


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("True", 1.0),
        ("2", 2.0),
        ("2 ** 1000", 2.0**1000),
        ("np.int8(-3)", -3.0),
        ("np.bool_(True)", 1.0),
        ("np.float32(0.1)", 0.10000000149011612),
        ("np.longdouble(2)", 2.0),
        ("np.float64(7)", 7.0),
    ],
)
def test_every_real_number_counts_as_float64(evaluate: Harness, value: str, number: float) -> None:
    verdict = evaluate(f"def f(x):\n    return {value} if x == 0 else 0")
    assert (verdict.status, verdict.score) == (Status.OK, number), verdict.reason


@pytest.mark.parametrize(
    "value",
    [
        "1j",
        "'1'",
        "None",
        "[1.0]",
        "np.array(1.0)",
        "np.complex128(1)",
        "type('F', (float,), {})()",
    ],
)
def test_what_is_not_a_real_number_is_refused(evaluate: Harness, value: str) -> None:
    verdict = evaluate(f"def f(x):\n    return {value}")
    assert verdict.status is Status.CRASHED
    assert verdict.reason.startswith("TypeError: call 0 returned a ")


def test_fake_number_is_refused(evaluate: Harness) -> None:
    verdict = evaluate(
        """
        def f(x):
            class Number:
                def __float__(self):
                    return 1e9
                __index__ = __float__
                def __array__(self, *rest):
                    return np.array(1e9)
            return Number()
        """
    )
    assert verdict.status is Status.CRASHED
    assert "returned a Number, not an int" in verdict.reason


def test_int_beyond_float64_is_a_crash(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    return 10 ** 400")
    assert verdict.status is Status.CRASHED
    assert verdict.reason.startswith("OverflowError: int too large to convert to float")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_certificate_that_is_not_finite_is_invalid(evaluate: Harness, value: str) -> None:
    verdict = evaluate(f"def f(x):\n    return float('{value}')")
    assert verdict.status is Status.INVALID
    assert verdict.reason == "built an array that holds NaN or an infinity"
