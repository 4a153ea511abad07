"""Forks one child per candidate, waits for its end, and leaves nothing of it alive."""

from __future__ import annotations

import ast
import contextlib
import gc
import math
import mmap
import os
import random
import select
import signal
import time
from collections.abc import Callable
from typing import Any, NoReturn

from evaluators import processes
from evaluators.area import Area, Layout, Outcome, Tier
from evaluators.array_tier.columns import Columns
from evaluators.candidate import Interpreted, Preparing, Tiered, explain, load, parse, where
from evaluators.channel import Channel
from evaluators.ended import Ended
from evaluators.lockdown import Bounds, lock_down
from problems import registry
from problems.contract import Instance, Invalid

_WARM_UP_S = 2.0
"""How long the warm-up of all instances may take."""


class _Slow(BaseException):
    """The warm-up takes too long; not an Exception, so that no seed catches it by accident."""


def _give_up(*_: object) -> NoReturn:
    raise _Slow


class Forker:
    """The problem, its instances and the result area, ready to fork."""

    def __init__(self, channel: Channel, start: dict[str, Any], area_descriptor: int) -> None:
        loaded = registry.load(start["problem"])
        if loaded.digest != start["digest"]:
            raise ValueError("the problem's file has changed since the evaluator started")
        self._channel = channel
        self._problem = loaded.problem
        self._instances = [Instance(each["name"], each["data"]) for each in start["instances"]]
        layout = Layout(self._problem.certificate, len(self._instances))
        self._area = Area(mmap.mmap(area_descriptor, layout.size), layout)
        os.close(area_descriptor)
        self._columns = Columns()
        self._statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)

    def warm_up(self) -> None:
        """Run the seed through `construct`, so that children inherit what that caches.

        A seed that does not end is given up after a while, and times out when it is evaluated.
        """
        seed = Preparing(self._problem.evolve, self._columns)
        signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, _WARM_UP_S)
        try:
            for index, instance in enumerate(self._instances):
                # A seed that fails here says so when it is evaluated.
                with contextlib.suppress(Exception):
                    self._area.put(index, self._problem.construct(seed, instance))
        except _Slow:
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def attempt(self, name: str, source: str, *, exact: bool) -> Ended:
        """Run a candidate in a child; whatever it started is dead when this returns or raises.

        Args:
            name: of the function.
            source: of the program.
            exact: whether the interpreter alone runs it.

        Raises:
            Closed: the worker is gone.
        """
        bounds = self._bounds()
        parent = os.getpid()
        started_ns = time.monotonic_ns()
        pid = os.fork()
        if pid == 0:
            self._child(bounds, parent, name, source, exact)
        descriptor = os.pidfd_open(pid)
        killed = ""
        try:
            killed = self._watch(descriptor, started_ns)
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

    def _watch(self, descriptor: int, started_ns: int) -> str:
        """Wait until the child ends or must; return why it must, or an empty text.

        The limit holds for each instance, by the child's own word on where it is. One that lies
        gains no more than the sum over all instances.
        """
        wall_ns = math.ceil(self._problem.limits.wall_s * 1e9)
        last_ns = started_ns + wall_ns * len(self._instances)
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

    def _bounds(self) -> Bounds:
        limits = self._problem.limits
        occupied = int(os.pread(self._statm, 32, 0).split()[0]) * mmap.PAGESIZE
        return Bounds(
            address_space=occupied + limits.memory_bytes,
            cpu_s=math.ceil(limits.wall_s * len(self._instances)) + 1,
        )

    def _child(self, bounds: Bounds, parent: int, name: str, source: str, exact: bool) -> NoReturn:
        code = 1
        try:
            lock_down(bounds, parent)
            random.seed(0)
            gc.enable()
            code = 0 if self._run(name, source, exact) else 1
        finally:
            os._exit(code)

    def _run(self, name: str, source: str, exact: bool) -> bool:
        """Run the candidate on every instance in order; return whether all have a result."""
        outcome, text = Outcome.CRASHED, ""
        candidate = None
        try:
            tree = parse(source)
            candidate = self._candidate(tree, load(tree, name, self._problem.names), exact)
            for index, instance in enumerate(self._instances):
                self._area.begin(index, time.monotonic_ns())
                self._area.put(index, self._problem.construct(candidate, instance))
            return True
        except Invalid as error:
            outcome, text = Outcome.INVALID, str(error)
        except MemoryError as error:
            # Letting go of the candidate's frames makes room for saying so.
            traceback, error.__traceback__ = error.__traceback__, None
            outcome, text = Outcome.OUT_OF_MEMORY, where(traceback, source)
        except BaseException as error:
            text = explain(error, source)
        finally:
            if isinstance(candidate, Tiered) and candidate.only_arrays:
                self._area.ran_in(Tier.ARRAY)
        self._area.fail(outcome, text)
        return False

    def _candidate(
        self, tree: ast.Module, function: Callable[..., Any], exact: bool
    ) -> Interpreted:
        if exact:
            return Interpreted(function)
        return Tiered(function, tree, self._problem.names, self._columns)
