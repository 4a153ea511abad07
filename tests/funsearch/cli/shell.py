"""A user's shell: real processes in a folder of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path


class Shell:
    """Runs commands in a folder of their own, without data of the user's."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        self.folder = folder
        self.python = python
        hidden = {"FUNSEARCH_DATA", "PYTHONPATH"}
        self.environment = {key: os.environ[key] for key in os.environ if key not in hidden} | {
            "FUNSEARCH_RUNS": str(folder / "runs"),
            "COLUMNS": "200",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.python, "-m", "funsearch", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Who runs these tests in the background has it ignored, and ignored it would stay.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def __call__(self, *arguments: str, status: int = 0) -> str:
        process = self.start(*arguments)
        output, self.errors = process.communicate(timeout=300)
        assert process.returncode == status, f"{output}\n{self.errors}"
        return output

    def json(self, *arguments: str, status: int = 0) -> list[dict[str, object]]:
        output = self(*arguments, "--json", status=status)
        return [json.loads(line) for line in output.splitlines()]
