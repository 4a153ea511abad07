"""What the service knows of the run it belongs to, as the run tells it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from pathlib import Path

from cluster.proto import programs_pb2 as pb
from cluster.service.desk import Desk
from evaluators.containment import Containment
from funsearch.archive.log import LogReader, read_records
from funsearch.archive.log_writer import read_verifier
from funsearch.archive.queries import Direction
from funsearch.archive.records import GenerationRecord
from funsearch.config import Config
from funsearch.loop import Progress
from funsearch.session import Observing

_RECENT = 20_000
"""Records at the end of the log among which an answer that is sent again must be. What a client
still repeats when a server comes back was under way when it went down."""


class Hall:
    """A run, from the outside; everybody waits until it has begun.

    Attributes:
        desk: of its sampler, once that has started.
    """

    def __init__(self) -> None:
        self.desk: Desk | None = None
        self._opened = asyncio.Event()
        self._folder: Path | None = None
        self._config: Config | None = None
        self._progress: Progress | None = None

    def observing(self, others: Observing) -> Observing:
        """Return an observer that tells this hall, and then the others."""

        def started(folder: Path, config: Config, containment: Containment) -> None:
            log = LogReader(folder)
            recent = deque(read_records(log, max(0, log.size - _RECENT)))
            assert self.desk is not None, "the sampler starts before the search"
            self.desk.remember((n, r) for n, r in recent if isinstance(r, GenerationRecord))
            self._folder, self._config = folder, config
            others.started(folder, config, containment)

        def progress(progress: Progress) -> None:
            self._progress = progress
            self._opened.set()
            others.progress(progress)

        return replace(others, started=started, progress=progress)

    async def opened(self) -> Path:
        """Return the folder of the run, once it has begun."""
        await self._opened.wait()
        assert self._folder is not None, "what has begun has a folder"
        return self._folder

    @property
    def progress(self) -> Progress:
        """How the run went when it last said so."""
        assert self._progress is not None, "asked before it had begun"
        return self._progress

    @property
    def direction(self) -> Direction:
        """Which scores are better."""
        assert self._config is not None, "asked before it had begun"
        return self._config.loaded.problem.metric.direction

    async def description(self, message_bytes: int) -> pb.Description:
        """Return which run this is."""
        folder = await self.opened()
        config = self._config
        assert config is not None, "what has begun has a configuration"
        return pb.Description(
            problem=config.loaded.problem.name,
            function=config.loaded.problem.evolve.__name__,
            instances=config.instances,
            log=read_verifier(folder).text,
            seed=config.run.seed,
            message_bytes=message_bytes,
        )
