"""`funsearch replay` as a user meets it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive.records import EvaluationRecord
from tests.funsearch.cli.shell import Shell
from tests.funsearch.replaying.recorded import Log, first, forge, log_of


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell in a folder with a finished run, `first`, and a forgery of it, `forged`."""
    shell = Shell(tmp_path_factory.mktemp("shell"))
    runs = shell.folder / "runs"
    shell("run", "problem.n=4", "run.samples=60", "run.seconds=null", f"run.dir={runs / 'first'}")

    def change(log: Log) -> Log:
        number = verdict(runs / "first")
        record: Any = log[number][1]
        return [*log[:number], (number, replace(record, registered=False)), *log[number + 1 :]]

    forge(runs / "first", runs / "forged", change)
    return shell


def verdict(folder: Path) -> int:
    """Return the number of a verdict on a program that was registered."""
    return first(log_of(folder), lambda r: isinstance(r, EvaluationRecord) and r.registered, 30)


def test_replay_of_a_run_says_what_was_done_again(shell: Shell) -> None:
    output = shell("replay", "first")
    records = len(log_of(shell.folder / "runs" / "first"))
    assert f"identical  yes, up to record {records - 1}" in output
    assert "15 draws, 15 prompts" in output
    (best,) = shell.json("best", "first")
    assert str(best["program"]) in output
    assert shell.errors == ""
    (row,) = shell.json("replay", "first")
    assert list(row) == [
        "run", "identical", "difference", "records", "samples", "draws", "prompts", "programs",
        "verdicts", "waiting", "resets", "program", "best", "state", "seconds", "run_seconds",
        "notes",
    ]  # fmt: skip
    assert (row["identical"], row["difference"], row["samples"]) == (True, None, 60)
    assert (row["program"], row["best"]) == (best["program"], best["score"])
    assert str(row["state"]) in output


def test_replay_up_to_a_record_tells_the_state_there(shell: Shell) -> None:
    (row,) = shell.json("replay", "first", "--until", "20")
    assert (row["identical"], row["records"]) == (True, 21)
    assert "up to record 20" in shell("replay", "first", "--until", "20")
    shell("replay", "first", "--until", "5000", status=1)
    assert "no" in shell.errors
    assert len(shell.errors.splitlines()) == 1


def test_forged_record_is_named_in_one_line(shell: Shell) -> None:
    number = verdict(shell.folder / "runs" / "first")
    output = shell("replay", "forged", status=1)
    assert "identical  no" in output
    assert shell.errors == (
        f"funsearch: record {number}: registered is False, and the replay gives True\n"
    )
    (row,) = shell.json("replay", "forged", status=1)
    assert row["identical"] is False
    assert row["difference"] == {
        "record": number,
        "what": "registered is False, and the replay gives True",
    }


def test_scores_are_computed_anew_where_asked_for(shell: Shell) -> None:
    assert "programs, 0 differ" in shell("replay", "first", "--rescore", "--until", "60")
    (row,) = shell.json("replay", "forged", "--rescore", "--until", "60", status=1)
    rescored: Any = row["rescored"]
    assert list(rescored) == ["programs", "differing", "changes", "sandbox"]
    assert (rescored["differing"], rescored["changes"]) == (0, [])
    assert row["difference"]
