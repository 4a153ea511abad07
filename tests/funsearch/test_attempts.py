"""Failed attempts: which are kept, and how few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from funsearch.archive.records import EvaluationRecord, GenerationRecord
from funsearch.attempts import MOST, REASON_CHARACTERS, Attempt, Attempts, failed
from tests.funsearch.helpers import digest

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
GENERATION = GenerationRecord(
    program=digest(1),
    rejected="",
    draw=4,
    index=0,
    island=2,
    epoch=0,
    registrations=9,
    parents=(digest(0),),
    prompt=digest(3),
    template=digest(4),
    reply=digest(5),
    sampler="test",
)
CRASHED = EvaluationRecord(7, digest(1), "crashed", None, reason="IndexError", tier="interpreter")


def attempt(number: int, reason: str = "") -> Attempt:
    return Attempt(number, None, "crashed", reason or f"reason {number}")


def test_a_failure_is_kept_with_its_record_and_a_bounded_reason() -> None:
    assert failed(8, GENERATION, CRASHED) == Attempt(8, digest(1), "crashed", "IndexError")
    long = failed(8, GENERATION, replace(CRASHED, reason="x" * 2000))
    assert long is not None
    assert long.reason == "x" * REASON_CHARACTERS


def test_a_text_without_a_program_is_a_failure() -> None:
    generation = replace(GENERATION, program=None, rejected="no function")
    record = replace(CRASHED, program=None, status="rejected", reason="no function", tier="")
    assert failed(8, generation, record) == Attempt(8, None, "rejected", "no function")


@pytest.mark.parametrize(
    ("generation", "record"),
    [
        (GENERATION, replace(CRASHED, status="ok", score=1.0)),
        (GENERATION, replace(CRASHED, status="sandbox_error")),
        (GENERATION, replace(CRASHED, status="rejected", reason="duplicate: …", tier="")),
        (replace(GENERATION, draw=None), CRASHED),
        (
            replace(GENERATION, program=None, rejected="503", reply=EMPTY),
            replace(CRASHED, program=None, status="rejected", reason="503"),
        ),
    ],
    ids=["scored", "our fault", "duplicate", "start", "no reply"],
)
def test_nothing_is_learned_from(generation: GenerationRecord, record: EvaluationRecord) -> None:
    assert failed(8, generation, record) is None


def test_the_last_of_each_island_are_kept() -> None:
    attempts = Attempts()
    for number in range(20):
        attempts.add(number % 2, attempt(number))
    assert [each.evaluation for each in attempts.last(1, 3)] == [15, 17, 19]
    assert len(attempts.last(0, 100)) == MOST
    assert attempts.last(0, 0) == attempts.last(7, 3) == []
    attempts.forget(0)
    assert attempts.last(0, 3) == []
    assert {island for island, _ in attempts} == {1}


def test_of_equal_reasons_the_last_is_kept() -> None:
    attempts = Attempts()
    for number, reason in enumerate(["a", "b", "a", "a"]):
        attempts.add(0, attempt(number, reason))
    assert [each.evaluation for each in attempts.last(0, 8)] == [1, 3]
