"""Logs that are not those of one search: the first record that does not follow is named."""

import sqlite3
from collections.abc import Callable
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluators.verdict import Status
from funsearch.archive.reader import Reader
from funsearch.archive.records import EvaluationRecord, GenerationRecord, ResetRecord, RunRecord
from funsearch.islands import make
from funsearch.population import Population
from funsearch.replaying.contents import Contents
from funsearch.replaying.course import REPORTED
from funsearch.replaying.draws import Draws
from funsearch.replaying.replay import Replayed, replay
from problems.contract import Metric
from tests.funsearch.replaying.recorded import Log, first, forge, log_of
from tests.funsearch.replaying.recorded import record as search

OTHER = sha256(b"something else").hexdigest()


def altered(log: Log, position: int, **changes: Any) -> Log:
    """Return the log with one record changed."""
    number, record = log[position]
    return [*log[:position], (number, replace(record, **changes)), *log[position + 1 :]]


def forged(tmp_path: Path, run: Path, change: Callable[[Log], Log]) -> Replayed:
    return replay(forge(run, tmp_path / "forged", change))


def is_sample(record: Any) -> bool:
    return isinstance(record, GenerationRecord) and record.draw is not None


def is_first(record: Any) -> bool:
    return is_sample(record) and record.index == 0


def is_reset(record: Any) -> bool:
    return isinstance(record, ResetRecord)


def two_parents(record: Any) -> bool:
    return is_sample(record) and len(set(record.parents)) == 2


def has_score(record: Any) -> bool:
    return isinstance(record, EvaluationRecord) and record.score is not None


def was_run(record: Any) -> bool:
    return has_score(record) and bool(record.tier) and record.registered


def is_reused(record: Any) -> bool:
    return has_score(record) and "reused" in record.flags


def is_duplicate(record: Any) -> bool:
    return isinstance(record, EvaluationRecord) and record.reason.startswith("duplicate")


def is_late(record: Any) -> bool:
    return isinstance(record, EvaluationRecord) and record.late


def holds_nothing(record: Any) -> bool:
    return (
        is_sample(record) and record.program is None and record.rejected.startswith("no function")
    )


ALTERATIONS: dict[str, tuple[Callable[[Any], bool], Callable[[Any], dict[str, Any]], str]] = {
    "order of parents": (two_parents, lambda r: {"parents": r.parents[::-1]}, "parents is"),
    "a parent less": (two_parents, lambda r: {"parents": r.parents[:1]}, "parents is"),
    "prompt": (is_sample, lambda r: {"prompt": OTHER}, "prompt is"),
    "template": (is_sample, lambda r: {"template": OTHER}, "template is"),
    "island": (is_sample, lambda r: {"island": (r.island + 1) % 4}, "island is"),
    "epoch": (is_sample, lambda r: {"epoch": r.epoch + 1}, "epoch is"),
    "index": (is_sample, lambda r: {"index": r.index + 1}, "index is"),
    "draw": (is_first, lambda r: {"draw": 0}, "draw 0 cannot have been made after"),
    "future": (is_first, lambda r: {"registrations": 5000}, "cannot have been made after 5000"),
    "past": (is_first, lambda r: {"registrations": 0}, "cannot have been made after 0"),
    "failures": (is_first, lambda r: {"failures": (2,)}, "it shows more failed attempts than"),
    "notes": (is_sample, lambda r: {"notes": (*r.notes, "all is well")}, "notes is"),
    "rejection": (holds_nothing, lambda r: {"rejected": "it is ugly"}, "rejected is 'it is ugly'"),
    "late": (is_late, lambda r: {"late": False}, "late is False"),
    "registered late": (is_late, lambda r: {"registered": not r.registered}, "registered is"),
    "not registered": (was_run, lambda r: {"registered": False}, "registered is False, and"),
    "aggregate": (was_run, lambda r: {"score": r.score + 1}, "score is"),
    "instances": (was_run, lambda r: {"scores": {"n=4": 1.0}}, "scores are not those of the run's"),
    "reused score": (is_reused, lambda r: {"score": r.score + 1}, "score is"),
    "reused scores": (is_reused, lambda r: {"scores": {"n=3": r.score + 1}}, "scores is"),
    "run for nothing": (is_reused, lambda r: {"tier": "array", "flags": ()}, "(and tier differ)"),
    "taken from nowhere": (was_run, lambda r: {"flags": ("reused",)}, "a verdict is reused"),
    "never run": (was_run, lambda r: {"tier": ""}, "nothing was run"),
    "duplicate that counts": (
        is_duplicate,
        lambda r: {"status": "ok", "score": 5.0, "scores": {"n=3": 5.0}, "registered": True},
        "status is 'ok', and the replay gives 'rejected' (and score,",
    ),
    "conditions": (
        was_run,
        lambda r: {"conditions": replace(r.conditions, evaluator=OTHER)},
        "conditions is",
    ),
    "trigger": (is_reset, lambda r: {"trigger": "seconds"}, "trigger is 'seconds'"),
    "number of a reset": (is_reset, lambda r: {"number": r.number + 1}, "number is"),
    "founder": (
        is_reset,
        lambda r: (
            {"founders": ((r.founders[0][0], r.founders[1][1]), *r.founders[1:])}
            if r.founders[0][1] != r.founders[1][1]
            else {"founders": r.founders[:1]}
        ),
        "founders is",
    ),
    "island that was reset": (
        is_reset,
        lambda r: {"founders": tuple((3 - i, p) for i, p in r.founders)},
        "founders is",
    ),
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda shown: shown[1:], "prompt is"),
        (lambda shown: (1, *shown[1:]), "record 1 is no failed attempt of island"),
        (lambda shown: (2, *shown[1:]), "record 2 is no failed attempt of island"),
    ],
    ids=["one less", "a start", "one that has a score"],
)
def test_other_failed_attempts_than_a_prompt_showed_are_named(
    tmp_path: Path, change: Callable[[tuple[int, ...]], tuple[int, ...]], said: str
) -> None:
    search(tmp_path / "run", "prompt=failures", "run.samples=40", "run.samples_per_prompt=1")
    position = first(log_of(tmp_path / "run"), lambda r: is_sample(r) and len(r.failures) > 1)

    def alter(log: Log) -> Log:
        given: Any = log[position][1]
        return altered(log, position, failures=change(given.failures))

    difference = forged(tmp_path, tmp_path / "run", alter).difference
    assert difference is not None
    assert said in str(difference)


