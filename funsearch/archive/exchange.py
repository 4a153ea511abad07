"""Plain data between this process and one that it started to work beside it."""

from __future__ import annotations

import contextlib
import marshal
import socket
from collections.abc import Iterator, Sequence
from typing import Any

from evaluators import processes
from funsearch.archive.errors import ArchiveError

_LENGTH_BYTES = 8


@contextlib.contextmanager
def started(module: str, arguments: Sequence[str]) -> Iterator[socket.socket]:
    """Have a process that calls `main` of a module; yield what reaches its standard input.

    It is killed at the end, so it must be one that only reads.

    Raises:
        OSError: no process can be started.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = processes.start(
                module,
                channel=theirs.fileno(),
                environment={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
                arguments=arguments,
            )
        try:
            yield ours
        finally:
            process.kill()
            process.wait()


def send(channel: socket.socket, content: Any) -> None:
    """Send tuples, lists and dicts of scalars.

    Raises:
        OSError: the other end is gone.
    """
    message = marshal.dumps(content)
    channel.sendall(len(message).to_bytes(_LENGTH_BYTES) + message)


def receive(channel: socket.socket) -> Any:
    """Return what the other end sent, which is a process of ours.

    Raises:
        ArchiveError: the other end is gone.
    """
    size = int.from_bytes(_exactly(channel, _LENGTH_BYTES))
    return marshal.loads(_exactly(channel, size))  # noqa: S302


def _exactly(channel: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        received = channel.recv_into(view[done:])
        if not received:
            raise ArchiveError("a process that works beside this one ended early")
        done += received
    return data
