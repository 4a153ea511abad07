"""Bait: what a candidate that got out of the sandbox would touch, and how that shows."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "funsearch-hostile"
"""Starts every name that a program makes outside of the watched folder."""
_PLACES = ("/tmp", "/var/tmp", "/dev/shm")


@dataclass
class Bait:
    """An empty folder that anybody may write to, services, and an ear for signals.

    Attributes:
        folder: the folder.
        port: of the TCP and the UDP service on 127.0.0.1; in the abstract socket's name, too.
        services: that nobody has a reason to call.
        signals: numbers of those that came.
    """

    folder: Path
    port: int
    services: list[socket.socket]
    signals: list[int] = field(default_factory=list[int])

    def hook(self, text: str) -> str:
        """Return a program's text with the names of the bait in it."""
        return text.replace("@FOLDER@", str(self.folder)).replace("@PORT@", str(self.port))

    def touched(self) -> list[str]:
        """Return what was touched, in words."""
        found = [f"file {path}" for path in self.folder.iterdir()]
        for service in self.services:
            with contextlib.suppress(BlockingIOError):
                if service.type == socket.SOCK_DGRAM:
                    service.recv(1)
                else:
                    service.accept()[0].close()
                found.append(f"{service.family.name} {service.type.name} service")
        found += [f"signal {number}" for number in self.signals]
        for place in _PLACES:
            own = set(self.folder.parents) | {self.folder}
            found += [f"file {path}" for path in Path(place).glob(f"{PREFIX}*") if path not in own]
        return found


@contextmanager
def laid() -> Iterator[Bait]:
    """Lay bait, and clear it away."""
    parent = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-"))
    folder = parent / "watched"
    folder.mkdir()
    for each in (parent, folder):
        each.chmod(0o777)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, parent)
        stream, datagram, abstract = (
            stack.enter_context(socket.socket(family, kind))
            for family, kind in (
                (socket.AF_INET, socket.SOCK_STREAM),
                (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
            )
        )
        stream.bind(("127.0.0.1", 0))
        port = stream.getsockname()[1]
        datagram.bind(("127.0.0.1", port))
        abstract.bind(f"\0{PREFIX}-{port}")
        for service in (stream, datagram, abstract):
            service.setblocking(False)
        stream.listen()
        abstract.listen()
        bait = Bait(folder, port, [stream, datagram, abstract])
        # Ignored by default, so a program that sends it everywhere does no harm.
        before = signal.signal(signal.SIGURG, lambda number, _: bait.signals.append(number))
        stack.callback(signal.signal, signal.SIGURG, before)
        yield bait
