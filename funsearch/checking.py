"""Runs a problem's stand-alone checker on certificate files."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKER_SECONDS = 600.0
"""Longest a checker may take."""


@dataclass(frozen=True)
class Checked:
    """What a checker said.

    Attributes:
        status: 0 for valid, 1 for invalid, 2 for a file that is no certificate.
        output: what it printed, stripped.
        command: to repeat it by hand.
    """

    status: int
    output: str
    command: tuple[str, ...]

    @property
    def score(self) -> float | None:
        """The score it found; None if it did not accept."""
        words = self.output.split()
        try:
            return float(words[1]) if self.status == 0 and words[0] == "valid" else None
        except (IndexError, ValueError):
            return None


def run_checker(checker: Path, certificate: Path) -> Checked:
    """Run a checker in a fresh interpreter without site packages, environment or this project."""
    command = (sys.executable, "-I", "-S", str(checker), str(certificate))
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=CHECKER_SECONDS,
            env={},
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Checked(1, f"no answer within {CHECKER_SECONDS:g} s", command)
    output = (done.stdout.strip() or done.stderr.strip())[:2000]
    return Checked(done.returncode, output, command)
