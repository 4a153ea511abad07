"""A folder of certificates: its CA, its server's, its clients'; issued, and issued again."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Sequence
from pathlib import Path

from cluster.security import certificates, files
from cluster.security.errors import SecurityError

_CA, _SERVER = "ca", "server"
_CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,56}")


def issue(
    folder: Path,
    hosts: Sequence[str],
    clients: Sequence[str],
    now: datetime.datetime,
    days: float = certificates.DAYS,
) -> list[Path]:
    """Write certificates and keys; return the files.

    Args:
        folder: is made if need be; a CA that is there is used again.
        hosts: names and addresses of the server; without one it gets no certificate.
        clients: names of those who get a certificate.
        now: from when they are valid.
        days: for how long.

    Raises:
        SecurityError: a name will not do, or a file cannot be read or written.
    """
    for name in clients:
        if not _CLIENT.fullmatch(name):
            raise SecurityError(
                f"a client's name is 1 to 57 of A-Z a-z 0-9 . _ -, not {name[:64]!a}"
            )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SecurityError(f"{folder} cannot be made: {error.strerror}") from None
    made: list[str] = []
    with files.locked(folder / _CA):
        # A half of a CA is an error, not a reason for another one.
        if any(os.path.lexists(folder / f"{_CA}.{end}") for end in ("key", "pem")):
            ca = certificates.load(folder, _CA)
        else:
            ca = certificates.make_ca(now)
            ca.save(folder, _CA)
            made.append(_CA)
        if hosts:
            certificates.make_server(ca, hosts, now, days).save(folder, _SERVER)
            made.append(_SERVER)
        for name in clients:
            certificates.make_client(ca, name, now, days).save(folder, f"client-{name}")
            made.append(f"client-{name}")
    return [folder / f"{name}.{end}" for name in made for end in ("pem", "key")]
