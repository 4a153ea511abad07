"""Signals: the first one stops a run in good order, the second one ends the process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from funsearch.parts import RunError

_Result = TypeVar("_Result")


class Interrupted(RunError):
    """The user stopped what was under way."""


@contextmanager
def interruptible(stop: Callable[[str], None]) -> Generator[None]:
    """Call `stop("interrupted")` at the first SIGINT, SIGTERM or SIGHUP; end at the second.

    Does nothing in a thread that signals do not reach.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    loop = asyncio.get_running_loop()
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if interrupted:
            # What is acknowledged is on the disk, and the workers end when their pipes close.
            if sys.stderr.isatty():
                os.write(sys.stderr.fileno(), b"\x1b[?25h\n")  # a live display hides the cursor
            os._exit(130)
        interrupted = True
        stop("interrupted")

    for number in signals:
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def until_interrupted(work: Coroutine[Any, Any, _Result], what: str) -> _Result:
    """Return what some work returns; the first SIGINT, SIGTERM or SIGHUP cancels it.

    Args:
        work: which cleans up when it is cancelled.
        what: it is, for the message.

    Raises:
        Interrupted: a signal did.
    """
    task = asyncio.create_task(work)
    interrupted = False

    def stop(_: str) -> None:
        nonlocal interrupted
        interrupted = True
        task.cancel()

    with interruptible(stop):
        try:
            return await task
        except asyncio.CancelledError:
            if not interrupted:
                raise
            raise Interrupted(f"{what} was interrupted; nothing was recorded") from None
