"""Who is known: a file of names, roles and digests, which is read again when it changes.

A token is 256 random bits, so its SHA-256 tells nothing of it. A client certificate can stand in
its place: then the digest is that of the certificate.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from cluster.security import certificates, files
from cluster.security.errors import SecurityError

PREFIX = "fst_"
"""What every token begins with, so that one is recognised where it was spilt."""

_FORMAT = 1
_MOST_BYTES = 4 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Role(StrEnum):
    """What a client may do."""

    SAMPLER = "sampler"
    READER = "reader"
    ADMIN = "admin"


class Kind(StrEnum):
    """What proves that a client is who it says."""

    TOKEN = "token"  # noqa: S105 - the word, not a token
    CERTIFICATE = "certificate"


@dataclass(frozen=True)
class Client:
    """Who calls."""

    name: str
    role: Role


@dataclass(frozen=True)
class Entry:
    """One token or certificate that was made; times are seconds since 1970."""

    name: str
    role: Role
    kind: Kind
    digest: str
    """SHA-256 in hex: of the token's text, or of the certificate in DER."""
    created: int
    expires: int | None = None
    revoked: int | None = None

    @property
    def id(self) -> str:
        """Eight digits that tell two entries of one name apart."""
        return self.digest[:8]

    def valid(self, now: float) -> bool:
        """Say whether it admits its owner at that time."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class TokenStore:
    """The entries of a file; any process may change it, and all see that at their next look.

    One that cannot be read any more admits nobody.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._seen: tuple[int, int, int] | None = None
        self._entries: tuple[Entry, ...] = ()

    def identify(self, kind: Kind, proof: bytes) -> Entry | None:
        """Return whose proof this is, if it is valid now.

        All entries are compared, each in constant time.

        Args:
            kind: of the proof.
            proof: the text of a token, or a certificate in DER.

        Raises:
            SecurityError: the file cannot be read, or is damaged.
        """
        digest = hashlib.sha256(proof).hexdigest()
        found = None
        for entry in self.entries():
            if hmac.compare_digest(entry.digest, digest) and entry.kind is kind:
                found = entry
        return found if found is not None and found.valid(self._now()) else None

    def admits(self, entry: Entry) -> bool:
        """Say whether an entry that was identified earlier is still there, and valid now.

        Raises:
            SecurityError: the file cannot be read, or is damaged.
        """
        return any(
            e.digest == entry.digest and e.role is entry.role and e.valid(self._now())
            for e in self.entries()
        )

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, the revoked ones too, in the order in which they were made.

        Raises:
            SecurityError: the file cannot be read, or is damaged.
        """
        try:
            status = os.lstat(self._path)
        except OSError as error:
            self._seen = None
            raise SecurityError(f"{self._path} cannot be read: {error.strerror}") from None
        seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            self._seen = None
            self._entries = _parsed(self._path)
            self._seen = seen
        return self._entries

    def add_token(self, name: str, role: Role, lifetime_s: float | None = None) -> str:
        """Return a new token, which is kept nowhere.

        Args:
            name: of the client; one name may have several tokens of one role.
            role: of the client.
            lifetime_s: after which it expires.

        Raises:
            SecurityError: the name will not do, has another role, or the file cannot be written.
        """
        token = PREFIX + secrets.token_urlsafe(32)
        expires = None if lifetime_s is None else int(self._now() + lifetime_s)
        self._add(name, role, Kind.TOKEN, token.encode(), expires)
        return token

    def add_certificate(self, name: str, role: Role, der: bytes) -> None:
        """Admit the owner of a client certificate until that expires, as it says now.

        A certificate that renews it is another one, and must be added too.

        Raises:
            SecurityError: it is none, has expired, is known, or as for a token.
        """
        try:
            expires = certificates.expiry(der)
        except ValueError:
            raise SecurityError(f"what is to stand for {name[:64]!a} is no certificate") from None
        if expires <= self._now():
            raise SecurityError(f"the certificate of {name[:64]!a} has expired")
        self._add(name, role, Kind.CERTIFICATE, der, expires)

    def revoke(self, name_or_id: str) -> list[Entry]:
        """Revoke all that a name has, or the one entry of an id; return what was revoked.

        Raises:
            SecurityError: there is none that is not revoked, or the file cannot be written.
        """
        with files.locked(self._path):
            old = self.entries()
            chosen = [e for e in old if name_or_id in (e.name, e.id) and e.revoked is None]
            if not chosen:
                raise SecurityError(
                    f"{self._path} has nothing to revoke under {name_or_id[:64]!a}: "
                    "`funsearch cluster token list` shows names and ids"
                )
            moment = int(self._now())
            self._write(tuple(replace(e, revoked=moment) if e in chosen else e for e in old))
        return chosen

    def _add(self, name: str, role: Role, kind: Kind, proof: bytes, expires: int | None) -> None:
        if not _NAME.fullmatch(name):
            raise SecurityError(
                f"a client's name is 1 to 64 of A-Z a-z 0-9 . _ -, and begins with a letter or "
                f"digit; this one is {name[:64]!a}"
            )
        digest = hashlib.sha256(proof).hexdigest()
        with files.locked(self._path):
            # lexists: a link that leads nowhere is an error for `entries`, not an empty store.
            old = self.entries() if os.path.lexists(self._path) else ()
            for entry in old:
                if entry.digest == digest:
                    raise SecurityError(f"{self._path} has this {kind} already, as {entry.name}")
                if entry.name == name and entry.role is not role:
                    raise SecurityError(
                        f"{name} is a {entry.role} in {self._path}, also on record; "
                        f"take another name for a {role}"
                    )
            self._write((*old, Entry(name, role, kind, digest, int(self._now()), expires)))

    def _write(self, entries: tuple[Entry, ...]) -> None:
        rows = [
            {
                "name": e.name,
                "role": e.role,
                "kind": e.kind,
                "digest": e.digest,
                "created": e.created,
                "expires": e.expires,
                "revoked": e.revoked,
            }
            for e in entries
        ]
        text = json.dumps({"format": _FORMAT, "clients": rows}, indent=1)
        files.replace(self._path, text.encode() + b"\n")


def _parsed(path: Path) -> tuple[Entry, ...]:
    data = files.read(path, _MOST_BYTES, private=True)
    try:
        document = json.loads(data)
        if document["format"] != _FORMAT:
            raise ValueError
        return tuple(map(_entry, document["clients"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SecurityError(
            f"{path} is damaged: it is no list of clients as `funsearch cluster token` writes it"
        ) from None


def _entry(row: dict[str, Any]) -> Entry:
    name, digest = row["name"], row["digest"]
    if not _NAME.fullmatch(name) or not _DIGEST.fullmatch(digest):
        raise ValueError
    created, expires, revoked = row["created"], row["expires"], row["revoked"]
    for moment in (created, 0 if expires is None else expires, 0 if revoked is None else revoked):
        if type(moment) is not int:
            raise ValueError
    return Entry(name, Role(row["role"]), Kind(row["kind"]), digest, created, expires, revoked)