@pytest.mark.parametrize("name", ALTERATIONS)
def test_altered_record_is_named_with_what_differs(tmp_path: Path, run: Path, name: str) -> None:
    test, changes, what = ALTERATIONS[name]
    log = log_of(run)
    number = first(log, test, after=len(log) // 8)
    record: Any = log[number][1]
    replayed = forged(tmp_path, run, lambda log: altered(log, number, **changes(record)))
    assert replayed.difference is not None
    assert (replayed.difference.record, replayed.records) == (number, number)
    assert what in replayed.difference.what
    assert len(str(replayed.difference).splitlines()) == 1


def without(log: Log, number: int) -> Log:
    return [*log[:number], *log[number + 1 :]]


def test_missing_reset_is_named(tmp_path: Path, run: Path) -> None:
    number = first(log_of(run), is_reset)
    replayed = forged(tmp_path, run, lambda log: without(log, number))
    assert str(replayed.difference) == f"record {number}: a reset is due and must come first"


def test_reset_that_is_not_due_is_named(tmp_path: Path, run: Path) -> None:
    number = first(log_of(run), is_reset)
    replayed = forged(tmp_path, run, lambda log: [*log[: number + 1], *log[number:]])
    assert str(replayed.difference) == f"record {number + 1}: no reset is due"


def test_draw_cannot_have_seen_an_island_that_was_reset_at_once(tmp_path: Path, run: Path) -> None:
    log = log_of(run)
    resets: dict[int, set[int]] = {
        record.registrations: {island for island, _ in record.founders}
        for _, record in log
        if isinstance(record, ResetRecord)
    }
    number = first(
        log, lambda r: is_first(r) and r.island in resets.get(r.registrations, set[int]())
    )
    record: Any = log[number][1]
    replayed = forged(tmp_path, run, lambda log: altered(log, number, epoch=record.epoch - 1))
    assert replayed.difference is not None
    assert str(replayed.difference).startswith(
        f"record {number}: epoch is {record.epoch - 1}, and the replay gives {record.epoch}"
    )


def test_second_start_that_nobody_asked_for_is_named(tmp_path: Path, run: Path) -> None:
    again = log_of(run)[1:3]
    replayed = forged(tmp_path, run, lambda log: [*log[:3], *again, *log[3:]])
    assert str(replayed.difference) == "record 3: no program to start from comes here"


def test_verdict_that_needs_no_run_comes_at_once(tmp_path: Path, run: Path) -> None:
    number = first(log_of(run), is_duplicate)
    replayed = forged(tmp_path, run, lambda log: without(log, number))
    assert replayed.difference is not None
    assert replayed.difference.record == number
    assert replayed.difference.what.endswith("needs no run and must come first")


def test_second_verdict_is_named(tmp_path: Path, run: Path) -> None:
    log = log_of(run)
    number = first(log, was_run)
    replayed = forged(tmp_path, run, lambda log: [*log[: number + 1], log[number], *log[number:]])
    assert replayed.difference is not None
    assert replayed.difference.record == number + 1
    assert "awaits no verdict" in replayed.difference.what


def test_left_out_verdict_is_missed_by_what_follows(tmp_path: Path, run: Path) -> None:
    number = first(log_of(run), was_run, after=20)
    replayed = forged(tmp_path, run, lambda log: without(log, number))
    assert replayed.difference is not None
    assert replayed.difference.record >= number


def test_another_program_for_a_reply_is_named(tmp_path: Path, run: Path) -> None:
    log = log_of(run)
    other: Any = log[first(log, lambda r: is_sample(r) and r.program is not None)][1]
    number = first(
        log, lambda r: is_sample(r) and r.program not in (None, other.program), after=len(log) // 2
    )

    def change(log: Log) -> Log:
        log = altered(log, number, program=other.program)
        verdict = first(log, lambda r: isinstance(r, EvaluationRecord) and r.generation == number)
        return altered(log, verdict, program=other.program)

    replayed = forged(tmp_path, run, change)
    assert replayed.difference is not None
    assert replayed.difference.record == number
    assert replayed.difference.what.startswith(f"program is '{other.program}', and the replay")


def test_another_reply_for_a_program_is_named(tmp_path: Path, run: Path) -> None:
    log = log_of(run)
    number = first(log, lambda r: is_sample(r) and r.program is not None and not r.notes, after=50)
    other: Any = log[first(log, holds_nothing)][1]
    replayed = forged(tmp_path, run, lambda log: altered(log, number, reply=other.reply))
    assert replayed.difference is not None
    assert replayed.difference.record == number
    assert replayed.difference.what.startswith("program is ")


def test_samples_of_a_draw_that_come_again_are_named(tmp_path: Path, run: Path) -> None:
    log = log_of(run)
    number = first(log, lambda r: holds_nothing(r) and r.index == 0)
    again = [log[number], (len(log), replace(log[number + 1][1], generation=number))]  # type: ignore[call-arg]
    later = first(log, lambda r: is_sample(r) and r.index == 0, after=number + 50)
    replayed = forged(tmp_path, run, lambda log: [*log[:later], *again, *log[later:]])
    assert replayed.difference is not None
    assert replayed.difference.record == later
    assert "cannot have been made" in replayed.difference.what


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"seed": 1}, "seed is 1"),
        ({"instances": ("n=4",)}, "instances is"),
        ({"problem": "bin_packing"}, "problem is"),
        ({"config": OTHER}, "config is"),
        ({"event": "resumed"}, "event is"),
    ],
)
def test_altered_record_of_a_session_is_named(
    tmp_path: Path, run: Path, changes: dict[str, Any], what: str
) -> None:
    replayed = forged(tmp_path, run, lambda log: altered(log, 0, **changes))
    assert replayed.difference is not None
    assert replayed.difference.record == 0
    assert replayed.difference.what.startswith(what)


