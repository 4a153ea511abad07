"""Tells what the sources of programs say: in a process of its own where many come at once.

That is the dearest part of an index, and it would hold up whoever appends: one interpreter runs
one thread at a time.
"""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Self

from funsearch.archive import exchange, files
from funsearch.archive.errors import ArchiveError
from funsearch.archive.facts import NO_SOURCE, Source, source_of
from funsearch.archive.objects import ObjectReader

Sources = Callable[[Iterable[bytes]], Mapping[bytes, Source]]
"""Ids of programs → what their sources say, of each one."""

MANY = 256
"""So many programs at once are worth a process: they came within a quarter of a second."""


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


class LiveSources:
    """The sources of a run, as `sources_from` has them, beside one that writes it.

    A process is started once it is worth it, and kept. Without it, whatever it died of, all is
    done here.
    """

    def __init__(self, folder: Path) -> None:
        """Open the objects of a run.

        Raises:
            ArchiveError: they cannot be opened.
        """
        self._folder = folder
        self._objects = ObjectReader(folder / files.OBJECTS)
        self._channel: socket.socket | None = None
        self._process = contextlib.ExitStack()
        self._failed = False

    def __call__(self, programs: Iterable[bytes]) -> Mapping[bytes, Source]:
        """Return what the sources of programs say."""
        wanted = list(programs)
        if len(wanted) >= MANY and not self._failed:
            try:
                return self._asked(wanted)
            except (OSError, ArchiveError):
                self._failed = True
                self._process.close()
        return sources_from(self._objects)(wanted)

    def _asked(self, programs: list[bytes]) -> Mapping[bytes, Source]:
        if self._channel is None:
            arguments = [str(self._folder.absolute())]
            self._channel = self._process.enter_context(exchange.started(__name__, arguments))
        exchange.send(self._channel, programs)
        told = exchange.receive(self._channel)
        return {program: Source(*said) for program, said in zip(programs, told, strict=True)}

    def close(self) -> None:
        """End the process, and give the file back."""
        self._process.close()
        self._objects.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def main() -> None:
    """Answer through standard input until nobody asks any more."""
    with (
        socket.socket(fileno=0) as channel,
        contextlib.suppress(OSError, ArchiveError),
        contextlib.closing(ObjectReader(Path(sys.argv[2]) / files.OBJECTS)) as objects,
    ):
        sources = sources_from(objects)
        while True:
            programs = exchange.receive(channel)
            found = sources(programs)
            exchange.send(channel, [tuple(found[program]) for program in programs])
