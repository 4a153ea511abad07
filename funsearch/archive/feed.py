"""Reads a log for its index: batch after batch, in other processes where there is much to read.

Reading and checking an entry costs more than taking it in, and each can be read by itself.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from funsearch.archive import exchange, files
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.facts import Fact, Source, fact_of
from funsearch.archive.log import LogReader, record_of
from funsearch.archive.objects import ObjectReader
from funsearch.archive.rows import proposed
from funsearch.archive.sources import Sources, sources_from

BATCH_ENTRIES = 1024
"""Taken in with one transaction. A multiple of 256, so that no bundle is read twice."""
_FEW_ENTRIES = 20_000
"""So many are read before other processes would have started."""
_MOST_READERS = 3
"""More would wait for the one process that has the tables."""


class Batch(NamedTuple):
    """Facts that come next.

    Attributes:
        facts: in order of the records.
        leaf: hash of the last record's entry.
        sources: tell of programs that are new to the index.
    """

    facts: Sequence[Fact]
    leaf: bytes
    sources: Sources


def batches(folder: Path, start: int, end: int, objects: ObjectReader) -> Generator[Batch]:
    """Yield what the entries of a log say, from one number to before another.

    Raises:
        Damaged: an entry is not what was logged; all batches before it were yielded.
        ArchiveError: the log cannot be read.
    """
    if end - start <= _FEW_ENTRIES:
        log, sources = LogReader(folder), sources_from(objects)
        for first, last in _ranges(start, end):
            yield Batch(*_facts(log, first, last), sources)
    else:
        yield from _from_readers(folder, start, end)


def _ranges(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where batches begin and end."""
    while start < end:
        last = min(end, start - start % BATCH_ENTRIES + BATCH_ENTRIES)
        yield start, last
        start = last


def _facts(log: LogReader, start: int, end: int) -> tuple[list[Fact], bytes]:
    facts = [
        fact_of(number, record_of(log.folder, number, data))
        for number, data in log.entries(start, end)
    ]
    return facts, log.leaf(end - 1)


def _from_readers(folder: Path, start: int, end: int) -> Generator[Batch]:
    readers = min(_MOST_READERS, len(os.sched_getaffinity(0)))
    with contextlib.ExitStack() as stack:
        channels = [
            stack.enter_context(exchange.started(__name__, [str(folder.absolute()), *place]))
            for place in (map(str, (start, end, place, readers)) for place in range(readers))
        ]
        for number, _ in enumerate(_ranges(start, end)):
            yield _received(channels[number % readers])


def _received(channel: socket.socket) -> Batch:
    """Return the next batch of a reader."""
    content = exchange.receive(channel)
    if len(content) == 2:
        raise Damaged(*content)
    facts, leaf, found = content
    known = {program: Source._make(source) for program, source in found.items()}
    return Batch(list(map(Fact._make, facts)), leaf, lambda _: known)


def main() -> None:
    """Send batches through standard input, until all are sent or nobody takes them any more."""
    # Looking for cycles, of which there are none, would take a twentieth of the time.
    gc.disable()
    folder = Path(sys.argv[2])
    start, end, place, readers = map(int, sys.argv[3:])
    with (
        socket.socket(fileno=0) as channel,
        contextlib.suppress(BrokenPipeError, ConnectionResetError),
        contextlib.closing(ObjectReader(folder / files.OBJECTS)) as objects,
    ):
        try:
            log = LogReader(folder)
            for first, last in islice(_ranges(start, end), place, None, readers):
                exchange.send(channel, _content(log, objects, first, last))
        except ArchiveError as error:
            exchange.send(channel, (str(error), getattr(error, "record", None)))


def _content(log: LogReader, objects: ObjectReader, start: int, end: int) -> tuple[Any, ...]:
    facts, leaf = _facts(log, start, end)
    found = sources_from(objects)(proposed(facts))
    return (
        [tuple(fact) for fact in facts],
        leaf,
        {program: tuple(source) for program, source in found.items()},
    )