def test_other_evaluator_and_machine_are_noted_and_no_difference(tmp_path: Path, run: Path) -> None:
    def change(log: Log) -> Log:
        result: Log = []
        for number, record in log:
            if isinstance(record, RunRecord):
                environment = {**record.environment, "python": "CPython 2.7"}
                record = replace(record, evaluator=OTHER, environment=environment)
            elif isinstance(record, EvaluationRecord):
                assert record.conditions is not None
                record = replace(record, conditions=replace(record.conditions, evaluator=OTHER))
            result.append((number, record))
        return result

    replayed = forged(tmp_path, run, change)
    assert replayed.difference is None
    evaluator, machine = replayed.notes
    assert evaluator == "the evaluator is not the one that judged from record 0 on"
    assert machine.startswith("from record 0 on: python CPython 2.7 then, CPython 3.")


def test_what_comes_after_a_session_is_named(tmp_path: Path, run: Path) -> None:
    log = log_of(run)
    assert isinstance(log[-1][1], RunRecord)
    replayed = forged(tmp_path, run, lambda log: [*log[:-2], log[-1], log[-2]])
    assert str(replayed.difference) == f"record {len(log) - 1}: no session had begun"
    again = replay(forge(run, tmp_path / "again", lambda log: [*log, log[-1]]))
    assert str(again.difference) == f"record {len(log)}: a session ends that did not begin"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("examples: 2", "examples: 3"),
        ("{{ header }}", "{{ header }} "),
        ("admission: true", "admission: false"),
        ("reset_registrations: 6", "reset_registrations: 7"),
    ],
)
def test_other_configuration_is_noticed_even_if_its_digest_is_on_record(
    tmp_path: Path, run: Path, old: str, new: str
) -> None:
    with Reader(run) as reader:
        text = reader.config()
    assert old in text
    text = text.replace(old, new)
    copy = forge(run, tmp_path / "copy", list)
    (copy / "config.yaml").write_text(text)
    replayed = replay(copy)
    assert replayed.difference is not None
    assert str(replayed.difference).startswith("record 0: config is ")
    consistent = forge(copy, tmp_path / "consistent", lambda log: [
        (n, replace(r, config=sha256(text.encode()).hexdigest()) if isinstance(r, RunRecord) else r)
        for n, r in log
    ])  # fmt: skip
    replayed = replay(consistent)
    assert replayed.difference is not None
    assert replayed.difference.record > 0


