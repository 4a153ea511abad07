"""Who watches a run besides its terminal: a port with figures and a file with events.

Both are chosen by environment variables, never by a run's configuration, which may be anybody's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from evaluators.containment import Containment
from funsearch.config import Config, ConfigError
from funsearch.loop import Progress
from funsearch.session import Observing, Outcome
from funsearch.telemetry.events import Events
from funsearch.text import one_line

METRICS = "FUNSEARCH_METRICS"
"""Variable with `PORT` or `HOST:PORT`, where Prometheus finds the figures of a run."""
EVENTS = "FUNSEARCH_EVENTS"
"""Variable with a file that events of runs are appended to; `-` is standard error."""


@dataclass(frozen=True)
class Address:
    """Where figures are told."""

    host: str
    port: int


@contextmanager
def watched(
    observing: Observing, environment: Mapping[str, str] = os.environ
) -> Iterator[tuple[Observing, Callable[[Outcome], None]]]:
    """Let those who watch hear what a terminal hears.

    Args:
        observing: of the terminal.
        environment: names who watches.

    Yields:
        What a session calls, and what is to be called with its outcome.

    Raises:
        ConfigError: a variable is wrong, its port is taken, or its file cannot be written.
    """
    with ExitStack() as stack:
        heard = [observing]
        if text := environment.get(METRICS, ""):
            from funsearch.telemetry.metrics import Metrics

            metrics = Metrics(_address(text))
            stack.callback(metrics.close)
            heard.append(metrics.observing(observing.interval_s))
        events = None
        if text := environment.get(EVENTS, ""):
            events = Events(text)
            stack.callback(events.close)
            heard.append(events.observing(observing.interval_s))
        try:
            yield _all(heard), _nobody if events is None else events.ended
        except Exception as error:
            if events is not None:
                events.fault(error)
            raise


def _nobody(_: Outcome) -> None:
    """Tell nobody how a session ended."""


def _all(heard: list[Observing]) -> Observing:
    def started(folder: Path, config: Config, containment: Containment) -> None:
        for each in heard:
            each.started(folder, config, containment)

    def progress(now: Progress) -> None:
        for each in heard:
            each.progress(now)

    first = heard[0]
    return Observing(started, progress, first.interval_s, first.verifying)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ConfigError(
            f"{METRICS}={one_line(text, 100)}: must be PORT or HOST:PORT, as in 127.0.0.1:9108"
        )
    return Address(host.strip("[]") or "127.0.0.1", int(port))
