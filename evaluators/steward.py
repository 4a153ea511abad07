"""The steward: one trusted process of a pool, from which its workers are forked.

It has loaded the problem with its labels and compiled its kernels, so that workers share both. It
starts the bases of all zygotes, and passes a worker's wish for a slot on to the right nest. It
never runs a candidate's code. It answers whoever asks; a process that takes no more messages can
keep it waiting, but none of a candidate's can.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evaluators import processes, worker
from evaluators.area import Area, Layout
from evaluators.channel import Channel, Closed, Malformed
from evaluators.confine import linux
from evaluators.containment import Containment, pack_containment
from evaluators.processes import TooSlow, time_limit
from evaluators.reason import clean
from evaluators.sandbox import Kind, Sandbox, SandboxError, memory
from problems import kernels
from problems.contract import Instance
from problems.registry import Loaded, ProblemError, load

_MOST_NESTS = 4
"""Nests of one base that fork slots; the one that was not asked for longest retires for another."""
_STOP_S = 1.0
"""How long workers may take to end when the pool closes."""
_WARM_UP_S = 5.0
"""How long the seed's objects may be scored, which compiles the kernels; workers do it if not."""

_HASH_SEEDS = {False: "0", True: "1"}


@dataclass
class _Nest:
    """One tuple of instances in one base.

    Attributes:
        channel: to the nest.
        request: what to ask the base for, until it is ready to be asked.
        descriptors: what goes with that.
        ready: whether it has warmed up.
        waiting: channel and memory of the slots that were asked for before it was ready.
    """

    channel: Channel
    request: dict[str, Any]
    descriptors: list[int]
    ready: bool = False
    waiting: list[list[int]] = field(default_factory=list[list[int]])


@dataclass
class _Base:
    """A process from which the nests of one kind are forked."""

    process: subprocess.Popen[bytes]
    channel: Channel
    ready: bool = False
    nests: dict[str, _Nest] = field(default_factory=dict[str, _Nest])


