"""A worker's end of a slot: asks for one, hands it candidates, and outlives it."""

from __future__ import annotations

import fcntl
import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from evaluators.area import Area, Layout
from evaluators.channel import Channel, Closed, Malformed
from evaluators.containment import Containment, unpack_containment
from evaluators.ended import Ended, read_ended
from evaluators.errand import Errand, pack_errand
from problems.contract import Instance, Problem

_START_S = 60.0
"""Longest start of a slot, its base and nest included, beyond one instance's wall limit."""
_GRACE_S = 10.0
"""How long after a child's last deadline the slot may take to answer."""

Ask = Callable[["Kind", list[dict[str, Any]], list[int]], None]
"""Asks the steward for a slot: which kind, the instances as a candidate may see them, and the
slot's end of a channel and the memory of its result area (copies are sent)."""


class SandboxError(Exception):
    """The slot died, hangs or answers nonsense; never the candidate's fault."""


@dataclass(frozen=True)
class Kind:
    """What a zygote has loaded, and how it was started.

    Attributes:
        numba: whether numba is loaded.
        again: whether it is the one for a second look, with another seed for hashes.
        compiling: whether what all compiled candidates share is compiled; only with numba.
    """

    numba: bool
    again: bool
    compiling: bool = False


def memory(layout: Layout) -> int:
    """Return a descriptor of new memory for a result area, which nobody can make shorter."""
    descriptor = os.memfd_create("results", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, layout.size)
    # Were it cut short, reading it would kill the reader.
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    return descriptor


class Sandbox:
    """One slot, for one tuple of instances, and the result area it shares with its children.

    Attributes:
        instances: those that every candidate is run on, in this order.
        area: the result area.
    """

    def __init__(
        self, problem: Problem, instances: Sequence[Instance], kind: Kind, ask: Ask
    ) -> None:
        """Ask for a slot; it can be used once `greet` has returned."""
        self.instances = tuple(instances)
        self._limits = problem.limits_for([instance.name for instance in instances])
        layout = Layout(problem.certificate, len(self.instances))
        descriptor = memory(layout)
        ours, theirs = socket.socketpair()
        visible = [{"name": each.name, "data": problem.visible(each)} for each in instances]
        try:
            self.area = Area.of(descriptor, layout)
            ask(kind, visible, [theirs.fileno(), descriptor])
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(descriptor)
        self._channel = Channel(ours)

    def fileno(self) -> int:
        """Return the descriptor, for `select`."""
        return self._channel.fileno()

    def greet(self) -> list[dict[str, Any]]:
        """Wait until the slot is ready; return the layers it says it has.

        Raises:
            SandboxError: it did not get there; the message says why.
        """
        limit = _START_S + self._limits.wall_s
        if not select.select([self._channel], [], [], limit)[0]:
            raise SandboxError(f"the zygote was not ready after {limit:.0f} s")
        answer = self._receive()
        if answer.get("ready") is not True:
            raise SandboxError("the zygote answered nonsense")
        return answer["layers"]

    def test(self, layers: list[dict[str, Any]]) -> Containment:
        """Return what holds candidates, after trying it."""
        self._send({"do": "test"})
        try:
            return unpack_containment({"layers": layers, **self._receive()})
        except Malformed as error:
            raise SandboxError(f"the zygote answered nonsense: {error}") from None

    def run(self, errand: Errand, pool: Channel) -> Ended:
        """Run a candidate in a child of the slot and wait for its end.

        Args:
            errand: what to run.
            pool: a `cancel` that arrives there is passed on.

        Raises:
            SandboxError: the slot failed.
            Closed: the pool is gone.
        """
        self.area.clear()
        self._send(pack_errand(errand))
        last = time.monotonic() + errand.wall_s * len(self.instances) + _GRACE_S
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
        """Let go of the slot, which ends with everything below it."""
        self._channel.close()

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
            message = self._channel.receive()[0]
        except (Closed, Malformed) as error:
            raise SandboxError(f"the zygote is gone: {error}") from None
        if "fault" in message:
            raise SandboxError(f"the sandbox fails: {message['fault']}")
        return message
