"""Modes: the corpus in each of the surroundings, with admission and without."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.hostile.surroundings import PROJECT, SURROUNDINGS


@dataclass(frozen=True)
class Mode:
    """One way to run the corpus.

    Attributes:
        surroundings: one of `SURROUNDINGS`.
        admitting: whether programs must parse within bounds and be admitted before they are run.
    """

    surroundings: str
    admitting: bool

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.surroundings}, {'admission' if self.admitting else 'no admission'}"


MODES = tuple(
    Mode(surroundings, admitting) for surroundings in SURROUNDINGS for admitting in (False, True)
)


@dataclass
class Outcome:
    """What a mode's process told.

    Attributes:
        mode: which.
        unavailable: why the mode cannot be had here; empty if it can.
        containment: what held the programs, in one line.
        hostile: how many hostile programs ended.
        honest: how many honest ones did.
        unexpected: name and what is wrong, for each that did not end as it should.
        left: what remained or was touched, or how the process itself failed.
        statuses: verdict → how many hostile programs got it.
        seconds: wall time.
    """

    mode: Mode
    unavailable: str = ""
    containment: str = ""
    hostile: int = 0
    honest: int = 0
    unexpected: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])
    statuses: dict[str, int] = field(default_factory=dict[str, int])
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether all was as it should be."""
        return not self.unexpected and not self.left

    def hear(self, message: dict[str, Any]) -> None:
        """Take in one line."""
        match message:
            case {"unavailable": str(why)}:
                self.unavailable = why
            case {"containment": str(line)}:
                self.containment = line
            case {"done": str(name), "status": str(status), "says": str(says)}:
                if name.startswith("honest/"):
                    self.honest += 1
                else:
                    self.hostile += 1
                    self.statuses[status] = self.statuses.get(status, 0) + 1
                if says:
                    self.unexpected.append(f"{name}: {says}")
            case {"left": list(left)}:
                self.left += [str(each) for each in left]
            case _:
                self.left.append(f"an unknown line: {message}")


def run(
    mode: Mode,
    *,
    rounds: int = 1,
    workers: int = 2,
    names: Sequence[str] = (),
    progress: Callable[[Outcome], None] = lambda _: None,
) -> Outcome:
    """Run the corpus, or the programs named, and return what came of it."""
    outcome = Outcome(mode)
    started = time.monotonic()
    arguments = [mode.surroundings, "on" if mode.admitting else "off", str(rounds), str(workers)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.inside", *arguments, *names],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            outcome.hear(json.loads(line))
            progress(outcome)
    outcome.seconds = time.monotonic() - started
    if process.returncode != 0:
        outcome.left.append(f"the run itself ended with code {process.returncode}")
    return outcome
