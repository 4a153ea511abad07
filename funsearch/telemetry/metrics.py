"""Figures of a run for Prometheus, from a registry of their own.

A scrape tells what the run last said of itself, at most a few seconds ago. How long evaluations
took is read from the run's index when it is asked for, in the thread that answers.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from evaluators.containment import Containment
from funsearch.archive.errors import ArchiveError
from funsearch.archive.reader import Reader
from funsearch.config import Config, ConfigError
from funsearch.loop import Progress
from funsearch.session import Observing

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from funsearch.telemetry.watchers import Address

BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Upper ends, in seconds, of the classes that evaluations are counted in."""
_MOST_ROWS = 50_000
"""Evaluations that one scrape looks at; the next one goes on."""

_SECONDS = "SELECT number, seconds FROM evaluations WHERE number > ? ORDER BY number LIMIT ?"


@dataclass
class _Times:
    """Evaluations of this session by how long they took."""

    after: int
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def follow(self, index: sqlite3.Connection) -> None:
        """Count what is new."""
        for number, seconds in index.execute(_SECONDS, (self.after, _MOST_ROWS)):
            self.after = number
            if seconds >= 0 and isfinite(seconds):
                self.counts[bisect_left(BUCKETS, seconds)] += 1
                self.total += seconds


class Metrics:
    """A port that answers scrapes while a run goes on."""

    def __init__(self, address: Address) -> None:
        """Listen.

        Raises:
            ConfigError: nobody can listen there.
        """
        from prometheus_client import CollectorRegistry, start_http_server

        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._labels: tuple[str, str] = ("", "")
        self._reader: Reader | None = None
        self._times = _Times(-1)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)  # type: ignore[arg-type]  # only `collect` is asked of it
        where = f"{address.host}:{address.port}"
        try:
            self._server, self._thread = start_http_server(
                address.port, address.host, registry=registry
            )
        except OSError as error:
            raise ConfigError(f"metrics: nobody can listen on {where}: {error.strerror}") from None
        self.port = self._server.server_port
        sys.stderr.write(f"metrics on http://{address.host}:{self.port}/metrics\n")

    def observing(self, interval_s: float) -> Observing:
        """Return the callbacks for a session."""
        return Observing(self._started, self._heard, interval_s)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _started(self, folder: Path, config: Config, containment: Containment) -> None:
        with self._lock:
            self._labels = (folder.name, config.loaded.problem.name)
            with suppress(ArchiveError, sqlite3.Error):
                self._reader = Reader(folder)
                # Earlier sessions of the run are not this one's work.
                self._times = _Times(self._reader.log.size - 1)

    def _heard(self, progress: Progress) -> None:
        self._progress = progress

    def collect(self) -> Iterator[Metric]:
        """Yield all figures there are; called by the threads of the server."""
        from prometheus_client.core import InfoMetricFamily

        run, problem = self._labels
        yield InfoMetricFamily("funsearch_run", "The run.", {"run": run, "problem": problem})
        progress = self._progress
        if progress is not None:
            yield from _totals(progress)
            yield from _state(progress)
        with self._lock:
            # A figure that cannot be had is left out, and the others are told.
            with suppress(ArchiveError, sqlite3.Error):
                yield from self._archive()
            yield self._histogram()

    def _archive(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        if self._reader is None:
            return
        self._times.follow(self._reader.index)
        self._reader.log.refresh()
        (indexed,) = self._reader.index.execute("SELECT size FROM place").fetchone()
        size = self._reader.log.size
        yield GaugeMetricFamily("funsearch_archive_records", "Records in the log.", size)
        behind = max(0, size - indexed)
        text = "Records of the log that the index does not have yet."
        yield GaugeMetricFamily("funsearch_archive_index_lag_records", text, behind)

    def _histogram(self) -> Metric:
        from prometheus_client.core import HistogramMetricFamily

        text = "How long evaluations of this session took."
        family = HistogramMetricFamily("funsearch_evaluation_seconds", text)
        buckets: list[tuple[str, float]] = []
        count = 0
        ends = [*map(str, BUCKETS), "+Inf"]
        for end, more in zip(ends, self._times.counts, strict=True):
            count += more
            buckets.append((end, count))
        family.add_metric([], buckets, self._times.total)
        return family


def _totals(progress: Progress) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    resets = sum(island.epoch for island in progress.islands)
    for name, text, value in (
        ("funsearch_samples", "Samples, all sessions together.", progress.samples),
        ("funsearch_outages", "Requests that a sampler failed to answer.", progress.outages),
        ("funsearch_island_resets", "Islands that were emptied.", resets),
        ("funsearch_search_seconds", "Time of search, all sessions.", progress.seconds),
        ("funsearch_tokens", "Tokens that models read and wrote.", progress.spending.tokens),
        ("funsearch_cost_usd", "What samples cost, if known.", float(progress.spending.cost)),
    ):
        yield CounterMetricFamily(name, text, value)
    verdicts = CounterMetricFamily(
        "funsearch_evaluations", "Verdicts by status.", labels=["status"]
    )
    for status, count in sorted(progress.verdicts.items()):
        verdicts.add_metric([status], count)
    yield verdicts


def _state(progress: Progress) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    if progress.best is not None:
        yield GaugeMetricFamily("funsearch_best_score", "The best so far.", progress.best.score)
    text = "Samples without a verdict."
    yield GaugeMetricFamily("funsearch_pending", text, progress.waiting)
    text = "1 while no samples come because the sampler is unavailable."
    yield GaugeMetricFamily("funsearch_sampler_paused", text, int(bool(progress.paused)))
    programs = GaugeMetricFamily(
        "funsearch_island_programs", "Programs on an island.", labels=["island"]
    )
    best = GaugeMetricFamily(
        "funsearch_island_best_score", "The best of an island.", labels=["island"]
    )
    for index, island in enumerate(progress.islands):
        programs.add_metric([str(index)], island.programs)
        if island.programs:
            best.add_metric([str(index)], island.best)
    yield programs
    yield best
