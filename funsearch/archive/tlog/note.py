"""Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, -cosignature).

Only Ed25519. `cryptography` is imported where something is signed or verified, and not before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

NOTE_BYTES = 16_384
"""Longest note that is read."""

_PLAIN, _COSIGNATURE = 0x01, 0x04
_DASH = "\N{EM DASH} "
_MOST_SIGNATURES = 32
_END_OF_TIME = 2**63


class BadNote(ValueError):
    """A note, checkpoint or key is not what it should be; the message is one line."""


@dataclass(frozen=True)
class Verifier:
    """A public key and its name, which tells signatures of a log from those of a witness.

    Attributes:
        name: without spaces and plus signs.
        kind: 1 for a log's signatures, 4 for the timestamped ones of a witness.
        public: 32 bytes.
    """

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a verifier key: `name+hash+base64`.

        Raises:
            BadNote: it is not one.
        """
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise BadNote("a verifier key has the form name+hash+key")
        name, stated, encoded = parts
        key = base64_bytes("the verifier key", encoded)
        if len(key) != 33 or key[0] not in (_PLAIN, _COSIGNATURE):
            raise BadNote("the verifier key is not an Ed25519 key")
        found = cls(_name(name), key[0], key[1:])
        if stated != found.id.hex():
            raise BadNote("the verifier key does not match its own hash")
        return found

    @property
    def id(self) -> bytes:
        """Four bytes that name the key in signatures."""
        return _key_id(self.name, self.kind, self.public)

    @property
    def text(self) -> str:
        """The key as text."""
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def verifies(self, body: str, signature: bytes) -> bool:
        """Whether a signature, without the key's id, is this key's on a note's text."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        message, plain = body.encode(), signature
        if self.kind == _COSIGNATURE:
            seconds = int.from_bytes(signature[:8])
            if seconds >= _END_OF_TIME:
                return False
            message, plain = _cosigned(body, seconds), signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(plain, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key. `repr` does not show it.

    Attributes:
        verifier: the public part.
    """

    verifier: Verifier
    _seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.verifier.text})"

    @classmethod
    def generate(cls, name: str, *, witness: bool = False) -> Signer:
        """Make a new key; a name that ends with a slash is completed with a part of the key."""
        seed = secrets.token_bytes(32)
        public = _public(seed)
        if name.endswith("/"):
            name += hashlib.sha256(public).hexdigest()[:16]
        return cls(Verifier(_name(name), _COSIGNATURE if witness else _PLAIN, public), seed)

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read a private key: `PRIVATE+KEY+name+hash+base64`.

        Raises:
            BadNote: it is not one. The message quotes nothing of it.
        """
        parts = text.strip().split("+", 4)
        if parts[:2] != ["PRIVATE", "KEY"] or len(parts) != 5:
            raise BadNote("a private key has the form PRIVATE+KEY+name+hash+key")
        key = base64_bytes("the private key", parts[4])
        if len(key) != 33 or key[0] not in (_PLAIN, _COSIGNATURE):
            raise BadNote("the private key is not an Ed25519 key")
        verifier = Verifier(_name(parts[2]), key[0], _public(key[1:]))
        if verifier.id.hex() != parts[3]:
            raise BadNote("the private key does not match its own hash")
        return cls(verifier, key[1:])

    @property
    def text(self) -> str:
        """The private key as text."""
        encoded = base64.b64encode(bytes([self.verifier.kind]) + self._seed).decode()
        return f"PRIVATE+KEY+{self.verifier.name}+{self.verifier.id.hex()}+{encoded}"

    def sign_bytes(self, message: bytes) -> bytes:
        """Return 64 bytes: the signature on a message that is no note."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._seed).sign(message)

    def sign(self, body: str) -> str:
        """Return the signature line on a note's text, its line end included."""
        return self._line(self.sign_bytes(body.encode()))

    def cosign(self, body: str, seconds: int) -> str:
        """Return the line of a witness who saw a checkpoint at a time since the epoch."""
        signature = self.sign_bytes(_cosigned(body, seconds))
        return self._line(seconds.to_bytes(8) + signature)

    def _line(self, signature: bytes) -> str:
        encoded = base64.b64encode(self.verifier.id + signature).decode()
        return f"{_DASH}{self.verifier.name} {encoded}\n"


