"""What happens in a run as JSON lines, through Python's logging: one object an event.

JSON escapes whatever a model or a server says, and each text is cut, so a line stays a line.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from evaluators.containment import Containment
from funsearch.config import Config, ConfigError
from funsearch.loop import Progress
from funsearch.session import Observing, Outcome
from funsearch.text import one_line
from funsearch.verification import Verified

_MOST = 500
"""Characters of a text."""


class _Lines(logging.Formatter):
    """Makes a record one line of ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        said: dict[str, Any] = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "event": record.getMessage(),
        }
        facts: dict[str, Any] = getattr(record, "facts", {})
        said |= {key: _bounded(value) for key, value in facts.items()}
        return json.dumps(said, separators=(",", ":"))


class _Handler(logging.StreamHandler[Any]):
    """Writes lines; that a disk is full must not end a search, and is said once."""

    _said = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        if not self._said:
            self._said = True
            error = one_line(str(sys.exception()))
            sys.stderr.write(f"funsearch: events cannot be written any more: {error}\n")


class Events:
    """Tells the events of one command."""

    def __init__(self, where: str) -> None:
        """Open a file to append to; `-` is standard error.

        Raises:
            ConfigError: it cannot be written.
        """
        self._file = None
        if where != "-":
            try:
                self._file = Path(where).open("a", encoding="ascii")  # noqa: SIM115
            except OSError as error:
                name = one_line(where, 200)
                raise ConfigError(f"events: {name} cannot be written: {error.strerror}") from None
        self._handler = _Handler(self._file or sys.stderr)
        self._handler.setFormatter(_Lines())
        # Not one of the loggers that others can reach: what they set up does not change it.
        self._logger = logging.Logger("funsearch.events", logging.INFO)
        self._logger.addHandler(self._handler)
        self._run = ""
        self._last: Progress | None = None

    def observing(self, interval_s: float) -> Observing:
        """Return the callbacks for a session."""
        return Observing(self._started, self._progress, interval_s)

    def close(self) -> None:
        """Write no more."""
        self._logger.removeHandler(self._handler)
        self._handler.close()
        if self._file is not None:
            # What a full disk did not take has been told.
            with suppress(OSError):
                self._file.close()

    def ended(self, outcome: Outcome) -> None:
        """Tell how a session ended, and what came of its verification."""
        verified, best = outcome.verified, outcome.best
        if isinstance(verified, Verified):
            agreed = verified.record.agreed
            level = logging.INFO if agreed else logging.ERROR
            record, program = verified.number, verified.record.program
            self._tell("verified", level, agreed=agreed, record=record, program=program)
        elif verified is not None:
            self._tell("unverified", logging.WARNING, reason=str(verified))
        self._tell(
            "finished",
            reason=outcome.reason,
            samples=outcome.progress.samples,
            verdicts=outcome.progress.verdicts,
            program=best.program if best else None,
            best=best.score if best else None,
        )

    def fault(self, error: Exception) -> None:
        """Tell of the error that ends a command."""
        self._tell("fault", logging.ERROR, kind=type(error).__name__, reason=str(error))

    def _started(self, folder: Path, config: Config, containment: Containment) -> None:
        self._run = folder.name
        facts: dict[str, Any] = {"folder": str(folder), "problem": config.loaded.problem.name}
        facts |= {"seed": config.run.seed, "sandbox": containment.line()}
        self._tell("started", logging.INFO, **facts)

    def _progress(self, now: Progress) -> None:
        last, self._last = self._last, now
        if last is None:
            if now.samples:
                self._tell("resumed", samples=now.samples, waiting=now.waiting)
            before = None
        else:
            self._changes(last, now)
            before = last.best
        if now.best is not None and (before is None or now.best.program != before.program):
            best = now.best
            facts = {"program": best.program, "best": best.score, "flags": list(best.flags)}
            self._tell("best", logging.INFO, samples=now.samples, record=best.evaluation, **facts)

    def _changes(self, last: Progress, now: Progress) -> None:
        """Tell what differs between two looks."""
        pairs = zip(last.islands, now.islands, strict=False)
        emptied = [index for index, (old, new) in enumerate(pairs) if new.epoch > old.epoch]
        if emptied:
            self._tell("reset", islands=emptied[:100])
        if now.outages > last.outages:
            more = now.outages - last.outages
            self._tell("outage", logging.WARNING, count=more, reason=now.paused)
        if bool(now.paused) != bool(last.paused):
            event = "sampler paused" if now.paused else "sampler back"
            self._tell(event, logging.WARNING, reason=now.paused)

    def _tell(self, event: str, level: int = logging.INFO, **facts: Any) -> None:
        self._logger.log(level, event, extra={"facts": {"run": self._run, **facts}})


def _bounded(value: Any) -> Any:
    return value[:_MOST] if isinstance(value, str) else value
