"""Counts that grow with a run are what a look at all of it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from funsearch.archive import judgements, queries
from funsearch.archive.archive import Archive
from funsearch.archive.queries.contributions import contributions
from funsearch.archive.reader import Reader
from funsearch.browser.facts import runs, tally
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.tally import Counts, Tally
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make


def test_counts_are_those_of_the_whole_run(attached: Attached) -> None:
    index, counts = attached.reader.index, attached.tally.counts
    found = queries.summary(index, "max", is_written=False)
    assert (counts.samples, counts.programs) == (found.samples, found.programs)
    assert dict(counts.statuses) == found.statuses
    assert counts.upto == found.records
    by_verdict = index.execute(
        "SELECT e.status, e.tier, count(*) FROM programs_for_people AS p JOIN evaluations AS e"
        " ON e.number = coalesce((SELECT number FROM evaluations WHERE program = p.first AND"
        " scored), (SELECT min(number) FROM evaluations WHERE program = p.first)) GROUP BY 1, 2"
    ).fetchall()
    assert {key: n for key, n in counts.by_verdict.items() if n} == {
        (status, tier): n for status, tier, n in by_verdict
    }


@pytest.mark.parametrize("direction", ["max", "min"])
def test_the_course_of_the_best_score_is_that_of_the_queries(
    attached: Attached, direction: queries.Direction
) -> None:
    gone = judgements.standing(attached.retractions()).keys()
    counted = Tally(attached.reader.index, direction, gone)
    counted.follow()
    steps = [(step.samples, step.score, step.evaluation) for step in counted.counts.steps]
    course = queries.course(attached.reader.index, direction, gone)
    assert steps == [(each.samples, each.score, each.evaluation) for each in course.improvements]


def test_seconds_of_the_course_are_those_of_the_queries(attached: Attached) -> None:
    gone = judgements.standing(attached.retractions()).keys()
    course = queries.course(attached.reader.index, "max", gone)
    page = runs.run(attached)
    assert [best.seconds for best in page.course] == [each.seconds for each in course.improvements]
    assert page.card.seconds == course.seconds


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_counts_do_not_depend_on_where_reading_paused(
    attached: Attached, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "_CHUNK", chunk)
    again = Tally(attached.reader.index, "max", attached.tally.retracted)
    while not again.follow(seconds=-1.0):
        pass
    for name in ("samples", "programs", "by_sampler", "by_island", "statuses", "held", "steps"):
        assert getattr(again.counts, name) == getattr(attached.tally.counts, name), name
    assert +again.counts.by_verdict == +attached.tally.counts.by_verdict


def test_a_later_ok_verdict_replaces_the_first_one(tmp_path: Path, make: Make) -> None:
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        archive.append(make.run(), [PACKAGES])
        first = archive.append(make.seed(), [make.source(0)]).number
        archive.append(make.evaluation(first, 0, None))
        _check(tmp_path / "run", archive, crashed=1, ok=0)
        second = archive.append(make.generation(0, [0])).number
        archive.append(make.evaluation(second, 0, 4.0))
        _check(tmp_path / "run", archive, crashed=0, ok=1)


def _check(folder: Path, archive: Archive, *, crashed: int, ok: int) -> None:
    archive.flush()
    with Reader(folder) as reader:
        counted = Tally(reader.index, "max")
        counted.follow()
        by_status = {key[0]: number for key, number in counted.counts.by_verdict.items()}
    assert (by_status.get("crashed", 0), by_status.get("ok", 0)) == (crashed, ok)


def test_a_running_tally_follows_what_is_appended(tmp_path: Path, make: Make) -> None:
    folder = tmp_path / "run"
    with Archive.create(folder, CONFIG) as archive:
        make.search(archive, 30)
    with Reader(folder) as reader:
        growing = Tally(reader.index, "max")
        assert growing.follow()
        with Archive.open(folder) as archive:
            for name in range(100, 110):
                number = archive.append(make.generation(name, [0]), [make.source(name)]).number
                archive.append(make.evaluation(number, name, float(name)))
        assert growing.follow()
        whole = Tally(reader.index, "max")
        whole.follow()
        assert growing.counts.steps == whole.counts.steps
        assert growing.counts.steps[-1].score == 109.0
        assert growing.counts.programs == whole.counts.programs


def test_keys_are_bounded(attached: Attached, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_KEYS", 1)
    few = Tally(attached.reader.index, "max")
    few.follow()
    assert isinstance(few.counts, Counts)
    assert len(few.counts.by_island) == len(few.counts.held) == 1


def test_contributions_are_those_of_the_queries(attached: Attached) -> None:
    expected, _ = contributions(attached.reader.index, "max")
    found = runs.run(attached).contributions
    assert {(each.sampler, each.model, each.served, each.samples) for each in found} == {
        (each.sampler, each.model, each.served, each.samples) for each in expected
    }
    assert sum(each.cost for each in found) == sum(each.cost or 0.0 for each in expected)
