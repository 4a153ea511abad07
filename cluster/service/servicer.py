"""The calls of `programs.proto`, each a few lines between the wire and the desk."""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import grpc

from cluster.proto import programs_pb2 as pb
from cluster.proto import programs_pb2_grpc
from cluster.security.guard import caller
from cluster.service import wire
from cluster.service.desk import ID_BYTES, Desk, Result, Status
from cluster.service.hall import Hall
from funsearch.archive import queries
from funsearch.archive.errors import ArchiveError, Missing
from funsearch.archive.reader import Reader
from funsearch.text import one_line

MESSAGE_BYTES = 4 << 20
"""Longest message that is taken or sent."""
MOST = 256
"""Most prompts in a draw, submissions in a call, programs in a list."""
_LONGEST_WAIT_S = 60.0
_COME_BACK_S = 1.0
_SHORTEST_INTERVAL_S = 0.1

T = TypeVar("T")
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class Programs(programs_pb2_grpc.ProgramsServicer):
    """Serves one run.

    Args:
        desk: of its sampler.
        hall: what is known of the run.
    """

    def __init__(self, desk: Desk, hall: Hall) -> None:
        self._desk, self._hall = desk, hall
        self._readers = asyncio.Semaphore(2)

    async def Describe(self, request: pb.DescribeRequest, context: Context) -> pb.Description:  # noqa: N802
        """Say which run this is."""
        return await self._hall.description(MESSAGE_BYTES)

    async def Draw(self, request: pb.DrawRequest, context: Context) -> pb.Drawn:  # noqa: N802
        """Hand out prompts."""
        await self._hall.opened()
        wait_s = request.wait_s if math.isfinite(request.wait_s) else 0.0
        wait_s = min(max(wait_s, 0.0), _LONGEST_WAIT_S)
        most = min(max(request.most, 1), MOST)
        leases = await self._desk.draw(caller().name, most, wait_s)
        return pb.Drawn(
            leases=[
                pb.Lease(
                    id=lease.id,
                    prompt=wire.of_prompt(lease.place.prompt),
                    count=lease.place.count,
                    run_seed=lease.place.run_seed,
                    expires_s=self._desk.lease_s,
                )
                for lease in leases
            ],
            retry_after_s=0.0 if leases else _COME_BACK_S,
            ending=self._desk.ending.is_set(),
        )

    async def Submit(self, request: pb.SubmitRequest, context: Context) -> pb.Submitted:  # noqa: N802
        """Take answers."""
        await self._hall.opened()
        if len(request.submissions) > MOST:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"more than {MOST} submissions in one call"
            )
        client = caller().name
        try:
            results = await asyncio.gather(
                *(self._submit(client, submission) for submission in request.submissions)
            )
        except ArchiveError as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, one_line(str(error)))
        return pb.Submitted(
            results=[
                pb.Result(
                    status=pb.Result.Status.Name(result.status.value),
                    records=result.records,
                    reason=result.reason,
                )
                for result in results
            ]
        )

    async def Watch(  # noqa: N802
        self, request: pb.WatchRequest, context: Context
    ) -> AsyncIterator[pb.Progress]:
        """Tell how the run goes, until it ends."""
        await self._hall.opened()
        interval_s = request.interval_s if math.isfinite(request.interval_s) else 1.0
        interval_s = max(interval_s, _SHORTEST_INTERVAL_S)
        while True:
            yield self._glance()
            try:
                async with asyncio.timeout(interval_s):
                    await self._desk.ending.wait()
            except TimeoutError:
                continue
            yield self._glance()
            return

    async def GetProgram(  # noqa: N802
        self, request: pb.ProgramRequest, context: Context
    ) -> pb.ProgramFacts:
        """Tell of one program."""

        def read(reader: Reader) -> pb.ProgramFacts:
            name = _the_one(reader, request.id)
            step = queries.lineage(reader.index, name, 1).steps[0]
            return wire.of_row(step.program, step.parents, reader.object(name).decode())

        return await self._read(context, read)

    async def GetLineage(  # noqa: N802
        self, request: pb.LineageRequest, context: Context
    ) -> pb.ProgramList:
        """Tell of a program and its ancestors."""

        def read(reader: Reader) -> pb.ProgramList:
            limit = min(request.limit or MOST, MOST)
            found = queries.lineage(reader.index, _the_one(reader, request.id), limit)
            steps = [wire.of_row(step.program, step.parents) for step in found.steps]
            return pb.ProgramList(programs=steps, cut=not found.complete)

        return await self._read(context, read)

    async def ListBest(self, request: pb.ListRequest, context: Context) -> pb.ProgramList:  # noqa: N802
        """Tell of the best programs."""

        def read(reader: Reader) -> pb.ProgramList:
            limit = min(request.limit or 10, MOST)
            page = queries.leaders(reader.index, self._hall.direction, limit=limit)
            rows = [wire.of_row(row, ()) for row in page.items]
            return pb.ProgramList(programs=rows, cut=page.after is not None)

        return await self._read(context, read)

    async def Stop(self, request: pb.StopRequest, context: Context) -> pb.Stopping:  # noqa: N802
        """End the run in good order."""
        await self._hall.opened()
        signal.raise_signal(signal.SIGTERM)  # the same way that Ctrl-C takes
        return pb.Stopping()

    async def _submit(self, client: str, message: pb.Submission) -> Result:
        if len(message.id) != ID_BYTES or len(message.lease) != ID_BYTES:
            return Result(Status.INVALID, reason=f"id and lease have {ID_BYTES} bytes")
        if message.failure:
            return self._desk.give_back(message.lease, one_line(message.failure))
        if not message.samples:
            return Result(Status.INVALID, reason="there are neither samples nor a failure")
        samples = []
        place = self._desk.place_of(message.lease)
        if place is not None and not self._desk.knows(client, message.id):
            try:
                samples = [
                    wire.to_sample(sample, place.prompt, client, message.id)
                    for sample in message.samples
                ]
            except wire.Malformed as error:
                return Result(Status.INVALID, reason=one_line(str(error)))
        return await self._desk.submit(client, message.id, message.lease, samples)

    def _glance(self) -> pb.Progress:
        return wire.of_progress(self._hall.progress, self._desk.waiting, self._desk.handed_out)

    async def _read(self, context: Context, read: Callable[[Reader], T]) -> T:
        """Ask the archive in a thread, so that no question holds up the run."""
        folder = await self._hall.opened()

        def work(folder: Path) -> T:
            with Reader(folder) as reader:
                return read(reader)

        try:
            async with self._readers:
                return await asyncio.to_thread(work, folder)
        except Missing as error:
            await context.abort(grpc.StatusCode.NOT_FOUND, one_line(str(error)))
        except ArchiveError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, one_line(str(error)))


def _the_one(reader: Reader, prefix: str) -> str:
    found = queries.find(reader.index, prefix)
    if len(found) != 1:
        what = f"may be any of {len(found)} programs" if found else "is no program of this run"
        raise Missing(f"{prefix[:80]!a} {what}")
    return found[0]
