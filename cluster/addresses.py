"""Addresses that need no protection: those of this machine alone."""

from __future__ import annotations

import ipaddress

from funsearch.config import ConfigError


def check(address: str, option: str) -> None:
    """Refuse an address that is not of the form HOST:PORT, or not loopback.

    Raises:
        ConfigError: one line for the user.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"{option} {address!r}: must be HOST:PORT, such as 127.0.0.1:7711")
    if not _is_loopback(host.strip("[]")):
        raise ConfigError(
            f"{option} {address}: without TLS and tokens only this machine's own addresses are "
            "safe, such as 127.0.0.1; reach a service elsewhere through a tunnel (ssh -L)"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
