"""Scoring anew: a score or status that does not come out again is found, wherever it is from."""

from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import funsearch
from evaluators.verdict import Status
from funsearch.archive.records import EvaluationRecord
from funsearch.parts import RunError
from funsearch.replaying.rescoring import rescore
from tests.funsearch.replaying.recorded import Log, forge, log_of


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real search, whose settings ask for no sandbox."""
    folder = tmp_path_factory.mktemp("rescore") / "run"
    funsearch.run(
        "problem.n=4", "run.samples=40", "run.seconds=null", "run.seed=2",
        "cluster.unsafe_no_sandbox=true", f"run.dir={folder}",
    )  # fmt: skip
    return folder


def last_run(log: Log) -> int:
    """Return the number of the last verdict with a score that a run gave."""
    return max(
        number
        for number, record in log
        if isinstance(record, EvaluationRecord) and record.score is not None and record.tier
    )


def test_honest_scores_come_out_again_in_the_sandbox(real: Path) -> None:
    rescored = rescore(real)
    run = {
        record.program
        for _, record in log_of(real)
        if isinstance(record, EvaluationRecord) and record.tier
    }
    assert rescored.programs == len(run)
    assert rescored.changes == ()
    assert "seccomp" in rescored.sandbox, "a run's own settings never take it away"


@pytest.mark.parametrize(
    ("changes", "recorded"),
    [
        ({"score": 0.25, "scores": {"n=4": 0.25}}, ("ok", 0.25)),
        (
            {"status": "crashed", "score": None, "scores": {}, "registered": False}
            | {"certificates": {}, "reason": "ZeroDivisionError"},
            ("crashed", None),
        ),
    ],
)
def test_false_verdict_that_nothing_contradicts_is_found(
    tmp_path: Path, real: Path, changes: dict[str, Any], recorded: tuple[str, float | None]
) -> None:
    number = last_run(log_of(real))
    true: Any = log_of(real)[number][1]

    def change(log: Log) -> Log:
        record: Any = log[number][1]
        return [*log[:number], (number, replace(record, **changes)), *log[number + 1 :]]

    folder = forge(real, tmp_path / "forged", change)
    assert funsearch.replay(folder).difference is None
    rescored = funsearch.rescore(folder)
    assert rescored.differing == 1
    (found,) = rescored.changes
    assert (found.program, found.record) == (true.program, number)
    assert (found.recorded, found.recorded_score) == recorded
    assert (found.status, found.score) == ("ok", true.score)
    assert rescore(folder, until=number - 1).differing == 0


def test_every_false_score_is_listed_by_record(run: Path) -> None:
    # This run was scored by the numbers that its programs return.
    told: list[tuple[int, int]] = []
    rescored = rescore(run, progress=lambda done, differing: told.append((done, differing)))
    assert told[-1] == (rescored.programs, rescored.differing)
    assert len(rescored.changes) == rescored.differing > rescored.programs // 2
    records = [change.record for change in rescored.changes]
    assert records == sorted(records)
    crashed = [c for c in rescored.changes if c.recorded == "crashed"]
    assert crashed
    assert all(c.status == Status.OK and c.recorded_score is None for c in crashed)


def test_verdict_that_took_several_runs_comes_out_again(tmp_path: Path) -> None:
    # The order of a set differs between processes, which only another run can tell.
    text = """
    def priority(el, n):
        return float(sum("abcdefgh".index(c) * x for c, x in zip(set("abcdefgh"), el)))
    """
    (tmp_path / "first.py").write_text(dedent(text))
    folder = tmp_path / "run"
    with pytest.raises(RunError, match="depends on the order of a set"):
        funsearch.run(
            "problem.n=4", f"run.seeds=[{tmp_path / 'first.py'}]", f"run.dir={folder}",
            "run.samples=1",
        )  # fmt: skip
    assert funsearch.replay(folder).verdicts == {"ok": 1, "nondeterministic": 1}
    rescored = funsearch.rescore(folder)
    assert (rescored.programs, rescored.changes) == (2, ())