def test_every_field_is_derived_or_believed() -> None:
    """Whoever adds a field to a record decides here whether a replay can derive it."""
    names = {field.name for field in fields(GenerationRecord)}
    assert names - REPORTED == {
        "program", "rejected", "draw", "index", "island", "epoch", "registrations", "parents",
        "prompt", "template", "reply", "notes", "failures", "time",
    }  # fmt: skip
    assert names > REPORTED


def test_what_only_the_sampler_knew_is_believed(tmp_path: Path, run: Path) -> None:
    number = first(log_of(run), is_sample)
    texts = {"sampler": "x", "model": "y", "served": "z", "finish": "f", "cost": "0.1"}
    numbers = {"sample_seed": 9, "seconds": 9.5, "prompt_tokens": 9, "completion_tokens": 9}
    everything: dict[str, Any] = {**texts, **numbers, "parameters": {"a": 1}}
    assert everything.keys() == REPORTED
    assert forged(tmp_path, run, lambda log: altered(log, number, **everything)).difference is None


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "it is known"},
        {"confirmed": ("again",)},
        {"sandbox": ("limits",)},
        {"seconds": 0.25},
        {"cpu_seconds": 0.25},
        {"certificates": {"n=3": OTHER}},
        {"flags": ("reused", "unconfirmed")},
    ],
    ids=lambda changes: str(*changes),
)
def test_verdict_that_is_taken_over_follows_in_every_field(
    tmp_path: Path, run: Path, changes: dict[str, Any]
) -> None:
    number = first(log_of(run), is_reused)
    replayed = forged(tmp_path, run, lambda log: altered(log, number, **changes))
    (name,) = changes
    assert str(replayed.difference).startswith(f"record {number}: {name} is ")


def test_state_is_held_against_what_the_records_alone_imply(run: Path) -> None:
    replayed, reached = replay(run), Contents(Metric("value", "units"), 4)
    log = log_of(run)
    scores = {r.program: r.score for _, r in log if isinstance(r, EvaluationRecord)}
    for _, record in log:
        if isinstance(record, EvaluationRecord):
            generation: Any = log[record.generation][1]
            reached.evaluated(generation, record)
        elif isinstance(record, ResetRecord):
            reached.was_reset(record, [scores[p] or 0.0 for _, p in record.founders])
    assert reached.contradiction(replayed.islands, replayed.best) == ""
    assert "best program" in reached.contradiction(replayed.islands, None)
    for name, value in (("epoch", 99), ("programs", 99), ("best", 99.0)):
        islands = [*replayed.islands]
        islands[2] = replace(islands[2], **{name: value})
        assert reached.contradiction(islands, replayed.best).startswith("island 2 does not hold")


def test_draws_are_made_in_the_order_of_their_numbers() -> None:
    population = Population(1)
    islands = make(3, population, maximise=True, islands=1)
    # Registrations, number and epoch: the last but one was made when a later one had been.
    draws = Draws(islands, np.array([[0, 0, 0], [1, 1, 0], [1, 5, 0], [2, 3, 0], [2, 6, 0]]))
    for name in ("a", "b"):
        program = population.propose(sha256(name.encode()).hexdigest())
        population.judge(program, Status.OK, program, 9, (float(program),), float(program))
        islands.register(program, None, 0)
        draws.catch_up()
    assert [number for number in range(7) if draws.take(number) is not None] == [1, 5, 6]
    assert draws.take(5) is None, "it was taken"
    assert draws.made == 3


def test_object_that_is_missing_is_named(tmp_path: Path, run: Path) -> None:
    copy = forge(run, tmp_path / "copy", list)
    log = log_of(copy)
    number = first(log, is_sample, after=40)
    record: Any = log[number][1]
    with sqlite3.connect(copy / "objects.db") as objects:
        objects.execute("DELETE FROM objects WHERE digest = ?", (bytes.fromhex(record.reply),))
    objects.close()
    replayed = replay(copy)
    assert replayed.difference is not None
    assert "its reply: " in replayed.difference.what
    assert record.reply in replayed.difference.what
