"""A guarded grpc.aio server over real connections, for tests that attack one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from cluster.security import transport
from cluster.security.guard import Guard, caller
from cluster.security.limits import Limits
from cluster.security.tokens import Role, TokenStore
from cluster.security.transport import ClientTls, ServerTls

ECHO, WATCH, OPEN = "/t.T/Echo", "/t.T/Watch", "/t.T/Open"
RIGHTS = {
    ECHO: frozenset({Role.SAMPLER, Role.ADMIN}),
    WATCH: frozenset({Role.SAMPLER, Role.READER, Role.ADMIN}),
}


def _parse(data: bytes) -> bytes:
    if data.startswith(b"malformed"):
        raise ValueError(data)
    return data


async def _echo(request: bytes, _: Any) -> bytes:
    return caller().name.encode() + b" says " + request


async def _open(request: bytes, _: Any) -> bytes:
    return b"open to " + request


async def _watch(request: bytes, _: Any) -> AsyncIterator[bytes]:
    yield b"first"
    await asyncio.Event().wait()


class _Handlers(grpc.GenericRpcHandler):
    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return {
            ECHO: grpc.unary_unary_rpc_method_handler(_echo, _parse),
            OPEN: grpc.unary_unary_rpc_method_handler(_open),
            WATCH: grpc.unary_stream_rpc_method_handler(_watch),
        }.get(handler_call_details.method)


@dataclass
class Served:
    """A running server, and the store of those who may call it."""

    port: int
    store: TokenStore
    tls: ClientTls | None = None

    async def call(
        self, method: str, request: bytes, token: str | None = None, tls: ClientTls | None = None
    ) -> bytes:
        target = f"127.0.0.1:{self.port}"
        async with transport.channel(target, tls=tls or self.tls, token=token) as channel:
            return await channel.unary_unary(method)(request, timeout=20)

    async def code(self, *arguments: Any, **more: Any) -> grpc.StatusCode:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.call(*arguments, **more)
        return raised.value.code()


@asynccontextmanager
async def serving(
    folder: Path,
    limits: Limits | None = None,
    *,
    tls: ServerTls | None = None,
    tokens: bool = True,
    now: Callable[[], float] = time.time,
) -> AsyncIterator[Served]:
    limits = limits or Limits(recheck_s=0.02)
    store = TokenStore(folder / "tokens.json", now)
    guard = Guard(store if tokens else None, RIGHTS, limits, public=frozenset({OPEN}))
    server = grpc.aio.server(interceptors=[guard], options=transport.server_options(limits))
    server.add_generic_rpc_handlers([_Handlers()])
    port = transport.listen(server, "127.0.0.1", 0, tls=tls, tokens=tokens)
    await server.start()
    try:
        yield Served(port, store)
    finally:
        await server.stop(0)


def run(check: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await check()

    asyncio.run(bounded())
