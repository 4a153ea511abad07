"""How a run's best score grew: by its records, whatever the order of verdicts and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.queries import Course, course
from funsearch.archive.reader import Reader
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make

make = Make()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return an archive of one run that begins at second 1000; a test closes it."""
    archive = Archive.create(tmp_path / "run", CONFIG)
    archive.append(make.run(time="1000"), [PACKAGES])
    return archive


def sample(archive: Archive, name: int, time: float, **changes: object) -> int:
    """Append a sample of a program called by a number; return the record's number."""
    source = make.source(name)
    parents = [] if name == 0 else [0]
    record = make.generation(name, parents, name, time=str(time), **changes)
    if name == 0:
        record = make.seed(0, time=str(time))
    return archive.append(record, [source]).number


def verdict(archive: Archive, number: int, name: int, score: float | None, time: float) -> int:
    record = make.evaluation(number, name, score, time=str(time))
    return archive.append(record).number


def course_of(
    archive: Archive, direction: Literal["max", "min"] = "max", retracted: Sequence[int] = ()
) -> Course:
    archive.close()
    with Reader(archive.folder) as reader:
        return course(reader.index, direction, retracted)


def test_samples_count_in_the_order_in_which_they_were_made(archive: Archive) -> None:
    verdict(archive, sample(archive, 0, 1000), 0, 4.0, 1001)
    early, late = sample(archive, 1, 1001), sample(archive, 2, 1001)
    verdict(archive, late, 2, 9.0, 1002)
    verdict(archive, early, 1, 7.0, 1005)
    found = course_of(archive)
    assert [(i.samples, i.seconds, i.score) for i in found.improvements] == [
        (0, 1.0, 4.0),
        (1, 5.0, 7.0),
        (2, 5.0, 9.0),
    ]
    assert (found.samples, found.seconds) == (2, 5.0)


def test_smaller_is_better_where_the_run_says_so(archive: Archive) -> None:
    for name, score in enumerate([4.0, 9.0, None, 3.0, 3.0, 2.5]):
        verdict(archive, sample(archive, name, 1000 + name), name, score, 1000 + name)
    found = course_of(archive, "min")
    assert [(i.samples, i.score) for i in found.improvements] == [(0, 4.0), (3, 3.0), (5, 2.5)]


def test_time_between_sessions_does_not_count(archive: Archive) -> None:
    verdict(archive, sample(archive, 0, 1000), 0, 4.0, 1003)
    archive.append(make.run(event="finished", time="1004"), [PACKAGES])
    archive.append(make.run(event="resumed", time="5000"), [PACKAGES])
    verdict(archive, sample(archive, 1, 5001), 1, 5.0, 5002)
    archive.append(make.run(event="finished", time="5010"), [PACKAGES])
    found = course_of(archive)
    assert [i.seconds for i in found.improvements] == [3.0, 6.0]
    assert found.seconds == 14.0


def test_what_was_retracted_is_left_out(archive: Archive) -> None:
    verdict(archive, sample(archive, 0, 1000), 0, 4.0, 1001)
    wrong = verdict(archive, sample(archive, 1, 1001), 1, 900.0, 1002)
    verdict(archive, sample(archive, 2, 1001), 2, 5.0, 1002)
    assert [i.score for i in course_of(archive, retracted=[wrong]).improvements] == [4.0, 5.0]


def test_cost_is_summed_and_what_has_no_price_is_counted(archive: Archive) -> None:
    verdict(archive, sample(archive, 0, 1000), 0, 4.0, 1001)
    priced = {"model": "m", "cost": "0.25", "prompt_tokens": 10, "completion_tokens": 5}
    sample(archive, 1, 1001, **priced)
    sample(archive, 2, 1001, **priced)
    sample(archive, 3, 1001, model="m", prompt_tokens=7)
    sample(archive, 4, 1001)
    found = course_of(archive)
    assert (found.cost, found.unpriced, found.tokens, found.samples) == (0.5, 1, 37, 4)