@dataclass(frozen=True)
class Note:
    """A text and its signature lines, none of them verified.

    Attributes:
        body: with its last line end, without the blank line.
        lines: of the signatures, each with its line end.
    """

    body: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The note as it is written."""
        return f"{self.body}\n{''.join(self.lines)}"

    def is_signed_by(self, verifier: Verifier) -> bool:
        """Whether there is a signature of that key, and each one of it verifies.

        Raises:
            BadNote: a signature, of whatever key, is not base64.
        """
        found = False
        for line in self.lines:
            name, _, encoded = line.removeprefix(_DASH).rstrip("\n").partition(" ")
            signature = base64_bytes("a signature", encoded)
            if name == verifier.name and signature[:4] == verifier.id:
                if not verifier.verifies(self.body, signature[4:]):
                    return False
                found = True
        return found


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself at one moment.

    Attributes:
        origin: name of the log.
        size: number of entries.
        root: of the tree over them, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_note(text: str) -> Note:
    """Take a note apart.

    Raises:
        BadNote: it is not one.
    """
    if len(text) > NOTE_BYTES:
        raise BadNote(f"the note has more than {NOTE_BYTES} characters")
    if any((c < " " and c != "\n") or "\ud800" <= c <= "\udfff" for c in text):
        raise BadNote("the note holds control characters, or is not in UTF-8")
    body, blank, signatures = text.rpartition("\n\n")
    lines = tuple(signatures.splitlines(keepends=True))
    if not blank or not lines or len(lines) > _MOST_SIGNATURES:
        raise BadNote("the note has no signatures, or too many")
    if not all(line.startswith(_DASH) and line.endswith("\n") for line in lines):
        raise BadNote("a signature line of the note is not one")
    return Note(body + "\n", lines)


def parse_checkpoint(body: str) -> Checkpoint:
    """Read the text of a checkpoint; lines that extend it are refused, since nobody signs them.

    Raises:
        BadNote: it is not one.
    """
    lines = body.split("\n")
    if len(lines) != 4 or lines[3]:
        raise BadNote("a checkpoint has three lines: origin, size and root")
    origin, size, encoded = lines[:3]
    root = hash_bytes("the root of the checkpoint", encoded)
    return Checkpoint(_name(origin), decimal("the size of the checkpoint", size), root)


def open_checkpoint(text: str, verifier: Verifier) -> Checkpoint:
    """Read a checkpoint and verify the signature of its log.

    Raises:
        BadNote: it is not one, of another log, or not signed by it.
    """
    note = parse_note(text)
    found = parse_checkpoint(note.body)
    if found.origin != verifier.name:
        raise BadNote(f"the checkpoint is of the log {found.origin!a}, not of {verifier.name!a}")
    if not note.is_signed_by(verifier):
        raise BadNote("the signature of the checkpoint is not by the key of its log")
    return found


def split_notes(data: bytes) -> list[tuple[str, int]]:
    """Return the notes of a file that holds several, each followed by an empty line.

    Each with the offset after it. What is no whole note, such as the beginning of one at the end
    of the file, is left out.
    """
    found: list[tuple[str, int]] = []
    paragraphs = data.split(b"\n\n")
    end = 0
    for body, lines in zip([b"", *paragraphs[:-2]], paragraphs[:-1], strict=False):
        end += len(lines) + 2
        if body and lines.startswith(_DASH.encode()):
            found.append(((body + b"\n\n" + lines + b"\n").decode("utf-8", "replace"), end))
    return found


def decimal(what: str, text: str) -> int:
    """Read a number without leading zeros, below 2**63.

    Raises:
        BadNote: it is not one.
    """
    if not text.isdecimal() or not text.isascii() or str(int(text[:20])) != text:
        raise BadNote(f"{what} is not a number")
    if int(text) >= 2**63:
        raise BadNote(f"{what} is too large")
    return int(text)


def hash_bytes(what: str, text: str) -> bytes:
    """Read a hash in base64.

    Raises:
        BadNote: it is not one.
    """
    found = base64_bytes(what, text)
    if len(found) != 32:
        raise BadNote(f"{what} has not 32 bytes")
    return found


def _cosigned(body: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{body}".encode()


def _key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + bytes([kind]) + public).digest()[:4]


def _public(seed: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _name(name: str) -> str:
    if not 0 < len(name) <= 256 or not name.isprintable() or " " in name or "+" in name:
        raise BadNote("the name of a key is empty, too long, or holds a space or a plus sign")
    return name


def base64_bytes(what: str, text: str) -> bytes:
    """Read base64 that is as it would be written.

    Raises:
        BadNote: it is not; the message begins with `what` it is.
    """
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote(f"{what} is not base64") from None
    if base64.b64encode(found).decode() != text:
        raise BadNote(f"{what} is not canonical base64")
    return found
