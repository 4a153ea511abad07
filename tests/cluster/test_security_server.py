"""A guarded grpc.aio server, attacked over real connections."""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from cluster.security import certificates, transport
from cluster.security.guard import LOCAL, Guard, caller
from cluster.security.limits import Limits
from cluster.security.tokens import Role, TokenStore
from cluster.security.transport import ClientTls, ServerTls

ECHO, WATCH, OPEN = "/t.T/Echo", "/t.T/Watch", "/t.T/Open"
RIGHTS = {
    ECHO: frozenset({Role.SAMPLER, Role.ADMIN}),
    WATCH: frozenset({Role.SAMPLER, Role.READER, Role.ADMIN}),
}
NOW = datetime.datetime.now(datetime.UTC)


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


def _run(check: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await check()

    asyncio.run(bounded())


def _refusals(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        json.loads(r.getMessage())
        for r in caplog.records
        if r.name == "cluster.security.guard" and r.levelno == logging.WARNING
    ]


def test_client_with_token_is_served_under_its_name(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            assert await served.call(ECHO, b"hello", token) == b"worker-1 says hello"

    _run(check)


def test_server_without_tokens_knows_everybody_as_local(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path, tokens=False) as served:
            assert await served.call(ECHO, b"hello") == f"{LOCAL.name} says hello".encode()

    _run(check)


def test_no_token_a_wrong_one_and_a_revoked_one_are_refused_and_logged_without_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            revoked = served.store.add_token("worker-1", Role.SAMPLER)
            served.store.revoke("worker-1")
            for token in (None, "fst_guess", revoked):
                code = await served.code(ECHO, b"hello", token)
                assert code is grpc.StatusCode.UNAUTHENTICATED
            assert len(_refusals(caplog)) == 3
            assert revoked not in caplog.text
            assert "fst_guess" not in caplog.text

    _run(check)


def test_reader_cannot_call_what_samplers_may(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("reader-1", Role.READER)
            code = await served.code(ECHO, b"hello", token)
            assert code is grpc.StatusCode.PERMISSION_DENIED
            assert _refusals(caplog)[0]["client"] == "reader-1"

    _run(check)


def test_method_that_is_not_in_the_table_is_refused_even_to_an_admin(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("boss", Role.ADMIN)
            code = await served.code("/t.T/Forgotten", b"", token)
            assert code is grpc.StatusCode.PERMISSION_DENIED

    _run(check)


def test_public_method_needs_no_token(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            assert await served.call(OPEN, b"anybody") == b"open to anybody"

    _run(check)


def test_stream_ends_when_its_client_is_revoked(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            async with transport.channel(f"127.0.0.1:{served.port}", token=token) as channel:
                stream = aiter(channel.unary_stream(WATCH)(b"", timeout=20))
                assert await anext(stream) == b"first"
                served.store.revoke("worker-1")
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await anext(stream)
                assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED

    _run(check)


def test_damaged_file_of_clients_admits_nobody(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            (tmp_path / "tokens.json").write_text("{")
            assert await served.code(ECHO, b"", token) is grpc.StatusCode.UNAVAILABLE

    _run(check)


def test_oversized_and_malformed_messages_are_refused_and_the_next_one_is_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with serving(tmp_path, Limits(message_bytes=1000)) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            code = await served.code(ECHO, b"x" * 1001, token)
            assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
            code = await served.code(ECHO, b"malformed", token)
            assert code is grpc.StatusCode.INVALID_ARGUMENT
            assert await served.call(ECHO, b"x", token) == b"worker-1 says x"
            assert [r["client"] for r in _refusals(caplog)][-1] == "worker-1"

    _run(check)


def test_call_that_never_sends_its_request_ends(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path, Limits(receive_s=0.05)) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            metadata = (("authorization", f"Bearer {token}"),)
            async with transport.channel(f"127.0.0.1:{served.port}") as channel:
                # To the server, a stream of one request is a single request.
                call = channel.stream_unary(ECHO)(timeout=20, metadata=metadata)
                assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            assert await served.call(ECHO, b"x", token) == b"worker-1 says x"

    _run(check)


def test_connections_that_say_nothing_do_not_keep_others_out(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            silent = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(200)]
            try:
                silent[0].sendall(b"PRI * HTTP/2.0\r\n")
                silent[1].sendall(b"\x00\xff" * 500)
                assert await served.call(ECHO, b"x", token) == b"worker-1 says x"
            finally:
                for one in silent:
                    one.close()

    _run(check)


def test_calls_beyond_the_rate_are_told_when_to_come_back(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path, Limits(calls_per_s=0.001, calls_at_once=2)) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            other = served.store.add_token("worker-2", Role.SAMPLER)
            for _ in range(2):
                await served.call(ECHO, b"x", token)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await served.call(ECHO, b"x", token)
            assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "grpc-retry-pushback-ms" in dict(raised.value.trailing_metadata())
            assert await served.call(ECHO, b"x", other) == b"worker-2 says x"

    _run(check)


def test_bytes_beyond_the_rate_are_refused(tmp_path: Path) -> None:
    async def check() -> None:
        limits = Limits(bytes_per_s=0.001, bytes_at_once=1500)
        async with serving(tmp_path, limits) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            await served.call(ECHO, b"x" * 1000, token)
            code = await served.code(ECHO, b"x" * 1000, token)
            assert code is grpc.StatusCode.RESOURCE_EXHAUSTED

    _run(check)


def test_open_calls_of_one_client_are_limited_and_counted_down(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path, Limits(open_calls=2)) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            async with transport.channel(f"127.0.0.1:{served.port}", token=token) as channel:
                calls = [channel.unary_stream(WATCH)(b"", timeout=20) for _ in range(2)]
                for call in calls:
                    assert await anext(aiter(call)) == b"first"
                code = await served.code(ECHO, b"x", token)
                assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
                calls[0].cancel()
                while await _busy(served, token):
                    pass
                assert await served.call(ECHO, b"x", token) == b"worker-1 says x"

    _run(check)


async def _busy(served: Served, token: str) -> bool:
    try:
        await served.call(ECHO, b"x", token)
    except grpc.aio.AioRpcError as error:
        return error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    return False


def test_log_of_refusals_is_bounded_and_one_line_each(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            async with transport.channel(f"127.0.0.1:{served.port}") as channel:
                calls = [channel.unary_unary(f"/evil%0a\x1b[2J/{n}")(b"") for n in range(400)]
                for call in calls:
                    assert await call.code() is not grpc.StatusCode.OK
            lines = [r.getMessage() for r in caplog.records if r.name == "cluster.security.guard"]
            assert 0 < len(lines) < 400
            assert all(line.isprintable() for line in lines)

    _run(check)


# --- TLS ---


@dataclass(frozen=True)
class Authority:
    """A CA, the files of a server and a client, and where they are."""

    folder: Path
    ca: certificates.Pair

    @property
    def server(self) -> ServerTls:
        return ServerTls(self.folder / "server.pem", self.folder / "server.key")

    @property
    def client(self) -> ClientTls:
        return ClientTls(self.folder / "ca.pem")


def _authority(folder: Path, host: str = "127.0.0.1") -> Authority:
    folder.mkdir(exist_ok=True)
    ca = certificates.make_ca(NOW)
    ca.save(folder, "ca")
    certificates.make_server(ca, [host], NOW).save(folder, "server")
    return Authority(folder, ca)


def test_token_is_accepted_over_tls(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls")

    async def check() -> None:
        async with serving(tmp_path, tls=authority.server) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            said = await served.call(ECHO, b"hello", token, tls=authority.client)
            assert said == b"worker-1 says hello"
            code = await served.code(ECHO, b"hello", tls=authority.client)
            assert code is grpc.StatusCode.UNAUTHENTICATED

    _run(check)


def test_client_turns_away_from_a_server_of_another_ca(tmp_path: Path) -> None:
    authority, other = _authority(tmp_path / "tls"), _authority(tmp_path / "other")

    async def check() -> None:
        async with serving(tmp_path, tls=authority.server) as served:
            code = await served.code(ECHO, b"hello", "fst_x", tls=other.client)
            assert code is grpc.StatusCode.UNAVAILABLE

    _run(check)


def test_client_turns_away_from_a_server_of_another_name(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls", host="10.0.0.1")

    async def check() -> None:
        async with serving(tmp_path, tls=authority.server) as served:
            code = await served.code(ECHO, b"hello", "fst_x", tls=authority.client)
            assert code is grpc.StatusCode.UNAVAILABLE

    _run(check)


def test_server_takes_up_a_renewed_certificate(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls")

    async def check() -> None:
        async with serving(tmp_path, tls=authority.server) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            await served.call(ECHO, b"hello", token, tls=authority.client)
            renewed = _authority(tmp_path / "tls")
            said = await served.call(ECHO, b"hello", token, tls=renewed.client)
            assert said == b"worker-1 says hello"

    _run(check)


def _mutual(authority: Authority) -> ServerTls:
    return replace(authority.server, client_ca=authority.folder / "ca.pem")


def _with_client(authority: Authority, pair: certificates.Pair) -> ClientTls:
    pair.save(authority.folder, "client")
    folder = authority.folder
    return ClientTls(folder / "ca.pem", folder / "client.pem", folder / "client.key")


def test_client_certificate_stands_in_for_a_token_until_it_is_revoked(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls")
    tls = _with_client(authority, certificates.make_client(authority.ca, "worker-1", NOW))

    async def check() -> None:
        async with serving(tmp_path, tls=_mutual(authority)) as served:
            der = certificates.der((authority.folder / "client.pem").read_bytes())
            served.store.add_certificate("worker-1", Role.SAMPLER, der)
            assert await served.call(ECHO, b"hello", tls=tls) == b"worker-1 says hello"
            served.store.revoke("worker-1")
            assert await served.code(ECHO, b"", tls=tls) is grpc.StatusCode.UNAUTHENTICATED

    _run(check)


def test_certificate_that_expires_is_refused_on_a_connection_that_stands(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls")
    tls = _with_client(authority, certificates.make_client(authority.ca, "worker-1", NOW, days=1))
    moment = NOW

    async def check() -> None:
        nonlocal moment
        mutual = _mutual(authority)
        async with serving(tmp_path, tls=mutual, now=lambda: moment.timestamp()) as served:
            der = certificates.der((authority.folder / "client.pem").read_bytes())
            served.store.add_certificate("worker-1", Role.SAMPLER, der)
            async with transport.channel(f"127.0.0.1:{served.port}", tls=tls) as channel:
                echo = channel.unary_unary(ECHO)
                assert await echo(b"hello", timeout=20) == b"worker-1 says hello"
                moment += datetime.timedelta(days=1)
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await echo(b"hello", timeout=20)
                assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED

    _run(check)


def test_connection_that_is_too_old_ends_and_the_next_one_obeys_the_files_of_then(
    tmp_path: Path,
) -> None:
    authority = _authority(tmp_path / "tls")
    tls = _with_client(authority, certificates.make_client(authority.ca, "worker-1", NOW))

    async def check() -> None:
        limits = Limits(connection_s=0.2)
        async with serving(tmp_path, limits, tls=_mutual(authority)) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            target = f"127.0.0.1:{served.port}"
            async with transport.channel(target, tls=tls, token=token) as channel:
                stream = aiter(channel.unary_stream(WATCH)(b"", timeout=20))
                assert await anext(stream) == b"first"
                certificates.make_ca(NOW).save(authority.folder, "ca")
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await anext(stream)
                assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await channel.unary_unary(ECHO)(b"", timeout=20)
                assert raised.value.code() is grpc.StatusCode.UNAVAILABLE

    _run(check)


def test_certificate_of_the_ca_that_is_not_in_the_store_is_refused(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls")
    tls = _with_client(authority, certificates.make_client(authority.ca, "admin", NOW))

    async def check() -> None:
        async with serving(tmp_path, tls=_mutual(authority)) as served:
            served.store.add_token("admin", Role.ADMIN)
            assert await served.code(ECHO, b"", tls=tls) is grpc.StatusCode.UNAUTHENTICATED

    _run(check)


@pytest.mark.parametrize("fault", ["expired", "another CA", "none"])
def test_connection_without_a_good_client_certificate_is_refused(
    tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A client that attacks does not look at its own certificate first.
    monkeypatch.setattr(transport, "check_pair", lambda *_: None)
    authority = _authority(tmp_path / "tls")
    signer = authority.ca if fault == "expired" else certificates.make_ca(NOW)
    then = NOW - datetime.timedelta(days=2) if fault == "expired" else NOW
    pair = certificates.make_client(signer, "worker-1", then, days=1)
    tls = _with_client(authority, pair) if fault != "none" else authority.client

    async def check() -> None:
        async with serving(tmp_path, tls=_mutual(authority)) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            assert await served.code(ECHO, b"", token, tls=tls) is grpc.StatusCode.UNAVAILABLE

    _run(check)


def test_client_turns_away_from_an_expired_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "check_pair", lambda *_: None)
    authority = _authority(tmp_path / "tls")
    then = NOW - datetime.timedelta(days=2)
    certificates.make_server(authority.ca, ["127.0.0.1"], then, days=1).save(
        authority.folder, "server"
    )

    async def check() -> None:
        async with serving(tmp_path, tls=authority.server) as served:
            code = await served.code(ECHO, b"", "fst_x", tls=authority.client)
            assert code is grpc.StatusCode.UNAVAILABLE

    _run(check)
