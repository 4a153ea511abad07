"""Runs a problem's stand-alone checker on certificate files."""

from __future__ import annotations

import asyncio
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
    command = _command(checker, certificate)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=CHECKER_SECONDS,
            env={},
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _silent(command)
    return _heard(command, done.returncode, done.stdout, done.stderr)


async def ask_checker(checker: Path, certificate: Path) -> Checked:
    """Do what `run_checker` does; if the call is cancelled, the checker is ended first."""
    command = _command(checker, certificate)
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        # Ctrl-C is for this process alone: a checker that dies of it would seem to refuse.
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(CHECKER_SECONDS):
            output, errors = await process.communicate()
    except TimeoutError:
        return _silent(command)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return _heard(command, process.returncode, output, errors)


def _command(checker: Path, certificate: Path) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", str(checker), str(certificate))


def _heard(command: tuple[str, ...], status: int, output: bytes, errors: bytes) -> Checked:
    text = (output.strip() or errors.strip()).decode(errors="backslashreplace")
    return Checked(status, text[:2000], command)


def _silent(command: tuple[str, ...]) -> Checked:
    return Checked(1, f"no answer within {CHECKER_SECONDS:g} s", command)
