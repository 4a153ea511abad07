"""Verifications: real sandboxes and checkers, on archives that tell the truth and on others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

import funsearch
from evaluators.program import Program
from funsearch import recording
from funsearch.api import UsageError
from funsearch.archive import queries
from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.reader import Reader
from funsearch.archive.records import Conditions, Finding
from funsearch.config import ConfigError, compose, from_tree
from funsearch.parts import RunError
from funsearch.verification import Verified
from tests.funsearch.claims import HONEST, SCORES, SOURCE, Recorded, problem, recorded

Record = Callable[..., Recorded]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Return what writes the archive of a run of a problem of our own."""

    def write(
        source: str = SOURCE,
        scores: Mapping[str, float] = SCORES,
        *,
        held_out: tuple[int, ...] = (2, 3, 4),
        checker: str | None = HONEST,
        wall_s: float = 10.0,
        **changes: object,
    ) -> Recorded:
        path = problem(tmp_path, held_out, checker, wall_s)
        return recorded(tmp_path / "run", path, source, scores, **changes)

    return write


def by_name(verified: Verified) -> dict[str, Finding]:
    return {finding.instance: finding for finding in verified.record.findings}


def test_what_is_on_record_comes_out_again_and_that_is_recorded(record: Record) -> None:
    run = record()
    told: list[tuple[int, int]] = []
    verified = funsearch.verify(run.program[:8], run.folder, progress=lambda *n: told.append(n))
    assert verified.record.agreed
    assert verified.left_out == verified.changed == ()
    found = by_name(verified)
    assert [*found] == ["x=0", "x=1", "x=2", "x=3", "x=4"]
    assert {name: finding.score for name, finding in found.items()} == {
        "x=0": 7.0, "x=1": 8.0, "x=2": 9.0, "x=3": 10.0, "x=4": 11.0,
    }  # fmt: skip
    assert {name: finding.recorded for name, finding in found.items()} == {
        "x=0": 7.0, "x=1": 8.0, "x=2": None, "x=3": None, "x=4": None,
    }  # fmt: skip
    assert [finding.held_out for finding in found.values()] == [False, False, True, True, True]
    assert found["x=4"].checked == "valid 11.0"
    assert told[-1] == (5, 5)
    assert run.records()[verified.number] == verified.record
    assert (verified.record.program, verified.record.evaluation) == (run.program, 2)
    assert "seccomp" in verified.record.sandbox
    checker = run.folder.parent / "checkers" / "value.py"
    assert verified.record.checker == sha256(checker.read_bytes()).hexdigest()
    assert verified.record.conditions == run.evaluation.conditions
    with Reader(run.folder) as reader:
        assert reader.object(verified.record.conditions.environment)
        for finding in verified.record.findings:
            certificate = json.loads(reader.object(finding.certificate))
            assert certificate["instance"]["name"] == finding.instance
            assert certificate["data"] == [repr(finding.score)]


def test_wrong_score_on_record_is_found(record: Record) -> None:
    verified = record(scores={"x=0": 7.0, "x=1": 9.0}).verify()
    assert not verified.record.agreed
    found = by_name(verified)
    assert [f.reason for f in found.values()] == ["", "it scores 8.0, on record 9.0", "", "", ""]
    assert (found["x=1"].score, found["x=1"].recorded) == (8.0, 9.0)


def test_wrong_total_on_record_is_found(record: Record) -> None:
    verified = record(score=70.0).verify()
    assert not verified.record.agreed
    assert "all together scores 7.5, on record 70.0" in by_name(verified)["x=0"].reason


@pytest.mark.parametrize(
    ("says", "instance", "reason"),
    [
        (
            'print("valid", min(float(value), 10.0))',
            "x=4",
            "it scores 11.0, the checker finds 10.0",
        ),
        ('print("valid", value); sys.exit(value == "8.0")', "x=1", "the checker refuses it"),
    ],
)
def test_checker_that_disagrees_is_found(
    record: Record, says: str, instance: str, reason: str
) -> None:
    verified = record(checker=says).verify()
    assert not verified.record.agreed
    reasons = {name: found.reason for name, found in by_name(verified).items() if found.reason}
    assert reasons == {instance: reason}


