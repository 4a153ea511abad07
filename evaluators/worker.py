"""The worker: holds the problem and its labels, runs candidates through a zygote, scores.

Trusted, one per slot of a pool. It never runs a candidate's code; what it reads of one is the
bytes in the result area. It ends itself when the pool closes its standard input, and is ended by
the system, even in the midst of a kernel, when the pool's process is gone: the pool alone holds the
other end of the pipe whose descriptor is the second argument.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from evaluators import processes
from evaluators.area import check_declared
from evaluators.channel import Channel, Closed
from evaluators.judge import ScoreError, judge
from evaluators.pool import Mode
from evaluators.reason import clean
from evaluators.sandbox import Sandbox, SandboxError
from evaluators.verdict import Status, Verdict
from evaluators.wire import pack_verdict
from problems.contract import Instance
from problems.registry import ProblemError, load


class _Worker:
    """A problem and the zygote for the instances that were asked for last."""

    def __init__(self, pool: Channel, reference: str) -> None:
        self.loaded = load(reference)
        self.problem = self.loaded.problem
        check_declared(self.problem.certificate)
        self._pool = pool
        self._data = self.problem.instances()
        self._sandbox: Sandbox | None = None

    def sandbox(self, names: Sequence[str]) -> Sandbox:
        """Return a zygote for exactly these instances; another one's is ended first."""
        if not names or len(set(names)) != len(names):
            raise ProblemError("an evaluation needs at least one instance, each only once")
        for name in names:
            if name not in self._data:
                raise ProblemError(f"problem {self.problem.name} has no instance {name!r}")
        instances = tuple(Instance(name, self._data[name]) for name in names)
        if self._sandbox is None or self._sandbox.instances != instances:
            self.close()
            self._sandbox = Sandbox(self.loaded, instances)
        return self._sandbox

    def warm_up(self) -> None:
        """Score what the seed built in the zygote's own warm-up: this compiles the kernels."""
        if self._sandbox is None:
            return
        for index, instance in enumerate(self._sandbox.instances):
            if self._sandbox.area.complete(index):
                # A fault of the problem shows, with its reason, in the seed's own verdict.
                with contextlib.suppress(Exception):
                    self.problem.score(instance, self._sandbox.area.take(index)[1])

    def evaluate(self, request: dict[str, Any]) -> Verdict:
        """Return the verdict on one program."""
        try:
            sandbox = self.sandbox(request["instances"])
            ended = sandbox.run(
                request["name"], request["source"], self._pool, exact=request["mode"] != Mode.FAST
            )
            return judge(self.problem, sandbox.instances, ended, sandbox.area)
        except SandboxError as error:
            return Verdict(Status.SANDBOX_ERROR, reason=clean(str(error)), tier="")
        except ScoreError as error:
            return Verdict(Status.SANDBOX_ERROR, reason=clean(str(error)))

    def close(self) -> None:
        """End the zygote."""
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None


def _serve(pool: Channel) -> None:
    start, _ = pool.receive()
    worker = _Worker(pool, start["problem"])
    try:
        names = start["instances"] or list(worker.problem.training)
        worker.sandbox(names)
        pool.send(
            {
                "ready": True,
                "digest": worker.loaded.digest,
                "certificate_bytes": worker.problem.certificate.max_bytes,
            }
        )
        worker.warm_up()
        while True:
            request, _ = pool.receive()
            if request.get("do") != "evaluate":
                continue
            try:
                pool.send(*pack_verdict(worker.evaluate(request)))
            except ProblemError as error:
                pool.send({"fault": str(error)})
    finally:
        worker.close()


def main() -> None:
    """Serve the pool on standard input until it closes its end.

    The first message names the problem and the instances to get ready for (null: the training
    ones). The answer is `ready`, or `fault` with the reason. Then each `evaluate` is answered by a
    verdict, or by `fault` where it asks for what the problem has not; a `cancel` meanwhile ends
    the candidate early.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    processes.become_subreaper()
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
