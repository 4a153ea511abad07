"""A guarded grpc.aio server, attacked over real connections."""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from cluster.security import transport
from cluster.security.guard import LOCAL
from cluster.security.limits import Limits
from cluster.security.tokens import Role
from tests.cluster.guarded import ECHO, OPEN, WATCH, Served, run, serving


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

    run(check)


def test_server_without_tokens_knows_everybody_as_local(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path, tokens=False) as served:
            assert await served.call(ECHO, b"hello") == f"{LOCAL.name} says hello".encode()

    run(check)


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

    run(check)


def test_reader_cannot_call_what_samplers_may(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("reader-1", Role.READER)
            code = await served.code(ECHO, b"hello", token)
            assert code is grpc.StatusCode.PERMISSION_DENIED
            assert _refusals(caplog)[0]["client"] == "reader-1"

    run(check)


def test_method_that_is_not_in_the_table_is_refused_even_to_an_admin(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("boss", Role.ADMIN)
            code = await served.code("/t.T/Forgotten", b"", token)
            assert code is grpc.StatusCode.PERMISSION_DENIED

    run(check)


def test_public_method_needs_no_token(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            assert await served.call(OPEN, b"anybody") == b"open to anybody"

    run(check)


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

    run(check)


def test_damaged_file_of_clients_admits_nobody(tmp_path: Path) -> None:
    async def check() -> None:
        async with serving(tmp_path) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            (tmp_path / "tokens.json").write_text("{")
            assert await served.code(ECHO, b"", token) is grpc.StatusCode.UNAVAILABLE

    run(check)


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

    run(check)


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

    run(check)


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

    run(check)


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

    run(check)


def test_bytes_beyond_the_rate_are_refused(tmp_path: Path) -> None:
    async def check() -> None:
        limits = Limits(bytes_per_s=0.001, bytes_at_once=1500)
        async with serving(tmp_path, limits) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            await served.call(ECHO, b"x" * 1000, token)
            code = await served.code(ECHO, b"x" * 1000, token)
            assert code is grpc.StatusCode.RESOURCE_EXHAUSTED

    run(check)


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

    run(check)


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

    run(check)
