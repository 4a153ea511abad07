"""`verify` and `archive retract` as a user meets them, and what other commands say of both."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.archive.reader import Reader
from funsearch.archive.records import RunRecord, VerificationRecord
from tests.funsearch.claims import SCORES, SOURCE, Recorded, problem, recorded
from tests.funsearch.cli.shell import Shell

HANGS = "def guess(x):\n    while x == 3:\n        pass\n    return 7.0 + x"


def retract(shell: Shell, run: str, record: int, reason: str, by: str, status: int = 0) -> str:
    what = ["archive", "retract", str(record), "--run", run]
    return shell(*what, "--reason", reason, "--by", by, status=status)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "runs").mkdir()
    return Shell(tmp_path)


@pytest.fixture
def run(shell: Shell) -> Recorded:
    """A run, `honest`, of one program, written by hand."""
    return recorded(shell.folder / "runs" / "honest", problem(shell.folder), SOURCE, SCORES)


def facts(output: str) -> dict[str, str]:
    """Return the last value of each name in the lines before the first empty one."""
    lines = output.split("\n\n")[0].splitlines()
    return {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in lines}


def test_run_says_how_its_best_was_verified(shell: Shell) -> None:
    limits = ["problem.n=3", "run.samples=4", "run.seconds=null", "run.seed=3"]
    output = facts(shell("run", *limits, f"run.dir={shell.folder / 'runs' / 'told'}"))
    assert output["verified"].startswith("n=3 ")
    assert " again, checker agrees; held out: n=4 " in output["verified"]
    assert output["checker"].startswith("accepts")
    (resumed,) = shell.json("resume", "told", "run.samples=8")
    verified = resumed["verified"]
    assert isinstance(verified, dict)
    assert verified["agreed"]
    assert verified["left_out"] == []
    text = shell("resume", "told")
    assert f"before, in record {verified['record']}: n=3 " in facts(text)["verified"]


def test_verify_tells_instance_by_instance(shell: Shell, run: Recorded) -> None:
    output = shell("verify", run.program[:7])
    told = facts(output)
    assert told["program"] == run.program
    assert told["record"] == "3, of evaluation 2"
    assert told["verified"] == (
        "x=0 7, x=1 8 again, checker agrees; held out: x=2 9, x=3 10, x=4 11"
    )
    assert told["conditions"].endswith("are those of the score on record")
    assert "x=4       yes       ok          11          –  valid 11.0" in output
    (record,) = shell.json("verify", run.program, "--run", "honest")
    assert list(record) == [
        "run", "program", "record", "agreed", "evaluation", "conditions", "checker", "findings",
        "sandbox", "seconds", "time", "changed", "left_out",
    ]  # fmt: skip
    assert record["record"] == 4
    finding = record["findings"][0]  # type: ignore[index]
    assert finding == {
        "instance": "x=0", "held_out": False, "status": "ok", "score": 7.0, "recorded": 7.0,
        "checked": "valid 7.0", "reason": "", "certificate": finding["certificate"],
    }  # fmt: skip
    (shown,) = shell.json("show", run.program)
    assert [each["record"] for each in shown["verifications"]] == [4, 3]  # type: ignore[union-attr]


def test_score_that_does_not_come_out_again_is_said_at_once(shell: Shell) -> None:
    folder = shell.folder / "runs" / "forged"
    run = recorded(folder, problem(shell.folder), SOURCE, {"x=0": 7.0, "x=1": 80.0})
    output = shell("verify", run.program, status=1)
    assert facts(output)["verified"] == "DISAGREES: x=1: it scores 8.0, on record 80.0"
    assert shell.errors.strip() == (
        "funsearch: record 2 is not confirmed; if it is wrong: "
        f"funsearch archive retract 2 --run {folder} --reason TEXT"
    )
    (record,) = shell.json("verify", run.program, status=1)
    assert record["agreed"] is False
    retract(shell, "forged", 2, "made up", "me")
    assert shell.json("runs", "forged")[0]["standing"] is None


def test_failure_on_a_held_out_instance_is_told_and_no_error(shell: Shell) -> None:
    source = "def guess(x):\n    return 7.0 + x + 0 / (3 - x)"
    run = recorded(shell.folder / "runs" / "frail", problem(shell.folder), source, SCORES)
    output = shell("verify", run.program)
    assert facts(output)["verified"].endswith("held out: x=2 9, x=3 CRASHED, x=4 11")
    assert "ZeroDivisionError" in output


def test_retracted_record_is_marked_wherever_it_is_shown_and_never_hidden(shell: Shell) -> None:
    folder = shell.folder / "runs" / "first"
    limits = ["problem.n=3", "run.samples=30", "run.seconds=null", "run.verify_seconds=0"]
    shell("run", *limits, f"run.dir={folder}", "run.seed=2")
    (best,) = shell.json("best", "first")
    assert (best["retracted"], best["retractions"], best["verifications"]) == (False, [], [])
    records = facts(shell("show", str(best["program"])))["records"]
    number = int(records.rpartition(" ")[2])
    said = retract(shell, "first", number, "x\x1b[2Jy", "A")
    assert said.startswith(f"record {number} is retracted by record ")
    retraction = int(said.split(";")[0].rpartition(" ")[2])

    first, standing = shell.json("best", "first")
    assert (first["program"], first["retracted"]) == (best["program"], True)
    assert first["retractions"] == [
        {
            "record": number,
            "retraction": retraction,
            "by": "A",
            "reason": "x\x1b[2Jy",
            "undone_by": None,
        }
    ]
    assert (standing["retracted"], standing["certificate"]) == (False, None)
    text = shell("best", "first")
    assert "(retracted)" in facts(text)["score"]
    assert facts(text)[f"record {number}"] == (
        f"is retracted by record {retraction} (by A): x\\x1b[2Jy"
    )
    assert str(standing["program"]) in text
    (row,) = shell.json("runs", "first")
    assert (row["best"], row["standing"]) == (best["score"], standing["score"])
    assert "(retracted)" in shell("runs")
    assert f"record {number}" in facts(shell("runs", "first"))
    assert shell.json("lineage", str(best["program"]))[0]["retracted"] is True
    assert "(retracted)" in shell("lineage", str(best["program"]))
    source = shell("best", "first", "--source")
    assert source.startswith("def ")
    assert f"record {number} of this program is retracted" in shell.errors
    assert str(standing["program"]) in shell.errors

    retract(shell, "first", retraction, "no", "B")
    (restored,) = shell.json("best", "first")
    assert restored["retracted"] is False
    shown = facts(shell("show", str(best["program"])))
    assert shown[f"record {number}"].startswith(f"was retracted by record {retraction} (by A)")
    assert shown[f"record {number}"].endswith("takes that back")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ("verify abcdef0", 1, "no program 'abcdef0'"),
        ("verify PROGRAM --run nowhere", 1, "there is no run 'nowhere'"),
        ("archive retract 99 --run honest --reason x", 2, "has no record 99; its last one is 2"),
        ("archive retract 2 --run nowhere --reason x", 1, "there is no run 'nowhere'"),
        ("archive retract 2 --run honest", 2, "Missing option '--reason'"),
        ("archive retract two --run honest --reason x", 2, "'RECORD'"),
    ],
)
def test_mistake_is_one_line_and_records_nothing(
    shell: Shell, run: Recorded, arguments: str, status: int, message: str
) -> None:
    shell(*arguments.replace("PROGRAM", run.program).split(), status=status)
    (line,) = shell.errors.strip().splitlines()
    assert message in line
    assert len(run.records()) == 3


def test_run_that_is_being_written_is_left_alone(shell: Shell, run: Recorded) -> None:
    with Archive.open(run.folder):
        shell("verify", run.program, status=1)
        assert "is being written" in shell.errors
        retract(shell, "honest", 2, "wrong", "me", status=1)
        assert "is being written" in shell.errors
    assert len(run.records()) == 3


def wait_until(folder: Path, process: subprocess.Popen[str], event: str) -> None:
    deadline = time.monotonic() + 120
    while not has(folder, event):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def has(folder: Path, event: str) -> bool:
    try:
        with Reader(folder) as reader:
            records = [record for _, record in reader.records()]
    except ArchiveError:
        return False
    return any(isinstance(record, RunRecord) and record.event == event for record in records)


def test_ctrl_c_ends_the_verification_of_a_run_in_good_order(shell: Shell) -> None:
    (shell.folder / "hangs.py").write_text(HANGS)
    folder = shell.folder / "runs" / "stopped"
    process = shell.start(
        "run",
        f"problem={problem(shell.folder)}",
        "run.seeds=[hangs.py]",
        "run.samples=0",
        "run.seconds=null",
        f"run.dir={folder}",
    )
    wait_until(folder, process, "finished")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "verified" in output
    assert "no: the verification was interrupted; nothing was recorded; to do it:" in output
    with Reader(folder) as reader:
        assert not any(isinstance(r, VerificationRecord) for _, r in reader.records())
    assert shell.json("runs", "stopped")[0]["state"] == "samples"


def has_child(parent: int) -> bool:
    return bool(Path(f"/proc/{parent}/task/{parent}/children").read_text())


def test_ctrl_c_ends_the_command_and_nothing_is_recorded(shell: Shell) -> None:
    run = recorded(shell.folder / "runs" / "hangs", problem(shell.folder), HANGS, SCORES)
    process = shell.start("verify", run.program)
    deadline = time.monotonic() + 60
    while not has_child(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors.strip() == ("funsearch: the verification was interrupted; nothing was recorded")
    assert len(run.records()) == 3
