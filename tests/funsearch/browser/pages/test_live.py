"""A run that goes on tells what is new, and the server that shows it ends when it is told to."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from funsearch.archive.archive import Archive
from funsearch.archive.errors import ArchiveError
from funsearch.browser.pages import events
from funsearch.browser.pages.serve import is_loopback, listen
from funsearch.browser.pages.shelf import Shelf, TooLong
from tests.funsearch.archive.conftest import CONFIG
from tests.funsearch.archive.histories import history


def told(looks: list[dict[str, Any] | Exception], since: int = 0) -> list[dict[str, str]]:
    """Return the events of a stream whose looks find these."""
    rest = iter(looks)

    async def look(_: int) -> dict[str, Any]:
        found = next(rest)
        if isinstance(found, Exception):
            raise found
        return found

    async def gather() -> list[bytes]:
        events_seen = events.stream(look, since, asyncio.Event(), pause=0.0)
        return [event async for event in events_seen]

    found: list[dict[str, str]] = []
    for event in asyncio.run(gather()):
        lines = [line.split(": ", 1) for line in event.decode().strip().split("\n")]
        if lines[0][0] == "id":
            found.append(dict(lines))
    return found


def state(records: int, state: str = "running") -> dict[str, Any]:
    return {"records": records, "state": state, "rows": []}


def test_only_what_is_new_is_told_and_the_end_of_the_run() -> None:
    found = told([state(3), state(3), state(8), state(8, "seconds")])
    assert [(event["event"], event["id"]) for event in found] == [
        ("news", "3"),
        ("news", "8"),
        ("end", "8"),
    ]
    assert json.loads(found[-1]["data"]) == {"state": "seconds"}


def test_who_comes_back_hears_nothing_twice() -> None:
    found = told([state(8), state(9), state(9, "seconds")], since=8)
    assert [event["id"] for event in found if event["event"] == "news"] == ["9"]


def test_a_slow_look_is_left_out_and_a_damaged_run_ends_the_stream() -> None:
    found = told([state(3), TooLong(), state(4), ArchiveError("broken")])
    assert [event["id"] for event in found] == ["3", "4"]


def test_news_are_few_bytes_and_rows_only_those_since(folders: list[Path]) -> None:
    shelf = Shelf([folders[0]])
    all_of_it = events.news(shelf, "one", 0)
    assert 0 < len(all_of_it["rows"]) <= 5
    assert events.news(shelf, "one", all_of_it["records"])["rows"] == []
    assert len(json.dumps(all_of_it)) < 5000 * events.SECONDS
    shelf.close()


def test_a_question_that_takes_too_long_is_stopped_and_the_next_is_answered(
    folders: list[Path],
) -> None:
    shelf = Shelf([folders[0]], seconds=0.05)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(TooLong), shelf.ask("one") as attached:
        attached.reader.index.execute(endless).fetchone()
    with shelf.ask("one", 5.0) as attached:
        assert attached.reader.index.execute("SELECT 7").fetchone() == (7,)
    shelf.close()


def test_who_waits_for_a_busy_run_is_told_so(folders: list[Path]) -> None:
    shelf = Shelf([folders[0]], seconds=0.05)
    with shelf.ask("one"):
        failed: list[bool] = []

        def other() -> None:
            try:
                with shelf.ask("one"):
                    failed.append(False)
            except TooLong:
                failed.append(True)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert failed == [True]
    shelf.close()


def test_runs_are_given_back_and_opened_again_as_they_are_asked_for(
    folders: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("funsearch.browser.pages.shelf.MOST_OPEN", 1)
    shelf = Shelf(folders)
    for name in ("one", "two") * 3:
        with shelf.ask(name) as attached:
            assert attached.name == name
            assert attached.reader.index.execute("SELECT 7").fetchone() == (7,)
    shelf.close()


@pytest.mark.parametrize(
    ("host", "private"),
    [
        *((host, True) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")),
        *((host, False) for host in ("0.0.0.0", "192.168.1.2", "example.org", "::")),
    ],
)
def test_only_loopback_goes_without_a_token(host: str, private: bool) -> None:
    assert is_loopback(host) is private


@pytest.fixture
def command(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command itself, over a run that is being written."""
    environment = {**os.environ, "FUNSEARCH_RUNS": str(tmp_path)}
    with Archive.create(tmp_path / "running", CONFIG) as archive:
        history(archive, seed=5, programs=20)
        process = subprocess.Popen(
            [sys.executable, "-m", "funsearch", "browse", "--no-open", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        with process:
            yield process
            process.kill()


def test_the_command_says_its_address_streams_a_run_and_ends_with_ctrl_c(
    command: subprocess.Popen[str],
) -> None:
    assert command.stdout is not None
    assert command.stderr is not None
    address = command.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(f"{address}/runs/running/") as answer:
        assert b'data-events="/runs/running/events"' in answer.read()
    with urllib.request.urlopen(f"{address}/runs/running/events") as stream:
        lines = iter(stream.readline, b"")
        assert next(line for line in lines if line.startswith(b"event:")) == b"event: news\n"
        command.send_signal(signal.SIGINT)
        assert command.wait(20) == 0
    assert command.stderr.read() == ""


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "funsearch", "browse", "--no-open", "--port", port],
            capture_output=True,
            text=True,
            env={**os.environ, "FUNSEARCH_RUNS": str(tmp_path)},
        )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"funsearch: cannot listen on 127.0.0.1 port {port}: Address already in use; "
        "choose another with --port\n"
    )
