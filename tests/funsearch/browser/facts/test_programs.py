"""The table of programs: filters, orders and pages, held against a look at all rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from funsearch.archive.errors import ArchiveError
from funsearch.archive.queries import ProgramRow, all_programs, listing
from funsearch.browser.facts import programs
from funsearch.browser.facts.attached import Attached
from funsearch.browser.facts.model import Question

QUESTIONS = (
    Question(),
    Question(island=3),
    Question(island=-1),
    Question(island=99),
    Question(sampler="syntax"),
    Question(sampler="syntax", island=3, status="ok"),
    Question(sampler="nobody"),
    Question(status="crashed"),
    Question(status="ok", tier="interpreter"),
    Question(review="verified"),
    Question(review="contradicted", sampler="syntax"),
    Question(review="retracted"),
    Question(text="total"),
    Question(text="return sum", island=3),
    Question(text="nowhere_at_all"),
)


def _every(attached: Attached, question: Question) -> list[str]:
    """Return the ids of what passes, from a look at all."""
    index = attached.reader.index
    rows = list(all_programs(index, 10_000).items)
    said = {
        "verified": "SELECT program FROM verifications WHERE agreed",
        "contradicted": "SELECT program FROM verifications WHERE NOT agreed",
        "retracted": "SELECT program FROM retractions",
    }

    def passes(row: ProgramRow) -> bool:
        source = attached.reader.object(row.id).decode()
        return (
            question.island in (None, -1 if row.island is None else row.island)
            and question.sampler in (None, row.sampler)
            and question.status in (None, row.status)
            and question.tier in (None, "interpreter" if row.status else "")
            and (
                question.review is None
                or (row.first,) in index.execute(said[question.review]).fetchall()
            )
            and question.text.split(" ")[-1] in source
        )

    rows = [row for row in rows if passes(row)]
    if question.sort in ("best", "worst"):
        sign = -1 if question.sort == "best" else 1
        scored = [row for row in rows if row.score is not None and row.evaluation is not None]
        scored.sort(key=lambda row: (sign * (row.score or 0.0), row.evaluation or 0))
        return [row.id for row in scored]
    return [row.id for row in (rows[::-1] if question.sort == "newest" else rows)]


def _walk(attached: Attached, question: Question, way: str) -> list[str]:
    found: list[str] = []
    place: dict[str, Any] = {}
    for _ in range(200):
        page = programs.page(attached, replace(question, limit=7, **place))
        rows = [row.id for row in page.rows]
        found = found + rows if way == "after" else rows + found
        key = page.after if way == "after" else page.before
        if key is None:
            return found
        place = {way: key}
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("few", [True, False], ids=["few", "scanned"])
@pytest.mark.parametrize("sort", ["newest", "oldest", "best", "worst"])
def test_pages_together_are_all_that_pass_in_order(
    attached: Attached, sort: Any, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not few:
        monkeypatch.setattr(listing, "MOST_COUNTED", -1)
        monkeypatch.setattr(listing, "_MOST_SCANNED", 20)
        monkeypatch.setattr(listing, "_MOST_SOUGHT", 9)
        monkeypatch.setattr(listing, "_CHUNK", 5)
    for question in QUESTIONS:
        asked = replace(question, sort=sort)
        expected = _every(attached, asked)
        assert _walk(attached, asked, "after") == expected, asked


@pytest.mark.parametrize("few", [True, False], ids=["few", "scanned"])
@pytest.mark.parametrize("sort", ["newest", "oldest", "best", "worst"])
def test_pages_backwards_are_the_same(
    attached: Attached, sort: Any, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not few:
        monkeypatch.setattr(listing, "MOST_COUNTED", -1)
        monkeypatch.setattr(listing, "_MOST_SCANNED", 20)
        monkeypatch.setattr(listing, "_MOST_SOUGHT", 9)
        monkeypatch.setattr(listing, "_CHUNK", 5)
    for question in (QUESTIONS[0], QUESTIONS[5], QUESTIONS[12]):
        asked = replace(question, sort=sort, limit=7)
        expected = _every(attached, asked)
        page = programs.page(attached, asked)
        while page.after is not None:
            page = programs.page(attached, replace(asked, after=page.after))
        last = [row.id for row in page.rows]
        rows: list[str] = []
        if page.before is not None:
            back, key = list[str](), page.before
            while key is not None:
                page = programs.page(attached, replace(asked, before=key))
                back = [row.id for row in page.rows] + back
                key = page.before
            rows = back
        assert rows + last == expected, asked


def test_counts_are_exact_where_they_say_so(attached: Attached) -> None:
    for question, sort in product(QUESTIONS, ("newest", "best")):
        asked = replace(question, sort=sort)
        page = programs.page(attached, asked)
        assert page.count.exact
        assert page.count.number == len(_every(attached, asked)), asked


def test_a_count_that_was_given_up_says_so(
    attached: Attached, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 5)
    page = programs.page(attached, Question(text="return", island=3))
    assert (page.count.number, page.count.exact) == (5, False)


def test_facets_count_all_programs(attached: Attached) -> None:
    page = programs.page(attached, Question(island=99))
    facets = {facet.part: facet for facet in page.facets}
    for part in ("island", "sampler", "model"):
        total = sum(choice.count.number for choice in facets[part].choices)
        assert total == attached.tally.counts.programs
    for part in ("island", "sampler", "model", "status", "tier", "review"):
        for choice in facets[part].choices:
            value: Any = int(choice.value) if part == "island" else choice.value
            found = programs.page(attached, replace(Question(text="return"), **{part: value}))
            assert found.count.number <= choice.count.number


def test_the_beginning_of_an_id_finds_its_program(attached: Attached) -> None:
    row = programs.page(attached, Question()).rows[0]
    found = programs.page(attached, Question(text=f" {row.id[:10].upper()} "))
    assert [each.id for each in found.rows] == [row.id]


@pytest.mark.parametrize(
    "question",
    [
        Question(after="x"),
        Question(before="1"),
        Question(after="nan:1"),
        Question(after="1e999:1"),
        Question(text="..."),
        Question(text="a " * 40),
        Question(review="bogus"),
    ],
)
def test_what_is_no_question_is_refused_in_one_line(attached: Attached, question: Question) -> None:
    with pytest.raises(ArchiveError) as refused:
        programs.page(attached, question)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "question",
    [
        Question(sampler="\udc80\0'\";--"),
        Question(model="x" * 100_000),
        Question(text="\udc80 return"),
        Question(island=10**30),
        Question(island=-(10**30)),
        Question(after="-1e300:999999999999999999"),
        Question(before="1e300:0", sort="best"),
        Question(limit=-5),
        Question(status=""),
        Question(tier="\0"),
    ],
)
def test_anything_may_be_asked(attached: Attached, question: Question) -> None:
    for sort in ("newest", "oldest", "best", "worst"):
        page = programs.page(attached, replace(question, sort=sort))
        assert len(page.rows) <= listing.MOST_ROWS
