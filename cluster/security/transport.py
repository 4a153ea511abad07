"""Credentials for both ends, and the rule: beyond this machine only with TLS and known clients."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from cluster.security import files
from cluster.security.certificates import check_pair
from cluster.security.errors import SecurityError
from cluster.security.limits import Limits
from cluster.security.tokens import PREFIX

TOKEN_VARIABLE = "FUNSEARCH_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_FILE_VARIABLE = "FUNSEARCH_TOKEN_FILE"  # noqa: S105 - the same

_MOST_PEM = 1 << 20
_MOST_TOKEN = 1024
_GRACE_MS = 60_000
"""For calls under way on a connection that is too old; a stream is cut then."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerTls:
    """The files of a server, in PEM; with `client_ca`, only clients that it vouches for connect."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True)
class ClientTls:
    """The files of a client, in PEM; without `ca`, whom the system trusts is believed."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address; of names, that is `localhost` alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def check_address(host: str, *, tls: ServerTls | None, tokens: bool) -> None:
    """Refuse to listen where strangers could come in.

    Args:
        host: to listen on.
        tls: of the server.
        tokens: whether clients must be in a token store.

    Raises:
        SecurityError: the address is not loopback, and TLS or the clients' proof is missing.
    """
    if is_loopback(host):
        return
    if tls is None:
        raise SecurityError(
            f"{host[:100]!a} can be reached from other machines, which needs TLS: make "
            "certificates with `funsearch cluster certs`, or listen on 127.0.0.1"
        )
    if not tokens:
        raise SecurityError(
            f"{host[:100]!a} can be reached from other machines, which needs a file of tokens: "
            "make one with `funsearch cluster token add`, or listen on 127.0.0.1"
        )


def listen(
    server: grpc.aio.Server, host: str, port: int, *, tls: ServerTls | None, tokens: bool
) -> int:
    """Let a server listen, if that is safe; return the port.

    Raises:
        SecurityError: it is not (see `check_address`), or it cannot.
    """
    check_address(host, tls=tls, tokens=tokens)
    # The name could be made to lead elsewhere; the number cannot.
    host = "127.0.0.1" if host == "localhost" else host
    address = f"[{host}]:{port}" if ":" in host and host[0] != "[" else f"{host}:{port}"
    try:
        if tls is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, server_credentials(tls))
    except RuntimeError:
        raise SecurityError(f"{address[:100]!a} cannot be listened on: is it taken?") from None


def server_credentials(tls: ServerTls) -> grpc.ServerCredentials:
    """Return credentials that follow the files: a renewed certificate counts from the next caller.

    Raises:
        SecurityError: a file cannot be read, is no pair of certificate and key, or has expired.
    """
    last = _configuration(tls)
    current = _stamps(tls)

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        nonlocal current
        stamps = _stamps(tls)
        if stamps == current:
            return None
        current = stamps
        try:
            return _configuration(tls)
        except SecurityError as error:
            _log.error("the old certificate stays in use: %s", error)
            return None

    return grpc.dynamic_ssl_server_credentials(
        last,
        fetch,  # pyright: ignore[reportArgumentType] - None says that nothing changed
        require_client_authentication=tls.client_ca is not None,
    )


def _configuration(tls: ServerTls) -> grpc.ServerCertificateConfiguration:
    key = files.read(tls.key, _MOST_PEM, private=True)
    chain = files.read(tls.certificate, _MOST_PEM)
    check_pair(tls.certificate, chain, tls.key, key)
    ca = None if tls.client_ca is None else files.read(tls.client_ca, _MOST_PEM)
    return grpc.ssl_server_certificate_configuration([(key, chain)], ca)


def _stamps(tls: ServerTls) -> tuple[tuple[int, int] | None, ...]:
    def stamp(path: Path) -> tuple[int, int] | None:
        try:
            status = path.lstat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    return tuple(stamp(p) for p in (tls.certificate, tls.key, tls.client_ca) if p is not None)


