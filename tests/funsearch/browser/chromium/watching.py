"""A page in a real browser, and everything that went wrong in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

SCREENSHOTS = "FUNSEARCH_SCREENSHOTS"
"""Environment variable: folder that screenshots are kept in; without it there are none."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
_WAIT_MS = 15_000


@dataclass
class Watched:
    """A page, and what its console, its policy and its requests complained about.

    Attributes:
        page: in a context of its own.
        faults: one line each; a test fails if there are some at its end, unless it took them.
    """

    page: Page
    faults: list[str] = field(default_factory=list[str])

    def go(self, address: str) -> Response:
        """Open an address, and wait until it is loaded."""
        response = self.page.goto(address, wait_until="load")
        assert response is not None
        return response

    def text(self) -> str:
        """Return what a reader sees."""
        return self.page.inner_text("body")

    def path(self) -> str:
        """Return the address without its origin."""
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def took(self, pattern: str) -> None:
        """Take the faults that match; there must be one.

        What a test does on purpose, such as to ask for a page that is not there, is no fault.
        """
        expected = [fault for fault in self.faults if re.search(pattern, fault)]
        assert expected, f"no fault like {pattern!r}: {self.faults}"
        self.faults = [fault for fault in self.faults if fault not in expected]

    def shot(self, name: str) -> None:
        """Keep a screenshot of the whole page, if the environment says where."""
        folder = os.environ.get(SCREENSHOTS)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def barriers(self) -> list[str]:
        """Return what axe-core finds wrong for people who see, hear or move otherwise."""
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
        found: Any = Axe().run(self.page, options=options).response
        return [
            f"{rule['id']}: {rule['help']}: {node['html'][:200]} {node['failureSummary'][:300]}"
            for rule in found["violations"]
            for node in rule["nodes"][:3]
        ]


@contextmanager
def watched(browser: Browser, **options: Any) -> Iterator[Watched]:
    """Open an empty page in a context of its own.

    Args:
        browser: to open it in.
        options: of the context, such as `java_script_enabled`.
    """
    context: BrowserContext = browser.new_context(**options)
    context.set_default_timeout(_WAIT_MS)
    try:
        seen = Watched(context.new_page())
        _listen(seen)
        yield seen
    finally:
        context.close()


def _listen(seen: Watched) -> None:
    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            seen.faults.append(f"console {message.type}: {message.text} {message.location['url']}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            seen.faults.append(f"{response.status} {response.url}")

    seen.page.on("console", heard)
    seen.page.on("pageerror", lambda error: seen.faults.append(f"script: {error}"))
    seen.page.on("response", answered)
    seen.page.on("dialog", lambda dialog: seen.faults.append(f"dialog: {dialog.message}"))
    seen.page.on("popup", lambda popup: seen.faults.append(f"window: {popup.url}"))
