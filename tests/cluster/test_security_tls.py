"""Certificates of both ends, on a guarded server over real connections."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import grpc.aio
import pytest

from cluster.security import certificates, transport
from cluster.security.limits import Limits
from cluster.security.tokens import Role
from cluster.security.transport import ClientTls, ServerTls
from tests.cluster.guarded import ECHO, WATCH, run, serving

NOW = datetime.datetime.now(datetime.UTC)


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

    run(check)


def test_client_turns_away_from_a_server_of_another_ca(tmp_path: Path) -> None:
    authority, other = _authority(tmp_path / "tls"), _authority(tmp_path / "other")

    async def check() -> None:
        async with serving(tmp_path, tls=authority.server) as served:
            code = await served.code(ECHO, b"hello", "fst_x", tls=other.client)
            assert code is grpc.StatusCode.UNAVAILABLE

    run(check)


def test_client_turns_away_from_a_server_of_another_name(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls", host="10.0.0.1")

    async def check() -> None:
        async with serving(tmp_path, tls=authority.server) as served:
            code = await served.code(ECHO, b"hello", "fst_x", tls=authority.client)
            assert code is grpc.StatusCode.UNAVAILABLE

    run(check)


def test_server_takes_up_a_renewed_certificate(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls")

    async def check() -> None:
        async with serving(tmp_path, tls=authority.server) as served:
            token = served.store.add_token("worker-1", Role.SAMPLER)
            await served.call(ECHO, b"hello", token, tls=authority.client)
            renewed = _authority(tmp_path / "tls")
            said = await served.call(ECHO, b"hello", token, tls=renewed.client)
            assert said == b"worker-1 says hello"

    run(check)


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

    run(check)


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

    run(check)


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

    run(check)


def test_certificate_of_the_ca_that_is_not_in_the_store_is_refused(tmp_path: Path) -> None:
    authority = _authority(tmp_path / "tls")
    tls = _with_client(authority, certificates.make_client(authority.ca, "admin", NOW))

    async def check() -> None:
        async with serving(tmp_path, tls=_mutual(authority)) as served:
            served.store.add_token("admin", Role.ADMIN)
            assert await served.code(ECHO, b"", tls=tls) is grpc.StatusCode.UNAUTHENTICATED

    run(check)


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

    run(check)


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

    run(check)
