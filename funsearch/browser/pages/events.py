"""What is new in a run, as server-sent events: a few numbers and rows every other second."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from funsearch.archive.errors import ArchiveError
from funsearch.browser.facts import programs, runs
from funsearch.browser.facts.model import Question
from funsearch.browser.facts.plain import plain
from funsearch.browser.pages.shelf import Shelf, TooLong
from funsearch.text import one_line

SECONDS = 2.0
"""Between two looks at a run."""
_ROWS = 5
_REASON = 80
MOST_LISTENERS = 64

Look = Callable[[int], Awaitable[dict[str, Any]]]


def news(shelf: Shelf, name: str, since: int) -> dict[str, Any]:
    """Return what a run has come to, and its latest programs since a record.

    Raises:
        ArchiveError: the run cannot be read.
        TooLong: it takes too long.
    """
    with shelf.ask(name) as attached:
        attached.tally.follow(0.5)
        card = runs.card(attached)
        rows = programs.page(attached, Question(limit=_ROWS)).rows
    best = card.best
    return {
        "records": card.records,
        "state": card.state,
        "samples": card.samples,
        "programs": card.programs,
        "seconds": round(card.seconds),
        "best": None if best is None else {"id": best.id, "score": plain(best.score)},
        "rows": [
            {
                "id": row.id,
                "first": row.first,
                "island": row.island,
                "sampler": one_line(row.sampler, _REASON),
                "status": row.status,
                "score": plain(row.score),
            }
            for row in rows
            if row.first >= since
        ],
    }


async def stream(
    look: Look, since: int, closing: asyncio.Event, pause: float = SECONDS
) -> AsyncIterator[bytes]:
    """Yield events until the run ends, or the server does.

    Args:
        look: tells the news since a record.
        since: number of records that the listener has heard of.
        closing: set when the server ends.
        pause: seconds between two looks.
    """
    yield b"retry: 3000\n\n"
    told: dict[str, Any] = {}
    while not closing.is_set():
        try:
            found = await look(since)
        except TooLong:
            found = told
        except ArchiveError:
            return
        if found and found["records"] > since:
            yield _event("news", found, found["records"])
            since = found["records"]
        else:
            yield b": nothing new\n\n"
        told = found
        if found and found["state"] != "running":
            yield _event("end", {"state": found["state"]}, since)
            return
        try:
            await asyncio.wait_for(closing.wait(), pause)
        except TimeoutError:
            continue


def _event(kind: str, data: dict[str, Any], number: int) -> bytes:
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()
