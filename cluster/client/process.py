"""`funsearch sample`: builds a sampler, connects it, and says what it did."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import grpc
import typer

from cluster.addresses import check
from cluster.client.answering import Answering, Tally
from cluster.client.calls import OPTIONS, Calls
from funsearch.cli.app import INTERRUPTED
from funsearch.config import ConfigError, compose
from funsearch.interruption import interruptible
from funsearch.samplers.protocol import Sampler
from funsearch.text import one_line


def sample(overrides: Sequence[str], target: str, batch: int, patience_s: float) -> None:
    """Answer the prompts of a service until its run ends or somebody presses Ctrl-C.

    Raises:
        ConfigError, SamplerError: one line for the user.
    """
    for override in overrides:
        if not override.startswith(("sampler=", "sampler.")):
            raise ConfigError(
                f"{override!r}: a sampler process has a sampler only; the rest is decided where "
                "the service runs"
            )
    config = compose(overrides)
    if config.tree["sampler"]["_target_"] == "cluster.remote.Remote":
        raise ConfigError("sampler=remote: a sampler process cannot pass prompts on")
    check(target, "--connect")
    tally, stopped = asyncio.run(_sample(config.build("sampler"), target, batch, patience_s))
    how = "stopped" if stopped else "the run ended"
    sys.stderr.write(
        f"{how}: {tally.recorded} samples of {tally.prompts} prompts recorded, "
        f"{tally.refused} answers too late, {tally.failed} prompts given back\n"
    )
    if stopped:
        raise typer.Exit(INTERRUPTED)


async def _sample(
    sampler: Sampler, target: str, batch: int, patience_s: float
) -> tuple[Tally, bool]:
    stop = asyncio.Event()
    async with grpc.aio.insecure_channel(target, options=OPTIONS) as channel:
        calls = Calls(channel, target, patience_s)
        with interruptible(lambda _: stop.set()):
            try:
                await sampler.start()
                run = await calls.describe()
                sys.stderr.write(
                    f"connected to {target}: problem {one_line(run.problem)}, "
                    f"sampler {sampler.name}\n"
                )
                answering = Answering(calls, sampler, batch)
                await answering.run(stop)
            finally:
                await sampler.close()
    return answering.tally, stop.is_set()
