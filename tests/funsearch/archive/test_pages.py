"""Lists a page at a time: complete, in order, bounded, and with words that are only words."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funsearch.archive import likeness, queries
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.archive.queries import Filter, Page, ProgramRow, ancestry, neighbours, pages
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord
from tests.funsearch.archive.conftest import CONFIG
from tests.funsearch.archive.histories import Sources, history

Ask = Callable[[Reader, str | None], Page[Any]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "run"
    with Archive.create(folder, CONFIG) as archive:
        various(archive, seed=1)
    return folder


def various(archive: Archive, seed: int, programs: int = 80) -> None:
    """Append a search with several samplers, models and islands."""
    make, draws = Sources(), random.Random(seed)
    history(archive, seed, programs=20)
    known: list[object] = [0]
    for draw in range(1000 * seed, 1000 * seed + programs):
        record = make.generation(
            draw,
            draws.choices(known, k=2),
            draw,
            sampler=draws.choice(("syntax", "openai")),
            model=draws.choice(("", "small", "large")),
            island=draws.randrange(3),
        )
        number = archive.append(record, [make.source(draw)]).number
        known.append(draw)
        score = draws.choice((None, 1.0, 1.5, -2.0))
        archive.append(make.evaluation(number, draw, score))


@pytest.fixture
def reader(run: Path) -> Iterator[Reader]:
    with Reader(run) as reader:
        yield reader


def first_program(reader: Reader) -> str:
    return queries.all_programs(reader.index, limit=1).items[0].id


LISTS: dict[str, Ask] = {
    "all": lambda reader, after: queries.all_programs(reader.index, limit=7, after=after),
    "latest": lambda reader, after: queries.latest(reader.index, limit=7, after=after),
    "sampler": lambda reader, after: queries.latest(
        reader.index, Filter(sampler="openai"), limit=7, after=after
    ),
    "model": lambda reader, after: queries.latest(
        reader.index, Filter(model="small"), limit=7, after=after
    ),
    "both": lambda reader, after: queries.latest(
        reader.index, Filter(sampler="openai", model="small", island=1), limit=2, after=after
    ),
    "words": lambda reader, after: queries.with_words(
        reader.index, "total range", limit=7, after=after
    ),
    "best": lambda reader, after: queries.leaders(reader.index, "max", limit=7, after=after),
    "worst": lambda reader, after: queries.leaders(reader.index, "min", limit=7, after=after),
    "island": lambda reader, after: queries.leaders(
        reader.index, "max", Filter(island=1, sampler="syntax"), limit=3, after=after
    ),
    "attempts": lambda reader, after: queries.attempts(reader.index, limit=7, after=after),
    "failures": lambda reader, after: queries.attempts(
        reader.index, Filter(status="crashed", island=2), limit=3, after=after
    ),
    "descended": lambda reader, after: queries.descended(
        reader.index, first_program(reader), limit=7, after=after
    ),
    "near": lambda reader, after: queries.nearest(
        reader.index, reader.object, first_program(reader), limit=7, after=after
    ),
}


def key(item: Any) -> object:
    program = item.program if isinstance(item, queries.Neighbour) else item
    return program.first if isinstance(program, ProgramRow) else program.evaluation


def walked(reader: Reader, ask: Ask) -> list[Any]:
    """Return all items of a list, page after page."""
    found: list[Any] = []
    after: str | None = None
    for _ in range(1000):
        page = ask(reader, after)
        found += page.items
        if (after := page.after) is None:
            return found
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("name", LISTS)
def test_pages_meet_everything_once_and_in_the_order_of_one_page(
    reader: Reader, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = walked(reader, LISTS[name])
    assert len(items) > 2
    assert len({key(item) for item in items}) == len(items)
    assert walked(reader, LISTS[name]) == items
    # A bound on what is looked at cuts pages, and loses nothing.
    monkeypatch.setattr(pages, "MOST_EXAMINED", 5)
    assert walked(reader, LISTS[name]) == items
    for place in range(len(items)):
        assert key(items[place]) not in [key(item) for item in items[:place]]


@pytest.mark.parametrize("name", LISTS)
def test_pages_are_right_while_rows_are_added(tmp_path: Path, name: str) -> None:
    ask, folder = LISTS[name], tmp_path / "run"
    with Archive.create(folder, CONFIG) as archive:
        various(archive, seed=2, programs=40)
        archive.flush()
        with Reader(folder) as reader:
            before = walked(reader, ask)
        found: list[Any] = []
        after: str | None = None
        for seed in itertools.count(3):
            with Reader(folder) as reader:
                page = ask(reader, after)
            found += page.items
            if (after := page.after) is None:
                break
            if seed < 6:
                various(archive, seed, programs=10)
                archive.flush()
    keys = [key(item) for item in found]
    assert len(set(keys)) == len(keys)
    assert {key(item) for item in before} <= set(keys)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "after",
    ["", "x", "-1", "1:2:3", "nan:1", "inf:1", "1" * 19, "٣", "0x1", "same:", "same:x", "1\n"],
)  # fmt: skip
def test_what_is_no_page_is_refused_in_one_line(reader: Reader, name: str, after: str) -> None:
    with pytest.raises(ArchiveError, match=r"\A'[^\n]* is no page of this list\Z"):
        LISTS[name](reader, after)


def records(reader: Reader) -> tuple[dict[int, GenerationRecord], dict[int, EvaluationRecord]]:
    """Return first generations of programs, and all evaluations, from the log."""
    seen: set[str] = set()
    firsts: dict[int, GenerationRecord] = {}
    evaluations: dict[int, EvaluationRecord] = {}
    for number, record in reader.records():
        if isinstance(record, GenerationRecord) and record.program and record.program not in seen:
            seen.add(record.program)
            firsts[number] = record
        elif isinstance(record, EvaluationRecord):
            evaluations[number] = record
    return firsts, evaluations


def firsts_of(items: list[Any]) -> list[object]:
    return [key(item) for item in items]


def test_lists_say_what_the_log_says(reader: Reader) -> None:
    firsts, evaluations = records(reader)
    assert firsts_of(walked(reader, LISTS["all"])) == list(firsts)
    assert firsts_of(walked(reader, LISTS["latest"])) == list(firsts)[::-1]
    for name, wanted in (
        ("sampler", lambda record: record.sampler == "openai"),
        ("model", lambda record: record.model == "small"),
        ("both", lambda r: (r.sampler, r.model, r.island) == ("openai", "small", 1)),
        ("words", lambda r: b"total" in reader.object(r.program)),
    ):
        assert firsts_of(walked(reader, LISTS[name])) == [
            number for number, record in reversed(firsts.items()) if wanted(record)
        ]
    assert firsts_of(walked(reader, LISTS["attempts"])) == list(evaluations)[::-1]
    islands = dict(reader.records())
    assert firsts_of(walked(reader, LISTS["failures"])) == [
        number
        for number, record in reversed(evaluations.items())
        if record.status == "crashed" and islands[record.generation].island == 2  # type: ignore[union-attr]
    ]


def test_the_best_of_an_island_are_those_that_came_in_on_it(reader: Reader) -> None:
    firsts, evaluations = records(reader)
    scored: dict[str, tuple[float, int]] = {}
    for number, record in evaluations.items():
        if record.score is not None and record.program:
            scored.setdefault(record.program, (record.score, number))
    wanted = sorted(
        (-scored[record.program][0], scored[record.program][1], number)
        for number, record in firsts.items()
        if record.program in scored and (record.island, record.sampler) == (1, "syntax")
    )
    found = walked(reader, LISTS["island"])
    assert firsts_of(found) == [number for *_, number in wanted]
    assert all(row.status == "ok" for row in found)


def test_an_unknown_name_has_no_programs(reader: Reader) -> None:
    for which in (Filter(sampler="nobody"), Filter(model="\ud800"), Filter(status="happy")):
        assert queries.latest(reader.index, which) == Page((), None)
        assert queries.attempts(reader.index, which) == Page((), None)
    assert queries.leaders(reader.index, "max", Filter(island=99)) == Page((), None)
    with pytest.raises(Missing, match="no program"):
        queries.descended(reader.index, "f" * 64)
    with pytest.raises(Missing, match="no program"):
        queries.nearest(reader.index, reader.object, "\x1b[31m")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("total", ["total"]),
        ("TOTAL Range", ["total", "range"]),
        ("np.roll", ["np.roll"]),
        ('"for i in"', ["for i in"]),
        ("tot*", ["total"]),
        ("left_*", ["left_"]),
        ("größe", ["größe"]),
        ('return "sum((x"', ["return", "sum((x"]),
        ("total -", ["total"]),
    ],
)
def test_words_find_the_sources_that_have_them(reader: Reader, text: str, words: list[str]) -> None:
    found = queries.with_words(reader.index, text, limit=1000).items
    sources = {
        row.id: reader.object(row.id).decode() for row in queries.all_programs(reader.index).items
    }
    wanted = {name for name, source in sources.items() if all(word in source for word in words)}
    assert wanted
    assert {row.id for row in found} == wanted


def found_or_refused(reader: Reader, text: str) -> tuple[ProgramRow, ...]:
    """Return what is found, nothing where the words are refused, which takes one line."""
    try:
        return queries.with_words(reader.index, text, limit=1000).items
    except ArchiveError as error:
        complaint = str(error)
    assert "\n" not in complaint
    assert "no word" in complaint or "more than 32 words" in complaint
    return ()


@pytest.mark.parametrize(
    "text",
    ["left", "roll np", '"i for in"', "sum AND x", "total NOT nothing", "source : total", "{x y}:z",
     "total + range", "NEAR(total range, 1)", "^def", '"', '""', 'total"', "total' OR '1'='1",
     "col:total", "tot*al*", "(", "total)", "a\0b", "--", "*", "größe\ud800", "x" * 5000],
)  # fmt: skip
def test_signs_in_words_are_no_language(reader: Reader, text: str) -> None:
    found = found_or_refused(reader, text)
    # What FTS5 would take for operators are words that no source has.
    has_operator = any(word in text for word in ("AND", "NOT", "OR", "NEAR", "source", "col"))
    assert not (has_operator and found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text() | st.text(alphabet="ab*\"() :^+-{}\\' ANDORT"))
def test_any_text_is_words_or_refused(reader: Reader, text: str) -> None:
    found_or_refused(reader, text)


def test_too_many_words_are_refused(reader: Reader) -> None:
    with pytest.raises(ArchiveError, match="more than 32 words"):
        queries.with_words(reader.index, "a " * 33)


def test_nearest_are_those_of_the_same_form_then_the_likest(reader: Reader) -> None:
    rows = queries.all_programs(reader.index).items
    sources = {row.first: reader.object(row.id).decode() for row in rows}
    for row in rows[::9]:
        found = queries.nearest(reader.index, reader.object, row.id, limit=1000).items
        source = sources[row.first]
        form, windows = likeness.form(source).digest, likeness.windows(source)
        same = [n for n, other in sources.items() if likeness.form(other).digest == form]
        same.remove(row.first)
        assert [one.program.first for one in found[: len(same)]] == same
        assert all(one.similarity == 1.0 for one in found[: len(same)])
        others = found[len(same) :]
        assert [one.similarity for one in others] == [
            likeness.similarity(windows, likeness.windows(sources[one.program.first]))
            for one in others
        ]
        keys = [(-one.similarity, one.program.first) for one in others]
        assert keys == sorted(keys)
        # Whoever shares a line that few have is among them.
        compared = {one.program.first for one in others} | {row.first, *same}
        for line in likeness.form(source).statements:
            sharing = {n for n, other in sources.items() if line in likeness.form(other).statements}
            assert len(sharing) > 64 or sharing <= compared


def test_nearest_compares_a_bounded_number(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def source_of(name: str) -> bytes:
        read.append(name)
        return reader.object(name)

    monkeypatch.setattr(neighbours, "MOST_COMPARED", 10)
    queries.nearest(reader.index, source_of, first_program(reader), limit=1000)
    assert len(read) == 11


def test_a_walk_that_has_no_end_in_sight_is_given_up(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ancestry, "MOST_WALKED", 10)
    program = first_program(reader)
    page = queries.descended(reader.index, program, limit=5)
    assert len(page.items) == 5
    with pytest.raises(ArchiveError, match="more than 10 programs to walk through"):
        queries.descended(reader.index, program, limit=100)


def test_lineages_come_in_pages_too(reader: Reader) -> None:
    program = queries.all_programs(reader.index, limit=1000).items[-1].id
    for ask, field in ((queries.lineage, "before"), (queries.descendants, "after")):
        name = program if field == "before" else first_program(reader)
        whole = ask(reader.index, name)
        steps, place = list[queries.Step](), None
        while True:
            part = ask(reader.index, name, limit=2, **{field: place})
            steps += part.steps
            if part.complete:
                break
            place = part.steps[-1].program.first
        assert tuple(steps) == whole.steps
        assert len(steps) > 2


def test_what_was_said_later_of_a_program_is_in_its_history(tmp_path: Path) -> None:
    make = Sources()
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        generation = make.start(archive, "a").number
        evaluation = archive.append(make.evaluation(generation, "a", 1.0)).number
        other = make.start(archive, "b").number
        verified = archive.append(make.verification("a", evaluation, time="5.5")).number
        wrong = archive.append(make.retraction(verified, reason="tired", by="me")).number
        back = archive.append(make.retraction(wrong)).number
        of_nothing = archive.append(
            make.retraction(of_run := archive.append(make.run(), [make.packages]).number)
        ).number
        again = archive.append(make.generation("a", ["b"]), []).number
        of_again = archive.append(make.retraction(again)).number
    with Reader(tmp_path / "run") as reader:
        history = queries.program(reader.index, make.digest(make.source("a")))
        assert history.verifications == (queries.Verification(verified, evaluation, True, 5.5),)
        assert [(one.number, one.target) for one in history.retractions] == [
            (wrong, verified), (back, wrong), (of_again, again),
        ]  # fmt: skip
        first = history.retractions[0]
        assert (first.reason, first.by, first.entry) == ("tired", "me", make.digest("entry"))
        assert history.program.retractions == 3
        assert history.proposals == (generation, again)
        whole = queries.retractions(reader.index)
        assert [(one.number, one.target) for one in whole] == [
            (of_again, again), (of_nothing, of_run), (back, wrong), (wrong, verified),
        ]  # fmt: skip
        assert queries.retractions(reader.index, limit=1) == whole[:1]
        name = history.program.id
        assert queries.verifications(reader.index, name) == history.verifications
        bystander = queries.program(reader.index, make.digest(make.source("b")))
        assert bystander == replace(bystander, verifications=(), retractions=())
        assert bystander.program.first == other
