"""Replay: the same state out of the same replies, whatever the search went through."""

import itertools
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

import funsearch
from funsearch.archive.reader import Reader
from funsearch.archive.records import (
    EvaluationRecord,
    GenerationRecord,
    OutageRecord,
    ResetRecord,
    RunRecord,
)
from funsearch.parts import RunError
from funsearch.replaying.course import Course
from funsearch.replaying.draws import outline
from funsearch.replaying.replay import recorded_config, replay
from tests.funsearch.replaying.recorded import Log, forge, go_on, log_of, record


def contents(folder: Path) -> dict[Path, str]:
    return {
        path: sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()
    }


def test_the_recorded_search_has_what_a_search_can_have(run: Path) -> None:
    log = log_of(run)
    verdicts = [r for _, r in log if isinstance(r, EvaluationRecord)]
    generations = [r for _, r in log if isinstance(r, GenerationRecord)]
    assert {"ok", "crashed", "rejected"} <= {r.status for r in verdicts}
    assert any(r.late for r in verdicts)
    assert any("reused" in r.flags for r in verdicts)
    assert any(r.reason.startswith("duplicate") for r in verdicts)
    assert any(r.rejected.startswith("refused") for r in generations)
    assert any(r.notes for r in generations)
    assert sum(isinstance(r, ResetRecord) for _, r in log) > 5


def test_replay_reaches_the_state_of_the_search(tmp_path: Path) -> None:
    state = record(tmp_path / "run", "search.reset_registrations=9")
    replayed = replay(tmp_path / "run")
    assert replayed.difference is None
    assert replayed.islands == state.search.overview()
    assert replayed.best == state.best
    assert replayed.verdicts == state.verdicts
    assert replayed.samples == state.samples == 160
    assert replayed.draws == replayed.prompts == 40
    assert replayed.resets == state.search.resets > 2
    assert replayed.records == len(log_of(tmp_path / "run"))


def test_replay_writes_nothing(run: Path) -> None:
    before = contents(run)
    assert replay(run).difference is None
    assert contents(run) == before


def test_replay_stops_after_any_record(tmp_path: Path) -> None:
    run = tmp_path / "run"
    record(run, "run.samples=20", "search.reset_registrations=4", "search.islands=2")
    log = log_of(run)
    states: list[str] = []
    for until in range(len(log)):
        replayed = replay(run, until)
        assert replayed.difference is None
        assert replayed.records == until + 1
        seen = Counter(type(r) for _, r in log[: until + 1])
        assert sum(replayed.verdicts.values()) == seen[EvaluationRecord]
        assert replayed.waiting == seen[GenerationRecord] - seen[EvaluationRecord]
        assert replayed.resets == seen[ResetRecord]
        states.append(replayed.state)
    moves = [not isinstance(r, RunRecord | OutageRecord) for _, r in log[1:]]
    assert [a != b for a, b in itertools.pairwise(states)] == moves, (
        "every record but those of sessions and outages moves the state on"
    )
    assert states[-1] == replay(run).state


def test_record_that_is_not_there_is_named(run: Path) -> None:
    with pytest.raises(RunError, match=r"and so none with number 100000$"):
        replay(run, 100_000)


@pytest.mark.parametrize(
    "overrides",
    [
        ["search=greedy"],
        ["search=iid"],
        ["search=paper"],
        ["prompt=chat", "run.samples_per_prompt=1", "search.examples=3"],
        ["prompt=failures", "search.reset_registrations=20", "run.samples_per_prompt=1"],
        ["run.admission=false", "run.seed=9223372036854775807", "search.islands=1"],
        # Resets by the clock come between draws after equally many registrations.
        ["search.reset_registrations=0", "search.reset_seconds=0.003", "run.samples_per_prompt=1"],
        ["search.reset_registrations=1", "search.islands=2"],
    ],
    ids=" ".join,
)
def test_every_kind_of_search_is_replayed(tmp_path: Path, overrides: list[str]) -> None:
    record(tmp_path / "run", *overrides)
    assert replay(tmp_path / "run").difference is None


@pytest.mark.parametrize("part", range(8))
def test_search_that_was_killed_anywhere_and_resumed_is_replayed(
    tmp_path: Path, run: Path, part: int
) -> None:
    log = log_of(run)
    # Right after a registration that calls for a reset, and before it, or anywhere else.
    resets = [number for number, r in log if isinstance(r, ResetRecord)]
    kept = resets[part] if part < 3 else 1 + part * (len(log) - 2) // 8
    forge(run, tmp_path / "cut", lambda log: log[:kept])
    assert replay(tmp_path / "cut").difference is None
    state = go_on(tmp_path / "cut", samples=120)
    replayed = replay(tmp_path / "cut")
    assert replayed.difference is None
    assert replayed.waiting == 0
    assert replayed.islands == state.search.overview()
    assert sum(isinstance(r, RunRecord) for _, r in log_of(tmp_path / "cut")) == 3


def test_log_of_format_2_is_replayed(run: Path) -> None:
    # It says in the records of sessions only what its verdicts depend on.
    log: Log = []
    for number, current in log_of(run):
        record = current
        if isinstance(record, RunRecord):
            record = replace(record, packages="", log="")
        elif isinstance(record, EvaluationRecord):
            record = replace(record, conditions=None, reply="")
        log.append((number, record))
    with Reader(run) as reader:
        course = Course(recorded_config(reader), reader, outline(log, None))
        for number, record in log:
            course.follow(number, record)
        course.end(len(log) - 1)
    assert course.contents.digest(course.state) == replay(run).state


def test_real_search_is_replayed_alike_five_times(tmp_path: Path) -> None:
    outcome = funsearch.run(
        "problem.n=4", "run.samples=60", "run.seconds=null", "search.reset_registrations=12",
        f"run.dir={tmp_path / 'run'}",
    )  # fmt: skip
    funsearch.resume(tmp_path / "run", "run.samples=90")
    replays = [funsearch.replay(tmp_path / "run") for _ in range(5)]
    assert [one.difference for one in replays] == [None] * 5
    assert len({one.state for one in replays}) == 1
    assert replays[0].samples == 90
    assert replays[0].notes == ()
    assert outcome.best is not None
    assert replays[0].best is not None
    assert replays[0].best.score >= outcome.best.score
