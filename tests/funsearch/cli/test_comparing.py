"""`funsearch compare` as a user meets it: real runs, their files, and real mistakes."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import time
from pathlib import Path

import pytest

import funsearch
from funsearch.api import UsageError
from tests.funsearch.cli.shell import Shell

SETTINGS = ["evolution=search=islands", "plain=search=iid sampler.best=0.5"]
COMMON = ["problem.n=3", "cluster.workers=1", "run.seed=7"]
TINY = [*SETTINGS, *COMMON, "--samples", "40", "--seeds", "2", "--few-seeds", "--out", "both"]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell in a folder with one comparison of two settings, two seeds each."""
    shell = Shell(tmp_path_factory.mktemp("shell"))
    shell("compare", *TINY)
    return shell


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_every_run_is_a_normal_run_of_equal_budget_with_its_own_seed(shell: Shell) -> None:
    shell.environment["FUNSEARCH_RUNS"] = "both/runs"
    rows = shell.json("runs")
    shell.environment["FUNSEARCH_RUNS"] = "runs"
    assert sorted(Path(str(row["run"])).name for row in rows) == [
        "evolution-7", "evolution-8", "plain-7", "plain-8",
    ]  # fmt: skip
    assert [row["samples"] for row in rows] == [40] * 4
    assert {row["state"] for row in rows} == {"samples"}


def test_finished_runs_are_not_made_again_and_two_seeds_are_said_to_be_too_few(
    shell: Shell,
) -> None:
    times = {path: path.stat().st_mtime_ns for path in shell.folder.glob("both/runs/*/log/journal")}
    output = shell("compare", *TINY)
    assert shell.errors.count("finished before") == 4
    assert times == {path: path.stat().st_mtime_ns for path in times}
    assert "plain against evolution: too few seeds to tell" in output
    assert "note: each run had 40 samples" in output
    assert "smallest p that scores could give is 0.33" in output


def test_files_say_what_the_records_say(shell: Shell) -> None:
    summary = json.loads((shell.folder / "both" / "summary.json").read_text())
    assert [each["setting"] for each in summary["settings"]] == ["evolution", "plain"]
    with (shell.folder / "both" / "curves.csv").open() as file:
        points = list(csv.DictReader(file))
    for setting in summary["settings"]:
        for run in setting["runs"]:
            (row,) = shell.json("runs", str(shell.folder / run["folder"]))
            assert row["best"] == run["best"]
            curve = [
                (int(point["samples"]), float(point["best"]))
                for point in points
                if (point["setting"], point["seed"]) == (setting["setting"], str(run["seed"]))
            ]
            assert curve == sorted(curve)
            assert curve[-1] == (40, run["best"])
    (pair,) = summary["against_first"]
    assert pair["verdict"] == "too few seeds to tell"
    assert (shell.folder / "both" / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert len((shell.folder / "both" / "summary.csv").read_text().splitlines()) == 3


def test_python_interface_compares_the_same_runs(shell: Shell) -> None:
    summary = json.loads((shell.folder / "both" / "summary.json").read_text())
    folder = shell.folder / "both"
    found = funsearch.compare(*SETTINGS, *COMMON, out=folder, samples=40, seeds=2)
    assert [row.best.mean for row in found.rows] == [row["mean"] for row in summary["settings"]]
    with pytest.raises(UsageError, match="give a budget"):
        funsearch.compare(*SETTINGS, *COMMON, out=folder)


def test_existing_runs_are_grouped_by_all_but_their_seed(shell: Shell) -> None:
    (found,) = shell.json("compare", "--runs", "both")
    settings = found["settings"]
    assert isinstance(settings, list)
    assert [(each["setting"], each["seeds"]) for each in settings] == [
        ("evolution", 2),
        ("plain", 2),
    ]
    # Under names that say nothing, what differs is the name.
    shutil.copytree(shell.folder / "both" / "runs", shell.folder / "renamed")
    for number, folder in enumerate(sorted((shell.folder / "renamed").iterdir())):
        folder.rename(folder.with_name(f"r{number}"))
    output = shell("compare", "--runs", "renamed", "--samples", "10")
    assert "search=make_iid" in output
    assert "search=make " in output
    assert "after 10 samples" in output


@pytest.mark.slow
def test_interrupted_comparison_goes_on_where_it_was(shell: Shell) -> None:
    command = [*SETTINGS, *COMMON, "--samples", "3000", "--seeds", "1", "--few-seeds"]
    process = shell.start("compare", *command, "--out", "long")
    journal = shell.folder / "long" / "runs" / "evolution-7" / "log" / "journal"
    while not journal.is_file() or journal.stat().st_size < 50_000:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "to go on: funsearch compare" in errors.splitlines()[-1]
    (row,) = shell.json("runs", str(journal.parent.parent))
    assert row["state"] == "interrupted"
    # The same folder with another budget is another comparison.
    shell(
        "compare", *SETTINGS, *COMMON, "--samples", "40", "--seeds", "5", "--out", "long", status=2
    )
    assert "another run.samples" in one_line(shell.errors)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*SETTINGS], "say how much each run may use"),
        ([*SETTINGS, "--samples", "9", "--seeds", "4"], "add --few-seeds"),
        (["a=", "b=search=wrong", "--samples", "9"], "b: no search called 'wrong'"),
        (["--runs", "nowhere"], "there is no run 'nowhere'"),
    ],
)
def test_mistakes_are_answered_in_one_line_before_anything_runs(
    shell: Shell, arguments: list[str], words: str
) -> None:
    shell("compare", *arguments, status=1 if "nowhere" in arguments else 2)
    assert words in one_line(shell.errors)
