"""A worker's end of a zygote: starts it, hands it candidates, and outlives it."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import select
import socket
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from evaluators import processes
from evaluators.area import Area, Layout
from evaluators.channel import Channel, Closed, Malformed
from evaluators.ended import Ended, read_ended
from problems.contract import Instance
from problems.registry import Loaded

_START_S = 60.0
"""Longest start of a zygote, beyond one instance's wall limit."""
_GRACE_S = 10.0
"""How long after a child's last deadline the zygote may take to answer."""
_STOP_S = 1.0
"""How long a zygote may take to end its child and itself."""


class SandboxError(Exception):
    """The zygote died, hangs or answers nonsense; never the candidate's fault."""


class Sandbox:
    """One zygote, for one tuple of instances, and the result area it shares with its children.

    Attributes:
        instances: those that every candidate is run on, in this order.
        area: the result area; holds the seed's certificates after the start.
    """

    def __init__(self, loaded: Loaded, instances: Sequence[Instance]) -> None:
        """Start a zygote and wait until it is warm.

        Raises:
            SandboxError: it did not get there; the message says why.
        """
        self.instances = tuple(instances)
        self._limits = loaded.problem.limits
        layout = Layout(loaded.problem.certificate, len(self.instances))
        descriptor = os.memfd_create("results", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        ours, theirs = socket.socketpair()
        try:
            os.ftruncate(descriptor, layout.size)
            # Were it cut short, reading it would kill the reader.
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
            self.area = Area(mmap.mmap(descriptor, layout.size), layout)
            self._process = processes.start(
                "evaluators.zygote",
                channel=theirs.fileno(),
                environment=processes.ENVIRONMENT,
                arguments=[str(descriptor)],
                pass_fds=[descriptor],
            )
        finally:
            theirs.close()
            os.close(descriptor)
        self._channel = Channel(ours)
        try:
            self._greet(loaded)
        except BaseException:
            self.close()
            raise

    def run(self, name: str, source: str, pool: Channel, *, exact: bool) -> Ended:
        """Run a candidate in a child of the zygote and wait for its end.

        Args:
            name: of the function.
            source: of the program.
            pool: a `cancel` that arrives there is passed on.
            exact: whether the interpreter alone runs it.

        Raises:
            SandboxError: the zygote failed.
            Closed: the pool is gone.
        """
        self.area.clear()
        self._send({"do": "run", "name": name, "source": source, "exact": exact})
        last = time.monotonic() + self._limits.wall_s * len(self.instances) + _GRACE_S
        ours = self._channel.fileno()
        while True:
            left = last - time.monotonic()
            ready = select.select([ours, pool], [], [], max(0.0, left))[0]
            if not ready:
                raise SandboxError("the zygote does not answer")
            if ours in ready:
                return self._ended()
            if pool.receive()[0].get("do") == "cancel":
                self._send({"do": "cancel"})

    def close(self) -> None:
        """End the zygote and everything below it."""
        self._channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_S)
        self._process.kill()
        self._process.wait()
        processes.end_children()

    def _greet(self, loaded: Loaded) -> None:
        problem = loaded.problem
        self._send(
            {
                "problem": loaded.reference,
                "digest": loaded.digest,
                "instances": [
                    {"name": each.name, "data": problem.visible(each)} for each in self.instances
                ],
            }
        )
        limit = _START_S + self._limits.wall_s
        if not select.select([self._channel], [], [], limit)[0]:
            raise SandboxError(f"the zygote was not ready after {limit:.0f} s")
        answer = self._receive()
        if answer.get("ready") is not True:
            raise SandboxError(f"the sandbox cannot start: {answer.get('fault')}")

    def _ended(self) -> Ended:
        try:
            return read_ended(self._receive(), len(self.instances))
        except Malformed as error:
            raise SandboxError(f"the zygote answered nonsense: {error}") from None

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._channel.send(message)
        except Closed:
            raise SandboxError("the zygote is gone") from None

    def _receive(self) -> dict[str, Any]:
        try:
            return self._channel.receive()[0]
        except (Closed, Malformed) as error:
            raise SandboxError(f"the zygote is gone: {error}") from None
