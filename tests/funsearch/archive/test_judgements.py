"""Retractions: which records stand, and what was said of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import funsearch
from funsearch.api import UsageError
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Unrecordable
from funsearch.archive.judgements import retractions, standing, verifications
from funsearch.archive.reader import Reader
from funsearch.archive.records import Finding, RetractionRecord, RunRecord, VerificationRecord
from tests.funsearch.archive.conftest import Make


def stands(run: Path, number: int) -> bool:
    with Reader(run) as reader:
        return number not in standing(retractions(reader))


def test_retracted_record_stays_and_does_not_stand(run: Path) -> None:
    with Reader(run) as reader:
        before = reader.record(12)
    number = funsearch.retract(12, run, "the evaluator was broken", "A. Reader")
    with Reader(run) as reader:
        assert reader.record(12) == before
        record = reader.record(number)
        assert isinstance(record, RetractionRecord)
        assert (record.target, record.reason, record.by) == (
            12, "the evaluator was broken", "A. Reader",
        )  # fmt: skip
        found = standing(retractions(reader))
    assert [*found] == [12]
    assert (found[12].number, found[12].record) == (number, record)


def test_retraction_of_a_retraction_restores_and_can_be_retracted_itself(run: Path) -> None:
    first = funsearch.retract(12, run, "wrong", "a")
    second = funsearch.retract(first, run, "it was right", "b")
    assert stands(run, 12)
    assert not stands(run, first)
    with Reader(run) as reader:
        undone = {each.number: each.undone_by for each in retractions(reader)}
    assert undone == {second: None, first: second}
    funsearch.retract(second, run, "it was wrong after all", "a")
    assert not stands(run, 12)
    assert stands(run, first)


def test_record_stands_only_if_no_retraction_of_it_does(run: Path) -> None:
    first = funsearch.retract(12, run, "wrong", "a")
    second = funsearch.retract(12, run, "wrong indeed", "b")
    funsearch.retract(first, run, "a was too quick", "a")
    with Reader(run) as reader:
        assert standing(retractions(reader))[12].number == second
    funsearch.retract(second, run, "so was b", "b")
    assert stands(run, 12)


def test_any_kind_of_record_can_be_retracted(run: Path) -> None:
    with Reader(run) as reader:
        kinds = {type(record): number for number, record in reader.records()}
    assert len(kinds) == 5
    for number in kinds.values():
        funsearch.retract(number, run, "wrong", "a")
        assert not stands(run, number)


def test_retraction_that_names_another_entry_is_of_nothing(run: Path, make: Make) -> None:
    with Archive.open(run) as archive:
        archive.append(RetractionRecord(12, make.digest("another entry"), "wrong", "a"))
    assert stands(run, 12)


@pytest.mark.parametrize("number", [-1, 10_000, 2**70])
def test_record_that_is_not_there_cannot_be_retracted(run: Path, number: int) -> None:
    with pytest.raises(UsageError, match=f"has no record {number}; its last one is"):
        funsearch.retract(number, run, "wrong", "a")


@pytest.mark.parametrize(
    ("reason", "by", "error"),
    [
        (" \n", "a", UsageError),
        ("wrong", "", Unrecordable),
        ("wrong" * 1000, "a", Unrecordable),
        ("wrong \ud800", "a", Unrecordable),
    ],
)
def test_retraction_that_says_nothing_or_too_much_is_refused(
    run: Path, reason: str, by: str, error: type[Exception]
) -> None:
    with Reader(run) as reader:
        size = reader.log.size
    with pytest.raises(error):
        funsearch.retract(12, run, reason, by)
    with Reader(run) as reader:
        assert reader.log.size == size


def test_run_that_is_being_written_cannot_be_corrected_meanwhile(run: Path) -> None:
    with Archive.open(run), pytest.raises(ArchiveError, match="is being written"):
        funsearch.retract(12, run, "wrong", "a")


def test_verifications_of_a_program_are_told_from_those_of_others(run: Path, make: Make) -> None:
    record = VerificationRecord(
        program=make.digest(make.source(0)),
        evaluation=2,
        conditions=make.conditions,
        checker="",
        agreed=True,
        findings=(Finding("n=8", False, "ok", 1.0, 1.0),),
    )
    with Archive.open(run) as archive:
        first = archive.append(record).number
        archive.append(replace(record, program=make.digest(make.source(1))))
        last = archive.append(replace(record, agreed=False)).number
    with Reader(run) as reader:
        found = verifications(reader, record.program)
        assert [number for number, _ in found] == [last, first]
        assert [number for number, _ in verifications(reader, record.program, 1)] == [last]
        assert isinstance(reader.record(0), RunRecord)