class _Steward:
    """The processes below, and what is known of them."""

    def __init__(self, pool: Channel, start: dict[str, Any]) -> None:
        self._pool = pool
        self._unsafe = start["unsafe"] is True
        self._reference = start["problem"]
        self._bases: dict[Kind, _Base] = {}
        self._workers: dict[int, Channel] = {}
        self._selector = selectors.DefaultSelector()
        self._fault = ""
        # It loads what it needs while this process loads the problem.
        self._base(Kind(numba=False, again=False))
        self.loaded: Loaded = load(self._reference)

    def prepare(self, names: Sequence[str] | None) -> Containment:
        """Get ready for these instances; return what holds candidates, tried out.

        Raises:
            ProblemError: the problem has no such instances.
            SandboxError: no candidate can be run.
        """
        problem = self.loaded.problem
        data = problem.instances()
        instances = [
            Instance(name, data[name])
            for name in worker.checked(names or problem.training, data, problem.name)
        ]
        layout = Layout(problem.certificate, len(instances))
        descriptor = memory(layout)
        try:
            area = Area.of(descriptor, layout)
            visible = [{"name": each.name, "data": problem.visible(each)} for each in instances]
            kind = Kind(numba=False, again=False)
            self._nest(kind, visible, descriptor)
        finally:
            os.close(descriptor)
        sandbox = Sandbox(problem, instances, kind, self.ask)
        while not _readable(sandbox):
            self.turn(0.05)
            if self._fault:
                raise SandboxError(f"the sandbox cannot start: {self._fault}")
        containment = sandbox.test(sandbox.greet())
        sandbox.close()
        with contextlib.suppress(TooSlow), time_limit(_WARM_UP_S, kernels.running):
            for index, instance in enumerate(instances):
                if area.complete(index):
                    # A fault of the problem shows, with its reason, in the seed's own verdict.
                    with contextlib.suppress(Exception):
                        problem.score(instance, area.take(index)[1])
        gc.collect()
        gc.freeze()
        # The first program is a best one, and will be looked at twice.
        self._base(Kind(numba=False, again=True))
        return containment

    def turn(self, timeout_s: float | None = None) -> None:
        """Wait for messages and see to them.

        Raises:
            Closed: the pool is gone.
        """
        for key, _ in self._selector.select(timeout_s):
            # One message can end what a later one in this list is about.
            if self._selector.get_map().get(key.fd) is key:
                key.data()

    def watch_pool(self) -> None:
        """From now on, messages of the pool are seen to."""
        self._watch(self._pool, self._pool_asks)

    def ask(self, kind: Kind, visible: list[dict[str, Any]], descriptors: list[int]) -> None:
        """Have a slot forked, which gets copies of the descriptors."""
        nest = self._nest(kind, visible)
        nest.waiting.append([os.dup(each) for each in descriptors])
        self._flush(nest)

    def close(self) -> None:
        """End all below, and wait for it."""
        for channel in self._workers.values():
            channel.close()
        for kind in list(self._bases):
            self._end_base(kind)
        deadline = time.monotonic() + _STOP_S
        while self._workers and time.monotonic() < deadline:
            for pid in list(self._workers):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    del self._workers[pid]
            time.sleep(0.002)
        for pid in self._workers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        processes.end_children()

    # Workers

    def _pool_asks(self) -> None:
        """Fork a worker: our end of its channel to the pool, and the pipe that it ends with."""
        _, (end, lifeline) = self._pool.receive_with_descriptors(2)
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            with processes.exiting():
                # Nothing of the other workers: their ends must show when they die.
                _close_all_but(end, lifeline, theirs.fileno())
                linux.die_with_parent(parent)
                linux.name("fs-worker")
                worker.serve(
                    self.loaded, Channel(socket.socket(fileno=end)), Channel(theirs), lifeline
                )
        theirs.close()
        os.close(end)
        os.close(lifeline)
        channel = self._workers[pid] = Channel(ours)
        self._watch(channel, lambda: self._worker_asks(pid))

    def _worker_asks(self, pid: int) -> None:
        channel = self._workers[pid]
        try:
            request, descriptors = channel.receive_with_descriptors(2)
        except (Closed, Malformed):
            self._unwatch(channel)
            del self._workers[pid]
            # One that talks nonsense need not have ended.
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return
        visible = request.pop("instances")
        self.ask(Kind(**request), visible, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)

    # Zygotes

    def _base(self, kind: Kind) -> _Base:
        if kind in self._bases:
            return self._bases[kind]
        ours, theirs = socket.socketpair()
        try:
            process = processes.start(
                "evaluators.zygote.base",
                channel=theirs.fileno(),
                environment={**processes.ENVIRONMENT, "PYTHONHASHSEED": _HASH_SEEDS[kind.again]},
                arguments=[str(os.getpid()), "unsafe" if self._unsafe else "safe"],
            )
        finally:
            theirs.close()
        base = self._bases[kind] = _Base(process, Channel(ours))
        self._watch(base.channel, lambda: self._base_says(kind))
        cache = processes.own_variables(*processes.CACHE_VARIABLES)
        with contextlib.suppress(Closed):  # then its end shows in the next turn
            base.channel.send({"problem": self._reference, "numba": kind.numba, "cache": cache})
        return base

    def _nest(self, kind: Kind, visible: list[dict[str, Any]], seeds: int | None = None) -> _Nest:
        """Return the nest for these instances; `seeds` is the memory for what the seed builds."""
        base = self._base(replace(kind, compiling=False))
        name = json.dumps([kind.compiling, visible])
        nest = base.nests.pop(name, None)
        if nest is None:
            self._make_room(base)
            ours, theirs = socket.socketpair()
            if seeds is None:
                layout = Layout(self.loaded.problem.certificate, len(visible))
                seeds = memory(layout)
            else:
                seeds = os.dup(seeds)
            request = {"instances": visible, "compiling": kind.compiling}
            nest = _Nest(Channel(ours), request, [theirs.detach(), seeds])
            self._watch(nest.channel, lambda: self._nest_says(replace(kind, compiling=False), name))
        base.nests[name] = nest  # the latest last
        if base.ready:
            self._request(base, nest)
        return nest

    def _make_room(self, base: _Base) -> None:
        """Have the oldest nests retire; their slots, which may be at work, live as long as needed.

        One that is not ready yet stays, since somebody waits for its first slot.
        """
        ready = [name for name, nest in base.nests.items() if nest.ready]
        for name in ready[: max(0, len(base.nests) + 1 - _MOST_NESTS)]:
            with contextlib.suppress(Closed):
                base.nests[name].channel.send({"retire": True})
            self._end_nest(base, name)

    def _request(self, base: _Base, nest: _Nest) -> None:
        """Have the base fork the nest, unless it was asked before."""
        if not nest.descriptors:
            return
        with contextlib.suppress(Closed):  # then its end shows in the next turn
            base.channel.send(nest.request, descriptors=nest.descriptors)
        nest.request = {}
        _let_go(nest.descriptors)

    def _flush(self, nest: _Nest) -> None:
        while nest.ready and nest.waiting:
            descriptors = nest.waiting.pop(0)
            with contextlib.suppress(Closed):
                nest.channel.send({}, descriptors=descriptors)
            _let_go(descriptors)

    def _base_says(self, kind: Kind) -> None:
        base = self._bases[kind]
        try:
            message, _ = base.channel.receive()
        except (Closed, Malformed):
            message = {"fault": "a zygote died"}
        match message:
            case {"ready": True, "digest": self.loaded.digest}:
                base.ready = True
                for nest in base.nests.values():
                    self._request(base, nest)
            case {"ready": True}:
                self._fail(kind, "the problem's file has changed since the evaluator started")
            case {"warm": True}:
                # Nests forked from now on are warmer; the slots of the others are asked for anew.
                for name in list(base.nests):
                    self._end_nest(base, name)
            case _:
                self._fail(kind, str(message.get("fault")))

    def _nest_says(self, kind: Kind, name: str) -> None:
        base = self._bases[kind]
        nest = base.nests[name]
        try:
            message, _ = nest.channel.receive()
        except (Closed, Malformed):
            message = {"fault": "a zygote died"}
        if message.get("ready") is True:
            nest.ready = True
            self._flush(nest)
            if message.get("kernels"):
                # Every candidate will be sent there.
                self._base(replace(kind, numba=True))
        else:
            self._say_fault(nest, str(message.get("fault")))
            self._end_nest(base, name)

    def _fail(self, kind: Kind, fault: str) -> None:
        for nest in self._bases[kind].nests.values():
            self._say_fault(nest, fault)
        self._end_base(kind)
        self._fault = fault

    def _say_fault(self, nest: _Nest, fault: str) -> None:
        """Tell the workers that wait for slots of a nest why there will be none."""
        self._fault = fault
        for descriptors in nest.waiting:
            with contextlib.suppress(Closed):
                Channel(socket.socket(fileno=os.dup(descriptors[0]))).send({"fault": fault})

    def _end_nest(self, base: _Base, name: str) -> None:
        nest = base.nests.pop(name)
        self._unwatch(nest.channel)
        for descriptors in (nest.descriptors, *nest.waiting):
            _let_go(descriptors)

    def _end_base(self, kind: Kind) -> None:
        base = self._bases.pop(kind)
        for name in list(base.nests):
            self._end_nest(base, name)
        self._unwatch(base.channel)
        base.process.kill()
        base.process.wait()

    def _watch(self, channel: Channel, callback: Callable[[], None]) -> None:
        self._selector.register(channel, selectors.EVENT_READ, callback)

    def _unwatch(self, channel: Channel) -> None:
        self._selector.unregister(channel)
        channel.close()