def test_failure_on_a_held_out_instance_is_told_and_no_disagreement(record: Record) -> None:
    source = "def guess(x):\n    return 7.0 + x + 0 / (3 - x)"
    verified = record(source).verify()
    assert verified.record.agreed
    found = by_name(verified)
    assert (found["x=3"].status, found["x=3"].score) == ("crashed", None)
    assert "ZeroDivisionError" in found["x=3"].reason
    assert [found[name].score for name in ("x=2", "x=4")] == [9.0, 11.0]


def test_program_that_fails_where_it_has_a_score_on_record_is_found(record: Record) -> None:
    verified = record("def guess(x):\n    return 7.0 / (1 - x)").verify()
    assert not verified.record.agreed
    found = by_name(verified)
    assert {found[name].status for name in ("x=0", "x=1")} == {"crashed"}
    assert found["x=0"].recorded == 7.0
    assert found["x=2"].score == -7.0


def test_program_that_throws_dice_is_found(record: Record) -> None:
    source = "def guess(x):\n    return np.random.default_rng().random()"
    verified = record(source).verify()
    assert not verified.record.agreed
    assert {finding.status for finding in verified.record.findings} == {"nondeterministic"}


def test_machine_that_is_slower_than_the_first_refutes_no_score(record: Record) -> None:
    source = "def guess(x):\n    sum(range(30000000))\n    return 7.0 + x"
    verified = record(source, held_out=(2,), wall_s=0.05).verify()
    assert verified.record.agreed
    found = by_name(verified)
    assert [found[name].score for name in ("x=0", "x=1")] == [7.0, 8.0]
    assert found["x=2"].status == "timeout"


def test_another_object_of_the_same_score_is_told_and_no_disagreement(record: Record) -> None:
    verified = record(certificates={"x=0": "0" * 64}).verify()
    assert verified.record.agreed
    assert by_name(verified)["x=0"].reason == "another object than on record"
    assert by_name(verified)["x=1"].reason == ""


def test_problem_without_held_out_instances_and_checker_can_be_verified(record: Record) -> None:
    verified = record(held_out=(), checker=None).verify()
    assert verified.record.agreed
    assert verified.record.checker == ""
    assert [finding.checked for finding in verified.record.findings] == ["", ""]


def test_what_has_changed_since_the_evaluation_is_told(record: Record) -> None:
    run = record()
    before = run.evaluation.conditions
    assert before is not None
    assert run.verify().changed == ()
    other = Conditions(before.problem, "1" * 64, "2" * 64)
    with Archive.open(run.folder) as archive:
        source = "def guess(x):\n    return 8.0 + x"
        program = Program("guess", source)
        generation = recording.of_start(source, "file", 1, program, ())
        number = archive.append(generation, [source.encode()]).number
        scores = {"x=0": 8.0, "x=1": 9.0}
        archive.append(
            replace(
                run.evaluation,
                generation=number,
                program=program.id,
                score=8.5,
                scores=scores,
                conditions=other,
            )
        )
    verified = funsearch.verify(program.id, run.folder)
    assert verified.record.agreed
    assert verified.changed == ("evaluator", "environment")
    assert verified.record.conditions == before


def test_many_long_reasons_are_cut_so_that_the_record_holds_them(record: Record) -> None:
    held_out = tuple(range(2, 62))
    source = 'def guess(x):\n    assert x < 2, "\U0001f600" * 200\n    return 7.0 + x'
    verified = record(source, held_out=held_out).verify()
    assert verified.record.agreed
    assert len(verified.record.findings) == 62
    assert verified.left_out == ()
    assert {f.status for f in verified.record.findings if f.held_out} == {"crashed"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"status": "crashed", "score": None, "scores": {}, "reason": "IndexError"},
            "record 2 has no score to verify: crashed: IndexError",
        ),
        ({"scores": {"x=0": 7.0}}, "record 2 has scores on other instances than those of the run"),
    ],
)
def test_what_cannot_be_verified_is_one_line_and_records_nothing(
    record: Record, changes: dict[str, object], message: str
) -> None:
    run = record(**{"scores": SCORES, **changes})
    with pytest.raises(RunError) as caught:
        run.verify()
    assert str(caught.value) == message
    assert len(run.records()) == 3


def test_unknown_program_is_named(record: Record) -> None:
    run = record()
    with pytest.raises(UsageError, match="no programs begin with 'abcdef'"):
        funsearch.verify("abcdef", run.folder)


def test_run_that_is_being_written_is_refused(record: Record) -> None:
    run = record()
    with Archive.open(run.folder), pytest.raises(ArchiveError, match="is being written"):
        run.verify()


# At the end of a run


