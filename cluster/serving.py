"""`funsearch serve`: a run whose samples come over gRPC."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster import remote
from cluster.remote import Close
from cluster.security.errors import SecurityError
from cluster.security.tokens import TokenStore
from cluster.security.transport import ServerTls, check_address
from cluster.service.desk import Desk
from cluster.service.hall import Hall
from cluster.service.server import Door, Server
from funsearch.cli import search
from funsearch.cli.search import Command
from funsearch.config import ConfigError
from funsearch.samplers.protocol import SamplerError
from funsearch.session import Observing


@dataclass(frozen=True)
class Files:
    """The files of a service that other machines can reach.

    Attributes:
        certificate, key: of the server.
        client_ca: that vouches for the certificates of clients.
        tokens: who may come in.
    """

    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    tokens: Path | None = None


def serve(
    overrides: Sequence[str],
    listen: str,
    files: Files,
    resume: str | None,
    *,
    unsafe_no_sandbox: bool,
    json: bool,
) -> None:
    """Search, and serve prompts to samplers that connect.

    Raises:
        SecurityError: the address is not safe, or a file is not what it should be.
        ConfigError: another sampler is asked for.
        ProblemError, SamplerError, PoolError, ArchiveError, RunError: as `run` and `resume`.
    """
    door = _door(listen, files)
    if any(item.startswith("sampler=") and item != "sampler=remote" for item in overrides):
        raise ConfigError(
            "sampler: the samplers of a service connect to it; see `funsearch sample`"
        )
    service = _Service(door)
    remote.opening.set(service.open)
    command = Command(
        ("serve", "--listen", listen, *_options(files), "--resume"), service.observing
    )
    if resume is not None:
        search.resume(
            resume, overrides, unsafe_no_sandbox=unsafe_no_sandbox, json=json, command=command
        )
        return
    unsafe = ["cluster.unsafe_no_sandbox=true"] if unsafe_no_sandbox else []
    search.run(["sampler=remote", *overrides, *unsafe], json=json, command=command)


def _options(files: Files) -> list[str]:
    names = ("--cert", "--key", "--client-ca", "--tokens")
    paths = (files.certificate, files.key, files.client_ca, files.tokens)
    given = [(name, str(path)) for name, path in zip(names, paths, strict=True) if path]
    return [word for pair in given for word in pair]


def _door(listen: str, files: Files) -> Door:
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"--listen {listen[:100]!a}: must be HOST:PORT, as in 127.0.0.1:7711")
    if (files.certificate is None) != (files.key is None):
        raise ConfigError("--cert needs --key, and --key needs --cert")
    tls = None
    if files.certificate is not None and files.key is not None:
        tls = ServerTls(files.certificate, files.key, files.client_ca)
    elif files.client_ca is not None:
        raise ConfigError("--client-ca needs --cert and --key")
    store = None if files.tokens is None else TokenStore(files.tokens)
    host = host.strip("[]")
    check_address(host, tls=tls, tokens=store is not None)
    return Door(host, int(port), tls, store)


class _Service:
    """The service of one command, from the moment that the run's sampler starts."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._hall = Hall()

    async def open(self, desk: Desk) -> Close:
        self._hall.desk = desk
        server = Server(desk, self._hall, self._door)
        try:
            port = await server.start()
        except SecurityError as error:
            raise SamplerError(str(error)) from None
        host = self._door.host
        sys.stderr.write(f"serving on {host}:{port}\n")
        sys.stderr.flush()
        return server.close

    def observing(self, others: Observing) -> Observing:
        return self._hall.observing(others)
