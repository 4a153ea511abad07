"""`funsearch cluster top` against a real service."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.cluster.services import QUICK, serving
from tests.funsearch.cli.shell import Shell


def test_run_of_a_service_is_told_until_it_ends(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    with serving(*QUICK, "run.seed=1", folder=tmp_path / "runs") as service:
        (seen,) = shell.json("cluster", "top", service.address, "--once")
        assert seen["problem"] == "cap_set"
        assert seen["samples"] == 0
        shown = shell("cluster", "top", service.address, "--once")
        assert "prompts to draw" in shown
        watcher = shell.start("cluster", "top", service.address, "--every", "0.1", "--json")
        assert watcher.stdout is not None
        assert json.loads(watcher.stdout.readline())["evaluations"] >= 0
        service.process.process.send_signal(signal.SIGINT)
        _, errors = watcher.communicate(timeout=60)
        assert watcher.returncode == 0, errors


def test_service_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell("cluster", "top", "127.0.0.1:1", "--once", status=1)
    assert len(shell.errors.splitlines()) == 1
    assert "127.0.0.1:1: " in shell.errors
