"""`funsearch top`: a run told from its folder, while it is written and after."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from funsearch.archive.archive import Archive
from funsearch.browser.facts.attached import Attached
from funsearch.cli import top
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make, digest
from tests.funsearch.cli.shell import Shell


def begun(archive: Archive, make: Make) -> None:
    """Write a start, a scored sample, a failed one, one that waits, and an outage."""
    now = time.time()
    archive.append(make.run(time=str(now - 30)), [PACKAGES])
    start = make.start(archive, 0).number
    archive.append(make.evaluation(start, 0, 1.0, time=str(now - 29)))
    hosted = {"sampler": "hosted", "model": "m", "prompt_tokens": 100, "cost": "0.5"}
    for name, score in ((1, 7.0), (2, None)):
        sample = make.generation(name, [0], name, time=str(now - 20), **hosted)
        number = archive.append(sample, [make.source(name)]).number
        archive.append(make.evaluation(number, name, score, time=str(now - 10)))
    waiting = make.generation(3, [0], 3, time=str(now - 1), **hosted)
    archive.append(waiting, [make.source(3)])
    archive.append(make.outage(5, reason="gone \x1b[31m away"))
    archive.flush()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell in a folder with a run that nobody writes."""
    shell = Shell(tmp_path_factory.mktemp("shell"))
    with Archive.create(shell.folder / "runs" / "first", CONFIG) as archive:
        begun(archive, Make())
    return shell


def test_run_that_is_written_is_told_with_rates_queue_and_spending(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "run", CONFIG) as archive:
        begun(archive, Make())
    with Archive.open(tmp_path / "run"), closing(Attached.open(tmp_path / "run")) as attached:
        seen = top.look(attached, time.time())
    assert seen.state == "running"
    assert (seen.samples, seen.evaluations, seen.waiting) == (3, 3, 1)
    assert (seen.best, seen.program) == (7.0, digest(Make().source(1)))
    assert (seen.tokens, seen.cost, seen.unpriced) == (300, 1.5, 0)
    assert seen.samples_per_second is not None
    assert 0.05 < seen.samples_per_second <= 4 / 30
    assert seen.outages == 1
    assert seen.counted


def test_nothing_hostile_reaches_the_terminal_and_the_run_is_found_without_its_name(
    shell: Shell,
) -> None:
    shown = shell("top", "--once")
    assert "\x1b" not in shown
    assert "1, the last: gone \\x1b[31m away" in shown
    assert "300 tokens, $1.5" in shown
    assert "interrupted" in shown


def test_run_that_nobody_writes_is_told_once_as_a_line_where_there_is_no_terminal(
    shell: Shell,
) -> None:
    (line,) = shell("top", "first").splitlines()
    assert line.startswith("interrupted · best 7 · 3 samples · 3 verdicts · 1 waiting")


def test_each_look_is_one_object_on_a_line(shell: Shell) -> None:
    (seen,) = shell.json("top", "first")
    assert seen["state"] == "interrupted"
    assert seen["samples_per_second"] is None
    assert seen["waiting"] == 1


def test_folder_without_runs_is_refused_in_one_line(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell("top", status=1)
    assert shell.errors.splitlines() == [
        f"funsearch: no runs under {tmp_path / 'runs'}; to make one: funsearch run"
    ]
