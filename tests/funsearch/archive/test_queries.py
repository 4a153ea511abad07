"""What the index answers, against the plain reading of the log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive import queries
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.archive.facts import NO_SOURCE
from funsearch.archive.index import Index
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord, Record
from funsearch.archive.runs import find_runs, resolve_run, runs_root
from tests.funsearch.archive.conftest import CONFIG


@pytest.fixture
def reader(run: Path) -> Iterator[Reader]:
    with Reader(run) as reader:
        yield reader


def first_generations(reader: Reader) -> dict[str, tuple[int, GenerationRecord]]:
    found: dict[str, tuple[int, GenerationRecord]] = {}
    for number, record in reader.records():
        if isinstance(record, GenerationRecord) and record.program:
            found.setdefault(record.program, (number, record))
    return found


def ancestors(firsts: dict[str, tuple[int, GenerationRecord]], name: str) -> set[str]:
    found, rest = set[str](), [name]
    while rest:
        program = rest.pop()
        if program not in found:
            found.add(program)
            rest.extend(firsts[program][1].parents)
    return found


def test_lineage_holds_all_ancestors_and_ends_at_the_seed(reader: Reader) -> None:
    firsts = first_generations(reader)
    for name, (number, record) in firsts.items():
        lineage = queries.lineage(reader.index, name)
        assert lineage.complete
        ids = [step.program.id for step in lineage.steps]
        assert ids[0] == name
        assert set(ids) == ancestors(firsts, name)
        assert len(ids) == len(set(ids))
        assert lineage.steps[-1].program.sampler == "seed"
        assert lineage.steps[0].parents == record.parents
        assert lineage.steps[0].program.first == number
        for place, step in enumerate(lineage.steps):
            assert set(step.parents) <= set(ids[place + 1 :])


def test_generation_is_the_longest_way_to_the_seed(reader: Reader) -> None:
    firsts = first_generations(reader)
    longest: dict[str, int] = {}
    for name, (_, record) in firsts.items():
        longest[name] = max((longest[parent] + 1 for parent in record.parents), default=0)
        assert queries.program(reader.index, name).program.generation == longest[name]


def test_a_bounded_lineage_says_so(reader: Reader) -> None:
    name = list(first_generations(reader))[-1]
    whole = queries.lineage(reader.index, name)
    part = queries.lineage(reader.index, name, limit=3)
    assert not part.complete
    assert part.steps == whole.steps[:3]


def test_descendants_are_the_inverse_of_lineage(reader: Reader) -> None:
    firsts = first_generations(reader)
    for name in firsts:
        found = queries.descendants(reader.index, name)
        assert found.steps[0].program.id == name
        assert {step.program.id for step in found.steps} == {
            other for other in firsts if name in ancestors(firsts, other)
        }


@pytest.mark.parametrize("direction", ["max", "min"])
def test_best_is_ordered_and_ties_go_to_the_earlier(reader: Reader, direction: Any) -> None:
    scored: dict[str, tuple[float, int]] = {}
    for number, record in reader.records():
        if isinstance(record, EvaluationRecord) and record.score is not None and record.program:
            scored.setdefault(record.program, (record.score, number))
    sign = -1 if direction == "max" else 1
    expected = sorted(scored, key=lambda name: (sign * scored[name][0], scored[name][1]))
    rows = queries.best(reader.index, direction, limit=1000)
    assert [row.id for row in rows] == expected
    # A program that failed once and succeeded later has the score, not the failure.
    assert all(row.status == "ok" and row.score == scored[row.id][0] for row in rows)
    assert queries.best(reader.index, direction, limit=2) == rows[:2]


def taken(folder: Path, records: Sequence[Record]) -> Index:
    """Return an index of records that no archive would take, since their texts are missing."""
    Archive.create(folder, CONFIG).close()
    index = Index.anew(folder)
    index.take(list(enumerate(records)), bytes(32), lambda new: dict.fromkeys(new, NO_SOURCE))
    return index


def test_find_takes_unique_prefixes_and_lists_several(tmp_path: Path, make: Any) -> None:
    similar = ["aaaaaa1" + "0" * 57, "aaaaaa2" + "0" * 57]
    records = [make.seed(program=name) for name in similar]
    with closing(taken(tmp_path / "run", records)) as index:
        assert queries.find(index.connection, "aaaaaa") == similar
        assert queries.find(index.connection, "AAAAAA1") == similar[:1]
        assert queries.find(index.connection, "aaaaaa", limit=1) == similar[:1]
        assert queries.find(index.connection, similar[1]) == similar[1:]
        assert queries.find(index.connection, "bbbbbbbb") == []
        for prefix in ("aaaaa", "", "%%%%%%", "aaaaaag", "a" * 65, "\x1b[31mred"):
            with pytest.raises(ArchiveError, match=r"\A[^\n]+\Z"):
                queries.find(index.connection, prefix)


def test_later_generations_of_a_program_are_reproposals(reader: Reader) -> None:
    numbers: dict[str, list[int]] = {}
    for number, record in reader.records():
        if isinstance(record, GenerationRecord) and record.program:
            numbers.setdefault(record.program, []).append(number)
    assert any(len(several) > 1 for several in numbers.values())
    for name, several in numbers.items():
        assert list(queries.program(reader.index, name).proposals) == several


def test_unknown_program_is_missing(reader: Reader) -> None:
    for question in (queries.program, queries.lineage, queries.descendants):
        with pytest.raises(Missing, match="no program"):
            question(reader.index, "f" * 64)


def test_by_status_pages_from_the_latest(reader: Reader) -> None:
    failed = [
        number
        for number, record in reader.records()
        if isinstance(record, EvaluationRecord) and record.status == "crashed"
    ]
    first = queries.by_status(reader.index, "crashed", limit=4)
    rest = queries.by_status(reader.index, "crashed", before=first[-1].evaluation)
    assert [attempt.evaluation for attempt in first + rest] == failed[::-1]
    assert {attempt.reason for attempt in first} == {"ZeroDivisionError"}


def test_summary_counts_and_names_the_state(run: Path, make: Any) -> None:
    def state() -> str:
        with Reader(run) as reader:
            return queries.summary(reader.index, "max", is_written=reader.is_written).state

    assert state() == "interrupted"
    with Archive.open(run) as archive:
        archive.append(make.run(event="resumed"))
        archive.flush()
        assert state() == "running"
        archive.append(make.run(event="finished", reason="target"))
    assert state() == "target"
    with Reader(run) as reader:
        summary = queries.summary(reader.index, "max", is_written=False)
        records = [record for _, record in reader.records()]
    assert summary.records == len(records)
    generations = [record for record in records if isinstance(record, GenerationRecord)]
    assert summary.samples == sum(record.draw is not None for record in generations)
    assert sum(summary.statuses.values()) == len(generations)
    assert (summary.problem, summary.seed, summary.resets) == ("cap_set", 2**64 - 1, 1)
    assert summary.best is not None
    assert summary.best.score == 8.0


def test_summary_of_a_run_that_never_started(tmp_path: Path, make: Any) -> None:
    Archive.create(tmp_path / "run", make.config).close()
    with Reader(tmp_path / "run") as reader:
        summary = queries.summary(reader.index, "max", is_written=False)
    assert (summary.state, summary.records, summary.best) == ("empty", 0, None)


def test_rejected_text_is_kept(tmp_path: Path, make: Any) -> None:
    with Archive.create(tmp_path / "run", make.config) as archive:
        archive.append(make.seed("first"), [make.source("first")])
        text = make.generation("x", ["first"], program=None, rejected="no code")
        number = archive.append(text, [make.source("x")]).number
        verdict = EvaluationRecord(
            number, None, "rejected", make.conditions, text.reply, reason="no code"
        )
        archive.append(verdict)
    with Reader(tmp_path / "run") as reader:
        (attempt,) = queries.by_status(reader.index, "rejected")
        assert (attempt.program, attempt.reply, attempt.reason) == (None, text.reply, "no code")
        assert reader.record(number) == text
        with pytest.raises(Missing, match="no record 3"):
            reader.record(3)


def test_parents_that_were_never_proposed_are_named(tmp_path: Path, make: Any) -> None:
    stranger = make.generation("child", ["nobody", "nobody"])
    with closing(taken(tmp_path / "run", [stranger])) as index:
        (step,) = queries.lineage(index.connection, stranger.program).steps
        assert step.parents == stranger.parents
        assert step.program.length is None


def test_runs_are_found_by_path_name_and_unique_prefix(run: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert find_runs(root) == []
    for name in ("2026-cap_set-1", "2026-cap_set-10", "2027-other-1"):
        shutil.copytree(run, root / name)
    (root / "notes").mkdir()
    assert [path.name for path in find_runs(root)] == [
        "2026-cap_set-1",
        "2026-cap_set-10",
        "2027-other-1",
    ]
    assert resolve_run(str(run), root) == run
    assert resolve_run("2026-cap_set-1", root).name == "2026-cap_set-1"
    assert resolve_run("2027", root).name == "2027-other-1"
    with pytest.raises(ArchiveError, match="any of 2 runs: '2026-cap_set-1', '2026-cap_set-10'"):
        resolve_run("2026", root)
    for name in ("", "2028", "notes", "../root/notes"):
        with pytest.raises(Missing, match="no run"):
            resolve_run(name, root)
    assert runs_root({}) == Path("runs")
    assert runs_root({"FUNSEARCH_RUNS": "/data"}) == Path("/data")
