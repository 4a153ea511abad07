"""Reads a log for its index: batch after batch, in other processes where there is much to read.

Reading and checking an entry costs more than taking it in, and each can be read by itself.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import socket
import sqlite3
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from evaluators import processes
from funsearch.archive import files
from funsearch.archive.errors import ArchiveError, Damaged
from funsearch.archive.facts import NO_SOURCE, Fact, Source, fact_of, source_of
from funsearch.archive.log import LogReader, record_of
from funsearch.archive.objects import ObjectReader
from funsearch.archive.rows import Sources, proposed

BATCH_ENTRIES = 1024
"""Taken in with one transaction. A multiple of 256, so that no bundle is read twice."""
_FEW_ENTRIES = 20_000
"""So many are read before other processes would have started."""
_MOST_READERS = 3
"""More would wait for the one process that has the tables."""
_LENGTH_BYTES = 8


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


def sources_from(objects: ObjectReader) -> Sources:
    """Return what tells of programs by their sources among the objects.

    One that is not there, or damaged, says nothing: it is not for the index to judge objects.
    """

    def sources(programs: Iterable[bytes]) -> Mapping[bytes, Source]:
        found = dict.fromkeys(programs, NO_SOURCE)
        with contextlib.suppress(sqlite3.Error):
            found.update((name, source_of(data)) for name, data in objects.sound(found))
        return found

    return sources


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
            stack.enter_context(_reader(folder, start, end, place, readers))
            for place in range(readers)
        ]
        for number, _ in enumerate(_ranges(start, end)):
            yield _received(channels[number % readers])


@contextlib.contextmanager
def _reader(
    folder: Path, start: int, end: int, place: int, readers: int
) -> Iterator[socket.socket]:
    """Start a process that sends each batch whose number leaves a rest of `place`."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = processes.start(
                __name__,
                channel=theirs.fileno(),
                environment={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
                arguments=[str(folder.absolute()), *map(str, (start, end, place, readers))],
            )
        try:
            yield ours
        finally:
            # It only reads, so nothing is lost.
            process.kill()
            process.wait()


def _received(channel: socket.socket) -> Batch:
    """Return the next batch of a reader, which is a process of ours."""
    size = int.from_bytes(_exactly(channel, _LENGTH_BYTES))
    content: Any = marshal.loads(_exactly(channel, size))  # noqa: S302
    if len(content) == 2:
        raise Damaged(*content)
    facts, leaf, found = content
    known = {program: Source(*source) for program, source in found.items()}

    return Batch([Fact(*fact) for fact in facts], leaf, lambda _: known)


def _exactly(channel: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        received = channel.recv_into(view[done:])
        if not received:
            raise ArchiveError("a process that reads the log ended early")
        done += received
    return data


def main() -> None:
    """Send batches through standard input, until all are sent or nobody takes them any more."""
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
                _send(channel, _content(log, objects, first, last))
        except ArchiveError as error:
            _send(channel, (str(error), getattr(error, "record", None)))


def _content(log: LogReader, objects: ObjectReader, start: int, end: int) -> tuple[Any, ...]:
    facts, leaf = _facts(log, start, end)
    found = sources_from(objects)(proposed(facts))
    return (
        [tuple(fact) for fact in facts],
        leaf,
        {program: tuple(source) for program, source in found.items()},
    )


def _send(channel: socket.socket, content: tuple[Any, ...]) -> None:
    message = marshal.dumps(content)
    channel.sendall(len(message).to_bytes(_LENGTH_BYTES) + message)