def server_options(limits: Limits) -> list[tuple[str, Any]]:
    """Return the options of a server that lets nobody hold on to it without need."""
    age_ms = int(1000 * limits.connection_s)
    return [
        ("grpc.max_receive_message_length", limits.message_bytes),
        ("grpc.max_concurrent_streams", 2 * limits.open_calls),
        ("grpc.max_metadata_size", 8 << 10),
        ("grpc.absolute_max_metadata_size", 16 << 10),
        ("grpc.server_handshake_timeout_ms", 5_000),
        ("grpc.max_connection_idle_ms", 10 * 60_000),
        # Certificates are looked at when a connection begins, and never again.
        ("grpc.max_connection_age_ms", age_ms),
        ("grpc.max_connection_age_grace_ms", min(age_ms, _GRACE_MS)),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.so_reuseport", 0),
    ]


def channel(
    target: str,
    *,
    tls: ClientTls | None = None,
    token: str | None = None,
    options: Sequence[tuple[str, Any]] = (),
) -> grpc.aio.Channel:
    """Return a channel to a server; a token leaves this machine through TLS alone.

    Args:
        target: HOST:PORT.
        tls: None for a server on this machine.
        token: that proves who calls.
        options: of gRPC.

    Raises:
        SecurityError: it would not be safe, or a file cannot be read.
    """
    host, colon, port = target.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit():
        raise SecurityError(
            f"an address is HOST:PORT, such as 127.0.0.1:8470, not {target[:100]!a}"
        )
    if tls is None:
        if not is_loopback(host):
            raise SecurityError(
                f"{target[:100]!a} is another machine, which needs TLS: give the file of its CA"
            )
        target = f"127.0.0.1:{port}" if host == "localhost" else target
        return grpc.aio.insecure_channel(
            target, list(options), interceptors=_bearers(token) if token else None
        )
    credentials = grpc.ssl_channel_credentials(*_client_files(tls))
    if token:
        credentials = grpc.composite_channel_credentials(
            credentials, grpc.access_token_call_credentials(token)
        )
    return grpc.aio.secure_channel(target, credentials, list(options))


def _client_files(tls: ClientTls) -> tuple[bytes | None, bytes | None, bytes | None]:
    ca = None if tls.ca is None else files.read(tls.ca, _MOST_PEM)
    if tls.certificate is None and tls.key is None:
        return ca, None, None
    if tls.certificate is None or tls.key is None:
        raise SecurityError("a client certificate needs its key, and a key its certificate")
    key = files.read(tls.key, _MOST_PEM, private=True)
    chain = files.read(tls.certificate, _MOST_PEM)
    check_pair(tls.certificate, chain, tls.key, key)
    return ca, key, chain


def read_token(file: Path | None, environment: Mapping[str, str]) -> str | None:
    """Return the token to call with: from a file, or from a variable; never from an argument.

    Args:
        file: that holds it, and that others cannot open.
        environment: whose variables are looked at if there is no file.

    Raises:
        SecurityError: the file cannot be read, or what is there is no token.
    """
    if file is None and environment.get(TOKEN_FILE_VARIABLE):
        file = Path(environment[TOKEN_FILE_VARIABLE])
    if file is not None:
        where = str(file)
        text = files.read(file, _MOST_TOKEN, private=True).decode("ascii", "replace").strip()
    elif TOKEN_VARIABLE in environment:
        where = TOKEN_VARIABLE
        text = environment[TOKEN_VARIABLE].strip()
    else:
        return None
    if not (text.startswith(PREFIX) and text.replace("-", "").replace("_", "").isalnum()):
        raise SecurityError(f"{where} holds no token: one begins with {PREFIX}")
    return text


class _Bearer:
    """Sends the token with every call of one kind."""

    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    def _with_token(self, details: grpc.aio.ClientCallDetails) -> grpc.aio.ClientCallDetails:
        metadata = grpc.aio.Metadata(*(details.metadata or ()))
        metadata.add("authorization", self._value)
        return grpc.aio.ClientCallDetails(
            details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
        )


class _UnaryUnary(_Bearer, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(
        self, continuation: Any, client_call_details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        return await continuation(self._with_token(client_call_details), request)


class _UnaryStream(_Bearer, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(
        self, continuation: Any, client_call_details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        return await continuation(self._with_token(client_call_details), request)


def _bearers(token: str) -> list[grpc.aio.ClientInterceptor]:
    return [_UnaryUnary(token), _UnaryStream(token)]