def _readable(sandbox: Sandbox) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(sandbox, selectors.EVENT_READ)
        return bool(selector.select(0))


def _let_go(descriptors: list[int]) -> None:
    while descriptors:
        os.close(descriptors.pop())


def _close_all_but(*kept: int) -> None:
    start = 0
    for descriptor in sorted({1, 2, *kept}):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, 65_536)


def _serve(pool: Channel) -> None:
    start, _ = pool.receive()
    steward = _Steward(pool, start)
    try:
        containment = steward.prepare(start["instances"])
        steward.watch_pool()
        pool.send(
            {
                "ready": True,
                "digest": steward.loaded.digest,
                "certificate_bytes": steward.loaded.problem.certificate.max_bytes,
                "containment": pack_containment(containment),
            }
        )
        while True:
            steward.turn()
    finally:
        steward.close()


def main() -> None:
    """Serve the pool on standard input until it closes its end.

    The first message names the problem, the instances to get ready for (null: the training ones)
    and whether candidates are to be run without a sandbox. The answer is `ready`, or `fault` with
    the reason. Then each message asks for a worker; it comes with the worker's end of a channel
    to the pool and the reading end of a pipe, at whose end the worker ends. The descriptor in the
    argument is such a pipe for this process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    processes.become_subreaper()
    linux.name("fs-steward")
    pool = Channel(socket.socket(fileno=0))
    try:
        with processes.ending_with(int(sys.argv[2])):
            _serve(pool)
    except Closed:
        return
    except (ProblemError, SandboxError, ValueError) as error:
        pool.send({"fault": clean(str(error))})
        sys.exit(1)
    except Exception as error:
        # Whatever it is, the pool waits for an answer; the traceback is for standard error.
        pool.send({"fault": clean(f"{type(error).__name__}: {error}")})
        raise
