"""What a log implies: its search time, and the record that does not follow from those before."""

from dataclasses import replace
from typing import Any

import pytest

from funsearch.archive.records import EvaluationRecord, GenerationRecord, ResetRecord, RunRecord
from funsearch.state import Inconsistent, SearchState
from tests.funsearch.helpers import digest
from tests.funsearch.histories import INSTANCES, fresh

START = GenerationRecord(digest(0), "", None, 0, None, 0, 0, (), "", "", digest(0), "seed")
SAMPLE = replace(START, draw=0, island=1, parents=(digest(0),), sampler="answers")
FAILED = EvaluationRecord(0, digest(0), "crashed", None, tier="interpreter")
SCORED = replace(
    FAILED, status="ok", score=1.0, scores=dict.fromkeys(INSTANCES, 1.0), registered=True
)
RUN = RunRecord("started", "p", digest(0), INSTANCES, digest(0), 3, digest(0), {})


def applied(*records: Any, kind: str = "islands") -> SearchState:
    state = fresh(kind)
    for number, record in enumerate(records):
        state.apply(number, record)
    return state


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([FAILED], "record 0 evaluates what record 0 is not"),
        ([START, replace(SCORED, program=digest(1))], "record 1 evaluates what record 0 is not"),
        ([replace(SAMPLE, island=3)], "record 0 is of island 3, which is none"),
        ([START, replace(SCORED, scores={"one": 1.0})], "record 1 lacks the score of an instance"),
        ([START, replace(SCORED, registered=False)], "record 1 disagrees with the islands"),
        ([START, FAILED, SAMPLE, replace(SCORED, generation=2)], r"record 3 .* failed before"),
        ([ResetRecord(0, "registrations", 0, ())], "record 0 is a reset, but no program"),
        ([START, SCORED, ResetRecord(7, "registrations", 1, ())], "record 2 is not the reset"),
    ],
)
def test_a_record_that_cannot_follow_is_named(records: list[Any], message: str) -> None:
    with pytest.raises(Inconsistent, match=message):
        applied(*records)


def test_a_search_without_islands_has_no_reset() -> None:
    with pytest.raises(Inconsistent, match="record 2 is a reset, but this search has no islands"):
        applied(START, SCORED, ResetRecord(0, "registrations", 1, ()), kind="iid")


def test_search_time_is_that_of_all_sessions_without_what_lies_between() -> None:
    state = applied(
        replace(RUN, time="100.5"),
        replace(START, time="101.25"),
        replace(RUN, event="finished", time="110.5"),
        replace(RUN, event="resumed", time="1000.5"),
        replace(SCORED, generation=1, time="1002.75"),
    )
    assert state.clock.seconds == 12.25


def test_there_is_no_search_time_before_a_session_begins() -> None:
    assert applied(replace(START, time="1700000000.0")).clock.seconds == 0.0