SHORT = ["problem.n=3", "run.samples=6", "run.seconds=null", "cluster.workers=1"]


def kinds(folder: Path) -> list[str]:
    with Reader(folder) as reader:
        return [type(record).__name__ for _, record in reader.records()]


def test_run_verifies_its_final_best_and_does_so_again_only_for_a_reason(tmp_path: Path) -> None:
    outcome = funsearch.run(*SHORT, f"run.dir={tmp_path / 'run'}")
    folder, verified, best = outcome.folder, outcome.verified, outcome.best
    assert isinstance(verified, Verified)
    assert best is not None
    assert verified.record.agreed
    assert verified.record.evaluation == best.evaluation
    assert [*by_name(verified)] == ["n=3", "n=4", "n=5", "n=6", "n=7", "n=9"]
    assert by_name(verified)["n=3"].certificate == best.certificates["n=3"]
    assert kinds(folder)[-2:] == ["RunRecord", "VerificationRecord"]
    with Reader(folder) as reader:
        found = queries.summary(reader.index, "max", is_written=reader.is_written)
    assert found.state == "samples"

    again = funsearch.resume(folder).verified
    assert isinstance(again, Verified)
    assert (again.number, again.record, again.earlier) == (verified.number, verified.record, True)
    assert kinds(folder).count("VerificationRecord") == 1

    funsearch.retract(verified.number, folder, "the machine was broken", "a tester")
    anew = funsearch.resume(folder).verified
    assert isinstance(anew, Verified)
    assert not anew.earlier
    assert kinds(folder)[anew.number :] == ["VerificationRecord"]


def test_what_is_said_later_of_records_is_no_part_of_the_search(tmp_path: Path) -> None:
    off = "run.verify_seconds=0"
    outcome = funsearch.run(*SHORT, off, f"run.dir={tmp_path / 'run'}")
    assert outcome.verified is None
    folder = outcome.folder
    before = funsearch.replay(folder)
    assert outcome.best is not None
    verified = funsearch.verify(outcome.best.program, folder)
    with Archive.open(folder) as archive:
        # A year later.
        late = f"{float(verified.record.time) + 3e7:.3f}"
        archive.append(replace(verified.record, time=late))
    funsearch.retract(outcome.best.evaluation, folder, "only to see", "a tester")
    after = funsearch.replay(folder)
    assert after.difference is None
    assert (after.state, after.run_seconds) == (before.state, before.run_seconds)
    resumed = funsearch.resume(folder, "run.samples=12")
    assert resumed.reason == "samples"
    assert resumed.progress.samples == 12
    assert resumed.progress.seconds < 1e6
    assert funsearch.replay(folder).difference is None


def test_too_little_time_to_verify_leaves_the_run_as_it_is(tmp_path: Path) -> None:
    outcome = funsearch.run(*SHORT, "run.verify_seconds=1e-3", f"run.dir={tmp_path / 'run'}")
    assert isinstance(outcome.verified, RunError)
    assert "too short to verify" in str(outcome.verified)
    assert outcome.best is not None
    assert kinds(outcome.folder)[-1] == "RunRecord"


@pytest.mark.slow
def test_held_out_instances_that_need_more_time_are_left_out(record: Record) -> None:
    source = "def guess(x):\n    while x == 3:\n        pass\n    return 7.0 + x"
    run = record(source)
    path = run.folder.parent / "value.py"
    begin = run.folder.parent / "begin.py"
    begin.write_text(source)
    outcome = funsearch.run(
        f"problem={path}",
        f"run.seeds=[{begin}]",
        "run.samples=0",
        "run.seconds=null",
        "run.verify_seconds=8",
        "cluster.workers=2",
        f"run.dir={run.folder.parent / 'other'}",
    )
    assert isinstance(outcome.verified, Verified)
    assert outcome.verified.record.agreed
    assert outcome.verified.left_out == ("x=3",)
    assert [*by_name(outcome.verified)] == ["x=0", "x=1", "x=2", "x=4"]


def test_run_that_began_before_there_was_such_a_key_goes_on_with_its_default() -> None:
    config = compose(SHORT)
    old = {key: value for key, value in config.tree["run"].items() if key != "verify_seconds"}
    assert from_tree({**config.tree, "run": old}, config.loaded).run.verify_seconds == 60
    with pytest.raises(ConfigError, match="other keys"):
        from_tree({**config.tree, "run": {**old, "stranger": 1}}, config.loaded)
