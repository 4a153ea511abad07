"""The gRPC server: one address, limits on everything, and an end in good order."""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from cluster.proto import programs_pb2, programs_pb2_grpc
from cluster.service.desk import Desk
from cluster.service.hall import Hall
from cluster.service.servicer import MESSAGE_BYTES, Name, Programs
from funsearch.samplers.protocol import SamplerError

SERVICE = programs_pb2.DESCRIPTOR.services_by_name["Programs"].full_name
_GRACE_S = 2.0
"""Seconds that calls under way have to end when the server does."""
OPTIONS: Sequence[tuple[str, int]] = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_metadata_size", 16 << 10),
    ("grpc.max_concurrent_streams", 256),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.so_reuseport", 0),  # a second server on a port is a mistake, and must hear so
)
_MOST_CALLS = 4096


class Server:
    """The server of a run.

    Args:
        desk: of its sampler.
        hall: what is known of the run.
        client: name of who calls.
        credentials: of the server; None for a connection that anybody on the way can read.
        interceptors: what each call passes first.
    """

    def __init__(
        self,
        desk: Desk,
        hall: Hall,
        client: Name,
        credentials: grpc.ServerCredentials | None = None,
        interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
    ) -> None:
        self._desk, self._credentials = desk, credentials
        self._server = grpc.aio.server(
            options=OPTIONS, interceptors=interceptors, maximum_concurrent_rpcs=_MOST_CALLS
        )
        programs_pb2_grpc.add_ProgramsServicer_to_server(Programs(desk, hall, client), self._server)
        self._health = health.aio.HealthServicer()  # pyright: ignore[reportAttributeAccessIssue]
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)

    async def start(self, address: str) -> int:
        """Listen on an address; return the port.

        Raises:
            SamplerError: it cannot be had.
        """
        try:
            if self._credentials is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, self._credentials)
        except RuntimeError:
            port = 0
        if not port:
            raise SamplerError(
                f"--listen {address}: this address is in use, or not of this machine"
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
