"""Messages between pool, worker and zygote: a JSON object and raw bytes, each with its length.

Nothing is ever unpickled. A receiver says how much it takes before it reads a byte, so the other
side cannot make it allocate more. Descriptors may travel with a message.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any, cast

Message = Mapping[str, Any]

PREFIX = struct.Struct("<IQ")
"""Length of the JSON text, length of the bytes after it."""
MAX_JSON = 256 << 20
"""Largest JSON text, in bytes: an instance's data must fit."""


class Closed(Exception):
    """The other side is gone."""


class Malformed(Exception):
    """The other side sent something that is not a message, or a larger one than agreed."""


def pack(message: Message, payload: bytes = b"") -> bytes:
    """Return the bytes of a message."""
    text = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    return PREFIX.pack(len(text), len(payload)) + text + payload


def lengths(prefix: bytes, max_payload: int, max_json: int = MAX_JSON) -> tuple[int, int]:
    """Return the two lengths of a message from its first bytes.

    Raises:
        Malformed: one is beyond its limit.
    """
    text, payload = PREFIX.unpack(prefix)
    if text > max_json or payload > max_payload:
        raise Malformed(f"a message of {text} + {payload} bytes")
    return text, payload


def parse(text: bytes) -> dict[str, Any]:
    """Return the object of a message's JSON text.

    Raises:
        Malformed: it is not a JSON object.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("a message that is not JSON") from None
    if not isinstance(message, dict):
        raise Malformed("a message that is not an object")
    return cast("dict[str, Any]", message)


class Channel:
    """One end of a stream socket that carries messages, for processes without an event loop."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        """Return the descriptor, for `select`."""
        return self._end.fileno()

    def send(self, message: Message, payload: bytes = b"", descriptors: Sequence[int] = ()) -> None:
        """Send one message, with copies of the descriptors.

        Raises:
            Closed: the other side is gone.
        """
        data = pack(message, payload)
        try:
            sent = socket.send_fds(self._end, [data], descriptors) if descriptors else 0
            self._end.sendall(memoryview(data)[sent:])
        except OSError as error:
            raise Closed(str(error)) from None

    def receive(self, max_payload: int = 0) -> tuple[dict[str, Any], bytes]:
        """Wait for one message and return its object and its bytes.

        Raises:
            Closed: the other side is gone.
            Malformed: it sent something else; the channel is of no use any more.
        """
        text, payload = lengths(self._exactly(PREFIX.size), max_payload)
        return parse(self._exactly(text)), self._exactly(payload)

    def receive_with_descriptors(self, count: int) -> tuple[dict[str, Any], list[int]]:
        """Wait for one message and return its object and the descriptors that came with it.

        Args:
            count: most descriptors that are taken; none is inherited by a program that is executed.

        Raises:
            Closed: the other side is gone.
            Malformed: it sent something else.
        """
        try:
            first, descriptors, _, _ = socket.recv_fds(
                self._end, PREFIX.size, count, socket.MSG_CMSG_CLOEXEC
            )
        except OSError as error:
            raise Closed(str(error)) from None
        if not first:
            raise Closed("end of file")
        prefix = first + self._exactly(PREFIX.size - len(first))
        text, _ = lengths(prefix, 0)
        return parse(self._exactly(text)), descriptors

    def close(self) -> None:
        """Close this end, which the other side sees as `Closed`."""
        self._end.close()

    def _exactly(self, count: int) -> bytes:
        data = bytearray(count)
        view, read = memoryview(data), 0
        while read < count:
            try:
                got = self._end.recv_into(view[read:])
            except OSError as error:
                raise Closed(str(error)) from None
            if not got:
                raise Closed("end of file")
            read += got
        return bytes(data)
