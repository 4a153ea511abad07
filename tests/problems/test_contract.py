"""What a metric means."""

import pytest

from problems.contract import Known, Metric


@pytest.mark.parametrize(("aggregate", "expected"), [("mean", 2.0), ("min", 1.0), ("max", 3.0)])
def test_a_program_has_the_declared_aggregate(aggregate: str, expected: float) -> None:
    metric = Metric("m", "u", aggregate=aggregate)  # type: ignore[arg-type]
    assert metric.combine([3.0, 1.0, 2.0]) == expected


def test_a_tie_is_not_better() -> None:
    assert not Metric("m", "u").better(1.0, 1.0)
    assert Metric("m", "u").better(2.0, 1.0)
    assert Metric("m", "u", direction="min").better(1.0, 2.0)


def test_a_score_beyond_a_proven_bound_is_noticed() -> None:
    metric = Metric("m", "u", bound={"a": Known(5, "here")})
    assert not metric.beyond_bound("a", 5)
    assert metric.beyond_bound("a", 6)
    assert not metric.beyond_bound("b", 6)


def test_best_known_needs_a_value_for_every_instance() -> None:
    metric = Metric("m", "u", best_known={"a": Known(4, "x"), "b": Known(6, "y")})
    assert metric.best_known_for(["a", "b"]) == 5
    assert metric.best_known_for(["a", "c"]) is None
    assert metric.best_known_for([]) is None
