"""The gRPC server: one address, limits on everything, and an end in good order."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from cluster.proto import programs_pb2, programs_pb2_grpc
from cluster.security.guard import Guard, Rights
from cluster.security.limits import Limits
from cluster.security.tokens import Role, TokenStore
from cluster.security.transport import ServerTls, listen, server_options
from cluster.service.desk import Desk
from cluster.service.hall import Hall
from cluster.service.servicer import MESSAGE_BYTES, Programs

SERVICE = programs_pb2.DESCRIPTOR.services_by_name["Programs"].full_name
_GRACE_S = 2.0
"""Seconds that calls under way have to end when the server does."""
RIGHTS: Rights = {
    f"/{SERVICE}/{method}": frozenset({Role.ADMIN, *roles})
    for roles, methods in (
        ((Role.SAMPLER, Role.READER), ("Describe", "Watch")),
        ((Role.SAMPLER,), ("Draw", "Submit")),
        ((Role.READER,), ("GetProgram", "GetLineage", "ListBest")),
        ((), ("Stop",)),
    )
    for method in methods
}
"""Who may call what."""
PUBLIC = frozenset(
    f"/{service}/{method}"
    for service, methods in (
        (health.SERVICE_NAME, ("Check", "Watch")),
        (reflection.SERVICE_NAME, ("ServerReflectionInfo",)),
    )
    for method in methods
)
"""What anybody may call: it tells whether the server is well, and what its calls are named."""
_MOST_CALLS = 4096


@dataclass(frozen=True)
class Door:
    """Where a server listens, and whom it lets in.

    Attributes:
        host: address.
        port: 0 for any that is free.
        tls: files of the server; None for a connection that anybody on the way can read.
        store: of tokens; None for a server that only this machine can reach.
    """

    host: str
    port: int
    tls: ServerTls | None = None
    store: TokenStore | None = None


class Server:
    """The server of a run.

    Args:
        desk: of its sampler.
        hall: what is known of the run.
        door: where it listens.
    """

    def __init__(self, desk: Desk, hall: Hall, door: Door) -> None:
        self._desk, self._door = desk, door
        limits = Limits(message_bytes=MESSAGE_BYTES)
        self._server = grpc.aio.server(
            options=server_options(limits),
            interceptors=[Guard(door.store, RIGHTS, limits, public=PUBLIC)],
            maximum_concurrent_rpcs=_MOST_CALLS,
        )
        programs_pb2_grpc.add_ProgramsServicer_to_server(Programs(desk, hall), self._server)
        self._health = health.aio.HealthServicer()  # pyright: ignore[reportAttributeAccessIssue]
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)

    async def start(self) -> int:
        """Listen; return the port.

        Raises:
            SecurityError: the address is not safe, or cannot be had.
        """
        door = self._door
        port = listen(
            self._server, door.host, door.port, tls=door.tls, tokens=door.store is not None
        )
        await self._server.start()
        await self._health.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
        await self._health.set("", health_pb2.HealthCheckResponse.SERVING)
        return port

    async def close(self) -> None:
        """Take nothing more, let calls under way end, and close."""
        await self._health.enter_graceful_shutdown()
        self._desk.end()
        await self._server.stop(_GRACE_S)
