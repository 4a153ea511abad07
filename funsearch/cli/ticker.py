"""One line on standard error that says how far a long task is."""

from __future__ import annotations

import sys
import time


class Ticker:
    """Rewrites its line in a terminal; elsewhere it writes one now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._pause = 0.25 if self._terminal else 5.0
        self._next = time.monotonic() + self._pause
        self._shown = False

    def __call__(self, text: str) -> None:
        """Say how far it is, unless that was said just now."""
        if self._quiet or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._pause
        self._shown = True
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave an empty line."""
        if self._shown and self._terminal:
            sys.stderr.write("\r\x1b[K")
        self._shown = False
