"""`funsearch sample`: builds a sampler, connects it, and says what it did."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from cluster.client.answering import Answering, Tally
from cluster.client.calls import OPTIONS, Calls
from cluster.security.transport import ClientTls, channel, read_token
from funsearch.cli.app import INTERRUPTED
from funsearch.config import ConfigError, compose
from funsearch.interruption import interruptible
from funsearch.samplers.protocol import Sampler
from funsearch.text import one_line


@dataclass(frozen=True)
class Proof:
    """The files by which a client and a service know each other.

    Attributes:
        ca: that vouches for the service; None for one on this machine, without TLS.
        certificate, key: of the client.
        token: file that holds it; None for one in the environment, or none.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    token: Path | None = None


def sample(
    overrides: Sequence[str], target: str, proof: Proof, batch: int, patience_s: float
) -> None:
    """Answer the prompts of a service until its run ends or somebody presses Ctrl-C.

    Raises:
        ConfigError, SamplerError, SecurityError: one line for the user.
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
    sampler = config.build("sampler")
    tally, stopped = asyncio.run(_sample(sampler, target, proof, batch, patience_s))
    how = "stopped" if stopped else "the run ended"
    sys.stderr.write(
        f"{how}: {tally.recorded} samples of {tally.prompts} prompts recorded, "
        f"{tally.refused} answers too late, {tally.failed} prompts given back\n"
    )
    if stopped:
        raise typer.Exit(INTERRUPTED)


async def _sample(
    sampler: Sampler, target: str, proof: Proof, batch: int, patience_s: float
) -> tuple[Tally, bool]:
    stop = asyncio.Event()
    tls = None
    if proof.ca is not None or proof.certificate is not None:
        tls = ClientTls(proof.ca, proof.certificate, proof.key)
    token = read_token(proof.token, os.environ)
    async with channel(target, tls=tls, token=token, options=OPTIONS) as connection:
        calls = Calls(connection, target, patience_s)
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
