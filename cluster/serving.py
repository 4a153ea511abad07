"""`funsearch serve`: a run whose samples come over gRPC."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cluster import addresses, remote
from cluster.remote import Close
from cluster.service.desk import Desk
from cluster.service.hall import Hall
from cluster.service.server import Server
from funsearch.cli import search
from funsearch.cli.search import Command
from funsearch.config import ConfigError
from funsearch.session import Observing

LOCAL = "local"
"""What records call a client on this machine, which has no token."""


def serve(
    overrides: Sequence[str],
    listen: str,
    resume: str | None,
    *,
    unsafe_no_sandbox: bool,
    json: bool,
) -> None:
    """Search, and serve prompts to samplers that connect.

    Raises:
        ConfigError: the address is not safe, or another sampler is asked for.
        ProblemError, SamplerError, PoolError, ArchiveError, RunError: as `run` and `resume`.
    """
    addresses.check(listen, "--listen")
    if any(item.startswith("sampler=") and item != "sampler=remote" for item in overrides):
        raise ConfigError(
            "sampler: the samplers of a service connect to it; see `funsearch sample`"
        )
    service = _Service(listen)
    remote.opening.set(service.open)
    command = Command(("serve", "--listen", listen, "--resume"), service.observing)
    if resume is not None:
        search.resume(
            resume, overrides, unsafe_no_sandbox=unsafe_no_sandbox, json=json, command=command
        )
        return
    unsafe = ["cluster.unsafe_no_sandbox=true"] if unsafe_no_sandbox else []
    search.run(["sampler=remote", *overrides, *unsafe], json=json, command=command)


class _Service:
    """The service of one command, from the moment that the run's sampler starts."""

    def __init__(self, listen: str) -> None:
        self._listen = listen
        self._hall = Hall()

    async def open(self, desk: Desk) -> Close:
        self._hall.desk = desk
        server = Server(desk, self._hall, lambda _: LOCAL)
        port = await server.start(self._listen)
        host = self._listen.rpartition(":")[0]
        sys.stderr.write(f"serving on {host}:{port}\n")
        sys.stderr.flush()
        return server.close

    def observing(self, others: Observing) -> Observing:
        return self._hall.observing(others)
