"""A slot: locked for good, it forks one child per candidate and leaves nothing of it alive."""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import select
import signal
import socket
import statistics
import time
from collections.abc import Callable
from typing import Any, NoReturn

from evaluators import processes
from evaluators.area import Area, Layout
from evaluators.channel import Channel
from evaluators.confine import selftest
from evaluators.ended import Ended
from evaluators.errand import Errand, read_errand
from evaluators.lockdown import Bounds, lock_child, lock_slot, unlocked
from evaluators.zygote.child import run
from evaluators.zygote.inherited import Warm

_TEST_ROUNDS = 9
"""Children that do nothing, to tell the time of one."""


def serve(warm: Warm, end: int, memory: int, parent: int) -> None:
    """Serve a worker until it closes its end of the channel.

    Each `run` is answered by how its child ended; a `cancel` while it runs ends it early, at any
    other time it comes too late and is dropped. A `test` is answered by the self-tests.

    Args:
        warm: what the slot has inherited.
        end: our end of the channel.
        memory: of the result area.
        parent: process id of the nest.

    Raises:
        Closed: the worker is gone.
    """
    channel = Channel(socket.socket(fileno=end))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        processes.become_subreaper()
        slot = _Slot(warm, channel, memory, parent)
    except Exception as error:
        channel.send({"fault": f"{type(error).__name__}: {error}"})
        return
    channel.send({"ready": True, "layers": [vars(layer) for layer in slot.locked.layers]})
    try:
        _answer(slot, channel)
    except OSError as error:
        # For example: no room for another process.
        channel.send({"fault": f"{type(error).__name__}: {error}"})


def _answer(slot: _Slot, channel: Channel) -> None:
    while True:
        request, _ = channel.receive()
        match request.get("do"):
            case "run":
                channel.send(vars(slot.attempt(read_errand(request))))
            case "test":
                channel.send(slot.test())
            case _:
                pass


class _Slot:
    """The result area and the lock-down, ready to fork.

    Attributes:
        locked: what the slot gave up.
    """

    def __init__(self, warm: Warm, channel: Channel, memory: int, parent: int) -> None:
        layout = Layout(warm.problem.certificate, len(warm.instances))
        self._area = Area.of(memory, layout)
        os.close(memory)
        self._warm = warm
        self._limits = warm.problem.limits_for([each.name for each in warm.instances])
        self._channel = channel
        self._statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        around = warm.surroundings
        if around.unsafe:
            self.locked = unlocked("switched off")
        else:
            self.locked = lock_slot(
                parent, around.namespaces, around.no_seccomp, compiling=around.numba
            )

    def attempt(self, errand: Errand) -> Ended:
        """Run a candidate in a child; whatever it started is dead when this returns or raises.

        Raises:
            Closed: the worker is gone.
        """
        started_ns = time.monotonic_ns()
        pid = self._fork(lambda: run(errand, self._warm, self._area), errand.wall_s)
        descriptor = os.pidfd_open(pid)
        killed = ""
        try:
            killed = self._watch(descriptor, started_ns, errand.wall_s)
        finally:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            os.close(descriptor)
            # The child is not reaped yet, so its number still names its process group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
            ended_ns = time.monotonic_ns()
            processes.end_children()
        return Ended(
            status=status,
            killed=killed,
            seconds=(ended_ns - started_ns) / 1e9,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            instance=self._area.progress()[0],
        )

    def test(self) -> dict[str, Any]:
        """Return the self-tests' results, and the median time of a child that does nothing."""
        times: list[float] = []
        for _ in range(_TEST_ROUNDS):
            start = time.perf_counter()
            self._locked_child(lambda: None)
            times.append(time.perf_counter() - start)
        tests: dict[str, str] = {}
        if self.locked.call_filter is not None:
            compiling = self._warm.surroundings.numba
            tests = selftest.run(self._locked_child, compiling=compiling)
        return {"tests": tests, "milliseconds": statistics.median(times) * 1e3}

    def _locked_child(self, body: Callable[[], None]) -> int:
        """Run a body of our own in a locked child; return its wait status."""

        def attempt() -> int:
            body()
            return 0

        return os.waitpid(self._fork(attempt, self._limits.wall_s), 0)[1]

    def _fork(self, body: Callable[[], int], wall_s: float) -> int:
        """Return the number of a locked child that runs `body` and exits with what it returns."""
        bounds = self._bounds(wall_s)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._child(bounds, parent, body)
        return pid

    def _child(self, bounds: Bounds, parent: int, body: Callable[[], int]) -> NoReturn:
        code = 1
        try:
            lock_child(bounds, parent, self.locked)
            code = body()
        finally:
            os._exit(code)

    def _watch(self, descriptor: int, started_ns: int, wall_s: float) -> str:
        """Wait until the child ends or must; return why it must, or an empty text.

        The limit holds for each instance, by the child's own word on where it is. One that lies
        gains no more than the sum over all instances.
        """
        wall_ns = math.ceil(wall_s * 1e9)
        last_ns = started_ns + wall_ns * len(self._warm.instances)
        deadline_ns = started_ns + wall_ns
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.register(self._channel.fileno(), select.POLLIN)
        while True:
            left_ns = deadline_ns - time.monotonic_ns()
            if left_ns <= 0:
                since_ns = self._area.progress()[1]
                later_ns = min(since_ns + wall_ns, last_ns)
                if later_ns <= deadline_ns:
                    return "timeout"
                deadline_ns = later_ns
                continue
            ready = [who for who, _ in poll.poll(math.ceil(left_ns / 1e6))]
            if descriptor in ready:
                return ""
            if ready and self._channel.receive()[0].get("do") == "cancel":
                return "cancelled"

    def _bounds(self, wall_s: float) -> Bounds:
        occupied = int(os.pread(self._statm, 32, 0).split()[0]) * mmap.PAGESIZE
        return Bounds(
            address_space=occupied + self._limits.memory_bytes,
            cpu_s=math.ceil(wall_s * len(self._warm.instances)) + 1,
        )
