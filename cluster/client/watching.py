"""`funsearch cluster top`: a run as its service tells it, from anywhere that may read."""

from __future__ import annotations

import asyncio
import os
import sys

import grpc

from cluster.client.calls import OPTIONS
from cluster.client.process import Proof
from cluster.proto import programs_pb2 as pb
from cluster.proto import programs_pb2_grpc
from cluster.security.transport import ClientTls, channel, read_token
from funsearch.cli import output
from funsearch.interruption import interruptible
from funsearch.samplers.protocol import SamplerError
from funsearch.text import duration, number, one_line

_MOST_ISLANDS = 30
_CONNECT_S = 15.0
"""Seconds until the service must have told of itself."""


def top(target: str, proof: Proof, *, every_s: float, once: bool, json: bool) -> None:
    """Show a run until it ends.

    Args:
        target: address of the service.
        proof: by which it and we know each other.
        every_s: seconds between two looks.
        once: look once.
        json: one object a line for each look.

    Raises:
        SamplerError: the service cannot be reached, or refuses.
        SecurityError: the address or a file is not safe.
    """
    asyncio.run(_top(target, proof, every_s, once=once, json=json))


async def _top(target: str, proof: Proof, every_s: float, *, once: bool, json: bool) -> None:
    tls = None
    if proof.ca is not None or proof.certificate is not None:
        tls = ClientTls(proof.ca, proof.certificate, proof.key)
    token = read_token(proof.token, os.environ)
    async with channel(target, tls=tls, token=token, options=OPTIONS) as connection:
        stub = programs_pb2_grpc.ProgramsStub(connection)
        try:
            run = await stub.Describe(pb.DescribeRequest(), timeout=_CONNECT_S)
            stream = stub.Watch(pb.WatchRequest(interval_s=every_s))
            with interruptible(lambda _: stream.cancel()):
                async for seen in stream:
                    _show(run.problem, seen, once=once, json=json)
                    if once:
                        return
        except grpc.aio.AioRpcError as error:
            why = f"{error.code().name}: {one_line(error.details() or '')}"
            raise SamplerError(f"{one_line(target)}: {why}") from None
        except asyncio.CancelledError:
            return


def _show(problem: str, seen: pb.Progress, *, once: bool, json: bool) -> None:
    if json:
        output.json_line(_as_json(problem, seen))
    elif not once:
        output.line(_headline(seen))
    else:
        output.facts([("problem", problem), ("state", _headline(seen))])
        rows = [
            (str(index), number(_best(island)), str(island.programs))
            for index, island in enumerate(seen.islands[:_MOST_ISLANDS])
        ]
        columns = ("island", "best", "programs")
        output.line()
        output.table(columns, rows, right=columns)
    sys.stdout.flush()


def _best(told: pb.Progress | pb.Island) -> float | None:
    return told.best if told.HasField("best") else None


def _headline(seen: pb.Progress) -> str:
    parts = [
        duration(min(max(seen.seconds, 0.0), 1e9)),
        f"best {number(_best(seen))}",
        f"{seen.samples} samples",
        f"{seen.evaluations} verdicts",
        f"{seen.waiting} waiting",
        f"{seen.prompts_waiting} prompts to draw",
        f"{seen.leases} at samplers",
    ]
    failed = {key: count for key, count in sorted(seen.verdicts.items()) if key != "ok"}
    parts += [f"{count} {one_line(status)}" for status, count in failed.items()]
    if seen.outages:
        parts.append(f"{seen.outages} outages")
    return " · ".join(parts)


def _as_json(problem: str, seen: pb.Progress) -> dict[str, object]:
    return {
        "problem": problem,
        "seconds": seen.seconds,
        "samples": seen.samples,
        "evaluations": seen.evaluations,
        "waiting": seen.waiting,
        "best": _best(seen),
        "program": seen.best_program,
        "verdicts": dict(seen.verdicts),
        "outages": seen.outages,
        "tokens": seen.tokens,
        "prompts_waiting": seen.prompts_waiting,
        "leases": seen.leases,
        "islands": [{"best": _best(each), "programs": each.programs} for each in seen.islands],
    }
