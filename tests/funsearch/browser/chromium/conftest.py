"""A real Chromium, real runs, and a real server, started once for all tests of a process."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.funsearch.browser.chromium import hostile
from tests.funsearch.browser.chromium.watching import Watched, watched
from tests.funsearch.cli.shell import Shell

SEARCH = (
    "problem=cap_set",
    "problem.n=4",
    "run.samples=300",
    "run.seconds=60",
    "cluster.workers=1",
    "search.islands=3",
    "search.reset_registrations=100",
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real Chromium; run by `make browser`")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine; closed with the module, since Playwright runs an event loop
    in this thread, beside which other tests could run none."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.fail("Chromium is missing: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        # Its own sandbox needs what containers rarely have; the pages are those of a local server.
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass(frozen=True)
class Site:
    """A server and the runs it shows.

    Attributes:
        origin: such as `http://127.0.0.1:8000`.
        shell: in whose folder the runs are.
        run: path of the page of a finished search.
        best: id of its best program.
        hostile: path of the page of a run that attacks its readers.
        attacks: ids of its programs, one for each of `hostile.STRINGS`.
    """

    origin: str
    shell: Shell
    run: str
    best: str
    hostile: str
    attacks: tuple[str, ...]

    def at(self, path: str) -> str:
        return f"{self.origin}{path}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server over a finished search, and over a run that attacks its readers."""
    shell = Shell(tmp_path_factory.mktemp("site"))
    found = shell.folder / "runs" / "found"
    best = str(shell.json("run", *SEARCH, f"run.dir={found}")[-1]["program"])
    attacks = hostile.write(shell.folder / "runs" / hostile.NAME)
    with serving(shell) as origin:
        path = f"/runs/{quote(hostile.NAME)}/"
        yield Site(origin, shell, "/runs/found/", best, path, tuple(attacks))


@contextmanager
def serving(shell: Shell, *arguments: str) -> Iterator[str]:
    """Start a server over the runs of a shell, and yield its origin."""
    process = shell.start("browse", "--no-open", "--port", "0", *arguments)
    assert process.stdout is not None
    try:
        said, address = "", None
        while address is None and (line := process.stdout.readline()):
            said += line
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address is not None, f"no address: {said}{process.communicate()[1]}"
        yield address[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


@pytest.fixture
def seen(chromium: Browser) -> Iterator[Watched]:
    """A page of a laptop in light colours; the test fails if anything went wrong in it."""
    with watched(chromium, viewport={"width": 1280, "height": 900}) as page:
        yield page
        assert not page.faults
