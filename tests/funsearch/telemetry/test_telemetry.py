"""Figures and events of a run, as tools that watch machines meet them."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from evaluators.containment import LAYERS, Containment, Layer
from funsearch.archive.archive import Archive
from funsearch.config import ConfigError, compose
from funsearch.islands import Overview
from funsearch.loop import Progress
from funsearch.session import Observing
from funsearch.spending import Spending
from funsearch.state import Best
from funsearch.telemetry.metrics import Metrics
from funsearch.telemetry.watchers import EVENTS, METRICS, Address, watched
from tests.funsearch.archive.conftest import CONFIG, PACKAGES, Make
from tests.funsearch.cli.shell import Shell

BEST = Best("0" * 64, 20.0, {"n=4": 20.0}, 2)
ISLAND = Overview(epoch=1, programs=3, clusters=2, best=20.0, mean=10.0)
EMPTY = Overview(epoch=0, programs=0, clusters=0, best=float("nan"), mean=float("nan"))
PROGRESS = Progress(1.5, 5, 6, 2, BEST, {"ok": 4, "crashed": 2}, (ISLAND, EMPTY), 1, "")
HELD = Containment(tuple(Layer(name, works=True, says="") for name in LAYERS))


def unused(*_: Any) -> None:
    """Nobody looks."""


NOBODY = Observing(unused, unused, 5.0)


def figures(port: int) -> dict[tuple[str, str], float]:
    """Scrape a port as Prometheus does; values by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a run with one evaluation."""
    make, path = Make(), tmp_path / "run"
    with Archive.create(path, CONFIG) as archive:
        archive.append(make.run(), [PACKAGES])
        start = make.start(archive, 0).number
        archive.append(make.evaluation(start, 0, 1.0, seconds=0.02))
    return path


def test_scrape_tells_what_the_run_said_last(folder: Path) -> None:
    metrics = Metrics(Address("127.0.0.1", 0))
    try:
        observing = metrics.observing(5.0)
        assert ("funsearch_samples_total", "") not in figures(metrics.port)
        observing.started(folder, compose(["problem.n=4"]), HELD)
        observing.progress(replace(PROGRESS, spending=Spending(100, 20, Decimal("0.5"))))
        found = figures(metrics.port)
    finally:
        metrics.close()
    assert found["funsearch_run_info", "cap_set,run"] == 1
    assert found["funsearch_samples_total", ""] == 5
    assert found["funsearch_evaluations_total", "ok"] == 4
    assert found["funsearch_evaluations_total", "crashed"] == 2
    assert found["funsearch_best_score", ""] == 20
    assert found["funsearch_pending", ""] == 2
    assert found["funsearch_tokens_total", ""] == 120
    assert found["funsearch_cost_usd_total", ""] == 0.5
    assert found["funsearch_island_programs", "1"] == 0
    assert ("funsearch_island_best_score", "1") not in found
    assert found["funsearch_archive_records", ""] == 3
    assert found["funsearch_evaluation_seconds_count", ""] == 0
    with pytest.raises(urllib.error.URLError):
        figures(metrics.port)
    assert not [each for each in REGISTRY.collect() if each.name.startswith("funsearch")]


def test_evaluations_of_this_session_are_counted_by_their_seconds(folder: Path) -> None:
    make, metrics = Make(), Metrics(Address("127.0.0.1", 0))
    try:
        metrics.observing(5.0).started(folder, compose(["problem.n=4"]), HELD)
        with Archive.open(folder) as archive:
            for name, seconds in ((1, 0.02), (2, 0.2), (3, 500.0)):
                number = archive.append(make.generation(name, [0], name), [make.source(name)])
                archive.append(make.evaluation(number.number, name, 2.0, seconds=seconds))
        found = figures(metrics.port)
    finally:
        metrics.close()
    assert found["funsearch_evaluation_seconds_bucket", "0.03"] == 1
    assert found["funsearch_evaluation_seconds_bucket", "0.3"] == 2
    assert found["funsearch_evaluation_seconds_bucket", "100.0"] == 2
    assert found["funsearch_evaluation_seconds_count", ""] == 3
    assert found["funsearch_evaluation_seconds_sum", ""] == pytest.approx(500.22)
    assert found["funsearch_archive_index_lag_records", ""] == 0


def test_port_that_is_taken_is_refused_in_one_line() -> None:
    metrics = Metrics(Address("127.0.0.1", 0))
    try:
        with pytest.raises(ConfigError, match="nobody can listen on"):
            Metrics(Address("127.0.0.1", metrics.port))
    finally:
        metrics.close()


@pytest.mark.parametrize("text", ["x", "127.0.0.1", "1:2:x", "99999", ":-1"])
def test_address_that_is_none_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError, match="must be PORT or HOST:PORT"):  # noqa: SIM117
        with watched(NOBODY, {METRICS: text}):
            pass


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_events_tell_what_changed_between_two_looks_bounded_and_escaped(tmp_path: Path) -> None:
    path, folder = tmp_path / "events", tmp_path / "run"
    hostile = "\x1b[31m\n\u202e" + "x" * 10_000
    later = replace(PROGRESS, outages=3, paused=hostile, best=replace(BEST, program="1" * 64))
    again = replace(later, paused="", islands=(replace(ISLAND, epoch=2), EMPTY))
    with watched(NOBODY, {EVENTS: str(path)}) as (observing, _):
        observing.started(folder, compose(["problem.n=4"]), HELD)
        for progress in (replace(PROGRESS, samples=0), later, later, again):
            observing.progress(progress)
    told = lines(path)
    names = [each["event"] for each in told]
    assert names == ["started", "best", "outage", "sampler paused", "best", "reset", "sampler back"]
    assert {each["run"] for each in told} == {"run"}
    assert told[2]["count"] == 2
    assert told[3]["reason"] == hostile[:500]
    assert told[5]["islands"] == [0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told[0]["time"])
    assert "\x1b" not in path.read_text("ascii")


def test_error_that_ends_a_command_is_an_event(tmp_path: Path) -> None:
    path = tmp_path / "events"
    with pytest.raises(ZeroDivisionError):  # noqa: SIM117
        with watched(NOBODY, {EVENTS: str(path)}):
            raise ZeroDivisionError("by\nzero")
    (fault,) = lines(path)
    assert (fault["event"], fault["level"]) == ("fault", "ERROR")
    assert (fault["kind"], fault["reason"]) == ("ZeroDivisionError", "by\nzero")


def test_events_that_cannot_be_written_are_said_once_and_end_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with watched(NOBODY, {EVENTS: "/dev/full"}) as (observing, _):
        for score in (1.0, 2.0, 3.0):
            best = replace(BEST, program=f"{score}", score=score)
            observing.progress(replace(PROGRESS, best=best))
    assert capsys.readouterr().err.count("events cannot be written any more") == 1


def test_real_run_is_scraped_and_tells_its_events(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.environment |= {METRICS: "0", EVENTS: "events"}
    process = shell.start("run", "problem.n=3", "run.seconds=600", "cluster.workers=1")
    try:
        assert process.stderr is not None
        words = iter(process.stderr.readline, "")
        port = next(int(found[1]) for line in words if (found := re.search(r":(\d+)/m", line)))
        # A run tells how far it is every few seconds.
        while not (found := figures(port)).get(("funsearch_evaluations_total", "ok")):
            next(words)
        assert found["funsearch_samples_total", ""] >= 0
        assert found["funsearch_archive_records", ""] > 0
    finally:
        process.send_signal(2)
        process.communicate(timeout=120)
    told = lines(tmp_path / "events")
    assert [told[0]["event"], told[-1]["event"]] == ["started", "finished"]
    assert told[-1]["reason"] == "interrupted"
    assert len(told[-1]["program"]) == 64
